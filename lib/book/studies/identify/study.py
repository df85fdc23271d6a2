"""What the data identify: minima, profiles of the growth rates, the ridge between them, and what moves the optimum.

A growth rate is a ratio of two parameters of a law, g_N = alpha_year / alpha_param. Held at a value it makes their two
columns one, so that a profile is a set of ordinary fits: exact, with the penalty too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.interpolate import PchipInterpolator
from scipy.optimize import minimize_scalar
from scipy.stats import chi2

from algoprogress.data.sample import Sample
from algoprogress.data.variables import Normalisation
from algoprogress.engine import parallel
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, resample, solver, starts
from algoprogress.fits import rates as progress
from algoprogress.fits.fit import Fit
from algoprogress.fits.minima import Minima, reached
from algoprogress.fits.rates import Growth
from algoprogress.fits.resample import DRAWS, Draws
from algoprogress.laws.law import Design, Law

RATES = ("compute", "parameters", "data")
TERMS = {"parameters": (0, "alpha_year", "alpha_param"), "data": (1, "beta_year", "beta_data")}  # place of the term
STARTS = 300
POINT_STARTS = 8  # of each point of a profile, besides the minima and the neighbours' solutions
SCAN = np.array([-1.2, -0.6, 0.4, 0.8, 1.2, 1.6, 2.0, 2.4, 2.8, 3.4])  # rates of data that the profile of compute tries
GRIDS = {
    "compute": np.round(np.linspace(-0.2, 2.8, 41), 10),
    "parameters": np.round(np.linspace(-2.0, 2.0, 41), 10),
    "data": np.round(np.linspace(-1.6, 4.4, 41), 10),
}
GAIN = 1e-7  # nats squared; what a neighbour's solution must improve on
WORSE = 1.05  # minima with an objective over so many times the best are left out
LEVEL = 0.95
PUBLISHED_DRAWS = 1_000  # of the run behind the authors' share of positive sums
PENALTIES = tuple(np.round(np.r_[np.arange(0.0, 0.002, 0.0001), np.arange(0.002, 0.0201, 0.0005)], 6).tolist())
JUMP = 0.15  # of the rate of compute, between neighbouring penalties


@dataclass(frozen=True)
class Held:
    """A design with growth rates held: one coefficient for each pair of columns that a rate ties together.

    `kept` are the places of its parameters in the full design, `rates` the held rates by the name of the resource.
    """

    design: Design
    names: tuple[str, ...]
    kept: tuple[int, ...]
    rates: Mapping[str, float]

    def penalties(self, strength: float) -> np.ndarray:
        """Return the strengths under which the L1 penalty is that of the full parameters."""
        price = np.full(len(self.kept), strength)
        for resource, rate in self.rates.items():
            price[self.design.names.index(TERMS[resource][2])] *= 1.0 + abs(rate)
        return price

    def full(self, theta: np.ndarray) -> np.ndarray:
        """Return the parameters of the full design."""
        found = np.zeros((*theta.shape[:-1], len(self.names)))
        found[..., self.kept] = theta
        for resource, rate in self.rates.items():
            _, year, size = TERMS[resource]
            found[..., self.names.index(year)] = rate * found[..., self.names.index(size)]
        return found


def hold(design: Design, **rates: float) -> Held:
    """Return the design with growth rates of `parameters`, of `data` or of both held at values (per year)."""
    exponents, names = list(design.exponents), design.names
    for resource, rate in rates.items():
        place, year, size = TERMS[resource]
        matrix = exponents[place].copy()
        matrix[:, names.index(size)] += rate * matrix[:, names.index(year)]
        exponents[place] = matrix
    gone = {TERMS[resource][1] for resource in rates}
    kept = tuple(place for place, name in enumerate(names) if name not in gone)
    tied = replace(
        design, names=tuple(names[place] for place in kept), exponents=tuple(each[:, kept] for each in exponents)
    )
    return Held(tied, names, kept, rates)


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
            begin = np.vstack([begin, starts.near_data(held.design, self.target, fresh, seed)])
        weights = fit.equal_weights(held.design, len(begin))
        found = solver.minimise(
            held.design, self.target, weights, penalty=held.penalties(self.penalty), starts=begin, limit=200
        )
        best = int(np.argmin(np.where(found.converged, found.objective, np.inf)))
        return float(found.objective[best]) if found.converged[best] else np.inf, held.full(found.params[best])


def problem(law: Law, sample: Sample, penalty: float) -> Problem:
    """Return the problem of a law, a sample and a penalty."""
    design, target, _ = fit.problem(law, sample)
    return Problem(design, target, penalty, _random_minima(design, target, penalty, STARTS).params[:2])


def _point(task: Problem, rate: str, value: float) -> tuple[float, np.ndarray]:
    """Return the best fit with a rate held, from fresh starts and the known minima."""
    if rate != "compute":
        return task.solve(task.minima, fresh=POINT_STARTS, **{rate: value})
    corners = np.r_[0.0, value]  # where the rate of one resource is zero the penalty has an edge
    tried = np.sort(np.r_[SCAN, corners])
    found = [
        task.solve(task.minima, fresh=POINT_STARTS - len(task.minima), parameters=value - data, data=data)
        for data in tried
    ]
    best = int(np.argmin([objective for objective, _ in found]))
    low, high = tried[max(best - 1, 0)], tried[min(best + 1, len(tried) - 1)]
    return _nested(task, value, (low, high), found[best])


def _near(task: Problem, rate: str, value: float, points: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the best fit with a rate held, from the solutions at neighbouring values."""
    if rate != "compute":
        return task.solve(points, **{rate: value})
    names, found = task.design.names, []
    for point in points:
        size = point[names.index("beta_data")]
        if size != 0.0:
            data = point[names.index("beta_year")] / size
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
        ways = parallel.mapped(
            _chain, [(task, rate, held, found, step) for step in (1, -1)], label=f"neighbours on {rate}"
        )
        better = [min(pair, key=lambda each: each[0]) for pair in zip(*ways, strict=True)]
        done = all(new[0] >= old[0] - GAIN for new, old in zip(better, found, strict=True))
        found = better
        if done:
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
    for resource, (_, year, size) in TERMS.items():
        top, bottom = (params[:, design.names.index(name)] for name in (year, size))
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


