"""The specification curve: the doubling time under every combination of the choices that its estimate needs.

Simonsohn, Simmons & Nelson 2020 call it so; Steegen et al. 2016 speak of a multiverse. Each is a law, a set of rows and
an optimiser, fitted to all rows and to resampled papers. `python -m book.studies.specifications.study` fits all and
writes `data/specifications.csv`; the chapters read that table and the tests recompute part of it.

A floor lies above zero and below the lowest loss of its benchmark among the rows (`fits.bounded`). The published
optimiser knows no bounds, so with it there is no floor. What the authors' own table adds, rows that their filters
remove and epochs, is varied one at a time, all else about data as published.
"""

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.engine import parallel
from algoprogress.fits import bounded, fit, resample, solver
from algoprogress.fits.rates import growth
from algoprogress.laws import catalogue
from algoprogress.laws import published as published_form
from algoprogress.laws.law import Design, Law
from algoprogress.laws.published import Form
from book import computed
from book.studies.data import sheet, variants

UNDONE = {  # rows with one of the authors' filters undone, by name
    "outliers too": "no outliers", "left out too": "included", "uncertain too": "certain",
    "four systems too": "four systems", "all of a paper": "three a paper",
}  # fmt: skip
FLAGS = {"no zero-shot": "zero_shot_sheet", "no cache": "uses_cache_sheet"}  # rows without what a column marks
CHOICES: dict[str, tuple] = {
    "optimiser": ("published", "converged"), "penalty": (0.0, fit.PENALTY, 0.01),
    "data": ("dataset", "seen", "effective"), "missing": ("none", "one", "median", "drop", "sheet"),
    "floor": ("no", "yes"), "progress": ("separate", "shared"),
    "rows": ("top 3", "top 1", "transformers", "since 2017", "reviewed", *FLAGS, *UNDONE),
    "vocabulary": ("no", "yes"), "value": ("as used", "own"),
}  # fmt: skip
AROUND = {"missing": ("sheet",), "rows": (*FLAGS, *UNDONE)}  # levels that are varied one at a time
# Choices that some levels of another choice leave no room for.
NESTED = {"missing": "data", "value": "rows", "floor": "optimiser"}
VARIABLES = {"dataset": "log_tokens", "seen": "log_tokens_seen", "effective": "log_repeated_tokens"}
DRAWS = {"published": 20, "converged": 100}  # resampled papers of each specification; finite differences cost more
SEED = 20240312
POINT_STARTS, DRAW_STARTS = 24, 4  # of the fit to all rows, and of each resample: the best minima of the former
SAME = 1e-5  # nats squared; minima this close in the objective count as one
STEPS = 100  # of the solver; without a penalty a floor may run off for ever
FASTEST = 12.0  # per year, natural log; a rate beyond it, as where an exponent is zero, counts as this
Stops = tuple[np.ndarray, np.ndarray]  # parameters by line of weights, and whether the optimiser converged


def law_of(choice: Mapping[str, object]) -> Law:
    """Return the law of a line of `every`: model 7 or 12, with its meaning of data, floor and vocabulary."""
    law = catalogue.law("7" if choice["progress"] == "separate" else "12")
    law = law if choice["data"] == "dataset" else variants.with_data(law, VARIABLES[choice["data"]])
    law = variants.with_floor(law) if choice["floor"] == "yes" else law
    if choice["vocabulary"] == "yes":
        law = law.with_terms(floor="log_vocabulary_imputed" if law.floor else "0 + log_vocabulary_imputed")
    return law


def sample_of(choice: Mapping[str, object], evaluations: Sample) -> Sample:
    """Return the rows of a line of `every`, from the published sample."""
    if choice["rows"] in UNDONE:
        return sheet.without(UNDONE[choice["rows"]])
    if choice["rows"] in FLAGS:
        unmarked = sheet.beside(evaluations.frame)[FLAGS[choice["rows"]]] == 0.0
        return evaluations.where(unmarked, choice["rows"], "as the authors' table marks them")
    if choice["missing"] == "sheet":
        return sheet.with_epochs(evaluations)
    reviewed = choice["rows"] == "reviewed"
    if reviewed or choice["value"] == "own":
        evaluations = evaluations.reviewed(columns=None if reviewed else ("perplexity",))
    chosen = evaluations if choice["missing"] == "none" else evaluations.with_epochs(choice["missing"])
    return chosen if reviewed else chosen.rows(choice["rows"])


def every() -> pd.DataFrame:
    """Return every specification, one line each, a column for each choice.

    `missing` is "none" for datasets, which need no epochs, and only there; reviewed rows have the benchmark's value; a
    floor has bounds, which the published optimiser does not know. Levels of `AROUND` vary the published rows alone.
    """
    frame = pd.DataFrame(itertools.product(*CHOICES.values()), columns=list(CHOICES))
    sensible = (frame["data"] == "dataset") == (frame["missing"] == "none")
    sensible &= (frame["rows"] != "reviewed") | (frame["value"] == "own")
    sensible &= (frame["floor"] == "no") | (frame["optimiser"] == "converged")
    rows, used = frame["rows"].isin(AROUND["rows"]), frame["value"] == "as used"
    sensible &= ~rows | (used & (frame["data"] == "dataset"))
    sensible &= (frame["missing"] != "sheet") | (used & (frame["rows"] == "top 3"))
    return frame[sensible].reset_index(drop=True)


