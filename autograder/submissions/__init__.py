"""What students hand in: found, read within limits, never trusted."""
