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
from algoprogress.engine.cache import cached
from algoprogress.frontiers import runs
from algoprogress.frontiers.runs import PowerLaw, RunsError
from algoprogress.laws import scaling as frontier
from book.studies.attribution import sources
from book.studies.scaling import study as families
from book.studies.scaling.study import Choice

START_FLOP, START_YEAR, GROWTH = 1e16, 2013.0, 4.1  # the paper's frontier: FLOP, year, times a year
MEASURED = 1.33  # gain of all small changes together, as the paper has it
EXPERTS = 2.0  # gain of a mixture of experts, typed in by the authors
EXPLAINED = 22_000.0  # what is to be explained, after Ho et al. 2024
FIRST, LAST = 2012.0, 2023.0
YEARS = (2017, 2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025)
KINDS = {"transformer": "depends on scale", "chinchilla": "depends on scale"}


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
    laws = {name: families.as_draw(families.printed(name)) for name in ("lstm", "retro")}
    return replace(Accounting(laws["lstm"], laws["retro"]), **choices)


def of_choice(choice: Choice, *, resampled: bool = False, new: str = "retro", **choices) -> Accounting:
    """Return the accounting with laws fitted under a choice, unrounded; with their resamples over sizes if asked."""
    pick = families.draws if resampled else lambda name, how: families.as_draw(families.law(name, how))
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
    ratio = 1.3e9 * (6.0 / 8.64e19) ** share  # N at 6 N D = 6
    return frontier.ScalingLaw("Kaplan's rule", 0.0, beta / alpha * ratio, alpha, 1.0, beta)


def small_factors(of: Accounting) -> pd.Series:
    """Return the factor of each small innovation, by id, shrunk to their measured gain together if there is one."""
    table = tables.read("innovations")
    gains = table[table["kind"].isin(["ablation", "omitted"])].set_index("id")["gain"]
    shrunk = gains if of.measured is None else gains ** interaction_exponent(of.measured)
    if not of.small:
        return shrunk.iloc[:0]
    return shrunk if of.with_swiglu else shrunk.drop("swiglu")


def interaction_exponent(measured: float = MEASURED) -> float:
    """Return k, the exponent that shrinks the product of the small gains to their measured gain together."""
    table = tables.read("innovations")
    return float(np.log(measured) / np.log(table.loc[table["kind"].isin(["ablation", "omitted"]), "gain"].prod()))


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
        kind=[KINDS.get(id, "the same at every scale") for id in table["id"]], factor=[known[id] for id in table["id"]]
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
    exact = families.CHOICES[0]
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
    for choice in families.CHOICES[1:]:
        try:
            found.append(Variant("laws", choice.name, of_choice(choice)))
        except RunsError:
            continue
    return found


def _modern() -> Accounting:
    """Return the accounting of the paper's figure of references: the modern law, which holds the small factors."""
    laws = [families.as_draw(families.printed(name)) for name in ("lstm", "modern")]
    return Accounting(*laws, small=False)


def measured_together() -> float:
    """Return the gain of all small changes together by the unrounded laws at the loss of the ablations."""
    return families.gain_by_law("retro", "modern", families.ABLATION_LOSS)["gain"]


def _of_laws(fit) -> Accounting:
    return Accounting(*(families.as_draw(fit(name)) for name in ("lstm", "retro")))


def _without_copies(family: str) -> PowerLaw:
    return runs.power_law(families.of(family).drop_duplicates(["training_compute_flop", "loss_nats"]))


def _in_logs(family: str) -> PowerLaw:
    """Return the law by least squares of ln(loss - floor) on ln compute, on the same points."""
    found, chosen = families.law(family), runs.within(families.of(family))
    compute, loss = chosen["training_compute_flop"].to_numpy(float), chosen["loss_nats"].to_numpy(float)
    kept = runs.nondominated(compute, loss)
    slope, level = np.polyfit(np.log(compute[kept]), np.log(loss[kept] - found.floor), 1)
    return replace(found, coefficient=float(np.exp(level)), exponent=float(slope))


