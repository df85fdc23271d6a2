"""Proves the recovered rows: they carry every fitted value that the authors published, to the last digits."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.fits import fit
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law

SERIES = {
    "fitted_model7": "model 7",
    "fitted_year_break_2017": "model 7, other slopes from 2017",
    "fitted_vocabulary": "model 7 with a vocabulary term",
    "fitted_effective_epochs": "model 7 on effective data",
}


@cached
def checksums(sample: Sample) -> pd.DataFrame:
    """Return how closely each published series of fitted values follows from the rows.

    The coefficients are not printed to full precision, so they are solved from the series by least squares; ten
    to twelve unknowns then have to meet every row at once. Columns: series, rows, coefficients and, in nats,
    largest_deviation.
    """
    base, fits = catalogue.law("7"), tables.read("published_fits")
    laws = (
        base,
        catalogue.with_year_break(base, 2017),
        catalogue.with_vocabulary(base),
        catalogue.with_effective_data(base),
    )
    rows = []
    for (column, name), law in zip(SERIES.items(), laws, strict=True):
        part = sample.with_known("vocabulary") if column == "fitted_vocabulary" else sample
        series = fits.set_index("row")[column].loc[part.frame["row"]].to_numpy()
        coefficients, deviation = _deviation(law, part, series)
        rows.append({"series": name, "rows": len(part), "coefficients": coefficients, "largest_deviation": deviation})
    return pd.DataFrame(rows)


def _deviation(law: Law, sample: Sample, series: np.ndarray) -> tuple[int, float]:
    """Return the number of coefficients and the largest distance of the best fit from a series."""
    design, _, _ = fit.problem(law, sample)
    start = fit.published(law, sample).params.to_numpy()
    solved = least_squares(
        lambda theta: design.predict(theta) - series,
        start,
        jac=design.gradient,
        method="lm",
        ftol=1e-15,
        xtol=1e-15,
        gtol=1e-15,
    )
    return len(start), float(np.abs(solved.fun).max())
