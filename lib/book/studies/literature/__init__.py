"""What others have found, in one unit."""
