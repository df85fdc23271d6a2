"""The doubling time under every combination of reasonable choices."""
