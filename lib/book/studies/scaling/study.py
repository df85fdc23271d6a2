"""The scaling laws of LSTMs and transformers by their runs, and what the gain of one over another hangs on.

Gundlach et al. 2025 fit one power law a family, L = 1.9 + A C^alpha, to the checkpoints of all sizes that none
dominates; here sizes are resampled, and window, floor, kind of points and collection of runs are varied.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.engine.cache import cached
from algoprogress.frontiers import runs
from algoprogress.frontiers.runs import FLOOR, WINDOW, PowerLaw, RunsError

FAMILIES = ("lstm", "retro", "modern")
NAMES = {
    "lstm": "LSTM",
    "lstm2": "LSTM, two layers",
    "retro": "transformer of 2017",
    "modern": "transformer of today",
    "modern25": "transformer of today",
    "sgd": "the same by SGD",
}
PRINTED = {"lstm": (36.3, -0.065), "retro": (81.7, -0.091), "modern": (88.0, -0.094)}  # coefficient, exponent
PAIRS = (("lstm", "modern"), ("retro", "modern"), ("lstm", "retro"))
ABLATION_LOSS, LOW_LOSS = 5.277, 4.40  # nats per token, at which the paper quotes gains
DRAWS = 2_000
WIDE = (1e13, 5e17)  # FLOP: all checkpoints past the first steps
LEFT_TO = (1e15, 5e17)


@dataclass(frozen=True)
class Choice:
    """One way to get a family's law: from which runs, in which window, with which floor, from which points."""

    name: str
    collection: str = "published"
    window: tuple[float, float] = WINDOW
    floor: float | None = FLOOR
    ends: bool = False


CHOICES = (
    Choice("as published"),
    Choice("window from 1e15", window=LEFT_TO),
    Choice("window from 3e15", window=(3e15, 5e17)),
    Choice("window to 5e16", window=(1e16, 5e16)),
    Choice("end points, all sizes", window=WIDE, ends=True),
    Choice("floor 1.69", floor=1.69),
    Choice("floor 1.8", floor=1.8),
    Choice("floor 2.5", floor=2.5),
    Choice("floor fitted", floor=None),
    Choice("snapshot", collection="snapshot"),
    Choice("reruns", collection="reruns"),
    Choice("reruns, from 1e15", collection="reruns", window=LEFT_TO),
)


def named(name: str) -> Choice:
    """Return the choice of a name in `CHOICES`; raise KeyError for an unknown one."""
    return {choice.name: choice for choice in CHOICES}[name]


def of(family: str, collection: str = "published") -> pd.DataFrame:
    """Return the checkpoints of a family in one collection; the snapshot's modern transformer is `modern25`."""
    frame = _all()
    name = "modern25" if (family, collection) == ("modern", "snapshot") else family
    return frame[(frame["collection"] == collection) & (frame["family"] == name)].reset_index(drop=True)


def runs_in(collection: str) -> int:
    """Return how many runs of the three families a collection has."""
    return sum(of(family, collection)["run"].nunique() for family in FAMILIES)


def run_of_size(family: str, hidden_dim: int) -> pd.DataFrame:
    """Return the snapshot's run of one width of a family."""
    found = of(family, "snapshot")
    return found[found["hidden_dim"] == hidden_dim]


@functools.cache
def _all() -> pd.DataFrame:
    return tables.read("family_runs")


def points(family: str, choice: Choice) -> pd.DataFrame:
    """Return the checkpoints that a choice fits; end points alone if it says so."""
    found = of(family, choice.collection)
    return runs.end_points(found) if choice.ends else found


def law(family: str, choice: Choice = CHOICES[0]) -> PowerLaw:
    """Return the power law of a family under a choice."""
    return runs.power_law(points(family, choice), floor=choice.floor, window=choice.window)


def printed(family: str) -> PowerLaw:
    """Return the law with the constants as printed, to three digits, and the range of its fitted points."""
    coefficient, exponent = PRINTED[family]
    return replace(law(family), coefficient=coefficient, exponent=exponent)


