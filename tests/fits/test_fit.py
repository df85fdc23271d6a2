"""Fits: the published protocol returns the published digits, and the global optimum is one."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize

from algoprogress.fits import fit, solver
from algoprogress.fits.solver import random_starts
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law, LawError
from published_values import LAW_7, PUBLISHED, SAMPLE

# The functions themselves, without the cache on disk.
published, converged = inspect.unwrap(fit.published), inspect.unwrap(fit.converged)

LOSS = SAMPLE.frame["loss_nats"].to_numpy()
PRINTED = 5e-7 + 1e-12  # half of the last digit that is printed


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_protocol_returns_the_published_fit(name):
    printed = PUBLISHED[name]
    found = published(printed.law, printed.sample, penalty=printed.penalty)
    assert found.rows == len(printed.sample)
    assert found.objective == pytest.approx(printed.objective, rel=0, abs=printed.within)
    assert found.params.to_dict() == pytest.approx(printed.params, rel=0, abs=PRINTED)
    assert printed.iterations in (None, found.iterations)
    assert printed.evaluations in (None, found.evaluations)
    assert found.objective == pytest.approx(found.mse + printed.penalty * found.params.abs().sum(), abs=1e-15)


def test_the_published_fit_explains_the_published_share_of_the_variance():
    found = published(LAW_7, SAMPLE)
    assert found.mse == pytest.approx(0.04641577, rel=0, abs=5e-9)
    assert found.mse == pytest.approx(np.mean((LOSS - found.predict(SAMPLE.frame)) ** 2), rel=1e-9)
    assert found.r_squared(SAMPLE) == pytest.approx(0.911297, abs=5e-7)
    assert found.r_squared(SAMPLE) == pytest.approx(1 - found.mse / LOSS.var(), rel=1e-9)


def test_the_published_fit_is_not_stationary():
    found = published(LAW_7, SAMPLE)
    assert found.residual == pytest.approx(9.360e-3, abs=5e-6)  # the largest slope that SLSQP itself printed
    assert not found.converged


def split(design, target: np.ndarray, penalty: float):
    """Return objective and gradient in theta = u - v with u, v >= 0, where the absolute value is linear."""

    def both(parts: np.ndarray) -> tuple[float, np.ndarray]:
        theta = np.subtract(*np.split(parts, 2))
        with np.errstate(over="ignore", invalid="ignore"):
            error = design.predict(theta) - target
            slope = 2 * error @ design.gradient(theta) / len(target)
            return float((error**2).mean() + penalty * parts.sum()), np.r_[slope, -slope] + penalty

    return both


def independent_minimum(design, target: np.ndarray, penalty: float, start: np.ndarray) -> float:
    """Return the objective that L-BFGS-B reaches from a start."""
    parts = np.r_[np.maximum(start, 0), np.maximum(-start, 0)]
    options = {"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-15, "gtol": 1e-10, "maxcor": 20}
    bounds = [(0, None)] * len(parts)
    both = split(design, target, penalty)
    return float(minimize(both, parts, jac=True, method="L-BFGS-B", bounds=bounds, options=options).fun)


@pytest.mark.parametrize("penalty", [0.0025, 0.0])
def test_no_other_start_and_no_other_optimiser_beats_the_converged_fit(penalty):
    found = converged(LAW_7, SAMPLE, penalty=penalty)
    assert found.converged
    assert found.residual < 1e-6
    assert found.starts == 300
    assert 0 < found.share < 1

    design, target, _ = fit.problem(LAW_7, SAMPLE)
    starts = random_starts(design, 300, seed=12345)
    again = solver.minimise(
        design, target, fit.equal_weights(design, 300), penalty=fit.strengths(design, penalty), starts=starts
    )
    assert again.objective.min() > found.objective - 1e-8
    others = [independent_minimum(design, target, penalty, start) for start in starts[:20]]
    assert min(others) == pytest.approx(found.objective, abs=1e-8)


def test_the_converged_fit_beats_the_published_one():
    best, printed = converged(LAW_7, SAMPLE), published(LAW_7, SAMPLE)
    assert best.objective < printed.objective - 1e-3
    assert best.residual < 1e-6 < printed.residual


def test_the_same_seed_gives_the_same_fit():
    one, two = (converged(LAW_7, SAMPLE, starts=20, seed=4) for _ in range(2))
    assert one.params.tolist() == two.params.tolist()


def test_one_exponential_is_the_generalised_linear_model_of_statsmodels():
    """Least squares of one exponential is a Gaussian model with a log link."""
    law = catalogue.law("18")
    found = converged(law, SAMPLE, penalty=0.0, starts=20)
    matrix = law.design(SAMPLE.frame).exponents[0]
    other = sm.GLM(LOSS, matrix, family=sm.families.Gaussian(sm.families.links.Log())).fit(tol=1e-12, maxiter=500)
    assert found.params.to_numpy() == pytest.approx(other.params, rel=1e-6)
    assert found.mse == pytest.approx(np.mean(other.resid_response**2), rel=1e-10)


def test_a_law_of_benchmarks_only_returns_their_means():
    found = converged(Law("means", "benchmark"), SAMPLE, penalty=0.0, starts=20)
    offsets = found.params + np.r_[0, found.params["alpha_const"], found.params["alpha_const"]]
    means = SAMPLE.frame.groupby("benchmark")["loss_nats"].mean()[["wt103", "ptb", "wt2"]]
    assert np.exp(offsets.to_numpy()) == pytest.approx(means.to_numpy(), rel=1e-10)


@pytest.mark.parametrize("penalty", [0.0, 0.01, 0.5, 2.0])
def test_the_penalty_shrinks_a_constant_as_algebra_says(penalty):
    """With z = exp(theta) > 1 the optimum solves 2 z (z - mean) + penalty = 0."""
    found = converged(Law("constant", "1"), SAMPLE, penalty=penalty, starts=20)
    mean = LOSS.mean()
    assert found.params["alpha_const"] == pytest.approx(
        math.log((mean + math.sqrt(mean**2 - 2 * penalty)) / 2), rel=1e-9
    )


def test_an_exempt_parameter_is_not_shrunk():
    found = converged(Law("constant", "1"), SAMPLE, penalty=2.0, exempt=("alpha_const",), starts=20)
    assert found.params["alpha_const"] == pytest.approx(math.log(LOSS.mean()), rel=1e-9)


def test_a_big_penalty_leaves_nothing():
    found = converged(LAW_7, SAMPLE, penalty=50.0, starts=20)
    assert found.params.tolist() == [0.0] * 10
    assert found.objective == pytest.approx(np.mean((LOSS - 2) ** 2), rel=1e-12)  # exp(0) + exp(0) = 2
    assert found.residual == 0.0


@pytest.mark.parametrize("penalty", [0.0, 1.0, 10.0])
def test_the_residual_at_zero_is_what_the_slope_exceeds_the_penalty_by(penalty):
    design = Law("constant", "1").design(SAMPLE.frame)
    at_zero = solver.evaluate(
        design, LOSS, fit.equal_weights(design, 1), penalty=np.array([penalty]), theta=np.zeros((1, 1))
    )
    assert at_zero.residual[0] == pytest.approx(max(2 * (LOSS.mean() - 1) - penalty, 0), rel=1e-12)


def test_a_law_that_the_rows_cannot_identify_is_not_fitted():
    one = SAMPLE.where(SAMPLE.frame["benchmark"] == "wt103", "one", "WT103 only")
    for fitted in (published, converged):
        with pytest.raises(LawError, match="alpha_const_ptb"):
            fitted(LAW_7, one)
