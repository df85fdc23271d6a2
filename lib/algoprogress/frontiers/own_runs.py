"""Anyone's training runs: a CSV file in; out, the gain of one algorithm over another, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from algoprogress.frontiers import frontier, isoflop
from algoprogress.frontiers.estimators import BENDS, smooth
from algoprogress.frontiers.frontier import DRAWS
from algoprogress.frontiers.gain import SUPPORTED, no_gains, shared_losses
from algoprogress.frontiers.own_file import counted, counted_apart, doubts, lucky, off_centre
from algoprogress.frontiers.runs import ESTIMATORS, EVERYWHERE, RunsError, end_points, within
from algoprogress.show.estimate import unpacked

PAIRS = 3  # fewest pairs of runs that are compared as pairs
NEARBY, AROUND = "nearby", 6  # smooth curves through runs about a loss alone, if either has so many on its frontier
TIMES = 10.0  # less and more compute than at the loss, within which runs are about it
KNOWN = (*ESTIMATORS, NEARBY)
ADMITTED = ("smooth", NEARBY, "floor", "isoflop")  # estimators of little bias in simulations, as an envelope is not


@dataclass(frozen=True)
class Comparison:
    """The gain of a new algorithm over a reference by their `runs`; `gains` has the columns of `by_estimator`.

    `beside` has the gain at the loss of the answer where compute is counted by other columns: `counted_by`.
    """

    reference: str
    new: str
    currency: str
    runs: pd.DataFrame
    gains: pd.DataFrame
    by: str
    floor: float | None
    window: tuple[float, float]
    beside: pd.DataFrame = field(default_factory=pd.DataFrame)

    def of(self, name: str) -> pd.DataFrame:
        """Return the runs of one of the two."""
        return self.runs[self.runs["algorithm"] == name].reset_index(drop=True)

    def text(self) -> str:
        """Return the comparison to read: the answer, what went in, what each estimator says, and what to doubt."""
        lines = [self.answer(), f"compute: {self.currency}", *self.went_in()]
        for row in [dict(zip(said := self.said(), said, strict=True)), *said.to_dict("records")]:
            lines.append("{:<12}{:>8}{:>10}  {}".format(*row.values()))
        lines += [f"no gain by {each}" for each in self.silent()]
        return "\n".join([*lines, *(f"note: {note}" for note in self.doubts())])

    def went_in(self) -> list[str]:
        """Return a line on the runs of each algorithm."""
        return [counted(name, self.of(name)) for name in (self.reference, self.new)]

    def said(self) -> pd.DataFrame:
        """Return what the estimators say, to read: estimator, loss, gain, and the interval, under what it is over."""
        rows = []
        for row in self.gains[self._measured].itertuples():
            few = f"none: {row.share:.0%} of the resamples reach this loss" if row.share < SUPPORTED else "none"
            cells = row.estimator, f"{row.loss_nats:.3f}", f"{row.gain.value:.3g}", interval_of(row) or few
            rows.append(cells)
        over = f"95% interval, by errors of {self.by}, laws resampled"
        return pd.DataFrame(rows, columns=["estimator", "loss", "gain", over], dtype=str)

    def silent(self) -> list[str]:
        """Return the estimators that find no gain, each with why."""
        loud = set(self.gains.loc[self._measured, "estimator"])
        return [f"{each}: {self._why(each)}" for each in dict.fromkeys(self.gains["estimator"]) if each not in loud]

    def doubts(self) -> list[str]:
        """Return what to doubt: in the runs, and in how both algorithms' compute is counted."""
        return [*doubts(self.runs), *counted_apart(self.of(self.reference), self.of(self.new)), *lucky(self.runs)]

    def answer(self) -> str:
        """Return what the reference needs over the new algorithm, in a sentence, or two if runs stand in pairs."""
        if not self.measured:
            return f"no gain of {self.new} over {self.reference} can be measured at these losses"
        row, bound = shown_gain(self), self.bound
        if bound == "none":
            words = "both have their lowest losses at the edge of their grids of sizes, so neither's best is known"
            return f"no gain of {self.new} over {self.reference} can be told: {words}"
        interval = f"95% interval {row['gain'].span('.3g')}" if interval_of(row) else "no interval"
        said = (
            f"{self.reference} needs {bound} {row['gain'].value:.3g} times the compute of {self.new} "
            f"for a loss of {row['loss_nats']:.3g} nats ({interval}, by {row['estimator']}{self.apart('; ')})"
        ).replace("  ", " ")
        for each in self.beside.itertuples():
            interval = f"95% interval {each.gain.span('.3g')}" if interval_of(each) else "no interval"
            said += f"\ncounted by {each.counted_by}: {each.gain.value:.3g} times ({interval})"
        if not len(gains := paired(self)):
            return said
        better = int((gains > 1.0).sum())
        each = ", ".join(f"{gain:.3g}" for gain in gains)
        return f"{said}\nin pairs of equal size and compute: {each} times, for {self.new} in {better} of {len(gains)}"

    def apart(self, before: str = "") -> str:
        """Return where the gain lies by interval and other estimators, in words; nothing if within the interval.

        Errors of runs are in the interval, and what another form of the frontier would say is not: so it is said where
        an estimator of `ADMITTED` lies outside of it at the same loss.
        """
        (low, high), row = self.range, shown_gain(self)
        ends = row["gain"].reach if interval_of(row) else (row["gain"].value, row["gain"].value)
        if ends[0] <= low and high <= ends[1]:
            return ""
        return f"{before}{low:.3g} to {high:.3g} with what other estimators say"

    @property
    def range(self) -> tuple[float, float]:
        """Return the least and the largest of the ends of the interval and the gains by `ADMITTED` at the same loss."""
        row = shown_gain(self)
        there = self._measured & (self.gains["loss_nats"] == row["loss_nats"]) & self.gains["estimator"].isin(ADMITTED)
        ends = [row["gain"].low, row["gain"].high] if interval_of(row) else [row["gain"].value]
        every = [*ends, *(each.value for each in self.gains.loc[there, "gain"])]
        return min(every), max(every)

    @property
    def bound(self) -> str:
        """Return "at least" or "at most" where the new algorithm or the reference may be better than its grids of sizes
        show, as most are best at their edge; "none" where both may, and nothing where neither.
        """
        grids = [off_centre(end_points(self.of(name))) for name in (self.reference, self.new)]
        return {(0, 0): "", (0, 1): "at least", (1, 0): "at most", (1, 1): "none"}[
            tuple(int(2 * edges > count) for count, edges in grids)
        ]

    @property
    def options(self) -> dict[str, object]:
        """Return the options of `frontier` that go for both."""
        return {"floor": self.floor, "window": self.window, "by": self.by}

    @property
    def measured(self) -> bool:
        """Return whether any estimator finds a gain."""
        return bool(self._measured.any())

    @property
    def _measured(self) -> np.ndarray:
        return np.isfinite([each.value for each in self.gains["gain"]])

    def _why(self, estimator: str) -> str:
        """Return why an estimator finds no gain: what keeps it from a frontier, or that the losses lie outside."""
        if estimator == NEARBY:
            return f"fewer than {AROUND} {self.by}s on a frontier within {TIMES:g} times the compute of these losses"
        for name in (self.reference, self.new):
            try:
                frontier.frontier(self.of(name), estimator=estimator, draws=0, **self.options)
            except RunsError as error:
                return f"{name} has {error}"
        return "its frontiers share none of these losses"

    def frame(self) -> pd.DataFrame:
        """Return the gains for a file: estimator, loss, compute of both, gain, low, high, share, groups, counted_by."""
        both = pd.concat([self.gains.assign(counted_by=self.currency), self.beside], ignore_index=True)
        found = unpacked(both).rename(columns={"gain_low": "low", "gain_high": "high"})
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
    degree = min(2 if len(both) >= BENDS else 1, logs.round(6).nunique() - 1)
    if not degree:  # at one compute there is no slope
        return np.empty(0)
    slope = np.polynomial.Polynomial.fit(logs, losses, degree).deriv()(logs)
    return np.exp((np.log(both["loss_nats_new"]) - losses) / slope).to_numpy()


