"""The front page: what the headline hangs on, and the headline claims with their verdicts, from the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from algoprogress.show.estimate import Estimate
from book.studies.verdicts import FOUND, ledger_view, to_row


@dataclass(frozen=True)
class Choice:
    """A doubling time of the ledger: the choice that it shows, the words for it, its id, and whose reading it is."""

    choice: str
    words: str
    id: str
    role: str = "ours"


MONTHS = "doubling_months"
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

    Columns: choice, words, months (estimates with 95% intervals), covers, role, id. Raises KeyError if the ledger
    lacks an id.
    """
    rows, lines = ledger.set_index("id").loc[[each.id for each in chosen]].to_dict("records"), []
    for each, row in zip(chosen, rows, strict=True):
        months = Estimate.of_row(row, FOUND, covers=row["interval"], unit="months")
        lines.append((each.choice, each.words, months, months.covers, each.role, each.id))
    return pd.DataFrame(lines, columns=["choice", "words", "months", "covers", "role", "id"])


def middles(frame: pd.DataFrame) -> tuple[float, float]:
    """Return the least and the largest median of `choices`, in months."""
    found = [each.value for each in frame["months"]]
    return min(found), max(found)


@dataclass(frozen=True)
class Headline:
    """A headline claim and how it is shown.

    The words for it, the chapter behind it, its id, the id of our number if it is another, what the paper says if that
    is not a number, and what our number is a number of.
    """

    words: str
    chapter: str
    id: str
    ours: str = ""
    stated: str = ""
    of: str = ""


_HO, _TOTAL = f"ho.model7.{MONTHS}", "gundlach.total_2023"
_HALVES = f"{_HO}.published_bootstrap_median", f"{_HO}.converged_papers"
HEADLINES = (
    Headline("Compute for a given performance halves in", "how_fast", *_HALVES),
    Headline(
        "Compute mattered more than algorithms",
        "attribution",
        "ho.claim.compute_dominates",
        "",
        "in every pair",
        "of resamples",
    ),
    Headline(
        "The share of algorithms has fallen",
        "attribution",
        "ho.claim.algorithm_share_fell",
        "",
        "fallen",
        "of resamples",
    ),
    Headline("The transformer was worth", "transformer", "ho.transformer.years", "", "almost two years"),
    Headline("Single innovations together give", "ablations", "gundlach.ablations_under_10x", "", "under ten times"),
    Headline(
        "The gain over LSTMs grows with scale", "scaling", "gundlach.exponent_gap.lstm_retro", of="gap of exponents"
    ),
    Headline("All innovations from 2012 to 2023 give", "accounting", f"{_TOTAL}.published", f"{_TOTAL}.interval"),
    Headline("Since GPT-3, without experts", "strict", "strict.claim.six_since_gpt3"),
    Headline("Other progress is nearly absent", "compute_optimal", "strict.claim.near_absence", "", "under two times"),
    Headline(
        "Compute well split before Chinchilla", "strict", "strict.claim.before_chinchilla", "", "by nobody", "of models"
    ),
)


def verdicts(ledger: pd.DataFrame, chosen: Sequence[Headline] = HEADLINES) -> pd.DataFrame:
    """Return the headline claims as a table to read: claim, published, ours, verdict.

    The words lead to the chapter, our number to its row of the ledger. Raises KeyError if the ledger lacks an id.
    """
    rows = ledger.set_index("id", drop=False)
    view = ledger_view(rows.loc[[each.id for each in chosen]])
    found = rows.loc[[each.ours or each.id for each in chosen]].to_dict("records")
    ours = [Estimate.of_row(row, FOUND, unit=row["unit"]) for row in found]
    return view.assign(
        claim=[f"[{each.words}](chapters/{each.chapter}.md)" for each in chosen],
        published=[each.stated or cell for each, cell in zip(chosen, view["published"], strict=True)],
        ours=[to_row(_of(str(found), each.of), each.ours or each.id) for each, found in zip(chosen, ours, strict=True)],
    )


def _of(cell: str, what: str) -> str:
    """Return a value with what it is a number of, before its interval."""
    value, bracket, ends = cell.partition(" [")
    return f"{value} {what}{bracket}{ends}" if what else cell
