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
from algoprogress.show.estimate import Estimate

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
SIZES = f"95%, {DRAWS:,} resampled sizes"
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
PUBLISHED = CHOICES[0]


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


@functools.cache
def _all() -> pd.DataFrame:
    return tables.read("family_runs")


def points(family: str, choice: Choice) -> pd.DataFrame:
    """Return the checkpoints that a choice fits; end points alone if it says so."""
    found = of(family, choice.collection)
    return runs.end_points(found) if choice.ends else found


def law(family: str, choice: Choice = PUBLISHED) -> PowerLaw:
    """Return the power law of a family under a choice."""
    return runs.power_law(points(family, choice), floor=choice.floor, window=choice.window)


def printed(family: str) -> PowerLaw:
    """Return the law with the constants as printed, to three digits, and the range of its fitted points."""
    coefficient, exponent = PRINTED[family]
    return replace(law(family), coefficient=coefficient, exponent=exponent)


def draws(family: str, choice: Choice = PUBLISHED) -> np.ndarray:
    """Return coefficient, exponent and floor (draws x 3) of a family over resampled sizes."""
    return runs.resampled(
        points(family, choice),
        floor=choice.floor,
        window=choice.window,
        by="hidden_dim",
        draws=DRAWS,
        seed=FAMILIES.index(family) if family in FAMILIES else 9,
    )


def sizes(family: str, choice: Choice = PUBLISHED) -> int:
    """Return how many sizes have a point within the window of a choice."""
    return runs.in_window(points(family, choice), by="hidden_dim", window=choice.window)


def fewest_sizes(families: tuple[str, ...], choice: Choice = PUBLISHED) -> int:
    """Return how many sizes the one of some families has that has the fewest of them."""
    return min(sizes(family, choice) for family in families)


def over_sizes(drawn: np.ndarray, value: float, groups: int, *, more: str = "") -> Estimate:
    """Return a value with the 95% interval of its draws over resampled sizes, of which there are `groups`."""
    low, _, high = runs.interval(drawn, groups)
    return Estimate(float(value), low, high, f"{SIZES} ({groups}){more}")


def gain_over_sizes(drawn: np.ndarray, value: float, groups: int, *, more: str = "") -> Estimate:
    """Return a gain with the 95% interval of its draws over resampled sizes; percentiles are taken in logs."""
    with np.errstate(invalid="ignore"):
        return replace(over_sizes(np.log(drawn), np.log(value), groups, more=more).map(np.exp), value=float(value))


def coefficient(family: str, choice: Choice = PUBLISHED) -> Estimate:
    """Return the coefficient of a family's law with its 95% interval over resampled sizes."""
    return over_sizes(draws(family, choice)[:, 0], law(family, choice).coefficient, sizes(family, choice))


def exponent(family: str, choice: Choice = PUBLISHED) -> Estimate:
    """Return the exponent of a family's law with its 95% interval over resampled sizes."""
    return over_sizes(draws(family, choice)[:, 1], law(family, choice).exponent, sizes(family, choice))


def log_compute(laws: np.ndarray, loss_nats: float) -> np.ndarray:
    """Return ln compute in FLOP at which laws (draws x 3) reach a loss; nan at or below their floor."""
    with np.errstate(invalid="ignore", divide="ignore"):
        above = np.where(loss_nats > laws[:, 2], loss_nats - laws[:, 2], np.nan)
        return (np.log(above) - np.log(laws[:, 0])) / laws[:, 1]


def as_draw(found: PowerLaw) -> np.ndarray:
    """Return a law as one draw."""
    return np.array([[found.coefficient, found.exponent, found.floor]])


def inside(reference: str, new: str, loss_nats: float, choice: Choice = PUBLISHED) -> bool:
    """Return whether a loss lies within the fitted points of both laws."""
    laws = [law(name, choice) for name in (reference, new)]
    return all(np.isfinite(runs.compute_at(each, loss_nats)) for each in laws)


def gain_by_law(reference: str, new: str, loss_nats: float, choice: Choice = PUBLISHED) -> Estimate:
    """Return the gain by laws at a loss with its 95% interval over resampled sizes.

    What the interval covers says where the loss lies outside of the fitted points of a law.
    """
    point = [log_compute(as_draw(law(name, choice)), loss_nats)[0] for name in (reference, new)]
    drawn = log_compute(draws(reference, choice), loss_nats) - log_compute(draws(new, choice), loss_nats)
    more = "" if inside(reference, new, loss_nats, choice) else ", extrapolated past the points of a law"
    return gain_over_sizes(
        np.exp(drawn), np.exp(point[0] - point[1]), fewest_sizes((reference, new), choice), more=more
    )


def exponent_gap(reference: str, new: str, choice: Choice = PUBLISHED) -> Estimate:
    """Return by how much the new law's exponent is steeper, with its 95% interval over resampled sizes."""
    value = law(reference, choice).exponent - law(new, choice).exponent
    return over_sizes(_exponent_gaps(reference, new, choice), value, fewest_sizes((reference, new), choice))


