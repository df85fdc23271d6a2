"""What the rows identify: intervals of the rates, the ridge between the year coefficients, minima, constants."""

from collections.abc import Iterator

import numpy as np

from algoprogress.show.estimate import Estimate
from book.studies.identify import intervals, minima, ridge
from book.studies.identify.ridge import PROCEDURES
from book.studies.law.fits import converged_fit, study

ITSELF = "none: it is itself a measure of uncertainty"
ONE_MINIMUM = "none: a property of one minimum"
CONSTANTS = "none: a choice of constants, not a draw"


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of this chapter with our estimate, of model 7 on all rows."""
    law, sample, penalty = study("model7")
    found = intervals.intervals(law, sample).set_index(["rate", "method"])
    for suffix, method in (("", intervals.INDEPENDENT), ("_papers", intervals.SCALED)):
        yield f"ho.identify.compute_months.profile95{suffix}", found.loc[("compute", method), "months"]
        for rate in ("parameters", "data"):
            yield f"ho.identify.{rate}_rate.profile95{suffix}", found.loc[(rate, method), "per_year"]
    falls = ridge.by_procedure()
    for key in PROCEDURES:
        yield f"ho.identify.sign_share.{key}", falls.loc[key, "sign_share"]
        yield f"ho.identify.yearly_fall.{key}", falls.loc[key, "fall"]
    yield "ho.identify.corr_year_terms", Estimate.exact(falls.loc["converged", "correlation"], ITSELF)
    for key in ("published_procedure", "unpenalised"):
        yield f"ho.identify.corr_year_terms.{key}", Estimate.exact(falls.loc[key, "correlation"], ITSELF)
    for row in ridge.ridge(law, sample).itertuples():
        yield f"ho.identify.ridge_slope.theory.minimum{row.minimum}", Estimate.exact(row.theory, ONE_MINIMUM)
        yield f"ho.identify.ridge_slope.draws.minimum{row.minimum}", Estimate.exact(row.draws, ITSELF)
    counted = f"95%, Monte Carlo error of {minima.STARTS} starts"
    for kind, strength in (("penalised", penalty), ("unpenalised", 0.0)):
        share = minima.minima(law, sample, penalty=strength)["share"].iloc[0]
        hits = np.arange(minima.STARTS) < round(share * minima.STARTS)
        yield f"ho.identify.start_share.{kind}", Estimate.of_share(hits, covers=counted)
    values = intervals.spectrum(converged_fit("model7", 0.0), sample)["eigenvalue"]
    condition = values.iloc[-1] / values.iloc[0]
    yield "ho.identify.condition_number", Estimate.exact(condition, "none: a property of one fit")
    months = minima.constants(law, sample).query("penalty > 0")["months"]
    yield "ho.identify.months_by_constants.shortest", Estimate.exact(months.min(), CONSTANTS)
    yield "ho.identify.months_by_constants.longest", Estimate.exact(months.max(), CONSTANTS)
