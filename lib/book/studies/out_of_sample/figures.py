"""Figures of the runs that the laws have not seen: the loss along a ladder, its falls, and its elasticities."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from algoprogress.show.style import ROLES, house, interval, label, subplots
from book.chart import log_axis, power, rows, words

READINGS = {"observed": "reference", "law 7, converged": "ours", "law 18, compute only": "check"}
SIGNS = {"observed": "×", "law 7, converged": "●", "law 18, compute only": "■"}
OFFSETS = {"observed": -11, "law 7, converged": -11, "law 18, compute only": 24}  # of the labels, in points
COMPUTE_TICKS = tuple(10.0**exponent for exponent in range(18, 25))


@house()
def ladder(frame: pd.DataFrame) -> Figure:
    """Return the loss of each run relative to the smallest against compute, observed and predicted.

    `frame`: training_compute_flop and a column for each of `READINGS` (`study.along`).
    """
    fig, ax = subplots(size="column")
    compute = frame["training_compute_flop"]
    for reading, role in READINGS.items():
        dots = {**ROLES[role].drawing, "linestyle": "none", "markersize": 4.5, "alpha": 0.8}
        ax.plot(compute, frame[reading], **dots)
        last, offset = frame.loc[compute.idxmax()], (4, OFFSETS[reading])
        label(ax, compute.max(), last[reading], reading, role, offset=offset, ha="right", fontsize=8.5)
    ax.set(xscale="log", xlabel="training compute, FLOP (log scale)", ylabel="loss, the smallest 1xC run = 1")
    ax.set_ylim(0.5, None)
    log_axis(ax.xaxis, COMPUTE_TICKS, power)
    return fig


def _by_study(ax: Axes, frame: pd.DataFrame, shifts: Mapping[str, float], edges: tuple[float, float]) -> list[str]:
    """Draw the estimates of each study in a row, shifted by reading; return the studies from below."""
    studies = list(dict.fromkeys(frame["study"]))[::-1]
    for row in frame[frame["reading"].isin(shifts)].itertuples():
        interval(ax, studies.index(row.study) + shifts[row.reading], row.estimate, READINGS[row.reading], edges)
    rows(ax, np.arange(len(studies)), studies)
    return studies


@house()
def falls(frame: pd.DataFrame) -> Figure:
    """Return the relative fall of the loss by study: observed, and predicted with its 95% interval.

    `frame`: study, reading, estimate (`study.compared`, quantity fall).
    """
    fig, ax = subplots(size="wide")
    edges = (0.0, 0.62)
    studies = _by_study(ax, frame, dict(zip(READINGS, (0.24, 0.0, -0.24), strict=True)), edges)
    for height, (reading, role) in zip((0.93, 0.86, 0.79), READINGS.items(), strict=True):
        words(ax, 0.74, height, f"{SIGNS[reading]} {reading}", role)
    ax.set(xlabel="fall of the loss from the small run to the large one", xlim=edges, ylim=(-0.6, len(studies)))
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    return fig


@house()
def elasticities(frame: pd.DataFrame) -> Figure:
    """Return the elasticities of the loss in parameters and in data, a panel each, by study and reading.

    `frame`: study, quantity (parameters or data), reading, estimate (`study.compared`).
    """
    fig, axes = subplots(1, 2, size="wide", sharey=True, sharex=True)
    for ax, (quantity, symbol) in zip(axes, {"parameters": "N", "data": "D"}.items(), strict=True):
        part, shifts = frame[frame["quantity"] == quantity], {"observed": 0.15, "law 7, converged": -0.15}
        studies = _by_study(ax, part, shifts, (-np.inf, np.inf))
        ax.set_title(f"in {quantity}")
        ax.set(xlabel=f"d ln loss / d ln {symbol}", ylim=(-0.6, len(studies) - 0.2))
        ax.xaxis.set_major_locator(MultipleLocator(0.05))
    words(axes[1], 0.02, 0.97, "× observed", "reference")
    words(axes[1], 0.02, 0.90, "● law 7, converged", "ours")
    return fig
