"""Where one figure comes from, why it is missing, what it may be compared with: facts only."""
