"""The verdicts in words, with how many claims have each."""

from __future__ import annotations

import pandas as pd

from algoprogress import claims, report

MEANINGS = {
    claims.REPRODUCED: "our number lies within the tolerance of the published one",
    claims.FRAGILE: "so it does, but the check that the ledger names, say the converged fit, lies elsewhere",
    claims.MISSED: "our number lies outside the tolerance; the note of the claim says why",
    claims.UNTESTABLE: "the data behind the number are not public",
    claims.OURS: "there is nothing published to hold it against",
}


def verdicts() -> pd.DataFrame:
    """Return the verdicts as a table: verdict (as a badge), meaning, claims."""
    counts = claims.ledger()["verdict"].value_counts()
    rows = [(report.badge(verdict), MEANINGS[verdict], int(counts.get(verdict, 0))) for verdict in claims.VERDICTS]
    return pd.DataFrame(rows, columns=["verdict", "meaning", "claims"])
