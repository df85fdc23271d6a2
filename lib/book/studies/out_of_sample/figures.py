"""The runs that the laws have not seen in pictures and as a table: losses along a ladder, falls, elasticities."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from algoprogress.show.style import ROLES, house, interval, label, subplots
from book.chart import log_axis, power, rows, words

READINGS = {"observed": "reference", "law 7, converged": "ours", "law 18, converged": "check"}
NAMES = {"fall": "fall", "parameters": "elasticity in parameters", "data": "elasticity in data"}  # of quantities
SETS = {"c4_original": "C4", "rpj": "RedPajama", "rw_original": "RefinedWeb"}  # of text, as the runs name them
SPECS = {"fall": ".1%", "elasticity in parameters": ".3f", "elasticity in data": ".3f"}


@house()
def ladder(frame: pd.DataFrame) -> Figure:
    """Return the loss of each run relative to the smallest against compute, observed and predicted (`study.along`)."""
    fig, ax = subplots(size="column")
    compute = frame["training_compute_flop"]
    for reading, role in READINGS.items():
        dots = {**ROLES[role].drawing, "linestyle": "none", "markersize": 4.5, "alpha": 0.8}
        ax.plot(compute, frame[reading], **dots)
        last, offset = frame.loc[compute.idxmax(), reading], (4, 54 if role == "check" else -13)
        label(ax, compute.max(), last, reading, role, offset=offset, ha="right", fontsize=8.5)
    ax.set(xscale="log", xlabel="training compute, FLOP (log scale)", ylabel="loss over that of the smallest run")
    ax.set_ylim(0.5, None)
    log_axis(ax.xaxis, tuple(10.0**exponent for exponent in range(18, 25)), power)
    return fig


def plain(study: str) -> str:
    """Return the name of a study with that of its text as it is known."""
    author, _, text = study.partition(", ")
    return f"{author}, {SETS[text]}" if text in SETS else study


def _by_study(ax: Axes, frame: pd.DataFrame, shifts: Mapping[str, float], edges: tuple[float, float]) -> list[str]:
    """Draw the estimates of each study in a row, shifted by reading; return the studies from below."""
    studies = list(dict.fromkeys(frame["study"]))[::-1]
    for row in frame[frame["reading"].isin(shifts)].itertuples():
        interval(ax, studies.index(row.study) + shifts[row.reading], row.estimate, READINGS[row.reading], edges)
    rows(ax, np.arange(len(studies)), [plain(study) for study in studies])
    return studies


@house()
def falls(frame: pd.DataFrame) -> Figure:
    """Return the relative fall of the loss by study, observed and predicted, of such lines of `study.compared`."""
    fig, ax = subplots(size="wide")
    edges = (0.0, 0.62)
    studies = _by_study(ax, frame, dict(zip(READINGS, (0.24, 0.0, -0.24), strict=True)), edges)
    for place, sign, (reading, role) in zip((0.0, 0.25, 0.6), "×●■", READINGS.items(), strict=True):
        words(ax, place, 1.02, f"{sign} {reading}", role)
    ax.set(xlabel="fall of the loss from the small run to the large one", xlim=edges, ylim=(-0.6, len(studies) - 0.4))
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    return fig


@house()
def elasticities(frame: pd.DataFrame) -> Figure:
    """Return the elasticities of the loss in parameters and in data, a panel each (lines of `study.compared`)."""
    fig, axes = subplots(1, 2, size="wide", sharey=True, sharex=True)
    for ax, quantity in zip(axes, ("parameters", "data"), strict=True):
        part, shifts = frame[frame["quantity"] == quantity], {"observed": 0.15, "law 7, converged": -0.15}
        studies = _by_study(ax, part, shifts, (-np.inf, np.inf))
        ax.set(xlabel=f"elasticity of the loss in {quantity}", ylim=(-0.6, len(studies) - 0.2))
        ax.xaxis.set_major_locator(MultipleLocator(0.05))
    words(axes[0], 0.0, 1.02, "× observed", "reference")
    words(axes[0], 0.5, 1.02, "● law 7, converged", "ours")
    return fig


def compared_table(compared: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.compared` to read: a line per study and reading, a column of estimates a quantity."""
    keys = {"index": ["study", "reading"], "columns": "quantity"}
    compared = compared.assign(study=compared["study"].map(plain))
    wide = compared.pivot_table("estimate", **keys, aggfunc="first", sort=False)[list(NAMES)]
    return wide.rename(columns=NAMES).rename_axis(columns=None).reset_index()
