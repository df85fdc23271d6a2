"""What the data identify: profiles against closed forms and other optimisers, invariance, exact derivatives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize

from algoprogress.data.sample import Sample
from algoprogress.engine import parallel
from algoprogress.fits import fit
from algoprogress.fits import profile as likelihood
from algoprogress.fits import rates as progress
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate
from book import picture
from book.narrow import narrow
from book.studies.identify import figures, intervals, minima, ridge

LAW = catalogue.law("7")
NOISE = 1e-4  # nats, so small that the law is linear over what the errors leave open


@pytest.fixture(scope="module")
def best(sample) -> fit.Fit:
    return fit.converged(LAW, sample, penalty=0.0)


@pytest.fixture(scope="module")
def simulated(sample, best) -> Sample:
    """Return the sample with losses that follow the fitted law, but for errors of `NOISE`."""
    errors = np.random.default_rng(5).normal(0.0, NOISE, len(sample))
    return replace(sample, frame=sample.frame.assign(loss_nats=best.predict(sample.frame) + errors))


@pytest.fixture(scope="module")
def at_truth(simulated) -> fit.Fit:
    return fit.converged(LAW, simulated, penalty=0.0)


def profile(sample: Sample, rate: str, values: tuple[float, ...], penalty: float = 0.0) -> pd.DataFrame:
    with parallel.in_series():
        return likelihood.profile.__wrapped__(LAW, sample, rate, values=values, penalty=penalty)


@pytest.mark.parametrize("rate", ["parameters", "data"])
def test_a_profile_is_the_closed_form_of_a_linear_model(simulated, at_truth, rate):
    """For a linear model the error rises by (c'b)^2 / c'(X'X)^-1 c under a constraint c'b = 0 (Fieller 1954)."""
    slopes = intervals.rate_slopes(at_truth).loc[rate]
    design = LAW.design(simulated.frame, at_truth.reference)
    theta = at_truth.params.to_numpy()
    inverse = np.linalg.inv(design.gradient(theta).T @ design.gradient(theta))
    top = getattr(likelihood.growth(design, theta[None]), rate)[0]
    step = np.sqrt(slopes @ inverse @ slopes * at_truth.mse)
    curve = profile(simulated, rate, (top - 2.0 * step, top + step, top + 3.0 * step)).set_index("value")
    year, size = (design.names.index(name) for name in likelihood.ratio(design.names, rate))
    for value in (top - 2.0 * step, top + step, top + 3.0 * step):
        across = np.zeros(len(theta))
        across[year], across[size] = 1.0, -value
        rise = (across @ theta) ** 2 / (across @ inverse @ across)
        expected = len(simulated) * np.log1p(rise / (len(simulated) * at_truth.mse))
        assert curve.loc[value, "statistic"] == pytest.approx(expected, rel=2e-3)


def test_the_truth_of_a_simulation_is_recovered_and_lies_in_the_interval(simulated, best, at_truth):
    design = LAW.design(simulated.frame, best.reference)
    truth = likelihood.growth(design, best.params.to_numpy()[None])
    found = likelihood.growth(design, at_truth.params.to_numpy()[None])
    scale = NOISE / np.sqrt(best.mse)
    for rate, width in (("parameters", 0.3), ("data", 0.5)):
        values = tuple(getattr(found, rate)[0] + scale * width * np.linspace(-2.0, 2.0, 5))
        curve = profile(simulated, rate, values)
        low, high = likelihood.ends(curve["value"].to_numpy(), curve["statistic"].to_numpy(), 3.84)
        assert low < getattr(truth, rate)[0] < high
        assert high - low < 10 * scale


@pytest.mark.parametrize("penalty", [0.0, fit.PENALTY])
def test_the_top_of_a_profile_is_the_converged_fit(sample, penalty):
    top = fit.converged(LAW, sample, penalty=penalty)
    curve = profile(sample, "data", (0.0, 1.0), penalty)
    lowest = curve.loc[curve["objective"].idxmin()]
    assert lowest["objective"] == pytest.approx(top.objective, abs=1e-9)
    assert lowest[list(top.params.index)].to_numpy(float) == pytest.approx(top.params.to_numpy(), abs=1e-4)
    assert (curve["statistic"] > -1e-4).all()
    assert np.isclose(curve["data"], curve["value"])[curve["beta_data"] != 0.0].all()


@pytest.mark.parametrize(("rate", "value"), [("compute", 0.5), ("compute", 1.4), ("parameters", -0.4), ("data", 1.7)])
def test_a_point_of_a_profile_is_what_constrained_optimisers_find(sample, rate, value):
    """SLSQP, with the rate as an equality constraint on the parameters themselves, from several points."""
    design, target, _ = fit.problem(LAW, sample)
    curve = profile(sample, rate, (value,))
    ours = curve.loc[np.isclose(curve["value"], value)].iloc[0]
    names = list(design.names)

    def distance(theta: np.ndarray) -> float:
        return getattr(likelihood.growth(design, theta[None]), rate)[0] - value

    found = [
        minimize(
            lambda theta: 100.0 * ((design.predict(theta) - target) ** 2).mean(),
            point,
            jac=lambda theta: 200.0 * design.gradient(theta).T @ (design.predict(theta) - target) / len(target),
            constraints={"type": "eq", "fun": distance},
            method="SLSQP",
            bounds=[(-4.0, 4.0)] * len(names),
            options={"ftol": 1e-13, "maxiter": 2_000},
        )
        for point in (*likelihood.problem(LAW, sample, 0.0).minima, ours[names].to_numpy(float) * 1.05)
    ]
    reached = [each.fun / 100.0 for each in found if abs(distance(each.x)) < 1e-8]
    assert min(reached) == pytest.approx(ours["objective"], rel=2e-5)


def test_held_rates_carry_the_penalty_of_the_full_parameters(sample):
    design, *_ = fit.problem(LAW, sample)
    held = likelihood.hold(design, parameters=-0.7, data=1.9)
    theta = np.random.default_rng(0).normal(size=(3, len(held.kept)))
    full = held.full(theta)
    assert np.abs(theta) @ held.penalties(0.01) == pytest.approx(0.01 * np.abs(full).sum(axis=1))
    assert held.design.predict(theta) == pytest.approx(design.predict(full))
    found = likelihood.growth(design, full)
    assert found.parameters == pytest.approx(-0.7)
    assert found.data == pytest.approx(1.9)


def test_growth_rates_are_those_of_the_law(sample, best):
    params = np.vstack([best.params.to_numpy(), 1.3 * best.params.to_numpy() + 0.01])
    ours = likelihood.growth(LAW.design(sample.frame, best.reference), params)
    theirs = progress.growth(LAW, best.reference, params)
    for rate in likelihood.RATES:
        assert getattr(ours, rate) == pytest.approx(getattr(theirs, rate), rel=1e-9)


def test_the_slopes_of_the_rates_are_their_numerical_derivatives(sample, best):
    design, theta, step = LAW.design(sample.frame, best.reference), best.params.to_numpy(), 1e-6
    ahead, behind = (likelihood.growth(design, theta + sign * step * np.eye(len(theta))) for sign in (1.0, -1.0))
    for rate, slopes in intervals.rate_slopes(best).iterrows():
        numerical = (getattr(ahead, rate) - getattr(behind, rate)) / (2.0 * step)
        assert slopes.to_numpy() == pytest.approx(numerical, rel=1e-6, abs=1e-6)


def test_without_a_penalty_the_fit_does_not_depend_on_the_constants(sample, best):
    frame = minima.constants(LAW, sample, count=40)
    free = frame[frame["penalty"] == 0.0]
    assert len(free) >= 5
    assert free["objective"].to_numpy() == pytest.approx(best.objective, abs=1e-9)
    assert np.ptp(free["months"]) < 1e-3
    assert np.ptp(frame.loc[frame["penalty"] > 0.0, "months"]) > 1.0


def test_moved_parameters_predict_the_same(sample, best):
    for new in minima.references(sample.frame).values():
        design = LAW.design(sample.frame, new)
        theta = minima.moved(design, best.params.to_numpy()[None], best.reference, new)
        assert design.predict(theta)[0] == pytest.approx(best.predict(sample.frame), rel=1e-10)


def numerical_hessian(design, target, theta, step=1e-5) -> np.ndarray:
    """Return the Hessian of the sum of squared errors by central differences of its gradient."""

    def gradient(point):
        return 2.0 * design.gradient(point).T @ (design.predict(point) - target)

    moves = step * np.eye(len(theta))
    return np.array([(gradient(theta + move) - gradient(theta - move)) / (2.0 * step) for move in moves])


def test_the_hessian_is_exact_and_the_information_is_its_half_where_the_law_holds(sample, best):
    design, target, _ = fit.problem(LAW, sample)
    theta = best.params.to_numpy()
    exact = intervals.hessian(design, target, theta)
    assert exact == pytest.approx(numerical_hessian(design, target, theta), rel=1e-5, abs=1e-4)
    without_errors = numerical_hessian(design, design.predict(theta), theta)
    table = intervals.spectrum(best, sample)
    loadings = table[list(best.params.index)].to_numpy()
    information = loadings.T @ np.diag(table["eigenvalue"]) @ loadings
    assert information == pytest.approx(without_errors / (2.0 * len(sample)), rel=1e-5, abs=1e-6)


def test_variances_are_those_of_least_squares_with_clusters(simulated, at_truth):
    design = LAW.design(simulated.frame, at_truth.reference)
    columns = design.gradient(at_truth.params.to_numpy())
    residual = simulated.frame["loss_nats"] - at_truth.predict(simulated.frame)
    line = sm.OLS(residual + columns @ at_truth.params.to_numpy(), columns)
    papers = pd.factorize(simulated.frame["paper_id"])[0]
    independent, shared = intervals.variances(at_truth, simulated)
    clustered = line.fit(cov_type="cluster", cov_kwds={"groups": papers, "use_correction": False}).cov_params()
    for mine, theirs in ((independent, line.fit().cov_params()), (shared, clustered)):
        assert np.sqrt(np.diag(mine)) == pytest.approx(np.sqrt(np.diag(theirs)), rel=5e-3)


def test_the_spectrum_adds_up_to_the_variance_of_the_log_doubling_time(sample, best):
    table = intervals.spectrum(best, sample)
    gradient = LAW.design(sample.frame, best.reference).gradient(best.params.to_numpy())
    rate = likelihood.growth(LAW.design(sample.frame, best.reference), best.params.to_numpy()[None]).compute[0]
    slopes = intervals.rate_slopes(best).loc["compute"].to_numpy() / rate
    expected = best.mse * slopes @ np.linalg.solve(gradient.T @ gradient, slopes)
    assert (table["log_doubling"] ** 2).sum() == pytest.approx(expected, rel=1e-6)
    assert table["share"].sum() == pytest.approx(1.0)
    assert table["eigenvalue"].is_monotonic_increasing


def test_the_best_objective_is_concave_in_the_penalty_and_its_slope_is_the_norm(sample):
    """It is the least of functions linear in the penalty, so its slope, the norm of the best parameters, falls."""
    grid = (0.0, 0.001, 0.0025, 0.005, 0.0075, 0.01)
    with parallel.in_series():
        path = minima.penalty_path.__wrapped__(LAW, sample, penalties=grid, count=60)
    best = path[path["rank"] == 1].set_index("penalty")["objective"]
    slopes = np.diff(best) / np.diff(grid)
    assert (np.diff(slopes) < 0).all()
    assert best[fit.PENALTY] == pytest.approx(fit.converged(LAW, sample).objective, abs=1e-9)
    norm = fit.converged(LAW, sample).params.abs().sum()
    assert slopes[2] < norm < slopes[1]


def test_the_descent_starts_at_the_published_stop_and_ends_in_the_minimum(sample):
    path = minima.descent(LAW, sample)
    assert path["objective"].iloc[0] == pytest.approx(fit.published(LAW, sample).objective, abs=1e-9)
    assert path["objective"].iloc[-1] == pytest.approx(fit.converged(LAW, sample).objective, abs=1e-9)
    assert (path["objective"].diff().dropna() <= 1e-12).all()


def test_shares_of_starts_and_the_two_minima(sample):
    table = minima.minima(LAW, sample)
    assert table["share"].sum() <= 1.0
    assert table["months"].head(2).round(3).tolist() == [6.075, 16.029]


def test_the_ridge_of_a_draw_is_the_least_change_of_the_predictions(sample, best):
    """Of all directions in the plane of both year coefficients, the major axis of the covariance moves them least."""
    design, theta = LAW.design(sample.frame, best.reference), best.params.to_numpy()
    slope = ridge.axis_slope(ridge.held_covariance(design, theta))
    angles = np.linspace(0.0, np.pi, 20_001)
    columns = design.gradient(theta)[:, [design.names.index(name) for name in ("alpha_year", "beta_year")]]
    change = ((columns @ np.array([np.cos(angles), np.sin(angles)])) ** 2).sum(axis=0)
    assert slope == pytest.approx(np.tan(angles[change.argmin()]), rel=1e-3)


def test_the_yearly_fall_is_minus_the_derivative_of_the_loss_by_time(sample, best):
    draws = ridge.procedures(LAW, sample)["converged, no penalty, papers"]
    few = replace(draws, **{name: getattr(draws, name)[:3] for name in ("params", "converged", "residual")})
    fall = ridge.yearly_fall(few, sample)["fall"]
    for theta, value in zip(few.params, fall, strict=True):
        at = [
            LAW.design(sample.frame.assign(years_decimal=sample.frame["years_decimal"] + step), best.reference)
            for step in (1e-4, -1e-4)
        ]
        ahead, behind = (design.predict(theta).mean() for design in at)
        assert value == pytest.approx((behind - ahead) / 2e-4, rel=1e-6)


def test_ends_are_infinite_where_a_profile_stays_under_the_cut():
    grid = np.linspace(-2.0, 2.0, 9)
    assert likelihood.ends(grid, np.where(grid < 0, 0.5, grid**2), 2.25) == (-np.inf, pytest.approx(1.5))
    assert intervals.stretches(np.abs(np.abs(grid) - 1.0), 0.6) == 2


def test_no_progress_is_an_infinite_doubling_time():
    shown = progress.months_of(Estimate(0.5, -0.1, 1.0))
    assert shown.text(".1f") == "16.6 [8.3, ∞]"


def test_the_figure_of_the_landscape_shows_the_stop_and_every_minimum(sample):
    curve = pd.DataFrame({"compute": [0.3, 0.5, 1.0, 1.4, 2.0], "objective": [0.06, 0.0511, 0.055, 0.0507, 0.053]})
    descent = pd.DataFrame({"step": [1, 2], "months": [8.7, 7.0], "objective": [0.0518, 0.0509]})
    hollows = pd.DataFrame({"months": [6.1, 16.0], "objective": [0.0507, 0.0511]})
    drawn = figures.landscape(curve, descent, hollows)
    shown = picture.render(
        drawn, name="fig-identify-landscape", alt="A curve with two hollows and a stop above it, a test."
    )
    for words in ("published stop", "global", "other"):
        assert words in shown.svg


def test_labels_of_the_profiles_lie_within_the_drawing_for_a_phone(sample):
    fig = figures.profiles(intervals.profiles(LAW, sample), intervals.intervals(LAW, sample))
    narrow(fig, 7.0)
    fig.canvas.draw()
    ends = [text.get_window_extent().x1 for ax in fig.axes for text in ax.texts]
    assert len(ends) > 9 and max(ends) <= fig.bbox.x1
