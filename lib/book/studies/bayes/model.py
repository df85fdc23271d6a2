"""Law 7 with paper effects, heavy tails and priors, as a model of NumPyro, and its sampler (NUTS).

The digest of this module and of the priors tells whether the kept draws are still of today's model, so nothing else
stands here. NumPyro and JAX are imported with it, which takes seconds: only what samples imports it.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
from numpyro import distributions as dist
from numpyro.infer import MCMC, NUTS

from algoprogress.data.variables import BENCHMARKS

jax.config.update("jax_enable_x64", True)


def model(years, parameters, tokens, loss, benchmark, paper, spread, *, variant, papers: int):
    """Sample the model in NumPyro: priors, the two terms at the rows, and the loss.

    The terms are written by their common level and the share of capacity in it, at the mean of the regressors, and
    progress by the sum and the difference of its two rates, which is what the rows tell apart best and worst. A floor
    is a share of the lowest loss on its benchmark, as a loss that was reached cannot be irreducible. Errors of
    parameters and tokens, of covariance `spread`, widen those of the loss by the slopes there, to first order.
    """
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
    usual = dist.Normal(jnp.log(2.0), 0.7) if variant.floor else dist.Normal(jnp.log(4.0), 0.5)
    level = _by_benchmark("level", usual, dist.HalfNormal(0.3))
    share = _by_benchmark("share", dist.Normal(0.0, 1.5), dist.HalfNormal(0.5))
    reducible = jnp.exp(level)
    mean = jnp.zeros_like(years)
    if variant.floor:
        lowest = jnp.stack([jnp.min(loss, where=benchmark == each, initial=jnp.inf) for each in range(len(BENCHMARKS))])
        part = jax.nn.sigmoid(_by_benchmark("part", dist.Normal(0.0, 1.5), dist.HalfNormal(0.5)))
        mean = numpyro.deterministic("floor", lowest * part)[benchmark]
    capacity = (reducible * jax.nn.sigmoid(share))[benchmark] * jnp.exp(-exponents[0] * parameters - falls[0] * years)
    data = (reducible * jax.nn.sigmoid(-share))[benchmark] * jnp.exp(-exponents[1] * tokens - falls[1] * years)
    mean += capacity
    mean += data
    numpyro.deterministic("parameter_rate", falls[0] / exponents[0])
    numpyro.deterministic("data_rate", falls[1] / exponents[1])
    numpyro.deterministic("mean", mean)
    # A paper with one row could be met exactly by its effect and no error at all: the priors keep both away from zero.
    scale = error_sd = numpyro.sample("error_sd", dist.LogNormal(jnp.log(0.15), 0.5))
    if variant.papers:
        paper_sd = numpyro.sample("paper_sd", dist.LogNormal(jnp.log(0.15), 0.5))
        mean += paper_sd * numpyro.sample("effect", dist.Normal(0.0, 1.0).expand([papers]).to_event(1))[paper]
    if variant.noise == "benchmark":
        apart = numpyro.sample("noise", dist.Normal(0.0, 0.5).expand([len(BENCHMARKS)]).to_event(1))
        scale = numpyro.deterministic("scale", error_sd * jnp.exp(apart)[benchmark])
    elif variant.measured != (0.0, 0.0):
        slopes = exponents[0] * capacity, exponents[1] * data
        spread_by_row = sum(spread[i, j] * slopes[i] * slopes[j] for i in range(2) for j in range(2))
        scale = numpyro.deterministic("scale", jnp.sqrt(error_sd**2 + spread_by_row))
    if variant.errors == "student":
        tail = numpyro.deterministic("tail", 2.0 + numpyro.sample("tail_beyond", dist.Gamma(2.0, 0.1)))
        errors = dist.StudentT(tail, mean, scale)
    else:
        errors = dist.Normal(mean, scale)
    numpyro.sample("loss", errors, obs=loss)


def _by_benchmark(name: str, centre, spread):
    """Return a quantity of each benchmark, drawn around a common centre (not centred, which samples better)."""
    middle, width = numpyro.sample(f"{name}_centre", centre), numpyro.sample(f"{name}_sd", spread)
    return middle + width * numpyro.sample(f"{name}_z", dist.Normal(0.0, 1.0).expand([len(BENCHMARKS)]).to_event(1))


def sampler(variant, *, papers: int, chains: int, warmup: int, draws: int, accept: float) -> MCMC:
    """Return a NUTS sampler; used again on rows of the same shape, it does not compile again."""
    kernel = NUTS(functools.partial(model, variant=variant, papers=papers), target_accept_prob=accept)
    length = {"num_warmup": warmup, "num_samples": draws, "num_chains": chains}
    return MCMC(kernel, **length, chain_method="vectorized", progress_bar=False, jit_model_args=True)


def run(made: MCMC, arrays: dict[str, np.ndarray], *, seed: int) -> tuple[dict[str, np.ndarray], int]:
    """Return the draws by name (chains x draws x ...) that a sampler finds on some rows, and how many diverged."""
    made.run(jax.random.PRNGKey(seed), **arrays, extra_fields=("diverging",))
    draws = {name: np.asarray(values) for name, values in made.get_samples(group_by_chain=True).items()}
    return draws, int(made.get_extra_fields()["diverging"].sum())
