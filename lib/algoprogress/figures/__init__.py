"""The figures of the chapters: each takes tidy frames and returns a matplotlib figure; none reads or saves."""
