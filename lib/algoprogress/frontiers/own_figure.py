"""The figure of a comparison of anyone's training runs: checkpoints, frontiers, and the gain as an arrow."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from algoprogress.data import tables
from algoprogress.engine import write_whole
from algoprogress.frontiers.frontier import pair
from algoprogress.frontiers.own_runs import Comparison, interval_of, shown_gain
from algoprogress.frontiers.runs import RunsError, end_points
from algoprogress.show.estimate import ENDS, Estimate
from algoprogress.show.page import Drawn, Page
from algoprogress.show.style import COLOURS, ROLES, encoded, house, interval, label, plain_ticks, subplots
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
    said = (f"\n95% interval {gain.span()}" if interval_of(row) else "") + found.apart("\n")
    value = f"{found.bound} {format(gain.value, significant(gain.value))}".strip()
    text = f"gain {value} at {row['loss_nats']:.2f} nats{said}\nby {row['estimator']}"
    label(ax, max(ends), row["loss_nats"], text, "reference", offset=(10, 14), va="bottom")
    return fig


def known() -> pd.DataFrame:
    """Return the gains of the book's own pairs: kind, pair, gain (an Estimate)."""
    frame, names = tables.read("known_gains"), (*ENDS[1:], "undetermined")
    frame["undetermined"] = frame["undetermined"].fillna("")
    gains = [Estimate.of_row(row, ("gain", *names), unit="times") for row in frame.to_dict("records")]
    return frame[["kind", "pair"]].assign(gain=gains)


@house()
def among_known(found: Comparison) -> Figure:
    """Return the gain of a comparison above those of the book's own pairs, on a log axis."""
    fig, ax = subplots(size="tall")
    mine = pd.DataFrame([("yours", f"{found.reference} to {found.new}", shown_gain(found)["gain"])])
    frame = pd.concat([mine.set_axis(["kind", "pair", "gain"], axis=1), known()], ignore_index=True)
    ends = np.array([(each.value, *(end for end in (each.low, each.high) if end > 0)) for each in mine[2]])
    edges = min(0.4, 0.8 * ends.min()), max(40.0, 1.2 * ends.max())
    for place, row in enumerate(frame.itertuples()):
        interval(ax, -place, row.gain, "alternative" if place else "ours", edges, width=1.4, size=5)
    ax.set(xscale="log", xlim=edges, xlabel="times less compute for a loss; bars: 95% intervals")
    plain_ticks(ax.xaxis, edges)
    ax.axvline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    ax.set_yticks(-np.arange(len(frame)), [f"{row.kind}: {row.pair}" for row in frame.itertuples()], fontsize=7.5)
    for words in ax.get_yticklabels():
        words.set_parse_math(False)
    return fig


def page(found: Comparison, made: dict[str, object]) -> Page:
    """Return a page on a comparison: answer, figure, estimators, doubts, the book's pairs, and what `made` it."""
    report, answer = Page(f"{found.new} over {found.reference}"), found.answer().splitlines()
    report.add("", answer[0], answer[1:])
    told = found.measured and found.bound != "none"
    if told:
        svg = encoded(frontiers(found), "svg", name="fig-own-frontier", alt=alt(found)).decode()
        report.add("Loss against compute", Drawn(svg, alt(found)))
    report.add("What the estimators say", found.said(), [f"no gain by {each}" for each in found.silent()])
    report.add("What to doubt", found.doubts() or ["nothing was found"])
    if told:
        words = "The gain of this comparison above those of the book's own pairs, of which the table has the numbers."
        svg = encoded(among_known(found), "svg", name="fig-own-known", alt=words).decode()
        pairs = known().assign(gain=[each.text(".3g") for each in known()["gain"]])
        note = "Those of the book are means over the losses that both sides have reached."
        report.add("Beside the book's own pairs", Drawn(svg, words), [note], pairs)
    report.add("What went in", [f"compute: {found.currency}", *found.went_in()])
    report.add("What made this", made)
    return report


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
