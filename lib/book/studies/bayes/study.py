"""A hierarchical reading of the rows: law 7 with paper effects, heavy tails and priors, sampled by NUTS.

`python -m book.studies.bayes.study` samples every variant and writes `data/posterior.csv` and `posterior_checks.csv`,
which pages read. NumPyro (Phan, Pradhan & Jankowiak 2019) samples, ArviZ (Kumar et al. 2019) diagnoses.
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
from algoprogress.show.estimate import Estimate, estimates
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
    (one coefficient in both exponents, law 12); `floor` adds an irreducible loss a benchmark; `tokens` is the variable
    that counts data. `accept` is the acceptance that the sampler aims at: the higher, the smaller its steps.
    """

    name: str
    words: str = field(repr=False)
    prior: Prior = field(default_factory=Prior)
    errors: str = "student"
    papers: bool = True
    progress: str = "separate"
    floor: bool = False
    tokens: str = "log_tokens"
    accept: float = ACCEPT


EXPERIMENTS = Prior(exponents=(0.34, 0.33), exponent_sd=0.15)
VARIANTS = (
    Variant("default", "default"),
    Variant("wide_priors", "priors three times as wide", Prior(1.0, 3.0, 6.0, (0.1, 0.1), 2.1)),
    Variant("slow_prior", "prior that expects no progress", Prior(rate=0.0, rate_sd=0.5)),
    Variant("normal_errors", "normal errors", errors="normal"),
    Variant("no_papers", "no paper effects", papers=False),
    Variant("common_rate", "one rate for both terms", progress="common"),
    Variant("repeated_tokens", "repeated epochs count less", tokens="log_repeated_tokens"),
    Variant("floor", "irreducible loss", floor=True),
    Variant("experiments", "irreducible loss, exponents as in experiments", EXPERIMENTS, floor=True, accept=0.998),
)


@dataclass(frozen=True)
class Rows:
    """What the model sees of a sample: centred regressors, loss in nats, numbers of benchmark and paper by row."""

    years: np.ndarray
    parameters: np.ndarray
    tokens: np.ndarray
    loss: np.ndarray
    benchmark: np.ndarray
    paper: np.ndarray

    @classmethod
    def of(cls, sample: Sample, tokens: str = "log_tokens") -> Self:
        """Return the rows of a sample."""
        frame = sample.frame
        found = regressors(frame, Normalisation.of(frame))
        years, parameters, data = (
            (found[name] - found[name].mean()).to_numpy() for name in ("years", "log_parameters", tokens)
        )
        benchmark, loss = frame["benchmark"].map(BENCHMARKS.index).to_numpy(int), frame["loss_nats"].to_numpy(float)
        return cls(years, parameters, data, loss, benchmark, np.unique(frame["paper_id"], return_inverse=True)[1])


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

    Keys: those of `data/posterior_checks.csv`, and by_paper, the log density of each paper left out. The worst of the
    reported quantities stands for all: the largest R-hat, the smallest bulk and tail effective sample size (Vehtari et
    al. 2021). The expected log density of a new paper's rows (elpd, in nats) is by Pareto-smoothed importance sampling
    over papers (Vehtari, Gelman & Gabry 2017).
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
    line["within"] = float(inside.mean())
    for number, name in enumerate(BENCHMARKS):
        line[f"within_{name}"] = float(inside[found.rows.benchmark == number].mean())
    by_chain = paper_density(found).reshape(*found.draws["rate"].shape, -1)
    data = az.from_dict(posterior={"rate": found.draws["rate"]}, log_likelihood={"paper": by_chain})
    with warnings.catch_warnings(action="ignore"):  # a large Pareto k, which is reported
        loo = az.loo(data, pointwise=True)
    line |= {"elpd": float(loo.elpd_loo), "elpd_se": float(loo.se), "pareto_k": float(loo.pareto_k.max())}
    line["by_paper"] = loo.loo_i.to_numpy()
    return {**line, "made_by": made_by(found.variant, found.rows)}


def behind(first: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Return how much less log density papers left out have in all than by another model, and its standard error.

    Both predict the same papers, so the error is that of their differences (Vehtari, Gelman & Gabry 2017, eq. 24).
    """
    apart = first - other
    return float(apart.sum()), float(np.sqrt(len(apart)) * apart.std())


def predicted(found: Posterior) -> np.ndarray:
    """Return which rows lie within the 95% interval of their posterior prediction, for a new paper."""
    rng, mean = np.random.default_rng(SEED), found.flat("mean")
    shape, papers = mean.shape, int(found.rows.paper.max()) + 1
    error = rng.standard_t(found.flat("tail")[:, None], shape) if "tail" in found.draws else rng.normal(size=shape)
    drawn = mean + found.flat("error_sd")[:, None] * error
    if found.variant.papers:
        drawn += found.flat("paper_sd")[:, None] * rng.normal(size=(len(mean), papers))[:, found.rows.paper]
    low, high = np.quantile(drawn, ENDS, axis=0)
    return (low <= found.rows.loss) & (found.rows.loss <= high)


def paper_density(found: Posterior) -> np.ndarray:
    """Return the log density of each paper's rows, its effect integrated out, shape (draws, papers).

    Without the integral, the one row that most papers have would be predicted by an effect fitted to that row.
    """
    from scipy.stats import norm, t  # slow to import

    mean, scale = found.flat("mean"), found.flat("error_sd")
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES if found.variant.papers else 1)
    shift = found.flat("paper_sd")[:, None] * nodes if found.variant.papers else np.zeros((len(mean), 1))
    total = np.empty((len(mean), int(found.rows.paper.max()) + 1))
    for paper in range(total.shape[1]):
        rows = np.flatnonzero(found.rows.paper == paper)
        gaps = found.rows.loss[rows] - mean[:, None, rows] - shift[:, :, None]
        standard = gaps / scale[:, None, None]
        heavy = "tail" in found.draws
        density = t.logpdf(standard, found.flat("tail")[:, None, None]) if heavy else norm.logpdf(standard)
        summed = (density - np.log(scale)[:, None, None]).sum(axis=2)
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
    """Return the doubling time of each variant by its name, in months, from `data/posterior_checks.csv`."""
    rates = estimates(checks, ("median", "low", "high"), covers=POSTERIOR)
    return dict(zip(checks["variant"], map(months_of, rates), strict=True))


def _read(variant: Variant, sampled: Sample) -> tuple[dict[str, object], pd.DataFrame]:
    """Return the check of a variant and its kept draws."""
    found = sample(variant, Rows.of(sampled, variant.tokens))
    return check(found), kept(found)


def main() -> None:
    """Sample every variant, and write the draws of the default and the checks of all."""
    sampled = tables.evaluations().published_sample()
    read = parallel.mapped(_read, [(variant, sampled) for variant in VARIANTS], label="variants")
    checks = pd.DataFrame([line for line, _ in read])
    density = checks.pop("by_paper")
    checks[["elpd_behind", "elpd_behind_se"]] = [behind(density[0], each) for each in density]
    computed.seal_computed({"posterior": read[0][1], "posterior_checks": checks}, digits=8)


if __name__ == "__main__":
    from book.studies.bayes import study as bayes

    bayes.main()
