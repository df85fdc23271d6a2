"""The ledger: every claim of `data/claims.csv` beside the number that its study yields, and two verdicts; its files."""

import functools
import json
import math
import os
import re
from collections.abc import Collection, Mapping
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from numbers import Real
from pathlib import Path

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.engine import cache, parallel
from algoprogress.engine.made_of import tables_behind
from algoprogress.show.estimate import Estimate
from book import studies
from book.ledger.trace import Traced, traced
from book.studies import verdicts as said
from book.studies.verdicts import FOUND, MEANINGS, OPEN

STUDIES = tuple(sorted(path.parent.name for path in Path(studies.__file__).parent.glob("*/claims.py")))
FIELDS = [
    *("id", "statement", "kind", "unit", "published", "published_low", "published_high", "estimate", "low", "high"),
    *("undetermined", "interval", "arithmetic", "conclusion", "tolerance", "limit", "judged_by"),
    *("chapter", "source", "code"),
]
DIGITS = 12  # of the exported numbers, past which rounding differs between machines
SCRIPT = "claims-index.js"


@functools.cache
def listed() -> pd.DataFrame:
    """Return `data/claims.csv`, read once; nothing changes it in place."""
    return tables.read("claims")


@functools.cache
def ledger(chapters: frozenset[str] | None = None) -> pd.DataFrame:
    """Return `data/claims.csv` with our estimate, interval, what that covers, verdicts and line of code for each claim.

    Both verdicts follow from numbers: `arithmetic` and `conclusion` say how. With `chapters`, theirs only.
    """
    claims = listed()
    chapters = chapters or frozenset(claims["chapter"])
    frame = claims[claims["chapter"].isin(chapters)].copy()
    judges = set(" ".join(frame["judged_by"]).split())
    behind = claims["chapter"].isin(chapters | set(claims.loc[claims["id"].isin(judges), "chapter"]))
    found = computed(dict(claims.loc[behind, ["id", "chapter"]].itertuples(index=False)))
    known = {id: each.estimate for id, each in found.items()}
    for column, part in zip((*FOUND, "interval"), ("value", "low", "high", "undetermined", "covers"), strict=True):
        frame[column] = [getattr(known[id], part) for id in frame["id"]]
    frame["code"] = [found[id].code for id in frame["id"]]
    for rule in (arithmetic, conclusion):
        frame[rule.__name__] = [rule(row, known) for row in frame.to_dict("records")]
    return frame


def studies_of(page: str) -> set[str]:
    """Return the studies on which the text of a page rests: those it imports, and those of the claims that it names."""
    if any(name != "glue" for line in re.findall(r"from book\.ledger import (.*)", page) for name in line.split(", ")):
        return set(STUDIES)  # the ledger as a whole
    claims = listed()
    named = " ".join(claims.loc[[id in page for id in claims["id"]], ["id", "judged_by"]].to_numpy().ravel()).split()
    return {*claims.loc[claims["id"].isin(named), "chapter"], *re.findall(r"book\.studies\.(\w+)", page)} & set(STUDIES)


def moved_by(changed: Collection[str]) -> frozenset[str]:
    """Return the chapters with a claim that rests on one of some tables, or is judged by such a claim."""
    own = {name for name in STUDIES if not set(changed).isdisjoint(tables_behind(f"book.studies.{name}.claims"))}
    claims = listed()
    resting = set(claims.loc[claims["chapter"].isin(own), "id"])
    return frozenset(own) | set(
        claims.loc[[not resting.isdisjoint(ids.split()) for ids in claims["judged_by"]], "chapter"]
    )


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


def is_kept(study: str) -> bool:
    """Return whether the estimates of a study are on disk."""
    return _entry(study).load()[0]


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


def arithmetic(row: Mapping[str, object], known: Mapping[str, Estimate]) -> str:
    """Return whether the printed number, or both ends of an interval, come back within the tolerance; blank if none."""
    ours, parts = known[row["id"]], {"published": "value"}
    if math.isnan(ours.value):
        return said.UNTESTABLE
    if row["kind"] == "interval":
        parts = {"published_low": "low", "published_high": "high"}
    if all(math.isnan(row[name]) for name in parts):
        return ""
    apart = [abs(row[name] - getattr(ours, part)) for name, part in parts.items()]
    return said.DIFFERS if any(each > row["tolerance"] for each in apart) else said.RECOMPUTES


def conclusion(row: Mapping[str, object], known: Mapping[str, Estimate]) -> str:
    """Return what every estimate that the claim is `judged_by` says of it, and open if they disagree; blank if none."""
    found = {judged(row, known[id]) for id in row["judged_by"].split()}
    return OPEN if len(found) > 1 else "".join(found)


