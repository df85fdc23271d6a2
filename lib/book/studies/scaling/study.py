"""The scaling laws of LSTMs and transformers by their runs, and what the gain of one over another hangs on.

Gundlach et al. 2025 fit one power law a family, L = 1.9 + A C^alpha, to the checkpoints of all sizes that none
dominates; here sizes are resampled, and window, floor, kind of points and collection of runs are varied.
"""

import functools
import itertools
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.engine.cache import cached
from algoprogress.frontiers import frontier as frontiers
from algoprogress.frontiers import gain as gains
from algoprogress.frontiers import runs
from algoprogress.frontiers.estimators import FLOOR, PowerLaw, power_law
from algoprogress.frontiers.runs import WINDOW, RunsError
from algoprogress.show.estimate import Estimate

FAMILIES = ("lstm", "retro", "modern")
NAMES = {
    "lstm": "LSTM", "lstm2": "LSTM, two layers", "retro": "transformer of 2017", "modern": "transformer of today",
    "modern25": "transformer of today", "sgd": "the same by SGD",
}  # fmt: skip
PRINTED = {"lstm": (36.3, -0.065), "retro": (81.7, -0.091), "modern": (88.0, -0.094)}  # coefficient, exponent
PAIRS = (("lstm", "modern"), ("retro", "modern"), ("lstm", "retro"))
ABLATION_LOSS, LOW_LOSS = 5.277, 4.40  # nats per token, at which the paper quotes gains
DRAWS = 20_000  # so many, as few sizes widen an interval into its tails
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
    Choice("window from 1e15", window=LEFT_TO), Choice("window from 3e15", window=(3e15, 5e17)),
    Choice("window to 5e16", window=(1e16, 5e16)), Choice("end points, all sizes", window=WIDE, ends=True),
    Choice("floor 1.69", floor=1.69), Choice("floor 1.8", floor=1.8),
    Choice("floor 2.5", floor=2.5), Choice("floor fitted", floor=None),
    Choice("snapshot", collection="snapshot"), Choice("reruns", collection="reruns"),
    Choice("reruns, from 1e15", collection="reruns", window=LEFT_TO),
)  # fmt: skip
PUBLISHED = CHOICES[0]
ENDINGS = {  # of ids of claims, by the name of the choice behind them
    "": "as published", ".reruns": "reruns", ".reruns15": "reruns, from 1e15", ".window15": "window from 1e15",
    ".snapshot": "snapshot", ".ends": "end points, all sizes",
}  # fmt: skip
ESTIMATORS = ("smooth", "power law", "floor", "envelope", "isoflop")
_checkpoints = functools.cache(lambda: tables.read("family_runs"))  # read once


def named(name: str) -> Choice:
    """Return the choice of a name in `CHOICES`; raise KeyError for an unknown one."""
    return {choice.name: choice for choice in CHOICES}[name]


def of(family: str, collection: str = "published") -> pd.DataFrame:
    """Return the checkpoints of a family in one collection; the snapshot's modern transformer is `modern25`."""
    frame = _checkpoints()
    name = "modern25" if (family, collection) == ("modern", "snapshot") else family
    return frame[(frame["collection"] == collection) & (frame["family"] == name)].reset_index(drop=True)


def published_runs() -> int:
    """Return how many runs of all families are published."""
    return sum(of(family)["run"].nunique() for family in FAMILIES)


@functools.cache
def law(family: str, choice: Choice = PUBLISHED, *, draws: int = DRAWS) -> PowerLaw:
    """Return the power law of a family under a choice, to be resampled by sizes; RunsError if it has too few points."""
    found = of(family, choice.collection)
    kind = {"estimator": "floor"} if choice.floor is None else {"estimator": "power law", "floor": choice.floor}
    seed = FAMILIES.index(family) if family in FAMILIES else 9
    options = {"window": choice.window, "by": "hidden_dim", "draws": draws, "seed": seed}
    return frontiers.frontier(runs.end_points(found) if choice.ends else found, **kind, **options)


def printed(family: str) -> PowerLaw:
    """Return the law with the constants as printed, to three digits, and the range of its fitted points."""
    coefficient, exponent = PRINTED[family]
    return replace(law(family), coefficient=coefficient, exponent=exponent, draws=None)


def over_sizes(drawn: np.ndarray, value: float, groups: int, *, more: str = "") -> Estimate:
    """Return a value with the 95% interval of its draws over resampled sizes, of which there are `groups`."""
    return gains.estimate(drawn, groups, value=value, covers=f"{SIZES} ({groups}){more}")


def constant(family: str, name: str, choice: Choice = PUBLISHED) -> Estimate:
    """Return "coefficient" or "exponent" of a family's law with its 95% interval over resampled sizes."""
    found = law(family, choice)
    return over_sizes(getattr(found.draws.of(0), name), getattr(found, name), found.draws.groups)


