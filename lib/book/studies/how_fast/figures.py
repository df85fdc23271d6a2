"""Figures of doubling times: intervals and distributions by procedure, and where the optimiser stops."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import gaussian_kde

from algoprogress.show.chart import MONTH_TICKS, log_axis
from algoprogress.show.style import ROLES, house, label, subplots


@house()
def doubling_times(procedures: pd.DataFrame) -> Figure:
    """Return doubling times by procedure as points with 95% intervals, on a log axis of months.

    `procedures`: procedure, point, low, median, high, role.
    """
    fig, ax = subplots(size="wide")
    places = np.arange(len(procedures))[::-1]
    for place, row in zip(places, procedures.itertuples(), strict=True):
        role = ROLES[row.role]
        ax.plot([row.low, min(row.high, 60.0)], [place, place], color=role.colour, linestyle=role.line, linewidth=2.2)
        ax.plot(row.median, place, color=role.colour, marker="|", markersize=13, markeredgewidth=2.2)
        ax.plot(row.point, place, color=role.colour, marker=role.marker, markersize=7)
        words = f"{row.point:.1f}  [{row.low:.1f}, {row.high:.1f}]"
        label(ax, min(row.high, 60.0), place, words, row.role, offset=(8, 0), fontsize=8.5)
    ax.set(
        xscale="log",
        xlabel="doubling time of effective compute, months (log scale)",
        xlim=(2.8, 62),
        ylim=(-0.6, len(places) - 0.4),
    )
    ax.set_yticks(places, procedures["procedure"])
    ax.grid(False, axis="y")
    log_axis(ax.xaxis, MONTH_TICKS)
    return fig


@house()
def stopping(frame: pd.DataFrame) -> Figure:
    """Return where SLSQP stops as its tolerance is tightened, beside the local minima: objective against doubling time.

    `frame`: stage, kind (stop or minimum), objective, months, label (blank for none).
    """
    fig, ax = subplots(size="column")
    stops, minima = frame[frame["kind"] == "stop"], frame[frame["kind"] == "minimum"]
    published, ours = ROLES["published"], ROLES["ours"]
    ax.plot(
        stops["months"], stops["objective"], color=published.colour, marker=published.marker, linestyle=published.line
    )
    ax.plot(
        minima["months"], minima["objective"], color=ours.colour, marker=ours.marker, linestyle="none", markersize=9
    )
    for row in frame[frame["label"] != ""].itertuples():
        role = "published" if row.kind == "stop" else "ours"
        left = row.months > 12
        label(
            ax,
            row.months,
            row.objective,
            row.label,
            role,
            offset=(-8, 0) if left else (8, 4),
            ha="right" if left else "left",
        )
    ax.set(
        xscale="log", xlabel="doubling time it implies, months (log scale)", ylabel="objective, nats²", xlim=(5.2, 19)
    )
    log_axis(ax.xaxis, MONTH_TICKS[2:6])
    return fig


@house()
def distributions(draws: pd.DataFrame, points: pd.DataFrame) -> Figure:
    """Return the distribution of the doubling time by procedure as ridges, with the point estimate of each.

    `draws`: procedure, months (infinite where there is no progress), role. `points`: procedure, point, low, high, role.
    """
    fig, ax = subplots(size="wide")
    grid = np.linspace(np.log(2.5), np.log(60.0), 400)
    for place, row in enumerate(points.iloc[::-1].itertuples()):
        months = draws.loc[draws["procedure"] == row.procedure, "months"].to_numpy()
        inside = np.log(months[np.isfinite(months) & (months > 2.5) & (months < 60.0)])
        density = gaussian_kde(inside)(grid)
        height = 0.78 * density / density.max()
        role = ROLES[row.role]
        ax.fill_between(
            np.exp(grid), place, place + height, where=height > 0.004, color=role.colour, alpha=0.28, linewidth=0
        )
        ax.plot(np.exp(grid[height > 0.004]), place + height[height > 0.004], color=role.colour, linewidth=1.4)
        ax.plot([row.low, min(row.high, 60.0)], [place, place], color=role.colour, linewidth=3.0, solid_capstyle="butt")
        ax.plot(row.point, place, color=role.colour, marker=role.marker, markersize=8)
        label(
            ax,
            62.0,
            place + 0.28,
            f"{row.point:.1f} months\n[{row.low:.1f}, {row.high:.1f}]",
            row.role,
            offset=(0, 0),
            ha="right",
        )
    ax.set(
        xscale="log",
        xlabel="doubling time of effective compute, months (log scale)",
        xlim=(2.5, 63),
        ylim=(-0.25, len(points)),
    )
    ax.set_yticks(np.arange(len(points)) + 0.12, points["procedure"].iloc[::-1])
    ax.grid(False, axis="y")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    log_axis(ax.xaxis, MONTH_TICKS)
    return fig
