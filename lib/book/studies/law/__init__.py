"""The fits that Ho et al. (2024) report, and how well they describe the rows."""
