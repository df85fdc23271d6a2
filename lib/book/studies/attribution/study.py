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
from algoprogress.fits.resample import Draws
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
EARLY, LATE = ("rnn2012", "transformer2018"), ("transformer2018", "gpt3")
IN_YEARS = ("2", "3", "5", "6", "7", "8", "9", "10", "12", "15")  # laws whose year stands in one term or both


def year_of(dates: pd.Series) -> pd.Series:
    """Return dates as numbers in the way of this step, 1970 plus days over 365.242199."""
    return 1970.0 + (dates - pd.Timestamp("1970-01-01")).dt.days / DAYS_PER_YEAR


def milestones() -> pd.DataFrame:
    """Return the nine systems of the paper's shares with years_decimal as the authors count them in that step."""
    frame = tables.read("milestones")
    return frame.assign(years_decimal=year_of(frame["publication_date"]))


def names(pair: tuple[str, str]) -> tuple[str, str]:
    """Return the names of a pair of milestones that is given by ids."""
    known = milestones().set_index("id")["system"]
    return known[pair[0]], known[pair[1]]


def predicted_losses(sample: Sample) -> pd.Series:
    """Return the loss in nats that the published fit predicts of each milestone on WikiText-103, by name."""
    systems = milestones()
    frame = systems.assign(
        benchmark="wt103", architecture="transformer", epochs=1.0, epochs_status="recovered", vocabulary=50_257.0
    )
    return pd.Series(fit.published(catalogue.law("7"), sample).predict(frame), index=systems["system"])


@cached
def published_shares(sample: Sample) -> pd.DataFrame:
    """Return the shares of all pairs of milestones under the published fit, with its intervals over resampled rows.

    Columns: start, end, fall_perplexity (of the predicted perplexity), and estimates: each of `FACTORS`, and compute.
    """
    law, systems = catalogue.law("7"), milestones()
    point = shares(fit.published(law, sample), systems)
    drawn = shares(resample.published_bootstrap(law, sample), systems).groupby(["start", "end"])
    perplexity = np.exp(predicted_losses(sample))
    shown = point[["start", "end"]].assign(
        fall_perplexity=perplexity[point["start"]].to_numpy() - perplexity[point["end"]].to_numpy()
    )
    for name in (*FACTORS, "compute"):
        shown[name] = [
            Estimate.from_draws(drawn.get_group((row.start, row.end))[name], value=getattr(row, name), covers=ROWS)
            for row in point.itertuples()
        ]
    return shown


def paper_draws(sample: Sample) -> Draws:
    """Return the converged fits of law 7 to resampled papers that the shares are taken over."""
    return resample.bootstrap(catalogue.law("7"), sample, draws=DRAWS)


@cached
def paper_shares(sample: Sample) -> pd.DataFrame:
    """Return the shares of compute and algorithms by resampled paper: start, end, draw, compute, algorithms."""
    return shares(paper_draws(sample), milestones())[["start", "end", "draw", "compute", "algorithms"]]


def of_pair(sample: Sample, pair: tuple[str, str], part: str) -> np.ndarray:
    """Return the share of "compute" or "algorithms" between two milestones (ids), by draw of `paper_shares`."""
    frame, (start, end) = paper_shares(sample), names(pair)
    return frame.loc[(frame["start"] == start) & (frame["end"] == end), part].to_numpy()


def table(sample: Sample) -> pd.DataFrame:
    """Return the share of compute of the twelve pairs of the paper's table: published, and solved.

    Columns: start, end, published (one fit), compute (estimate, papers resampled), over_half (share of the draws in
    which compute explains more than half).
    """
    published = published_shares(sample).set_index(["start", "end"])["compute"]
    lines = []
    for pair in TABLE_PAIRS:
        drawn = of_pair(sample, pair, "compute")
        found = Estimate.from_draws(drawn, covers=PAPERS)
        lines.append((*names(pair), published[names(pair)].value, found, (drawn > 0.5).mean()))
    return pd.DataFrame(lines, columns=["start", "end", "published", "compute", "over_half"])


def over_half(sample: Sample) -> np.ndarray:
    """Return for each draw (rows) and pair of the table (columns) whether compute explains more than half."""
    return np.stack([of_pair(sample, pair, "compute") > 0.5 for pair in TABLE_PAIRS], axis=1)


def fall_of_share(sample: Sample) -> np.ndarray:
    """Return by draw how much smaller the share of algorithms is late than early, on the paper's own pairs.

    Early: from the recurrent network of 2012 to the transformer of 2018; late: from there to GPT-3.
    """
    return of_pair(sample, EARLY, "algorithms") - of_pair(sample, LATE, "algorithms")


def records(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the largest system of each year among evaluations, by 6 N D, where it is a record: the physical frontier.

    Columns as in `frame`, and compute_flop.
    """
    known = frame.assign(compute_flop=FLOP_PER_PARAMETER_TOKEN * frame["parameters"] * frame["dataset_tokens"])
    year = known["years_decimal"].astype(int)
    found = known.loc[known.groupby(year)["compute_flop"].idxmax()].sort_values("years_decimal")
    before = found["compute_flop"].cummax().shift(fill_value=0.0)
    return found[found["compute_flop"] > before].reset_index(drop=True)


def along_frontier(sample: Sample) -> tuple[pd.DataFrame, float]:
    """Return the share of algorithms between consecutive records of compute among the evaluations, papers resampled.

    A line a step: start, end, year (of the end), algorithms (estimate). And the share of the draws in which the share
    of the last step is below that of the first.
    """
    systems = records(sample.frame)
    frame = shares(paper_draws(sample), systems, itertools.pairwise(range(len(systems))))
    steps = [part["algorithms"].to_numpy() for _, part in frame.groupby(["start", "end"], sort=False)]
    lines = pd.DataFrame(
        {
            "start": systems["system"][:-1],
            "end": systems["system"][1:].to_numpy(),
            "year": systems["years_decimal"][1:].to_numpy(),
            "algorithms": [Estimate.from_draws(each, covers=PAPERS) for each in steps],
        }
    )
    return lines, float((steps[-1] < steps[0]).mean())


@cached
def across_specifications(sample: Sample) -> tuple[pd.DataFrame, int]:
    """Return the least and largest share of compute of each pair over the laws and penalties that validation keeps.

    Columns: start, end, least, most, of the laws `IN_YEARS`. And how many laws and penalties validation keeps in all.
    """
    scores = selection.scores(crossval.published_training(sample), sample)
    kept = scores[scores["kept_by_row"]]
    parts = [
        shares(fit.converged(catalogue.law(row.law), sample, penalty=float(row.penalty), starts=60), milestones())
        for row in kept[kept["law"].isin(IN_YEARS)].itertuples()
    ]
    groups = pd.concat(parts).groupby(["start", "end"])["compute"]
    return groups.agg(least="min", most="max").reset_index(), len(kept)
