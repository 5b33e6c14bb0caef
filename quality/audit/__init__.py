"""The attacker of a publication: what a reader can deduce of the masked cells."""
