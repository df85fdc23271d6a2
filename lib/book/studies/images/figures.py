"""Figures of the second field: the doubling time by every reading, and the two explanations of the same rows."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.estimate import Estimate
from algoprogress.show.style import COLOURS, ROLES, house, label, subplots
from book.chart import MONTH_TICKS, forest, log_axis
from book.studies.images import study
from book.studies.verdicts import PUBLISHED, shown

EDGES = (2.5, 130.0)


@house()
def readings(ledger: pd.DataFrame) -> Figure:
    """Return the months in which effective compute doubles, as printed and by each reading (`verdicts.shown`)."""
    fig, ax = subplots(size="wide")
    printed = Estimate.of_row(ledger.set_index("id").loc["imagenet.doubling_months"], PUBLISHED)
    lines = [(row.words, row.found, "ours") for row in shown(ledger, "image classifiers").itertuples()]
    forest(ax, [("Erdil and Besiroglu, as printed", printed, "published"), *lines], EDGES, spec=".2f")
    ax.set(xscale="log", xlabel="months in which effective compute doubles (log scale)")
    log_axis(ax.xaxis, MONTH_TICKS)
    return fig


@house()
def explanations(frame: pd.DataFrame) -> Figure:
    """Return the yearly growth of effective compute and of effective images, a point for each resample (`drawn`)."""
    fig, ax = subplots(size="square")
    edges = (-1.5, 3.0)
    near, ours = frame[frame.abs().max(axis=1) < edges[1]], ROLES["ours"]
    ax.scatter(near["compute"], near["images"], s=9, color=ours.colour, alpha=0.35, linewidth=0)
    for line in (ax.axvline, ax.axhline):
        line(0.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    label(ax, 2.95, 0.0, "all progress\nsaves compute", "muted", ha="right", va="bottom", offset=(0, 3))
    label(ax, 0.75, 2.75, "← all progress\n    saves images", "muted", offset=(0, 0))
    ax.set(xlim=edges, ylim=edges, xlabel="effective compute: growth a year (natural log)")
    ax.set(ylabel="effective images: growth a year (natural log)")
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
