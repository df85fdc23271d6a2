"""Yields the claims on the public race: halving times, their bend, the share of algorithms, other losses."""

from collections.abc import Iterator

from algoprogress.show.estimate import Estimate
from book.studies.speedrun import study

ARITHMETIC = "none: arithmetic on the records"


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield the id of each claim of the chapter with our estimate."""
    minutes, tokens = _line("minutes"), _line("tokens")
    yield "speedrun.halving_months", minutes["months"].iloc[0]
    yield "speedrun.halving_months.without_first", _line("minutes", first=3)["months"].iloc[0]
    yield "speedrun.halving_months.before", minutes["months"].iloc[1]
    yield "speedrun.halving_months.after", minutes["months"].iloc[2]
    yield "speedrun.tokens_halving_months", tokens["months"].iloc[0]
    yield "speedrun.tokens_halving_months.without_first", _line("tokens", first=3)["months"].iloc[0]
    yield "speedrun.tokens_halving_months.before", tokens["months"].iloc[1]
    yield "speedrun.tokens_halving_months.after", tokens["months"].iloc[2]
    yield "speedrun.per_token_halving_months", _line("minutes_per_token")["months"].iloc[0]
    yield "speedrun.bend.year", minutes["date"].iloc[0]
    yield "speedrun.bend.p_value", Estimate.exact(minutes["p_value"].iloc[0], "none: a test statistic")
    yield "speedrun.tokens_bend.year", tokens["date"].iloc[0]
    yield "speedrun.tokens_bend.p_value", Estimate.exact(tokens["p_value"].iloc[0], "none: a test statistic")
    yield "speedrun.total_minutes", Estimate.exact(study.total("minutes"), ARITHMETIC)
    yield "speedrun.total_tokens", Estimate.exact(study.total("tokens"), ARITHMETIC)
    yield "speedrun.half_life_2025", study.halving_until(2026.0)
    yield "speedrun.algorithm_share", study.algorithm_share()
    yield "speedrun.algorithm_share.without_first", study.algorithm_share(first=3)
    at_losses = study.halving_at_losses().set_index(["loss_nats", "part"])["months"]
    for stem, loss in (("speedrun.at_loss.34", 3.4), ("speedrun.at_loss.36", 3.6), ("speedrun.at_loss.40", 4.0)):
        for part in ("minutes", "tokens"):
            yield f"{stem}.{part}", at_losses[loss, part]


def _line(part: str, *, first: int = 1):
    """Return the lines of `study.halving` for a part: the straight one, then before and after the bend."""
    frame = study.halving()
    return frame[(frame["part"] == part) & (frame["first"] == first)]
