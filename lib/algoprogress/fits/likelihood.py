"""The likelihood of a law whose errors are shared within papers in part, along the pace of progress.

A row's error is normal: its own, and one that all rows of its paper have in common (a random intercept; Laird & Ware
1982). No prior and no penalty comes in. With `falling` a law may have effective parameters or effective data decline
with time, so that gains in one pay for losses in the other; without, neither does.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import ndtri

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.data.variables import Normalisation
from algoprogress.engine.cache import cached
from algoprogress.fits import descent, fit, profile, solver
from algoprogress.fits.rates import months_of
from algoprogress.laws.law import Design, Law, LawError
from algoprogress.show.estimate import Estimate

PACES = np.round(np.arange(-0.2, 3.01, 0.1), 10)  # rates of compute of a curve, per year (natural log)
STARTS, BEGIN = 100, np.log(0.5)  # random starts of the least squares; log ratio of variances to start from
RATIO = (-8.0, 4.0)  # bounds of the log ratio of the variance of papers to that of rows
GAIN = 1e-4  # of twice the log-likelihood: what a neighbour's solution must improve on
COVERS = {
    False: "95%, profile likelihood, errors shared within papers, neither efficiency falls",
    True: "95%, profile likelihood, errors shared within papers",
}


@dataclass(frozen=True)
class Shared:
    """The problem: a design of two terms, the observed loss (nats), each row's paper as a number.

    A point has the parameters of the law with the growth rates of parameters and data (per year, natural log) in the
    place of the two coefficients of the year, and the log ratio of the variance of papers to that of rows.
    """

    design: Design
    target: np.ndarray
    papers: np.ndarray
    falling: bool

    @classmethod
    def of(cls, law: Law, sample: Sample, *, falling: bool, reference: Normalisation | None = None) -> Shared:
        """Return the problem of a law with two terms on a sample."""
        design, target, _ = fit.problem(law, sample, reference)
        return cls(design, target, np.unique(sample.frame["paper_id"], return_inverse=True)[1], falling)

    @cached_property
    def sizes(self) -> np.ndarray:
        """Return the number of rows of each paper."""
        return np.bincount(self.papers).astype(float)

    @cached_property
    def columns(self) -> np.ndarray:
        """Return the design of both terms, shape (terms, rows, parameters)."""
        return np.ascontiguousarray(self.design.exponents)

    @cached_property
    def places(self) -> np.ndarray:
        """Return the places of the coefficients of year and size, those of parameters in the first line."""
        names = self.design.names
        return np.array([[names.index(name) for name in profile.ratio(names, each)] for each in profile.STEMS])

    def params(self, point: np.ndarray) -> np.ndarray:
        """Return the parameters of the law at a point."""
        found, (years, sizes) = point[:-1].copy(), self.places.T
        found[years] *= found[sizes]
        return found

    def point(self, params: np.ndarray, log_ratio: float = BEGIN) -> np.ndarray:
        """Return the point of parameters whose exponents are not zero."""
        found, (years, sizes) = np.append(params, log_ratio), self.places.T
        found[years] /= np.where(np.abs(found[sizes]) > 1e-6, found[sizes], 1e-6)
        return found

    def deviance(self, point: np.ndarray) -> float:
        """Return minus twice the log-likelihood at the best variance of rows, less its constant."""
        left = self.target - self.design.predict(self.params(point))
        return float(descent.deviance(left, self.papers, self.sizes, float(np.exp(point[-1])))[0])

    def spreads(self, point: np.ndarray) -> tuple[float, float]:
        """Return the standard deviations of the errors that a paper shares and of a row's own, in nats."""
        left, ratio = self.target - self.design.predict(self.params(point)), float(np.exp(point[-1]))
        own = float(np.sqrt(descent.deviance(left, self.papers, self.sizes, ratio)[1] / len(left)))
        return own * float(np.sqrt(ratio)), own

    def best(self, points: Iterable[np.ndarray], rate: float | None = None) -> tuple[float, np.ndarray]:
        """Return the least deviance and its point from some points, the rate of compute held or not."""
        (first, second), held = self.places[:, 0], rate is not None
        low, high = np.full((2, len(self.design.names)), [[-np.inf], [np.inf]])
        if not self.falling:
            low[[first, second]] = 0.0
            if held:  # that of parameters is what is left of it
                high[second] = rate
        given = self.columns, self.target, self.papers, self.sizes, self.places
        last = low, high, RATIO, held, float(rate or 0.0)
        return min((descent.descent(*given, point, *last) for point in points), key=lambda pair: pair[0])


def starts(task: Shared) -> list[np.ndarray]:
    """Return points to start from: the two best minima of the squares."""
    begin = solver.random_starts(task.design, STARTS, 0)
    minima = solver.reached(task.design, task.target, penalties=fit.strengths(task.design, 0.0), starts=begin)
    return [task.point(each) for each in minima.params[:2]]


