"""Training FLOP, counted exactly from the architecture, and by PyTorch's counter to check it.

Counted are products of matrices, two FLOP a multiply-add: forward once and backward twice. Attention counts its whole
square, as it is computed; sums and activations count nothing, in the counter neither.
"""

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from training.algorithms import Algorithm, hidden, layers
from training.model import Model, Recurrent

FORWARD_AND_BACKWARD = 3
NEWTON_SCHULZ = 5  # steps of Muon's, each of three products


def per_token(kind: Algorithm, width: int, vocabulary: int, length: int) -> float:
    """Return the FLOP of training on one token of a window of some length, without those of the optimiser."""
    if kind.block == "lstm":
        block = 8 * width**2
    else:
        gate = 3 if kind.activation == "swiglu" else 2
        router = kind.experts * width if kind.experts > 1 else 0
        block = 4 * width**2 + 2 * length * width + gate * width * hidden(kind, width) + router
    return FORWARD_AND_BACKWARD * 2.0 * (layers(kind, width) * block + width * vocabulary)


def matrices(kind: Algorithm, width: int) -> list[tuple[int, int]]:
    """Return the shapes of all matrices of the blocks of a transformer."""
    inner, gate = hidden(kind, width), 1 + (kind.activation == "swiglu")
    experts = [(gate * inner, width), (width, inner)] * kind.experts
    router = [(kind.experts, width)] if kind.experts > 1 else []
    return [(3 * width, width), (width, width), *experts, *router] * layers(kind, width)


def per_step(kind: Algorithm, width: int) -> float:
    """Return the FLOP of the products in one step of the optimiser: none but for Muon's orthogonalisation."""
    if kind.optimiser != "muon":
        return 0.0
    pairs = [(min(shape), max(shape)) for shape in matrices(kind, width)]
    return float(sum(NEWTON_SCHULZ * (4 * few**2 * many + 2 * few**3) for few, many in pairs))


def training(kind: Algorithm, width: int, vocabulary: int, length: int, batch: int, steps: int) -> float:
    """Return the training FLOP of so many steps, each on a batch of so many windows of a length."""
    return steps * (batch * length * per_token(kind, width, vocabulary, length) + per_step(kind, width))


def counted(model: Model, windows: torch.Tensor) -> int:
    """Return the FLOP of one step on windows of tokens (batch x length + 1) by PyTorch's own counter."""
    for part in model.modules():
        if isinstance(part, Recurrent):
            part.unfused = True
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        sum(model.losses(windows)).backward()
    return counter.get_total_flops()
