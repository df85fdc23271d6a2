"""The claims of the chapter on compute and algorithms: Shapley shares between nine systems, and what follows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from algoprogress.fits.shares import FACTORS
from algoprogress.show.estimate import Estimate
from book.studies.attribution import study
from book.studies.law.fits import main_sample

POINT = "none: a property of one fit; its interval over rows is with the shares"
COUNTED = f"95%, Monte Carlo error of {study.DRAWS:,} draws"


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield the id and our estimate of each claim of the chapter."""
    yield from _shares()
    yield from _headlines()


def _shares() -> Iterator[tuple[str, Estimate]]:
    sample, systems = main_sample(), study.milestones()
    published = study.published_shares(sample).set_index(["start", "end"])
    for start, end in itertools.combinations(systems["id"], 2):
        row = published.loc[study.names((start, end))]
        yield f"ho.shapley.{start}_{end}.fall_perplexity", Estimate.exact(row["fall_perplexity"], POINT)
        for factor in (*FACTORS, "compute"):
            yield f"ho.shapley.{start}_{end}.{factor}", row[factor]
    for start, end in study.TABLE_PAIRS:
        drawn = study.of_pair(sample, (start, end), "compute")
        yield f"ho.shapley.{start}_{end}.compute.converged", Estimate.from_draws(drawn, covers=study.PAPERS)
    for id, loss in zip(systems["id"], study.predicted_losses(sample), strict=True):
        yield f"ho.shapley.loss.{id}", Estimate.exact(loss, POINT)
    shown = sorted(
        (published.loc[study.names(pair), "compute"] for pair in study.TABLE_PAIRS), key=lambda one: one.value
    )
    yield "ho.shapley.table_compute.least", shown[0].covering(f"{study.ROWS}, of that pair")
    yield "ho.shapley.table_compute.most", shown[-1].covering(f"{study.ROWS}, of that pair")


def _headlines() -> Iterator[tuple[str, Estimate]]:
    above, falls = study.over_half(main_sample()), study.fall_of_share(main_sample())
    least_sure = above[:, above.mean(axis=0).argmin()]
    yield "ho.claim.compute_dominates", Estimate.of_share(above.all(axis=1), covers=COUNTED)
    yield "ho.claim.compute_dominates.least_sure", Estimate.of_share(least_sure, covers=COUNTED)
    yield "ho.claim.algorithm_share_fell", Estimate.of_share(falls > 0, covers=COUNTED)
    yield "ho.claim.algorithm_share_fell.points", Estimate.from_draws(falls, covers=study.PAPERS)
