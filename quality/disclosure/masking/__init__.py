"""Declared tables as what the engine masks, and masked tables. Shares nothing with `attack`."""
