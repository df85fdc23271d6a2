"""Where progress came from: Shapley by brute force, growth and breaks on simulated series, gains and eras."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from algoprogress.data import tables
from algoprogress.fits import fit, rates
from algoprogress.laws import catalogue
from algoprogress.laws import scaling as frontier
from book.ledger import ledger
from book.studies.allocation import split as allocation
from book.studies.attribution import sources
from book.studies.attribution import study as attribution
from book.studies.attribution import tables as sources_tables
from book.studies.growth import acceleration
from book.studies.growth import compute as growth
from book.studies.transformer import study as transformer
from published_values import SAMPLE

LEDGER = ledger.ledger().set_index("id")


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_shares_are_the_mean_over_all_orders(count):
    rng = np.random.default_rng(count)
    names = tuple("abcde"[:count])
    worth = {
        frozenset(chosen): rng.normal(size=3)
        for size in range(count + 1)
        for chosen in itertools.combinations(names, size)
    }
    found = rates.shapley(worth.__getitem__, names)
    brute = dict.fromkeys(names, 0.0)
    orders = list(itertools.permutations(names))
    for order in orders:
        done: frozenset = frozenset()
        for name in order:
            brute[name] = brute[name] + (worth[done | {name}] - worth[done]) / len(orders)
            done = done | {name}
    for name in names:
        np.testing.assert_allclose(found[name], brute[name])
    np.testing.assert_allclose(sum(found.values()), worth[frozenset(names)] - worth[frozenset()])


@pytest.mark.parametrize("law", ["7", "12", "15", "18"])
def test_contributions_add_up_to_the_change_of_the_prediction(law):
    found = fit.converged(catalogue.law(law), SAMPLE)
    systems = sources.milestones()
    pairs = attribution.contributions(found.law, found.reference, found.params.to_numpy(), systems)
    assert len(pairs) == 36
    frame = systems.assign(
        benchmark="wt103", architecture="transformer", epochs=1.0, epochs_status="recovered", vocabulary=50_257.0
    )
    loss = found.predict(frame)
    for (start, end), parts in pairs.items():
        np.testing.assert_allclose(sum(parts.values()), loss[end] - loss[start], atol=1e-12)


def test_all_published_shares_return_to_their_digits():
    rows = LEDGER[LEDGER.index.str.match(r"ho\.shapley\.\w+\.(parameters|data|parameter_efficiency|data_efficiency)$")]
    assert len(rows) == 144
    assert (rows["verdict"] == "reproduced").all()


def test_dates_of_the_shares_are_counted_in_days():
    dates = pd.Series(pd.to_datetime(["1970-01-01", "2012-12-01"]))
    np.testing.assert_allclose(attribution.year_of(dates), [1970.0, 1970.0 + 15675 / 365.242199])


@pytest.fixture(scope="module")
def series() -> pd.DataFrame:
    """Return models of forty organisations whose compute doubles every six months, then every three from 2019 on."""
    rng = np.random.default_rng(1)
    years = np.sort(rng.uniform(2012.0, 2025.0, 300))
    log = np.log(1e17) + 12 * np.log(2) / 6 * (years - 2012) + 12 * np.log(2) / 6 * np.maximum(years - 2019.0, 0.0)
    noise = rng.normal(0.0, 1.0, 40)[rng.integers(0, 40, 300)] + rng.normal(0.0, 0.5, 300)
    return pd.DataFrame(
        {"years_decimal": years, "log_compute": log + noise, "organization": rng.integers(0, 40, 300).astype(str)}
    )


def test_slopes_are_least_squares_and_hold_the_truth(series):
    found = growth.slopes(series, breaks=(2019.0,))
    design = sm.add_constant(
        np.column_stack([series["years_decimal"], np.maximum(series["years_decimal"] - 2019.0, 0)])
    )
    line = sm.OLS(series["log_compute"], design).fit()
    np.testing.assert_allclose(found.rates, np.cumsum(line.params.to_numpy()[1:]), rtol=1e-6)
    frame = found.frame()
    for truth, row in zip((6.0, 3.0), frame.itertuples(), strict=True):
        assert row.months_low < truth < row.months_high


def test_a_bend_is_found_where_it_is_and_not_where_none_is(series):
    found = growth.bend(series)
    assert found.p_value < 0.01 and abs(found.year - 2019.0) < 1.0
    assert found.low < 2019.0 < found.high < found.low + 4.0
    straight = series.assign(
        log_compute=series["log_compute"] - 12 * np.log(2) / 6 * np.maximum(series["years_decimal"] - 2019.0, 0.0)
    )
    assert growth.bend(straight).p_value > 0.05


def test_the_test_of_a_bend_keeps_its_level():
    """Of 60 series without a bend at most 8 are called bent at 5%: the 99.5% point of the binomial."""
    rng = np.random.default_rng(7)
    rejected = 0
    for _ in range(60):
        years = np.sort(rng.uniform(2012.0, 2025.0, 80))
        shared = rng.integers(0, 25, 80)
        log = 1.4 * (years - 2012.0) + rng.normal(0.0, 1.0, 25)[shared] + rng.normal(0.0, 0.7, 80)
        frame = pd.DataFrame({"years_decimal": years, "log_compute": log, "organization": shared.astype(str)})
        rejected += growth.bend.__wrapped__(frame, draws=199).p_value < 0.05
    assert rejected <= 8


def test_the_frontier_is_of_those_that_were_largest_then():
    frame = pd.DataFrame({"training_compute_flop": [5.0, 3.0, 4.0, 6.0, 1.0]})
    assert growth.frontier(frame, top=1)["training_compute_flop"].tolist() == [5.0, 6.0]
    assert growth.frontier(frame, top=2)["training_compute_flop"].tolist() == [5.0, 3.0, 4.0, 6.0]


def test_the_stack_is_the_sum_of_its_parts():
    frame = growth.stack(np.full(10, 1.0), np.full(10, 0.5), np.array([2012.0, 2014.0]))
    at = frame[frame["year"] == 2014.0].set_index("part")["median"]
    np.testing.assert_allclose(at[["physical", "algorithmic", "effective"]], np.exp([2.0, 1.0, 3.0]))


def test_the_spline_is_natural_and_takes_a_straight_line_for_itself():
    knots = np.array([1.0, 4.0, 7.0, 10.0])
    years = np.linspace(-3.0, 14.0, 400)
    basis = acceleration.spline(years, knots)
    bend = np.gradient(np.gradient(basis, years, axis=0), years, axis=0)
    outside = (years < 0.9) | (years > 10.1)
    assert np.abs(bend[outside][3:-3]).max() < 1e-6 < np.abs(bend).max()
    np.testing.assert_allclose(basis[:, 0], years)


def test_without_bends_the_spline_has_the_rate_of_law_12():
    design, target, _ = acceleration.smooth_design(SAMPLE)
    straight, _, reference = fit.problem(catalogue.law("12"), SAMPLE)
    found = fit.converged(catalogue.law("12"), SAMPLE, penalty=0.0)
    theta = np.array([found.params.get(name, 0.0) for name in design.names])
    theta[design.names.index("time_0")] = found.params["year"]
    np.testing.assert_allclose(design.predict(theta), found.predict(SAMPLE.frame))
    assert len(target) == len(SAMPLE) and straight.names != design.names and reference.year > 2000


def test_a_free_factor_is_that_of_its_own_law_without_a_penalty():
    free = transformer.form("factor, free")
    published = transformer.form("factor, penalised")
    plain, sigmoid = (fit.converged(way.law, SAMPLE, penalty=0.0, exempt=way.exempt) for way in (free, published))
    np.testing.assert_allclose(plain.mse, sigmoid.mse, rtol=1e-6)
    np.testing.assert_allclose(
        plain.params["transformer"], -np.log1p(np.exp(-sigmoid.params["transformer"])), rtol=1e-3
    )


def test_what_the_page_on_the_transformer_says():
    """The published form grows with the penalty by over ten; the free factor stays, and its interval holds one."""
    frame = transformer.by_choice(SAMPLE)
    at = frame[(frame["compute_flop"] == 1e25) & (frame["flags"] == "as used")]
    published, free = (at[at["form"] == form].sort_values("penalty") for form in ("factor, penalised", "factor, free"))
    assert published["median"].is_monotonic_increasing
    assert published["median"].iloc[-1] > 10 * published["median"].iloc[0]
    assert free["median"].max() < 2.0 * free["median"].min()
    assert (free.loc[free["penalty"] == fit.PENALTY, "low"] < 1.0).all()


def test_a_model_at_the_optimum_wastes_nothing():
    law = sources.laws()["hoffmann2022"]
    n, d = frontier.optimal_allocation(law, np.array([1e21, 1e23]))
    models = pd.DataFrame(
        {
            "model": ["a", "b"],
            "publication_date": pd.to_datetime(["2020-05-01", "2023-01-01"]),
            "parameters": n,
            "dataset_tokens": d,
            "epochs": [np.nan, 1.0],
            "base_model": "",
            "training_compute_flop": 6 * n * d,
        }
    )
    found = allocation.realised(models, law)
    np.testing.assert_allclose(found["gain"], 1.0)
    assert found["inside"].tolist() == [True, False]
    eras = allocation.eras(found)
    assert eras[eras["side"] == "all"]["models"].tolist() == [0, 1, 1]


def test_models_that_do_not_add_up_are_left_out():
    models = tables.read("language_models")
    found = allocation.realised(models, sources.laws()["hoffmann2022"])
    kept = models.set_index("model").loc[found["model"]]
    ratio = found["compute_flop"].to_numpy() / kept["training_compute_flop"].to_numpy()
    assert ((ratio >= 0.5) & (ratio <= 2.0)).all()
    assert (kept["base_model"] == "").all()
    assert (found["gain"] >= 1.0 - 1e-9).all()


def test_what_the_pages_say_in_words():
    growth_frame = sources.compute_growth()
    p = growth_frame.drop_duplicates("models").set_index("models")["p_value"]
    assert p["frontier"] > 0.2 > 0.01 > p["notable"]
    pairs = sources_tables.compute_of_pairs(SAMPLE)
    assert (pairs["median"] < pairs["published"]).mean() > 0.75
    early = pairs[pairs["start"].str.startswith("RNN")]
    assert early["low"].min() < 0.5
    change = acceleration.change(SAMPLE)
    assert change["low"] < 0 < change["high"]
    assert change["detectable"] > acceleration.smooth(SAMPLE)["rate"].max()
    curves = sources.kaplan_curves(SAMPLE)
    part = curves[(curves["at"] == "worse") & curves["inside"]]
    assert part.groupby("law")["gain"].max().drop("Ho et al., model 7").max() < 2.0
    eras = sources.realised_eras()
    since = eras[(eras["law"] == "besiroglu") & (eras["era"] == "since Chinchilla")].set_index("side")
    assert since.loc["over", "share"] > 0.75 and since.loc["over", "median"] > since.loc["under", "median"]


def test_gains_of_controlled_runs_stay_within_both_ranges():
    frame = sources_tables.controlled()
    inside = frame.dropna(subset="gain")
    apart = frame[frame["gain"].isna()]
    assert apart["reference"].str.contains("LSTM").all() and apart["loss_nats"].isna().all()
    laws = {law.name: law for law in sources.laws().values()}
    for row in inside.itertuples():
        for name, flop in ((row.reference, row.reference_flop), (row.new, row.new_flop)):
            low, high = laws[name].support_flop
            assert low * (1 - 1e-6) <= flop <= high * (1 + 1e-6)
    assert len(inside) >= 4
