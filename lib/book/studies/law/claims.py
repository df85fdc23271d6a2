"""The fits that Ho et al. (2024) report: normalising constants, objectives, coefficients, and what they imply."""

from __future__ import annotations

from collections.abc import Iterator

from scipy.special import expit

from algoprogress.data.variables import Normalisation
from algoprogress.fits.rates import Conditions
from algoprogress.show.estimate import Estimate
from book.studies.law import fits
from book.studies.law.fits import PUBLISHED_ROWS, published_draws, published_fit

ONE_FIT = "none: a property of one fit; the interval of what it implies is with the doubling time"
ITSELF = "none: it is itself a measure of uncertainty"
MODEL_7 = (
    *("alpha_const", "alpha_const_ptb", "alpha_const_wt2", "alpha_year", "alpha_param"),
    *("beta_const", "beta_const_ptb", "beta_const_wt2", "beta_year", "beta_data"),
)
# The coefficients of which the paper prints the point estimate only, by study.
PRINTED = {
    "year_break2017": (*MODEL_7, "alpha_year_since_2017", "beta_year_since_2017"),
    "transformer": MODEL_7,
    "floor": ("gamma_const", "gamma_const_ptb", "gamma_const_wt2", *MODEL_7),
    "vocabulary": ("gamma_vocabulary",),
    "effective_data": MODEL_7,
}


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of this chapter with our estimate."""
    constants = Normalisation.of(fits.main_sample().frame)
    yield "ho.normalisation.parameters", Estimate.exact(constants.parameters)
    yield "ho.normalisation.tokens", Estimate.exact(constants.tokens)
    yield "ho.normalisation.year", Estimate.exact(constants.year)
    yield from _optima()
    yield from _coefficients()
    yield from _doubling_times()


def _optima() -> Iterator[tuple[str, Estimate]]:
    """Yield where the optimiser stopped and where the minimum lies, in nats squared, and how well the fit does."""
    for name in ("model7", *PRINTED):
        yield f"ho.{name}.objective.published", Estimate.exact(published_fit(name).objective, ONE_FIT)
        yield f"ho.{name}.objective.converged", Estimate.exact(fits.converged_fit(name).objective, ONE_FIT)
    for name in ("model7", "year_break2017", "transformer"):
        yield f"ho.{name}.iterations.published", Estimate.exact(published_fit(name).iterations, ONE_FIT)
    for name in ("model7", "year_break2017"):
        explained = published_fit(name).r_squared(fits.study(name)[1])
        yield f"ho.{name}.r_squared.published", Estimate.exact(explained, ONE_FIT)
    yield "ho.model7.evaluations.published", Estimate.exact(published_fit("model7").evaluations, ONE_FIT)
    yield "ho.model7.mse.published", Estimate.exact(published_fit("model7").mse, ONE_FIT)


def _coefficients() -> Iterator[tuple[str, Estimate]]:
    """Yield coefficients with the interval of their bootstrap; of a claimed interval the value is the median."""
    for parameter in MODEL_7:
        resampled, draws = published_draws("model7")[parameter], fits.converged_draws("model7", "paper")
        best, values = fits.converged_fit("model7").params[parameter], draws[parameter][draws.converged]
        yield f"ho.model7.{parameter}.published_point", _published("model7", parameter)
        yield f"ho.model7.{parameter}.published_interval", Estimate.from_draws(resampled, covers=PUBLISHED_ROWS)
        yield f"ho.model7.{parameter}.published_se", Estimate.exact(resampled.std(), ITSELF)
        converged = Estimate.from_draws(values, value=best, covers=fits.covered("model7"))
        yield f"ho.model7.{parameter}.converged_point", converged
    for name, parameters in PRINTED.items():
        for parameter in parameters:
            yield f"ho.{name}.{parameter}.published", _published(name, parameter)
    yield "ho.transformer.gamma.published", _published("transformer", "transformer")
    cut = expit(-published_draws("transformer")["transformer"])  # the share that the factor takes off the loss
    yield "ho.transformer.loss_cut.published", Estimate.from_draws(cut, covers=PUBLISHED_ROWS, unit="share")


def _published(name: str, parameter: str) -> Estimate:
    """Return a coefficient of the published fit with the interval of the published bootstrap."""
    value, draws = published_fit(name).params[parameter], published_draws(name)[parameter]
    return Estimate.from_draws(draws, value=value, covers=PUBLISHED_ROWS)


def _doubling_times() -> Iterator[tuple[str, Estimate]]:
    """Yield doubling times of effective compute in months, by the published protocol."""
    before, after = (Conditions(year=year) for year in (2016.0, 2023.0))
    yield "ho.year_break2017.doubling_months.before", fits.published_months("year_break2017", before)
    yield "ho.year_break2017.doubling_months.after", fits.published_months("year_break2017", after)
    for name in ("transformer", "floor", "effective_data"):
        yield f"ho.{name}.doubling_months.published", fits.published_months(name)
    for name in ("floor", "vocabulary", "effective_data", "non_transformer"):
        yield f"ho.{name}.doubling_months.published_bootstrap_median", fits.published_median(name)
