"""Disclosure control of any tables: masks and their attacker. Knows no QPV."""
