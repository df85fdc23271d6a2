"""Anyone's training runs: a CSV file in; out, the gain of one algorithm over another, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from algoprogress.data import reader
from algoprogress.data.check import number
from algoprogress.data.describe import Failure, refuse
from algoprogress.frontiers import runs
from algoprogress.frontiers.estimators import BENDS, FLOOR
from algoprogress.frontiers.frontier import DRAWS, ESTIMATORS, by_estimator, frontier
from algoprogress.frontiers.gain import SUPPORTED, shared_losses
from algoprogress.frontiers.runs import EVERYWHERE, RunsError, end_points
from algoprogress.show.estimate import unpacked

VOCABULARY = 300_000  # tokens, more than most
UNIFORM = float(np.log(VOCABULARY))  # nats
LEAST_TEXT = 1.5  # nats a token, below which the best models have not come on broad text
RISEN = 1.05  # a run that ends so many times above its lowest loss
FEW_RUNS = 4
PAIRS = 3  # fewest pairs of runs that are compared as pairs


@dataclass(frozen=True)
class Comparison:
    """The gain of a new algorithm over a reference by their `runs`; `gains` has the columns of `by_estimator`."""

    reference: str
    new: str
    currency: str
    runs: pd.DataFrame
    gains: pd.DataFrame
    by: str
    floor: float
    window: tuple[float, float]

    def of(self, name: str) -> pd.DataFrame:
        """Return the runs of one of the two."""
        return self.runs[self.runs["algorithm"] == name].reset_index(drop=True)

    def text(self) -> str:
        """Return the comparison to read: the answer, what went in, what each estimator says, and what to doubt."""
        lines = [self.answer(), f"compute: {self.currency}"]
        lines += [_counted(name, self.of(name)) for name in (self.reference, self.new)]
        lines.append(f"{'estimator':<12}{'loss':>8}{'gain':>10}  95% interval, by errors of {self.by}, laws resampled")
        for row in self._said.itertuples():
            few = f"none: {row.share:.0%} of the resamples reach this loss" if row.share < SUPPORTED else "none"
            lines.append(f"{row.estimator:<12}{row.loss_nats:>8.3f}{row.gain.value:>10.3g}  {interval_of(row) or few}")
        silent = [each for each in dict.fromkeys(self.gains["estimator"]) if each not in set(self._said["estimator"])]
        lines += [f"no gain by {each}: {self._why(each)}" for each in silent]
        return "\n".join([*lines, *(f"note: {note}" for note in doubts(self.runs))])

    def answer(self) -> str:
        """Return what the reference needs over the new algorithm, in a sentence, or two if runs stand in pairs."""
        if not self._measured.any():
            return f"no gain of {self.new} over {self.reference} can be measured at these losses"
        row = shown_gain(self)
        interval = f"95% interval {row['gain'].span('.3g')}" if interval_of(row) else "no interval"
        said = (
            f"{self.reference} needs {row['gain'].value:.3g} times the compute of {self.new} "
            f"for a loss of {row['loss_nats']:.3g} nats ({interval}, by {row['estimator']})"
        )
        if not len(gains := paired(self)):
            return said
        better = int((gains > 1.0).sum())
        each = ", ".join(f"{gain:.3g}" for gain in gains)
        return f"{said}\nin pairs of equal size and compute: {each} times, for {self.new} in {better} of {len(gains)}"

    @property
    def _measured(self) -> np.ndarray:
        return np.isfinite([each.value for each in self.gains["gain"]])

    @property
    def _said(self) -> pd.DataFrame:
        return self.gains[self._measured]

    def _why(self, estimator: str) -> str:
        """Return why an estimator finds no gain: what keeps it from a frontier, or that the losses lie outside."""
        for name in (self.reference, self.new):
            try:
                frontier(self.of(name), estimator=estimator, floor=self.floor, window=self.window, by=self.by, draws=0)
            except RunsError as error:
                return f"{name} has {error}"
        return "its frontiers share none of these losses"

    def frame(self) -> pd.DataFrame:
        """Return the gains for a file: estimator, loss, compute of both, gain, low, high, share and groups."""
        found = unpacked(self.gains).rename(columns={"gain_low": "low", "gain_high": "high"})
        return found[["estimator", *(name for name in found if name not in ("estimator", "inside"))]]


def interval_of(row: pd.Series) -> str:
    """Return the interval of a line of gains; empty without one, or if few resamples know it."""
    return f"[{', '.join(row.gain.ends('.3g'))}]" if row.gain.bounded and row.share >= SUPPORTED else ""


def paired(found: Comparison) -> np.ndarray:
    """Return the gain at each pair of ends with equal parameters and compute, the least first; none if some have none.

    What the new run is lower by is turned into compute along the smooth frontier of the reference, by its slope there.
    """
    ends = [end_points(found.of(name)) for name in (found.reference, found.new)]
    keys = ["parameters", "training_compute_flop"]
    if any(
        "parameters" not in each or each.duplicated(keys).any() or each[keys].isna().any(axis=None) for each in ends
    ):
        return np.empty(0)
    both = ends[0].merge(ends[1], on=keys, suffixes=("", "_new"))
    if len(both) < max(map(len, ends)) or len(both) < PAIRS:
        return np.empty(0)
    both = both.sort_values("training_compute_flop")
    logs, losses = np.log(both["training_compute_flop"]), np.log(both["loss_nats"])
    slope = np.polynomial.Polynomial.fit(logs, losses, 2 if len(both) >= BENDS else 1).deriv()(logs)
    return np.exp((np.log(both["loss_nats_new"]) - losses) / slope).to_numpy()


def _counted(name: str, part: pd.DataFrame) -> str:
    flop, loss = part["training_compute_flop"], part["loss_nats"]
    span = f"{flop.min():.2e} to {flop.max():.2e}, loss {loss.max():.3f} to {loss.min():.3f} nats"
    return f"{name}: {part['run'].nunique()} runs, {span}"


def read(path: Path | str, *, compute: str = "training_compute_flop", bits: bool = False) -> pd.DataFrame:
    """Return the runs of a file: algorithm, run, training_compute_flop, loss_nats, and its other columns.

    `compute` names the column that counts as compute (say, hours of wall-clock time, which then must be above zero
    only); `bits` reads loss_bits, in bits per token, instead of loss_nats. Raises RunsError, which names the file, row,
    column and rule, for whatever cannot be read as runs.
    """
    brought, loss = reader.read(path), "loss_bits" if bits else "loss_nats"
    if missing := [name for name in ("algorithm", "run", compute, loss) if name not in brought.frame]:
        raise RunsError(f"{brought.file}: no column {', '.join(missing)}; it has {', '.join(brought.frame)}")
    brought = reader.plain_numbers(brought, [name for name in brought.frame if name not in ("algorithm", "run")])
    frame, failures = brought.frame.copy(), []
    for name in ("algorithm", "run"):
        blank = frame.index[frame[name] == ""]
        failures += [Failure(brought.file, index + 1, name, "must not be blank") for index in blank]
    for name in dict.fromkeys((compute, loss, "parameters")):
        if name in frame:
            numbers = frame[name].map(number)
            wrong = frame.index[~(numbers > 0) & ((frame[name] != "") | (name != "parameters"))]
            rule = "must be a number above zero"
            failures += [Failure(brought.file, index + 1, name, rule, frame.loc[index, name]) for index in wrong]
            frame[name] = numbers.astype(float)
    refuse(sorted(failures, key=lambda failure: failure.row))
    frame = frame.assign(loss_nats=frame[loss] * (np.log(2.0) if bits else 1.0), training_compute_flop=frame[compute])
    frame["run"] = frame["algorithm"] + "/" + frame["run"]
    frame.attrs["notes"] = brought.notes
    return runs.checked(frame, brought.file, flop=compute == "training_compute_flop")


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
    grids = [grid.sort_values("parameters") for _, grid in ends.groupby("training_compute_flop")]
    grids = [grid for grid in grids if grid["parameters"].nunique() > 2]
    edges = [grid["loss_nats"].to_numpy().argmin() in (0, len(grid) - 1) for grid in grids]
    if edges and sum(edges) > len(edges) / 2:
        words = "the best size lies outside of the grid, so the loss at these computes is an upper bound"
        said.append(
            f"{name} has its lowest loss at the smallest or largest size in {sum(edges)} of {len(edges)} grids: {words}"
        )
    return said


def described(frame: pd.DataFrame, compute: str = "training_compute_flop") -> str:
    """Return what a file of runs holds, in lines to read, and which estimators its columns allow."""
    lines = [f"rows          {len(frame)}, {frame['run'].nunique()} runs, compute by {compute}"]
    for name, part in frame.groupby("algorithm", sort=False):
        lines.append("algorithm     " + _counted(name, part).replace(" runs,", f" runs, {len(part)} checkpoints,", 1))
    lines.append(f"estimators    {', '.join(_usable(frame))}")
    if "parameters" not in frame:
        lines.append("note: without a column parameters there are no IsoFLOP minima and no --by parameters")
    return "\n".join([*lines, *(f"note: {note}" for note in (*frame.attrs["notes"], *doubts(frame)))])


def _usable(frame: pd.DataFrame) -> tuple[str, ...]:
    return tuple(each for each in ESTIMATORS if each != "isoflop" or "parameters" in frame)


def compare(
    frame: pd.DataFrame,
    *,
    reference: str,
    new: str,
    losses: Sequence[float] = (),
    estimators: Sequence[str] = (),
    floor: float = FLOOR,
    window: tuple[float, float] = EVERYWHERE,
    by: str = "run",
    draws: int = DRAWS,
    currency: str = "training FLOP as the file counts them",
) -> Comparison:
    """Return the gain of one algorithm over another by runs, at three shared losses by all estimators unless told.

    Raises RunsError for an unknown algorithm, estimator or column, or if the two share no loss.
    """
    known = list(dict.fromkeys(frame["algorithm"]))
    for name in (reference, new):
        if name not in known:
            raise RunsError(f"algorithm {name!r}: must be one of {', '.join(known)}")
    if wrong := [each for each in estimators if each not in ESTIMATORS]:
        raise RunsError(f"estimator {', '.join(wrong)}: must be one of {', '.join(ESTIMATORS)}")
    if by not in frame:
        raise RunsError(f"no column {by} to resample by")
    pair = [frame[frame["algorithm"] == name].reset_index(drop=True) for name in (reference, new)]
    options = {"floor": floor, "window": window, "by": by, "draws": draws}
    gains = by_estimator(*pair, losses or _shared(*pair, window), estimators=estimators or _usable(frame), **options)
    return Comparison(reference, new, currency, pd.concat(pair), gains, by, floor, window)


def _shared(reference: pd.DataFrame, new: pd.DataFrame, window: tuple[float, float]) -> list[float]:
    """Return three losses within what both reach: a quarter, half and three quarters of the way."""
    losses = shared_losses(*(frontier(each, estimator="envelope", window=window) for each in (reference, new)), count=5)
    if not len(losses):
        raise RunsError("the two algorithms reach no loss in common, so no gain can be measured")
    return [float(each) for each in losses[1:-1]]


def shown_gain(found: Comparison) -> pd.Series:
    """Return the line of gains to draw: the middle loss of the first estimator with interval; RunsError if none."""
    if not len(known := found.gains[np.isfinite([each.value for each in found.gains["gain"]])]):
        raise RunsError("no estimator finds a gain at these losses, so there is none to draw")
    bounded = np.array([bool(interval_of(row)) for row in known.itertuples()])
    known = known[bounded | ~bounded.any()]
    known = known[known["estimator"] == known["estimator"].iloc[0]]
    return known.iloc[len(known) // 2]
