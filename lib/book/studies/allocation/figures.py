"""Figures and tables of how compute was split between parameters and tokens."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.estimate import Estimate, unpacked
from algoprogress.show.style import COLOURS, ROLES, house, label, subplots
from algoprogress.show.words import written
from book.chart import band, log_axis, power, words
from book.studies.allocation.study import CHINCHILLA_DATE, CURVES, SPLITS

ROLES_OF_LAWS = ("published", "ours", "alternative", "check")  # of `study.CURVES`
AT = (1e19, 1e21, 1e22, 3e23, 2.53e24, 1e25, 5e26)  # FLOP
LAWS = {"hoffmann2022": "Hoffmann, printed", "besiroglu": "Hoffmann, refitted", "porian": "Porian, refitted"}
SIDES = {"all": "all", "under": "fewer tokens", "over": "more tokens"}
FEWEST = 3  # models of a group with an interval


def named(law: str) -> str:
    """Return a law's name of `study.CURVES` as this book calls it."""
    return law.replace("model 7", "law 7")


@house()
def kaplan(frame: pd.DataFrame) -> Figure:
    """Return the gain over both splits of Kaplan's by compute (`study.kaplan_curves`): full within a law's runs."""
    fig, axes = subplots(1, 2, size="wide", sharey=True)
    for ax, (by, said) in zip(axes, SPLITS.items(), strict=True):
        for law, role in zip(CURVES.values(), ROLES_OF_LAWS, strict=True):
            rows, colour = frame[(frame["law"] == law) & (frame["by"] == by)], ROLES[role].colour
            band(ax, rows["compute_flop"], rows["gain"], role)
            rows = unpacked(rows)
            ax.plot(rows["compute_flop"], rows["gain"], color=colour, linestyle=":", linewidth=1.4)
            ax.plot(rows["compute_flop"], rows["gain"].where(rows["inside"]), color=colour, linewidth=2.6)
        ax.set(xscale="log", xlabel="training compute, FLOP (log scale)", xlim=(1e18, 1e27))
        ax.set_title(f"over the {said}" if by == "law" else f"over {said}")
        ax.set(yscale="log", ylim=(0.9, 500))
        log_axis(ax.xaxis, tuple(10.0**exponent for exponent in range(18, 28, 3)), power)
        log_axis(ax.yaxis, (1, 3, 10, 30, 100, 300))
    for step, (law, role) in enumerate(zip(CURVES.values(), ROLES_OF_LAWS, strict=True)):
        words(axes[0], 0.27, 0.92 - 0.07 * step, named(law), role)
    axes[0].set_ylabel("gain of the optimum (log scale)")
    return fig


@house()
def realised(frame: pd.DataFrame) -> Figure:
    """Return tokens per parameter of models over the optimum at their compute, by date (`study.splits` of one law)."""
    fig, ax = subplots(size="wide")
    ratio = frame["tokens_per_parameter"] / frame["optimal_tokens_per_parameter"]
    for (over, inside), part in frame.groupby(["over", "inside"]):
        role = ROLES["published" if over else "ours"]
        face = role.colour if inside else "none"
        drawn = {"marker": role.marker, "facecolors": face, "edgecolors": role.colour, "linewidths": 1, "alpha": 0.75}
        ax.scatter(part["years_decimal"], ratio[part.index], s=22, **drawn)
    ax.axhline(1.0, color=COLOURS["muted"], linewidth=1)
    ax.axvline(CHINCHILLA_DATE, color=COLOURS["muted"], linewidth=1, linestyle=":")
    label(ax, CHINCHILLA_DATE, ratio.min(), "Chinchilla", "muted", offset=(4, 2), fontsize=8.5)
    words(ax, 0.02, 0.93, "◆ more tokens than optimal", "published")
    words(ax, 0.02, 0.13, "● fewer tokens than optimal", "ours")
    ax.set(yscale="log", xlabel="publication date", ylabel="tokens per parameter over the optimum (log scale)")
    log_axis(ax.yaxis, (0.01, 0.1, 1, 10, 100, 1000))
    return fig


def kaplan_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `study.kaplan_curves` at some computes, by split and law, a star where the law is extrapolated."""
    parts = []
    for by, part in unpacked(frame).groupby("by", sort=False):
        shown = {"over": SPLITS[by], "FLOP": [written(flop, ".1e") for flop in AT]}
        for law, rows in part.groupby("law", sort=False):
            known = np.log(rows[["compute_flop", "gain", "gain_low", "gain_high"]].to_numpy()).T
            at = np.exp([np.interp(np.log(AT), known[0], each) for each in known[1:]]).T
            inside = rows.loc[rows["inside"], "compute_flop"]
            stars = ["" if inside.min() <= flop <= inside.max() else "\\*" for flop in AT]
            shown[named(law)] = [Estimate(*each).text(",.2f") + star for each, star in zip(at, stars, strict=True)]
        parts.append(pd.DataFrame(shown))
    return pd.concat(parts, ignore_index=True)


def eras_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `study.realised_eras` with a column a law; groups of fewer than three models have no interval."""
    gains = [row.gain if row.models >= FEWEST else Estimate(row.gain.value) for row in frame.itertuples()]
    shown = frame[["era"]].assign(side=frame["side"].map(SIDES), law=frame["law"].map(LAWS))
    shown["cell"] = [gain.text(",.2f") for gain in gains]
    table = shown.pivot_table(index=["era", "side"], columns="law", values="cell", aggfunc="first", sort=False)
    return table.rename_axis(columns=None).reset_index()
