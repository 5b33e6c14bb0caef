"""Lists of one's own: read, placed in the quarters, written back. Nothing of them is landed."""
