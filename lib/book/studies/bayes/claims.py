"""The doubling times of the hierarchical model, and how often each procedure's interval holds a simulated truth."""

from collections.abc import Iterator

from algoprogress.data import tables
from algoprogress.show.estimate import Estimate
from book.studies.bayes import simulation, study

TRUTHS = {
    "ho.simulation.no_floor.dataset": ("no", "dataset"),
    "ho.simulation.no_floor.seen": ("no", "seen"),
    "ho.simulation.floor.dataset": ("yes", "dataset"),
    "ho.simulation.floor.seen": ("yes", "seen"),
}
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
    yield "ho.bayes.wide_priors.doubling_months", months["wide_priors"]
    yield "ho.bayes.slow_prior.doubling_months", months["slow_prior"]
    yield "ho.bayes.normal_errors.doubling_months", months["normal_errors"]
    yield "ho.bayes.no_papers.doubling_months", months["no_papers"]
    yield "ho.bayes.common_rate.doubling_months", months["common_rate"]
    yield "ho.bayes.repeated_tokens.doubling_months", months["repeated_tokens"]
    yield "ho.bayes.floor.doubling_months", months["floor"]
    yield "ho.bayes.experiments.doubling_months", months["experiments"]
    held = simulation.coverage(tables.read("simulation")).set_index(["floor", "data", "procedure"])["coverage"]
    for stem, truth in TRUTHS.items():
        for procedure, name in PROCEDURES.items():
            yield f"{stem}.{procedure}", held[*truth, name]
