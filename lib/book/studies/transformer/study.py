"""What the transformer is worth, written so that the penalty does not decide it: a free factor, separate exponents."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine import parallel
from algoprogress.fits import fit, resample
from algoprogress.fits.rates import Conditions, growth_rates
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law
from book.studies.robustness.transformer_gain import gains

DRAWS = 400
PENALTIES = (0.0, 0.001, fit.PENALTY, 0.005, 0.01)
COMPUTES = (1e18, 1e20, 1e22, 1e25)  # FLOP
FORMS = ("factor, penalised", "factor, free", "exponents")
YEAR = 2023.0
FACTOR = "transformer"


@dataclass(frozen=True)
class Form:
    """A way to write the effect: the law, and the parameters that carry no penalty."""

    law: Law
    exempt: tuple[str, ...] = ()


def form(name: str) -> Form:
    """Return a way to write the effect: the published factor, the log of a free factor, or exponents by architecture.

    Raises KeyError for another name than those of `FORMS`.
    """
    law = catalogue.law("7")
    return {
        FORMS[0]: Form(catalogue.with_transformer_factor(law)),
        FORMS[1]: Form(catalogue.with_transformer_factor(law, link=""), (FACTOR,)),
        FORMS[2]: Form(catalogue.law("13")),
    }[name]


def flagged(sample: Sample, flags: str) -> Sample:
    """Return the sample with the architectures "as used" or "reviewed"."""
    return sample if flags == "as used" else sample.reviewed(columns=("architecture",))


def by_choice(sample: Sample, *, draws: int = DRAWS) -> pd.DataFrame:
    """Return the compute-equivalent gain under every way to write it, penalty and reading of the flags.

    Columns: form, penalty, flags, compute_flop, point (fit to all rows), median, low, high (95%, papers resampled,
    draws without a gain in reach of the search count at its end), months (doubling time of the same fits, median) and
    years, years_low, years_high (of progress that the gain is worth at that pace).
    """
    tasks = [
        (name, penalty, flags, flagged(sample, flags), draws)
        for name, penalty, flags in itertools.product(FORMS, PENALTIES, ("as used", "reviewed"))
    ]
    found = parallel.mapped(_of_choice, tasks, label="transformer's gain")
    return pd.DataFrame([line for lines in found for line in lines])


def _of_choice(name: str, penalty: float, flags: str, sample: Sample, draws: int) -> list[dict[str, object]]:
    way = form(name)
    sampled = resample.bootstrap(way.law, sample, penalty=penalty, exempt=way.exempt, draws=draws)
    best = fit.converged(way.law, sample, penalty=penalty, exempt=way.exempt, starts=100)
    at = Conditions(architecture="transformer", year=YEAR)
    rates = growth_rates(sampled, at)
    lines = []
    for flop in COMPUTES:
        every = _within(gains(sampled, flop, year=YEAR))[sampled.converged]
        single = resample.Draws(
            best.law,
            best.reference,
            sampled.names,
            best.params.to_numpy()[None],
            np.zeros(1),
            np.zeros(1),
            np.ones(1, bool),
            np.ones(1, int),
            "row",
            "converged",
            0,
        )
        low, median, high = np.quantile(every, [0.025, 0.5, 0.975])
        with np.errstate(divide="ignore", invalid="ignore"):
            years = np.where(rates > 0, np.log(every) / rates, np.inf)
        worth = np.quantile(years, [0.5, 0.025, 0.975], method="nearest")
        lines.append(
            {
                "form": name,
                "penalty": penalty,
                "flags": flags,
                "compute_flop": flop,
                "point": float(_within(gains(single, flop, year=YEAR))[0]),
                "median": median,
                "low": low,
                "high": high,
                "months": float(12.0 * np.log(2.0) / np.median(rates)),
                "years": worth[0],
                "years_low": worth[1],
                "years_high": worth[2],
            }
        )
    return lines


def _within(found: np.ndarray) -> np.ndarray:
    """Return gains with those beyond the reach of the search at its upper end (a factor of 10,000)."""
    return np.where(np.isnan(found), 1e4, found)


def slope(sample: Sample, *, penalty: float = fit.PENALTY, draws: int = DRAWS) -> dict[str, float]:
    """Return how the gain changes with compute under exponents by architecture, as d ln gain / d ln C.

    Keys: median, low, high (95%, papers resampled) and detectable (the slope that such data would find in four samples
    of five, at a 5% level).
    """
    way = form(FORMS[2])
    sampled = resample.bootstrap(way.law, sample, penalty=penalty, draws=draws)
    near, far = (np.log(_within(gains(sampled, flop, year=YEAR))) for flop in (1e20, 1e25))
    change = ((far - near) / np.log(1e5))[sampled.converged]
    low, median, high = np.quantile(change, [0.025, 0.5, 0.975])
    return {
        "median": float(median),
        "low": float(low),
        "high": float(high),
        "detectable": float((1.96 + 0.84) * (high - low) / 3.92),
    }
