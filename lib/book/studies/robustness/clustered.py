"""Fits a law whose errors are correlated within papers, by maximum likelihood (Ho et al. 2024, appendix I).

Rows of one paper share the correlation rho, others none, so that the covariance is block diagonal. With m rows of
errors e in a block, its determinant is (1 - rho)^(m - 1) (1 + (m - 1) rho), and its quadratic form is
[e'e - rho (1'e)^2 / (1 + (m - 1) rho)] / (1 - rho): no matrix is ever built. This is the likelihood of random effects
of papers, which are all that these data can tell of papers: most have one row.

`python -m book.studies.robustness.clustered` fits resampled papers and writes `data/correlated_draws.csv`, which the
chapter reads and the tests recompute in part.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit

from algoprogress.data.sample import Sample
from algoprogress.data.variables import Normalisation
from algoprogress.engine import parallel
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, resample, solver
from algoprogress.fits.rates import growth
from algoprogress.fits.resample import Draws
from algoprogress.laws import catalogue
from algoprogress.laws.law import Design, Law
from book import computed
from book.studies.law.fits import main_sample

START = 0.5  # of logit(rho), as the authors start; all else from zero
PIECE = 25  # draws of one task
GRADIENT = 1e-5  # largest element of the gradient per row that counts as converged


@dataclass(frozen=True)
class Blocks:
    """Which rows belong together: the block of each row, the rows of each block, and how often each block counts."""

    membership: np.ndarray
    sizes: np.ndarray
    times: np.ndarray

    @classmethod
    def of(cls, groups: np.ndarray) -> Self:
        """Return the blocks of rows with equal `groups`, each counted once."""
        _, membership, sizes = np.unique(groups, return_inverse=True, return_counts=True)
        return cls(membership, sizes, np.ones(len(sizes)))


def likelihood(theta: np.ndarray, design: Design, target: np.ndarray, blocks: Blocks) -> float:
    """Return minus the log-likelihood, but for (n/2) ln 2 pi; `theta` ends with ln sigma and logit(rho)."""
    return _likelihood(theta, design, target, blocks)[0]


def with_slopes(theta: np.ndarray, design: Design, target: np.ndarray, blocks: Blocks) -> tuple[float, np.ndarray]:
    """Return the `likelihood` and its slopes by each element of `theta`."""
    value, error, sums, form, spread, own, rho, precision = _likelihood(theta, design, target, blocks)
    slope, times, sizes = design.gradient(theta[:-2]), blocks.times, blocks.sizes
    whitened = own * (error - (rho * sums / spread)[blocks.membership])
    by_params = -precision * (times[blocks.membership] * whitened) @ slope
    by_sigma = times @ (sizes - precision * form)
    determinant = 0.5 * (sizes - 1.0) * (1.0 / spread - own)
    by_rho = times @ (determinant + 0.5 * precision * own * (form - sums**2 / spread**2))
    return value, np.r_[by_params, by_sigma, by_rho * rho * (1.0 - rho)]


def _likelihood(theta: np.ndarray, design: Design, target: np.ndarray, blocks: Blocks) -> tuple:
    """Return the `likelihood`, and of what its slopes are made: errors by row, terms by block, and constants."""
    log_sigma, logit = theta[-2:]
    error, times, sizes = target - design.predict(theta[:-2]), blocks.times, blocks.sizes
    rho, precision = expit(logit), np.exp(-2.0 * log_sigma)
    # ln(1 - rho) and 1 / (1 - rho) by the logit, which stay finite as rho nears one
    own, log_own = 1.0 + np.exp(min(logit, 500.0)), -np.logaddexp(0.0, logit)
    sums, squares = (np.bincount(blocks.membership, each, minlength=len(sizes)) for each in (error, error**2))
    spread = 1.0 + (sizes - 1.0) * rho
    form = own * (squares - rho * sums**2 / spread)
    value = times @ (0.5 * ((sizes - 1.0) * log_own + np.log(spread)) + sizes * log_sigma + 0.5 * precision * form)
    return float(value), error, sums, form, spread, own, rho, precision


def published(law: Law, sample: Sample, rows: np.ndarray | None = None) -> np.ndarray:
    """Return the parameters, ln sigma and logit(rho) by the stated protocol, on all rows or a resample of them.

    SLSQP with finite differences, from zeros and logit(rho) = 0.5. A resample has the smallest parameters and tokens
    of its own rows as reference, but the first year of all rows; repeats of a row join its paper's block.
    """
    chosen = sample if rows is None else sample.take(rows)
    reference = replace(Normalisation.of(chosen.frame), year=Normalisation.of(sample.frame).year)
    design = law.design(chosen.frame, reference)
    target, blocks = chosen.frame["loss_nats"].to_numpy(float), Blocks.of(chosen.frame["paper_id"].to_numpy())
    start = np.r_[np.zeros(len(design.names) + 1), START]
    with np.errstate(all="ignore"):  # its line search tries wild points
        return minimize(likelihood, start, (design, target, blocks), method="SLSQP").x


@cached
def published_bootstrap(law: Law, sample: Sample, *, draws: int = resample.PUBLISHED_DRAWS, seed: int = 0) -> Draws:
    """Return the fits by the stated protocol to resampled rows; the parameters end with ln sigma and logit(rho)."""
    tasks = [(law, sample, rows) for rows in resample.published_indices(len(sample), draws=draws, seed=seed)]
    ends = [(params, True, 1) for params in parallel.mapped(published, tasks, label="clustered")]
    return _as_draws(law, sample, ends, "row", "published")


def converged(design: Design, target: np.ndarray, blocks: Blocks, starts: np.ndarray) -> tuple[np.ndarray, bool, int]:
    """Return the best maximum from some starts of the law's parameters, whether it converged, and how many found it."""
    ends, how = [], {"jac": True, "method": "BFGS", "options": {"gtol": GRADIENT, "maxiter": 2_000}}
    for theta in starts:
        begin = np.r_[theta, np.log((target - design.predict(theta)).std() + 1e-6), START]  # moments, as the authors
        with np.errstate(all="ignore"):
            ends.append(minimize(with_slopes, begin, (design, target, blocks), **how))
    values = np.array([end.fun if np.isfinite(end.fun) else np.inf for end in ends])
    best = ends[int(values.argmin())]
    steep = np.abs(best.jac).max() / (blocks.times @ blocks.sizes)
    return best.x, bool(steep < GRADIENT), int((values < values.min() + 1e-4).sum())


