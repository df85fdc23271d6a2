"""Every published law, fitted by the protocol and to the minimum, and what the fit leaves over."""

from __future__ import annotations

import numpy as np
import pytest

from algoprogress.data.variables import Normalisation, regressors
from algoprogress.fits import fit
from book.studies.law import fits, study


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


def test_the_law_in_compute_alone_reads_the_compute_that_it_is_given():
    """Its regressor is the log of that compute over the least, whatever the dataset was."""
    frames = {which: fits.with_compute(fits.main_sample(), which).frame for which in ("seen", "reported", "dataset")}
    assert (
        len(frames["reported"]) == len(frames["dataset"]) == fits.main_sample().frame["training_compute_flop"].count()
    )
    for frame, flop in (
        (frames["reported"], frames["reported"]["training_compute_flop"]),
        (frames["seen"], 6 * fits.main_sample().frame[["parameters", "dataset_tokens"]].prod(axis=1) * seen()),
    ):
        found = regressors(frame, Normalisation.of(frame))["log_compute"]
        np.testing.assert_allclose(found, np.log(flop / flop.min()), atol=1e-9)


def seen() -> np.ndarray:
    """Return epochs by row: unknown ones count as one, many as a hundred."""
    frame = fits.main_sample().frame
    return frame["epochs"].fillna(frame["epochs_status"].eq("above_75").map({True: 100.0, False: 1.0})).to_numpy()
