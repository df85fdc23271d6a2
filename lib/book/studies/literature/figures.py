"""Figures of other papers' gains and rates, in groups, with the book's own beside them."""

import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.style import COLOURS, house, interval, subplots
from book.chart import log_axis, power, rows, words

EDGES_GAIN, EDGES_MONTHS = (0.4, 4e4), (1.5, 130.0)
MARKS = {"measured": ("published", True), "extrapolated": ("published", False), "read off": ("check", True)}
THIN = {"width": 1.2, "size": 5.5}


@house()
def gains(frame: pd.DataFrame, own: pd.DataFrame) -> Figure:
    """Return the published gains by group, least first, and ours below them (`study.gains`, `study.own`)."""
    fig, ax = subplots(size="tall")
    ax.axvline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    place, ticks = 0.0, {}
    for group, part in frame.groupby("group", sort=False):
        lines = [(row.gain, *MARKS[row.mark]) for row in part.itertuples()]
        lines.sort(key=lambda line: line[0].value)
        lines += [(found, "ours", True) for found in own.loc[own["group"] == group, "found"]]
        for step, (found, role, filled) in enumerate(lines):
            interval(ax, place - step, found, role, EDGES_GAIN, filled=filled, **THIN)
        ticks[group] = place - (len(lines) - 1) / 2.0
        place -= len(lines) + 1.0
        ax.axhline(place + 1.0, color=COLOURS["grid"], linewidth=0.8)
    rows(ax, list(ticks.values()), list(ticks), ticks=False)
    ax.set(xscale="log", xlim=EDGES_GAIN, ylim=(place + 0.5, 1.0), xlabel="times less for the same result (log scale)")
    log_axis(ax.xaxis, (1, 10, 100, 1e3, 1e4), power)
    words(ax, -0.15, 1.01, "◆ measured", "published")
    words(ax, 0.1, 1.01, "◇ extrapolated", "published")
    words(ax, 0.42, 1.01, "■ assumed or read off", "check")
    words(ax, 0.82, 1.01, "● ours", "ours")
    return fig


def _named(row: tuple, several: bool) -> str:
    """Return a study as a row is named: without what follows a comma, and with its note if it has several rows."""
    short = row.study.split(",")[0].replace(" repo", "").replace("Rosetta Stone", "").strip()
    return f"{short}: {row.note.split(',')[0]}" if several else short


@house()
def rates(frame: pd.DataFrame, own: pd.DataFrame) -> Figure:
    """Return the published rates in months by group, and ours below them (`study.rates`, `study.own`)."""
    fig, ax = subplots(size="tall")
    place, names = 0.0, {}
    for group, part in frame.groupby("group", sort=False):
        ax.text(EDGES_MONTHS[0], place, group, fontsize=9, fontweight="bold", color=COLOURS["ink"], va="center")
        several = part["study"].duplicated(keep=False)
        lines = [(_named(row, several[row.Index]), row.months, "published") for row in part.itertuples()]
        lines += [(row.words, row.found, "ours") for row in own[own["group"] == group].itertuples()]
        for step, (name, found, role) in enumerate(lines, start=1):
            interval(ax, place - step, found, role, EDGES_MONTHS, **THIN)
            names[place - step] = name
        place -= len(lines) + 1.0
    rows(ax, list(names), list(names.values()), ticks=False, fontsize=8)
    ax.set(xscale="log", xlim=EDGES_MONTHS, ylim=(place + 0.4, 0.8), xlabel="months to double, or to halve (log scale)")
    log_axis(ax.xaxis, (2, 3, 6, 12, 24, 48, 96))
    words(ax, -0.4, 1.01, "◆ published", "published")
    words(ax, 0.0, 1.01, "● ours", "ours")
    return fig
