"""The front page: what the headline hangs on, and the headline claims with their verdicts, from the ledger."""

import pandas as pd

from algoprogress.data import tables
from algoprogress.show.estimate import Estimate
from book.studies.verdicts import FOUND, PUBLISHED, ledger_view, shown, to_row


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


def middles(frame: pd.DataFrame) -> tuple[float, float]:
    """Return the least and the largest median of `choices`, in months."""
    found = [each.value for each in frame["months"]]
    return min(found), max(found)


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
