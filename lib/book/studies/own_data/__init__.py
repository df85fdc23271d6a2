"""What the page on one's own data shows of it."""
