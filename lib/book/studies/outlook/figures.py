"""Figures and tables of the outlook; every number in them is extrapolated; marks are hollow for that."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.fits.rates import doubling_time_months
from algoprogress.show.estimate import Estimate
from algoprogress.show.style import COLOURS, ROLES, house, interval, label, subplots
from algoprogress.show.words import written
from book.chart import band, log_axis, power, rows
from book.studies.outlook import study

PARTS = (  # part, words, role
    ("physical", "physical compute", "published"), ("algorithms", "algorithms", "alternative"),
    ("effective", "effective compute", "ours"),
)  # fmt: skip
EDGES = (1.0, 1e8)
SCENARIO_WORDS = {
    "published": "published bootstrap", "converged": "solved exactly", "answer": "the book's answer",
    "specifications": "every specification", "scale": "gain from scale alone", "scale_reruns": "the same by the reruns",
    "strict": "strict view's number", "none": "no gain after 2026", "bent_compute": "book's answer, compute bends",
    "half_compute": "book's answer, compute at half pace", "pooled": "four procedures pooled",
}  # fmt: skip
ALGORITHMS = {
    "published": "Ho et al., published bootstrap", "converged": "solved exactly, papers resampled",
    "answer": "the book's answer", "specifications": "every specification, solved exactly",
    "scale": "gain grows with scale alone", "scale_reruns": "the same by the reruns",
    "strict": "the strict view's own number", "none": "no gain after 2026", "pooled": "four procedures, equal weight",
}  # fmt: skip
PHYSICAL = {"straight": "as since 2012", "bent": "as since its likeliest bend", "half": "half as fast, assumed"}
PHYSICAL |= {"pooled": "straight or bent, equal weight"}
COMPONENTS = {  # what is uncertain, and what would settle it
    "procedure": ("which procedure for algorithms", "simulated samples on which only some procedures find the truth"),
    "specifications": ("which specification",
                       "sizes and tokens varied apart, by year, so that laws, floors and penalties differ in fit"),
    "sampling": ("sampling error of a procedure",
                 "old and new recipes trained on one text at several sizes, or far more evaluations"),
    "line": ("whether compute bends", "the compute of the largest models of the next years"),
    "organisations": ("sampling error of compute", "stated training compute of more organisations"),
}  # fmt: skip


@house()
def fan(frame: pd.DataFrame) -> Figure:
    """Return median, 50% and 95% bands over 2026 by part (`study.fan`), dotted past the last data."""
    fig, panels = subplots(1, 3, size="wide", sharey=True)
    for ax, (part, name, role) in zip(panels, PARTS, strict=True):
        chosen, colour = frame[frame["part"] == part], ROLES[role].colour
        band(ax, chosen["year"], chosen["within95"], role)
        band(ax, chosen["year"], chosen["within50"], role, alpha=0.25)
        medians = chosen["within50"].map(lambda found: found.value)
        ax.plot(chosen["year"], medians, color=colour, linestyle=":", linewidth=1.6)
        ax.plot(chosen["year"], medians.where(chosen["inside"]), color=colour, linewidth=2.6)
        end = chosen.loc[chosen["inside"], "year"].max()
        ax.axvline(end, color=COLOURS["muted"], linewidth=1, linestyle="--")
        label(ax, end, 3e6, "no data\npast here", "muted", offset=(4, 0), fontsize=8)
        ax.set(yscale="log", ylim=(1e-7, 1e8), xlim=(2020, 2030))
        ax.set_title(name, fontsize=9.5)
        ax.set_xticks([2022, 2026, 2030], ["2022", "2026", "2030"])
    log_axis(panels[0].yaxis, tuple(10.0**each for each in range(-6, 9, 2)), power)
    panels[0].set_ylabel("times that of 2026 (log scale)")
    return fig


@house()
def scenarios(frame: pd.DataFrame) -> Figure:
    """Return effective compute by 2030 over 2026 by scenario, 50% and 95% intervals (`study.table`); all hollow."""
    fig, ax = subplots(size="square")
    part = frame[frame["part"] == "effective"]
    places = -np.arange(len(part))
    for place, row in zip(places, part.itertuples(), strict=True):
        role = {"half_compute": "check", "pooled": "ours"}.get(row.scenario, "published")
        for found, width in ((row.within95, 1.2), (row.within50, 3.2)):
            interval(ax, place, found, role, EDGES, width=width, size=6.0, filled=False, line="-")
    rows(ax, places, part["scenario"].map(SCENARIO_WORDS), fontsize=8.5)
    ax.set(xscale="log", xlim=EDGES, xlabel="times that of 2026, extrapolated (log scale)")
    log_axis(ax.xaxis, tuple(10.0**each for each in range(0, 9, 2)), power)
    return fig


@house()
def split(frame: pd.DataFrame) -> Figure:
    """Return the share of variance of each component, and the decades of the interval if it were known."""
    fig, panels = subplots(1, 2, size="strip", sharey=True)
    known = frame[frame["component"].isin(COMPONENTS)]
    places = -np.arange(len(known))
    panels[0].barh(places, 100 * known["share"], color=ROLES["ours"].colour, height=0.4)
    panels[0].set(xlabel="share of the variance, %", xlim=(0, 100))
    rows(panels[0], places, [COMPONENTS[name][0] for name in known["component"]], fontsize=8.5)
    now = frame["width"].iloc[0]
    panels[1].axvline(now, color=COLOURS["muted"], linestyle="--", linewidth=1)
    panels[1].plot(known["width_known"], places, color=ROLES["published"].colour, marker="D", linestyle="none")
    panels[1].set(xlabel="decades of the 95% interval if known", xlim=(0, 1.1 * now))
    panels[1].grid(False, axis="y")
    return fig


def _factor(value: float) -> str:
    """Return a factor in two digits, in powers of ten from a thousand on."""
    if value >= 1000.0:
        return written(value, ".1e")
    return written(value, ".0f" if value >= 10.0 else ".1f" if value >= 1.0 else ".2f")


def _range(found: Estimate) -> str:
    return f"{_factor(found.low)} to {_factor(found.high)}"


def about(rows: pd.DataFrame) -> dict[str, str]:
    """Return the factors among rows of the ledger by id, in two digits: `<id>.about` and `<id>.about_interval`."""
    found = {}
    for id, row in rows[rows["unit"] == "times"].iterrows():
        factor = Estimate.of_row(row, ("estimate", "low", "high"))
        found |= {f"{id}.about": _factor(factor.value), f"{id}.about_interval": _range(factor)}
    return found


def scenarios_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return effective compute of `study.table` to read."""
    lines = []
    for row in frame[frame["part"] == "effective"].itertuples():
        algorithms, physical = study.SCENARIOS[row.scenario]
        factors = _factor(row.within50.value), _range(row.within50), _range(row.within95)
        lines.append((ALGORITHMS[algorithms], PHYSICAL[physical], *factors))
    return pd.DataFrame(lines, columns=["algorithms", "compute", "median", "50% interval", "95% interval"])


def parts_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the part of algorithms alone to read, with the doubling time that the median stands for."""
    found, lines = frame[frame["part"] == "algorithms"].set_index("scenario")["within95"], []
    for name, said in ALGORITHMS.items():
        if name == "none":  # one by assumption
            continue
        months = doubling_time_months(np.log(found[name].value) / (study.END - study.START))
        lines.append((said, _factor(found[name].value), _range(found[name]), written(months, ".1f")))
    return pd.DataFrame(lines, columns=["algorithms", "median", "95% interval", "months to double"])


def split_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `study.split` to read, with what would settle each component."""
    lines = []
    for row in frame[frame["component"].isin(COMPONENTS)].itertuples():
        uncertain, settled_by = COMPONENTS[row.component]
        lines.append((uncertain, f"{row.share:.1%}", written(row.width_known, ".1f"), settled_by))
    columns = ["what is uncertain", "share of the variance", "decades if known", "what would settle it"]
    return pd.DataFrame(lines, columns=columns)
