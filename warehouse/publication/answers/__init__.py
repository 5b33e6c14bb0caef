"""Answers to programs that ask a release: a figure, a comparison, a series, or why not."""
