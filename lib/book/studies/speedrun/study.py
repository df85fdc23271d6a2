"""A living benchmark: how fast time, tokens and compute to one loss fall in a public race, the nanoGPT speedrun.

All records train to a validation loss of 3.28 nats per token on FineWeb, on the same eight processors. Minutes are
tokens times minutes per token, so the rate of the first is the sum of the rates of the other two: algorithms, and
systems. Tokens stand for FLOP, as all models are of about one size: FLOP = 6 N D.
"""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import decimal_year
from algoprogress.engine.cache import cached
from book.studies.growth import compute as growth

PARAMETERS = 1.24e8  # about, of every record
TARGET = 3.28  # nats per token
LOSSES = (3.28, 3.4, 3.6, 4.0)  # nats per token
PARTS = {"minutes": "wall-clock time", "tokens": "tokens, so FLOP", "minutes_per_token": "time per token"}
SPAN = 0.25  # years: records of one quarter are resampled together
BASELINES = {"all": 1, "after the second": 3}  # first record that counts
MONTHS = 12.0 * np.log(2.0)


@functools.cache
def records() -> pd.DataFrame:
    """Return the records with years_decimal, minutes_per_token, training_compute_flop and gain_minutes, gain_tokens.

    The gains are over the record before; records without a log have no tokens.
    """
    frame = tables.read("speedrun_records").sort_values("record", ignore_index=True)
    known = frame["tokens"].ffill()
    before = known.shift().where(frame["tokens"].notna())
    return frame.assign(
        years_decimal=decimal_year(frame["publication_date"]),
        minutes_per_token=frame["minutes"] / frame["tokens"],
        training_compute_flop=6.0 * PARAMETERS * frame["tokens"],
        gain_minutes=frame["minutes"].shift() / frame["minutes"],
        gain_tokens=before / frame["tokens"],
    )


def series(part: str, *, first: int = 1) -> pd.DataFrame:
    """Return a part of the records (a key of `PARTS`) since a record, as `growth` reads it.

    Columns: years_decimal, log_compute (minus the log of the part, so that it grows), organization (the quarter).
    """
    frame = records()
    return _falling(frame[(frame["record"] >= first) & frame[part].notna()], part)


def _falling(frame: pd.DataFrame, part: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "years_decimal": frame["years_decimal"],
            "log_compute": -np.log(frame[part]),
            "organization": np.floor(frame["years_decimal"] / SPAN).astype(int).astype(str),
        }
    ).reset_index(drop=True)


@cached
def halving() -> pd.DataFrame:
    """Return how fast each part halves, on a straight line through the logs of all records, and with one bend.

    Tokens and time per token are of the records with a log; "minutes" of all. Columns: part, first (which records
    count), bends, start, end, months, low, high (95% over resampled quarters), year, year_low, year_high and p_value
    (of the bend), records. Infinite where nothing falls.
    """
    rows = []
    for first in BASELINES.values():
        for part in PARTS:
            frame = series(part, first=first)
            bend = growth.bend(frame)
            for breaks in ((), (bend.year,)):
                found = growth.slopes(frame, breaks=breaks)
                for place, rate in enumerate(found.rates):
                    low, high = np.quantile(found.draws[:, place], [0.025, 0.975])
                    rows.append(
                        (
                            part,
                            first,
                            len(breaks),
                            found.edges[place],
                            found.edges[place + 1],
                            _months(rate),
                            _months(high),
                            _months(low),
                            bend.year,
                            bend.date.low,
                            bend.date.high,
                            bend.p_value,
                            len(frame),
                        )
                    )
    return pd.DataFrame(
        rows,
        columns=[
            "part",
            "first",
            "bends",
            "start",
            "end",
            "months",
            "low",
            "high",
            "year",
            "year_low",
            "year_high",
            "p_value",
            "records",
        ],
    )


def _months(rate: float) -> float:
    return float(MONTHS / rate) if rate > 0 else np.inf


def total() -> dict[str, float]:
    """Return how many times each part fell from the first record to the last that has it."""
    frame = records()
    return {part: float(frame[part].dropna().iloc[0] / frame[part].dropna().iloc[-1]) for part in PARTS}


@cached
def at_losses() -> pd.DataFrame:
    """Return the time and tokens to several losses by record, read off its training curve.

    Straight lines in step between logged losses. Tokens only where the batch is constant. The learning rate has not
    fallen yet where a curve passes a loss above its last one. Columns: record, years_decimal, loss_nats, minutes,
    tokens.
    """
    curves, frame = tables.read("speedrun_curves"), records().set_index("record")
    rows = []
    for record, curve in curves.groupby("record"):
        curve = curve.sort_values("step")
        for loss in LOSSES:
            below = np.flatnonzero(curve["loss_nats"].to_numpy() <= loss)
            if not len(below) or not below[0]:
                continue
            pair = curve.iloc[below[0] - 1 : below[0] + 1]
            share = (pair["loss_nats"].iloc[0] - loss) / (pair["loss_nats"].iloc[0] - pair["loss_nats"].iloc[1])
            step, seconds = (float(pair[name].iloc[0] + share * np.diff(pair[name])[0]) for name in ("step", "seconds"))
            rows.append(
                (
                    record,
                    frame.loc[record, "years_decimal"],
                    loss,
                    seconds / 60.0,
                    step * frame.loc[record, "batch_tokens"],
                )
            )
    return pd.DataFrame(rows, columns=["record", "years_decimal", "loss_nats", "minutes", "tokens"])


@cached
def halving_at_losses() -> pd.DataFrame:
    """Return how fast time and tokens to each loss halve: loss_nats, part, months, low, high, records."""
    frame, rows = at_losses(), []
    for loss in LOSSES:
        for part in ("minutes", "tokens"):
            chosen = frame[(frame["loss_nats"] == loss) & frame[part].notna()]
            found = growth.slopes(_falling(chosen, part))
            low, high = np.quantile(found.draws[:, 0], [0.025, 0.975])
            rows.append((loss, part, _months(found.rates[0]), _months(high), _months(low), len(chosen)))
    return pd.DataFrame(rows, columns=["loss_nats", "part", "months", "low", "high", "records"])


def half_life_until(date: str, *, part: str = "minutes") -> float:
    """Return the halving time in months of a part on a straight line through the records until a date."""
    frame = records()
    frame = frame[(frame["publication_date"] <= pd.Timestamp(date)) & frame[part].notna()]
    return _months(-float(np.polyfit(frame["years_decimal"], np.log(frame[part]), 1)[0]))


def effective_gains(part: str = "tokens") -> pd.DataFrame:
    """Return the gain of each record over the one before it in a part, largest first: record, date, gain, share.

    Share is of the whole fall in logs; records that changed something else have a gain of one or less.
    """
    name = "gain_tokens" if part == "tokens" else "gain_minutes"
    frame = records().dropna(subset=name)
    logs = np.log(frame[name])
    shown = frame[["record", "publication_date"]].assign(gain=frame[name], share=logs / logs.sum())
    return shown.sort_values("gain", ascending=False, ignore_index=True)


def algorithm_share(*, first: int = 1) -> tuple[float, float, float]:
    """Return the share of tokens in the rate at which time falls, with 95% ends over resampled quarters."""
    frame = records()
    frame = frame[(frame["record"] >= first) & frame["tokens"].notna()]
    parts = {part: growth.slopes(_falling(frame, part)) for part in ("minutes", "tokens")}
    drawn = parts["tokens"].draws[:, 0] / parts["minutes"].draws[:, 0]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(parts["tokens"].rates[0] / parts["minutes"].rates[0]), float(low), float(high)
