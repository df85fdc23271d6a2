"""The doubling times of the hierarchical model, and how often each procedure's interval holds a simulated truth."""

import functools
import itertools
from collections.abc import Iterator

import numpy as np

from algoprogress.data import tables
from algoprogress.fits import rates
from algoprogress.show.estimate import NORMAL_975, Estimate
from book.studies.bayes import answer, paces, simulation, stacked, study

TRUTHS = {
    "ho.simulation.no_floor.dataset": ("no", "dataset"), "ho.simulation.no_floor.seen": ("no", "seen"),
    "ho.simulation.floor.dataset": ("yes", "dataset"), "ho.simulation.floor.seen": ("yes", "seen"),
}  # fmt: skip
FITTED = "none: a weight of the stacked mixture, fitted to all papers"
POSTERIOR_MEAN = "none: a property of the posterior"
COUNTED = f"95%, Monte Carlo error of {study.KEPT:,} draws"
PROCEDURES = {
    "published": "published", "converged": "converged", "unpenalised": "converged, no penalty", "neutral": "neutral",
    "bayes": "Bayes", "likelihood": "likelihood", "falling": "likelihood, falling",
}  # fmt: skip
CHANCES = {"ho.bayes": "posterior", "ho.likelihood": "likelihood", "ho.likelihood.falling": "falling"}
READ = {name: words for name, words in PROCEDURES.items() if words in paces.PROCEDURES}


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    checks = tables.read("posterior_checks").set_index("variant", drop=False)
    months = study.doubling_times(checks)
    yield "ho.bayes.doubling_months", months.pop("default")
    for variant, found in months.items():  # the other names of `study.VARIANTS`
        yield f"ho.bayes.{variant}.doubling_months", found
    for row in stacked.behind_the_default().drop(0).itertuples():  # the first is the default itself
        ends = row.value + NORMAL_975 * row.error * np.array([-1.0, 1.0])
        covers = "95%, paired by paper left out"
        yield f"ho.bayes.{row.variant}.log_density", Estimate(row.value, *ends, covers, "nats")
    for variant, weight in stacked.weights().items():
        yield f"ho.bayes.{variant}.weight", Estimate.exact(weight, FITTED)
    for variant in ("default", "floor", "experiments"):
        yield f"ho.bayes.{variant}.misfit", Estimate.exact(checks.loc[variant, "misfit"], POSTERIOR_MEAN)
    for variant in ("floor", "experiments"):
        yield f"ho.bayes.{variant}.irreducible", Estimate.exact(checks.loc[variant, "floor"], POSTERIOR_MEAN)
    draws = tables.read("posterior")
    yield "ho.bayes.experiments.without_progress", Estimate.of_share(draws["rate_experiments"] <= 0.0, covers=COUNTED)
    slow = rates.slow(draws["rate_reviewed"].to_numpy())["slower_than_24"]
    yield "ho.bayes.reviewed.slower_than_24", Estimate.of_share(slow, covers=COUNTED)
    for stem, name in CHANCES.items():
        reading = answer.named(name)
        for tail, share in answer.slower(reading).items():
            yield f"{stem}.{tail}", share
        if reading.likely:
            yield f"{stem}.doubling_months", answer.months(reading)
    for name, found in answer.varied().items():
        yield f"ho.likelihood.{name}.doubling_months", found
    yield from _answer()
    yield from _paces()
    held = simulation.coverage(tables.read("simulation")).set_index(["floor", "data", "procedure"])["coverage"]
    for stem, truth in TRUTHS.items():
        for procedure, name in PROCEDURES.items():
            yield f"{stem}.{procedure}", held[*truth, name]


def _paces() -> Iterator[tuple[str, Estimate]]:
    """Yield what readings say of samples with another pace, and how often their intervals hold it."""
    parts = dict(list(tables.read("pace_truths").groupby(["truth", "procedure"])))
    for truth, (name, procedure) in itertools.product(paces.TRUTHS, READ.items()):
        yield f"ho.pace.{truth}.{name}.typical", paces.typical(parts[truth, procedure])
        yield f"ho.pace.{truth}.{name}.covers", paces.covered(parts[truth, procedure])


def _answer() -> Iterator[tuple[str, Estimate]]:
    """Yield how the readings do by the criteria, and the answer of the one that leads."""
    for row in answer.judged().itertuples():
        yield f"book.criteria.{row.name}.moved", Estimate.exact(row.moved, "none: two fits compared")
        if row.worse is not None:
            yield f"book.criteria.{row.name}.held_out", Estimate.exact(row.held_out, "none: see .worse", unit="nats")
            yield f"book.criteria.{row.name}.worse", row.worse
        if row.name == "stacked":
            yield "ho.bayes.stacked.doubling_months", row.months
            for name, share in answer.slower(answer.READINGS[-1]).items():
                yield f"ho.bayes.stacked.{name}", share
    leading = answer.leading()
    months = answer.months(leading)
    yield "book.answer.doubling_months", months
    for name, years in {"yearly_factor": 1, "gain_2012_2023": 11}.items():
        yield f"book.answer.{name}", months.map(functools.partial(rates.factor, years=years), unit="times")
    for name, share in answer.slower(leading).items():
        yield f"book.answer.{name}", share
