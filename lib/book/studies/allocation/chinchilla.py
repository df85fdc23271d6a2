"""Fits the additive scaling law to training runs by the Huber loss of its logarithm, for many resamples at once.

The objective of Hoffmann et al. 2022, appendix D.3: the sum of Huber(ln L_hat - ln L) with a small delta, where
ln L_hat is the log-sum-exp of e, a - alpha ln N and b - beta ln D. Almost all residuals are larger than delta, so the
objective is close to the sum of absolute errors; a damped Newton step on it is taken for all resamples together.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from algoprogress.engine import parallel
from algoprogress.engine.cache import cached
from algoprogress.laws.scaling import ScalingLaw

NAMES = ("a", "b", "e", "alpha", "beta")
DELTA = 1e-3
GRID = np.array(list(itertools.product((5.0, 10.0), (5.0, 10.0), (0.0, 0.6), (0.3, 0.6), (0.3, 0.6))))  # of starts
ASIDE = np.array([1.0, 1.0, -0.1, 0.05, 0.05])  # from the fit to all runs to two other starts
STEPS = 400
LEAST, MOST = 1e-12, 1e12  # of the damping
GRADIENT = 1e-9  # largest element of the gradient per run that counts as converged
PIECE = 500  # resamples of one task


@dataclass(frozen=True)
class Refit:
    """Constants by draw (draws x 5, in the order of `NAMES`), the objective per run, and whether it converged."""

    params: np.ndarray
    objective: np.ndarray
    converged: np.ndarray

    def law(self, name: str, support_flop: tuple[float, float]) -> ScalingLaw:
        """Return the scaling law with one element a draw."""
        a, b, e, alpha, beta = self.params.T
        return ScalingLaw(name, np.exp(e), np.exp(a), alpha, np.exp(b), beta, 1.0, support_flop)

    def frame(self) -> pd.DataFrame:
        """Return the constants as they are printed: E, A, B, alpha, beta."""
        a, b, e, alpha, beta = self.params.T
        return pd.DataFrame({"E": np.exp(e), "A": np.exp(a), "B": np.exp(b), "alpha": alpha, "beta": beta})


def parts(runs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the design (runs x terms x parameters) and ln loss of some runs (parameters, tokens, loss_nats)."""
    log_n, log_d, log_loss = (np.log(runs[name].to_numpy(float)) for name in ("parameters", "tokens", "loss_nats"))
    design = np.zeros((len(runs), 3, len(NAMES)))
    design[:, (0, 1, 2), (0, 1, 2)] = 1.0  # of a, b and e, each in the term of its own
    design[:, 0, 3], design[:, 1, 4] = -log_n, -log_d
    return design, log_loss


def fit(runs: pd.DataFrame) -> Refit:
    """Return the best fit over a grid of starts to all runs."""
    design, log_loss = parts(runs)
    found = newton(design, log_loss, np.full((len(GRID), len(runs)), 1.0 / len(runs)), GRID)
    best = int(np.argmin(np.where(found.converged, found.objective, np.inf)))
    return Refit(*(each[[best]] for each in vars(found).values()))


@cached
def bootstrap(runs: pd.DataFrame, *, draws: int = 4_000, seed: int = 0) -> Refit:
    """Return the fits to runs resampled with replacement, each from the fit to all runs and from two other starts."""
    design, log_loss = parts(runs)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(runs), np.full(len(runs), 1.0 / len(runs)), size=draws) / len(runs)
    points = fit(runs).params[0] + np.outer([0.0, 1.0, -1.0], ASIDE)
    tasks = [(design, log_loss, piece, points) for piece in np.array_split(weights, -(-draws // PIECE))]
    found = parallel.mapped(_piece, tasks, label="scaling law, resampled runs")
    return Refit(*(np.concatenate([getattr(each, name) for each in found]) for name in vars(found[0])))


def _piece(design: np.ndarray, log_loss: np.ndarray, weights: np.ndarray, points: np.ndarray) -> Refit:
    """Return the best of the fits from some points, for each line of weights."""
    fits = [newton(design, log_loss, weights, np.tile(point, (len(weights), 1))) for point in points]
    choice = np.argmin([each.objective for each in fits], axis=0)
    rows = np.arange(len(weights))
    return Refit(*(np.stack([getattr(each, name) for each in fits])[choice, rows] for name in vars(fits[0])))


def newton(design: np.ndarray, log_loss: np.ndarray, weights: np.ndarray, begin: np.ndarray) -> Refit:
    """Return the local minimum reached from each start (lines x parameters), for each line of weights.

    The ln losses are those of all lines, or a table with a line each.
    """
    log_loss = np.broadcast_to(log_loss, weights.shape)
    theta, damping = begin.copy(), np.full(len(begin), 1e-3)
    value, gradient, hessian = _derivatives(design, log_loss, weights, theta)
    for _ in range(STEPS):
        active = np.flatnonzero((np.abs(gradient).max(axis=1) > GRADIENT) & (damping < MOST))
        if not len(active):
            break
        scale = np.maximum(np.einsum("kii->ki", hessian[active]), 1e-12)
        damped = hessian[active] + (damping[active, None] * scale)[:, :, None] * np.eye(len(NAMES))
        move = -np.linalg.solve(damped, gradient[active][:, :, None])[:, :, 0]
        trial = theta[active] + np.clip(move, -2.0, 2.0)
        new = _derivatives(design, log_loss[active], weights[active], trial)
        better = new[0] < value[active]
        won, lost = active[better], active[~better]
        theta[won], value[won] = trial[better], new[0][better]
        gradient[won], hessian[won] = new[1][better], new[2][better]
        damping[won] = np.maximum(damping[won] / 5.0, LEAST)
        damping[lost] *= 4.0
    return Refit(theta, value, (np.abs(gradient).max(axis=1) <= GRADIENT) | (damping >= MOST))


def _derivatives(design, log_loss, weights, theta) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return objective, gradient and Hessian for each line."""
    count = design.shape[2]
    terms = np.matmul(design, theta.T).transpose(2, 0, 1)
    top = terms.max(axis=2, keepdims=True)
    share = np.exp(terms - top)
    total = share.sum(axis=2, keepdims=True)
    error = (np.log(total) + top)[:, :, 0] - log_loss
    share /= total
    size = np.abs(error)
    inside = size <= DELTA
    value = (weights * np.where(inside, 0.5 * error**2, DELTA * (size - 0.5 * DELTA))).sum(axis=1)
    pull = weights * np.clip(error, -DELTA, DELTA)
    pulled = pull[:, :, None] * share
    gradient = pulled.reshape(len(theta), -1) @ design.reshape(-1, count)
    slope = np.matmul(share.transpose(1, 0, 2), design).transpose(1, 0, 2)
    outer = (design[:, :, :, None] * design[:, :, None, :]).reshape(-1, count * count)
    bend = (pulled.reshape(len(theta), -1) @ outer).reshape(-1, count, count)
    own = (weights * inside - pull)[:, :, None] * slope
    return value, gradient, bend + np.matmul(own.transpose(0, 2, 1), slope)
