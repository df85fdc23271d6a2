"""The results of each version in one file, and what moved between two: `python -m book changes`.

The site holds `results.json`, the results of the version that it shows. When a version is released its file is kept in
`data/versions/`, so that a later one can be held against it.
"""

import fnmatch
import json
import math
import re
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from algoprogress.data import tables
from algoprogress.data.tables import DataError, Failure, label
from algoprogress.engine import root
from algoprogress.show.estimate import Estimate
from algoprogress.show.words import MISSING, quantity
from book.ledger import front
from book.ledger.citation import work
from book.ledger.export import plain
from book.ledger.ledger import ledger

LEDGER_PAGE = "chapters/claims.html"
GLUED = re.compile(r"\{glue:text\}`([\w.-]+)\.(?:estimate|low|high|interval|published|published_interval|verdict)`")
NOISE = 1e-6  # relative difference below which two numbers are the same, whatever side of a rounding they fall on
CHANGES = ("new", "gone", "verdict changed", "moved", "interval moved")
ENDS = ("value", "low", "high")
# What a version keeps of a claim, and the column of the ledger that it is.
KEPT = {
    **{"id": "id", "definition": "statement", "unit": "unit", "value": "estimate", "low": "low", "high": "high"},
    **{"covers": "interval", "published": "published", "verdict": "verdict"},
}
COLUMNS = [*KEPT, "headline"]


@dataclass(frozen=True)
class Version:
    """A version of the report: number, date of release, and its results as a frame with the columns of `COLUMNS`."""

    number: str
    released: date
    results: pd.DataFrame


def headline_ids(ledger: pd.DataFrame, front_page: str) -> list[str]:
    """Return the ids of the headlines: claims of that kind, and every claim that the front page shows or speaks of."""
    named = set(GLUED.findall(front_page)) | {id for each in front.HEADLINES for id in (each.id, each.ours)}
    return ledger.loc[(ledger["kind"] == "headline") | ledger["id"].isin(named), "id"].tolist()


def results(ledger: pd.DataFrame, headlines: Collection[str]) -> pd.DataFrame:
    """Return the results that a ledger holds, the headlines first, with the columns of `COLUMNS`."""
    frame = pd.DataFrame({name: ledger[column] for name, column in KEPT.items()})
    frame = frame.fillna({"unit": "", "covers": ""}).assign(headline=ledger["id"].isin(headlines))
    return frame.sort_values("headline", ascending=False, kind="stable", ignore_index=True)


def present() -> Version:
    """Return the version that this repository is, from its ledger and `CITATION.cff`."""
    frame, cited = ledger(), work()
    chosen = headline_ids(frame, (root() / "index.md").read_text(encoding="utf-8"))
    return Version(cited.version, cited.released, results(frame, chosen))


def versions_dir() -> Path:
    """Return the folder of the files of released versions."""
    return root() / "data" / "versions"


