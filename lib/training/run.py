"""One training run: an algorithm at a width, to a budget, at a learning rate, from a seed."""

import time
from dataclasses import asdict, dataclass

import numpy as np
import torch

from algoprogress import __version__
from training import TrainingError, flop, text
from training.algorithms import Algorithm, algorithm, layers
from training.model import Model, parameters
from training.optimise import CLIP, optimisers, share

LENGTH = 128  # tokens of a window
BATCH = 4  # windows of a step: few, as these budgets are short of steps
LEAST_STEPS = 20
JUDGED = 256  # windows of validation, evenly spread over its books, the same for every run
CHECKPOINTS = (0.5, 1.0)  # shares of a run after which the loss is measured


@dataclass(frozen=True)
class Run:
    """What decides a run, and with it its loss on one machine."""

    algorithm: str
    budget_flop: float
    width: int
    rate: float
    seed: int = 0

    @property
    def name(self) -> str:
        """Return the run's name, which tells it from the others of its algorithm."""
        return f"{self.budget_flop:.3g}-w{self.width}-r{self.rate:.5g}-s{self.seed}"


def steps(kind: Algorithm, width: int, budget_flop: float, vocabulary: int = text.VOCABULARY) -> int:
    """Return how many steps a budget is worth."""
    return round(budget_flop / flop.training(kind, width, vocabulary, LENGTH, BATCH, 1))


def tokens(count: int) -> int:
    """Return on how many tokens so many steps train."""
    return count * BATCH * LENGTH


def trained(run: Run, on: text.Text) -> list[dict[str, object]]:
    """Return the checkpoints of a run, one a row, in the schema of runs; the last is at its budget.

    The loss is in nats per token of `JUDGED` windows of the validation split. A run whose loss is no number any more
    ends as diverged, with the loss of a uniform guess. Raises TrainingError if the budget is too small for the model
    or the text too short for one pass.
    """
    kind = algorithm(run.algorithm)
    count = steps(kind, run.width, run.budget_flop)
    if count < LEAST_STEPS:
        words = f"{count} steps at width {run.width}; {LEAST_STEPS} are needed"
        raise TrainingError(f"{run.budget_flop:.1e} FLOP are {words}")
    windows, judged = on.windows("train", LENGTH), on.windows("validation", LENGTH)
    if (needed := count * BATCH) > len(windows):
        words = f"{tokens(count):,} tokens, and {on.name} has {len(windows) * LENGTH:,} to train on"
        raise TrainingError(f"{run.budget_flop:.1e} FLOP at width {run.width} need {words}: too short a text")
    if not len(judged):
        raise TrainingError(f"{on.name} has {len(on.tokens['validation'])} tokens of validation; {LENGTH} are needed")
    judged = _tensor(judged[np.linspace(0, len(judged) - 1, min(JUDGED, len(judged))).astype(int)])
    order = np.random.default_rng(run.seed).permutation(len(windows))[:needed].reshape(count, BATCH)
    torch.manual_seed(run.seed)
    model = Model(kind, run.width, text.VOCABULARY)
    moved, rows, spent = optimisers(kind, model, run.rate), [], 0.0
    ends = {max(1, round(count * part)) for part in CHECKPOINTS}
    for step, chosen in enumerate(order):
        start = time.perf_counter()
        for each in moved:
            for group in each.param_groups:
                group["lr"] = run.rate * share(kind, step, count)
        loss, beside = model.losses(_tensor(windows[chosen]))
        (loss + beside).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        for each in moved:
            each.step()
            each.zero_grad()
        spent += time.perf_counter() - start
        diverged = not np.isfinite(loss.item())
        if step + 1 in ends or diverged:
            found = np.log(text.VOCABULARY) if diverged else validated(model, judged)
            rows.append(_row(run, kind, on, count if diverged else step + 1, count, float(found), spent, diverged))
        if diverged:
            break
    return rows


def validated(model: Model, windows: torch.Tensor) -> float:
    """Return the mean loss in nats per token of windows, without dropout."""
    model.eval()
    with torch.no_grad():
        found = float(np.mean([model.losses(part)[0].item() for part in windows.split(32)]))
    model.train()
    return found if np.isfinite(found) else float(np.log(text.VOCABULARY))


def _tensor(windows: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(windows.astype(np.int64))


def _row(
    run: Run, kind: Algorithm, on: text.Text, step: int, count: int, loss: float, seconds: float, diverged: bool
) -> dict[str, object]:
    size, seen = parameters(kind, run.width, text.VOCABULARY), tokens(step)
    spent = flop.training(kind, run.width, text.VOCABULARY, LENGTH, BATCH, step)
    told = asdict(run) | {"run": run.name, "layers": layers(kind, run.width), "parameters": size, "tokens": seen}
    return told | {
        "batch_tokens": tokens(1),
        "training_compute_flop": spent,
        "six_nd_flop": 6.0 * size * seen,
        "loss_nats": round(loss, 6),
        "bits_per_byte": round(float(on.bits_per_byte(loss)), 6),
        "done": step / count,
        "diverged": int(diverged),
        "seconds": round(seconds, 3),
        "flop_per_second": float(f"{spent / seconds:.4g}"),
        "threads": torch.get_num_threads(),
        "text": on.sha256[:12],
        "torch": torch.__version__,
        "version": __version__,
    }
