"""Figures of the chapter on identifiability: profiles of the rates, the landscape, the ridge, the path of minima."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from algoprogress.fits.profile import RATES
from algoprogress.fits.rates import DOUBLING
from algoprogress.show.style import COLOURS, ROLES, house, interval, label, subplots
from book.chart import MONTH_TICKS, log_axis, words
from book.studies.identify.intervals import INDEPENDENT, SCALED

HIGHEST = 9.0  # of the statistic that a panel shows
SHOWN = 1_200  # draws in a scatter, evenly spaced
RATE_MONTHS = (36, 12, 8, 6, 4)
BARS = {  # methods drawn as bars below a profile: role and words
    INDEPENDENT: ("ours", "profile"),
    SCALED: ("check", "scaled"),
    "papers resampled": ("alternative", "resampled"),
}


@house()
def profiles(curves: pd.DataFrame, intervals: pd.DataFrame) -> Figure:
    """Return `intervals.profiles` of each growth rate, with the 95% cut and `intervals.intervals` by method below."""
    fig, axes = subplots(3, 1, size="tall")
    for ax, rate in zip(axes, RATES, strict=True):
        part, bars = curves[curves["rate"] == rate], intervals[intervals["rate"] == rate].set_index("method")
        inside, cut = part.loc[part["statistic"] < HIGHEST, "value"], bars["cut"].iloc[0]
        for penalty, line in part.groupby("penalty"):
            role = ROLES["published" if penalty else "ours"]
            ax.plot(line["value"], line["statistic"], color=role.colour, linestyle=role.line)
        ax.axhline(cut, color=COLOURS["ink"], linewidth=1.0, linestyle=":")
        limits = (inside.min(), inside.max() + 0.52 * np.ptp(inside))
        for place, (method, (role, text)) in enumerate(BARS.items()):
            height, found = -1.3 - 1.5 * place, bars.loc[method, "per_year"]
            interval(ax, height, found, role, limits, width=3.0, size=6)
            said = f"{text} {replace(found, value=np.nan):.2f}"
            label(ax, found.high, height, said, role, offset=(6, 0), fontsize=8.5)
        ax.set(ylim=(-5.2, HIGHEST), xlim=limits, yticks=[0, 2, 4, 6, 8])
        ax.grid(False, axis="y")
        ax.set_title(f"effective {rate}", fontsize=9.5)
        ax.axvline(0.0, color=COLOURS["muted"], linewidth=0.8)
        if rate == "compute":
            spot = {"xycoords": ax.get_yaxis_transform(), "offset": (-4, 7), "ha": "right"}
            label(ax, 1.0, cut, "95%", "reference", **spot)
            top = ax.secondary_xaxis("top")
            top.set_xticks(DOUBLING / np.array(RATE_MONTHS), map(str, RATE_MONTHS))
            top.set_xlabel("doubling time, months")
        if rate == "parameters":
            right = part[part["value"] > 0.6]
            _named(ax, right[right["penalty"] == 0.0], 5.2, "no penalty", "ours")
            _named(ax, right[right["penalty"] > 0.0], 7.6, "with the penalty", "published")
    axes[1].set_ylabel("twice the fall of the log-likelihood from its top")
    axes[2].set_xlabel("growth rate, per year (natural log)")
    return fig


def _named(ax: Axes, line: pd.DataFrame, height: float, text: str, role: str) -> None:
    label(ax, np.interp(height, line["statistic"], line["value"]), height, text, role, offset=(12, -5))


@house()
def landscape(curve: pd.DataFrame, descent: pd.DataFrame, minima: pd.DataFrame) -> Figure:
    """Return the least objective by doubling time (`profile.profile`), and the way down from the published stop."""
    fig, ax = subplots(size="column")
    ours, published, check = (ROLES[role] for role in ("ours", "published", "check"))
    near = curve[curve["compute"] > 0.2].sort_values("compute")
    months = DOUBLING / near["compute"]
    ax.plot(months, near["objective"], color=ours.colour)
    ax.plot(descent["months"], descent["objective"], **{**check.drawing, "marker": ".", "markersize": 5})
    stop = descent.iloc[0]
    ax.plot(stop["months"], stop["objective"], color=published.colour, marker=published.marker, markersize=8)
    ax.plot(minima["months"], minima["objective"], **{**ours.drawing, "markersize": 9, "linestyle": "none"})
    label(ax, stop["months"], stop["objective"], "published stop", "published", offset=(9, 3))
    for row, which in zip(minima.head(2).itertuples(), ("global", "other"), strict=True):
        label(ax, row.months, row.objective, f"{which}\nminimum", "ours", offset=(0, -18), ha="center")
    middle = descent.iloc[len(descent) * 2 // 3]
    label(ax, middle["months"], middle["objective"], "way down", "check", offset=(-8, 6), ha="right")
    text = "lowest at each\ndoubling time"
    label(ax, 20.0, np.interp(-20.0, -months, near["objective"]), text, "ours", offset=(8, -12))
    lowest, highest = minima["objective"].min(), stop["objective"]
    ax.set(xscale="log", xlim=(4.0, 36.0), ylim=(1.35 * lowest - 0.35 * highest, 1.1 * highest - 0.1 * lowest))
    ax.set(xlabel="doubling time of effective compute, months (log scale)", ylabel="objective, nats²")
    log_axis(ax.xaxis, MONTH_TICKS)
    return fig


@house()
def ridge(draws: pd.DataFrame, arms: pd.DataFrame) -> Figure:
    """Return the year coefficients and yearly falls of `ridge.yearly_fall`, and the slopes of `ridge.ridge`."""
    fig, (left, right) = subplots(1, 2, size="wide")
    shown = draws.iloc[:: max(1, len(draws) // SHOWN)]
    dots = {"s": 7, "color": ROLES["ours"].colour, "alpha": 0.3, "linewidth": 0}
    for ax, x, y in ((left, "alpha_year", "beta_year"), (right, "capacity", "data")):
        ax.scatter(shown[x], shown[y], **dots)
        across, up = (np.quantile(draws[name], [0.002, 0.998]) for name in (x, y))
        ax.set_xlim(across + np.ptp(across) * np.array([-0.06, 0.22]))
        ax.set_ylim(up + np.ptp(up) * np.array([-0.08, 0.08]))
    theory = {"color": ROLES["published"].colour, "linestyle": ROLES["published"].line}
    for which, row in zip(("global", "other"), arms.itertuples(), strict=True):
        side = draws.loc[np.sign(draws["alpha_year"]) == np.sign(row.alpha_year)]
        ends = np.quantile(side["alpha_year"], [0.01, 0.99])
        left.plot(ends, row.beta_year + row.theory * (ends - row.alpha_year), **theory)
        left.plot(row.alpha_year, row.beta_year, color=COLOURS["ink"], marker="x", markersize=8, markeredgewidth=2)
        place = {"offset": (8, 6)} if which == "global" else {"offset": (7, 9)}
        label(left, row.alpha_year, row.beta_year, f"{which} minimum", "reference", **place)
    words(left, 0.03, 0.04, "dashed: theory,\nby minimum", "published")
    ends = np.array(left.get_xlim())
    left.plot(ends, -ends, color=COLOURS["ink"], linewidth=1.0, linestyle=":", zorder=1)
    label(left, 0.0, 0.0, "sum zero", "reference", offset=(-5, -6), ha="right")
    middle, sides = draws["fall"].median(), np.quantile(draws["capacity"], [0.005, 0.995])
    right.plot(sides, middle - sides, **theory)
    label(right, 0.02, middle - 0.02, f"sum {middle:.3f}\nnats a year", "published", offset=(4, 8))
    right.locator_params(axis="x", nbins=4)
    text = "coefficient of time in capacity, $\\alpha_Y$"
    left.set(xlabel=text, ylabel="in data, $\\beta_Y$", title="Coefficients, per year")
    right.set(xlabel="loss taken off through capacity", ylabel="through data", title="The same, nats a year")
    return fig


@house()
def penalties(path: pd.DataFrame, *, chosen: float) -> Figure:
    """Return the doubling times of `minima.penalty_path`, the best ones filled; `chosen` is the published strength."""
    fig, ax = subplots(size="column")
    best, rest, ours = path[path["rank"] == 1], path[path["rank"] > 1], ROLES["ours"]
    look = {"s": 16, "facecolor": "none", "edgecolor": ROLES["muted"].colour, "linewidth": 0.9}
    ax.scatter(rest["penalty"], rest["months"], **look)
    parts = [part for _, part in best.groupby(best["jump"].cumsum())]
    for before, after in pairwise(parts):
        ends = pd.concat([before.tail(1), after.head(1)])
        ax.plot(ends["penalty"], ends["months"], color=COLOURS["ink"], linestyle=":", linewidth=1.4)
    for part in parts:
        ax.plot(part["penalty"], part["months"], color=ours.colour, marker=ours.marker, markersize=4.5)
    ax.axvline(chosen, color=ROLES["published"].colour, linestyle="--", linewidth=1.2)
    label(ax, chosen, 1.0, "chosen", "published", xycoords=ax.get_xaxis_transform(), offset=(4, -7))
    last = best.iloc[-1]
    label(ax, last["penalty"], last["months"], "best minimum", "ours", offset=(0, 11), ha="right")
    other = rest[rest["penalty"] == last["penalty"]].iloc[0]
    label(ax, other["penalty"], other["months"], "other minima", "muted", offset=(0, 12), ha="right")
    ax.set(yscale="log", xlabel="strength of the penalty, δ", ylabel="doubling time, months (log scale)")
    ax.set(xlim=(-0.0004, path["penalty"].max() + 0.0004), ylim=(4.5, 24))
    log_axis(ax.yaxis, (5, 6, 8, 10, 12, 16, 20))
    return fig
