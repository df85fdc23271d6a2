"""Training runs as other tools export them: columns by names in common use, and tables with a column a run."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from algoprogress.data.check import number
from algoprogress.data.reader import Brought, column

LOSSES = ("loss", "eval/loss", "val/loss", "validation/loss", "eval_loss", "val_loss", "validation_loss", "train/loss")
LOSSES = (*LOSSES, "train_loss", "eval/paloma/macro_loss")
FLOP, LOSS = "training_compute_flop", "loss"
KNOWN = {  # what it is to us: names in common use, the first that a file has counts
    LOSS: LOSSES,
    "run": ("name", "run_name", "run_id", "_run"),
    "step": ("_step", "trainer/global_step", "global_step", "train/step", "iteration"),
    "tokens": ("total_tokens", "tokens_seen", "train/tokens", "throughput/total_tokens", "num_tokens"),
    "parameters": ("parameter_count", "num_parameters", "n_params", "params", "n_params_total"),
    "seconds": ("_runtime",),
    FLOP: ("total_flops", "train/total_flops", "train/flops", "flops", "flop", "compute_flop"),
    "gflops": ("throughput/total_gflops", "total_gflops"),
}
WIDE = re.compile(r"(.+) - (.+?)")  # a run's name, and what of it the column holds
BANDS = ("__MIN", "__MAX")  # of a column of a run over what was averaged
SIZE = re.compile(r"(?<![a-z0-9.])(\d+(?:[._]\d+)?)([mb])(?![a-z0-9])", re.IGNORECASE)
SIZES = {"m": 1e6, "b": 1e9}


def known(brought: Brought) -> bool:
    """Return whether a table seems to be an export of training runs."""
    return is_wide(brought) or any(name in brought.frame for name in LOSSES)


def is_wide(brought: Brought) -> bool:
    """Return whether each run has columns of its own, such as `baseline-130m - train/loss`."""
    header = [WIDE.fullmatch(name) for name in brought.header]
    return any(found and column(found[2]) in LOSSES for found in header)


def tall(brought: Brought) -> Brought:
    """Return a table with a column a run as one with a line a run and step; a table that is tall as it is."""
    if not is_wide(brought):
        return brought
    frame, names = brought.frame, dict(zip(brought.header, brought.frame, strict=True))
    shared = [name for header, name in names.items() if not WIDE.fullmatch(header)]
    runs: dict[str, dict[str, pd.Series]] = {}
    for header, name in names.items():
        if (found := WIDE.fullmatch(header)) and not header.endswith(BANDS):
            runs.setdefault(" ".join(found[1].split()), {})[column(found[2])] = frame[name]
    parts = [frame[shared].assign(**told).assign(run=run) for run, told in runs.items()]
    note = f"{len(runs)} runs with a column each are taken apart"
    found = pd.concat(parts).reset_index(drop=True).fillna("")
    return replace(brought, frame=found, header=tuple(found), notes=(*brought.notes, note))


def named(brought: Brought, loss: str, algorithms: Sequence[str] = (), tokens_per_step: float | None = None) -> Brought:
    """Return an export under our names, with `loss` for the loss; a table in which nothing has another name as it is.

    A run belongs to the one of `algorithms` with which its name begins, or else to the first word of its name. Lines
    without a loss, or at step or token zero, are passed over. Tokens are steps times `tokens_per_step` where told.
    """
    brought = tall(brought)
    frame, notes, ours = brought.frame, list(brought.notes), {LOSS: loss}
    for name, theirs in KNOWN.items():
        first = next((each for each in theirs if each in frame), None)
        if ours.get(name, name) not in frame and first:
            frame = frame.rename(columns={first: ours.get(name, name)})
            notes.append(f"column {first} is read as {ours.get(name, name)}")
    if len(notes) == len(brought.notes) and not is_wide(brought):
        return brought
    notes = [note for note in notes if not note.startswith("the columns are taken for ")]  # of which there are many
    if "gflops" in frame and FLOP not in frame:
        frame = frame.assign(**{FLOP: _times(frame["gflops"], 1e9)})
    if "step" in frame and tokens_per_step and not {"tokens", FLOP} & set(frame):
        frame = frame.assign(tokens=_times(frame["step"], tokens_per_step))
        notes.append(f"tokens are steps times {tokens_per_step:g}")
    if "algorithm" not in frame and "run" in frame:
        frame = frame.assign(algorithm=frame["run"].map(lambda run: _algorithm(run, algorithms)))
        if (lost := frame["algorithm"] == "").any():
            notes.append(
                f"{frame.loc[lost, 'run'].nunique()} runs begin with none of {', '.join(algorithms)}: left out"
            )
        frame = frame[~lost]
        notes.append(f"algorithms are {'as told' if algorithms else 'the first words of runs'}: "
                     f"{', '.join(frame['algorithm'].unique())}")  # fmt: skip
    if not {"parameters", FLOP} & set(frame) and "tokens" in frame and "run" in frame:
        sizes = {run: _size(run) for run in frame["run"].unique()}
        frame = frame.assign(parameters=frame["run"].map(sizes))
        told = ", ".join(f"{run} {size}" for run, size in list(sizes.items())[:3] if size)
        notes.append(f"parameters are read from the names of runs: {told}{', …' if len(sizes) > 3 else ''}")
    start = [frame[name].map(number) == 0.0 for name in ("step", "tokens", FLOP) if name in frame]
    none = frame[loss] == "" if loss in frame else pd.Series(False, frame.index)
    empty = np.logical_or.reduce([none, *start])
    if empty.any():
        notes.append(f"{int(empty.sum())} lines without a loss or at step zero passed over")
    return replace(brought, frame=frame[~empty], header=tuple(frame), notes=tuple(notes))


def _algorithm(run: str, told: Sequence[str]) -> str:
    """Return the longest of the names that a run begins with; the first word of the run's own if none are told."""
    if not told:
        return re.split(r"[-_/ .:]", run)[0]
    return max((name for name in told if run.startswith(name)), key=len, default="")


def _size(run: str) -> str:
    """Return the number of parameters that a run's name tells, as 130m or 1.2B; blank if it tells none, or several."""
    found = {(digits.replace("_", "."), unit.lower()) for digits, unit in SIZE.findall(run)}
    return f"{float(min(found)[0]) * SIZES[min(found)[1]]:.12g}" if len(found) == 1 else ""


def _times(cells: pd.Series, factor: float) -> pd.Series:
    """Return numbers as text, times a factor; what is no number stays, to be refused by name."""
    numbers = cells.map(number)
    return cells.where(numbers.isna(), (numbers.astype(float) * factor).map("{:.12g}".format))
