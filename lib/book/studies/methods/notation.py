"""Symbols and units of the book, each with its name in the tables and the code."""

from typing import NamedTuple

import pandas as pd


class Symbol(NamedTuple):
    """One symbol: how it is written (TeX), what it means, its unit, its name, and the page that explains it.

    `name` is a column of a table, a variable of a formula, a coefficient of a law, or a place in the library.
    """

    tex: str
    meaning: str
    unit: str
    name: str
    page: str


SYMBOLS = (
    Symbol("L", "loss: log of the perplexity, cross-entropy", "nats per token", "loss_nats", "law"),
    Symbol(r"\mathrm{PPL} = e^{L}", "perplexity on held-out text", "per token", "perplexity", "data"),
    Symbol("N", "parameters of a model", "parameters", "parameters", "data"),
    Symbol("D", "tokens of the dataset; of a run, tokens trained on", "tokens", "dataset_tokens", "data"),
    Symbol("C = 6ND", "training compute", "FLOP", "training_compute_flop", "allocation"),
    Symbol("Y", "date of publication as a decimal year", "years", "years_decimal", "data"),
    Symbol("V", "size of the output vocabulary", "tokens", "vocabulary", "data"),
    Symbol("N_0, D_0, Y_0", "least value among the rows, to which others are relative", "as the quantity",
           "data.variables.Normalisation", "law"),
    Symbol(r"\alpha_N", "scaling exponent of parameters", "", "alpha_param", "law"),
    Symbol(r"\beta_D", "scaling exponent of data", "", "beta_data", "law"),
    Symbol(r"\alpha_Y, \beta_Y", "fall of the exponent of either term", "per year", "alpha_year, beta_year", "law"),
    Symbol(r"\alpha_b, \beta_b", "constants of a benchmark", "", "alpha_const, beta_const", "law"),
    Symbol(r"\theta", "all coefficients of a law", "", "fits.fit.Fit.params", "law"),
    Symbol(r"S(\theta)", "objective: mean squared error plus penalty", "nats squared", "fits.fit.Fit.objective", "law"),
    Symbol(r"\delta", "strength of the penalty on each coefficient", "nats squared", "fits.fit.PENALTY", "law"),
    Symbol("g_N, g_D", "growth rates of effective parameters and effective data", "per year, natural log",
           "fits.rates.Growth.parameters", "how_fast"),
    Symbol("g_C = g_N + g_D", "growth rate of effective compute", "per year, natural log",
           "fits.rates.Growth.compute", "how_fast"),
    Symbol("T_C", "doubling time of effective compute", "months", "fits.rates.doubling_time_months", "how_fast"),
    Symbol(r"\Lambda(g)", "statistic of the profile of a rate", "", "fits.profile.statistic", "identify"),
    Symbol(r"\phi_k", "Shapley contribution of a factor", "nats", "fits.shares.shapley", "attribution"),
    Symbol("E", "irreducible loss, the floor of a law", "nats per token", "frontiers.estimators.FLOOR", "scaling"),
    Symbol("L = E + A\\,C^{a}", "frontier of an algorithm, as a power law with exponent below zero",
           "nats per token", "frontiers.estimators.PowerLaw", "scaling"),
    Symbol("C_A(L)", "least compute with which A reaches a loss", "FLOP", "frontiers.gain.measured", "scaling"),
    Symbol("G(L) = C_A(L) / C_B(L)", "compute-equivalent gain of B over A", "times", "frontiers.gain.gain", "scaling"),
    Symbol("R", "decay of the worth of repeated epochs", "epochs", "data.variables.REPETITION_DECAY", "robustness"),
)  # fmt: skip

UNLISTED = (  # without a docstring of their own, and so not in the reference
    *("fits.fit.PENALTY", "frontiers.estimators.FLOOR", "data.variables.REPETITION_DECAY"),
    *("fits.fit.Fit.params", "fits.fit.Fit.objective", "fits.rates.Growth.parameters", "fits.rates.Growth.compute"),
)

MEANINGS = {
    "nats per token": "natural log of the perplexity; one bit is ln 2 nats",
    "per token": "of the tokens that the benchmark counts, words for the three classic ones",
    "FLOP": "floating-point operations of training, a multiply and an add as two",
    "per year, natural log": "a rate g multiplies by exp(g) in a year, and doubles in 12 ln 2 / g months",
    "months": "a doubling time; infinite, or no progress, where the rate is zero or less",
    "nats squared": "of an objective or a mean squared error",
    "times": "a ratio of two computes for one loss; below one means a loss, not a gain",
}
UNITS = pd.DataFrame(MEANINGS.items(), columns=["unit", "meaning"])


def symbols() -> pd.DataFrame:
    """Return the symbols as a table of ready strings: symbol, meaning (linked to its page), unit, name."""
    rows = []
    for tex, meaning, unit, names, page in SYMBOLS:
        names = ", ".join(_code(name) for name in names.split(", "))
        rows.append((f"${tex}$", f"{{doc}}`{meaning} <{page}>`", unit, names))
    return pd.DataFrame(rows, columns=["symbol", "meaning", "unit", "name"])


def _code(name: str) -> str:
    """Return a name as code, linked to the reference if it is a place in the code that stands there."""
    return f"{{py:obj}}`{name} <algoprogress.{name}>`" if "." in name and name not in UNLISTED else f"`{name}`"
