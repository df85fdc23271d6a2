"""Reads a file of anyone's training runs, and says what it holds and what to doubt in it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from algoprogress.data import exports, reader
from algoprogress.data.check import number
from algoprogress.data.describe import Failure, refuse
from algoprogress.frontiers.runs import ESTIMATORS, RunsError, checked, end_points

NAMES = ("algorithm", "run")
WELCOME = ("parameters", "budget")  # numbers that a file may have, the second in FLOP
FLOP, FLOP_OF_FILE = "training_compute_flop", "file_flop"  # the other where another column counts as compute
VOCABULARY = 300_000  # tokens, more than most
UNIFORM = float(np.log(VOCABULARY))  # nats
LEAST_TEXT = 1.5  # nats a token, below which the best models have not come on broad text
RISEN = 1.05  # a run that ends so many times above its lowest loss
FEW_RUNS = 4
CROWD, UNEVEN = 40, 5  # runs, and times those of the other algorithm, past which luck tells on who is best
CURRENCY = re.compile(r"(.*_)?(flops?|hours|seconds)")  # names of columns that count compute in another way
OTHERWISE = 1.1  # FLOP a parameter and token, or FLOP by another count, of one side over the other's at like size


def read(path: Path | str, *, compute: str = FLOP, bits: bool = False, **how: object) -> pd.DataFrame:
    """Return the runs of a file: algorithm, run, training_compute_flop, loss_nats, and its other columns.

    `compute` names the column that counts as compute (say, hours of wall-clock time, which then must be above zero
    only); `bits` reads loss_bits, in bits per token, instead of loss_nats; `how` are the other options of `text`.
    Raises RunsError or DataError, which name file, row, column and rule, for what are no runs.
    """
    loss, path = "loss_bits" if bits else "loss_nats", Path(path)
    numbers = tuple(dict.fromkeys((compute, loss, *WELCOME)))
    frame, notes = None if any(how.values()) else reader.plain(path, NAMES, numbers), ()
    if frame is None or not {compute, loss} <= set(frame):
        brought = text(path, compute=compute, bits=bits, **how)
        frame, notes = _typed(brought, numbers), brought.notes
    kept = {FLOP_OF_FILE: frame[FLOP]} if compute != FLOP and FLOP in frame else {}
    frame = frame.assign(loss_nats=frame[loss] * (np.log(2.0) if bits else 1.0), training_compute_flop=frame[compute])
    frame["run"] = frame["algorithm"] + "/" + frame["run"]
    found = checked(frame.assign(**kept), path.name, flop=compute == FLOP)
    found = _with_currencies(found, [name for name in found if name not in (FLOP, compute)])
    found.attrs["notes"] = notes
    return found


def _with_currencies(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the runs with `attrs["currencies"]`: other columns that count compute, as one says them, by their name.

    Such are above zero in every row and grow within a run. Tokens become numbers too, missing where they are none.
    """
    known = {}
    for name in [name for name in names if CURRENCY.fullmatch(name)]:
        numbers = pd.to_numeric(frame[name], errors="coerce")
        steps = numbers.groupby(frame["run"], sort=False).diff()
        if (np.isfinite(numbers) & (numbers > 0)).all() and not (steps <= 0).any():
            frame[name], known[name] = numbers, FLOP if name == FLOP_OF_FILE else name
    if "tokens" in frame:
        frame["tokens"] = pd.to_numeric(frame["tokens"], errors="coerce")
    frame.attrs["currencies"] = known
    return frame


