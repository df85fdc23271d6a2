"""A hierarchical reading of the rows: law 7 with paper effects, heavy tails and priors, sampled by NUTS.

`python -m book.studies.bayes.study` samples every variant and writes `data/posterior.csv` and
`data/posterior_checks.csv`; pages read these tables. NumPyro (Phan, Pradhan &
Jankowiak 2019) samples, ArviZ (Kumar et al. 2019) diagnoses.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import logsumexp
from scipy.stats import norm, t

from algoprogress.data import seal, tables
from algoprogress.data.describe import TABLES
from algoprogress.data.sample import Sample
from algoprogress.data.variables import BENCHMARKS, Normalisation, regressors
from algoprogress.engine import parallel

if TYPE_CHECKING:
    from numpyro.infer import MCMC

CHAINS, WARMUP, DRAWS, ACCEPT, SEED = 4, 1_500, 2_000, 0.995, 20240309
KEPT = 2_000  # draws of the default posterior in the table
NODES = 41  # of the Gauss-Hermite rule over a paper's effect
LEVEL = 0.95
REPORTED = ("rate", "parameter_rate", "data_rate", "parameter_exponent", "data_exponent", "paper_sd", "error_sd")
LIBRARIES = ("numpyro", "jax")


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
    words: str
    prior: Prior = field(default_factory=Prior)
    errors: str = "student"
    papers: bool = True
    progress: str = "separate"
    floor: bool = False
    tokens: str = "log_tokens"
    accept: float = ACCEPT


VARIANTS = (
    Variant("default", "default"),
    Variant("wide_priors", "priors three times as wide", Prior(1.0, 3.0, 6.0, (0.1, 0.1), 2.1)),
    Variant("slow_prior", "prior that expects no progress", Prior(rate=0.0, rate_sd=0.5)),
    Variant("normal_errors", "normal errors", errors="normal"),
    Variant("no_papers", "no paper effects", papers=False),
    Variant("common_rate", "one rate for both terms", progress="common"),
    Variant("repeated_tokens", "repeated epochs count less", tokens="log_repeated_tokens"),
    Variant("floor", "irreducible loss", floor=True),
    Variant(
        "experiments",
        "irreducible loss, exponents as in experiments",
        Prior(exponents=(0.34, 0.33), exponent_sd=0.15),
        floor=True,
        accept=0.998,
    ),
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
    def of(cls, sample: Sample, tokens: str = "log_tokens") -> Rows:
        """Return the rows of a sample."""
        frame = sample.frame
        found = regressors(frame, Normalisation.of(frame))
        years, parameters, data = (
            (found[name] - found[name].mean()).to_numpy() for name in ("years", "log_parameters", tokens)
        )
        benchmark = frame["benchmark"].map(BENCHMARKS.index).to_numpy(int)
        paper = np.unique(frame["paper_id"], return_inverse=True)[1]
        return cls(years, parameters, data, frame["loss_nats"].to_numpy(float), benchmark, paper)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Return the fields by name."""
        return {column.name: getattr(self, column.name) for column in fields(self)}


@dataclass(frozen=True)
class Posterior:
    """Draws by name, each (chains x draws) or (chains x draws x benchmarks), and how many transitions diverged."""

    variant: Variant
    rows: Rows
    draws: Mapping[str, np.ndarray]
    divergences: int

    def flat(self, name: str) -> np.ndarray:
        """Return the draws of one quantity, the chains one after another."""
        found = self.draws[name]
        return found.reshape(-1, *found.shape[2:])


def model(years, parameters, tokens, benchmark, paper, loss=None, *, variant: Variant, papers: int):
    """Sample the model in NumPyro: priors, the two terms at the rows, and the loss.

    The terms are written by their common level and the share of capacity in it, at the mean of the regressors, and
    progress by the sum and the difference of its two rates, which is what the rows tell apart best and worst.
    """
    import jax
    import jax.numpy as jnp
    import numpyro
    from numpyro import distributions as dist

    prior = variant.prior
    rate = numpyro.sample("rate", dist.Normal(prior.rate, prior.rate_sd))
    exponents = [
        numpyro.sample(name, dist.LogNormal(jnp.log(middle), prior.exponent_sd))
        for name, middle in zip(("parameter_exponent", "data_exponent"), prior.exponents, strict=True)
    ]
    if variant.progress == "common":
        fall = rate / sum(1.0 / exponent for exponent in exponents)
        falls = [fall, fall]
    else:
        difference = numpyro.sample("difference", dist.Normal(0.0, prior.difference_sd))
        falls = [exponents[0] * (rate + difference) / 2.0, exponents[1] * (rate - difference) / 2.0]
    level = _by_benchmark("level", dist.Normal(jnp.log(4.0), 0.5), dist.HalfNormal(0.3))
    share = _by_benchmark("share", dist.Normal(0.0, 1.5), dist.HalfNormal(0.5))
    reducible = jnp.exp(level)
    mean = jnp.zeros_like(years)
    if variant.floor:
        fixed = jax.nn.sigmoid(_by_benchmark("floor", dist.Normal(-0.7, 1.0), dist.HalfNormal(0.5)))
        mean, reducible = (fixed * reducible)[benchmark], (1.0 - fixed) * reducible
    capacity, data = reducible * jax.nn.sigmoid(share), reducible * jax.nn.sigmoid(-share)
    mean += capacity[benchmark] * jnp.exp(-exponents[0] * parameters - falls[0] * years)
    mean += data[benchmark] * jnp.exp(-exponents[1] * tokens - falls[1] * years)
    numpyro.deterministic("parameter_rate", falls[0] / exponents[0])
    numpyro.deterministic("data_rate", falls[1] / exponents[1])
    numpyro.deterministic("mean", mean)
    # A paper with one row could be met exactly by its effect and no error at all: the priors keep both away from zero.
    error_sd = numpyro.sample("error_sd", dist.LogNormal(jnp.log(0.15), 0.5))
    if variant.papers:
        paper_sd = numpyro.sample("paper_sd", dist.LogNormal(jnp.log(0.15), 0.5))
        mean += paper_sd * numpyro.sample("effect", dist.Normal(0.0, 1.0).expand([papers]).to_event(1))[paper]
    if variant.errors == "student":
        tail = numpyro.deterministic("tail", 2.0 + numpyro.sample("tail_beyond", dist.Gamma(2.0, 0.1)))
        errors = dist.StudentT(tail, mean, error_sd)
    else:
        errors = dist.Normal(mean, error_sd)
    numpyro.sample("loss", errors, obs=loss)


