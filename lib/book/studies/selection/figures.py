"""Figures and tables of the chapter on model selection: scores, the published chain, later years, coverage."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.show.estimate import Estimate, unpacked
from algoprogress.show.style import COLOURS, ROLES, Role, house, interval, label, subplots
from book.chart import MONTH_TICKS, log_axis, rows, words
from book.studies.selection.study import CHOSEN, IN_IDS, LAWS, contest, converged, differences

EDGE = 60.0  # months; longer doubling times stand at the edge of an axis
HELD_OUT = "mean squared error of held-out rows, nats²"
LINES = {  # laws of the extrapolation: role and words
    "7": ("ours", "7, chosen by\nHo et al."), "12": ("alternative", "12, one rate\nof progress"),
    "16": ("muted", "16, no progress"), "18": ("check", "18, compute\nonly"),
}  # fmt: skip
CALLED = {  # specifications pointed out among the months: words, their place in points from the mark, and alignment
    ("7", 0.0025): ("chosen:\n{law} at {penalty:g}", (-12, -31), "right"),
    ("18", 0.0025): ("compute\nonly: {law}", (-20, 62), "right"),
    ("12", 0.0025): ("one rate: {law}", (-8, -62), "left"),
}
BEST = ("best: {law} at {penalty:g}", (30, -19), "left")
HALF_DIGIT = 5e-6  # of the printed table, in nats squared
NAMED = (CHOSEN, ("18", 0.0))  # shown among the leaders wherever they stand: the chosen law and that in compute alone


@house()
def scores(frame: pd.DataFrame, *, names: Mapping[str, str]) -> Figure:
    """Return published and converged scores (`study.scores`), a line a law with its name, the best on top."""
    fig, ax = subplots(size="tall")
    laws = frame.groupby("law")["by_row"].min().sort_values(ascending=False, kind="stable").index
    lowest, highest = frame[["published", "by_row"]].min().min(), frame["by_row"].max()
    limits = (1.04 * lowest - 0.04 * highest, 1.04 * highest - 0.04 * lowest)
    for place, law in enumerate(laws):
        part = frame[frame["law"] == law]
        inside = part["published"] <= limits[1]
        near, far = part.loc[inside, "published"], part.loc[~inside, "published"]
        if place % 2:
            ax.axhspan(place - 0.5, place + 0.5, color=COLOURS["grid"], alpha=0.4, linewidth=0)
        _marks(ax, near, place + 0.19, ROLES["published"], filled=False)
        for kept, dots in part.groupby("kept_by_row"):
            _marks(ax, dots["by_row"], place - 0.19, ROLES["ours"], filled=bool(kept))
        edges = np.sort([limits[0], *near, *part["by_row"], limits[1]])
        start = int(np.argmax(np.diff(edges)))  # the widest gap, which has room for the name, next to a mark
        side = {"offset": (8, 0)} if start else {"offset": (-8, 0), "ha": "right"}
        label(ax, edges[start or 1], place, names[law], "muted", fontsize=8.5, gid="name of a row", **side)
        if len(far):
            ends = " to ".join(dict.fromkeys(f"{value:.2f}" for value in (far.min(), far.max())))
            look = {"ha": "right", "fontsize": 8.5, "offset": (-8, 0)}
            label(ax, limits[1], place + 0.19, f"{ends} as published", "published", **look)
            ax.plot(limits[1], place + 0.19, color=ROLES["published"].colour, marker=">", clip_on=False)
    top = len(laws)
    leaders = {"by_row": (top + 0.1, "ours", "converged"), "published": (top + 0.8, "published", "as published")}
    for column, (height, role, text) in leaders.items():
        best = frame[column].min()
        look = {"color": ROLES[role].colour, "linestyle": ROLES[role].line, "linewidth": 1.0, "alpha": 0.5}
        ax.plot([best] * 2, [-0.6, height], **look)
        label(ax, best, height, f"best {text}", role, offset=(4, -1), fontsize=8.5)
    ax.set(xlabel=f"{HELD_OUT} (lower is better)", ylabel="law", xlim=limits, ylim=(-0.6, top + 1.15))
    rows(ax, range(top), laws, ticks=False)
    words(ax, 0.0, 1.02, "published ◇", "published")
    words(ax, 0.17, 1.02, "converged: ● possibly the best, ○ ruled out", "ours")
    return fig


def _marks(ax: Axes, x: pd.Series, y, role: Role, *, filled: bool, size: float = 5.0) -> None:
    if len(x):  # the layout would give room to a mark of nothing
        face = role.colour if filled else "none"
        look = {"color": role.colour, "marker": role.marker, "markersize": size, "markerfacecolor": face}
        ax.plot(x, np.broadcast_to(y, len(x)), linestyle="none", markeredgewidth=1.1, clip_on=False, **look)


@house()
def months(frame: pd.DataFrame) -> Figure:
    """Return converged scores against months (`study.scores`), the confidence set filled, long times at the edge."""
    fig, ax = subplots(size="wide")
    frame = frame.dropna(subset="months").assign(at=lambda table: table["months"].clip(upper=EDGE))
    far = frame["months"] > EDGE
    low, high = frame["by_row"].min(), frame.loc[~far | frame["kept_by_row"], "by_row"].max()
    above, unit = frame["by_row"] > high, (high - low) / 20
    for (filled, edge), part in frame[~above].groupby(["kept_by_row", far[~above]]):
        role = Role(ROLES["ours" if filled else "muted"].hue, ">" if edge else "o", "none")
        _marks(ax, part["at"], part["by_row"], role, filled=bool(filled), size=6.0)
    best = frame.loc[frame["by_row"].idxmin()]
    called = {**CALLED, (best["law"], best["penalty"]): BEST}
    for row in frame.to_dict("records"):
        if (row["law"], row["penalty"]) in called:
            text, offset, side = called[row["law"], row["penalty"]]
            ax.plot(row["at"], row["by_row"], marker="o", markersize=8, markerfacecolor="none", color=COLOURS["ink"])
            line = {"arrowstyle": "-", "color": COLOURS["ink"], "linewidth": 0.8, "shrinkA": 0, "shrinkB": 4}
            line["relpos"] = (1.0 if side == "right" else 0.0, 1.0 if offset[1] < 0 else 0.0)
            look = {"offset": offset, "ha": side, "arrowprops": line}
            label(ax, row["at"], row["by_row"], text.format(**row), "reference", **look)
    kept, place = frame.loc[frame["kept_by_row"], "months"], low - 3.5 * unit
    interval(ax, place, Estimate(np.nan, kept.min(), kept.max()), "ours", (0.0, EDGE), width=2.0)
    end = "no progress" if np.isinf(kept.max()) else f"{kept.max():.1f} months"
    label(ax, kept.min(), place, f"possibly the best: {kept.min():.1f} months to {end}", "ours", offset=(6, -10))
    words(ax, 0.0, 1.03, f"● possibly the best ({len(kept)} of {len(frame)} that have a rate)", "ours")
    words(ax, 0.6, 1.03, "○ ruled out", "muted")
    more = f"over {EDGE:g} months\nor no progress\n({above.sum()} more above ↑)"
    label(ax, EDGE, high, more, "muted", offset=(-4, 0), ha="right", va="top")
    ax.set(xscale="log", xlabel="doubling time of effective compute, months (log scale)", ylabel=HELD_OUT)
    ax.set(xlim=(min(2.5, 0.9 * frame["months"].min()), EDGE), ylim=(low - 5.5 * unit, high + unit))
    log_axis(ax.xaxis, MONTH_TICKS)
    return fig


@house()
def chains(table: pd.DataFrame, orders: pd.DataFrame) -> Figure:
    """Return what the published chain does to a score (`study.chains`, `study.orders`), one panel a penalty."""
    penalties = table["penalty"].unique()
    fig, axes = subplots(len(penalties), 1, size="square", sharex=True)
    wide = unpacked(table)
    start = wide["mse_nats2"] - wide["difference_nats2"]
    first = min((start + wide["difference_nats2_low"]).min(), orders["mse_nats2"].min())
    last = max(wide["mse_nats2"].max(), (start + wide["difference_nats2_high"]).quantile(0.9))  # a few go on beyond
    limits = (1.03 * first - 0.03 * last, 1.09 * last - 0.09 * first)
    for ax, penalty in zip(axes, penalties, strict=True):
        part, strip = (frame[frame["penalty"] == penalty] for frame in (table, orders))
        names = [*part["variant"].iloc[:3], f"{len(strip)} random orders", *part["variant"].iloc[3:]]
        published = part["mse_nats2"].iloc[0]
        ax.axvline(published, color=ROLES["published"].colour, linestyle="--", linewidth=1.2)
        _marks(ax, part["mse_nats2"].iloc[:1], 0, ROLES["published"], filled=True)
        _marks(ax, strip["mse_nats2"], 3, Role(ROLES["check"].hue, "|", "none"), filled=True, size=7)
        for place, apart in zip([1, 2, *range(4, len(names))], part["difference_nats2"].iloc[1:], strict=True):
            found = apart.map(lambda value, published=published: published + value)
            interval(ax, place, found, "ours", limits, width=1.6, size=5.0)
            inside = found.high <= limits[1]
            side = {"offset": (4, 0)} if inside else {"offset": (-4, 0), "ha": "right"}
            text = f"{apart.value:+.4f}".replace("-0.0000", "+0.0000").replace("-", "−")
            label(ax, found.high if inside else found.low, place, text, "ours", fontsize=8, **side)
        ax.set(xlim=limits, ylim=(len(names) - 0.5, -0.6), title=f"penalty {penalty:g}" if penalty else "no penalty")
        rows(ax, range(len(names)), names, ticks=False, fontsize=8.5)
    axes[-1].set_xlabel(HELD_OUT)
    return fig


@house()
def extrapolation(frame: pd.DataFrame) -> Figure:
    """Return error and doubling time by the first year predicted (`study.extrapolated`), under the paper's penalty."""
    fig, (left, right) = subplots(1, 2, size="wide", width_ratios=[1.0, 1.1])
    frame = frame[frame["penalty"] == CHOSEN[1]].sort_values("cut")
    moving, naive = frame[np.isfinite(frame["months"])], frame["rmse_mean_nats"]
    first, last, top = frame["cut"].min(), frame["cut"].max(), 1.25 * frame["rmse_nats"].max()
    for ax, column, part in ((left, "rmse_nats", frame), (right, "months", moving)):
        for law, line in part.groupby("law"):
            ax.plot(line["cut"], line[column], **ROLES[LINES[law][0]].drawing)
    left.set(ylim=(0.7 * frame["rmse_nats"].min(), top), title="Error on later rows, nats")
    ends = f"benchmark means so far:\n{naive.min():.2f} to {naive.max():.2f}, off the scale ↑"
    label(left, last + 0.2, 0.99 * top, ends, "reference", offset=(0, 0), ha="right", va="top")
    right.set(yscale="log", title="Doubling time, months (log scale)")
    log_axis(right.yaxis, (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 40))
    left.set_xlim(first - 0.6, last + 0.25)
    still = frame[frame["law"] == "16"].iloc[1]
    label(left, still["cut"], still["rmse_nats"], LINES["16"][1], LINES["16"][0], offset=(5, 8))
    _named(left, moving[moving["cut"] == first], "rmse_nats", after=False)
    _named(right, moving[moving["cut"] == last], "months", after=True)
    cuts = frame.drop_duplicates("cut")
    for ax in (left, right):
        ax.set_xticks(cuts["cut"], [f"{row.cut}\n({row.rows})" for row in cuts.itertuples()])
        ax.set_xlabel("first year predicted (rows fitted)")
    return fig


