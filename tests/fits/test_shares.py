"""Shapley shares by brute force over all orders, and that they add up to the change of a prediction."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from algoprogress.data import tables
from algoprogress.fits import fit, shares
from algoprogress.laws import catalogue
from published_values import SAMPLE


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_shares_are_the_mean_over_all_orders(count):
    rng = np.random.default_rng(count)
    names = tuple("abcde"[:count])
    worth = {
        frozenset(chosen): rng.normal(size=3)
        for size in range(count + 1)
        for chosen in itertools.combinations(names, size)
    }
    found = shares.shapley(worth.__getitem__, names)
    brute = dict.fromkeys(names, 0.0)
    orders = list(itertools.permutations(names))
    for order in orders:
        done: frozenset = frozenset()
        for name in order:
            brute[name] = brute[name] + (worth[done | {name}] - worth[done]) / len(orders)
            done = done | {name}
    for name in names:
        np.testing.assert_allclose(found[name], brute[name])
    np.testing.assert_allclose(sum(found.values()), worth[frozenset(names)] - worth[frozenset()])


@pytest.mark.parametrize("law", ["7", "12", "15", "18"])
def test_contributions_add_up_to_the_change_of_the_prediction(law):
    found = fit.converged(catalogue.law(law), SAMPLE)
    systems = tables.read("milestones").assign(years_decimal=lambda table: table["publication_date"].dt.year + 0.5)
    pairs = shares.contributions(found.law, found.reference, found.params.to_numpy(), systems)
    assert len(pairs) == 36
    frame = systems.assign(
        benchmark="wt103", architecture="transformer", epochs=1.0, epochs_status="recovered", vocabulary=50_257.0
    )
    loss = found.predict(frame)
    for (start, end), parts in pairs.items():
        np.testing.assert_allclose(sum(parts.values()), loss[end] - loss[start], atol=1e-12)
