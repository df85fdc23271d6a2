"""What a scaling law reaches under the split of compute of another law, and the gain of its own optimum over that."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import elementwise

from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.laws.scaling import ScalingLaw

WIDEST = 60.0  # in ln compute, how far a search for the compute of a loss looks


@dataclass(frozen=True)
class SplitLaw:
    """What a scaling law reaches if compute is split as another law has it, worse than its own optimum: a frontier."""

    law: ScalingLaw
    split_by: ScalingLaw
    draws: object = None

    @property
    def support_flop(self) -> tuple[float, float]:
        """Return the range of training compute, in FLOP, in which the law was measured."""
        return self.law.support_flop

    def loss(self, compute_flop: ArrayLike) -> np.ndarray:
        """Return the loss in nats per token at a training compute."""
        return self.law.loss_of(*self.split_by.split(compute_flop))

    def compute(self, loss_nats: ArrayLike) -> np.ndarray:
        """Return the training compute in FLOP that reaches a loss, by search from the law's optimum on; nan if none."""
        least = self.law.compute(loss_nats)
        constants = np.broadcast_arrays(least, loss_nats, *_constants(self.law), *_constants(self.split_by))

        def excess(log_factor: np.ndarray, flop: np.ndarray, target: np.ndarray, *others: np.ndarray) -> np.ndarray:
            true, split = _renewed(self.law, others[:5]), _renewed(self.split_by, others[5:])
            return SplitLaw(true, split).loss(flop * np.exp(log_factor)) - target

        ends = (np.zeros_like(constants[0]), np.full_like(constants[0], WIDEST))
        root = elementwise.find_root(excess, ends, args=tuple(constants))
        return np.where(root.success, least * np.exp(root.x), np.nan)


def _constants(law: ScalingLaw) -> tuple[ArrayLike, ...]:
    return law.floor, law.capacity, law.alpha, law.data, law.beta


def _renewed(law: ScalingLaw, constants: tuple[np.ndarray, ...]) -> ScalingLaw:
    """Return the law with other constants: the search works on ever fewer of the elements."""
    floor, capacity, alpha, data, beta = constants
    return replace(law, floor=floor, capacity=capacity, alpha=alpha, data=data, beta=beta)


def gain_of_optimum(law: ScalingLaw, parameters: ArrayLike, tokens: ArrayLike) -> np.ndarray:
    """Return how many times the compute a model took that the optimal split needs for its loss.

    The gain is at the compute of the worse split: 6 N D over the least compute for L(N, D).
    """
    spent = FLOP_PER_PARAMETER_TOKEN * np.asarray(parameters, float) * np.asarray(tokens, float)
    return spent / law.compute(law.loss_of(parameters, tokens))


def gain_over_split(law: ScalingLaw, split_by: ScalingLaw, compute_flop: ArrayLike, *, at: str) -> np.ndarray:
    """Return the gain of a law's optimum over splitting compute as another law has it, by element.

    With `at="worse"` the compute is that of the worse split, and the gain is what of it the optimum saves; with
    `at="better"` it is that of the optimum, and the gain is how much more the worse split needs for the same loss.
    Raises ValueError for another `at`.
    """
    if at == "worse":
        return gain_of_optimum(law, *split_by.split(compute_flop))
    if at != "better":
        raise ValueError(f"at='{at}': the compute is that of the 'worse' or of the 'better' split")
    return SplitLaw(law, split_by).compute(law.loss(compute_flop)) / np.asarray(compute_flop, float)
