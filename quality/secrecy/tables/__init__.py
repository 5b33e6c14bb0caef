"""The attack of tables from elsewhere (`qpv audit`): declared, read, tied, reported."""