@cached
def curve(law: Law, sample: Sample, *, falling: bool, rates: tuple[float, ...] = tuple(PACES)) -> pd.DataFrame:
    """Return the best fit with the rate of compute held at each of some values and at the best one, by value.

    Columns: value (per year, natural log), statistic (twice the fall of the log-likelihood from its top), parameters
    and data (the growth rates there), log_ratio, and every parameter of the law by name. The law needs two terms.
    """
    task = Shared.of(law, sample, falling=falling)
    found, top = solved(task, np.array([each for each in rates if falling or each >= 0.0]), starts(task))
    lines, names = [], list(task.design.names)
    for value, (deviance, point) in found.items():
        grown = dict(zip(profile.STEMS, point[task.places[:, 0]], strict=True))
        told = {"value": value, "statistic": max(deviance - top, 0.0), **grown, "log_ratio": point[-1]}
        lines.append(told | dict(zip(names, task.params(point), strict=True)))
    return pd.DataFrame(lines)


def solved(task: Shared, rates: np.ndarray, begin: Sequence[np.ndarray]) -> tuple[dict, float]:
    """Return the best deviance and point at each rate and at the best one, by rate, and the least deviance."""
    found = {float(rate): task.best(begin, float(rate)) for rate in rates}
    likeliest = sorted(found.values(), key=lambda pair: pair[0])[:3]
    top, best = task.best([point for _, point in likeliest])
    found = dict(sorted({**found, float(best[task.places[:, 0]].sum()): (top, best)}.items()))
    moved = True
    while moved:  # from the neighbour's solution, up and down
        moved = False
        for order in (list(found), list(found)[::-1]):
            for before, rate in itertools.pairwise(order):
                new = task.best([found[before][1]], rate)
                if new[0] < found[rate][0] - GAIN:
                    found[rate], moved = new, True
    return found, min(top, min(deviance for deviance, _ in found.values()))


def statistic(task: Shared, rate: float, begin: Sequence[np.ndarray]) -> float:
    """Return twice the fall of the log-likelihood from its top to a rate of compute, from some points."""
    held, point = task.best(begin, rate)
    return max(held - task.best([*begin, point])[0], 0.0)


def calibrated(found: pd.DataFrame, *, falling: bool) -> pd.DataFrame:
    """Return a `curve` with its statistic over what makes 95% of simulated samples stay below the cut at each rate.

    So that an interval holds the truth as often as it says whatever the pace (a Bartlett factor by simulation, as of
    Rocke 1989). The factors are those of law 7 and the rows of the book, from `data/pace_cuts.csv`.
    """
    kept = tables.read("pace_cuts")
    kept = kept[kept["falling"] == ("yes" if falling else "no")].sort_values("rate")
    factor = np.interp(found["value"], kept["rate"], kept["cut"] / profile.CUT)
    return found.assign(statistic=found["statistic"] / factor)


def interval(found: pd.DataFrame, *, falling: bool) -> Estimate:
    """Return the best rate of a `curve`, per year, and the ends between which its statistic is below the 95% cut."""
    values, heights = found["value"].to_numpy(), found["statistic"].to_numpy()
    ends = profile.ends(values, heights, profile.CUT)
    return Estimate(float(values[heights.argmin()]), *ends, COVERS[falling], "per year")


def doubling_times(law: Law, sample: Sample) -> dict[bool, Estimate]:
    """Return the doubling time of effective compute in months with its 95% interval, by whether an efficiency may fall.

    The cut is as simulated for the rows of the book. Raises LawError for another law than 7.
    """
    if law.id != "7":
        raise LawError(f"law {law.id}: the likelihood is calibrated for law 7 only")
    curves = {falling: calibrated(curve(law, sample, falling=falling), falling=falling) for falling in COVERS}
    return {falling: months_of(interval(each, falling=falling)) for falling, each in curves.items()}


def drawn(found: pd.DataFrame, count: int) -> np.ndarray:
    """Return as many evenly spaced quantiles of the confidence distribution of the rate, in rising order.

    The confidence that the rate is below a value is the normal probability of the signed root of the statistic there
    (Cox 1958; Schweder & Hjort 2002), so that its central 95% is the interval. Past the ends of the curve the root goes
    on in a straight line.
    """
    values, root = _signed(found)
    places = ndtri((np.arange(count) + 0.5) / count)
    inside = np.interp(places, root, values)
    slopes = np.diff(values)[[0, -1]] / np.diff(root)[[0, -1]]
    low, high = values[0] + slopes[0] * (places - root[0]), values[-1] + slopes[1] * (places - root[-1])
    return np.where(places < root[0], low, np.where(places > root[-1], high, inside))


def _signed(found: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the rates of a curve and the signed root of its statistic, which is made to rise."""
    values, heights = found["value"].to_numpy(), found["statistic"].to_numpy()
    best = heights.argmin()
    root = np.sign(np.arange(len(values)) - best) * np.sqrt(heights)
    root = np.r_[np.minimum.accumulate(root[:best][::-1])[::-1], 0.0, np.maximum.accumulate(root[best + 1 :])]
    kept = np.r_[True, np.diff(root) > 0.0]
    return values[kept], root[kept]
