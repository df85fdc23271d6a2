"""A living benchmark: how fast time, tokens and compute to one loss fall in a public race, the nanoGPT speedrun.

All records train to a validation loss of 3.28 nats per token on FineWeb, on the same eight processors. Minutes are
tokens times minutes per token, so the rate of the first is the sum of the rates of the other two: algorithms, and
systems. Tokens stand for FLOP, as all models are of about one size.
"""

import functools
from itertools import product

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import decimal_year
from algoprogress.engine.cache import cached
from algoprogress.show.estimate import Estimate
from book.studies.growth import trend

PARAMETERS = 1.24e8  # about, of every record
TARGET = 3.28  # nats per token
LOSSES = (3.28, 3.4, 3.6, 4.0)  # nats per token
PARTS = {"minutes": "wall-clock time", "tokens": "tokens, so FLOP", "minutes_per_token": "time per token"}
DRAWS, SHUFFLES = 4_000, 9_999
STEPS = f"95%, {DRAWS:,} resampled steps from record to record"
FLOP = {  # parts of the time, the first two of which make the third, and the last two the time
    "tokens": "tokens",
    "flop_per_token": "FLOP per token",
    "training_flop": "FLOP",
    "minutes_per_flop": "time per FLOP",
    "minutes": "time",
}
RACED = ("minutes", "tokens", "training_flop")  # parts that the two races are compared by
SINCE_GPT2 = 7.0  # years, 2019 to 2026, over which Gundlach (2026) spreads the fall
BASELINES = {1: "all", 3: "without the first two"}  # first record that counts


@functools.cache
def records() -> pd.DataFrame:
    """Return the records with years_decimal, and minutes_per_token and gain_tokens (over the one before) if logged."""
    frame = tables.read("speedrun_records").sort_values("record", ignore_index=True)
    before = frame["tokens"].ffill().shift().where(frame["tokens"].notna())
    years, pace = decimal_year(frame["publication_date"]), frame["minutes"] / frame["tokens"]
    return frame.assign(years_decimal=years, minutes_per_token=pace, gain_tokens=before / frame["tokens"])


def steps(frame: pd.DataFrame, part: str) -> pd.DataFrame:
    """Return each record after the first that has a part as a step: at (its date), years since the last, fall of ln.

    Records are a running minimum, so residuals of a line through them hang together and are no noise. Steps are what
    is drawn: a walk whose rate is the sum of its falls over the sum of its times (a renewal reward process).
    """
    known = frame[frame[part].notna()]
    elapsed, fall = known["years_decimal"].diff(), -np.log(known[part]).diff()
    return pd.DataFrame({"at": known["years_decimal"], "years": elapsed, "fall": fall}).iloc[1:].reset_index(drop=True)


def rates(walk: pd.DataFrame, *, seed: int = 0) -> np.ndarray:
    """Return the yearly rate at which a walk falls (natural log), its own first, then of `DRAWS` resamples of steps."""
    drawn = np.random.default_rng(seed).integers(len(walk), size=(DRAWS, len(walk)))
    fall, years = (np.r_[[walk[name].sum()], walk[name].to_numpy()[drawn].sum(axis=1)] for name in ("fall", "years"))
    return fall / years


def halving_time(walk: pd.DataFrame) -> Estimate:
    """Return the months in which what a walk counts halves, 95% over resampled steps."""
    value, *drawn = rates(walk)
    return Estimate.from_draws(drawn, value=value, covers=STEPS).map(trend.months, unit="months")


def bend(walk: pd.DataFrame, *, seed: int = 0) -> tuple[float, float]:
    """Return the likeliest date of one bend, and the p value of none.

    It is where falls less the rate times years have cumulated furthest from none, for the number of steps (CUSUM).
    Without a bend any order of steps is as likely, so its size is held against that of shuffled steps.
    """
    count = len(walk)
    excess = (walk["fall"] - walk["fall"].sum() / walk["years"].sum() * walk["years"]).to_numpy()
    order = np.random.default_rng(seed).permuted(np.tile(np.arange(count), (SHUFFLES, 1)), axis=1)
    places = np.arange(int(trend.TRIM * count), int((1.0 - trend.TRIM) * count))
    sums = np.cumsum(np.vstack([excess, excess[order]]), axis=1)[:, places]
    sizes = np.abs(sums) / np.sqrt((places + 1.0) * (count - places - 1.0))
    most = sizes.max(axis=1)
    return float(walk["at"][places[sizes[0].argmax()]]), float((1 + (most[1:] >= most[0]).sum()) / (1 + SHUFFLES))


@cached
def halving() -> pd.DataFrame:
    """Return how fast each part of the records that have it halves, over all steps and before and after a bend.

    Columns: part, first (record that counts), bends, start, end, months (infinite where nothing falls), date and
    p_value (of the bend), records. Intervals are 95% over resampled steps, after a bend for its date as it is.
    """
    every, rows = records(), []
    for first, part in product(BASELINES, PARTS):
        walk = steps(every[every["record"] >= first], part)
        date, p_value = bend(walk)
        start, end = walk["at"].iloc[0] - walk["years"].iloc[0], walk["at"].iloc[-1]
        stretches = (
            (0, start, end, walk),
            (1, start, date, walk[walk["at"] <= date]),
            (1, date, end, walk[walk["at"] > date]),
        )
        rows += [(part, first, *ends, halving_time(each), date, p_value, len(walk) + 1) for *ends, each in stretches]
    columns = ["part", "first", "bends", "start", "end", "months", "date", "p_value", "records"]
    return pd.DataFrame(rows, columns=columns)


