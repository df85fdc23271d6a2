"""The published form of Erdil and Besiroglu (2022): accuracy as a product of two logistic curves, with normal priors.

logit P = logit(s(C) s(D)) + error,  C = a + a_year t + a_compute ln(compute),  D = b + b_year t + b_images ln(images),
s the logistic function and t the years since 2012. The four slopes have normal priors of variance 0.09. How wide the
errors are beside the priors we do not know; `RIDGE` is the ratio of the two variances.
"""

import numpy as np
import pandas as pd
from scipy.optimize import OptimizeResult, least_squares
from scipy.special import expit, log_expit, logit

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.fits import resample
from algoprogress.fits.rates import doubling_time_months, months_of
from algoprogress.show.estimate import Estimate
from book.studies.images import study

RIDGE = 1.0  # at which the printed coefficients come back nearest
RIDGES = (0.15, 0.5, RIDGE, 2.0)  # the first is that of errors as wide as the residuals
DRAWS, FEW = 400, 100
FIRST = np.array([2.0, 0.15, 0.15, 2.0, 0.0, 0.06])  # progress in compute
STARTS = (FIRST, np.array([1.0, -0.03, 0.08, 1.0, 0.25, 0.12]), np.array([3.0, 0.1, 0.3, 1.3, 0.06, 0.06]))
SLOPES = [1, 2, 4, 5]  # of the six coefficients, those with a prior


def design(sample: Sample) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the columns of C and of D (rows x 3), logs of sizes less their means, and the logit of accuracy."""
    frame = sample.frame
    logs = (np.log(frame[size]) - np.log(frame[size]).mean() for size in ("compute", "images"))
    years = frame["years_decimal"] - 2012.0
    columns = (np.column_stack([np.ones(len(frame)), years, each]) for each in logs)
    return *columns, logit(1.0 - frame["error_percent"].to_numpy() / 100.0)


def solve(rows: tuple[np.ndarray, ...], starts: tuple[np.ndarray, ...], *, ridge: float = RIDGE) -> OptimizeResult:
    """Return the best least-squares fit from some starts; `x` has the coefficients of C, then those of D."""
    compute, images, observed = rows
    prior = np.sqrt(ridge) * np.eye(6)[SLOPES]

    def residuals(theta: np.ndarray) -> np.ndarray:
        log_accuracy = log_expit(compute @ theta[:3]) + log_expit(images @ theta[3:])
        return np.r_[log_accuracy - np.log(-np.expm1(log_accuracy)) - observed, prior @ theta]

    def slopes(theta: np.ndarray) -> np.ndarray:
        first, second = compute @ theta[:3], images @ theta[3:]
        odds = -1.0 / np.expm1(log_expit(first) + log_expit(second))
        parts = [(odds * expit(-each))[:, None] * of for each, of in ((first, compute), (second, images))]
        return np.vstack([np.hstack(parts), prior])

    found = (least_squares(residuals, start, jac=slopes, method="lm") for start in starts)
    return min(found, key=lambda each: each.cost)


def point(sample: Sample, *, ridge: float = RIDGE) -> np.ndarray:
    """Return the coefficients of the best fit to all rows."""
    return solve(design(sample), STARTS, ridge=ridge).x


def months(theta: np.ndarray) -> float:
    """Return the months in which effective compute doubles, infinite without progress."""
    return float(doubling_time_months(theta[1] / theta[2]))


@cached
def growth(*, by: str = "row", every_start: bool = False, ridge: float = RIDGE, draws: int = DRAWS) -> np.ndarray:
    """Return the yearly growth rate of effective compute (natural log) of fits to resampled rows or papers.

    Each is followed from the best fit to all rows, or with `every_start` is the best of all of `STARTS`.
    """
    rows, rng, found = design(study.sample()), np.random.default_rng(0), []
    starts = STARTS if every_start else (point(study.sample(), ridge=ridge),)
    groups = np.unique(resample.groups(study.sample(), by), return_inverse=True)[1]
    members = [np.flatnonzero(groups == each) for each in range(groups.max() + 1)]
    for _ in range(draws):
        drawn = np.concatenate([members[each] for each in rng.integers(len(members), size=len(members))])
        theta = solve(tuple(each[drawn] for each in rows), starts, ridge=ridge).x
        found.append(theta[1] / theta[2])
    return np.array(found)


def doubling_time(by: str = "row", *, every_start: bool = False) -> Estimate:
    """Return the months in which effective compute doubles: median and 95% of resamples."""
    solved = "every start" if every_start else "one start"
    covers = f"95%, {DRAWS} resampled {by}s, {solved}"
    return months_of(Estimate.from_draws(growth(by=by, every_start=every_start), covers=covers))


def without_progress(by: str = "row", *, every_start: bool = True) -> Estimate:
    """Return the share of resamples in which effective compute does not grow, with its Monte Carlo error."""
    return Estimate.of_share(growth(by=by, every_start=every_start) <= 0.0, covers=f"95%, Monte Carlo, {DRAWS} draws")


def widths() -> pd.DataFrame:
    """Return by ratio of variances the slopes and months at all rows, the interval from one start, share of none."""
    lines = []
    for ridge in RIDGES:
        theta = point(study.sample(), ridge=ridge)
        followed, best = (growth(every_start=every, ridge=ridge, draws=FEW) for every in (False, True))
        span = months_of(Estimate.from_draws(followed, covers=f"95%, {FEW} resampled rows, one start"))
        lines.append((ridge, theta[1], theta[2], months(theta), span, float((best <= 0.0).mean())))
    names = ["errors to priors", "per year", "per ln FLOP", "months", "resampled rows, one start", "no progress"]
    return pd.DataFrame(lines, columns=names)
