"""Figures of doubling times: intervals and distributions by procedure, and where the optimiser stops."""

import textwrap
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import gaussian_kde

from algoprogress.show.style import ROLES, house, interval, label, subplots
from book.chart import MONTH_TICKS, log_axis, rows

LONGEST = 60.0  # months; the edge of the axes
MONTHS = "doubling time of effective compute, months (log scale)"


@house()
def doubling_times(procedures: pd.DataFrame) -> Figure:
    """Return doubling times by procedure as points with 95% intervals, on a log axis (`study.procedures`)."""
    fig, ax = subplots(size="wide")
    places = np.arange(len(procedures))[::-1]
    for place, row in zip(places, procedures.itertuples(), strict=True):
        found, colour = replace(row.months, value=row.point), ROLES[row.role].colour
        interval(ax, place, found, row.role, (2.8, LONGEST), size=7)
        ax.plot(row.months.value, place, color=colour, marker="|", markersize=13, markeredgewidth=2.2)
        label(ax, min(found.high, LONGEST), place, found.text(".1f"), row.role, offset=(8, 0), fontsize=8.5)
    ax.set(xscale="log", xlabel=MONTHS, xlim=(2.8, 62), ylim=(-0.6, len(places) - 0.4))
    rows(ax, places, procedures["procedure"])
    log_axis(ax.xaxis, MONTH_TICKS)
    return fig


@house()
def stopping(frame: pd.DataFrame) -> Figure:
    """Return where SLSQP stops as its tolerance is tightened, beside the local minima (`study.staged`)."""
    fig, ax = subplots(size="column")
    for kind, role, line, size in (("stop", "published", "--", 5.5), ("minimum", "ours", "none", 9)):
        part = frame[frame["kind"] == kind]
        ax.plot(part["months"], part["objective"], **{**ROLES[role].drawing, "linestyle": line}, markersize=size)
        for row in part[part["label"] != ""].itertuples():
            side = {"offset": (-8, 0), "ha": "right"} if row.months > 12 else {"offset": (8, 4)}
            label(ax, row.months, row.objective, row.label, role, **side)
    ax.set(xscale="log", xlabel="doubling time it implies, months (log scale)", xlim=(5.2, 19))
    ax.set_ylabel("objective, nats²")
    log_axis(ax.xaxis, MONTH_TICKS[2:6])
    return fig


@house()
def distributions(draws: pd.DataFrame, points: pd.DataFrame) -> Figure:
    """Return ridges of the doubling time by procedure (`study.spread`), with its estimate (`study.procedures`)."""
    fig, ax = subplots(size="wide")
    grid = np.linspace(np.log(2.5), np.log(LONGEST), 400)
    for place, row in enumerate(points.iloc[::-1].itertuples()):
        months = draws.loc[draws["procedure"] == row.procedure, "months"].to_numpy()
        density = gaussian_kde(np.log(months[(months > 2.5) & (months < LONGEST)]))(grid)
        height = 0.78 * density / density.max()
        colour, found, shown = ROLES[row.role].colour, replace(row.months, value=row.point), height > 0.004
        ax.fill_between(np.exp(grid), place, place + height, where=shown, color=colour, alpha=0.28, linewidth=0)
        ax.plot(np.exp(grid[shown]), place + height[shown], color=colour, linewidth=1.4)
        interval(ax, place, found, row.role, (2.5, LONGEST), width=3.0, size=8)
        said = textwrap.fill(row.procedure, 24) + "\n" + found.text(".1f").replace(" [", " months\n[")
        label(ax, 62.0, place + 0.42, said, row.role, offset=(0, 0), ha="right")
    ax.set(xscale="log", xlabel=MONTHS, xlim=(2.5, 63), ylim=(-0.25, len(points)))
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    log_axis(ax.xaxis, MONTH_TICKS)
    return fig
