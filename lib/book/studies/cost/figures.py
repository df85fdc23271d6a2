"""The kept run of the benchmark, `data/costs.csv`: its lines to read, and the figure of its times by size."""

import pandas as pd
from matplotlib.figure import Figure

from algoprogress.data import tables
from algoprogress.show.style import COLOURS, ROLES, house, subplots
from algoprogress.show.words import MISSING, quantity, written
from book.chart import log_axis, power, words

LEAST = ("times", "share")  # units whose limit is a least value; that of others is a largest one
SERIES = ("draws", "rows")
SECONDS = (0.01, 0.1, 1, 10, 100, 1000)


@house()
def scaling(frame: pd.DataFrame) -> Figure:
    """Return the seconds against draws and against rows (`series`), each beside a line in proportion to them."""
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
        ax.set_ylabel("time on one core, seconds (log scale)")
    words(panels[0], 0.04, 0.93, "● measured", "ours")
    words(panels[0], 0.04, 0.87, "⋯ in proportion", "muted")
    return fig


def measured() -> pd.DataFrame:
    """Return the lines that are no part of a series, by name: unit, value, low, high, limit, accepted and so on."""
    frame = tables.read("costs").set_index("name")
    return frame[frame["over"] == ""]


def series() -> pd.DataFrame:
    """Return the seconds by draws and by rows: over (which of the two), count, value (seconds)."""
    frame = tables.read("costs")
    return frame.loc[frame["over"].isin(SERIES), ["over", "count", "value"]].reset_index(drop=True)


def growth(over: str) -> float:
    """Return how many times longer ten times the draws, or the rows, take, by the fitted slope."""
    return 10.0 ** measured().loc[f"Time against {over}, in logarithms", "value"]


def last_step(over: str) -> tuple[float, float]:
    """Return how many times the draws, or the rows, of the point before a series has at its end, and the time."""
    part = series().query("over == @over")[["count", "value"]].to_numpy()
    return tuple(part[-1] / part[-2])


def lines() -> pd.DataFrame:
    """Return `measured` as ready strings: name, measured, range, limit, met."""
    rows = []
    for line in measured().itertuples():
        value, low, high = (quantity(each, line.unit) for each in (line.value, line.low, line.high))
        shown = value if line.unit in ("share", "slope") else f"{value} {line.unit}"
        across = MISSING if line.low == line.high else f"{low} to {high}"
        limit = written(line.limit, ".0%" if line.unit == "share" else "g") if line.limit > 0 else ""
        limit += f" {line.unit}" if limit and line.unit not in ("share", "slope") else ""
        bound = f"{'at least' if line.unit in LEAST else 'at most'} {limit}" if limit else MISSING
        rows.append((line.Index, shown, across, bound, ("no", "yes")[line.accepted] if limit else MISSING))
    return pd.DataFrame(rows, columns=["name", "measured", "range", "limit", "met"])
