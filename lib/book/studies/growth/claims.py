"""The claims of the chapter on growth: training compute, the published stack, other fields, and no acceleration."""

from collections.abc import Iterator

import numpy as np

from algoprogress.fits.rates import factor
from algoprogress.show.estimate import Estimate
from book.studies.growth import acceleration, study
from book.studies.law.fits import main_sample

PHYSICAL_FIGURE = factor(6.0, 8.0) * factor(1.5, 1.0)  # doubling times before 2018 and in it, in figure 5
ALGORITHMIC_FIGURE = factor(7.5, 9.0)
PHYSICAL_TEXT, ALGORITHMIC_TEXT = 1e6, 22_000  # factors, as in the text
PUBLISHED_STACK = {
    "growth.stack.physical_figure": PHYSICAL_FIGURE,
    "growth.stack.algorithmic_figure": ALGORITHMIC_FIGURE,
    "growth.stack.physical_share": np.log(PHYSICAL_FIGURE) / np.log(PHYSICAL_FIGURE * ALGORITHMIC_FIGURE),
    "growth.stack.product_figure": PHYSICAL_FIGURE * ALGORITHMIC_FIGURE,
    "growth.stack.product_text": PHYSICAL_TEXT * ALGORITHMIC_TEXT,
    "growth.stack.physical_at_six_months": factor(6.0, 9.0),
    "growth.stack.algorithmic_at_published_pace": factor(8.4, 9.0),
    "growth.stack.physical_share_text": np.log(PHYSICAL_TEXT) / np.log(PHYSICAL_TEXT * ALGORITHMIC_TEXT),
}


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    for id, value in PUBLISHED_STACK.items():
        yield id, Estimate.exact(value, "none: arithmetic on stated figures")
    bends = ("growth.bend.all", "growth.bend.notable", "growth.bend.frontier")
    for stem, row in zip(bends, study.compute_growth().itertuples(), strict=True):
        yield f"growth.compute_months.{row.models}", row.straight
        yield f"{stem}.year", row.bend
        yield f"{stem}.p_value", Estimate.exact(row.p_value, "none: a test statistic")
    for row in study.effective_compute().query("year == 2025.0").itertuples():
        yield f"growth.{row.part}_2012_2025", row.factor
    for target, found in study.efficiency().items():
        yield f"domains.efficiency.{target.lower().replace('-', '')}", found
    breaks, change = acceleration.breaks(main_sample()), acceleration.change(main_sample())
    seen = sum(not rise.contains(0.0) for rise in breaks["rise"])
    yield "ho.claim.no_acceleration", Estimate.exact(seen, "none: a count of intervals that leave out zero")
    yield "ho.claim.no_acceleration.spline_change", change
    smooth = acceleration.smooth(main_sample()).set_index("year")["rate"]
    yield "ho.claim.no_acceleration.spline_rate", smooth[acceleration.YEARS[acceleration.LATE]]
