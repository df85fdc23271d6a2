"""Rates of progress: closed forms, the published point, and optima found by other means."""

from __future__ import annotations

import inspect
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

from algoprogress.data.variables import Normalisation
from algoprogress.fits import fit, resample
from algoprogress.fits import rates as progress
from algoprogress.fits.rates import Conditions, doubling_time_months
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate
from book.studies.data import variants
from book.studies.how_fast import allocated
from published_values import LAW_7, MODEL_7, SAMPLE

REFERENCE = Normalisation.of(SAMPLE.frame)
AT = Conditions()
RNG = np.random.default_rng(7)


def theta(law, values: dict[str, float]) -> np.ndarray:
    """Return values in the order of a law's parameters."""
    return np.array([values[name] for name in law.design(SAMPLE.frame).names])


def some(law) -> dict[str, float]:
    """Return parameters of a law with progress and with terms that fall."""
    values = {}
    for name in law.design(SAMPLE.frame).names:
        width = 0.02 if "year" in name else 0.03 if "rate" not in name else 0.001
        values[name] = 0.5 if "const" in name else float(RNG.uniform(0.5, 1.5)) * width
    return values


CLOSED_FORMS = {
    "1": lambda p: (p["alpha_year"] / p["alpha_param"], p["beta_year"] / p["beta_data"]),
    "7": lambda p: (p["alpha_year"] / p["alpha_param"], p["beta_year"] / p["beta_data"]),
    "8": lambda p: (0.0, p["beta_year"] / p["beta_data"]),
    "9": lambda p: (p["alpha_year"] / p["alpha_param"], 0.0),
    "12": lambda p: (p["year"] / p["alpha_param"], p["year"] / p["beta_data"]),
    "13": lambda p: (p["alpha_year"] / p["alpha_param_transformer"], p["beta_year"] / p["beta_data_transformer"]),
    "18": lambda p: (p["alpha_year"] / p["alpha_compute"], 0.0),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_rates_of_growth_equal_the_closed_forms(name):
    law = catalogue.law(name)
    values = some(law)
    parameters, data = CLOSED_FORMS[name](values)
    found = progress.growth(law, REFERENCE, theta(law, values))
    assert found.parameters[0] == pytest.approx(parameters, rel=1e-9)
    assert found.data[0] == pytest.approx(data, rel=1e-9)
    assert found.compute[0] == pytest.approx(parameters + data, rel=1e-9)


def test_rates_follow_the_benchmark_the_architecture_and_the_break():
    law = catalogue.law("10")
    values = some(law)
    on_ptb = progress.growth(law, REFERENCE, theta(law, values), Conditions(benchmark="ptb"))
    assert on_ptb.data[0] == pytest.approx(
        (values["beta_year"] + values["beta_year_ptb"]) / values["beta_data"], rel=1e-9
    )

    law = catalogue.law("13")
    values = some(law)
    others = progress.growth(law, REFERENCE, theta(law, values), Conditions(architecture="other"))
    assert others.parameters[0] == pytest.approx(values["alpha_year"] / values["alpha_param_other"], rel=1e-9)

    law = variants.with_year_break(LAW_7, 2017)
    values = some(law)
    before = progress.growth(law, REFERENCE, theta(law, values), Conditions(year=2015.0))
    after = progress.growth(law, REFERENCE, theta(law, values), Conditions(year=2020.0))
    slope, extra, scale = values["alpha_year"], values["alpha_year_since_2017"], values["alpha_param"]
    assert before.parameters[0] == pytest.approx(slope / scale, rel=1e-9)
    assert after.parameters[0] == pytest.approx((slope + extra) / scale, rel=1e-9)


def test_the_published_coefficients_give_the_published_point():
    found = progress.growth(LAW_7, REFERENCE, theta(LAW_7, MODEL_7))
    rate = 0.003938 / 0.067982 + 0.035620 / 0.039587
    assert found.compute[0] == pytest.approx(rate, rel=1e-9)
    assert doubling_time_months(found.compute)[0] == pytest.approx(8.685, abs=5e-4)
    assert doubling_time_months(found.parameters)[0] / 12 == pytest.approx(11.966, abs=5e-4)
    assert doubling_time_months(found.data)[0] / 12 == pytest.approx(0.7703, abs=5e-5)


def test_the_published_protocol_gives_the_published_point():
    found = inspect.unwrap(fit.published)(LAW_7, SAMPLE)
    rate = progress.growth(LAW_7, found.reference, found.params.to_numpy()).compute[0]
    assert float(doubling_time_months(rate)) == pytest.approx(8.6848, abs=5e-5)


def test_without_progress_the_doubling_time_is_infinite():
    law = catalogue.law("16")
    rate = progress.growth(law, REFERENCE, theta(law, some(law))).compute
    assert doubling_time_months(rate).tolist() == [math.inf]
    assert doubling_time_months(np.array([-0.2, 0.0, 0.2])) == pytest.approx([math.inf, math.inf, 60 * math.log(2)])
    assert doubling_time_months(np.array([-0.2]), signed=True)[0] == pytest.approx(-60 * math.log(2))


def test_an_interval_is_that_of_the_rate_with_its_ends_swapped():
    rates = np.random.default_rng(0).normal(1.0, 0.2, 999)
    months = progress.months_of(Estimate.from_draws(rates, level=0.9))
    found = [months.high, months.value, months.low]
    assert 12 * math.log(2) / np.array(found) == pytest.approx(np.quantile(rates, [0.05, 0.5, 0.95]))


def test_draws_without_progress_open_the_interval_at_its_upper_end():
    rates = np.linspace(-0.1, 1.9, 201)
    months = progress.months_of(Estimate.from_draws(rates))
    assert months.high == math.inf and 0 < months.low < months.value < math.inf
    slow = {name: hits.mean() for name, hits in progress.slow(rates).items()}
    years = [(rates < math.log(2) / each).mean() for each in (1.0, 1.5, 2.0, 3.0)]
    assert list(slow.values()) == pytest.approx([*years, (rates <= 0).mean()])


TWO_TERMS = {
    "7": LAW_7,
    "12": catalogue.law("12"),
    "13": catalogue.law("13"),
    "15": catalogue.law("15"),
    "transformer": variants.with_transformer_factor(LAW_7),
    "floor": variants.with_floor(LAW_7),
    "vocabulary": catalogue.law("19"),
    "effective data": catalogue.law("20"),
}


def loss_at(law, values: np.ndarray, parameters: float, tokens: float, at: Conditions) -> float:
    """Return the predicted loss of one model, in nats."""
    return float(law.design(at.frame(parameters=parameters, tokens=tokens), REFERENCE).predict(values)[0])


def best_parameters(law, values: np.ndarray, at: Conditions) -> float:
    """Return the parameters with the least loss at a compute budget, by search along the budget."""
    budget = at.compute_flop / 6

    def along(log_parameters: float) -> float:
        return loss_at(law, values, math.exp(log_parameters), budget / math.exp(log_parameters), at)

    middle = math.log(budget) / 2
    found = minimize_scalar(along, bounds=(middle - 60, middle + 60), method="bounded", options={"xatol": 1e-10})
    # Around a minimum the loss is flat to rounding, so the slope decides the last digits.
    step = 1e-3
    slope = lambda x: along(x + step) - along(x - step)  # noqa: E731
    return math.exp(brentq(slope, found.x - 0.1, found.x + 0.1, xtol=1e-13))


@pytest.mark.parametrize("name", TWO_TERMS)
def test_the_optimal_allocation_is_where_a_search_finds_it(name):
    law = TWO_TERMS[name]
    values = theta(law, some(law))
    parameters, tokens = allocated.optimal_allocation(law, REFERENCE, values, AT)
    assert parameters[0] == pytest.approx(best_parameters(law, values, AT), rel=1e-6)
    assert 6 * parameters[0] * tokens[0] == pytest.approx(AT.compute_flop, rel=1e-9)


def test_a_term_that_does_not_fall_leaves_no_optimum():
    values = theta(LAW_7, MODEL_7 | {"alpha_param": -0.01})
    assert np.isnan(allocated.optimal_allocation(LAW_7, REFERENCE, values)).all()
    assert np.isnan(allocated.numerical_doubling_time_months(LAW_7, REFERENCE, values)).all()


@pytest.mark.parametrize("name", TWO_TERMS)
def test_the_numerical_doubling_time_is_where_the_losses_cross(name):
    law = TWO_TERMS[name]
    values = theta(law, some(law))
    twice = replace(AT, compute_flop=2 * AT.compute_flop)
    now, later = (best_parameters(law, values, at) for at in (AT, twice))
    goal = loss_at(law, values, later, twice.compute_flop / 6 / later, twice)

    def excess(years: float) -> float:
        ahead = replace(AT, year=AT.year + years)
        return loss_at(law, values, now, AT.compute_flop / 6 / now, ahead) - goal

    found = allocated.numerical_doubling_time_months(law, REFERENCE, values, AT)[0]
    assert found == pytest.approx(12 * brentq(excess, 0, 30, xtol=1e-12), rel=1e-6)


def test_a_law_of_compute_alone_has_one_doubling_time_however_compute_is_split():
    law = catalogue.law("18")
    values = theta(law, some(law))
    parameters, tokens = allocated.optimal_allocation(law, REFERENCE, values, AT)
    assert parameters[0] == tokens[0] == pytest.approx(math.sqrt(AT.compute_flop / 6), rel=1e-9)
    found = allocated.numerical_doubling_time_months(law, REFERENCE, values, AT)
    assert found == pytest.approx(doubling_time_months(progress.growth(law, REFERENCE, values).compute), rel=1e-9)


def test_the_numerical_median_of_the_published_bootstrap():
    draws = inspect.unwrap(resample.published_bootstrap)(LAW_7, SAMPLE)
    months = allocated.numerical_doubling_time_months(LAW_7, draws.reference, draws.params)
    assert not np.isnan(months).any()
    assert np.median(months) == pytest.approx(8.57155622, abs=0.01)
