"""The language of formulas: arithmetic over stated variables, read here and refused here before anything evaluates it.

    formula   = part, { ("+" | "-"), part }
    part      = power, { (":" | "*"), power }
    power     = atom, [ "**2" ]
    atom      = variable | "0" | "1" | "(" formula ")" | "since(" year ")" | transform "(" variable ")"

These are Wilkinson & Rogers' (1973) operators: `a:b` multiplies, `a*b` is `a + b + a:b`, `(a + b)**2` adds all pairs.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

TRANSFORMS: MappingProxyType[str, Callable] = MappingProxyType(
    {"square": np.square, "sqrt": np.sqrt, "exp": np.exp, "log1p": np.log1p}
)
LONGEST = 400  # characters
MOST_TERMS = 60  # after multiplying out, far more than any rows can tell apart
DEEPEST = 8  # brackets within brackets
FIRST_YEAR, LAST_YEAR = 1900, 2100
TOKEN = re.compile(r"\s*(?:(\w+)|(\*\*|[-+:*()]))", re.ASCII)


class FormulaError(ValueError):
    """A formula that is not of the language; the message says what is wrong, and where."""


def checked(formula: str, variables: Collection[str]) -> int:
    """Return how many terms a formula has when multiplied out; nothing of it is evaluated.

    Raises FormulaError for anything but the language above over these variables, and for a formula too long or with
    too many terms.

    >>> checked("benchmark*(years + log_parameters)", {"benchmark", "years", "log_parameters"})
    5
    >>> checked("years.to_csv('x')", {"years"})
    Traceback (most recent call last):
    ...
    algoprogress.laws.formula.FormulaError: '.' at character 6 is not of the language of formulas.
    """
    if len(formula) > LONGEST:
        raise FormulaError(f"{len(formula)} characters are more than the {LONGEST} allowed.")
    reader = _Reader(_tokens(formula), variables)
    terms = reader.formula(0)
    if reader.rest:
        raise FormulaError(f"{reader.rest[0]!r} is not expected there.")
    return terms


def _tokens(formula: str) -> list[str]:
    found, place = [], 0
    text = formula.rstrip()
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            place += len(text[place:]) - len(text[place:].lstrip())
            raise FormulaError(f"{text[place]!r} at character {place + 1} is not of the language of formulas.")
        found.append(match[1] or match[2])
        place = match.end()
    return found


@dataclass
class _Reader:
    """Reads tokens from the left; every method returns the number of terms of what it read."""

    rest: list[str]
    variables: Collection[str]

    def formula(self, depth: int) -> int:
        if depth > DEEPEST:
            raise FormulaError(f"brackets lie more than {DEEPEST} deep.")
        if self._next() == "-":  # as in -1 + x
            self.rest.pop(0)
        terms = self.part(depth)
        while self._next() in ("+", "-"):
            self.rest.pop(0)
            terms = self._bounded(terms + self.part(depth))
        return terms

    def part(self, depth: int) -> int:
        terms = self.power(depth)
        while (sign := self._next()) in (":", "*"):
            self.rest.pop(0)
            other = self.power(depth)
            terms = self._bounded(terms * other + (terms + other if sign == "*" else 0))
        return terms

    def power(self, depth: int) -> int:
        terms = self.atom(depth)
        if self._next() == "**":
            self.rest.pop(0)
            if self._next() != "2":
                raise FormulaError(f"the only power is **2, not **{self._next()}.")
            self.rest.pop(0)
            terms = self._bounded(terms * (terms + 1) // 2)
        return terms

    def atom(self, depth: int) -> int:
        token = self._next()
        if token == "":
            raise FormulaError("it ends where a variable is expected.")
        self.rest.pop(0)
        if token == "(":
            terms = self.formula(depth + 1)
            self._expect(")")
            return terms
        if self._next() == "(":
            self._argument(token)
        elif token not in ("0", "1") and token not in self.variables:
            raise FormulaError(f"{token!r} is no variable.")
        return 1

    def _argument(self, function: str) -> None:
        self._expect("(")
        argument = self._next()
        if function == "since":
            if not (argument.isdigit() and FIRST_YEAR <= int(argument) <= LAST_YEAR):
                raise FormulaError(f"since() takes a year from {FIRST_YEAR} to {LAST_YEAR}, not {argument!r}.")
        elif function not in TRANSFORMS:
            raise FormulaError(f"{function!r} is none of the functions since, {', '.join(TRANSFORMS)}.")
        elif argument not in self.variables:
            raise FormulaError(f"{function}() takes a variable, not {argument!r}.")
        self.rest.pop(0)
        self._expect(")")

    def _expect(self, sign: str) -> None:
        if self._next() != sign:
            raise FormulaError(f"{sign!r} is missing" + (f" before {self._next()!r}." if self.rest else " at the end."))
        self.rest.pop(0)

    def _next(self) -> str:
        return self.rest[0] if self.rest else ""

    @staticmethod
    def _bounded(terms: int) -> int:
        if terms > MOST_TERMS:
            raise FormulaError(f"it multiplies out to more than {MOST_TERMS} terms.")
        return terms
