"""The profile likelihood of a growth rate: the least error at each of its values, and the intervals that follow.

A rate is a ratio of two parameters; held, it makes their two columns one: ordinary fits, exact with the penalty too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.interpolate import PchipInterpolator
from scipy.optimize import minimize_scalar
from scipy.special import gammaincinv

from algoprogress.data.sample import Sample
from algoprogress.engine import parallel
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, solver
from algoprogress.fits.fit import Fit
from algoprogress.fits.rates import Growth
from algoprogress.fits.solver import reached
from algoprogress.laws.law import Design, Law
from algoprogress.show.estimate import LEVEL, Estimate
from algoprogress.show.style import COLOURS, ROLES, house, interval, subplots

RATES = ("compute", "parameters", "data")
STEMS = {"parameters": "alpha_", "data": "beta_"}  # of the coefficients of each term, in the order of the terms
CUT = 2.0 * gammaincinv(0.5, LEVEL)  # of the likelihood ratio: a quantile of chi squared, one degree of freedom
STARTS = 300  # that look for the minima

POINT_STARTS = 8  # of each point of a profile, besides the minima and the neighbours' solutions
SCAN = np.array([-1.2, -0.6, 0.4, 0.8, 1.2, 1.6, 2.0, 2.4, 2.8, 3.4])  # rates of data that the profile of compute tries
GRIDS = {
    "compute": np.round(np.linspace(-0.2, 2.8, 41), 10),
    "parameters": np.round(np.linspace(-2.0, 2.0, 41), 10),
    "data": np.round(np.linspace(-1.6, 4.4, 41), 10),
}
GAIN = 1e-7  # nats squared; what a neighbour's solution must improve on


def ratio(names: Sequence[str], resource: str) -> tuple[str, str]:
    """Return the two coefficients whose ratio is the growth rate of a resource: of the year and of its size.

    >>> ratio(("alpha_const", "alpha_year", "alpha_param", "beta_year", "beta_data"), "data")
    ('beta_year', 'beta_data')
    """
    year = f"{STEMS[resource]}year"
    others = (name for name in names if name.startswith(STEMS[resource]) and "_const" not in name)
    return year, next(name for name in others if name != year)


@dataclass(frozen=True)
class Held:
    """A design with growth `rates` held, two columns made one for each; `kept` are its places in the full design."""

    design: Design
    names: tuple[str, ...]
    kept: tuple[int, ...]
    rates: Mapping[str, float]

    def penalties(self, strength: float) -> np.ndarray:
        """Return the strengths under which the L1 penalty is that of the full parameters."""
        price = np.full(len(self.kept), strength)
        for resource, rate in self.rates.items():
            price[self.design.names.index(ratio(self.names, resource)[1])] *= 1.0 + abs(rate)
        return price

    def full(self, theta: np.ndarray) -> np.ndarray:
        """Return the parameters of the full design."""
        found = np.zeros((*theta.shape[:-1], len(self.names)))
        found[..., self.kept] = theta
        for resource, rate in self.rates.items():
            year, size = ratio(self.names, resource)
            found[..., self.names.index(year)] = rate * found[..., self.names.index(size)]
        return found


def hold(design: Design, **rates: float) -> Held:
    """Return the design with growth rates of `parameters`, of `data` or of both held at values (per year)."""
    exponents, names = list(design.exponents), design.names
    for resource, rate in rates.items():
        place, (year, size) = list(STEMS).index(resource), ratio(names, resource)
        matrix = exponents[place].copy()
        matrix[:, names.index(size)] += rate * matrix[:, names.index(year)]
        exponents[place] = matrix
    gone = {ratio(names, resource)[0] for resource in rates}
    kept = tuple(place for place, name in enumerate(names) if name not in gone)
    left = tuple(names[place] for place in kept)
    return Held(replace(design, names=left, exponents=tuple(each[:, kept] for each in exponents)), names, kept, rates)


@dataclass(frozen=True)
class Problem:
    """What a point of a profile needs: design, observed loss (nats), penalty and known minima to start from."""

    design: Design
    target: np.ndarray
    penalty: float
    minima: np.ndarray

    def solve(self, points: np.ndarray, *, fresh: int = 0, seed: int = 0, **rates: float) -> tuple[float, np.ndarray]:
        """Return objective and parameters of the best fit with held rates, from full points and fresh ones."""
        held = hold(self.design, **rates)
        begin = points[:, held.kept]
        if fresh:
            begin = np.vstack([begin, solver.near_data(held.design, self.target, fresh, seed)])
        weights, price = fit.equal_weights(held.design, len(begin)), held.penalties(self.penalty)
        found = solver.minimise(held.design, self.target, weights, penalty=price, starts=begin, limit=200)
        best = int(np.argmin(np.where(found.converged, found.objective, np.inf)))
        return float(found.objective[best]) if found.converged[best] else np.inf, held.full(found.params[best])


def problem(law: Law, sample: Sample, penalty: float) -> Problem:
    """Return the problem of a law, a sample and a penalty."""
    design, target, _ = fit.problem(law, sample)
    begin = solver.random_starts(design, STARTS, 0)
    minima = reached(design, target, penalties=fit.strengths(design, penalty), starts=begin)
    return Problem(design, target, penalty, minima.params[:2])


def _point(task: Problem, rate: str, value: float) -> tuple[float, np.ndarray]:
    """Return the best fit with a rate held, from fresh starts and the known minima."""
    if rate != "compute":
        return task.solve(task.minima, fresh=POINT_STARTS, **{rate: value})
    corners = np.r_[0.0, value]  # where the rate of one resource is zero the penalty has an edge
    tried = np.sort(np.r_[SCAN, corners])
    fresh = POINT_STARTS - len(task.minima)
    found = [task.solve(task.minima, fresh=fresh, parameters=value - data, data=data) for data in tried]
    best = int(np.argmin([objective for objective, _ in found]))
    low, high = tried[max(best - 1, 0)], tried[min(best + 1, len(tried) - 1)]
    return _nested(task, value, (low, high), found[best])


def _near(task: Problem, rate: str, value: float, points: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the best fit with a rate held, from the solutions at neighbouring values."""
    if rate != "compute":
        return task.solve(points, **{rate: value})
    names, found = task.design.names, []
    for point in points:
        year, size = (point[names.index(name)] for name in ratio(names, "data"))
        if size != 0.0:
            data = year / size
            found.append(_nested(task, value, (data - 0.25, data + 0.25), (np.inf, point)))
    return min(found, key=lambda pair: pair[0], default=(np.inf, points[0]))