def _by_benchmark(name: str, centre, spread):
    """Return a quantity of each benchmark, drawn around a common centre (not centred, which samples better)."""
    import numpyro
    from numpyro import distributions as dist

    middle, width = numpyro.sample(f"{name}_centre", centre), numpyro.sample(f"{name}_sd", spread)
    return middle + width * numpyro.sample(f"{name}_z", dist.Normal(0.0, 1.0).expand([len(BENCHMARKS)]).to_event(1))


def sampler(variant: Variant, *, papers: int, chains: int, warmup: int, draws: int, accept: float) -> MCMC:
    """Return a NUTS sampler; used again on rows of the same shape, it does not compile again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of other versions' deprecations, at import
        import jax
        from numpyro.infer import MCMC, NUTS

    jax.config.update("jax_enable_x64", True)
    kernel = NUTS(functools.partial(model, variant=variant, papers=papers), target_accept_prob=accept)
    return MCMC(
        kernel,
        num_warmup=warmup,
        num_samples=draws,
        num_chains=chains,
        chain_method="vectorized",
        progress_bar=False,
        jit_model_args=True,
    )


def sample(
    variant: Variant, rows: Rows, *, chains: int = CHAINS, warmup: int = WARMUP, draws: int = DRAWS, seed: int = SEED
) -> Posterior:
    """Return the posterior of a variant of the model on some rows."""
    papers = int(rows.paper.max()) + 1
    made = sampler(variant, papers=papers, chains=chains, warmup=warmup, draws=draws, accept=variant.accept)
    return run(made, variant, rows, seed=seed)


def run(made: MCMC, variant: Variant, rows: Rows, *, seed: int) -> Posterior:
    """Return the posterior that a sampler finds on some rows."""
    import jax

    made.run(jax.random.PRNGKey(seed), **rows.arrays, extra_fields=("diverging",))
    draws = {name: np.asarray(values) for name, values in made.get_samples(group_by_chain=True).items()}
    return Posterior(variant, rows, draws, int(made.get_extra_fields()["diverging"].sum()))


def reported(variant: Variant) -> list[str]:
    """Return the quantities of a variant that are reported and whose chains must therefore agree."""
    names = [name for name in REPORTED if variant.papers or name != "paper_sd"]
    return [*names, "tail"] if variant.errors == "student" else names


def arviz():
    """Return the module ArviZ, imported without its notices of coming changes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import arviz
    return arviz


def check(found: Posterior) -> dict[str, object]:
    """Return one line on a posterior: rates with their 95% intervals, diagnostics, fit, and what made it.

    Keys: those of `data/posterior_checks.csv`. The worst of the reported quantities stands for all: the largest R-hat,
    the smallest bulk and tail effective sample size (Vehtari et al. 2021).
    """
    az = arviz()
    chosen = az.convert_to_dataset({name: found.draws[name] for name in reported(found.variant)})
    low, median, high = np.quantile(found.flat("rate"), [0.5 - LEVEL / 2, 0.5, 0.5 + LEVEL / 2])
    inside = predicted(found)
    worst = {
        "r_hat": max(float(each) for each in az.rhat(chosen).data_vars.values()),
        "ess_bulk": min(float(each) for each in az.ess(chosen, method="bulk").data_vars.values()),
        "ess_tail": min(float(each) for each in az.ess(chosen, method="tail").data_vars.values()),
    }
    held_out = left_out(found)
    by_benchmark = {
        f"within_{name}": float(inside[found.rows.benchmark == number].mean()) for number, name in enumerate(BENCHMARKS)
    }
    return {
        "variant": found.variant.name,
        "low": low,
        "median": median,
        "high": high,
        "correlation": float(np.corrcoef(found.flat("parameter_rate"), found.flat("data_rate"))[0, 1]),
        "draws": len(found.flat("rate")),
        **worst,
        "divergences": found.divergences,
        "within": float(inside.mean()),
        **by_benchmark,
        **held_out,
        "made_by": made_by(found.variant, found.rows),
    }


