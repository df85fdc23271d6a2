"""The closed forms of the methods page, each beside the same number found another way."""

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm, t

from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.fits import rates, shares
from algoprogress.fits.fit import Fit
from algoprogress.fits.rates import Conditions
from algoprogress.frontiers.estimators import FLOOR, PowerLaw
from algoprogress.frontiers.gain import gain
from book.studies.how_fast import allocated

GROUPS = 6  # of the simulated runs
SAMPLES, DRAWS = 4_000, 400
FAR = 8.0  # in ln compute or ln parameters, on either side, where a search looks
PAIR = (10.0, 12.0)  # coefficients of two power laws with the exponents of the next line
EXPONENTS = (-0.08, -0.09)
BY_ROOT = "compute that matches next year's optimal loss, by root finding"
BY_SEARCH = "least loss along the curve of equal compute, by search"
LOSS = 3.0  # nats per token, at which their gain is read


def checks(found: Fit) -> pd.DataFrame:
    """Return what formulas say beside what a search or a simulation says.

    `found` is a fit with one slope in time, in parameters and in data, such as model 7. Columns: quantity, formula,
    otherwise, apart_by (relative difference), how.
    """
    at = Conditions()
    params = found.params.to_numpy()
    rate = float(rates.growth(found.law, found.reference, params).compute[0])
    optimum = float(allocated.optimal_allocation(found.law, found.reference, params)[0][0])
    plain, widened = _coverages()
    laws = [PowerLaw(level, power, FLOOR, 0, (0.0, np.inf), 1.0) for level, power in zip(PAIR, EXPONENTS, strict=True)]
    meant = "what it is meant to be"
    rows = {
        "growth rate of effective compute, per year": (rate, _searched_rate(found, at), BY_ROOT),
        "optimal parameters at the reference compute": (optimum, _searched_optimum(found, at, at.year), BY_SEARCH),
        "sum of the Shapley contributions, nats": (_shapley_sum(found), _total(found), "change of the predicted loss"),
        "gain of two power laws": (
            _gain(),
            gain(*laws, loss_nats=LOSS).value,
            "ratio of the computes of the two frontiers",
        ),
        "coverage of widened percentiles, few groups": (widened, 0.95, meant),
        "coverage of plain percentiles, few groups": (plain, 0.95, meant),
    }
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["formula", "otherwise", "how"])
    frame.insert(2, "apart_by", (frame["formula"] / frame["otherwise"] - 1.0).abs())
    return frame.rename_axis("quantity").reset_index()


def _least_loss(found: Fit, at: Conditions, log_compute: float, year: float) -> tuple[float, float]:
    """Return the least predicted loss at some compute and year, and ln parameters there, by search."""
    log_product = log_compute - np.log(FLOP_PER_PARAMETER_TOKEN)

    def loss(log_size: float) -> float:
        size, tokens = np.exp(log_size), np.exp(log_product - log_size)
        return _loss(found, at, size, tokens, year)

    grid = np.linspace(0.05, 0.95, 46) * log_product
    best = int(np.argmin([loss(each) for each in grid]))
    bounds = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    least = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-8})
    return float(least.fun), float(least.x)


def _loss(found: Fit, at: Conditions, parameters: float, tokens: float, year: float) -> float:
    """Return the predicted loss in nats of one model."""
    sizes = np.array([parameters]), np.array([tokens])
    params = found.params.to_numpy()
    return float(allocated.predicted_loss(found.law, found.reference, params, at, *sizes, year=np.array([year]))[0])


def _searched_rate(found: Fit, at: Conditions) -> float:
    """Return by how much ln compute has to grow this year to match next year's optimal loss at today's compute."""
    now = float(np.log(at.compute_flop))
    goal = _least_loss(found, at, now, at.year + 1.0)[0]
    return brentq(lambda more: _least_loss(found, at, now + more, at.year)[0] - goal, -FAR, FAR, xtol=1e-6)


def _searched_optimum(found: Fit, at: Conditions, year: float) -> float:
    return float(np.exp(_least_loss(found, at, float(np.log(at.compute_flop)), year)[1]))


def _systems() -> pd.DataFrame:
    return pd.DataFrame({"parameters": [1e8, 1e11], "dataset_tokens": [1e9, 1e12], "years_decimal": [2014.0, 2022.0]})


def _shapley_sum(found: Fit) -> float:
    each = shares.contributions(found.law, found.reference, found.params.to_numpy(), _systems(), [(0, 1)])
    return sum(float(np.ravel(value)[0]) for value in each[0, 1].values())


def _total(found: Fit) -> float:
    first, last = (_loss(found, Conditions(), *row) for row in _systems().itertuples(index=False))
    return last - first


def _gain() -> float:
    """Return G = ((L - E) / A_1)^(1 / a_1) / ((L - E) / A_2)^(1 / a_2)."""
    above = LOSS - FLOOR
    return float(np.exp(np.log(above / PAIR[0]) / EXPONENTS[0] - np.log(above / PAIR[1]) / EXPONENTS[1]))


def _coverages(groups: int = GROUPS, seed: int = 0) -> tuple[float, float]:
    """Return how often plain and widened percentiles of resampled means hold the true mean, of normal groups."""
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(SAMPLES, groups))
    counts = rng.multinomial(groups, np.full(groups, 1.0 / groups), size=DRAWS)
    means = data @ counts.T / groups
    tail = norm.cdf(np.sqrt(groups / (groups - 1)) * t.ppf(0.025, groups - 1))
    held = []
    for share in (0.025, tail):
        low, high = np.quantile(means, [share, 1.0 - share], axis=1)
        held.append(float(((low < 0) & (high > 0)).mean()))
    return held[0], held[1]
