"""Figures of the pairs: gains where both were measured, their trends, frontiers side by side, and laws against laws."""

import numpy as np
import pandas as pd
from matplotlib.artist import setp
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from algoprogress.show.estimate import unpacked
from algoprogress.show.style import COLOURS, ROLES, SIZES, house, label, subplots
from algoprogress.show.words import written
from book.chart import gains_and_trends, log_axis, power, words
from book.studies.compute_optimal.matrix import laws

KIND_ROLES = {"architecture": "ours", "sparsity": "check", "recipe": "alternative", "data": "published"}
KIND_MARKS = {"architecture": "—", "sparsity": "···", "recipe": "– ·", "data": "– –"}  # as their lines
LABELS = {  # of the figure over compute: words, share of the way along the line, and offset in points
    "lstm_modern": ("LSTM to today", 1.0, (-46, 24)), "lstm_retro": ("LSTM to 2017", 0.75, (-26, -29)),
    "retro_modern": ("2017 to today", 0.3, (-8, -9)), "xlstm_llama": ("Llama to xLSTM", 1.0, (5, -21)),
    "moe_dense": ("dense to experts", 0.5, (8, 10)), "recipe": ("tuned recipe", 0.2, (7, 6)),
    "schedule": ("matched decay", 0.0, (4, -33)), "data_rw_openlm": ("RefinedWeb", 0.85, (7, -4)),
    "data_rw_c4": ("both, read on C4", 1.0, (-60, -20)), "data_rpj_openlm": ("RedPajama", 0.75, (-70, 4)),
}  # fmt: skip
GAIN_EDGES, SLOPE_EDGES = (0.2, 150.0), (-0.9, 1.2)
SIDES = {"reference": "published", "new": "ours"}
COLUMNS = ("training_compute_flop", "loss_nats")
CLOSE = 1.6  # decades, below which an axis needs more ticks than powers of ten
DEEPEST = 1.7  # gain, or loss, from which the colour of a cell is no deeper
MARKS = {"other unit": "·", "other protocol": "p", "outside the support": "×", "itself": ""}


@house()
def over_compute(frame: pd.DataFrame, laws: pd.DataFrame) -> Figure:
    """Return the gain of every pair (`tables.gains`) and by laws (`tables.by_laws`) over compute of the new."""
    fig, ax = subplots(size="wide")
    fig.set_size_inches(SIZES["wide"][0], 5.0)
    ax.axhline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for name, part in unpacked(frame).groupby("name", sort=False):
        role = KIND_ROLES[part["kind"].iloc[0]]
        drawn, flop = ROLES[role], part["new_flop"]
        ends = (part[name].clip(*GAIN_EDGES) for name in ("gain_low", "gain_high"))
        ax.fill_between(flop, *ends, linewidth=0, color=drawn.colour, alpha=0.11)
        ax.plot(flop, part["gain"], color=drawn.colour, linestyle=drawn.line, linewidth=2)
        if name in LABELS:
            text, share, offset = LABELS[name]
            row = part.iloc[round(share * (len(part) - 1))]
            at = row["new_flop"], min(row["gain"], GAIN_EDGES[1] * 0.7)
            label(ax, *at, text, role, offset=offset, fontsize=8.5, annotation_clip=False)
    laws = unpacked(laws)
    ax.plot(laws["new_flop"], laws["gain"], color=ROLES["ours"].colour, linewidth=1, linestyle=(0, (1, 2)))
    label(ax, *laws[["new_flop", "gain"]].iloc[-1], "xLSTM,\nby laws", "ours", fontsize=8.5, annotation_clip=False)
    ax.set(xscale="log", yscale="log", xlim=(6e13, 5e23), ylim=GAIN_EDGES)
    ax.set_xlabel("training compute of the new algorithm, FLOP (log scale)")
    ax.set_ylabel("times less compute for the same loss (log scale)")
    log_axis(ax.xaxis, tuple(10.0**each for each in range(14, 24, 2)), power)
    log_axis(ax.yaxis, (0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128))
    for place, (kind, role) in zip((0.0, 0.22, 0.39, 0.53), KIND_ROLES.items(), strict=True):
        words(ax, place, 1.02, f"{KIND_MARKS[kind]} {kind}", role)
    return fig


