"""The accounting of Gundlach et al. 2025: what a path from LSTMs to today's transformers is worth, factor by factor.

Total(C) = M(C) x experts x product of small factors^k. M(C) = (A_new C^alpha_new / A_old)^(1/alpha_old) / C is the gain
of the transformer of 2017 over the LSTM at the compute C of the better one, read off two power laws. Of M(C) the part
of Chinchilla's split is taken out, and put back in the year of its adoption, so that it cancels in the total.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from algoprogress.data import tables
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.engine.cache import cached
from algoprogress.frontiers.estimators import PowerLaw, power_law
from algoprogress.frontiers.gain import fewest, gain, resamples
from algoprogress.frontiers.runs import RunsError, nondominated, within
from algoprogress.laws import scaling as laws
from algoprogress.show.estimate import Estimate
from book.studies.ablations.study import MEASURED, interaction_exponent, small_gains
from book.studies.allocation import split
from book.studies.scaling import study as scaling
from book.studies.scaling.study import Choice

START_FLOP, START_YEAR, GROWTH = 1e16, 2013.0, 4.1  # the paper's frontier: FLOP, year, times a year
EXPERTS = 2.0  # gain of a mixture of experts, typed in by the authors
EXPLAINED = 22_000.0  # what is to be explained, after Ho et al. 2024
FIRST, LAST = 2012.0, 2023.0
YEARS = (2017, 2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025)
REFERENCE_YEARS = (2018, 2020, 2022, 2023, 2024, 2025, 2026, 2028)
ARITHMETIC = "none: arithmetic on stated constants"
DEPENDS, SAME = "depends on scale", "the same at every scale"
KINDS = {"transformer": DEPENDS, "chinchilla": DEPENDS}


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
    printed_split: bool = True
    small: bool = True


def as_printed(**choices) -> Accounting:
    """Return the published accounting: laws with three printed digits."""
    return replace(of_laws(scaling.printed), **choices)


def of_choice(choice: Choice) -> Accounting:
    """Return the accounting with laws fitted under a choice, unrounded, to be resampled by sizes."""
    return of_laws(lambda family: scaling.law(family, choice))


def of_laws(fit: Callable[[str], PowerLaw]) -> Accounting:
    """Return the accounting with the laws that a function gives the LSTM and the transformer of 2017."""
    return Accounting(fit("lstm"), fit("retro"))


def frontier_compute_flop(year: ArrayLike) -> np.ndarray:
    """Return the training compute in FLOP of the paper's frontier: 1e16 in 2013, times 4.1 a year."""
    return START_FLOP * GROWTH ** (np.asarray(year, float) - START_YEAR)


def multiplier(of: Accounting, compute_flop: float) -> np.ndarray:
    """Return the gain of the new law over the reference at a compute of the new one; nan past a floor.

    With resampled laws it has an element a resample.
    """
    return of.reference.compute(of.new.loss(compute_flop)) / compute_flop


def chinchilla(
    compute_flop: ArrayLike, *, direction: str = "worse", printed: bool = False, power: float = 6.512
) -> np.ndarray:
    """Return the gain of Chinchilla's split over Kaplan's at a compute, of the "worse" or the "better" split.

    Hoffmann's constants as printed; with `printed` the rounded formula of the authors' code, which is for the worse
    one; its `power` was 6.51 when the text was written.
    """
    compute = np.asarray(compute_flop, float)
    if printed and direction == "worse":
        return 1.85e-20 * compute * (28737.9 * compute**-0.2482 + 20.337 * compute**-0.0756) ** power
    return split.gain_over_split(laws.published()["hoffmann2022"], kaplan_rule(), compute, at=direction)


def kaplan_rule() -> laws.ScalingLaw:
    """Return a law whose optimal split is the paper's rule N = 1.3e9 (C / 8.64e19)^0.73; its losses mean nothing."""
    share = 0.73
    alpha, beta = 1.0 - share, share  # the optimum has N ~ C^(beta / (alpha + beta))
    ratio = 1.3e9 * (FLOP_PER_PARAMETER_TOKEN / 8.64e19) ** share  # N at 6 N D = 6
    return laws.ScalingLaw("Kaplan's rule", 0.0, beta / alpha * ratio, alpha, 1.0, beta)


