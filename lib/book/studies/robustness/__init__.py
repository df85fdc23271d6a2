"""The 22 robustness checks of Ho et al. (2024), as published and solved."""
