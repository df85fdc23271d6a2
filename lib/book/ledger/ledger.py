"""The ledger: every claim of `data/claims.csv` beside the number that its study yields, with a verdict; its files."""

import functools
import json
import math
import os
import re
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from numbers import Real
from pathlib import Path

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.engine import cache, parallel
from algoprogress.show.estimate import Estimate
from book import studies
from book.ledger.trace import Traced, traced
from book.studies.verdicts import FRAGILE, MEANINGS, MISSED, OURS, REPRODUCED, UNTESTABLE, badge, ledger_view

STUDIES = tuple(sorted(path.parent.name for path in Path(studies.__file__).parent.glob("*/claims.py")))
FIELDS = [
    *("id", "statement", "kind", "unit", "published", "published_low", "published_high", "estimate", "low", "high"),
    *("interval", "verdict", "tolerance", "chapter", "source", "code"),
]
DIGITS = 12  # of the exported numbers, past which rounding differs between machines
SCRIPT = "claims-index.js"


@functools.cache
def ledger(chapters: frozenset[str] | None = None) -> pd.DataFrame:
    """Return `data/claims.csv` with our estimate, interval, what that covers, verdict and line of code for each claim.

    The verdict follows from the numbers: not reproduced outside the tolerance; fragile if the claim is met but the
    check that the row names (say, the converged fit) lies outside its own tolerance. With `chapters`, theirs only.
    """
    claims = tables.read("claims")
    chapters = chapters or frozenset(claims["chapter"])
    frame = claims[claims["chapter"].isin(chapters)].copy()
    behind = claims["chapter"].isin(chapters | set(claims.loc[claims["id"].isin(frame["check_against"]), "chapter"]))
    found = computed(dict(claims.loc[behind, ["id", "chapter"]].itertuples(index=False)))
    known = {id: each.estimate for id, each in found.items()}
    for column, part in (("estimate", "value"), ("low", "low"), ("high", "high"), ("interval", "covers")):
        frame[column] = [getattr(known[id], part) for id in frame["id"]]
    frame["code"] = [found[id].code for id in frame["id"]]
    return frame.assign(verdict=[verdict(row, known) for _, row in frame.iterrows()])


def studies_of(page: str) -> set[str]:
    """Return the studies on which the text of a page rests: those it imports, and those of the claims that it names."""
    if any(name != "glue" for line in re.findall(r"from book\.ledger import (.*)", page) for name in line.split(", ")):
        return set(STUDIES)  # the ledger as a whole
    claims = tables.read("claims")
    named = claims.loc[[id in page for id in claims["id"]], ["id", "check_against"]].to_numpy().ravel()
    return {*claims.loc[claims["id"].isin(named), "chapter"], *re.findall(r"book\.studies\.(\w+)", page)} & set(STUDIES)


def computed(chapters: Mapping[str, str]) -> dict[str, Traced]:
    """Return our estimate for each id, from disk or computed side by side, each study in a process of its own.

    `chapters` holds the chapter of each id. Raises KeyError if a study yields an id that is not of its chapter, or if
    none yields one.
    """
    wanted = sorted(set(chapters.values()))
    entries = {name: _entry(name).load() for name in wanted}
    kept = {name: value for name, (found, value) in entries.items() if found}
    if rest := [name for name in wanted if name not in kept]:
        with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), initializer=parallel.alone) as pool:
            kept |= dict(zip(rest, pool.map(of_study, rest), strict=True))
    known: dict[str, Traced] = {}
    for name, found in kept.items():
        if strange := [id for id in found if chapters.get(id) != name]:
            raise KeyError(f"{name} yields claims that are not of its chapter: {', '.join(strange)}")
        known |= found
    if missing := chapters.keys() - known.keys():
        raise KeyError(f"claims that stand in data/claims.csv only: {', '.join(sorted(missing))}")
    return known


