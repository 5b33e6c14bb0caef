"""The attacker of printed tables: what a reader can deduce of the masked cells."""
