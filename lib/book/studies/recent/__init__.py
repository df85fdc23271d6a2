"""Pairs of algorithms with public runs of 2022 to 2026, counted by one rule and measured by the book's estimators."""
