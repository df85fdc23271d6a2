"""The front page: what the headline hangs on, and the headline claims with their verdicts, from the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from book.ledger import glue

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
        lines.append(
            {
                "choice": each.choice,
                "words": each.words,
                "median": row["estimate"],
                "low": row["low"],
                "high": row["high"],
                "covers": row["interval"],
                "role": each.role,
                "id": each.id,
            }
        )
    return pd.DataFrame(lines)


@dataclass(frozen=True)
class Headline:
    """A headline claim and how it is shown.

    The words for it, its id, the chapter behind it, what the paper says if that is not a number, the id of our number
    if it is another, and what our number is a number of.
    """

    words: str
    id: str
    chapter: str
    stated: str = ""
    ours: str = ""
    of: str = ""


HEADLINES = (
    Headline(
        "Compute for a given performance halves in",
        f"ho.model7.{MONTHS}.published_bootstrap_median",
        "how_fast",
        ours=f"ho.model7.{MONTHS}.converged_papers",
    ),
    Headline(
        "Compute mattered more than algorithms",
        "ho.claim.compute_dominates",
        "attribution",
        "in every pair",
        of="of resamples",
    ),
    Headline(
        "The share of algorithms has fallen",
        "ho.claim.algorithm_share_fell",
        "attribution",
        "fallen",
        of="of resamples",
    ),
    Headline("The transformer was worth", "ho.transformer.years", "transformer", "almost two years"),
    Headline("Single innovations together give", "gundlach.ablations_under_10x", "ablations", "under ten times"),
    Headline(
        "The gain over LSTMs grows with scale", "gundlach.exponent_gap.lstm_retro", "scaling", of="gap of exponents"
    ),
    Headline(
        "All innovations from 2012 to 2023 give",
        "gundlach.total_2023.published",
        "accounting",
        ours="gundlach.total_2023.interval",
    ),
    Headline("Since GPT-3, without experts", "strict.claim.six_since_gpt3", "strict"),
    Headline("Other progress is nearly absent", "strict.claim.near_absence", "compute_optimal", "under two times"),
    Headline(
        "Compute well split before Chinchilla", "strict.claim.before_chinchilla", "strict", "by nobody", of="of models"
    ),
)


def verdicts(ledger: pd.DataFrame, chosen: Sequence[Headline] = HEADLINES) -> pd.DataFrame:
    """Return the headline claims as a table to read: claim, published, ours, verdict.

    The words lead to the chapter. Raises KeyError if the ledger lacks an id.
    """
    rows = ledger.set_index("id", drop=False)
    stated, found = rows.loc[[each.id for each in chosen]], rows.loc[[each.ours or each.id for each in chosen]]
    view, ours = glue.ledger_view(stated), glue.ledger_view(found)
    return view.assign(
        claim=[f"[{each.words}](chapters/{each.chapter}.md)" for each in chosen],
        published=[each.stated or cell for each, cell in zip(chosen, view["published"], strict=True)],
        ours=[_of(cell, each.of) for each, cell in zip(chosen, ours["ours"], strict=True)],
    )


def _of(cell: str, what: str) -> str:
    """Return a value with what it is a number of, before its interval."""
    value, bracket, ends = cell.partition(" [")
    return f"{value} {what}{bracket}{ends}" if what else cell
