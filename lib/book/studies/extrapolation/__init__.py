"""Extrapolation as a test: learning curves with a published split, and IsoFLOP grids with a known truth."""
