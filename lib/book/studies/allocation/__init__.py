"""What the better split of compute between size and data was worth."""
