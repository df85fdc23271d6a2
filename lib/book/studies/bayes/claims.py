"""The doubling times of the hierarchical model, and how often each procedure's interval holds a simulated truth."""

from collections.abc import Iterator

import numpy as np

from algoprogress.data import tables
from algoprogress.show.estimate import NORMAL_975, Estimate
from book.studies.bayes import simulation, study

TRUTHS = {
    "ho.simulation.no_floor.dataset": ("no", "dataset"), "ho.simulation.no_floor.seen": ("no", "seen"),
    "ho.simulation.floor.dataset": ("yes", "dataset"), "ho.simulation.floor.seen": ("yes", "seen"),
}  # fmt: skip
PROCEDURES = {
    "published": "published", "converged": "converged", "unpenalised": "converged, no penalty", "neutral": "neutral",
    "bayes": "Bayes",
}  # fmt: skip


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    checks = tables.read("posterior_checks")
    last = checks.set_index("variant").loc["experiments"]
    ends = last["elpd_behind"] + NORMAL_975 * last["elpd_behind_se"] * np.array([-1.0, 1.0])
    yield (
        "ho.bayes.experiments.log_density",
        Estimate(last["elpd_behind"], *ends, "95%, paired by paper left out", "nats"),
    )
    months = study.doubling_times(checks)
    yield "ho.bayes.doubling_months", months.pop("default")
    for variant, found in months.items():  # the other names of `study.VARIANTS`
        yield f"ho.bayes.{variant}.doubling_months", found
    held = simulation.coverage(tables.read("simulation")).set_index(["floor", "data", "procedure"])["coverage"]
    for stem, truth in TRUTHS.items():
        for procedure, name in PROCEDURES.items():
            yield f"{stem}.{procedure}", held[*truth, name]