def text(
    path: Path,
    *,
    compute: str = FLOP,
    bits: bool = False,
    columns: Mapping[str, str] = MappingProxyType({}),
    flop_per_token: float | None = None,
    tokens_per_step: float | None = None,
    algorithms: Sequence[str] = (),
) -> reader.Brought:
    """Return the cells of a file of runs under our names, and what was taken how.

    A folder holds a folder an algorithm, with a file of JSON lines or a table a run (`step, tokens, loss` and what else
    is told). Exports of other tools are read by `exports`, which takes `tokens_per_step` and `algorithms`. Where there
    is no training compute it is tokens times `flop_per_token`, or times six times the parameters.
    """
    found, loss = _of_folder(path) if path.is_dir() else reader.read(path), "loss_bits" if bits else "loss_nats"
    ours = {"loss": loss, "compute": compute}
    named = {reader.column(theirs): ours.get(name, name) for name, theirs in columns.items()}
    if missing := [name for name in named if name not in found.frame]:
        raise RunsError(f"{found.file}: no column {', '.join(missing)}; it has {', '.join(found.frame)}")
    hidden = [name for name in named.values() if name in found.frame and name not in named]
    found = replace(found, frame=found.frame.drop(columns=hidden).rename(columns=named))
    found = exports.named(found, loss, algorithms, tokens_per_step)
    found = reader.plain_numbers(found, [name for name in found.frame if name not in NAMES])
    frame, notes = found.frame, [*found.notes, *(f"column {each} is read as {name}" for each, name in named.items())]
    if {FLOP, "tokens"} & set(frame) == {"tokens"} and (flop_per_token or "parameters" in frame):
        sizes = flop_per_token or 6.0 * frame["parameters"].map(number).astype(float)
        flop = sizes * frame["tokens"].map(number).astype(float)
        frame = frame.assign(**{FLOP: ["" if pd.isna(each) else f"{each:.12g}" for each in flop]})
        each = f"{flop_per_token:g}" if flop_per_token else "six times the parameters"
        notes.append(f"training compute is {each} FLOP a token, times tokens")
    return replace(found, frame=frame, notes=tuple(notes))


def _of_folder(path: Path) -> reader.Brought:
    """Return the lines of all runs in a folder of folders as cells: what is no number or word is left out."""
    parts = []
    for file in sorted(file for ending in ("jsonl", "csv") for file in path.glob(f"*/*.{ending}")):
        frame = _of_lines(file) if file.suffix == ".jsonl" else reader.read(file).frame
        names = [name for name in ("loss_nats", "loss_bits", *exports.LOSSES) if name in frame]
        if names:  # other lines are of other things, as of the hardware
            frame = frame[(frame[names].fillna("") != "").any(axis=1)]
            parts.append(frame.assign(algorithm=file.parent.name, run=file.stem))
    if not parts:
        raise RunsError(f"{path.name}: no run in it; a folder holds ALGORITHM/RUN.jsonl, with a loss in its lines")
    frame = pd.concat(parts, ignore_index=True).fillna("")
    return reader.Brought(path.name, frame, (), ",", tuple(frame))


def _of_lines(file: Path) -> pd.DataFrame:
    rows = []
    for place, line in enumerate(filter(str.strip, file.read_text(encoding="utf-8").splitlines()), 1):
        try:
            cells = {reader.column(name): cell for name, cell in json.loads(line).items()}
        except (ValueError, AttributeError):
            raise RunsError(f"{file.parent.name}/{file.name}, line {place}: must be an object in JSON") from None
        rows.append({name: str(cell) for name, cell in cells.items() if isinstance(cell, str | int | float)})
    return pd.DataFrame(rows)


def _typed(brought: reader.Brought, numbers: Sequence[str]) -> pd.DataFrame:
    """Return cells with their numbers; refuse them by row and column."""
    frame, failures = brought.frame.copy(), []
    if missing := [name for name in (*NAMES, *numbers) if name not in frame and name not in WELCOME]:
        told = "; where it has steps, tell --tokens-per-step, or --compute for another column"
        words = told if FLOP in missing and "step" in frame else ""
        raise RunsError(f"{brought.file}: no column {', '.join(missing)}; it has {', '.join(frame)}{words}")
    for name in NAMES:
        blank = frame.index[frame[name] == ""]
        failures += [Failure(brought.file, index + 1, name, "must not be blank") for index in blank]
    for name in [each for each in numbers if each in frame]:
        found = frame[name].map(number)
        wrong = frame.index[~(found > 0) & ((frame[name] != "") | (name not in WELCOME))]
        rule = "must be a number above zero"
        failures += [Failure(brought.file, index + 1, name, rule, frame.loc[index, name]) for index in wrong]
        frame[name] = found.astype(float)
    refuse(sorted(failures, key=lambda failure: failure.row))
    return frame


