"""The accounting of Gundlach et al. 2025: what a path from LSTMs to today's transformers is worth, factor by factor.

Total(C) = M(C) x experts x product of small factors^k. M(C) = (A_new C^alpha_new / A_old)^(1/alpha_old) / C is the gain
of the transformer of 2017 over the LSTM at the compute C of the better one, read off two power laws. Of M(C) the part
of Chinchilla's split is taken out, and put back in the year of its adoption, so that it cancels in the total.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from algoprogress.data import tables
from algoprogress.engine.cache import cached
from algoprogress.frontiers.estimators import PowerLaw, points, power_law
from algoprogress.frontiers.gain import fewest, gain, resamples
from algoprogress.frontiers.runs import RunsError, nondominated, within
from algoprogress.laws import scaling as laws
from algoprogress.show.estimate import Estimate
from book.studies.ablations.study import MEASURED, interaction_exponent, small_gains
from book.studies.allocation import study as allocation
from book.studies.scaling import study as scaling

START_FLOP, START_YEAR, GROWTH = 1e16, 2013.0, 4.1  # the paper's frontier: FLOP, year, times a year
EXPERTS = 2.0  # gain of a mixture of experts, typed in by the authors
EXPLAINED = 22_000.0  # what is to be explained, after Ho et al. 2024
FIRST, LAST = 2012.0, 2023.0
REFERENCE_YEARS = (2018, 2020, 2022, 2023, 2024, 2025, 2026, 2028)
ARITHMETIC = "none: arithmetic on stated constants"
DEPENDS, SAME = "depends on scale", "the same at every scale"


@dataclass(frozen=True)
class Accounting:
    """The choices behind a total: two laws, the small factors, the split.

    `measured` is the gain of all small changes together, to which their product is shrunk by an exponent; None leaves
    the product as it is. `direction` says at whose compute Chinchilla's factor is taken.
    """

    reference: PowerLaw
    new: PowerLaw
    measured: float | None = MEASURED
    experts: float = EXPERTS
    with_swiglu: bool = False
    direction: str = "worse"
    small: bool = True


def as_printed(**choices) -> Accounting:
    """Return the published accounting: laws with three printed digits."""
    return Accounting(scaling.printed("lstm"), scaling.printed("retro"), **choices)


def of_choice(choice: scaling.Choice) -> Accounting:
    """Return the accounting with laws fitted under a choice, unrounded, to be resampled by sizes."""
    return Accounting(scaling.law("lstm", choice), scaling.law("retro", choice))


def of_references() -> Accounting:
    """Return the accounting of the paper's figure of references: the modern law, which holds the small factors."""
    return Accounting(scaling.printed("lstm"), scaling.printed("modern"), small=False)


def frontier_compute_flop(year: ArrayLike) -> np.ndarray:
    """Return the training compute in FLOP of the paper's frontier: 1e16 in 2013, times 4.1 a year."""
    return START_FLOP * GROWTH ** (np.asarray(year, float) - START_YEAR)


def multiplier(of: Accounting, compute_flop: float) -> np.ndarray:
    """Return the gain of the new law over the reference at the new one's compute, by resample; nan past a floor."""
    return of.reference.compute(of.new.loss(compute_flop)) / compute_flop


def chinchilla(compute_flop: ArrayLike, *, direction="worse", printed=False, power: float = 6.512) -> np.ndarray:
    """Return the gain of Chinchilla's split over Kaplan's rule at a compute, of the "worse" or the "better" split.

    Hoffmann's constants as printed; with `printed` the rounded formula of the authors' code, which is for the worse
    one; its `power` was 6.51 when the text was written.
    """
    compute = np.asarray(compute_flop, float)
    if printed and direction == "worse":
        return 1.85e-20 * compute * (28737.9 * compute**-0.2482 + 20.337 * compute**-0.0756) ** power
    return allocation.kaplan_gain(laws.published()[allocation.HOFFMANN], compute, by="rule", at=direction)