def draws(family: str, choice: Choice = CHOICES[0]) -> np.ndarray:
    """Return coefficient, exponent and floor (draws x 3) of a family over resampled sizes."""
    return runs.resampled(
        points(family, choice),
        floor=choice.floor,
        window=choice.window,
        by="hidden_dim",
        draws=DRAWS,
        seed=FAMILIES.index(family) if family in FAMILIES else 9,
    )


def sizes(family: str, choice: Choice = CHOICES[0]) -> int:
    """Return how many sizes have a point within the window of a choice."""
    return runs.in_window(points(family, choice), by="hidden_dim", window=choice.window)


def log_compute(laws: np.ndarray, loss_nats: float) -> np.ndarray:
    """Return ln compute in FLOP at which laws (draws x 3) reach a loss; nan at or below their floor."""
    with np.errstate(invalid="ignore", divide="ignore"):
        above = np.where(loss_nats > laws[:, 2], loss_nats - laws[:, 2], np.nan)
        return (np.log(above) - np.log(laws[:, 0])) / laws[:, 1]


def as_draw(found: PowerLaw) -> np.ndarray:
    """Return a law as one draw."""
    return np.array([[found.coefficient, found.exponent, found.floor]])


def gain_by_law(reference: str, new: str, loss_nats: float, choice: Choice = CHOICES[0]) -> dict[str, float]:
    """Return the gain by laws at a loss with its 95% interval over resampled sizes, and whether it is inside.

    Inside means that the loss lies within the fitted points of both laws. Keys: gain, low, median, high, inside.
    """
    laws = {name: law(name, choice) for name in (reference, new)}
    computes = [log_compute(as_draw(laws[name]), loss_nats)[0] for name in (reference, new)]
    resampled = log_compute(draws(reference, choice), loss_nats) - log_compute(draws(new, choice), loss_nats)
    fewest = min(sizes(reference, choice), sizes(new, choice))
    low, median, high = np.exp(runs.interval(resampled, fewest))
    inside = all(
        lo <= np.exp(at) <= hi
        for at, (lo, hi) in zip(computes, (laws[name].support_flop for name in (reference, new)), strict=True)
    )
    return {
        "gain": float(np.exp(computes[0] - computes[1])),
        "low": low,
        "median": median,
        "high": high,
        "inside": inside,
    }


def exponent_gap(reference: str, new: str, choice: Choice = CHOICES[0]) -> dict[str, float]:
    """Return by how much the new law's exponent is steeper, with its 95% interval over resampled sizes.

    Keys: gap, low, median, high, share (of resamples in which the new law is the steeper one).
    """
    gaps = draws(reference, choice)[:, 1] - draws(new, choice)[:, 1]
    low, median, high = runs.interval(gaps, min(sizes(reference, choice), sizes(new, choice)))
    point = law(reference, choice).exponent - law(new, choice).exponent
    return {"gap": point, "low": low, "median": median, "high": high, "share": float(np.nanmean(gaps > 0))}


@cached
def laws() -> pd.DataFrame:
    """Return the law of each family under each choice with the 95% interval of its exponent over resampled sizes.

    Columns: choice, family, coefficient, exponent, floor, low, high, points, sizes, support_low_flop,
    support_high_flop, r_squared. A choice that leaves too few points has no line.
    """
    rows = []
    for choice in CHOICES:
        for family in FAMILIES:
            try:
                found = law(family, choice)
            except RunsError:
                continue
            low, _, high = runs.interval(draws(family, choice)[:, 1], sizes(family, choice))
            rows.append(
                (
                    choice.name,
                    family,
                    found.coefficient,
                    found.exponent,
                    found.floor,
                    low,
                    high,
                    found.points,
                    sizes(family, choice),
                    *found.support_flop,
                    found.r_squared,
                )
            )
    return pd.DataFrame(
        rows,
        columns=[
            "choice",
            "family",
            "coefficient",
            "exponent",
            "floor",
            "low",
            "high",
            "points",
            "sizes",
            "support_low_flop",
            "support_high_flop",
            "r_squared",
        ],
    )