def _named(ax: Axes, points: pd.DataFrame, column: str, *, after: bool) -> None:
    """Name lines at their ends, to the right in full or to the left by number, without overlap."""
    points = points.sort_values(column)
    heights = 215.0 * (ax.transScale + ax.transLimits).transform(points[["cut", column]])[:, 1]  # points, roughly
    gap, last = (24.0 if after else 10.0), -np.inf
    for row, height in zip(points.itertuples(), heights, strict=True):
        role, text = LINES[row.law]
        last = max(height, last + gap)
        place = {"offset": (7, last - height)} if after else {"offset": (-7, last - height), "ha": "right"}
        label(ax, row.cut, getattr(row, column), text if after else row.law, role, **place)


@house()
def coverage(rates: pd.DataFrame) -> Figure:
    """Return how often intervals hold the truth (`coverage.rates`), with 95% intervals, and how the others miss it."""
    fig, ax = subplots(size="strip")
    places, held = range(len(rates))[::-1], rates["coverage"]
    limits = (np.floor(20 * min(found.low for found in held)) / 20, 1.0)
    ax.axvline(0.95, color=COLOURS["ink"], linewidth=1.2)
    label(ax, 0.95, 1.0, "nominal", "reference", xycoords=ax.get_xaxis_transform(), offset=(0, 8), ha="center")
    for place, found in zip(places, held, strict=True):
        interval(ax, place, found, "ours", limits, size=7.0)
    columns = {"held": [found.value for found in held], "too slow": rates["too_slow"], "too fast": rates["too_fast"]}
    for (name, shares), x in zip(columns.items(), (34, 82, 134), strict=True):
        spot = {"xycoords": ax.get_yaxis_transform(), "ha": "center", "offset": (x, 0)}
        for place, text in [(len(rates) - 0.25, name), *zip(places, map("{:.1%}".format, shares), strict=True)]:
            label(ax, 1.0, place, text, "ours" if name == "held" else "reference", **spot)
    ax.set(xlim=limits, ylim=(-0.5, len(rates) - 0.5))
    ax.set_xlabel("intervals that contain the truth")
    ax.xaxis.set_major_locator(MultipleLocator(0.05))
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ticks = [f"{row.method}, {'' if row.penalty else 'no penalty, '}by {row.by}" for row in rates.itertuples()]
    rows(ax, places, ticks)
    return fig


