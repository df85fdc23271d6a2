"""Optimisers by name, all of them PyTorch's own, and schedules of the learning rate."""

from collections.abc import Callable

import torch
from torch import nn

from training.algorithms import Algorithm
from training.model import Model

WARM_UP = 0.05  # share of the steps in which the rate rises
BETAS = {"adam": (0.9, 0.98), "adamw": (0.9, 0.95)}  # of Vaswani et al. 2017, and as is usual today
CLIP = 1.0  # norm of gradients
SCHEDULES: dict[str, Callable[[float], float]] = {  # share of the run that is done -> share of the highest rate
    "inverse_sqrt": lambda done: (WARM_UP / done) ** 0.5,
    "linear": lambda done: (1.0 - done) / (1.0 - WARM_UP),
    "constant": lambda done: 1.0,
}


def share(kind: Algorithm, step: int, steps: int) -> float:
    """Return which share of its highest rate a schedule has at a step (from 0) of a run."""
    done = (step + 0.5) / steps
    return min(done / WARM_UP, 1.0) if done < WARM_UP else SCHEDULES[kind.schedule](done)


def optimisers(kind: Algorithm, model: Model, rate: float) -> list[torch.optim.Optimizer]:
    """Return the optimisers of a model, each of its weights in one; only matrices decay."""
    named = [(name, each) for name, each in model.named_parameters()]
    blocks = [each for name, each in named if each.ndim == 2 and name.startswith("body.")]
    others = [each for name, each in named if each.ndim == 2 and not name.startswith("body.")]
    plain = [each for _, each in named if each.ndim != 2]
    if kind.optimiser == "muon":
        muon = torch.optim.Muon(blocks, lr=rate, weight_decay=kind.weight_decay, adjust_lr_fn="match_rms_adamw")
        return [muon, _adam("adamw", others, plain, rate, kind.weight_decay)]
    if kind.optimiser == "sgd":
        return [torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9, weight_decay=kind.weight_decay)]
    return [_adam(kind.optimiser, blocks + others, plain, rate, kind.weight_decay)]


def _adam(
    name: str, decayed: list[nn.Parameter], plain: list[nn.Parameter], rate: float, decay: float
) -> torch.optim.Optimizer:
    groups = [{"params": decayed, "weight_decay": decay}, {"params": plain, "weight_decay": 0.0}]
    made = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[name]
    return made([each for each in groups if each["params"]], lr=rate, betas=BETAS[name], fused=True)
