"""What the laws predict for runs that they have not seen."""
