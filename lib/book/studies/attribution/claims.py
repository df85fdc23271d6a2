"""The claims of the chapter on compute and algorithms: Shapley shares between nine systems, and what follows."""

import itertools
from collections.abc import Iterator

import numpy as np

from algoprogress.fits.shares import FACTORS
from algoprogress.show.estimate import Estimate
from book.studies.attribution import study
from book.studies.law.fits import main_sample

POINT = "none: a property of one fit; its interval over rows is with the shares"
COUNTED = f"95%, Monte Carlo error of {study.DRAWS:,} draws"
EARLY, LATE = ("rnn2012", "transformer2018"), ("transformer2018", "gpt3")  # pairs of the paper's own comparison


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    sample, systems, shown, above = main_sample(), study.milestones(), [], []
    published = study.published_shares(sample).set_index(["start", "end"])
    for pair in itertools.combinations(systems["id"], 2):  # of the nine systems, in the order of their table
        stem, row = f"ho.shapley.{'_'.join(pair)}", published.loc[study.names(pair)]
        yield f"{stem}.fall_perplexity", Estimate.exact(row["fall_perplexity"], POINT)
        for factor in (*FACTORS, "compute"):
            yield f"{stem}.{factor}", row[factor]
        if pair in study.TABLE_PAIRS:
            drawn = study.of_pair(sample, pair, "compute")
            yield f"{stem}.compute.converged", Estimate.from_draws(drawn, covers=study.PAPERS)
            shown.append(row["compute"])
            above.append(drawn > 0.5)
    for id, loss in zip(systems["id"], study.predicted_losses(sample), strict=True):
        yield f"ho.shapley.loss.{id}", Estimate.exact(loss, POINT)
    shown.sort(key=lambda found: found.value)
    yield "ho.shapley.table_compute.least", shown[0].covering(f"{study.ROWS}, of that pair")
    yield "ho.shapley.table_compute.most", shown[-1].covering(f"{study.ROWS}, of that pair")
    least_sure = min(above, key=np.mean)
    yield "ho.claim.compute_dominates", Estimate.of_share(np.all(above, axis=0), covers=COUNTED)
    yield "ho.claim.compute_dominates.least_sure", Estimate.of_share(least_sure, covers=COUNTED)
    early, late = (study.of_pair(sample, pair, "algorithms") for pair in (EARLY, LATE))
    yield "ho.claim.algorithm_share_fell", Estimate.of_share(early > late, covers=COUNTED)
    for ending, fall in (("points", early - late), ("records", study.along_frontier(sample)[1])):
        points = Estimate.from_draws(100.0 * fall, covers=study.PAPERS, unit="percentage points")
        yield f"ho.claim.algorithm_share_fell.{ending}", points