def leading(pair: Sequence[pd.DataFrame], by: str = "run") -> str:
    """Return the estimator of the answer to two algorithms' runs: "smooth", or "isoflop" of few budgets.

    Where grids of sizes stand at so few budgets that a smooth frontier is a line through their best runs, the parabolas
    of the grids tell errors of runs far better, if they have sizes to spare.
    """
    budgets = min(off_centre(end_points(each))[0] for each in pair)
    few = by == "run" and 1 < budgets < BENDS and min(_groups(each, by) for each in pair) < BENDS
    try:
        known = few and all(isoflop.freedom(isoflop.with_budgets(each)) >= budgets for each in pair)
    except RunsError:
        known = False
    return "isoflop" if known else "smooth"


def _usable(pair: Sequence[pd.DataFrame], floor: float | None, by: str) -> tuple[str, ...]:
    """Return the estimators that a file allows, that of the answer first; none that needs a floor which is not told."""
    without = {"isoflop": any("parameters" not in each for each in pair), "power law": floor is None}
    return tuple(dict.fromkeys([leading(pair, by), *(each for each in KNOWN if not without.get(each))]))


def _nearby(pair: Sequence[pd.DataFrame], losses: Sequence[float], **options) -> pd.DataFrame:
    """Return the gains by smooth frontiers through the runs about each loss alone, which asks less of their form."""
    lines, by = [], options["by"]
    found = frontier.by_estimator(*pair, losses, estimators=["smooth"], together=True, **options | {"draws": 0})
    for row in found.itertuples():
        at = zip(pair, (row.reference_flop, row.new_flop), strict=True)
        around = [within(within(each, options["window"]), (flop / TIMES, flop * TIMES)) for each, flop in at]
        enough = row.inside and all(_groups(each, by) >= AROUND for each in around)
        told = {"estimators": ["smooth"], "together": True, "draws": options["draws"], "by": by}
        lines.append(frontier.by_estimator(*around, [row.loss_nats], **told) if enough else no_gains([row.loss_nats]))
    return pd.concat(lines, ignore_index=True).assign(estimator=NEARBY)


