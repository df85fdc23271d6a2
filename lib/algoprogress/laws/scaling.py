"""Scaling laws with a floor, their compute-optimal frontier, and the compute-equivalent gain of one over another.

Every law here is L = E + (A N^-alpha + B D^-beta)^power: the additive law of Hoffmann et al. 2022 with power one, the
joint law of Kaplan et al. 2020 with beta one and no floor, that of Beck et al. 2026 with a power of its own. Under
C = 6 N D the optimum has a closed form, the same for every power:
N* = G (C/6)^(beta/(alpha+beta)) with G = (alpha A / (beta B))^(1/(alpha+beta)).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import elementwise, minimize_scalar

from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN

WIDEST = 60.0  # in ln compute, how far a search for the compute of a loss looks


@dataclass(frozen=True)
class ScalingLaw:
    """A scaling law, and the range of training compute, in FLOP, in which it was measured.

    `floor` is in nats per token. Constants may be arrays, one element a draw, if they are of one shape.
    """

    name: str
    floor: ArrayLike
    capacity: ArrayLike
    alpha: ArrayLike
    data: ArrayLike
    beta: ArrayLike
    power: float = 1.0
    support_flop: tuple[float, float] = (0.0, np.inf)


def loss(law: ScalingLaw, parameters: ArrayLike, tokens: ArrayLike) -> np.ndarray:
    """Return the loss in nats per token of models of some parameters trained on some tokens."""
    inner = law.capacity * np.asarray(parameters, float) ** -np.asarray(law.alpha)
    inner = inner + law.data * np.asarray(tokens, float) ** -np.asarray(law.beta)
    return law.floor + inner**law.power


def exponent(law: ScalingLaw) -> np.ndarray:
    """Return the exponent of compute along the frontier, L - E ~ C^-exponent.

    >>> law = ScalingLaw("x", 1.7, 400.0, 0.3, 400.0, 0.3)
    >>> float(exponent(law).round(6))
    0.15
    """
    alpha, beta = np.asarray(law.alpha, float), np.asarray(law.beta, float)
    return law.power * alpha * beta / (alpha + beta)


def optimal_allocation(law: ScalingLaw, compute_flop: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the parameters and tokens that minimise the loss at 6 N D = C (Hoffmann et al. 2022, eq. 4)."""
    alpha, beta = np.asarray(law.alpha, float), np.asarray(law.beta, float)
    ratio = (alpha * law.capacity / (beta * np.asarray(law.data))) ** (1.0 / (alpha + beta))
    pairs = np.asarray(compute_flop, float) / FLOP_PER_PARAMETER_TOKEN
    parameters = ratio * pairs ** (beta / (alpha + beta))
    return parameters, pairs / parameters


def searched_allocation(law: ScalingLaw, compute_flop: float) -> tuple[float, float]:
    """Return the same for one law and compute by numerical search, which takes the closed form for nothing."""
    pairs = np.log(compute_flop / FLOP_PER_PARAMETER_TOKEN)

    def above(log_parameters: float) -> float:
        return float(loss(law, np.exp(log_parameters), np.exp(pairs - log_parameters)))

    found = minimize_scalar(above, bounds=(0.0, pairs), method="bounded", options={"xatol": 1e-12})
    return float(np.exp(found.x)), float(np.exp(pairs - found.x))


def optimal_loss(law: ScalingLaw, compute_flop: ArrayLike) -> np.ndarray:
    """Return the lowest loss in nats per token that a training compute can reach."""
    return loss(law, *optimal_allocation(law, compute_flop))


def compute_for_loss(law: ScalingLaw, loss_nats: ArrayLike) -> np.ndarray:
    """Return the least training compute in FLOP that reaches a loss; nan at and below the floor."""
    unit = optimal_loss(law, FLOP_PER_PARAMETER_TOKEN) - law.floor  # of one parameter and one token
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        above = np.asarray(loss_nats, float) - law.floor
        return np.where(above > 0, FLOP_PER_PARAMETER_TOKEN * (unit / above) ** (1.0 / exponent(law)), np.nan)


