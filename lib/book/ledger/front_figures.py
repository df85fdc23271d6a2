"""The figure of the front page: the headline under one choice after another."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from algoprogress.show.chart import MONTH_TICKS, log_axis
from algoprogress.show.style import COLOURS, ROLES, Role, house, subplots

EDGES = (2.0, 62.0)  # months; intervals that go on end in an arrow there
LINE, GAP = 1.0, 0.45  # heights of a line, and of the space between groups


@house()
def hangs_on(frame: pd.DataFrame) -> Figure:
    """Return doubling times in groups by choice, each with its interval, over the published interval as a band.

    `frame`: choice, words, median, low, high (months), role (`front.choices`); its first line is the published one.
    """
    fig, ax = subplots(size="square")
    new = frame["choice"].ne(frame["choice"].shift()).to_numpy()
    places = -np.cumsum(LINE + GAP * new)
    ax.axvspan(frame["low"].iloc[0], frame["high"].iloc[0], color=ROLES["published"].colour, alpha=0.10, linewidth=0)
    ax.axvline(frame["median"].iloc[0], color=ROLES["published"].colour, linestyle=ROLES["published"].line, linewidth=1)
    for place, row in zip(places, frame.itertuples(), strict=True):
        _interval(ax, place, row, ROLES[row.role])
        ax.annotate(
            row.words, (EDGES[0], place), xytext=(3, 6), textcoords="offset points", fontsize=8, color=COLOURS["muted"]
        )
    starts = np.flatnonzero(new)
    ax.set_yticks(places[starts], frame["choice"].iloc[starts])
    ax.set(xscale="log", xlim=EDGES, ylim=(places[-1] - 0.6, places[0] + 0.9))
    ax.set_xlabel("doubling time of effective compute, months (log scale)")
    ax.grid(False, axis="y")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    log_axis(ax.xaxis, (2, *MONTH_TICKS))
    return fig


def _interval(ax: Axes, place: float, row, role: Role) -> None:
    """Draw one line: its interval, cut with an arrow at an edge, its median and both in digits."""
    low, high = max(row.low, EDGES[0]), min(row.high, EDGES[1])
    ax.plot([low, high], [place, place], color=role.colour, linestyle=role.line, linewidth=2.2)
    ax.plot(row.median, place, color=role.colour, marker=role.marker, markersize=6.5)
    for end, cut, marker in ((low, row.low < EDGES[0], "<"), (high, row.high > EDGES[1], ">")):
        if cut:
            ax.plot(end, place, color=role.colour, marker=marker, markersize=6, clip_on=False)
    ends = ", ".join(f"{end:.1f}" if np.isfinite(end) else "∞" for end in (row.low, row.high))
    ax.annotate(
        f"{row.median:.1f} [{ends}]",
        (EDGES[1], place),
        xytext=(0, 6),
        textcoords="offset points",
        ha="right",
        fontsize=8.5,
        color=role.text,
    )
