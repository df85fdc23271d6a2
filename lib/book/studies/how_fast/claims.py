"""The doubling time of effective compute under every procedure: as published, converged, and without the penalty."""

from collections.abc import Iterator

from algoprogress.fits import rates
from algoprogress.show.estimate import Estimate
from book.studies.how_fast import study
from book.studies.law import fits


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of this chapter with our estimate: months, of parameters and data alone years."""
    yield "ho.model7.doubling_months.published_point", fits.published_months("model7")
    yield "ho.model7.doubling_months.published_bootstrap_median", fits.published_median("model7")
    yield "ho.model7.doubling_months.published_bootstrap_interval", fits.published_median("model7")
    yield "ho.model7.doubling_months.converged_point", fits.converged_months("model7")
    yield "ho.model7.doubling_months.unpenalised_point", fits.converged_months("model7", penalty=0.0)
    yield "ho.model7.doubling_months.converged_rows", fits.converged_median("model7", "row")
    yield "ho.model7.doubling_months.converged_papers", fits.converged_median("model7")
    yield "ho.model7.doubling_months.unpenalised_papers", fits.converged_median("model7", penalty=0.0)
    yield "ho.model7.doubling_months.later_version", Estimate.untestable("none: its procedure is not in the notebooks")
    for procedure, penalty in {"converged_papers": None, "unpenalised_papers": 0.0}.items():
        within90 = fits.converged_median("model7", penalty=penalty, level=0.9)
        yield f"ho.model7.doubling_months.{procedure}.within90", within90
    yield "ho.hicks_neutral.doubling_months", fits.converged_median("hicks_neutral")
    yield "ho.data.effective_tokens.doubling_months", fits.converged_median("data.effective_tokens")
    yield "ho.model7.doubling_months.published_numerical_median", study.numerical_median()
    for stem, penalty in {"ho.model7.tail": None, "ho.model7.unpenalised_tail": 0.0}.items():
        for name, share in study.tail(penalty).items():
            yield f"{stem}.{name}", share
    draws = fits.published_draws("model7")
    growth = rates.growth(draws.law, draws.reference, draws.params)
    found = {"ho.model7.parameter_doubling_years": growth.parameters, "ho.model7.data_doubling_years": growth.data}
    for stem, rate in found.items():
        years = rates.doubling_time_months(rate, signed=True) / rates.MONTHS_PER_YEAR
        median = Estimate.from_draws(years, covers=fits.PUBLISHED_ROWS, unit="years", complete=True)
        yield f"{stem}.published_bootstrap_median", median
