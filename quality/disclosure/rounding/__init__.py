"""Controlled rounding: every figure a multiple of a base, every sum kept. For dense tables."""
