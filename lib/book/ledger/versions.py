"""The results of each version in one file, and what moved between two: `python -m book changes`.

The site holds `results.json`, the results of the version that it shows. When a version is released its file is kept in
`data/versions/`, so that a later one can be held against it.
"""

import fnmatch
import itertools
import json
import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.tables import label
from algoprogress.engine import root
from algoprogress.show.estimate import ENDS, Estimate
from algoprogress.show.words import MISSING, quantity
from book.ledger.citation import work
from book.ledger.ledger import ledger, plain
from book.studies.verdicts import MEANINGS, ledger_view

LEDGER_PAGE = "chapters/claims.html"
GLUED = re.compile(r"\{glue:text\}`([\w.-]+)\.(?:estimate|low|high|(?:published_)?interval|published|conclusion)`")
NOISE = 1e-6  # relative difference below which two numbers are the same, whatever side of a rounding they fall on
CHANGES = ("new", "gone", "verdict changed", "moved", "interval moved")
# What a version keeps of a claim, and the column of the ledger that it is.
KEPT = {
    **{"id": "id", "definition": "statement", "unit": "unit", "value": "estimate", "low": "low", "high": "high"},
    **{"covers": "interval", **{name: name for name in ("undetermined", "published", "arithmetic", "conclusion")}},
}
COLUMNS = [*KEPT, "headline"]


@dataclass(frozen=True)
class Version:
    """A version of the report: number, date of release, and its results as a frame with the columns of `COLUMNS`."""

    number: str
    released: date
    results: pd.DataFrame


def present(chapters: frozenset[str] | None = None) -> Version:
    """Return the version that this repository is, from its ledger and `CITATION.cff`, the headlines first.

    They are the claims of that kind, and every claim that the front page shows or speaks of. With `chapters`, theirs.
    """
    claims, cited = ledger(chapters), work()
    named = set(GLUED.findall((root() / "index.md").read_text(encoding="utf-8")))
    named |= set(tables.read("headlines")[["id", "ours"]].to_numpy().ravel())
    frame = pd.DataFrame({name: claims[column] for name, column in KEPT.items()}).fillna({"unit": "", "covers": ""})
    frame["headline"] = (claims["kind"] == "headline") | claims["id"].isin(named)
    frame = frame.sort_values("headline", ascending=False, kind="stable", ignore_index=True)
    return Version(cited.version, cited.released, frame)


def write(version: Version, path: Path) -> Path:
    """Write a version as JSON, a result a line, so that a difference of two files shows what moved; return the path."""
    frame = version.results
    counts = {name: frame[name].value_counts().drop("", errors="ignore").sort_index().to_dict() for name in MEANINGS}
    head = {"version": version.number, "date": version.released.isoformat(), "verdicts": counts}
    parts = [f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    for name, chosen in (("headlines", frame[frame["headline"]]), ("others", frame[~frame["headline"]])):
        lines = []
        for row in chosen[list(KEPT)].to_dict("records"):
            told = {key: plain(value) for key, value in row.items()} | {"address": f"{LEDGER_PAGE}#{row['id']}"}
            lines.append(json.dumps(told, ensure_ascii=False, allow_nan=False))
        parts.append(f' "{name}": [\n  ' + ",\n  ".join(lines) + "\n ]" if lines else f' "{name}": []')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
    return path


def read(path: Path) -> Version:
    """Return the version that a file holds, as `write` has written it."""
    told = json.loads(path.read_text(encoding="utf-8"))
    blank = {"undetermined": ""}  # of which version 0.1.0 does not tell
    rows = [blank | row | {"headline": name == "headlines"} for name in ("headlines", "others") for row in told[name]]
    frame = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys((*ENDS, "published"), float))
    return Version(told["version"], date.fromisoformat(told["date"]), frame)


def released(before: str = "") -> list[Version]:
    """Return the released versions, which `data/versions/` keeps, oldest first; those before a number if it is told."""
    known = [read(path) for path in (root() / "data" / "versions").glob("*.json")]
    earlier = [each for each in known if not before or order(each.number) < order(before)]
    return sorted(earlier, key=lambda version: order(version.number))


def order(number: str) -> tuple[int, ...]:
    """Return what sorts version numbers: `0.10.0` comes after `0.2.0`."""
    return tuple(int(part) for part in number.split("."))


