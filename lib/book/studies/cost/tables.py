"""The kept run of the benchmark, `data/costs.csv`: its lines to read, its times by size, and where it ran."""

import pandas as pd

from algoprogress.data import tables
from algoprogress.show.words import MISSING, quantity, written

LEAST = ("times", "share")  # units whose limit is a least value; that of others is a largest one
SERIES = ("draws", "rows")


def measured() -> pd.DataFrame:
    """Return the lines that are no part of a series, by name: unit, value, low, high, limit, accepted and so on."""
    frame = tables.read("costs").set_index("name")
    return frame[frame["over"] == ""]


def series() -> pd.DataFrame:
    """Return the seconds by draws and by rows: over (which of the two), count, value (seconds)."""
    frame = tables.read("costs")
    return frame.loc[frame["over"].isin(SERIES), ["over", "count", "value"]].reset_index(drop=True)


def growth(over: str) -> float:
    """Return how many times longer ten times the draws, or the rows, take, by the fitted slope."""
    return 10.0 ** measured().loc[f"Time against {over}, in logarithms", "value"]


def lines() -> pd.DataFrame:
    """Return `measured` as ready strings: name, measured, range, limit, met."""
    rows = []
    for line in measured().itertuples():
        value, low, high = (quantity(each, line.unit) for each in (line.value, line.low, line.high))
        shown = value if line.unit in ("share", "slope") else f"{value} {line.unit}"
        across = MISSING if line.low == line.high else f"{low} to {high}"
        limit = written(line.limit, ".0%" if line.unit == "share" else "g") if line.limit > 0 else ""
        bound = f"{'at least' if line.unit in LEAST else 'at most'} {limit}" if limit else MISSING
        rows.append((line.Index, shown, across, bound, ("no", "yes")[line.accepted] if limit else MISSING))
    return pd.DataFrame(rows, columns=["name", "measured", "range", "limit", "met"])
