"""The figure of the front page: what the headline hangs on."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.style import ROLES, house, interval, label, subplots
from book.chart import MONTH_TICKS, log_axis, rows

EDGES = (2.0, 62.0)  # months; intervals that go on end in an arrow there
MOORE = 24.0  # months in which the transistors of a chip double, by Moore's law as of 1975
LINE, GAP = 1.0, 0.45  # heights of a line, and of the space between groups


@house()
def hangs_on(frame: pd.DataFrame) -> Figure:
    """Return doubling times (`front.choices`, the published one first) in groups by choice, each with its interval."""
    fig, ax = subplots(size="square")
    new = frame["choice"].ne(frame["choice"].shift()).to_numpy()
    places = -np.cumsum(LINE + GAP * new)
    stated, published = frame["months"].iloc[0], ROLES["published"]
    ax.axvspan(stated.low, stated.high, color=published.colour, alpha=0.10, linewidth=0)
    ax.axvline(stated.value, color=published.colour, linestyle=published.line, linewidth=1)
    ax.axvline(MOORE, color=ROLES["muted"].colour, linestyle=":", linewidth=1.2)
    label(ax, MOORE, places[0] + 0.9, "Moore's law", "muted", offset=(0, 3), ha="center", va="bottom", fontsize=8.5)
    for place, row in zip(places, frame.itertuples(), strict=True):
        interval(ax, place, row.months, row.role, EDGES)
        label(ax, EDGES[0], place, row.words, "muted", offset=(3, 6), va="baseline", fontsize=8)
        look = {"offset": (0, 6), "ha": "right", "va": "baseline", "fontsize": 8.5}
        label(ax, EDGES[1], place, row.months.text(".1f"), row.role, **look)
    starts = np.flatnonzero(new)
    rows(ax, places[starts], frame["choice"].iloc[starts], ticks=False)
    ax.set(xscale="log", xlim=EDGES, ylim=(places[-1] - 0.6, places[0] + 0.9))
    ax.set_xlabel("doubling time of effective compute, months (log scale)")
    ax.spines["left"].set_visible(False)
    log_axis(ax.xaxis, (2, *MONTH_TICKS))
    return fig
