"""Who gets the credit for a fall of the loss: exact Shapley (1953) shares of parameters, data and their efficiencies.

Factors (Ho et al. 2024, 3.2): the sizes of model and dataset, and the year in either term; the value is predicted loss.
"""

import functools
import itertools
import math
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from algoprogress.data.variables import Normalisation
from algoprogress.fits.fit import Fit
from algoprogress.fits.rates import Conditions
from algoprogress.fits.resample import Draws
from algoprogress.laws.law import Law

FACTORS = ("parameters", "data", "parameter_efficiency", "data_efficiency")
ALGORITHMS = ("parameter_efficiency", "data_efficiency")


def shapley(value: Callable[[frozenset], np.ndarray], factors: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return the Shapley contribution of each factor; they add up to value(all) - value(none).

    `value` maps the set of factors that have changed to a number or array, and is asked once for each of the 2^k sets.

    >>> shares = shapley(lambda changed: 2.0 * len(changed) + 3.0 * ({"a", "b"} <= changed), ("a", "b", "c"))
    >>> {name: float(share) for name, share in shares.items()}
    {'a': 3.5, 'b': 3.5, 'c': 2.0}
    """
    count = len(factors)
    values = {
        frozenset(chosen): value(frozenset(chosen))
        for size in range(count + 1)
        for chosen in itertools.combinations(factors, size)
    }
    found = {}
    for factor in factors:
        total = 0.0
        for before, worth in values.items():
            if factor not in before:
                weight = math.factorial(len(before)) * math.factorial(count - len(before) - 1) / math.factorial(count)
                total = total + weight * (values[before | {factor}] - worth)
        found[factor] = total
    return found


def contributions(
    law: Law,
    reference: Normalisation,
    params: np.ndarray,
    systems: pd.DataFrame,
    pairs: Iterable[tuple[int, int]] | None = None,
) -> dict[tuple[int, int], dict[str, np.ndarray]]:
    """Return the Shapley contributions to the change of the loss on WikiText-103, in nats by draw, by pair of systems.

    `params` is (draws x parameters); `systems` has parameters, dataset_tokens and years_decimal. Keys are positions
    (from, to); all pairs in order unless told. Each value maps `FACTORS` to arrays of one element a draw. In a law of
    one term the year counts as parameter efficiency.
    """
    found = _terms(law, reference, params, systems)
    chosen = itertools.combinations(range(len(systems)), 2) if pairs is None else pairs
    return {pair: shapley(functools.partial(_loss, found, *pair), FACTORS) for pair in chosen}


def shares(found: Fit | Draws, systems: pd.DataFrame, pairs: Iterable[tuple[int, int]] | None = None) -> pd.DataFrame:
    """Return the share of each factor in the change of the predicted loss between systems, a line a pair and draw.

    Pairs as in `contributions`; a fit is one draw, and draws that did not converge are left out. Columns: start, end
    (the names in `system`), draw, change_nats, each of `FACTORS`, and compute and algorithms (their sums). Where the
    loss hardly changes shares are large and of either sign.
    """
    params, names = np.atleast_2d(found.params), systems["system"].tolist()
    if isinstance(found, Draws) and found.method == "converged":
        params = params[found.converged]
    lines = []
    for (start, end), parts in contributions(found.law, found.reference, params, systems, pairs).items():
        change = sum(parts.values())
        line = {name: parts[name] / change for name in FACTORS}
        algorithms = sum(line[name] for name in ALGORITHMS)
        head = {"start": names[start], "end": names[end], "draw": np.arange(len(change)), "change_nats": change}
        lines.append(pd.DataFrame({**head, **line, "compute": 1.0 - algorithms, "algorithms": algorithms}))
    return pd.concat(lines, ignore_index=True)


def _terms(law: Law, reference: Normalisation, params: np.ndarray, systems: pd.DataFrame) -> list[np.ndarray]:
    """Return the predicted loss in nats: an array a term, (draws, systems, systems, systems) by size, data and year."""
    count = len(systems)
    size, tokens, year = np.indices((count, count, count)).reshape(3, -1)
    frame = Conditions().frame(
        parameters=systems["parameters"].to_numpy(float)[size],
        tokens=systems["dataset_tokens"].to_numpy(float)[tokens],
        year=systems["years_decimal"].to_numpy(float)[year],
    )
    _, found = law.design(frame, reference).parts(np.atleast_2d(params))
    return [term.reshape(len(term), count, count, count) for term in found]


def _loss(found: list[np.ndarray], start: int, end: int, changed: frozenset) -> np.ndarray:
    """Return the loss, without its floor, of a system between two others that has some factors of the later one."""
    at = {factor: end if factor in changed else start for factor in FACTORS}
    years = (at["parameter_efficiency"], at["data_efficiency"])
    return sum(term[:, at["parameters"], at["data"], year] for term, year in zip(found, years, strict=False))
