"""Figures of the robustness checks: all doubling times beside the published ones, breaks in time, held exponents."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from algoprogress.show.chart import MONTH_TICKS, log_axis, words
from algoprogress.show.style import COLOURS, ROLES, house, label, subplots

EDGES = (1.0, 62.0)  # months; what goes on beyond ends in an arrow
TICKS = (1, 2, *MONTH_TICKS)
SOURCES = (
    ("published", "published_", "published"),
    ("estimate", "", "alternative"),
    ("converged", "converged_", "ours"),
)
NAMES = {"published": "◆ published", "alternative": "▲ stated procedure", "ours": "● solved, papers resampled"}


@house()
def overview(frame: pd.DataFrame) -> Figure:
    """Return the doubling times of the checks: published, by the stated procedure, and solved, with 95% intervals.

    `frame`: name, words and, in months, the values of `robustness_tables.of_months`.
    """
    fig, ax = subplots(size="tall")
    fig.set_size_inches(7.2, 0.44 * len(frame) + 1.2)
    for place, row in zip(-np.arange(len(frame)), frame.to_dict("records"), strict=True):
        if place % 2:
            ax.axhspan(place - 0.5, place + 0.5, color=COLOURS["grid"], alpha=0.4, linewidth=0)
        for shift, (name, prefix, role) in zip((0.26, 0.0, -0.26), SOURCES, strict=True):
            _bar(ax, place + shift, row[f"{prefix}low"], row[name], row[f"{prefix}high"], role)
        ax.annotate(
            f"{row['name']}  {row['words']}",
            (0, place),
            xycoords=("axes fraction", "data"),
            xytext=(-6, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=8.5,
            color=COLOURS["ink"],
            annotation_clip=False,
        )
    for place, role in zip((0.0, 0.22, 0.55), NAMES, strict=True):
        words(ax, place, 1.01, NAMES[role], role)
    _months_axis(ax, len(frame))
    return fig


def _months_axis(ax: Axes, count: int) -> None:
    ax.set(xscale="log", xlim=EDGES, ylim=(-count + 0.4, 0.6))
    ax.set_xlabel("doubling time of effective compute, months (log scale)")
    ax.set_yticks([])
    ax.grid(False, axis="y")
    ax.spines["left"].set_visible(False)
    log_axis(ax.xaxis, TICKS)


def _bar(ax: Axes, place: float, low: float, middle: float, high: float, role: str) -> None:
    """Draw an interval and its middle, as far as they are known; a negative end of a time means no progress."""
    drawn = ROLES[role]
    if np.isfinite(low):
        start = EDGES[0] if low <= 0 else max(low, EDGES[0])
        ax.plot([start, min(high, EDGES[1])], [place, place], color=drawn.colour, linestyle=drawn.line, linewidth=1.6)
        if high > EDGES[1]:
            ax.plot(EDGES[1], place, color=drawn.colour, marker=">", markersize=4.5, clip_on=False)
        if low < EDGES[0]:
            ax.plot(EDGES[0], place, color=drawn.colour, marker="<", markersize=4.5, clip_on=False)
    if np.isfinite(middle):
        ax.plot(middle, place, color=drawn.colour, marker=drawn.marker, markersize=4.5)


@house()
def breaks(frame: pd.DataFrame, printed: pd.DataFrame) -> Figure:
    """Return the doubling times before and after each cutoff, by procedure, with the printed medians.

    `frame`: cutoff, procedure, side, low, median, high (`robustness.breaks`). `printed`: cutoff, side, months.
    """
    fig, axes = subplots(1, 2, size="wide", sharey=True)
    for ax, procedure, role in zip(axes, ("published", "converged"), ("alternative", "ours"), strict=True):
        part = frame[frame["procedure"] == procedure]
        for side, shift, filled in (("before", -0.16, False), ("after", 0.16, True)):
            rows = part[part["side"] == side]
            drawn = ROLES[role]
            for row in rows.itertuples():
                low = EDGES[0] if row.low <= 0 else max(row.low, EDGES[0])
                ax.plot(
                    [row.cutoff + shift] * 2,
                    [low, min(row.high, EDGES[1])],
                    color=drawn.colour,
                    linewidth=1.6,
                    linestyle="-" if filled else ":",
                )
                if row.high > EDGES[1]:
                    ax.plot(row.cutoff + shift, EDGES[1], color=drawn.colour, marker="^", markersize=5, clip_on=False)
            face = drawn.colour if filled else COLOURS["paper"]
            ax.plot(
                rows["cutoff"] + shift,
                rows["median"],
                color=drawn.colour,
                marker=drawn.marker,
                linestyle="none",
                markerfacecolor=face,
                markersize=6,
            )
            if procedure == "published":
                dots = printed[printed["side"] == side]
                ax.plot(
                    dots["cutoff"] + shift,
                    dots["months"],
                    color=ROLES["published"].colour,
                    marker="D",
                    linestyle="none",
                    markersize=4,
                    markerfacecolor="none",
                )
        words(ax, 0.0, 1.03, "stated procedure" if procedure == "published" else "solved, papers resampled", role)
        ax.set(yscale="log", ylim=EDGES, xlabel="cutoff, year")
        log_axis(ax.yaxis, TICKS)
    axes[0].set_ylabel("doubling time, months (log scale)")
    words(axes[0], 0.45, 0.04, "◇ printed, by eye", "published")
    words(axes[1], 0.02, 0.04, "○ before   ● after the cutoff", "ours")
    return fig


@house()
def exponents(frame: pd.DataFrame) -> Figure:
    """Return the doubling times with exponents held at measured values, without and with a fitted floor.

    `frame`: paper, alpha, beta, floor, low, median, high (`robustness.held_exponents`).
    """
    fig, ax = subplots(size="wide")
    papers = list(dict.fromkeys(frame["paper"]))
    edges = (4.0, 200.0)
    for shift, (floor, role) in zip((0.21, -0.21), (("none", "alternative"), ("by benchmark", "ours")), strict=True):
        for row in frame[frame["floor"] == floor].itertuples():
            place, drawn = shift - papers.index(row.paper), ROLES[role]
            ax.plot(
                [max(row.low, edges[0]), min(row.high, edges[1])],
                [place, place],
                color=drawn.colour,
                linestyle=drawn.line,
            )
            for far, end, marker in ((row.low < edges[0], edges[0], "<"), (row.high > edges[1], edges[1], ">")):
                if far:
                    ax.plot(end, place, color=drawn.colour, marker=marker, markersize=5, clip_on=False)
            if row.median < edges[1]:
                ax.plot(row.median, place, color=drawn.colour, marker=drawn.marker)
            label(
                ax,
                edges[1],
                place,
                f"{row.median:.1f}" if np.isfinite(row.median) else "∞",
                role,
                offset=(8, 0),
                fontsize=8.5,
                annotation_clip=False,
            )
    ax.set_yticks(-np.arange(len(papers)), papers)
    ax.set(xscale="log", xlim=edges, ylim=(-len(papers) + 0.4, 0.6))
    ax.set_xlabel("doubling time of effective compute, months (log scale)")
    words(ax, 0.0, 1.03, "▲ no floor", "alternative")
    words(ax, 0.22, 1.03, "● floor fitted by benchmark", "ours")
    ax.grid(False, axis="y")
    log_axis(ax.xaxis, (4, 6, 8, 12, 18, 24, 36, 60, 120))
    return fig