def predicted(found: Posterior, *, seed: int = SEED) -> np.ndarray:
    """Return which rows lie within the 95% interval of their posterior prediction, for a new paper."""
    rng = np.random.default_rng(seed)
    mean = found.flat("mean")
    shape, papers = mean.shape, int(found.rows.paper.max()) + 1
    error = rng.standard_t(found.flat("tail")[:, None], shape) if "tail" in found.draws else rng.normal(size=shape)
    drawn = mean + found.flat("error_sd")[:, None] * error
    if found.variant.papers:
        drawn += found.flat("paper_sd")[:, None] * rng.normal(size=(len(mean), papers))[:, found.rows.paper]
    low, high = np.quantile(drawn, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=0)
    return (low <= found.rows.loss) & (found.rows.loss <= high)


def left_out(found: Posterior) -> dict[str, float]:
    """Return the expected log density of a new paper's rows (elpd, in nats), its error, and the worst Pareto k.

    By Pareto-smoothed importance sampling over papers (Vehtari, Gelman & Gabry 2017).
    """
    az = arviz()
    density = paper_density(found)
    chains = found.draws["rate"].shape[0]
    data = az.from_dict(
        posterior={"rate": found.draws["rate"]}, log_likelihood={"paper": density.reshape(chains, -1, density.shape[1])}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a large Pareto k, which is reported
        loo = az.loo(data, pointwise=True)
    return {"elpd": float(loo.elpd_loo), "elpd_se": float(loo.se), "pareto_k": float(loo.pareto_k.max())}


def paper_density(found: Posterior) -> np.ndarray:
    """Return the log density of each paper's rows, its effect integrated out, shape (draws, papers).

    Without the integral, the one row that most papers have would be predicted by an effect fitted to that row.
    """
    mean, scale = found.flat("mean"), found.flat("error_sd")
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES if found.variant.papers else 1)
    shift = found.flat("paper_sd")[:, None] * nodes if found.variant.papers else np.zeros((len(mean), 1))
    total = np.empty((len(mean), int(found.rows.paper.max()) + 1))
    for paper in range(total.shape[1]):
        rows = np.flatnonzero(found.rows.paper == paper)
        gaps = found.rows.loss[rows] - mean[:, None, rows] - shift[:, :, None]
        standard = gaps / scale[:, None, None]
        if "tail" in found.draws:
            density = t.logpdf(standard, found.flat("tail")[:, None, None])
        else:
            density = norm.logpdf(standard)
        summed = (density - np.log(scale)[:, None, None]).sum(axis=2)
        total[:, paper] = logsumexp(summed, axis=1, b=weights / weights.sum())
    return total


def made_by(variant: Variant, rows: Rows) -> str:
    """Return a digest of what a posterior comes from: this module, the variant, the rows, the libraries."""
    total = hashlib.sha256(_code().encode() + repr(variant).encode())
    for values in rows.arrays.values():
        total.update(np.round(values, 10).astype(float).tobytes())
    total.update(repr([version(name) for name in LIBRARIES]).encode())
    return total.hexdigest()[:16]


def _code() -> str:
    """Return what this module does, without its comments and docstrings."""
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def kept(found: Posterior, *, count: int = KEPT) -> pd.DataFrame:
    """Return evenly spaced draws of the reported quantities, one line a draw: chain, draw and the quantities."""
    chains, draws = found.draws["rate"].shape
    chosen = np.linspace(0, chains * draws - 1, count).astype(int)
    values = {name: found.flat(name)[chosen] for name in reported(found.variant)}
    return pd.DataFrame({"chain": chosen // draws + 1, "draw": chosen % draws + 1, **values})


def _read(variant: Variant, sampled: Sample) -> tuple[dict[str, object], pd.DataFrame]:
    """Return the check of a variant and its kept draws."""
    found = sample(variant, Rows.of(sampled, variant.tokens))
    return check(found), kept(found)


def main() -> None:
    """Sample every variant, and write the draws of the default and the checks of all."""
    sampled = tables.evaluations().published_sample()
    read = parallel.mapped(_read, [(variant, sampled) for variant in VARIANTS], label="variants")
    frames = {"posterior": read[0][1], "posterior_checks": pd.DataFrame([line for line, _ in read])}
    texts = {
        name: frame[TABLES[name].names].map(lambda value: value if isinstance(value, str) else f"{value:.8g}")
        for name, frame in frames.items()
    }
    for path in seal.seal_texts(texts, {name: f"{name}.csv" for name in texts}):
        print(f"wrote {tables.label(path)}")


if __name__ == "__main__":
    from book.studies.bayes import study as bayes

    bayes.main()
