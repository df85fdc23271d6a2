"""The fits that Ho et al. (2024) report, by name: law, sample, penalty, optimum, resamples, doubling times."""

import functools
from dataclasses import replace

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN, epochs_seen
from algoprogress.fits import fit, resample
from algoprogress.fits.fit import Fit
from algoprogress.fits.rates import Conditions, doubling_time_months, growth_rates, months_of, point_months
from algoprogress.fits.resample import DRAWS, Draws
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law
from algoprogress.show.estimate import LEVEL, Estimate
from book.studies.data import variants

PUBLISHED_ROWS = "95%, 100 resampled rows, published protocol"
HEADLINES = ("model7", "compute_only")  # studies with as many resamples as the headline
FURTHER_DRAWS = 2_000  # of the others, whose intervals need fewer digits
RESAMPLED = "95%, {:,} resampled papers, converged fits"
CONVERGED_PAPERS = RESAMPLED.format(DRAWS["paper"])
CONVERGED_ROWS = f"95%, {DRAWS['row']:,} resampled rows, converged fits"


@functools.cache
def main_sample() -> Sample:
    """Return the 231 evaluations as used."""
    return tables.evaluations().published_sample()


def with_compute(sample: Sample, which: str) -> Sample:
    """Return rows whose 6 N D, for a law in compute alone, is another compute: D is divided out of it.

    `which`: with tokens "seen", epochs counted, for all rows; as "reported" by Epoch AI, for the rows that have it; or
    of the "dataset", as published, for the same rows.
    """
    frame = sample.frame
    if which == "seen":
        return replace(sample, frame=frame.assign(dataset_tokens=frame["dataset_tokens"] * epochs_seen(frame)))
    known = sample.where(frame["training_compute_flop"].notna(), "compute reported", "training compute is known")
    per_token = FLOP_PER_PARAMETER_TOKEN * known.frame["parameters"]
    reported = known.frame.assign(dataset_tokens=known.frame["training_compute_flop"] / per_token)
    return known if which == "dataset" else replace(known, frame=reported)


@functools.cache
def study(name: str) -> tuple[Law, Sample, float]:
    """Return law, sample and penalty of a fit that the paper reports; raise KeyError for another name."""
    law, sample = catalogue.law("7"), main_sample()
    others = sample.where(sample.frame["architecture"] == "other", "no transformers", "architecture is not transformer")
    return {
        "model7": (law, sample, fit.PENALTY),
        "year_break2017": (variants.with_year_break(law, 2017), sample, fit.PENALTY),
        "transformer": (variants.with_transformer_factor(law), sample, fit.PENALTY),
        "non_transformer": (law, others, fit.PENALTY),
        "floor": (variants.with_floor(law), sample, fit.PENALTY),
        "vocabulary": (variants.with_vocabulary(law), sample.with_known("vocabulary"), fit.PENALTY),
        "effective_data": (catalogue.law("20"), sample, 0.001),
        "compute_only": (catalogue.law("18"), sample, fit.PENALTY),
        "compute_seen": (catalogue.law("18"), with_compute(sample, "seen"), fit.PENALTY),
        "compute_reported": (catalogue.law("18"), with_compute(sample, "reported"), fit.PENALTY),
        "compute_dataset": (catalogue.law("18"), with_compute(sample, "dataset"), fit.PENALTY),
        "hicks_neutral": (catalogue.law("12"), sample, fit.PENALTY),
        "data.effective_tokens": (catalogue.law("20"), sample, fit.PENALTY),
    }[name]


@functools.cache
def published_fit(name: str) -> Fit:
    """Return the fit of a study by the published protocol."""
    law, sample, penalty = study(name)
    return fit.published(law, sample, penalty=penalty)


@functools.cache
def converged_fit(name: str, penalty: float | None = None) -> Fit:
    """Return the global optimum of a study, at its own penalty unless told."""
    law, sample, own = study(name)
    return fit.converged(law, sample, penalty=own if penalty is None else penalty)


@functools.cache
def published_draws(name: str) -> Draws:
    """Return the published bootstrap of a study."""
    law, sample, penalty = study(name)
    return resample.published_bootstrap(law, sample, penalty=penalty)


@functools.cache
def converged_draws(name: str, by: str, penalty: float | None = None) -> Draws:
    """Return the converged bootstrap of a study over papers (`by="paper"`) or rows (`by="row"`)."""
    law, sample, own = study(name)
    draws = DRAWS[by] if name in HEADLINES else FURTHER_DRAWS
    return resample.bootstrap(law, sample, by=by, penalty=own if penalty is None else penalty, draws=draws)


def covered(name: str, by: str = "paper") -> str:
    """Return what the interval of a converged study covers."""
    papers = CONVERGED_PAPERS if name in HEADLINES else RESAMPLED.format(FURTHER_DRAWS)
    return CONVERGED_ROWS if by == "row" else papers


def published_median(name: str, at: Conditions | None = None) -> Estimate:
    """Return the median doubling time of compute over the published bootstrap, in months, negative times included."""
    months = doubling_time_months(growth_rates(published_draws(name), at), signed=True)
    return Estimate.from_draws(months, covers=PUBLISHED_ROWS, unit="months", complete=True)


def published_months(name: str, at: Conditions | None = None) -> Estimate:
    """Return the doubling time of compute of a published fit, in months, with the interval of its bootstrap."""
    return replace(published_median(name, at), value=point_months(published_fit(name), at))


def converged_median(name: str, by: str = "paper", penalty: float | None = None, level: float = LEVEL) -> Estimate:
    """Return the median doubling time of compute over the converged bootstrap, in months; no progress is infinite.

    Percentiles are of the growth rate, so that draws without progress count at the slow end.
    """
    covers = covered(name, by).replace("95%", f"{level:.0%}") + (", no penalty" if penalty == 0.0 else "")
    rate = growth_rates(converged_draws(name, by, penalty))
    return months_of(Estimate.from_draws(rate, covers=covers, level=level))


def converged_months(name: str, by: str = "paper", penalty: float | None = None) -> Estimate:
    """Return the doubling time of compute at the global optimum, in months, with the interval of its bootstrap."""
    return replace(converged_median(name, by, penalty), value=point_months(converged_fit(name, penalty)))
