"""Algorithmic progress in language models, rebuilt from data."""

__version__ = "0.2.0"