def compare(old: Version, new: Version) -> pd.DataFrame:
    """Return what moved from one version to another, a row a claim, headlines first.

    A number has moved if it is printed differently, beyond the noise of machines. Columns: id, definition, unit,
    headline, change (the first that applies of `CHANGES`), and value, low, high and the verdicts, each `_before` and
    `_after`. Versions before 0.2.0 had one verdict of another meaning, which is not compared.
    """
    pair = old.results.merge(new.results, on="id", how="outer", suffixes=("_before", "_after"), sort=False)
    rows, new, gone = pair.to_dict("records"), pair["definition_before"].isna(), pair["definition_after"].isna()
    value, low, high = (np.array([_differs(row, name) for row in rows], dtype=bool) for name in ENDS)
    pairs = [(pair[f"{name}_before"], pair[f"{name}_after"]) for name in MEANINGS]
    judged = np.logical_or.reduce([then.notna() & (then != now) for then, now in pairs])
    pair["change"] = np.select([new, gone, judged, value, low | high], CHANGES, default="")
    for name in ("definition", "unit", "headline"):
        pair[name] = pair[f"{name}_after"].where(pair[f"{name}_after"].notna(), pair[f"{name}_before"])
    sides = [f"{name}_{side}" for name in (*ENDS, "undetermined", *MEANINGS) for side in ("before", "after")]
    moved = pair.loc[pair["change"] != "", ["id", "definition", "unit", "headline", "change", *sides]]
    moved = moved.assign(headline=moved["headline"].astype(bool), place=moved["change"].map(CHANGES.index))
    moved = moved.sort_values(["headline", "place", "id"], ascending=[False, True, True], ignore_index=True)
    return moved.drop(columns="place")


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
    told, reasons = why[why["version"] == version].to_dict("records"), []
    for row in moves.itertuples():
        of_change = (each for each in told if each["change"] in (row.change, "any"))
        reasons.append(next((each["reason"] for each in of_change if fnmatch.fnmatchcase(row.id, each["pattern"])), ""))
    return moves.assign(reason=reasons)


def moves() -> pd.DataFrame:
    """Return what moved from each version to the next, the present one last, with `version` and `reason`."""
    why, now = tables.read("reasons"), present()
    pairs = itertools.pairwise([*released(now.number), now])
    steps = [explained(compare(*pair), pair[1].number, why).assign(version=pair[1].number) for pair in pairs]
    return pd.concat(steps, ignore_index=True)


def tally(frame: pd.DataFrame, version: str) -> pd.DataFrame:
    """Return how many headlines and how many other claims changed in each way in one version."""
    chosen, counts = frame[frame["version"] == version], {}
    for name, headline in (("headlines", True), ("other claims", False)):
        changes = chosen.loc[chosen["headline"] == headline, "change"]
        counts[name] = changes.value_counts().reindex(CHANGES, fill_value=0)
    return pd.DataFrame(counts).rename_axis("what happened").reset_index()


def listed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return changes as lines to read: claim, before, after, change, why; a line of dashes if there are none."""
    lines = []
    for row in frame.to_dict("records"):
        said, change = f"{row['definition']} (`{row['id']}`)", f"{row['change']} in {row['version']}"
        lines.append((said, _side(row, "before"), _side(row, "after"), change, row["reason"] or MISSING))
    names = ["claim", "before", "after", "change", "why"]
    return pd.DataFrame(lines or [("none", *[MISSING] * 4)], columns=names)


def added(moves: pd.DataFrame) -> pd.DataFrame:
    """Return the headlines that are new as the ledger shows them; a line of dashes if there are none."""
    found = ledger()
    shown = ledger_view(found[found["id"].isin(moves.query("headline and change == 'new'")["id"])])
    return shown if len(shown) else pd.DataFrame([["none", *[MISSING] * 3]], columns=shown.columns)


def _side(row: Mapping[str, object], side: str) -> str:
    if (row["change"], side) in (("new", "before"), ("gone", "after")):
        return MISSING
    number = str(
        Estimate.of_row(row, tuple(f"{name}_{side}" for name in (*ENDS, "undetermined")), unit=str(row["unit"]))
    )
    verdicts = (row[f"{name}_{side}"] for name in MEANINGS) if row["change"] == "verdict changed" else ()
    return ", ".join([number, *filter(None, verdicts)])


def release() -> int:
    """Write the file of the present version, say where it lies, and return 0."""
    now = present()
    print(f"results of {now.number}: {label(write(now, root() / 'data' / 'versions' / f'{now.number}.json'))}")
    return 0


def print_changes() -> int:
    """Print what moved since the last version; return 1 if a headline moved without a reason."""
    now = present()
    then = released(now.number)[-1]
    frame = explained(compare(then, now), now.number, tables.read("reasons"))
    counts = ", ".join(f"{count} {change}" for change, count in frame["change"].value_counts().items())
    print(f"{then.number} to {now.number}: {counts or 'nothing moved'}")
    shown = frame.loc[frame["headline"], ["id", "change", "value_before", "value_after", "reason"]]
    print(shown.to_string(index=False, na_rep=""))
    unexplained = shown.loc[shown["reason"] == "", "id"].tolist()
    if unexplained:
        print(f"{len(unexplained)} headlines moved without a reason: {', '.join(unexplained)}", file=sys.stderr)
    return int(bool(unexplained))


if __name__ == "__main__":  # a file to write, and chapters: `tools/build_data.py` asks in a process with other tables
    write(present(frozenset(sys.argv[2:])), Path(sys.argv[1]))
