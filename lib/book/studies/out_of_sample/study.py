"""Holds the fitted laws against training runs that their authors never saw: one architecture, known size and data.

The runs' losses are per token of their own tokenizers. How many of those a word has multiplies all losses of a study
alike, so that the fall between two runs and the elasticities are free of it; for WikiText-103 it is counted.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, resample
from algoprogress.fits.rates import Conditions
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate
from book.studies.law.fits import CONVERGED_PAPERS, PUBLISHED_ROWS

ROBUST = "95%, least squares over the runs, robust errors"
SMALLEST = 5e7  # parameters; below, models of the second study hardly train
COUNTED = "range over two tokenizers and two forms of the text"


@dataclass(frozen=True)
class Study:
    """A set of runs: its name, the benchmark, when its recipe dates from (assumed), and the names of two runs.

    `runs`: run, parameters, tokens, loss (nats per token of the study's tokenizer).
    """

    name: str
    benchmark: str
    year: float
    runs: pd.DataFrame
    small: str
    large: str

    def frame(self) -> pd.DataFrame:
        """Return the runs in the columns that a law reads."""
        sizes = {name: self.runs[name].to_numpy(float) for name in ("parameters", "tokens")}
        return Conditions(benchmark=self.benchmark, year=self.year).frame(**sizes)

    def at(self, run: str, losses: np.ndarray) -> np.ndarray:
        """Return the losses of a run from those of all runs (..., runs); raise KeyError if there is no such run."""
        return losses[..., pd.Index(self.runs["run"]).get_loc(run)]


def ladder() -> Study:
    """Return the OLMo 2 ladder on WikiText-103."""
    runs = tables.read("olmo_ladder").rename(columns={"loss_wt103": "loss"})
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


def most_tokens(study: Study, sample: Sample) -> float:
    """Return the most tokens a parameter that a row of the sample has on the benchmark of a study."""
    rows = sample.frame[sample.frame["benchmark"] == study.benchmark]
    return float((rows["dataset_tokens"] / rows["parameters"]).max())


def within(study: Study, sample: Sample) -> Study:
    """Return the runs of a study that have no more tokens a parameter than the rows of a sample."""
    known = study.runs["tokens"] <= most_tokens(study, sample) * study.runs["parameters"]
    runs = study.runs[known].reset_index(drop=True)
    return replace(study, runs=runs, large=runs.loc[(runs["parameters"] * runs["tokens"]).idxmax(), "run"])


def tokens_per_word() -> Estimate:
    """Return the tokens that a word of WikiText-103's validation text has: median and ends of the counts."""
    counts = tables.read("tokens_per_word").query("split == 'validation'")
    ratio = counts["tokens"] / counts["words"]
    return Estimate(ratio.median(), ratio.min(), ratio.max(), COUNTED)


def readings(sample: Sample) -> dict[str, tuple[fit.Fit, resample.Draws, str]]:
    """Return the fits that predict: of all rows, of resampled rows (as published) or papers, and what these cover."""
    law7, law18 = catalogue.law("7"), catalogue.law("18")
    known = {
        "law 7, converged": (law7, fit.PENALTY, CONVERGED_PAPERS),
        "law 7, no penalty": (law7, 0.0, f"{CONVERGED_PAPERS}, no penalty"),
        "law 18, converged": (law18, fit.PENALTY, CONVERGED_PAPERS),
    }
    protocol = fit.published(law7, sample), resample.published_bootstrap(law7, sample), PUBLISHED_ROWS
    found = {"law 7, published": protocol}
    for name, (law, penalty, covers) in known.items():
        draws = resample.bootstrap(law, sample, penalty=penalty, draws=resample.DRAWS["paper"])
        found[name] = fit.converged(law, sample, penalty=penalty), draws, covers
    return found


def relative_fall(losses: np.ndarray, study: Study) -> np.ndarray:
    """Return by which share the loss falls from the small run to the large one."""
    return 1.0 - study.at(study.large, losses) / study.at(study.small, losses)


def elasticities(losses: np.ndarray, study: Study) -> np.ndarray:
    """Return d ln L / d ln N and d ln L / d ln D by least squares over the runs, shape (..., 2)."""
    return (np.log(losses) @ np.linalg.pinv(_design(study)).T)[..., 1:]


def _design(study: Study) -> np.ndarray:
    sizes = np.log(study.runs[["parameters", "tokens"]].to_numpy(float))
    return np.column_stack([np.ones(len(sizes)), sizes])


@cached
def compared(sample: Sample) -> pd.DataFrame:
    """Return what fits predict of each study beside what was observed: study, runs, quantity, reading, estimate (95%).

    Quantities: fall; parameters, data (elasticities); per_word_small and per_word_large, loss per word over per token.
    Runs: all, or those `within` the tokens a parameter of the sample.
    """
    lines, fits = [], readings(sample)
    for study, kept in [(each, "all") for each in studies()] + [(within(each, sample), "within") for each in studies()]:
        key = (study.name, kept)
        lines += [(*key, quantity, "observed", found) for quantity, found in _observed(study).items()]
        for reading, (found, draws, covers) in fits.items():
            design = found.law.design(study.frame(), found.reference)
            spread = _quantities(design.predict(draws.kept), study)
            for quantity, value in _quantities(design.predict(found.params.to_numpy()), study).items():
                options = {"covers": covers, "complete": draws.method == "published"}
                estimate = Estimate.from_draws(spread[quantity], value=value, **options)
                lines.append((*key, quantity, reading, estimate))
    return pd.DataFrame(lines, columns=["study", "runs", "quantity", "reading", "estimate"])


def per_word(sample: Sample) -> pd.DataFrame:
    """Return ladder runs' losses per word of WikiText-103 by law 7 and as observed, two estimates: end, run, and these.

    Ends: the small run and the large one of all, and the largest `within` the tokens a parameter of the sample.
    """
    found = compared(sample).query("study == @ladder().name and reading == 'law 7, converged'")
    ratios, lines = found.set_index(["runs", "quantity"])["estimate"], []
    for name, end, kept in (("small", "small", "all"), ("within", "large", "within"), ("large", "large", "all")):
        study = ladder() if kept == "all" else within(ladder(), sample)
        loss = float(study.at(getattr(study, end), study.runs["loss"].to_numpy()))
        both = (each.map(loss.__mul__, unit="nats") for each in (ratios[kept, f"per_word_{end}"], tokens_per_word()))
        lines.append((name, getattr(study, end), *both))
    return pd.DataFrame(lines, columns=["end", "run", "predicted", "observed"])


def _quantities(losses: np.ndarray, study: Study) -> dict[str, np.ndarray]:
    ratio, slopes = losses / study.runs["loss"].to_numpy(), elasticities(losses, study)
    return {
        "fall": relative_fall(losses, study),
        "parameters": slopes[..., 0],
        "data": slopes[..., 1],
        "per_word_small": study.at(study.small, ratio),
        "per_word_large": study.at(study.large, ratio),
    }


def _observed(study: Study) -> dict[str, Estimate]:
    """Return the observed fall, and the elasticities with heteroskedasticity-robust intervals."""
    import statsmodels.api as sm  # slow to import

    loss = study.runs["loss"].to_numpy()
    found = sm.OLS(np.log(loss), _design(study)).fit(cov_type="HC3")
    slopes = (Estimate(*each, ROBUST) for each in np.column_stack([found.params, found.conf_int()]).tolist()[1:])
    fall = Estimate.exact(relative_fall(loss, study), "none: two runs as they are")
    return dict(zip(("fall", "parameters", "data"), (fall, *slopes), strict=True))


def run_noise(study: Study) -> float:
    """Return the standard deviation of ln loss between runs that differ by their seed alone; nan without reruns."""
    runs = study.runs.set_index("run")["loss"]
    again = runs[runs.index.str.endswith("-rerun")]
    gaps = np.log(again.to_numpy() / runs.loc[again.index.str.removesuffix("-rerun")].to_numpy())
    return float(np.sqrt((gaps**2).mean() / 2.0)) if len(gaps) else np.nan


def along(sample: Sample, study: Study) -> pd.DataFrame:
    """Return each run with its loss relative to the small run, observed and predicted, in columns by reading."""
    losses = {"observed": study.runs["loss"].to_numpy()}
    losses |= {reading: found.predict(study.frame()) for reading, (found, _, _) in readings(sample).items()}
    relative = {name: values / study.at(study.small, values) for name, values in losses.items()}
    compute = FLOP_PER_PARAMETER_TOKEN * study.runs["parameters"] * study.runs["tokens"]
    return study.runs[["run", "parameters", "tokens"]].assign(training_compute_flop=compute, **relative)


def with_floor(study: Study) -> pd.Series:
    """Return the best L = floor + A / N^alpha + B / D^beta (Hoffmann et al. 2022): floor, alpha, beta, error (ln L)."""
    sizes = _design(study)[:, 1:]
    sizes = sizes - sizes.mean(axis=0)
    target = np.log(study.runs["loss"].to_numpy())

    def gaps(theta: np.ndarray) -> np.ndarray:
        logs = [theta[0], *(theta[1:3] - np.exp(theta[3:]) * sizes).T]
        return np.log(sum(np.exp(each) for each in logs)) - target

    floors, slopes = np.log(np.array([0.2, 0.6, 0.9]) * np.exp(target.min())), np.log([0.1, 0.3, 0.6])
    starts = [(floor, 0.0, 0.0, slope, slope) for floor in floors for slope in slopes]
    best = min((least_squares(gaps, start, xtol=1e-14, ftol=1e-14) for start in starts), key=lambda each: each.cost)
    found = [*np.exp(best.x[[0, 3, 4]]), np.sqrt(2.0 * best.cost / len(target))]
    return pd.Series(found, index=["floor", "alpha", "beta", "error"])
