"""Releases: the build database, the draft and its promotion, the seal, withdrawal, connections."""
