"""The specification curve: the doubling time under every combination of the choices that its estimate needs.

Simonsohn, Simmons & Nelson 2020 call it so; Steegen et al. 2016 speak of a multiverse. Every specification is a law,
a set of rows and an optimiser, fitted to all rows and to resampled papers. The command
`python -m book.studies.specifications.study` fits them all and writes `data/specifications.csv`; the chapters read that
table and the tests recompute part of it.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.engine import parallel
from algoprogress.fits import fit, resample, solver
from algoprogress.fits.rates import growth
from algoprogress.laws import catalogue
from algoprogress.laws import published as published_form
from algoprogress.laws.law import Design, Law
from algoprogress.laws.published import Form
from book import computed
from book.studies.data import variants

CHOICES: dict[str, tuple] = {
    "optimiser": ("published", "converged"),
    "penalty": (0.0, fit.PENALTY, 0.01),
    "data": ("dataset", "seen", "effective"),
    "missing": ("none", "one", "median", "drop"),
    "floor": ("no", "yes"),
    "progress": ("separate", "shared"),
    "rows": ("top 3", "top 1", "transformers", "since 2017", "reviewed"),
    "vocabulary": ("no", "yes"),
    "value": ("as used", "own"),
}
NESTED = {"missing": "data", "value": "rows"}  # choices that some levels of another choice leave no room for
VARIABLES = {"dataset": "log_tokens", "seen": "log_tokens_seen", "effective": "log_repeated_tokens"}
DRAWS = {"published": 20, "converged": 100}  # resampled papers of each specification; finite differences cost more
SEED = 20240312
POINT_STARTS, DRAW_STARTS = 24, 4  # of the fit to all rows, and of each resample: the best minima of the former
SAME = 1e-5  # nats squared; minima this close in the objective count as one
STEPS = 100  # of the solver; without a penalty a floor may run off for ever
FASTEST = 12.0  # per year, natural log; a rate beyond it, as where an exponent is zero, counts as this


@dataclass(frozen=True)
class Specification:
    """One combination of the choices, each a level of `CHOICES`."""

    optimiser: str = "converged"
    penalty: float = fit.PENALTY
    data: str = "dataset"
    missing: str = "none"
    floor: str = "no"
    progress: str = "separate"
    rows: str = "top 3"
    vocabulary: str = "no"
    value: str = "as used"


def every() -> pd.DataFrame:
    """Return every specification, one line each, a column for each choice.

    Datasets need no epochs, so that `missing` is "none" for them and only for them; reviewed rows always have the
    benchmark's own value.
    """
    frame = pd.DataFrame(itertools.product(*CHOICES.values()), columns=list(CHOICES))
    sensible = (frame["data"] == "dataset") == (frame["missing"] == "none")
    sensible &= (frame["rows"] != "reviewed") | (frame["value"] == "own")
    return frame[sensible].reset_index(drop=True)


def law_of(of: Specification) -> Law:
    """Return the law of a specification: model 7 or 12, with its meaning of data, floor and vocabulary."""
    law = catalogue.law("7" if of.progress == "separate" else "12")
    law = law if of.data == "dataset" else variants.with_data(law, VARIABLES[of.data])
    law = variants.with_floor(law) if of.floor == "yes" else law
    if of.vocabulary == "yes":
        law = law.with_terms(floor="log_vocabulary_imputed" if law.floor else "0 + log_vocabulary_imputed")
    return law


def sample_of(of: Specification, evaluations: Sample) -> Sample:
    """Return the rows of a specification, from the published sample."""
    chosen = evaluations
    if of.rows == "reviewed" or of.value == "own":
        chosen = chosen.reviewed(columns=None if of.rows == "reviewed" else ("perplexity",))
    chosen = chosen if of.missing == "none" else chosen.with_epochs(of.missing)
    return chosen if of.rows == "reviewed" else chosen.rows(of.rows)


def evaluate(chosen: pd.DataFrame) -> pd.DataFrame:
    """Return the results of some lines of `every`, in their order.

    The choices, then n and papers; mse_nats2 and r_squared on all rows; rate, parameter_rate and data_rate (per year,
    natural log) and parameter_exponent and data_exponent of the fit to all rows; low and high, 95% of the rate over
    resampled papers; converged (1 or 0, of the fit to all rows), unconverged (share of the resamples) and draws.
    Specifications that differ by the penalty only are one task.
    """
    shared = [name for name in CHOICES if name != "penalty"]
    groups = [part for _, part in chosen.reset_index().groupby(shared, sort=False)]
    evaluations = tables.evaluations().published_sample()
    tasks = []
    for part in groups:
        of = Specification(**part.iloc[0][list(CHOICES)])
        tasks.append((law_of(of), sample_of(of, evaluations), of.optimiser, tuple(part["penalty"])))
    found = parallel.mapped(solve, tasks, label="specifications")
    places = np.concatenate([part["index"] for part in groups])
    results = pd.DataFrame([line for lines in found for line in lines], index=places).loc[chosen.index]
    return pd.concat([chosen, results], axis=1)


def solve(law: Law, sample: Sample, optimiser: str, penalties: tuple[float, ...]) -> list[dict[str, float]]:
    """Return the results of one law on some rows under each penalty, with the columns that `evaluate` adds."""
    design, target, reference = fit.problem(law, sample)
    papers = sample.frame["paper_id"].to_numpy()
    weights = resample.paper_weights(papers, DRAWS[optimiser], np.random.default_rng(SEED))
    lines = np.vstack([fit.equal_weights(design, 1), weights])
    form = published_form.arranged(law, sample.frame, reference)
    results = []
    for penalty in penalties:
        if optimiser == "converged":
            params, converged = minima(design, target, lines, penalty)
        else:
            params, converged = stops(form, design.names, target, lines, penalty)
        found = growth(law, reference, params)
        rates = np.clip(np.nan_to_num(found.compute, nan=0.0), -FASTEST, FASTEST)
        parts = {"parameter_rate": found.parameters[0], "data_rate": found.data[0]}
        error = float(((design.predict(params[0]) - target) ** 2).mean())
        low, high = np.quantile(rates[1:], [0.025, 0.975])
        results.append(
            {
                "n": len(sample),
                "papers": len(np.unique(papers)),
                "mse_nats2": error,
                "r_squared": 1.0 - error / float(target.var()),
                **{"rate": float(rates[0]), "low": float(low), "high": float(high)},
                **{name: float(np.clip(rate, -FASTEST, FASTEST)) for name, rate in parts.items()},
                "parameter_exponent": float(params[0, design.names.index("alpha_param")]),
                "data_exponent": float(params[0, design.names.index("beta_data")]),
                "converged": int(converged[0]),
                "unconverged": float((~converged[1:]).mean()),
                "draws": len(weights),
            }
        )
    return results


def minima(design: Design, target: np.ndarray, lines: np.ndarray, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the best parameters for each line of weights, and whether they are converged.

    The first line is searched from many starts, the others from its best minima.
    """
    penalties = fit.strengths(design, penalty)
    points = solver.mixed(design, target, POINT_STARTS, SEED)
    found = _from(design, target, lines[:1], penalties, points)
    order = np.argsort(found.objective)
    new = np.diff(found.objective[order], prepend=-np.inf) > SAME
    found = _from(design, target, lines, penalties, found.params[order[new][:DRAW_STARTS]])
    value = found.objective.reshape(len(lines), -1)
    best = value.argmin(axis=1) + np.arange(len(lines)) * value.shape[1]
    return found.params[best], found.converged[best]


def _from(design, target, lines: np.ndarray, penalties: np.ndarray, points: np.ndarray) -> solver.Solutions:
    """Return the solutions of every line from every point, the points of a line side by side."""
    weights, begin = np.repeat(lines, len(points), axis=0), np.tile(points, (len(lines), 1))
    return solver.minimise(design, target, weights, penalty=penalties, starts=begin, limit=STEPS)


def stops(
    form: Form | Design, names: tuple[str, ...], target: np.ndarray, lines: np.ndarray, penalty: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return where the published optimiser stops for each line of weights, and whether it reports success.

    The weights are counts of the rows, each row repeated as often.
    """
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
