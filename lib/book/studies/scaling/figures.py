"""Figures on the scaling laws of families: the laws, the gap of their exponents, the gains that runs show."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.estimate import unpacked
from algoprogress.show.style import COLOURS, ROLES, house, interval, label, subplots
from book.chart import band, log_axis, power, rows, words
from book.studies.scaling.study import NAMES

FAMILY_ROLES = {"lstm": "published", "retro": "alternative", "modern": "ours"}
PAIR_ROLES = {"lstm_modern": "ours", "lstm_retro": "published", "retro_modern": "alternative"}
PAIR_WORDS = {"lstm_modern": "LSTM to today", "lstm_retro": "LSTM to 2017", "retro_modern": "2017 to today"}
MARKS = {"D": "◆", "^": "▲", "o": "●"}


@house()
def laws(points: pd.DataFrame, lines: pd.DataFrame) -> Figure:
    """Return loss above the floor against compute, published runs and reruns side by side, and laws (`tables`)."""
    fig, panels = subplots(1, 2, size="wide", sharey=True)
    parts = [dict(list(frame.groupby(["collection", "family"]))) for frame in (points, lines)]
    titles = {"published": "published runs", "reruns": "reruns of 2026"}
    for ax, (collection, title) in zip(panels, titles.items(), strict=True):
        for family, role in FAMILY_ROLES.items():
            drawn, colour = ROLES[role], ROLES[role].colour
            dots, line = (of_family[collection, family] for of_family in parts)
            for end, size, alpha in ((False, 3, 0.35), (True, 26, 1.0)):
                part = dots[dots["end"] == end]
                place = part["training_compute_flop"], part["above_nats"]
                ax.scatter(*place, s=size, color=colour, alpha=alpha, linewidth=0, marker=drawn.marker)
            flop, above = line["training_compute_flop"], line["above_nats"]
            ax.plot(flop, above, color=colour, linewidth=1.2, linestyle=":")
            ax.plot(flop, above.where(line["inside"]), color=colour, linewidth=2.4)
        ax.set(xscale="log", yscale="log", xlim=(1e15, 1e19), ylim=(1.4, 4.4), xlabel="training compute, FLOP")
        ax.set_title(title, fontsize=9.5)
        log_axis(ax.xaxis, tuple(10.0**each for each in range(15, 20)), power)
        log_axis(ax.yaxis, (1.5, 2, 2.5, 3, 4))
    panels[0].set_ylabel("loss above the floor, nats (log scale)")
    for place, (family, role) in zip((0.19, 0.12, 0.05), FAMILY_ROLES.items(), strict=True):
        words(panels[0], 0.04, place, f"{MARKS[ROLES[role].marker]} {NAMES[family]}", role)
    return fig


@house()
def gaps(frame: pd.DataFrame) -> Figure:
    """Return the gap of exponents of LSTM and transformers by choice, with 95% intervals over sizes (`study.gaps`)."""
    fig, ax = subplots(size="tall")
    names, edges = list(dict.fromkeys(frame["choice"])), (-0.06, 0.1)
    ax.axvline(0.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for new, shift, role in (("retro", 0.2, "published"), ("modern", -0.2, "ours")):
        for row in frame[(frame["reference"] == "lstm") & (frame["new"] == new)].itertuples():
            interval(ax, shift - names.index(row.choice), row.gap, role, edges, width=1.8, size=5.5)
    rows(ax, -np.arange(len(names)), names, fontsize=8.5)
    ax.set(xlim=edges, xlabel="how much steeper than the LSTM's the exponent is")
    words(ax, 0.0, 1.01, "◆ transformer of 2017", "published")
    words(ax, 0.45, 1.01, "● transformer of today", "ours")
    return fig


@house()
def gains(frame: pd.DataFrame) -> Figure:
    """Return the gain by loss where both were measured, with bands, and that by laws beside (`tables.gains`)."""
    fig, ax = subplots(size="wide")
    ax.axhline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    numbers = unpacked(frame)
    for pair, role in PAIR_ROLES.items():
        part, colour = numbers[numbers["pair"] == pair], ROLES[role].colour
        loss = part["loss_nats"]
        band(ax, loss, frame.loc[part.index, "gain"], role, alpha=0.13)
        ax.plot(loss, part["gain"], color=colour, linewidth=2)
        ax.plot(loss, part["law"], color=colour, linewidth=1, linestyle="--")
        label(ax, loss.iloc[-1], part["gain"].iloc[-1], PAIR_WORDS[pair], role, annotation_clip=False)
    ax.set(yscale="log", xlim=(6.2, 3.6), ylim=(0.5, 30), ylabel="compute-equivalent gain (log scale)")
    ax.set_xlabel("validation loss, nats per token (better rightward)")
    log_axis(ax.yaxis, (0.5, 1, 2, 3, 5, 10, 20))
    return fig
