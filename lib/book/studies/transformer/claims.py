"""The claims of the chapter on the transformer: its compute-equivalent gain, by form and penalty, and in years."""

from collections.abc import Iterator

import numpy as np

from algoprogress.fits.fit import PENALTY
from algoprogress.show.estimate import Estimate
from book.studies.law.fits import main_sample
from book.studies.robustness import study as robustness
from book.studies.robustness import transformer_gain
from book.studies.transformer import study
from book.studies.transformer.study import EXPONENTS, FREE, PENALISED

AT_1E22, AT_1E25 = "ho.transformer.ceg_1e22", "ho.transformer.ceg_1e25"


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    for stem, flop in ((AT_1E22, 1e22), (AT_1E25, 1e25)):
        gain = transformer_gain.of_law7(main_sample(), flop, published=True)
        yield f"{stem}.published", gain
    pace = robustness.months(robustness.protocol(robustness.study("model7"))).value
    years = gain.map(lambda times: float(np.log2(times) * pace / 12.0), unit="years")
    yield "ho.transformer.years.published_pace", years.covering(f"{gain.covers}, of the gain alone")
    found = study.by_choice(main_sample()).set_index(["form", "penalty", "flags", "compute_flop"])
    for stem, flop in (("ho.transformer.ceg_1e20", 1e20), (AT_1E22, 1e22), (AT_1E25, 1e25)):
        yield f"{stem}.free", found.loc[(FREE, PENALTY, "as used", flop), "gain"]
        exponents = found.loc[(EXPONENTS, PENALTY, "as used", flop)]
        yield f"{stem}.exponents", exponents["gain"]
        counted = f"none: a share of {study.DRAWS} resampled papers"
        yield f"{stem}.exponents.censored", Estimate.exact(exponents["censored"], counted, unit="share")
    yield "ho.transformer.ceg_1e25.free.unpenalised", found.loc[(FREE, 0.0, "as used", 1e25), "gain"]
    yield "ho.transformer.ceg_1e25.free.reviewed", found.loc[(FREE, PENALTY, "reviewed", 1e25), "gain"]
    yield "ho.transformer.ceg_1e25.penalised", found.loc[(PENALISED, PENALTY, "as used", 1e25), "gain"]
    yield "ho.transformer.ceg_1e25.penalised.strong", found.loc[(PENALISED, 0.01, "as used", 1e25), "gain"]
    yield "ho.transformer.ceg_1e25.penalised.unpenalised", found.loc[(PENALISED, 0.0, "as used", 1e25), "gain"]
    yield "ho.transformer.years", found.loc[(FREE, PENALTY, "as used", 1e25), "years"]
    yield "ho.transformer.years.penalised", found.loc[(PENALISED, PENALTY, "as used", 1e25), "years"]
    yield "ho.transformer.slope", study.slope(main_sample())
