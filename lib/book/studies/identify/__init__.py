"""What the rows can tell about each coefficient: profiles, minima, ridges."""
