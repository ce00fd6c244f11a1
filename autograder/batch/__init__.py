"""Many verdicts: judges in processes, here or on a cluster, kept in a ledger."""
