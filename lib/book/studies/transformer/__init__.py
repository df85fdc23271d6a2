"""What the transformer was worth."""
