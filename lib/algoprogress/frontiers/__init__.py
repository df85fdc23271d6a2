"""From training runs to the least compute for a loss, and to the gain of one algorithm over another."""
