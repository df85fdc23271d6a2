"""The ridge between the two year coefficients: what one term of the law gains the other loses, and the sum stays."""

import functools

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, resample
from algoprogress.laws.law import Design, Law
from algoprogress.show.estimate import Estimate
from book.studies.identify.intervals import draw_rates, paper_draws
from book.studies.identify.minima import STARTS, from_random
from book.studies.law import fits

PROCEDURES = {  # words by key, the key as in the ids of claims
    "published_procedure": "published procedure, rows", "converged": "converged, papers",
    "unpenalised": "converged, no penalty, papers",
}  # fmt: skip
YEARS = ["alpha_year", "beta_year"]
PUBLISHED_DRAWS = 1_000  # of the run behind the authors' share of positive sums


def yearly_fall(draws: resample.Draws, sample: Sample) -> pd.DataFrame:
    """Return how fast the loss falls with time at fixed parameters and data in every draw, and through which term.

    Columns: alpha_year, beta_year (per year), capacity, data and their sum fall (nats per year, means over the rows).
    """
    params, design = draws.kept, draws.law.design(sample.frame, draws.reference)
    found = pd.DataFrame({name: params[:, design.names.index(name)] for name in YEARS})
    capacity, data = (term.mean(axis=1) for term in design.parts(params)[1])
    found["capacity"], found["data"] = capacity * found["alpha_year"], data * found["beta_year"]
    return found.assign(fall=found["capacity"] + found["data"])


def axis_slope(covariance: np.ndarray) -> float:
    """Return the slope of the major axis of a 2 x 2 covariance: total least squares.

    >>> round(axis_slope(np.array([[1.0, -2.0], [-2.0, 4.0]])), 6)
    -2.0
    """
    vector = np.linalg.eigh(covariance)[1][:, -1]
    return float(vector[1] / vector[0])


def held_covariance(design: Design, theta: np.ndarray) -> np.ndarray:
    """Return the covariance of alpha_year and beta_year, up to scale, with all other parameters held at a point."""
    columns = design.gradient(theta)[:, [design.names.index(name) for name in YEARS]]
    return np.linalg.inv(columns.T @ columns)


@cached
def ridge(law: Law, sample: Sample, *, penalty: float = fit.PENALTY) -> pd.DataFrame:
    """Return the arms of the ridge between the two year coefficients, one line for each of the two best minima.

    Columns: minimum, alpha_year, beta_year (at it), theory (slope d beta_year / d alpha_year of the direction in which
    the predictions change least, other parameters held at the minimum), ratio (near it: minus the mean capacity term
    over the mean data term), draws (slope of the major axis of the resampled papers on the same side of alpha_year = 0,
    without the outer percent) and share (of the draws there).
    """
    design, target, _ = fit.problem(law, sample)
    places = [design.names.index(name) for name in YEARS]
    minima = from_random(design, target, penalty, STARTS).params[:2]
    pair = yearly_fall(paper_draws(law, sample, penalty=penalty), sample)[YEARS]
    inner = ((pair > pair.quantile(0.005)) & (pair < pair.quantile(0.995))).all(axis=1)
    rows = []
    for rank, theta in enumerate(minima, start=1):
        capacity, data = (term.mean() for term in design.parts(theta)[1])
        arm = np.sign(pair["alpha_year"]) == np.sign(theta[places[0]])
        theory, drawn = axis_slope(held_covariance(design, theta)), axis_slope(pair[arm & inner].cov().to_numpy())
        rows.append((rank, *theta[places], theory, -capacity / data, drawn, arm.mean()))
    return pd.DataFrame(rows, columns=["minimum", *YEARS, "theory", "ratio", "draws", "share"])


@cached
def falls(law: Law, sample: Sample) -> pd.DataFrame:
    """Return what resampling leaves open of the yearly fall of the loss and of its two parts, by procedure.

    Columns: procedure, draws, correlation (of alpha_year and beta_year), rank_correlation, and as estimates sign_share
    (of draws with alpha_year + beta_year > 0), progress_share (with a positive rate of compute), capacity, data and
    their sum fall (medians, nats per year).
    """
    rows, shares, parts = [], ["sign_share", "progress_share"], ["capacity", "data", "fall"]
    for name, draws in procedures(law, sample).items():
        found, counted = yearly_fall(draws, sample), f"95%, Monte Carlo error of {len(draws):,} draws"
        correlations = (found[YEARS].corr(method).iloc[0, 1] for method in ("pearson", "spearman"))
        hits = (found[YEARS].sum(axis=1) > 0, draw_rates(draws)["compute"] > 0)
        published = draws.method == "published"
        protocol = "published protocol" if published else "converged fits"
        covers = f"95%, {len(draws):,} resampled {draws.by}s, {protocol}"
        covers += ", no penalty" if name == PROCEDURES["unpenalised"] else ""
        estimates = [Estimate.of_share(each, covers=counted) for each in hits]
        options = {"covers": covers, "unit": "nats", "complete": published}
        estimates += [Estimate.from_draws(found[part], **options) for part in parts]
        rows.append((name, len(draws), *correlations, *estimates))
    return pd.DataFrame(rows, columns=["procedure", "draws", "correlation", "rank_correlation", *shares, *parts])


def procedures(law: Law, sample: Sample) -> dict[str, resample.Draws]:
    """Return the three bootstraps that the chapter compares, by name."""
    published = resample.published_bootstrap(law, sample, draws=PUBLISHED_DRAWS)
    drawn = (published, paper_draws(law, sample), paper_draws(law, sample, penalty=0.0))
    return dict(zip(PROCEDURES.values(), drawn, strict=True))


@functools.cache
def by_procedure() -> pd.DataFrame:
    """Return `falls` of model 7 on all rows, by the keys of `PROCEDURES`."""
    return falls(*fits.study("model7")[:2]).assign(key=list(PROCEDURES)).set_index("key")
