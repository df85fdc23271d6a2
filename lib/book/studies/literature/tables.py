"""Gains and rates of other papers as tables to read."""

import pandas as pd

from algoprogress.show.estimate import Estimate, unpacked
from algoprogress.show.words import significant, written

COLUMNS = ["group", "change", "baseline", "gain", "scale", "retuned", "currency", "kind", "source"]
HEADS = {"group": "what is compared", "baseline": "over", "scale": "at", "retuned": "baseline retuned"}
HEADS |= {"currency": "counted in", "kind": "known by"}


def text(found: Estimate) -> str:
    """Return a value in three significant digits with its range, or with the low end if that alone is stated.

    >>> text(Estimate(46.0, 46.0))
    '46.0, at least 46.0'
    """
    said = found.text(significant(found.value))
    alone = pd.isna(found.high) and pd.notna(found.low)
    return f"{said}, at least {written(found.low, significant(found.low))}" if alone else said


def gains(frame: pd.DataFrame, *groups: str, without: tuple[str, ...] = ("group",)) -> pd.DataFrame:
    """Return the published gains of some groups, one after the other, `without` some of `COLUMNS`."""
    part = pd.concat([frame[frame["group"] == group] for group in groups])[COLUMNS].drop(columns=list(without))
    return part.assign(gain=part["gain"].map(text)).rename(columns=HEADS)


def groups(frame: pd.DataFrame) -> pd.DataFrame:
    """Return by group how many gains there are, their least, median and most, and how many baselines were retuned."""
    rows = []
    for group, part in unpacked(frame).groupby("group", sort=False):
        said = (written(each, significant(each)) for each in part["gain"].agg(["min", "median", "max"]))
        counted = ", ".join(sorted(part["currency"].unique()))
        rows.append((group, str(len(part)), *said, str((part["retuned"] == "yes").sum()), counted))
    names = ["what is compared", "n", "least", "median", "most", "baseline retuned", "counted in"]
    return pd.DataFrame(rows, columns=names)


def rates(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the published rates to read: group, study, as stated, in months, what the interval is, years."""
    stated = frame["central"].map(lambda value: written(value, significant(value))) + " "
    stated += frame["unit"].str.replace("x", "times")
    shown = frame.assign(stated=stated, months=frame["months"].map(text), interval=frame["interval"].replace("", "–"))
    names = {"group": "what is measured", "study": "study", "stated": "as stated", "period": "years"}
    return shown[["group", "study", "stated", "months", "interval", "period", "source"]].rename(columns=names)


def own_rates(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the book's own rates to read, each with its id in the ledger."""
    shown = frame.assign(found=frame["found"].map(text), id="`" + frame["id"] + "`")
    names = {"group": "what is measured", "words": "ours", "found": "months", "id": "in the ledger"}
    return shown[list(names)].rename(columns=names)
