"""What single innovations are worth at small scale."""
