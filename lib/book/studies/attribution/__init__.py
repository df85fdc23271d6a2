"""How much of the fall in loss came from compute and how much from algorithms."""
