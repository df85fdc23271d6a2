"""Anyone's training runs: a CSV file in; out, the gain of one algorithm over another, in words and as a figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from algoprogress.frontiers import runs
from algoprogress.frontiers.estimators import FLOOR
from algoprogress.frontiers.frontier import DRAWS, ESTIMATORS, by_estimator, frontier
from algoprogress.frontiers.gain import SUPPORTED, shared_losses
from algoprogress.frontiers.runs import EVERYWHERE, RunsError, end_points
from algoprogress.show.estimate import unpacked
from algoprogress.show.style import COLOURS, ROLES, encoded, house, label, subplots
from algoprogress.show.words import significant

ROLE_OF = ("published", "ours")  # of the reference and of the new algorithm
SIGNS = {"D": "◆", "o": "●"}
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
        """Return the comparison to read: what went in, and a line an estimator and loss."""
        lines = [f"compute: {self.currency}", *(_counted(name, self.of(name)) for name in (self.reference, self.new))]
        lines.append(
            f"compute that {self.reference} needs over that of {self.new}, 95% by errors of {self.by}, laws resampled:"
        )
        lines.append(f"{'estimator':<12}{'loss':>8}{'gain':>10}  interval")
        for row in self.gains.itertuples():
            interval = f"[{', '.join(row.gain.ends('.3g'))}]" if row.gain.bounded else "none"
            gain = f"{row.gain.value:.3g}" if np.isfinite(row.gain.value) else "no data"
            short = f"  (only {row.share:.0%} of resamples reach it)" if row.share < SUPPORTED else ""
            lines.append(f"{row.estimator:<12}{row.loss_nats:>8.3f}{gain:>10}  {interval}{short}")
        return "\n".join(lines)

    def frame(self) -> pd.DataFrame:
        """Return the gains for a file: estimator, loss, compute of both, gain, low, high, share and groups."""
        found = unpacked(self.gains).rename(columns={"gain_low": "low", "gain_high": "high"})
        return found[["estimator", *(name for name in found if name not in ("estimator", "inside"))]]


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
    path = Path(path)
    try:
        frame = pd.read_csv(path, dtype={"algorithm": str, "run": str})
    except (OSError, ValueError) as error:
        raise RunsError(f"{path.name}: cannot be read as CSV: {error}") from error
    loss = "loss_bits" if bits else "loss_nats"
    if missing := [name for name in ("algorithm", "run", compute, loss) if name not in frame]:
        raise RunsError(f"{path.name}: no column {', '.join(missing)}; it has {', '.join(frame.columns)}")
    for name in ("algorithm", "run"):
        if len(blank := np.flatnonzero(frame[name].isna())):
            raise RunsError(f"{path.name}, row {blank[0] + 1}, column {name}: must not be blank")
    numbers = pd.to_numeric(frame[loss], errors="coerce") * np.log(2.0) if bits else frame[loss]
    frame = frame.assign(loss_nats=numbers, training_compute_flop=frame[compute])
    frame["run"] = frame["algorithm"] + "/" + frame["run"]
    return runs.checked(frame, path.name, flop=compute == "training_compute_flop")


def described(frame: pd.DataFrame, compute: str = "training_compute_flop") -> str:
    """Return what a file of runs holds, in lines to read, and which estimators its columns allow."""
    lines, few = [f"rows          {len(frame)}, {frame['run'].nunique()} runs, compute by {compute}"], []
    for name, part in frame.groupby("algorithm", sort=False):
        lines.append("algorithm     " + _counted(name, part).replace(" runs,", f" runs, {len(part)} checkpoints,", 1))
        few += [name] if part["run"].nunique() < 3 else []
    lines.append(f"estimators    {', '.join(_usable(frame))}")
    if "parameters" not in frame:
        lines.append("note: without a column parameters there are no IsoFLOP minima and no --by parameters")
    if few:
        lines.append(f"note: fewer than three runs of {', '.join(few)}; an interval over resampled runs says little")
    return "\n".join(lines)


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
    known = found.gains[[np.isfinite(each.value) for each in found.gains["gain"]]]
    if not len(known):
        raise RunsError("no estimator finds a gain at these losses, so there is none to draw")
    bounded = np.array([each.bounded for each in known["gain"]])
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
        ax.text(0.03, place, words, transform=ax.transAxes, color=drawn.text, fontsize=9)
    ax.set(xscale="log", xlabel=f"compute ({found.currency})", ylabel="loss, nats per token")
    ax.xaxis.set_minor_locator(NullLocator())
    ends, gain = (row["reference_flop"], row["new_flop"]), row["gain"]
    arrow = {"arrowstyle": "->", "color": COLOURS["ink"], "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=(ends[1], row["loss_nats"]), xytext=(ends[0], row["loss_nats"]), arrowprops=arrow)
    interval = f"\n95% interval {gain.span()}" if gain.bounded else ""
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
