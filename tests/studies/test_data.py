"""The rows return what the authors published, and corrections do what a direct fit says."""

from __future__ import annotations

import pytest

from algoprogress.fits import fit
from algoprogress.fits.rates import point_months
from book.studies.data import study


def test_the_rows_return_every_published_series(sample):
    table = study.checksums.__wrapped__(sample)
    assert table["rows"].tolist() == [231, 231, 185, 231]
    assert (table["largest_deviation"] < [1e-12, 1e-12, 1e-6, 1e-6]).all()


def test_each_correction_has_an_effect_that_a_direct_fit_confirms(law, sample):
    cells = study.by_cell(law, sample)
    found = study.found(sample)
    assert len(cells) == found["column"].isin(study.FITTED).sum()
    assert cells["move"].abs().is_monotonic_decreasing
    top = cells.iloc[0]
    frame = sample.frame.copy()
    frame.loc[frame["row"] == top["row"], top["column"]] = float(top["reviewed"])
    mended = type(sample)(frame)
    direct = fit.converged.__wrapped__(law, mended, reference=fit.Normalisation.of(sample.frame), starts=100)
    assert point_months(direct) == pytest.approx(top["converged"], abs=1e-5)


def test_the_audit_leaves_what_the_fit_does_not_read(law, sample):
    kinds = study.by_kind(law, sample).set_index("scope")
    assert kinds.loc["only vocabulary", "converged"] == pytest.approx(kinds.loc["as used", "converged"], abs=1e-6)
    assert kinds.loc["as used", "converged"] == pytest.approx(6.0754, abs=1e-3)
