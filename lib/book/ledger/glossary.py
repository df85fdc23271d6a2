"""The verdicts in words, with how many claims have each."""

from __future__ import annotations

import pandas as pd

from book.ledger import glue, ledger

MEANINGS = {
    ledger.REPRODUCED: "our number lies within the tolerance of the published one",
    ledger.FRAGILE: "so it does, but the check that the ledger names, say the converged fit, lies elsewhere",
    ledger.MISSED: "our number lies outside the tolerance; the note of the claim says why",
    ledger.UNTESTABLE: "the data behind the number are not public",
    ledger.OURS: "there is nothing published to hold it against",
}


def verdicts() -> pd.DataFrame:
    """Return the verdicts as a table: verdict (as a badge), meaning, claims."""
    counts = ledger.ledger()["verdict"].value_counts()
    rows = [(glue.badge(verdict), MEANINGS[verdict], int(counts.get(verdict, 0))) for verdict in ledger.VERDICTS]
    return pd.DataFrame(rows, columns=["verdict", "meaning", "claims"])
