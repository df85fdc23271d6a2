"""Which laws and penalties cross-validation can tell apart: the studies behind the chapter on model selection."""

import functools
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
from algoprogress.show.estimate import Estimate
from book.studies.law.fits import main_sample
from book.studies.selection import contest, held_out, leakage
from book.studies.selection import published as protocol
from book.studies.selection.published import PENALTIES, Folds

LAWS = tuple(str(number) for number in range(1, 21))  # of the published comparison
# The penalties of the published comparison, as the ids of claims write them.
IN_IDS = {0.0: "0", 0.001: "0001", 0.0025: "00025", 0.005: "0005", 0.01: "001", 0.02: "002"}
RESTARTS, SHUFFLES = 5, 20
STARTS = 60  # of a converged fit to all rows here
CHAINED = (0.0, 0.0025, 0.005)  # the penalties whose chains are taken apart
COMPUTE_ONLY = "18"
LONGEST_MONTHS = 1_000.0  # a doubling time beyond is no progress within the span of the data
CHOSEN = ("7", 0.0025)  # law and penalty that the paper chooses
EXTRAPOLATED = ("7", "12", "16", "18")


def laws() -> list[Law]:
    """Return the twenty laws of the published comparison."""
    return [catalogue.law(number) for number in LAWS]


@cached
def published(sample: Sample) -> list[Folds]:
    """Return the published cross-validation of every law under every penalty, on the rows of `published_training`."""
    return protocol.published_cells(laws(), sample)


@cached
def converged(sample: Sample, *, by: str) -> list[Folds]:
    """Return the converged cross-validation of every law under every penalty."""
    return held_out.cells(laws(), sample, by=by)


@functools.cache
def training() -> Sample:
    """Return the rows that the authors cross-validate."""
    return protocol.published_training(main_sample())


@functools.cache
def published_cells() -> dict[tuple[str, float], Folds]:
    """Return the published cross-validation of the authors' rows by law and penalty."""
    return {(cell.law, cell.penalty): cell for cell in published(training())}


def score(cell: Folds) -> Estimate:
    """Return the mean squared error of a cross-validation of the authors' rows, in nats squared.

    Its interval treats papers as independent.
    """
    held = contest.contest([cell], training())
    return contest.around(cell.mse_nats2, contest.mean_error(held.errors[:, 0], held.papers))


def best(sample: Sample, *, by: str = "row") -> tuple[str, float]:
    """Return law and penalty with the smallest converged score."""
    return contest.contest(converged(sample, by=by), sample).best


@cached
def months(sample: Sample) -> pd.DataFrame:
    """Return the doubling time of effective compute by law and penalty, of the converged fit to all rows.

    Columns: law, penalty, months (infinite without progress; nan for the laws that have none to measure).
    """
    tasks = [(law, sample, penalty) for law in laws() for penalty in PENALTIES]
    return pd.DataFrame(mapped(_months, tasks, label="doubling times"))


def _months(law: Law, sample: Sample, penalty: float) -> dict[str, object]:
    found = fit.converged.__wrapped__(law, sample, penalty=penalty, starts=STARTS)
    still = "year" not in f"{law.capacity} {law.data}"  # laws 16 and 17 leave no room for progress
    return {"law": law.id, "penalty": penalty, "months": np.nan if still else point_months(found)}


def scores(sample: Sample, whole: Sample) -> pd.DataFrame:
    """Return every law and penalty with its scores and its doubling time, one line each.

    `sample` holds the rows to cross-validate, `whole` all rows. Columns: law, penalty, published, by_row, by_paper and
    held_back (mean squared errors in nats squared), kept_by_row and kept_by_paper (in the confidence set of the best),
    months.
    """
    keys, back = ["law", "penalty"], held_out.held_back_cells(laws(), whole)
    columns = {"published": published(sample), "held_back": back}
    parts = [protocol.scores(cells).set_index(keys)["mse_nats2"].rename(name) for name, cells in columns.items()]
    for by in ("row", "paper"):
        found = contest.best_set(contest.contest(converged(sample, by=by), sample)).set_index(keys)
        parts.append(found[["mse_nats2", "kept"]].set_axis([f"by_{by}", f"kept_by_{by}"], axis=1))
    return pd.concat([*parts, months(whole).set_index(keys)["months"]], axis=1).reset_index()


