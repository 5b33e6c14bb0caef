"""Counts of a list of one's own: rounded once for all, remembered, attacked before they leave."""
