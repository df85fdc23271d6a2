"""Keeps the results of long computations on disk, by code, data and arguments."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import joblib

from algoprogress.tables import root

Function = TypeVar("Function", bound=Callable)

# These modules present results and compute none, so a change in them leaves the cache valid.
PRESENTATION = frozenset(
    {"__main__", "book", "bookext", "cache", "claims", "markdown", "recompute", "report", "style", "wording"}
)


@functools.cache
def digest(folder: Path) -> str:
    """Return a digest of the code that computes, of the data and of the pinned versions."""
    code = sorted(path for path in Path(__file__).parent.glob("*.py") if path.stem not in PRESENTATION)
    tables = sorted(path for path in (folder / "data").glob("*.csv") if path.stem != "claims")
    inputs = [*code, *tables, folder / "constraints.txt"]
    total = hashlib.sha256()
    for path in inputs:
        total.update(path.name.encode())
        total.update(path.read_bytes() if path.exists() else b"")
    return total.hexdigest()[:16]


def cached(function: Function) -> Function:
    """Return the function with its results kept on disk.

    The place is `_build/cache/<digest of code and data>`, so a changed library or table never meets old results.
    """

    @functools.wraps(function)
    def remembered(*arguments, **options):
        place = root() / "_build" / "cache" / digest(root())
        place.mkdir(parents=True, exist_ok=True)
        return joblib.Memory(place, verbose=0, mmap_mode=None).cache(function)(*arguments, **options)

    return remembered
