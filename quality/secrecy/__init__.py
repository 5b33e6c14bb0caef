"""Secrecy of QPV figures: an edition to mask, a release or printed tables to attack."""