def _groups(runs: pd.DataFrame, by: str) -> int:
    """Return how many groups of a column a smooth frontier touches; none where it has none."""
    try:
        return smooth(runs, by).errors.shape[1]
    except RunsError:
        return 0


def compare(
    frame: pd.DataFrame,
    *,
    reference: str,
    new: str,
    losses: Sequence[float] = (),
    estimators: Sequence[str] = (),
    floor: float | None = None,
    window: tuple[float, float] = EVERYWHERE,
    by: str = "run",
    draws: int = DRAWS,
    currency: str = "training FLOP as the file counts them",
) -> Comparison:
    """Return the gain of one algorithm over another by runs, at three shared losses by all estimators unless told.

    Unless told, the answer is that of `leading`, which holds for any unit of loss and, in simulated designs, covers
    what it says; the others stand beside it, a power law above a fixed `floor` only where that is told. Raises
    RunsError for an unknown algorithm, estimator or column, or if the two share no loss.
    """
    known = list(dict.fromkeys(frame["algorithm"]))
    for name in (reference, new):
        if name not in known:
            raise RunsError(f"algorithm {name!r}: must be one of {', '.join(known)}")
    if wrong := [each for each in estimators if each not in KNOWN]:
        raise RunsError(f"estimator {', '.join(wrong)}: must be one of {', '.join(KNOWN)}")
    if by not in frame:
        raise RunsError(f"no column {by} to resample by")
    if floor is None and "power law" in estimators:
        raise RunsError("estimator power law: needs --floor, the irreducible loss in the unit of the file")
    pair = [frame[frame["algorithm"] == name].reset_index(drop=True) for name in (reference, new)]
    inside = [within(each, window) for each in pair]
    options, asked = {"floor": floor, "window": window, "by": by}, estimators or _usable(inside, floor, by)
    losses, options = losses or _shared(*pair, **options), options | {"draws": draws}
    others = [each for each in asked if each != NEARBY]
    gains = [frontier.by_estimator(*pair, losses, estimators=others, together=True, **options)] if others else []
    gains += [_nearby(pair, losses, **options)] if NEARBY in asked else []
    gains = pd.concat(gains, ignore_index=True)
    found = Comparison(reference, new, currency, pd.concat(pair), gains, by, floor, window)
    return replace(found, beside=_beside(found, pair, frame.attrs.get("currencies", {}), draws))


def _beside(found: Comparison, pair: Sequence[pd.DataFrame], currencies: Mapping[str, str], draws: int) -> pd.DataFrame:
    """Return the gains at the loss of the answer by other counts of compute, by smooth frontiers or, as it, minima."""
    if not currencies or not found.measured:
        return pd.DataFrame()
    lines, shown, options = [], shown_gain(found), {"together": True, "draws": draws, "by": found.by}
    lead = shown["estimator"] if shown["estimator"] == "isoflop" else "smooth"
    for column, name in currencies.items():
        two = [within(each, found.window).assign(training_compute_flop=lambda part, c=column: part[c]) for each in pair]
        line = frontier.by_estimator(*two, [shown["loss_nats"]], estimators=[lead], **options).assign(counted_by=name)
        lines += [line] if line["inside"].iloc[0] else []
    return pd.concat(lines, ignore_index=True) if lines else pd.DataFrame()


def _shared(reference: pd.DataFrame, new: pd.DataFrame, **options) -> list[float]:
    """Return three losses within what both reach, by smooth frontiers if there are: a quarter, half, three quarters."""
    for estimator in ("smooth", "envelope"):
        try:
            both = frontier.pair(reference, new, estimator=estimator, draws=0, **options)
        except RunsError:
            continue
        if len(losses := shared_losses(*both, count=5)):
            return [float(each) for each in losses[1:-1]]
    raise RunsError("the two algorithms reach no loss in common, so no gain can be measured")


def shown_gain(found: Comparison) -> pd.Series:
    """Return the line of gains to draw: the middle loss of the first estimator with interval; RunsError if none."""
    if not len(known := found.gains[np.isfinite([each.value for each in found.gains["gain"]])]):
        raise RunsError("no estimator finds a gain at these losses, so there is none to draw")
    bounded = np.array([bool(interval_of(row)) for row in known.itertuples()])
    known = known[bounded | ~bounded.any()]
    known = known[known["estimator"] == known["estimator"].iloc[0]]
    return known.iloc[len(known) // 2]
