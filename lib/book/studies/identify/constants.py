"""What the normalising constants N0, D0 and Y0 do to the penalised fit, which without a penalty they leave alone."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.data.variables import Normalisation
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, solver
from algoprogress.fits.profile import TERMS
from algoprogress.laws.law import Design, Law
from book.studies.identify.minima import STARTS, described, from_points

MOVED = ("parameters", "tokens", "year")


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
    base, changes = Normalisation.of(frame), {name: map(float, values) for name, values in choices.items()}
    return {name: replace(base, **dict(zip(MOVED, values, strict=True))) for name, values in changes.items()}


def moved(design: Design, params: np.ndarray, old: Normalisation, new: Normalisation) -> np.ndarray:
    """Return the parameters that predict the same under other constants (points x parameters): only constants move."""
    found = np.array(params, float)
    ratios = {"alpha_const": new.parameters / old.parameters, "beta_const": new.tokens / old.tokens}
    for (_, *names), (constant, ratio) in zip(TERMS.values(), ratios.items(), strict=True):
        year, size = (found[:, design.names.index(name)] for name in names)
        found[:, design.names.index(constant)] -= year * (new.year - old.year) + size * np.log(ratio)
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
        facts = {"constants": name, **{field: getattr(new, field) for field in MOVED}, "penalty": strength}
        facts |= {"objective": found.objective[0], "months": months.iloc[0], "other_months": months.iloc[-1]}
        rows.append(facts)
    return pd.DataFrame(rows)
