"""Recomputes the claims on what the data identify: intervals of rates, the ridge, the share of positive sums."""

from __future__ import annotations

import functools

import pandas as pd
from scipy.stats import binomtest

from algoprogress.fits.rates import doubling_time_months
from algoprogress.show.estimate import Estimate
from book.studies.identify import study as identify
from book.studies.law.fits import CONVERGED_PAPERS, converged_fit, main_sample, study
from book.studies.registry import recomputes

PROFILE = "95%, profile likelihood, {}, no penalty"
PROCEDURES = {
    "published_procedure": "published procedure, rows",
    "converged": "converged, papers",
    "unpenalised": "converged, no penalty, papers",
}
COVERS = {
    "published_procedure": "95%, 1,000 resampled rows, published protocol",
    "converged": CONVERGED_PAPERS,
    "unpenalised": f"{CONVERGED_PAPERS}, no penalty",
}
ITSELF = "none: it is itself a measure of uncertainty"


@functools.cache
def intervals() -> pd.DataFrame:
    """Return the intervals of the growth rates by rate and method."""
    return identify.intervals(study("model7")[0], main_sample()).set_index(["rate", "method"])


@functools.cache
def falls() -> pd.DataFrame:
    """Return the yearly fall of the loss by procedure."""
    return identify.falls(study("model7")[0], main_sample()).set_index("procedure")


@recomputes(r"ho\.identify\.(compute_months|parameters_rate|data_rate)\.profile95(_papers)?")
def profiled(what: str, papers: str | None) -> Estimate:
    """Return a growth rate, or the doubling time of compute, at the optimum without a penalty with its profile."""
    method = "profile, scaled for papers" if papers else "profile, rows independent"
    row = intervals().loc[what.split("_")[0], method]
    covers = PROFILE.format("cut scaled for errors shared within papers" if papers else "independent rows")
    ends = (row["point"], row["low"], row["high"])
    if what == "compute_months":
        point, high, low = (float(doubling_time_months(rate)) for rate in ends)
        return Estimate(point, low, high, covers)
    return Estimate(*(float(end) for end in ends), covers)


@recomputes(r"ho\.identify\.sign_share\.(published_procedure|converged|unpenalised)")
def sign_share(procedure: str) -> Estimate:
    """Return the share of draws in which the two year coefficients have a positive sum."""
    row = falls().loc[PROCEDURES[procedure]]
    share, draws = float(row["sign_share"]), int(row["draws"])
    ends = binomtest(round(share * draws), draws).proportion_ci(method="wilson")
    return Estimate(share, float(ends.low), float(ends.high), f"95%, Monte Carlo error of {draws:,} draws")


@recomputes(r"ho\.identify\.corr_year_terms(?:\.(published_procedure|unpenalised))?")
def correlation(procedure: str | None) -> Estimate:
    """Return the correlation of the two year coefficients over the draws."""
    return Estimate(float(falls().loc[PROCEDURES[procedure or "converged"], "correlation"]), covers=ITSELF)


@recomputes(r"ho\.identify\.yearly_fall\.(published_procedure|converged|unpenalised)")
def yearly_fall(procedure: str) -> Estimate:
    """Return how fast the loss falls with time at fixed parameters and data, in nats per year."""
    row = falls().loc[PROCEDURES[procedure]]
    return Estimate(*(float(row[f"fall_{end}"]) for end in ("median", "low", "high")), COVERS[procedure])


@recomputes(r"ho\.identify\.ridge_slope\.(theory|draws)\.minimum([12])")
def ridge_slope(what: str, minimum: str) -> Estimate:
    """Return the slope of the ridge at a minimum, in theory or along the draws near it."""
    row = identify.ridge(study("model7")[0], main_sample()).set_index("minimum").loc[int(minimum)]
    return Estimate(float(row[what]), covers=ITSELF if what == "draws" else "none: a property of one minimum")


@recomputes(r"ho\.identify\.start_share\.(penalised|unpenalised)")
def start_share(kind: str) -> Estimate:
    """Return the share of random starts that reach the best minimum."""
    penalty = study("model7")[2] if kind == "penalised" else 0.0
    share = float(identify.minima(study("model7")[0], main_sample(), penalty=penalty)["share"].iloc[0])
    ends = binomtest(round(share * identify.STARTS), identify.STARTS).proportion_ci(method="wilson")
    return Estimate(share, float(ends.low), float(ends.high), f"95%, Monte Carlo error of {identify.STARTS} starts")


@recomputes(r"ho\.identify\.condition_number")
def condition_number() -> Estimate:
    """Return the condition number of the information matrix at the optimum without a penalty."""
    values = identify.spectrum(converged_fit("model7", 0.0), main_sample())["eigenvalue"]
    return Estimate(float(values.iloc[-1] / values.iloc[0]), covers="none: a property of one fit")


@recomputes(r"ho\.identify\.months_by_constants\.(shortest|longest)")
def by_constants(which: str) -> Estimate:
    """Return the shortest or longest doubling time, in months, among the choices of the normalising constants."""
    frame = identify.constants(study("model7")[0], main_sample())
    values = frame.loc[frame["penalty"] > 0, "months"]
    return Estimate(
        float(values.min() if which == "shortest" else values.max()), covers="none: a choice of constants, not a draw"
    )
