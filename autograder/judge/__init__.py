"""One verdict: a student's module, the checks, and what the difference says."""
