"""The claims of the chapter on growth: training compute, the published stack, other fields, and no acceleration."""

from collections.abc import Iterator

import numpy as np

from algoprogress.show.estimate import Estimate
from book.studies.growth import acceleration, study
from book.studies.law.fits import main_sample

ARITHMETIC = "none: arithmetic on stated figures"
DESIGN = "none: a property of the design"
BEFORE, IN_2018, ALGORITHMIC = 6.0, 1.5, 7.5  # doubling times in months, as in figure 5
TEXT_PHYSICAL, TEXT_ALGORITHMIC = 1e6, 22_000  # factors, as in the text


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield the id and our estimate of each claim of the chapter."""
    yield from _published_stack()
    yield from _growth()
    for target, found in study.efficiency().items():
        yield f"domains.efficiency.{target.lower().replace('-', '')}", found
    yield from _acceleration()


def _published_stack() -> Iterator[tuple[str, Estimate]]:
    physical, algorithmic = study.factor(BEFORE, 8.0) * study.factor(IN_2018, 1.0), study.factor(ALGORITHMIC, 9.0)
    text = TEXT_PHYSICAL * TEXT_ALGORITHMIC
    values = {
        "growth.stack.physical_figure": physical,
        "growth.stack.algorithmic_figure": algorithmic,
        "growth.stack.physical_share": np.log(physical) / np.log(physical * algorithmic),
        "growth.stack.product_figure": physical * algorithmic,
        "growth.stack.product_text": text,
        "growth.stack.physical_at_six_months": study.factor(6.0, 9.0),
        "growth.stack.algorithmic_at_published_pace": study.factor(8.4, 9.0),
        "growth.stack.physical_share_text": np.log(TEXT_PHYSICAL) / np.log(text),
    }
    for id, value in values.items():
        yield id, Estimate.exact(value, ARITHMETIC)


def _growth() -> Iterator[tuple[str, Estimate]]:
    bends = ("growth.bend.all", "growth.bend.notable", "growth.bend.frontier")
    for stem, row in zip(bends, study.compute_growth().itertuples(), strict=True):
        yield f"growth.compute_months.{row.models}", row.straight
        yield f"{stem}.year", row.bend
        yield f"{stem}.p_value", Estimate.exact(row.p_value, "none: a test statistic")
    grown = study.effective_compute()
    for row in grown[grown["year"] == 2025.0].itertuples():
        yield f"growth.{row.part}_2012_2025", row.factor


def _acceleration() -> Iterator[tuple[str, Estimate]]:
    breaks, change = acceleration.breaks(main_sample()), acceleration.change(main_sample())
    seen = sum(not rise.contains(0.0) for rise in breaks["rise"])
    yield "ho.claim.no_acceleration", Estimate.exact(seen, "none: a count of intervals that leave out zero")
    yield "ho.claim.no_acceleration.slowest_detectable", Estimate.exact(breaks["detectable"].min(), DESIGN)
    yield "ho.claim.no_acceleration.spline_change", change
    yield "ho.claim.no_acceleration.spline_detectable", Estimate.exact(acceleration.detectable(change), DESIGN)
