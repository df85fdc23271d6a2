"""Minimises the penalised squared error of a law, for many resamples and starts; where to start; distinct minima.

The objective of Ho et al. 2024 (section 3.1) is  sum_i w_i (L_i - y_i)^2 + sum_j delta_j |theta_j|.  Damped Newton
steps go within the orthant of the current signs: one at zero stays there until the gradient outweighs its penalty.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from algoprogress.laws.law import MANY_ROWS, Design

TOLERANCE = 1e-8  # of the optimality residual, in units of the objective per unit of a parameter
SAME_OBJECTIVE = 1e-8  # two solutions this close in the objective count as the same minimum
SPREAD = 0.5  # standard deviation of random starts, about the size of the fitted parameters
TILT = 3.0  # of the random shares: how strongly they follow the regressors
LEVEL = 1.5  # of the random shares: their spread in log-odds
LEAST_SHARE = 1e-3  # of a nat, so that logarithms stay finite


@dataclass(frozen=True)
class Solutions:
    """How good `params` (problems x parameters) are; `residual` is the largest element of the smallest subgradient."""

    params: np.ndarray
    objective: np.ndarray
    residual: np.ndarray
    iterations: np.ndarray

    @property
    def converged(self) -> np.ndarray:
        """Return which problems met the tolerance on the optimality residual."""
        return self.residual < TOLERANCE


def arrays(design: Design) -> tuple[np.ndarray, np.ndarray, np.ndarray, int, np.ndarray]:
    """Return a design as the compiled loops take it: columns, which of them enter, an order, floors, links.

    The columns are (blocks x parameters x rows). Of each block there are the parameters that enter it, minus one where
    it has fewer than another (blocks x most). In the order of rows those stand together that are alike in which columns
    are zero. Then come how many blocks are floors, and which parameters have a link.
    """
    floors = [] if design.floor is None else [design.floor]
    blocks = np.stack([matrix.T for matrix in (*floors, *design.exponents)])
    there = blocks != 0.0
    entering = [np.flatnonzero(each) for each in there.any(axis=2)]
    which = np.full((len(blocks), max(map(len, entering))), -1)
    for block, own in enumerate(entering):
        which[block, : len(own)] = own
    _finite(blocks)
    order = np.lexsort(there.reshape(-1, len(design))[::-1])
    linked = np.isin(np.arange(len(design.names)), design.linked)
    return np.ascontiguousarray(blocks, dtype=float), which, order, len(floors), linked


def evaluate(
    design: Design, target: np.ndarray, weights: np.ndarray, *, penalty: np.ndarray, theta: np.ndarray
) -> Solutions:
    """Return objective and optimality residual at given points (problems x parameters), without moving them."""
    from algoprogress.fits import kernel  # the compiler takes a while to import

    _finite(target, weights, theta)
    *made, linked = arrays(design)
    points = np.ascontiguousarray(theta, dtype=float)
    shares = np.ascontiguousarray(weights, dtype=float)
    found = kernel.evaluate(*made, target, shares, np.asarray(penalty, float), points, linked)
    return Solutions(theta, *found, np.zeros(len(theta), int))


def minimise(
    design: Design,
    target: np.ndarray,
    weights: np.ndarray,
    *,
    penalty: np.ndarray,
    starts: np.ndarray,
    held: tuple[str, ...] = (),
    limit: int = 400,
) -> Solutions:
    """Return the local minimum reached from each start, parameters named in `held` where the starts have them.

    `weights` (lines x rows) sum to one in each line, and each line has as many of the `starts` (problems x
    parameters), side by side; `penalty` has one strength a parameter. Problems that did not converge within `limit`
    steps keep their residual. Raises ValueError if the starts cannot be shared out evenly among the lines, or if a
    number is not finite.
    """
    from algoprogress.fits import kernel  # the compiler takes a while to import

    if len(starts) % len(weights):
        raise ValueError(f"{len(starts)} starts cannot be shared out among {len(weights)} lines of weights")
    _finite(target, weights, starts)
    *made, linked = arrays(design)
    begin, shares = np.array(starts, float), np.ascontiguousarray(weights, dtype=float)
    line = shares, np.asarray(penalty, float), begin, np.isin(design.names, held), linked, limit, TOLERANCE
    return Solutions(*kernel.minimise(*made, target, *line))


def _finite(*arrays: np.ndarray) -> None:
    """Raise ValueError for what compiled loops do not look at: a nan would be looked up outside of a table."""
    if not all(np.isfinite(each).all() for each in arrays):
        raise ValueError("columns, targets, weights and starts must be finite")


def thinned(design: Design) -> np.ndarray:
    """Return the rows among which one may look for where minima lie: all, or of more than `MANY_ROWS` a random part."""
    rows = len(design)
    return np.arange(rows) if rows <= MANY_ROWS else np.random.default_rng(0).permutation(rows)[: MANY_ROWS // 2]


@dataclass(frozen=True)
class Minima:
    """Distinct minima, best first: `params` a line each, `objective` in nats squared, `share` of starts reaching it."""

    params: np.ndarray
    objective: np.ndarray
    share: np.ndarray

    def __len__(self) -> int:
        return len(self.objective)


def reached(design: Design, target: np.ndarray, *, penalties: np.ndarray, starts: np.ndarray) -> Minima:
    """Return the distinct minima, over `SAME_OBJECTIVE` apart, that points (starts x parameters) lead to."""
    weights = np.full((len(starts), len(design)), 1.0 / len(design))
    found = minimise(design, target, weights, penalty=penalties, starts=starts)
    order = np.argsort(found.objective)
    order = order[found.converged[order]]
    new = np.diff(found.objective[order], prepend=-np.inf) > SAME_OBJECTIVE
    share = np.bincount(new.cumsum() - 1, minlength=int(new.sum())) / len(starts)
    return Minima(found.params[order[new]], found.objective[order[new]], share)


def random_starts(design: Design, count: int, seed: int) -> np.ndarray:
    """Return zeros first, then independent normal points, shape (count, parameters)."""
    points = np.random.default_rng(seed).normal(0.0, SPREAD, (count, len(design.names)))
    points[0] = 0.0
    return points


def near_data(design: Design, target: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return points (count, parameters) that predict roughly the observed loss, in random divisions between the terms.

    A random logistic function of the regressors divides each row's loss; least squares on logs of the parts follows.
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
    """Return half `near_data`, which reach common minima soon, and half `random_starts`; one point if one term."""
    near = near_data(design, target, count // 2 if len(design.exponents) > 1 else 1, seed)
    return np.vstack([random_starts(design, count - len(near), seed), near])


def spread_out(design: Design, points: np.ndarray, count: int, *, first: int = 1) -> np.ndarray:
    """Return up to `count` of the points that are far from each other, after the `first` ones, which stay.

    Each next has terms, in nats, farthest from those of all chosen (Gonzalez 1985); copies of these are never taken.
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