def without(frame: pd.DataFrame, chapter: str) -> pd.DataFrame:
    """Return the claims of a whole ledger that another chapter judges too, and their conclusion `without` it."""
    known = {row["id"]: Estimate.of_row(row, FOUND) for row in frame.to_dict("records")}
    home = dict(zip(frame["id"], frame["chapter"], strict=True))
    others = [" ".join(each for each in ids.split() if home[each] != chapter) for ids in frame["judged_by"]]
    chosen = frame.assign(others=others)[(frame["judged_by"] != others) & (frame["chapter"] != chapter)]
    found = [conclusion(row | {"judged_by": row["others"]}, known) for row in chosen.to_dict("records")]
    return chosen.assign(without=found)


def judged(row: Mapping[str, object], found: Estimate) -> str:
    """Return whether what a claim states holds by one estimate: by its interval, or its value if it is exact.

    Stated is the side of `limit` ("below 2"), or else the published interval, or else the number. Contradicted is what
    has no point in common with the interval. What holds all of it stands; a number alone, if it is half to twice.
    An undetermined end counts as far out as its Monte Carlo error lets it lie.
    """
    low, high = found.reach
    side, _, limit = row["limit"].partition(" ")
    value, apart = row["published"], row["tolerance"]
    if limit:
        stated = within = (-math.inf, float(limit)) if side == "below" else (float(limit), math.inf)
    elif not math.isnan(row["published_low"]):
        stated = within = (row["published_low"], row["published_high"])
    else:
        stated, within = (value - apart, value + apart), near(value, row["unit"])
        within = min(within[0], stated[0]), max(within[1], stated[1])
    if high < stated[0] or low > stated[1]:
        return said.CONTRADICTED
    return said.STANDS if within[0] <= low and high <= within[1] else OPEN


def near(value: float, unit: str) -> tuple[float, float]:
    """Return half and twice a number, where that can be missed: of a share half and twice its odds, and of a gain or
    a loss the nearer of half its log and half itself, of twice its log and twice itself.

    >>> near(8.0, "months"), near(1.21, "times"), near(16.0, "times"), near(0.25, "times"), near(0.5, "share")
    ((4.0, 16.0), (1.1, 1.4641), (8.0, 32.0), (0.125, 0.5), (0.3333333333333333, 0.6666666666666666))
    """
    low, high = sorted((value / 2.0, value * 2.0))
    if unit == "share" and 0.0 < value < 1.0:
        return value / (2.0 - value), 2.0 * value / (1.0 + value)
    if unit == "times" and value > 0.0:
        roots = sorted((value**0.5, value**2))
        return max(low, roots[0]), min(high, roots[1])
    return low, high


def surprises(frame: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the claims with a verdict that is not the one `data/claims.csv` expects (none, if all is well)."""
    frame = ledger() if frame is None else frame
    return frame[np.logical_or.reduce([frame[question] != frame[f"expected_{question}"] for question in MEANINGS])]


def counts() -> pd.DataFrame:
    """Return how many claims of each kind got each verdict: kind, question, verdict, claims."""
    frame = ledger().melt("kind", list(MEANINGS), "question", "verdict").query("verdict != ''")
    return frame.groupby(["kind", "question", "verdict"], sort=False).size().rename("claims").reset_index()


def meanings() -> pd.DataFrame:
    """Return the verdicts as a table to read: question, verdict (as a badge), meaning, claims."""
    known = ledger().melt(value_vars=list(MEANINGS))["value"].value_counts()
    pairs = [(question, *pair) for question, words in MEANINGS.items() for pair in words.items()]
    rows = [(question, said.badge(word), meaning, int(known.get(word, 0))) for question, word, meaning in pairs]
    return pd.DataFrame(rows, columns=["question", "verdict", "meaning", "claims"])


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
    """Write each claim as id, statement, published value, our value and verdicts, for the script of the search page.

    The theme's own search splits ids at dots and passes over numbers. A script can be read from disk, unlike JSON.
    """
    frame = ledger()
    statements, shown = frame["statement"].str.replace(r"[`*]", "", regex=True), said.ledger_view(frame, anchors=True)
    verdicts = [", ".join(said.both(row)) for row in frame.to_dict("records")]
    rows = zip(frame["id"], statements, shown["published"], shown["ours"], verdicts, strict=True)
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / SCRIPT).write_text(f"window.ledgerClaims = [\n{lines}\n];\n", encoding="utf-8")
