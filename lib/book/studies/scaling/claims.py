"""Recomputes the claims on compute-equivalent gains: laws of families, ablations, and the accounting."""

from __future__ import annotations

import numpy as np

from algoprogress.data import tables
from algoprogress.frontiers import runs
from algoprogress.show.estimate import Estimate
from book.studies.ablations import study as ablation
from book.studies.accounting import study as accounting
from book.studies.registry import recomputes
from book.studies.scaling import study as families

SIZES = f"95%, {families.DRAWS:,} resampled sizes"
ARITHMETIC = "none: arithmetic on stated constants"
POINT = "none: a point of one fit"
SEEDS = "95%, Student's t over seeds"
NOISE = "95%, seeds of an earlier set and the grid of logged rows"
CHOICE = {
    "": "as published",
    "window15": "window from 1e15",
    "snapshot": "snapshot",
    "reruns": "reruns",
    "reruns15": "reruns, from 1e15",
    "ends": "end points, all sizes",
    "floor_fitted": "floor fitted",
    "to5e16": "window to 5e16",
    "from3e15": "window from 3e15",
    "floor169": "floor 1.69",
    "floor18": "floor 1.8",
    "floor25": "floor 2.5",
}
FAMILY = "lstm2|lstm|retro|modern25|modern|sgd"
LOSSES = {"5277": families.ABLATION_LOSS, "490": 4.9, "440": families.LOW_LOSS}
FLOPS = {f"1e{power}": 10.0**power for power in range(15, 27)}
FACTOR = "transformer|chinchilla|experts|pre_norm|rotary|learned|rms_norm|cosine"


def chosen(name: str | None) -> families.Choice:
    """Return a choice by its short name in the ids."""
    return families.named(CHOICE[name or ""])


def _interval(draws: np.ndarray, value: float, fewest: int, covers: str = SIZES) -> Estimate:
    low, _, high = runs.interval(draws, fewest)
    return Estimate(float(value), low, high, f"{covers} ({fewest})")


@recomputes(rf"gundlach\.law\.({FAMILY})\.(coefficient|exponent)(?:\.(\w+))?")
def law(family: str, what: str, choice: str | None) -> Estimate:
    """Return a constant of a family's law, by the published recipe unless told."""
    how = (
        families.Choice("", "snapshot", floor=1.8, window=families.LEFT_TO)
        if choice == "snapshot18"
        else chosen(choice)
    )
    column = 0 if what == "coefficient" else 1
    found = families.law(family, how)
    return _interval(families.draws(family, how)[:, column], getattr(found, what), families.sizes(family, how))


@recomputes(r"gundlach\.ceg_(lstm|retro)_(modern|retro)\.loss_(5277|490|440)(?:\.(\w+))?")
def gain_by_law(reference: str, new: str, loss: str, how: str | None) -> Estimate:
    """Return a gain at a loss: by laws, or directly, or with one law rounded or both."""
    nats = LOSSES[loss]
    if how == "direct":
        return direct(reference, new, nats)
    if how in ("rounded", "mixed"):
        laws = [families.law(reference) if how == "mixed" else families.printed(reference), families.printed(new)]
        value = runs.compute_for_loss(laws[0], nats) / runs.compute_for_loss(laws[1], nats)
        return Estimate(value, covers=ARITHMETIC)
    found = families.gain_by_law(reference, new, nats, chosen(how))
    fewest = min(families.sizes(name, chosen(how)) for name in (reference, new))
    covers = f"{SIZES} ({fewest})" + ("" if found["inside"] else ", extrapolated past the points of a law")
    return Estimate(found["gain"], found["low"], found["high"], covers)


def direct(reference: str, new: str, nats: float) -> Estimate:
    """Return the gain at a loss by the least compute of any checkpoint that reached it."""
    pair = [families.of(name) for name in (reference, new)]
    drawn = runs.resampled_gains(
        *pair, (nats,), estimator="envelope", window=families.WIDE, by="hidden_dim", draws=families.DRAWS
    )[:, 0]
    value = runs.gain(*(runs.envelope(each, window=families.WIDE) for each in pair), nats)
    fewest = min(each["hidden_dim"].nunique() for each in pair)
    low, _, high = np.exp(runs.interval(np.log(drawn), fewest))
    return Estimate(value, low, high, f"{SIZES} ({fewest})")


@recomputes(r"gundlach\.exponent_gap\.(lstm|retro)_(modern|retro)(?:\.(\w+))?")
def gap(reference: str, new: str, choice: str | None) -> Estimate:
    """Return by how much the new family's exponent is steeper."""
    found = families.exponent_gap(reference, new, chosen(choice))
    fewest = min(families.sizes(name, chosen(choice)) for name in (reference, new))
    return Estimate(found["gap"], found["low"], found["high"], f"{SIZES} ({fewest})")


