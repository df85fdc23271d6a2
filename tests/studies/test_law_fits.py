"""Every published law, fitted by the protocol and to the minimum, and what the fit leaves over."""

from __future__ import annotations

import pytest

from algoprogress.fits import fit
from book.studies.law import study


def test_no_converged_fit_of_the_catalogue_lies_above_its_published_one(sample):
    table = study.every_law(sample)
    assert len(table) == 20
    assert (table["converged"] <= table["published"] + 1e-9).all()
    assert (table["residual"] < 1e-6).all()


def test_the_bias_table_agrees_with_a_plain_mean(law, sample):
    frame = study.misfit(fit.published(law, sample), sample)
    table = study.bias(frame).set_index(["benchmark", "architecture"])
    part = frame[(frame["benchmark"] == "ptb") & (frame["architecture"] == "other")]["residual_nats"]
    mean = table.loc[("ptb", "other"), "mean"]
    assert mean.value == pytest.approx(part.mean())
    assert mean.high - mean.value == pytest.approx(1.96 * part.sem())
    assert table["rows"].sum() == len(sample)