def pieces(values: np.ndarray, heights: np.ndarray, cut: float) -> int:
    """Return into how many stretches of values a profile under a cut falls.

    >>> pieces(np.arange(5.0), np.array([9.0, 0.0, 9.0, 1.0, 9.0]), 4.0)
    2
    """
    under = np.r_[False, heights < cut]
    return int((under[1:] & ~under[:-1]).sum())


def rate_slopes(found: Fit) -> pd.DataFrame:
    """Return the derivative of each growth rate by each parameter (rates x parameters)."""
    slopes = pd.DataFrame(0.0, index=list(RATES), columns=list(found.params.index))
    for resource, (_, year, size) in TERMS.items():
        slopes.loc[resource, year] = 1.0 / found.params[size]
        slopes.loc[resource, size] = -found.params[year] / found.params[size] ** 2
    slopes.loc["compute"] = slopes.loc["parameters"] + slopes.loc["data"]
    return slopes


@dataclass(frozen=True)
class Variances:
    """Asymptotic covariances of the parameters at an optimum: errors independent by row, or shared within papers."""

    independent: np.ndarray
    clustered: np.ndarray

    def scales(self, slopes: pd.DataFrame) -> pd.Series:
        """Return by how much sharing within papers multiplies the variance of each linear combination."""
        both = [
            np.einsum("rp,pq,rq->r", slopes, covariance, slopes) for covariance in (self.clustered, self.independent)
        ]
        return pd.Series(both[0] / both[1], index=slopes.index)


def variances(found: Fit, sample: Sample) -> Variances:
    """Return the covariances of the parameters at the optimum of the squared error (no penalty).

    The clustered one is the sandwich of least squares with the scores of a paper summed (Liang & Zeger 1986), bread
    from the exact Hessian.
    """
    design = found.law.design(sample.frame, found.reference)
    theta, target = found.params.to_numpy(), sample.frame["loss_nats"].to_numpy(float)
    residual, gradient = target - design.predict(theta), design.gradient(theta)
    bread = np.linalg.inv(hessian(design, target, theta) / 2.0)
    spare = len(target) - len(theta)
    _, membership = np.unique(sample.frame["paper_id"].to_numpy(), return_inverse=True)
    scores = np.zeros((membership.max() + 1, len(theta)))
    np.add.at(scores, membership, gradient * residual[:, None])
    return Variances(bread * (residual @ residual) / spare, bread @ (scores.T @ scores) @ bread)


