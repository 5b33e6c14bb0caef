"""A lake that several people share: the tables of releases, and who may read which."""
