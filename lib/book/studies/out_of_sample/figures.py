"""Figures of the chapter on runs that the authors never saw: the loss along a ladder, and elasticities."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from algoprogress.show.chart import log_axis, power, words
from algoprogress.show.style import ROLES, house, label, subplots

READINGS = {"observed": "reference", "law 7, converged": "ours", "law 18, compute only": "check"}
OFFSETS = {"observed": -11, "law 7, converged": -11, "law 18, compute only": 24}  # of the labels, in points
COMPUTE_TICKS = tuple(10.0**exponent for exponent in range(18, 25))


@house()
def ladder(frame: pd.DataFrame) -> Figure:
    """Return the loss of each run relative to the smallest against compute, observed and predicted.

    `frame`: training_compute_flop and a column for each of `READINGS` (`outside.along`).
    """
    fig, ax = subplots(size="column")
    for reading, name in READINGS.items():
        role = ROLES[name]
        ax.plot(
            frame["training_compute_flop"],
            frame[reading],
            color=role.colour,
            marker=role.marker,
            markersize=4.5,
            linestyle="none",
            alpha=0.8,
        )
    last = frame.loc[frame["training_compute_flop"].idxmax()]
    for reading, name in READINGS.items():
        label(
            ax,
            last["training_compute_flop"],
            last[reading],
            reading,
            name,
            offset=(4, OFFSETS[reading]),
            ha="right",
            fontsize=8.5,
        )
    ax.set(xscale="log", xlabel="training compute, FLOP (log scale)", ylabel="loss, the smallest 1xC run = 1")
    ax.set_ylim(0.5, None)
    log_axis(ax.xaxis, COMPUTE_TICKS, power)
    return fig


@house()
def falls(frame: pd.DataFrame) -> Figure:
    """Return the relative fall of the loss by study: observed, and predicted with its 95% interval.

    `frame`: study, reading, value, low, high (`outside.compared`, quantity fall).
    """
    fig, ax = subplots(size="wide")
    studies = list(dict.fromkeys(frame["study"]))[::-1]
    lines = {"observed": 0.24, "law 7, converged": 0.0, "law 18, compute only": -0.24}
    for row in frame[frame["reading"].isin(lines)].itertuples():
        role, place = ROLES[READINGS[row.reading]], studies.index(row.study) + lines[row.reading]
        ax.plot([row.low, row.high], [place, place], color=role.colour, linestyle=role.line)
        ax.plot(row.value, place, color=role.colour, marker=role.marker)
    for height, (reading, name) in zip((0.93, 0.86, 0.79), READINGS.items(), strict=True):
        words(ax, 0.74, height, f"{ {'reference': '×', 'ours': '●', 'check': '■'}[name] } {reading}", name)
    ax.set_yticks(range(len(studies)), studies)
    ax.set(xlabel="fall of the loss from the small run to the large one", xlim=(0.0, 0.62), ylim=(-0.6, len(studies)))
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.grid(False, axis="y")
    return fig


@house()
def elasticities(frame: pd.DataFrame) -> Figure:
    """Return the elasticities of the loss in parameters and in data, a panel each, by study and reading.

    `frame`: study, quantity (parameters or data), reading, value, low, high (`outside.compared`).
    """
    fig, axes = subplots(1, 2, size="wide", sharey=True, sharex=True)
    studies = list(dict.fromkeys(frame["study"]))[::-1]
    for ax, quantity in zip(axes, ("parameters", "data"), strict=True):
        part = frame[frame["quantity"] == quantity]
        for shift, reading in ((0.15, "observed"), (-0.15, "law 7, converged")):
            role = ROLES[READINGS[reading]]
            for row in part[part["reading"] == reading].itertuples():
                place = studies.index(row.study) + shift
                ax.plot([row.low, row.high], [place, place], color=role.colour, linestyle=role.line)
                ax.plot(row.value, place, color=role.colour, marker=role.marker)
        ax.set_title(f"in {quantity}")
        ax.set(xlabel="d ln loss / d ln " + {"parameters": "N", "data": "D"}[quantity])
        ax.grid(False, axis="y")
        ax.xaxis.set_major_locator(MultipleLocator(0.05))
    axes[0].set_yticks(np.arange(len(studies)), studies)
    axes[0].set_ylim(-0.6, len(studies) - 0.2)
    words(axes[1], 0.02, 0.97, "× observed", "reference")
    words(axes[1], 0.02, 0.90, "● law 7, converged", "ours")
    return fig
