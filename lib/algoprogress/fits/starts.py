"""Where the search for a minimum starts: random points, points near the data, and points spread over known minima."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from algoprogress.laws.law import Design

SPREAD = 0.5  # standard deviation of random starts, about the size of the fitted parameters
TILT = 3.0  # of the random shares: how strongly they follow the regressors
LEVEL = 1.5  # of the random shares: their spread in log-odds
LEAST_SHARE = 1e-3  # of a nat, so that logarithms stay finite


def random_starts(design: Design, count: int, seed: int) -> np.ndarray:
    """Return zeros first, then independent normal points, shape (count, parameters)."""
    points = np.random.default_rng(seed).normal(0.0, SPREAD, (count, len(design.names)))
    points[0] = 0.0
    return points


def near_data(design: Design, target: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return points that predict roughly the observed loss, in random divisions between the terms.

    Each row's loss in nats is divided between the terms of the law by a random logistic function of the regressors;
    least squares on the logs of the parts, which are linear in the parameters, gives the point. Shape
    (count, parameters).
    """
    rng = np.random.default_rng(seed)
    return np.stack([_divided(design, target, rng) for _ in range(count)])


def _divided(design: Design, target: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    regressors = np.column_stack(design.exponents)
    spread = regressors.std(axis=0)
    standard = (regressors - regressors.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    count = standard.shape[1]  # zero for a law of a constant
    tilts = rng.normal(0.0, TILT / np.sqrt(max(count, 1)), count)
    share = expit(rng.normal(0.0, LEVEL) + standard @ tilts)
    shares = [share, 1.0 - share] if len(design.exponents) == 2 else [np.ones_like(share)]
    floor = 0.0 if design.floor is None else rng.uniform(0.0, 0.6) * target.min()
    parts = [np.log(np.maximum((target - floor) * each, LEAST_SHARE)) for each in shares]
    matrices = list(design.exponents)
    if design.floor is not None:
        matrices, parts = [*matrices, design.floor], [*parts, np.full(len(target), floor)]
    phi = np.linalg.lstsq(np.vstack(matrices), np.concatenate(parts), rcond=None)[0]
    # A linked parameter is ln sigmoid(theta) < 0; we invert that where the least squares stay inside.
    phi[design.linked] = -np.log(np.expm1(np.maximum(-phi[design.linked], 0.05)))
    return phi


def mixed(design: Design, target: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return half `near_data`, which reach the common minima in few steps, and half `random_starts`.

    With a single term there is nothing to divide, and one point near the data is all.
    """
    near = near_data(design, target, count // 2 if len(design.exponents) > 1 else 1, seed)
    return np.vstack([random_starts(design, count - len(near), seed), near])


def spread_out(design: Design, points: np.ndarray, count: int, *, first: int = 1) -> np.ndarray:
    """Return up to `count` of the points that are far from each other, after the `first` ones, which stay.

    Each next point is the one whose terms, in nats, are farthest from those of all chosen so far (farthest-first
    traversal, Gonzalez 1985); copies of a chosen point are never taken.
    """
    floor, terms = design.parts(points)
    places = np.hstack([*terms] if design.floor is None else [floor, *terms])
    chosen = list(range(first))
    distance = np.min([_apart(places, places[index]) for index in chosen], axis=0)
    while len(chosen) < count and distance.max() > 1e-12:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, _apart(places, places[chosen[-1]]))
    return points[chosen]


def _apart(places: np.ndarray, one: np.ndarray) -> np.ndarray:
    """Return the mean squared distance of each place from one of them."""
    return ((places - one) ** 2).mean(axis=1)
