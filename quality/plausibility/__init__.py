"""Are the figures plausible, one beside the other? The same rules for a release and for tables
published elsewhere."""
