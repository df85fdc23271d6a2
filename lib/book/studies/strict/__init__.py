"""The claims of those who accept only compute-optimal comparisons."""
