"""Intervals of the growth rates by profile likelihood and by resampled papers; the curvature of the error at a fit."""

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, rates, resample
from algoprogress.fits.profile import CUT, RATES, STEMS, ends, growth, profile, ratio
from algoprogress.fits.resample import DRAWS, Draws
from algoprogress.laws.law import Design, Law
from algoprogress.show.estimate import Estimate
from algoprogress.show.words import written

INDEPENDENT, SCALED = "profile, rows independent", "profile, scaled for papers"
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
    best, rows = fit.converged(law, sample, penalty=0.0), []
    slopes = rate_slopes(best)
    alone, shared = (np.einsum("rp,pq,rq->r", slopes, each, slopes) for each in variances(best, sample))
    scales = pd.Series(shared / alone, index=slopes.index)  # of each rate's variance, by errors shared within papers
    for rate in RATES:
        curve, penalised = (profile(law, sample, rate, penalty=penalty) for penalty in (0.0, fit.PENALTY))
        rows.append(_profiled(curve, INDEPENDENT, 1.0))
        rows.append(_profiled(curve, SCALED, scales[rate]))
        rows.append(_resampled(law, sample, rate, 0.0, "papers resampled"))
        rows.append(_profiled(penalised, "profile, with the penalty", 1.0))
        rows.append(_resampled(law, sample, rate, fit.PENALTY, "papers resampled, with the penalty"))
    frame = pd.DataFrame(rows, columns=["rate", "method", "per_year", "cut", "scale", "stretches"])
    months = [rates.months_of(row.per_year) if row.rate == "compute" else None for row in frame.itertuples()]
    frame.insert(3, "months", months)
    return frame


def _profiled(curve: pd.DataFrame, method: str, scale: float) -> tuple:
    """Return the interval of a profile under its cut as a row of `intervals`."""
    cut = CUT * scale
    values, heights = curve["value"].to_numpy(), curve["statistic"].to_numpy()
    covers = COVERS.get(method, f"95%, {method}")
    found = Estimate(float(values[heights.argmin()]), *ends(values, heights, cut), covers, "per year")
    return curve["rate"].iloc[0], method, found, cut, scale, stretches(heights, cut)


def _resampled(law: Law, sample: Sample, rate: str, penalty: float, method: str) -> tuple:
    """Return the percentiles of resampled papers as a row of `intervals`."""
    values = draw_rates(paper_draws(law, sample, penalty=penalty))[rate]
    return rate, method, Estimate.from_draws(values, covers=f"95%, {method}", unit="per year"), np.nan, np.nan, 1


def paper_draws(law: Law, sample: Sample, *, penalty: float = fit.PENALTY) -> Draws:
    """Return the converged bootstrap over papers, as the headline has it."""
    return resample.bootstrap(law, sample, by="paper", penalty=penalty, draws=DRAWS["paper"])


def draw_rates(draws: Draws) -> pd.DataFrame:
    """Return the growth rates of the draws that count: parameters, data, compute."""
    return pd.DataFrame(vars(rates.growth(draws.law, draws.reference, draws.kept)))


def stretches(heights: np.ndarray, cut: float) -> int:
    """Return into how many stretches a profile falls where it lies under a cut.

    >>> stretches(np.array([9.0, 0.0, 9.0, 1.0, 9.0]), 4.0)
    2
    """
    under = np.r_[False, heights < cut]
    return int((under[1:] & ~under[:-1]).sum())


def profiles(law: Law, sample: Sample) -> pd.DataFrame:
    """Return the profiles of the three growth rates without a penalty and with the published one (column penalty)."""
    parts = []
    for penalty in (0.0, fit.PENALTY):
        parts += [profile(law, sample, rate, penalty=penalty).assign(penalty=penalty) for rate in RATES]
    return pd.concat(parts, ignore_index=True)


def rate_slopes(found: fit.Fit) -> pd.DataFrame:
    """Return the derivative of each growth rate of `profile.growth` by each parameter (rates x parameters)."""
    slopes = pd.DataFrame(0.0, index=list(RATES), columns=list(found.params.index))
    for resource in STEMS:
        year, size = ratio(found.params.index, resource)
        slopes.loc[resource, year] = 1.0 / found.params[size]
        slopes.loc[resource, size] = -found.params[year] / found.params[size] ** 2
    slopes.loc["compute"] = slopes.loc["parameters"] + slopes.loc["data"]
    return slopes


def variances(found: fit.Fit, sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    """Return the covariances of the parameters at an optimum without a penalty: rows independent, clustered by paper.

    The latter is the sandwich with a paper's scores summed (Liang & Zeger 1986), bread from the exact Hessian.
    """
    design = found.law.design(sample.frame, found.reference)
    theta, target = found.params.to_numpy(), sample.frame["loss_nats"].to_numpy(float)
    residual, gradient = target - design.predict(theta), design.gradient(theta)
    bread = np.linalg.inv(hessian(design, target, theta) / 2.0)
    _, membership = np.unique(sample.frame["paper_id"].to_numpy(), return_inverse=True)
    scores = np.zeros((membership.max() + 1, len(theta)))
    np.add.at(scores, membership, gradient * residual[:, None])
    return bread * (residual @ residual) / (len(target) - len(theta)), bread @ (scores.T @ scores) @ bread


def hessian(design: Design, target: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Return the exact Hessian of the sum of squared errors, for a law without links."""
    gradient, residual = design.gradient(theta), design.predict(theta) - target
    terms = zip(design.parts(theta)[1], design.exponents, strict=True)
    bend = sum((matrix * (term * residual)[:, None]).T @ matrix for term, matrix in terms)
    return 2.0 * (gradient.T @ gradient + bend)


def spectrum(found: fit.Fit, sample: Sample) -> pd.DataFrame:
    """Return the eigenvectors of the information matrix J'J / n (J: gradients of the predictions), sloppiest first.

    Columns: direction (1 is the sloppiest), eigenvalue, spread (standard deviation of the parameters along it, errors
    independent), log_doubling (standard deviation that it gives ln doubling time), share (of the variance of that), one
    column of loadings for each parameter.
    """
    design, theta = found.law.design(sample.frame, found.reference), found.params.to_numpy()
    gradient = design.gradient(theta)
    values, vectors = np.linalg.eigh(gradient.T @ gradient / len(gradient))
    slopes, rate = rate_slopes(found).loc["compute"], growth(design, theta[None]).compute[0]
    spread = np.sqrt(found.mse / (found.rows * values))
    effect = np.abs(slopes.to_numpy() @ vectors) / rate * spread
    facts = {"direction": np.arange(1, len(values) + 1), "eigenvalue": values, "spread": spread}
    shares = {"log_doubling": effect, "share": effect**2 / (effect**2).sum()}
    return pd.DataFrame({**facts, **shares}).join(pd.DataFrame(vectors.T, columns=list(found.params.index)))


def loadings(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `spectrum` with the three largest `loadings` of each direction in words."""
    facts = ["direction", "eigenvalue", "spread", "log_doubling", "share"]
    rows = (row for _, row in frame.drop(columns=facts).iterrows())
    words = [", ".join(f"{written(row[name])} {name}" for name in row.abs().nlargest(3).index) for row in rows]
    return frame[facts].assign(loadings=words)
