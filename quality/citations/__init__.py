"""Figures that a text or a table cites, traced to the cells of a release. Words and rules only."""
