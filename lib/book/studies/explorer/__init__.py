"""The gain between two algorithms at a loss or compute of your choice."""
