"""A Spark cluster that counts units: where it is, what it is asked, and what it counted before."""
