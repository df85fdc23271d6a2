"""Who gets the credit for a fall of the loss: Shapley shares of parameters, data and their efficiencies.

Ho et al. 2024, section 3.2 and notebook section3, cells 41 to 44. The four factors are the size of the model, the size
of the dataset, and the year as it stands in either term of the law; the value of a combination is the predicted loss.
The shares are exact over all orders (Shapley 1953).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable

import numpy as np
import pandas as pd

from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN, Normalisation
from algoprogress.fits.fit import Fit
from algoprogress.fits.rates import Conditions, shapley
from algoprogress.fits.resample import Draws
from algoprogress.laws.law import Law

FACTORS = ("parameters", "data", "parameter_efficiency", "data_efficiency")
ALGORITHMS = ("parameter_efficiency", "data_efficiency")
DAYS_PER_YEAR = 365.242199  # as the authors convert dates in this step


def year_of(dates: pd.Series) -> pd.Series:
    """Return dates as numbers in the way of this step, 1970 plus days over 365.242199."""
    return 1970.0 + (dates - pd.Timestamp("1970-01-01")).dt.days / DAYS_PER_YEAR


def terms(law: Law, reference: Normalisation, params: np.ndarray, systems: pd.DataFrame) -> list[np.ndarray]:
    """Return the terms of the predicted loss on WikiText-103, in nats, by draw and by whose size, data and year it has.

    One array a term (capacity, then data if the law has it), of shape (draws, systems, systems, systems) for the
    parameters, tokens and year of the systems. `systems`: parameters, dataset_tokens, years_decimal.
    """
    count = len(systems)
    size, tokens, year = np.indices((count, count, count)).reshape(3, -1)
    frame = Conditions().frame(
        parameters=systems["parameters"].to_numpy(float)[size],
        tokens=systems["dataset_tokens"].to_numpy(float)[tokens],
        year=systems["years_decimal"].to_numpy(float)[year],
    )
    _, found = law.design(frame, reference).parts(np.atleast_2d(params))
    return [term.reshape(len(term), count, count, count) for term in found]


def contributions(
    law: Law,
    reference: Normalisation,
    params: np.ndarray,
    systems: pd.DataFrame,
    pairs: Iterable[tuple[int, int]] | None = None,
) -> dict[tuple[int, int], dict[str, np.ndarray]]:
    """Return the Shapley contributions to the change of the loss, in nats by draw, by pair of systems.

    Keys are positions (from, to); all pairs in order unless told. Each value maps `FACTORS` to arrays of one element a
    draw. In a law of one term the year counts as parameter efficiency.
    """
    found = terms(law, reference, params, systems)
    chosen = itertools.combinations(range(len(systems)), 2) if pairs is None else pairs
    return {pair: shapley(functools.partial(_loss, found, *pair), FACTORS) for pair in chosen}


def _loss(found: list[np.ndarray], start: int, end: int, changed: frozenset) -> np.ndarray:
    """Return the loss, without its floor, of a system between two others that has some factors of the later one."""
    at = {factor: end if factor in changed else start for factor in FACTORS}
    years = (at["parameter_efficiency"], at["data_efficiency"])
    return sum(term[:, at["parameters"], at["data"], year] for term, year in zip(found, years, strict=False))


def shares(law: Law, reference: Normalisation, params: np.ndarray, systems: pd.DataFrame) -> pd.DataFrame:
    """Return the shares of every pair of systems at each draw, a line a pair and draw.

    Columns: start, end (names), draw, change_nats, each of `FACTORS`, and compute and algorithms (their sums). Shares
    are of the change of the loss; where that is near zero they are large and of either sign.
    """
    names = systems["system"].tolist()
    lines = []
    for (start, end), found in contributions(law, reference, params, systems).items():
        change = sum(found.values())
        line = {name: found[name] / change for name in FACTORS}
        algorithms = sum(line[name] for name in ALGORITHMS)
        lines.append(
            pd.DataFrame(
                {
                    "start": names[start],
                    "end": names[end],
                    "draw": np.arange(len(change)),
                    "change_nats": change,
                    **line,
                    "compute": 1.0 - algorithms,
                    "algorithms": algorithms,
                }
            )
        )
    return pd.concat(lines, ignore_index=True)


def of_fit(fit: Fit, systems: pd.DataFrame) -> pd.DataFrame:
    """Return the shares of every pair under one fit."""
    return shares(fit.law, fit.reference, fit.params.to_numpy(), systems).drop(columns="draw")


def intervals(draws: Draws, systems: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Return median and interval of each share over draws: start, end, factor, median, low, high."""
    params = draws.params[draws.converged] if draws.method == "converged" else draws.params
    frame = shares(draws.law, draws.reference, params, systems)
    tail = (1.0 - level) / 2.0
    long = frame.melt(["start", "end", "draw"], [*FACTORS, "compute", "algorithms"], var_name="factor")
    groups = long.groupby(["start", "end", "factor"], sort=False)["value"]
    ends = {"median": 0.5, "low": tail, "high": 1.0 - tail}
    return pd.DataFrame({name: groups.quantile(level) for name, level in ends.items()}).reset_index()


def largest_by_year(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the largest system of each year among evaluations, by 6 N D, where it is a record: the physical frontier.

    Columns as in `frame`, and compute_flop.
    """
    known = frame.assign(compute_flop=FLOP_PER_PARAMETER_TOKEN * frame["parameters"] * frame["dataset_tokens"])
    year = known["years_decimal"].astype(int)
    largest = known.loc[known.groupby(year)["compute_flop"].idxmax()].sort_values("years_decimal")
    return largest[largest["compute_flop"] > largest["compute_flop"].cummax().shift(fill_value=0.0)].reset_index(
        drop=True
    )


def along_frontier(draws: Draws, systems: pd.DataFrame) -> pd.DataFrame:
    """Return the share of algorithms between consecutive systems, by draw: start, end, year, draw, algorithms."""
    params = draws.params[draws.converged] if draws.method == "converged" else draws.params
    pairs = list(itertools.pairwise(range(len(systems))))
    lines = []
    for (start, end), found in contributions(draws.law, draws.reference, params, systems, pairs).items():
        total = sum(found.values())
        algorithms = sum(found[name] for name in ALGORITHMS) / total
        lines.append(
            pd.DataFrame(
                {
                    "start": systems["system"][start],
                    "end": systems["system"][end],
                    "year": systems["years_decimal"][end],
                    "draw": np.arange(len(total)),
                    "algorithms": algorithms,
                }
            )
        )
    return pd.concat(lines, ignore_index=True)
