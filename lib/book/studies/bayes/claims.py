"""The doubling times of the hierarchical model, and how often each procedure's interval holds a simulated truth."""

from __future__ import annotations

from collections.abc import Iterator

from algoprogress.data import tables
from algoprogress.show.estimate import Estimate
from book.studies.bayes import simulation, study

VARIED = (
    "wide_priors",
    "slow_prior",
    "normal_errors",
    "no_papers",
    "common_rate",
    "repeated_tokens",
    "floor",
    "experiments",
)
FLOORS = {"no_floor": "no", "floor": "yes"}
PROCEDURES = {
    "published": "published",
    "converged": "converged",
    "unpenalised": "converged, no penalty",
    "neutral": "neutral",
    "bayes": "Bayes",
}


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    months = study.doubling_times(tables.read("posterior_checks"))
    yield "ho.bayes.doubling_months", months["default"]
    for variant in VARIED:
        yield f"ho.bayes.{variant}.doubling_months", months[variant]
    held = simulation.coverage(tables.read("simulation")).set_index(["floor", "data", "procedure"])["coverage"]
    for truth, floor in FLOORS.items():
        for data in simulation.DATA:
            for procedure, name in PROCEDURES.items():
                yield f"ho.simulation.{truth}.{data}.{procedure}", held[floor, data, name]
