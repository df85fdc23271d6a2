"""Whether the gain of the transformer grows with scale: laws of families of runs."""
