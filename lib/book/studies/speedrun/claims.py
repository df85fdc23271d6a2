"""Yields the claims on the public race: halving times, their bend, the share of algorithms, other losses."""

import math
from collections.abc import Iterator

import pandas as pd

from algoprogress.show.estimate import Estimate
from book.studies.speedrun import study

ARITHMETIC = "none: arithmetic on the records"
SHUFFLED = f"none: a p value by {study.SHUFFLES:,} shuffles of the steps"
PARTS = (  # part, and the stems of its ids
    ("minutes", "speedrun.halving_months", "speedrun.bend", "speedrun.total_minutes"),
    ("tokens", "speedrun.tokens_halving_months", "speedrun.tokens_bend", "speedrun.total_tokens"),
)


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    for part, halving, bend, total in PARTS:
        lines = _lines(part)
        yield from zip((halving, f"{halving}.before", f"{halving}.after"), lines["months"], strict=True)
        yield f"{halving}.without_first", _lines(part, first=3)["months"].iloc[0]
        yield f"{bend}.year", Estimate.exact(lines["date"].iloc[0], "none: the likeliest date", unit="year")
        yield f"{bend}.p_value", Estimate.exact(lines["p_value"].iloc[0], SHUFFLED)
        without = _lines(part, first=3)["p_value"].iloc[0]
        yield f"{bend}.p_value.without_first", Estimate.exact(without, SHUFFLED)
        yield total, Estimate.exact(study.total(part), ARITHMETIC)
    yield "speedrun.per_token_halving_months", _lines("minutes_per_token")["months"].iloc[0]
    records = study.records()
    until_2026 = records[records["years_decimal"] < 2026.0]
    line = Estimate.exact(study.by_least_squares(until_2026, "minutes"), "none: least squares, as published")
    yield "speedrun.half_life_2025", line
    yield "speedrun.half_life_2025.steps", study.halving_time(study.steps(until_2026, "minutes"))
    yield "speedrun.algorithm_share", study.algorithm_share()
    yield "speedrun.algorithm_share.without_first", study.algorithm_share(first=3)
    at_losses = study.halving_at_losses().set_index(["loss_nats", "part"])["months"]
    for stem, loss in (("speedrun.at_loss.34", 3.4), ("speedrun.at_loss.36", 3.6), ("speedrun.at_loss.40", 4.0)):
        for part in ("minutes", "tokens"):
            yield f"{stem}.{part}", at_losses[loss, part]
    parts = study.flop_parts().set_index("part")
    for part in study.FLOP:
        yield f"speedrun.flop.{part}.total", Estimate.exact(parts.loc[part, "total"], ARITHMETIC)
        yield f"speedrun.flop.{part}.halving_months", parts.loc[part, "months"]
    yield "speedrun.flop.tokens_apart", Estimate.exact(study.apart().abs().max(), ARITHMETIC, unit="share")
    for part in study.RACED:
        yield f"speedrun.medium.{part}.yearly", study.yearly("medium", part)
        yield f"speedrun.medium.{part}.total", Estimate.exact(study.fall(part), ARITHMETIC)
        yield f"speedrun.same_time.{part}.yearly", study.yearly("same time", part)
    yield "gundlach2026.flop_yearly", Estimate.exact(study.spread("tokens", 1.0), ARITHMETIC)
    yield "gundlach2026.flop_yearly.flop", Estimate.exact(study.spread("training_flop", 1.0), ARITHMETIC)
    yield "gundlach2026.not_flop", Estimate.exact(parts.loc["minutes_per_flop", "total"], ARITHMETIC)
    yield "gundlach2026.implied_2019_2023", Estimate.exact(study.spread("tokens", 4.0), ARITHMETIC)
    known = "range of the fall of the race: none or all of it known by 2023"
    yield "gundlach2026.implied_2019_2023.bounds", Estimate(math.nan, 1.0, parts.loc["tokens", "total"], known)
    yield (
        "gundlach2026.experiments_2019_2023",
        Estimate.untestable("none: no public data, an estimate of the author's own"),
    )
    yield "gundlach2026.with_data", Estimate.exact(300.0 ** (1.0 / study.SINCE_GPT2), "none: of the stated total")


def _lines(part: str, *, first: int = 1) -> pd.DataFrame:
    """Return the lines of `study.halving` for a part: that of all steps, then before and after the bend."""
    frame = study.halving()
    return frame[(frame["part"] == part) & (frame["first"] == first)]
