"""The local minima of the penalised objective: starts, the way down, what the penalty picks, and what constants do."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.data.variables import Normalisation
from algoprogress.engine import parallel
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, rates, solver
from algoprogress.fits.profile import STEMS, growth, ratio
from algoprogress.laws.law import Design, Law

STARTS = 300
WORSE = 1.05  # minima with an objective over so many times the best are left out
PENALTIES = tuple(np.round(np.r_[np.arange(0.0, 0.002, 0.0001), np.arange(0.002, 0.0201, 0.0005)], 6).tolist())
JUMP = 0.15  # of the rate of compute, between neighbouring penalties

MOVED = ("parameters", "tokens", "year")


def from_random(design: Design, target: np.ndarray, penalty: float, count: int) -> solver.Minima:
    """Return the distinct minima that some random starts reach, under one strength of the penalty."""
    return from_points(design, target, penalty, solver.random_starts(design, count, 0))


def from_points(design: Design, target: np.ndarray, penalty: float, points: np.ndarray) -> solver.Minima:
    """Return the distinct minima that searches from some points reach, under one strength of the penalty."""
    return solver.reached(design, target, penalties=fit.strengths(design, penalty), starts=points)


@cached
def minima(law: Law, sample: Sample, *, penalty: float = fit.PENALTY, count: int = STARTS) -> pd.DataFrame:
    """Return the local minima that random starts reach, best first: `described`, and the share of starts that do."""
    design, target, _ = fit.problem(law, sample)
    found = from_random(design, target, penalty, count)
    return described(design, found.params, found.objective, penalty).assign(share=found.share)


def described(design: Design, params: np.ndarray, objective: np.ndarray, penalty: float) -> pd.DataFrame:
    """Return by penalty and rank objective, worse (nats² over the best), parameters, data, compute (a year), months."""
    found = growth(design, params)
    months = rates.doubling_time_months(np.nan_to_num(found.compute))
    facts = {"penalty": penalty, "rank": np.arange(1, len(params) + 1), "objective": objective}
    return pd.DataFrame({**facts, "worse": objective - objective[0], **vars(found), "months": months})


@cached
def descent(law: Law, sample: Sample, *, penalty: float = fit.PENALTY, steps: int = 40) -> pd.DataFrame:
    """Return the way from the published stop to the minimum below it, `described`, one row a step of the solver."""
    design, target, _ = fit.problem(law, sample)
    begin = fit.published(law, sample, penalty=penalty).params.to_numpy()[None]
    common = {"penalty": fit.strengths(design, penalty), "starts": begin, "weights": fit.equal_weights(design, 1)}
    found = [solver.minimise(design, target, **common, limit=limit) for limit in range(steps + 1)]
    found = found[: int(found[-1].iterations[0]) + 1]
    params, objective = (np.concatenate([getattr(each, name) for each in found]) for name in ("params", "objective"))
    return described(design, params, objective, penalty).rename(columns={"rank": "step"}).drop(columns="worse")


@cached
def penalty_path(
    law: Law, sample: Sample, *, penalties: tuple[float, ...] = PENALTIES, count: int = 100
) -> pd.DataFrame:
    """Return the local minima along the strength of the penalty, those within 5% of the best.

    Each strength is solved from random starts and from the minima at its neighbours. Columns as of `described`, and
    jump: whether the best minimum's rate of compute is by over 15% another than at the strength before.
    """
    design, target, _ = fit.problem(law, sample)
    tasks = [(design, target, strength, count) for strength in penalties]
    found = parallel.mapped(from_random, tasks, label="penalties")
    for order in (range(1, len(penalties)), range(len(penalties) - 2, -1, -1)):
        for place in order:
            points = np.vstack([found[place].params, found[place - order.step].params])
            found[place] = from_points(design, target, penalties[place], points)
    frames = []
    for strength, each in zip(penalties, found, strict=True):
        near = each.objective <= WORSE * each.objective[0]
        frames.append(described(design, each.params[near], each.objective[near], strength))
    best = np.log([frame["compute"].iloc[0] for frame in frames])
    jumps = np.abs(np.diff(best, prepend=best[0])) > JUMP
    return pd.concat([frame.assign(jump=jump) for frame, jump in zip(frames, jumps, strict=True)], ignore_index=True)


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
