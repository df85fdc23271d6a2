"""The fits that Ho et al. (2024) report: normalising constants, objectives, coefficients, and what they imply."""

from collections.abc import Iterator

from scipy.special import expit

from algoprogress.data.variables import Normalisation
from algoprogress.fits.rates import Conditions
from algoprogress.show.estimate import Estimate
from book.studies.law import fits
from book.studies.law.fits import PUBLISHED_ROWS, published_draws, published_fit

ONE_FIT = "none: a property of one fit; the interval of what it implies is with the doubling time"
ITSELF = "none: it is itself a measure of uncertainty"
FITS = ("model7", "year_break2017", "transformer", "floor", "vocabulary", "effective_data")
# The coefficients that the paper prints, by study: the stems of their ids in the order of the names.
MODEL_7 = (
    *("alpha_const", "alpha_const_ptb", "alpha_const_wt2", "alpha_year", "alpha_param"),
    *("beta_const", "beta_const_ptb", "beta_const_wt2", "beta_year", "beta_data"),
)
NAMES = {
    "year_break2017": (*MODEL_7, "alpha_year_since_2017", "beta_year_since_2017"),
    "floor": ("gamma_const", "gamma_const_ptb", "gamma_const_wt2", *MODEL_7),
    "vocabulary": ("gamma_vocabulary",),
}
STEMS = {
    "model7": ("ho.model7.alpha_const", "ho.model7.alpha_const_ptb", "ho.model7.alpha_const_wt2",
        "ho.model7.alpha_year", "ho.model7.alpha_param", "ho.model7.beta_const", "ho.model7.beta_const_ptb",
        "ho.model7.beta_const_wt2", "ho.model7.beta_year", "ho.model7.beta_data"),
    "year_break2017": ("ho.year_break2017.alpha_const", "ho.year_break2017.alpha_const_ptb",
        "ho.year_break2017.alpha_const_wt2", "ho.year_break2017.alpha_year", "ho.year_break2017.alpha_param",
        "ho.year_break2017.beta_const", "ho.year_break2017.beta_const_ptb", "ho.year_break2017.beta_const_wt2",
        "ho.year_break2017.beta_year", "ho.year_break2017.beta_data", "ho.year_break2017.alpha_year_since_2017",
        "ho.year_break2017.beta_year_since_2017"),
    "transformer": ("ho.transformer.alpha_const", "ho.transformer.alpha_const_ptb", "ho.transformer.alpha_const_wt2",
        "ho.transformer.alpha_year", "ho.transformer.alpha_param", "ho.transformer.beta_const",
        "ho.transformer.beta_const_ptb", "ho.transformer.beta_const_wt2", "ho.transformer.beta_year",
        "ho.transformer.beta_data"),
    "floor": ("ho.floor.gamma_const", "ho.floor.gamma_const_ptb", "ho.floor.gamma_const_wt2", "ho.floor.alpha_const",
        "ho.floor.alpha_const_ptb", "ho.floor.alpha_const_wt2", "ho.floor.alpha_year", "ho.floor.alpha_param",
        "ho.floor.beta_const", "ho.floor.beta_const_ptb", "ho.floor.beta_const_wt2", "ho.floor.beta_year",
        "ho.floor.beta_data"),
    "effective_data": ("ho.effective_data.alpha_const", "ho.effective_data.alpha_const_ptb",
        "ho.effective_data.alpha_const_wt2", "ho.effective_data.alpha_year", "ho.effective_data.alpha_param",
        "ho.effective_data.beta_const", "ho.effective_data.beta_const_ptb", "ho.effective_data.beta_const_wt2",
        "ho.effective_data.beta_year", "ho.effective_data.beta_data"),
    "vocabulary": ("ho.vocabulary.gamma_vocabulary",),
}  # fmt: skip


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    constants = Normalisation.of(fits.main_sample().frame)
    for name in ("parameters", "tokens", "year"):
        yield f"ho.normalisation.{name}", Estimate.exact(getattr(constants, name))
    yield from _optima()
    yield from _coefficients()
    yield from _doubling_times()


