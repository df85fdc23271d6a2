"""Figures of the second field: the doubling time by every reading, and the two explanations of the same rows."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.estimate import Estimate
from algoprogress.show.style import COLOURS, ROLES, house, label, subplots
from book.chart import MONTH_TICKS, forest, log_axis
from book.studies.images import study

EDGES = (2.5, 130.0)
READINGS = {
    "imagenet.doubling_months": "their form, models resampled, followed from one start",
    "imagenet.doubling_months.every_start": "the same, the best of several starts",
    "imagenet.doubling_months.papers": "the same, papers resampled",
    "imagenet.engine.doubling_months": "law of Ho et al., papers resampled",
    "imagenet.engine.compute_alone.doubling_months": "the same, progress in compute alone",
}


@house()
def readings(ledger: pd.DataFrame) -> Figure:
    """Return the months in which effective compute doubles as published and by `READINGS`, rows of the ledger."""
    fig, ax = subplots(size="wide")
    known = ledger.set_index("id")
    row = known.loc["imagenet.doubling_months"]
    lines = [
        ("Erdil and Besiroglu, as printed", Estimate.of_row(row, ("published", "published_low", "published_high")))
    ]
    columns = ("estimate", "low", "high", "undetermined")
    lines += [(said, Estimate.of_row(known.loc[id], columns)) for id, said in READINGS.items()]
    forest(ax, [(*line, "ours" if place else "published") for place, line in enumerate(lines)], EDGES, spec=".2f")
    ax.set(xscale="log", xlabel="months in which effective compute doubles (log scale)")
    log_axis(ax.xaxis, MONTH_TICKS)
    return fig


@house()
def explanations(frame: pd.DataFrame) -> Figure:
    """Return the yearly growth of effective compute and of effective images, a point for each resample (`drawn`)."""
    fig, ax = subplots(size="square")
    edges = (-1.5, 3.0)
    shown = frame[frame.abs().max(axis=1) < edges[1]]
    ours = ROLES["ours"]
    ax.scatter(shown["compute"], shown["images"], s=9, color=ours.colour, alpha=0.35, linewidth=0)
    for line in (ax.axvline, ax.axhline):
        line(0.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    label(ax, 2.9, -1.35, "all progress saves compute", "muted", ha="right")
    label(ax, -1.4, 2.9, "all progress saves images", "muted", va="top")
    ax.set(xlim=edges, ylim=edges, xlabel="growth of effective compute, per year (natural log)")
    ax.set(ylabel="growth of effective images, per year (natural log)")
    return fig


def drawn() -> pd.DataFrame:
    """Return the growth rates of compute and of images of each resample of papers, where both sizes count."""
    params = study.draws().kept
    rates = {"compute": study.rate(params), "images": study.rate(params, "data")}
    return pd.DataFrame(rates).replace([np.inf, -np.inf], np.nan).dropna()


def minima_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.choices` to read: the months of the two best minima side by side, by penalty."""
    names = {"compute_months": "compute", "images_months": "images"}
    wide = frame.pivot_table(list(names), "penalty", "minimum", aggfunc="first")
    place = {1: "best fit", 2: "next best"}
    wide.columns = [f"{names[what]}, {place[minimum]}" for what, minimum in wide.columns]
    return wide.sort_index(axis=1).reset_index()