def inside(reference: str, new: str, loss_nats: float, choice: Choice = PUBLISHED) -> bool:
    """Return whether a loss lies within the fitted points of both laws."""
    return all(np.isfinite(gains.measured(law(name, choice), loss_nats)) for name in (reference, new))


def gain_by_law(reference: str, new: str, loss_nats: float, choice: Choice = PUBLISHED) -> Estimate:
    """Return the gain by laws at a loss with its 95% interval over resampled sizes, which says if it extrapolates."""
    pair = [law(name, choice) for name in (reference, new)]
    more = "" if inside(reference, new, loss_nats, choice) else ", extrapolated past the points of a law"
    found = gains.gain(*pair, loss_nats=loss_nats, extrapolate=True)
    return found.covering(f"{SIZES} ({gains.fewest(*pair)}){more}")


def exponent_gap(reference: str, new: str, choice: Choice = PUBLISHED) -> tuple[Estimate, Estimate]:
    """Return the gap of exponents, with its 95% interval, and the share of resampled sizes where the new is steeper."""
    pair = [law(name, choice) for name in (reference, new)]
    old, young = gains.resamples(*pair)
    drawn = old.exponent - young.exponent
    share = Estimate.exact(np.nanmean(drawn > 0), f"none: a share of {DRAWS:,} resampled sizes")
    return over_sizes(drawn, pair[0].exponent - pair[1].exponent, gains.fewest(*pair)), share


@cached
def laws() -> pd.DataFrame:
    """Return each family's law by choice, where it has points enough: choice, family, exponent, points, sizes."""
    rows = []
    for choice, family in itertools.product(CHOICES, FAMILIES):
        with suppress(RunsError):
            found, exponent = law(family, choice), constant(family, "exponent", choice)
            rows.append((choice.name, family, exponent, found.points, found.draws.groups))
    return pd.DataFrame(rows, columns=["choice", "family", "exponent", "points", "sizes"])


@cached
def gaps() -> pd.DataFrame:
    """Return `exponent_gap` of each pair under each choice: choice, reference, new, gap, share_steeper."""
    rows = []
    for choice, pair in itertools.product(CHOICES, PAIRS):
        with suppress(RunsError):
            gap, share = exponent_gap(*pair, choice)
            rows.append((choice.name, *pair, gap, share.value))
    return pd.DataFrame(rows, columns=["choice", "reference", "new", "gap", "share_steeper"])


@cached
def without_each_size() -> pd.DataFrame:
    """Return the law of each family without each of its sizes: family, hidden_dim, law."""
    rows = []
    for family in FAMILIES:
        found = runs.within(of(family), WINDOW)
        for size in sorted(found["hidden_dim"].unique()):
            rows.append((family, int(size), power_law(found[found["hidden_dim"] != size])))
    return pd.DataFrame(rows, columns=["family", "hidden_dim", "law"])


def least_losses(family: str, collection: str = "published") -> gains.Frontier:
    """Return the smooth curve that touches a family's runs, a frontier without a law; errors of sizes are drawn."""
    found = frontiers.frontier(of(family, collection), window=WIDE, by="hidden_dim", draws=DRAWS)
    return replace(found, draws=replace(found.draws, what="errors of sizes"))


def measured_gains(reference: str, new: str, losses: tuple[float, ...], collection: str = "published") -> pd.DataFrame:
    """Return `gains.gains` at losses by the runs, without a law; intervals over errors of sizes."""
    return gains.gains(*(least_losses(name, collection) for name in (reference, new)), losses)


@cached
def gains_in_range(reference: str, new: str) -> pd.DataFrame:
    """Return `measured_gains` at losses that both families have reached, and the gain by the fitted laws: law."""
    losses = gains.shared_losses(*(least_losses(name) for name in (reference, new)))
    by_law = law(reference).compute(losses) / law(new).compute(losses)
    return measured_gains(reference, new, tuple(losses)).assign(law=by_law)


def trend(reference: str, new: str, between: tuple[float, float]) -> Estimate:
    """Return the power of the new family's compute by which the gain grows between losses, 95% over errors of sizes."""
    pair = [least_losses(name) for name in (reference, new)]
    step = np.diff(np.log(pair[1].compute(between)))[0]
    slopes = np.diff(gains.log_gains(*pair, between), axis=0)[0] / step
    return gains.estimate(slopes[1:], None, value=slopes[0], covers=gains.covers(*pair))


@cached
def by_estimator(reference: str, new: str, losses: tuple[float, ...]) -> pd.DataFrame:
    """Return `frontier.by_estimator` for each, with 95% intervals over sizes; laws take checkpoints from 1e15 FLOP."""
    pair, parts = [of(name) for name in (reference, new)], []
    for each in ESTIMATORS:
        options = {"window": LEFT_TO if each in frontiers.LAWS else WIDE, "by": "hidden_dim"}
        options["draws"] = frontiers.DRAWS if each == "isoflop" else DRAWS  # whose curves come one by one
        parts.append(frontiers.by_estimator(*pair, losses, estimators=(each,), **options))
    return pd.concat(parts, ignore_index=True)
