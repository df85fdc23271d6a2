"""The least loss of an algorithm at a budget: sizes around the best, and at each the learning rate tuned."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from training import TrainingError, log, text
from training.algorithms import FAMILIES, WIDTHS, algorithm, algorithms
from training.model import parameters
from training.run import LEAST_STEPS, Run, steps, tokens, trained

SIZES = 4  # of a grid at one budget
TOKENS_PER_PARAMETER = 8.0  # around which sizes are tried; the best lie there at these budgets
STEP = 2.0  # from a learning rate to the next
FIRST_RATE = {"adam": 2.0**-6, "adamw": 2.0**-6, "muon": 2.0**-6, "sgd": 2.0**-2}
MOST_RATES = 6  # tried at one size, after which a minimum at the edge is marked


@dataclass(frozen=True)
class Cell:
    """An algorithm at a budget and a width, to be tuned with one seed, or run at the tuned rate with others."""

    algorithm: str
    budget_flop: float
    width: int
    seeds: tuple[int, ...] = (0,)


Stage = Callable[[pd.DataFrame], list[Cell]]


def widths(name: str, budget_flop: float, count: int = SIZES) -> list[int]:
    """Return so many widths next to each other, in the middle of which tokens a parameter are as usual."""
    kind = algorithm(name)
    ratio = {
        width: tokens(steps(kind, width, budget_flop)) / parameters(kind, width, text.VOCABULARY)
        for width in WIDTHS
        if steps(kind, width, budget_flop) >= LEAST_STEPS
    }
    if not ratio:
        raise TrainingError(f"{budget_flop:.1e} FLOP: too little for any size")
    off = np.log(np.array(list(ratio.values())) / TOKENS_PER_PARAMETER)
    starts = range(max(len(off) - count, 0) + 1)
    first = min(starts, key=lambda start: abs(off[start : start + count].mean()))
    return list(ratio)[first : first + count]


def wanted(losses: dict[float, float], first: float) -> list[float]:
    """Return the learning rates that are to be tried next: the best so far and its two neighbours, if not known.

    >>> wanted({}, 1.0), wanted({0.5: 3.0, 1.0: 2.0, 2.0: 2.5}, 1.0), wanted({0.5: 3.0, 1.0: 2.0, 2.0: 1.5}, 1.0)
    ([1.0, 0.5, 2.0], [], [4.0])
    """
    if len(losses) >= MOST_RATES:
        return []
    best = min(losses, key=losses.__getitem__, default=first)
    return [rate for rate in (best, best / STEP, best * STEP) if rate not in losses]


def tuned(losses: dict[float, float]) -> tuple[float, float, bool]:
    """Return the best rate and its loss by a parabola in ln rate through the best and its neighbours, and if inside.

    At the edge of what was tried they are those of the best run, and the last is False.

    >>> rate, loss, inside = tuned({0.5: 2.0, 1.0: 1.0, 2.0: 2.0})
    >>> round(rate, 6), round(loss, 6), inside
    (1.0, 1.0, True)
    """
    rates = sorted(losses)
    place = rates.index(min(losses, key=losses.__getitem__))
    if not 0 < place < len(rates) - 1:
        return rates[place], losses[rates[place]], False
    near = rates[place - 1 : place + 2]
    bend, tilt, level = np.polyfit(np.log(np.array(near) / near[1]), [losses[rate] for rate in near], 2)
    return near[1] * float(np.exp(-tilt / (2.0 * bend))), float(level - tilt**2 / (4.0 * bend)), True


def known(frame: pd.DataFrame, cell: Cell, seed: int | None = None) -> dict[float, float]:
    """Return the loss at the end of each run of a cell by its rate, of the first of its seeds or a told one."""
    ends = log.ends(frame)
    seed = cell.seeds[0] if seed is None else seed
    chosen = ends[(ends["algorithm"] == cell.algorithm) & np.isclose(ends["budget_flop"], cell.budget_flop)]
    chosen = chosen[(chosen["width"] == cell.width) & (chosen["seed"] == seed)]
    return dict(zip(chosen["rate"], chosen["loss_nats"], strict=True))


def first_rate(frame: pd.DataFrame, cell: Cell) -> float:
    """Return where tuning starts: at the best rate of the nearest cell of the same algorithm, or of its base."""
    ends, kind = log.ends(frame), algorithm(cell.algorithm)
    for name in filter(None, (cell.algorithm, kind.base if kind.innovation != "optimiser" else "")):
        of = ends[ends["algorithm"] == name]
        if len(of):
            apart = abs(np.log(of["width"] / cell.width)) + 0.5 * abs(np.log(of["budget_flop"] / cell.budget_flop))
            near = of[np.isclose(apart, apart.min())]
            return float(near.loc[near["loss_nats"].idxmin(), "rate"])
    return FIRST_RATE[kind.optimiser]


def missing(frame: pd.DataFrame, cell: Cell) -> list[Run]:
    """Return the runs that a cell still needs, as far as can be told now; none if it is done."""
    losses = known(frame, cell)
    if asked := wanted(losses, first_rate(frame, cell)):
        return [Run(cell.algorithm, cell.budget_flop, cell.width, rate, cell.seeds[0]) for rate in asked]
    best = min(losses, key=losses.__getitem__)
    others = [seed for seed in cell.seeds[1:] if best not in known(frame, cell, seed)]
    return [Run(cell.algorithm, cell.budget_flop, cell.width, best, seed) for seed in others]


def best_width(frame: pd.DataFrame, name: str, budget_flop: float) -> int | None:
    """Return the width of the least loss of an algorithm at a budget; None if there is none."""
    ends = log.ends(frame)
    chosen = ends[(ends["algorithm"] == name) & np.isclose(ends["budget_flop"], budget_flop)]
    return int(chosen.loc[chosen["loss_nats"].idxmin(), "width"]) if len(chosen) else None


def of_sizes(frame: pd.DataFrame, name: str, budget_flop: float, seeds: Sequence[int] = (0,)) -> list[Cell]:
    """Return the cells of an algorithm at a budget: sizes, more past the edge where the best lies, then more seeds."""
    sizes = widths(name, budget_flop)
    while True:
        cells, best = [Cell(name, budget_flop, width) for width in sizes], best_width(frame, name, budget_flop)
        if best is None or any(missing(frame, cell) for cell in cells):
            return cells
        first, last = WIDTHS.index(sizes[0]), WIDTHS.index(sizes[-1])
        smaller, larger = WIDTHS[:first][-1:], WIDTHS[last + 1 :][:1]  # the next, if there is one
        if best == sizes[0] and smaller:
            sizes = [*smaller, *sizes]
        elif best == sizes[-1] and any(steps(algorithm(name), each, budget_flop) >= LEAST_STEPS for each in larger):
            sizes = [*sizes, *larger]
        else:
            return [*cells, Cell(name, budget_flop, best, tuple(seeds))]


def grid(budgets: Sequence[float], names: Sequence[str] = FAMILIES, seeds: Sequence[int] = (0,)) -> Stage:
    """Return a stage: cells of some algorithms at some budgets, budget by budget."""
    return lambda frame: [each for flop in budgets for name in names for each in of_sizes(frame, name, flop, seeds)]


def at_best(budgets: Sequence[float], base: str, names: Sequence[str], seeds: Sequence[int] = (0,)) -> Stage:
    """Return a stage: algorithms that differ from a base in one thing, at the width that is best for the base."""

    def cells(frame: pd.DataFrame) -> list[Cell]:
        found = [(flop, best_width(frame, base, flop)) for flop in budgets]
        return [Cell(name, flop, best, tuple(seeds)) for flop, best in found if best for name in names]

    return cells


CHANGES = [name for name, each in algorithms().items() if each.innovation and each.base == FAMILIES[-1]]
RECIPES = [name for name, each in algorithms().items() if each.innovation == "recipe"]
GRIDS: dict[str, list[Stage]] = {  # each stage that is done leaves a balanced design
    "small": [grid((1e10, 3e10, 1e11))],
    "full": [
        grid((1e11, 3e10), seeds=(0, 1)),
        grid((6e10,)),
        at_best((1e11,), FAMILIES[-1], CHANGES),
        grid((3e11,), seeds=(0, 1)),
        grid((6e10, 1e11, 3e10), seeds=(0, 1, 2)),
        grid((1e11,), RECIPES),
        at_best((6e10,), FAMILIES[-1], CHANGES),
        at_best((3e11,), FAMILIES[-1], CHANGES),
        grid((6e10,), FAMILIES[-1:], range(5)),
        at_best((6e10,), FAMILIES[-1], CHANGES, range(5)),
        grid((1e12,), seeds=(0, 1)),
        grid((3e11, 1e12), RECIPES),
        at_best((1e12,), FAMILIES[-1], CHANGES),
        grid((3e12,), seeds=(0, 1)),
        at_best((3e12,), FAMILIES[-1], CHANGES),
        grid((1e13,), seeds=(0, 1)),
        grid((3e13,), seeds=(0, 1)),
    ],
}


def searched(stages: Sequence[Stage], path: Path, on: text.Text, *, workers: int = 1) -> pd.DataFrame:
    """Train what stages need and a file of runs lacks, write each run there as it ends, and return the whole file.

    Each of the `workers` is a process of one thread, so that a run's loss does not hang on how many there are. Progress
    and the speed in FLOP a second go to the screen. Raises TrainingError and OSError, say for a full disk.
    """
    started, spent, frame = time.perf_counter(), 0.0, log.read(path)
    if len(frame) and set(frame["text"]) != {on.sha256[:12]}:
        raise TrainingError(f"{path}: holds runs on another text than {on.name}; tell another file")
    pool, running = pool_of(workers), {}
    for place, stage in enumerate(stages, 1):
        while True:
            cells = stage(frame)
            todo = [run for cell in cells for run in missing(frame, cell) if run not in running.values()]
            for run in todo[: workers - len(running)]:
                running[pool.submit(trained, run, on)] = run
            if not running:
                break
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                run, rows = running.pop(done), done.result()
                log.append(path, rows)
                frame, spent = log.read(path), spent + rows[-1]["training_compute_flop"]
                speed = spent / (time.perf_counter() - started)
                left = sum(each.budget_flop for cell in stage(frame) for each in missing(frame, cell)) / speed
                head = f"stage {place} of {len(stages)}, {len(log.ends(frame))} runs, {speed / 1e9:.1f} GFLOP/s"
                words = f"{head}, {left / 60:.0f} min or more left of the stage"
                print(f"{words}: {run.algorithm} {run.name} {rows[-1]['loss_nats']:.4f} nats", flush=True)
    return frame


def pool_of(workers: int) -> Executor:
    """Return a pool of so many processes of one thread each, or of this process alone.

    None waits for its runs when it is left, so that who ends a search ends the runs in work.
    """
    if workers > 1:
        from joblib.externals.loky import get_reusable_executor

        return get_reusable_executor(max_workers=workers, initializer=alone)
    alone()
    return Here()


class Here(Executor):
    """Does at once, in this process, what it is given."""

    def submit(self, call: Callable, /, *args: object) -> Future:
        """Return the future of a call that has ended; what the call raises is raised here."""
        found: Future = Future()
        found.set_result(call(*args))
        return found


def alone() -> None:
    """Give a process of ours one thread."""
    torch.set_num_threads(1)


def best_rates(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the runs at their budget, of each algorithm, budget, width and seed the one at the best rate."""
    ends = log.ends(frame)
    cells = ends.groupby(["algorithm", "budget_flop", "width", "seed"], sort=False)
    return ends.loc[cells["loss_nats"].idxmin()].rename(columns={"budget_flop": "budget"})


def told(frame: pd.DataFrame) -> str:
    """Return the least loss by algorithm and budget, its width, tuned rate and if that lies inside, to read."""
    ends, lines = log.ends(frame), []
    for (name, flop), part in ends.groupby(["algorithm", "budget_flop"], sort=False):
        best = part.loc[part["loss_nats"].idxmin()]
        rate, loss, inside = tuned(known(frame, Cell(name, flop, int(best["width"]), (int(best["seed"]),))))
        edge = "" if inside else ", the highest or lowest rate that was tried"
        lines.append(f"{name} at {flop:.0e} FLOP: {loss:.4f} nats at width {best['width']}, rate {rate:.2g}{edge}")
    return "\n".join(lines)
