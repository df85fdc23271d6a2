"""Scaling laws as formulas, the catalogue of published ones, and the published arithmetic to the last bit."""
