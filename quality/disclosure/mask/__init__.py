"""Cell suppression: which cells to hide so that none can be deduced."""
