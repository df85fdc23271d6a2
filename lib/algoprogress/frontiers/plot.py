"""The figure of one's own training runs: points, frontiers within their support, and the gain between them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from algoprogress.frontiers.frontier import frontier
from algoprogress.frontiers.own_runs import Comparison
from algoprogress.frontiers.runs import RunsError, end_points
from algoprogress.show.style import COLOURS, ROLES, encoded, house, label, subplots
from algoprogress.show.words import significant

ROLE_OF = ("published", "ours")  # of the reference and of the new algorithm
SIGNS = {"D": "◆", "o": "●"}
POINTS = 60  # of a line that is drawn


def lines(found: Comparison) -> pd.DataFrame:
    """Return the frontiers of a comparison as lines to draw, each within its support.

    Columns: algorithm, estimator, training_compute_flop, loss_nats. An estimator that the runs of an algorithm do not
    allow has no lines.
    """
    parts = []
    for estimator in dict.fromkeys(found.gains["estimator"]):
        for name in (found.reference, found.new):
            try:
                each = frontier(found.of(name), estimator=estimator, floor=found.floor, window=found.window, draws=0)
            except (RunsError, RuntimeError):
                continue
            compute = np.geomspace(*each.support_flop, POINTS)
            compute[[0, -1]] = each.support_flop  # exactly, as a curve has no loss beyond them
            part = {"training_compute_flop": compute, "loss_nats": each.loss(compute)}
            parts.append(pd.DataFrame({"algorithm": name, "estimator": estimator, **part}))
    return pd.concat(parts, ignore_index=True)


def shown_gain(found: Comparison) -> pd.Series:
    """Return the line of gains that a figure shows: the middle loss of the first estimator that has an interval there.

    Raises RunsError if no estimator has a gain.
    """
    known = found.gains[[np.isfinite(each.value) for each in found.gains["gain"]]]
    if not len(known):
        raise RunsError("no estimator finds a gain at these losses, so there is none to draw")
    sure = known[[each.bounded for each in known["gain"]]]
    known = sure if len(sure) else known
    known = known[known["estimator"] == known["estimator"].iloc[0]]
    return known.iloc[len(known) // 2]


@house()
def frontiers(found: Comparison) -> Figure:
    """Return loss against compute: checkpoints, frontiers by one estimator, and the gain at one loss as an arrow.

    The estimator and the loss are those of `shown_gain`.
    """
    fig, ax = subplots(size="wide")
    row, curves = shown_gain(found), lines(found)
    names = dict(zip((found.reference, found.new), ROLE_OF, strict=True))
    for place, (name, role) in zip((0.13, 0.06), names.items(), strict=True):
        drawn, part = ROLES[role], found.of(name)
        for dots, size, alpha in ((part, 9, 0.4), (end_points(part), 34, 1.0)):
            at = dots["training_compute_flop"], dots["loss_nats"]
            ax.scatter(*at, s=size, color=drawn.colour, alpha=alpha, linewidth=0, marker=drawn.marker)
        line = curves[(curves["algorithm"] == name) & (curves["estimator"] == row["estimator"])]
        ax.plot(line["training_compute_flop"], line["loss_nats"], color=drawn.colour, linestyle=drawn.line)
        words = f"{SIGNS[drawn.marker]} {name}, {part['run'].nunique()} runs"
        ax.text(0.03, place, words, transform=ax.transAxes, color=drawn.text, fontsize=9)
    ax.set(xscale="log", xlabel=f"compute ({found.currency})", ylabel="loss, nats per token")
    ax.xaxis.set_minor_locator(NullLocator())
    _gain(ax, row)
    return fig


def _gain(ax: Axes, row: pd.Series) -> None:
    """Draw the gain as an arrow from the compute that the reference needs to that of the new algorithm."""
    ends, gain = (row["reference_flop"], row["new_flop"]), row["gain"]
    arrow = {"arrowstyle": "->", "color": COLOURS["ink"], "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=(ends[1], row["loss_nats"]), xytext=(ends[0], row["loss_nats"]), arrowprops=arrow)
    value, low, high = (format(each, significant(each)) for each in (gain.value, gain.low, gain.high))
    interval = f"\n95% interval {low} to {high}" if gain.bounded else ""
    text = f"gain {value} at {row['loss_nats']:.2f} nats{interval}\nby {row['estimator']}"
    label(ax, max(ends), row["loss_nats"], text, "reference", offset=(10, 14), va="bottom")


def alt(found: Comparison) -> str:
    """Return what the figure shows, for a reader who cannot see it."""
    row = shown_gain(found)
    way = "less" if row["gain"].value > 1 else "more"
    return (
        f"Loss against compute on a log axis, with points and a falling frontier of {found.reference} and {found.new}. "
        f"At a loss of {row['loss_nats']:.2f} nats an arrow leads from {found.reference} to {found.new}, "
        f"which needs {way} compute there."
    )


def figure_format(path: Path | str) -> str:
    """Return svg or png by the ending of a file's name; raise RunsError for another ending."""
    ending = Path(path).suffix.lower().removeprefix(".")
    if ending not in ("svg", "png"):
        raise RunsError(f"{path}: a figure must end in .svg or .png")
    return ending


def draw(found: Comparison, path: Path | str) -> None:
    """Write the figure of a comparison, points, frontiers and gain, to an SVG or PNG file."""
    picture = encoded(frontiers(found), figure_format(path), name="fig-own-frontier", alt=alt(found))
    Path(path).write_bytes(picture)
