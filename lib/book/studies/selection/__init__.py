"""Which law the rows prefer, by cross-validation as published and without leakage."""
