"""Figures of the growth of training compute and effective compute, and of other fields."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.fits.rates import DOUBLING
from algoprogress.show.style import ROLES, house, label, subplots
from book.chart import band, listed, log_axis, power, words
from book.studies.growth.trend import Slopes


@house()
def compute(models: pd.DataFrame, lines: Sequence[Slopes]) -> Figure:
    """Return `study.models_by_frontier` with the straight and the bent line through the frontier (`study.lines`)."""
    fig, ax = subplots(size="wide")
    years, flop, top = models["years_decimal"], models["training_compute_flop"], models["frontier"]
    for chosen, role, size in ((~top, "muted", 5), (top, "ours", 16)):
        dots = {"color": ROLES[role].colour, "marker": ROLES["ours"].marker, "alpha": 0.6, "linewidth": 0}
        ax.scatter(years[chosen], flop[chosen], s=size, **dots)
    for line, drawn in zip(lines, (ROLES["ours"], ROLES["published"]), strict=True):
        edges, shift = np.array(line.edges), (np.log(flop[top]) - line.logs(years[top])).mean()
        ax.plot(edges, np.exp(line.logs(edges) + shift), color=drawn.colour, linestyle=drawn.line, linewidth=1.6)
    words(ax, 0.03, 0.93, "● among the ten largest when it appeared", "ours")
    words(ax, 0.03, 0.86, "●  other models", "muted")
    words(ax, 0.03, 0.79, "—  straight line", "ours")
    words(ax, 0.03, 0.72, "– –  with the bend that fits best", "published")
    ax.set(yscale="log", ylabel="training compute, FLOP (log scale)", xlabel="publication date")
    log_axis(ax.yaxis, tuple(10.0**exponent for exponent in range(14, 28, 2)), power)
    return fig


@house()
def stack(frame: pd.DataFrame) -> Figure:
    """Return how far physical, algorithmic and effective compute have grown, with 95% bands (`study.stack`)."""
    fig, ax = subplots(size="wide")
    for part, role in (("effective", "ours"), ("physical", "published"), ("algorithmic", "alternative")):
        rows = frame[frame["part"] == part]
        band(ax, rows["year"], rows["factor"], role, edges=(0.1, 1e22))
        medians = [found.value for found in rows["factor"]]
        ax.plot(rows["year"], medians, color=ROLES[role].colour, linestyle=ROLES[role].line)
        label(ax, rows["year"].iloc[-1], medians[-1], "algorithms" if part == "algorithmic" else part, role)
    ax.set(yscale="log", ylabel="times the level of 2012 (log scale)", ylim=(0.5, 1e20))
    ax.set(xlabel="year", xlim=(2012, 2026.7), xticks=range(2012, 2027, 4))
    log_axis(ax.yaxis, tuple(10.0**exponent for exponent in range(0, 21, 4)), power)
    return fig


@house()
def smooth(frame: pd.DataFrame) -> Figure:
    """Return the growth rate of effective compute through time with its 95% band (`acceleration.smooth`)."""
    fig, ax = subplots(size="column")
    band(ax, frame["year"], frame["rate"], "ours", alpha=0.16)
    ax.plot(frame["year"], [found.value for found in frame["rate"]], color=ROLES["ours"].colour)
    ax.set(ylim=(0, 2.4), xlabel="year", ylabel="growth rate per year, natural log")
    months = ax.secondary_yaxis("right", functions=(lambda rate: rate, lambda rate: rate))
    ticks = (4, 6, 8, 12, 24)
    months.set_yticks([DOUBLING / each for each in ticks], [str(each) for each in ticks])
    months.set_ylabel("doubling time, months")
    return fig


@house()
def domains(frame: pd.DataFrame) -> Figure:
    """Return doubling times by field, with their ends where stated; language models last (`study.domains`)."""
    fig, ax = subplots(size="tall")
    listed(ax, frame["months"], frame["name"], frame["role"], (2.5, 90.0))
    ax.set(xscale="log", xlabel="doubling time, months (log scale)")
    log_axis(ax.xaxis, (3, 4, 6, 9, 12, 18, 24, 36, 60))
    words(ax, 0.0, 1.01, "◆ stated", "published")
    words(ax, 0.2, 1.01, "▲ recomputed", "alternative")
    words(ax, 0.47, 1.01, "● language models, here", "ours")
    return fig
