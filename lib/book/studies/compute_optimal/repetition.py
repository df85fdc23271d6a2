"""What repeating text costs: models of one size and training compute on ever fewer unique tokens.

Muennighoff et al. 2023 train models of three sizes on one number of tokens each, taken from ever smaller sets of text.
The loss of each is turned into the compute at which the frontier of runs without repetition has it; the gain of fresh
text is the ratio of that of the run without repetition to that of the run with it.
"""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
from scipy.stats import linregress, t

from algoprogress.data import tables
from algoprogress.engine.cache import cached
from algoprogress.frontiers import isoflop, runs
from book.studies.compute_optimal import runs as pair_runs

SETS = (2.81e9, 4.2465e9, 8.67e9)  # parameters
ESTIMATORS = ("law", "floor", "envelope")
DRAWS = 400
NEAR = 0.1  # in ln tokens: runs of a set have one number of tokens
SUPPORTED = 0.5  # share of resamples that must reach both losses
COLUMNS = ["estimator", "parameters", "training_compute_flop", "epochs", "loss_nats", "gain", "low", "high", "inside"]


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
        training_compute_flop=pair_runs.FLOP * frame["parameters"] * frame["tokens"],
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


@cached
def _log_computes(losses: tuple[float, ...], estimator: str) -> np.ndarray:
    """Return ln compute of the fresh frontier at losses, of all runs and of resamples (1 + draws x losses)."""
    frame = fresh()
    weights = np.vstack([np.ones((1, len(frame))), isoflop.weights_of(frame, DRAWS, (0, 0))])
    if estimator == "law":
        return isoflop.log_computes(frame, losses, "law", weights)
    found = np.full((len(weights), len(losses)), np.nan)
    for line, times in enumerate(weights.astype(int)):
        try:
            curve = runs.frontier(frame.loc[frame.index.repeat(times)], estimator=estimator, window=runs.EVERYWHERE)
        except (runs.RunsError, RuntimeError):  # too few points, or no convergence: no frontier
            continue
        found[line] = [np.log(runs.compute_at(curve, loss)) for loss in losses]
    return found


@functools.cache
def costs() -> pd.DataFrame:
    """Return the gain of fresh text over repeated by size and epochs, by each estimator, with 95% intervals over runs.

    A line an estimator and run. Columns: `COLUMNS`. Missing where no fresh run has reached the loss.
    """
    rows = []
    for parameters in SETS:
        frame = in_set(parameters)
        losses = tuple(frame["loss_nats"])
        for estimator in ESTIMATORS:
            logs = _log_computes(losses, estimator)
            gains = logs[:, [0]] - logs
            for place, run in enumerate(frame.itertuples()):
                inside = bool(np.isfinite(gains[0, place]))
                shown = inside and np.isfinite(gains[1:, place]).mean() >= SUPPORTED
                low, _, high = runs.interval(gains[1:, place], len(fresh())) if shown else (np.nan,) * 3
                rows.append(
                    (
                        estimator,
                        parameters,
                        run.training_compute_flop,
                        run.epochs,
                        run.loss_nats,
                        np.exp(gains[0, place]),
                        np.exp(low),
                        np.exp(high),
                        inside,
                    )
                )
    return pd.DataFrame(rows, columns=COLUMNS)


def near(epochs: float, estimator: str = "law") -> pd.DataFrame:
    """Return of each set the line of `costs` whose epochs are nearest to some."""
    frame = costs()
    frame = frame[frame["estimator"] == estimator]
    distance = np.abs(np.log(frame["epochs"] / epochs))
    return frame.loc[distance.groupby(frame["parameters"]).idxmin()].reset_index(drop=True)


def trend(epochs: float = 4.0) -> dict[str, float]:
    """Return how the ln gain of fresh text over so many epochs grows with ln compute over the sets, by the law.

    Keys: slope, low, high (95%, Student's t of a line through three points, the sets).
    """
    frame = near(epochs)
    logs, gains = np.log(frame["training_compute_flop"]), np.log(frame["gain"])
    found = linregress(logs, gains)
    half = t.ppf(0.975, len(frame) - 2) * found.stderr
    return {"slope": float(found.slope), "low": float(found.slope - half), "high": float(found.slope + half)}
