"""The compute-equivalent gain of one algorithm over another: a ratio of the computes of two frontiers at equal loss.

A frontier tells the least loss of a training compute and back: a power law, a curve through runs, IsoFLOP minima,
a law in size and tokens. The interval of a gain is over resamples of both frontiers, drawn independently.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtr, stdtrit

from algoprogress.show.estimate import LEVEL, Estimate

NEAR = 1e-9  # relative, within which a compute counts as the end of a support
GRID = 13  # losses over a shared range, evenly spaced in ln compute of the new algorithm
SUPPORTED = 0.5  # share of the losses of a range, or of resamples, that must have a gain
ALONE = "none: no resamples of either frontier"


class Frontier(Protocol):
    """The least loss by training compute of one algorithm, measured within `support_flop` (FLOP).

    `draws` tells how to resample it, if at all. Constants may be arrays, and answers then end in an axis of resamples.
    """

    support_flop: tuple[ArrayLike, ArrayLike]
    draws: Resampling | None

    def loss(self, compute_flop: ArrayLike) -> np.ndarray:
        """Return the least loss in nats per token that some training compute reaches; nan where nothing is known."""

    def compute(self, loss_nats: ArrayLike) -> np.ndarray:
        """Return the least training compute in FLOP that reaches a loss; nan where none does or nothing is known."""


@dataclass(frozen=True)
class Resampling:
    """How a frontier is resampled: `of(stream)` returns it with an element a resample, independent of other streams.

    `groups` is how many groups (runs, sizes) are resampled, None for many; few make an interval wider, unless what is
    drawn are `errors`, which are Student's already.
    """

    of: Callable[[int], Frontier]
    count: int
    what: str = "runs"
    groups: int | None = None
    errors: bool = False


def tail(groups: int | None = None) -> float:
    """Return the share of draws below the low end of a 95% interval, for so many resampled groups.

    Percentiles of resamples of few groups are too narrow; this widens them to what Student's t with one degree of
    freedom less than groups asks for (Hesterberg 2015, expanded percentiles).

    >>> round(tail(), 4), tail(5) < tail()
    (0.025, True)
    """
    if groups is None:
        return (1.0 - LEVEL) / 2.0
    return float(ndtr(np.sqrt(groups / (groups - 1)) * stdtrit(groups - 1, 0.5 - LEVEL / 2.0)))


def estimate(
    draws: ArrayLike, groups: int | None, *, value: float | None = None, covers: str = "", unit: str = ""
) -> Estimate:
    """Return the 95% interval of draws over so many resampled groups (see `tail`), around a value or their median.

    Draws of nan are left out. Without draws, or with fewer than two groups, there is no interval.

    >>> rng = np.random.default_rng(0)
    >>> estimate(rng.normal(5.0, size=100_000), 1_000).text(".1f")
    '5.0 [3.0, 7.0]'
    """
    if groups is not None and groups < 2:
        return Estimate(np.nan if value is None else float(value), covers=covers, unit=unit)
    return Estimate.from_draws(draws, value=value, covers=covers, unit=unit, level=1.0 - 2.0 * tail(groups))


def supported(frontier: Frontier, compute_flop: ArrayLike) -> np.ndarray:
    """Return whether a frontier was measured at a training compute, a rounding error of its ends included."""
    low, high = (np.asarray(end) for end in frontier.support_flop)
    compute = np.asarray(compute_flop, float)
    return (compute >= low * (1.0 - NEAR)) & (compute <= high * (1.0 + NEAR))


def measured(frontier: Frontier, loss_nats: ArrayLike) -> np.ndarray:
    """Return the least training compute in FLOP of a loss; nan outside of the range in which it was measured."""
    compute = np.asarray(frontier.compute(loss_nats))
    return np.where(supported(frontier, compute), compute, np.nan)


def shared_losses(reference: Frontier, new: Frontier, count: int = 25) -> np.ndarray:
    """Return losses in nats from the largest to the least at which both were measured; empty if there is none."""
    ends = [[float(each.loss(flop)) for flop in each.support_flop] for each in (reference, new)]
    high, low = min(each[0] for each in ends), max(each[1] for each in ends)
    return np.linspace(high, low, count) if high > low else np.array([])


def grid(reference: Frontier, new: Frontier, count: int = GRID) -> np.ndarray:
    """Return losses over the range where both were measured, evenly spaced in ln compute of the new algorithm."""
    ends = shared_losses(reference, new, 2)
    if not len(ends):
        return ends
    inner = np.exp(np.linspace(*np.log(new.compute(ends)), count))[1:-1]
    return np.array([ends[0], *(float(new.loss(flop)) for flop in inner), ends[1]])


def resamples(reference: Frontier, new: Frontier) -> tuple[Frontier, Frontier]:
    """Return both with an element a resample, drawn independently; one that cannot be resampled stays as it is."""
    return tuple(each if each.draws is None else each.draws.of(stream) for stream, each in enumerate((reference, new)))


def fewest(*frontiers: Frontier) -> int | None:
    """Return how many groups are resampled of the frontier that has the fewest; None for many, errors, or no draws."""
    drawn = [each.draws for each in frontiers if each.draws is not None and not each.draws.errors]
    return min((each.groups for each in drawn if each.groups is not None), default=None)


def covers(reference: Frontier, new: Frontier) -> str:
    """Return what the interval of a gain covers, in words."""
    drawn = [each.draws for each in (reference, new) if each.draws is not None]
    if not drawn:
        return ALONE
    groups = min((each.groups for each in drawn if each.groups is not None), default=None)
    return f"95%, {drawn[0].count:,} resamples of {drawn[0].what}" + ("" if groups is None else f" ({groups})")


def log_gains(reference: Frontier, new: Frontier, losses: ArrayLike) -> np.ndarray:
    """Return ln gain at each loss (losses x 1 + draws), the frontiers' own first; nan where either was not measured."""
    losses = np.asarray(losses, float)[:, None]
    found = [_log_ratio(reference, new, losses)]
    if not (reference.draws is None and new.draws is None):
        found.append(_log_ratio(*resamples(reference, new), losses))
    return np.concatenate(found, axis=1)


