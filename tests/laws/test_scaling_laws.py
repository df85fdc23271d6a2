"""Frontiers: the closed form against numerical search, identities of gains, masks, simulated refits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq, minimize, minimize_scalar

from algoprogress.data import tables
from algoprogress.frontiers.gain import gains
from algoprogress.laws.scaling import ScalingLaw, published
from book.studies.allocation import chinchilla
from book.studies.allocation import study as allocation
from book.studies.allocation.split import gain_over_split

LAWS = published()
PLAIN = ScalingLaw("plain", 1.7, 400.0, 0.34, 410.0, 0.28, support_flop=(1e18, 1e24))


def search(law: ScalingLaw, compute_flop: float) -> tuple[float, float]:
    """Return the optimal split by numerical search, which takes the closed form for nothing."""
    pairs = np.log(compute_flop / 6.0)
    found = minimize_scalar(
        lambda log: float(law.loss_of(np.exp(log), np.exp(pairs - log))),
        bounds=(0.0, pairs),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return float(np.exp(found.x)), float(np.exp(pairs - found.x))


def objective(theta: np.ndarray, runs: pd.DataFrame, weights: np.ndarray | None = None) -> float:
    """Return the weighted mean of the Huber losses, written plainly, for other optimisers."""
    return huber(theta, *chinchilla.parts(runs), weights)


def huber(theta: np.ndarray, design: np.ndarray, log_loss: np.ndarray, weights: np.ndarray | None) -> float:
    terms = design @ theta
    error = np.logaddexp.reduce(terms, axis=1) - log_loss
    size = np.abs(error)
    losses = np.where(size <= chinchilla.DELTA, 0.5 * error**2, chinchilla.DELTA * (size - 0.5 * chinchilla.DELTA))
    return float(np.average(losses, weights=weights))


def independent(runs: pd.DataFrame, weights: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, float]:
    """Return parameters and objective of one weighting by SciPy's Nelder-Mead and BFGS in turn, to check the others."""
    theta, parts = start, chinchilla.parts(runs)
    for method in ("Nelder-Mead", "BFGS", "Nelder-Mead", "Powell", "Nelder-Mead"):
        options = {"maxiter": 20_000, "xatol": 1e-12, "fatol": 1e-15} if method == "Nelder-Mead" else {}
        with np.errstate(all="ignore"):
            theta = minimize(huber, theta, (*parts, weights), method=method, options=options).x
    return theta, huber(theta, *parts, weights)


def ratios(reference: ScalingLaw, new: ScalingLaw, losses: np.ndarray) -> np.ndarray:
    """Return the gain at losses, whether measured there or not."""
    return reference.compute(losses) / new.compute(losses)


each_law = pytest.mark.parametrize("id", list(LAWS))


@each_law
@pytest.mark.parametrize("compute", [1e17, 3e21, 1e25])
def test_the_closed_form_is_what_a_search_finds(id, compute):
    law = LAWS[id]
    best, searched = law.split(compute), search(law, compute)
    at = [float(law.loss_of(*each)) for each in (best, searched)]
    assert at[0] <= at[1] + 1e-12
    np.testing.assert_allclose(at[0], at[1], rtol=1e-10)
    np.testing.assert_allclose(best, searched, rtol=2e-5)  # the loss is flat at its minimum: rounding to 1e-16 of it
    np.testing.assert_allclose(6 * best[0] * best[1], compute)


@each_law
def test_the_slope_of_the_loss_is_balanced_at_the_optimum(id):
    """At the optimum a percent more of either buys the same, to 1e-6."""
    law, compute, step = LAWS[id], 1e21, 1e-4
    n, d = law.split(compute)
    by_n = law.loss_of(n * np.exp(step), d) - law.loss_of(n * np.exp(-step), d)
    by_d = law.loss_of(n, d * np.exp(step)) - law.loss_of(n, d * np.exp(-step))
    np.testing.assert_allclose(by_n / by_d, 1.0, rtol=1e-6)


@each_law
def test_the_compute_of_a_loss_undoes_the_optimal_loss(id):
    computes = np.geomspace(1e16, 1e26, 11)
    np.testing.assert_allclose(LAWS[id].compute(LAWS[id].loss(computes)), computes, rtol=1e-8)
    assert np.isnan(LAWS[id].compute(LAWS[id].floor - 0.01))


def test_equal_floors_and_equal_exponents_of_compute_give_a_constant_gain():
    s = 0.34 * 0.28 / (0.34 + 0.28)
    alpha = 0.25
    beta = alpha * s / (alpha - s)  # another pair with the same alpha beta / (alpha + beta)
    other = ScalingLaw("other", 1.7, 300.0, alpha, 700.0, beta, support_flop=(1e18, 1e24))
    gains = ratios(PLAIN, other, np.linspace(1.9, 4.0, 9))
    np.testing.assert_allclose(gains, gains[0], rtol=1e-9)


def test_swapped_exponents_and_constants_gain_nothing():
    swapped = ScalingLaw("swapped", 1.7, 410.0, 0.28, 400.0, 0.34, support_flop=(1e18, 1e24))
    np.testing.assert_allclose(ratios(PLAIN, swapped, np.linspace(1.9, 4.0, 9)), 1.0, rtol=1e-9)


