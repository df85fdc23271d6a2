"""Figures of the chapter on the law: fitted against observed, and what the fit leaves over."""

from itertools import product

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.style import COLOURS, ROLES, house, subplots
from book import chart
from book.chart import ARCHITECTURES, BENCHMARK_NAMES
from book.studies.law import study

AGAINST = {
    "years_decimal": "publication year",
    "parameters": "parameters",
    "dataset_tokens": "tokens in the training set",
}


@house()
def fitted(frame: pd.DataFrame) -> Figure:
    """Return observed against fitted loss of `study.misfit` by benchmark, with the line of equality."""
    fig, axes = subplots(1, 3, size="strip", sharey=True, sharex=True)
    for ax, (benchmark, name) in zip(axes, BENCHMARK_NAMES.items(), strict=True):
        part, role = frame[frame["benchmark"] == benchmark], ROLES[benchmark]
        ax.axline((1.5, 1.5), slope=1.0, color=COLOURS["muted"], linewidth=1.0)
        look = {"color": role.colour, "marker": role.marker, "alpha": 0.7, "linewidth": 0}
        ax.scatter(part["fitted_nats"], part["loss_nats"], s=14, **look)
        error = np.sqrt(((part["loss_nats"] - part["fitted_nats"]) ** 2).mean())
        ax.set(title=name, xlabel="fitted loss, nats")
        ax.text(0.96, 0.05, f"typical error {error:.2f} nats", transform=ax.transAxes, ha="right", fontsize=8.5)
    axes[0].set_ylabel("observed loss, nats")
    return fig


@house()
def residuals(frame: pd.DataFrame) -> Figure:
    """Return residuals of `study.misfit` by year, size, data and architecture within benchmark."""
    from statsmodels.nonparametric.smoothers_lowess import lowess  # slow to import

    fig, axes = subplots(2, 2, size="tall", sharey=True)
    for ax, (column, name) in zip(axes.flat, AGAINST.items(), strict=False):
        chart.scatter_by_architecture(ax, frame, column, "residual_nats", size=12)
        wide = column != "years_decimal"
        trend = lowess(frame["residual_nats"], np.log10(frame[column]) if wide else frame[column], frac=0.6)
        ax.plot(10 ** trend[:, 0] if wide else trend[:, 0], trend[:, 1], color=COLOURS["ink"], linewidth=1.6)
        ax.set_xlabel(name)
        if wide:
            ax.set_xscale("log")
            chart.log_axis(ax.xaxis, chart.SCALE_TICKS, chart.power)
    ax, means = axes.flat[3], study.bias(frame).set_index(["benchmark", "architecture"])["mean"]
    for place, (benchmark, architecture) in enumerate(product(BENCHMARK_NAMES, ARCHITECTURES)):
        role, mean = ARCHITECTURES[architecture], means[benchmark, architecture]
        ax.errorbar(place, mean.value, yerr=mean.high - mean.value, color=role.colour, marker=role.marker)
    ax.set_xticks([0.5, 2.5, 4.5], [name.replace(" ", "\n") for name in BENCHMARK_NAMES.values()])
    ax.set_xlabel("mean by benchmark: transformer ● , other ◆")
    ax.grid(False, axis="x")
    for ax in axes.flat:
        ax.axhline(0.0, color=COLOURS["muted"], linewidth=0.8)
    for ax in axes[:, 0]:
        ax.set_ylabel("residual, nats (above 0: worse than fitted)")
    return fig
