"""Turns the specification curve into tables to read."""

from __future__ import annotations

import numpy as np
import pandas as pd

from algoprogress.show.words import written


def leave_outs(frame: pd.DataFrame, *, count: int = 3) -> pd.DataFrame:
    """Return the result of `curve.leave_outs` to read: the papers and rows that move the doubling time most."""
    moved = frame.assign(move=np.abs(np.log(frame["months"] / frame["all_rows"])))
    largest = moved.sort_values("move", ascending=False).groupby(["penalty", "by"], sort=False).head(count)
    chosen = largest.sort_values(["penalty", "by", "move"], ascending=[False, True, False])
    return pd.DataFrame(
        {
            "penalty": chosen["penalty"].map("{:g}".format),
            "left out": chosen["by"],
            "name": chosen["left_out"],
            "months without": [written(value, ".1f") for value in chosen["months"]],
            "with all rows": [written(value, ".1f") for value in chosen["all_rows"]],
        }
    )
