"""Turns the comparison with later runs into tables to read."""

from __future__ import annotations

import numpy as np
import pandas as pd

from algoprogress.show.words import written

SPECS = {"fall": ".1%", "parameters": ".3f", "data": ".3f"}
NAMES = {"fall": "fall", "parameters": "elasticity in parameters", "data": "elasticity in data"}


def to_read(compared: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `outside.compared` to read: one line per study and reading."""
    chosen = compared[compared["quantity"].isin(SPECS)]
    text = [_interval(row, SPECS[row.quantity]) for row in chosen.itertuples()]
    wide = chosen.assign(text=text).pivot_table(
        index=["study", "reading"], columns="quantity", values="text", aggfunc="first", sort=False
    )
    return wide[list(SPECS)].rename(columns=NAMES).rename_axis(columns=None).reset_index()


def _interval(row, spec: str) -> str:
    if np.isnan(row.low):
        return written(row.value, spec)
    return f"{written(row.value, spec)} [{written(row.low, spec)}, {written(row.high, spec)}]"


def levels(compared: pd.DataFrame, study: str, *, reading: str = "law 7, converged") -> pd.DataFrame:
    """Return the tokens per word that a reading asks for, by end of the ladder (small, large): value, low, high."""
    chosen = compared[(compared["study"] == study) & (compared["reading"] == reading)]
    return chosen.set_index("quantity").loc[["per_word_small", "per_word_large"]].set_axis(["small", "large"])
