"""The claims of the chapter on compute and algorithms: Shapley shares between nine systems, and what follows."""

import itertools
from collections.abc import Iterator

from algoprogress.fits.shares import FACTORS
from algoprogress.show.estimate import Estimate
from book.studies.attribution import study
from book.studies.law.fits import main_sample

POINT = "none: a property of one fit; its interval over rows is with the shares"
COUNTED = f"95%, Monte Carlo error of {study.DRAWS:,} draws"
PAIRS = (  # of the nine systems, in the order of their table
    "ho.shapley.rnn2012_lstm2016", "ho.shapley.rnn2012_transformer2018", "ho.shapley.rnn2012_transformerxl",
    "ho.shapley.rnn2012_gpt2", "ho.shapley.rnn2012_megatron", "ho.shapley.rnn2012_gpt3", "ho.shapley.rnn2012_gopher",
    "ho.shapley.rnn2012_chinchilla", "ho.shapley.lstm2016_transformer2018", "ho.shapley.lstm2016_transformerxl",
    "ho.shapley.lstm2016_gpt2", "ho.shapley.lstm2016_megatron", "ho.shapley.lstm2016_gpt3",
    "ho.shapley.lstm2016_gopher", "ho.shapley.lstm2016_chinchilla", "ho.shapley.transformer2018_transformerxl",
    "ho.shapley.transformer2018_gpt2", "ho.shapley.transformer2018_megatron", "ho.shapley.transformer2018_gpt3",
    "ho.shapley.transformer2018_gopher", "ho.shapley.transformer2018_chinchilla", "ho.shapley.transformerxl_gpt2",
    "ho.shapley.transformerxl_megatron", "ho.shapley.transformerxl_gpt3", "ho.shapley.transformerxl_gopher",
    "ho.shapley.transformerxl_chinchilla", "ho.shapley.gpt2_megatron", "ho.shapley.gpt2_gpt3", "ho.shapley.gpt2_gopher",
    "ho.shapley.gpt2_chinchilla", "ho.shapley.megatron_gpt3", "ho.shapley.megatron_gopher",
    "ho.shapley.megatron_chinchilla", "ho.shapley.gpt3_gopher", "ho.shapley.gpt3_chinchilla",
    "ho.shapley.gopher_chinchilla",
)  # fmt: skip
SOLVED = (  # of `study.TABLE_PAIRS`
    "ho.shapley.rnn2012_lstm2016.compute.converged", "ho.shapley.rnn2012_transformer2018.compute.converged",
    "ho.shapley.rnn2012_gpt2.compute.converged", "ho.shapley.rnn2012_gpt3.compute.converged",
    "ho.shapley.rnn2012_gopher.compute.converged", "ho.shapley.lstm2016_transformer2018.compute.converged",
    "ho.shapley.lstm2016_gpt2.compute.converged", "ho.shapley.lstm2016_gpt3.compute.converged",
    "ho.shapley.lstm2016_gopher.compute.converged", "ho.shapley.transformer2018_gpt2.compute.converged",
    "ho.shapley.transformer2018_gpt3.compute.converged", "ho.shapley.transformer2018_gopher.compute.converged",
)  # fmt: skip


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield the id and our estimate of each claim of the chapter."""
    yield from _shares()
    yield from _headlines()


def _shares() -> Iterator[tuple[str, Estimate]]:
    sample, systems = main_sample(), study.milestones()
    published = study.published_shares(sample).set_index(["start", "end"])
    for stem, pair in zip(PAIRS, itertools.combinations(systems["id"], 2), strict=True):
        row = published.loc[study.names(pair)]
        yield f"{stem}.fall_perplexity", Estimate.exact(row["fall_perplexity"], POINT)
        for factor in (*FACTORS, "compute"):
            yield f"{stem}.{factor}", row[factor]
    for id, pair in zip(SOLVED, study.TABLE_PAIRS, strict=True):
        yield id, Estimate.from_draws(study.of_pair(sample, pair, "compute"), covers=study.PAPERS)
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
