"""Posteriors stacked: variants of the model compared, and mixed, by how well they predict papers left out."""

import functools

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import logsumexp

from algoprogress.data import tables
from book.studies.bayes import study

COMPARED = [each.name for each in study.VARIANTS if not each.reviewed]  # which predict the same losses
SENSITIVITIES = ("wide_priors", "slow_prior")  # which change the prior and no assumption on the rows: not stacked


def behind(first: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Return how much less log density papers left out have in all than by another model, and its standard error.

    Both predict the same papers, so the error is that of their differences (Vehtari, Gelman & Gabry 2017, eq. 24).
    """
    apart = first - other
    return float(apart.sum()), float(np.sqrt(len(apart)) * apart.std())


def stacking(density: np.ndarray) -> np.ndarray:
    """Return weights of models, at least zero and one in sum, whose mixture predicts papers left out best.

    `density` has the log density of each paper (rows) left out by each model (columns); the sum of the logs of the
    mixture is maximised, which is concave (Yao, Vehtari, Simpson & Gelman 2018).
    """
    likelihood = np.exp(density - density.max(axis=1, keepdims=True))

    def lost(weights: np.ndarray) -> tuple[float, np.ndarray]:
        mixed = likelihood @ weights
        return -np.log(mixed).mean(), -(likelihood / mixed[:, None]).mean(axis=0)

    start = np.full(density.shape[1], 1.0 / density.shape[1])
    one = {"type": "eq", "fun": lambda weights: weights.sum() - 1.0}
    found = minimize(lost, start, jac=True, bounds=[(0.0, 1.0)] * len(start), constraints=one, tol=1e-12)
    weights = np.where(found.x > 1e-6, found.x, 0.0)  # what is left of a weight of zero
    return weights / weights.sum()


def blended(density: np.ndarray) -> np.ndarray:
    """Return the log density of each paper by the mixture whose weights (`stacking`) have not seen it."""
    weights = [stacking(np.delete(density, paper, axis=0)) for paper in range(len(density))]
    return logsumexp(density, axis=1, b=np.array(weights))


def mixture(rates: pd.DataFrame, weights: pd.Series) -> np.ndarray:
    """Return as many rates as `rates` has lines, from its columns in proportion to weights, evenly by their quantiles.

    >>> mixture(pd.DataFrame({"a": [1.0, 1.0, 1.0, 1.0], "b": 2.0}), pd.Series({"a": 0.25, "b": 0.75})).tolist()
    [1.0, 2.0, 2.0, 2.0]
    """
    counts = np.diff(np.round(np.append(0.0, weights.cumsum()) * len(rates)).astype(int))
    parts = [np.quantile(rates[name], (np.arange(n) + 0.5) / n) for name, n in zip(weights.index, counts, strict=True)]
    return np.concatenate(parts)


@functools.cache
def weights() -> pd.Series:
    """Return the weight of each stacked variant by its name (`stacking`)."""
    density = _density()
    return pd.Series(stacking(density.to_numpy()), index=density.columns)


def _density() -> pd.DataFrame:
    return tables.read("posterior_papers")[[name for name in COMPARED if name not in SENSITIVITIES]]


def behind_the_default() -> pd.DataFrame:
    """Return by how much log density variants are behind the default on papers left out: variant, value, error."""
    density = tables.read("posterior_papers")
    names = [*COMPARED, "stacked"]
    density["stacked"] = blended(_density().to_numpy())
    found = [behind(density["default"].to_numpy(), density[name].to_numpy()) for name in names]
    return pd.DataFrame(found, columns=["value", "error"]).assign(variant=names)
