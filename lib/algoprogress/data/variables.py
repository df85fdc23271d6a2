"""The variables that a law's formulas may name, and the constants that make them dimensionless."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

BENCHMARKS = ("wt103", "ptb", "wt2")  # the first is the reference of the offsets
ARCHITECTURES = ("other", "transformer")
REPETITION_DECAY = 2.9157  # Muennighoff et al. 2023, Table 1, "only decay D"
TYPICAL_VOCABULARY = {"wt103": 268_000, "wt2": 33_278, "ptb": 10_000}  # where a row has none, as the authors impute
FLOP_PER_PARAMETER_TOKEN = 6.0
MANY_EPOCHS = 100.0  # assumed where the authors used a number above 75 that cannot be recovered


@dataclass(frozen=True)
class Normalisation:
    """The constants N0, D0, C0 and Y0 that make the regressors dimensionless (Ho et al. 2024, eq. 8)."""

    parameters: float
    tokens: float
    effective_tokens: float
    tokens_seen: float
    repeated_tokens: float
    compute_flop: float
    year: float

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Normalisation:
        """Return the minima over the rows of `frame`, as the authors take them."""
        tokens = frame["dataset_tokens"]
        return cls(
            parameters=float(frame["parameters"].min()),
            tokens=float(tokens.min()),
            effective_tokens=float((tokens * effective_epochs(frame)).min()),
            tokens_seen=float((tokens * epochs_seen(frame)).min()),
            repeated_tokens=float((tokens * fresh_epochs(frame)).min()),
            compute_flop=float((FLOP_PER_PARAMETER_TOKEN * frame["parameters"] * tokens).min()),
            year=float(frame["years_decimal"].min()),
        )


@dataclass(frozen=True)
class Sizes:
    """The variables of a table of another kind, `years` and `log_<size>` for each of its sizes, by their minima."""

    year: float
    least: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, frame: pd.DataFrame, sizes: tuple[str, ...]) -> Sizes:
        """Return the first year and the least value of each of these columns."""
        return cls(float(frame["years_decimal"].min()), tuple((name, float(frame[name].min())) for name in sizes))

    def regressors(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the variables by row of `frame`."""
        logs = {f"log_{name}": np.log(frame[name].to_numpy(float) / least) for name, least in self.least}
        return pd.DataFrame({"years": frame["years_decimal"].to_numpy(float) - self.year, **logs}, index=frame.index)


def effective_epochs(frame: pd.DataFrame) -> np.ndarray:
    """Return the fresh passes that epochs are worth with R = 2.9157 (Muennighoff et al. 2023) as Ho et al. 2024 use it.

    ``1 + R (1 - exp(-epochs / R))``, not of repetitions. Unknown epochs count as 1, those above 75 as infinite.
    """
    return 1.0 + REPETITION_DECAY * -np.expm1(-epochs_seen(frame, many=np.inf) / REPETITION_DECAY)


def epochs_seen(frame: pd.DataFrame, *, many: float = MANY_EPOCHS) -> np.ndarray:
    """Return the epochs of each row: unknown ones count as 1, and those above 75 as `many`."""
    epochs, above = frame["epochs"].to_numpy(float), frame["epochs_status"] == "above_75"
    return np.where(np.isnan(epochs), np.where(above, many, 1.0), epochs)


def fresh_epochs(frame: pd.DataFrame) -> np.ndarray:
    """Return fresh passes that epochs are worth (Muennighoff et al. 2023): ``1 + R (1 - exp(-(epochs - 1) / R))``."""
    repetitions = np.maximum(epochs_seen(frame) - 1.0, 0.0)
    return 1.0 + REPETITION_DECAY * -np.expm1(-repetitions / REPETITION_DECAY)


def logarithm(values: np.ndarray) -> np.ndarray:
    """Return the natural logarithm of each element by the C library, which rounds alike on every processor; nan stays.

    Raises ValueError for zero or less.

    >>> logarithm(np.array([1.0, math.e])).tolist()
    [0.0, 1.0]
    """
    return np.array([math.log(value) for value in np.asarray(values, float).tolist()])


def regressors(
    frame: pd.DataFrame, reference: Normalisation | Sizes, *, log: Callable[[np.ndarray], np.ndarray] = np.log
) -> pd.DataFrame:
    """Return the variables that formulas may name, by row of `frame`, sizes over the `reference`; `log` takes logs."""
    if isinstance(reference, Sizes):
        return reference.regressors(frame)
    tokens, parameters = frame["dataset_tokens"].to_numpy(float), frame["parameters"].to_numpy(float)
    compute = FLOP_PER_PARAMETER_TOKEN * parameters * tokens
    vocabulary = frame["vocabulary"].to_numpy(float)
    typical = frame["benchmark"].map(TYPICAL_VOCABULARY).to_numpy(float)
    columns = {
        "benchmark": pd.Categorical(frame["benchmark"], categories=BENCHMARKS),
        "architecture": pd.Categorical(frame["architecture"], categories=ARCHITECTURES),
        "transformer": (frame["architecture"] == "transformer").to_numpy(float),
        "years": frame["years_decimal"].to_numpy(float) - reference.year,
        "log_calendar_year": log(frame["years_decimal"].to_numpy(float)),
        "log_parameters": log(parameters / reference.parameters),
        "log_tokens": log(tokens / reference.tokens),
        "log_effective_tokens": log(tokens * effective_epochs(frame) / reference.effective_tokens),
        "log_tokens_seen": log(tokens * epochs_seen(frame) / reference.tokens_seen),
        "log_repeated_tokens": log(tokens * fresh_epochs(frame) / reference.repeated_tokens),
        "log_compute": log(compute / reference.compute_flop),
        "log_vocabulary": log(vocabulary),
        "log_vocabulary_imputed": log(np.where(np.isnan(vocabulary), typical, vocabulary)),
    }
    return pd.DataFrame(columns, index=frame.index)
