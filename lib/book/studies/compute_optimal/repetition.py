"""What repeating text costs: models of one size and training compute on ever fewer unique tokens.

Muennighoff et al. 2023 train models of three sizes on one number of tokens each, taken from ever smaller sets of text.
The loss of each is turned into the compute at which the frontier of runs without repetition has it; the gain of fresh
text is the ratio of that of the run without repetition to that of the run with it.
"""

import functools
from dataclasses import replace

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.frontiers.gain import SUPPORTED, Frontier, estimate, measured
from algoprogress.show.estimate import Estimate
from book.studies.compute_optimal.crossings import line
from book.studies.compute_optimal.refit import frontier

SETS = (2.81e9, 4.2465e9, 8.67e9)  # parameters
ESTIMATORS = ("law", "floor", "envelope")
DRAWS = 400
CLOSE = 0.15  # in ln epochs: as many epochs as one asked for
NEAR = 0.1  # in ln tokens: runs of a set have one number of tokens


@functools.cache
def all_runs() -> pd.DataFrame:
    """Return the runs with epochs and training_compute_flop, each a group of its own."""
    frame = tables.read("repetition_runs")
    names = [f"{place}" for place in range(len(frame))]
    return frame.assign(
        epochs=frame["tokens"] / frame["unique_tokens"],
        run=names,
        group=names,
        budget=np.nan,
        training_compute_flop=FLOP_PER_PARAMETER_TOKEN * frame["parameters"] * frame["tokens"],
    )


def fresh() -> pd.DataFrame:
    """Return the runs that repeat nothing."""
    frame = all_runs()
    return frame[frame["epochs"] <= 1.0].reset_index(drop=True)


def in_set(parameters: float) -> pd.DataFrame:
    """Return the runs of a size on as many tokens as its largest fresh run, from fresh to ever more epochs."""
    frame = all_runs()
    frame = frame[frame["parameters"] == parameters]
    tokens = frame.loc[frame["epochs"] <= 1.0, "tokens"].max()
    return frame[np.abs(np.log(frame["tokens"] / tokens)) < NEAR].sort_values("epochs", ignore_index=True)


@functools.cache
def frontier_of_fresh(estimator: str) -> Frontier:
    """Return the frontier of the runs without repetition, to be resampled by runs."""
    found = frontier(fresh(), estimator=estimator, draws=DRAWS)
    return replace(found, draws=replace(found.draws, what="fresh runs"))


@functools.cache
def costs() -> pd.DataFrame:
    """Return the gain of fresh text over repeated by size and epochs, by each estimator, with 95% intervals over runs.

    A line an estimator and run. Columns: estimator, parameters, training_compute_flop, epochs, loss_nats, gain (an
    Estimate), inside. Missing where no fresh run has reached the loss.
    """
    parts = []
    for parameters in SETS:
        frame = in_set(parameters)
        for estimator in ESTIMATORS:
            found = _gains(frontier_of_fresh(estimator), frame["loss_nats"].to_numpy())
            lines = frame[["parameters", "training_compute_flop", "epochs", "loss_nats"]].assign(
                estimator=estimator, gain=found, inside=[np.isfinite(each.value) for each in found]
            )
            parts.append(lines)
    return pd.concat(parts, ignore_index=True)


def _gains(found: Frontier, losses: np.ndarray) -> list[Estimate]:
    """Return by how much less compute the first of some losses takes than each, by a frontier and its resamples."""
    groups = found.draws.groups
    said = f"95%, {DRAWS:,} resampled fresh runs ({groups})"
    logs = np.concatenate([np.log(measured(each, losses[:, None])) for each in (found, found.draws.of(0))], axis=1)
    table, estimates = logs[0] - logs, []
    for logs in table:
        shown = np.isfinite(logs[0]) and np.isfinite(logs[1:]).mean() >= SUPPORTED
        each = estimate(logs[1:] if shown else [], groups, value=logs[0], covers=said)
        estimates.append(each.map(lambda value: float(np.exp(value)), unit="times"))
    return estimates


def near(epochs: float, estimator: str = "law") -> pd.DataFrame:
    """Return of each set the line of `costs` whose epochs are nearest to some."""
    frame = costs()
    frame = frame[frame["estimator"] == estimator]
    distance = np.abs(np.log(frame["epochs"] / epochs))
    return frame.loc[distance.groupby(frame["parameters"]).idxmin()].reset_index(drop=True)


def close(lines: pd.DataFrame, epochs: float) -> pd.DataFrame:
    """Return those lines of `costs` that have about so many epochs."""
    return lines[np.abs(np.log(lines["epochs"] / epochs)) < CLOSE]


def trend(epochs: float = 4.0) -> Estimate:
    """Return how the ln gain of fresh text over so many epochs grows with ln compute over the sets, by the law."""
    frame = near(epochs)
    gains = np.log([each.value for each in frame["gain"]])
    return line(np.log(frame["training_compute_flop"]), gains, "95%, Student's t of a line through three computes")