def small_factors(of: Accounting) -> pd.Series:
    """Return the factor of each small innovation, by id, shrunk to their measured gain together if there is one."""
    gains = small_gains() if of.small else small_gains().iloc[:0]
    shrunk = gains if of.measured is None else gains ** interaction_exponent(of.measured)
    return shrunk if of.with_swiglu else shrunk.drop("swiglu", errors="ignore")


def rest(of: Accounting) -> float:
    """Return the product of the factors that are the same at every compute: experts and the small ones."""
    return of.experts * float(small_factors(of).prod())


def totals(of: Accounting, compute_flop: float) -> np.ndarray:
    """Return the total gain at a compute, all innovations adopted; with resampled laws an element a resample."""
    return multiplier(of, compute_flop) * rest(of)


def total(of: Accounting, compute_flop: float) -> Estimate:
    """Return the total gain at a compute with its 95% interval over resampled sizes, if the laws can be resampled."""
    groups = fewest(of.reference, of.new)
    covers = ARITHMETIC if groups is None else f"{scaling.SIZES} ({groups}), extrapolated"
    found = gain(of.reference, of.new, compute_flop=compute_flop, extrapolate=True)
    return found.map(lambda each: each * rest(of)).covering(covers)


def factors(of: Accounting, compute_flop: float, *, year: float = np.inf) -> pd.DataFrame:
    """Return the factors adopted until a year at a compute, largest first, and their shares in logs.

    Columns: id, name, adopted, kind, factor, share. Before Chinchilla's adoption its factor is missing, not one.
    """
    taken = float(chinchilla(compute_flop, direction=of.direction, printed=True))
    depend = {"transformer": float(multiplier(of, compute_flop)) / taken, "chinchilla": taken}
    known = {**depend, "experts": of.experts, **small_factors(of)}
    table = tables.read("innovations")
    found = table.loc[(table["adopted"] <= year) & table["id"].isin(known), ["id", "name", "adopted"]]
    found = found.assign(kind=np.where(found["id"].isin(depend), DEPENDS, SAME), factor=found["id"].map(known))
    found["share"] = np.log(found["factor"]) / np.log(found["factor"]).sum()
    return found.sort_values("factor", ascending=False, ignore_index=True)


def share_that_depends_on_scale(of: Accounting, compute_flop: float) -> np.ndarray:
    """Return the share, in logs, of the two factors that depend on scale; with resampled laws an element a resample."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log(multiplier(of, compute_flop)) / np.log(totals(of, compute_flop))


def variants() -> list[tuple[str, str, Accounting]]:
    """Return every way to count that the chapter compares, the published one first: group, name, accounting."""
    measured = scaling.gain_by_law("retro", "modern", scaling.ABLATION_LOSS).value
    found = [
        ("published", "as printed", as_printed()),
        ("constants", "laws unrounded", of_choice(scaling.PUBLISHED)),
        ("constants", "copies of a point dropped", Accounting(*map(_without_copies, ("lstm", "retro")))),
        ("constants", "fitted in logs", Accounting(*map(_in_logs, ("lstm", "retro")))),
        ("factors", "SwiGLU counted", as_printed(with_swiglu=True)),
        ("factors", "small gains multiplied", as_printed(measured=None)),
        ("factors", "measured together by unrounded laws", as_printed(measured=measured)),
        ("factors", "no mixture of experts", as_printed(experts=1.0)),
        ("factors", "transformer of today's law, no small factors", of_references()),
    ]
    for choice in scaling.CHOICES[1:]:
        with suppress(RunsError):  # too few points
            found.append(("laws", choice.name, of_choice(choice)))
    return found


def _without_copies(family: str) -> PowerLaw:
    return power_law(scaling.of(family).drop_duplicates(["training_compute_flop", "loss_nats"]))


def _in_logs(family: str) -> PowerLaw:
    """Return the law by least squares of ln(loss - floor) on ln compute, on the same points."""
    found, (compute, loss) = scaling.law(family), points(within(scaling.of(family)))
    kept = nondominated(compute, loss)
    slope, level = np.polyfit(np.log(compute[kept]), np.log(loss[kept] - found.floor), 1)
    return replace(found, coefficient=float(np.exp(level)), exponent=float(slope), draws=None)


@cached
def compared(year: float = LAST) -> pd.DataFrame:
    """Return the total at a year's frontier by every way to count.

    Columns: group, name, total (95%, if refitted), share (that depends on scale), at_last_loss (total at the loss with
    which the points of the reference end).
    """
    flop = float(frontier_compute_flop(year))
    rows = []
    for group, name, of in variants():
        rows.append((group, name, total(of, flop), float(share_that_depends_on_scale(of, flop)), at_last_loss(of)))
    return pd.DataFrame(rows, columns=["group", "name", "total", "share", "at_last_loss"])


def at_last_loss(of: Accounting) -> float:
    """Return the total at the loss with which the reference's fitted points end; the new law may have none there."""
    end = of.reference.support_flop[1]
    return float(end / of.new.compute(of.reference.loss(end)) * rest(of))


