"""Former names, until nothing calls them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from algoprogress.engine.cache import cached
from algoprogress.frontiers import frontier as _frontier
from algoprogress.frontiers import gain as _gain
from algoprogress.frontiers import isoflop
from algoprogress.frontiers.estimators import FLOOR, Curve, PowerLaw, envelope, isotonic, power_law  # noqa: F401
from algoprogress.frontiers.frontier import DRAWS, ESTIMATORS
from algoprogress.frontiers.gain import Frontier, shared_losses  # noqa: F401
from algoprogress.frontiers.runs import EVERYWHERE, WINDOW  # noqa: F401


def frontier(runs, *, estimator="power law", floor=FLOOR, window=WINDOW):
    """Return the frontier of some runs."""
    return _frontier.frontier(runs, estimator=estimator, floor=floor, window=window, draws=0)


def loss_at(found, compute_flop):
    """Return the loss of a frontier at some training compute; nan outside of its support."""
    return float(np.where(_gain.supported(found, compute_flop), found.loss(compute_flop), np.nan))


def compute_at(found, loss_nats):
    """Return the least training compute in FLOP at which a frontier has a loss; nan outside of its support."""
    return float(_gain.measured(found, loss_nats))


def gain(reference, new, loss_nats):
    """Return how many times the compute the reference needs for a loss; nan where either has no support."""
    return compute_at(reference, loss_nats) / compute_at(new, loss_nats)


def compute_for_loss(law, loss_nats):
    """Return the training compute in FLOP at which a power law reaches a loss; nan at or below its floor."""
    return float(law.compute(loss_nats))


def interval(draws, groups):
    """Return low end, median and high end."""
    found = _gain.estimate(draws, groups)
    return found.low, found.value if found.bounded else np.nan, found.high


def resampled(runs, *, floor=FLOOR, window=WINDOW, by="run", draws=DRAWS, seed=0):
    """Return coefficient, exponent and floor (draws x 3) of the power law over resampled runs."""
    estimator = "floor" if floor is None else "power law"
    options = {"estimator": estimator, "floor": floor, "window": window, "by": by, "draws": draws, "seed": (seed,)}
    found = _frontier.resampled.__wrapped__(runs, **options)
    return np.column_stack([found.coefficient, found.exponent, found.floor])


def resampled_gains(reference, new, losses, *, estimator, floor=FLOOR, window=WINDOW, by="run", draws=DRAWS, seed=0):
    """Return the gain at each loss (draws x losses) over resampled runs of both, by one estimator."""
    pair = [
        _frontier.frontier(each, estimator=estimator, floor=floor, window=window, by=by, draws=draws)
        for each in (reference, new)
    ]
    return np.exp(_gain.log_gains(*pair, losses)[:, 1:]).T


def compared(reference, new, losses, *, estimators=ESTIMATORS, **options):
    """Return the gain at some losses by each estimator."""
    found = _frontier.by_estimator(reference, new, losses, estimators=estimators, **options)
    ends = pd.DataFrame([(each.value, each.low, each.high) for each in found["gain"]], columns=["gain", "low", "high"])
    return pd.concat([found.drop(columns="gain"), ends], axis=1)


for _each in (resampled, resampled_gains):  # where their results lie on disk
    _each.__module__ = "algoprogress.frontiers.runs"
resampled, resampled_gains = cached(resampled), cached(resampled_gains)


def weights_of(frame, draws, seed):
    """Return how often each run counts in each resample of whole groups (draws x runs)."""
    return _frontier.weights(frame, "group", draws, seed)


def log_computes(frame, losses, estimator, weights):
    """Return ln of the least FLOP of each loss (draws x losses) by "isoflop" or "law"; nan outside of the support."""
    found = (isoflop.curves if estimator == "isoflop" else isoflop.laws)(frame, weights)
    return np.log(_gain.measured(found, np.asarray(losses)[:, None])).T


def log_gains(reference, new, losses, *, estimator, draws, seed=0):
    """Return ln gain and ln compute of both."""
    sides = []
    for shift, frame in enumerate((reference, new)):
        weights = np.vstack([np.ones((1, len(frame))), weights_of(frame, draws, (seed, shift))])
        sides.append(log_computes(frame, losses, estimator, weights))
    return np.stack([sides[0] - sides[1], *sides])