@cached
def best(law: Law, sample: Sample) -> Draws:
    """Return the maximum of the likelihood on all rows, as a single draw."""
    design, target, _ = fit.problem(law, sample)
    blocks = Blocks.of(sample.frame["paper_id"].to_numpy())
    return _as_draws(law, sample, [converged(design, target, blocks, _starts(design, target))], "paper", "converged")


def _starts(design: Design, target: np.ndarray) -> np.ndarray:
    """Return the four best minima of the squared error without a penalty."""
    points = solver.random_starts(design, 100, 0)
    return solver.reached(design, target, penalties=np.zeros(len(design.names)), starts=points).params[:4]


def bootstrap(law: Law, sample: Sample, *, draws: int = 1_000, seed: int = 0) -> pd.DataFrame:
    """Return the maxima of the likelihood for resampled papers, one line each: `data/correlated_draws.csv`.

    Columns: draw, rate (growth of effective compute, per year, natural log), correlation (within papers), converged.
    A paper that is drawn twice counts as two. Each draw starts from the best minima of the squared error without a
    penalty, and from the fit to all rows.
    """
    design, target, _ = fit.problem(law, sample)
    papers = sample.frame["paper_id"].to_numpy()
    points = np.vstack([best(law, sample).params[0, :-2], _starts(design, target)[:2]])
    count = len(np.unique(papers))
    times = np.random.default_rng(seed).multinomial(count, np.full(count, 1.0 / count), size=draws)
    tasks = [(design, target, papers, piece, points) for piece in np.array_split(times, -(-draws // PIECE))]
    ends = [end for piece in parallel.mapped(_piece, tasks, label="clustered, papers") for end in piece]
    found = _as_draws(law, sample, ends, "paper", "converged")
    rate = growth(law, found.reference, found.params[:, :-2]).compute
    columns = {"rate": rate, "correlation": expit(found["rho_logit"]), "converged": found.converged.astype(int)}
    return pd.DataFrame({"draw": np.arange(1, draws + 1), **columns})


def _piece(design: Design, target: np.ndarray, papers: np.ndarray, lines: np.ndarray, points: np.ndarray) -> list:
    every = Blocks.of(papers)
    return [converged(design, target, replace(every, times=times), points) for times in lines]


def _as_draws(law: Law, sample: Sample, ends: list[tuple[np.ndarray, bool, int]], by: str, method: str) -> Draws:
    """Return draws of which the ends of `converged` are known, but no objective and no residual."""
    params, done, found_by = (np.array(column) for column in zip(*ends, strict=True))
    design, _, reference = fit.problem(law, sample)
    names, nothing = (*design.names, "log_sigma", "rho_logit"), np.full(len(params), np.nan)
    return Draws(law, reference, names, params, nothing, nothing, done, found_by, by, method)


def correlation(draws: Draws) -> np.ndarray:
    """Return rho by draw, without the draws whose search went astray."""
    return expit(draws["rho_logit"][np.isfinite(draws.params).all(axis=1)])


def of_law(draws: Draws) -> Draws:
    """Return the draws with the law's parameters alone, as measures of progress take them, without those astray."""
    kept = np.isfinite(draws.params).all(axis=1)
    return replace(draws, names=draws.names[:-2], params=draws.params[kept, :-2], converged=draws.converged[kept])


if __name__ == "__main__":
    from book.studies.robustness import clustered  # by this name its tasks go to other processes

    computed.seal_computed({"correlated_draws": clustered.bootstrap(catalogue.law("7"), main_sample())})
