"""The two verdicts on a published claim, arithmetic and conclusion: their words, and claims as a table to read."""

from collections.abc import Mapping

import pandas as pd

from algoprogress.data import tables
from algoprogress.show.estimate import Estimate
from algoprogress.show.words import MISSING
from book.table import anchored

RECOMPUTES, UNTESTABLE, DIFFERS = "recomputes", "no public data", "does not recompute"
STANDS, OPEN, CONTRADICTED = "stands", "open", "contradicted"
MEANINGS = {  # by question, the worst last; blank where nothing was printed, and where no estimate judges
    "arithmetic": {
        RECOMPUTES: "the printed number comes back from the stated procedure, to half of its last digit",
        UNTESTABLE: "the data behind the number are not public",
        DIFFERS: "it does not come back; the note of the claim says why",
    },
    "conclusion": {
        STANDS: "every interval that judges it lies within what is stated: a published interval, the side of a limit, "
        "or half to twice a number alone (a share by its odds, a gain also by its logarithm)",
        OPEN: "the intervals hold what is stated and more, or disagree",
        CONTRADICTED: "every interval that judges it lies outside of what is stated",
    },
}
# Who says what is not ours, by what the source of a claim holds.
HO, GUNDLACH = "Ho et al.", "Gundlach et al."
SAYS = {"notebooks": HO, HO: HO, "2511.21622": GUNDLACH, "strict": "the strict view"}
PUBLISHED = ("published", "published_low", "published_high")
FOUND = ("estimate", "low", "high", "undetermined")


def badge(verdict: str) -> str:
    """Return a verdict as a Markdown span that the site draws as a badge, told apart by sign and border.

    >>> badge("no public data")
    '[no public data]{.verdict .verdict-no-public-data}'
    """
    return f"[{verdict}]{{.verdict .verdict-{verdict.replace(' ', '-')}}}"


def both(row: Mapping[str, object]) -> list[str]:
    """Return the verdicts of a row of the ledger in words, arithmetic first; none on a number that is ours alone."""
    return [row[question] for question in MEANINGS if row[question]]


def said_by(row: Mapping[str, object]) -> str:
    """Return who says what a row of the ledger states, as the filter of its page has it.

    >>> said_by({"status": "published", "source": "Ho et al. 2024, arXiv v1"}), said_by({"status": "ours"})
    ('Ho et al.', 'this book')
    """
    if row["status"] == "ours":
        return "this book"
    return next((name for part, name in SAYS.items() if part in row["source"]), "others")


def ledger_view(frame: pd.DataFrame, *, anchors: bool = False) -> pd.DataFrame:
    """Return rows of the ledger as a table to read: claim, published, ours, verdict (both, as badges).

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
            "verdict": [" ".join(map(badge, both(row))) or MISSING for row in rows],
        }
    )


def shown(ledger: pd.DataFrame, figure: str) -> pd.DataFrame:
    """Return the claims that a figure shows, as `data/shown_claims.csv` has them: id, group, words, mark, found.

    `found` are estimates of the ledger, with their units. Raises KeyError if the ledger lacks an id.
    """
    chosen = tables.read("shown_claims").query("figure == @figure").drop(columns="figure")
    rows = ledger.set_index("id").loc[chosen["id"]].to_dict("records")
    return chosen.assign(found=[Estimate.of_row(row, FOUND, covers=row["interval"], unit=row["unit"]) for row in rows])


def to_row(text: str, id: str) -> str:
    """Return words as a Markdown link to the row of a claim in the ledger.

    >>> to_row("7.0 months [3.2, 41.0]", "ho.a")
    '[7.0 months [3.2, 41.0]](#ho.a)'
    """
    return f"[{text}](#{id})"
