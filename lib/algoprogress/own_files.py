"""One's own files: templates to start from, and a check that says what a file holds or what is wrong with it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pandas as pd

from algoprogress.data import own as own_evaluations
from algoprogress.data import tables
from algoprogress.data.check import DataError, Failure, read_text, validate
from algoprogress.data.describe import names, table
from algoprogress.frontiers import own_runs
from algoprogress.laws import own_laws

KINDS = ("evaluations", "runs", "law")
SIGNS = {"evaluations": "perplexity", "runs": "algorithm", "law": "capacity"}  # a column that only this kind has


def template_path(kind: str) -> Path:
    """Return the path of the template of a kind of file; raise KeyError for another kind."""
    if kind not in KINDS:
        raise KeyError(f"no template {kind!r}; there are {', '.join(KINDS)}")
    return Path(str(resources.files("algoprogress") / "data" / "templates" / f"{kind}.csv"))


def template(kind: str) -> str:
    """Return the template of a kind of file: a header, and invented example rows to be replaced."""
    return template_path(kind).read_text(encoding="utf-8")


def kind_of(path: Path | str) -> str:
    """Return the kind of a file by its header: a name of `KINDS`, or "table" for a table of the book itself.

    Raises DataError if the header is none of these.
    """
    path = Path(path)
    header = [name.removeprefix("\ufeff") for name in read_text(path, path.name).columns]
    if path.stem in names() and set(header) == set(table(path.stem).names):
        return "table"
    for kind, sign in SIGNS.items():
        if sign in header:
            return kind
    words = "; ".join(f"{kind} by {sign}" for kind, sign in SIGNS.items())
    raise DataError([Failure(path.name, None, "", f"what it holds cannot be told by its header ({words})")])


def check(path: Path | str, *, kind: str = "", compute: str = "training_compute_flop", bits: bool = False) -> str:
    """Return what a file of one's own holds, in lines to read; the file stays as it is.

    `kind` is told by the header if it is empty; `compute` and `bits` are as for `own_runs.read`. Raises DataError or
    RunsError, which name file, row, column and rule.
    """
    path = Path(path)
    kind = kind or kind_of(path)
    if kind == "table":
        frame = validate(read_text(path, path.name), path.stem, path.name)
        return f"{path.name}: a table of the book, {len(frame)} rows, every rule of its schema holds"
    if kind == "runs":
        said = own_runs.described(own_runs.read(path, compute=compute, bits=bits), compute)
    else:
        sample = tables.evaluations().published_sample()
        said = (
            _evaluations(path, sample)
            if kind == "evaluations"
            else own_laws.described(own_laws.read(path, sample), sample)
        )
    return f"{path.name}: {kind}, nothing wrong\n{said}"


def _evaluations(path: Path, sample: tables.Sample) -> str:
    own: pd.DataFrame = own_evaluations.read(path)
    own_evaluations.joined(sample, own, file=path.name)  # raises if the book has a row already
    return own_evaluations.described(own, sample)


def columns() -> pd.DataFrame:
    """Return what a file of evaluations may hold: column, what it is, unit, rule (that of the book's own table)."""
    rows = []
    for name, words in own_evaluations.WORDS.items():
        field = table("evaluations").field(name)
        rule = "; ".join(check.error for check in field.checks())
        needed = "needed" if name in own_evaluations.NEEDED else "may be left out"
        rows.append((f"`{name}`", words, field.unit, "; ".join(filter(None, (needed, rule)))))
    return pd.DataFrame(rows, columns=["column", "what it is", "unit", "rule"])
