"""Figures and tables of the pairs of 2022 to 2026: gains and trends, counting, experts, each with its marks."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.estimate import Estimate
from algoprogress.show.style import COLOURS, ROLES, house, interval, label, subplots
from algoprogress.show.words import MISSING, written
from book.chart import gains_and_trends, log_axis, words
from book.studies.compute_optimal import study as pairs
from book.studies.compute_optimal.tables import ESTIMATORS, cell, verdict
from book.studies.recent import routing, shapes, study
from book.studies.recent.pairs import PAIRS, Recent
from book.studies.verdicts import MEANINGS

ROLES_OF = {"sparsity": "check", "optimiser": "ours", "recipe": "alternative", "data": "published"}
EDGES, SLOPES = (0.4, 20.0), (-0.5, 0.5)
KINDS = {"check": "■ experts", "ours": "● optimiser", "alternative": "▲ recipe", "published": "◆ training text"}
SHOWN = {8: "alternative", 64: "ours", 512: "check"}  # experts

SOURCES = {
    "clark2022": "Clark et al. 2022", "marin2026": "Marin 2026", "marin2025": "Marin 2025",
    "mcleish2025": "McLeish et al. 2025",
}  # fmt: skip


def named(row) -> str:
    """Return the words of a pair with its marks: what differs besides the algorithm."""
    currency = " (equal tokens)" if "tokens" in row.currency else ""
    return f"{row.title}{currency}" + (f" (other {row.marks})" if row.marks else "")


@house()
def forest(frame: pd.DataFrame) -> Figure:
    """Return early (hollow) and late gain of each pair (`gains`) by kind, its trend, its marks in words."""
    names = [named(row) for row in frame.itertuples()]
    fig, ax = gains_and_trends(frame, names, ROLES_OF, EDGES, SLOPES, 7.5)
    log_axis(ax.xaxis, (0.5, 1, 2, 4, 8, 16))
    for place, (role, said) in zip((-0.5, -0.13, 0.3, 0.62), KINDS.items(), strict=True):
        words(ax, place, 1.01, said, role)
    return fig


@house()
def counting(frame: pd.DataFrame) -> Figure:
    """Return the mean gain of each recounted pair as its sources count (hollow) and by one rule (`gains`)."""
    frame = frame[frame["recounted"]].reset_index(drop=True)
    fig, ax = subplots(size="wide")
    ax.axvline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for place, row in zip(-np.arange(len(frame), dtype=float), frame.itertuples(), strict=True):
        interval(ax, place + 0.17, row.as_counted, "published", EDGES, width=1.4, size=5, filled=False)
        interval(ax, place - 0.17, row.gain, "ours", EDGES, width=1.4, size=5)
    ax.set_yticks(-np.arange(len(frame)), [named(row) for row in frame.itertuples()], fontsize=8)
    ax.grid(False, axis="y")
    ax.set(xscale="log", xlim=EDGES, xlabel="mean gain (log scale)")
    log_axis(ax.xaxis, (0.5, 1, 2, 4, 8, 16))
    words(ax, 0.0, 1.02, "● one rule", "ours")
    words(ax, 0.25, 1.02, "◇ as the sources count", "published")
    return fig


@house()
def experts(frame: pd.DataFrame) -> Figure:
    """Return the gain of experts at equal tokens over the parameters in use (`routing.by_router`)."""
    fig, ax = subplots(size="column")
    ax.axhline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for (count, router), part in frame[frame["experts"].isin(SHOWN)].groupby(["experts", "router"], sort=False):
        role = ROLES[SHOWN[count]]
        line = {"balanced": "-", "learned": "--", "hashing": ":"}[router]
        ax.plot(part["parameters"], part["gain"], color=role.colour, linestyle=line, marker=role.marker, markersize=4)
        if router == "balanced":
            label(ax, *part[["parameters", "gain"]].iloc[-1], f"{count} experts", SHOWN[count], offset=(9, 11))
    ax.set(xscale="log", yscale="log", ylim=(0.9, 10), xlim=(1.2e7, 1.6e9))
    ax.set(xlabel="parameters in use", ylabel="gain over dense (log scale)")
    log_axis(ax.xaxis, (2e7, 5e7, 1e8, 3e8, 1e9), _size)
    log_axis(ax.yaxis, (1, 2, 4, 8))
    words(ax, 0.0, 1.02, "— balanced   – – learned   ··· hashing", "muted")
    return fig


def _size(parameters: float) -> str:
    """Return a number of parameters as it is printed on an axis."""
    return f"{parameters / 1e6:.0f}M" if parameters < 1e9 else f"{parameters / 1e9:.0f}B"


def measured(chosen: Sequence[Recent] = PAIRS) -> pd.DataFrame:
    """Return what each pair rests on: runs, sizes, ranges, what is shared and what differs."""
    rows = []
    for pair in chosen:
        ends = pairs.over_range(pair).iloc[[0, -1]]
        runs, sizes = (" and ".join(f"{each[key].nunique()}" for each in pair.runs) for key in ("run", "parameters"))
        flop = " to ".join(written(value, ".1e") for value in ends["new_flop"])
        loss, new = " to ".join(written(value) for value in ends["loss_nats"]), pair.settings[1]
        rows.append((pair.title, SOURCES[pair.source], runs, sizes, flop, loss, f"{new.text}, read on {new.reading}",
                     pair.marks or MISSING, pair.caveat))  # fmt: skip
    columns = ["pair", "source", "runs", "sizes", "FLOP of the new", "loss, nats", "text", "differs too", "caveat"]
    return pd.DataFrame(rows, columns=columns)


def gains(chosen: Sequence[Recent] = PAIRS) -> pd.DataFrame:
    """Return a line a pair, for the figure and to download: its gains by all routes, trend and marks."""
    rows = []
    for pair in chosen:
        early, late = pairs.early_and_late(pair)
        found = pairs.mean_gain(pair), study.second(pair), study.as_counted(pair)
        rows.append((pair.name, pair.kind, pair.title, early, late, *found, pairs.trend(pair), pair.main, pair.route,
                     pair.currency, pair.counted is not None, pair.marks, pair.marks_as_counted))  # fmt: skip
    columns = ["name", "kind", "title", "early", "late", "gain", "second", "as_counted", "trend", "estimator", "route"]
    frame = pd.DataFrame(rows, columns=[*columns, "currency", "recounted", "marks", "marks_as_counted"])
    return frame.sort_values("kind", key=lambda kind: kind.map(list(ROLES_OF).index), kind="stable", ignore_index=True)


def summary(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `gains` to read."""
    counted = [
        cell(row.as_counted) + (f" (≠ {row.marks_as_counted})" if row.marks_as_counted else "")
        if row.recounted
        else "the same"
        for row in frame.itertuples()
    ]
    shown = {
        "pair": frame["title"], "differs too": frame["marks"].replace("", MISSING), "currency": frame["currency"],
        "gain early": frame["early"].map(cell), "gain late": frame["late"].map(cell),
        "mean": frame["gain"].map(cell), "mean as the sources count": counted,
        "trend": frame["trend"].map(cell), "with scale": frame["trend"].map(verdict),
    }  # fmt: skip
    return pd.DataFrame(shown)


