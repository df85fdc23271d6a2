"""A hierarchical reading of the rows: law 7 with paper effects, heavy tails and priors, sampled by NUTS.

`python -m book.studies.bayes.study` samples every variant and writes `data/posterior.csv`, `posterior_checks.csv` and
`posterior_papers.csv`, which pages read. NumPyro (Phan, Pradhan & Jankowiak 2019) samples, ArviZ (Kumar et al. 2019)
diagnoses.
"""

import functools
import hashlib
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Self

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.data.variables import BENCHMARKS, Normalisation, regressors
from algoprogress.engine import parallel
from algoprogress.engine.made_of import made_of
from algoprogress.fits.rates import months_of
from algoprogress.show.estimate import NORMAL_975, Estimate
from book import computed

CHAINS, WARMUP, DRAWS, ACCEPT, SEED = 4, 1_500, 2_000, 0.995, 20240309
KEPT = 2_000  # draws of the default posterior in the table
NODES = 41  # of the Gauss-Hermite rule over a paper's effect
ENDS = (0.025, 0.975)
REPORTED = ("rate", "parameter_rate", "data_rate", "parameter_exponent", "data_exponent", "paper_sd", "error_sd")
LIBRARIES = ("numpyro", "jax")
MODEL = "book.studies.bayes.model"
POSTERIOR = "95%, posterior given the rows and the priors"


@dataclass(frozen=True)
class Prior:
    """What is assumed before the rows: normal on the rates (per year), lognormal on the exponents.

    `rate` is the sum of the growth rates of effective parameters and data, `difference` is centred on zero.
    """

    rate: float = 1.0
    rate_sd: float = 1.0
    difference_sd: float = 2.0
    exponents: tuple[float, float] = (0.1, 0.1)
    exponent_sd: float = 0.7


@dataclass(frozen=True)
class Variant:
    """One way to set up the model.

    `errors` is student or normal; `papers` gives each paper an effect; `progress` is separate (two rates) or common
    (one coefficient in both exponents, law 12); `floor` adds an irreducible loss a benchmark, below the lowest of its
    rows; `tokens` is the variable that counts data; `noise` is common to all benchmarks or a benchmark's own;
    `measured` has the standard deviations of the errors in log parameters and log tokens. `accept` is the acceptance
    that the sampler aims at: the higher, the smaller its steps. `reviewed` reads the rows with all corrections; their
    papers left out are other losses than those of the rest, so log densities do not compare.
    """

    name: str
    words: str = field(repr=False)
    prior: Prior = field(default_factory=Prior)
    errors: str = "student"
    papers: bool = True
    progress: str = "separate"
    floor: bool = False
    tokens: str = "log_tokens"
    noise: str = "common"
    measured: tuple[float, float] = (0.0, 0.0)
    accept: float = ACCEPT
    reviewed: bool = field(default=False, repr=False)  # a digest sees it in the rows

    def rows(self, sampled: Sample) -> "Rows":
        """Return what the model sees of a sample."""
        return Rows.of(sampled.reviewed() if self.reviewed else sampled, self.tokens, self.measured)


MEASURED = 0.5  # in logs, assumed; reviewed rows differ by 0.52 in parameters (root mean square), most not at all
EXPERIMENTS = Prior(exponents=(0.34, 0.33), exponent_sd=0.15)
VARIANTS = (
    Variant("default", "default"),
    Variant("wide_priors", "priors three times as wide", Prior(1.0, 3.0, 6.0, (0.1, 0.1), 2.1)),
    Variant("slow_prior", "prior that expects no progress", Prior(rate=0.0, rate_sd=0.5)),
    Variant("benchmark_noise", "errors of each benchmark's own size", noise="benchmark"),
    Variant("measured", "errors in parameters and data", measured=(MEASURED, MEASURED)),
    Variant("no_papers", "no paper effects", papers=False),
    Variant("common_rate", "one rate for both terms", progress="common"),
    Variant("repeated_tokens", "repeated epochs count less", tokens="log_repeated_tokens"),
    Variant("reviewed", "cells as the review corrects them", reviewed=True),
    Variant("floor", "irreducible loss", floor=True),
    Variant("experiments", "irreducible loss, exponents of experiments", EXPERIMENTS, floor=True, accept=0.998),
)


