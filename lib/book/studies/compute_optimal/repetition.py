"""What repeating text costs: models of one size and training compute on ever fewer unique tokens.

Muennighoff et al. 2023 train models of three sizes on one number of tokens each, of ever smaller sets of text. The gain
of fresh text is the ratio of the computes at which the frontier of runs without repetition has the losses of two runs.
"""

import functools

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.frontiers.frontier import DRAWS
from algoprogress.frontiers.gain import SUPPORTED, Frontier, estimate, measured
from algoprogress.show.estimate import Estimate
from book.studies.compute_optimal.pairs import each_its_own
from book.studies.compute_optimal.refit import frontier
from book.studies.growth.trend import line

SETS = (2.81e9, 4.2465e9, 8.67e9)  # parameters
CLOSE = 0.15  # in ln epochs: as many epochs as one asked for
NEAR = 0.1  # in ln tokens: runs of a set have one number of tokens


@functools.cache
def all_runs() -> pd.DataFrame:
    """Return the runs with epochs and training_compute_flop, each a group of its own."""
    frame = tables.read("repetition_runs")
    flop = FLOP_PER_PARAMETER_TOKEN * frame["parameters"] * frame["tokens"]
    frame = each_its_own(frame.assign(epochs=frame["tokens"] / frame["unique_tokens"]))
    return frame.assign(budget=np.nan, training_compute_flop=flop)


def in_set(parameters: float) -> pd.DataFrame:
    """Return the runs of a size on as many tokens as its largest fresh run, from fresh to ever more epochs."""
    frame = all_runs()
    frame = frame[frame["parameters"] == parameters]
    tokens = frame.loc[frame["epochs"] <= 1.0, "tokens"].max()
    return frame[np.abs(np.log(frame["tokens"] / tokens)) < NEAR].sort_values("epochs", ignore_index=True)


@functools.cache
def costs(estimator: str = "law") -> pd.DataFrame:
    """Return by run parameters, training_compute_flop, epochs, loss_nats, and gain of fresh text, nan if unmeasured."""
    frame, parts = all_runs(), []
    found = frontier(frame[frame["epochs"] <= 1.0].reset_index(drop=True), estimator=estimator, draws=DRAWS)
    for parameters in SETS:
        lines = in_set(parameters)[["parameters", "training_compute_flop", "epochs", "loss_nats"]]
        parts.append(lines.assign(gain=_gains(found, lines["loss_nats"].to_numpy())))
    return pd.concat(parts, ignore_index=True)


def _gains(found: Frontier, losses: np.ndarray) -> list[Estimate]:
    """Return by how much less compute the first of some losses takes than each, by a frontier and its resamples."""
    said, estimates = f"95%, {DRAWS:,} resamples of errors of fresh runs ({found.draws.groups})", []
    logs = np.concatenate([np.log(measured(each, losses[:, None])) for each in (found, found.draws.of(0))], axis=1)
    for value, *drawn in logs[0] - logs:
        shown = np.isfinite(value) and np.isfinite(drawn).mean() >= SUPPORTED
        each = estimate(drawn if shown else [], None, value=value, covers=said)
        estimates.append(each.map(lambda log: float(np.exp(log)), unit="times"))
    return estimates


def near(epochs: float, *, within: float = np.inf) -> pd.DataFrame:
    """Return of each set the line of `costs` whose epochs are nearest to some, if they are within so much in logs."""
    frame = costs()
    distance = np.abs(np.log(frame["epochs"] / epochs))
    nearest = distance.loc[distance.groupby(frame["parameters"]).idxmin()]
    return frame.loc[nearest.index[nearest < within]].reset_index(drop=True)


def trend(epochs: float = 4.0) -> Estimate:
    """Return how the ln gain of fresh text over so many epochs grows with ln compute over the sets, by the law."""
    frame = near(epochs)
    gains = np.log([each.value for each in frame["gain"]])
    return line(np.log(frame["training_compute_flop"]), gains, "95%, Student's t of a line through three computes")
