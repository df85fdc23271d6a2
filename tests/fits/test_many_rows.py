"""Samples of thousands of rows: looked through in part, and yet the same minima; and no matrix of rows by rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from algoprogress.engine import parallel
from algoprogress.fits import batch, fit, resample, solver
from algoprogress.laws import catalogue, law


@pytest.fixture(scope="module")
def problem(sample):
    """Return design and losses of the book's rows nine times over, each time with other errors."""
    design, target, _ = fit.problem(catalogue.law("7"), sample)
    target = np.tile(target, 9) + np.random.default_rng(0).normal(0.0, 0.1, 9 * len(target))
    return design.take(np.tile(np.arange(len(design)), 9)), target


def test_the_minima_of_each_resample_are_those_of_a_search_through_all_rows(problem, monkeypatch):
    design, target = problem
    penalties = fit.strengths(design, fit.PENALTY)
    weights = resample.paper_weights(np.arange(len(design)) // 4, 12, np.random.default_rng(1))
    assert len(solver.thinned(design)) == law.MANY_ROWS // 2 < len(design)
    some = batch.solve(design, target, weights, penalties=penalties)
    for module in (solver, batch):
        monkeypatch.setattr(module, "MANY_ROWS", 10**9)
    assert len(solver.thinned(design)) == len(design)
    whole = batch.solve(design, target, weights, penalties=penalties)
    assert some.converged.all() and whole.converged.all()
    np.testing.assert_allclose(some.objective, whole.objective, atol=solver.SAME_OBJECTIVE)


def test_a_resample_of_none_of_the_rows_that_are_looked_through_is_solved_all_the_same(problem):
    design, target = problem
    outside = np.setdiff1d(np.arange(len(design)), solver.thinned(design))[:400]
    weights = np.zeros((2, len(design)))
    weights[0, outside], weights[1] = 1.0 / len(outside), 1.0 / len(design)
    penalties = fit.strengths(design, fit.PENALTY)
    found = batch.solve(design, target, weights, penalties=penalties)
    alone = batch.solve(design.take(outside), target[outside], weights[:1, outside], penalties=penalties)
    assert found.converged.all()
    np.testing.assert_allclose(found.objective[0], alone.objective[0], atol=solver.SAME_OBJECTIVE)


def test_fresh_starts_on_a_part_of_the_rows_end_at_minima_of_all(problem, monkeypatch):
    """From one point each line gets fresh starts, and those are no worse than a search through all rows."""
    design, target = problem
    penalties, weights = fit.strengths(design, fit.PENALTY), np.full((1, len(design)), 1.0 / len(design))
    monkeypatch.setattr(batch, "_pilot", lambda *_: np.zeros((1, len(design.names))))
    with parallel.in_series():
        few = batch.solve(design, target, weights, penalties=penalties)
    whole = solver.reached(design, target, penalties=penalties, starts=solver.mixed(design, target, 16, 0))
    assert few.converged.all() and few.tried[0] > 1
    assert few.objective[0] < whole.objective[0] + solver.SAME_OBJECTIVE


def test_what_rows_cannot_tell_apart_is_found_by_either_way(problem, monkeypatch):
    design, _ = problem
    twice = replace(
        design,
        names=(*design.names, "copy"),
        exponents=tuple(np.column_stack([each, each[:, 1]]) for each in design.exponents),
    )
    found = [each.unidentified() for each in (design, twice)]
    monkeypatch.setattr(law, "MANY_ROWS", 10**9)
    assert [each.unidentified() for each in (design, twice)] == found and "copy" in found[1] and not found[0]