def _nested(task: Problem, value: float, bounds: tuple[float, float], best: tuple) -> tuple[float, np.ndarray]:
    """Return the best fit with the rate of compute held, over rates of data between bounds."""

    def objective(data: float) -> float:
        nonlocal best
        found = task.solve(best[1][None], parameters=value - data, data=data)
        best = min(best, found, key=lambda pair: pair[0])
        return found[0]

    minimize_scalar(objective, bounds=bounds, method="bounded", options={"xatol": 1e-4})
    return best


@cached
def profile(
    law: Law, sample: Sample, rate: str, *, values: tuple[float, ...] = (), penalty: float = 0.0
) -> pd.DataFrame:
    """Return the best fit with a yearly growth rate held at each of some values and at the two best minima.

    `rate` is of "compute", "parameters" or "data". Each value is solved from at least eight starts and again from its
    neighbours' solutions, until none improves. Columns: rate, value, objective and mse (nats squared), statistic (see
    `statistic`), parameters, data and compute (the growth rates at the fit), and every parameter of the law by name.
    """
    task = problem(law, sample, penalty)
    reached = getattr(growth(task.design, task.minima), rate)
    held = np.unique(np.r_[values if len(values) else GRIDS[rate], reached])
    found = parallel.mapped(_point, [(task, rate, value) for value in held], label=f"profile of {rate}")
    found = _swept(task, rate, held, found)
    objective, params = np.array([each[0] for each in found]), np.array([each[1] for each in found])
    mse = objective - penalty * np.abs(params).sum(axis=1)
    rates = vars(growth(task.design, params))
    least = fit.converged(law, sample, penalty=penalty)
    facts = {"rate": rate, "value": held, "objective": objective, "mse": mse}
    facts["statistic"] = statistic(objective, least, rows=len(task.target))
    return pd.DataFrame({**facts, **rates}).join(pd.DataFrame(params, columns=list(task.design.names)))


def _swept(task: Problem, rate: str, held: np.ndarray, found: list, rounds: int = 3) -> list:
    """Return the solutions after each has been tried from its neighbours', upwards and downwards."""
    for _ in range(rounds):
        tasks = [(task, rate, held, found, step) for step in (1, -1)]
        up, down = parallel.mapped(_chain, tasks, label=f"neighbours on {rate}")
        before, found = found, [min(pair, key=lambda each: each[0]) for pair in zip(up, down, strict=True)]
        if all(new[0] >= old[0] - GAIN for new, old in zip(found, before, strict=True)):
            break
    return found


