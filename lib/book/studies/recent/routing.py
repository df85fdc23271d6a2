"""Mixtures of one length by router, number of experts and size (Clark et al. 2022): gains, and whether they fade.

Their law is log10 L = a n + b e + c n e + d, with n = log10 of the parameters in use and e that of the experts after
they saturate at both ends; experts gain nothing more from the size 10^(-b/c) on.
"""

import functools

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from algoprogress.data import tables
from algoprogress.show.estimate import Estimate
from book.studies.growth import trend
from book.studies.recent.pairs import ROUTERS

DRAWS, LARGEST = 200, 1e9  # draws; parameters in use below which a law is fitted to be tested above
BOUNDS = np.log([1.0001, 20.0]), np.log([20.0, 5_000.0])  # of the counts at which experts begin and cease to tell


@functools.cache
def runs() -> pd.DataFrame:
    """Return the mean run of each router, number of experts and size."""
    frame = tables.read("routed_runs").drop(columns="run")
    return frame.groupby(["router", "experts", "size"], sort=False).mean(numeric_only=True).reset_index()


@functools.cache
def gains(loss: str = "loss_nats") -> pd.DataFrame:
    """Return the gain at equal loss and tokens of each mixture: router, experts, size, parameters, gain.

    On a line in logs between dense runs; none where no dense run reaches the loss.
    """
    frame = runs().dropna(subset=loss)
    dense = frame[frame["router"] == "Dense"].sort_values(loss, ascending=False)
    mixed = frame[frame["router"] != "Dense"]
    logs = np.log(dense["forward_flop"])
    needed = np.interp(-np.log(mixed[loss]), -np.log(dense[loss]), logs, left=np.nan, right=np.nan)
    return mixed.assign(gain=np.exp(needed) / mixed["forward_flop"]).dropna(subset="gain")


def saturated(experts: np.ndarray, start: float, most: float) -> np.ndarray:
    """Return log10 of the experts that tell: `start` for one expert, at most `most`."""
    shifted = experts - 1.0 + 1.0 / (1.0 / start - 1.0 / most)
    return -np.log10(1.0 / shifted + 1.0 / most)


def _design(frame: pd.DataFrame, ends: np.ndarray) -> np.ndarray:
    size, experts = np.log10(frame["parameters"].to_numpy()), saturated(frame["experts"].to_numpy(float), *np.exp(ends))
    return np.column_stack([size, experts, size * experts, np.ones(len(frame))])


def _fit(frame: pd.DataFrame, log_loss: np.ndarray, begin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a, b, c, d, and the logs of both counts, by least squares; the first are linear (variable projection)."""

    def left(ends: np.ndarray) -> np.ndarray:
        powers = _design(frame, ends)
        return log_loss - powers @ np.linalg.lstsq(powers, log_loss, rcond=None)[0]

    ends = least_squares(left, begin, bounds=BOUNDS, xtol=1e-6, ftol=1e-8).x
    return np.linalg.lstsq(_design(frame, ends), log_loss, rcond=None)[0], ends


@functools.cache
def law(router: str, below: float = np.inf) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a, b, c, d of the law of a router by runs below a size, the logs of both counts, and draws of the first.

    Every run is kept, as they are a design, and their errors are drawn anew.
    """
    frame = runs()
    frame = frame[frame["router"].isin([router, "Dense"]) & (frame["parameters"] < below)]
    log_loss = np.log10(frame["loss_nats"].to_numpy())
    found, ends = _fit(frame, log_loss, np.log([2.0, 300.0]))
    fitted = _design(frame, ends) @ found
    wider = np.sqrt(len(frame) / (len(frame) - 6)) * (log_loss - fitted)
    moved = np.random.default_rng(0).choice(wider, (DRAWS, len(frame)))
    return found, ends, np.array([_fit(frame, fitted + each, ends)[0] for each in moved])


def cutoff(router: str) -> Estimate:
    """Return the size in parameters at which experts gain no more by the law of a router, extrapolated."""
    found, _, drawn = law(router)
    sizes = [10.0 ** (-each[1] / each[2]) if each[2] > 0 else np.inf for each in (found, *drawn)]
    said = f"95%, {DRAWS} draws of errors of runs"
    return Estimate.from_draws(sizes[1:], value=sizes[0], covers=said, unit="parameters")


def left_out(router: str) -> Estimate:
    """Return by how much the law of smaller runs misses the loss of the largest, as a share, the mean over experts."""
    found, ends, _ = law(router, LARGEST)
    frame = runs()
    frame = frame[(frame["router"] == router) & (frame["parameters"] >= LARGEST)]
    off = np.log(10.0) * (np.log10(frame["loss_nats"]) - _design(frame, ends) @ found)
    return trend.mean(off, "95%, Student's t over numbers of experts", "share")


def bridge(router: str = "S-Base") -> Estimate:
    """Return how far the loss on WikiText-103 lies above that of dense models of equal held-out loss, as a share."""
    frame = runs().dropna(subset="loss_wikitext")
    dense = frame[frame["router"] == "Dense"]
    across = np.polynomial.Polynomial.fit(np.log(dense["loss_nats"]), np.log(dense["loss_wikitext"]), 1)
    mixed = frame[(frame["router"] == router) & frame["loss_nats"].between(dense["loss_nats"].min(), np.inf)]
    off = np.log(mixed["loss_wikitext"]) - across(np.log(mixed["loss_nats"]))
    return trend.mean(off.groupby(mixed["size"]).mean(), "95%, Student's t over sizes", "share")


def by_router() -> pd.DataFrame:
    """Return gains with the words of each router, for the figure: router, experts, size, parameters, gain."""
    words = {column: said for column, said in ROUTERS.values()}
    return gains().assign(router=lambda frame: frame["router"].map(words)).sort_values("parameters", ignore_index=True)
