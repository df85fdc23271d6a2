"""Yields the claims on extrapolation: errors on learning curves, and what IsoFLOP parabolas do to a known frontier."""

from collections.abc import Iterator

from algoprogress.show.estimate import Estimate
from book.studies.extrapolation import curves, grids

EXACT = "none: grids without errors"
SIMULATED = f"none: mean of {grids.SAMPLES} simulated grids"
BETWEEN = ("straight", "bent")
FIVE = ("centred", "off_centre", "one_sided")  # designs of five budgets about the best size


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield the id of each claim of the chapter with our estimate."""
    for name in curves.NAMES:
        yield f"extrapolation.{name}.error", curves.mean(name)
        if name != "m4":
            yield f"extrapolation.{name}.over_m4", curves.ratio(name)
    for domain in curves.DOMAINS:
        for name in ("m4", "floor", "smooth"):
            yield f"extrapolation.{name}.error.{domain.lower()}", curves.mean(name, domain)
    yield "alabdulmohsin2022.m4_best", curves.ratio("m3")
    for column in ("least", "size", "exponent"):
        yield f"extrapolation.isoflop.{column}", Estimate.exact(grids.largest(column), EXACT, unit="share")
    yield "czech2026.size_bias", Estimate.exact(abs(grids.largest("size")), EXACT, unit="share")
    for name in BETWEEN:
        yield f"extrapolation.isoflop.between.{name}", Estimate.exact(grids.largest(name, FIVE), EXACT, unit="share")
        few = Estimate.exact(grids.largest(name, ("three_budgets",)), EXACT, unit="share")
        yield f"extrapolation.isoflop.between.{name}.three_budgets", few
    for design in grids.DESIGNS:
        yield f"extrapolation.isoflop.{design}.coverage", grids.coverage(design)
        for name in (*BETWEEN, "projected"):
            bias = Estimate.exact(grids.bias(design, name), SIMULATED, unit="share")
            yield f"extrapolation.isoflop.{design}.bias.{name}", bias
    yield "extrapolation.isoflop.moved", Estimate.exact(grids.largest_move(), "none: of the book's pairs", unit="share")