def hessian(design: Design, target: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Return the exact Hessian of the sum of squared errors, for a law without links."""
    gradient, residual = design.gradient(theta), design.predict(theta) - target
    bend = sum(
        (matrix * (term * residual)[:, None]).T @ matrix
        for term, matrix in zip(design.parts(theta)[1], design.exponents, strict=True)
    )
    return 2.0 * (gradient.T @ gradient + bend)


@cached
def minima(law: Law, sample: Sample, *, penalty: float = fit.PENALTY, count: int = STARTS) -> pd.DataFrame:
    """Return the local minima that random starts reach, best first.

    Columns: penalty, rank, objective (nats squared), worse (its excess over the best), share (of the starts that reach
    it), parameters, data and compute (growth rates), months.
    """
    design, target, _ = fit.problem(law, sample)
    found = _random_minima(design, target, penalty, count)
    return described(design, found.params, found.objective, penalty).assign(share=found.share)


def described(design: Design, params: np.ndarray, objective: np.ndarray, penalty: float) -> pd.DataFrame:
    """Return minima as a frame: penalty, rank, objective, worse, growth rates and months."""
    rates = growth(design, params)
    months = progress.doubling_time_months(np.nan_to_num(rates.compute))
    facts = {"penalty": penalty, "rank": np.arange(1, len(params) + 1), "objective": objective}
    return pd.DataFrame({**facts, "worse": objective - objective[0], **vars(rates), "months": months})


@cached
def descent(law: Law, sample: Sample, *, penalty: float = fit.PENALTY, steps: int = 40) -> pd.DataFrame:
    """Return the way from the published stop to the minimum below it, one row a step of the Newton solver.

    Columns: step, objective (nats squared), compute (growth rate), months.
    """
    design, target, _ = fit.problem(law, sample)
    begin = fit.published(law, sample, penalty=penalty).params.to_numpy()[None]
    weights, strengths = fit.equal_weights(design, 1), fit.strengths(design, penalty)
    found = [
        solver.minimise(design, target, weights, penalty=strengths, starts=begin, limit=limit)
        for limit in range(steps + 1)
    ]
    used = int(found[-1].iterations[0])
    params = np.vstack([each.params for each in found[: used + 1]])
    objective = np.concatenate([each.objective for each in found[: used + 1]])
    return described(design, params, objective, penalty).rename(columns={"rank": "step"}).drop(columns="worse")


@cached
def intervals(law: Law, sample: Sample) -> pd.DataFrame:
    """Return 95% intervals of the three growth rates by method.

    Without a penalty: the profile likelihood with independent rows, the same with its cut scaled for errors shared
    within papers, and the bootstrap over papers; with the published penalty: the penalised profile and the bootstrap.
    Columns: rate, method, penalty, point, low, high (per year, natural log), cut, scale, pieces (stretches of the set),
    role. The point of a bootstrap is its median.
    """
    scales = variances(fit.converged(law, sample, penalty=0.0), sample).scales(
        rate_slopes(fit.converged(law, sample, penalty=0.0))
    )
    rows = []
    for rate in RATES:
        curve = profile(law, sample, rate)
        rows.append(_profiled(curve, "profile, rows independent", 0.0, 1.0, "ours"))
        rows.append(_profiled(curve, "profile, scaled for papers", 0.0, scales[rate], "ours"))
        rows.append(_resampled(law, sample, rate, 0.0, "alternative"))
        penalised = profile(law, sample, rate, penalty=fit.PENALTY)
        rows.append(_profiled(penalised, "profile, with the penalty", fit.PENALTY, 1.0, "muted"))
        rows.append(_resampled(law, sample, rate, fit.PENALTY, "muted"))
    return pd.DataFrame(rows)


def _profiled(curve: pd.DataFrame, method: str, penalty: float, scale: float, role: str) -> dict[str, object]:
    """Return the interval of a profile under its cut as a row of `intervals`."""
    cut = chi2.ppf(LEVEL, 1) * scale
    values, heights = curve["value"].to_numpy(), curve["statistic"].to_numpy()
    low, high = ends(values, heights, cut)
    rate = curve["rate"].iloc[0]
    facts = {"rate": rate, "method": method, "penalty": penalty, "point": values[heights.argmin()]}
    return {
        **facts,
        "low": low,
        "high": high,
        "cut": cut,
        "scale": scale,
        "pieces": pieces(values, heights, cut),
        "role": role,
    }


def _resampled(law: Law, sample: Sample, rate: str, penalty: float, role: str) -> dict[str, object]:
    """Return the percentiles of resampled papers as a row of `intervals`."""
    values = draw_rates(paper_draws(law, sample, penalty=penalty))[rate]
    tail = (1.0 - LEVEL) / 2.0
    low, middle, high = np.nanquantile(values, [tail, 0.5, 1.0 - tail])
    method = "papers resampled" if penalty == 0.0 else "papers resampled, with the penalty"
    facts = {"rate": rate, "method": method, "penalty": penalty, "point": middle, "low": low, "high": high}
    return {**facts, "cut": np.nan, "scale": np.nan, "pieces": 1, "role": role}


def paper_draws(law: Law, sample: Sample, *, penalty: float = fit.PENALTY) -> Draws:
    """Return the converged bootstrap over papers, as the headline has it."""
    return resample.bootstrap(law, sample, by="paper", penalty=penalty, draws=DRAWS["paper"], seed=0)


def draw_rates(draws: Draws) -> pd.DataFrame:
    """Return the growth rates of every converged draw: parameters, data, compute."""
    kept = draws.params[draws.converged] if draws.method == "converged" else draws.params
    return pd.DataFrame(vars(progress.growth(draws.law, draws.reference, kept)))


def yearly_fall(draws: Draws, sample: Sample) -> pd.DataFrame:
    """Return how fast the loss falls with time at fixed parameters and data in every draw, and through which term.

    Columns: alpha_year and beta_year (per year), capacity, data and fall, their sum (nats per year, means over the rows
    of `sample`).
    """
    kept = draws.params[draws.converged] if draws.method == "converged" else draws.params
    design = draws.law.design(sample.frame, draws.reference)
    found = pd.DataFrame({name: kept[:, design.names.index(name)] for name in ("alpha_year", "beta_year")})
    capacity, data = (term.mean(axis=1) for term in design.parts(kept)[1])
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
    columns = design.gradient(theta)[:, [design.names.index(name) for name in ("alpha_year", "beta_year")]]
    return np.linalg.inv(columns.T @ columns)


@cached
def ridge(law: Law, sample: Sample, *, penalty: float = fit.PENALTY) -> pd.DataFrame:
    """Return the arms of the ridge between the two year coefficients, in theory and in the resampled papers.

    One line for each of the two best minima. The theory is the direction in which the predicted loss of the sample
    changes least, other parameters held at the minimum; it is near minus the mean capacity term over the mean data
    term. Columns: minimum, alpha_year, beta_year (at it), theory (slope d beta_year / d alpha_year), ratio (of those
    means), draws (slope of the major axis of the draws on the same side of alpha_year = 0, without the outer percent)
    and share (of the draws there).
    """
    design, target, _ = fit.problem(law, sample)
    names = ["alpha_year", "beta_year"]
    places = [design.names.index(name) for name in names]
    minima = _random_minima(design, target, penalty, STARTS).params[:2]
    pair = yearly_fall(paper_draws(law, sample, penalty=penalty), sample)[names]
    inner = ((pair > pair.quantile(0.005)) & (pair < pair.quantile(0.995))).all(axis=1)
    rows = []
    for rank, theta in enumerate(minima, start=1):
        capacity, data = (term.mean() for term in design.parts(theta)[1])
        arm = np.sign(pair["alpha_year"]) == np.sign(theta[places[0]])
        slope = axis_slope(pair[arm & inner].cov().to_numpy())
        facts = {"theory": axis_slope(held_covariance(design, theta)), "ratio": -capacity / data, "draws": slope}
        rows.append({"minimum": rank, **dict(zip(names, theta[places], strict=True)), **facts, "share": arm.mean()})
    return pd.DataFrame(rows)


@cached
def falls(law: Law, sample: Sample) -> pd.DataFrame:
    """Return what resampling leaves open of the yearly fall of the loss and of its two parts, by procedure.

    Columns: procedure, draws, correlation (of alpha_year and beta_year) and rank_correlation, sign_share (of draws
    with alpha_year + beta_year > 0), progress_share (with a positive rate of compute), and low, median, high of fall,
    capacity and data (nats per year, 95%), named `<part>_low` and so on.
    """
    rows = []
    for name, draws in procedures(law, sample).items():
        found = yearly_fall(draws, sample)
        pair = found[["alpha_year", "beta_year"]]
        facts = {"procedure": name, "draws": len(draws), "correlation": pair.corr().iloc[0, 1]}
        facts["rank_correlation"] = pair.corr("spearman").iloc[0, 1]
        facts["sign_share"] = float((pair.sum(axis=1) > 0).mean())
        facts["progress_share"] = float((draw_rates(draws)["compute"] > 0).mean())
        for part in ("fall", "capacity", "data"):
            ends = zip(("low", "median", "high"), found[part].quantile([0.025, 0.5, 0.975]), strict=True)
            facts |= {f"{part}_{end}": value for end, value in ends}
        rows.append(facts)
    return pd.DataFrame(rows)


def procedures(law: Law, sample: Sample) -> dict[str, Draws]:
    """Return the three bootstraps that the chapter compares, by name."""
    return {
        "published procedure, rows": resample.published_bootstrap(law, sample, draws=PUBLISHED_DRAWS, seed=0),
        "converged, papers": paper_draws(law, sample),
        "converged, no penalty, papers": paper_draws(law, sample, penalty=0.0),
    }


@cached
def penalty_path(
    law: Law, sample: Sample, *, penalties: tuple[float, ...] = PENALTIES, count: int = 100
) -> pd.DataFrame:
    """Return the local minima along the strength of the penalty, those within 5% of the best.

    Each strength is solved from random starts and from the minima at its neighbours. Columns as of `described`, and
    jump: whether the best minimum's rate of compute is by over 15% another than at the strength before.
    """
    design, target, _ = fit.problem(law, sample)
    found = parallel.mapped(
        _random_minima, [(design, target, strength, count) for strength in penalties], label="penalties"
    )
    for order in (range(1, len(penalties)), range(len(penalties) - 2, -1, -1)):
        for place in order:
            points = np.vstack([found[place].params, found[place - order.step].params])
            found[place] = _distinct(design, target, penalties[place], points)
    frames, before = [], None
    for strength, each in zip(penalties, found, strict=True):
        near = each.objective <= WORSE * each.objective[0]
        frame = described(design, each.params[near], each.objective[near], strength)
        now = frame["compute"].iloc[0]
        frames.append(frame.assign(jump=before is not None and abs(np.log(now / before)) > JUMP))
        before = now
    return pd.concat(frames, ignore_index=True)


def _random_minima(design: Design, target: np.ndarray, penalty: float, count: int) -> Minima:
    """Return the distinct minima from random starts."""
    return _distinct(design, target, penalty, starts.random_starts(design, count, 0))


def _distinct(design: Design, target: np.ndarray, penalty: float, points: np.ndarray) -> Minima:
    """Return the distinct minima reached from some points, under one strength of the penalty."""
    return reached(design, target, penalties=fit.strengths(design, penalty), starts=points)


def references(frame: pd.DataFrame) -> dict[str, Normalisation]:
    """Return choices of the constants N0, D0 and Y0 by name; the first is the authors', the last that of their figure.

    The other constants, which law 7 has no use for, stay as they are.
    """
    columns = frame[["parameters", "dataset_tokens", "years_decimal"]]
    middle = np.exp(np.log(columns).mean())
    early, year = columns.min(), columns["years_decimal"].mean()
    choices = {
        "minima of the sample (published)": early,
        "minima, mean year": [*early.iloc[:2], year],
        "one parameter, one token, first year": [1.0, 1.0, early.iloc[2]],
        "geometric means, mean year": [*middle.iloc[:2], year],
        "medians": columns.median(),
        "maxima": columns.max(),
        "as in the authors' figure of the law": [1e8, 1e8, 2012.0],
    }
    base = Normalisation.of(frame)
    fields = ("parameters", "tokens", "year")
    return {
        name: replace(base, **dict(zip(fields, map(float, values), strict=True))) for name, values in choices.items()
    }


def moved(design: Design, params: np.ndarray, old: Normalisation, new: Normalisation) -> np.ndarray:
    """Return the parameters that predict the same under other constants (points x parameters): only constants move."""
    found = np.array(params, float)
    place = {name: design.names.index(name) for name in design.names}
    later = new.year - old.year
    for constant, year, size, ratio in (
        ("alpha_const", "alpha_year", "alpha_param", new.parameters / old.parameters),
        ("beta_const", "beta_year", "beta_data", new.tokens / old.tokens),
    ):
        found[:, place[constant]] -= found[:, place[year]] * later + found[:, place[size]] * np.log(ratio)
    return found


@cached
def constants(law: Law, sample: Sample, *, penalty: float = fit.PENALTY, count: int = STARTS) -> pd.DataFrame:
    """Return the converged fits under other constants N0, D0 and Y0, one line a choice and penalty.

    Starts are the same points, moved. Columns: constants, parameters, tokens, year, penalty, objective (nats squared),
    parameters_rate, data_rate, compute_rate, months, and other_months and worse: those of the next minimum.
    """
    rows = []
    old = Normalisation.of(sample.frame)
    for strength in (penalty, 0.0):
        for name, new in references(sample.frame).items():
            design, target, _ = fit.problem(law, sample, new)
            points = moved(design, starts.random_starts(design, count, 0), old, new)
            found = _distinct(design, target, strength, points)
            near = described(design, found.params[:2], found.objective[:2], strength)
            best = near.iloc[0]
            rows.append(
                {
                    "constants": name,
                    "parameters": new.parameters,
                    "tokens": new.tokens,
                    "year": new.year,
                    "penalty": strength,
                    "objective": best["objective"],
                    "parameters_rate": best["parameters"],
                    "data_rate": best["data"],
                    "compute_rate": best["compute"],
                    "months": best["months"],
                    "other_months": near["months"].iloc[-1],
                    "worse": near["worse"].iloc[-1],
                }
            )
    return pd.DataFrame(rows)


def information(found: Fit, sample: Sample) -> np.ndarray:
    """Return the information matrix J'J / n at a fit: the mean outer product of the gradients of the predictions."""
    gradient = found.law.design(sample.frame, found.reference).gradient(found.params.to_numpy())
    return gradient.T @ gradient / len(gradient)


def spectrum(found: Fit, sample: Sample) -> pd.DataFrame:
    """Return the eigenvectors of the information matrix, the sloppiest first.

    Columns: direction (1 is the sloppiest), eigenvalue, spread (standard deviation of the parameters along it, errors
    independent), log_doubling (standard deviation that it gives ln doubling time), share (of the variance of that), one
    column of loadings for each parameter.
    """
    values, vectors = np.linalg.eigh(information(found, sample))
    slopes = rate_slopes(found).loc["compute"]
    rate = growth(found.law.design(sample.frame, found.reference), found.params.to_numpy()[None]).compute[0]
    spread = np.sqrt(found.mse / (found.rows * values))
    effect = np.abs(slopes.to_numpy() @ vectors) / rate * spread
    facts = {"direction": np.arange(1, len(values) + 1), "eigenvalue": values, "spread": spread}
    shares = {"log_doubling": effect, "share": effect**2 / (effect**2).sum()}
    return pd.DataFrame({**facts, **shares}).join(pd.DataFrame(vectors.T, columns=list(found.params.index)))


def profiles(law: Law, sample: Sample) -> pd.DataFrame:
    """Return the profiles of the three growth rates without a penalty and with the published one (column penalty)."""
    return pd.concat(
        [
            profile(law, sample, rate, penalty=penalty).assign(penalty=penalty)
            for penalty in (0.0, fit.PENALTY)
            for rate in RATES
        ],
        ignore_index=True,
    )
