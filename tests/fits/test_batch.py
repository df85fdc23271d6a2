"""Many fits at once: the best minimum known of every resample, profiles, and closed forms."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import numpy as np
import pytest
from scipy.optimize import minimize
from statsmodels.tools.numdiff import approx_fprime

from algoprogress.engine import cache, parallel
from algoprogress.fits import batch, resample, solver
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law
from bench import known
from book.studies.data import variants
from book.studies.selection.held_out import left_out
from published_values import LAW_7, SAMPLE

bootstrap = inspect.unwrap(resample.bootstrap)  # the function itself, without the cache on disk

LOSS = SAMPLE.frame["loss_nats"].to_numpy()
PAPERS = SAMPLE.frame["paper_id"].to_numpy()
CONSTANT = Law("constant", "1")
FLOOR_7 = variants.with_floor(LAW_7)
DESIGN = LAW_7.design(SAMPLE.frame)
CASE, BEST = known.resamples(), known.best()
SLICE = np.arange(0, 1000, 6)[:150]
# Parameters of two solutions of one minimum: a residual of 1e-8 over curvatures that go down to about 1e-3.
SAME_PARAMS = 1e-5


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    """Let every test compute for itself, and leave nothing behind."""
    with cache.elsewhere():
        yield


def columns(found: batch.Batch) -> list[bytes]:
    """Return everything that a batch holds, bit by bit."""
    return [np.ascontiguousarray(value).tobytes() for value in list(vars(found).values())[1:]]


def solve(weights: np.ndarray, **options) -> batch.Batch:
    """Return the batch of some of the fixed resamples."""
    return batch.solve(CASE.design, CASE.target, weights, penalties=CASE.penalties, **options)


@pytest.fixture(scope="module")
def solved() -> batch.Batch:
    with cache.elsewhere():
        return solve(CASE.weights[SLICE])


def test_the_best_minimum_known_of_the_fixed_resamples_is_found(solved):
    missed = solved.objective - BEST[SLICE]
    assert len(solved) == 150
    assert solved.converged.all()
    assert solved.residual.max() < 1e-8
    assert (missed < 1e-6).mean() >= 0.99
    assert missed.max() < 1e-4
    assert missed.min() > -1e-9, "data/best_minima.csv is stale: there are better minima"


def test_the_solutions_are_what_they_say(solved):
    """The objective and its smallest subgradient, written out for each line."""
    for line in range(0, 150, 10):
        theta, weights = solved.params[line], CASE.weights[SLICE[line]]
        errors = CASE.design.predict(theta) - CASE.target
        assert solved.objective[line] == pytest.approx(weights @ errors**2 + 0.0025 * np.abs(theta).sum(), rel=1e-12)
        slope = 2 * (weights * errors) @ CASE.design.gradient(theta)
        assert np.abs(slope + 0.0025 * np.sign(theta))[theta != 0].max() < 2e-8
        assert np.abs(slope[theta == 0]).max(initial=0.0) < 0.0025
    assert (solved.found_by >= 1).all()
    assert (solved.found_by <= solved.tried).all()


@pytest.mark.parametrize("penalty", [0.0025, 0.0])
def test_no_solution_is_a_saddle(penalty):
    """The curvature in the parameters that are not zero, by differences of the gradient."""
    lines = CASE.weights[:12]
    found = batch.solve(CASE.design, CASE.target, lines, penalties=np.full(10, penalty))
    for theta, weights in zip(found.params, lines, strict=True):
        moving = np.flatnonzero(theta)

        def slope(part, theta=theta, weights=weights, moving=moving):
            full = theta.copy()
            full[moving] = part
            errors = CASE.design.predict(full) - CASE.target
            return (2 * (weights * errors) @ CASE.design.gradient(full))[moving]

        hessian = approx_fprime(theta[moving], slope, centered=True)
        curvatures = np.linalg.eigvalsh((hessian + hessian.T) / 2)
        assert curvatures[0] > -1e-8 * curvatures[-1]


def test_a_law_of_two_like_terms_does_not_end_at_its_saddle():
    """From equal terms the slope never tells them apart; the best single term is a saddle of the law of two."""
    years = SAMPLE.frame["years_decimal"].to_numpy() - SAMPLE.frame["years_decimal"].min()
    loss = np.exp(1.0 - 0.2 * years) + np.exp(1.3 - 0.01 * years)
    design, equal, none = Law("twins", "years", "years").design(SAMPLE.frame), np.full((1, 231), 1 / 231), np.zeros(4)
    one = minimize(lambda theta: np.mean((2 * np.exp(theta[0] - theta[1] * years) - loss) ** 2), [1.0, 0.1]).x
    at_saddle = solver.evaluate(design, loss, equal, penalty=none, theta=np.tile(one, 2)[None])
    assert at_saddle.residual[0] < 1e-4 < at_saddle.objective[0]
    found = batch.solve(design, loss, equal, penalties=none)
    assert found.converged.all()
    assert found.objective[0] < 1e-16
    assert sorted(found.params[0].reshape(2, 2).tolist()) == pytest.approx(np.array([[1.0, 0.2], [1.3, 0.01]]))


def test_the_same_call_gives_the_same_bits_in_series_and_on_the_cores():
    weights = CASE.weights[: batch.PIECE + 2]  # two pieces
    on_cores = solve(weights, seed=3)
    with parallel.in_series():
        assert columns(solve(weights, seed=3)) == columns(on_cores)
        one, two = (solve(weights[:20], seed=3) for _ in range(2))
    assert columns(one) == columns(two)


def test_another_seed_finds_the_same_minima_from_other_points(solved):
    again = solve(CASE.weights[SLICE], seed=1)
    assert columns(again) != columns(solved)
    assert again.objective == pytest.approx(solved.objective, rel=0, abs=1e-6)


def test_lines_that_too_few_starts_solve_get_fresh_starts(monkeypatch):
    """With a single point to start from, every line needs more; what it reports is a count over all its starts."""
    monkeypatch.setattr(batch, "_pilot", lambda *_: np.zeros((1, 10)))
    few = CASE.weights[:12]
    with parallel.in_series():
        found = solve(few, seed=6)
    fresh = [solver.mixed(DESIGN, LOSS, batch.ROUND_STARTS, seed) for seed in (7, 8)]
    points = np.vstack([np.zeros((1, 10)), *fresh])
    assert set(found.tried) <= {1 + batch.ROUND_STARTS, len(points)}
    for line, weights in enumerate(few):
        each = solver.minimise(DESIGN, LOSS, np.tile(weights, (17, 1)), penalty=CASE.penalties, starts=points)
        reached = np.where(each.converged, each.objective, np.inf)[: found.tried[line]]
        assert found.objective[line] == pytest.approx(reached.min(), rel=0, abs=1e-12)
        assert found.found_by[line] == (reached < reached.min() + 1e-8).sum()
        assert found.tried[line] == len(points) or found.found_by[line] >= 2
    assert (found.objective < BEST[:12] + 1e-6).mean() > 0.5


def test_lines_that_several_starts_solve_get_no_more(solved):
    points = batch.FROM_BEST + batch.FROM_OTHERS
    assert set(solved.tried) <= {points, points + batch.ROUND_STARTS, points + 2 * batch.ROUND_STARTS}
    assert (solved.found_by[solved.tried == points] >= 2).all()
    assert (solved.tried == points).mean() > 0.5


@pytest.mark.parametrize("law", [LAW_7, FLOOR_7, catalogue.law("18")], ids=lambda law: law.id)
def test_weights_are_repeated_rows(law):
    """A draw as weights and the same draw as repeated rows have one optimum."""
    design, rows = law.design(SAMPLE.frame), CASE.indices[0]
    penalties, equal = np.full(len(design.names), 0.0025), np.full((1, 231), 1 / 231)
    whole = batch.solve(design, LOSS, CASE.weights[:1], penalties=penalties)
    repeated = batch.solve(design.take(rows), LOSS[rows], equal, penalties=penalties)
    assert whole.objective == pytest.approx(repeated.objective, abs=1e-12)
    assert whole.params == pytest.approx(repeated.params, abs=SAME_PARAMS)


def test_rows_without_weight_steer_nothing():
    weights = CASE.weights[:3] * (np.arange(231) < 150)
    weights /= weights.sum(axis=1, keepdims=True)
    other = np.where(np.arange(231) < 150, LOSS, 50.0)
    one, two = (batch.solve(DESIGN, loss, weights, penalties=CASE.penalties) for loss in (LOSS, other))
    assert columns(one) == columns(two)


def test_a_mean_without_each_row_is_the_mean_of_the_others():
    weights = left_out(resample.groups(SAMPLE, "row"))
    found = resample.weighted(CONSTANT, SAMPLE, weights, by="row", penalty=0.0)
    assert np.exp(found["alpha_const"]) == pytest.approx((LOSS.sum() - LOSS) / 230, rel=1e-8)
    assert found.converged.all()


def test_a_mean_without_each_paper_is_the_mean_of_the_others():
    weights = left_out(resample.groups(SAMPLE, "paper"))
    found = resample.weighted(CONSTANT, SAMPLE, weights, by="paper", penalty=0.0)
    means = [LOSS[paper != PAPERS].mean() for paper in sorted(set(PAPERS))]
    assert np.exp(found["alpha_const"]) == pytest.approx(means, rel=1e-8)


def test_other_groups_are_refused():
    with pytest.raises(ValueError, match="by='year': resample by 'paper' or by 'row'"):
        bootstrap(CONSTANT, SAMPLE, by="year")
