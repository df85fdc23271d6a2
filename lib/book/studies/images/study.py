"""Image classifiers of 2012 to 2022 by the engine of Ho et al.: a law in compute and images, and the same audit."""

import functools

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import Sample, decimal_year
from algoprogress.data.variables import logarithm
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, profile, resample
from algoprogress.fits.rates import doubling_time_months, months_of
from algoprogress.fits.resample import Draws
from algoprogress.fits.solver import Minima, random_starts, reached
from algoprogress.laws.law import Law
from algoprogress.show.estimate import Estimate
from book.studies.selection.held_out import left_out

LAWS = {  # by where their progress is
    "compute and images": Law("images", "years + log_compute", "years + log_images"),
    "compute alone": Law("images in compute", "years + log_compute", "log_images"),
    "images alone": Law("images in images", "log_compute", "years + log_images"),
    "nowhere": Law("images without progress", "log_compute", "log_images"),
}
BOTH = "compute and images"
PENALTIES = (1e-6, 1e-5, 1e-4, 1e-3, fit.PENALTY)
DRAWS = 1_000
PAPERS = f"95%, {DRAWS:,} resampled papers, converged fits"
DIFFERENCES = f"95%, {DRAWS:,} resampled papers, of errors left out"


@functools.cache
def sample() -> Sample:
    """Return the models whose compute is known: `loss_nats` is -ln of top-1 accuracy, sizes are FLOP and images."""
    frame = tables.read("image_models")
    years, loss = decimal_year(frame["publication_date"]), -logarithm(1.0 - frame["error_percent"] / 100.0)
    made = {"compute": frame["training_compute_flop"], "images": frame["training_images"], "loss_nats": loss}
    frame = frame.assign(**made, years_decimal=years, paper_id=frame["paper"])
    return Sample(frame, sizes=("compute", "images")).with_known("compute")


@cached
def left_out_errors(penalty: float, progress: str = BOTH) -> np.ndarray:
    """Return the error (nats) of each row, predicted by the fit of a law of `LAWS` to the papers of all others."""
    rows = sample()
    papers = rows.frame["paper_id"].to_numpy()
    found = resample.weighted(LAWS[progress], rows, left_out(papers), by="paper", penalty=penalty)
    design, target, _ = fit.problem(LAWS[progress], rows)
    fold = np.unique(papers, return_inverse=True)[1]
    return target - design.predict(found.params)[fold, np.arange(len(fold))]


def validation() -> pd.DataFrame:
    """Return the root mean squared error of papers left out (nats), by penalty and by where a law has its progress."""
    found = {name: [np.sqrt(np.mean(left_out_errors(each, name) ** 2)) for each in PENALTIES] for name in LAWS}
    return pd.DataFrame({"penalty": PENALTIES} | found)


@functools.cache
def chosen(progress: str = BOTH) -> float:
    """Return the penalty of `PENALTIES` under which a law predicts papers left out best."""
    frame = validation()
    return float(frame["penalty"][frame[progress].idxmin()])


def worse(of: str, than: str) -> Estimate:
    """Return by how much one law predicts papers left out worse than another, squared nats, 95% over papers.

    Each has the penalty that is best for it.
    """
    apart = left_out_errors(chosen(of), of) ** 2 - left_out_errors(chosen(than), than) ** 2
    weights = resample.paper_weights(sample().frame["paper_id"].to_numpy(), DRAWS, np.random.default_rng(0))
    return Estimate.from_draws(weights @ apart, value=float(apart.mean()), covers=DIFFERENCES, unit="nats^2")


@cached
def minima(penalty: float) -> Minima:
    """Return the distinct minima of the objective, best first."""
    design, target, _ = fit.problem(LAWS[BOTH], sample())
    penalties = fit.strengths(design, penalty)
    return reached(design, target, penalties=penalties, starts=random_starts(design, profile.STARTS, 0))


def rate(params: np.ndarray, resource: str = "parameters", progress: str = BOTH) -> np.ndarray:
    """Return the yearly growth rate (natural log) at points: of effective compute, or images for "data"."""
    names = fit.problem(LAWS[progress], sample())[0].names
    year, size = (np.atleast_2d(params)[:, names.index(name)] for name in profile.ratio(names, resource))
    return np.divide(year, size, out=np.full(len(size), np.nan), where=size != 0.0)


def choices() -> pd.DataFrame:
    """Return the two best minima by penalty: penalty, minimum, objective, months of compute, months of images."""
    rows = []
    for penalty in PENALTIES:
        found = minima(penalty)
        months = (doubling_time_months(rate(found.params, resource)) for resource in profile.STEMS)
        facts = zip(found.objective, *months, strict=True)
        rows += [(penalty, place, *each) for place, each in enumerate(facts, start=1) if place < 3]
    return pd.DataFrame(rows, columns=["penalty", "minimum", "objective", "compute_months", "images_months"])


def early_stop(penalty: float) -> float:
    """Return the months in which effective compute doubles where the optimiser of Ho et al. stops."""
    return float(doubling_time_months(rate(fit.published(LAWS[BOTH], sample(), penalty=penalty).params.to_numpy()))[0])


def draws(progress: str = BOTH) -> Draws:
    """Return a law fitted to resampled papers, under the penalty that predicts best."""
    return resample.bootstrap(LAWS[progress], sample(), penalty=chosen(progress), draws=DRAWS)


def doubling_time(progress: str = BOTH) -> Estimate:
    """Return the months in which effective compute doubles: median and 95% of resampled papers."""
    found = rate(draws(progress).kept, progress=progress)
    return months_of(Estimate.from_draws(found, covers=PAPERS))


def point(progress: str) -> float:
    """Return the months in which effective compute doubles at the best fit to all models."""
    found = fit.converged(LAWS[progress], sample(), penalty=chosen(progress))
    return float(doubling_time_months(rate(found.params.to_numpy(), progress=progress))[0])


def likelihood() -> Estimate:
    """Return the months at the best fit, with the 95% interval of the profile likelihood."""
    return months_of(profile.Profile.of(profile.profile(LAWS[BOTH], sample(), "parameters", penalty=chosen())).rate)


def in_compute() -> Estimate:
    """Return the share of resampled papers whose best fit has progress in compute, with its Monte Carlo error."""
    return Estimate.of_share(rate(draws().kept) > 0.0, covers=f"95%, Monte Carlo, {DRAWS:,} draws")


def fall() -> Estimate:
    """Return the share by which the loss falls in a year at the compute and images of the models, mean over models."""
    design, _, reference = fit.problem(LAWS[BOTH], sample())
    later = LAWS[BOTH].design(sample().frame.assign(years_decimal=sample().frame["years_decimal"] + 1.0), reference)
    shares = 1.0 - (later.predict(draws().kept) / design.predict(draws().kept)).mean(axis=1)
    return Estimate.from_draws(shares, covers=PAPERS, unit="share")