def share_at_frontier(compute_flop: float) -> Estimate:
    """Return the published share, in logs, of the factors that depend on scale, with its interval by unrounded laws.

    Where the laws of a resample give no gain there is nothing to share, and its share is none.
    """
    of = of_choice(scaling.PUBLISHED)
    reference, new = resamples(of.reference, of.new)
    drawn = replace(of, reference=reference, new=new)
    shares = np.where(multiplier(drawn, compute_flop) > 1.0, share_that_depends_on_scale(drawn, compute_flop), 0.0)
    value = float(share_that_depends_on_scale(as_printed(), compute_flop))
    return scaling.over_sizes(shares, value, fewest(of.reference, of.new), more=", none where the laws give no gain")


@cached
def by_compute(choice: scaling.Choice = scaling.PUBLISHED) -> pd.DataFrame:
    """Return the total by the new law's compute: compute_flop, total, rest (constant factors), inside.

    Inside is where LSTMs need a compute for the same loss at which they have fitted points.
    """
    of, flops = of_choice(choice), np.geomspace(1e15, 1e26, 41)
    first, last = of.reference.support_flop
    found = pd.DataFrame({"compute_flop": flops, "total": [total(of, float(flop)) for flop in flops], "rest": rest(of)})
    needed = flops * np.array([float(multiplier(of, flop)) for flop in flops])
    return found.assign(inside=(first <= needed) & (needed <= last))


@cached
def references() -> pd.DataFrame:
    """Return the gain of a mixture of experts by year against three references, as the paper's figure has it.

    Columns: year, compute_flop, lstm (as printed, 95% over resampled sizes), kaplan, dense, kaplan_growth (ln a year).
    """
    printed, rows, step = of_references(), [], 1e-4
    fitted = replace(printed, reference=scaling.law("lstm"), new=scaling.law("modern"))
    for year in REFERENCE_YEARS:
        flop = float(frontier_compute_flop(year))
        lstm = replace(total(fitted, flop), value=float(totals(printed, flop)))
        around = chinchilla(frontier_compute_flop(np.array([year - step, year + step])), printed=True)
        growth = float(np.diff(np.log(around))[0] / (2 * step))
        rows.append((year, flop, lstm, EXPERTS * float(chinchilla(flop, printed=True)), EXPERTS, growth))
    return pd.DataFrame(rows, columns=["year", "compute_flop", "lstm", "kaplan", "dense", "kaplan_growth"])


def moved_gap(change: float) -> Accounting:
    """Return the published accounting with the LSTM's exponent moved, so that its gap to the modern one changes so."""
    of, modern = as_printed(), scaling.PRINTED["modern"][1]
    exponent = modern - (1.0 + change) * (modern - of.reference.exponent)
    return replace(of, reference=replace(of.reference, exponent=exponent))


def yearly_growth(total: float, years: float = LAST - FIRST) -> float:
    """Return the mean growth a year behind a total."""
    return float(total ** (1.0 / years))
