"""The results of each version in one file, and what moved between two: `python -m book.ledger.versions`.

The site holds `results.json`, the results of the version that it shows. When a version is released its file is kept in
`data/versions/`, so that a later one can be held against it.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import math
import re
import sys
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path

import pandas as pd

from algoprogress.data.check import DataError, Failure, column_failures, parse, read_text, refuse
from algoprogress.data.describe import Field
from algoprogress.data.tables import label
from algoprogress.engine.places import root
from algoprogress.show.words import quantity, span
from book.ledger import front
from book.ledger.citation import work
from book.ledger.export import plain

LEDGER_PAGE = "chapters/claims.html"
GLUED = re.compile(r"\{glue:text\}`([\w.-]+)\.(?:estimate|low|high|interval|published|published_interval|verdict)`")
NOISE = 1e-6  # relative difference below which two numbers are the same, whatever side of a rounding they fall on
CHANGES = ("new", "gone", "verdict changed", "moved", "interval moved")

REASONS = (
    Field("version", "text", "version whose results differ from those of the one before"),
    Field("pattern", "text", "ids of the claims that it is about; * stands for anything"),
    Field("change", "text", "what happened to them", allowed=(*CHANGES, "any")),
    Field("reason", "text", "why, in a sentence"),
)


@dataclass(frozen=True)
class Result:
    """One number of a version: what it is, its value and interval, and the verdict on what was published."""

    id: str
    definition: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    covers: str
    published: float | None
    verdict: str
    headline: bool


COLUMNS = [field.name for field in fields(Result)]


@dataclass(frozen=True)
class Version:
    """A version of the report: number, date of release, and its results as a frame with the columns of `Result`."""

    number: str
    released: date
    results: pd.DataFrame


def headline_ids(ledger: pd.DataFrame, front_page: str) -> list[str]:
    """Return the ids of the headlines: claims of that kind, and every claim that the front page shows or speaks of."""
    named = set(GLUED.findall(front_page)) | {id for each in front.HEADLINES for id in (each.id, each.ours)}
    return ledger.loc[(ledger["kind"] == "headline") | ledger["id"].isin(named), "id"].tolist()


def results(ledger: pd.DataFrame, headlines: Collection[str]) -> pd.DataFrame:
    """Return the results that a ledger holds, the headlines first, with the columns of `Result`."""
    frame = pd.DataFrame(
        {
            "id": ledger["id"],
            "definition": ledger["statement"],
            "unit": ledger["unit"].fillna(""),
            "value": ledger["estimate"],
            "low": ledger["low"],
            "high": ledger["high"],
            "covers": ledger["interval"].fillna(""),
            "published": ledger["published"],
            "verdict": ledger["verdict"],
            "headline": ledger["id"].isin(headlines),
        }
    )[COLUMNS]
    return frame.sort_values("headline", ascending=False, kind="stable", ignore_index=True)


def present() -> Version:
    """Return the version that this repository is, from its ledger and `CITATION.cff`."""
    from book.ledger import ledger as claims

    ledger, cited = claims.ledger(), work()
    chosen = headline_ids(ledger, (root() / "index.md").read_text(encoding="utf-8"))
    return Version(cited.version, cited.released, results(ledger, chosen))


def versions_dir() -> Path:
    """Return the folder of the files of released versions."""
    return root() / "data" / "versions"


def text(version: Version) -> str:
    """Return a version as JSON, a result a line, so that a difference of two files shows what moved."""
    known = [Result(**row) for row in version.results.to_dict("records")]
    rows = [_line(each, version.number) for each in known]
    heads = sum(each.headline for each in known)
    head = {
        "version": version.number,
        "date": version.released.isoformat(),
        "verdicts": version.results["verdict"].value_counts().sort_index().to_dict(),
    }
    parts = [f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    for name, lines in (("headlines", rows[:heads]), ("others", rows[heads:])):
        parts.append(f' "{name}": [\n  ' + ",\n  ".join(lines) + "\n ]" if lines else f' "{name}": []')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _line(result: Result, number: str) -> str:
    """Return one result as an object of JSON; infinity is text, as JSON has no number for it."""
    told = {key: plain(value) for key, value in asdict(result).items() if key != "headline"}
    return json.dumps(told | {"address": f"{LEDGER_PAGE}#{result.id}"}, ensure_ascii=False, allow_nan=False)


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
    numbers = ["value", "low", "high", "published"]
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
    sides = [f"{name}_{side}" for name in ("value", "low", "high", "verdict") for side in ("before", "after")]
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


def reasons(path: Path | None = None) -> pd.DataFrame:
    """Return why results moved: version, pattern, change, reason. Raises `DataError` that names row, column, rule."""
    place = path or versions_dir() / "reasons.csv"
    file, names = label(place), [field.name for field in REASONS]
    found = read_text(place, file)
    refuse(column_failures(found, names, file))
    found, failures = parse(found[names], list(REASONS), file)
    refuse([*failures, *_broken(found, file)])
    return found


def _broken(frame: pd.DataFrame, file: str) -> list[Failure]:
    """Return what breaks the rules of the reasons: blank cells, unknown changes, a line that an earlier one repeats."""
    failures = []
    keys = ["version", "pattern", "change"]
    repeated = frame.duplicated(keys)
    for place, row in enumerate(frame.to_dict("records")):
        blank = [name for name, cell in row.items() if not isinstance(cell, str) or not cell]
        failures += [Failure(file, place + 1, name, "must not be blank") for name in blank]
        known = REASONS[2].allowed
        if "change" not in blank and row["change"] not in known:
            rule = f"must be one of {', '.join(known)}"
            failures.append(Failure(file, place + 1, "change", rule, row["change"]))
        if repeated.iloc[place]:
            failures.append(Failure(file, place + 1, ", ".join(keys), "must be unique; an earlier row has the same"))
    return failures


def explained(moves: pd.DataFrame, version: str, why: pd.DataFrame) -> pd.DataFrame:
    """Return the moves with the `reason` of the first row that fits their version, id and change; blank if none."""
    told = why[why["version"] == version].to_dict("records")

    def reason(row: Mapping[str, object]) -> str:
        fits = (
            each["reason"]
            for each in told
            if each["change"] in (row["change"], "any") and fnmatch.fnmatchcase(str(row["id"]), each["pattern"])
        )
        return next(fits, "")

    return moves.assign(reason=[reason(row) for row in moves.to_dict("records")])


def said(value: float, low: float, high: float, unit: str) -> str:
    """Return a value with its unit and its interval in brackets, as the ledger prints them; a dash if missing."""
    ends = span(low, high, unit).replace(" to ", ", ")
    return quantity(value, unit, with_unit=True) + (f" [{ends}]" if pd.notna(low) and pd.notna(high) else "")


def main(arguments: list[str] | None = None) -> int:
    """Write the file of the present version, or print what moved since the one before; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m book.ledger.versions", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("release", "changes"), help="keep the present results, or print what moved")
    chosen = parser.parse_args(arguments)
    now = present()
    if chosen.command == "release":
        print(f"results of {now.number}: {label(write(now, versions_dir() / f'{now.number}.json'))}")
        return 0
    then = before(now)
    moves = explained(compare(then, now), now.number, reasons())
    counts = ", ".join(f"{count} {change}" for change, count in moves["change"].value_counts().items())
    print(f"{then.number} to {now.number}: {counts or 'nothing moved'}")
    shown = moves.loc[moves["headline"], ["id", "change", "value_before", "value_after", "reason"]]
    print(shown.to_string(index=False, na_rep=""))
    unexplained = moves.loc[moves["headline"] & (moves["reason"] == ""), "id"].tolist()
    if unexplained:
        print(f"{len(unexplained)} headlines moved without a reason: {', '.join(unexplained)}", file=sys.stderr)
    return int(bool(unexplained))


if __name__ == "__main__":
    sys.exit(main())