def share_steeper(reference: str, new: str, choice: Choice = PUBLISHED) -> Estimate:
    """Return the share of resamples of sizes in which the new law is the steeper one."""
    value = np.nanmean(_exponent_gaps(reference, new, choice) > 0)
    return Estimate.exact(value, f"none: a share of {DRAWS:,} resampled sizes")


def _exponent_gaps(reference: str, new: str, choice: Choice) -> np.ndarray:
    return draws(reference, choice)[:, 1] - draws(new, choice)[:, 1]


@cached
def laws() -> pd.DataFrame:
    """Return the exponent of each family's law under each choice with the 95% interval over resampled sizes.

    Columns: choice, family, exponent, points, sizes. A choice that leaves too few points has no line.
    """
    rows = []
    for choice in CHOICES:
        for family in FAMILIES:
            try:
                found = law(family, choice)
            except RunsError:
                continue
            rows.append((choice.name, family, exponent(family, choice), found.points, sizes(family, choice)))
    return pd.DataFrame(rows, columns=["choice", "family", "exponent", "points", "sizes"])


@cached
def gaps() -> pd.DataFrame:
    """Return the gap of exponents of each pair under each choice: choice, reference, new, gap, share_steeper."""
    rows = []
    for choice in CHOICES:
        for pair in PAIRS:
            try:
                gap = exponent_gap(*pair, choice)
            except RunsError:
                continue
            rows.append((choice.name, *pair, gap, share_steeper(*pair, choice).value))
    return pd.DataFrame(rows, columns=["choice", "reference", "new", "gap", "share_steeper"])


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


def measured_gains(
    reference: str, new: str, losses: tuple[float, ...], collection: str = "published"
) -> list[Estimate]:
    """Return the gain at each loss by the least compute at which any checkpoint reached it, without any law.

    Intervals are 95% over resampled sizes.
    """
    pair, curves = _measured(reference, new, collection)
    drawn = _measured_draws(pair, losses)
    return [
        gain_over_sizes(drawn[:, place], runs.gain(*curves, loss), _fewest(pair)) for place, loss in enumerate(losses)
    ]


def _measured(reference: str, new: str, collection: str = "published") -> tuple[list[pd.DataFrame], list[runs.Curve]]:
    pair = [of(name, collection) for name in (reference, new)]
    return pair, [runs.envelope(each, window=WIDE) for each in pair]


def _measured_draws(pair: list[pd.DataFrame], losses: tuple[float, ...]) -> np.ndarray:
    return runs.resampled_gains(*pair, losses, estimator="envelope", window=WIDE, by="hidden_dim", draws=DRAWS)


def _fewest(pair: list[pd.DataFrame]) -> int:
    return min(each["hidden_dim"].nunique() for each in pair)


@cached
def gains_in_range(reference: str, new: str) -> pd.DataFrame:
    """Return the gain at each loss that both families have reached, without any law, with 95% intervals over sizes.

    Columns: loss_nats, gain, by the least compute at which any checkpoint reached the loss; law, that of the fitted
    laws; reference_flop and new_flop.
    """
    _, curves = _measured(reference, new)
    losses = tuple(runs.shared_losses(*curves))
    frame = pd.DataFrame({"loss_nats": losses, "gain": measured_gains(reference, new, losses)})
    at = [log_compute(as_draw(law(name)), frame["loss_nats"].to_numpy()) for name in (reference, new)]
    computes = {
        f"{which}_flop": [runs.compute_at(curve, loss) for loss in losses]
        for which, curve in zip(("reference", "new"), curves, strict=True)
    }
    return frame.assign(law=np.exp(at[0] - at[1]), **computes)


def trend(reference: str, new: str, between: tuple[float, float]) -> Estimate:
    """Return the power of the new family's compute by which the measured gain grows between two losses.

    Zero is a gain that does not depend on scale. The interval is 95% over resampled sizes; the compute is that of the
    full sample.
    """
    pair, curves = _measured(reference, new)
    step = np.log(runs.compute_at(curves[1], between[1]) / runs.compute_at(curves[1], between[0]))
    point = np.log(runs.gain(*curves, between[1]) / runs.gain(*curves, between[0])) / step
    drawn = np.log(_measured_draws(pair, between))
    return over_sizes((drawn[:, 1] - drawn[:, 0]) / step, point, _fewest(pair)).covering(SIZES)


@cached
def by_estimator(reference: str, new: str, losses: tuple[float, ...]) -> pd.DataFrame:
    """Return the gain at some losses by each estimator, 95% intervals over sizes; nan where there is no support.

    Laws are fitted to checkpoints from 1e15 FLOP, the others take all. Columns as of `runs.compared`.
    """
    pair = [of(name) for name in (reference, new)]
    return runs.compared(*pair, losses, window=WIDE, law_window=LEFT_TO, by="hidden_dim", draws=DRAWS)
