"""The published protocol: the laws in the authors' order of arithmetic, and SLSQP on them, to the last bit.

SLSQP stops as soon as its objective moves by less than 1e-6, so the last bit of a sum can decide where. This repeats
the order of the authors' notebooks (Ho et al. 2024): a coefficient is first summed over its benchmark, architecture or
date terms, then multiplied by its variable, and logs are subtracted rather than ratios logged. Exponentials and logs
are the C library's, and SciPy is below 1.16, where SLSQP began to run on BLAS, which rounds by processor.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.optimize import OptimizeResult, minimize

from algoprogress.data.variables import Normalisation, logarithm, regressors
from algoprogress.laws.law import SHORT_NAMES, TOKENS, Design, Law, LawError

UNIT = Normalisation(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, year=0.0)
SIZES = {name: name.removeprefix("log_") for name in ("log_parameters", *TOKENS)} | {"log_compute": "compute_flop"}
BLOCKS = ("gamma", "alpha", "beta")  # the order of the parameters; a shared rate of progress stands with alpha
QUANTITIES = ("const", "year", "param", "data", "compute")
TRANSFORMER = "transformer"


@dataclass(frozen=True)
class Part:
    """One coefficient: `members` are (parameter, what multiplies it or None), `variable` what it scales, if any."""

    block: str
    quantity: str
    members: tuple[tuple[int, np.ndarray | None], ...]
    variable: np.ndarray | None

    def take(self, rows: np.ndarray) -> Part:
        """Return the part on a selection of rows."""
        members = tuple((index, None if factor is None else factor[rows]) for index, factor in self.members)
        return replace(self, members=members, variable=None if self.variable is None else self.variable[rows])


@dataclass(frozen=True)
class Form:
    """A law on some rows: parameter names in the authors' order, and the parts of each block."""

    names: tuple[str, ...]
    parts: tuple[Part, ...]

    def take(self, rows: np.ndarray) -> Form:
        """Return the form on a selection of rows."""
        return replace(self, parts=tuple(part.take(rows) for part in self.parts))

    def predict(self, theta: np.ndarray) -> np.ndarray:
        """Return the predicted loss in nats per token, shape (points, rows), for points (points x parameters)."""
        from algoprogress.laws import compiled  # the compiler takes a while to import

        return compiled.predict(np.ascontiguousarray(theta, float), *self._packed)

    def objective(self, target: np.ndarray, penalty: float) -> Callable[[np.ndarray], np.ndarray]:
        """Return the function `objective` of this form."""
        from algoprogress.laws import compiled

        packed = self._packed
        return lambda points: compiled.objective(points, target, penalty, *packed)

    @cached_property
    def _packed(self) -> tuple[np.ndarray, ...]:
        """Return the parts in the order in which they enter the prediction, as arrays for `compiled.predict`."""
        from algoprogress.laws import compiled as role

        gamma, shared = self._of("gamma"), self._of("shared")
        ordered = [(role.ADDED, part) for part in gamma if part.quantity == "const"]
        for constant, *others in filter(None, (self._of("alpha"), self._of("beta"))):
            ordered += [(role.CONSTANT, constant), *((role.LESS, part) for part in others)]
        ordered += [(role.TRANSFORMER if part.quantity == TRANSFORMER else role.RATE, part) for part in shared]
        ordered += [(role.ADDED, part) for part in gamma if part.quantity != "const"]
        members = [member for _, part in ordered for member in part.members]
        columns = [*(factor for _, factor in members), *(part.variable for _, part in ordered)]
        rows = max((len(column) for column in columns if column is not None), default=1)
        filled = np.stack([np.ones(rows) if column is None else column for column in columns])  # times one is exact
        first = np.cumsum([0, *(len(part.members) for _, part in ordered)])
        roles, index = (np.array([each[0] for each in found]) for found in (ordered, members))
        return roles, first, index, filled[: len(members)], filled[len(members) :]

    def _of(self, block: str) -> list[Part]:
        return [part for part in self.parts if part.block == block]


def arranged(law: Law, frame: pd.DataFrame, reference: Normalisation) -> Form | Design:
    """Return the law on the rows of `frame` in the authors' order, else as its design; LawError if it has neither."""
    if isinstance(reference, Normalisation):
        with contextlib.suppress(LawError):
            return published_form(law, frame, reference)
    return law.design(frame, reference)