def against_printed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the published protocol of `study.scores` beside print: law, penalty, printed, ours, difference (nats²)."""
    claimed = tables.read("claims").set_index("id")["published"]
    cells = zip(frame["law"], frame["penalty"], strict=True)
    printed = [claimed[f"ho.cv.model{law}.delta_{IN_IDS[penalty]}.published_protocol"] for law, penalty in cells]
    table = frame[["law", "penalty"]].assign(printed=printed, ours=frame["published"])
    return table.assign(difference=table["ours"] - table["printed"])


def agreement(frame: pd.DataFrame) -> pd.DataFrame:
    """Return in how many cells of `against_printed` the five digits are equal, by law: law, cells, equal."""
    by_law = frame.assign(equal=frame["difference"].abs() < HALF_DIGIT).groupby("law", sort=False)["equal"]
    return by_law.agg(cells="size", equal="sum").reset_index()


def grid(frame: pd.DataFrame, column: str, *, mark: pd.Series | None = None) -> pd.DataFrame:
    """Return one column of `study.scores`, a line per law, a column per penalty; cells flagged by `mark` get a star."""
    text = frame[column].map("{:.5f}".format)
    text = text if mark is None else text.where(~mark, text + "\\*")
    table = frame.assign(text=text).pivot_table(index="law", columns="penalty", values="text", aggfunc="first")
    return table.loc[list(LAWS)].rename(columns="penalty {:g}".format).rename_axis(columns=None).reset_index()


def leaders(sample: Sample, *, count: int = 12) -> pd.DataFrame:
    """Return the best specifications by row and those `NAMED`, with paired differences from the best (nats²)."""
    cells = converged(sample, by="row")
    table = differences(contest(cells, sample)).sort_values("mse_nats2", ignore_index=True)
    sizes = table["law"].map({cell.law: len(cell.names) for cell in cells})
    behind = [found.value for found in table["difference_nats2"]]
    table = table.assign(rank=table.index + 1, coefficients=sizes, behind=behind)
    named = table.set_index(["law", "penalty"]).index.isin(NAMED)
    shown = table[(table.index < count) | named]
    return shown[["rank", "law", "penalty", "coefficients", "mse_nats2", "behind", "error_nats2"]]
