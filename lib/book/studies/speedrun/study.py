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
QUARTER = 0.25  # years: records of one quarter are resampled together
QUARTERS = f"95%, {trend.DRAWS:,} resampled quarters of records"
BASELINES = {1: "all", 3: "without the first two"}  # first record that counts


@functools.cache
def records() -> pd.DataFrame:
    """Return the records with years_decimal, and minutes_per_token and gain_tokens (over the one before) if logged."""
    frame = tables.read("speedrun_records").sort_values("record", ignore_index=True)
    before = frame["tokens"].ffill().shift().where(frame["tokens"].notna())
    years, pace = decimal_year(frame["publication_date"]), frame["minutes"] / frame["tokens"]
    return frame.assign(years_decimal=years, minutes_per_token=pace, gain_tokens=before / frame["tokens"])


def falling(frame: pd.DataFrame, part: str) -> pd.DataFrame:
    """Return for `trend`: years_decimal, log_compute (minus ln of a part, so that it grows), organization (quarter)."""
    known = frame[frame[part].notna()].reset_index(drop=True)
    quarter = np.floor(known["years_decimal"] / QUARTER).astype(int).astype(str)
    return known[["years_decimal"]].assign(log_compute=-np.log(known[part]), organization=quarter)


def halving_times(frame: pd.DataFrame, breaks: tuple[float, ...] = ()) -> list[Estimate]:
    """Return the months in which a part halves in each stretch between breaks, 95% over resampled quarters."""
    return [each.covering(QUARTERS) for each in trend.slopes(frame, breaks=breaks).months]


@cached
def halving() -> pd.DataFrame:
    """Return how fast each part of the records that have it halves, on a line through the logs and with one bend.

    Columns: part, first (record that counts), bends, start, end, months (infinite where nothing falls), date and
    p_value (of the bend), records. Intervals are 95% over resampled quarters.
    """
    every, rows = records(), []
    for first, part in product(BASELINES, PARTS):
        frame = falling(every[every["record"] >= first], part)
        bend, years = trend.bend(frame), frame["years_decimal"]
        told = bend.date.covering(QUARTERS), bend.p_value, len(frame)
        for breaks in ((), (bend.date.value,)):
            edges = (years.min(), *breaks, years.max())
            for start, end, months in zip(edges, edges[1:], halving_times(frame, breaks), strict=False):
                rows.append((part, first, len(breaks), start, end, months, *told))
    columns = ["part", "first", "bends", "start", "end", "months", "date", "p_value", "records"]
    return pd.DataFrame(rows, columns=columns)


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
    """Return how fast time and tokens to each loss halve: loss_nats, part, months (95% over quarters), records."""
    frame, rows = at_losses(), []
    for loss, part in product(LOSSES, ("minutes", "tokens")):
        chosen = falling(frame[frame["loss_nats"] == loss], part)
        rows.append((loss, part, *halving_times(chosen), len(chosen)))
    return pd.DataFrame(rows, columns=["loss_nats", "part", "months", "records"])


def algorithm_share(*, first: int = 1) -> Estimate:
    """Return the share of tokens in the rate at which time falls, by records with a log; 95% over quarters."""
    frame = records()
    frame = frame[(frame["record"] >= first) & frame["tokens"].notna()]
    tokens, minutes = (trend.slopes(falling(frame, part)) for part in ("tokens", "minutes"))
    drawn = tokens.draws[:, 0] / minutes.draws[:, 0]
    return Estimate.from_draws(drawn, value=tokens.rates[0] / minutes.rates[0], covers=QUARTERS)
