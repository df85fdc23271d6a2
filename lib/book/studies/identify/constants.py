"""What the normalising constants N0, D0 and Y0 do to the penalised fit, which without a penalty they leave alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.data.variables import Normalisation
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, starts
from algoprogress.laws.law import Design, Law
from book.studies.identify.minima import STARTS, described, from_points


def references(frame: pd.DataFrame) -> dict[str, Normalisation]:
    """Return choices of the constants N0, D0 and Y0 by name; the first is the authors', the last that of their figure.

    The other constants, which law 7 has no use for, stay as they are.
    """
    columns = frame[["parameters", "dataset_tokens", "years_decimal"]]
    middle = np.exp(np.log(columns).mean())
    early, year = columns.min(), columns["years_decimal"].mean()
    choices = {
        "minima of the sample (published)": early,
        "minima, mean year": [*early.iloc[:2], year],
        "one parameter, one token, first year": [1.0, 1.0, early.iloc[2]],
        "geometric means, mean year": [*middle.iloc[:2], year],
        "medians": columns.median(),
        "maxima": columns.max(),
        "as in the authors' figure of the law": [1e8, 1e8, 2012.0],
    }
    base = Normalisation.of(frame)
    fields = ("parameters", "tokens", "year")
    return {
        name: replace(base, **dict(zip(fields, map(float, values), strict=True))) for name, values in choices.items()
    }


def moved(design: Design, params: np.ndarray, old: Normalisation, new: Normalisation) -> np.ndarray:
    """Return the parameters that predict the same under other constants (points x parameters): only constants move."""
    found = np.array(params, float)
    place = {name: design.names.index(name) for name in design.names}
    later = new.year - old.year
    for constant, year, size, ratio in (
        ("alpha_const", "alpha_year", "alpha_param", new.parameters / old.parameters),
        ("beta_const", "beta_year", "beta_data", new.tokens / old.tokens),
    ):
        found[:, place[constant]] -= found[:, place[year]] * later + found[:, place[size]] * np.log(ratio)
    return found


@cached
def constants(law: Law, sample: Sample, *, penalty: float = fit.PENALTY, count: int = STARTS) -> pd.DataFrame:
    """Return the converged fits under other constants N0, D0 and Y0, one line a choice and penalty.

    Starts are the same points, moved. Columns: constants, parameters, tokens, year, penalty, objective (nats squared),
    parameters_rate, data_rate, compute_rate, months, and other_months and worse: those of the next minimum.
    """
    rows = []
    old = Normalisation.of(sample.frame)
    for strength in (penalty, 0.0):
        for name, new in references(sample.frame).items():
            design, target, _ = fit.problem(law, sample, new)
            points = moved(design, starts.random_starts(design, count, 0), old, new)
            found = from_points(design, target, strength, points)
            near = described(design, found.params[:2], found.objective[:2], strength)
            best = near.iloc[0]
            rows.append(
                {
                    "constants": name,
                    "parameters": new.parameters,
                    "tokens": new.tokens,
                    "year": new.year,
                    "penalty": strength,
                    "objective": best["objective"],
                    "parameters_rate": best["parameters"],
                    "data_rate": best["data"],
                    "compute_rate": best["compute"],
                    "months": best["months"],
                    "other_months": near["months"].iloc[-1],
                    "worse": near["worse"].iloc[-1],
                }
            )
    return pd.DataFrame(rows)
