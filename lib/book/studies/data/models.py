"""Every evaluation behind the headline as a point to look at, with its source and its corrections."""

import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.show.words import quantity
from book import look
from book.chart import BENCHMARK_NAMES
from book.studies.data.study import plain, with_compute


def rows(sample: Sample) -> pd.DataFrame:
    """Return the evaluations by date: the columns of `with_compute`, loss_nats, years_decimal, paper, corrections."""
    cell = "{column}: {as_used}, reviewed {reviewed}, {confidence} confidence".format_map
    words = sample.corrections.apply(cell, axis=1).groupby(sample.corrections["row"]).agg("; ".join)
    frame = with_compute(sample).join(sample.frame[["loss_nats", "years_decimal", "paper"]])
    frame = frame.assign(corrections=frame["row"].map(words).fillna("none"))
    return frame.sort_values(["years_decimal", "row"], ignore_index=True)


def element(sample: Sample, **words: str) -> look.Look:
    """Return the points with dials for benchmark, axis, years and model; `words` as of `look.element`."""
    frame = rows(sample)
    values = {"years": frame["years_decimal"].round(3).tolist(), "loss": frame["loss_nats"].round(4).tolist()}
    values |= {"flop": [float(f"{each:.4g}") for each in frame["compute_flop"]], "row": frame["row"].tolist()}
    values |= {"benchmark": frame["benchmark"].tolist(), "names": BENCHMARK_NAMES}
    read = frame[["system", "benchmark", "publication_date", "compute_flop", "perplexity", "paper", "corrections"]]
    read = read.assign(benchmark=frame["benchmark"].map(BENCHMARK_NAMES), paper=frame["paper"].map(plain))
    read = read.assign(system=frame["system"].map(plain))
    read = read.assign(publication_date=frame["publication_date"].map("{:%Y-%m-%d}".format))
    read = read.assign(compute_flop=frame["compute_flop"].map(lambda flop: quantity(flop, "FLOP")))
    read = read.assign(perplexity=frame["perplexity"].map("{:.2f}".format))
    heads = {"publication_date": "published", "compute_flop": "compute, FLOP"}
    said = "Each point is one model on one benchmark."
    return look.element("models", values, read.rename(columns=heads), said=said, **words)
