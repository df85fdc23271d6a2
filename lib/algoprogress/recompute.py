"""Recomputes the published claims: one function for each family of ids, from the tables alone."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from algoprogress import catalogue, fit, headline, progress, resample, tables
from algoprogress.fit import Fit
from algoprogress.law import Law
from algoprogress.progress import Conditions
from algoprogress.resample import Draws
from algoprogress.sample import Sample
from algoprogress.variables import Normalisation

PUBLISHED_ROWS = "95%, 100 resampled rows, published protocol"
HEADLINES = ("model7", "compute_only")  # studies with as many resamples as the headline
FURTHER_DRAWS = 2_000  # of the others, whose intervals need fewer digits
RESAMPLED = "95%, {:,} resampled papers, converged fits"
CONVERGED_PAPERS = RESAMPLED.format(headline.DRAWS["paper"])
CONVERGED_ROWS = f"95%, {headline.DRAWS['row']:,} resampled rows, converged fits"
COUNT = "none: a count or a fixed property of the sample"
DETERMINISTIC = "none: a property of one fit; the interval of what it implies is with the doubling time"


@dataclass(frozen=True)
class Estimate:
    """Our value for a claim, its 95% interval (nan where there is none) and what the interval covers."""

    value: float
    low: float = np.nan
    high: float = np.nan
    interval: str = COUNT


FAMILIES: list[tuple[re.Pattern[str], Callable[..., Estimate]]] = []


def recomputes(pattern: str) -> Callable[[Callable[..., Estimate]], Callable[..., Estimate]]:
    """Register a function for the ids that a pattern matches; its groups are the arguments."""

    def register(function: Callable[..., Estimate]) -> Callable[..., Estimate]:
        FAMILIES.append((re.compile(pattern), function))
        return function

    return register


@functools.cache
def estimate(id: str) -> Estimate:
    """Return our estimate for a claim; raise KeyError if no function recomputes it."""
    function, arguments = _family(id)
    return function(*arguments)


def recomputed_by(id: str) -> Callable[..., Estimate]:
    """Return the function that recomputes a claim; raise KeyError if there is none."""
    return _family(id)[0]


def _family(id: str) -> tuple[Callable[..., Estimate], tuple[str | None, ...]]:
    for pattern, function in FAMILIES:
        match = pattern.fullmatch(id)
        if match:
            return function, match.groups()
    raise KeyError(f"no function recomputes the claim {id!r}")


@functools.cache
def main_sample() -> Sample:
    """Return the 231 evaluations as used."""
    return tables.evaluations().published_sample()


@functools.cache
def study(name: str) -> tuple[Law, Sample, float]:
    """Return law, sample and penalty of a fit that the paper reports."""
    law, sample = catalogue.law("7"), main_sample()
    if name == "vocabulary":
        return catalogue.with_vocabulary(law), sample.with_known("vocabulary"), fit.PENALTY
    if name == "non_transformer":
        other = (sample.frame["architecture"] == "other").to_numpy()
        return law, sample.where(other, "no transformers", "architecture is not transformer"), fit.PENALTY
    return {
        "model7": (law, sample, fit.PENALTY),
        "year_break2017": (catalogue.with_year_break(law, 2017), sample, fit.PENALTY),
        "transformer": (catalogue.with_transformer_factor(law), sample, fit.PENALTY),
        "floor": (catalogue.with_floor(law), sample, fit.PENALTY),
        "effective_data": (catalogue.law("20"), sample, 0.001),
        "reviewed_rows": (law, sample.reviewed(), fit.PENALTY),
        "compute_only": (catalogue.law("18"), sample, fit.PENALTY),
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
    """Return the converged bootstrap of a study."""
    law, sample, own = study(name)
    strength = own if penalty is None else penalty
    draws = headline.DRAWS[by] if name in HEADLINES else FURTHER_DRAWS
    return resample.bootstrap(law, sample, by=by, penalty=strength, draws=draws)


def covered(name: str, by: str = "papers") -> str:
    """Return what the interval of a converged study covers."""
    if by == "rows":
        return CONVERGED_ROWS
    return CONVERGED_PAPERS if name in HEADLINES else RESAMPLED.format(FURTHER_DRAWS)


@recomputes(r"ho\.sample\.(\w+)")
def sample_fact(what: str) -> Estimate:
    """Return a fact of the sample."""
    frame = main_sample().frame
    facts = {
        "rows": lambda: len(frame),
        "papers": lambda: frame["paper_id"].nunique(),
        "systems": lambda: frame["system"].nunique(),
        "transformers": lambda: (frame["architecture"] == "transformer").sum(),
        "transformers_in_text": lambda: (frame["architecture"] == "transformer").sum(),
        "other_architectures": lambda: (frame["architecture"] == "other").sum(),
        "known_vocabularies": lambda: frame["vocabulary"].notna().sum(),
        "loss_min": lambda: frame["loss_nats"].min(),
        "loss_max": lambda: frame["loss_nats"].max(),
        "loss_variance": lambda: frame["loss_nats"].var(ddof=0),
        "rows_stacked": lambda: np.nan,  # the sheet before the filters is not public
        "rows_before_top3": lambda: np.nan,
        "known_training_compute": lambda: np.nan,  # of the authors' own column, which is not public
    }
    return Estimate(float(facts[what]()))


@recomputes(r"ho\.normalisation\.(parameters|tokens|year)")
def normalisation(what: str) -> Estimate:
    """Return a normalising constant."""
    return Estimate(float(getattr(Normalisation.of(main_sample().frame), what)))


@recomputes(r"ho\.(\w+)\.objective\.(published|converged)")
def objective(name: str, method: str) -> Estimate:
    """Return the penalised objective of a fit."""
    found = published_fit(name) if method == "published" else converged_fit(name)
    return Estimate(found.objective, interval=DETERMINISTIC)


@recomputes(r"ho\.(\w+)\.(mse|r_squared|iterations|evaluations)\.published")
def fit_fact(name: str, what: str) -> Estimate:
    """Return a property of a published fit."""
    found = published_fit(name)
    value = found.r_squared(study(name)[1]) if what == "r_squared" else float(getattr(found, what))
    return Estimate(value, interval=DETERMINISTIC)


def doubling_point(name: str, what: str, at: Conditions | None = None) -> Estimate:
    """Return the doubling time of compute in months at a point fit, with the bootstrap interval of its procedure."""
    if what == "converged_point":
        low, _, high = progress.doubling_interval_months(headline.rates(converged_draws(name, "paper"), at))
        return Estimate(headline.point_months(converged_fit(name), at), low, high, covered(name))
    low, _, high = headline.published_interval_months(published_draws(name), at)
    return Estimate(headline.point_months(published_fit(name), at), low, high, PUBLISHED_ROWS)


@recomputes(r"ho\.(\w+)\.doubling_months\.(before|after)")
def doubling_at_break(name: str, when: str) -> Estimate:
    """Return the doubling time before or after the year break."""
    return doubling_point(name, "published", Conditions(year=2016.0 if when == "before" else 2023.0))


@recomputes(r"ho\.model7\.doubling_months\.unpenalised_(point|papers)")
def unpenalised(what: str) -> Estimate:
    """Return the doubling time without the penalty."""
    draws = converged_draws("model7", "paper", 0.0)
    low, median, high = progress.doubling_interval_months(headline.rates(draws))
    value = headline.point_months(converged_fit("model7", 0.0)) if what == "point" else median
    return Estimate(value, low, high, f"{CONVERGED_PAPERS}, no penalty")


@recomputes(r"ho\.(hicks_neutral|data\.effective_tokens)\.doubling_months")
def converged_papers(name: str) -> Estimate:
    """Return the median doubling time over resampled papers of a study that the paper fits in another way."""
    return converged_median(name, "papers")


@recomputes(r"ho\.(model7|reviewed_rows|compute_only)\.doubling_months\.converged_(rows|papers)")
def converged_median(name: str, by: str) -> Estimate:
    """Return the median doubling time over resamples."""
    low, median, high = progress.doubling_interval_months(headline.rates(converged_draws(name, by[:-1])))
    return Estimate(median, low, high, covered(name, by))


@recomputes(r"ho\.(\w+)\.doubling_months\.published_bootstrap_(?:median|interval)")
def published_median(name: str) -> Estimate:
    """Return the median doubling time of the published bootstrap."""
    low, median, high = headline.published_interval_months(published_draws(name))
    return Estimate(median, low, high, PUBLISHED_ROWS)


@recomputes(r"ho\.model7\.doubling_months\.published_numerical_median")
def numerical_median() -> Estimate:
    """Return the median of the numerical doubling time along the compute-optimal path."""
    draws = published_draws("model7")
    months = progress.numerical_doubling_time_months(draws.law, draws.reference, draws.params)
    low, median, high = (float(value) for value in np.nanpercentile(months, [2.5, 50.0, 97.5]))
    return Estimate(median, low, high, PUBLISHED_ROWS)


@recomputes(r"ho\.model7\.(parameter|data)_doubling_years\.published_bootstrap_median")
def resource_median(resource: str) -> Estimate:
    """Return the median doubling time of effective parameters or data, in years, percentiles taken as published."""
    draws = published_draws("model7")
    growth = progress.growth(draws.law, draws.reference, draws.params)
    rate = growth.parameters if resource == "parameter" else growth.data
    years = progress.doubling_time_months(rate, signed=True) / progress.MONTHS_PER_YEAR
    low, median, high = (float(value) for value in np.percentile(years, [2.5, 50.0, 97.5]))
    return Estimate(median, low, high, PUBLISHED_ROWS)


@recomputes(r"ho\.transformer\.loss_cut\.published")
def loss_cut() -> Estimate:
    """Return the median share by which the transformer factor cuts the predicted loss."""
    cut = 1.0 / (1.0 + np.exp(published_draws("transformer")["transformer"]))
    low, median, high = (float(value) for value in np.percentile(cut, [2.5, 50.0, 97.5]))
    return Estimate(median, low, high, PUBLISHED_ROWS)


@recomputes(
    r"ho\.(?!transformer\.ceg_)(\w+)\.(\w+)\.(published_point|converged_point|published_se|published_interval|published)"
)
def coefficient(name: str, parameter: str, what: str) -> Estimate:
    """Return a coefficient, its bootstrap standard error or its interval (the value is then the median)."""
    if parameter == "doubling_months":
        return doubling_point(name, what)
    parameter = "transformer" if (name, parameter) == ("transformer", "gamma") else parameter
    if what == "converged_point":
        draws, point = converged_draws(name, "paper"), converged_fit(name).params[parameter]
        values, covers = draws[parameter][draws.converged], covered(name)
    else:
        values, point = published_draws(name)[parameter], published_fit(name).params[parameter]
        covers = PUBLISHED_ROWS
    if what == "published_se":
        return Estimate(float(values.std()), interval="none: it is itself a measure of uncertainty")
    low, median, high = (float(value) for value in np.percentile(values, [2.5, 50.0, 97.5]))
    return Estimate(median if what == "published_interval" else float(point), low, high, covers)
