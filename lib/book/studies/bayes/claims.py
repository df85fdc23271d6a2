"""Recomputes the doubling times of the hierarchical model, from its kept draws, and what simulations say of them."""

from __future__ import annotations

import functools

import pandas as pd

from algoprogress.data import tables
from algoprogress.show.estimate import Estimate
from book.studies.bayes import simulation
from book.studies.bayes import tables as bayes_tables
from book.studies.registry import recomputes

POSTERIOR = "95%, posterior given the rows and the priors"


@functools.cache
def times() -> pd.DataFrame:
    """Return the doubling times of the variants in months, by name."""
    return bayes_tables.months(tables.read("posterior_checks")).set_index("variant")


@recomputes(r"ho\.bayes(?:\.(\w+))?\.doubling_months")
def doubling(variant: str | None) -> Estimate:
    """Return the median doubling time of a variant, of the default unless named."""
    row = times().loc[variant or "default"]
    return Estimate(row["median"], row["low"], row["high"], POSTERIOR)


@recomputes(r"ho\.simulation\.(\w+)\.(\w+)\.(published|converged|unpenalised|neutral|bayes)")
def covered(floor: str, data: str, procedure: str) -> Estimate:
    """Return how often a procedure's 95% interval holds the truth."""
    called = {"unpenalised": "converged, no penalty", "bayes": "Bayes"}.get(procedure, procedure)
    rates = simulation.rates(tables.read("simulation"))
    row = rates[
        (rates["floor"] == {"floor": "yes", "no_floor": "no"}[floor])
        & (rates["data"] == data)
        & (rates["procedure"] == called)
    ].iloc[0]
    return Estimate(row["coverage"], row["low"], row["high"], "95%, Wilson, over the simulated samples")
