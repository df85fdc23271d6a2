"""Intervals of the growth rates: by profile likelihood, with errors shared within papers, and by resampled papers."""

from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import chi2

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, resample
from algoprogress.fits.profile import RATES, ends, profile
from algoprogress.fits.rates import growth, months_of
from algoprogress.fits.resample import DRAWS, Draws
from algoprogress.laws.law import Law
from algoprogress.show.estimate import LEVEL, Estimate
from book.studies.identify.information import rate_slopes, variances

INDEPENDENT = "profile, rows independent"
SCALED = "profile, scaled for papers"
COVERS = {
    INDEPENDENT: "95%, profile likelihood, independent rows, no penalty",
    SCALED: "95%, profile likelihood, cut scaled for errors shared within papers, no penalty",
}


@cached
def intervals(law: Law, sample: Sample) -> pd.DataFrame:
    """Return 95% intervals of the three growth rates by method.

    Without a penalty: the profile likelihood with independent rows, the same with its cut scaled for errors shared
    within papers, and the bootstrap over papers; with the published penalty: the penalised profile and the bootstrap.
    Columns: rate, method, per_year (an estimate, natural log; the point of a bootstrap is its median), months (that of
    the doubling time of compute, else missing), cut (of the statistic), scale (of the cut), stretches (of the set).
    """
    best = fit.converged(law, sample, penalty=0.0)
    scales = variances(best, sample).scales(rate_slopes(best))
    rows = []
    for rate in RATES:
        curve, penalised = (profile(law, sample, rate, penalty=penalty) for penalty in (0.0, fit.PENALTY))
        rows.append(_profiled(curve, INDEPENDENT, 1.0))
        rows.append(_profiled(curve, SCALED, scales[rate]))
        rows.append(_resampled(law, sample, rate, 0.0, "papers resampled"))
        rows.append(_profiled(penalised, "profile, with the penalty", 1.0))
        rows.append(_resampled(law, sample, rate, fit.PENALTY, "papers resampled, with the penalty"))
    frame = pd.DataFrame(rows)
    cells = zip(frame["rate"], frame["per_year"], strict=True)
    months = [months_of(found) if rate == "compute" else None for rate, found in cells]
    frame.insert(3, "months", months)
    return frame


def _profiled(curve: pd.DataFrame, method: str, scale: float) -> dict[str, object]:
    """Return the interval of a profile under its cut as a row of `intervals`."""
    cut = chi2.ppf(LEVEL, 1) * scale
    values, heights = curve["value"].to_numpy(), curve["statistic"].to_numpy()
    low, high = ends(values, heights, cut)
    covers = COVERS.get(method, f"95%, {method}")
    found = Estimate(float(values[heights.argmin()]), low, high, covers, "per year")
    facts = {"rate": curve["rate"].iloc[0], "method": method, "per_year": found}
    return {**facts, "cut": cut, "scale": scale, "stretches": stretches(values, heights, cut)}


def _resampled(law: Law, sample: Sample, rate: str, penalty: float, method: str) -> dict[str, object]:
    """Return the percentiles of resampled papers as a row of `intervals`."""
    values = draw_rates(paper_draws(law, sample, penalty=penalty))[rate]
    found = Estimate.from_draws(values, covers=f"95%, {method}", unit="per year")
    return {"rate": rate, "method": method, "per_year": found, "cut": np.nan, "scale": np.nan, "stretches": 1}


def paper_draws(law: Law, sample: Sample, *, penalty: float = fit.PENALTY) -> Draws:
    """Return the converged bootstrap over papers, as the headline has it."""
    return resample.bootstrap(law, sample, by="paper", penalty=penalty, draws=DRAWS["paper"], seed=0)


def draw_rates(draws: Draws) -> pd.DataFrame:
    """Return the growth rates of the draws that count: parameters, data, compute."""
    return pd.DataFrame(vars(growth(draws.law, draws.reference, draws.kept)))


def stretches(values: np.ndarray, heights: np.ndarray, cut: float) -> int:
    """Return into how many stretches of values a profile under a cut falls.

    >>> stretches(np.arange(5.0), np.array([9.0, 0.0, 9.0, 1.0, 9.0]), 4.0)
    2
    """
    under = np.r_[False, heights < cut]
    return int((under[1:] & ~under[:-1]).sum())


def profiles(law: Law, sample: Sample) -> pd.DataFrame:
    """Return the profiles of the three growth rates without a penalty and with the published one (column penalty)."""
    parts = [
        profile(law, sample, rate, penalty=penalty).assign(penalty=penalty)
        for penalty, rate in product((0.0, fit.PENALTY), RATES)
    ]
    return pd.concat(parts, ignore_index=True)