def doubts(frame: pd.DataFrame) -> list[str]:
    """Return what is within the rules of runs and yet worth a second look, and what it does to a gain."""
    said, spelt = [], frame["algorithm"].drop_duplicates()
    for _, names in spelt.groupby(spelt.str.casefold()):
        said += [f"algorithms {', '.join(names)} differ by capitals only: are they one?"] if len(names) > 1 else []
    low, high = frame["loss_nats"].min(), frame["loss_nats"].max()
    if high > UNIFORM:
        said.append(
            f"losses up to {high:.3g}, where a guess among {VOCABULARY:,} tokens has {UNIFORM:.1f}: perplexities?"
        )
    if low < LEAST_TEXT:
        words = (
            "in bits, or by bytes or letters? A gain is the same in any unit, but not a floor, which is in nats a token"
        )
        said.append(f"losses down to {low:.3g}: {words}")
    ends, many = (
        end_points(frame),
        frame.groupby("algorithm", sort=False).apply(lambda part: len(part) > part["run"].nunique()),
    )
    if many.any() and not many.all():
        words = "a checkpoint within a run is not annealed, so an end looks better than it is beside it"
        said.append(
            f"{', '.join(many.index[many])} with checkpoints, {', '.join(many.index[~many])} with ends only: {words}"
        )
    for name, part in ends.groupby("algorithm", sort=False):
        said += _doubts_of(name, part, frame[frame["algorithm"] == name])
    return said


def _doubts_of(name: str, ends: pd.DataFrame, part: pd.DataFrame) -> list[str]:
    """Return what to doubt in the runs of one algorithm, by their ends and their checkpoints."""
    said = []
    if len(ends) < FEW_RUNS:
        said.append(f"{len(ends)} run{'s' * (len(ends) > 1)} of {name}: an interval over so few says little")
    lowest = part.groupby("run", sort=False)["loss_nats"].transform("min")
    risen = ends["run"][ends["loss_nats"] > RISEN * lowest[ends.index]]
    if len(risen):
        said.append(f"{', '.join(risen)}: the loss rises to the end by more than {RISEN - 1:.0%}; did it diverge?")
    if "parameters" not in ends:
        return said
    if unknown := int(ends["parameters"].isna().sum()):
        said.append(f"runs of {name} without parameters, {unknown}, count for no IsoFLOP minimum")
    alike = ends.groupby(["parameters", "training_compute_flop"])["loss_nats"].count()
    if (alike > 1).any():
        words = "repeats, say by seed? `--by parameters` gives all of a size one error"
        said.append(f"{len(ends)} runs of {name} at {len(alike)} sizes and computes: {words}")
    grids, edges = off_centre(ends)
    if 2 * edges > grids:
        words = "the best size lies outside of the grid, so the loss at these computes is an upper bound"
        said.append(f"{name} has its lowest loss at the smallest or largest size in {edges} of {grids} grids: {words}")
    return said


