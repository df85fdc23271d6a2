"""What the headline hangs on: doubling times of the ledger, in groups by the choice that they make differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

MONTHS = "doubling_months"


@dataclass(frozen=True)
class Choice:
    """A doubling time of the ledger: the choice that it shows, the words for it, its id, and whose reading it is."""

    choice: str
    words: str
    id: str
    role: str = "ours"


CHOICES = (
    Choice("The paper", "as published, rows resampled", f"ho.model7.{MONTHS}.published_bootstrap_median", "published"),
    Choice("Optimiser", "solved to the minimum, papers resampled", f"ho.model7.{MONTHS}.converged_papers"),
    Choice("Penalty", "none", f"ho.model7.{MONTHS}.unpenalised_papers"),
    Choice("Penalty", "none, profile likelihood", "ho.identify.compute_months.profile95"),
    Choice("Progress", "one rate for both terms", f"ho.hicks_neutral.{MONTHS}"),
    Choice("Progress", "law in compute alone", f"ho.compute_only.{MONTHS}.converged_papers"),
    Choice("Data", "repeated epochs count less", f"ho.data.effective_tokens.{MONTHS}"),
    Choice("Rows", "reviewed", f"ho.reviewed_rows.{MONTHS}.converged_papers"),
    Choice("Errors", "shared within papers, by likelihood", "ho.robust.r08.months.converged"),
    Choice("Estimator", "Bayes, heavy tails, paper effects", f"ho.bayes.{MONTHS}"),
    Choice("All of these", "every combination, without resampling", f"ho.spec_curve.{MONTHS}", "check"),
    Choice(
        "Floor", "and exponents as experiments measure them, Bayes", f"ho.bayes.experiments.{MONTHS}", "alternative"
    ),
)


def choices(ledger: pd.DataFrame, chosen: Sequence[Choice] = CHOICES) -> pd.DataFrame:
    """Return the doubling times in months that the choices lead to, one line each, in order.

    Columns: choice, words, median, low, high (95%, of what `covers` says), covers, role, id. Raises KeyError if the
    ledger lacks an id.
    """
    rows = ledger.set_index("id")
    lines = []
    for each in chosen:
        row = rows.loc[each.id]
        lines.append({"choice": each.choice, "words": each.words, "median": row["estimate"], "low": row["low"],
                      "high": row["high"], "covers": row["interval"], "role": each.role, "id": each.id})  # fmt: skip
    return pd.DataFrame(lines)