def _chain(task: Problem, rate: str, held: np.ndarray, found: list, step: int) -> list:
    """Return the solutions after each has been tried from the one before it, in the order of the values or against."""
    found = list(found)
    for place in range(1, len(held)) if step > 0 else range(len(held) - 2, -1, -1):
        new = _near(task, rate, held[place], found[place - step][1][None])
        if new[0] < found[place][0] - GAIN:
            found[place] = new
    return found


def statistic(objective: np.ndarray, best: Fit, *, rows: int) -> np.ndarray:
    """Return twice the fall of the log-likelihood from the optimum, errors taken as normal and independent.

    Without a penalty, ``n ln(mse / least mse)``: the variance of the errors is fitted at each value. With one, the
    posterior under a Laplace prior, ``n (objective - least) / mse``, with the variance at the optimum.
    """
    if best.penalty == 0.0:
        return rows * np.log(objective / best.mse)
    return rows * (objective - best.objective) / best.mse


def growth(design: Design, params: np.ndarray) -> Growth:
    """Return the yearly growth rates (natural log) at points (points x parameters); nan where no size counts."""
    ratios = {}
    for resource in STEMS:
        top, bottom = (params[:, design.names.index(name)] for name in ratio(design.names, resource))
        ratios[resource] = np.divide(top, bottom, out=np.full(len(params), np.nan), where=bottom != 0.0)
    return Growth(ratios["parameters"], ratios["data"], ratios["parameters"] + ratios["data"])


def ends(values: np.ndarray, heights: np.ndarray, cut: float) -> tuple[float, float]:
    """Return the lowest and the highest value at which a profile is under a cut, infinite where it never rises to it.

    The signed root of the statistic is nearly straight, and is interpolated by a monotone cubic between grid values.

    >>> ends(np.linspace(-3.0, 3.0, 7), np.linspace(-3.0, 3.0, 7) ** 2, 2.25)
    (-1.5, 1.5)
    """
    inside = np.flatnonzero(heights < cut)
    first, last = inside[0], inside[-1]
    root = np.sqrt(np.maximum(heights, 0.0)) - np.sqrt(cut)
    low = -np.inf if first == 0 else _crossing(values, root, first - 1)
    high = np.inf if last == len(values) - 1 else _crossing(values, root, last)
    return float(low), float(high)


def _crossing(values: np.ndarray, root: np.ndarray, left: int) -> float:
    """Return where the interpolated curve is zero between a grid value and the next."""
    crossings = PchipInterpolator(values, root).roots(extrapolate=False)
    inside = crossings[(crossings >= values[left]) & (crossings <= values[left + 1])]
    return float(inside[0] if root[left] > 0 else inside[-1])


@dataclass(frozen=True)
class Profile:
    """The profile of the natural logarithm of a yearly growth rate: `curve` as of `profile`, and its 95% interval."""

    curve: pd.DataFrame
    rate: Estimate

    @classmethod
    def of(cls, curve: pd.DataFrame) -> Profile:
        """Return the profile of a curve, with the ends at which its statistic reaches the 95% cut."""
        values, heights = curve["value"].to_numpy(), curve["statistic"].to_numpy()
        low, high = ends(values, heights, CUT)
        covers = "95%, profile likelihood, independent rows"
        return cls(curve, Estimate(float(values[heights.argmin()]), low, high, covers, "per year"))

    @house()
    def plot(self) -> Figure:
        """Return a figure of the statistic against the rate, with the 95% cut and the interval below it."""
        fig, ax = subplots()
        ours, cut = ROLES["ours"], CUT
        near = self.curve[self.curve["statistic"] < 3.0 * cut]
        edges = (float(near["value"].min()), float(near["value"].max()))
        ax.plot(near["value"], near["statistic"], color=ours.colour, linestyle=ours.line)
        ax.axhline(cut, color=COLOURS["ink"], linewidth=1.0, linestyle=":")
        interval(ax, -1.0, self.rate, "ours", edges)
        ax.set(xlabel=f"growth rate of {self.curve['rate'].iloc[0]}, per year (natural log)")
        ax.set(ylabel="twice the fall of the log-likelihood from its top", ylim=(-2.0, 3.0 * cut))
        return fig
