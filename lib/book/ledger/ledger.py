"""The ledger: every claim of the papers beside our number, with a verdict, and its export."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
from joblib.externals.loky import get_reusable_executor

from algoprogress.data import tables
from algoprogress.engine import cache
from algoprogress.engine.cache import cached
from algoprogress.show.estimate import Estimate
from book.studies.attribution import claims as attribution
from book.studies.bayes import claims as bayes
from book.studies.compute_optimal import claims as compute_optimal
from book.studies.identify import claims as identify
from book.studies.law import claims as law
from book.studies.out_of_sample import claims as out_of_sample
from book.studies.outlook import claims as outlook
from book.studies.registry import estimate, recomputed_by
from book.studies.robustness import claims as robustness
from book.studies.scaling import claims as scaling
from book.studies.selection import claims as selection
from book.studies.speedrun import claims as speedrun
from book.studies.strict import claims as strict

# The studies that yield their claims, in the order of the chapters.
STUDIES: tuple[str, ...] = ()
REGISTERED = (
    attribution,
    bayes,
    compute_optimal,
    identify,
    law,
    out_of_sample,
    outlook,
    robustness,
    scaling,
    selection,
    speedrun,
    strict,
)
REPRODUCED = "reproduced"
FRAGILE = "reproduced but fragile"
MISSED = "not reproduced"
UNTESTABLE = "cannot be tested with public data"
OURS = "ours, no published value"
VERDICTS = (REPRODUCED, FRAGILE, MISSED, UNTESTABLE, OURS)
FIELDS = [
    "id",
    "statement",
    "kind",
    "unit",
    "published",
    "published_low",
    "published_high",
    "estimate",
    "low",
    "high",
    "interval",
    "verdict",
    "tolerance",
    "chapter",
    "source",
]
DIGITS = 12  # of the exported numbers, past which rounding differs between machines


@functools.cache
def ledger() -> pd.DataFrame:
    """Return `data/claims.csv` with our estimate, interval and verdict for each claim.

    The verdict follows from the numbers: not reproduced outside the tolerance; fragile if the claim is met but the
    check that the row names (say, the converged fit) lies outside its own tolerance.
    """
    frame = tables.read("claims")
    known = estimates(tuple(frame["id"]))
    known = {id: known[id] for id in frame["id"]}
    ours = list(known.values())
    frame = frame.assign(
        estimate=[each.value for each in ours],
        low=[each.low for each in ours],
        high=[each.high for each in ours],
        interval=[each.covers for each in ours],
    )
    return frame.assign(verdict=[verdict(row, known[row["id"]], known) for _, row in frame.iterrows()])


def estimates(ids: tuple[str, ...]) -> dict[str, Estimate]:
    """Return our estimate for each id, study by study, each in a process of its own and kept on disk.

    Raises KeyError if the studies yield an id that is not among these, or one of these twice or not at all.
    """
    known: dict[str, Estimate] = {}
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        parts = [pool.submit(of_study, name) for name in STUDIES]
        for part in parts:
            found = part.result()
            if twice := known.keys() & found.keys():
                raise KeyError(f"claims that two studies yield: {', '.join(sorted(twice))}")
            known |= found
        groups: dict[str, list[str]] = {}
        for id in ids:
            if id not in known:
                groups.setdefault(recomputed_by(id).__module__, []).append(id)
        for found in pool.map(_registered, sorted(groups.values(), key=len, reverse=True)):
            known |= found
    if other := known.keys() ^ set(ids):
        raise KeyError(f"claims that stand in data/claims.csv or in a study only: {', '.join(sorted(other))}")
    return known


def of_study(name: str) -> dict[str, Estimate]:
    """Return the estimates that a study yields by id, kept on disk by what they are made of."""
    module = f"book.studies.{name}.claims"
    place = cache.entry(_yielded, (module,), {}, behind=module)
    found, value = place.load()
    if not found:
        value = _yielded(module)
        place.save(value)
    return value


def _yielded(module: str) -> dict[str, Estimate]:
    found: dict[str, Estimate] = {}
    for id, estimated in import_module(module).claims():
        if id in found:
            raise KeyError(f"{module} yields {id} twice")
        found[id] = estimated
    # Idle workers live on for minutes, and this process would wait for them before it ends.
    get_reusable_executor().shutdown(wait=True, kill_workers=True)
    return found


@cached
def _registered(ids: list[str]) -> dict[str, Estimate]:
    found = {id: estimate(id) for id in ids}
    get_reusable_executor().shutdown(wait=True, kill_workers=True)
    return found


def verdict(row: pd.Series, ours: Estimate, known: Mapping[str, Estimate] | None = None) -> str:
    """Return the verdict on one claim, from its published values, tolerance and check.

    `known` holds the estimates of other claims by id; a check that it lacks is recomputed.
    """
    if np.isnan(ours.value):
        return UNTESTABLE
    if np.isnan(row["published"]):
        return OURS
    pairs = [(row["published"], ours.value)]
    if row["kind"] == "interval":
        pairs = [(row["published_low"], ours.low), (row["published_high"], ours.high)]
    if any(abs(stated - found) > row["tolerance"] for stated, found in pairs):
        return MISSED
    if row["check_against"]:
        other = row["check_against"]
        check = (known[other] if known and other in known else estimate(other)).value
        if abs(check - ours.value) > row["check_tolerance"]:
            return FRAGILE
    return REPRODUCED


def surprises(frame: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the claims whose verdict is not the one that `data/claims.csv` expects (none, if all is well)."""
    frame = ledger() if frame is None else frame
    return frame[frame["verdict"] != frame["expected_verdict"]]


def stated(prefix: str, suffix: str) -> pd.Series:
    """Return the published values of the ids `prefix.<name>.suffix` by name, e.g. the coefficients of a model."""
    found = tables.read("claims").set_index("id")["published"]
    chosen = found[found.index.str.startswith(f"{prefix}.") & found.index.str.endswith(f".{suffix}")]
    return chosen.rename(lambda id: id.removeprefix(f"{prefix}.").removesuffix(f".{suffix}"))


def counts() -> pd.DataFrame:
    """Return how many claims of each kind got each verdict: kind, verdict, claims."""
    return ledger().groupby(["kind", "verdict"], sort=False).size().rename("claims").reset_index()


def export(folder: Path | str) -> None:
    """Write claims.json and claims.csv, the ledger with the fields of `FIELDS`, into a folder."""
    folder = Path(folder)
    frame = ledger()[FIELDS]
    records = [{key: _plain(value) for key, value in row.items()} for row in frame.to_dict("records")]
    text = json.dumps(records, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / "claims.json").write_text(text + "\n", encoding="utf-8")
    frame.to_csv(folder / "claims.csv", index=False, float_format=f"%.{DIGITS}g", lineterminator="\n")


def _plain(value: object) -> object:
    """Return a value for JSON: rounded, missing as null, infinity as text."""
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            return None
        return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else "infinity"
    return value.item() if isinstance(value, np.generic) else value
