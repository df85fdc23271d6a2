"""Keeps results on disk by what they are made of, and spreads work over cores or a cluster."""