def by_least_squares(frame: pd.DataFrame, part: str) -> float:
    """Return the months in which a part halves on a straight line through the logs of records, as published."""
    return trend.months(-np.polyfit(frame["years_decimal"], np.log(frame[part]), 1)[0])


def total(part: str) -> float:
    """Return how many times a part fell from the first record to the last that has it."""
    known = records()[part].dropna()
    return float(known.iloc[0] / known.iloc[-1])


@cached
def at_losses() -> pd.DataFrame:
    """Return the time and tokens to several losses by record, read off its training curve.

    Columns: record, years_decimal, loss_nats, minutes, tokens (where the batch is constant), on straight lines in step
    between logged losses. The learning rate has not fallen yet where a curve passes a loss above its last one.
    """
    frame, rows = records().set_index("record"), []
    for record, curve in tables.read("speedrun_curves").groupby("record"):
        curve = curve.sort_values("step")
        losses = curve["loss_nats"].to_numpy()
        year, batch = frame.loc[record, ["years_decimal", "batch_tokens"]]
        for loss in LOSSES:
            first = int(np.argmax(losses <= loss))  # zero if none is, too
            if first:
                pair = slice(first - 1, first + 1)
                step, seconds = (np.interp(-loss, -losses[pair], curve[of].iloc[pair]) for of in ("step", "seconds"))
                rows.append((record, year, loss, seconds / 60.0, step * batch))
    return pd.DataFrame(rows, columns=["record", "years_decimal", "loss_nats", "minutes", "tokens"])


@cached
def halving_at_losses() -> pd.DataFrame:
    """Return how fast time and tokens to each loss halve: loss_nats, part, months (95% over steps), records."""
    frame, rows = at_losses(), []
    for loss, part in product(LOSSES, ("minutes", "tokens")):
        walk = steps(frame[frame["loss_nats"] == loss], part)
        rows.append((loss, part, halving_time(walk), len(walk) + 1))
    return pd.DataFrame(rows, columns=["loss_nats", "part", "months", "records"])


def algorithm_share(*, first: int = 1) -> Estimate:
    """Return the share of tokens in the rate at which time falls, by records with a log; 95% over resampled steps."""
    frame = records()
    frame = frame[(frame["record"] >= first) & frame["tokens"].notna()]
    value, *drawn = rates(steps(frame, "tokens")) / rates(steps(frame, "minutes"))  # the same steps are drawn
    return Estimate.from_draws(drawn, value=value, covers=STEPS)


def flop(track: str = "small") -> pd.DataFrame:
    """Return the records with FLOP as Gundlach (2026) counts them, and what they make: FLOP a token, minutes a FLOP.

    "same time" are those of the small race within the dates of the medium one.
    """
    frame = tables.read("speedrun_flop").dropna(subset="training_flop")
    dates = frame.loc[frame["track"] == "medium", "publication_date"]
    chosen = (frame["track"] == "small") & frame["publication_date"].between(dates.min(), dates.max())
    frame = frame[chosen if track == "same time" else frame["track"] == track].reset_index(drop=True)
    made = {"flop_per_token": frame["training_flop"] / frame["tokens"]}
    made["minutes_per_flop"] = frame["minutes"] / frame["training_flop"]
    return frame.assign(**made, years_decimal=decimal_year(frame["publication_date"]))


def flop_parts() -> pd.DataFrame:
    """Return how fast each part of the time of `flop` halves: part, total (times), months (95% over steps)."""
    rows = [(part, fall(part, "small"), halving_time(steps(flop(), part))) for part in FLOP]
    return pd.DataFrame(rows, columns=["part", "total", "months"])


def yearly(track: str, part: str) -> Estimate:
    """Return how many times a part of a race falls in a year, 95% over resampled steps."""
    value, *drawn = np.exp(rates(steps(flop(track), part)))
    return Estimate.from_draws(drawn, value=value, covers=STEPS, unit="times")


def fall(part: str, track: str = "medium") -> float:
    """Return how many times a part of a race fell from the first record with FLOP to the last."""
    frame = flop(track)
    return float(frame[part].iloc[0] / frame[part].iloc[-1])


def by_innovation() -> pd.DataFrame:
    """Return by the label of a record: records, and their shares of the whole fall, in logs, of FLOP and of time."""
    frame = flop()
    falls = pd.DataFrame({part: -np.log(frame[part]).diff() for part in ("training_flop", "minutes")}).iloc[1:]
    groups = (falls / falls.sum()).groupby(frame["innovation"].iloc[1:])
    return groups.sum().assign(records=groups.size()).sort_values("training_flop", ascending=False).reset_index()


def spread(part: str, years: float) -> float:
    """Return the factor of so many years if the fall of a part were spread evenly from GPT-2 to the last of `flop`."""
    return fall(part, "small") ** (years / SINCE_GPT2)


def apart() -> pd.Series:
    """Return the tokens of `flop` over those of the logs, less one, by record that has both."""
    both = flop().set_index("record")["tokens"] / records().set_index("record")["tokens"]
    return both.dropna() - 1.0
