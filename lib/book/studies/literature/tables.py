"""Gains and rates of other papers as tables to read."""

from __future__ import annotations

import pandas as pd

from algoprogress.show.words import significant, written
from book.studies.attribution.tables import ends


def _cell(value: float, low: float, high: float) -> str:
    """Return a value with its range if both ends are stated, or with the one that is."""
    spec = significant(value)
    if pd.isna(low) and pd.isna(high):
        return written(value, spec)
    if pd.isna(high):
        return f"{written(value, spec)}, at least {written(low, significant(low))}"
    return ends(value, low, high, spec)


def gains(frame: pd.DataFrame, group: str) -> pd.DataFrame:
    """Return the published gains of one group to read: change, over what, gain, scale, how it is counted and known."""
    part = frame[frame["group"] == group]
    cells = [_cell(row.gain, row.low, row.high) for row in part.itertuples()]
    return pd.DataFrame(
        {
            "change": part["change"],
            "over": part["baseline"],
            "gain": cells,
            "at": part["scale"],
            "baseline retuned": part["retuned"],
            "counted in": part["currency"],
            "known by": part["kind"],
            "source": part["source"],
        }
    )


def rest(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the same for single changes, the longest group, without the words that all share."""
    return gains(frame, "one change").drop(columns=["known by"])


def others(frame: pd.DataFrame) -> pd.DataFrame:
    """Return whole paths, allocation, data and other fields, with the group as the first column."""
    parts = [gains(frame, group) for group in ("whole path", "allocation", "data", "other fields")]
    names = [
        name
        for name, part in zip(("whole path", "allocation", "data", "other fields"), parts, strict=True)
        for _ in range(len(part))
    ]
    whole = pd.concat(parts, ignore_index=True)
    whole.insert(0, "what is compared", names)
    return whole.drop(columns=["known by"])


def groups(frame: pd.DataFrame) -> pd.DataFrame:
    """Return by group how many gains there are, their least, median and most, and how many baselines were retuned."""
    rows = []
    for group, part in frame.groupby("group", sort=False):
        values = part["gain"]
        rows.append(
            (
                group,
                str(len(part)),
                *(written(each, significant(each)) for each in (values.min(), values.median(), values.max())),
                str((part["retuned"] == "yes").sum()),
                ", ".join(sorted(part["currency"].unique())),
            )
        )
    return pd.DataFrame(
        rows, columns=["what is compared", "n", "least", "median", "most", "baseline retuned", "counted in"]
    )


def rates(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the published rates to read: group, study, as stated, in months, what the interval is, years."""
    stated = [
        f"{written(row.central, significant(row.central))} {row.unit.replace('x', 'times')}"
        for row in frame.itertuples()
    ]
    cells = [_cell(row.months, row.low, row.high) for row in frame.itertuples()]
    return pd.DataFrame(
        {
            "what is measured": frame["group"],
            "study": frame["study"],
            "as stated": stated,
            "months": cells,
            "interval": frame["interval"].replace("", "–"),
            "years": frame["period"],
            "source": frame["source"],
        }
    )


def own_rates(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the book's own rates to read."""
    cells = [_cell(row.value, row.low, row.high) for row in frame.itertuples()]
    return pd.DataFrame(
        {
            "what is measured": frame["group"],
            "ours": frame["words"],
            "months": cells,
            "in the ledger": [f"`{id}`" for id in frame["id"]],
        }
    )
