"""The accounting of Gundlach et al. 2025: what a path from LSTMs to today's transformers is worth, factor by factor.

Total(C) = M(C) x experts x product of small factors^k. M(C) = (A_new C^alpha_new / A_old)^(1/alpha_old) / C is the gain
of the transformer of 2017 over the LSTM at the compute C of the better one, read off two power laws. Of M(C) the part
of Chinchilla's split is taken out, and put back in the year of its adoption, so that it cancels in the total.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from algoprogress.data import tables
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.engine.cache import cached
from algoprogress.frontiers import runs
from algoprogress.frontiers.runs import PowerLaw, RunsError
from algoprogress.laws import scaling as frontier
from algoprogress.show.estimate import Estimate
from book.studies.ablations.study import MEASURED, interaction_exponent, small_gains
from book.studies.attribution import sources
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
    """The choices behind a total: two laws (coefficient, exponent, floor; draws x 3), the small factors, the split.

    `measured` is the gain of all small changes together, to which their product is shrunk by an exponent; None leaves
    the product as it is. `direction` says at whose compute Chinchilla's factor is taken.
    """

    reference: np.ndarray
    new: np.ndarray
    measured: float | None = MEASURED
    experts: float = EXPERTS
    with_swiglu: bool = False
    direction: str = "worse"
    printed_split: bool = True
    small: bool = True


def as_printed(**choices) -> Accounting:
    """Return the published accounting: laws with three printed digits."""
    laws = {name: scaling.as_draw(scaling.printed(name)) for name in ("lstm", "retro")}
    return replace(Accounting(laws["lstm"], laws["retro"]), **choices)


def of_choice(choice: Choice, *, resampled: bool = False, new: str = "retro", **choices) -> Accounting:
    """Return the accounting with laws fitted under a choice, unrounded; with their resamples over sizes if asked."""
    pick = scaling.draws if resampled else lambda name, how: scaling.as_draw(scaling.law(name, how))
    return replace(Accounting(pick("lstm", choice), pick(new, choice)), **choices)


def frontier_compute_flop(year: ArrayLike) -> np.ndarray:
    """Return the training compute in FLOP of the paper's frontier: 1e16 in 2013, times 4.1 a year."""
    return START_FLOP * GROWTH ** (np.asarray(year, float) - START_YEAR)


def between_laws(reference: np.ndarray, new: np.ndarray, compute_flop: float) -> np.ndarray:
    """Return the gain of new laws over reference laws (draws x 3) at the compute of the new ones; nan past a floor."""
    logs = np.log(compute_flop)
    loss = new[:, 2] + np.exp(np.log(new[:, 0]) + new[:, 1] * logs)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        above = np.where(loss > reference[:, 2], loss - reference[:, 2], np.nan)
        return np.exp((np.log(above) - np.log(reference[:, 0])) / reference[:, 1] - logs)


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
    laws = sources.laws()
    return frontier.gain_over_allocation(laws["hoffmann2022"], kaplan_rule(), compute, at=direction)


def kaplan_rule() -> frontier.ScalingLaw:
    """Return a law whose optimal split is the paper's rule N = 1.3e9 (C / 8.64e19)^0.73; its losses mean nothing."""
    share = 0.73
    alpha, beta = 1.0 - share, share  # the optimum has N ~ C^(beta / (alpha + beta))
    ratio = 1.3e9 * (FLOP_PER_PARAMETER_TOKEN / 8.64e19) ** share  # N at 6 N D = 6
    return frontier.ScalingLaw("Kaplan's rule", 0.0, beta / alpha * ratio, alpha, 1.0, beta)


def small_factors(of: Accounting) -> pd.Series:
    """Return the factor of each small innovation, by id, shrunk to their measured gain together if there is one."""
    gains = small_gains()
    shrunk = gains if of.measured is None else gains ** interaction_exponent(of.measured)
    if not of.small:
        return shrunk.iloc[:0]
    return shrunk if of.with_swiglu else shrunk.drop("swiglu")


def totals(of: Accounting, compute_flop: float) -> np.ndarray:
    """Return the total gain at a compute (one element a draw), all innovations adopted."""
    return between_laws(of.reference, of.new, compute_flop) * of.experts * float(small_factors(of).prod())


