"""Figures and tables of other papers' gains and rates, in groups, with the book's own beside them."""

import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.estimate import Estimate, unpacked
from algoprogress.show.style import COLOURS, house, interval, subplots
from algoprogress.show.words import significant, written
from book.chart import log_axis, power, rows, words

EDGES_GAIN, EDGES_MONTHS = (0.4, 4e4), (1.5, 130.0)
MARKS = {"measured": ("published", True), "extrapolated": ("published", False), "read off": ("check", True)}
THIN = {"width": 1.2, "size": 5.5}
COLUMNS = ["group", "change", "baseline", "gain", "scale", "retuned", "currency", "kind", "source"]
HEADS = {"group": "what is compared", "baseline": "over", "scale": "at", "retuned": "baseline retuned"}
HEADS |= {"currency": "counted in", "kind": "known by"}


@house()
def gains(frame: pd.DataFrame, own: pd.DataFrame) -> Figure:
    """Return the published gains by group, least first, and ours below them (`study.gains`, `verdicts.shown`)."""
    fig, ax = subplots(size="tall")
    ax.axvline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    place, ticks = 0.0, {}
    for group, part in frame.groupby("group", sort=False):
        lines = [(row.gain, *MARKS[row.mark]) for row in part.itertuples()]
        lines.sort(key=lambda line: line[0].value)
        lines += [(found, "ours", True) for found in own.loc[own["group"] == group, "found"]]
        for step, (found, role, filled) in enumerate(lines):
            interval(ax, place - step, found, role, EDGES_GAIN, filled=filled, **THIN)
        ticks[group] = place - (len(lines) - 1) / 2.0
        place -= len(lines) + 1.0
        ax.axhline(place + 1.0, color=COLOURS["grid"], linewidth=0.8)
    rows(ax, list(ticks.values()), list(ticks), ticks=False)
    ax.set(xscale="log", xlim=EDGES_GAIN, ylim=(place + 0.5, 1.0), xlabel="times less for the same result (log scale)")
    log_axis(ax.xaxis, (1, 10, 100, 1e3, 1e4), power)
    words(ax, -0.15, 1.01, "◆ measured", "published")
    words(ax, 0.1, 1.01, "◇ extrapolated", "published")
    words(ax, 0.42, 1.01, "■ assumed or read off", "check")
    words(ax, 0.82, 1.01, "● ours", "ours")
    return fig


def _named(row: tuple, several: bool) -> str:
    """Return a study as a row is named: without what follows a comma, and with its note if it has several rows."""
    short = row.study.split(",")[0].replace(" repo", "").replace("Rosetta Stone", "").strip()
    return f"{short}: {row.note.split(',')[0]}" if several else short


@house()
def rates(frame: pd.DataFrame, own: pd.DataFrame) -> Figure:
    """Return the published rates in months by group, and ours below them (`study.rates`, `verdicts.shown`)."""
    fig, ax = subplots(size="tall")
    place, names = 0.0, {}
    for group, part in frame.groupby("group", sort=False):
        ax.text(EDGES_MONTHS[0], place, group, fontsize=9, fontweight="bold", color=COLOURS["ink"], va="center")
        several = part["study"].duplicated(keep=False)
        lines = [(_named(row, several[row.Index]), row.months, "published") for row in part.itertuples()]
        lines += [(row.words, row.found, "ours") for row in own[own["group"] == group].itertuples()]
        for step, (name, found, role) in enumerate(lines, start=1):
            interval(ax, place - step, found, role, EDGES_MONTHS, **THIN)
            names[place - step] = name
        place -= len(lines) + 1.0
    rows(ax, list(names), list(names.values()), ticks=False, fontsize=8)
    ax.set(xscale="log", xlim=EDGES_MONTHS, ylim=(place + 0.4, 0.8), xlabel="months to double, or to halve (log scale)")
    ax.spines["left"].set_visible(False)
    log_axis(ax.xaxis, (2, 3, 6, 12, 24, 48, 96))
    words(ax, -0.4, 1.01, "◆ published", "published")
    words(ax, 0.0, 1.01, "● ours", "ours")
    return fig


def text(found: Estimate, spec: str = "") -> str:
    """Return a value with its range, or with the low end if that alone is stated; without a format in three digits.

    >>> text(Estimate(46.0, 46.0))
    '46.0, at least 46.0'
    """
    said = found.text(spec or significant(found.value))
    alone = pd.isna(found.high) and pd.notna(found.low)
    return f"{said}, at least {written(found.low, spec or significant(found.low))}" if alone else said


def months(found: Estimate) -> str:
    """Return months to one decimal with their range."""
    return text(found, ".1f")


def gains_table(frame: pd.DataFrame, *groups: str, without: tuple[str, ...] = ("group",)) -> pd.DataFrame:
    """Return the published gains of some groups, one after the other, `without` some of `COLUMNS`."""
    part = pd.concat([frame[frame["group"] == group] for group in groups])[COLUMNS].drop(columns=list(without))
    return part.assign(gain=part["gain"].map(text)).rename(columns=HEADS)


def groups_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return by group how many gains there are, their least, median and most, and how many baselines were retuned."""
    lines = []
    for group, part in unpacked(frame).groupby("group", sort=False):
        said = (written(each, significant(each)) for each in part["gain"].agg(["min", "median", "max"]))
        counted = ", ".join(sorted(part["currency"].unique()))
        lines.append((group, str(len(part)), *said, str((part["retuned"] == "yes").sum()), counted))
    names = ["what is compared", "n", "least", "median", "most", "baseline retuned", "counted in"]
    return pd.DataFrame(lines, columns=names)


def rates_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the published rates to read: group, study, as stated, in months, what the interval is, years."""
    stated = frame["central"].map("{:g} ".format) + frame["unit"].str.replace("x", "times")
    what = frame["interval"].replace({"": "–", "from .837-1.575 OOM": "stated in powers of ten"})
    several = frame["study"].duplicated(keep=False)
    study = frame["study"].where(~several, frame["study"] + ": " + frame["note"])
    shown = frame.assign(study=study, stated=stated, months=frame["months"].map(months), interval=what)
    names = {"group": "what is measured", "study": "study", "stated": "as stated", "period": "years"}
    return shown[["group", "study", "stated", "months", "interval", "period", "source"]].rename(columns=names)


def own_rates_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the book's own rates to read, each with its id in the ledger."""
    shown = frame.assign(found=frame["found"].map(months), id="`" + frame["id"] + "`")
    names = {"group": "what is measured", "words": "ours", "found": "months", "id": "in the ledger"}
    return shown[list(names)].rename(columns=names)
