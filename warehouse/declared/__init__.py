"""The declared truths: dictionary, editions, comparability, secrecy, bounds, tables that leave."""
