"""Figures and tables of the shares of compute and algorithms."""

import textwrap

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from algoprogress.data.sample import Sample
from algoprogress.show.style import COLOURS, ROLES, house, interval, label, subplots
from algoprogress.show.words import written
from book.chart import listed, words
from book.studies.attribution import study

ROOM_UNTIL = 2018.0  # later records come so close that their names stand to the left


@house()
def shares(frame: pd.DataFrame) -> Figure:
    """Return the share of compute by pair: published point, and solved with its 95% interval (`study.table`)."""
    fig, ax = subplots(size="wide")
    ax.axvline(0.5, color=COLOURS["muted"], linewidth=1, linestyle=":")
    names = [f"{row.start} → {row.end}" for row in frame.itertuples()]
    places = listed(ax, frame["compute"], names, "ours", (0.25, 1.02))
    ax.plot(frame["published"], places, color=ROLES["published"].colour, marker="D", linestyle="none", markersize=5)
    ax.set(ylim=(-len(frame) + 0.4, 0.6), xlabel="share of parameters and data in the fall of the loss")
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    words(ax, 0.0, 1.02, "◆ published fit", "published")
    words(ax, 0.32, 1.02, "● solved, papers resampled", "ours")
    return fig


@house()
def along_frontier(frame: pd.DataFrame) -> Figure:
    """Return the share of algorithms between consecutive records of compute, by year (`study.along_frontier`)."""
    fig, ax = subplots(size="wide")
    aside = {"va": "bottom", "fontsize": 8.5}
    for row in frame.itertuples():
        interval(ax, row.year, row.algorithms, "ours", (-0.2, 1.05), upright=True, width=1.8, size=5.5)
        side = {"ha": "right", "offset": (2, 4)} if row.year > ROOM_UNTIL else {"ha": "center", "offset": (0, 4)}
        name = row.end.split(" (")[0].replace("+", " + ")
        name = textwrap.fill(name, 8, break_long_words=False, break_on_hyphens=False)
        label(ax, row.year, min(row.algorithms.high, 1.07), name, "muted", **aside, **side)
    ax.set(ylim=(-0.2, 1.25), xlim=(2012.3, 2023.2), xlabel="year of the new record")
    ax.set_ylabel("share of algorithms since the record before")
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    return fig


def published_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `study.published_shares` without its intervals, shares in percent: a line a pair."""
    shown = {"from": frame["start"], "to": frame["end"], "fall of perplexity": frame["fall_perplexity"]}
    for name in ("parameters", "data", "parameter_efficiency", "data_efficiency", "compute"):
        shown[name] = [written(found.value, ".1%") for found in frame[name]]
    return pd.DataFrame(shown).rename(columns={"compute": "compute in all"})


def specifications_table(sample: Sample) -> pd.DataFrame:
    """Return the share of compute of the table's pairs: from, to, under law 7 (estimate), and over specifications."""
    wide = study.table(sample).merge(study.across_specifications(sample)[0], on=["start", "end"])
    ranges = wide["least"].map(written) + " to " + wide["most"].map(written)
    titles = {"start": "from", "end": "to", "compute": "law 7 [95%]"}
    return wide[list(titles)].rename(columns=titles).assign(**{"over laws and penalties": ranges})
