"""What authors use: the audit by mutants, stubs, trials of the diagnosis."""
