"""The results of `selection` as tables to read."""

from __future__ import annotations

import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.show.words import MISSING, written
from book.studies.selection import contest
from book.studies.selection.study import CHOSEN, COMPUTE_ONLY, LONGEST_MONTHS, claim_id, converged, laws

HALF_DIGIT = 5e-6  # of the printed table, in nats squared
SCORE = ".5f"


def against_printed(frame: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Return the published protocol beside the printed table: law, penalty, printed, ours, difference.

    `frame` is that of `selection.scores`, `claims` the table of claims; values are in nats squared.
    """
    printed = claims.set_index("id")["published"]
    stated = [printed[claim_id(law, penalty)] for law, penalty in zip(frame["law"], frame["penalty"], strict=True)]
    table = frame[["law", "penalty"]].assign(printed=stated, ours=frame["published"])
    return table.assign(difference=table["ours"] - table["printed"])


def agreement(frame: pd.DataFrame) -> pd.DataFrame:
    """Return how far the cells of `against_printed` are off, by law: law, cells, equal (to five digits), largest."""
    off = frame.assign(equal=frame["difference"].abs() < HALF_DIGIT, largest=frame["difference"].abs())
    by_law = off.groupby("law", sort=False)
    return by_law.agg(cells=("equal", "size"), equal=("equal", "sum"), largest=("largest", "max")).reset_index()


def grid(frame: pd.DataFrame, column: str, *, mark: pd.Series | None = None) -> pd.DataFrame:
    """Return one column of `scores`, a line per law and a column per penalty; cells flagged by `mark` get a star."""
    stars = [""] * len(frame) if mark is None else ["\\*" if flag else "" for flag in mark]
    text = [written(value, SCORE) + star for value, star in zip(frame[column], stars, strict=True)]
    table = frame.assign(text=text).pivot_table(index="law", columns="penalty", values="text", aggfunc="first")
    table = table.loc[[law.id for law in laws()]]
    return table.rename(columns="penalty {:g}".format).rename_axis(columns=None).reset_index()


def leaders(sample: Sample, *, count: int = 12, by: str = "row") -> pd.DataFrame:
    """Return the best specifications, the chosen one and the compute-only law, with paired differences from the best.

    Columns: rank, law, penalty, coefficients, squared error, behind the best, standard error.
    """
    cells = converged(sample, by=by)
    table = contest.differences(contest.contest(cells, sample)).sort_values("mse_nats2", ignore_index=True)
    named = (table["law"] == CHOSEN[0]) & (table["penalty"] == CHOSEN[1])
    named |= (table["law"] == COMPUTE_ONLY) & (table["penalty"] == 0.0)
    shown = table[(table.index < count) | named]
    front = shown[["law"]].assign(
        penalty=shown["penalty"].map("{:g}".format), coefficients=shown["law"].map({c.law: len(c.names) for c in cells})
    )
    front.insert(0, "rank", shown.index + 1)
    names = {"mse_nats2": "squared error", "difference_nats2": "behind the best", "error_nats2": "standard error"}
    return front.assign(**_written(shown, names))


def chains_to_read(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `selection.chains`: penalty, variant, squared error, difference, standard error, interval (95%)."""
    names = {"mse_nats2": "squared error", "difference_nats2": "difference", "error_nats2": "standard error"}
    ends = [
        f"{written(low, SCORE)} to {written(high, SCORE)}"
        for low, high in zip(frame["low"], frame["high"], strict=True)
    ]
    shown = pd.DataFrame({"penalty": frame["penalty"].map("{:g}".format), "variant": frame["variant"]})
    return shown.assign(**_written(frame, names), interval=ends)


def ahead_to_read(frame: pd.DataFrame, *, penalty: float = CHOSEN[1]) -> pd.DataFrame:
    """Return `selection.extrapolated` under one penalty: law, cut, rows, later, errors in nats, months."""
    chosen = frame[frame["penalty"] == penalty]
    months = [written(value, ".1f") if value < LONGEST_MONTHS else MISSING for value in chosen["months"]]
    names = {"rmse_nats": "error", "bias_nats": "bias", "rmse_mean_nats": "error of the means"}
    return chosen[["law", "cut", "rows", "later"]].assign(**_written(chosen, names, ".3f"), months=months)


def coverage_to_read(rates: pd.DataFrame) -> pd.DataFrame:
    """Return `coverage.rates`: penalty, resampled, held with its 95% interval, the misses, median and true months."""
    ends = zip(rates["coverage"], rates["low"], rates["high"], strict=True)
    columns = {
        "penalty": rates["penalty"].map("{:g}".format),
        "resampled": rates["by"] + "s",
        "held": [f"{share:.1%} [{low:.1%}, {high:.1%}]" for share, low, high in ends],
        **{name.replace("_", " "): rates[name].map("{:.1%}".format) for name in ("too_slow", "too_fast")},
        **{name.replace("_", " "): rates[name].map("{:.1f}".format) for name in ("median_months", "true_months")},
    }
    return pd.DataFrame(columns)


def _written(frame: pd.DataFrame, names: dict[str, str], spec: str = SCORE) -> dict[str, list[str]]:
    """Return columns as text under other names."""
    return {word: [written(value, spec) for value in frame[name]] for name, word in names.items()}
