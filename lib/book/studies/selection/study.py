"""Which laws and penalties cross-validation can tell apart: the studies behind the chapter on model selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.engine.parallel import mapped
from algoprogress.fits import fit
from algoprogress.fits.rates import point_months
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law
from book.studies.selection import chain, contest, held_out
from book.studies.selection import published as crossval
from book.studies.selection.published import PENALTIES, Folds

RESTARTS, SHUFFLES = 5, 20
STARTS = 60  # of a converged fit to all rows here
CHAINED = (0.0, 0.0025, 0.005)  # the penalties whose chains are taken apart
COMPUTE_ONLY = "18"
LONGEST_MONTHS = 1_000.0  # a doubling time beyond is no progress within the span of the data
CHOSEN = ("7", 0.0025)  # law and penalty that the paper chooses
EXTRAPOLATED = ("7", "12", "16", "18")


def laws() -> list[Law]:
    """Return the twenty laws of the published comparison."""
    return [catalogue.law(str(number)) for number in range(1, 21)]


@cached
def published(sample: Sample) -> list[Folds]:
    """Return the published cross-validation of every law under every penalty, on the rows of `published_training`."""
    return crossval.published_cells(laws(), sample)


@cached
def converged(sample: Sample, *, by: str) -> list[Folds]:
    """Return the converged cross-validation of every law under every penalty."""
    return held_out.cells(laws(), sample, by=by)


@cached
def months(sample: Sample) -> pd.DataFrame:
    """Return the doubling time of effective compute by law and penalty, of the converged fit to all rows.

    Columns: law, penalty, months (infinite without progress; nan for the laws that have none to measure), objective,
    share (of the starts that reach the minimum).
    """
    tasks = [(law, sample, penalty) for law in laws() for penalty in PENALTIES]
    return pd.DataFrame(mapped(_months, tasks, label="doubling times"))


def _months(law: Law, sample: Sample, penalty: float) -> dict[str, object]:
    found = fit.converged.__wrapped__(law, sample, penalty=penalty, starts=STARTS)
    still = "year" not in f"{law.capacity} {law.data}"  # laws 16 and 17 leave no room for progress
    value = np.nan if still else point_months(found)
    return {"law": law.id, "penalty": penalty, "months": value, "objective": found.objective, "share": found.share}


def scores(sample: Sample, whole: Sample) -> pd.DataFrame:
    """Return every law and penalty with its scores and its doubling time, one line each.

    `sample` holds the rows to cross-validate, `whole` all rows. Columns: law, penalty, published, by_row, by_paper and
    held_back (mean squared errors in nats squared), kept_by_row and kept_by_paper (in the confidence set of the best),
    months.
    """
    keys = ["law", "penalty"]
    frame = crossval.scores(published(sample))[[*keys, "mse_nats2"]].rename(columns={"mse_nats2": "published"})
    for by in ("row", "paper"):
        best = contest.best_set(contest.contest(converged(sample, by=by), sample))
        best = best.drop(columns=["t", "critical"])
        frame = frame.merge(best.rename(columns={"mse_nats2": f"by_{by}", "kept": f"kept_by_{by}"}))
    back = crossval.scores(held_out.held_back_cells(laws(), whole))[[*keys, "mse_nats2"]]
    frame = frame.merge(back.rename(columns={"mse_nats2": "held_back"}))
    return frame.merge(months(whole)[[*keys, "months"]])


def claim_id(law: str, penalty: float, what: str = "published_protocol") -> str:
    """Return the ledger's id of one cell.

    >>> claim_id("7", 0.0025), claim_id("12", 0.0, "honest")
    ('ho.cv.model7.delta_00025.published_protocol', 'ho.cv.model12.delta_0.honest')
    """
    return f"ho.cv.model{law}.delta_{format(penalty, 'g').replace('.', '')}.{what}"


@cached
def chains(sample: Sample, *, penalties: Sequence[float] = CHAINED) -> pd.DataFrame:
    """Return what the published chain does to the score of the chosen law, one line per penalty and variant.

    Columns: penalty, variant, mse_nats2, difference_nats2 (against the published chain, on the same rows),
    error_nats2 (its standard error, clustered by paper), low, high (of the difference, 95%).
    """
    return pd.concat([_chains(sample, penalty) for penalty in penalties], ignore_index=True)


def _chains(sample: Sample, penalty: float) -> pd.DataFrame:
    law = catalogue.law(CHOSEN[0])
    variants = {
        "published chain": crossval.published(law, sample, penalty=penalty),
        "the same, blind to the row": chain.blind(law, sample, penalty=penalty),
        "reversed": crossval.published(law, sample, penalty=penalty, order=tuple(range(len(sample)))[::-1]),
        "each fold from zeros": crossval.published(law, sample, penalty=penalty, chained=False),
        "each fold restarted": chain.restarted(law, sample, penalty=penalty, restarts=RESTARTS),
        "converged": held_out.leave_out(law, sample, penalty=penalty),
    }
    named = [replace(cell, law=name) for name, cell in variants.items()]
    held = contest.contest(named, sample)
    table = contest.differences(held, against=(named[0].law, penalty)).rename(columns={"law": "variant"})
    return table.drop(columns="t")


@cached
def orders(sample: Sample, *, penalties: Sequence[float] = CHAINED, shuffles: int = SHUFFLES) -> pd.DataFrame:
    """Return the published score of the chosen law with its folds in random orders: penalty, order, mse_nats2."""
    law = catalogue.law(CHOSEN[0])
    lines = [
        (penalty, order, cell.mse_nats2)
        for penalty in penalties
        for order, cell in enumerate(chain.shuffled(law, sample, penalty=penalty, shuffles=shuffles))
    ]
    return pd.DataFrame(lines, columns=["penalty", "order", "mse_nats2"])


@cached
def extrapolated(sample: Sample) -> pd.DataFrame:
    """Return how well laws fitted before a year predict the rows after it (`held_out.extrapolation`)."""
    return held_out.extrapolation([catalogue.law(id) for id in EXTRAPOLATED], sample, penalties=(0.0, fit.PENALTY))


@dataclass(frozen=True)
class Range:
    """What a confidence set of the best holds: specifications, and the doubling times in months that they imply.

    `low` and `high` are over those with progress; `still` counts those without, or with none that can be measured.
    """

    specifications: int
    kept: int
    low: float
    middle: float
    high: float
    still: int


def kept_range(frame: pd.DataFrame, *, by: str = "row") -> Range:
    """Return how many specifications of `scores` may be the best, and how far their doubling times range."""
    kept = frame.loc[frame[f"kept_by_{by}"], "months"]
    moving = kept[kept < LONGEST_MONTHS]
    return Range(
        len(frame), len(kept), float(moving.min()), float(kept.median()), float(moving.max()), len(kept) - len(moving)
    )


@dataclass(frozen=True)
class Luck:
    """What the published chain owes to what, at the published penalty, in nats squared.

    `leak` is the paired gain from having seen the predicted row, with its standard error; of `orders` random orders
    of the folds, `lower` score below the published one, and `middle` is their median.
    """

    leak: float
    leak_error: float
    orders: int
    lower: int
    middle: float


def luck(chained: pd.DataFrame, shuffled: pd.DataFrame, *, penalty: float = CHOSEN[1]) -> Luck:
    """Return what the tables of `chains` and `orders` say of one penalty."""
    table = chained[chained["penalty"] == penalty].set_index("variant")
    drawn = shuffled.loc[shuffled["penalty"] == penalty, "mse_nats2"]
    blind = table.loc["the same, blind to the row"]
    lower = int((drawn < table.loc["published chain", "mse_nats2"]).sum())
    return Luck(blind["difference_nats2"], blind["error_nats2"], len(drawn), lower, float(drawn.median()))
