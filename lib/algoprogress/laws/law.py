"""A scaling law as formulas: design matrices, predictions and exact derivatives.

The loss (log-perplexity, in nats per token) is  L = X_E phi + exp(X_N phi) + exp(X_D phi),  phi_j = link_j(theta_j):
a linear floor, a capacity term and a data term whose exponents are linear in the parameters (Ho et al. 2024, eq. 8 and
appendix B.1; Hoffmann et al. 2022). So a law is not a function but three formulas, and one engine serves them all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import expit

from algoprogress.data.variables import Normalisation, regressors
from algoprogress.laws.formula import TRANSFORMS, checked

# Scaling and progress terms enter the exponents with a minus sign, so that a positive
# coefficient is a scaling exponent or a rate of progress, as in the paper.
TOKENS = ("log_tokens", "log_effective_tokens", "log_tokens_seen", "log_repeated_tokens")
UNSIGNED = ("log_vocabulary", "log_vocabulary_imputed", "log_calendar_year")  # logs of what is no size
SHORT_NAMES = {
    **{"Intercept": "const", "years": "year", "log_calendar_year": "rate", "log_parameters": "param"},
    **{**dict.fromkeys(TOKENS, "data"), "log_compute": "compute"},
    **dict.fromkeys(("log_vocabulary", "log_vocabulary_imputed"), "vocabulary"),
}
GREEK = {"capacity": "alpha", "data": "beta", "floor": "gamma"}
MANY_ROWS = 2_000  # more than the book has; from here on, ways that save time and memory


class LawError(ValueError):
    """A law that cannot be built: an unknown term, or parameters that the data cannot identify."""


@dataclass(frozen=True)
class Law:
    """A scaling law as formulas.

    `capacity`, `data` and `floor` are right-hand sides over the variables of `variables.regressors`, in the language of
    `laws.formula`; an empty one leaves the term out. `shared` names terms that have one coefficient in both exponents;
    `links` maps parameters to "log_sigmoid", which enters as ln(1 / (1 + exp(-theta))).
    """

    id: str
    capacity: str
    data: str = ""
    floor: str = ""
    shared: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    name: str = ""

    def design(self, frame: pd.DataFrame, reference: Normalisation | None = None) -> Design:
        """Return the design matrices on the rows of `frame`; LawError for an unknown term or missing values."""
        reference = reference or Normalisation.of(frame)
        variables = regressors(frame, reference)
        terms = {term: _columns(self, term, variables, frame["years_decimal"]) for term in GREEK}
        listed = dict.fromkeys(name for columns in terms.values() for name in columns)
        names = tuple(sorted(listed, key=lambda name: not name.startswith(tuple(GREEK.values()))))  # shared ones last
        matrices = {
            term: np.column_stack([columns.get(name, np.zeros(len(frame))) for name in names])
            for term, columns in terms.items()
            if columns
        }
        self._require_known(names)
        return Design(names, matrices.pop("floor", None), tuple(matrices.values()), dict(self.links), self.id)

    def _require_known(self, names: tuple[str, ...]) -> None:
        """Raise LawError if a link or a shared term names nothing in this law, which would else change nothing."""
        from formulaic import Formula  # slow to import

        if unknown := [name for name, _ in self.links if name not in names]:
            raise LawError(f"law {self.id}: a link names {unknown}, not among the parameters {list(names)}")
        if unknown := [kind for _, kind in self.links if kind != "log_sigmoid"]:
            raise LawError(f"law {self.id}: unknown link {unknown}; the only one is log_sigmoid")
        formulas = filter(None, (self.capacity, self.data)) if self.shared else ()
        terms = [str(term) for formula in formulas for term in Formula(formula)]
        if unknown := [term for term in self.shared if term not in terms]:
            raise LawError(f"law {self.id}: shared names {unknown}, not among the terms {sorted(set(terms))}")

    def with_terms(self, **changes: str) -> Law:
        """Return the law with formula terms added, e.g. ``with_terms(capacity="since(2017):years")``."""
        added = {term: " + ".join(filter(None, (getattr(self, term), extra))) for term, extra in changes.items()}
        return replace(self, **added)


def _columns(law: Law, term: str, variables: pd.DataFrame, calendar: pd.Series) -> dict[str, np.ndarray]:
    """Return the signed columns of one term by parameter name."""
    formula = getattr(law, term)
    if not formula:
        return {}
    from formulaic import Formula, errors  # slow to import

    context = {"since": lambda cutoff: (calendar >= cutoff).astype(float), **TRANSFORMS}
    try:
        checked(formula, variables.columns)  # first of all: what is not of the language is never evaluated
        matrix = Formula(formula).get_model_matrix(variables, context=context, na_action="raise")
        terms = matrix.model_spec.term_indices
    except (errors.FormulaicError, ValueError) as error:
        known = ", ".join(variables.columns)
        reason = str(error).splitlines()[0]
        raise LawError(f"law {law.id}: cannot build the {term} formula '{formula}': {reason} Known: {known}") from error
    columns = {}
    for formula_term, indices in terms.items():
        prefix = "" if str(formula_term) in law.shared else GREEK[term]
        for column in (matrix.columns[index] for index in indices):
            declines = term != "floor" and any(map(_declines, column.split(":")))
            name = parameter_name(prefix, column)
            if name in columns:  # one of the two would vanish
                raise LawError(f"law {law.id}: two terms of '{formula}' share the parameter {name}")
            columns[name] = (-1.0 if declines else 1.0) * matrix[column].to_numpy(float)
    return columns


def _declines(factor: str) -> bool:
    """Return whether more of a factor is expected to lower the loss: a year or a size."""
    return factor == "years" or (factor.startswith("log_") and factor not in UNSIGNED)


def parameter_name(prefix: str, column: str) -> str:
    """Return the paper's name of the coefficient of a design column.

    >>> parameter_name("alpha", "benchmark[T.ptb]"), parameter_name("beta", "years:benchmark[T.wt2]")
    ('alpha_const_ptb', 'beta_year_wt2')
    >>> parameter_name("alpha", "architecture[transformer]:log_parameters")
    'alpha_param_transformer'
    """
    factors = column.split(":")
    levels = [
        re.sub(r"(\w+)\((\w+)\)", r"\1_\2", re.sub(r".*\[(?:T\.)?(.*)\]", r"\1", factor))
        for factor in factors
        if "[" in factor or "(" in factor
    ]
    plain = (factor for factor in factors if "[" not in factor and "(" not in factor)
    quantities = [SHORT_NAMES.get(factor, factor.removeprefix("log_")) for factor in plain]
    return "_".join(filter(None, [prefix, *(quantities or ["const"]), *levels]))


@dataclass(frozen=True)
class Design:
    """Design matrices of a law on some rows: `floor` (rows x parameters, or None) and one matrix an exponential."""

    names: tuple[str, ...]
    floor: np.ndarray | None
    exponents: tuple[np.ndarray, ...]
    links: dict[str, str] = field(default_factory=dict)
    law: str = ""

    def __len__(self) -> int:
        return len(self.exponents[0])

    def __getstate__(self) -> dict[str, object]:
        """Return what is pickled and hashed: the fields, whatever has been looked up since."""
        return {column.name: getattr(self, column.name) for column in fields(self)}

    def take(self, rows: np.ndarray) -> Design:
        """Return the design of a selection of rows."""
        floor = None if self.floor is None else self.floor[rows]
        return replace(self, floor=floor, exponents=tuple(matrix[rows] for matrix in self.exponents))

    @cached_property
    def linked(self) -> np.ndarray:
        """Return the indices of the parameters that enter through ln sigmoid."""
        return np.array([self.names.index(name) for name in self.links], dtype=int)

    def link(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return phi(theta) and its first and second derivatives, element by element, for any leading shape."""
        phi, first, second = theta.copy(), np.ones_like(theta), np.zeros_like(theta)
        if len(self.linked):
            value = theta[..., self.linked]
            sigmoid = expit(value)
            phi[..., self.linked] = -np.logaddexp(0.0, -value)
            first[..., self.linked] = 1.0 - sigmoid
            second[..., self.linked] = -sigmoid * (1.0 - sigmoid)
        return phi, first, second

    def parts(self, theta: np.ndarray) -> tuple[np.ndarray | float, list[np.ndarray]]:
        """Return the floor and the exponential terms, each of shape (..., rows), in nats per token."""
        phi = self.link(np.asarray(theta, float))[0]
        floor = 0.0 if self.floor is None else phi @ self.floor.T
        return floor, [np.exp(phi @ matrix.T) for matrix in self.exponents]

    def predict(self, theta: np.ndarray) -> np.ndarray:
        """Return the predicted loss in nats per token, shape (..., rows)."""
        floor, terms = self.parts(theta)
        return floor + sum(terms)

    def gradient(self, theta: np.ndarray) -> np.ndarray:
        """Return the exact derivative of each prediction by each parameter, shape (rows, parameters)."""
        _, first, _ = self.link(np.asarray(theta, float))
        _, terms = self.parts(theta)
        slope = sum(term[:, None] * matrix for term, matrix in zip(terms, self.exponents, strict=True))
        return (slope if self.floor is None else slope + self.floor) * first

    def unidentified(self, *, seed: int = 0) -> list[str]:
        """Return the parameters that these rows cannot tell apart, by the rank of the gradient at a generic point."""
        theta = np.random.default_rng(seed).normal(0.0, 0.1, len(self.names))
        gradient = self.gradient(theta)
        scale = np.linalg.norm(gradient, axis=0)
        scaled = gradient / np.where(scale > 0, scale, 1.0)
        if len(scaled) > MANY_ROWS:  # whose left factor, which nobody asks for, would be rows by rows
            scaled = np.linalg.qr(scaled, mode="r")
        _, singular, right = np.linalg.svd(scaled, full_matrices=True)
        rank = int((singular > 1e-10 * singular.max(initial=0.0)).sum())
        involved = np.abs(right[rank:]).max(axis=0, initial=0.0) > 1e-6
        return [name for name, flag in zip(self.names, involved, strict=True) if flag]

    def require_identified(self) -> Design:
        """Return the design, or raise LawError that names the parameters the data cannot tell apart."""
        confounded = self.unidentified()
        if confounded:
            raise LawError(f"law {self.law}: {len(self)} rows cannot identify {', '.join(confounded)}")
        return self
