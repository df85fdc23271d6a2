"""Growth rates of effective resources as ratios of a law's coefficients: at a fit, their slopes, over resampled papers.

The rate of parameters is alpha_year / alpha_param, that of data beta_year / beta_data, that of compute their sum.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.fits import fit, rates, resample
from algoprogress.fits.fit import Fit
from algoprogress.fits.rates import Growth
from algoprogress.fits.resample import DRAWS, Draws
from algoprogress.laws.law import Design, Law

RATES = ("compute", "parameters", "data")
TERMS = {"parameters": (0, "alpha_year", "alpha_param"), "data": (1, "beta_year", "beta_data")}  # place of the term
YEARS = ["alpha_year", "beta_year"]


def growth(design: Design, params: np.ndarray) -> Growth:
    """Return the yearly growth rates (natural log) at points (points x parameters); nan where no size counts."""
    ratios = {}
    for resource, (_, year, size) in TERMS.items():
        top, bottom = (params[:, design.names.index(name)] for name in (year, size))
        ratios[resource] = np.divide(top, bottom, out=np.full(len(params), np.nan), where=bottom != 0.0)
    return Growth(ratios["parameters"], ratios["data"], ratios["parameters"] + ratios["data"])


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