def small_factors(of: Accounting) -> pd.Series:
    """Return the factor of each small innovation, by id, shrunk to their measured gain together if there is one."""
    gains = small_gains()
    shrunk = gains if of.measured is None else gains ** interaction_exponent(of.measured)
    if not of.small:
        return shrunk.iloc[:0]
    return shrunk if of.with_swiglu else shrunk.drop("swiglu")


def rest(of: Accounting) -> float:
    """Return the product of the factors that are the same at every compute: experts and the small ones."""
    return of.experts * float(small_factors(of).prod())


def totals(of: Accounting, compute_flop: float) -> np.ndarray:
    """Return the total gain at a compute, all innovations adopted; with resampled laws an element a resample."""
    return multiplier(of, compute_flop) * rest(of)


def total(of: Accounting, compute_flop: float) -> Estimate:
    """Return the total gain at a compute with its 95% interval over resampled sizes, if the laws can be resampled."""
    found = gain(of.reference, of.new, compute_flop=compute_flop, extrapolate=True).map(lambda each: each * rest(of))
    return found.covering(_covers(of))


def _covers(of: Accounting) -> str:
    groups = fewest(of.reference, of.new)
    return ARITHMETIC if groups is None else f"{scaling.SIZES} ({groups}), extrapolated"


def factors(of: Accounting, compute_flop: float, *, year: float = np.inf) -> pd.DataFrame:
    """Return the factors adopted until a year at a compute, largest first, and their shares in logs.

    Columns: id, name, adopted, kind, factor, share. Before Chinchilla's adoption its factor is missing, not one.
    """
    table = tables.read("innovations")
    table = table[table["adopted"] <= year]
    taken = float(chinchilla(compute_flop, direction=of.direction, printed=of.printed_split))
    law = float(multiplier(of, compute_flop))
    known = {"transformer": law / taken, "chinchilla": taken, "experts": of.experts, **small_factors(of)}
    table = table[table["id"].isin(known)]
    found = table[["id", "name", "adopted"]].assign(
        kind=[KINDS.get(id, SAME) for id in table["id"]], factor=[known[id] for id in table["id"]]
    )
    logs = np.log(found["factor"])
    return found.assign(share=logs / logs.sum()).sort_values("factor", ascending=False, ignore_index=True)


def share_that_depends_on_scale(of: Accounting, compute_flop: float) -> np.ndarray:
    """Return the share, in logs, of the two factors that depend on scale; with resampled laws an element a resample."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log(multiplier(of, compute_flop)) / np.log(totals(of, compute_flop))


def by_year(of: Accounting) -> pd.DataFrame:
    """Return the factors adopted so far at the frontier of each year: year, compute_flop and a line a factor."""
    parts = []
    for year in YEARS:
        flop = float(frontier_compute_flop(year))
        parts.append(factors(of, flop, year=year).assign(year=year, compute_flop=flop))
    return pd.concat(parts, ignore_index=True)


class Variant(NamedTuple):
    """A way to count: what it changes, and the accounting that follows."""

    group: str
    name: str
    accounting: Accounting


def variants() -> list[Variant]:
    """Return every way to count at the 2023 frontier that the chapter compares, the published one first."""
    found = [
        Variant("published", "as printed", as_printed()),
        Variant("constants", "laws unrounded", of_choice(scaling.PUBLISHED)),
        Variant("constants", "copies of a point dropped", of_laws(_without_copies)),
        Variant("constants", "fitted in logs", of_laws(_in_logs)),
        Variant("factors", "SwiGLU counted", as_printed(with_swiglu=True)),
        Variant("factors", "small gains multiplied", as_printed(measured=None)),
        Variant("factors", "measured together by unrounded laws", as_printed(measured=measured_together())),
        Variant("factors", "no mixture of experts", as_printed(experts=1.0)),
        Variant("factors", "transformer of today's law, no small factors", of_references()),
    ]
    for choice in scaling.CHOICES[1:]:
        try:
            found.append(Variant("laws", choice.name, of_choice(choice)))
        except RunsError:
            continue
    return found


def of_references() -> Accounting:
    """Return the accounting of the paper's figure of references: the modern law, which holds the small factors."""
    return Accounting(scaling.printed("lstm"), scaling.printed("modern"), small=False)


