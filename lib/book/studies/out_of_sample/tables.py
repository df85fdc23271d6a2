"""The comparison with runs that the laws have not seen, as a table to read, and the level that it implies."""

import pandas as pd

SPECS = {"fall": ".1%", "elasticity in parameters": ".3f", "elasticity in data": ".3f"}
NAMES = {"fall": "fall", "parameters": "elasticity in parameters", "data": "elasticity in data"}


def to_read(compared: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.compared` to read: a line per study and reading, a column of estimates a quantity."""
    chosen = compared[compared["quantity"].isin(NAMES)]
    keys = {"index": ["study", "reading"], "columns": "quantity"}
    wide = chosen.pivot_table("estimate", **keys, aggfunc="first", sort=False)
    return wide[list(NAMES)].rename(columns=NAMES).rename_axis(columns=None).reset_index()


def tokens_per_word(compared: pd.DataFrame, study: str, *, reading: str = "law 7, converged") -> pd.Series:
    """Return the tokens per word that a reading asks for at the ends of a ladder: estimates by end (small, large)."""
    chosen = compared[(compared["study"] == study) & (compared["reading"] == reading)].set_index("quantity")["estimate"]
    return chosen[["per_word_small", "per_word_large"]].set_axis(["small", "large"])
