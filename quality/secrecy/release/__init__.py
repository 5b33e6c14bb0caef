"""The attack of a release: its tables as cells, what ties them, what must not be found."""