def factors(of: Accounting, compute_flop: float, *, year: float = np.inf) -> pd.DataFrame:
    """Return the factors adopted until a year at a compute, of the first draw, largest first, and their log shares.

    Columns: id, name, adopted, kind, factor, share. Before Chinchilla's adoption its factor is missing, not one.
    """
    table = tables.read("innovations")
    table = table[table["adopted"] <= year]
    split = float(chinchilla(compute_flop, direction=of.direction, printed=of.printed_split))
    law = float(between_laws(of.reference[:1], of.new[:1], compute_flop)[0])
    known = {"transformer": law / split, "chinchilla": split, "experts": of.experts, **small_factors(of)}
    table = table[table["id"].isin(known)]
    found = table[["id", "name", "adopted"]].assign(
        kind=[KINDS.get(id, SAME) for id in table["id"]], factor=[known[id] for id in table["id"]]
    )
    logs = np.log(found["factor"])
    return found.assign(share=logs / logs.sum()).sort_values("factor", ascending=False, ignore_index=True)


def shares_that_depend_on_scale(of: Accounting, compute_flop: float) -> np.ndarray:
    """Return the share, in logs, of the two factors that depend on scale (one element a draw)."""
    whole, law = totals(of, compute_flop), between_laws(of.reference, of.new, compute_flop)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log(law) / np.log(whole)


def by_year(of: Accounting) -> pd.DataFrame:
    """Return the factors adopted so far at the frontier of each year: year, compute_flop and a line a factor."""
    parts = [
        factors(of, float(frontier_compute_flop(year)), year=year).assign(
            year=year, compute_flop=float(frontier_compute_flop(year))
        )
        for year in YEARS
    ]
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class Variant:
    """A way to count: what it changes, and the accounting that follows."""

    group: str
    name: str
    accounting: Accounting


def variants() -> list[Variant]:
    """Return every way to count at the 2023 frontier that the chapter compares, the published one first."""
    exact = scaling.PUBLISHED
    found = [
        Variant("published", "as printed", as_printed()),
        Variant("constants", "laws unrounded", of_choice(exact)),
        Variant("constants", "copies of a point dropped", _of_laws(_without_copies)),
        Variant("constants", "fitted in logs", _of_laws(_in_logs)),
        Variant("factors", "SwiGLU counted", as_printed(with_swiglu=True)),
        Variant("factors", "small gains multiplied", as_printed(measured=None)),
        Variant("factors", "measured together by unrounded laws", as_printed(measured=measured_together())),
        Variant("factors", "no mixture of experts", as_printed(experts=1.0)),
        Variant("factors", "transformer of today's law, no small factors", _modern()),
    ]
    for choice in scaling.CHOICES[1:]:
        try:
            found.append(Variant("laws", choice.name, of_choice(choice)))
        except RunsError:
            continue
    return found


def _modern() -> Accounting:
    """Return the accounting of the paper's figure of references: the modern law, which holds the small factors."""
    laws = [scaling.as_draw(scaling.printed(name)) for name in ("lstm", "modern")]
    return Accounting(*laws, small=False)


def measured_together() -> float:
    """Return the gain of all small changes together by the unrounded laws at the loss of the ablations."""
    return scaling.gain_by_law("retro", "modern", scaling.ABLATION_LOSS).value


def _of_laws(fit) -> Accounting:
    return Accounting(*(scaling.as_draw(fit(name)) for name in ("lstm", "retro")))


def _without_copies(family: str) -> PowerLaw:
    return runs.power_law(scaling.of(family).drop_duplicates(["training_compute_flop", "loss_nats"]))


def _in_logs(family: str) -> PowerLaw:
    """Return the law by least squares of ln(loss - floor) on ln compute, on the same points."""
    found, chosen = scaling.law(family), runs.within(scaling.of(family))
    compute, loss = chosen["training_compute_flop"].to_numpy(float), chosen["loss_nats"].to_numpy(float)
    kept = runs.nondominated(compute, loss)
    slope, level = np.polyfit(np.log(compute[kept]), np.log(loss[kept] - found.floor), 1)
    return replace(found, coefficient=float(np.exp(level)), exponent=float(slope))


