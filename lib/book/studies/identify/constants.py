"""What the normalising constants N0, D0 and Y0 do to the penalised fit, which without a penalty they leave alone."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.data.variables import Normalisation
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, solver
from algoprogress.fits.profile import STEMS, ratio
from algoprogress.laws.law import Design, Law
from book.studies.identify.minima import STARTS, described, from_points

MOVED = ("parameters", "tokens", "year")


def references(frame: pd.DataFrame) -> dict[str, Normalisation]:
    """Return choices of N0, D0 and Y0 by name: first the authors', last that of their figure; other constants stay."""
    columns = frame[["parameters", "dataset_tokens", "years_decimal"]].set_axis(MOVED, axis=1)
    early, year = columns.min(), {"year": columns["year"].mean()}
    choices = {
        "minima of the sample (published)": early,
        "minima, mean year": {**early, **year},
        "one parameter, one token, first year": {**early, "parameters": 1.0, "tokens": 1.0},
        "geometric means, mean year": {**np.exp(np.log(columns).mean()), **year},
        "medians": columns.median(),
        "maxima": columns.max(),
        "as in the authors' figure of the law": {"parameters": 1e8, "tokens": 1e8, "year": 2012.0},
    }
    base = Normalisation.of(frame)
    return {name: replace(base, **{key: float(each[key]) for key in MOVED}) for name, each in choices.items()}


def moved(design: Design, params: np.ndarray, old: Normalisation, new: Normalisation) -> np.ndarray:
    """Return the parameters that predict the same under other constants (points x parameters): only constants move."""
    found = np.array(params, float)
    ratios = {"alpha_const": new.parameters / old.parameters, "beta_const": new.tokens / old.tokens}
    for resource, (constant, factor) in zip(STEMS, ratios.items(), strict=True):
        year, size = (found[:, design.names.index(name)] for name in ratio(design.names, resource))
        found[:, design.names.index(constant)] -= year * (new.year - old.year) + size * np.log(factor)
    return found


@cached
def constants(law: Law, sample: Sample, *, penalty: float = fit.PENALTY, count: int = STARTS) -> pd.DataFrame:
    """Return the converged fits under other constants N0, D0 and Y0, one line a choice and penalty.

    Starts are the same points, moved. Columns: constants, parameters, tokens, year, penalty, objective (nats squared),
    months, other_months (of the next minimum).
    """
    rows, old = [], Normalisation.of(sample.frame)
    for strength, (name, new) in product((penalty, 0.0), references(sample.frame).items()):
        design, target, _ = fit.problem(law, sample, new)
        points = moved(design, solver.random_starts(design, count, 0), old, new)
        found = from_points(design, target, strength, points)
        months = described(design, found.params[:2], found.objective[:2], strength)["months"]
        choice = (name, *(getattr(new, field) for field in MOVED), strength)
        rows.append((*choice, found.objective[0], months.iloc[0], months.iloc[-1]))
    return pd.DataFrame(rows, columns=["constants", *MOVED, "penalty", "objective", "months", "other_months"])


def side_by_side(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `constants` with months under the penalty, of the next_minimum and unpenalised side by side."""
    shown, without = (frame[frame["penalty"] == value].reset_index() for value in (frame["penalty"].max(), 0.0))
    shown = shown.assign(next_minimum=shown["other_months"], unpenalised=without["months"])
    return shown[["constants", *MOVED, "months", "next_minimum", "unpenalised"]]
