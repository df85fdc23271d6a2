"""Yields the claims on the accounting: totals, factors and their shares, references, sensitivity, growth."""

from collections.abc import Iterator

import numpy as np

from algoprogress.show.estimate import Estimate
from book.studies.accounting import sizes, study
from book.studies.allocation import study as allocation
from book.studies.scaling import study as scaling

POWERS = range(15, 25)  # of ten, in FLOP, at which gains between two laws are told
FIXED = (16, 18, 20, 21, 22, 23, 24)  # the same for totals
FLOP = {year: float(study.frontier_compute_flop(float(year))) for year in ("2012", "2017", "2023", "2025", "2028")}
PRINTED_AT = {  # FLOP
    "gundlach.total_2023.published": FLOP["2023"], "gundlach.total_2025.published": FLOP["2025"],
    "gundlach.total_1e18.published": 1e18, "gundlach.fixed_text_1e17": 1e17, "gundlach.fixed_text_1e18": 1e18,
}  # fmt: skip
FACTORS = {  # ids by year: the transformer's factor and Chinchilla's as published, and Chinchilla's in both directions
    "2023": ("gundlach.factor_2023.transformer", "gundlach.factor_2023.chinchilla", "gundlach.chinchilla_2023"),
    "2025": ("gundlach.factor_2025.transformer", "gundlach.factor_2025.chinchilla", "gundlach.chinchilla_2025"),
}
SHOWN_YEARS = (2018, 2023, 2025, 2028)  # of the gains over a reference
MOVED = (-25, -20, -15, -10, -5, 0, 5, 10, 15, 20, 25)  # percent by which the gap of the exponents is smaller or larger
VARIANTS = {
    "swiglu": "SwiGLU counted", "multiplied": "small gains multiplied", "no_experts": "no mixture of experts",
    "measured_unrounded": "measured together by unrounded laws", "copies_dropped": "copies of a point dropped",
    "logs": "fitted in logs", "modern_law": "transformer of today's law, no small factors",
}  # fmt: skip
OF_SIZES = {
    "three_sizes": "draws with 3 sizes or more", "four_sizes": "draws with 4 sizes or more",
    "jackknife": "jackknife over sizes", "hierarchical": "sizes differ in level and slope",
    "floor_fitted": "floor fitted",
}  # fmt: skip
FLOORS = (1.5, 1.7, 1.8, 2.0, 2.2)  # nats per token; the published one is 1.9
SMALL = ("rotary", "pre_norm", "cosine", "rms_norm", "learned", "experts")
TEXT_POWER = 6.51  # of the authors' formula for Chinchilla's factor when the text was written


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    yield from _totals()
    for id, value in (*_printed(), *_factors(), *_sensitivity(), *_growth()):
        yield id, Estimate.exact(value, study.ARITHMETIC)


def _totals() -> Iterator[tuple[str, Estimate]]:
    """Yield what has an interval: totals, the share that depends on scale, other ways to count, gains over the LSTM."""
    for id, year in (("gundlach.total_2023.interval", "2023"), ("gundlach.total_2025.interval", "2025")):
        for ending, choice in scaling.ENDINGS.items():
            yield f"{id}{ending}", study.total(study.of_choice(scaling.named(choice)), FLOP[year])
        yield f"gundlach.scale_dependent_share_{year}", study.share_at_frontier(FLOP[year])
        yield f"gundlach.chinchilla_{year}.refitted", allocation.refitted_gain("besiroglu", FLOP[year], by="rule")
        yield f"gundlach.chinchilla_{year}.refitted.law", allocation.refitted_gain("besiroglu", FLOP[year])
    published = study.of_choice(scaling.PUBLISHED)
    for power in FIXED:
        yield f"gundlach.total_1e{power}.interval", study.total(published, 10.0**power)
    yield from _few_sizes()
    totals = study.compared().set_index("name")["total"]
    for variant, name in VARIANTS.items():
        yield f"gundlach.total_2023.variant.{variant}", totals[name]
    for row in study.references().query("year in @SHOWN_YEARS").itertuples():
        yield f"gundlach.reference.lstm.{row.year}", row.lstm


def _few_sizes() -> Iterator[tuple[str, Estimate]]:
    """Yield the total of 2023 as five sizes a family tell it, without each of them, and with other floors."""
    found = sizes.compared(FLOP["2023"]).set_index("how")["total"]
    for ending, how in OF_SIZES.items():
        yield f"gundlach.total_2023.{ending}", found[how]
    for row in sizes.left_out(FLOP["2023"]).itertuples():
        without = Estimate.exact(row.total, "none: one fit")
        yield f"gundlach.total_2023.without.{row.family}_{row.hidden_dim}", without
    for floor in FLOORS:
        with_floor = Estimate.exact(sizes.with_floor(floor, FLOP["2023"]), "none: one fit")
        yield f"gundlach.total_2023.floor_{100 * floor:.0f}", with_floor


def _total(compute_flop: float) -> float:
    return float(study.totals(study.as_printed(), compute_flop))


