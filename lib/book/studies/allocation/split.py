"""What a scaling law reaches under the split of compute of another law, and the gain of its own optimum over that."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import elementwise

from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.laws.scaling import ScalingLaw

CONSTANTS = ("floor", "capacity", "alpha", "data", "beta")  # of a law with power one
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
        least, laws = self.law.compute(loss_nats), (self.law, self.split_by)
        constants = [getattr(law, name) for law in laws for name in CONSTANTS]

        def excess(log_factor: np.ndarray, flop: np.ndarray, target: np.ndarray, *left: np.ndarray) -> np.ndarray:
            """Return by how much the loss is too high; the search works on ever fewer of the elements."""
            parts = zip(laws, (left[:5], left[5:]), strict=True)
            true, split = (replace(law, **dict(zip(CONSTANTS, part, strict=True))) for law, part in parts)
            return SplitLaw(true, split).loss(flop * np.exp(log_factor)) - target

        root = elementwise.find_root(excess, (0.0, WIDEST), args=(least, loss_nats, *constants))
        return np.where(root.success, least * np.exp(root.x), np.nan)


def gain_of_optimum(law: ScalingLaw, parameters: ArrayLike, tokens: ArrayLike) -> np.ndarray:
    """Return the gain at the compute of a model, the worse split: 6 N D over the least compute for its loss L(N, D)."""
    spent = FLOP_PER_PARAMETER_TOKEN * np.asarray(parameters, float) * np.asarray(tokens, float)
    return spent / law.compute(law.loss_of(parameters, tokens))


def gain_over_split(law: ScalingLaw, split_by: ScalingLaw, compute_flop: ArrayLike, *, at: str) -> np.ndarray:
    """Return the gain of a law's optimum over splitting compute as another law has it, by element.

    The compute is that of one split: `at` the "worse", of which the optimum saves a part, or the "better", of which the
    worse needs more for the same loss. Raises ValueError for another `at`.
    """
    if at == "worse":
        return gain_of_optimum(law, *split_by.split(compute_flop))
    if at != "better":
        raise ValueError(f"at='{at}': the compute is that of the 'worse' or of the 'better' split")
    return SplitLaw(law, split_by).compute(law.loss(compute_flop)) / np.asarray(compute_flop, float)
