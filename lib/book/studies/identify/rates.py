"""Growth rates of effective resources as ratios of a law's coefficients: at a fit, their slopes, over resampled papers.

The rate of parameters is alpha_year / alpha_param, that of data beta_year / beta_data, that of compute their sum.
"""

from __future__ import annotations

import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.fits import fit, rates, resample
from algoprogress.fits.fit import Fit
from algoprogress.fits.profile import RATES, TERMS
from algoprogress.fits.resample import DRAWS, Draws
from algoprogress.laws.law import Law

YEARS = ["alpha_year", "beta_year"]


def rate_slopes(found: Fit) -> pd.DataFrame:
    """Return the derivative of each growth rate by each parameter (rates x parameters)."""
    slopes = pd.DataFrame(0.0, index=list(RATES), columns=list(found.params.index))
    for resource, (_, year, size) in TERMS.items():
        slopes.loc[resource, year] = 1.0 / found.params[size]
        slopes.loc[resource, size] = -found.params[year] / found.params[size] ** 2
    slopes.loc["compute"] = slopes.loc["parameters"] + slopes.loc["data"]
    return slopes


def paper_draws(law: Law, sample: Sample, *, penalty: float = fit.PENALTY) -> Draws:
    """Return the converged bootstrap over papers, as the headline has it."""
    return resample.bootstrap(law, sample, by="paper", penalty=penalty, draws=DRAWS["paper"], seed=0)


def draw_rates(draws: Draws) -> pd.DataFrame:
    """Return the growth rates of the draws that count: parameters, data, compute."""
    return pd.DataFrame(vars(rates.growth(draws.law, draws.reference, draws.kept)))
