"""Yields the claims on the accounting: totals, factors and their shares, references, sensitivity, growth."""

from collections.abc import Iterator

import numpy as np

from algoprogress.show.estimate import Estimate
from book.studies.accounting import study
from book.studies.scaling import study as scaling

POWERS = (15, 16, 17, 18, 20, 22, 23, 24)  # of ten, in FLOP
FRONTIERS = ("2023", "2025")
FACTORS = {  # ids of the transformer's and of Chinchilla's factor, by year
    "2023": ("gundlach.factor_2023.transformer", "gundlach.factor_2023.chinchilla"),
    "2025": ("gundlach.factor_2025.transformer", "gundlach.factor_2025.chinchilla"),
}
KAPLAN = {
    "gundlach.reference.kaplan.2018": 2018, "gundlach.reference.kaplan.2020": 2020,
    "gundlach.reference.kaplan.2022": 2022, "gundlach.reference.kaplan.2023": 2023,
    "gundlach.reference.kaplan.2024": 2024, "gundlach.reference.kaplan.2025": 2025,
    "gundlach.reference.kaplan.2026": 2026, "gundlach.reference.kaplan.2028": 2028,
}  # fmt: skip
MOVED = {  # percent by which the gap of the exponents is smaller or larger
    "gundlach.sensitivity.m25": -25, "gundlach.sensitivity.m20": -20, "gundlach.sensitivity.m15": -15,
    "gundlach.sensitivity.m10": -10, "gundlach.sensitivity.m5": -5, "gundlach.sensitivity.p0": 0,
    "gundlach.sensitivity.p5": 5, "gundlach.sensitivity.p10": 10, "gundlach.sensitivity.p15": 15,
    "gundlach.sensitivity.p20": 20, "gundlach.sensitivity.p25": 25,
}  # fmt: skip
CHOICES = {
    "": "as published",
    ".reruns": "reruns",
    ".reruns15": "reruns, from 1e15",
    ".window15": "window from 1e15",
    ".snapshot": "snapshot",
    ".ends": "end points, all sizes",
}
VARIANTS = {
    "swiglu": "SwiGLU counted",
    "multiplied": "small gains multiplied",
    "no_experts": "no mixture of experts",
    "measured_unrounded": "measured together by unrounded laws",
    "copies_dropped": "copies of a point dropped",
    "logs": "fitted in logs",
    "modern_law": "transformer of today's law, no small factors",
}
SMALL = ("rotary", "pre_norm", "cosine", "rms_norm", "learned", "experts")
TEXT_POWER = 6.51  # of the authors' formula for Chinchilla's factor when the text was written


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield the id of each claim of the chapter with our estimate."""
    yield from _totals()
    for id, value in (*_multipliers(), *_factors(), *_chinchilla(), *_sensitivity(), *_growth()):
        yield id, Estimate.exact(value, study.ARITHMETIC)
    yield from _references()


def _flop(year: str) -> float:
    return float(study.frontier_compute_flop(float(year)))


def _printed_total(compute_flop: float) -> float:
    return float(study.totals(study.as_printed(), compute_flop))


def _totals() -> Iterator[tuple[str, Estimate]]:
    """Yield totals: as printed, by unrounded laws with an interval, and as printed with one choice changed."""
    yield "gundlach.total_2023.published", Estimate.exact(_printed_total(_flop("2023")), study.ARITHMETIC)
    yield "gundlach.total_2025.published", Estimate.exact(_printed_total(_flop("2025")), study.ARITHMETIC)
    yield "gundlach.total_1e18.published", Estimate.exact(_printed_total(1e18), study.ARITHMETIC)
    for id, year in (("gundlach.total_2023.interval", "2023"), ("gundlach.total_2025.interval", "2025")):
        for choice, name in CHOICES.items():
            yield f"{id}{choice}", study.total(study.of_choice(scaling.named(name)), _flop(year))
        yield f"gundlach.scale_dependent_share_{year}", study.share_at_frontier(_flop(year))
    published = study.of_choice(scaling.PUBLISHED)
    yield "gundlach.total_1e16.interval", study.total(published, 1e16)
    yield "gundlach.total_1e18.interval", study.total(published, 1e18)
    totals = study.compared().set_index("name")["total"]
    for variant, name in VARIANTS.items():
        yield f"gundlach.total_2023.variant.{variant}", totals[name]
    for at in ("1e17", "1e18"):
        yield f"gundlach.fixed_text_{at}", Estimate.exact(_printed_total(float(at)), study.ARITHMETIC)


def _multipliers() -> Iterator[tuple[str, float]]:
    """Yield gains between the laws as printed at a compute of the better one."""
    families = {
        "gundlach.multiplier.lstm_retro": study.as_printed(),
        "gundlach.multiplier.lstm_modern": study.of_references(),
    }
    for stem, of in families.items():
        for power in POWERS:
            yield f"{stem}.1e{power}", study.multiplier(of, 10.0**power)
    flop = _flop("2017.01")
    split = study.chinchilla(flop, printed=True)  # Chinchilla's part is taken out, as in the accounting
    yield "gundlach.multiplier.lstm_retro.2017", study.multiplier(study.as_printed(), flop) / split


def _factors() -> Iterator[tuple[str, float]]:
    """Yield factors as printed at a frontier or a compute, their products, and their shares in logs."""
    of = study.as_printed()
    for year, (transformer, chinchilla) in FACTORS.items():
        frame = study.factors(of, _flop(year)).set_index("id")
        for id, factor in ((transformer, "transformer"), (chinchilla, "chinchilla")):
            yield id, frame.loc[factor, "factor"]
            yield f"{id}.share", frame.loc[factor, "share"]
        text = study.chinchilla(_flop(year), printed=True, power=TEXT_POWER)
        yield f"{transformer}.text", study.multiplier(of, _flop(year)) / text
        depends = frame["kind"] == study.DEPENDS
        yield f"gundlach.scale_dependent_{year}", frame.loc[depends, "factor"].prod()
        if year == "2023":
            yield "gundlach.invariant_2023", frame.loc[~depends, "factor"].prod()
            yield "gundlach.invariant_2023.share", frame.loc[~depends, "share"].sum()
            for id in SMALL:
                yield f"gundlach.factor_2023.{id}", frame.loc[id, "factor"]
    by_year = study.by_year(of)
    for year in (2017, 2018, 2019, 2020, 2021, 2022, 2024):
        yield f"gundlach.frontier_total.{year}", by_year.loc[by_year["year"] == year, "factor"].prod()
    fixed = study.factors(of, 1e18).set_index("id")["factor"]
    for id in ("transformer", "chinchilla"):
        yield f"gundlach.fixed_1e18.{id}", fixed[id]
    for year in ("2012", "2017", "2023", "2025", "2028"):
        yield f"gundlach.frontier_compute.{year}", _flop(year)


def _chinchilla() -> Iterator[tuple[str, float]]:
    """Yield Chinchilla's factor at the compute of the worse split, as published, and of the better one."""
    for stem, year in (("gundlach.chinchilla_2023", "2023"), ("gundlach.chinchilla_2025", "2025")):
        better = float(study.chinchilla(_flop(year), direction="better"))
        yield f"{stem}.published", study.chinchilla(_flop(year), printed=True)
        yield f"{stem}.consistent", better
        yield f"{stem}.share", np.log(better) / np.log(_printed_total(_flop(year)))


