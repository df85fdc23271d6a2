"""The published table of cross-validation scores, cell by cell, and what honest validation makes of it."""

import itertools
from collections.abc import Iterator

from algoprogress.data import tables
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate
from book.studies.law import fits
from book.studies.selection import coverage, held_out, published, study
from book.studies.selection.study import IN_IDS, LAWS, published_cells, score

NAMED = "none: a choice among the specifications"
SAME = "none: with the error it says the same"
BEFORE = "none: one fit to the rows before a year"
# Cells of the table whose folds are also solved to the minimum: law, penalty.
SOLVED = (("7", 0.0), ("7", 0.0025), ("7", 0.005), ("10", 0.001), ("18", 0.0))


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of this chapter with our estimate; scores are mean squared errors in nats squared."""
    training, cells = study.training(), published_cells()
    for law in LAWS:
        for penalty, digits in IN_IDS.items():
            cell = cells[law, penalty]
            yield f"ho.cv.model{law}.delta_{digits}.published_protocol", score(cell)
            yield f"ho.cv.model{law}.delta_{digits}.published_r2", Estimate.exact(cell.r_squared, SAME)
    for law, penalty in SOLVED:
        cell = held_out.leave_out(catalogue.law(law), training, penalty=penalty)
        yield f"ho.cv.model{law}.delta_{IN_IDS[penalty]}.honest", score(cell)
    blind = published.kept_blind(catalogue.law("7"), training, penalty=0.0025)
    yield "ho.cv.model7.delta_00025.blind", score(blind)
    printed = min(cells, key=lambda key: cells[key].mse_nats2)
    for how, (law, penalty) in (("published", printed), ("honest", study.best(training))):
        yield f"ho.cv.best_{how}", Estimate.exact(float(law), NAMED)
        yield f"ho.cv.best_{how}.penalty", Estimate.exact(penalty, NAMED)
    yield "ho.compute_only.doubling_months.converged_papers", fits.converged_median("compute_only")
    yield from _ahead()
    held = coverage.rates(tables.read("coverage")).set_index(["method", "by", "penalty"])["coverage"]
    yield "ho.coverage.published", held["published", "row", study.CHOSEN[1]]
    for by in ("row", "paper"):
        yield f"ho.coverage.{by}.penalised", held["converged", by, study.CHOSEN[1]]
        yield f"ho.coverage.{by}.unpenalised", held["converged", by, 0.0]


def _ahead() -> Iterator[tuple[str, Estimate]]:
    """Yield the error on the rows from each year on by fits to the rows before it, and their doubling times."""
    ahead = study.extrapolated(fits.main_sample()).set_index(["law", "cut", "penalty"])
    for law, cut in itertools.product(study.EXTRAPOLATED, held_out.CUTS):
        found = ahead.loc[law, cut, study.CHOSEN[1]]
        yield f"ho.extrapolation.law{law}.cut{cut}.error", Estimate.exact(found["rmse_nats"], BEFORE, unit="nats")
        if law != "16":  # which has no progress
            yield f"ho.extrapolation.law{law}.cut{cut}.months", Estimate.exact(found["months"], BEFORE, unit="months")