@recomputes(r"gundlach\.gap_share\.(lstm|retro)_(modern|retro)(?:\.(\w+))?")
def gap_share(reference: str, new: str, choice: str | None) -> Estimate:
    """Return the share of resamples in which the new family's exponent is the steeper one."""
    value = families.exponent_gap(reference, new, chosen(choice))["share"]
    return Estimate(value, covers=f"none: a share of {families.DRAWS:,} resampled sizes")


@recomputes(r"gundlach\.trend\.(lstm|retro)_(modern|retro)")
def trend(reference: str, new: str) -> Estimate:
    """Return how the gain grows with compute where both were measured, as a power of compute, without laws."""
    between = (5.5, 4.3) if reference == "retro" else (5.6, 4.95)
    found = families.trend(reference, new, between=between)
    return Estimate(found["slope"], found["low"], found["high"], SIZES)


@recomputes(r"gundlach\.multiplier\.(lstm)_(retro|modern)\.(1e\d\d|2017)")
def multiplier(reference: str, new: str, at: str) -> Estimate:
    """Return the gain between the laws as printed at a compute of the better one."""
    laws = [families.as_draw(families.printed(name)) for name in (reference, new)]
    if at == "2017":  # Chinchilla's part is taken out, as in the accounting
        flop = float(accounting.frontier_compute_flop(2017.01))
        split = float(accounting.chinchilla(flop, printed=True))
        return Estimate(float(accounting.between_laws(*laws, flop)[0]) / split, covers=ARITHMETIC)
    return Estimate(float(accounting.between_laws(*laws, FLOPS[at])[0]), covers=ARITHMETIC)


@recomputes(r"gundlach\.total_(20\d\d|1e\d\d)\.(published|interval)(?:\.(\w+))?")
def total(at: str, what: str, choice: str | None) -> Estimate:
    """Return the total gain at a frontier or a compute: as printed, or by unrounded laws with its interval."""
    flop = FLOPS.get(at) or float(accounting.frontier_compute_flop(float(at)))
    if what == "published":
        return Estimate(float(accounting.totals(accounting.as_printed(), flop)[0]), covers=ARITHMETIC)
    how = chosen(choice)
    low, _, high = accounting.total_interval(how, flop)
    fewest = min(families.sizes(name, how) for name in ("lstm", "retro"))
    value = accounting.totals(accounting.of_choice(how), flop)[0]
    return Estimate(float(value), low, high, f"{SIZES} ({fewest}), extrapolated")


VARIANT = {
    "swiglu": "SwiGLU counted",
    "multiplied": "small gains multiplied",
    "no_experts": "no mixture of experts",
    "measured_unrounded": "measured together by unrounded laws",
    "copies_dropped": "copies of a point dropped",
    "logs": "fitted in logs",
    "modern_law": "transformer of today's law, no small factors",
}


@recomputes(r"gundlach\.total_2023\.variant\.(\w+)")
def variant(name: str) -> Estimate:
    """Return the total at the 2023 frontier when one choice is changed."""
    frame = accounting.compared().set_index("name")
    return Estimate(float(frame.loc[VARIANT[name], "total"]), covers=ARITHMETIC)


@recomputes(r"gundlach\.scale_dependent_share_(2023|2025)(?:\.interval)?")
def share(year: str) -> Estimate:
    """Return the share, in logs, of the two factors that depend on scale; its interval by unrounded laws."""
    flop = float(accounting.frontier_compute_flop(float(year)))
    value = accounting.shares_that_depend_on_scale(accounting.as_printed(), flop)[0]
    drawn = accounting.of_choice(families.CHOICES[0], resampled=True)
    shares = accounting.shares_that_depend_on_scale(drawn, flop)
    law = accounting.between_laws(drawn.reference, drawn.new, flop)
    low, _, high = runs.interval(np.where(law > 1.0, shares, 0.0), 5)  # without a gain there is nothing to share
    return Estimate(float(value), low, high, f"{SIZES} (5), none where the laws give no gain")


@recomputes(rf"gundlach\.factor_(2023|2025)\.({FACTOR})(\.share|\.text)?")
def factor(year: str, id: str, what: str | None) -> Estimate:
    """Return a factor of the accounting as printed, its share in logs, or with the text's exponent of the split."""
    if what == ".text":
        flop = float(accounting.frontier_compute_flop(float(year)))
        law = accounting.between_laws(accounting.as_printed().reference, accounting.as_printed().new, flop)[0]
        return Estimate(float(law / accounting.chinchilla(flop, printed=True, power=6.51)), covers=ARITHMETIC)
    frame = accounting.factors(accounting.as_printed(), float(accounting.frontier_compute_flop(float(year))))
    return Estimate(float(frame.set_index("id").loc[id, "share" if what else "factor"]), covers=ARITHMETIC)


