"""The gain of one algorithm over another where both were measured, all else tuned."""
