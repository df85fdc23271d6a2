"""The front page: what the headline hangs on, drawn, and the headline claims with their verdicts, from the ledger."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.data import tables
from algoprogress.show.estimate import Estimate
from algoprogress.show.style import ROLES, house, interval, label, subplots
from book.chart import MONTH_TICKS, log_axis, rows
from book.studies.verdicts import FOUND, PUBLISHED, ledger_view, shown, to_row

EDGES = (2.0, 62.0)  # months; intervals that go on end in an arrow there
MOORE = 24.0  # months in which the transistors of a chip double, by Moore's law as of 1975
LINE, GAP = 1.0, 0.45  # heights of a line, and of the space between groups


def choices(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the doubling times in months that choices lead to, one line each, in the order of the figure.

    Columns: choice, words, months (estimates with 95% intervals), covers, role, id. Raises KeyError if the ledger
    lacks an id.
    """
    frame = shown(ledger, "front page").rename(columns={"group": "choice", "found": "months", "mark": "role"})
    covers = [each.covers for each in frame["months"]]
    return frame.assign(covers=covers)[["choice", "words", "months", "covers", "role", "id"]].reset_index(drop=True)


def beside(ledger: pd.DataFrame) -> dict[str, Estimate]:
    """Return the doubling times in months that others are compared with, by words; KeyError if the ledger lacks one."""
    rows, published = ledger.set_index("id"), "ho.model7.doubling_months.published_bootstrap_median"
    return {
        "Ho et al., as published": Estimate.of_row(rows.loc[published], PUBLISHED, unit="months"),
        "This book's answer": Estimate.of_row(rows.loc["book.answer.doubling_months"], FOUND, unit="months"),
    }


def verdicts(ledger: pd.DataFrame, chosen: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the headline claims (`data/headlines.csv` unless told) to read: claim, published, ours, verdict, meaning.

    The words lead to the chapter, our number to its row of the ledger. Raises KeyError if the ledger lacks an id.
    """
    chosen, rows = tables.read("headlines") if chosen is None else chosen, ledger.set_index("id", drop=False)
    lines = ledger_view(rows.loc[chosen["id"]]).to_dict("records")
    for each, line in zip(chosen.itertuples(), lines, strict=True):
        found = rows.loc[each.ours]
        value, bracket, ends = str(Estimate.of_row(found, FOUND, unit=found["unit"])).partition(" [")
        line["claim"] = f"{each.who}: [{each.words}](chapters/{rows.loc[each.id, 'chapter']}.md)"
        line["published"] = each.stated or line["published"]
        line["ours"] = to_row(f"{value} {each.of}".rstrip() + bracket + ends, found["id"])
        line["what it means"] = each.means
    return pd.DataFrame(lines)


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