def of_study(name: str) -> dict[str, Traced]:
    """Return the estimates that a study yields by id, kept on disk by what they are made of."""
    found, value = _entry(name).load()
    if not found:
        value = _traced(f"book.studies.{name}.claims")
        _entry(name).save(value)
    return value


def _entry(name: str) -> cache.Entry:
    module = f"book.studies.{name}.claims"
    return cache.entry(_traced, (module,), {}, behind=module)


def _traced(module: str) -> dict[str, Traced]:
    found: dict[str, Traced] = {}
    for id, each in traced(import_module(module).claims()):
        if id in found:
            raise KeyError(f"{module} yields {id} twice")
        found[id] = each
    return found


def verdict(row: pd.Series, known: Mapping[str, Estimate]) -> str:
    """Return the verdict on one claim, from its published values, tolerance and check; `known` are all estimates."""
    ours = known[row["id"]]
    if np.isnan(ours.value):
        return UNTESTABLE
    if np.isnan(row["published"]):
        return OURS
    pairs = [(row["published"], ours.value)]
    if row["kind"] == "interval":
        pairs = [(row["published_low"], ours.low), (row["published_high"], ours.high)]
    if any(abs(stated - found) > row["tolerance"] for stated, found in pairs):
        return MISSED
    other = row["check_against"]
    if other and abs(known[other].value - ours.value) > row["check_tolerance"]:
        return FRAGILE
    return REPRODUCED


def surprises(frame: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the claims whose verdict is not the one that `data/claims.csv` expects (none, if all is well)."""
    frame = ledger() if frame is None else frame
    return frame[frame["verdict"] != frame["expected_verdict"]]


def counts() -> pd.DataFrame:
    """Return how many claims of each kind got each verdict: kind, verdict, claims."""
    return ledger().groupby(["kind", "verdict"], sort=False).size().rename("claims").reset_index()


def meanings() -> pd.DataFrame:
    """Return the verdicts as a table to read: verdict (as a badge), meaning, claims."""
    known = ledger()["verdict"].value_counts()
    rows = [(badge(verdict), words, int(known.get(verdict, 0))) for verdict, words in MEANINGS.items()]
    return pd.DataFrame(rows, columns=["verdict", "meaning", "claims"])


def plain(value: object) -> object:
    """Return a value for JSON: numbers rounded, missing as null, infinity as text, as JSON has no number for it.

    >>> [plain(value) for value in (0.1 + 0.2, float("nan"), float("-inf"), 3, "x", None)]
    [0.3, None, '-infinity', 3, 'x', None]
    """
    if not isinstance(value, Real) or isinstance(value, int):
        return value
    number = float(value)
    if math.isnan(number):
        return None
    return float(f"{number:.{DIGITS}g}") if math.isfinite(number) else f"{'-' if number < 0 else ''}infinity"


def export(folder: Path) -> None:
    """Write `claims.json` and `claims.csv`, the ledger with the fields of `FIELDS`, into a folder of the site."""
    frame = ledger()[FIELDS]
    records = [{key: plain(value) for key, value in row.items()} for row in frame.to_dict("records")]
    text = json.dumps(records, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / "claims.json").write_text(text + "\n", encoding="utf-8")
    frame.to_csv(folder / "claims.csv", index=False, float_format=f"%.{DIGITS}g", lineterminator="\n")


def search_index(folder: Path) -> None:
    """Write each claim as id, statement, published value, our value and verdict, for the script of the search page.

    The theme's own search splits ids at dots and passes over numbers. A script can be read from disk, unlike JSON.
    """
    frame = ledger()
    statements, shown = frame["statement"].str.replace(r"[`*]", "", regex=True), ledger_view(frame, anchors=True)
    rows = zip(frame["id"], statements, shown["published"], shown["ours"], frame["verdict"], strict=True)
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / SCRIPT).write_text(f"window.ledgerClaims = [\n{lines}\n];\n", encoding="utf-8")
