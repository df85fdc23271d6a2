"""Figures of the chapter on the data: the evaluations, their coverage, and what corrections do."""

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure

from algoprogress.show.style import COLOURS, ROLES, house, subplots
from book import chart
from book.chart import ARCHITECTURES, BENCHMARK_NAMES, log_axis, words

FITS = (  # column, role, words and where they stand
    ("converged", "ours", "converged ●", 0.0),
    ("published", "published", "published protocol ◆", 0.22),
    ("unpenalised", "alternative", "no penalty ▲", 0.6),
)


@house()
def evaluations(frame: pd.DataFrame) -> Figure:
    """Return perplexity against date, one panel a benchmark, marker area by training compute (`study.with_compute`)."""
    fig, axes = subplots(1, 3, size="wide", sharey=True)
    for ax, (benchmark, name) in zip(axes, BENCHMARK_NAMES.items(), strict=True):
        part = frame[frame["benchmark"] == benchmark]
        for architecture, role in ARCHITECTURES.items():
            dots = part[part["architecture"] == architecture]
            area = 4.0 + 9.0 * np.clip(np.log10(dots["compute_flop"]) - 13.0, 0.0, None)
            look = {"color": role.colour, "marker": role.marker, "alpha": 0.7, "linewidth": 0}
            ax.scatter(dots["publication_date"], dots["perplexity"], s=area, **look)
        ax.set(yscale="log", title=f"{name} ({len(part)})", xlim=pd.to_datetime(["2012-01-01", "2024-01-01"]))
        log_axis(ax.yaxis, chart.PERPLEXITY_TICKS)
        ax.set_xticks(pd.to_datetime(["2014", "2018", "2022"]))
        ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))
    axes[0].set_ylabel("perplexity (log scale)")
    words(axes[0], 0.06, 0.10, "transformer ●", "ours")
    words(axes[0], 0.06, 0.03, "other architecture ◆", "published")
    return fig


@house()
def coverage(counts: pd.DataFrame, frame: pd.DataFrame) -> Figure:
    """Return where the rows lie: counts by year and benchmark (`study.by_year`), and model size against data."""
    import seaborn as sns  # slow to import

    fig, (left, right) = subplots(1, 2, size="wide", width_ratios=[1.15, 1.0])
    wide = counts.pivot_table(index="benchmark", columns="year", values="rows").reindex(list(BENCHMARK_NAMES)).fillna(0)
    depth = LinearSegmentedColormap.from_list("depth", [to_rgba(COLOURS["blue"], each) for each in (0.08, 0.55)])
    said = {"fontsize": 8.5, "color": COLOURS["ink"]}
    sns.heatmap(wide, mask=wide == 0, cmap=depth, annot=True, fmt=".0f", annot_kws=said, cbar=False, ax=left)
    years = [str(year) if year % 2 == 0 else "" for year in wide.columns]
    left.set_xticks(np.arange(len(years)) + 0.5, years, rotation=0)
    left.set_yticks(np.arange(3) + 0.5, [name.replace(" ", "\n") for name in BENCHMARK_NAMES.values()], rotation=0)
    left.set(xlabel="year of publication", ylabel="", title="Rows a year")
    left.grid(False)
    chart.scatter_by_architecture(right, frame, "dataset_tokens", "parameters", size=16)
    right.set(xscale="log", yscale="log", title="Parameters against data")
    right.set(xlabel="training tokens", ylabel="parameters")
    log_axis(right.xaxis, chart.SCALE_TICKS, chart.power)
    log_axis(right.yaxis, chart.SCALE_TICKS, chart.power)
    words(right, 0.05, 0.93, "transformer ●", "ours")
    words(right, 0.05, 0.86, "other ◆", "published")
    return fig


@house()
def corrections(effects: pd.DataFrame, cells: pd.DataFrame) -> Figure:
    """Return what corrections do to the doubling time: by kind (`study.scopes`), and the ten that do most alone."""
    cells = cells.head(10)
    fig, (top, bottom) = subplots(2, 1, size="tall", height_ratios=[0.8, 1.0])
    places, fits = np.arange(len(effects))[::-1], effects[["converged", "published", "unpenalised"]]
    top.hlines(places, fits.min(axis=1), fits.max(axis=1), color=COLOURS["grid"], linewidth=3)
    for column, role, said, share in FITS:
        top.plot(effects[column], places, color=ROLES[role].colour, marker=ROLES[role].marker, linestyle="none")
        words(top, share, 1.03, said, role)
    top.set(xscale="log", xlabel="doubling time, months (log scale)", ylim=(-0.6, len(effects) - 0.4))
    chart.rows(top, places, effects["scope"])
    log_axis(top.xaxis, (4, 5, 6, 8, 10, 12))
    places = np.arange(len(cells))[::-1]
    bottom.barh(places, cells["move"], color=ROLES["ours"].colour, height=0.4)
    column = cells["column"].replace({"dataset_tokens": "tokens", "publication_date": "date"})
    chart.rows(bottom, places, cells["system"] + ", " + column, fontsize=8.5)
    bottom.set(xlabel="move of the converged doubling time by one cell alone, months")
    bottom.axvline(0, color=COLOURS["muted"], linewidth=0.8)
    return fig
