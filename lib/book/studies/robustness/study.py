"""The robustness checks of Ho et al. 2024, each by its stated procedure and solved to the minimum."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.fits import batch, fit, resample
from algoprogress.fits import rates as progress
from algoprogress.fits.rates import Conditions, growth_rates, published_interval_months
from algoprogress.fits.resample import Draws
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law

DRAWS = 1_000  # resampled papers of each converged analysis
HELD_DRAWS = 400  # of each pair of held exponents, of which there are many
CUTOFFS = (2016, 2017, 2018, 2019, 2020)


@dataclass(frozen=True)
class Study:
    """One analysis that changes the law or the rows: what is fitted, to what, under which penalty."""

    law: Law
    sample: Sample
    penalty: float = fit.PENALTY


@functools.cache
def study(name: str) -> Study:
    """Return a study by name; raise KeyError for an unknown one."""
    law, sample = catalogue.law("7"), tables.evaluations().published_sample()
    other = (sample.frame["architecture"] == "other").to_numpy()
    seen, diminishing = (catalogue.with_data(law, each) for each in ("log_tokens_seen", "log_effective_tokens"))
    known, filled = sample.with_epochs("drop"), sample.with_epochs("one")
    return {
        "model7": Study(law, sample),
        "floor": Study(catalogue.with_floor(law), sample),
        "seen_known": Study(seen, known),
        "seen_filled": Study(seen, filled),
        "diminishing_known": Study(diminishing, known),
        "diminishing_filled": Study(diminishing, filled),
        "repeated_filled": Study(catalogue.with_data(law, "log_repeated_tokens"), filled),
        "vocabulary_known": Study(catalogue.with_vocabulary(law), sample.with_known("vocabulary")),
        "vocabulary_imputed": Study(catalogue.law("19"), sample),
        "vocabulary_chosen": Study(catalogue.law("19"), sample, 0.02),
        "compute_only": Study(catalogue.law("18"), sample),
        "hicks_neutral": Study(catalogue.law("12"), sample),
        "non_transformer": Study(law, sample.where(other, "no transformers", "architecture is not transformer")),
    }[name]


def protocol(of: Study, *, skip: int = 0) -> Draws:
    """Return the published bootstrap of a study; `skip` is how many draws of the seeded stream came before."""
    return resample.published_bootstrap(of.law, of.sample, penalty=of.penalty, skip=skip)


def converged(of: Study) -> Draws:
    """Return the converged fits of a study to resampled papers."""
    return resample.bootstrap(of.law, of.sample, penalty=of.penalty, draws=DRAWS)


def months(draws: Draws, at: Conditions | None = None) -> tuple[float, float, float]:
    """Return 2.5%, median and 97.5% of the doubling time: on months under the published protocol, else on rates."""
    if draws.method == "published":
        return published_interval_months(draws, at)
    return progress.doubling_interval_months(growth_rates(draws, at))


@cached
def breaks(law: Law, sample: Sample) -> pd.DataFrame:
    """Return the doubling time before and after each cutoff, by the published protocol and converged.

    One line per cutoff, procedure ("published" or "converged") and side ("before" or "after"), columns: cutoff,
    procedure, side, low, median, high (95%, months) and, the same on both sides, rise with rise_low and rise_high (the
    paired difference of the growth rates, after minus before, per year, natural log) and faster (share of the draws in
    which it is positive). The published resamples of all cutoffs follow each other in one seeded stream.
    """
    lines = []
    for place, cutoff in enumerate(CUTOFFS):
        study = Study(catalogue.with_year_break(law, cutoff), sample)
        sides = {"before": Conditions(year=cutoff - 1.0), "after": Conditions(year=2023.0)}
        for draws in (protocol(study, skip=100 * place), converged(study)):
            before, after = (growth_rates(draws, at) for at in sides.values())
            low, median, high = np.percentile(after - before, [2.5, 50.0, 97.5])
            rise = {"rise": median, "rise_low": low, "rise_high": high, "faster": float((after > before).mean())}
            for side, at in sides.items():
                ends = dict(zip(("low", "median", "high"), months(draws, at), strict=True))
                lines.append({"cutoff": cutoff, "procedure": draws.method, "side": side, **ends, **rise})
    return pd.DataFrame(lines)


@cached
def held_exponents(exponents: pd.DataFrame, sample: Sample, *, draws: int = HELD_DRAWS, seed: int = 0) -> pd.DataFrame:
    """Return the doubling time of model 7 with its scaling exponents held at values of experiments, without a penalty.

    One line per study of `exponents` (id, paper, alpha, beta) and floor ("none" or "by benchmark", which is fitted),
    after one with the exponents fitted and no floor (with one there is no best fit, see `multiverse`). Columns: id,
    paper, alpha, beta, floor, mse_nats2, point, low, median, high (95%, papers resampled, months), without_progress
    and unconverged (shares of the draws).
    """
    free = pd.DataFrame({"id": ["free"], "paper": ["fitted to these rows"], "alpha": [np.nan], "beta": [np.nan]})
    lines = []
    for row in pd.concat([free, exponents[free.columns]]).itertuples(index=False):
        for floor in ("none",) if row.id == "free" else ("none", "by benchmark"):
            law = catalogue.law("7") if floor == "none" else catalogue.with_floor(catalogue.law("7"))
            lines.append({**row._asdict(), "floor": floor, **_held(law, sample, row.alpha, row.beta, draws, seed)})
    return pd.DataFrame(lines)


def _held(law: Law, sample: Sample, alpha: float, beta: float, draws: int, seed: int) -> dict[str, float]:
    design, target, reference = fit.problem(law, sample)
    resamples = resample.paper_weights(resample.groups(sample, "paper"), draws, np.random.default_rng(seed))
    weights = np.vstack([fit.equal_weights(design, 1), resamples])
    held = {} if np.isnan(alpha) else {"alpha_param": alpha, "beta_data": beta}
    found = batch.solve(
        design,
        target,
        weights,
        penalties=np.zeros(len(design.names)),
        seed=seed,
        label="exponents held",
        held={name: np.full(len(weights), value) for name, value in held.items()},
    )
    rates = progress.growth(law, reference, found.params).compute
    kept = rates[1:][found.converged[1:]]
    low, median, high = progress.doubling_interval_months(kept)
    return {
        "mse_nats2": float(found.objective[0]),
        "point": float(progress.doubling_time_months(rates[0])),
        "low": low,
        "median": median,
        "high": high,
        "without_progress": float((kept <= 0).mean()),
        "unconverged": float((~found.converged).mean()),
    }
