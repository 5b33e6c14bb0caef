"""Declared tables as the system of their attacker. Shares nothing with `masking`."""
