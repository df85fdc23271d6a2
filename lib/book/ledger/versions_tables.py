"""What moved between versions, as tables to read."""

from __future__ import annotations

import pandas as pd

from algoprogress.show.words import MISSING
from book.ledger import versions
from book.ledger.versions import CHANGES, Version

NOTHING = "none"


def moves() -> pd.DataFrame:
    """Return what moved from each version to the next, the present one last, with `version` and `reason`."""
    why, now = versions.reasons(), versions.present()
    known = [each for each in versions.released() if versions.order(each.number) < versions.order(now.number)]
    steps = [_step(old, new, why) for old, new in zip(known, [*known[1:], now], strict=True)]
    return pd.concat(steps, ignore_index=True)


def _step(old: Version, new: Version, why: pd.DataFrame) -> pd.DataFrame:
    """Return what moved in one step, with the number of the newer version and the reasons."""
    return versions.explained(versions.compare(old, new), new.number, why).assign(version=new.number)


def tally(frame: pd.DataFrame, version: str) -> pd.DataFrame:
    """Return how many headlines and how many other claims changed in each way in one version."""
    chosen = frame[frame["version"] == version]
    counts = {
        name: chosen.loc[chosen["headline"] == kind, "change"].value_counts().reindex(CHANGES, fill_value=0)
        for name, kind in (("headlines", True), ("other claims", False))
    }
    return pd.DataFrame(counts).rename_axis("what happened").reset_index()


def headlines(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the headlines that changed: claim, before, after, change, why; a line of dashes if none did."""
    return _listed(frame[frame["headline"]])


def others(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the other claims that were there before and changed, as `headlines` does; new ones are only counted."""
    return _listed(frame[~frame["headline"] & (frame["change"] != "new")])


def _listed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return changes as lines to read."""
    sides = {side: [_side(row, side) for row in frame.to_dict("records")] for side in ("before", "after")}
    found = pd.DataFrame(
        {
            "claim": [f"{row['definition']} (`{row['id']}`)" for row in frame.to_dict("records")],
            **sides,
            "change": [f"{row['change']} in {row['version']}" for row in frame.to_dict("records")],
            "why": frame["reason"].replace("", MISSING),
        }
    )
    empty = pd.DataFrame([[NOTHING, *[MISSING] * (len(found.columns) - 1)]], columns=found.columns)
    return found if len(found) else empty


def _side(row: dict[str, object], side: str) -> str:
    """Return value, interval and verdict on one side of a change."""
    verdict = row[f"verdict_{side}"]
    if pd.isna(verdict):
        return MISSING
    number = versions.said(*(row[f"{name}_{side}"] for name in ("value", "low", "high")), str(row["unit"]))
    return f"{number}, {verdict}" if row["change"] == "verdict changed" else number
