"""Laws for one learning curve, each fitted to its optimum: M1 to M4 of Alabdulmohsin et al. 2022, and the book's two.

With x the examples seen and L the loss: M1 L = b x^c; M2 L = e + b x^c; M3 L = b (1/x + g)^c;
M4 (L - e) / (t - L)^a = b x^c, which bends from a loss t before training to a floor e. They minimise squares of the
difference of both sides in logs. Given what is not linear there (e, g, or e and t) the rest is, so that it is found at
each step by linear least squares (variable projection, Golub and Pereyra 1973).
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq, least_squares, lsq_linear

from algoprogress.frontiers import estimators

Predictor = Callable[[np.ndarray], np.ndarray]
BOUNDED = {"BB": 1.0}  # the largest loss that a domain allows, which M4 is told
MARGIN = 1e-3  # by which t lies above the largest loss, at least, and published floors below the least
NEAREST = 1.0 - 1e-9  # of the least loss, up to which a floor may lie


class CurveFit(NamedTuple):
    """A fitted law: loss by examples, and the root mean square of what it minimises, in logs."""

    predict: Predictor
    objective: float


def m1(examples: np.ndarray, loss: np.ndarray, most: float = np.inf) -> CurveFit:
    """Return the power law without a floor."""
    line = np.polyfit(np.log(examples), np.log(loss), 1)
    left = np.polyval(line, np.log(examples)) - np.log(loss)
    return CurveFit(lambda at: np.exp(np.polyval(line, np.log(at))), _size(left))


def m2(examples: np.ndarray, loss: np.ndarray, most: float = np.inf) -> CurveFit:
    """Return the power law over a floor between zero and the least loss."""
    logs = np.log(examples)

    def line(floor: float) -> np.ndarray:
        return np.polyfit(logs, np.log(loss - floor), 1)

    def left(share: np.ndarray) -> np.ndarray:
        floor = share[0] * loss.min()
        return np.polyval(line(floor), logs) - np.log(loss - floor)

    found = _least(left, [(0.1,), (0.5,), (0.9,), (0.99,)], ([0.0], [NEAREST]))
    floor = found.x[0] * loss.min()
    return CurveFit(lambda at: floor + np.exp(np.polyval(line(floor), np.log(at))), _size(found.fun))


def m3(examples: np.ndarray, loss: np.ndarray, most: float = np.inf) -> CurveFit:
    """Return the power law in 1/x + g."""
    ends = -np.log(examples.max()) - 12.0, -np.log(examples.min())

    def line(shift: float) -> np.ndarray:
        return np.polyfit(np.log(1.0 / examples + shift), np.log(loss), 1)

    def left(log_shift: np.ndarray) -> np.ndarray:
        shift = np.exp(log_shift[0])
        return np.polyval(line(shift), np.log(1.0 / examples + shift)) - np.log(loss)

    found = _least(left, [(each,) for each in np.linspace(*ends, 8)[1:-1]], ([ends[0]], [ends[1]]))
    shift = np.exp(found.x[0])
    return CurveFit(lambda at: np.exp(np.polyval(line(shift), np.log(1.0 / at + shift))), _size(found.fun))


def m4(examples: np.ndarray, loss: np.ndarray, most: float = np.inf) -> CurveFit:
    """Return the law that bends from a first loss t, below `most`, to a floor."""
    logs, middle = np.log(examples), np.log(examples).mean()
    low = np.log(MARGIN)
    high = max(np.log(max(min(most, 10.0 * loss.max()) - loss.max(), 1e-9)), low + 1e-6)

    def ends(at: np.ndarray) -> tuple[float, float]:
        return at[0] * loss.min(), loss.max() + np.exp(at[1])

    def linear(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        floor, top = ends(at)
        terms = np.stack([np.ones_like(logs), middle - logs, np.log(top - loss)], axis=1)
        right = np.log(loss - floor)
        found = lsq_linear(terms, right, bounds=([-np.inf, 0.0, 0.0], np.inf)).x
        return found, terms @ found - right

    starts = [(share, low + part * (high - low)) for share in (0.2, 0.6, 0.95) for part in (0.2, 0.8)]
    found = _least(lambda at: linear(at)[1], starts, ([0.0, low], [NEAREST, high]))
    (level, fall, bend), (floor, top) = linear(found.x)[0], ends(found.x)
    return CurveFit(lambda at: solved(level - fall * (np.log(at) - middle), floor, top, bend), _size(found.fun))


def solved(log_right: np.ndarray, floor: float, top: float, bend: float) -> np.ndarray:
    """Return the loss at which M4's left side has some logarithms."""
    if bend < 1e-9:
        return floor + np.exp(log_right)
    span = top - floor

    def above(right: float) -> float:
        return brentq(lambda part: np.log(part) - bend * np.log(span - part) - right, 1e-300, span * NEAREST)

    return floor + np.array([above(each) for each in np.atleast_1d(log_right)])


def floor_law(examples: np.ndarray, loss: np.ndarray, most: float = np.inf) -> CurveFit:
    """Return the book's power law with a fitted floor, by squares of the loss through undominated points."""
    law = estimators.power_law_of(examples, loss, None)
    return CurveFit(law.loss, np.nan)


def smooth(examples: np.ndarray, loss: np.ndarray, most: float = np.inf) -> CurveFit:
    """Return the book's smooth frontier, a parabola in logs, each point a group of its own."""
    runs = pd.DataFrame({"run": np.arange(len(loss)), "training_compute_flop": examples, "loss_nats": loss})
    return CurveFit(estimators.smooth(runs).loss, np.nan)


OPTIMA = {"m1": m1, "m2": m2, "m3": m3, "m4": m4}
OURS = {"floor": floor_law, "smooth": smooth}


def _least(left: Callable, starts: Sequence[tuple[float, ...]], bounds: tuple[list[float], list[float]]):
    """Return the best solution of bounded least squares from some starts."""
    solve = partial(least_squares, left, bounds=bounds)
    return min((solve(each) for each in starts), key=lambda found: found.cost)


def _size(left: np.ndarray) -> float:
    return float(np.sqrt(np.mean(left**2)))
