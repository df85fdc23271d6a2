"""Figures of the Bayesian chapter: posteriors by variant, what the rows add to the prior, coverage by procedure."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from scipy.stats import gaussian_kde, norm

from algoprogress.show.style import ROLES, house, interval, label, subplots
from book.chart import MONTH_TICKS, forest, log_axis, rows, words
from book.studies.bayes.tables import TRUTHS

EDGES = (2.4, 120.0)  # months; intervals that go on end in an arrow there
TICKS = (*(tick for tick in MONTH_TICKS if tick not in (4, 8, 18)), 100)
PROCEDURES = {
    "published": "published", "converged": "ours", "converged, no penalty": "alternative",
    "neutral": "check", "Bayes": "reference",
}  # fmt: skip

SAID = {"neutral": "one rate for both terms", "Bayes": "hierarchical posterior"}  # where a name says too little


@house()
def variants(frame: pd.DataFrame) -> Figure:
    """Return doubling times as points with 95% intervals on a log axis of months, line by line (`tables.beside`)."""
    fig, ax = subplots(size="square")
    forest(ax, list(frame[["words", "months", "role"]].itertuples(index=False, name=None)), EDGES)
    ax.set(xscale="log", xlim=EDGES, xlabel="doubling time of effective compute, months (log scale)")
    log_axis(ax.xaxis, TICKS)
    return fig


@house()
def update(draws: pd.DataFrame, *, mean: float, sd: float) -> Figure:
    """Return normal prior, of `mean` and `sd`, and posterior (`study.kept`) of the rate of progress, and its parts."""
    fig, (left, right) = subplots(1, 2, size="wide")
    grid = np.linspace(-1.5, 3.5, 400)
    prior, after = norm.pdf(grid, mean, sd), gaussian_kde(draws["rate"])(grid)
    left.plot(grid, prior, color=ROLES["muted"].colour, linestyle="--")
    left.fill_between(grid, after, color=ROLES["ours"].colour, alpha=0.28, linewidth=0)
    left.plot(grid, after, color=ROLES["ours"].colour)
    label(left, grid[after.argmax()], after.max(), "posterior", "ours", offset=(8, 0))
    label(left, 2.1, norm.pdf(2.1, mean, sd), "prior", "muted", offset=(4, 8))
    left.set(xlabel="growth of effective compute per year (natural log)", ylabel="density", ylim=(0, None))
    right.scatter(draws["parameter_rate"], draws["data_rate"], s=4, color=ROLES["ours"].colour, alpha=0.25, linewidth=0)
    ends, middle = draws["parameter_rate"].agg(["min", "max"]).to_numpy(), draws["rate"].median()
    right.plot(ends, middle - ends, color=ROLES["published"].colour, linestyle="--", linewidth=1.4)
    words(right, 0.42, 0.95, "dashed: sum at its median", "published")
    right.set(xlabel="growth of effective parameters", ylabel="growth of effective data")
    return fig


@house()
def coverage(frame: pd.DataFrame) -> Figure:
    """Return how often nominal 95% intervals hold the truth (`simulation.coverage`): a panel a truth, by procedure."""
    fig, axes = subplots(2, 2, size="tall", sharex=True, sharey=True)
    truths, count = frame.set_index(["floor", "data", "procedure"])["coverage"], len(PROCEDURES)
    for ax, (truth, title) in zip(axes.flat, TRUTHS.items(), strict=True):
        for place, (procedure, role) in zip(reversed(range(count)), PROCEDURES.items(), strict=True):
            found = truths[*truth, procedure]
            interval(ax, place, found, role, (0.4, 1.0))
            label(ax, found.value, place, f"{found.value:.0%}", role, offset=(0, 9), ha="center", fontsize=8.5)
        ax.axvline(0.95, color=ROLES["reference"].colour, linewidth=1, linestyle=":")
        ax.set_title(f"truth {title}" if title != "both" else "truth with both")
        rows(ax, range(count), [SAID.get(name, name) for name in PROCEDURES][::-1])
        ax.set(xlim=(0.4, 1.03), ylim=(-0.6, count - 0.4))
        ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    for ax in axes[1]:
        ax.set_xlabel("intervals that hold the truth")
    return fig