def counted_apart(reference: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """Return notes on compute that two algorithms seem to count by different rules, at like numbers of parameters.

    Compared are FLOP over six times parameters and tokens, where a file has both, and over FLOP by another column.
    """
    said, sides = [], [end_points(each) for each in (reference, new)]
    counts = {name: name for name in reference.attrs.get("currencies", {}) if name.endswith(("flop", "flops"))}
    if all({"parameters", "tokens"} <= set(each) for each in sides) and FLOP_OF_FILE not in reference:
        counts |= {"6ND": "six times parameters and tokens"}
    for name, words in counts.items():
        ratios = [each[FLOP] / (6.0 * each["parameters"] * each["tokens"] if name == "6ND" else each[name])
                  for each in sides]  # fmt: skip
        apart, known = _apart(*ratios, *(each.get("parameters", each[FLOP]) for each in sides))
        if abs(np.log(apart)) > np.log(OTHERWISE):
            one, two = (f"{each.median():.3g}" for each in ratios)
            rule = "are both counted by one rule (output layer, attention, parameters in use)?"
            said.append(f"compute is {one} times {words} in the reference and {two} times in the new{known}: {rule}")
    return said


def _apart(one: pd.Series, two: pd.Series, at: pd.Series, where: pd.Series) -> tuple[float, str]:
    """Return how many times a ratio of one side the other's is, at like sizes where they overlap, and words on that."""
    order = np.argsort(at.to_numpy())
    logs, sizes = np.log(one.to_numpy()[order]), np.log(at.to_numpy()[order])
    inside = where.between(at.min(), at.max()) & two.notna()
    if inside.any() and np.isfinite(logs).all():
        gaps = np.log(two[inside]) - np.interp(np.log(where[inside]), sizes, logs)
        apart = float(np.exp(np.median(gaps)))
        return apart, f", {apart:.3g} times at like sizes"
    return float(two.median() / one.median()), ""


def lucky(runs: pd.DataFrame) -> list[str]:
    """Return a doubt if one of two algorithms has so many more runs than the other that its best ones are luck."""
    counts = runs.groupby("algorithm", sort=False)["run"].nunique().sort_values()
    (few, least), (many, most) = counts.items()
    if most <= max(CROWD, UNEVEN * least):
        return []
    return [
        f"{many} has {most} runs and {few} {least}: the luckiest of many lie lower, so part of its lead may be luck"
    ]


def off_centre(ends: pd.DataFrame) -> tuple[int, int]:
    """Return how many grids of three sizes or more at one compute there are, and how many are best at their edge."""
    if "parameters" not in ends:
        return 0, 0
    ends = ends.dropna(subset="parameters").sort_values("parameters")
    grids = [grid for _, grid in ends.groupby("training_compute_flop") if grid["parameters"].nunique() > 2]
    best = [grid["parameters"].to_numpy()[grid["loss_nats"].argmin()] for grid in grids]
    edges = [
        size in (grid["parameters"].min(), grid["parameters"].max()) for size, grid in zip(best, grids, strict=True)
    ]
    return len(grids), sum(edges)


def described(frame: pd.DataFrame, compute: str = "training_compute_flop") -> str:
    """Return what a file of runs holds, in lines to read, and which estimators its columns allow."""
    lines = [f"rows          {len(frame)}, {frame['run'].nunique()} runs, compute by {compute}"]
    for name, part in frame.groupby("algorithm", sort=False):
        lines.append("algorithm     " + counted(name, part).replace(" runs,", f" runs, {len(part)} checkpoints,", 1))
    lines.append(
        f"estimators    {', '.join(each for each in ESTIMATORS if each != 'isoflop' or 'parameters' in frame)}"
    )
    if "parameters" not in frame:
        lines.append("note: without a column parameters there are no IsoFLOP minima and no --by parameters")
    return "\n".join([*lines, *(f"note: {note}" for note in (*frame.attrs["notes"], *doubts(frame)))])


def counted(name: str, part: pd.DataFrame) -> str:
    """Return how many runs an algorithm has, and the compute and losses that they span."""
    flop, loss = part["training_compute_flop"], part["loss_nats"]
    span = f"{flop.min():.2e} to {flop.max():.2e}, loss {loss.max():.3f} to {loss.min():.3f} nats"
    return f"{name}: {part['run'].nunique()} runs, {span}"
