"""Figures and tables on the scaling laws of families: the laws, the gaps of their exponents, gains that runs show."""

import itertools
import re

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.frontiers import runs
from algoprogress.show.estimate import Estimate, unpacked
from algoprogress.show.style import COLOURS, ROLES, house, interval, label, subplots
from algoprogress.show.words import RAISED
from book.chart import band, choice_words, log_axis, power, rows, words
from book.studies.scaling import study
from book.studies.verdicts import FOUND, badge, shown

FAMILY_ROLES = {"lstm": "published", "retro": "alternative", "modern": "ours"}
PAIR_ROLES = {"lstm_modern": "ours", "lstm_retro": "published", "retro_modern": "alternative"}
PAIR_WORDS = {"lstm_modern": "LSTM to today", "lstm_retro": "LSTM to 2017", "retro_modern": "2017 to today"}
MARKS = {"D": "◆", "^": "▲", "o": "●"}
COLLECTIONS = {"published": "as published", "reruns": "reruns"}  # the choice of the laws in each
ESTIMATORS = {
    "power law": "power law, floor 1.9", "floor": "power law, floor fitted", "envelope": "least loss so far",
    "smooth": "smooth curve", "isoflop": "IsoFLOP minima",
}  # fmt: skip
SUPPORTED = 0.5  # share of resamples that must reach a loss for an interval to be shown


@house()
def laws(points: pd.DataFrame, lines: pd.DataFrame) -> Figure:
    """Return loss above the floor against compute by collection of runs, with the laws (`points`, `lines`)."""
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
        ax.set(xscale="log", yscale="log", xlim=(1e15, 1e19), ylim=(1.4, 4.4))
        ax.set_xlabel("training compute, FLOP (log scale)")
        ax.set_title(title, fontsize=9.5)
        log_axis(ax.xaxis, tuple(10.0**each for each in range(15, 19)), power)
        log_axis(ax.yaxis, (1.5, 2, 2.5, 3, 4))
    panels[0].set_ylabel("loss above the floor, nats (log scale)")
    for place, (family, role) in zip((0.19, 0.12, 0.05), FAMILY_ROLES.items(), strict=True):
        words(panels[0], 0.04, place, f"{MARKS[ROLES[role].marker]} {study.NAMES[family]}", role)
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
    rows(ax, -np.arange(len(names)), [choice_words(name) for name in names], fontsize=8.5)
    ax.set(xlim=edges, xlabel="exponent: how much steeper than the LSTM's")
    words(ax, 0.0, 1.01, "◆ transformer of 2017", "published")
    words(ax, 0.45, 1.01, "● transformer of today", "ours")
    return fig


@house()
def gains(frame: pd.DataFrame) -> Figure:
    """Return the gain by loss where both were measured, with bands, and that by laws beside (`gains_by_pair`)."""
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


def points() -> pd.DataFrame:
    """Return the points of the figure of laws: those that none dominates, and the end of each run.

    Columns: collection, family, hidden_dim, training_compute_flop, above_nats (loss above the floor), end.
    """
    parts = []
    for collection, family in itertools.product(COLLECTIONS, study.FAMILIES):
        kept = runs.within(study.of(family, collection), study.LEFT_TO)
        best = kept[runs.nondominated(*kept[list(runs.COLUMNS[1:])].to_numpy(float).T)]
        parts += [best.iloc[::4].assign(end=False), runs.end_points(kept).assign(end=True)]
    frame = pd.concat(parts, ignore_index=True)
    columns = ["collection", "family", "hidden_dim", "training_compute_flop", "above_nats", "end"]
    return frame.assign(above_nats=frame["loss_nats"] - study.FLOOR)[columns]


def lines() -> pd.DataFrame:
    """Return the laws of the figure on a grid of compute: the columns of `points`, and inside their fitted points."""
    parts, flop = [], np.geomspace(1e15, 1e19, 61)
    for (collection, choice), family in itertools.product(COLLECTIONS.items(), study.FAMILIES):
        law = study.law(family, study.named(choice))
        inside = (flop >= law.support_flop[0] * 0.9) & (flop <= law.support_flop[1] * 1.1)
        columns = {"collection": collection, "family": family, "training_compute_flop": flop, "inside": inside}
        parts.append(pd.DataFrame({**columns, "above_nats": law.coefficient * flop**law.exponent}))
    return pd.concat(parts, ignore_index=True)


def laws_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the exponents of `study.laws` to read: a line a choice, a column of estimates a family."""
    wide = frame.pivot_table(index="choice", columns="family", values="exponent", aggfunc="first", sort=False)
    sizes = frame["sizes"].map(str).groupby(frame["choice"], sort=False).agg(", ".join)
    wide = wide.rename(columns=study.NAMES).assign(sizes=sizes).rename(index=choice_words)
    return wide.reset_index().rename_axis(columns=None)


def gains_by_pair() -> pd.DataFrame:
    """Return `study.gains_in_range` of the three pairs, with the pair's name."""
    parts = (study.gains_in_range(*pair).assign(pair="_".join(pair)) for pair in study.PAIRS)
    return pd.concat(parts, ignore_index=True)


def estimators_table() -> pd.DataFrame:
    """Return the gain of each pair at two losses by each estimator, to read; a dash where there is no support."""
    parts = []
    for pair in study.PAIRS:
        frame = study.by_estimator(*pair, (study.ABLATION_LOSS, 5.0))
        found = frame["gain"].where(frame["share"] >= SUPPORTED, frame["gain"].map(lambda gain: Estimate(gain.value)))
        names, losses = frame["estimator"].map(ESTIMATORS), frame["loss_nats"].map("at {:g}".format)
        told = {"pair": " to ".join(study.NAMES[name] for name in pair), "estimator": names, "loss": losses}
        parts.append(frame.assign(gain=found, **told))
    keys, frame = ["pair", "estimator"], pd.concat(parts)
    wide = frame.pivot_table(index=keys, columns="loss", values="gain", aggfunc="first", sort=False)
    return wide.rename_axis(columns=None).reset_index()


def statements_table(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the statements of Gundlach et al. with the number that decides each and the conclusion of the ledger."""
    known, formats, told = ledger.set_index("id"), {"": ".3f", "share": ".0%"}, []
    for each in shown(ledger, "statements of Gundlach et al.").itertuples():
        row, verdict = known.loc[each.mark], badge(known.loc[each.id, "conclusion"])
        found = Estimate.of_row(row, FOUND).text(formats.get(row["unit"], ",.3g"))
        decides = re.sub(r"\b1e(\d+)", lambda ten: f"10{ten[1].translate(RAISED)}", row["statement"])
        told.append((each.words, decides, found, verdict))
    return pd.DataFrame(told, columns=["Gundlach et al.", "what decides", "estimate", "verdict"])
