"""Training runs: sequences of checkpoints with their training compute and loss, and which of them others beat."""

import numpy as np
import pandas as pd

from algoprogress.data.describe import SHOWN

LAWS = ("power law", "floor")
ESTIMATORS = ("smooth", *LAWS, "envelope", "isoflop")  # of a frontier of runs
COLUMNS = ("run", "training_compute_flop", "loss_nats")
WINDOW = (1e16, 5e17)  # FLOP, in which Gundlach et al. 2025 fit
EVERYWHERE = (0.0, np.inf)  # FLOP
LARGEST_LOSS = 20.0  # nats per token, past which a value is a perplexity
LEAST_COMPUTE = 1e6  # FLOP, below which a value is in another unit


class RunsError(ValueError):
    """Training runs that cannot be read as such; the message names the run, the row and the rule."""


def checked(runs: pd.DataFrame, file: str = "runs", *, flop: bool = True) -> pd.DataFrame:
    """Return the runs, if each is a sequence of checkpoints with growing compute; `flop` says it is in FLOP.

    Columns: run, training_compute_flop, loss_nats; others are kept. Raises RunsError, which names file, row, column and
    rule, for a missing column, no rows, a value that is not above zero or not in FLOP or nats, or compute that does not
    grow from one checkpoint of a run to the next.
    """
    missing = [name for name in COLUMNS if name not in runs]
    if missing:
        raise RunsError(f"{file}: no column {', '.join(missing)}; runs need {', '.join(COLUMNS)}")
    if not len(runs):
        raise RunsError(f"{file}: no rows")
    wrong = []
    for name in COLUMNS[1:]:
        found = pd.to_numeric(runs[name], errors="coerce")
        wrong += _broken(~((found > 0) & np.isfinite(found)), runs, name, "must be a number above zero", file)
        if name == "loss_nats":
            rule = f"must be in nats per token, so below {LARGEST_LOSS:g} (a perplexity?)"
            wrong += _broken(found > LARGEST_LOSS, runs, name, rule, file)
        elif flop:
            wrong += _broken(found < LEAST_COMPUTE, runs, name, f"must be in FLOP, so above {LEAST_COMPUTE:g}", file)
    _refuse(wrong)
    numbers = runs.assign(**{name: pd.to_numeric(runs[name]) for name in COLUMNS[1:]})
    steps = numbers.groupby("run", sort=False)["training_compute_flop"].diff()
    repeats = "repeats the checkpoint before it of the same run"
    wrong += _broken(steps == 0, runs, "training_compute_flop", repeats, file)
    wrong += _broken(steps < 0, runs, "training_compute_flop", "must grow within a run: sort the checkpoints", file)
    _refuse(wrong)
    return numbers


def _broken(wrong: pd.Series, runs: pd.DataFrame, column: str, rule: str, file: str) -> list[str]:
    """Return a line for each row that breaks a rule."""
    cells = zip(runs.index[wrong], runs.loc[wrong, "run"], runs.loc[wrong, column], strict=True)
    return [
        f"{file}, row {place + 1} (run {run!r}), column {column}: {rule}; found {str(cell)!r}"
        for place, run, cell in cells
    ]


def _refuse(wrong: list[str]) -> None:
    if wrong:
        more = [f"... and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        raise RunsError("\n".join([*wrong[:SHOWN], *more]))


def within(runs: pd.DataFrame, window: tuple[float, float] = WINDOW) -> pd.DataFrame:
    """Return the checkpoints whose training compute lies within a window, ends included."""
    return runs[runs["training_compute_flop"].between(*window)]


def end_points(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the last checkpoint of each run."""
    return runs.groupby("run", sort=False).tail(1)


def nondominated(compute_flop: np.ndarray, loss_nats: np.ndarray) -> np.ndarray:
    """Return which points no other one beats: none has as little compute and loss and less of either.

    Exact copies of a point all stay.

    >>> nondominated(np.array([1.0, 2.0, 2.0, 3.0]), np.array([5.0, 4.0, 4.0, 4.0])).tolist()
    [True, True, True, False]
    """
    levels, place = np.unique(compute_flop, return_inverse=True)
    least = np.full(len(levels), np.inf)
    np.minimum.at(least, place, loss_nats)
    before = np.r_[np.inf, np.minimum.accumulate(least)[:-1]]
    return (loss_nats <= least[place]) & (loss_nats < before[place])