def gain_at_loss(reference: ScalingLaw, new: ScalingLaw, loss_nats: ArrayLike) -> pd.DataFrame:
    """Return how many times the compute the reference needs for what the new law reaches, at each loss.

    One line a loss. Columns: loss_nats, reference_flop and new_flop (least compute of each), gain, and inside: whether
    both lie within the range in which their law was measured. At or below the larger floor the gain is nan.
    """
    losses = np.atleast_1d(np.asarray(loss_nats, float))
    computes = {name: compute_for_loss(law, losses) for name, law in (("reference", reference), ("new", new))}
    inside = _supported(reference, computes["reference"]) & _supported(new, computes["new"])
    with np.errstate(over="ignore"):
        gain = computes["reference"] / computes["new"]
    return pd.DataFrame(
        {
            "loss_nats": losses,
            "reference_flop": computes["reference"],
            "new_flop": computes["new"],
            "gain": gain,
            "inside": inside & np.isfinite(gain),
        }
    )


def gain_at_compute(
    reference: ScalingLaw, new: ScalingLaw, compute_flop: ArrayLike, *, of: str = "new"
) -> pd.DataFrame:
    """Return the same at the loss that one of the two (`of` is "new" or "reference") reaches with some compute.

    Raises ValueError for another `of`.
    """
    if of not in ("new", "reference"):
        raise ValueError(f"of='{of}': the compute is that of the 'new' or of the 'reference' law")
    return gain_at_loss(reference, new, optimal_loss(new if of == "new" else reference, compute_flop))


def masked(gains: pd.DataFrame) -> pd.Series:
    """Return the gains of `gain_at_loss` with those outside of the support missing."""
    return gains["gain"].where(gains["inside"])


def _supported(law: ScalingLaw, compute_flop: np.ndarray) -> np.ndarray:
    low, high = law.support_flop
    return (compute_flop >= low) & (compute_flop <= high)


def gain_of_optimum(law: ScalingLaw, parameters: ArrayLike, tokens: ArrayLike) -> np.ndarray:
    """Return how many times the compute a model took that the optimal split needs for its loss.

    The gain is at the compute of the worse split: 6 N D over the least compute for L(N, D).
    """
    spent = FLOP_PER_PARAMETER_TOKEN * np.asarray(parameters, float) * np.asarray(tokens, float)
    return spent / compute_for_loss(law, loss(law, parameters, tokens))


def gain_over_allocation(law: ScalingLaw, allocation: ScalingLaw, compute_flop: ArrayLike, *, at: str) -> np.ndarray:
    """Return the gain of a law's optimum over splitting compute as another law has it, by element.

    With `at="worse"` the compute is that of the worse split, and the gain is what of it the optimum saves; with
    `at="better"` it is that of the optimum, and the gain is how much more the worse split needs for the same loss.
    Raises ValueError for another `at`.
    """
    compute = np.asarray(compute_flop, float)
    if at == "worse":
        return gain_of_optimum(law, *optimal_allocation(allocation, compute))
    if at != "better":
        raise ValueError(f"at='{at}': the compute is that of the 'worse' or of the 'better' split")
    constants = np.broadcast_arrays(compute, optimal_loss(law, compute), *_constants(law), *_constants(allocation))

    def excess(log_factor: np.ndarray, flop: np.ndarray, target: np.ndarray, *others: np.ndarray) -> np.ndarray:
        true, split = _renewed(law, others[:5]), _renewed(allocation, others[5:])
        return loss(true, *optimal_allocation(split, flop * np.exp(log_factor))) - target

    ends = (np.zeros_like(constants[0]), np.full_like(constants[0], WIDEST))
    root = elementwise.find_root(excess, ends, args=tuple(constants))
    return np.where(root.success, np.exp(root.x), np.nan)


def _constants(law: ScalingLaw) -> tuple[ArrayLike, ...]:
    return law.floor, law.capacity, law.alpha, law.data, law.beta


def _renewed(law: ScalingLaw, constants: tuple[np.ndarray, ...]) -> ScalingLaw:
    """Return the law with other constants: the search works on ever fewer of the elements."""
    floor, capacity, alpha, data, beta = constants
    return replace(law, floor=floor, capacity=capacity, alpha=alpha, data=data, beta=beta)
