"""Figures of the pairs of 2022 to 2026: their gains and trends, what counting does, and experts by size."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.style import COLOURS, ROLES, house, interval, label, subplots
from book.chart import gains_and_trends, log_axis, words

ROLES_OF = {"sparsity": "check", "optimiser": "ours", "recipe": "alternative", "data": "published"}
EDGES, SLOPES = (0.5, 20.0), (-0.5, 0.5)
KINDS = {"check": "■ experts", "ours": "● optimiser", "alternative": "▲ recipe", "published": "◆ training text"}
SHOWN = {8: "alternative", 64: "ours", 512: "check"}  # experts


def named(row) -> str:
    """Return the words of a pair with its marks: what differs besides the algorithm."""
    currency = " (equal tokens)" if "tokens" in row.currency else ""
    return f"{row.title}{currency}" + (f" (other {row.marks})" if row.marks else "")


@house()
def forest(frame: pd.DataFrame) -> Figure:
    """Return early (hollow) and late gain of each pair (`tables.gains`) by kind, its trend, its marks in words."""
    names = [named(row) for row in frame.itertuples()]
    fig, ax = gains_and_trends(frame, names, ROLES_OF, EDGES, SLOPES, 7.5)
    log_axis(ax.xaxis, (0.5, 1, 2, 4, 8, 16))
    for place, (role, said) in zip((-0.5, -0.13, 0.3, 0.62), KINDS.items(), strict=True):
        words(ax, place, 1.01, said, role)
    return fig


@house()
def counting(frame: pd.DataFrame) -> Figure:
    """Return the mean gain of each recounted pair as its sources count (hollow) and by one rule (`tables.gains`)."""
    frame = frame[frame["recounted"]].reset_index(drop=True)
    fig, ax = subplots(size="wide")
    ax.axvline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for place, row in zip(-np.arange(len(frame), dtype=float), frame.itertuples(), strict=True):
        interval(ax, place + 0.17, row.as_counted, "published", EDGES, width=1.4, size=5, filled=False)
        interval(ax, place - 0.17, row.gain, "ours", EDGES, width=1.4, size=5)
    ax.set_yticks(-np.arange(len(frame)), [named(row) for row in frame.itertuples()], fontsize=8)
    ax.grid(False, axis="y")
    ax.set(xscale="log", xlim=EDGES, xlabel="mean gain (log scale)")
    log_axis(ax.xaxis, (0.5, 1, 2, 4, 8, 16))
    words(ax, 0.0, 1.02, "● one rule", "ours")
    words(ax, 0.25, 1.02, "◇ as the sources count", "published")
    return fig


@house()
def experts(frame: pd.DataFrame) -> Figure:
    """Return the gain of experts at equal tokens over the parameters in use (`routing.by_router`)."""
    fig, ax = subplots(size="column")
    ax.axhline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for (count, router), part in frame[frame["experts"].isin(SHOWN)].groupby(["experts", "router"], sort=False):
        role = ROLES[SHOWN[count]]
        line = {"balanced": "-", "learned": "--", "hashing": ":"}[router]
        ax.plot(part["parameters"], part["gain"], color=role.colour, linestyle=line, marker=role.marker, markersize=4)
        if router == "balanced":
            label(ax, *part[["parameters", "gain"]].iloc[-1], f"{count} experts", SHOWN[count], offset=(9, 11))
    ax.set(xscale="log", yscale="log", ylim=(0.9, 10), xlim=(1.2e7, 1.6e9))
    ax.set(xlabel="parameters in use", ylabel="gain over dense (log scale)")
    log_axis(ax.xaxis, (2e7, 5e7, 1e8, 3e8, 1e9), lambda value: f"{value / 1e6:.0f}M")
    log_axis(ax.yaxis, (1, 2, 4, 8))
    words(ax, 0.0, 1.02, "— balanced   – – learned   ··· hashing", "muted")
    return fig