def evaluate(chosen: pd.DataFrame) -> pd.DataFrame:
    """Return the results of some lines of `every`, in their order; those that differ by the penalty only are one task.

    The choices, n, papers and draws; mse_nats2 and r_squared on all rows; rate, parameter_rate and data_rate (per year,
    natural log) and parameter_exponent and data_exponent of the fit to all rows; low and high, 95% of the rate over
    resampled papers; converged (1 or 0, of the fit to all rows) and unconverged (share of the resamples); floor_share,
    the largest floor over the lowest loss of its benchmark, zero without floors.
    """
    shared = [name for name in CHOICES if name != "penalty"]
    groups = [part for _, part in chosen.reset_index().groupby(shared, sort=False)]
    evaluations = tables.evaluations().published_sample()
    tasks = []
    for part in groups:
        of = part.iloc[0]
        tasks.append((law_of(of), sample_of(of, evaluations), of["optimiser"], tuple(part["penalty"])))
    lines = list(itertools.chain(*parallel.mapped(solve, tasks, label="specifications")))
    return chosen.join(pd.DataFrame(lines, index=np.concatenate([part["index"] for part in groups])))


def solve(law: Law, sample: Sample, optimiser: str, penalties: tuple[float, ...]) -> list[dict[str, float]]:
    """Return the results of one law on some rows under each penalty, with the columns that `evaluate` adds."""
    design, target, reference = fit.problem(law, sample)
    papers = sample.frame["paper_id"].to_numpy()
    weights = resample.paper_weights(papers, DRAWS[optimiser], np.random.default_rng(SEED))
    lines = np.vstack([fit.equal_weights(design, 1), weights])
    form, floors = published_form.arranged(law, sample.frame, reference), bounded.Floors.of(design, target)
    results = []
    for penalty in penalties:
        if optimiser == "converged":
            params, converged = minima(design, target, lines, penalty)
        else:
            params, converged = stops(form, design.names, target, lines, penalty)
        found = growth(law, reference, params)
        rates = np.clip(np.nan_to_num(found.compute, nan=0.0), -FASTEST, FASTEST)
        low, high = np.quantile(rates[1:], [0.025, 0.975])
        error = ((design.predict(params[0]) - target) ** 2).mean()
        line = {"n": len(sample), "papers": len(np.unique(papers)), "draws": len(weights), "rate": rates[0]}
        line |= {"mse_nats2": error, "r_squared": 1.0 - error / target.var(), "low": low, "high": high}
        for part, rate, exponent in (("parameter", found.parameters, "alpha_param"), ("data", found.data, "beta_data")):
            line[f"{part}_rate"] = np.clip(rate[0], -FASTEST, FASTEST)
            line[f"{part}_exponent"] = params[0, design.names.index(exponent)]
        line["floor_share"] = 0.0 if floors is None else floors.shares(params[0]).max()
        results.append({**line, "converged": int(converged[0]), "unconverged": (~converged[1:]).mean()})
    return results


def minima(design: Design, target: np.ndarray, lines: np.ndarray, penalty: float) -> Stops:
    """Return the best parameters for each line of weights: the first from many starts, others from its best minima.

    Floors are kept within their bounds, and then carry no penalty.
    """
    options, first = {"penalty": fit.strengths(design, penalty), "limit": STEPS}, lines[:1]
    found = bounded.minimise(design, target, first, starts=solver.mixed(design, target, POINT_STARTS, SEED), **options)
    order = np.argsort(found.objective)
    new = np.diff(found.objective[order], prepend=-np.inf) > SAME
    starts = np.tile(found.params[order[new][:DRAW_STARTS]], (len(lines), 1))
    found = bounded.minimise(design, target, lines, starts=starts, **options)
    value = found.objective.reshape(len(lines), -1)
    best = value.argmin(axis=1) + np.arange(len(lines)) * value.shape[1]
    return found.params[best], found.converged[best]


def stops(form: Form | Design, names: tuple[str, ...], target: np.ndarray, lines: np.ndarray, penalty: float) -> Stops:
    """Return where the published optimiser stops for each line of weights, which are counts of the rows."""
    found = []
    for weights in lines:
        counts = np.rint(weights / weights[weights > 0].min()).astype(int)
        rows = np.repeat(np.arange(len(target)), counts)
        found.append(published_form.slsqp(form.take(rows), target[rows], penalty))
    params = published_form.reordered(np.array([each.x for each in found]), form.names, names)
    return params, np.array([each.success for each in found])


if __name__ == "__main__":
    from book.studies.specifications import study  # by this name its tasks go to other processes

    computed.seal_computed({"specifications": study.evaluate(study.every())})
