"""Scaling laws with a floor, in parameters and tokens, and their compute-optimal frontier.

Every law is L = E + (A N^-alpha + B D^-beta)^power: with power one that of Hoffmann et al. 2022, with beta one and no
floor that of Kaplan et al. 2020, with its own power that of Beck et al. 2026. Under C = 6 N D the optimum is, for each,
N* = G (C/6)^(beta/(alpha+beta)) with G = (alpha A / (beta B))^(1/(alpha+beta)).
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from algoprogress.data import tables
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN


@dataclass(frozen=True)
class ScalingLaw:
    """A scaling law and the training compute in FLOP where it was measured: a frontier; `floor` in nats per token.

    Constants may be arrays of one shape, one element a draw; `draws` tells how to get them (`gain.Resampling`).
    """

    name: str
    floor: ArrayLike
    capacity: ArrayLike
    alpha: ArrayLike
    data: ArrayLike
    beta: ArrayLike
    power: float = 1.0
    support_flop: tuple[float, float] = (0.0, np.inf)
    draws: object = None

    def loss_of(self, parameters: ArrayLike, tokens: ArrayLike) -> np.ndarray:
        """Return the loss in nats per token of models of some parameters trained on some tokens."""
        inner = self.capacity * np.asarray(parameters, float) ** -np.asarray(self.alpha)
        inner = inner + self.data * np.asarray(tokens, float) ** -np.asarray(self.beta)
        return self.floor + inner**self.power

    def split(self, compute_flop: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return the parameters and tokens that minimise the loss at 6 N D = C (Hoffmann et al. 2022, eq. 4)."""
        alpha, beta = np.asarray(self.alpha, float), np.asarray(self.beta, float)
        ratio = (alpha * self.capacity / (beta * np.asarray(self.data))) ** (1.0 / (alpha + beta))
        pairs = np.asarray(compute_flop, float) / FLOP_PER_PARAMETER_TOKEN
        parameters = ratio * pairs ** (beta / (alpha + beta))
        return parameters, pairs / parameters

    @property
    def exponent(self) -> np.ndarray:
        """Return the exponent of compute along the frontier, L - E ~ C^-exponent.

        >>> float(ScalingLaw("x", 1.7, 400.0, 0.3, 400.0, 0.3).exponent.round(6))
        0.15
        """
        alpha, beta = np.asarray(self.alpha, float), np.asarray(self.beta, float)
        return self.power * alpha * beta / (alpha + beta)

    def loss(self, compute_flop: ArrayLike) -> np.ndarray:
        """Return the lowest loss in nats per token that a training compute can reach."""
        return self.loss_of(*self.split(compute_flop))

    def compute(self, loss_nats: ArrayLike) -> np.ndarray:
        """Return the least training compute in FLOP that reaches a loss; nan at and below the floor."""
        unit = self.loss(FLOP_PER_PARAMETER_TOKEN) - self.floor  # of one parameter and one token
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            above = np.asarray(loss_nats, float) - self.floor
            return np.where(above > 0, FLOP_PER_PARAMETER_TOKEN * (unit / above) ** (1.0 / self.exponent), np.nan)


@functools.cache
def constants(law: str) -> dict[str, float]:
    """Return the constants of a law of `data/law_constants.csv` by name; raise KeyError for an unknown law."""
    return tables.read("law_constants").set_index(["law", "constant"])["value"][law].to_dict()


def published() -> dict[str, ScalingLaw]:
    """Return the scaling laws of other papers by id, with their constants as printed (`data/scaling_laws.csv`)."""
    constants = ["paper", "floor_nats", "capacity", "alpha", "data", "beta", "power"]
    frame = tables.read("scaling_laws").set_index("id")
    supports = zip(frame["support_low_flop"], frame["support_high_flop"], strict=True)
    rows = zip(frame.index, frame[constants].itertuples(index=False), supports, strict=True)
    return {id: ScalingLaw(*row, support) for id, row, support in rows}