def test_below_the_larger_floor_there_is_no_gain():
    higher = ScalingLaw("higher", 1.9, 400.0, 0.34, 410.0, 0.28, support_flop=(1e18, 1e24))
    found = gains(PLAIN, higher, [1.75, 1.9, 1.95, 3.0])
    assert np.isnan(ratios(PLAIN, higher, np.array([1.75, 1.9, 1.95, 3.0]))).tolist() == [True, True, False, False]
    assert not found["inside"][:2].any() and all(np.isnan(each.value) for each in found["gain"][:2])


def test_outside_of_the_support_a_gain_is_marked_and_masked():
    short = ScalingLaw("short", 1.7, 300.0, 0.34, 410.0, 0.28, support_flop=(1e19, 1e21))
    found = gains(PLAIN, short, short.loss(np.array([1e18, 1e20, 1e22])))
    assert found["inside"].tolist() == [False, True, False]
    assert [np.isfinite(each.value) for each in found["gain"]] == [False, True, False]


def test_the_two_directions_of_a_gain_over_a_split_meet():
    """What the optimum at C does, the worse split does at C times its gain: read from there, the gain is the same."""
    kaplan = LAWS["kaplan2020"]
    compute = np.array([1e20, 3e23])
    better = gain_over_split(PLAIN, kaplan, compute, at="better")
    np.testing.assert_allclose(gain_over_split(PLAIN, kaplan, compute * better, at="worse"), better)
    one = brentq(lambda log: float(PLAIN.loss_of(*kaplan.split(1e20 * np.exp(log))) - PLAIN.loss(1e20)), 0.0, 20.0)
    np.testing.assert_allclose(better[0], np.exp(one), rtol=1e-8)
    with pytest.raises(ValueError, match="worse"):
        gain_over_split(PLAIN, kaplan, compute, at="same")


def test_a_law_in_compute_alone_is_written_with_equal_halves():
    """Gundlach et al. 2025: L - 1.9 = 88.0 C^-0.094, and 36.3 C^-0.065 for the LSTM."""
    compute = np.geomspace(1e16, 1e17, 4)
    np.testing.assert_allclose(LAWS["gundlach_modern"].loss(compute), 1.9 + 88.0 * compute**-0.094)
    losses = np.array([5.277, 4.40])
    gain = ratios(LAWS["gundlach_lstm"], LAWS["gundlach_modern"], losses)
    stated = (36.3 / (losses - 1.9)) ** (1 / 0.065) / (88.0 / (losses - 1.9)) ** (1 / 0.094)
    np.testing.assert_allclose(gain, stated)


def test_the_refit_finds_the_constants_of_simulated_runs():
    rng = np.random.default_rng(0)
    compute, share = np.exp(rng.uniform(np.log(1e18), np.log(1e22), 400)), np.exp(rng.normal(0.0, 1.0, 400))
    n, d = PLAIN.split(compute)
    runs = pd.DataFrame({"parameters": n * share, "tokens": d / share})
    exact = runs.assign(loss_nats=PLAIN.loss_of(runs["parameters"], runs["tokens"]))
    found = chinchilla.fit(exact).frame().iloc[0]
    np.testing.assert_allclose(found, [1.7, 400.0, 410.0, 0.34, 0.28], rtol=1e-3)


def test_the_refit_is_that_of_besiroglu_et_al():
    """Besiroglu et al. 2024, table 1: within the printed standard errors."""
    found = chinchilla.fit(allocation.chinchilla_runs()).frame().iloc[0]
    printed = {
        "E": (1.8172, 0.03),
        "A": (482.01, 124.58),
        "B": (2085.43, 1293.23),
        "alpha": (0.3478, 0.02),
        "beta": (0.3658, 0.02),
    }
    for name, (value, error) in printed.items():
        assert abs(found[name] - value) < error


def test_resampled_refits_are_those_of_another_optimiser():
    """40 of the 4,000 draws, each within 1e-8 in the objective of Nelder-Mead, BFGS and Powell in turn."""
    runs = allocation.chinchilla_runs()
    draws = chinchilla.bootstrap(runs)
    assert len(draws.params) == 4_000 and draws.converged.mean() > 0.999
    weights = np.random.default_rng(0).multinomial(len(runs), np.full(len(runs), 1 / len(runs)), size=4_000) / len(runs)
    for place in np.linspace(0, 3_999, 40).astype(int):
        np.testing.assert_allclose(
            objective(draws.params[place], runs, weights[place]), draws.objective[place], rtol=1e-9
        )
        _, value = independent(runs, weights[place], draws.params[place] + 0.01)
        assert abs(value - draws.objective[place]) < 1e-8 and draws.objective[place] < value + 1e-12


def test_the_tables_of_laws_and_runs_are_whole():
    assert (tables.read("scaling_laws")["support_low_flop"] < tables.read("scaling_laws")["support_high_flop"]).all()
    runs = tables.read("chinchilla_runs")
    assert len(runs) == 245 and runs["outlier"].sum() == 5
    assert runs.loc[runs["outlier"] == 1, "loss_nats"].min() >= runs.loc[runs["outlier"] == 0, "loss_nats"].max()