@cached
def compared(year: float = LAST) -> pd.DataFrame:
    """Return the total at a year's frontier by every way to count.

    Columns: group, name, total, share (of the factors that depend on scale), low and high (95% over resampled sizes,
    missing where laws are not refitted), at_data_end (the total at the largest compute of the LSTM's points).
    """
    flop, rows = float(frontier_compute_flop(year)), []
    choices = {choice.name: choice for choice in families.CHOICES} | {"laws unrounded": families.CHOICES[0]}
    end = families.law("lstm").support_flop[1]
    for each in variants():
        low = high = np.nan
        if each.name in choices and each.group != "published":
            low, _, high = total_interval(choices[each.name], flop)
        rows.append(
            (
                each.group,
                each.name,
                totals(each.accounting, flop)[0],
                shares_that_depend_on_scale(each.accounting, flop)[0],
                low,
                high,
                totals(each.accounting, end)[0],
            )
        )
    return pd.DataFrame(rows, columns=["group", "name", "total", "share", "low", "high", "at_data_end"])


def total_interval(choice: Choice, compute_flop: float) -> tuple[float, float, float]:
    """Return 95% ends and median of the total at a compute over resampled sizes of both families."""
    drawn = np.log(totals(of_choice(choice, resampled=True), compute_flop))
    fewest = min(families.sizes(name, choice) for name in ("lstm", "retro"))
    low, middle, high = np.exp(runs.interval(drawn, fewest))
    return float(low), float(middle), float(high)


@cached
def by_compute(choice: Choice = families.CHOICES[0], count: int = 41) -> pd.DataFrame:
    """Return total and parts by compute: compute_flop, total, low, high, transformer, chinchilla, rest, inside.

    Inside is the range of the LSTM's fitted points; all else is extrapolated.
    """
    of, (first, last) = of_choice(choice), families.law("lstm", choice).support_flop
    rows = []
    for flop in np.geomspace(1e15, 1e26, count):
        low, _, high = total_interval(choice, float(flop))
        law, split = between_laws(of.reference, of.new, flop)[0], float(chinchilla(flop))
        whole = totals(of, flop)[0]
        rows.append((flop, whole, low, high, law / split, split, whole / law, first <= flop <= last))
    return pd.DataFrame(
        rows, columns=["compute_flop", "total", "low", "high", "transformer", "chinchilla", "rest", "inside"]
    )


@cached
def references(years: tuple[float, ...] = (2018, 2020, 2022, 2023, 2024, 2025, 2026, 2028)) -> pd.DataFrame:
    """Return the gain of a mixture of experts by year against three references, as the paper's figure has it.

    Columns: year, compute_flop, lstm, kaplan, dense, and lstm_low, lstm_high (95% over resampled sizes) and
    kaplan_growth (in ln per year).
    """
    printed = [families.as_draw(families.printed(name)) for name in ("lstm", "modern")]
    drawn = [families.draws(name) for name in ("lstm", "modern")]
    fewest, rows, step = min(families.sizes(name) for name in ("lstm", "modern")), [], 1e-4
    for year in years:
        flop = float(frontier_compute_flop(year))
        low, _, high = np.exp(runs.interval(np.log(EXPERTS * between_laws(*drawn, flop)), fewest))
        ends = chinchilla(frontier_compute_flop(np.array([year - step, year + step])), printed=True)
        kaplan = EXPERTS * float(chinchilla(flop, printed=True))
        growth = float(np.diff(np.log(ends))[0] / (2 * step))
        lstm = EXPERTS * between_laws(*printed, flop)[0]
        rows.append((year, flop, lstm, kaplan, EXPERTS, low, high, growth))
    return pd.DataFrame(
        rows, columns=["year", "compute_flop", "lstm", "kaplan", "dense", "lstm_low", "lstm_high", "kaplan_growth"]
    )


def moved_gap(change: float) -> Accounting:
    """Return the published accounting with the gap of exponents of LSTM and modern transformer changed by a share.

    As in the paper's figure of 2026, the LSTM's exponent alone moves and its coefficient stays.
    """
    of = as_printed()
    modern = families.PRINTED["modern"][1]
    lstm = of.reference.copy()
    lstm[:, 1] = modern - (1.0 + change) * (modern - lstm[:, 1])
    return replace(of, reference=lstm)


def yearly_growth(total: float, years: float = LAST - FIRST) -> float:
    """Return the mean growth a year behind a total.

    >>> round(yearly_growth(4.0, 2.0), 6)
    2.0
    """
    return float(total ** (1.0 / years))