@recomputes(r"gundlach\.(scale_dependent|invariant)_(2023|2025)(\.share)?")
def part(which: str, year: str, share: str | None) -> Estimate:
    """Return the part of the factors that depend on scale, or of the others, or its share in logs."""
    frame = accounting.factors(accounting.as_printed(), float(accounting.frontier_compute_flop(float(year))))
    rows = frame[(frame["kind"] == "depends on scale") == (which == "scale_dependent")]
    return Estimate(float(rows["share"].sum() if share else rows["factor"].prod()), covers=ARITHMETIC)


@recomputes(r"gundlach\.frontier_total\.(20\d\d)")
def frontier_total(year: str) -> Estimate:
    """Return the product of the factors adopted until a year, at its frontier."""
    frame = accounting.by_year(accounting.as_printed())
    return Estimate(float(frame.loc[frame["year"] == int(year), "factor"].prod()), covers=ARITHMETIC)


@recomputes(r"gundlach\.fixed_1e18\.(transformer|chinchilla)")
def fixed(id: str) -> Estimate:
    """Return a factor at a fixed compute of 1e18 FLOP."""
    frame = accounting.factors(accounting.as_printed(), 1e18).set_index("id")
    return Estimate(float(frame.loc[id, "factor"]), covers=ARITHMETIC)


@recomputes(r"gundlach\.chinchilla_(2023|2025)\.(published|consistent|share)")
def chinchilla(year: str, what: str) -> Estimate:
    """Return Chinchilla's factor, at the compute of the worse split as published, or of the better one."""
    flop = float(accounting.frontier_compute_flop(float(year)))
    if what == "published":
        return Estimate(float(accounting.chinchilla(flop, printed=True)), covers=ARITHMETIC)
    value = float(accounting.chinchilla(flop, direction="better"))
    if what == "share":
        value = np.log(value) / np.log(accounting.totals(accounting.as_printed(), flop)[0])
    return Estimate(float(value), covers=ARITHMETIC)


@recomputes(r"gundlach\.frontier_compute\.(20\d\d)")
def frontier_compute(year: str) -> Estimate:
    """Return the compute of the paper's frontier in a year."""
    return Estimate(float(accounting.frontier_compute_flop(float(year))), covers=ARITHMETIC)


@recomputes(r"gundlach\.reference\.(lstm|kaplan|dense)\.(20\d\d)(\.growth)?")
def reference(which: str, year: str, growth: str | None) -> Estimate:
    """Return the gain of a mixture of experts against a reference in a year, or its growth in ln per year."""
    row = accounting.references().set_index("year").loc[float(year)]
    if growth:
        exponents = {name: families.PRINTED[name][1] for name in ("lstm", "modern")}
        steady = (exponents["modern"] / exponents["lstm"] - 1.0) * np.log(accounting.GROWTH)
        return Estimate(float({"lstm": steady, "kaplan": row["kaplan_growth"], "dense": 0.0}[which]), covers=ARITHMETIC)
    if which == "lstm":
        return Estimate(
            float(row["lstm"]), float(row["lstm_low"]), float(row["lstm_high"]), f"{SIZES} (5), extrapolated"
        )
    return Estimate(float(row[which]), covers=ARITHMETIC)


@recomputes(r"gundlach\.sensitivity\.(m|p)(\d+)\.(share|total)")
def sensitivity(sign: str, percent: str, what: str) -> Estimate:
    """Return the share, or the total, in 2023 with the gap of exponents changed by some percent."""
    change = (-1.0 if sign == "m" else 1.0) * int(percent) / 100.0
    of, flop = accounting.moved_gap(change), float(accounting.frontier_compute_flop(accounting.LAST))
    values = accounting.shares_that_depend_on_scale(of, flop) if what == "share" else accounting.totals(of, flop)
    return Estimate(float(values[0]), covers=ARITHMETIC)


@recomputes(r"gundlach\.growth\.(2012_2023|2013_2025|explained|quoted|naive|naive_rate|left_2023|left_2025)")
def growth(what: str) -> Estimate:
    """Return a growth a year, or a gap to what is to be explained."""
    whole = {
        year: float(accounting.totals(accounting.as_printed(), accounting.frontier_compute_flop(year))[0])
        for year in (2023.0, 2025.0)
    }
    naive = 2.0 ** (9.0 * 12.0 / 7.5)
    values = {
        "2012_2023": accounting.yearly_growth(whole[2023.0]),
        "2013_2025": accounting.yearly_growth(whole[2025.0], 12.0),
        "explained": accounting.yearly_growth(accounting.EXPLAINED),
        "quoted": 2.0 ** (12.0 / 8.0),
        "naive": naive,
        "naive_rate": accounting.yearly_growth(naive, 9.0),
        "left_2023": accounting.EXPLAINED / whole[2023.0],
        "left_2025": accounting.EXPLAINED / whole[2025.0],
    }
    return Estimate(values[what], covers=ARITHMETIC)


