"""Figures of the shares of compute and algorithms."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from algoprogress.show.style import COLOURS, ROLES, house, interval, subplots
from book.chart import listed, words

EDGES = (0.25, 1.02)


@house()
def shares(frame: pd.DataFrame) -> Figure:
    """Return the share of compute by pair: published point, and solved with its 95% interval (`study.table`)."""
    fig, ax = subplots(size="wide")
    ax.axvline(0.5, color=COLOURS["muted"], linewidth=1, linestyle=":")
    names = [f"{row.start} → {row.end}" for row in frame.itertuples()]
    places = listed(ax, frame["compute"], names, "ours", EDGES)
    ax.plot(frame["published"], places, color=ROLES["published"].colour, marker="D", linestyle="none", markersize=5)
    ax.set(ylim=(-len(frame) + 0.4, 0.6), xlabel="share of parameters and data in the fall of the loss")
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    words(ax, 0.0, 1.02, "◆ published fit", "published")
    words(ax, 0.32, 1.02, "● solved, papers resampled", "ours")
    return fig


@house()
def along_frontier(frame: pd.DataFrame) -> Figure:
    """Return the share of algorithms between consecutive records of compute, each over the years that it spans.

    `frame`: start, end, year, algorithms (estimates), of `study.along_frontier`.
    """
    fig, ax = subplots(size="wide")
    aside = {"xytext": (0, 10), "textcoords": "offset points", "ha": "center", "fontsize": 7.5, "rotation": 30}
    for row in frame.itertuples():
        interval(ax, row.year, row.algorithms, "ours", (-0.05, 1.05), upright=True, width=1.8, size=5.5)
        name = row.end.split(" (")[0][:22]
        ax.annotate(name, (row.year, min(row.algorithms.high, 1.0)), color=COLOURS["muted"], **aside)
    ax.set(ylim=(-0.05, 1.25), xlim=(2012.3, 2023.2), xlabel="year of the new record")
    ax.set_ylabel("share of algorithms since the record before")
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    return fig
