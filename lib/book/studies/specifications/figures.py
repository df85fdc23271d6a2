"""Figures of the specification curve: the curve itself, its levels, shares of the variance, what one row can do."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from algoprogress.show.style import COLOURS, ROLES, house, interval, label, subplots
from algoprogress.show.words import quantity
from book.chart import MONTH_TICKS, log_axis, rows, words

LONGEST_NAME = 40  # characters, on two lines
EDGES = (1.0, 100.0)  # months; longer times, and no progress, stand at the upper edge
TICKS = (1, 2, *MONTH_TICKS, 100)
NAMES = {
    "optimiser": "optimiser", "penalty": "penalty", "data": "meaning of data", "missing": "unknown epochs",
    "floor": "floor", "progress": "rate of progress", "rows": "rows", "vocabulary": "vocabulary term",
    "value": "perplexity",
}  # fmt: skip
LEVELS = {
    ("optimiser", "published"): "as published", ("penalty", "0.0"): "none",
    ("data", "seen"): "tokens seen", ("data", "effective"): "effective",
    ("missing", "none"): "not needed", ("missing", "one"): "count as one",
    ("missing", "median"): "as the median", ("missing", "drop"): "rows dropped",
    ("missing", "sheet"): "all as in the authors' table",
    ("progress", "separate"): "one a term", ("progress", "shared"): "one for both",
    ("rows", "top 3"): "three best of a paper", ("rows", "top 1"): "the best of a paper",
    ("rows", "reviewed"): "as the review corrects them",
}  # fmt: skip


@house()
def curve(frame: pd.DataFrame, *, published: float, own: float) -> Figure:
    """Return all months in order (`curve.months`), with intervals, marked at those `published` and `own` converged."""
    fig, ax = subplots(size="wide")
    ordered = frame.sort_values("months", ignore_index=True)
    share = (np.arange(len(ordered)) + 0.5) / len(ordered)
    low, middle, high = (ordered[name].clip(*EDGES).to_numpy() for name in ("months_low", "months", "months_high"))
    ax.fill_between(share, low, high, step="mid", color=ROLES["ours"].colour, alpha=0.25, linewidth=0)
    ax.plot(share, middle, color=ROLES["ours"].colour, linewidth=2.2)
    for level, text in ((0.025, "2.5%"), (0.5, "median"), (0.975, "97.5%")):
        said = f"{text}: {quantity(np.quantile(ordered['months'], level, method='nearest'), 'months')}"
        ax.axvline(level, color=COLOURS["muted"], linewidth=0.8, linestyle=":")
        side = "right" if level > 0.9 else "left"
        label(ax, level, EDGES[0], said, "muted", offset=(3, 22 if level == 0.5 else 8), fontsize=8.5, ha=side)
    for value, role, text, offset, side in (
        (published, "published", "as published", (-4, 24), "right"),
        (own, "reference", "converged", (8, -14), "left"),
    ):
        place = np.interp(value, middle, share)
        ax.plot(place, value, color=ROLES[role].colour, marker=ROLES[role].marker, markersize=8, zorder=4)
        label(ax, place, value, text, role, fontsize=8.5, offset=offset, ha=side)
    ax.set(yscale="log", ylim=EDGES, ylabel="doubling time, months (log scale)")
    ax.set(xlim=(0, 1), xlabel="specifications, by doubling time")
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    log_axis(ax.yaxis, TICKS)
    return fig


@house()
def levels(frame: pd.DataFrame) -> Figure:
    """Return the curve within each level of each choice (`curve.by_level`): median, and the middle 95% as a bar."""
    fig, ax = subplots(size="tall")
    new = frame["choice"].ne(frame["choice"].shift()).to_numpy()
    places = -np.cumsum(1.0 + 0.55 * new)
    for place, row in zip(places, frame.itertuples(), strict=True):
        interval(ax, place, row.months, "ours", EDGES, width=2.0, size=6.0)
        at_end = {"offset": (9, 0), "fontsize": 8.5, "annotation_clip": False}
        label(ax, EDGES[1], place, f"{row.months.value:.1f}", "ours", **at_end)
    ax.set(xscale="log", xlim=EDGES, ylim=(places[-1] - 0.8, places[0] + 1.0))
    ax.set_xlabel("doubling time of effective compute, months (log scale)")
    levels = (LEVELS.get(pair, pair[1]) for pair in frame[["choice", "level"]].itertuples(index=False, name=None))
    named = [f"{NAMES[choice]}: {level}" for choice, level in zip(frame["choice"], levels, strict=True)]
    rows(ax, places, named, ticks=False, fontsize=8.5)
    ax.spines["left"].set_visible(False)
    log_axis(ax.xaxis, TICKS)
    return fig


@house()
def variance(frame: pd.DataFrame) -> Figure:
    """Return the share of the variance by choice, alone and with all that it is involved in (`curve.variance`)."""
    fig, ax = subplots(size="column")
    ordered = frame.sort_values("involved", ignore_index=True)
    ax.barh(ordered.index, ordered["involved"], height=0.55, facecolor="none", edgecolor=ROLES["ours"].colour)
    ax.barh(ordered.index, ordered["alone"], height=0.55, color=ROLES["ours"].colour, linewidth=0)
    for row in ordered.itertuples():
        label(ax, row.involved, row.Index, f"{row.alone:.0%} alone, {row.involved:.0%} in all", "ours", fontsize=8.5)
    rows(ax, ordered.index, ordered["choice"].map(NAMES), ticks=False)
    ax.set(xlim=(0, 1.6 * ordered["involved"].max()), xlabel="share of the variance over specifications")
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    return fig


@house()
def leave_outs(frame: pd.DataFrame) -> Figure:
    """Return months without each paper and each row (`curve.leave_outs`), the extremes named; a panel a penalty."""
    fig, axes = subplots(2, 1, size="square", sharex=True)
    for ax, (penalty, part) in zip(axes, frame.groupby("penalty", sort=False), strict=True):
        for place, (by, dots) in enumerate(part.groupby("by", sort=False)):
            months = dots["months"].clip(*EDGES)
            role = "ours" if by == "paper" else "alternative"
            ax.plot(months, np.full(len(dots), -place), "|", color=ROLES[role].colour, markersize=11, alpha=0.7)
            for extreme, side, shift in ((months.idxmin(), "right", -6), (months.idxmax(), "left", 6)):
                name = textwrap.fill(textwrap.shorten(dots["left_out"][extreme], LONGEST_NAME, placeholder="…"), 22)
                text = f"{name}\n{months[extreme]:.1f}"
                label(ax, months[extreme], -place, text, role, offset=(shift, 0), ha=side, fontsize=8)
        ax.axvline(part["all_rows"].iloc[0], color=COLOURS["muted"], linestyle=":", linewidth=1)
        rows(ax, [0, -1], ["without\none paper", "without\none row"], ticks=False)
        ax.set(ylim=(-1.6, 0.6), xscale="log", xlim=(1.1, 60))
        words(ax, 0.0, 1.03, "no penalty" if penalty == 0 else "published penalty", "muted")
    axes[-1].set_xlabel("doubling time of effective compute, months (log scale)")
    log_axis(axes[-1].xaxis, (2, 4, 6, 8, 12, 18, 24))
    return fig
