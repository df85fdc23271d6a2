"""Figures and tables on single changes of a small transformer: gains in three sets of runs, a chain, products."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.data import tables
from algoprogress.show.style import COLOURS, ROLES, house, interval, label, subplots
from algoprogress.show.words import written
from book.chart import log_axis, rows, words
from book.studies.scaling.study import NAMES

SETS = (  # column, height above the row, role, words and where they stand
    ("published", 0.24, "published", "◆ published, one seed", 0.0),
    ("october", 0.0, "ours", "● October, one seed", 0.36),
    ("september", -0.24, "alternative", "▲ September, four seeds", 0.68),
)


@house()
def bars(frame: pd.DataFrame) -> Figure:
    """Return the gains of single changes: published, and again in other runs, with their intervals (`study.bars`)."""
    fig, ax = subplots(size="tall")
    edges, places = (0.6, 4.0), -np.arange(len(frame))
    ax.axvline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for column, shift, role, text, at in SETS:
        for place, found in zip(places, frame[column], strict=True):
            interval(ax, place + shift, found, role, edges, width=1.8, size=5.5)
        words(ax, at, 1.01, text, role)
    rows(ax, places, [f"{row.better} / {row.worse}" for row in frame.itertuples()], fontsize=8.5)
    ax.set(xscale="log", xlim=edges, xlabel="compute-equivalent gain of the first over the second (log scale)")
    log_axis(ax.xaxis, (0.6, 0.8, 1, 1.25, 1.5, 2, 3))
    return fig


@house()
def chain(frame: pd.DataFrame) -> Figure:
    """Return the gain of a chain of changes from 2017, at one learning rate and each at its best (`study.chain`)."""
    fig, ax = subplots(size="column")
    places = np.arange(len(frame))
    ax.axhline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for column, role, text in (("shared", "published", "one learning rate"), ("best", "ours", "each at its best")):
        ax.plot(places, frame[f"{column}_gain"], **ROLES[role].drawing)
        label(ax, places[-1], frame[f"{column}_gain"].iloc[-1], text, role, annotation_clip=False, offset=(9, 0))
    ax.set_xticks(places, frame["name"], rotation=40, ha="right", fontsize=8.5)
    ax.set(yscale="log", ylabel="gain over 2017 (log scale)", xlim=(-0.4, len(frame) + 2.2))
    log_axis(ax.yaxis, (0.6, 0.8, 1, 1.5, 2))
    ax.grid(False, axis="x")
    return fig


def bars_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.bars` to read, with estimates of three sets of runs."""
    names = {"differs": "differs from one", "october": "October", "september": "September, seeds"}
    shown = frame.assign(differs=frame["differs"].map({True: "yes", False: "no"}))
    return shown[["better", "worse", "published", *names]].rename(columns=names)


def interaction_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.interaction` to read; a star where the loss lies outside of the fitted points."""
    together = frame["together"].map("{:.2f}".format) + frame["inside"].map({True: "", False: "\\*"})
    columns = {"from": frame["path"].map(NAMES), "loss, nats": frame["loss_nats"].map("{:.3f}".format)}
    return pd.DataFrame({**columns, "single gains multiplied": frame["product"].map(written), "together": together})


def split_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.split` to read."""
    columns = {"single": "alone", "proportional": "shrunk alike, as published"}
    columns |= {"shapley": "Shapley, one joint interaction", "last": "as the last, all of it"}
    shown = frame[[*columns]].map(written).rename(columns=columns)
    shown.insert(0, "change", frame["id"].map(tables.read("innovations").set_index("id")["name"]))
    return shown
