"""Figures of other papers' gains and rates, in groups, with the book's own beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.chart import log_axis, power, words
from algoprogress.show.style import COLOURS, ROLES, house, subplots

EDGES_GAIN, EDGES_MONTHS = (0.4, 4e4), (1.5, 130.0)
MARKS = {"measured": ("published", True), "extrapolated": ("published", False), "read off": ("check", True)}
OWN = "ours"


def _interval(ax, place: float, low: float, high: float, role: str, edges: tuple[float, float]) -> None:
    """Draw an interval within the edges, an arrow where it goes on, a missing high end as an arrow from the low one."""
    if not np.isfinite(low) and not np.isfinite(high):
        return
    colour = ROLES[role].colour
    ends = max(low, edges[0]), min(high, edges[1]) if np.isfinite(high) else edges[1]
    ax.plot(ends, [place] * 2, color=colour, linestyle=ROLES[role].line, linewidth=1.2)
    for beyond, end, marker in ((low < edges[0], edges[0], "<"), (not high <= edges[1], edges[1], ">")):
        if beyond:
            ax.plot(end, place, color=colour, marker=marker, markersize=5, clip_on=False)


def _dot(ax, place: float, value: float, role: str, filled: bool) -> None:
    drawn = ROLES[role]
    ax.plot(
        value,
        place,
        marker=drawn.marker,
        markersize=5.5,
        color=drawn.colour,
        linestyle="none",
        markerfacecolor=drawn.colour if filled else COLOURS["paper"],
    )


@house()
def gains(frame: pd.DataFrame, own: pd.DataFrame) -> Figure:
    """Return the published gains by group, least first, and ours below them (`literature.gains`, `literature.own`)."""
    fig, ax = subplots(size="tall")
    ax.axvline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    place, ticks, names = 0.0, [], []
    for group, part in frame.groupby("group", sort=False):
        top = place
        for row in part.sort_values("gain").itertuples():
            role, filled = MARKS[row.mark]
            _interval(ax, place, row.low, row.high, role, EDGES_GAIN)
            _dot(ax, place, row.gain, role, filled)
            place -= 1.0
        for row in own[own["group"] == group].itertuples():
            _interval(ax, place, row.low, row.high, OWN, EDGES_GAIN)
            _dot(ax, place, row.value, OWN, True)
            place -= 1.0
        ticks.append((top + place + 1.0) / 2.0)
        names.append(group)
        ax.axhline(place, color=COLOURS["grid"], linewidth=0.8)
        place -= 1.0
    ax.set_yticks(ticks, names)
    ax.set(xscale="log", xlim=EDGES_GAIN, ylim=(place + 0.5, 1.0), xlabel="times less for the same result (log scale)")
    log_axis(ax.xaxis, (1, 10, 100, 1e3, 1e4), power)
    for x, text, role in (
        (-0.15, "◆ measured", "published"),
        (0.1, "◇ extrapolated", "published"),
        (0.42, "■ assumed or read off", "check"),
        (0.82, "● ours", OWN),
    ):
        words(ax, x, 1.01, text, role)
    ax.grid(False, axis="y")
    ax.tick_params(axis="y", length=0)
    return fig


def named(study: str, note: str, several: bool) -> str:
    """Return a study as a row is named: without what follows a comma, and with its note if it has several rows."""
    short = study.split(",")[0].replace(" repo", "").replace("Rosetta Stone", "").strip()
    return f"{short}: {note.split(',')[0]}" if several else short


@house()
def rates(frame: pd.DataFrame, own: pd.DataFrame) -> Figure:
    """Return the published rates in months by group, and ours below them (`literature.rates`, `literature.own`)."""
    fig, ax = subplots(size="tall")
    place, ticks, names = 0.0, [], []
    for group, part in frame.groupby("group", sort=False):
        ax.text(EDGES_MONTHS[0], place, group, fontsize=9, fontweight="bold", color=COLOURS["ink"], va="center")
        place -= 1.0
        for row in part.itertuples():
            _interval(ax, place, row.low, row.high, "published", EDGES_MONTHS)
            _dot(ax, place, row.months, "published", True)
            ticks.append(place)
            names.append(named(row.study, row.note, (part["study"] == row.study).sum() > 1))
            place -= 1.0
        for row in own[own["group"] == group].itertuples():
            _interval(ax, place, row.low, row.high, OWN, EDGES_MONTHS)
            _dot(ax, place, row.value, OWN, True)
            ticks.append(place)
            names.append(row.words)
            place -= 1.0
    ax.set_yticks(ticks, names, fontsize=8)
    ax.set(xscale="log", xlim=EDGES_MONTHS, ylim=(place + 0.4, 0.8), xlabel="months to double, or to halve (log scale)")
    log_axis(ax.xaxis, (2, 3, 6, 12, 24, 48, 96))
    words(ax, -0.4, 1.01, "◆ published", "published")
    words(ax, 0.0, 1.01, "● ours", OWN)
    ax.grid(False, axis="y")
    ax.tick_params(axis="y", length=0)
    return fig
