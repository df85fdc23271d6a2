"""Figures of the outlook: a fan to 2030, the scenarios, and where the uncertainty comes from."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.estimate import unpacked
from algoprogress.show.style import COLOURS, ROLES, house, interval, label, subplots
from book.chart import log_axis, power, rows
from book.studies.outlook import study

PART_ROLES = {"physical": "published", "algorithms": "alternative", "effective": "ours"}
PART_WORDS = {"physical": "physical compute", "algorithms": "algorithms", "effective": "effective compute"}
EDGES = (1.0, 1e8)
SCENARIO_WORDS = {
    "published": "published bootstrap", "converged": "solved exactly", "bayes": "hierarchical model",
    "specifications": "every specification", "scale": "grows with scale alone", "scale_reruns": "the same, reruns",
    "strict": "strict view's number", "none": "no gain after 2026", "bent_compute": "hierarchical, bent compute",
    "half_compute": "hierarchical, half compute", "pooled": "five pooled",
}  # fmt: skip


@house()
def fan(frame: pd.DataFrame) -> Figure:
    """Return median, 50% and 90% bands over 2026 by part (`study.fan`), dotted past the last data."""
    fig, panels = subplots(1, 3, size="wide", sharey=True)
    frame, beside = unpacked(frame), {"offset": (4, 0), "fontsize": 8}
    for ax, (part, name) in zip(panels, PART_WORDS.items(), strict=True):
        role, chosen = ROLES[PART_ROLES[part]], frame[frame["part"] == part]
        for level, alpha in (("within90", 0.14), ("within50", 0.25)):
            ends = chosen[f"{level}_low"], chosen[f"{level}_high"]
            ax.fill_between(chosen["year"], *ends, color=role.colour, alpha=alpha, linewidth=0)
        ax.plot(chosen["year"], chosen["within50"], color=role.colour, linestyle=":", linewidth=1.6)
        ax.plot(chosen["year"], chosen["within50"].where(chosen["inside"]), color=role.colour, linewidth=2.6)
        end = chosen.loc[chosen["inside"], "year"].max()
        ax.axvline(end, color=COLOURS["muted"], linewidth=1, linestyle="--")
        label(ax, end, 3e6, "no data\npast here", "muted", **beside)
        ax.set(yscale="log", ylim=(1e-7, 1e8), xlim=(2020, 2030))
        ax.set_title(name, fontsize=9.5)
        ax.set_xticks([2020, 2023, 2026, 2030], ["2020", "2023", "2026", "2030"])
    log_axis(panels[0].yaxis, tuple(10.0**each for each in range(-6, 9, 2)), power)
    panels[0].set_ylabel("times that of 2026 (log scale)")
    return fig


@house()
def scenarios(frame: pd.DataFrame) -> Figure:
    """Return effective compute by 2030 over 2026 by scenario, 50% and 90% intervals (`study.table`); all hollow."""
    fig, ax = subplots(size="square")
    part = frame[frame["part"] == "effective"].set_index("scenario")
    names = list(study.SCENARIOS)
    for place, name in zip(-np.arange(len(names)), names, strict=True):
        role = {"half_compute": "check", "pooled": "ours"}.get(name, "published")
        for level, width in (("within90", 1.2), ("within50", 3.2)):
            look = {"width": width, "size": 6.0, "filled": False, "line": "-"}
            interval(ax, place, part.loc[name, level], role, EDGES, **look)
    rows(ax, -np.arange(len(names)), [SCENARIO_WORDS[name] for name in names], fontsize=8.5)
    ax.set(xscale="log", xlim=EDGES, xlabel="times that of 2026, extrapolated (log scale)")
    log_axis(ax.xaxis, tuple(10.0**each for each in range(0, 9, 2)), power)
    return fig


@house()
def split(frame: pd.DataFrame) -> Figure:
    """Return the share of variance of each component, and the decades of the interval if it were known."""
    fig, panels = subplots(1, 2, size="strip", sharey=True)
    known = frame[frame["component"].isin(study.COMPONENTS)]
    places = -np.arange(len(known))
    panels[0].barh(places, 100 * known["share"], color=ROLES["ours"].colour, height=0.55)
    panels[0].set(xlabel="share of the variance, %", xlim=(0, 100))
    rows(panels[0], places, [study.COMPONENTS[name] for name in known["component"]], fontsize=8.5)
    panels[1].axvline(frame["width"].iloc[0], color=COLOURS["muted"], linestyle="--", linewidth=1)
    panels[1].plot(known["width_known"], places, color=ROLES["published"].colour, marker="D", linestyle="none")
    panels[1].set(xlabel="decades of the 90% interval if known", xlim=(0, 5))
    panels[1].grid(False, axis="y")
    return fig