@recomputes(r"gundlach\.bar\.(\w+?)(?:\.(october))?")
def bar(id: str, again: str | None) -> Estimate:
    """Return the ratio behind a published bar, by its stated computes; or the same change in the runs of October."""
    if id == "modern_vs_lstm_fit" or id == "modern_vs_retro_fit" or id == "retro_vs_lstm_fit":
        pair = {
            "modern_vs_lstm_fit": ("lstm", "modern"),
            "modern_vs_retro_fit": ("retro", "modern"),
            "retro_vs_lstm_fit": ("lstm", "retro"),
        }[id]
        return gain_by_law(*pair, "5277", None)
    row = ablation.bars().set_index("id").loc[id]
    if again:
        return Estimate(float(row["october"]), float(row["october_low"]), float(row["october_high"]), NOISE)
    factor = row["gain"] / row["plotted"]
    return Estimate(float(row["gain"]), float(row["low"] * factor), float(row["high"] * factor), NOISE)


@recomputes(r"gundlach\.early_bar\.(\w+)")
def early_bar(name: str) -> Estimate:
    """Return a bar of the paper's earlier figure from the runs of October."""
    return Estimate(float(ablation.early_bars()[name]), covers="none: one seed, nearest rows, as published")


@recomputes(r"gundlach\.seeded\.(\w+)")
def seeded(variant: str) -> Estimate:
    """Return the gain of a variant of September over its forerunner, over seeds."""
    row = ablation.seeded().set_index("variant").loc[variant]
    return Estimate(float(row["gain"]), float(row["low"]), float(row["high"]), SEEDS)


@recomputes(r"gundlach\.seeded_pre_over_post")
def pre_over_post() -> Estimate:
    """Return the gain of pre-norm over post-norm in the seeded runs of September."""
    row = ablation.seeded().set_index("variant").loc["post"]
    return Estimate(1.0 / float(row["gain"]), 1.0 / float(row["high"]), 1.0 / float(row["low"]), SEEDS)


@recomputes(r"gundlach\.(seed_noise|grid_step|bars_that_differ)")
def noise(what: str) -> Estimate:
    """Return the noise between seeds or the step of the grid, in ln compute, or how many bars differ from one."""
    if what == "seed_noise":
        return Estimate(ablation.seed_noise()[0], covers="none: pooled over variants")
    if what == "grid_step":
        return Estimate(ablation.grid_step(), covers=ARITHMETIC)
    return Estimate(float(ablation.bars()["differs"].sum()), covers="none: a count")


@recomputes(r"gundlach\.product\.(small|lstm|figure|exponent)")
def product(what: str) -> Estimate:
    """Return the product of the small gains, alone or with the LSTM's, or the exponent that shrinks it."""
    small = ablation.products()["multiplied"]
    typed = float(tables.read("ablations").set_index("id").loc["retro_vs_lstm_fit", "plotted_gain"])
    values = {"small": small, "figure": small, "lstm": small * typed, "exponent": accounting.interaction_exponent()}
    return Estimate(float(values[what]), covers=ARITHMETIC)


@recomputes(r"gundlach\.ablations_under_10x")
def under_ten() -> Estimate:
    """Return the product of all small gains and of the optimiser's, which no order of adoption was seen to exceed."""
    bars = ablation.bars().set_index("id")
    wide = float(np.log(bars["high"] / bars["plotted"]).max()) * np.sqrt(7.0)
    value = ablation.products()["with_optimiser"]
    return Estimate(value, value * np.exp(-wide), value * np.exp(wide), NOISE)


@recomputes(r"gundlach\.chain\.(shared|best)")
def chain(rate: str) -> Estimate:
    """Return the gain of the chain of changes from 2017 to today at one learning rate, or each at its best."""
    value = float(ablation.chain()[f"{rate}_gain"].iloc[-1])
    return Estimate(value, covers="none: one seed, by the slope of the modern law")


@recomputes(r"gundlach\.(survey_under_10x|both_under_100x|fixed_text_1e17|fixed_text_1e18)")
def text(what: str) -> Estimate:
    """Return what the text states without a table that we could read; the totals at fixed compute are recomputed."""
    flop = {"fixed_text_1e17": 1e17, "fixed_text_1e18": 1e18}.get(what)
    if flop is None:
        return Estimate(np.nan, covers="none: the survey's table was not obtained")
    return Estimate(float(accounting.totals(accounting.as_printed(), flop)[0]), covers=ARITHMETIC)
