"""Compute or algorithms: the published shares to their digits, and what the chapter says."""

from __future__ import annotations

import numpy as np

from algoprogress.data import tables
from book.studies.attribution import claims, study
from published_values import SAMPLE


def test_all_published_shares_return_to_their_digits():
    rows = tables.read("claims").set_index("id")
    rows = rows[rows.index.str.match(r"ho\.shapley\.\w+\.(parameters|data|parameter_efficiency|data_efficiency)$")]
    assert len(rows) == 144
    found = dict(claims.claims())
    for id, row in rows.iterrows():
        assert abs(found[id].value - row["published"]) <= row["tolerance"], id


def test_compute_explains_less_than_published_and_early_perhaps_less_than_half():
    pairs = study.table(SAMPLE)
    medians = np.array([found.value for found in pairs["compute"]])
    assert (medians < pairs["published"]).mean() > 0.75
    early = pairs.loc[pairs["start"].str.startswith("RNN"), "compute"]
    assert min(found.low for found in early) < 0.5


def test_a_share_can_fall_by_faster_compute_alone():
    """The pairs of Ho et al. have it fall in every resample; between records of compute it is as good as even."""
    early, late = (study.of_pair(SAMPLE, pair, "algorithms") for pair in (claims.EARLY, claims.LATE))
    assert np.mean(early > late) > 0.99
    assert 0.3 < np.mean(study.along_frontier(SAMPLE)[1] > 0) < 0.7


def test_what_the_page_says():
    """Yes over long spans; two of twelve comparisons are open, and both are early."""
    pairs = study.table(SAMPLE)
    undecided = pairs[[found.low <= 0.5 for found in pairs["compute"]]]
    assert (len(pairs), len(undecided)) == (12, 2)
    assert undecided["start"].str.startswith("RNN (2012)").all()
    assert (undecided["end"].str.contains("2016|2018")).all()
    assert dict(claims.claims())["ho.shapley.rnn2012_gpt3.compute.converged"].low > 0.5
