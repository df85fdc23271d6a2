"""Floors within bounds: minima against SciPy's constrained optimiser, and a simulated truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from algoprogress.fits import bounded, fit, solver
from algoprogress.laws import catalogue
from book.studies.data import variants
from published_values import SAMPLE

LAW = variants.with_floor(catalogue.law("12"))
EXPERIMENTS = {"alpha_param": 0.34, "beta_data": 0.28}  # Hoffmann et al. 2022
LOWEST = SAMPLE.frame.groupby("benchmark")["loss_nats"].min()[["wt103", "wt2", "ptb"]]


def problem(law):
    design, target, _ = fit.problem(law, SAMPLE)
    return design, target, bounded.Floors.of(design, target)


def solved(design, target, *, penalty=0.0, held=None, starts=16):
    points = solver.mixed(design, target, starts, 3)
    for name, value in (held or {}).items():
        points[:, design.names.index(name)] = value
    weights, prices = fit.equal_weights(design, 1), fit.strengths(design, penalty)
    found = bounded.minimise(design, target, weights, penalty=prices, starts=points, held=tuple(held or {}))
    best = found.objective.argmin()
    return found.params[best], found.objective[best]


@pytest.mark.parametrize("vocabulary", [False, True])
@pytest.mark.parametrize("penalty", [0.0, fit.PENALTY])
def test_the_minimum_is_that_of_a_constrained_optimiser(vocabulary, penalty):
    design, target, floors = problem(LAW.with_terms(floor="log_vocabulary_imputed") if vocabulary else LAW)
    params, objective = solved(design, target, penalty=penalty)
    prices = fit.strengths(design, penalty)
    prices[floors.places] = 0.0

    def value(theta):
        return ((design.predict(theta) - target) ** 2).mean() + prices @ np.abs(theta)

    def slope(theta):
        return 2.0 * (design.predict(theta) - target) @ design.gradient(theta) / len(target) + prices * np.sign(theta)

    inside = [{"type": "ineq", "fun": floors.shares}, {"type": "ineq", "fun": lambda theta: 1.0 - floors.shares(theta)}]
    begin = params + np.random.default_rng(0).normal(0.0, 0.01, len(params))
    again = minimize(value, begin, jac=slope, method="SLSQP", constraints=inside, options={"ftol": 1e-13})
    np.testing.assert_allclose(objective, value(params), rtol=1e-12)
    np.testing.assert_allclose(objective, again.fun, rtol=1e-6)
    assert floors.inside(params)


def test_ceilings_are_the_lowest_losses_and_hold_where_the_best_floor_is_above():
    design, target, floors = problem(LAW)
    assert sorted(floors.ceilings) == sorted(LOWEST)
    params, objective = solved(design, target, held=EXPERIMENTS)
    assert [params[design.names.index(name)] for name in EXPERIMENTS] == list(EXPERIMENTS.values())
    fitted = design.floor @ params
    assert (fitted < target + 1e-6).all() and floors.shares(params) == pytest.approx(1.0, abs=1e-4)
    assert objective > solved(design, target)[1]


def test_a_simulated_floor_within_bounds_is_found():
    design, target, floors = problem(LAW)
    truth = solved(design, target)[0]
    truth = floors.of_shares(truth, np.array([0.3, 0.5, 0.2]))
    np.testing.assert_allclose(floors.shares(truth), [0.3, 0.5, 0.2])
    simulated = design.predict(truth)
    params, objective = solved(design, simulated, starts=24)
    assert objective < 1e-12
    np.testing.assert_allclose(design.floor @ params, design.floor @ truth, atol=1e-3)


def test_a_law_without_floors_is_solved_as_it_is_and_parameters_can_be_held():
    design, target, _ = fit.problem(catalogue.law("7"), SAMPLE)
    assert bounded.Floors.of(design, target) is None
    points, weights = solver.mixed(design, target, 6, 1), fit.equal_weights(design, 1)
    plain, again = (
        solve(design, target, weights, penalty=fit.strengths(design, 0.01), starts=points)
        for solve in (solver.minimise, bounded.minimise)
    )
    np.testing.assert_array_equal(plain.params, again.params)
    held = bounded.minimise(design, target, weights, penalty=np.zeros(10), starts=points, held=("beta_data",))
    place = design.names.index("beta_data")
    np.testing.assert_array_equal(held.params[:, place], points[:, place])
