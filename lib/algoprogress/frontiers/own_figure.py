"""The figure of a comparison of anyone's training runs: checkpoints, frontiers, and the gain as an arrow."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from algoprogress.engine import write_whole
from algoprogress.frontiers.frontier import pair
from algoprogress.frontiers.own_runs import Comparison, interval_of, shown_gain
from algoprogress.frontiers.runs import RunsError, end_points
from algoprogress.show.style import COLOURS, ROLES, encoded, house, label, subplots
from algoprogress.show.words import significant

ROLE_OF = ("published", "ours")  # of the reference and of the new algorithm
SIGNS = {"D": "◆", "o": "●"}
POINTS = 60  # of a line that is drawn


def lines(found: Comparison) -> pd.DataFrame:
    """Return algorithm, estimator, training_compute_flop and loss_nats of frontiers, each within its support."""
    parts = []
    names = found.reference, found.new
    for estimator in dict.fromkeys(found.gains["estimator"]):
        try:
            both = pair(*map(found.of, names), estimator=estimator, draws=0, **found.options)
        except RunsError:
            continue
        for name, each in zip(names, both, strict=True):
            compute = np.geomspace(*each.support_flop, POINTS)
            compute[[0, -1]] = each.support_flop  # exactly, as a curve has no loss beyond them
            part = {"training_compute_flop": compute, "loss_nats": each.loss(compute)}
            parts.append(pd.DataFrame({"algorithm": name, "estimator": estimator, **part}))
    return pd.concat(parts, ignore_index=True)


@house()
def frontiers(found: Comparison) -> Figure:
    """Return loss against compute: checkpoints, frontiers, and a gain as an arrow, by the line of `shown_gain`."""
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
        ax.text(0.03, place, words, transform=ax.transAxes, color=drawn.text, fontsize=9, parse_math=False)
    ax.set(xscale="log", ylabel="loss, nats per token")
    ax.set_xlabel(f"compute ({found.currency})", parse_math=False)
    ax.xaxis.set_minor_locator(NullLocator())
    ends, gain = (row["reference_flop"], row["new_flop"]), row["gain"]
    arrow = {"arrowstyle": "->", "color": COLOURS["ink"], "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=(ends[1], row["loss_nats"]), xytext=(ends[0], row["loss_nats"]), arrowprops=arrow)
    interval = f"\n95% interval {gain.span()}" if interval_of(row) else ""
    value = format(gain.value, significant(gain.value))
    text = f"gain {value} at {row['loss_nats']:.2f} nats{interval}\nby {row['estimator']}"
    label(ax, max(ends), row["loss_nats"], text, "reference", offset=(10, 14), va="bottom")
    return fig


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
    write_whole(path, encoded(frontiers(found), figure_format(path), name="fig-own-frontier", alt=alt(found)))
