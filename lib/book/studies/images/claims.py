"""Yields the claims on image classifiers: the published rate by its own form, and the audit by the engine."""

from collections.abc import Iterator

import numpy as np

from algoprogress.fits.fit import PENALTY
from algoprogress.show.estimate import Estimate
from book.studies.images import published, study

POINT = "none: the best fit to all models"
STOPPED = "none: one start, stopped early"


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    rows = study.sample()
    yield "imagenet.models", Estimate.exact(rows.funnel[0].kept + rows.funnel[0].removed)
    yield "imagenet.models.with_compute", Estimate.exact(len(rows))
    yield "imagenet.papers", Estimate.exact(rows.frame["paper_id"].nunique())
    theta = published.point(rows)
    for name, place in (("year", 1), ("compute", 2)):
        yield f"imagenet.alpha_{name}", Estimate.exact(theta[place], POINT)
    followed = published.doubling_time()
    yield "imagenet.doubling_months", followed
    yield "imagenet.doubling_months.interval", followed
    yield "imagenet.doubling_months.point", Estimate.exact(published.months(theta), POINT, unit="months")
    searched = rows.where((rows.frame["architecture_search"] == "no").to_numpy(), "no search", "no architecture search")
    months = published.months(published.point(searched))
    yield "imagenet.doubling_months.without_search", Estimate.exact(months, POINT, unit="months")
    yield "imagenet.doubling_months.every_start", published.doubling_time(every_start=True)
    yield "imagenet.doubling_months.papers", published.doubling_time("paper", every_start=True)
    yield "imagenet.no_progress", published.without_progress()
    yield "imagenet.no_progress.papers", published.without_progress("paper")
    first, second = study.minima(study.chosen()).params[:2]
    for name, at in (("first", first), ("second", second)):
        for resource, words in (("parameters", "compute"), ("data", "images")):
            rate = Estimate.exact(study.rate(at, resource)[0], POINT, unit="per year")
            yield f"imagenet.engine.{name}_minimum.{words}_rate", rate
    stopped = study.early_stop(PENALTY)
    yield "imagenet.engine.early_stop", Estimate.exact(stopped, STOPPED, unit="months")
    yield "imagenet.engine.doubling_months", study.doubling_time()
    yield "imagenet.engine.profile", study.likelihood()
    yield "imagenet.engine.compute_alone.doubling_months", study.doubling_time("compute alone")
    point = Estimate.exact(study.point("compute alone"), POINT, unit="months")
    yield "imagenet.engine.compute_alone.point", point
    yield "imagenet.compute_augmenting", study.in_compute()
    yield "imagenet.validation.images_over_compute", study.worse("images alone", "compute alone")
    yield "imagenet.validation.both_over_compute", study.worse(study.BOTH, "compute alone")
    for name in study.LAWS:
        error = np.sqrt(np.mean(study.left_out_errors(study.chosen(name), name) ** 2))
        yield f"imagenet.validation.error.{name.replace(' ', '_')}", Estimate.exact(error, POINT, unit="nats")
    yield "imagenet.fall", study.fall()
