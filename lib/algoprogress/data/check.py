"""Read a table as text, so that a stray word is reported with its row, type it, and name all that breaks a rule."""

import csv
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from algoprogress.data.describe import DataError, Failure, Field, Table, refuse, table

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
EXACT = 2**53
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_text(path: Path, file: str) -> pd.DataFrame:
    """Return the CSV table at ``path`` as text; DataError if missing, not CSV in UTF-8, empty or uneven."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:  # Excel begins UTF-8 with a mark
            lines = list(csv.reader(handle, strict=True))
    except FileNotFoundError:
        raise DataError([Failure(file, None, "", "the file is missing")]) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError([Failure(file, None, "", f"must be CSV in UTF-8: {error}")]) from error
    if not lines:
        raise DataError([Failure(file, None, "", "the file is empty")])
    header, *rows = lines
    repeated = sorted({name for name in header if header.count(name) > 1})
    failures = [Failure(file, None, name, "the header has this column twice") for name in repeated]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            failures.append(Failure(file, number, "", f"a row must have {len(header)} cells", f"{len(row)} cells"))
    if not rows:
        failures.append(Failure(file, None, "", "the table has a header but no rows"))
    refuse(failures)
    return pd.DataFrame(rows, columns=header, dtype=str)


def validate(frame: pd.DataFrame, name: str, file: str) -> pd.DataFrame:
    """Return a text table with its types, after every check of the table of ``data/`` called ``name``.

    Raises DataError, which calls it ``file``, with every failure: columns, text of another type, ranges, keys, rules.
    """
    told = table(name)
    refuse(column_failures(frame, told.names, file))
    text = frame[told.names]
    typed, failures = parse(text, list(told.fields), file)
    named = {(failure.row, failure.column) for failure in failures}  # these cells have broken a rule already
    broken = _rule_failures(typed, text, told, file)
    refuse(failures + [f for f in broken if not any((f.row, column) in named for column in f.column.split(", "))])
    # Only now, as until here a missing value could stand among integers; where one may, it stays one.
    whole = [field.name for field in told.fields if field.kind == "integer"]
    typed = typed.astype({name: "Int64" if typed[name].isna().any() else "int64" for name in whole})
    return typed.reset_index(drop=True)


def column_failures(
    frame: pd.DataFrame, needed: Iterable[str], file: str, optional: Iterable[str] = ()
) -> list[Failure]:
    """Return a failure for each needed column that is missing, and for each column that is not even optional."""
    known = {*needed, *optional}
    missing = {name: "this column is missing" for name in needed if name not in frame}
    unknown = {name: "this column is not known" for name in frame if name not in known}
    return [Failure(file, None, name, rule) for name, rule in (missing | unknown).items()]


def parse(text: pd.DataFrame, fields: list[Field], file: str) -> tuple[pd.DataFrame, list[Failure]]:
    """Return the values of ``text`` (missing where blank or unreadable), and a failure per unreadable cell."""
    columns, failures = {}, []
    for field in fields:
        convert, rule, dtype = _KINDS[field.kind]
        cells = text[field.name].tolist()
        known = {cell: convert(cell) for cell in set(cells) if cell}  # each once, as long tables repeat themselves
        known[""] = "" if field.kind == "text" and field.blank else None
        values = [known[cell] for cell in cells]
        for index, cell, value in zip(text.index, cells, values, strict=True):
            if cell and value is None:
                failures.append(Failure(file, int(index) + 1, field.name, rule, cell))
        columns[field.name] = pd.Series(values, index=text.index, dtype=dtype)
    return pd.DataFrame(columns, index=text.index), failures


def check_values(text: pd.Series, name: str, file: str, column: str) -> tuple[pd.Series, list[Failure]]:
    """Return the values of cells meant for one column of a table, and what is wrong with them, called ``column``."""
    field = table(name).field(str(text.name))
    typed, failures = parse(text.to_frame(), [field], file)
    filled = typed.loc[text != "", field.name].dropna()
    for rule, holds in field.checks().items():
        broken = filled.index[~holds(filled)]
        failures += [Failure(file, int(index) + 1, field.name, rule, text[index]) for index in broken]
    failures.sort(key=lambda failure: failure.row)
    return typed[field.name], [Failure(file, f.row, column, f"{field.name} {f.rule}", f.found) for f in failures]


def short_form(
    text: pd.DataFrame, name: str, file: str, needed: Sequence[str], optional: Sequence[str], key: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame, list[Failure]]:
    """Return a file that has some columns of a table, blank where it lacks one, as text and typed, and what is wrong.

    No `needed` cell may be blank, and the `key` is unique. Raises DataError for a column that is missing or unknown.
    """
    refuse(column_failures(text, needed, file, optional))
    text, columns, failures = text.reindex(columns=[*needed, *optional], fill_value=""), {}, []
    for column in text:
        columns[column], wrong = check_values(text[column], name, file, column)
        failures += [replace(each, rule=each.rule.removeprefix(f"{column} ")) for each in wrong]
        blank = text.index[text[column] == ""] if column in needed else ()
        failures += [Failure(file, int(index) + 1, column, "must not be blank") for index in blank]
    twice, rule = text.index[text.duplicated(list(key))], "must be unique; an earlier row has the same"
    failures += [Failure(file, int(index) + 1, ", ".join(key), rule) for index in twice]
    return text, pd.DataFrame(columns), failures


def _rule_failures(typed: pd.DataFrame, text: pd.DataFrame, told: Table, file: str) -> list[Failure]:
    """Return what breaks the rules of columns and of whole rows, in order of rows."""
    found = []
    for field in told.fields:
        cells, broken = typed[field.name], {}
        if not field.blank:
            broken["must not be blank"] = cells.isna() | (cells == "")
        for rule, holds in field.checks().items():
            broken[rule] = ~(holds(cells) | cells.isna())
        for rule, where in broken.items():
            found += [
                Failure(file, int(at) + 1, field.name, rule, cell) for at, cell in text.loc[where, field.name].items()
            ]
    for rule in told.rules:
        columns = list(rule.columns)
        for at in text.index[~rule.holds(typed)]:
            found.append(Failure(file, int(at) + 1, ", ".join(columns), rule.text, ", ".join(text.loc[at, columns])))
    return sorted(found, key=lambda failure: failure.row)


def number(cell: str) -> float | None:
    """Return a finite number, or None."""
    value = float(cell) if _NUMBER.fullmatch(cell) else math.nan
    return value if math.isfinite(value) else None


def _whole(cell: str) -> float | None:
    """Return a whole number as float (sizes multiply beyond 64-bit integers), or None."""
    value = number(cell)
    return value if value is not None and value.is_integer() else None


def _exact(cell: str) -> float | None:
    """Return a whole number that a float holds exactly, so that it can become an integer, or None."""
    value = _whole(cell)
    return value if value is not None and abs(value) <= EXACT else None


def _day(cell: str) -> pd.Timestamp | None:
    """Return an ISO date, or None."""
    try:
        return pd.Timestamp(date.fromisoformat(cell)) if _DATE.fullmatch(cell) else None
    except ValueError:
        return None


_KINDS: dict[str, tuple[Callable[[str], Any], str, str]] = {
    "text": (lambda cell: cell if cell == cell.strip() else None, "must not start or end with space", "str"),
    "count": (_whole, "must be a whole number", "float64"),
    "integer": (_exact, f"must be a whole number, between -{EXACT} and {EXACT}", "float64"),
    "number": (number, "must be a number", "float64"),
    "date": (_day, "must be a date like 2019-02-14", "datetime64[s]"),
}
