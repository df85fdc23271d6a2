"""Compares specifications by their errors on the same held-out rows, with errors shared within papers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm

from algoprogress.data.sample import Sample
from algoprogress.show.estimate import Estimate
from book.studies.selection.published import Folds

LEVEL = 0.95
PAPERS = "95%, papers of the held-out rows, for the fits as they are"
DRAWS = 10_000


@dataclass(frozen=True)
class Contest:
    """Squared errors (rows x specifications, nats squared) on the same rows, and the paper of each row."""

    errors: np.ndarray
    papers: np.ndarray
    names: pd.MultiIndex

    @property
    def mse_nats2(self) -> np.ndarray:
        """Return the mean squared error of each specification."""
        return self.errors.mean(axis=0)

    @property
    def best(self) -> tuple[str, float]:
        """Return law and penalty of the smallest mean squared error."""
        return self.names[int(self.mse_nats2.argmin())]


def contest(cells: Sequence[Folds], sample: Sample) -> Contest:
    """Return the squared errors of some cross-validations; raise ValueError unless all predict the same rows."""
    rows = cells[0].row
    if any(not np.array_equal(cell.row, rows) for cell in cells):
        raise ValueError("cross-validations can only be compared on the same rows")
    papers = sample.frame.set_index("row")["paper_id"].loc[rows].to_numpy()
    names = pd.MultiIndex.from_tuples([(cell.law, cell.penalty) for cell in cells], names=["law", "penalty"])
    return Contest(np.column_stack([cell.squared_errors for cell in cells]), papers, names)


def differences(held: Contest, *, against: tuple[str, float] | None = None) -> pd.DataFrame:
    """Return how much worse each specification is than one of them (by default the best), one line each.

    Columns: law, penalty, mse_nats2, difference_nats2 (an estimate, 95% for each comparison alone), error_nats2 (its
    standard error, clustered by paper), t. The interval covers which papers' rows were held out, not the fits.
    """
    name = held.best if against is None else against
    apart = held.errors - held.errors[:, [held.names.get_loc(name)]]
    mean, error = apart.mean(axis=0), np.array([mean_error(column, held.papers) for column in apart.T])
    found = [around(*each) for each in zip(mean, error, strict=True)]
    columns = {"mse_nats2": held.mse_nats2, "difference_nats2": found, "error_nats2": error}
    t = np.divide(mean, error, out=np.zeros(len(mean)), where=error > 0)
    return pd.DataFrame({**columns, "t": t}, index=held.names).reset_index()


def around(value: float, error: float) -> Estimate:
    """Return a value in nats squared with its 95% interval, from its standard error clustered by paper."""
    return Estimate(float(value), float(value - 1.96 * error), float(value + 1.96 * error), PAPERS, "nats^2")


def mean_error(values: np.ndarray, papers: np.ndarray) -> float:
    """Return the standard error of a mean of values that are correlated within papers (statsmodels)."""
    if np.ptp(values) == 0.0:
        return 0.0
    return float(sm.OLS(values, np.ones(len(values))).fit(cov_type="cluster", cov_kwds={"groups": papers}).bse[0])


def best_set(held: Contest, *, level: float = LEVEL, draws: int = DRAWS, seed: int = 0) -> pd.DataFrame:
    """Return which specifications may be the best: a confidence set for it, one line a specification.

    A specification leaves the set if some other beats it by more, in standard errors, than the largest such lead
    that resampling whole papers brings about where there is none (multiple comparisons with the best, Hsu 1981,
    with the critical value of each from the bootstrap). Columns: law, penalty, mse_nats2, t (largest lead of
    another), critical, kept.

    The scale of each lead stays that of the sample. On simulated contests among equals the best is then kept a point
    less often than the level says. To take the scale anew in each draw mends that, but lets specifications that
    differ on a few papers only (one law under two penalties) decide the critical values: a draw without these
    papers has next to no scale.
    """
    papers, membership = np.unique(held.papers, return_inverse=True)
    pulls = np.zeros((len(papers), held.errors.shape[1]))  # how much each paper moves each mean
    np.add.at(pulls, membership, (held.errors - held.mse_nats2) / len(membership))
    times = np.random.default_rng(seed).multinomial(len(papers), np.full(len(papers), 1 / len(papers)), size=draws)
    moves = (times - 1.0) @ pulls
    covariance = pulls.T @ pulls
    spread = np.sqrt(np.maximum(np.add.outer(*[np.diag(covariance)] * 2) - 2.0 * covariance, 0.0))
    scale = np.where(spread > 1e-9, spread, np.inf)  # specifications with the same errors never beat each other
    leads = ((held.mse_nats2[:, None] - held.mse_nats2) / scale).max(axis=1)
    critical = [np.quantile(((moves[:, [one]] - moves) / scale[one]).max(axis=1), level) for one in range(len(leads))]
    frame = pd.DataFrame({"mse_nats2": held.mse_nats2, "t": leads, "critical": critical}, index=held.names)
    return frame.assign(kept=frame["t"] <= frame["critical"]).reset_index()
