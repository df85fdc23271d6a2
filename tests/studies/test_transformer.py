"""What the transformer was worth: forms that agree, what the chapter says, and gains within what was measured."""

from __future__ import annotations

import numpy as np

from algoprogress.fits import fit
from algoprogress.laws import scaling
from book.studies.transformer import study
from published_values import SAMPLE


def test_a_free_factor_is_that_of_its_own_law_without_a_penalty():
    ways = study.form("factor, free"), study.form("factor, penalised")
    plain, sigmoid = (fit.converged(law, SAMPLE, penalty=0.0, exempt=exempt) for law, exempt in ways)
    np.testing.assert_allclose(plain.mse, sigmoid.mse, rtol=1e-6)
    np.testing.assert_allclose(
        plain.params["transformer"], -np.log1p(np.exp(-sigmoid.params["transformer"])), rtol=1e-3
    )


def test_what_the_page_says():
    """The published form grows with the penalty by over ten; the free factor stays, and its interval holds one."""
    frame = study.by_choice(SAMPLE)
    at = frame[(frame["compute_flop"] == 1e25) & (frame["flags"] == "as used")].set_index("penalty").sort_index()
    published, free = (at.loc[at["form"] == form, "gain"] for form in (study.PENALISED, study.FREE))
    medians = [found.value for found in published]
    assert medians == sorted(medians) and medians[-1] > 10 * medians[0]
    medians = [found.value for found in free]
    assert max(medians) < 2.0 * min(medians)
    assert free[fit.PENALTY].low < 1.0
    assert published[fit.PENALTY].value > 2.0 * free[fit.PENALTY].value, "the penalty more than doubles it"
    assert all(found.contains(2.0) for found in at.loc[[fit.PENALTY], "years"]), "both hold two years"


def test_a_gain_beyond_the_search_is_not_ten_thousand():
    """With free exponents a third of the resamples lie there, so that the upper end is not determined."""
    frame = study.by_choice(SAMPLE).set_index(["form", "penalty", "flags", "compute_flop"])
    far = frame.loc[(study.EXPONENTS, fit.PENALTY, "as used", 1e25)]
    assert 0.25 < far["censored"] < 0.45 and far["gain"].high == np.inf and "exceed 10,000" in far["gain"].covers
    known = [found for found, share in zip(frame["gain"], frame["censored"], strict=True) if share < 0.02]
    assert known and all(found.high < study.REACH for found in known)


def test_gains_of_controlled_runs_stay_within_both_ranges():
    frame = study.controlled()
    inside, apart = frame.dropna(subset="loss_nats"), frame[frame["loss_nats"].isna()]
    assert apart["reference"].str.contains("LSTM").all()
    assert [np.isnan(found.value) for found in frame["gain"]] == frame["loss_nats"].isna().tolist()
    laws = {law.name: law for law in scaling.published().values()}
    for row in inside.itertuples():
        for name, flop in ((row.reference, row.reference_flop), (row.new, row.new_flop)):
            low, high = laws[name].support_flop
            assert low * (1 - 1e-6) <= flop <= high * (1 + 1e-6)
    assert len(inside) >= 4
