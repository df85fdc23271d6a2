"""From values to words: the one way by which numbers and tables reach a page.

`number`, `interval`, `words` and `claims` glue ready strings, which prose and captions paste by their key. Each works
outside of a notebook too, where there is nothing to glue to.
"""

import difflib
from numbers import Real

import pandas as pd

from algoprogress.show.estimate import Estimate
from algoprogress.show.words import MISSING, quantity, written
from book.ledger.ledger import ledger, listed
from book.studies.verdicts import FOUND, MEANINGS, PUBLISHED, ledger_view
from book.table import Table, table

__all__ = ["Table", "claims", "interval", "ledger_view", "number", "table", "words"]


def words(key: str, text: str) -> str:
    """Return a text, having glued it under the key if this runs in a notebook; paste it with the role `glue:text`."""
    from IPython import get_ipython  # both imports are slow, and a plain script needs neither

    if get_ipython() is not None:
        from myst_nb import glue

        glue(key, str(text), display=False)
    return str(text)


def number(key: str, value: Real, spec: str = ".2f", *, infinite: str = "∞") -> str:
    """Glue one value as a ready string and return it. Raises `ValueError` on NaN."""
    return words(key, written(value, spec, infinite=infinite))


def interval(key: str, low: Real, high: Real, spec: str = ".2f") -> str:
    """Glue an interval as `low to high` and return it."""
    return words(key, f"{written(low, spec)} to {written(high, spec)}")


def claims(*ids: str) -> pd.DataFrame:
    """Glue rows of the ledger as `<id>.estimate`, `.low`, `.high`, `.interval`, `.published`, `.conclusion` and so on.

    Returns the rows. Raises KeyError, with the nearest ids, for one that the ledger lacks.
    """
    chapters = listed().set_index("id")["chapter"]
    for id in ids:
        if id not in chapters:
            near = difflib.get_close_matches(id, chapters.index, n=5, cutoff=0.0)
            raise KeyError(f"no claim {id!r} in the ledger; the nearest ids are {', '.join(near)}")
    known = ledger(frozenset(chapters[list(ids)])).set_index("id")
    for id in ids:
        row = known.loc[id]
        found, published = (Estimate.of_row(row, columns, unit=row["unit"]) for columns in (FOUND, PUBLISHED))
        stated, ends = quantity(row["published"], row["unit"]), published.span()
        words(f"{id}.estimate", quantity(row["estimate"], row["unit"]))
        words(f"{id}.interval", found.span())
        for field, end in zip(("low", "high"), found.ends() if found.bounded else 2 * [MISSING], strict=True):
            words(f"{id}.{field}", end)
        words(f"{id}.published_interval", ends)
        words(f"{id}.published", ends if stated == MISSING else stated)  # a claim that is an interval has no value
        for question in MEANINGS:
            words(f"{id}.{question}", row[question] or MISSING)
    return known.loc[list(ids)]