def text(version: Version) -> str:
    """Return a version as JSON, a result a line, so that a difference of two files shows what moved."""
    frame = version.results
    counts = frame["verdict"].value_counts().sort_index().to_dict()
    head = {"version": version.number, "date": version.released.isoformat(), "verdicts": counts}
    parts = [f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    for name, chosen in (("headlines", frame[frame["headline"]]), ("others", frame[~frame["headline"]])):
        lines = []
        for row in chosen[list(KEPT)].to_dict("records"):
            told = {key: plain(value) for key, value in row.items()} | {"address": f"{LEDGER_PAGE}#{row['id']}"}
            lines.append(json.dumps(told, ensure_ascii=False, allow_nan=False))
        parts.append(f' "{name}": [\n  ' + ",\n  ".join(lines) + "\n ]" if lines else f' "{name}": []')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def write(version: Version, path: Path) -> Path:
    """Write the file of a version and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(version), encoding="utf-8")
    return path


def read(path: Path) -> Version:
    """Return the version that a file holds. Raises `DataError` if it lacks a part or repeats an id."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        rows = [row | {"headline": name == "headlines"} for name in ("headlines", "others") for row in told[name]]
        frame = pd.DataFrame([{key: row[key] for key in COLUMNS} for row in rows], columns=COLUMNS)
        number, released = told["version"], date.fromisoformat(told["date"])
    except FileNotFoundError:
        raise DataError([Failure(label(path), None, "", "the file is missing")]) from None
    except KeyError as error:
        raise DataError([Failure(label(path), None, str(error.args[0]), "this part is missing")]) from None
    except ValueError as error:
        raise DataError([Failure(label(path), None, "", f"must be JSON of a version: {error}")]) from None
    repeated = frame.loc[frame["id"].duplicated(), "id"]
    if len(repeated):
        raise DataError([Failure(label(path), None, "id", "must be unique", ", ".join(repeated))])
    numbers = [*ENDS, "published"]
    frame[numbers] = frame[numbers].map(lambda value: math.nan if value is None else float(value))
    return Version(number, released, frame)


def released() -> list[Version]:
    """Return the released versions, oldest first."""
    known = [read(path) for path in versions_dir().glob("*.json")]
    return sorted(known, key=lambda version: order(version.number))


def order(number: str) -> tuple[int, ...]:
    """Return what sorts version numbers.

    >>> sorted(["0.10.0", "0.2.0"], key=order)
    ['0.2.0', '0.10.0']
    """
    return tuple(int(part) for part in number.split("."))


def before(version: Version, known: list[Version] | None = None) -> Version:
    """Return the last version that was released before this one. Raises `LookupError` if there is none."""
    earlier = [each for each in (released() if known is None else known) if order(each.number) < order(version.number)]
    if not earlier:
        raise LookupError(f"no version was released before {version.number}")
    return max(earlier, key=lambda each: order(each.number))


def compare(old: Version, new: Version) -> pd.DataFrame:
    """Return what moved from one version to another, a row a claim, headlines first.

    A number has moved if it is printed differently, beyond the noise of machines. Columns: id, definition, unit,
    headline, change (the first that applies of `CHANGES`), and value, low, high and verdict, each `_before` and
    `_after`. A claim that is as it was has no row.
    """
    pair = old.results.merge(new.results, on="id", how="outer", suffixes=("_before", "_after"), sort=False)
    pair["change"] = [_change(row) for row in pair.to_dict("records")]
    for name in ("definition", "unit", "headline"):
        pair[name] = pair[f"{name}_after"].where(pair[f"{name}_after"].notna(), pair[f"{name}_before"])
    sides = [f"{name}_{side}" for name in (*ENDS, "verdict") for side in ("before", "after")]
    moved = pair.loc[pair["change"] != "", ["id", "definition", "unit", "headline", "change", *sides]]
    moved = moved.assign(headline=moved["headline"].astype(bool), place=moved["change"].map(CHANGES.index))
    moved = moved.sort_values(["headline", "place", "id"], ascending=[False, True, True], ignore_index=True)
    return moved.drop(columns="place")


def _change(row: Mapping[str, object]) -> str:
    """Return what happened to one claim, blank if nothing did."""
    if pd.isna(row["verdict_before"]):
        return "new"
    if pd.isna(row["verdict_after"]):
        return "gone"
    if row["verdict_before"] != row["verdict_after"]:
        return "verdict changed"
    if _differs(row, "value"):
        return "moved"
    return "interval moved" if _differs(row, "low") or _differs(row, "high") else ""


def _differs(row: Mapping[str, object], name: str) -> bool:
    """Return whether a number is printed differently before and after, beyond the noise of machines."""
    ends = [float(row[f"{name}_{side}"]) for side in ("before", "after")]
    if math.isnan(ends[0]) or math.isnan(ends[1]):
        return math.isnan(ends[0]) != math.isnan(ends[1])
    if math.isclose(*ends, rel_tol=NOISE):
        return False
    units = [str(row[f"unit_{side}"]) for side in ("before", "after")]
    return quantity(ends[0], units[0]) != quantity(ends[1], units[1])


def explained(moves: pd.DataFrame, version: str, why: pd.DataFrame) -> pd.DataFrame:
    """Return the moves with the `reason` of the first row that fits their version, id and change; blank if none."""
    told = why[why["version"] == version].to_dict("records")

    def fits(why: Mapping[str, str], id: str, change: str) -> bool:
        return why["change"] in (change, "any") and fnmatch.fnmatchcase(id, why["pattern"])

    rows = zip(moves["id"], moves["change"], strict=True)
    return moves.assign(reason=[next((each["reason"] for each in told if fits(each, *row)), "") for row in rows])


def moves() -> pd.DataFrame:
    """Return what moved from each version to the next, the present one last, with `version` and `reason`."""
    why, now = tables.read("reasons"), present()
    known = [each for each in released() if order(each.number) < order(now.number)]
    steps = [
        explained(compare(old, new), new.number, why).assign(version=new.number)
        for old, new in zip(known, [*known[1:], now], strict=True)
    ]
    return pd.concat(steps, ignore_index=True)


def tally(frame: pd.DataFrame, version: str) -> pd.DataFrame:
    """Return how many headlines and how many other claims changed in each way in one version."""
    chosen = frame[frame["version"] == version]
    counts = {
        name: chosen.loc[chosen["headline"] == kind, "change"].value_counts().reindex(CHANGES, fill_value=0)
        for name, kind in (("headlines", True), ("other claims", False))
    }
    return pd.DataFrame(counts).rename_axis("what happened").reset_index()


def listed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return changes as lines to read: claim, before, after, change, why; a line of dashes if there are none."""
    lines = []
    for row in frame.to_dict("records"):
        said, change = f"{row['definition']} (`{row['id']}`)", f"{row['change']} in {row['version']}"
        lines.append((said, _side(row, "before"), _side(row, "after"), change, row["reason"] or MISSING))
    names = ["claim", "before", "after", "change", "why"]
    return pd.DataFrame(lines or [("none", *[MISSING] * 4)], columns=names)


def _side(row: Mapping[str, object], side: str) -> str:
    verdict = row[f"verdict_{side}"]
    if pd.isna(verdict):
        return MISSING
    number = str(Estimate.of_row(row, tuple(f"{name}_{side}" for name in ENDS), unit=str(row["unit"])))
    return f"{number}, {verdict}" if row["change"] == "verdict changed" else number


def release() -> int:
    """Write the file of the present version, say where it lies, and return 0."""
    now = present()
    print(f"results of {now.number}: {label(write(now, versions_dir() / f'{now.number}.json'))}")
    return 0


def print_changes() -> int:
    """Print what moved since the last version; return 1 if a headline moved without a reason."""
    now = present()
    then = before(now)
    frame = explained(compare(then, now), now.number, tables.read("reasons"))
    counts = ", ".join(f"{count} {change}" for change, count in frame["change"].value_counts().items())
    print(f"{then.number} to {now.number}: {counts or 'nothing moved'}")
    shown = frame.loc[frame["headline"], ["id", "change", "value_before", "value_after", "reason"]]
    print(shown.to_string(index=False, na_rep=""))
    unexplained = shown.loc[shown["reason"] == "", "id"].tolist()
    if unexplained:
        print(f"{len(unexplained)} headlines moved without a reason: {', '.join(unexplained)}", file=sys.stderr)
    return int(bool(unexplained))
