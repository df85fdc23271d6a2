"""How much of the fall of the loss is due to compute, and how much to algorithms, with intervals over papers and laws.

Ho et al. 2024, section 3.2 and notebook section3, cells 41 to 44; the shares are `algoprogress.fits.shares`.
"""

import itertools

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, resample
from algoprogress.fits.shares import FACTORS, shares
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate
from book.studies.selection import published as crossval
from book.studies.selection import study as selection

DAYS_PER_YEAR = 365.242199  # as the authors convert dates in this step
DRAWS = 2_000  # resampled papers
ROWS = "95%, 100 resampled rows, published protocol"
PAPERS = f"95%, {DRAWS:,} resampled papers, converged fits"
TABLE_PAIRS = (  # of the paper's table 1, by id
    *itertools.product(("rnn2012",), ("lstm2016", "transformer2018", "gpt2", "gpt3", "gopher")),
    *itertools.product(("lstm2016",), ("transformer2018", "gpt2", "gpt3", "gopher")),
    *itertools.product(("transformer2018",), ("gpt2", "gpt3", "gopher")),
)
IN_YEARS = ("2", "3", "5", "6", "7", "8", "9", "10", "12", "15")  # laws whose year stands in one term or both


def milestones() -> pd.DataFrame:
    """Return the nine systems of the paper's shares with years_decimal as the authors count them in that step."""
    frame = tables.read("milestones")
    days = (frame["publication_date"] - pd.Timestamp("1970-01-01")).dt.days
    return frame.assign(years_decimal=1970.0 + days / DAYS_PER_YEAR)


def names(pair: tuple[str, str]) -> tuple[str, str]:
    """Return the names of a pair of milestones that is given by ids."""
    return tuple(milestones().set_index("id")["system"][list(pair)])


def predicted_losses(sample: Sample) -> pd.Series:
    """Return the loss in nats that the published fit predicts of each milestone on WikiText-103, by name."""
    systems, at = milestones(), {"benchmark": "wt103", "architecture": "transformer", "vocabulary": 50_257.0}
    frame = systems.assign(**at, epochs=1.0, epochs_status="recovered")
    return pd.Series(fit.published(catalogue.law("7"), sample).predict(frame), index=systems["system"])


@cached
def published_shares(sample: Sample) -> pd.DataFrame:
    """Return all pairs under the published fit: start, end, fall_perplexity, and estimates: `FACTORS` and compute."""
    law, systems = catalogue.law("7"), milestones()
    point = shares(fit.published(law, sample), systems)
    drawn = shares(resample.published_bootstrap(law, sample), systems).groupby(["start", "end"])
    start, end = (np.exp(predicted_losses(sample))[point[side]].to_numpy() for side in ("start", "end"))
    shown = point[["start", "end"]].assign(fall_perplexity=start - end)
    pairs = list(shown[["start", "end"]].itertuples(index=False, name=None))
    for name in (*FACTORS, "compute"):
        found = [(drawn.get_group(pair)[name], value) for pair, value in zip(pairs, point[name], strict=True)]
        shown[name] = [Estimate.from_draws(each, value=value, covers=ROWS, complete=True) for each, value in found]
    return shown


@cached
def paper_shares(sample: Sample) -> pd.DataFrame:
    """Return the shares of compute and algorithms by resampled paper: start, end, draw, compute, algorithms."""
    draws = resample.bootstrap(catalogue.law("7"), sample, draws=DRAWS)
    return shares(draws, milestones())[["start", "end", "draw", "compute", "algorithms"]]


def of_pair(sample: Sample, pair: tuple[str, str], part: str) -> np.ndarray:
    """Return the share of "compute" or "algorithms" between two milestones (ids), by draw of `paper_shares`."""
    frame, (start, end) = paper_shares(sample), names(pair)
    return frame.loc[(frame["start"] == start) & (frame["end"] == end), part].to_numpy()


def table(sample: Sample) -> pd.DataFrame:
    """Return the twelve pairs of the paper's table: start, end, published, compute (estimate), over_half (of draws)."""
    published = published_shares(sample).set_index(["start", "end"])["compute"]
    lines = []
    for pair in TABLE_PAIRS:
        drawn = of_pair(sample, pair, "compute")
        found = Estimate.from_draws(drawn, covers=PAPERS)
        lines.append((*names(pair), published[names(pair)].value, found, (drawn > 0.5).mean()))
    return pd.DataFrame(lines, columns=["start", "end", "published", "compute", "over_half"])


def records(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the largest system of each year, by 6 N D, where it is a record: the physical frontier."""
    compute = FLOP_PER_PARAMETER_TOKEN * frame["parameters"] * frame["dataset_tokens"]
    largest = frame.loc[compute.groupby(frame["years_decimal"].astype(int)).idxmax()].sort_values("years_decimal")
    before = compute[largest.index].cummax().shift(fill_value=0.0)
    return largest[compute[largest.index] > before].reset_index(drop=True)


def along_frontier(sample: Sample) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the share of algorithms between consecutive records of compute: start, end, year, algorithms (estimate).

    And by how much the share of the last step is below that of the first, by draw of papers.
    """
    draws, systems = resample.bootstrap(catalogue.law("7"), sample, draws=DRAWS), records(sample.frame)
    frame = shares(draws, systems, itertools.pairwise(range(len(systems))))
    steps = [part["algorithms"].to_numpy() for _, part in frame.groupby(["start", "end"], sort=False)]
    found = [Estimate.from_draws(each, covers=PAPERS) for each in steps]
    ends = zip(systems["system"], systems["system"][1:], systems["years_decimal"][1:], found, strict=False)
    lines = pd.DataFrame(ends, columns=["start", "end", "year", "algorithms"])
    return lines, steps[0] - steps[-1]


@cached
def across_specifications(sample: Sample) -> tuple[pd.DataFrame, int]:
    """Return the least and largest share of compute of each pair over the laws and penalties that validation keeps.

    Columns: start, end, least, most, of the laws `IN_YEARS`. And how many laws and penalties validation keeps in all.
    """
    scores = selection.scores(crossval.published_training(sample), sample)
    kept = scores[scores["kept_by_row"]]
    parts = []
    for row in kept[kept["law"].isin(IN_YEARS)].itertuples():
        found = fit.converged(catalogue.law(row.law), sample, penalty=float(row.penalty), starts=60)
        parts.append(shares(found, milestones()))
    groups = pd.concat(parts).groupby(["start", "end"])["compute"]
    return groups.agg(least="min", most="max").reset_index(), len(kept)