@dataclass(frozen=True)
class Rows:
    """What the model sees of a sample: centred regressors, loss in nats, numbers of benchmark and paper by row.

    `spread` is the covariance of the errors in log parameters and log tokens.
    """

    years: np.ndarray
    parameters: np.ndarray
    tokens: np.ndarray
    loss: np.ndarray
    benchmark: np.ndarray
    paper: np.ndarray
    spread: np.ndarray = field(default_factory=lambda: np.zeros((2, 2)))

    @classmethod
    def of(cls, sample: Sample, tokens: str = "log_tokens", measured: tuple[float, float] = (0.0, 0.0)) -> Self:
        """Return the rows of a sample, parameters and tokens as expected if measured with errors of such spreads."""
        frame = sample.frame
        found = regressors(frame, Normalisation.of(frame))
        years, parameters, data = (
            (found[name] - found[name].mean()).to_numpy() for name in ("years", "log_parameters", tokens)
        )
        benchmark, loss = frame["benchmark"].map(BENCHMARKS.index).to_numpy(int), frame["loss_nats"].to_numpy(float)
        spread = np.zeros((2, 2))
        if any(measured):
            (parameters, data), spread = calibrated(np.stack([parameters, data]), years, benchmark, measured)
        papers = np.unique(frame["paper_id"], return_inverse=True)[1]
        return cls(years, parameters, data, loss, benchmark, papers, spread)


