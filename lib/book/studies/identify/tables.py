"""Tables of the chapter on identifiability: doubling times by the constants, and the loadings of the directions."""

import pandas as pd

from algoprogress.show.words import written


def constants(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `constants.constants` with months under the penalty, of the next_minimum and unpenalised side by side."""
    shown, without = (frame[frame["penalty"] == value].reset_index() for value in (frame["penalty"].max(), 0.0))
    shown = shown.assign(next_minimum=shown["other_months"], unpenalised=without["months"])
    return shown[["constants", "parameters", "tokens", "year", "months", "next_minimum", "unpenalised"]]


def spectrum(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `intervals.spectrum` with the three largest `loadings` of each direction in words."""
    facts = ["direction", "eigenvalue", "spread", "log_doubling", "share"]
    rows = (row for _, row in frame.drop(columns=facts).iterrows())
    words = [", ".join(f"{written(row[name])} {name}" for name in row.abs().nlargest(3).index) for row in rows]
    return frame[facts].assign(loadings=words)
