"""Shares of compute and algorithms, as tables to read."""

import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.show.words import written
from book.studies.attribution import study


def published(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `study.published_shares` without its intervals, shares in percent: a line a pair."""
    shown = {"from": frame["start"], "to": frame["end"], "fall of perplexity": frame["fall_perplexity"]}
    for name in ("parameters", "data", "parameter_efficiency", "data_efficiency", "compute"):
        shown[name] = [written(found.value, ".1%") for found in frame[name]]
    return pd.DataFrame(shown).rename(columns={"compute": "compute in all"})


def specifications(sample: Sample) -> pd.DataFrame:
    """Return the share of compute of the table's pairs: from, to, under law 7 (estimate), and over specifications."""
    wide = study.table(sample).merge(study.across_specifications(sample)[0], on=["start", "end"])
    ranges = wide["least"].map(written) + " to " + wide["most"].map(written)
    titles = {"start": "from", "end": "to", "compute": "law 7 [95%]"}
    return wide[list(titles)].rename(columns=titles).assign(**{"over laws and penalties": ranges})
