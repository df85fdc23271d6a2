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
    Choice("The book's answer", "posterior, heavy tails, paper effects", f"book.answer.{MONTHS}"),
    Choice("Optimiser", "solved to the minimum, papers resampled", f"ho.model7.{MONTHS}.converged_papers"),
    Choice("Penalty", "none", f"ho.model7.{MONTHS}.unpenalised_papers"),
    Choice("Penalty", "none, profile likelihood", "ho.identify.compute_months.profile95"),
    Choice("Progress", "one rate for both terms", f"ho.hicks_neutral.{MONTHS}"),
    Choice("Progress", "one term, in 6 N times the dataset", f"ho.compute_only.{MONTHS}.converged_papers"),
    Choice("Progress", "one term, in reported compute", f"ho.compute_reported.{MONTHS}"),
    Choice("Data", "repeated epochs count less", f"ho.data.effective_tokens.{MONTHS}"),
    Choice("Rows", "reviewed", f"ho.reviewed_rows.{MONTHS}.converged_papers"),
    Choice("Errors", "shared within papers, by likelihood", "ho.robust.r08.months.converged"),
    Choice("All of these", "every combination, without resampling", f"ho.spec_curve.{MONTHS}", "check"),
    Choice(
        "Floor", "and exponents as experiments measure them, posterior", f"ho.bayes.experiments.{MONTHS}", "alternative"
    ),
)


def choices(ledger: pd.DataFrame, chosen: Sequence[Choice] = CHOICES) -> pd.DataFrame:
    """Return the doubling times in months that the choices lead to, one line each, in order.

    Columns: choice, words, months (estimates with 95% intervals), covers, role, id. Raises KeyError if the ledger
    lacks an id.
    """
    rows = ledger.set_index("id").loc[[each.id for each in chosen]].to_dict("records")
    months = [Estimate.of_row(row, FOUND, covers=row["interval"], unit="months") for row in rows]
    frame = pd.DataFrame(list(chosen)).assign(months=months, covers=[each.covers for each in months])
    return frame[["choice", "words", "months", "covers", "role", "id"]]


def middles(frame: pd.DataFrame) -> tuple[float, float]:
    """Return the least and the largest median of `choices`, in months."""
    found = [each.value for each in frame["months"]]
    return min(found), max(found)


@dataclass(frozen=True)
class Headline:
    """A headline claim: the words for it, its id, and how it is shown.

    What the paper says if that is not a number, what our number is a number of, and the id of ours if it is another.
    """

    words: str
    id: str
    stated: str = ""
    of: str = ""
    ours: str = ""


_PUBLISHED, _ANSWER = f"ho.model7.{MONTHS}.published_bootstrap_median", f"book.answer.{MONTHS}"
_LATER, _WITHIN_90 = f"ho.model7.{MONTHS}.later_version", f"ho.model7.{MONTHS}.converged_papers.within90"
_YEARS, _TOTAL = "ho.transformer.years", "gundlach.total_2023"
HEADLINES = (
    Headline("Compute for a given performance halves in", _PUBLISHED, ours=_ANSWER),
    Headline("In their later version, with 90% intervals", _LATER, ours=_WITHIN_90),
    Headline("Compute mattered more than algorithms", "ho.claim.compute_dominates", "in every pair", "of resamples"),
    Headline("The share of algorithms has fallen", "ho.claim.algorithm_share_fell", "fallen", "of resamples"),
    Headline("The transformer was worth", f"{_YEARS}.published_pace", "almost two years", ours=_YEARS),
    Headline("Single innovations together give", "gundlach.ablations_under_10x", "under ten times"),
    Headline("The gain over LSTMs grows with scale", "gundlach.exponent_gap.lstm_retro", of="gap of exponents"),
    Headline("All innovations from 2012 to 2023 give", f"{_TOTAL}.published", ours=f"{_TOTAL}.interval"),
    Headline("Since GPT-3, without experts", "strict.claim.six_since_gpt3"),
    Headline("Other progress is nearly absent", "strict.claim.near_absence", "under two times"),
    Headline("Compute well split before Chinchilla", "strict.claim.before_chinchilla", "by nobody", "of models"),
)


def verdicts(ledger: pd.DataFrame, chosen: Sequence[Headline] = HEADLINES) -> pd.DataFrame:
    """Return the headline claims as a table to read: claim, published, ours, verdict.

    The words lead to the chapter, our number to its row of the ledger. Raises KeyError if the ledger lacks an id.
    """
    rows = ledger.set_index("id", drop=False)
    lines = ledger_view(rows.loc[[each.id for each in chosen]]).to_dict("records")
    for each, line in zip(chosen, lines, strict=True):
        found = rows.loc[each.ours or each.id]
        value, bracket, ends = str(Estimate.of_row(found, FOUND, unit=found["unit"])).partition(" [")
        line["claim"] = f"[{each.words}](chapters/{rows.loc[each.id, 'chapter']}.md)"
        line["published"] = each.stated or line["published"]
        line["ours"] = to_row(f"{value} {each.of}".rstrip() + bracket + ends, found["id"])
    return pd.DataFrame(lines)
