"""Recomputes the published claims on cross-validation: the printed table, and what honest validation makes of it."""

from __future__ import annotations

import functools
import re

from algoprogress.data.sample import Sample
from algoprogress.laws.catalogue import law
from algoprogress.show.estimate import Estimate
from book.studies.law.fits import main_sample
from book.studies.registry import recomputes
from book.studies.selection import chain, contest, held_out
from book.studies.selection import published as crossval
from book.studies.selection import study as selection
from book.studies.selection.published import Folds

PAPERS = "95%, papers of the held-out rows, for the fits as they are"
NAMED = "none: a choice among the specifications"
CELL = r"ho\.cv\.model(\d+)\.delta_(\d+)\."


@functools.cache
def training() -> Sample:
    """Return the rows that the authors cross-validate."""
    return crossval.published_training(main_sample())


def penalty(digits: str) -> float:
    """Return the penalty that an id spells without its point.

    >>> penalty("00025"), penalty("0")
    (0.0025, 0.0)
    """
    return float(re.sub("^0", "0.", digits)) if digits != "0" else 0.0


@functools.cache
def published_cells() -> dict[tuple[str, float], Folds]:
    """Return the published cross-validation by law and penalty."""
    return {(cell.law, cell.penalty): cell for cell in selection.published(training())}


def score(cell: Folds) -> Estimate:
    """Return the mean squared error of a cross-validation with an interval that treats papers as independent."""
    held = contest.contest([cell], training())
    error = contest.mean_error(held.errors[:, 0], held.papers)
    return Estimate(cell.mse_nats2, cell.mse_nats2 - 1.96 * error, cell.mse_nats2 + 1.96 * error, PAPERS)


@recomputes(CELL + "published_protocol")
def published_score(model: str, digits: str) -> Estimate:
    """Return the score of one cell by the published protocol, in nats squared."""
    return score(published_cells()[model, penalty(digits)])


@recomputes(CELL + "published_r2")
def published_r2(model: str, digits: str) -> Estimate:
    """Return the share of the variance that the pooled predictions of one cell explain."""
    return Estimate(published_cells()[model, penalty(digits)].r_squared, covers="none: with the error it says the same")


@recomputes(CELL + "honest")
def honest_score(model: str, digits: str) -> Estimate:
    """Return the score of one cell without a chain, each fold converged, in nats squared."""
    return score(held_out.leave_out(law(model), training(), penalty=penalty(digits)))


@recomputes(CELL + "blind")
def blind_score(model: str, digits: str) -> Estimate:
    """Return the score of one cell by the published chain, had it never seen the row that it predicts."""
    return score(chain.blind(law(model), training(), penalty=penalty(digits)))


@functools.cache
def best() -> tuple[str, float]:
    """Return law and penalty with the smallest honest score by rows."""
    return contest.contest(selection.converged(training(), by="row"), training()).best


@recomputes(r"ho\.cv\.best_(published|honest)(\.penalty)?")
def best_specification(protocol: str, what: str | None) -> Estimate:
    """Return the number of the best law, or its penalty."""
    if protocol == "published":
        found = min(published_cells().values(), key=lambda cell: cell.mse_nats2)
        name = (found.law, found.penalty)
    else:
        name = best()
    return Estimate(float(name[1] if what else name[0]), covers=NAMED)
