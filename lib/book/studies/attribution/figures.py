"""Figures on where progress came from: shares, growth of compute, the transformer, the split of compute."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from algoprogress.show.chart import log_axis, power, words
from algoprogress.show.style import COLOURS, ROLES, house, label, subplots

GAIN_EDGES = (0.3, 3_000.0)
GAIN_TICKS = (0.3, 1, 3, 10, 30, 100, 300, 1000)
LAW_ROLES = {
    "Hoffmann et al., as printed": "published",
    "Hoffmann's runs, refitted": "ours",
    "Porian et al., refitted": "alternative",
    "Ho et al., model 7": "check",
}


def _segment(ax: Axes, place: float, row, role: str, edges: tuple[float, float] | None = None) -> None:
    """Draw low, median and high of a row at a height; an end beyond the edges becomes an arrow."""
    drawn, low, high = ROLES[role], row["low"], row["high"]
    shown = (low, high) if edges is None else (max(low, edges[0]), min(high, edges[1]))
    ax.plot(shown, [place, place], color=drawn.colour, linestyle=drawn.line, linewidth=1.8)
    if edges is not None:
        for beyond, end, marker in ((low < edges[0], edges[0], "<"), (high > edges[1], edges[1], ">")):
            if beyond:
                ax.plot(end, place, color=drawn.colour, marker=marker, markersize=5, clip_on=False)
        if not edges[0] <= row["median"] <= edges[1]:
            return
    ax.plot(row["median"], place, color=drawn.colour, marker=drawn.marker, markersize=5.5)


@house()
def shares(frame: pd.DataFrame) -> Figure:
    """Return the share of compute by pair: published point, and solved with its 95% interval.

    `frame`: start, end, published, median, low, high.
    """
    fig, ax = subplots(size="wide")
    ax.axvline(0.5, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for place, row in zip(-np.arange(len(frame)), frame.to_dict("records"), strict=True):
        _segment(ax, place, row, "ours")
        ax.plot(row["published"], place, color=ROLES["published"].colour, marker="D", linestyle="none", markersize=5)
    ax.set_yticks(-np.arange(len(frame)), [f"{row.start} → {row.end}" for row in frame.itertuples()], fontsize=8.5)
    ax.set(
        xlim=(0.25, 1.02), ylim=(-len(frame) + 0.4, 0.6), xlabel="share of parameters and data in the fall of the loss"
    )
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    words(ax, 0.0, 1.02, "◆ published fit", "published")
    words(ax, 0.32, 1.02, "● solved, papers resampled", "ours")
    ax.grid(False, axis="y")
    return fig


@house()
def along_frontier(frame: pd.DataFrame) -> Figure:
    """Return the share of algorithms between consecutive records of compute, each over the years that it spans.

    `frame`: start, end, year, median, low, high (`sources.frontier_shares`).
    """
    fig, ax = subplots(size="wide")
    low, high = (frame[name].clip(-0.05, 1.05) for name in ("low", "high"))
    ax.vlines(frame["year"], low, high, color=ROLES["ours"].colour, linewidth=1.8)
    ax.plot(frame["year"], frame["median"], color=ROLES["ours"].colour, marker="o", linestyle="none")
    for row in frame.itertuples():
        name, top = row.end.split(" (")[0][:22], min(row.high, 1.0)
        ax.annotate(
            name,
            (row.year, top),
            xytext=(0, 10),
            textcoords="offset points",
            ha="center",
            fontsize=7.5,
            rotation=30,
            color=COLOURS["muted"],
        )
    ax.set(ylim=(-0.05, 1.25), xlim=(2012.3, 2023.2), xlabel="year of the new record")
    ax.set_ylabel("share of algorithms since the record before")
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    return fig


@house()
def compute(models: pd.DataFrame, frame: pd.DataFrame) -> Figure:
    """Return training compute by date with the straight and the bent line through the frontier.

    `models`: years_decimal, training_compute_flop, frontier (bool). `frame`: start, end, rate, bends of one choice.
    """
    fig, ax = subplots(size="wide")
    for flag, role, size in ((False, "muted", 5), (True, "ours", 16)):
        part = models[models["frontier"] == flag]
        ax.scatter(
            part["years_decimal"],
            part["training_compute_flop"],
            s=size,
            color=ROLES[role].colour,
            alpha=0.6,
            linewidth=0,
            marker=ROLES["ours"].marker,
        )
    chosen = models[models["frontier"]]
    for bends, role in ((0, "ours"), (1, "published")):
        stretches = frame[frame["bends"] == bends]
        years = np.r_[stretches["start"], stretches["end"].iloc[-1]]
        logs = np.concatenate([[0.0], np.cumsum(stretches["rate"] * (stretches["end"] - stretches["start"]))])
        at = np.interp(chosen["years_decimal"], years, logs)
        shift = (np.log(chosen["training_compute_flop"]) - at).mean()
        ax.plot(years, np.exp(logs + shift), color=ROLES[role].colour, linestyle=ROLES[role].line, linewidth=1.6)
    words(ax, 0.03, 0.93, "● among the ten largest when it appeared", "ours")
    words(ax, 0.03, 0.86, "●  other models", "muted")
    words(ax, 0.03, 0.79, "– –  with the bend that fits best", "published")
    ax.set(yscale="log", ylabel="training compute, FLOP (log scale)", xlabel="publication date")
    log_axis(ax.yaxis, tuple(10.0**exponent for exponent in range(14, 28, 2)), power)
    return fig


@house()
def stack(frame: pd.DataFrame) -> Figure:
    """Return how far physical, algorithmic and effective compute have grown, with 95% bands.

    `frame`: year, part, median, low, high (`growth.stack`).
    """
    fig, ax = subplots(size="wide")
    for part, role, words_ in (
        ("effective", "ours", "effective"),
        ("physical", "published", "physical"),
        ("algorithmic", "alternative", "algorithms"),
    ):
        rows, drawn = frame[frame["part"] == part], ROLES[role]
        ax.fill_between(
            rows["year"],
            rows["low"].clip(lower=0.1),
            rows["high"].clip(upper=1e22),
            color=drawn.colour,
            alpha=0.14,
            linewidth=0,
        )
        ax.plot(rows["year"], rows["median"], color=drawn.colour, linestyle=drawn.line)
        last = rows.iloc[-1]
        label(ax, last["year"], last["median"], words_, role, fontsize=9)
    ax.set(
        yscale="log", xlabel="year", ylabel="times the level of 2012 (log scale)", xlim=(2012, 2026.7), ylim=(0.5, 1e20)
    )
    log_axis(ax.yaxis, tuple(10.0**exponent for exponent in range(0, 21, 4)), power)
    return fig


@house()
def smooth(frame: pd.DataFrame) -> Figure:
    """Return the growth rate of effective compute through time with its 95% band (`acceleration.smooth`)."""
    fig, ax = subplots(size="column")
    drawn = ROLES["ours"]
    ax.fill_between(frame["year"], frame["low"], frame["high"], color=drawn.colour, alpha=0.16, linewidth=0)
    ax.plot(frame["year"], frame["rate"], color=drawn.colour)
    ax.set(ylim=(0, 2.4), xlabel="year", ylabel="growth rate per year, natural log")
    months = ax.secondary_yaxis("right", functions=(lambda rate: rate, lambda rate: rate))
    ticks = (4, 6, 8, 12, 24)
    months.set_yticks([12 * np.log(2) / each for each in ticks], [str(each) for each in ticks])
    months.set_ylabel("doubling time, months")
    return fig


@house()
def domains(frame: pd.DataFrame) -> Figure:
    """Return doubling times by field, with their ends where stated; language models last.

    `frame`: name, months, low_months, high_months, role.
    """
    fig, ax = subplots(size="tall")
    edges = (2.5, 90.0)
    for place, row in zip(-np.arange(len(frame)), frame.itertuples(), strict=True):
        drawn = ROLES[row.role]
        if np.isfinite(row.low_months):
            ax.plot(
                [max(row.low_months, edges[0]), min(row.high_months, edges[1])],
                [place] * 2,
                color=drawn.colour,
                linestyle=drawn.line,
            )
        if row.high_months > edges[1]:
            ax.plot(edges[1], place, color=drawn.colour, marker=">", clip_on=False)
        if np.isfinite(row.months):
            ax.plot(row.months, place, color=drawn.colour, marker=drawn.marker)
    ax.set_yticks(-np.arange(len(frame)), frame["name"], fontsize=8.5)
    ax.set(xscale="log", xlim=edges, xlabel="doubling time, months (log scale)")
    log_axis(ax.xaxis, (3, 4, 6, 9, 12, 18, 24, 36, 60))
    ax.grid(False, axis="y")
    words(ax, 0.0, 1.01, "◆ stated", "published")
    words(ax, 0.2, 1.01, "▲ recomputed", "alternative")
    words(ax, 0.47, 1.01, "● language models, here", "ours")
    return fig


@house()
def transformer(frame: pd.DataFrame, *, compute_flop: float = 1e25) -> Figure:
    """Return the gain of the transformer by form and penalty at one compute, with 95% intervals.

    `frame`: form, penalty, flags, compute_flop, median, low, high (`transformer.by_choice`).
    """
    fig, ax = subplots(size="wide")
    part = frame[(frame["compute_flop"] == compute_flop) & (frame["flags"] == "as used")]
    roles = {"factor, penalised": "published", "factor, free": "ours", "exponents": "alternative"}
    penalties = sorted(part["penalty"].unique())
    ax.axvline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for shift, (form, role) in zip((0.24, 0.0, -0.24), roles.items(), strict=True):
        for row in part[part["form"] == form].to_dict("records"):
            _segment(ax, shift - penalties.index(row["penalty"]), row, role, GAIN_EDGES)
    for place, text, role in (
        (0.0, "◆ factor, as published", "published"),
        (0.34, "● factor, free of it", "ours"),
        (0.64, "▲ exponents by architecture", "alternative"),
    ):
        words(ax, place, 1.02, text, role)
    ax.set_yticks(-np.arange(len(penalties)), [f"{penalty:g}" for penalty in penalties])
    ax.set(xscale="log", xlim=GAIN_EDGES, ylabel="strength of the penalty")
    ax.set_xlabel("compute-equivalent gain of the transformer (log scale)")
    log_axis(ax.xaxis, GAIN_TICKS)
    ax.grid(False, axis="y")
    return fig


@house()
def kaplan(frame: pd.DataFrame) -> Figure:
    """Return the gain over Kaplan's split against compute by law: full lines within the runs, dotted beyond.

    `frame`: law, compute_flop, at, gain, inside, low, high (`sources.kaplan_curves`).
    """
    fig, ax = subplots(size="wide")
    part = frame[frame["at"] == "worse"]
    for law, role in LAW_ROLES.items():
        rows, drawn = part[part["law"] == law], ROLES[role]
        known = rows.dropna(subset="low")
        ax.fill_between(known["compute_flop"], known["low"], known["high"], color=drawn.colour, alpha=0.14, linewidth=0)
        ax.plot(rows["compute_flop"], rows["gain"], color=drawn.colour, linestyle=":", linewidth=1.4)
        ax.plot(rows["compute_flop"], rows["gain"].where(rows["inside"]), color=drawn.colour, linewidth=2.6)
        last = rows.iloc[-1]
        label(ax, last["compute_flop"], last["gain"], law, role, offset=(4, 0), fontsize=8.5, annotation_clip=False)
    ax.set(
        xscale="log",
        yscale="log",
        xlabel="training compute, FLOP (log scale)",
        ylim=(0.9, 12),
        ylabel="gain over Kaplan's split (log scale)",
        xlim=(1e18, 1e27),
    )
    log_axis(ax.xaxis, tuple(10.0**exponent for exponent in range(18, 28, 2)), power)
    log_axis(ax.yaxis, (1, 1.5, 2, 3, 5, 8))
    return fig


@house()
def realised(frame: pd.DataFrame) -> Figure:
    """Return tokens per parameter of models over the optimum at their compute, by date.

    `frame`: years_decimal, tokens_per_parameter, optimal_tokens_per_parameter, over, inside, of one law.
    """
    fig, ax = subplots(size="wide")
    ratio = frame["tokens_per_parameter"] / frame["optimal_tokens_per_parameter"]
    for flag, role in ((True, "published"), (False, "ours")):
        part = frame["over"] == flag
        for inside, face in ((True, ROLES[role].colour), (False, "none")):
            rows = part & (frame["inside"] == inside)
            ax.scatter(
                frame.loc[rows, "years_decimal"],
                ratio[rows],
                s=22,
                facecolors=face,
                marker=ROLES[role].marker,
                edgecolors=ROLES[role].colour,
                linewidths=1,
                alpha=0.75,
            )
    ax.axhline(1.0, color=COLOURS["muted"], linewidth=1)
    ax.axvline(2022.24, color=COLOURS["muted"], linewidth=1, linestyle=":")
    label(ax, 2022.24, ratio.min(), "Chinchilla", "muted", offset=(4, 2), fontsize=8.5)
    words(ax, 0.02, 0.93, "◆ more tokens than optimal", "published")
    words(ax, 0.3, 0.05, "● fewer tokens than optimal", "ours")
    ax.set(yscale="log", xlabel="publication date", ylabel="tokens per parameter over the optimum (log scale)")
    log_axis(ax.yaxis, (0.01, 0.1, 1, 10, 100, 1000))
    return fig
