"""The likelihood with errors shared within papers: its value, its intervals and what it finds of a known truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from algoprogress.data.variables import Normalisation
from algoprogress.fits import effect, fit, likelihood
from algoprogress.fits.rates import doubling_time_months
from algoprogress.laws import catalogue
from algoprogress.laws.law import LawError
from published_values import LAW_7, SAMPLE

CURVES = {falling: likelihood.curve(LAW_7, SAMPLE, falling=falling) for falling in (False, True)}


def task(**changes) -> likelihood.Shared:
    return likelihood.Shared.of(LAW_7, SAMPLE, **{"falling": True, **changes})


def point(some: likelihood.Shared) -> np.ndarray:
    return likelihood.starts(some)[0] + np.random.default_rng(0).normal(0.0, 0.01, len(some.design.names) + 1)


def test_the_deviance_is_that_of_a_normal_density_with_rows_of_a_paper_correlated():
    some, others = task(), []
    for seed in (0, 1):
        place = point(some) + 0.02 * seed
        shared, own = some.spreads(place)
        same = some.papers[:, None] == some.papers[None, :]
        covariance = shared**2 * same + own**2 * np.eye(len(same))
        mean = some.design.predict(some.params(place))
        others.append((some.deviance(place), -2.0 * multivariate_normal(mean, covariance).logpdf(some.target)))
    constant = len(some.target) * (1.0 + np.log(2.0 * np.pi))
    for found, exact in others:
        assert found + constant == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize("rate", [None, 0.6])
def test_scipy_finds_no_likelier_law_from_the_end_of_a_descent(rate):
    some = task()
    deviance, best = some.best(likelihood.starts(some), rate)
    assert some.deviance(best) == pytest.approx(deviance, abs=1e-9)
    first, second = some.places[:, 0]

    def objective(point: np.ndarray) -> float:
        moved = point.copy()
        if rate is not None:
            moved[first] = rate - moved[second]
        return some.deviance(moved)

    again = minimize(objective, best + 0.003, method="BFGS", options={"maxiter": 400})
    assert again.fun > deviance - 1e-5
    assert again.fun == pytest.approx(deviance, abs=0.01), "and it comes back to it"


def test_without_errors_in_common_it_is_least_squares():
    some = task()
    alone = replace(some, papers=np.arange(len(some.target)))  # a paper a row: what is shared cannot be told apart
    _, best = alone.best(likelihood.starts(alone))
    found = fit.converged(LAW_7, SAMPLE, penalty=0.0)
    left = alone.target - alone.design.predict(alone.params(best))
    assert (left**2).mean() == pytest.approx(found.mse, rel=1e-6)


@pytest.mark.parametrize("falling", [False, True])
def test_no_random_start_finds_a_likelier_law_at_any_pace(falling):
    some, rng, curve = task(falling=falling), np.random.default_rng(3), CURVES[falling]
    begin = likelihood.starts(some)
    top = some.best(begin)[0]
    for _, row in curve.iloc[::6].iterrows():
        wild = [each + rng.normal(0.0, 0.5, len(each)) for each in begin * 3]
        assert some.best(wild, row["value"])[0] - top > row["statistic"] - 1e-3


def test_a_rate_that_may_not_fall_stays_at_zero_or_above():
    free, bound = CURVES[True], CURVES[False]
    assert (bound[["parameters", "data"]] >= -1e-9).all(axis=None)
    np.testing.assert_allclose(bound["parameters"] + bound["data"], bound["value"], atol=1e-9)
    assert (free[["parameters", "data"]] < -0.1).any(axis=None)
    inside = bound["value"].isin(free["value"])
    both = bound[inside].merge(free, on="value")
    assert (both["statistic_x"] >= both["statistic_y"] - 1e-4).all(), "fewer laws cannot fit better"


@pytest.mark.parametrize("falling", [False, True])
def test_the_quantiles_of_the_confidence_agree_with_the_interval(falling):
    curve = CURVES[falling]
    found = likelihood.interval(curve, falling=falling)
    ends = np.array([found.low, found.value, found.high])
    drawn = likelihood.drawn(curve, 10_000)
    assert (np.diff(drawn) >= 0.0).all()
    np.testing.assert_allclose(np.quantile(drawn, [0.025, 0.5, 0.975]), ends, rtol=0.02)
    wider = likelihood.interval(likelihood.calibrated(curve, falling=falling), falling=falling)
    assert wider.low < found.low and found.high < wider.high, "as the cuts of simulations lie above that of chi squared"


def test_ends_hardly_move_on_a_finer_grid():
    fine = likelihood.curve(LAW_7, SAMPLE, falling=False, rates=tuple(np.round(np.arange(0.3, 1.6, 0.05), 10)))
    found = [likelihood.interval(each, falling=False) for each in (CURVES[False], fine)]
    for end in ("low", "value", "high"):
        assert getattr(found[0], end) == pytest.approx(getattr(found[1], end), rel=0.01)


def test_only_law_7_is_calibrated():
    with pytest.raises(LawError, match="calibrated for law 7 only"):
        likelihood.doubling_times(catalogue.law("12"), SAMPLE)
    found = likelihood.doubling_times(LAW_7, SAMPLE)
    assert found[True].low < found[False].low < found[False].value < found[False].high < found[True].high


def test_the_command_says_what_the_likelihood_says():
    found = likelihood.doubling_times(LAW_7, SAMPLE)
    answer = effect.compared(LAW_7, SAMPLE, draws=20, likely=True).before
    for falling, words in effect.LIKELY.items():
        assert answer.printed()[words] == str(found[falling])
    line = answer.line()
    ends = [line[f"likelihood_{end}_months"] for end in ("low", "best", "high")]
    assert ends == [found[False].low, found[False].value, found[False].high]
    assert line["likelihood_falling_high_months"] == found[True].high


def test_units_and_origins_do_not_matter():
    other = replace(Normalisation.of(SAMPLE.frame), parameters=1e6, tokens=1e6, year=2000.0)
    some = [task(falling=False, reference=reference) for reference in (None, other)]
    deviances, points = zip(*(each.best(likelihood.starts(each)) for each in some), strict=True)
    assert deviances[0] == pytest.approx(deviances[1], abs=1e-4)
    paces = [point[each.places[:, 0]].sum() for each, point in zip(some, points, strict=True)]
    assert paces[0] == pytest.approx(paces[1], rel=1e-3)


def test_a_known_pace_is_found_in_losses_without_errors():
    law = catalogue.law("7")
    row = CURVES[False].iloc[np.abs(doubling_time_months(CURVES[False]["value"]) - 12.0).argmin()]
    some = task(falling=False)
    mean = some.design.predict(row[list(some.design.names)].to_numpy(float))
    rng = np.random.default_rng(0)
    sample = replace(SAMPLE, frame=SAMPLE.frame.assign(loss_nats=mean + rng.normal(0.0, 1e-4, len(mean))))
    exact = likelihood.Shared.of(law, sample, falling=False)
    _, best = exact.best(likelihood.starts(exact))
    assert best[exact.places[:, 0]].sum() == pytest.approx(row["value"], rel=0.02)
    np.testing.assert_allclose(exact.spreads(best)[1], 1e-4, rtol=0.2)
