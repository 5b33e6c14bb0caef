"""A chosen list of indicators on one page, for an EPCI or a commune."""
