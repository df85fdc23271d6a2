"""Figures and tables on the accounting: factors, every way to count, the total against compute, three references."""

import itertools

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.estimate import Estimate, unpacked
from algoprogress.show.style import COLOURS, ROLES, house, interval, label, subplots
from algoprogress.show.words import written
from book.chart import band, choice_words, listed, log_axis, power, rows, words
from book.studies.accounting import sizes, study
from book.studies.scaling import study as scaling

EDGES = (0.3, 3e8)
DECADES = (1, 10, 1e2, 1e3, 1e4, 1e6, 1e8)
GROUP_ROLES = {"published": "published", "constants": "alternative", "factors": "check", "laws": "ours"}
DIRECTIONS = {"worse": "as published", "better": "consistent"}  # at whose compute Chinchilla's factor is taken


@house()
def waterfall(frame: pd.DataFrame, total: Estimate) -> Figure:
    """Return the factors one after the other (`steps`), to the total with its 95% interval."""
    fig, ax = subplots(size="tall")
    for place, row in zip(-np.arange(len(frame)), frame.itertuples(), strict=True):
        role = ROLES["published" if row.kind == study.DEPENDS else "ours"]
        drawn = {"color": role.colour, "edgecolor": role.colour, "height": 0.6, "alpha": 0.85}
        ax.barh(place, row.end - row.start, left=row.start, **drawn)
        label(ax, row.end, place, f"×{row.factor:.3g}", "reference", fontsize=8.5)
    interval(ax, -len(frame), total, "reference", EDGES, width=1.8, size=5.5)
    names = [f"{row.name} ({row.adopted})" for row in frame.itertuples()]
    rows(ax, -np.arange(len(frame) + 1), [*names, "all together, 95% interval"], fontsize=8.5)
    ax.set(xscale="log", xlim=EDGES, xlabel="compute-equivalent gain so far (log scale)")
    log_axis(ax.xaxis, DECADES, power)
    words(ax, 0.0, 1.01, "■ depends on scale", "published")
    words(ax, 0.42, 1.01, "■ the same at every scale", "ours")
    return fig


@house()
def variants(frame: pd.DataFrame) -> Figure:
    """Return the total at one frontier by every way to count (`study.compared`), intervals where laws are refitted."""
    fig, ax = subplots(size="tall")
    ax.axvline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    ax.axvline(frame["total"].iloc[0].value, color=COLOURS["vermillion"], linewidth=1, linestyle="--")
    listed(ax, frame["total"], frame["name"].map(choice_words), frame["group"].map(GROUP_ROLES), EDGES)
    ax.set(xscale="log", xlabel="total gain at the 2023 frontier (log scale)")
    log_axis(ax.xaxis, DECADES, power)
    return fig


@house()
def stack(frame: pd.DataFrame, reruns: pd.DataFrame) -> Figure:
    """Return total and parts by compute (`study.by_compute`), its 95% band, where data end, and the reruns' total."""
    fig, ax = subplots(size="wide")
    flop, rest = frame["compute_flop"], frame["rest"]
    first, last = frame.loc[frame["inside"], "compute_flop"].agg(["min", "max"])
    half = np.sqrt(flop[1] / flop[0])  # a step of the grid is as fine as this is known
    ax.axvspan(first / half, last * half, color=COLOURS["muted"], alpha=0.25, linewidth=0)
    ax.text(1.2 * half * last, 1e6, "LSTMs\nmeasured", fontsize=8.5, color=ROLES["muted"].text)
    for each, role, text in ((frame, "published", "published runs"), (reruns, "ours", "reruns of 2026")):
        drawn, total = ROLES[role], [found.value for found in each["total"]]
        band(ax, flop, each["total"], role, edges=EDGES)
        ax.plot(flop, total, color=drawn.colour, linestyle=drawn.line, linewidth=2)
        label(ax, flop.iloc[-1], total[-1], text, role, annotation_clip=False)
    drawn, place = ROLES["alternative"], (flop.iloc[-1], rest.iloc[-1])
    ax.plot(flop, rest, color=drawn.colour, linestyle=drawn.line)
    label(ax, *place, "of which small\nfactors, experts", "alternative", annotation_clip=False, offset=(5, -14))
    ax.set(xscale="log", yscale="log", xlim=(1e15, 1e26), ylim=(0.5, 1e8))
    ax.set(xlabel="training compute, FLOP (log scale)", ylabel="gain over the LSTM (log scale)")
    log_axis(ax.xaxis, tuple(10.0**each for each in range(15, 27, 2)), power)
    log_axis(ax.yaxis, (1, 1e2, 1e4, 1e6, 1e8), power)
    return fig