def _optima() -> Iterator[tuple[str, Estimate]]:
    """Yield where the optimiser stopped and where the minimum lies, in nats squared, and how well the fit does."""
    for name in FITS:
        yield f"ho.{name}.objective.published", Estimate.exact(published_fit(name).objective, ONE_FIT)
        yield f"ho.{name}.objective.converged", Estimate.exact(fits.converged_fit(name).objective, ONE_FIT)
    for name in ("model7", "year_break2017", "transformer"):
        yield f"ho.{name}.iterations.published", Estimate.exact(published_fit(name).iterations, ONE_FIT)
    for name in ("model7", "year_break2017"):
        explained = published_fit(name).r_squared(fits.main_sample())
        yield f"ho.{name}.r_squared.published", Estimate.exact(explained, ONE_FIT)
    yield "ho.model7.evaluations.published", Estimate.exact(published_fit("model7").evaluations, ONE_FIT)
    yield "ho.model7.mse.published", Estimate.exact(published_fit("model7").mse, ONE_FIT)


def _coefficients() -> Iterator[tuple[str, Estimate]]:
    """Yield coefficients with the interval of their bootstrap; of a claimed interval the value is the median."""
    draws, best = fits.converged_draws("model7", "paper"), fits.converged_fit("model7").params
    for name, stems in STEMS.items():
        for stem, parameter in zip(stems, NAMES.get(name, MODEL_7), strict=True):
            if name != "model7":  # of the others the paper prints the point estimate only
                yield f"{stem}.published", _published(name, parameter)
                continue
            resampled, values = published_draws(name)[parameter], draws[parameter][draws.converged]
            yield f"{stem}.published_point", _published(name, parameter)
            yield f"{stem}.published_interval", Estimate.from_draws(resampled, covers=PUBLISHED_ROWS, complete=True)
            yield f"{stem}.published_se", Estimate.exact(resampled.std(), ITSELF)
            solved = Estimate.from_draws(values, value=best[parameter], covers=fits.covered(name))
            yield f"{stem}.converged_point", solved
    yield "ho.transformer.gamma.published", _published("transformer", "transformer")
    floor = published_fit("floor").params.filter(like="gamma_const")
    lowest = floor["gamma_const"] + min(0.0, floor["gamma_const_ptb"], floor["gamma_const_wt2"])
    yield "ho.floor.lowest.published", Estimate.exact(lowest, ONE_FIT, unit="nats")
    cut = expit(-published_draws("transformer")["transformer"])  # the share that the factor takes off the loss
    cut = Estimate.from_draws(cut, covers=PUBLISHED_ROWS, unit="share", complete=True)
    yield "ho.transformer.loss_cut.published", cut


def _published(name: str, parameter: str) -> Estimate:
    """Return a coefficient of the published fit with the interval of the published bootstrap."""
    value, draws = published_fit(name).params[parameter], published_draws(name)[parameter]
    return Estimate.from_draws(draws, value=value, covers=PUBLISHED_ROWS, complete=True)


def _doubling_times() -> Iterator[tuple[str, Estimate]]:
    """Yield doubling times of effective compute in months, by the published protocol."""
    before, after = (Conditions(year=year) for year in (2016.0, 2023.0))
    yield "ho.year_break2017.doubling_months.before", fits.published_months("year_break2017", before)
    yield "ho.year_break2017.doubling_months.after", fits.published_months("year_break2017", after)
    for name in ("transformer", "floor", "effective_data"):
        yield f"ho.{name}.doubling_months.published", fits.published_months(name)
    for name in ("compute_seen", "compute_reported", "compute_dataset"):
        yield f"ho.{name}.doubling_months", fits.converged_median(name)
    reported, dataset = (fits.study(f"compute_{which}")[1].frame["dataset_tokens"] for which in ("reported", "dataset"))
    over = Estimate.exact((reported / dataset).median(), "none: the median of the rows", unit="times")
    yield "ho.compute_reported.rows", Estimate.exact(len(reported), unit="rows")
    yield "ho.compute_reported.over_dataset", over
    for name in ("floor", "vocabulary", "effective_data", "non_transformer"):
        yield f"ho.{name}.doubling_months.published_bootstrap_median", fits.published_median(name)
