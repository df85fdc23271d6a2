"""A hierarchical reading of the rows, and how often each procedure covers the truth."""
