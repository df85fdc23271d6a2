"""Anyone's training runs: a CSV file in; out, the gain of one algorithm over another, in words and as a figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from algoprogress.data import reader
from algoprogress.data.check import number
from algoprogress.data.describe import Failure, refuse
from algoprogress.frontiers import runs
from algoprogress.frontiers.estimators import BENDS, FLOOR
from algoprogress.frontiers.frontier import DRAWS, ESTIMATORS, by_estimator, frontier
from algoprogress.frontiers.gain import SUPPORTED, shared_losses
from algoprogress.frontiers.runs import EVERYWHERE, RunsError, end_points
from algoprogress.show.estimate import unpacked
from algoprogress.show.style import COLOURS, ROLES, encoded, house, label, subplots
from algoprogress.show.words import significant

ROLE_OF = ("published", "ours")  # of the reference and of the new algorithm
SIGNS = {"D": "◆", "o": "●"}
VOCABULARY = 300_000  # tokens, more than most
UNIFORM = float(np.log(VOCABULARY))  # nats
LEAST_TEXT = 1.5  # nats a token, below which the best models have not come on broad text
RISEN = 1.05  # a run that ends so many times above its lowest loss
FEW_RUNS = 4
PAIRS = 3  # fewest pairs of runs that are compared as pairs
POINTS = 60  # of a line that is drawn


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
            lines.append(f"{row.estimator:<12}{row.loss_nats:>8.3f}{row.gain.value:>10.3g}  {_interval(row) or few}")
        silent = [each for each in dict.fromkeys(self.gains["estimator"]) if each not in set(self._said["estimator"])]
        lines += [f"no gain by {each}: {self._why(each)}" for each in silent]
        return "\n".join([*lines, *(f"note: {note}" for note in doubts(self.runs))])

    def answer(self) -> str:
        """Return what the reference needs over the new algorithm, in a sentence, or two if runs stand in pairs."""
        if not self._measured.any():
            return f"no gain of {self.new} over {self.reference} can be measured at these losses"
        row = shown_gain(self)
        interval = f"95% interval {row['gain'].span('.3g')}" if _interval(row) else "no interval"
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


def _interval(row: pd.Series) -> str:
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
        said.append(f"{unknown} runs of {name} without parameters count for no IsoFLOP minimum")
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


def lines(found: Comparison) -> pd.DataFrame:
    """Return algorithm, estimator, training_compute_flop and loss_nats of frontiers, each within its support."""
    parts = []
    for estimator in dict.fromkeys(found.gains["estimator"]):
        for name in (found.reference, found.new):
            try:
                each = frontier(found.of(name), estimator=estimator, floor=found.floor, window=found.window, draws=0)
            except RunsError:
                continue
            compute = np.geomspace(*each.support_flop, POINTS)
            compute[[0, -1]] = each.support_flop  # exactly, as a curve has no loss beyond them
            part = {"training_compute_flop": compute, "loss_nats": each.loss(compute)}
            parts.append(pd.DataFrame({"algorithm": name, "estimator": estimator, **part}))
    return pd.concat(parts, ignore_index=True)


def shown_gain(found: Comparison) -> pd.Series:
    """Return the line of gains to draw: the middle loss of the first estimator with interval; RunsError if none."""
    if not len(known := found.gains[np.isfinite([each.value for each in found.gains["gain"]])]):
        raise RunsError("no estimator finds a gain at these losses, so there is none to draw")
    bounded = np.array([bool(_interval(row)) for row in known.itertuples()])
    known = known[bounded | ~bounded.any()]
    known = known[known["estimator"] == known["estimator"].iloc[0]]
    return known.iloc[len(known) // 2]


@house()
def frontiers(found: Comparison) -> Figure:
    """Return loss against compute: checkpoints, frontiers, and a gain as an arrow, by the line of `shown_gain`."""
    fig, ax = subplots(size="wide")
    row, curves = shown_gain(found), lines(found)
    names = dict(zip((found.reference, found.new), ROLE_OF, strict=True))
    for place, (name, role) in zip((0.13, 0.06), names.items(), strict=True):
        drawn, part = ROLES[role], found.of(name)
        for dots, size, alpha in ((part, 9, 0.4), (end_points(part), 34, 1.0)):
            at = dots["training_compute_flop"], dots["loss_nats"]
            ax.scatter(*at, s=size, color=drawn.colour, alpha=alpha, linewidth=0, marker=drawn.marker)
        line = curves[(curves["algorithm"] == name) & (curves["estimator"] == row["estimator"])]
        ax.plot(line["training_compute_flop"], line["loss_nats"], color=drawn.colour, linestyle=drawn.line)
        words = f"{SIGNS[drawn.marker]} {name}, {part['run'].nunique()} runs"
        ax.text(0.03, place, words, transform=ax.transAxes, color=drawn.text, fontsize=9, parse_math=False)
    ax.set(xscale="log", ylabel="loss, nats per token")
    ax.set_xlabel(f"compute ({found.currency})", parse_math=False)
    ax.xaxis.set_minor_locator(NullLocator())
    ends, gain = (row["reference_flop"], row["new_flop"]), row["gain"]
    arrow = {"arrowstyle": "->", "color": COLOURS["ink"], "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=(ends[1], row["loss_nats"]), xytext=(ends[0], row["loss_nats"]), arrowprops=arrow)
    interval = f"\n95% interval {gain.span()}" if _interval(row) else ""
    value = format(gain.value, significant(gain.value))
    text = f"gain {value} at {row['loss_nats']:.2f} nats{interval}\nby {row['estimator']}"
    label(ax, max(ends), row["loss_nats"], text, "reference", offset=(10, 14), va="bottom")
    return fig


def alt(found: Comparison) -> str:
    """Return what the figure shows, for a reader who cannot see it."""
    row = shown_gain(found)
    way = "less" if row["gain"].value > 1 else "more"
    return (
        f"Loss against compute on a log axis, with points and a falling frontier of {found.reference} and {found.new}. "
        f"At a loss of {row['loss_nats']:.2f} nats an arrow leads from {found.reference} to {found.new}, "
        f"which needs {way} compute there."
    )


def figure_format(path: Path | str) -> str:
    """Return svg or png by the ending of a file's name; raise RunsError for another ending."""
    ending = Path(path).suffix.lower().removeprefix(".")
    if ending not in ("svg", "png"):
        raise RunsError(f"{path}: a figure must end in .svg or .png")
    return ending


def draw(found: Comparison, path: Path | str) -> None:
    """Write the figure of a comparison, points, frontiers and gain, to an SVG or PNG file."""
    Path(path).write_bytes(encoded(frontiers(found), figure_format(path), name="fig-own-frontier", alt=alt(found)))
