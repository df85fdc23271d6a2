"""Anyone's training runs: a CSV file in, frontiers and the gain of one algorithm over another out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from algoprogress import runs
from algoprogress.runs import RunsError

BITS = "loss_bits"


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

    def text(self) -> str:
        """Return the comparison to read: what went in, and a line an estimator and loss."""
        lines = [f"compute: {self.currency}"]
        for name in (self.reference, self.new):
            (low, high), (worst, best) = self.compute_ranges[name], self.loss_ranges[name]
            lines.append(
                f"{name}: {self.counts[name]} runs, {low:.2e} to {high:.2e}, loss {worst:.3f} to {best:.3f} nats"
            )
        lines.append(f"compute that {self.reference} needs over that of {self.new}, 95% interval over resampled runs:")
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
    usable = tuple(each for each in runs.ESTIMATORS if each != "isoflop" or "parameters" in frame)
    gains = runs.compared(*pair, tuple(losses), estimators=estimators or usable, floor=floor, window=window, by=by,
                          draws=draws)  # fmt: skip
    names = (reference, new)
    return Comparison(
        reference, new, currency,
        {name: int(part["run"].nunique()) for name, part in zip(names, pair, strict=True)},
        {name: (part["training_compute_flop"].min(), part["training_compute_flop"].max())
         for name, part in zip(names, pair, strict=True)},
        {name: (part["loss_nats"].max(), part["loss_nats"].min()) for name, part in zip(names, pair, strict=True)},
        gains,
    )  # fmt: skip


def _shared(reference: pd.DataFrame, new: pd.DataFrame, window: tuple[float, float]) -> tuple[float, ...]:
    """Return three losses within what both reach: a quarter, half and three quarters of the way."""
    losses = runs.shared_losses(*(runs.envelope(each, window=window) for each in (reference, new)), count=5)
    if not len(losses):
        raise RunsError("the two algorithms reach no loss in common, so no gain can be measured")
    return tuple(float(each) for each in losses[1:-1])
