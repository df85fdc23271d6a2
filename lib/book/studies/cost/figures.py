"""The figure of the times by draws and by rows."""

import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.style import COLOURS, ROLES, house, subplots
from book.chart import log_axis, power, words
from book.studies.cost.tables import SERIES

SECONDS = (0.01, 0.1, 1, 10, 100, 1000)


@house()
def scaling(frame: pd.DataFrame) -> Figure:
    """Return the seconds against draws and against rows (`tables.series`), each beside a line in proportion to them."""
    fig, panels = subplots(1, 2, size="wide", sharey=True)
    for ax, over in zip(panels, SERIES, strict=True):
        part = frame[frame["over"] == over]
        count, seconds = part["count"].to_numpy(), part["value"].to_numpy()
        straight = seconds[-1] * count / count[-1]
        ax.plot(count, straight, color=COLOURS["muted"], linewidth=1, linestyle=":")
        ax.plot(count, seconds, **ROLES["ours"].drawing)
        ax.set(xscale="log", yscale="log", xlabel=f"{over} (log scale)")
        log_axis(ax.xaxis, tuple(10.0**each for each in range(2, 6)), power)
        log_axis(ax.yaxis, SECONDS)
    panels[0].set_ylabel("time on one core, seconds (log scale)")
    words(panels[0], 0.04, 0.93, "● measured", "ours")
    words(panels[0], 0.04, 0.87, "⋯ in proportion", "muted")
    return fig
