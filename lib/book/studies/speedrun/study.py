"""A living benchmark: how fast time, tokens and compute to one loss fall in a public race, the nanoGPT speedrun.

All records train to a validation loss of 3.28 nats per token on FineWeb, on the same eight processors. Minutes are
tokens times minutes per token, so the rate of the first is the sum of the rates of the other two: algorithms, and
systems. Tokens stand for FLOP, as all models are of about one size.
"""

import functools

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
    """Return the records with years_decimal, minutes_per_token and gain_tokens (of the one before over this one).

    Records without a log have no tokens.
    """
    frame = tables.read("speedrun_records").sort_values("record", ignore_index=True)
    before = frame["tokens"].ffill().shift().where(frame["tokens"].notna())
    return frame.assign(
        years_decimal=decimal_year(frame["publication_date"]),
        minutes_per_token=frame["minutes"] / frame["tokens"],
        gain_tokens=before / frame["tokens"],
    )


def falling(frame: pd.DataFrame, part: str) -> pd.DataFrame:
    """Return a part (a key of `PARTS`) of the records that have it, as a series that grows, for `trend`.

    Columns: years_decimal, log_compute (minus the log of the part), organization (the quarter).
    """
    known = frame[frame[part].notna()].reset_index(drop=True)
    quarter = np.floor(known["years_decimal"] / QUARTER).astype(int).astype(str)
    return known[["years_decimal"]].assign(log_compute=-np.log(known[part]), organization=quarter)


def series(part: str, *, first: int = 1) -> pd.DataFrame:
    """Return a part of the records from one on, as `falling` has it."""
    frame = records()
    return falling(frame[frame["record"] >= first], part)


def halving_times(frame: pd.DataFrame, breaks: tuple[float, ...] = ()) -> list[Estimate]:
    """Return the months in which a part halves in each stretch between breaks, 95% over resampled quarters."""
    return [each.covering(QUARTERS) for each in trend.slopes(frame, breaks=breaks).months]


@cached
def halving() -> pd.DataFrame:
    """Return how fast each part halves, on a straight line through the logs of all records, and with one bend.

    Tokens and time per token are of the records with a log; "minutes" of all. Columns: part, first (which records
    count), bends, start, end, months (infinite where nothing falls), date and p_value (of the bend), records. Intervals
    are 95% over resampled quarters.
    """
    rows = []
    for first in BASELINES:
        for part in PARTS:
            frame = series(part, first=first)
            bend, years = trend.bend(frame), frame["years_decimal"]
            for breaks in ((), (bend.date.value,)):
                edges = (years.min(), *breaks, years.max())
                for start, end, months in zip(edges, edges[1:], halving_times(frame, breaks), strict=False):
                    date = bend.date.covering(QUARTERS)
                    rows.append((part, first, len(breaks), start, end, months, date, bend.p_value, len(frame)))
    columns = ["part", "first", "bends", "start", "end", "months", "date", "p_value", "records"]
    return pd.DataFrame(rows, columns=columns)


def total(part: str) -> float:
    """Return how many times a part fell from the first record to the last that has it."""
    known = records()[part].dropna()
    return float(known.iloc[0] / known.iloc[-1])


@cached
def at_losses() -> pd.DataFrame:
    """Return the time and tokens to several losses by record, read off its training curve.

    Straight lines in step between logged losses. Tokens only where the batch is constant. The learning rate has not
    fallen yet where a curve passes a loss above its last one. Columns: record, years_decimal, loss_nats, minutes,
    tokens.
    """
    frame, rows = records().set_index("record"), []
    for record, curve in tables.read("speedrun_curves").groupby("record"):
        curve = curve.sort_values("step")
        losses = curve["loss_nats"].to_numpy()
        for loss in LOSSES:
            below = np.flatnonzero(losses <= loss)
            if not len(below) or not below[0]:
                continue
            pair = slice(below[0] - 1, below[0] + 1)
            step, seconds = (np.interp(-loss, -losses[pair], curve[name].iloc[pair]) for name in ("step", "seconds"))
            year, batch = frame.loc[record, ["years_decimal", "batch_tokens"]]
            rows.append((record, year, loss, seconds / 60.0, step * batch))
    return pd.DataFrame(rows, columns=["record", "years_decimal", "loss_nats", "minutes", "tokens"])


@cached
def halving_at_losses() -> pd.DataFrame:
    """Return how fast time and tokens to each loss halve: loss_nats, part, months (95% over quarters), records."""
    frame, rows = at_losses(), []
    for loss in LOSSES:
        for part in ("minutes", "tokens"):
            chosen = falling(frame[frame["loss_nats"] == loss], part)
            rows.append((loss, part, *halving_times(chosen), len(chosen)))
    return pd.DataFrame(rows, columns=["loss_nats", "part", "months", "records"])


def halving_until(year: float) -> Estimate:
    """Return the halving time in months of the time to the target, by the records before a year."""
    frame = records()
    return halving_times(falling(frame[frame["years_decimal"] < year], "minutes"))[0]


def largest_gains() -> pd.DataFrame:
    """Return the gain in tokens of each record over the one before it, largest first.

    Columns: record, publication_date, gain, share (of the whole fall, in logs). A record that changed something else
    has a gain of one or less.
    """
    frame = records().dropna(subset="gain_tokens").rename(columns={"gain_tokens": "gain"})
    logs = np.log(frame["gain"])
    shown = frame[["record", "publication_date", "gain"]].assign(share=logs / logs.sum())
    return shown.sort_values("gain", ascending=False, ignore_index=True)


def algorithm_share(*, first: int = 1) -> Estimate:
    """Return the share of tokens in the rate at which time falls, by records with a log; 95% over quarters."""
    frame = records()
    frame = frame[(frame["record"] >= first) & frame["tokens"].notna()]
    tokens, minutes = (trend.slopes(falling(frame, part)) for part in ("tokens", "minutes"))
    drawn = tokens.draws[:, 0] / minutes.draws[:, 0]
    return Estimate.from_draws(drawn, value=tokens.rates[0] / minutes.rates[0], covers=QUARTERS)