def published_form(law: Law, frame: pd.DataFrame, reference: Normalisation) -> Form:
    """Return the law on the rows of `frame` in the authors' order; LawError for one that Ho et al. 2024 do not have."""
    design = law.design(frame, reference)
    formulas = f"{law.capacity} {law.data} {law.floor}"
    factors = {level: (frame["benchmark"] == level).to_numpy(float) for level in ("ptb", "wt2")}
    factors |= {level: (frame["architecture"] == level).to_numpy(float) for level in ("other", TRANSFORMER)}
    for year in re.findall(r"since\((\d+)\)", formulas):
        factors[f"since_{year}"] = (frame["years_decimal"] >= int(year)).to_numpy(float)
    variables = _variables(frame, reference)
    factors["rate"] = variables.pop("log_calendar_year")
    used = {SHORT_NAMES.get(name, name): variables[name] for name in re.findall(r"\w+", formulas) if name in variables}
    form = _assembled(design.names, used, factors)
    theta = np.random.default_rng(0).normal(0.0, 0.1, len(design.names))
    found = form.predict(reordered(theta, design.names, form.names)[None])
    if not np.allclose(found, design.predict(theta)):
        raise LawError(f"law {law.id}: the authors' order of arithmetic is known for their laws only")
    return form


def _variables(frame: pd.DataFrame, reference: Normalisation) -> dict[str, np.ndarray]:
    """Return the variables by name: logs of sizes less the logs of their constants, years less the first year."""
    found = regressors(frame, UNIT, log=logarithm).drop(columns=["benchmark", "architecture"])
    variables = {name: column.to_numpy() for name, column in found.items()}
    for name, constant in SIZES.items():
        variables[name] = variables[name] - math.log(getattr(reference, constant))
    return variables | {"years": variables["years"] - reference.year}


def _split(name: str) -> tuple[str, str, str]:
    """Return block, quantity and level of a parameter such as beta_data, alpha_const_ptb or year."""
    return re.fullmatch("(?:(alpha|beta|gamma)_)?([^_]*)_?(.*)", name).groups("")


def _assembled(names: tuple[str, ...], variables: dict[str, np.ndarray], factors: dict[str, np.ndarray]) -> Form:
    """Return the form of these parameters."""
    order = tuple(sorted(names, key=lambda name: _place(*_split(name))))
    parts: dict[tuple[str, str], list] = {}
    for name in sorted(names, key=lambda name: _place(*_split(name))[1:]):
        block, quantity, level = _split(name)
        parts.setdefault((block or "shared", quantity), []).append((order.index(name), factors.get(level)))
    coefficients = (Part(*key, tuple(members), variables.get(key[1])) for key, members in parts.items())
    return Form(order, tuple(coefficients))


def _place(block: str, quantity: str, level: str) -> tuple[bool, int, int]:
    """Return the sorting key of a parameter: what was added to a law comes last, levels keep their order."""
    known = QUANTITIES.index(quantity) if quantity in QUANTITIES else 0
    return level.startswith(("rate", "since")) or quantity == TRANSFORMER, BLOCKS.index(block or "alpha"), known


def reordered(params: np.ndarray, names: tuple[str, ...], wanted: tuple[str, ...]) -> np.ndarray:
    """Return parameters (..., names) in another order of their names.

    >>> reordered(np.array([1.0, 2.0, 3.0]), ("a", "b", "c"), ("b", "c", "a")).tolist()
    [2.0, 3.0, 1.0]
    """
    return params[..., [names.index(name) for name in wanted]]


def slsqp(
    form: Form | Design,
    target: np.ndarray,
    penalty: float,
    start: np.ndarray | None = None,
    *,
    ftol: float = 1e-6,
    maxiter: int = 100,
) -> OptimizeResult:
    """Return where SLSQP stops on the published objective, from zeros unless told; `nfev` counts differences.

    A law in the order of the authors is solved in compiled code, which calls the Fortran that SciPy calls; of SciPy's
    result it has x, fun, nit, nfev, njev, status and success.
    """
    from algoprogress.laws import compiled  # the compiler takes a while to import

    start = np.zeros(len(form.names)) if start is None else start
    if isinstance(form, Form):
        compiled.find_fortran()
        goal, begin = np.ascontiguousarray(target, dtype=float), np.array(start, dtype=float)
        found = compiled.slsqp(begin, ftol, maxiter, goal, float(penalty), *form._packed)
        result = OptimizeResult(zip(("x", "fun", "nit", "nfev", "njev", "status"), found, strict=True))
        result.success = result.status == 0
    else:
        value = objective(form, target, penalty)
        steps = np.diag(np.full(len(start) + 1, compiled.STEP))[:, 1:]  # none first, then one of each parameter

        def gradient(theta: np.ndarray) -> np.ndarray:
            points = theta + steps
            values = value(points)
            return (values[1:] - values[0]) / (points.diagonal(-1) - theta)

        options = {"ftol": ftol, "maxiter": maxiter}
        with np.errstate(over="ignore", invalid="ignore"):  # wild trial steps overflow and are rejected
            result = minimize(lambda at: value(at[None])[0], start, jac=gradient, method="SLSQP", options=options)
    result.nfev += len(start) * result.njev
    return result


def objective(form: Form | Design, target: np.ndarray, penalty: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function from points (points x parameters) to mean squared error + penalty * sum of |theta|."""
    if isinstance(form, Form):
        return form.objective(target, penalty)

    def value(points: np.ndarray) -> np.ndarray:
        return np.square(target - form.predict(points)).mean(axis=1) + penalty * np.abs(points).sum(axis=1)

    return value