def measured_together() -> float:
    """Return the gain of all small changes together by the unrounded laws at the loss of the ablations."""
    return scaling.gain_by_law("retro", "modern", scaling.ABLATION_LOSS).value


def _without_copies(family: str) -> PowerLaw:
    return power_law(scaling.of(family).drop_duplicates(["training_compute_flop", "loss_nats"]))


def _in_logs(family: str) -> PowerLaw:
    """Return the law by least squares of ln(loss - floor) on ln compute, on the same points."""
    found, chosen = scaling.law(family), within(scaling.of(family))
    compute, loss = chosen["training_compute_flop"].to_numpy(float), chosen["loss_nats"].to_numpy(float)
    kept = nondominated(compute, loss)
    slope, level = np.polyfit(np.log(compute[kept]), np.log(loss[kept] - found.floor), 1)
    return replace(found, coefficient=float(np.exp(level)), exponent=float(slope), draws=None)


@cached
def compared(year: float = LAST) -> pd.DataFrame:
    """Return the total at a year's frontier by every way to count.

    Columns: group, name, total (95% over resampled sizes where laws are refitted), share (of the factors that depend on
    scale), at_data_end (the total at the largest compute of the LSTM's points).
    """
    flop, rows = float(frontier_compute_flop(year)), []
    end = scaling.law("lstm").support_flop[1]
    for each in variants():
        of = each.accounting
        share = float(share_that_depends_on_scale(of, flop))
        rows.append((each.group, each.name, total(of, flop), share, float(totals(of, end))))
    return pd.DataFrame(rows, columns=["group", "name", "total", "share", "at_data_end"])


def share_at_frontier(compute_flop: float) -> Estimate:
    """Return the published share, in logs, of the factors that depend on scale, with its interval by unrounded laws.

    Where the laws of a resample give no gain there is nothing to share, and its share is none.
    """
    of = of_choice(scaling.PUBLISHED)
    reference, new = resamples(of.reference, of.new)
    drawn = replace(of, reference=reference, new=new)
    shares = share_that_depends_on_scale(drawn, compute_flop)
    shares = np.where(multiplier(drawn, compute_flop) > 1.0, shares, 0.0)
    value = float(share_that_depends_on_scale(as_printed(), compute_flop))
    return scaling.over_sizes(shares, value, fewest(of.reference, of.new), more=", none where the laws give no gain")


@cached
def by_compute(choice: Choice = scaling.PUBLISHED) -> pd.DataFrame:
    """Return the total by unrounded laws and its part of constant factors: compute_flop, total, rest, inside.

    The total has its 95% interval over resampled sizes. Inside is the range of the LSTM's fitted points; all else is
    extrapolated.
    """
    of, flops = of_choice(choice), np.geomspace(1e15, 1e26, 41)
    first, last = of.reference.support_flop
    found = pd.DataFrame({"compute_flop": flops, "total": [total(of, float(flop)) for flop in flops], "rest": rest(of)})
    return found.assign(inside=found["compute_flop"].between(first, last))


@cached
def references() -> pd.DataFrame:
    """Return the gain of a mixture of experts by year against three references, as the paper's figure has it.

    Columns: year, compute_flop, lstm (laws as printed, 95% over resampled sizes), kaplan, dense, and kaplan_growth (in
    ln per year).
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
    """Return the published accounting with the gap of exponents of LSTM and modern transformer changed by a share.

    As in the paper's figure of 2026, the LSTM's exponent alone moves and its coefficient stays.
    """
    of, modern = as_printed(), scaling.PRINTED["modern"][1]
    exponent = modern - (1.0 + change) * (modern - of.reference.exponent)
    return replace(of, reference=replace(of.reference, exponent=exponent))


def yearly_growth(total: float, years: float = LAST - FIRST) -> float:
    """Return the mean growth a year behind a total.

    >>> round(yearly_growth(4.0, 2.0), 6)
    2.0
    """
    return float(total ** (1.0 / years))
