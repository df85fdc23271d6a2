"""Small edits of CSV files, and the words of a refusal, for the tests of the tables."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from algoprogress.data.tables import DataError


def rewrite(path: Path, change: Callable[[list[list[str]]], object]) -> None:
    """Rewrite a CSV file after ``change(rows)``; row 0 is the header."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)


def put(row: int, column: str, value: str) -> Callable[[list[list[str]]], object]:
    """Return a change that sets one cell."""

    def change(rows):
        rows[row][rows[0].index(column)] = value

    return change


def refused(call: Callable[[], object], folder: Path | None = None) -> str:
    """Return the message of the DataError that ``call()`` raises; a file of the folder, if told, must not change."""
    before = snapshot(folder) if folder else {}
    with pytest.raises(DataError) as caught:
        call()
    assert not folder or snapshot(folder) == before
    return str(caught.value)


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder with its bytes."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
