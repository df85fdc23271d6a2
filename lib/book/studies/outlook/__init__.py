"""Effective compute of the coming years, with its uncertainty."""
