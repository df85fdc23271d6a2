"""The verdicts on published claims: their words and meanings, and claims beside our numbers as a table to read."""

import re

import pandas as pd

from algoprogress.show.estimate import Estimate
from book.table import anchored

REPRODUCED = "reproduced"
FRAGILE = "reproduced but fragile"
MISSED = "not reproduced"
UNTESTABLE = "cannot be tested with public data"
OURS = "ours, no published value"
MEANINGS = {
    REPRODUCED: "our number lies within the tolerance of the published one",
    FRAGILE: "so it does, but the check that the ledger names, say the converged fit, lies elsewhere",
    MISSED: "our number lies outside the tolerance; the note of the claim says why",
    UNTESTABLE: "the data behind the number are not public",
    OURS: "there is nothing published to hold it against",
}
VERDICTS = tuple(MEANINGS)
# The roles of `algoprogress.show.style.ROLES` in which figures draw them.
ROLE_OF = dict(zip(VERDICTS, ("alternative", "fifth", "published", "muted", "ours"), strict=True))
PUBLISHED = ("published", "published_low", "published_high")
FOUND = ("estimate", "low", "high")


def badge(verdict: str) -> str:
    """Return a verdict as a Markdown span that the site draws as a badge, told apart by sign and border.

    >>> badge("not reproduced")
    '[not reproduced]{.verdict .verdict-not-reproduced}'
    """
    kind = re.sub(r"[^a-z]+", "-", verdict.lower()).strip("-")
    return f"[{verdict}]{{.verdict .verdict-{kind}}}"


def ledger_view(frame: pd.DataFrame, *, anchors: bool = False) -> pd.DataFrame:
    """Return rows of the ledger as a table to read: claim, published, ours, verdict.

    Our number leads to the row of its claim. With `anchors`, for the ledger itself, the id of each claim stands below
    it and is a link target of exactly this id.
    """
    rows = frame.to_dict("records")
    ours = [str(Estimate.of_row(row, FOUND, unit=row["unit"])) for row in rows]
    return pd.DataFrame(
        {
            "claim": [row["statement"] + (f" {anchored(row['id'])}" if anchors else "") for row in rows],
            "published": [str(Estimate.of_row(row, PUBLISHED, unit=row["unit"])) for row in rows],
            "ours": ours if anchors else [to_row(text, row["id"]) for text, row in zip(ours, rows, strict=True)],
            "verdict": [badge(row["verdict"]) for row in rows],
        }
    )


def to_row(text: str, id: str) -> str:
    """Return words as a Markdown link to the row of a claim in the ledger.

    >>> to_row("7.0 months [3.2, 41.0]", "ho.a")
    '[7.0 months [3.2, 41.0]](#ho.a)'
    """
    return f"[{text}](#{id})"
