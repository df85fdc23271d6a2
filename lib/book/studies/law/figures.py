"""Figures and tables of the chapter on the law: fitted against observed, what is left over, formulas, coefficients."""

from itertools import product

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.data import tables
from algoprogress.fits.fit import Fit
from algoprogress.laws import catalogue
from algoprogress.show.style import COLOURS, ROLES, house, subplots
from book import chart
from book.chart import ARCHITECTURES, BENCHMARK_NAMES
from book.studies.law import fits, study

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
    ax.set_xlabel("mean by benchmark")
    chart.words(axes.flat[0], 0.04, 0.93, "transformer ●", "ours")
    chart.words(axes.flat[0], 0.04, 0.86, "other architecture ◆", "published")
    ax.grid(False, axis="x")
    for ax in axes.flat:
        ax.axhline(0.0, color=COLOURS["muted"], linewidth=0.8)
    for ax in axes[:, 0]:
        ax.set_ylabel("residual, nats (above 0: worse)")
    return fig


def formulas() -> pd.DataFrame:
    """Return the formulas of each published law; a name in `shared` has one coefficient in both terms."""
    rows = []
    for law in catalogue.laws().values():
        beside = [f"floor `{law.floor}`" if law.floor else "", *(f"shared `{name}`" for name in law.shared)]
        rows.append((law.id, f"`{law.capacity}`", f"`{law.data}`" if law.data else "none", " ".join(beside)))
    return pd.DataFrame(rows, columns=["law", "capacity term", "data term", "beside"])


def by_compute() -> pd.DataFrame:
    """Return months under the law in compute alone by what is taken for compute: compute, rows, months (estimate)."""
    words = {
        "compute_only": "6 N times the dataset, as published",
        "compute_seen": "6 N times tokens seen",
        "compute_dataset": "6 N times the dataset, rows with a reported compute",
        "compute_reported": "as reported by Epoch AI, the same rows",
    }
    lines = [(said, len(fits.study(name)[1]), fits.converged_median(name)) for name, said in words.items()]
    return pd.DataFrame(lines, columns=["compute", "rows", "months"])


def coefficients(published: Fit, converged: Fit) -> pd.DataFrame:
    """Return the coefficients of model 7: coefficient, stated (in print), published (protocol) and converged."""
    claimed = tables.read("claims").set_index("id")["published"]
    stated = [claimed[f"ho.model7.{name}.published_point"] for name in published.params.index]
    frame = pd.DataFrame({"stated": stated, "published": published.params, "converged": converged.params})
    return frame.rename_axis("coefficient").reset_index()
