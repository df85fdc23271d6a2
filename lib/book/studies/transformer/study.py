"""What the transformer is worth, written so that the penalty does not decide it: a free factor, separate exponents."""

import itertools

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine import parallel
from algoprogress.fits import fit, resample
from algoprogress.fits.rates import Conditions, growth_rates
from algoprogress.frontiers import gain
from algoprogress.laws import catalogue, scaling
from algoprogress.laws.law import Law
from algoprogress.show.estimate import Estimate
from book.studies.data import variants
from book.studies.robustness.transformer_gain import BRACKET, gains

DRAWS = 400
PENALTIES = (0.0, 0.001, fit.PENALTY, 0.005, 0.01)
COMPUTES = (1e20, 1e22, 1e25)  # FLOP
PENALISED, FREE, EXPONENTS = FORMS = ("factor, penalised", "factor, free", "exponents")
YEAR = 2023.0
REACH = BRACKET[1] ** 2  # largest gain that the search looks for: 10,000
BEYOND = 1e300  # stands for infinity while percentiles are taken
PAPERS = f"95%, {DRAWS} resampled papers, converged fits"
PAIRS = (  # of architectures trained by one recipe
    ("gundlach_lstm", "gundlach_modern"), ("gundlach_retro", "gundlach_modern"),
    ("gundlach_lstm", "gundlach_retro"), ("xlstm_transformer", "xlstm_xlstm"),
)  # fmt: skip


def form(name: str) -> tuple[Law, tuple[str, ...]]:
    """Return the law of one of `FORMS` and its parameters without a penalty; raise KeyError for another name."""
    law = catalogue.law("7")
    free = variants.with_transformer_factor(law, link="")
    known = {PENALISED: (variants.with_transformer_factor(law), ()), FREE: (free, ("transformer",))}
    return (known | {EXPONENTS: (catalogue.law("13"), ())})[name]


def _gains(draws: resample.Draws, compute_flop: float) -> np.ndarray:
    """Return the gain of each converged draw; infinite beyond the `REACH` of the search, where all that fail lie."""
    found = gains(draws, compute_flop, year=YEAR)[draws.converged]
    return np.where(np.isnan(found), np.inf, found)


def _estimate(draws: np.ndarray, covers: str, unit: str = "") -> Estimate:
    """Return the percentiles of draws of which some may be infinite, between which there is no value."""
    found = Estimate.from_draws(np.clip(draws, -BEYOND, BEYOND), covers=covers, unit=unit)
    return found.map(lambda each: each if abs(each) < BEYOND**0.5 else float(np.copysign(np.inf, each)))


def by_choice(sample: Sample) -> pd.DataFrame:
    """Return by form, penalty, flags and compute_flop: gain over resampled papers, censored (share of draws), years.

    Years are at the pace of the same fit; censored is a gain beyond `REACH`, of which nothing else is known.
    """
    samples = {"as used": sample, "reviewed": sample.reviewed(columns=("architecture",))}
    tasks = [(*choice, samples[choice[-1]]) for choice in itertools.product(FORMS, PENALTIES, samples)]
    found = parallel.mapped(_of_choice, tasks, label="transformer's gain")
    return pd.DataFrame([line for lines in found for line in lines])


def _of_choice(name: str, penalty: float, flags: str, sample: Sample) -> list[dict[str, object]]:
    law, exempt = form(name)
    sampled = resample.bootstrap(law, sample, penalty=penalty, exempt=exempt, draws=DRAWS)
    rates = growth_rates(sampled, Conditions(architecture="transformer", year=YEAR))
    lines = []
    for flop in COMPUTES:
        found = _gains(sampled, flop)
        with np.errstate(divide="ignore", invalid="ignore"):
            worth = np.where(rates > 0, np.log(found) / rates, np.inf)
        censored = np.isinf(found).mean()
        covers = f"{PAPERS}, {censored:.0%} of which exceed {REACH:,.0f}" if censored else PAPERS
        choice = {"form": name, "penalty": penalty, "flags": flags, "compute_flop": flop, "censored": censored}
        years = _estimate(worth, f"{PAPERS}, gain and pace of the same fit", "years")
        lines.append(choice | {"gain": _estimate(found, covers), "years": years})
    return lines


def at_two_computes(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `by_choice` at the least and the largest compute: form, penalty, flags, near, gain, years (the larger)."""
    keys = ["form", "penalty", "flags"]
    near, far = (frame[frame["compute_flop"] == flop].set_index(keys) for flop in (COMPUTES[0], COMPUTES[-1]))
    return far.assign(near=near["gain"]).reset_index()[[*keys, "near", "gain", "years"]]


def slope(sample: Sample) -> Estimate:
    """Return how the gain changes with compute under exponents by architecture, as d ln gain / d ln C."""
    sampled = resample.bootstrap(form(EXPONENTS)[0], sample, draws=DRAWS)
    near, far = (np.log(_gains(sampled, flop)) for flop in (1e20, 1e25))
    with np.errstate(invalid="ignore"):  # both beyond the search: unknown
        return _estimate((far - near) / np.log(1e5), PAPERS)


def controlled() -> pd.DataFrame:
    """Return gains between architectures of one recipe, at the ends of the losses that both reach, nan without any.

    Columns: reference, new, loss_nats, reference_flop, new_flop, gain (estimate).
    """
    known, parts = scaling.published(), []
    for reference, new in PAIRS:
        laws = known[reference], known[new]
        losses = gain.shared_losses(*laws, 2)
        found = gain.gains(*laws, losses) if len(losses) else gain.no_gains([np.nan])
        parts.append(found.assign(reference=laws[0].name, new=laws[1].name))
    return pd.concat(parts, ignore_index=True)[["reference", "new", "loss_nats", "reference_flop", "new_flop", "gain"]]
