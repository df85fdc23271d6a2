"""M2, M3 and M4 as their authors fit them: by turns, from a floor just below the least loss, until nothing moves.

Told by their code, repository google-research, folder revisiting_neural_scaling_laws. What is linear in logs is solved
by least squares, in M4 without coefficients below zero and with the first loss as it was at the start. Floor and first
loss then go down the gradient a thousand steps; after a hundred rounds, a hundred damped steps of Newton's a round.
"""

import numba
import numpy as np
from scipy.optimize import nnls

from book.studies.extrapolation.estimators import MARGIN, CurveFit, solved

ROUNDS, SLOW, SETTLED = 10_000, 100, 1e-10  # rounds at most, those down the gradient, change of b that ends it
LEAST = 1e-5  # curvature, below which Newton's step is left out


def by_turns(examples: np.ndarray, loss: np.ndarray, most: float = np.inf, *, bends: bool = True) -> CurveFit:
    """Return M4, or M2 if it may not bend, where the alternation ends; `most` is the largest loss allowed."""
    logs, floor, top = np.log(examples), loss.min() - MARGIN, 1.0 if np.isinf(most) else most + MARGIN
    terms = np.stack([np.ones_like(logs), -logs, np.log(top - loss)], axis=1)[:, : 3 if bends else 2]
    last = 1.0
    for turn in range(ROUNDS):
        above = np.log(loss - floor)
        found = nnls(terms, above)[0] if bends else np.linalg.lstsq(terms, above, rcond=None)[0]
        level, fall, bend = np.append(found, [] if bends else 0.0)
        slow = turn < SLOW
        right, rate, steps = level - fall * logs, *((1e-8, 1000) if slow else (0.1, 100))
        limits = loss.min() - MARGIN, loss.max() + MARGIN, most + MARGIN
        floor, top = _moved(loss, right, bend, floor, top, limits, rate, steps, not slow)
        if abs(np.exp(level) - last) < SETTLED and turn > SLOW + 1:
            break
        last = np.exp(level)
    left = np.log(loss - floor) - bend * np.log(top - loss) - right
    return CurveFit(lambda at: solved(level - fall * np.log(at), floor, top, bend), float(np.sqrt(np.mean(left**2))))


def m3(examples: np.ndarray, loss: np.ndarray, most: float = np.inf) -> CurveFit:
    """Return M3 by turns: a line in logs, then the best g of those at which one of the points lies on it."""
    right, shift, last = np.log(loss), 0.0, 1.0

    def left(shift: float) -> float:
        return float(np.sqrt(np.mean((right - line[1] - line[0] * np.log(1.0 / examples + shift)) ** 2)))

    for _ in range(ROUNDS):
        line = np.polyfit(np.log(1.0 / examples + shift), right, 1)
        line[0] = max(line[0], 0.0)
        with np.errstate(divide="ignore", over="ignore"):
            through = np.exp((right - line[1]) / line[0]) - 1.0 / examples
        shift = min([shift, *through[(through >= 0.0) & np.isfinite(through)]], key=left)
        if abs(np.exp(line[1]) - last) < SETTLED:
            break
        last = np.exp(line[1])
    return CurveFit(lambda at: np.exp(line[1] + line[0] * np.log(1.0 / at + shift)), left(shift))


@numba.njit
def _moved(loss, right, bend, floor, top, limits, rate, steps, newton):
    """Return floor and first loss after some steps, each kept within its limits."""
    for _ in range(steps):
        above, below = loss - floor, top - loss
        left = np.log(above) - bend * np.log(below) - right
        down, up = -np.mean(left / above), -bend * np.mean(left / below)
        if newton:
            curved, curved_up = np.mean((1.0 - left) / above**2), bend * np.mean((bend + left) / below**2)
            down = down / curved if abs(curved) > LEAST else 0.0
            up = up / curved_up if abs(curved_up) > LEAST else 0.0
        floor = min(max(floor - rate * down, 0.0), limits[0])
        top = min(max(top - rate * up, limits[1]), limits[2])
    return floor, top
