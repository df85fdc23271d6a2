"""Figures on compute-equivalent gains: laws of families, what they hang on, single changes, the accounting."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.chart import log_axis, power, words
from algoprogress.show.style import COLOURS, ROLES, house, label, subplots

FAMILY_ROLES = {"lstm": "published", "retro": "alternative", "modern": "ours"}
FAMILY_WORDS = {"lstm": "LSTM", "retro": "transformer of 2017", "modern": "transformer of today"}
PAIR_ROLES = {"lstm_modern": "ours", "lstm_retro": "published", "retro_modern": "alternative"}
PAIR_WORDS = {"lstm_modern": "LSTM to today", "lstm_retro": "LSTM to 2017", "retro_modern": "2017 to today"}
TOTAL_EDGES = (0.3, 3e8)
BELOW = 0.9  # of the panel's width, past which a label goes to the left of its bar


def _bar(ax, place: float, low: float, point: float, high: float, role: str, edges: tuple[float, float]) -> None:
    """Draw a point with its interval at a height; an end beyond the edges becomes an arrow."""
    drawn = ROLES[role]
    if np.isfinite(low):
        ax.plot([max(low, edges[0]), min(high, edges[1])], [place] * 2, color=drawn.colour, linestyle=drawn.line)
        for beyond, end, marker in ((low < edges[0], edges[0], "<"), (high > edges[1], edges[1], ">")):
            if beyond:
                ax.plot(end, place, color=drawn.colour, marker=marker, markersize=5, clip_on=False)
    if edges[0] <= point <= edges[1]:
        ax.plot(point, place, color=drawn.colour, marker=drawn.marker, markersize=5.5)


@house()
def laws(points: pd.DataFrame, lines: pd.DataFrame) -> Figure:
    """Return loss above the floor against compute, published runs and reruns side by side, with the laws.

    `points`: collection, family, training_compute_flop, above_nats, end (bool). `lines`: collection, family,
    training_compute_flop, above_nats, inside (bool).
    """
    fig, panels = subplots(1, 2, size="wide", sharey=True)
    for ax, (collection, title) in zip(
        panels, (("published", "published runs"), ("reruns", "reruns of 2026")), strict=True
    ):
        for family, role in FAMILY_ROLES.items():
            drawn = ROLES[role]
            dots = points[(points["collection"] == collection) & (points["family"] == family)]
            for end, size, alpha in ((False, 3, 0.35), (True, 26, 1.0)):
                part = dots[dots["end"] == end]
                ax.scatter(
                    part["training_compute_flop"],
                    part["above_nats"],
                    s=size,
                    color=drawn.colour,
                    alpha=alpha,
                    linewidth=0,
                    marker=drawn.marker,
                )
            line = lines[(lines["collection"] == collection) & (lines["family"] == family)]
            ax.plot(line["training_compute_flop"], line["above_nats"], color=drawn.colour, linewidth=1.2, linestyle=":")
            ax.plot(
                line["training_compute_flop"],
                line["above_nats"].where(line["inside"]),
                color=drawn.colour,
                linewidth=2.4,
            )
        ax.set(xscale="log", yscale="log", xlim=(1e15, 1e19), ylim=(1.4, 4.4), xlabel="training compute, FLOP")
        ax.set_title(title, fontsize=9.5)
        log_axis(ax.xaxis, tuple(10.0**each for each in range(15, 20)), power)
        log_axis(ax.yaxis, (1.5, 2, 2.5, 3, 4))
    panels[0].set_ylabel("loss above the floor, nats (log scale)")
    for place, family in zip((0.19, 0.12, 0.05), FAMILY_ROLES, strict=True):
        marker = {"D": "◆", "^": "▲", "o": "●"}[ROLES[FAMILY_ROLES[family]].marker]
        words(panels[0], 0.04, place, f"{marker} {FAMILY_WORDS[family]}", FAMILY_ROLES[family])
    return fig


@house()
def gaps(frame: pd.DataFrame) -> Figure:
    """Return the gap of exponents of LSTM and transformers under each choice, with 95% intervals over sizes.

    `frame`: choice, reference, new, gap, low, high (`families.gaps`).
    """
    fig, ax = subplots(size="tall")
    names, edges = list(dict.fromkeys(frame["choice"])), (-0.06, 0.1)
    ax.axvline(0.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for shift, (pair, role) in zip((0.2, -0.2), (("lstm_retro", "published"), ("lstm_modern", "ours")), strict=True):
        for row in frame.itertuples():
            if f"{row.reference}_{row.new}" == pair:
                _bar(ax, shift - names.index(row.choice), row.low, row.gap, row.high, role, edges)
    ax.set_yticks(-np.arange(len(names)), names, fontsize=8.5)
    ax.set(xlim=edges, xlabel="how much steeper than the LSTM's the exponent is")
    words(ax, 0.0, 1.01, "◆ transformer of 2017", "published")
    words(ax, 0.45, 1.01, "● transformer of today", "ours")
    ax.grid(False, axis="y")
    return fig


@house()
def gains(frame: pd.DataFrame) -> Figure:
    """Return the gain by loss where both were measured, without any law, with bands, and the laws beside.

    `frame`: pair, loss_nats, gain, low, high, law (`families.gains_in_range`).
    """
    fig, ax = subplots(size="wide")
    ax.axhline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for pair, role in PAIR_ROLES.items():
        part, drawn = frame[frame["pair"] == pair], ROLES[role]
        ax.fill_between(part["loss_nats"], part["low"], part["high"], color=drawn.colour, alpha=0.13, linewidth=0)
        ax.plot(part["loss_nats"], part["gain"], color=drawn.colour, linewidth=2)
        ax.plot(part["loss_nats"], part["law"], color=drawn.colour, linewidth=1, linestyle="--")
        last = part.iloc[-1]
        label(ax, last["loss_nats"], last["gain"], PAIR_WORDS[pair], role, annotation_clip=False)
    ax.set(
        yscale="log",
        xlim=(6.2, 3.6),
        ylim=(0.5, 30),
        xlabel="validation loss, nats per token (better rightward)",
        ylabel="compute-equivalent gain (log scale)",
    )
    log_axis(ax.yaxis, (0.5, 1, 2, 3, 5, 10, 20))
    return fig


@house()
def bars(frame: pd.DataFrame) -> Figure:
    """Return the gains of single changes: published, and again in other runs, with the error that seeds imply.

    `frame`: better, worse, plotted, low, high, october, october_low, october_high, seeded, seeded_low, seeded_high.
    """
    fig, ax = subplots(size="tall")
    edges = (0.6, 4.0)
    ax.axvline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for place, row in zip(-np.arange(len(frame)), frame.itertuples(), strict=True):
        _bar(ax, place + 0.24, row.low, row.plotted, row.high, "published", edges)
        for shift, role, ends in (
            (0.0, "ours", (row.october_low, row.october, row.october_high)),
            (-0.24, "alternative", (row.seeded_low, row.seeded, row.seeded_high)),
        ):
            if np.isfinite(ends[1]):
                _bar(ax, place + shift, *ends, role, edges)
    ax.set_yticks(-np.arange(len(frame)), [f"{row.better} / {row.worse}" for row in frame.itertuples()], fontsize=8.5)
    ax.set(xscale="log", xlim=edges, xlabel="compute-equivalent gain of the first over the second (log scale)")
    log_axis(ax.xaxis, (0.6, 0.8, 1, 1.25, 1.5, 2, 3))
    words(ax, 0.0, 1.01, "◆ published, one seed", "published")
    words(ax, 0.36, 1.01, "● October, one seed", "ours")
    words(ax, 0.68, 1.01, "▲ September, four seeds", "alternative")
    ax.grid(False, axis="y")
    return fig


@house()
def chain(frame: pd.DataFrame) -> Figure:
    """Return the gain of a chain of changes from 2017, at one learning rate and each at its best (`ablation.chain`)."""
    fig, ax = subplots(size="wide")
    places = np.arange(len(frame))
    ax.axhline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for column, role, text in (
        ("shared_gain", "published", "one learning rate"),
        ("best_gain", "ours", "each at its best"),
    ):
        drawn = ROLES[role]
        ax.plot(places, frame[column], color=drawn.colour, marker=drawn.marker, linestyle=drawn.line)
        label(ax, places[-1], frame[column].iloc[-1], text, role, annotation_clip=False)
    ax.set_xticks(places, frame["name"], rotation=40, ha="right", fontsize=8.5)
    ax.set(yscale="log", ylabel="gain over 2017 (log scale)", xlim=(-0.4, len(frame) + 1.6))
    log_axis(ax.yaxis, (0.6, 0.8, 1, 1.5, 2))
    ax.grid(False, axis="x")
    return fig


@house()
def waterfall(frame: pd.DataFrame, ends: tuple[float, float]) -> Figure:
    """Return the factors of the accounting one after the other, to the total with its 95% interval.

    `frame`: name, factor, start, end, kind, in order of adoption. `ends`: of the total.
    """
    fig, ax = subplots(size="tall")
    for place, row in zip(-np.arange(len(frame)), frame.itertuples(), strict=True):
        role = ROLES["published" if row.kind == "depends on scale" else "ours"]
        ax.barh(place, row.end - row.start, left=row.start, color=role.colour, height=0.6, alpha=0.85)
        label(ax, row.end, place, f"×{row.factor:.3g}", "reference", fontsize=8.5)
    total, place = frame["end"].iloc[-1], -len(frame)
    ax.plot([max(ends[0], TOTAL_EDGES[0]), min(ends[1], TOTAL_EDGES[1])], [place] * 2, color=COLOURS["ink"])
    for beyond, end, marker in (
        (ends[0] < TOTAL_EDGES[0], TOTAL_EDGES[0], "<"),
        (ends[1] > TOTAL_EDGES[1], TOTAL_EDGES[1], ">"),
    ):
        if beyond:
            ax.plot(end, place, color=COLOURS["ink"], marker=marker, clip_on=False)
    ax.plot(total, place, color=COLOURS["ink"], marker="o")
    names = [f"{row.name} ({row.adopted})" for row in frame.itertuples()]
    ax.set_yticks(-np.arange(len(frame) + 1), [*names, "all together, 95% interval"], fontsize=8.5)
    ax.set(xscale="log", xlim=TOTAL_EDGES, xlabel="compute-equivalent gain so far (log scale)")
    log_axis(ax.xaxis, (1, 10, 1e2, 1e3, 1e4, 1e6, 1e8), power)
    words(ax, 0.0, 1.01, "■ depends on scale", "published")
    words(ax, 0.42, 1.01, "■ the same at every scale", "ours")
    ax.grid(False, axis="y")
    return fig


@house()
def variants(frame: pd.DataFrame) -> Figure:
    """Return the total at one frontier by every way to count, with intervals where laws are refitted.

    `frame`: group, name, total, low, high (`accounting.compared`).
    """
    fig, ax = subplots(size="tall")
    roles = {"published": "published", "constants": "alternative", "factors": "check", "laws": "ours"}
    ax.axvline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    ax.axvline(frame["total"].iloc[0], color=COLOURS["vermillion"], linewidth=1, linestyle="--")
    for place, row in zip(-np.arange(len(frame)), frame.itertuples(), strict=True):
        _bar(ax, place, row.low, row.total, row.high, roles[row.group], TOTAL_EDGES)
    ax.set_yticks(-np.arange(len(frame)), frame["name"], fontsize=8.5)
    ax.set(xscale="log", xlim=TOTAL_EDGES, xlabel="total gain at the 2023 frontier (log scale)")
    log_axis(ax.xaxis, (1, 10, 1e2, 1e3, 1e4, 1e6, 1e8), power)
    ax.grid(False, axis="y")
    return fig


@house()
def stack(frame: pd.DataFrame, reruns: pd.DataFrame) -> Figure:
    """Return the total and its parts against compute, with its 95% band and a mark where data end, and the reruns'.

    Both of `accounting.by_compute`.
    """
    fig, ax = subplots(size="wide")
    flop = frame["compute_flop"]
    known = frame.loc[frame["inside"], "compute_flop"]
    ax.axvspan(known.min(), known.max(), color=COLOURS["muted"], alpha=0.25, linewidth=0)
    for each, role, text in ((frame, "published", "published runs"), (reruns, "ours", "reruns of 2026")):
        drawn = ROLES[role]
        ax.fill_between(
            flop,
            each["low"].clip(*TOTAL_EDGES),
            each["high"].clip(*TOTAL_EDGES),
            color=drawn.colour,
            alpha=0.14,
            linewidth=0,
        )
        ax.plot(flop, each["total"], color=drawn.colour, linestyle=drawn.line, linewidth=2)
        label(ax, flop.iloc[-1], each["total"].iloc[-1], text, role, annotation_clip=False)
    rest = frame["rest"]
    ax.plot(flop, rest, color=ROLES["alternative"].colour, linestyle=ROLES["alternative"].line)
    label(
        ax,
        flop.iloc[-1],
        rest.iloc[-1],
        "of which small\nfactors, experts",
        "alternative",
        annotation_clip=False,
        offset=(5, -14),
    )
    ax.annotate(
        "LSTMs\nmeasured",
        (np.sqrt(known.min() * known.max()), 1e6),
        ha="center",
        fontsize=8.5,
        color=ROLES["muted"].text,
    )
    ax.set(
        xscale="log",
        yscale="log",
        xlim=(1e15, 1e26),
        ylim=(0.5, 1e8),
        xlabel="training compute, FLOP (log scale)",
        ylabel="gain over the LSTM (log scale)",
    )
    log_axis(ax.xaxis, tuple(10.0**each for each in range(15, 27, 2)), power)
    log_axis(ax.yaxis, (1, 1e2, 1e4, 1e6, 1e8), power)
    return fig


@house()
def references(frame: pd.DataFrame) -> Figure:
    """Return the gain of today's best against three references by year, the LSTM's with its 95% band.

    `frame`: year, lstm, kaplan, dense, lstm_low, lstm_high (`accounting.references`).
    """
    fig, ax = subplots(size="wide")
    ax.fill_between(
        frame["year"],
        frame["lstm_low"].clip(*TOTAL_EDGES),
        frame["lstm_high"].clip(*TOTAL_EDGES),
        color=ROLES["published"].colour,
        alpha=0.14,
        linewidth=0,
    )
    for column, role, text in (
        ("lstm", "published", "over the LSTM"),
        ("kaplan", "ours", "over Kaplan's split"),
        ("dense", "alternative", "over a dense transformer"),
    ):
        drawn = ROLES[role]
        ax.plot(frame["year"], frame[column], color=drawn.colour, linestyle=drawn.line, marker=drawn.marker)
        label(ax, frame["year"].iloc[-1], frame[column].iloc[-1], text, role, annotation_clip=False)
    ax.set(yscale="log", ylim=(1, 1e8), xlabel="year of the frontier", ylabel="gain (log scale)", xlim=(2017.5, 2031))
    log_axis(ax.yaxis, (1, 1e2, 1e4, 1e6, 1e8), power)
    return fig
