"""Executes the pages, builds the site, and prints the book."""
