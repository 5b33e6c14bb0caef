"""The one-page sheets: what a place is like, how it moved, what is missing."""