@cached
def chains(sample: Sample, *, penalties: Sequence[float] = CHAINED) -> pd.DataFrame:
    """Return what the published chain does to the score of the chosen law, one line per penalty and variant.

    Columns: penalty, variant, mse_nats2, difference_nats2 (an estimate, against the published chain on the same rows),
    error_nats2 (its standard error, clustered by paper).
    """
    return pd.concat([_chains(sample, penalty) for penalty in penalties], ignore_index=True)


def _chains(sample: Sample, penalty: float) -> pd.DataFrame:
    law, backwards = catalogue.law(CHOSEN[0]), tuple(range(len(sample)))[::-1]
    variants = {
        "published chain": protocol.published(law, sample, penalty=penalty),
        "the same, blind to the row": leakage.blind(law, sample, penalty=penalty),
        "reversed": protocol.published(law, sample, penalty=penalty, order=backwards),
        "each fold from zeros": protocol.published(law, sample, penalty=penalty, chained=False),
        "each fold restarted": leakage.restarted(law, sample, penalty=penalty, restarts=RESTARTS),
        "converged": held_out.leave_out(law, sample, penalty=penalty),
    }
    held = contest.contest([replace(cell, law=name) for name, cell in variants.items()], sample)
    table = contest.differences(held, against=("published chain", penalty)).rename(columns={"law": "variant"})
    return table.drop(columns="t")


@cached
def orders(sample: Sample, *, penalties: Sequence[float] = CHAINED, shuffles: int = SHUFFLES) -> pd.DataFrame:
    """Return the published score of the chosen law with its folds in random orders: penalty, order, mse_nats2."""
    law = catalogue.law(CHOSEN[0])
    lines = [
        (penalty, order, cell.mse_nats2)
        for penalty in penalties
        for order, cell in enumerate(leakage.shuffled(law, sample, penalty=penalty, shuffles=shuffles))
    ]
    return pd.DataFrame(lines, columns=["penalty", "order", "mse_nats2"])


@cached
def extrapolated(sample: Sample) -> pd.DataFrame:
    """Return how well laws fitted before a year predict the rows after it (`held_out.extrapolation`)."""
    return held_out.extrapolation([catalogue.law(id) for id in EXTRAPOLATED], sample, penalties=(0.0, fit.PENALTY))


@dataclass(frozen=True)
class Kept:
    """What a confidence set of the best holds: how many specifications, and the doubling times that they imply.

    `months` is their median with the range over those with progress; `still` counts those without, or with none that
    can be measured.
    """

    specifications: int
    months: Estimate
    still: int


def kept(frame: pd.DataFrame, *, by: str = "row") -> Kept:
    """Return how many specifications of `scores` may be the best, and how far their doubling times range."""
    found = frame.loc[frame[f"kept_by_{by}"], "months"]
    moving = found[found < LONGEST_MONTHS]
    ends = (float(value) for value in (found.median(), moving.min(), moving.max()))
    covers = "range over the specifications that may be the best"
    return Kept(len(found), Estimate(*ends, covers, "months"), len(found) - len(moving))


def luck(chained: pd.DataFrame, shuffled: pd.DataFrame, *, penalty: float = CHOSEN[1]) -> pd.Series:
    """Return what the published chain owes to what under one penalty, in nats squared, from `chains` and `orders`.

    `leak` and `leak_error` are the paired gain from having seen the predicted row, with its standard error; of
    `orders` random orders of the folds, `lower` score below the published one, and `middle` is their median.
    """
    table = chained[chained["penalty"] == penalty].set_index("variant")
    drawn = shuffled.loc[shuffled["penalty"] == penalty, "mse_nats2"]
    blind = table.loc["the same, blind to the row"]
    lower = int((drawn < table.loc["published chain", "mse_nats2"]).sum())
    facts = {"leak": blind["difference_nats2"].value, "leak_error": blind["error_nats2"]}
    return pd.Series({**facts, "orders": len(drawn), "lower": lower, "middle": drawn.median()})
