"""The accounting: identities, closed forms, and what the page says in words."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from algoprogress.frontiers.estimators import PowerLaw
from algoprogress.frontiers.gain import shared_losses, tail
from book.studies.ablations import study as ablations
from book.studies.accounting import sizes
from book.studies.accounting import study as accounting
from book.studies.accounting.figures import widths_left_out
from book.studies.accounting.study import Accounting
from book.studies.allocation import study as allocation
from book.studies.scaling import study as scaling

FLOP_2023 = float(accounting.frontier_compute_flop(2023))


def test_chinchilla_splits_the_total_and_never_changes_it():
    for direction in ("worse", "better"):
        of = accounting.as_printed(direction=direction)
        frame = accounting.factors(of, FLOP_2023)
        assert frame["factor"].prod() == pytest.approx(accounting.totals(of, FLOP_2023))
        assert frame["share"].sum() == pytest.approx(1.0)


def test_both_directions_of_chinchillas_factor_are_one_curve():
    """At the better split's compute C the worse needs M C, so the gain there, taken at M C of the worse, is M again."""
    factor = float(accounting.chinchilla(FLOP_2023, direction="better"))
    assert float(accounting.chinchilla(factor * FLOP_2023)) == pytest.approx(factor, rel=1e-6)
    assert float(accounting.chinchilla(FLOP_2023, printed=True)) == pytest.approx(
        float(accounting.chinchilla(FLOP_2023)), rel=0.002
    )


def test_the_rule_of_kaplan_is_the_papers():
    parameters, tokens = allocation.kaplan_split("rule").split(8.64e19)
    assert float(parameters) == pytest.approx(1.3e9)
    assert float(6 * parameters * tokens) == pytest.approx(8.64e19)
    larger = float(allocation.kaplan_split("rule").split(8.64e21)[0])
    assert larger / 1.3e9 == pytest.approx(100**0.73)


def test_the_gain_between_laws_is_that_of_their_closed_form():
    lstm, retro = ((36.3, -0.065), (81.7, -0.091))
    closed = (retro[0] * FLOP_2023 ** retro[1] / lstm[0]) ** (1 / lstm[1]) / FLOP_2023
    assert accounting.multiplier(accounting.as_printed(), FLOP_2023) == pytest.approx(closed)


def test_a_reference_with_a_higher_floor_has_no_gain_past_it():
    of = Accounting(PowerLaw(80.0, -0.09, 2.5), PowerLaw(80.0, -0.09, 1.5))
    assert np.isnan(accounting.multiplier(of, 1e24))


def test_small_factors_shrink_to_what_was_measured_together():
    shrunk = accounting.small_factors(accounting.as_printed(with_swiglu=True))
    assert shrunk.prod() == pytest.approx(ablations.MEASURED)
    assert "swiglu" not in accounting.small_factors(accounting.as_printed())
    free = accounting.small_factors(accounting.as_printed(measured=None, with_swiglu=True))
    assert free.prod() == pytest.approx(ablations.small_gains().prod())


def test_the_interval_of_the_total_covers_every_way_to_refit_the_published_runs():
    """As the page says: counting otherwise moves the total little, fitting otherwise by thousands."""
    frame = accounting.compared().set_index("name")
    values = frame["total"].map(lambda total: total.value)
    laws = values[frame["group"] == "laws"]
    assert all(frame.loc["laws unrounded", "total"].contains(each) for each in laws)
    others = values[frame["group"].isin(["constants", "factors"])] / values.iloc[0]
    assert others.between(1 / 3, 3).all()
    assert laws.max() / laws.min() > 1_000


def test_widths_left_out_move_the_total_by_hundreds():
    totals = widths_left_out(scaling.without_each_size())["total in 2023"]
    assert totals.max() / totals.min() > 300


def test_the_ends_of_the_total_are_those_of_two_sizes():
    """So more draws would not tell more; the published total and one near none both lie within."""
    found = sizes.drawn(FLOP_2023).dropna().sort_values("total")["sizes"]
    beyond = round(tail(5) * len(found))
    assert found.iloc[:beyond].mean() <= 2 and found.iloc[-beyond:].mean() <= 2
    known = accounting.total(accounting.of_choice(scaling.PUBLISHED), FLOP_2023)
    assert known.low < 1.0 and known.high > 1e6


def test_a_line_with_effects_of_groups_is_that_of_statsmodels():
    rng = np.random.default_rng(1)
    size, x = np.repeat(np.arange(8), 12), rng.normal(size=96)
    y = (
        1.0
        - 0.1 * x
        + (0.5 * rng.normal(size=8))[size]
        + (0.2 * rng.normal(size=8))[size] * x
        + 0.1 * rng.normal(size=96)
    )
    line, covariance = sizes.mixed(x, y, size)
    design = sm.add_constant(x)
    free = sm.regression.mixed_linear_model.MixedLMParams.from_components(np.zeros(2), cov_re=np.eye(2))
    other = sm.MixedLM(y, design, size, exog_re=design).fit(reml=True, free=free)
    np.testing.assert_allclose(line, other.fe_params, rtol=1e-3)
    whole = (size[:, None] == size) * (design @ other.cov_re @ design.T) + other.scale * np.eye(96)
    np.testing.assert_allclose(covariance, np.linalg.inv(design.T @ np.linalg.solve(whole, design)), rtol=5e-3)


def test_the_laws_of_lstms_and_transformers_share_no_loss():
    """So no total by laws is "at the compute of the runs"."""
    laws = {family: scaling.law(family) for family in scaling.FAMILIES}
    assert not len(shared_losses(laws["lstm"], laws["retro"])) and not len(shared_losses(laws["lstm"], laws["modern"]))
    of, inside = accounting.of_choice(scaling.PUBLISHED), accounting.by_compute().query("inside")["compute_flop"]
    for flop in inside.agg(["min", "max"]):
        low, high = laws["lstm"].support_flop
        assert low <= flop * float(accounting.multiplier(of, flop)) <= high and flop < laws["retro"].support_flop[0]
