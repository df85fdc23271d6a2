"""What each table of ``data/`` may hold, as the manifest beside it says, and what is said when a rule is broken.

A manifest has a Table Schema (datapackage.org, version 2) with two properties of ours, the ``unit`` of a column and its
``dtype`` where whole numbers are held as float; under ``rules`` it names what such a schema cannot say, of `RULES`.
"""

import functools
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from algoprogress.engine import data_dir, root

SHOWN = 20


@dataclass(frozen=True)
class Failure:
    """One broken rule. ``row`` counts data rows from 1, the header aside; None for the whole file."""

    file: str
    row: int | None
    column: str
    rule: str
    found: str | None = None

    def __str__(self) -> str:
        """Return the failure on one line."""
        place = ("" if self.row is None else f", row {self.row}") + (f", column {self.column}" if self.column else "")
        return f"{self.file}{place}: {self.rule}" + ("" if self.found is None else f" (found {self.found!r})")


class DataError(ValueError):
    """A table breaks its rules. ``failures`` holds all of them, the message shows the first twenty."""

    def __init__(self, failures: Iterable[Failure]) -> None:
        self.failures = tuple(failures)
        more = [f"... and {len(self.failures) - SHOWN} more"] if len(self.failures) > SHOWN else []
        super().__init__("\n".join([*map(str, self.failures[:SHOWN]), *more]))


def refuse(failures: list[Failure]) -> None:
    """Raise :class:`DataError` if there is any failure."""
    if failures:
        raise DataError(failures)


@dataclass(frozen=True)
class Field:
    """One column. ``kind`` is text, integer, count (a whole number held as float), number or date (from `at_least`)."""

    name: str
    kind: str
    unit: str = ""
    blank: bool = False
    allowed: tuple[str, ...] = ()
    above: float | None = None
    at_least: float | str | None = None

    def checks(self) -> dict[str, Callable[[pd.Series], pd.Series]]:
        """Return the rules of this column by their words; each tells which of some values keep it."""
        rules = {}
        if self.allowed:
            rules[f"must be one of {', '.join(self.allowed)}"] = lambda cells: cells.isin([*self.allowed, ""])
        if self.above is not None:
            rules[f"must be above {self.above:g}"] = lambda cells: cells > self.above
        if self.at_least is not None:
            least, words = (pd.Timestamp(self.at_least), "later") if self.kind == "date" else (self.at_least, "more")
            rules[f"must be {self.at_least} or {words}"] = lambda cells: cells >= least
        if self.kind == "date":
            rules["must not lie in the future"] = lambda cells: cells <= pd.Timestamp.today()
        return rules


@dataclass(frozen=True)
class Rule:
    """A rule over whole rows: ``holds(frame)`` is True for the rows that keep it."""

    columns: tuple[str, ...]
    text: str
    holds: Callable[[pd.DataFrame], pd.Series]