@house()
def references(frame: pd.DataFrame) -> Figure:
    """Return the gain over three references by year (`study.references`), that over the LSTM with its 95% band."""
    fig, ax = subplots(size="wide")
    year, numbers = frame["year"], unpacked(frame)
    band(ax, year, frame["lstm"], "published", edges=EDGES)
    names = {"lstm": "over the LSTM", "kaplan": "over Kaplan's rule", "dense": "over dense models"}
    for (column, text), role in zip(names.items(), ("published", "ours", "alternative"), strict=True):
        ax.plot(year, numbers[column], **ROLES[role].drawing)
        label(ax, year.iloc[-1], numbers[column].iloc[-1], text, role, annotation_clip=False)
    ax.set(yscale="log", ylim=(1, 1e8), xlabel="year of the frontier", ylabel="gain (log scale)", xlim=(2017.5, 2031.6))
    ax.set_xticks(range(2018, 2029, 2))
    log_axis(ax.yaxis, (1, 1e2, 1e4, 1e6, 1e8), power)
    return fig


def steps() -> pd.DataFrame:
    """Return the published factors in order of adoption, each from where the one before it ends: start, end."""
    flop = float(study.frontier_compute_flop(study.LAST))
    frame = study.factors(study.as_printed(), flop).sort_values("adopted", kind="stable", ignore_index=True)
    end = frame["factor"].cumprod()
    return frame.assign(start=end / frame["factor"], end=end)


def factors() -> pd.DataFrame:
    """Return the factors at the frontiers of 2023 and 2025 to read, with Chinchilla's in both directions."""
    order = study.factors(study.as_printed(), 1e22)
    shown = {"factor": order["name"]}
    for year, (direction, said) in itertools.product((2023, 2025), DIRECTIONS.items()):
        found = study.factors(study.as_printed(direction=direction), float(study.frontier_compute_flop(year)))
        shown[f"{year}, {said}"] = [
            f"{written(row.factor, ',.3g' if row.factor < 100 else ',.0f')} ({written(100 * row.share, '.1f')}%)"
            for row in found.set_index("id").loc[order["id"]].itertuples()
        ]
    return pd.DataFrame(shown)


def variants_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.compared` to read."""
    totals = [each.text(",.3g" if each.bounded else ",.0f") for each in frame["total"]]
    end, share = frame["at_last_loss"].map("{:.0f}".format), frame["share"].map("{:.0%}".format)
    columns = {"way to count": frame["name"].map(choice_words), "total in 2023": totals}
    return pd.DataFrame({**columns, "at the LSTM's last loss": end, "depends on scale": share})


def few_sizes(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `sizes.compared` to read."""
    columns = {"way to count on few sizes": frame["how"], "total in 2023": frame["total"].map("{:,.3g}".format)}
    return pd.DataFrame({**columns, "interval": [each.covers for each in frame["total"]]})


def references_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.references` to read."""
    flop = [written(flop, ".1e") for flop in frame["compute_flop"]]
    shown = {"year": frame["year"].map(str), "FLOP": flop, "over the LSTM": frame["lstm"].map("{:,.3g}".format)}
    shown["over Kaplan's rule"] = frame["kaplan"].map("{:.3g}".format)
    shown["over a dense transformer"] = frame["dense"].map("{:.3g}".format)
    return pd.DataFrame(shown)


def widths_left_out(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `scaling.without_each_size` to read: exponent, and the total that follows."""
    keys, found = ["family", "hidden_dim"], sizes.left_out(float(study.frontier_compute_flop(study.LAST)))
    totals = frame[keys].merge(found, how="left", on=keys)["total"]
    shown = {"family": frame["family"].map(scaling.NAMES), "width left out": frame["hidden_dim"].map(str)}
    shown["exponent"] = [written(law.exponent, ".4f") for law in frame["law"]]
    return pd.DataFrame({**shown, "total in 2023": totals})