def _printed() -> Iterator[tuple[str, float]]:
    """Yield totals, and gains between the laws, as printed at a compute of the better one."""
    for id, flop in PRINTED_AT.items():
        yield id, _total(flop)
    for power in POWERS:
        yield f"gundlach.multiplier.lstm_retro.1e{power}", study.multiplier(study.as_printed(), 10.0**power)
        yield f"gundlach.multiplier.lstm_modern.1e{power}", study.multiplier(study.of_references(), 10.0**power)
    flop = float(study.frontier_compute_flop(2017.01))
    split = study.chinchilla(flop, printed=True)  # Chinchilla's part is taken out, as in the accounting
    yield "gundlach.multiplier.lstm_retro.2017", study.multiplier(study.as_printed(), flop) / split
    for year, flop in FLOP.items():
        yield f"gundlach.frontier_compute.{year}", flop


def _factors() -> Iterator[tuple[str, float]]:
    """Yield factors as printed at a frontier or a compute, their products, and their shares in logs."""
    of = study.as_printed()
    for year, (transformer, chinchilla, split) in FACTORS.items():
        frame = study.factors(of, FLOP[year]).set_index("id")
        for id, factor in ((transformer, "transformer"), (chinchilla, "chinchilla")):
            yield id, frame.loc[factor, "factor"]
            yield f"{id}.share", frame.loc[factor, "share"]
        text = study.chinchilla(FLOP[year], printed=True, power=TEXT_POWER)
        yield f"{transformer}.text", study.multiplier(of, FLOP[year]) / text
        better = float(study.chinchilla(FLOP[year], direction="better"))
        yield f"{split}.published", study.chinchilla(FLOP[year], printed=True)
        yield f"{split}.consistent", better
        yield f"{split}.share", np.log(better) / np.log(_total(FLOP[year]))
        yield f"gundlach.scale_dependent_{year}", frame.loc[frame["kind"] == study.DEPENDS, "factor"].prod()
    frame = study.factors(of, FLOP["2023"]).set_index("id")
    same = frame[frame["kind"] == study.SAME]
    yield "gundlach.invariant_2023", same["factor"].prod()
    yield "gundlach.invariant_2023.share", same["share"].sum()
    for id in SMALL:
        yield f"gundlach.factor_2023.{id}", frame.loc[id, "factor"]
    for year in (2017, 2018, 2019, 2020, 2021, 2022, 2024):
        adopted = study.factors(of, float(study.frontier_compute_flop(year)), year=year)
        yield f"gundlach.frontier_total.{year}", adopted["factor"].prod()
    fixed = study.factors(of, 1e18).set_index("id")["factor"]
    for id in ("transformer", "chinchilla"):
        yield f"gundlach.fixed_1e18.{id}", fixed[id]


def _sensitivity() -> Iterator[tuple[str, float]]:
    """Yield share and total in 2023 with the gap of exponents smaller (m) or larger (p) by some percent."""
    for percent in MOVED:
        stem, of = f"gundlach.sensitivity.{'m' if percent < 0 else 'p'}{abs(percent)}", study.moved_gap(percent / 100.0)
        yield f"{stem}.share", study.share_that_depends_on_scale(of, FLOP["2023"])
        if percent:
            yield f"{stem}.total", study.totals(of, FLOP["2023"])


def _growth() -> Iterator[tuple[str, float]]:
    """Yield gains over stated references, growth in ln or times a year, and what the totals leave to be explained."""
    frame = study.references().set_index("year")
    yield "gundlach.reference.dense.2028", frame.loc[2028, "dense"]
    lstm, modern = (scaling.PRINTED[name][1] for name in ("lstm", "modern"))
    yield "gundlach.reference.lstm.2023.growth", (modern / lstm - 1.0) * np.log(study.GROWTH)
    for year in study.REFERENCE_YEARS:
        if year in SHOWN_YEARS:
            yield f"gundlach.reference.kaplan.{year}", frame.loc[year, "kaplan"]
        if year != 2023:
            yield f"gundlach.reference.kaplan.{year}.growth", frame.loc[year, "kaplan_growth"]
    totals = {year: _total(FLOP[year]) for year in FACTORS}
    naive = 2.0 ** (9.0 * 12.0 / 7.5)  # nine years at a doubling time of 7.5 months
    yield "gundlach.growth.2012_2023", study.yearly_growth(totals["2023"])
    yield "gundlach.growth.2013_2025", study.yearly_growth(totals["2025"], 12.0)
    yield "gundlach.growth.explained", study.yearly_growth(study.EXPLAINED)
    yield "gundlach.growth.quoted", 2.0 ** (12.0 / 8.0)  # a doubling time of eight months
    yield "gundlach.growth.naive", naive
    yield "gundlach.growth.naive_rate", study.yearly_growth(naive, 9.0)
    for year, total in totals.items():
        yield f"gundlach.growth.left_{year}", study.EXPLAINED / total
