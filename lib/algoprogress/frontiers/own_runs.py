"""Anyone's training runs: a CSV file in, frontiers and the gain of one algorithm over another out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from algoprogress.frontiers import runs
from algoprogress.frontiers.runs import RunsError

BITS = "loss_bits"
POINTS = 60  # of a line that is drawn


@dataclass(frozen=True)
class Comparison:
    """The gain of a new algorithm over a reference by its runs; `gains` has the columns of `runs.compared`."""

    reference: str
    new: str
    currency: str
    counts: dict[str, int]
    compute_ranges: dict[str, tuple[float, float]]
    loss_ranges: dict[str, tuple[float, float]]
    gains: pd.DataFrame
    by: str = "run"

    def text(self) -> str:
        """Return the comparison to read: what went in, and a line an estimator and loss."""
        lines = [f"compute: {self.currency}"]
        for name in (self.reference, self.new):
            (low, high), (worst, best) = self.compute_ranges[name], self.loss_ranges[name]
            lines.append(
                f"{name}: {self.counts[name]} runs, {low:.2e} to {high:.2e}, loss {worst:.3f} to {best:.3f} nats"
            )
        lines.append(f"compute that {self.reference} needs over that of {self.new}, 95% by resampled {self.by}:")
        lines.append(f"{'estimator':<12}{'loss':>8}{'gain':>10}  interval")
        for row in self.gains.itertuples():
            interval = f"[{row.low:.3g}, {row.high:.3g}]" if np.isfinite(row.low) else "none"
            gain = f"{row.gain:.3g}" if np.isfinite(row.gain) else "no data"
            short = "" if row.share >= 0.5 else f"  (only {row.share:.0%} of resamples reach it)"
            lines.append(f"{row.estimator:<12}{row.loss_nats:>8.3f}{gain:>10}  {interval}{short}")
        return "\n".join(lines)


def read(path: Path | str, *, compute: str = "training_compute_flop", bits: bool = False) -> pd.DataFrame:
    """Return the runs of a file: algorithm, run, training_compute_flop, loss_nats, and parameters if there.

    `compute` names the column that counts as compute (say, hours of wall-clock time, which then must be above zero
    only); `bits` reads loss_bits, in bits per token, instead of loss_nats. Raises RunsError, which names the file, row,
    column and rule, for whatever cannot be read as runs.
    """
    path = Path(path)
    try:
        frame = pd.read_csv(path, dtype={"algorithm": str, "run": str})
    except (OSError, ValueError) as error:
        raise RunsError(f"{path.name}: cannot be read as CSV: {error}") from error
    loss = BITS if bits else "loss_nats"
    missing = [name for name in ("algorithm", "run", compute, loss) if name not in frame]
    if missing:
        raise RunsError(f"{path.name}: no column {', '.join(missing)}; it has {', '.join(frame.columns)}")
    for name in ("algorithm", "run"):
        if frame[name].isna().any():
            row = int(np.flatnonzero(frame[name].isna())[0])
            raise RunsError(f"{path.name}, row {row + 1}, column {name}: must not be blank")
    numbers = pd.to_numeric(frame[loss], errors="coerce") * np.log(2.0) if bits else frame[loss]
    frame = frame.assign(loss_nats=numbers, training_compute_flop=frame[compute])
    frame["run"] = frame["algorithm"] + "/" + frame["run"]
    return runs.checked(frame, path.name, flop=compute == "training_compute_flop")


def described(frame: pd.DataFrame, compute: str = "training_compute_flop") -> str:
    """Return what a file of runs holds, in lines to read, and which estimators its columns allow."""
    lines = [f"rows          {len(frame)}, {frame['run'].nunique()} runs, compute by {compute}"]
    for name, part in frame.groupby("algorithm", sort=False):
        flop, loss = part["training_compute_flop"], part["loss_nats"]
        lines.append(
            f"algorithm     {name}: {part['run'].nunique()} runs, {len(part)} checkpoints, {flop.min():.2e} to "
            f"{flop.max():.2e}, loss {loss.max():.3f} to {loss.min():.3f} nats"
        )
    lines.append(f"estimators    {', '.join(_usable(frame))}")
    if "parameters" not in frame:
        lines.append("note: without a column parameters there are no IsoFLOP minima and no --by parameters")
    few = [name for name, part in frame.groupby("algorithm", sort=False) if part["run"].nunique() < 3]
    if few:
        lines.append(f"note: fewer than three runs of {', '.join(few)}; an interval over resampled runs says little")
    return "\n".join(lines)


def _usable(frame: pd.DataFrame) -> tuple[str, ...]:
    return tuple(each for each in runs.ESTIMATORS if each != "isoflop" or "parameters" in frame)


def compare(
    frame: pd.DataFrame,
    *,
    reference: str,
    new: str,
    losses: tuple[float, ...] = (),
    estimators: tuple[str, ...] = (),
    floor: float = runs.FLOOR,
    window: tuple[float, float] = runs.EVERYWHERE,
    by: str = "run",
    draws: int = runs.DRAWS,
    currency: str = "training FLOP as the file counts them",
) -> Comparison:
    """Return the gain of one algorithm over another by runs as `read` returns them.

    Without `losses`, at three losses that both reach; without `estimators`, by all that the columns allow. Raises
    RunsError for an unknown algorithm, estimator or column, or if the two share no loss.
    """
    known = list(dict.fromkeys(frame["algorithm"]))
    for name in (reference, new):
        if name not in known:
            raise RunsError(f"algorithm {name!r}: must be one of {', '.join(known)}")
    wrong = [each for each in estimators if each not in runs.ESTIMATORS]
    if wrong:
        raise RunsError(f"estimator {', '.join(wrong)}: must be one of {', '.join(runs.ESTIMATORS)}")
    if by not in frame:
        raise RunsError(f"no column {by} to resample by")
    pair = [frame[frame["algorithm"] == name].reset_index(drop=True) for name in (reference, new)]
    losses = losses or _shared(*pair, window)
    estimators = estimators or _usable(frame)
    gains = runs.compared(*pair, tuple(losses), estimators=estimators, floor=floor, window=window, by=by, draws=draws)
    names = (reference, new)
    return Comparison(
        reference,
        new,
        currency,
        {name: int(part["run"].nunique()) for name, part in zip(names, pair, strict=True)},
        {
            name: (part["training_compute_flop"].min(), part["training_compute_flop"].max())
            for name, part in zip(names, pair, strict=True)
        },
        {name: (part["loss_nats"].max(), part["loss_nats"].min()) for name, part in zip(names, pair, strict=True)},
        gains,
        by,
    )


def lines(
    frame: pd.DataFrame, found: Comparison, *, floor: float = runs.FLOOR, window: tuple[float, float] = runs.EVERYWHERE
) -> pd.DataFrame:
    """Return the frontiers of a comparison as lines to draw, each within its support.

    Columns: algorithm, estimator, training_compute_flop, loss_nats. An estimator that the runs of an algorithm do not
    allow has no lines.
    """
    parts = []
    for estimator in dict.fromkeys(found.gains["estimator"]):
        for name in (found.reference, found.new):
            try:
                part = frame[frame["algorithm"] == name]
                curve = runs.frontier(part, estimator=estimator, floor=floor, window=window)
            except (RunsError, RuntimeError):
                continue
            compute = np.geomspace(*curve.support_flop, POINTS)
            compute[[0, -1]] = curve.support_flop  # exactly, as a frontier has no loss beyond them
            loss = [runs.loss_at(curve, each) for each in compute]
            parts.append(
                pd.DataFrame(
                    {"algorithm": name, "estimator": estimator, "training_compute_flop": compute, "loss_nats": loss}
                )
            )
    return pd.concat(parts, ignore_index=True)


def shown_gain(found: Comparison) -> pd.Series:
    """Return the gain that a figure shows: at the middle loss, by the first estimator that has one with an interval.

    Raises RunsError if no estimator has a gain.
    """
    known = found.gains[found.gains["gain"].notna()]
    if not len(known):
        raise RunsError("no estimator finds a gain at these losses, so there is none to draw")
    sure = known[np.isfinite(known["low"]) & np.isfinite(known["high"])]
    known = sure if len(sure) else known
    known = known[known["estimator"] == known["estimator"].iloc[0]]
    return known.iloc[len(known) // 2]


def figure_format(path: Path | str) -> str:
    """Return svg or png by the ending of a file's name; raise RunsError for another ending."""
    ending = Path(path).suffix.lower().removeprefix(".")
    if ending not in ("svg", "png"):
        raise RunsError(f"{path}: a figure must end in .svg or .png")
    return ending


def draw(
    frame: pd.DataFrame,
    found: Comparison,
    path: Path | str,
    *,
    floor: float = runs.FLOOR,
    window: tuple[float, float] = runs.EVERYWHERE,
) -> None:
    """Write the figure of a comparison, points, frontiers and gain, to an SVG or PNG file."""
    from algoprogress.frontiers import plot as figures
    from algoprogress.show import style

    ending = figure_format(path)
    fig = figures.frontiers(frame, lines(frame, found, floor=floor, window=window), found)
    picture = style.render(fig, name="fig-own-frontier", alt=figures.alt(found))
    Path(path).write_bytes(picture.png if ending == "png" else picture.svg.encode("utf-8"))


def _shared(reference: pd.DataFrame, new: pd.DataFrame, window: tuple[float, float]) -> tuple[float, ...]:
    """Return three losses within what both reach: a quarter, half and three quarters of the way."""
    losses = runs.shared_losses(*(runs.envelope(each, window=window) for each in (reference, new)), count=5)
    if not len(losses):
        raise RunsError("the two algorithms reach no loss in common, so no gain can be measured")
    return tuple(float(each) for each in losses[1:-1])