@cached
def gaps() -> pd.DataFrame:
    """Return the gap of exponents of each pair under each choice: choice, reference, new, gap, low, high, share."""
    known = laws().groupby("choice")["family"].agg(set)
    rows = [
        {"choice": choice.name, "reference": pair[0], "new": pair[1], **exponent_gap(*pair, choice)}
        for choice in CHOICES
        for pair in PAIRS
        if set(pair) <= known[choice.name]
    ]
    return pd.DataFrame(rows)


@cached
def left_out() -> pd.DataFrame:
    """Return the law of each family without each of its sizes: family, hidden_dim, coefficient, exponent."""
    rows = []
    for family in FAMILIES:
        found = of(family)
        for size in sorted(runs.within(found)["hidden_dim"].unique()):
            without = runs.power_law(found[found["hidden_dim"] != size])
            rows.append((family, int(size), without.coefficient, without.exponent))
    return pd.DataFrame(rows, columns=["family", "hidden_dim", "coefficient", "exponent"])


@cached
def gains_in_range(reference: str, new: str, *, collection: str = "published", count: int = 25) -> pd.DataFrame:
    """Return the gain at each loss that both families have reached, without any law, with 95% intervals over sizes.

    Columns: loss_nats, gain, low, high, by the least compute at which any checkpoint reached the loss; law, that of
    the fitted laws; reference_flop and new_flop.
    """
    pair = [of(name, collection) for name in (reference, new)]
    curves = [runs.envelope(each, window=WIDE) for each in pair]
    losses = runs.shared_losses(*curves, count)
    drawn = runs.resampled_gains(*pair, tuple(losses), estimator="envelope", window=WIDE, by="hidden_dim", draws=DRAWS)
    fewest = min(each["hidden_dim"].nunique() for each in pair)
    choice = Choice("", collection=collection)
    rows = []
    for place, loss in enumerate(losses):
        low, _, high = np.exp(runs.interval(np.log(drawn[:, place]), fewest))
        at = [runs.compute_at(curve, loss) for curve in curves]
        fitted = log_compute(as_draw(law(reference, choice)), loss) - log_compute(as_draw(law(new, choice)), loss)
        rows.append((loss, at[0] / at[1], low, high, float(np.exp(fitted[0])), *at))
    return pd.DataFrame(rows, columns=["loss_nats", "gain", "low", "high", "law", "reference_flop", "new_flop"])


def trend(
    reference: str,
    new: str,
    *,
    between: tuple[float, float],
    estimator: str = "envelope",
    collection: str = "published",
) -> dict[str, float]:
    """Return how the ln gain grows with ln compute of the new family between two losses, over resampled sizes.

    Keys: slope, low, high; zero is a gain that does not depend on scale. The compute is that of the full sample.
    """
    pair = [of(name, collection) for name in (reference, new)]
    curves = [runs.frontier(each, estimator=estimator, window=WIDE) for each in pair]
    drawn = np.log(runs.resampled_gains(*pair, between, estimator=estimator, window=WIDE, by="hidden_dim", draws=DRAWS))
    step = np.log(runs.compute_at(curves[1], between[1]) / runs.compute_at(curves[1], between[0]))
    point = np.log(runs.gain(*curves, between[1]) / runs.gain(*curves, between[0])) / step
    low, _, high = runs.interval((drawn[:, 1] - drawn[:, 0]) / step, min(each["hidden_dim"].nunique() for each in pair))
    return {"slope": float(point), "low": low, "high": high}


@cached
def by_estimator(reference: str, new: str, losses: tuple[float, ...], *, collection: str = "published") -> pd.DataFrame:
    """Return the gain at some losses by each estimator, 95% intervals over sizes; nan where there is no support.

    Laws are fitted to checkpoints from 1e15 FLOP, the others take all. Columns as of `runs.compared`.
    """
    pair = [of(name, collection) for name in (reference, new)]
    return runs.compared(*pair, losses, window=WIDE, law_window=LEFT_TO, by="hidden_dim", draws=DRAWS)