def _references() -> Iterator[tuple[str, Estimate]]:
    """Yield the gain of a mixture of experts against a reference in a year, and its growth in ln per year."""
    frame = study.references().set_index("year")
    for year in (2018, 2023, 2025, 2028):
        yield f"gundlach.reference.lstm.{year}", frame.loc[year, "lstm"]
    yield "gundlach.reference.dense.2028", Estimate.exact(frame.loc[2028, "dense"], study.ARITHMETIC)
    lstm, modern = (scaling.PRINTED[name][1] for name in ("lstm", "modern"))
    steady = (modern / lstm - 1.0) * np.log(study.GROWTH)
    yield "gundlach.reference.lstm.2023.growth", Estimate.exact(steady, study.ARITHMETIC)
    for id, year in KAPLAN.items():
        if year in (2018, 2023, 2025, 2028):
            yield id, Estimate.exact(frame.loc[year, "kaplan"], study.ARITHMETIC)
        if year != 2023:
            yield f"{id}.growth", Estimate.exact(frame.loc[year, "kaplan_growth"], study.ARITHMETIC)


def _sensitivity() -> Iterator[tuple[str, float]]:
    """Yield share and total in 2023 with the gap of exponents smaller (m) or larger (p) by some percent."""
    flop = _flop("2023")
    for stem, percent in MOVED.items():
        of = study.moved_gap(percent / 100.0)
        yield f"{stem}.share", study.share_that_depends_on_scale(of, flop)
        if abs(percent) == 25:
            yield f"{stem}.total", study.totals(of, flop)


def _growth() -> Iterator[tuple[str, float]]:
    """Yield growth a year, and the gaps between the totals and what is to be explained."""
    totals = {year: _printed_total(_flop(year)) for year in FRONTIERS}
    naive = 2.0 ** (9.0 * 12.0 / 7.5)  # nine years at a doubling time of 7.5 months
    yield "gundlach.growth.2012_2023", study.yearly_growth(totals["2023"])
    yield "gundlach.growth.2013_2025", study.yearly_growth(totals["2025"], 12.0)
    yield "gundlach.growth.explained", study.yearly_growth(study.EXPLAINED)
    yield "gundlach.growth.quoted", 2.0 ** (12.0 / 8.0)  # a doubling time of eight months
    yield "gundlach.growth.naive", naive
    yield "gundlach.growth.naive_rate", study.yearly_growth(naive, 9.0)
    for year in FRONTIERS:
        yield f"gundlach.growth.left_{year}", study.EXPLAINED / totals[year]
