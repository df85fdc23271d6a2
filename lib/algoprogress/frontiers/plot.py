"""The figure of one's own training runs: points, frontiers within their support, and the gain between them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from algoprogress.frontiers.own_runs import Comparison, shown_gain
from algoprogress.frontiers.runs import end_points
from algoprogress.show.style import COLOURS, ROLES, house, label, subplots
from algoprogress.show.words import significant

ROLE_OF = ("published", "ours")  # of the reference and of the new algorithm
SIGNS = {"D": "◆", "o": "●"}


@house()
def frontiers(frame: pd.DataFrame, lines: pd.DataFrame, found: Comparison, *, compute: str = "") -> Figure:
    """Return loss against compute: checkpoints, frontiers by one estimator, and the gain at one loss as an arrow.

    `frame`: algorithm, run, training_compute_flop, loss_nats. `lines`: algorithm, estimator, training_compute_flop,
    loss_nats (`own_runs.lines`). The estimator and the loss are those of `own_runs.shown_gain`.
    """
    fig, ax = subplots(size="wide")
    row = shown_gain(found)
    for name, role in zip((found.reference, found.new), ROLE_OF, strict=True):
        drawn = ROLES[role]
        part = frame[frame["algorithm"] == name]
        for dots, size, alpha in ((part, 9, 0.4), (end_points(part), 34, 1.0)):
            ax.scatter(
                dots["training_compute_flop"],
                dots["loss_nats"],
                s=size,
                color=drawn.colour,
                alpha=alpha,
                linewidth=0,
                marker=drawn.marker,
            )
        line = lines[(lines["algorithm"] == name) & (lines["estimator"] == row["estimator"])]
        ax.plot(line["training_compute_flop"], line["loss_nats"], color=drawn.colour, linestyle=drawn.line)
    for place, name, role in ((0.06, found.new, ROLE_OF[1]), (0.13, found.reference, ROLE_OF[0])):
        words = f"{SIGNS[ROLES[role].marker]} {name}, {found.counts[name]} runs"
        ax.text(0.03, place, words, transform=ax.transAxes, color=ROLES[role].text, fontsize=9)
    ax.set(xscale="log", xlabel=compute or f"compute ({found.currency})", ylabel="loss, nats per token")
    ax.xaxis.set_minor_locator(NullLocator())
    _gain(ax, row)
    return fig


def _gain(ax: Axes, row: pd.Series) -> None:
    """Draw the gain as an arrow from the compute that the reference needs to that of the new algorithm."""
    ends = row["reference_flop"], row["new_flop"]
    arrow = {"arrowstyle": "->", "color": COLOURS["ink"], "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=(ends[1], row["loss_nats"]), xytext=(ends[0], row["loss_nats"]), arrowprops=arrow)
    gain = format(row["gain"], significant(row["gain"]))
    interval = ""
    if np.isfinite(row["low"]) and np.isfinite(row["high"]):
        low, high = (format(row[end], significant(row[end])) for end in ("low", "high"))
        interval = f"\n95% interval {low} to {high}"
    text = f"gain {gain} at {row['loss_nats']:.2f} nats{interval}\nby {row['estimator']}"
    label(ax, max(ends), row["loss_nats"], text, "reference", offset=(10, 14), va="bottom")


def alt(found: Comparison) -> str:
    """Return what the figure shows, for a reader who cannot see it."""
    row = shown_gain(found)
    way = "less" if row["gain"] > 1 else "more"
    return (
        f"Loss against compute on a log axis, with points and a falling frontier of {found.reference} and {found.new}. "
        f"At a loss of {row['loss_nats']:.2f} nats an arrow leads from {found.reference} to {found.new}, "
        f"which needs {way} compute there."
    )