def _log_ratio(reference: Frontier, new: Frontier, losses: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(measured(reference, losses)) - np.log(measured(new, losses))


def gains(reference: Frontier, new: Frontier, losses: ArrayLike) -> pd.DataFrame:
    """Return the gain at some losses, with its 95% interval.

    Columns: loss_nats, reference_flop and new_flop (least compute of each), gain (an Estimate), share (of resamples
    with the loss in both), groups (the fewer), inside (both measured there); outside, all but the loss is nan.
    """
    table, groups, said = log_gains(reference, new, losses), fewest(reference, new), covers(reference, new)
    found = pd.DataFrame({"loss_nats": np.asarray(losses, float)})
    for name, each in (("reference_flop", reference), ("new_flop", new)):
        found[name] = measured(each, found["loss_nats"])
    ratio = found["reference_flop"] / found["new_flop"]
    lines = (line[1:] if np.isfinite(value) else [] for line, value in zip(table, ratio, strict=True))
    found["gain"] = [_estimated(line, groups, value, said) for line, value in zip(lines, ratio, strict=True)]
    share = np.isfinite(table[:, 1:]).mean(axis=1) if table.shape[1] > 1 else np.nan
    return found.assign(share=share, groups=groups, inside=np.isfinite(table[:, 0]))


def no_gains(losses: ArrayLike) -> pd.DataFrame:
    """Return the result of `gains` for two algorithms of which one has no frontier."""
    nothing = dict.fromkeys(("reference_flop", "new_flop"), np.nan)
    return pd.DataFrame(
        {"loss_nats": losses, **nothing, "gain": Estimate(np.nan), "share": 0.0, "groups": 0, "inside": False}
    )


def _estimated(logs: np.ndarray, groups: int | None, value: float, said: str) -> Estimate:
    """Return a gain from the logarithms of its draws."""
    return replace(estimate(logs, groups, covers=said).map(lambda each: float(np.exp(each)), unit="times"), value=value)


def gain(
    reference: Frontier,
    new: Frontier,
    *,
    loss_nats: float | None = None,
    compute_flop: float | None = None,
    extrapolate: bool = False,
) -> Estimate:
    """Return how many times as much training compute the reference needs to reach the loss of the new algorithm.

    It is read at `loss_nats`, in nats per token, or at `compute_flop` of the new algorithm, whose uncertain loss then
    counts too; without either it is the geometric mean over a grid of `GRID` losses that both reach, less the resamples
    that know under half of them. Where a frontier was not measured it is nan unless `extrapolate`. The interval is the
    central 95% of resamples, widened for few groups (`tail`). Raises ValueError if both a loss and a compute are given.
    """
    if loss_nats is not None and compute_flop is not None:
        raise ValueError("give a loss in nats per token or a training compute in FLOP, and not both")
    if loss_nats is None and compute_flop is None:
        return mean_gain(reference, new, grid(reference, new))
    said, groups = covers(reference, new), fewest(reference, new)
    logs = _log_gain(reference, new, loss_nats, compute_flop, extrapolate)
    drawn = np.array([])
    if said != ALONE and not np.isnan(logs):
        drawn = _log_gain(*resamples(reference, new), loss_nats, compute_flop, extrapolate)
    return _estimated(np.atleast_1d(drawn), groups, float(np.exp(logs)), said)


def _log_gain(
    reference: Frontier, new: Frontier, loss_nats: float | None, compute_flop: float | None, extrapolate: bool
) -> np.ndarray:
    known = (lambda frontier, loss: frontier.compute(loss)) if extrapolate else measured
    if compute_flop is None:
        return np.log(known(reference, loss_nats)) - np.log(known(new, loss_nats))
    logs = np.log(known(reference, new.loss(compute_flop))) - np.log(compute_flop)
    return np.where(extrapolate | supported(new, compute_flop), logs, np.nan)


def mean_gain(reference: Frontier, new: Frontier, losses: ArrayLike) -> Estimate:
    """Return the geometric mean of the gain over losses, by those resamples that have it at more than half of them.

    A resample counts by how far it lies from the gain itself at the losses that it has: others have another mean.
    """
    logs = log_gains(reference, new, losses)
    off = logs - logs[:, :1]
    known = np.isfinite(off)
    enough = known.sum(axis=0) > len(logs) * SUPPORTED
    means = np.where(enough, np.where(known, off, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1), np.nan)
    means += logs[known[:, 0], 0].mean() if enough[0] else np.nan
    return _estimated(means[1:], fewest(reference, new), float(np.exp(means[0])), covers(reference, new))
