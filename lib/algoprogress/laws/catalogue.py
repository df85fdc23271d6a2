"""The published laws as rows of formulas, one's own from a file of such rows, and the ways to vary any of them."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from algoprogress.data import reader, tables
from algoprogress.data.check import short_form
from algoprogress.data.describe import Failure, refuse
from algoprogress.data.sample import Sample
from algoprogress.laws.law import Law, LawError

NEEDED = ("id", "capacity")
OPTIONAL = ("name", "data", "floor", "shared", "links", "published_as", "note")
PARTS = ("capacity", "data", "floor", "shared", "link")  # of a law, as the messages of a `LawError` call them


@functools.cache
def laws() -> Mapping[str, Law]:
    """Return every law of `data/laws.csv` by id; the twenty of Ho et al. 2024 are "1" to "20"."""
    rows = tables.read("laws").to_dict("records")
    return MappingProxyType({row["id"]: _law(row) for row in rows})


def law(id: str) -> Law:
    """Return one law of the catalogue; raise KeyError that lists the ids for an unknown one.

    >>> law("7").capacity
    'benchmark + years + log_parameters'
    """
    known = laws()
    if id not in known:
        raise KeyError(f"no law {id!r} in data/laws.csv; its ids are {', '.join(known)}")
    return known[id]


def _law(row: Mapping[str, str]) -> Law:
    links = tuple(tuple(pair.split("=")) for pair in row["links"].split())
    return Law(row["id"], row["capacity"], row["data"], row["floor"], tuple(row["shared"].split()), links, row["name"])


def read(path: Path | str, sample: Sample) -> Mapping[str, Law]:
    """Return the laws of a file with the columns of `data/laws.csv` (id and capacity needed) by id, held to a sample.

    Raises DataError, which names file, row, column and rule, for a bad cell, formula, or coefficients not told apart.
    """
    path = Path(path)
    text = reader.read(path).frame
    text, _, failures = short_form(text, "laws", path.name, NEEDED, OPTIONAL, ("id",))
    links = [(row + 1, pair) for row, cell in text["links"].items() for pair in cell.split() if pair.count("=") != 1]
    rule = "must be parameter=log_sigmoid"
    refuse(failures + [Failure(path.name, row, "links", rule, pair) for row, pair in links])
    found = {}
    for place, row in zip(text.index + 1, text.to_dict("records"), strict=True):
        found[row["id"]], wrong = _fitting(row, sample, path.name, place)
        failures += wrong
    refuse(failures)
    return found


def _fitting(row: Mapping[str, str], sample: Sample, file: str, place: int) -> tuple[Law, list[Failure]]:
    """Return the law of a row, and what keeps it from being fitted to a sample."""
    law = _law(row)
    try:
        law.design(sample.frame).require_identified()
    except LawError as error:
        said = str(error)
        part = next((part for part in PARTS if re.search(rf"\b{part} (?:formula|names)|unknown {part}", said)), "")
        column = {"": "capacity, data", "link": "links"}.get(part, part)
        return law, [Failure(file, place, column, said)]
    return law, []


def described(laws: Mapping[str, Law], sample: Sample) -> str:
    """Return what a file of laws holds, in lines to read: the coefficients that a fit of each would find."""
    lines = []
    for id, law in laws.items():
        names = law.design(sample.frame).names
        lines.append(f"law {id}: {len(names)} coefficients, identified by {len(sample)} rows: {', '.join(names)}")
    return "\n".join(lines)
