"""Holds the fitted laws against training runs that their authors never saw: one architecture, known size and data.

The runs' losses are per token of their own tokenizers, and the number of those per word is not known. It multiplies
all losses of a study alike, so the relative fall of the loss between two runs, and the elasticities of the loss, are
free of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.optimize import least_squares

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.data.variables import Normalisation
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, resample
from algoprogress.fits.rates import Conditions
from algoprogress.fits.resample import DRAWS, Draws
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law

LEVEL = 0.95
ENDS = (0.5 - LEVEL / 2, 0.5 + LEVEL / 2)
RERUN = "-rerun"
SMALLEST = 5e7  # parameters; below, models of the second study hardly train
TOKENS_PER_WORD = (1.1, 1.3)  # of WikiText-103 under a modern tokenizer, assumed


@dataclass(frozen=True)
class Study:
    """A set of runs: its name, the benchmark, when its recipe dates from (assumed), and the runs to compare.

    `runs`: run, training_set, parameters, tokens, loss (nats per token of the study's tokenizer). `small` and `large`
    are the names of two runs.
    """

    name: str
    benchmark: str
    year: float
    runs: pd.DataFrame
    small: str
    large: str

    def frame(self) -> pd.DataFrame:
        """Return the runs in the columns that a law reads."""
        at = Conditions(benchmark=self.benchmark, year=self.year)
        runs = self.runs
        return at.frame(parameters=runs["parameters"].to_numpy(float), tokens=runs["tokens"].to_numpy(float))

    def place(self, run: str) -> int:
        """Return the position of a run; raise KeyError if there is none of that name."""
        found = np.flatnonzero(self.runs["run"] == run)
        if not len(found):
            raise KeyError(f"{self.name} has no run {run!r}")
        return int(found[0])


def ladder() -> Study:
    """Return the OLMo 2 ladder on WikiText-103."""
    runs = tables.read("olmo_ladder").rename(columns={"loss_wt103": "loss"}).assign(training_set="OLMo 2")
    return Study("OLMo 2 ladder", "wt103", 2024.9, runs, "190M-1xC", "peteish13_eval_final")


def gadre(training_set: str) -> Study:
    """Return the runs of Gadre et al. 2024 on one training set, on Penn Treebank, without the smallest models."""
    runs = tables.read("gadre_runs").rename(columns={"loss_ptb": "loss"})
    runs = runs[(runs["training_set"] == training_set) & (runs["parameters"] > SMALLEST)].reset_index(drop=True)
    even = runs[np.isclose(runs["tokens"] / runs["parameters"], 20.0, rtol=0.02)].sort_values("parameters")
    return Study(f"Gadre et al., {training_set}", "ptb", 2024.2, runs, even["run"].iloc[0], even["run"].iloc[-1])


def studies() -> list[Study]:
    """Return every study."""
    return [ladder(), *(gadre(name) for name in ("c4_original", "rpj", "rw_original"))]


def readings(sample: Sample) -> dict[str, Draws]:
    """Return the fits that predict, each with its resamples: rows as published, papers for the converged ones."""
    papers = {"by": "paper", "draws": DRAWS["paper"]}
    return {
        "law 7, published": resample.published_bootstrap(catalogue.law("7"), sample),
        "law 7, converged": resample.bootstrap(catalogue.law("7"), sample, **papers),
        "law 7, no penalty": resample.bootstrap(catalogue.law("7"), sample, penalty=0.0, **papers),
        "law 18, compute only": resample.bootstrap(catalogue.law("18"), sample, **papers),
    }


def points(sample: Sample) -> dict[str, fit.Fit]:
    """Return the fits to all rows behind `readings`."""
    law7, law18 = catalogue.law("7"), catalogue.law("18")
    return {
        "law 7, published": fit.published(law7, sample),
        "law 7, converged": fit.converged(law7, sample),
        "law 7, no penalty": fit.converged(law7, sample, penalty=0.0),
        "law 18, compute only": fit.converged(law18, sample),
    }


def predicted(law: Law, reference: Normalisation, params: np.ndarray, study: Study) -> np.ndarray:
    """Return the predicted loss of the runs in nats per word, shape (..., runs)."""
    return law.design(study.frame(), reference).predict(params)


def relative_fall(losses: np.ndarray, study: Study) -> np.ndarray:
    """Return by which share the loss falls from the small run to the large one."""
    return 1.0 - losses[..., study.place(study.large)] / losses[..., study.place(study.small)]


def elasticities(losses: np.ndarray, study: Study) -> np.ndarray:
    """Return d ln L / d ln N and d ln L / d ln D by least squares over the runs, shape (..., 2)."""
    design = _design(study)
    return (np.log(losses) @ np.linalg.pinv(design).T)[..., 1:]


def _design(study: Study) -> np.ndarray:
    sizes = np.log(study.runs[["parameters", "tokens"]].to_numpy(float))
    return np.column_stack([np.ones(len(sizes)), sizes])


@cached
def compared(sample: Sample) -> pd.DataFrame:
    """Return what fits predict of each study beside what was observed, one line per study, quantity and reading.

    Columns: study, quantity (fall; parameters or data, the elasticities; per_word_small and per_word_large, the
    predicted loss per word over the observed loss per token), reading ("observed" is one), value, low, high (95%;
    observed elasticities: heteroskedasticity-robust least squares; observed falls have none).
    """
    lines = []
    fits = points(sample)
    for study in studies():
        lines += _observed(study)
        for reading, draws in readings(sample).items():
            found = fits[reading]
            at = _quantities(predicted(found.law, found.reference, found.params.to_numpy(), study), study)
            kept = draws.params[draws.converged] if draws.method == "converged" else draws.params
            spread = _quantities(predicted(draws.law, draws.reference, kept, study), study)
            for quantity, value in at.items():
                low, high = np.quantile(spread[quantity], ENDS)
                lines.append((study.name, quantity, reading, float(value), low, high))
    return pd.DataFrame(lines, columns=["study", "quantity", "reading", "value", "low", "high"])


def _quantities(losses: np.ndarray, study: Study) -> dict[str, np.ndarray]:
    ratio = losses / study.runs["loss"].to_numpy()
    slopes = elasticities(losses, study)
    return {
        "fall": relative_fall(losses, study),
        "parameters": slopes[..., 0],
        "data": slopes[..., 1],
        "per_word_small": ratio[..., study.place(study.small)],
        "per_word_large": ratio[..., study.place(study.large)],
    }


def _observed(study: Study) -> list[tuple]:
    loss = study.runs["loss"].to_numpy()
    found = sm.OLS(np.log(loss), _design(study)).fit(cov_type="HC3")
    ends = found.conf_int(1.0 - LEVEL)[1:]
    slopes = [
        (study.name, name, "observed", value, *interval)
        for name, value, interval in zip(("parameters", "data"), found.params[1:], ends, strict=True)
    ]
    return [(study.name, "fall", "observed", float(relative_fall(loss, study)), np.nan, np.nan), *slopes]


def run_noise(study: Study) -> float:
    """Return the standard deviation of ln loss between runs that differ by their seed alone; nan without reruns."""
    runs = study.runs.set_index("run")["loss"]
    again = runs[runs.index.str.endswith(RERUN)]
    gaps = np.log(again.to_numpy() / runs.loc[again.index.str.removesuffix(RERUN)].to_numpy())
    return float(np.sqrt((gaps**2).mean() / 2.0)) if len(gaps) else np.nan


def along(sample: Sample, study: Study) -> pd.DataFrame:
    """Return each run with its loss relative to the small run, observed and predicted, in columns by reading."""
    start = study.place(study.small)
    losses = {"observed": study.runs["loss"].to_numpy()}
    for reading, found in points(sample).items():
        losses[reading] = predicted(found.law, found.reference, found.params.to_numpy(), study)
    relative = {name: values / values[start] for name, values in losses.items()}
    compute = 6.0 * study.runs["parameters"] * study.runs["tokens"]
    return study.runs[["run", "parameters", "tokens"]].assign(training_compute_flop=compute, **relative)


@dataclass(frozen=True)
class Chinchilla:
    """L = E + A / N^alpha + B / D^beta, with N and D over their geometric means; `error` is of ln L."""

    floor: float
    coefficients: tuple[float, float]
    exponents: tuple[float, float]
    error: float


def chinchilla(study: Study) -> Chinchilla:
    """Return the law with a floor (Hoffmann et al. 2022) that fits a study's own runs best in ln loss."""
    sizes = np.log(study.runs[["parameters", "tokens"]].to_numpy(float))
    sizes = sizes - sizes.mean(axis=0)
    target = np.log(study.runs["loss"].to_numpy())

    def gaps(theta: np.ndarray) -> np.ndarray:
        logs = [theta[0], *(theta[1:3] - np.exp(theta[3:]) * sizes).T]
        return np.log(sum(np.exp(each) for each in logs)) - target

    least = np.exp(target.min())
    starts = [
        (np.log(share * least), 0.0, 0.0, *np.log([slope, slope]))
        for share in (0.2, 0.6, 0.9)
        for slope in (0.1, 0.3, 0.6)
    ]
    found = [least_squares(gaps, start, xtol=1e-14, ftol=1e-14) for start in starts]
    best = min(found, key=lambda each: each.cost)
    theta = best.x
    return Chinchilla(
        float(np.exp(theta[0])),
        tuple(float(each) for each in np.exp(theta[1:3])),
        tuple(float(each) for each in np.exp(theta[3:])),
        float(np.sqrt(2.0 * best.cost / len(target))),
    )