def calibrated(seen, years, benchmark, measured: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return what two regressors seen with errors are expected to be, and the covariance of what is left.

    By regression on benchmark and date (Carroll et al. 2006, ch. 4): else errors would flatten the slopes.
    """
    design = np.column_stack([years, np.eye(len(BENCHMARKS))[benchmark]])
    middle = (design @ np.linalg.lstsq(design, seen.T)[0]).T
    errors, total = np.diag(np.square(measured)), np.cov(seen - middle)
    kept = np.eye(2) - errors @ np.linalg.inv(total)
    return middle + kept @ (seen - middle), kept @ errors


@dataclass(frozen=True)
class Posterior:
    """Draws by name, each (chains x draws) or (chains x draws x benchmarks), and how many transitions diverged."""

    variant: Variant
    rows: Rows
    draws: Mapping[str, np.ndarray]
    divergences: int

    def flat(self, name: str) -> np.ndarray:
        """Return the draws of one quantity, the chains one after another."""
        return self.draws[name].reshape(-1, *self.draws[name].shape[2:])

    @property
    def scale(self) -> np.ndarray:
        """Return the draws of the scale of the errors, shape (draws, rows), or (draws, 1) if all rows have the same."""
        return self.flat("scale") if "scale" in self.draws else self.flat("error_sd")[:, None]


def sample(
    variant: Variant, rows: Rows, *, chains: int = CHAINS, warmup: int = WARMUP, draws: int = DRAWS, seed: int = SEED
) -> Posterior:
    """Return the posterior of a variant of the model on some rows."""
    run = _sampler(variant, papers=int(rows.paper.max()) + 1, chains=chains, warmup=warmup, draws=draws)
    return Posterior(variant, rows, *run(vars(rows), seed=seed))


@functools.cache
def _sampler(variant: Variant, **sizes: int) -> Callable:
    """Return what samples a variant (`model.run`); it takes seconds to compile, for rows of one shape and papers."""
    with warnings.catch_warnings(action="ignore"):  # of other versions' deprecations, at import
        from book.studies.bayes import model
    return functools.partial(model.run, model.sampler(variant, accept=variant.accept, **sizes))


def reported(variant: Variant) -> list[str]:
    """Return the quantities of a variant that are reported and whose chains must therefore agree."""
    names = [name for name in REPORTED if variant.papers or name != "paper_sd"]
    return [*names, "tail"] if variant.errors == "student" else names


def check(found: Posterior) -> dict[str, object]:
    """Return one line on a posterior: rates with their 95% intervals, diagnostics, fit, and what made it.

    Keys: those of `data/posterior_checks.csv`, and of each paper left out by_paper, its log density, and squared, the
    sum of the squared errors of its rows. `misfit` is the
    root mean square of loss less the mean of its posterior, `held_out` that of the posterior without the row's paper,
    both without paper effects; `floor` is that of the first benchmark, `floor_highest` the largest of all over the
    lowest loss on its benchmark. The worst of the reported quantities stands for all: the largest R-hat, the smallest
    bulk and tail effective sample size (Vehtari et al. 2021). The expected log density of a new paper's rows (elpd, in
    nats) is by Pareto-smoothed importance sampling over papers (Vehtari, Gelman & Gabry 2017).
    """
    with warnings.catch_warnings(action="ignore"):  # of coming changes, at import
        import arviz as az
    chosen = az.convert_to_dataset({name: found.draws[name] for name in reported(found.variant)})
    rate, inside = found.flat("rate"), predicted(found)
    low, median, high = np.quantile(rate, [ENDS[0], 0.5, ENDS[1]])
    line = {"variant": found.variant.name, "low": low, "median": median, "high": high, "draws": len(rate)}
    line["correlation"] = float(np.corrcoef(found.flat("parameter_rate"), found.flat("data_rate"))[0, 1])
    line |= {"divergences": found.divergences, "r_hat": float(az.rhat(chosen).to_array().max())}
    line |= {f"ess_{part}": float(az.ess(chosen, method=part).to_array().min()) for part in ("bulk", "tail")}
    line["ess_rate"] = float(az.ess(chosen["rate"]).to_array().min())
    line["within"] = float(inside.mean())
    for number, name in enumerate(BENCHMARKS):
        line[f"within_{name}"] = float(inside[found.rows.benchmark == number].mean())
    density, mean, loss = paper_density(found), found.flat("mean"), found.rows.loss
    by_chain = density.reshape(*found.draws["rate"].shape, -1)
    data = az.from_dict(posterior={"rate": found.draws["rate"]}, log_likelihood={"paper": by_chain})
    with warnings.catch_warnings(action="ignore"):  # a large Pareto k, which is reported
        loo = az.loo(data, pointwise=True)
        without = np.exp(az.psislw(-density.T)[0]).T[:, found.rows.paper]  # weights of the draws, by row
    apart = np.square(loss - np.stack([mean.mean(axis=0), (without * mean).sum(axis=0)]))
    line["misfit"], line["held_out"] = map(float, np.sqrt(apart.mean(axis=1)))
    floor = found.flat("floor") if found.variant.floor else np.zeros((1, len(BENCHMARKS)))
    lowest = [loss[found.rows.benchmark == number].min() for number in range(len(BENCHMARKS))]
    line |= {"floor": float(np.median(floor[:, 0])), "floor_highest": float((floor / lowest).max())}
    line |= {"elpd": float(loo.elpd_loo), "elpd_se": float(loo.se), "pareto_k": float(loo.pareto_k.max())}
    line |= {"by_paper": loo.loo_i.to_numpy(), "squared": np.bincount(found.rows.paper, apart[1])}
    return {**line, "made_by": made_by(found.variant, found.rows)}


def predicted(found: Posterior) -> np.ndarray:
    """Return which rows lie within the 95% interval of their posterior prediction, for a new paper."""
    rng, mean = np.random.default_rng(SEED), found.flat("mean")
    shape, papers = mean.shape, int(found.rows.paper.max()) + 1
    error = rng.standard_t(found.flat("tail")[:, None], shape) if "tail" in found.draws else rng.normal(size=shape)
    drawn = mean + found.scale * error
    if found.variant.papers:
        drawn += found.flat("paper_sd")[:, None] * rng.normal(size=(len(mean), papers))[:, found.rows.paper]
    low, high = np.quantile(drawn, ENDS, axis=0)
    return (low <= found.rows.loss) & (found.rows.loss <= high)


def paper_density(found: Posterior) -> np.ndarray:
    """Return the log density of each paper's rows, its effect integrated out, shape (draws, papers).

    Without the integral, the one row that most papers have would be predicted by an effect fitted to that row.
    """
    from scipy.stats import norm, t  # slow to import

    mean = found.flat("mean")
    scale = np.broadcast_to(found.scale, mean.shape)
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES if found.variant.papers else 1)
    shift = found.flat("paper_sd")[:, None] * nodes if found.variant.papers else np.zeros((len(mean), 1))
    total = np.empty((len(mean), int(found.rows.paper.max()) + 1))
    for paper in range(total.shape[1]):
        rows = np.flatnonzero(found.rows.paper == paper)
        gaps = found.rows.loss[rows] - mean[:, None, rows] - shift[:, :, None]
        standard = gaps / scale[:, None, rows]
        heavy = "tail" in found.draws
        density = t.logpdf(standard, found.flat("tail")[:, None, None]) if heavy else norm.logpdf(standard)
        summed = (density - np.log(scale[:, None, rows])).sum(axis=2)
        total[:, paper] = logsumexp(summed, axis=1, b=weights / weights.sum())
    return total


def made_by(variant: Variant, rows: Rows) -> str:
    """Return a digest of what a posterior comes from: the code of the model, the variant, the rows, the libraries."""
    total = hashlib.sha256((made_of(MODEL) + repr(variant)).encode())
    for values in vars(rows).values():
        total.update(np.round(values, 10).astype(float).tobytes())
    total.update(repr([version(name) for name in LIBRARIES]).encode())
    return total.hexdigest()[:16]


def kept(found: Posterior) -> pd.DataFrame:
    """Return evenly spaced draws of the reported quantities, one line a draw: chain, draw and the quantities."""
    chains, draws = found.draws["rate"].shape
    chosen = np.linspace(0, chains * draws - 1, KEPT).astype(int)
    values = {name: found.flat(name)[chosen] for name in reported(found.variant)}
    return pd.DataFrame({"chain": chosen // draws + 1, "draw": chosen % draws + 1, **values})


def doubling_times(checks: pd.DataFrame) -> dict[str, Estimate]:
    """Return the doubling time of each variant by its name, in months, from `data/posterior_checks.csv`.

    Draws depend on each other: ends have the Monte Carlo error of as many as their tails are worth (`ess_tail`), read
    off the kept draws.
    """
    draws, tails, found = tables.read("posterior"), np.array(ENDS)[:, None], {}
    for row in checks.to_dict("records"):
        kept = draws["rate" if row["variant"] == "default" else f"rate_{row['variant']}"]
        error = NORMAL_975 * np.sqrt(tails * (1.0 - tails) / row["ess_tail"])
        limits = np.quantile(kept, np.clip(tails + error * [-1.0, 0.0, 1.0], 0.0, 1.0))
        limits += [[row["low"] - limits[0, 1]], [row["high"] - limits[1, 1]]]  # about the ends of all draws
        rate = Estimate(row["median"], row["low"], row["high"], POSTERIOR, limits=tuple(limits.ravel().tolist()))
        found[row["variant"]] = months_of(rate)
    return found


def _read(variant: Variant, sampled: Sample) -> tuple[dict[str, object], pd.DataFrame]:
    """Return the check of a variant and its kept draws."""
    found = sample(variant, variant.rows(sampled))
    return check(found), kept(found)


def main() -> None:
    """Sample every variant; write the default's draws and all rates, the checks, and the densities of papers."""
    sampled = tables.evaluations().published_sample()
    read = parallel.mapped(_read, [(variant, sampled) for variant in VARIANTS], label="variants")
    papers = pd.DataFrame({"paper_id": np.unique(sampled.frame["paper_id"]), "squared": read[0][0]["squared"]})
    same = {variant.name for variant in VARIANTS if not variant.reviewed}
    papers = papers.assign(**{line["variant"]: line["by_paper"] for line, _ in read if line["variant"] in same})
    draws = read[0][1].assign(**{f"rate_{line['variant']}": drawn["rate"] for line, drawn in read[1:]})
    checks = pd.DataFrame([line for line, _ in read]).drop(columns=["by_paper", "squared"])
    computed.seal_computed({"posterior": draws, "posterior_papers": papers, "posterior_checks": checks}, digits=8)


if __name__ == "__main__":
    from book.studies.bayes import study as bayes

    bayes.main()
