"""What the figures share: names of benchmarks and architectures, ticks and log axes with plain labels."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from algoprogress.show.estimate import Estimate
from algoprogress.show.style import COLOURS, ROLES, interval, label, subplots
from algoprogress.show.words import RAISED
from book.narrow import BESIDE

BENCHMARK_NAMES = {"wt103": "WikiText-103", "wt2": "WikiText-2", "ptb": "Penn Treebank"}
ARCHITECTURES = {"transformer": ROLES["ours"], "other": ROLES["published"]}
MONTH_TICKS = (3, 4, 6, 8, 12, 18, 24, 36, 60)
PERPLEXITY_TICKS = (5, 10, 20, 40, 80, 160)
SCALE_TICKS = tuple(10.0**power for power in (6, 8, 10, 12))
CHOICES = {  # of laws, as the studies name them and as a reader sees them
    "snapshot": "runs of November 2025", "reruns": "reruns of 2026", "window from": "points from",
    "window to": "points to", "floor fitted": "floor fitted too", "3e15": "3 × 10¹⁵ FLOP", "5e16": "5 × 10¹⁶ FLOP",
    "1e15": "10¹⁵ FLOP", "floor 1.69": "floor of 1.69 nats", "floor 1.8": "floor of 1.8 nats",
    "floor 2.5": "floor of 2.5 nats",
}  # fmt: skip
Edges = tuple[float, float]  # the ends of an axis
UNCUT: Edges = (-np.inf, np.inf)


def log_axis(axis: Axis, ticks: tuple[float, ...], write="{:g}".format) -> None:
    """Give a log axis plain labels at chosen ticks."""
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))
    axis.set_minor_locator(NullLocator())


def choice_words(choice: str) -> str:
    """Return the name of a choice of a law in words."""
    for code, plain in CHOICES.items():
        choice = choice.replace(code, plain)
    return choice


def power(value: float) -> str:
    """Return a power of ten as it is printed on an axis."""
    return f"10{str(round(np.log10(value))).translate(RAISED)}"


def words(ax: Axes, x: float, y: float, text: str, role: str) -> None:
    """Write words at a place given as shares of the panel."""
    ax.text(x, y, text, transform=ax.transAxes, color=ROLES[role].text, fontsize=9)


def rows(ax: Axes, places: Sequence[float], names: Sequence[str], *, ticks: bool = True, **look) -> None:
    """Name rows at the left, without lines across; without `ticks` nothing marks their places."""
    ax.set_yticks(places, names, **look)
    ax.grid(False, axis="y")
    if not ticks:
        ax.tick_params(axis="y", length=0, pad=7)  # as far away as with ticks, as arrows may point out of the panel


def listed(
    ax: Axes, found: Iterable[Estimate], names: Sequence[str], roles: str | Iterable[str], edges: Edges
) -> np.ndarray:
    """Draw thin estimates below each other from 0 down, named at the left, in one role or each in its own.

    Returns the places. The axis across has the edges as its ends; its scale and label are the caller's.
    """
    places, roles = -np.arange(len(names)), [roles] * len(names) if isinstance(roles, str) else roles
    for place, each, role in zip(places, found, roles, strict=True):
        interval(ax, place, each, role, edges, width=1.8, size=5.5)
    rows(ax, places, names, fontsize=8.5)
    ax.set_xlim(edges)
    return places


def scatter_by_architecture(ax: Axes, frame: pd.DataFrame, x: str, y: str, *, size: float) -> None:
    """Draw rows as points in the colour and with the marker of their architecture."""
    for architecture, role in ARCHITECTURES.items():
        dots = frame[frame["architecture"] == architecture]
        ax.scatter(dots[x], dots[y], s=size, color=role.colour, marker=role.marker, alpha=0.6, linewidth=0)


def band(
    ax: Axes, x: Sequence[float], found: Iterable[Estimate], role: str, *, alpha: float = 0.14, edges: Edges = UNCUT
) -> None:
    """Draw the intervals of estimates along x as a band, cut at two edges; it has a gap where one has no interval."""
    low, high = np.clip(np.array([(each.low, each.high) for each in found], dtype=float).T, *edges)
    ax.fill_between(x, low, high, color=ROLES[role].colour, alpha=alpha, linewidth=0)


def forest(ax: Axes, rows: Sequence[tuple[str, Estimate, str]], edges: Edges, *, spec: str = ".1f") -> np.ndarray:
    """Draw estimates below each other, each with its words at the left and its numbers at the right; return the places.

    `rows`: words, estimate, role. The axis across has the edges as its ends; its scale and label are the caller's.
    """
    places = np.arange(len(rows))[::-1]
    for place, (said, found, role) in zip(places, rows, strict=True):
        interval(ax, place, found, role, edges)
        label(ax, edges[0], place, said, "muted", offset=(2, 8), fontsize=8)
        label(ax, edges[1], place, found.text(spec), role, offset=(0, 8), ha="right", fontsize=8.5)
    ax.set(xlim=edges, ylim=(-0.5, len(rows) - 0.2), yticks=[])
    ax.spines["left"].set_visible(False)
    return places


def gains_and_trends(
    frame: pd.DataFrame, names: Sequence[str], roles: Mapping[str, str], edges: Edges, slopes: Edges, size: float
) -> tuple[Figure, Axes]:
    """Return early (hollow) and late gains of pairs by kind, named at the left, trends beside, and the gains' panel.

    `frame` has kind, early, late and trend (estimates); `roles` are those of the kinds, `edges` and `slopes` the ends
    of the axes, and `size` is that of the names.
    """
    fig, (ax, side) = subplots(1, 2, size="tall", sharey=True, width_ratios=(1.7, 1.0))
    side.set_gid(BESIDE)
    for panel, centre in ((ax, 1.0), (side, 0.0)):
        panel.axvline(centre, color=COLOURS["muted"], linewidth=1, linestyle=":")
        panel.grid(False, axis="y")
    for place, row in zip(-np.arange(len(frame), dtype=float), frame.itertuples(), strict=True):
        role = roles[row.kind]
        for shift, found, filled in ((0.17, row.early, False), (-0.17, row.late, True)):
            interval(ax, place + shift, found, role, edges, width=1.4, size=5, filled=filled)
        interval(side, place, row.trend, role, slopes, width=1.4, size=5)
    ax.set_yticks(-np.arange(len(frame)), names, fontsize=size)
    for edge in np.flatnonzero(frame["kind"].to_numpy()[1:] != frame["kind"].to_numpy()[:-1]):
        for panel in (ax, side):
            panel.axhline(-edge - 0.5, color=COLOURS["grid"], linewidth=0.8)
    ax.set(xscale="log", xlim=edges, xlabel="gain: ○ early, ● late (log scale)")
    side.set(xlim=slopes, xlabel="trend (exponent)")
    return fig, ax