@cached
def compared(year: float = LAST) -> pd.DataFrame:
    """Return the total at a year's frontier by every way to count.

    Columns: group, name, total (95% over resampled sizes where laws are refitted), share (of the factors that depend on
    scale), at_data_end (the total at the largest compute of the LSTM's points).
    """
    flop, rows = float(frontier_compute_flop(year)), []
    refitted = {choice.name: choice for choice in scaling.CHOICES} | {"laws unrounded": scaling.PUBLISHED}
    end = scaling.law("lstm").support_flop[1]
    for each in variants():
        if each.name in refitted and each.group != "published":
            found = total(refitted[each.name], flop)
        else:
            found = Estimate.exact(totals(each.accounting, flop)[0], ARITHMETIC)
        share = shares_that_depend_on_scale(each.accounting, flop)[0]
        rows.append((each.group, each.name, found, share, totals(each.accounting, end)[0]))
    return pd.DataFrame(rows, columns=["group", "name", "total", "share", "at_data_end"])


def total(choice: Choice, compute_flop: float) -> Estimate:
    """Return the total by unrounded laws at a compute with its 95% interval over resampled sizes of both families."""
    drawn = totals(of_choice(choice, resampled=True), compute_flop)
    value = totals(of_choice(choice), compute_flop)[0]
    return scaling.gain_over_sizes(drawn, value, scaling.fewest_sizes(("lstm", "retro"), choice), more=", extrapolated")


def share_that_depends_on_scale(compute_flop: float) -> Estimate:
    """Return the published share, in logs, of the factors that depend on scale, with its interval by unrounded laws.

    Where the laws of a resample give no gain there is nothing to share, and its share is none.
    """
    drawn = of_choice(scaling.PUBLISHED, resampled=True)
    gain = between_laws(drawn.reference, drawn.new, compute_flop)
    shares = np.where(gain > 1.0, shares_that_depend_on_scale(drawn, compute_flop), 0.0)
    value = shares_that_depend_on_scale(as_printed(), compute_flop)[0]
    return scaling.over_sizes(shares, value, 5, more=", none where the laws give no gain")


@cached
def by_compute(choice: Choice = scaling.PUBLISHED) -> pd.DataFrame:
    """Return total and parts by compute: compute_flop, total, transformer, chinchilla, rest, inside.

    The total has its 95% interval over resampled sizes. Inside is the range of the LSTM's fitted points; all else is
    extrapolated.
    """
    of, (first, last) = of_choice(choice), scaling.law("lstm", choice).support_flop
    rows = []
    for flop in np.geomspace(1e15, 1e26, 41):
        law, split = between_laws(of.reference, of.new, flop)[0], float(chinchilla(flop))
        whole = total(choice, float(flop))
        rows.append((flop, whole, law / split, split, whole.value / law, first <= flop <= last))
    return pd.DataFrame(rows, columns=["compute_flop", "total", "transformer", "chinchilla", "rest", "inside"])


@cached
def references() -> pd.DataFrame:
    """Return the gain of a mixture of experts by year against three references, as the paper's figure has it.

    Columns: year, compute_flop, lstm (laws as printed, 95% over resampled sizes), kaplan, dense, and kaplan_growth (in
    ln per year).
    """
    printed = [scaling.as_draw(scaling.printed(name)) for name in ("lstm", "modern")]
    drawn = [scaling.draws(name) for name in ("lstm", "modern")]
    fewest, rows, step = scaling.fewest_sizes(("lstm", "modern")), [], 1e-4
    for year in REFERENCE_YEARS:
        flop = float(frontier_compute_flop(year))
        values = [EXPERTS * between_laws(*pair, flop) for pair in (drawn, printed)]
        lstm = scaling.gain_over_sizes(values[0], values[1][0], fewest, more=", extrapolated")
        around = chinchilla(frontier_compute_flop(np.array([year - step, year + step])), printed=True)
        growth = float(np.diff(np.log(around))[0] / (2 * step))
        rows.append((year, flop, lstm, EXPERTS * float(chinchilla(flop, printed=True)), EXPERTS, growth))
    return pd.DataFrame(rows, columns=["year", "compute_flop", "lstm", "kaplan", "dense", "kaplan_growth"])


def moved_gap(change: float) -> Accounting:
    """Return the published accounting with the gap of exponents of LSTM and modern transformer changed by a share.

    As in the paper's figure of 2026, the LSTM's exponent alone moves and its coefficient stays.
    """
    of = as_printed()
    modern = scaling.PRINTED["modern"][1]
    lstm = of.reference.copy()
    lstm[:, 1] = modern - (1.0 + change) * (modern - lstm[:, 1])
    return replace(of, reference=lstm)


def yearly_growth(total: float, years: float = LAST - FIRST) -> float:
    """Return the mean growth a year behind a total.

    >>> round(yearly_growth(4.0, 2.0), 6)
    2.0
    """
    return float(total ** (1.0 / years))