def routes(chosen: Sequence[Recent] = PAIRS) -> pd.DataFrame:
    """Return both routes to the mean gain of each pair to read, with other estimators, and whether they agree."""
    rows = []
    for pair in chosen:
        others = [f"{pairs.over_range(pair, name)['gain'].map(lambda each: each.value).mean():.2f} ({ESTIMATORS[name]})"
                  for name in pair.estimators[1:]]  # fmt: skip
        both = cell(pairs.mean_gain(pair)), cell(study.second(pair))
        agree = "yes" if study.agree(pair) else "no"
        rows.append((pair.title, ESTIMATORS[pair.main], *both[:1], pair.route, both[1], agree, "; ".join(others)))
    columns = ["pair", "first route", "gain", "second route", "gain by it", "intervals meet", "other estimators, mean"]
    return pd.DataFrame(rows, columns=columns)


def by_router() -> pd.DataFrame:
    """Return the mean gain over sizes by experts and router on held-out text, and by balanced ones on WikiText-103."""
    found = {}
    for router, part in routing.by_router().groupby("router", sort=False):
        found[router] = np.exp(np.log(part["gain"]).groupby(part["experts"]).mean())
    wiki = routing.gains("loss_wikitext").query("router == 'S-Base'")
    found["balanced, on WikiText-103"] = np.exp(np.log(wiki["gain"]).groupby(wiki["experts"]).mean())
    return pd.DataFrame(found).rename_axis("experts").reset_index()


def by_shape() -> pd.DataFrame:
    """Return the best and the worst shape by size, and what the worst costs over the best in both currencies."""
    rows = []
    for size in shapes.SIZES:
        frame = shapes.costs(size).set_index("shape")
        best, worst = frame["flop"].idxmin(), frame["flop"].idxmax()
        both = (shapes.gain(size, currency) for currency in ("flop", "hours"))
        rows.append((size.upper(), len(frame), best, worst, *both, frame["hours"].idxmin()))
    columns = ["size", "shapes", "best by FLOP", "worst", "times FLOP", "times node-hours", "best by node-hours"]
    return pd.DataFrame(rows, columns=columns)


def forecasts(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return Marin's forecasts beside ours and what was measured, in nats."""
    known, rows = ledger.set_index("id"), []
    for budget in ("1e21", "1e23"):
        ours = known.loc[f"recent.forecast.{budget}.ours"]
        values = (study.constants("marin_april")[f"{what}_{budget}"] for what in ("forecast", "measured"))
        said = Estimate(ours["estimate"], ours["low"], ours["high"], undetermined=ours["undetermined"]).text(".3f")
        rows.append((written(float(budget), ".0e"), *(f"{value:.3f}" for value in values), said))
    columns = ["budget, FLOP", "forecast by Marin", "measured", "ours, from budgets to 3 × 10²⁰"]
    return pd.DataFrame(rows, columns=columns)


def moved(before: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the strict claims that the new pairs judge too: conclusion without them, with them, and what they say."""
    question, known = list(MEANINGS)[1], ledger.set_index("id")
    rows = []
    for row in before.to_dict("records"):
        new = [each for each in row["judged_by"].split() if known.loc[each, "chapter"] == "recent"]
        said = "; ".join(f"{known.loc[each, 'statement']}: {known.loc[each, 'estimate']:.2f}" for each in new)
        rows.append((row["statement"], row["without"], row[question], said))
    return pd.DataFrame(rows, columns=["claim", "without the new pairs", "with them", "what they say"])
