"""What the evaluations are, where they come from, and what was corrected."""
