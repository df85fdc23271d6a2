"""From values to words: the one way by which numbers and tables reach a page.

`number`, `interval` and `claim` glue ready strings, which prose and captions paste by their key. Every helper returns
what it glued, and works outside of a notebook, where there is nothing to glue to.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from numbers import Real

import pandas as pd

from algoprogress.show.table import Table, table
from algoprogress.show.words import MISSING, quantity, significant, span, unit_format, written
from book.studies.verdicts import badge, ledger_view

__all__ = [
    "Table",
    "badge",
    "claim",
    "claims",
    "interval",
    "ledger_view",
    "number",
    "quantities",
    "quantity",
    "significant",
    "span",
    "table",
    "unit_format",
    "words",
    "written",
]


def _glue(key: str, text: str) -> str:
    """Return the text, having glued it under the key if this runs in a notebook."""
    from IPython import get_ipython  # both imports are slow, and a plain script needs neither

    if get_ipython() is not None:
        from myst_nb import glue

        glue(key, text, display=False)
    return text


def number(key: str, value: Real, spec: str = ".2f", *, infinite: str = "∞") -> str:
    """Glue one value as a ready string, to paste with the role `glue:text`; return it. Raises `ValueError` on NaN."""
    return _glue(key, written(value, spec, infinite=infinite))


def words(key: str, text: str) -> str:
    """Glue a name or phrase that was computed (the best law, the first paper) and return it."""
    return _glue(key, str(text))


def interval(key: str, low: Real, high: Real, spec: str = ".2f") -> str:
    """Glue an interval as `low to high` and return it."""
    return _glue(key, f"{written(low, spec)} to {written(high, spec)}")


def claim(id: str) -> pd.Series:
    """Glue a row of the ledger as `<id>.estimate`, `.low`, `.high`, `.interval`, `.published`, `.verdict` and so on."""
    from book.ledger import ledger as claims

    ledger = claims.ledger().set_index("id")
    if id not in ledger.index:
        near = difflib.get_close_matches(id, ledger.index, n=5, cutoff=0.0)
        raise KeyError(f"no claim {id!r} in the ledger; the nearest ids are {', '.join(near)}")
    row = ledger.loc[id]
    for field in ("estimate", "low", "high"):
        _glue(f"{id}.{field}", quantity(row[field], row["unit"]))
    _glue(f"{id}.interval", span(row["low"], row["high"], row["unit"]))
    _glue(f"{id}.published_interval", span(row["published_low"], row["published_high"], row["unit"]))
    stated = quantity(row["published"], row["unit"])
    stated = span(row["published_low"], row["published_high"], row["unit"]) if stated == MISSING else stated
    _glue(f"{id}.published", stated)  # a claim that is an interval has no single value
    _glue(f"{id}.verdict", str(row["verdict"]))
    return row


def quantities(frame: pd.DataFrame, columns: Collection[str]) -> pd.DataFrame:
    """Return a frame whose named columns are printed by the `unit` of their row; give them to `table` as `right`."""
    printed = {
        column: [quantity(value, unit) for value, unit in zip(frame[column], frame["unit"], strict=True)]
        for column in columns
    }
    return frame.assign(**printed)


def claims(*ids: str) -> pd.DataFrame:
    """Glue several rows of the ledger, as `claim` does, and return them as a frame."""
    return pd.DataFrame([claim(id) for id in ids])
