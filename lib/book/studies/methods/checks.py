"""The closed forms of the methods page, each beside the same number found another way."""

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtr, stdtrit

from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.fits import rates, shares
from algoprogress.fits.fit import Fit
from algoprogress.fits.rates import Conditions
from algoprogress.frontiers.estimators import FLOOR, PowerLaw
from algoprogress.frontiers.gain import gain
from book.studies.how_fast import allocated

GROUPS = 6  # of the simulated runs
SAMPLES, DRAWS = 4_000, 400
FAR = 8.0  # in ln compute, on either side, where a search looks
POWER_LAWS = [PowerLaw(*each, FLOOR, 0, (0.0, np.inf), 1.0) for each in ((10.0, -0.08), (12.0, -0.09))]
LOSS = 3.0  # nats per token, at which their gain is read
SYSTEMS = pd.DataFrame({"parameters": [1e8, 1e11], "dataset_tokens": [1e9, 1e12], "years_decimal": [2014.0, 2022.0]})
AT = Conditions()


def checks(found: Fit) -> pd.DataFrame:
    """Return what formulas say of a fit such as model 7, beside what a search or a simulation says.

    Columns: quantity, formula, otherwise, apart_by (relative difference), how.
    """
    fitted = found.law, found.reference, found.params.to_numpy()
    rate, optimum = rates.growth(*fitted).compute[0], allocated.optimal_allocation(*fitted)[0][0]
    shapley = sum(part[0] for part in shares.contributions(*fitted, SYSTEMS, [(0, 1)])[0, 1].values())
    before, after = (_loss(found, *row) for row in SYSTEMS.itertuples(index=False))
    now = float(np.log(AT.compute_flop))
    goal, size = _least_loss(found, now, AT.year + 1.0)[0], np.exp(_least_loss(found, now, AT.year)[1])
    searched = brentq(lambda more: _least_loss(found, now + more, AT.year)[0] - goal, -FAR, FAR, xtol=1e-6)
    computes = [((LOSS - FLOOR) / law.coefficient) ** (1.0 / law.exponent) for law in POWER_LAWS]
    ratio = gain(*POWER_LAWS, loss_nats=LOSS).value
    plain, widened = _coverages()
    by_root = "compute that matches next year's optimal loss, by root finding"
    by_search, meant = "least loss along the curve of equal compute, by search", "what it is meant to be"
    rows = [
        ("growth rate of effective compute, per year", rate, searched, by_root),
        ("optimal parameters at the reference compute", optimum, size, by_search),
        ("sum of the Shapley contributions, nats", shapley, after - before, "change of the predicted loss"),
        ("gain of two power laws", computes[0] / computes[1], ratio, "ratio of the computes of the two frontiers"),
        ("coverage of widened percentiles, few groups", widened, 0.95, meant),
        ("coverage of plain percentiles, few groups", plain, 0.95, meant),
    ]
    frame = pd.DataFrame(rows, columns=["quantity", "formula", "otherwise", "how"])
    frame.insert(3, "apart_by", (frame["formula"] / frame["otherwise"] - 1.0).abs())
    return frame


def _loss(found: Fit, parameters: float, tokens: float, year: float) -> float:
    """Return the predicted loss in nats of one model."""
    sizes, params = (np.array([parameters]), np.array([tokens])), found.params.to_numpy()
    return float(allocated.predicted_loss(found.law, found.reference, params, AT, *sizes, year=np.array([year]))[0])


def _least_loss(found: Fit, log_compute: float, year: float) -> tuple[float, float]:
    """Return the least predicted loss at some compute and year, and ln parameters there, by search."""
    log_product = log_compute - np.log(FLOP_PER_PARAMETER_TOKEN)

    def loss(log_size: float) -> float:
        return _loss(found, np.exp(log_size), np.exp(log_product - log_size), year)

    grid = np.linspace(0.05, 0.95, 46) * log_product
    best = int(np.argmin([loss(each) for each in grid[1:-1]])) + 1
    least = minimize_scalar(loss, bounds=grid[[best - 1, best + 1]], method="bounded", options={"xatol": 1e-8})
    return float(least.fun), float(least.x)


def _coverages() -> tuple[float, float]:
    """Return how often plain and widened percentiles of resampled means hold the true mean, of normal groups."""
    rng = np.random.default_rng(0)
    data = rng.normal(size=(SAMPLES, GROUPS))
    means = data @ rng.multinomial(GROUPS, np.full(GROUPS, 1.0 / GROUPS), size=DRAWS).T / GROUPS
    held = []
    for share in (0.025, ndtr(np.sqrt(GROUPS / (GROUPS - 1)) * stdtrit(GROUPS - 1, 0.025))):
        low, high = np.quantile(means, [share, 1.0 - share], axis=1)
        held.append(float(((low < 0) & (high > 0)).mean()))
    return held[0], held[1]
