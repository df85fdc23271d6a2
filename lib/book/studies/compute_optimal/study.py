"""The gain of one algorithm over another at equal loss, for pairs with public runs, where both were measured.

The gain at a loss is the least compute of the reference over that of the new algorithm, each from its own runs by one
estimator; outside of the losses that both have reached it is missing.
"""

import functools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from algoprogress.frontiers import gain
from algoprogress.frontiers.estimators import Curve
from algoprogress.frontiers.frontier import LAWS
from algoprogress.frontiers.gain import GRID, SUPPORTED, Frontier
from algoprogress.show.estimate import Estimate
from book.studies.compute_optimal.pairs import Pair
from book.studies.compute_optimal.refit import frontier

ENDS = [GRID // 4, GRID - 1 - GRID // 4]  # early and late: a quarter and three quarters of the way
DRAWN = 2_001  # losses at which a frontier that knows size is drawn


@functools.cache
def frontiers(pair: Pair, estimator: str) -> tuple[Frontier, Frontier]:
    """Return both frontiers of a pair by an estimator, with the errors of their groups to be drawn."""
    options = {"floor": pair.floor, "window": pair.law_window if estimator in LAWS else pair.window}
    found = [frontier(each, estimator=estimator, draws=pair.draws, **options) for each in pair.runs]
    if estimator == "envelope":  # has no resamples
        return tuple(found)
    what = pair.resampled if found[0].draws.errors else pair.resampled.removeprefix("errors of ")
    return tuple(replace(each, draws=replace(each.draws, what=what)) for each in found)


@functools.cache
def curves(pair: Pair) -> tuple[Frontier, Frontier]:
    """Return both frontiers by the pair's main estimator; one that knows size is drawn as a curve."""
    two = frontiers(pair, pair.main)
    if pair.main not in ("isoflop", "law"):
        return two
    drawn = []
    for each, runs in zip(two, pair.runs, strict=True):
        reached = np.linspace(runs["loss_nats"].max(), runs["loss_nats"].min(), DRAWN)
        logs = np.log(gain.measured(each, reached))
        known = np.isfinite(logs)
        drawn.append(Curve(logs[known], reached[known]))
    return tuple(drawn)


@functools.cache
def losses(pair: Pair) -> np.ndarray:
    """Return the losses in nats over the range that both algorithms have reached, `GRID` of them."""
    return gain.grid(*curves(pair))


def gains(pair: Pair, at: Sequence[float], estimator: str = "") -> pd.DataFrame:
    """Return the gain of a pair at some losses by an estimator, the main one unless told: columns as of `gain.gains`.

    Missing outside of what both have reached; the interval also where fewer than half of the resamples reach the loss.
    """
    frame = gain.gains(*frontiers(pair, estimator or pair.main), at)
    few, unknown = frame["share"] < SUPPORTED, {"low": np.nan, "high": np.nan}
    cells = [replace(each, **unknown) if less else each for each, less in zip(frame["gain"], few, strict=True)]
    frame.loc[~frame["inside"], ["reference_flop", "new_flop"]] = np.nan
    return frame.assign(gain=cells)


@functools.cache
def over_range(pair: Pair, estimator: str = "") -> pd.DataFrame:
    """Return `gains` over the range that both have reached, from high loss to low."""
    return gains(pair, losses(pair), estimator)


def early_and_late(pair: Pair, estimator: str = "") -> list[Estimate]:
    """Return the gain a quarter and three quarters of the way along that range."""
    return list(over_range(pair, estimator)["gain"].iloc[ENDS])


def at_compute(pair: Pair, flop: float, estimator: str = "") -> Estimate:
    """Return the gain at the loss that the new algorithm reaches with a compute; missing if it was not measured."""
    loss = float(curves(pair)[1].loss(flop))
    return gains(pair, [loss], estimator)["gain"].iloc[0]


def mean_gain(pair: Pair) -> Estimate:
    """Return the geometric mean of the gain over the range that both have reached, by the main estimator."""
    return gain.mean_gain(*frontiers(pair, pair.main), losses(pair))


@functools.cache
def trend(pair: Pair, estimator: str = "") -> Estimate:
    """Return how ln gain grows with ln compute of the new algorithm (of all runs), by least squares over `losses`."""
    two = frontiers(pair, estimator or pair.main)
    logs, table = np.log(gain.measured(two[1], losses(pair))), gain.log_gains(*two, losses(pair))
    value = float(_slopes(logs, table[:, :1])[0])
    drawn = value + _slopes(logs, table[:, 1:] - table[:, :1])
    return gain.estimate(drawn, gain.fewest(*two), value=value, covers=gain.covers(*two))


def _slopes(logs: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return the slope of the line through what is known of each column, nan if that is less than half."""
    known = np.isfinite(table) & np.isfinite(logs)[:, None]
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore"):  # of which nothing is known
        centred = np.where(known, logs[:, None] - np.where(known, logs[:, None], 0.0).sum(axis=0) / count, 0.0)
        slopes = (centred * np.where(known, table, 0.0)).sum(axis=0) / (centred**2).sum(axis=0)
    return np.where(count > len(table) * SUPPORTED, slopes, np.nan)
