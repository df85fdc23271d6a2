"""The figure of the gain of the transformer."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.style import COLOURS, house, interval, subplots
from book.chart import log_axis, rows, words
from book.studies.transformer.study import EXPONENTS, FREE, PENALISED

EDGES = (0.3, 3_000.0)
ROLES = {PENALISED: "published", FREE: "ours", EXPONENTS: "alternative"}


@house()
def transformer(frame: pd.DataFrame) -> Figure:
    """Return the gain by form and penalty at 1e25 FLOP, with 95% intervals (`study.by_choice`)."""
    fig, ax = subplots(size="wide")
    part = frame[(frame["compute_flop"] == 1e25) & (frame["flags"] == "as used")]
    penalties = sorted(part["penalty"].unique())
    ax.axvline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for shift, (form, role) in zip((0.24, 0.0, -0.24), ROLES.items(), strict=True):
        for row in part[part["form"] == form].itertuples():
            interval(ax, shift - penalties.index(row.penalty), row.gain, role, EDGES, width=1.8, size=5.5)
    words(ax, 0.0, 1.02, "◆ factor, as published", "published")
    words(ax, 0.34, 1.02, "● factor, no penalty on it", "ours")
    words(ax, 0.64, 1.02, "▲ exponents by architecture", "alternative")
    rows(ax, -np.arange(len(penalties)), [f"{penalty:g}" for penalty in penalties])
    ax.set(xscale="log", xlim=EDGES, ylabel="strength of the penalty")
    ax.set_xlabel("compute-equivalent gain of the transformer (log scale)")
    log_axis(ax.xaxis, (0.3, 1, 3, 10, 30, 100, 300, 1000))
    return fig
