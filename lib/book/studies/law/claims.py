"""Recomputes the claims on the fits of Ho et al. (2024) and on the sample behind them."""

from __future__ import annotations

import numpy as np

from algoprogress.data.variables import Normalisation
from algoprogress.fits import rates
from algoprogress.fits.rates import Conditions, growth_rates, point_months, published_interval_months
from algoprogress.show.estimate import Estimate
from book.studies.law.fits import (
    CONVERGED_PAPERS,
    PUBLISHED_ROWS,
    converged_draws,
    converged_fit,
    covered,
    main_sample,
    published_draws,
    published_fit,
    study,
)
from book.studies.registry import recomputes

DETERMINISTIC = "none: a property of one fit; the interval of what it implies is with the doubling time"


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
    return Estimate(found.objective, covers=DETERMINISTIC)


@recomputes(r"ho\.(\w+)\.(mse|r_squared|iterations|evaluations)\.published")
def fit_fact(name: str, what: str) -> Estimate:
    """Return a property of a published fit."""
    found = published_fit(name)
    value = found.r_squared(study(name)[1]) if what == "r_squared" else float(getattr(found, what))
    return Estimate(value, covers=DETERMINISTIC)


def doubling_point(name: str, what: str, at: Conditions | None = None) -> Estimate:
    """Return the doubling time of compute in months at a point fit, with the bootstrap interval of its procedure."""
    if what == "converged_point":
        low, _, high = rates.doubling_interval_months(growth_rates(converged_draws(name, "paper"), at))
        return Estimate(point_months(converged_fit(name), at), low, high, covered(name))
    low, _, high = published_interval_months(published_draws(name), at)
    return Estimate(point_months(published_fit(name), at), low, high, PUBLISHED_ROWS)


@recomputes(r"ho\.(\w+)\.doubling_months\.(before|after)")
def doubling_at_break(name: str, when: str) -> Estimate:
    """Return the doubling time before or after the year break."""
    return doubling_point(name, "published", Conditions(year=2016.0 if when == "before" else 2023.0))


@recomputes(r"ho\.model7\.doubling_months\.unpenalised_(point|papers)")
def unpenalised(what: str) -> Estimate:
    """Return the doubling time without the penalty."""
    draws = converged_draws("model7", "paper", 0.0)
    low, median, high = rates.doubling_interval_months(growth_rates(draws))
    value = point_months(converged_fit("model7", 0.0)) if what == "point" else median
    return Estimate(value, low, high, f"{CONVERGED_PAPERS}, no penalty")


@recomputes(r"ho\.(hicks_neutral|data\.effective_tokens)\.doubling_months")
def converged_papers(name: str) -> Estimate:
    """Return the median doubling time over resampled papers of a study that the paper fits in another way."""
    return converged_median(name, "papers")


@recomputes(r"ho\.(model7|reviewed_rows|compute_only)\.doubling_months\.converged_(rows|papers)")
def converged_median(name: str, by: str) -> Estimate:
    """Return the median doubling time over resamples."""
    low, median, high = rates.doubling_interval_months(growth_rates(converged_draws(name, by[:-1])))
    return Estimate(median, low, high, covered(name, by))


@recomputes(r"ho\.(\w+)\.doubling_months\.published_bootstrap_(?:median|interval)")
def published_median(name: str) -> Estimate:
    """Return the median doubling time of the published bootstrap."""
    low, median, high = published_interval_months(published_draws(name))
    return Estimate(median, low, high, PUBLISHED_ROWS)


@recomputes(r"ho\.model7\.doubling_months\.published_numerical_median")
def numerical_median() -> Estimate:
    """Return the median of the numerical doubling time along the compute-optimal path."""
    draws = published_draws("model7")
    months = rates.numerical_doubling_time_months(draws.law, draws.reference, draws.params)
    low, median, high = (float(value) for value in np.nanpercentile(months, [2.5, 50.0, 97.5]))
    return Estimate(median, low, high, PUBLISHED_ROWS)


@recomputes(r"ho\.model7\.(parameter|data)_doubling_years\.published_bootstrap_median")
def resource_median(resource: str) -> Estimate:
    """Return the median doubling time of effective parameters or data, in years, percentiles taken as published."""
    draws = published_draws("model7")
    growth = rates.growth(draws.law, draws.reference, draws.params)
    rate = growth.parameters if resource == "parameter" else growth.data
    years = rates.doubling_time_months(rate, signed=True) / rates.MONTHS_PER_YEAR
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
        return Estimate(float(values.std()), covers="none: it is itself a measure of uncertainty")
    low, median, high = (float(value) for value in np.percentile(values, [2.5, 50.0, 97.5]))
    return Estimate(median if what == "published_interval" else float(point), low, high, covers)
