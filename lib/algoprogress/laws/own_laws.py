"""Anyone's laws: a CSV file with formulas in, laws that fit like those of the catalogue out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from algoprogress.data.check import Failure, check_values, column_failures, read_text, refuse
from algoprogress.data.sample import Sample
from algoprogress.laws.law import Law, LawError

NEEDED = ("id", "capacity")
OPTIONAL = ("name", "data", "floor", "shared", "links", "published_as", "note")
VARIABLES = {
    "benchmark": "WikiText-103 (the reference), WikiText-2 or Penn Treebank",
    "architecture": "transformer or other",
    "transformer": "one for transformers, zero for others",
    "years": "years since the first evaluation",
    "log_calendar_year": "log of the calendar year",
    "log_parameters": "log of the parameters, over the least",
    "log_tokens": "log of the tokens of the dataset, over the least",
    "log_tokens_seen": "the same, times epochs",
    "log_effective_tokens": "the same, with epochs at diminishing returns, as Ho et al. (2024) count them",
    "log_repeated_tokens": "the same, with repetitions in place of epochs",
    "log_compute": "log of training compute, six times parameters times tokens, over the least",
    "log_vocabulary": "log of the vocabulary, where it is known",
    "log_vocabulary_imputed": "the same, with the typical size of the benchmark where it is not",
}
PARTS = ("capacity", "data", "floor", "shared", "link")


def read(path: Path | str, sample: Sample) -> Mapping[str, Law]:
    """Return the laws of a file by id, each of them identified by the rows of a sample.

    The columns are those of `data/laws.csv`, of which only id and capacity are needed. Raises DataError, which names
    file, row, column and rule, for a file that breaks the rules of that table, a formula that cannot be built, or
    coefficients that the rows cannot tell apart.
    """
    path = Path(path)
    text = read_text(path, path.name).rename(columns=lambda name: name.removeprefix("\ufeff"))
    names = [*NEEDED, *OPTIONAL]
    unknown = [each for each in column_failures(text, names, path.name) if "not known" in each.rule]
    refuse(column_failures(text, list(NEEDED), path.name, unknown=False) + unknown)
    text = text.reset_index(drop=True).reindex(columns=names, fill_value="")
    failures = _cells(text, path.name)
    refuse(failures)
    found = {}
    for place, row in enumerate(text.to_dict("records"), start=1):
        found[row["id"]], wrong = _law(row, sample, path.name, place)
        failures += wrong
    refuse(failures)
    return found


def _cells(text: pd.DataFrame, file: str) -> list[Failure]:
    """Return what is wrong with single cells, and ids that occur twice."""
    failures = []
    for name in text.columns:
        wrong = check_values(text[name], "laws", file, name)[1]
        failures += [replace(each, rule=each.rule.removeprefix(f"{name} ")) for each in wrong]
        blank = np.flatnonzero(text[name] == "") if name in NEEDED else ()
        failures += [Failure(file, int(index) + 1, name, "must not be blank") for index in blank]
    twice = np.flatnonzero(text["id"].duplicated())
    failures += [Failure(file, int(row) + 1, "id", "must be unique; an earlier row has the same") for row in twice]
    links = [(row, pair) for row, cell in enumerate(text["links"], 1) for pair in cell.split() if pair.count("=") != 1]
    return failures + [Failure(file, row, "links", "must be parameter=log_sigmoid", pair) for row, pair in links]


def _law(row: Mapping[str, str], sample: Sample, file: str, place: int) -> tuple[Law, list[Failure]]:
    """Return the law of a row, and what keeps it from being fitted to a sample."""
    links = tuple(tuple(pair.split("=")) for pair in row["links"].split())
    law = Law(row["id"], row["capacity"], row["data"], row["floor"], tuple(row["shared"].split()), links, row["name"])
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


def to_read(laws: Mapping[str, Law]) -> pd.DataFrame:
    """Return laws as a table of ready strings: id, name, and their formulas as code."""
    rows = [
        (id, law.name, *(f"`{part}`" if part else "" for part in (law.capacity, law.data, law.floor)))
        for id, law in laws.items()
    ]
    return pd.DataFrame(rows, columns=["id", "name", "capacity", "data", "floor"])


def variables() -> pd.DataFrame:
    """Return what the formulas of a law may name: variable (as code) and what it is."""
    return pd.DataFrame([(f"`{name}`", what) for name, what in VARIABLES.items()], columns=["variable", "what it is"])
