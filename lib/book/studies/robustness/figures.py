"""Figures of the robustness checks: all doubling times beside the published ones, breaks in time, held exponents."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.style import COLOURS, ROLES, house, interval, label, subplots
from book.chart import MONTH_TICKS, log_axis, rows, words
from book.studies.robustness.tables import middle

EDGES = (1.0, 62.0)  # months; what goes on beyond ends in an arrow
HELD_EDGES = (4.0, 200.0)
TICKS = (1, 2, *MONTH_TICKS)
ROLE_OF = {"published": "published", "protocol": "alternative", "converged": "ours"}
NAMES = {"published": "◆ published", "alternative": "▲ stated procedure", "ours": "● solved, papers resampled"}
XLABEL = "doubling time of effective compute, months (log scale)"


@house()
def overview(frame: pd.DataFrame) -> Figure:
    """Return the doubling times of `tables.overview`: published, by the stated procedure, and solved."""
    fig, ax = subplots(size="tall")
    fig.set_size_inches(7.2, 0.44 * len(frame) + 1.2)
    for place, row in zip(-np.arange(len(frame)), frame.to_dict("records"), strict=True):
        if place % 2:
            ax.axhspan(place - 0.5, place + 0.5, color=COLOURS["grid"], alpha=0.4, linewidth=0)
        for shift, (name, role) in zip((0.26, 0.0, -0.26), ROLE_OF.items(), strict=True):
            interval(ax, place + shift, row[name], role, EDGES, width=1.6, size=4.5)
    for place, (role, name) in zip((0.0, 0.22, 0.55), NAMES.items(), strict=True):
        words(ax, place, 1.01, name, role)
    ax.set(xscale="log", xlim=EDGES, ylim=(-len(frame) + 0.4, 0.6), xlabel=XLABEL)
    rows(ax, -np.arange(len(frame)), (frame["name"] + "  " + frame["words"]).tolist(), ticks=False, fontsize=8.5)
    ax.spines["left"].set_visible(False)
    log_axis(ax.xaxis, TICKS)
    return fig


@house()
def breaks(frame: pd.DataFrame, printed: pd.DataFrame) -> Figure:
    """Return the doubling times of `study.breaks`, by procedure, with the medians of `tables.printed_breaks`."""
    fig, axes = subplots(1, 2, size="wide", sharey=True)
    shifts, hollow = {"before": -0.16, "after": 0.16}, {"markersize": 4, "markerfacecolor": "none", "linestyle": "none"}
    panels = (("published", "alternative", "stated procedure"), ("converged", "ours", "solved, papers resampled"))
    for ax, (procedure, role, title) in zip(axes, panels, strict=True):
        for row in frame[frame["procedure"] == procedure].itertuples():
            look = {"width": 1.6, "size": 6.0, "filled": row.side == "after", "upright": True}
            interval(ax, row.cutoff + shifts[row.side], row.months, role, EDGES, **look)
        words(ax, 0.0, 1.03, title, role)
        ax.set(yscale="log", ylim=EDGES, xlabel="cutoff, year")
        log_axis(ax.yaxis, TICKS)
    places = printed["cutoff"] + printed["side"].map(shifts)
    axes[0].plot(places, printed["months"], **{**ROLES["published"].drawing, **hollow})
    axes[0].set_ylabel("doubling time, months (log scale)")
    words(axes[0], 0.45, 0.04, "◇ printed, by eye", "published")
    return fig


@house()
def exponents(frame: pd.DataFrame) -> Figure:
    """Return the doubling times of `study.held_exponents`, without a floor and with one within its bounds."""
    fig, ax = subplots(size="wide")
    papers = list(dict.fromkeys(frame["paper"]))
    for row in frame.itertuples():
        shift, role = (0.21, "alternative") if row.floor == "none" else (-0.21, "ours")
        place, beside = shift - papers.index(row.paper), {"offset": (8, 0), "fontsize": 8.5, "annotation_clip": False}
        interval(ax, place, row.months, role, HELD_EDGES, width=1.8)
        label(ax, HELD_EDGES[1], place, middle(row), role, **beside)
    rows(ax, -np.arange(len(papers)), papers)
    ax.set(xscale="log", xlim=HELD_EDGES, ylim=(-len(papers) + 0.4, 0.6), xlabel=XLABEL)
    words(ax, 0.0, 1.03, "▲ no floor", "alternative")
    words(ax, 0.22, 1.03, "● floor by benchmark, below the lowest loss there", "ours")
    log_axis(ax.xaxis, (4, 6, 8, 12, 18, 24, 36, 60, 120))
    return fig
