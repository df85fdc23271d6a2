"""The curvature of the squared error at a fit: covariances of the parameters, and which directions are sloppy."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.fits.fit import Fit
from algoprogress.fits.profile import RATES, TERMS, growth
from algoprogress.laws.law import Design


@dataclass(frozen=True)
class Variances:
    """Asymptotic covariances of the parameters at an optimum: errors independent by row, or shared within papers."""

    independent: np.ndarray
    clustered: np.ndarray

    def scales(self, slopes: pd.DataFrame) -> pd.Series:
        """Return by how much sharing within papers multiplies the variance of each linear combination."""
        pair = (self.clustered, self.independent)
        shared, alone = (np.einsum("rp,pq,rq->r", slopes, each, slopes) for each in pair)
        return pd.Series(shared / alone, index=slopes.index)


def rate_slopes(found: Fit) -> pd.DataFrame:
    """Return the derivative of each growth rate by each parameter (rates x parameters).

    The rate of parameters is alpha_year / alpha_param, that of data beta_year / beta_data, that of compute their sum.
    """
    slopes = pd.DataFrame(0.0, index=list(RATES), columns=list(found.params.index))
    for resource, (_, year, size) in TERMS.items():
        slopes.loc[resource, year] = 1.0 / found.params[size]
        slopes.loc[resource, size] = -found.params[year] / found.params[size] ** 2
    slopes.loc["compute"] = slopes.loc["parameters"] + slopes.loc["data"]
    return slopes


def variances(found: Fit, sample: Sample) -> Variances:
    """Return the covariances of the parameters at the optimum of the squared error (no penalty).

    The clustered one is the sandwich of least squares with the scores of a paper summed (Liang & Zeger 1986), bread
    from the exact Hessian.
    """
    design = found.law.design(sample.frame, found.reference)
    theta, target = found.params.to_numpy(), sample.frame["loss_nats"].to_numpy(float)
    residual, gradient = target - design.predict(theta), design.gradient(theta)
    bread = np.linalg.inv(hessian(design, target, theta) / 2.0)
    spare = len(target) - len(theta)
    _, membership = np.unique(sample.frame["paper_id"].to_numpy(), return_inverse=True)
    scores = np.zeros((membership.max() + 1, len(theta)))
    np.add.at(scores, membership, gradient * residual[:, None])
    return Variances(bread * (residual @ residual) / spare, bread @ (scores.T @ scores) @ bread)


def hessian(design: Design, target: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Return the exact Hessian of the sum of squared errors, for a law without links."""
    gradient, residual = design.gradient(theta), design.predict(theta) - target
    bend = sum(
        (matrix * (term * residual)[:, None]).T @ matrix
        for term, matrix in zip(design.parts(theta)[1], design.exponents, strict=True)
    )
    return 2.0 * (gradient.T @ gradient + bend)


def information(found: Fit, sample: Sample) -> np.ndarray:
    """Return the information matrix J'J / n at a fit: the mean outer product of the gradients of the predictions."""
    gradient = found.law.design(sample.frame, found.reference).gradient(found.params.to_numpy())
    return gradient.T @ gradient / len(gradient)


def spectrum(found: Fit, sample: Sample) -> pd.DataFrame:
    """Return the eigenvectors of the information matrix, the sloppiest first.

    Columns: direction (1 is the sloppiest), eigenvalue, spread (standard deviation of the parameters along it, errors
    independent), log_doubling (standard deviation that it gives ln doubling time), share (of the variance of that), one
    column of loadings for each parameter.
    """
    values, vectors = np.linalg.eigh(information(found, sample))
    slopes = rate_slopes(found).loc["compute"]
    rate = growth(found.law.design(sample.frame, found.reference), found.params.to_numpy()[None]).compute[0]
    spread = np.sqrt(found.mse / (found.rows * values))
    effect = np.abs(slopes.to_numpy() @ vectors) / rate * spread
    facts = {"direction": np.arange(1, len(values) + 1), "eigenvalue": values, "spread": spread}
    shares = {"log_doubling": effect, "share": effect**2 / (effect**2).sum()}
    return pd.DataFrame({**facts, **shares}).join(pd.DataFrame(vectors.T, columns=list(found.params.index)))
