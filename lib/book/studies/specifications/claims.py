"""What the specification curve says: its middle and its ends, shares of its variance, what one paper or row can do."""

from collections.abc import Iterator

from algoprogress.data import tables
from algoprogress.fits import fit
from algoprogress.show.estimate import Estimate
from book.studies.law import fits
from book.studies.specifications import curve

CHOSEN = "none: a property of the chosen set of specifications"
EXTREME = "none: the most extreme of many fits"
VARIANCE = {
    "ho.spec_curve.variance.optimiser": "optimiser", "ho.spec_curve.variance.penalty": "penalty",
    "ho.spec_curve.variance.data": "data", "ho.spec_curve.variance.missing": "missing",
    "ho.spec_curve.variance.floor": "floor", "ho.spec_curve.variance.progress": "progress",
    "ho.spec_curve.variance.rows": "rows", "ho.spec_curve.variance.vocabulary": "vocabulary",
    "ho.spec_curve.variance.value": "value",
}  # fmt: skip
AROUND = {  # levels that are varied alone
    "ho.spec_curve.pace.no_zero_shot": "no zero-shot", "ho.spec_curve.pace.no_cache": "no cache",
    "ho.spec_curve.pace.outliers": "outliers too", "ho.spec_curve.pace.left_out": "left out too",
    "ho.spec_curve.pace.uncertain": "uncertain too", "ho.spec_curve.pace.four_systems": "four systems too",
    "ho.spec_curve.pace.all_of_a_paper": "all of a paper", "ho.spec_curve.pace.sheet_epochs": "sheet",
}  # fmt: skip


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    frame = curve.months(tables.read("specifications"))
    yield "ho.spec_curve.doubling_months", curve.quantiles(frame)
    for optimiser, part in frame.groupby("optimiser"):  # converged and published
        yield f"ho.spec_curve.doubling_months.{optimiser}_optimiser", curve.quantiles(part)
    yield "ho.spec_curve.doubling_months.unpenalised", curve.quantiles(frame[frame["penalty"] == 0.0])
    yield "ho.spec_curve.specifications", Estimate.exact(len(frame), CHOSEN)
    published = fits.published_median("model7").value
    holds = (frame["months_low"] <= published) & (published <= frame["months_high"])
    yield "ho.spec_curve.holds_published", Estimate.exact(holds.mean(), CHOSEN, unit="share")
    yield "ho.spec_curve.no_progress", Estimate.exact((frame["rate"] <= 0).mean(), CHOSEN, unit="share")
    shares = curve.variance(frame).set_index("choice")
    for stem, choice in VARIANCE.items():
        for share in ("alone", "involved"):
            yield f"{stem}.{share}", Estimate.exact(shares.loc[choice, share], CHOSEN)
    around = curve.around(frame).set_index("level")["pace"]
    for id, level in AROUND.items():
        yield id, around[level]
    outs = curve.leave_outs(fits.main_sample()).set_index(["by", "penalty"])["months"].sort_index()
    for stem, by in (("ho.spec_curve.leave_out.paper", "paper"), ("ho.spec_curve.leave_out.row", "row")):
        for ending, penalty in (("", fit.PENALTY), (".unpenalised", 0.0)):
            yield f"{stem}.shortest{ending}", Estimate.exact(outs[by, penalty].min(), EXTREME, unit="months")
            yield f"{stem}.longest{ending}", Estimate.exact(outs[by, penalty].max(), EXTREME, unit="months")