@house()
def forest(frame: pd.DataFrame) -> Figure:
    """Return early (hollow) and late gain of every pair (`tables.forest`) by kind, its marks in words, its trend."""
    said = zip(frame["title"], frame["currency"], frame["marks"], strict=True)
    titles = [f"{title}{' (hours)' * (unit != 'FLOP')}{f'  ≠ {marks}' * bool(marks)}" for title, unit, marks in said]
    frame = frame.rename(columns={"slope": "trend"})
    fig, ax = gains_and_trends(frame, titles, KIND_ROLES, GAIN_EDGES, SLOPE_EDGES, 8)
    log_axis(ax.xaxis, (0.25, 1, 4, 16, 64))
    return fig


@house()
def frontiers(points: pd.DataFrame, lines: pd.DataFrame, titles: dict[str, str]) -> Figure:
    """Return small multiples of two frontiers each (`tables.frontiers`): ends of runs as points, frontiers as lines."""
    fig, panels = subplots(3, 2, size="tall")
    for ax, (name, title) in zip(panels.ravel(), titles.items(), strict=True):
        for side, role in SIDES.items():
            drawn, top = ROLES[role], lines.loc[lines["name"] == name, "loss_nats"].max() * 1.1
            dots, line = (each[(each["name"] == name) & (each["side"] == side)] for each in (points, lines))
            at = (dots.loc[dots["loss_nats"] <= top, column] for column in COLUMNS)
            ax.scatter(*at, s=9, color=drawn.colour, marker=drawn.marker, alpha=0.35, linewidth=0)
            ax.plot(*(line[column] for column in COLUMNS), color=drawn.colour, linestyle=drawn.line, linewidth=1.8)
        ax.set(xscale="log")
        ax.set_title(title, fontsize=8)
        ends = np.log10(points.loc[points["name"] == name, "training_compute_flop"])
        steps = (1.0, 3.0) if np.ptp(ends) < CLOSE else (1.0,)
        ticks = (step * 10.0**each for each in range(int(ends.min()), int(ends.max()) + 2) for step in steps)
        log_axis(ax.xaxis, tuple(ticks), _power)
        ax.set_xlim(10 ** (ends.min() - 0.2), 10 ** (ends.max() + 0.2))
    setp(panels[-1], xlabel="training compute, FLOP")
    setp(panels[:, 0], ylabel="loss, nats")
    return fig


def _power(value: float) -> str:
    """Return a power of ten, or three times one, as it is printed on an axis."""
    return power(value) if f"{value:.0e}".startswith("1e") else written(value, ".0e")


@house()
def matrix(frame: pd.DataFrame) -> Figure:
    """Return the gain of each law across over each law down (`matrix.centre`), with marks where there is none."""
    fig, ax = subplots(size="tall")
    titles, ids = [law.name.replace(" et al. ", " ") for law in laws().values()], list(laws())
    for row in frame.itertuples():
        down, across = ids.index(row.reference), ids.index(row.new)
        said, colour = (MARKS[row.mark], "muted") if row.mark else (f"{row.gain:.2f}", "ink")
        ax.text(across, down, said, ha="center", va="center", fontsize=8, color=COLOURS[colour])
        if not row.mark:
            role = ROLES["ours" if row.gain >= 1.0 else "published"]
            depth = min(abs(np.log(row.gain)) / np.log(DEEPEST), 1.0)
            corner, look = (across - 0.48, down - 0.48), {"facecolor": role.colour, "alpha": 0.12 + 0.55 * depth}
            ax.add_patch(Rectangle(corner, 0.96, 0.96, linewidth=0, **look))
    ax.set(xlim=(-0.5, len(ids) - 0.5), ylim=(len(ids) - 0.5, -0.5), xlabel="the new law", ylabel="the reference")
    ax.set_xticks(range(len(ids)), titles, rotation=60, ha="right", fontsize=8)
    ax.set_yticks(range(len(ids)), titles, fontsize=8)
    ax.grid(False)
    words(ax, 0.0, 1.02, "■ gain", "ours")
    words(ax, 0.14, 1.02, "■ loss", "published")
    words(ax, 0.28, 1.02, "· other unit   p other protocol   × no shared range", "muted")
    return fig