RULES = {
    "one_title_per_paper": Rule(
        ("paper_id", "paper"), "one paper_id must stand for one title",
        lambda frame: frame.groupby("paper_id")["paper"].transform("nunique").le(1)),
    "epochs_known_by_status": Rule(
        ("epochs", "epochs_status"), "epochs are known exactly where the status is recovered or epoch_ai",
        lambda frame: frame["epochs"].notna() == frame["epochs_status"].isin(["recovered", "epoch_ai"])),
    "reviewed_differs": Rule(
        ("as_used", "reviewed"), "the reviewed value must differ from the value as used",
        lambda frame: frame["as_used"] != frame["reviewed"]),
    "published_ends_in_order": Rule(
        ("published_low", "published_high"), "the low end must not lie above the high end",
        lambda frame: ~(frame["published_low"] > frame["published_high"])),
    "judged_by_claims": Rule(
        ("judged_by",), "must be ids of claims",
        lambda frame: frame["judged_by"].map(lambda ids, known=frozenset(frame["id"]): known.issuperset(ids.split()))),
    "limit_has_a_side": Rule(
        ("limit",), "must be above or below a number",
        lambda frame: frame["limit"].str.fullmatch(r"((above|below) -?[0-9.]+)?")),
    "gain_or_range_given": Rule(
        ("gain", "low"), "a gain or a range must be given",
        lambda frame: frame["gain"].notna() | frame["low"].notna()),
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A table: its columns in order and the rules that its rows keep together."""

    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]

    @property
    def names(self) -> list[str]:
        """Return the column names in order."""
        return [field.name for field in self.fields]

    def field(self, name: str) -> Field:
        """Return the column called ``name``."""
        return next(field for field in self.fields if field.name == name)


def names() -> list[str]:
    """Return the names of all tables that have a manifest."""
    return sorted(path.name.removesuffix(".manifest.json") for path in data_dir().glob("*.manifest.json"))


def table(name: str) -> Table:
    """Return the description of a table; raise DataError if its manifest is missing or does not describe one."""
    path = data_dir() / f"{name}.manifest.json"
    return _described(json.dumps(read_manifest(path)), label(path))


def manifest(name: str) -> dict[str, Any]:
    """Return the manifest of a table: title, sources, schema and so on; raises as `read_manifest`."""
    return read_manifest(data_dir() / f"{name}.manifest.json")


def read_manifest(path: Path) -> dict[str, Any]:
    """Return the manifest at ``path``; DataError if there is none in JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError([Failure(label(path), None, "", "the manifest is missing")]) from None
    except ValueError as error:
        raise DataError([Failure(label(path), None, "", f"the manifest must be JSON: {error}")]) from error


def label(path: Path) -> str:
    """Return the name of a file in messages: its path inside the repository, or its own name outside."""
    return path.relative_to(root()).as_posix() if path.is_relative_to(root()) else path.name


_KINDS = {"string": "text", "integer": "integer", "number": "number", "date": "date"}
_PROPERTIES = ("name", "type", "description", "unit", "dtype", "constraints")
_CONSTRAINTS = ("required", "enum", "minimum", "exclusiveMinimum")


@functools.cache
def _described(text: str, file: str) -> Table:
    """Return the table that a manifest describes; its words are checked, as they are written by hand."""
    entry = json.loads(text)
    schema, rules = entry.get("schema", {}), entry.get("rules", [])
    fields, keys = schema.get("fields", []), [schema.get("primaryKey", []), *schema.get("uniqueKeys", [])]
    columns = [str(each.get("name", "")) for each in fields]
    words = []
    for each, column in zip(fields, columns, strict=True):
        words += [(column, "type", [each.get("type", "")], _KINDS), (column, "property", each, _PROPERTIES)]
        words.append((column, "constraint", each.get("constraints", {}), _CONSTRAINTS))
    words += [("", "key", [column for key in keys for column in key], columns), ("", "rule", rules, RULES)]
    failures = [] if fields else [Failure(file, None, "", "schema.fields must list the columns")]
    for column, what, found, known in words:
        rule = f"a {what} must be one of {', '.join(known)}"
        failures += [Failure(file, None, column, rule, word) for word in found if word not in known]
    refuse(failures)
    unique = []
    for key in filter(None, keys):
        words = f"{', '.join(key)} must be unique; an earlier row has the same"
        unique.append(Rule(tuple(key), words, lambda frame, key=key: ~frame.duplicated(key)))
    return Table(tuple(map(_field, fields)), (*unique, *(RULES[name] for name in rules)))


def _field(entry: dict[str, Any]) -> Field:
    """Return the column of one entry of a Table Schema."""
    limits = entry.get("constraints", {})
    kind = "count" if "dtype" in entry else _KINDS[entry["type"]]
    said = entry["name"], kind, entry.get("unit", ""), not limits.get("required", False)
    return Field(*said, tuple(limits.get("enum", ())), limits.get("exclusiveMinimum"), limits.get("minimum"))
