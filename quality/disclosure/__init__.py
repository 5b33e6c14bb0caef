"""Disclosure control of any tables: masks, their attacker, controlled rounding. Knows no QPV."""
