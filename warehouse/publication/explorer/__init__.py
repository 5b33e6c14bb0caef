"""The explorer of a release: search, compare, map, and what stands behind each figure."""
