"""The figure and tables of extrapolation: errors over that of M4, errors by domain, and the audit of IsoFLOP grids."""

import pandas as pd
from matplotlib.figure import Figure

from algoprogress.data import tables
from algoprogress.show.style import COLOURS, house, subplots
from book.chart import forest, log_axis, words
from book.studies.extrapolation import curves, grids

EDGES = (0.2, 20.0)
SHOWN = {"straight": "straight", "bent": "bent", "projected": "law"}  # how a simulated gain is read
SIMULATED = [
    "truth", "grid", *(f"{what}, {each}" for what in ("bias", "scatter") for each in SHOWN.values()),
    "hold, bent",
]  # fmt: skip


@house()
def ratios() -> Figure:
    """Return the error of each estimator over that of M4 as published, 95% intervals over curves."""
    fig, ax = subplots(size="wide")
    ax.axvline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    roles = {"floor": "ours", "smooth": "ours"}
    others = [name for name in curves.NAMES if name != "m4"]
    rows = []
    for name in others:
        role = roles.get(name, "check" if name.endswith("optimum") else "published")
        rows.append((curves.NAMES[name], curves.ratio(name), role))
    forest(ax, rows, EDGES, spec=".2f")
    ax.set(xscale="log", xlabel="times the error of M4 as published (log scale)")
    log_axis(ax.xaxis, (0.2, 0.5, 1, 2, 5, 10, 20))
    keys = {"published": "◆ published form", "check": "■ at its optimum", "ours": "● this book"}
    for place, (role, said) in zip((0.0, 0.3, 0.6), keys.items(), strict=True):
        words(ax, place, 1.02, said, role)
    return fig


def drawn() -> pd.DataFrame:
    """Return what the figure shows, to download: a line an estimator."""
    return pd.DataFrame(
        {"estimator": list(curves.NAMES.values()), "over_m4": [curves.ratio(name) for name in curves.NAMES]}
    )


def errors_table() -> pd.DataFrame:
    """Return the mean error over curves by estimator and domain, with 95% intervals over curves for all."""
    means = curves.errors().groupby("domain", sort=False).mean()
    columns = {words: means.loc[domain].to_numpy() for domain, words in curves.DOMAINS.items()}
    found = [curves.mean(name).text(".3f") for name in curves.NAMES]
    return pd.DataFrame({"estimator": list(curves.NAMES.values()), "all curves": found} | columns)


def exact_table() -> pd.DataFrame:
    """Return the result of `grids.exact` to read, shares in percent."""
    frame = grids.exact()
    named = {"law": "truth", "design": "grid", "least": "least loss, in compute", "size": "best size"}
    named |= {"straight": "half way, straight", "bent": "half way, bent"}
    return frame.assign(design=frame["design"].map(grids.WORDS))[list(named)].rename(columns=named)


def simulated_table() -> pd.DataFrame:
    """Return the committed simulation to read: bias by place, and spread, by how minima are joined."""
    frame = tables.read("isoflop_audit")
    rows = []
    for (law, design), part in frame.groupby(["law", "design"], sort=False):
        biases = [max(part.loc[part["estimator"] == name, "bias"], key=abs) for name in SHOWN]
        spreads = [part.loc[part["estimator"] == name, "spread"].mean() for name in SHOWN]
        held = part.loc[part["estimator"] == "bent", "coverage"].mean()
        rows.append((law.removesuffix(" exponents"), grids.WORDS[design], *biases, *spreads, held))
    return pd.DataFrame(rows, columns=SIMULATED)


def moved_table() -> pd.DataFrame:
    """Return the result of `grids.moved` to read."""
    frame = grids.moved()
    names = {"title": "pair", "quoted": "quoted", "early_straight": "early, straight", "early": "early, bent"}
    names |= {"late_straight": "late, straight", "late": "late, bent"}
    frame = frame.assign(quoted=frame["quoted"].map({True: "yes", False: "no"}))
    return frame[list(names)].rename(columns=names)
