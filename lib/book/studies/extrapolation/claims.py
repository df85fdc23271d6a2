"""Yields the claims on extrapolation: errors on learning curves, and what IsoFLOP parabolas do to a known frontier."""

from collections.abc import Iterator

from algoprogress.show.estimate import Estimate
from book.studies.extrapolation import curves, grids

EXACT = "none: grids without errors"
OF_PAIRS = "none: of the book's pairs"
SIMULATED = f"none: mean of {grids.SAMPLES} simulated grids"
BETWEEN = ("straight", "bent")
FIVE = ("centred", "off_centre", "one_sided")  # designs of five budgets about the best size


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    for name in curves.NAMES:
        yield f"extrapolation.{name}.error", curves.mean(name)
        if name != "m4":
            yield f"extrapolation.{name}.over_m4", curves.ratio(name)
    for domain in curves.DOMAINS:
        for name in ("m4", "floor", "smooth"):
            yield f"extrapolation.{name}.error.{domain.lower()}", curves.mean(name, domain)
    yield "alabdulmohsin2022.m4_best", curves.ratio("m3")
    for column in ("least", "size", "exponent"):
        yield f"extrapolation.isoflop.{column}", Estimate.exact(abs(grids.largest(column)), EXACT, unit="share")
    yield "czech2026.size_bias", Estimate.exact(abs(grids.largest("size")), EXACT, unit="share")
    for name in BETWEEN:
        for end, designs in {"": FIVE, ".three_budgets": ("three_budgets",)}.items():
            off = Estimate.exact(abs(grids.largest(name, designs)), EXACT, unit="share")
            yield f"extrapolation.isoflop.between.{name}{end}", off
    for design in grids.DESIGNS:
        yield f"extrapolation.isoflop.{design}.coverage", grids.coverage(design)
        for name in (*BETWEEN, "projected"):
            bias = Estimate.exact(grids.bias(design, name), SIMULATED, unit="share")
            yield f"extrapolation.isoflop.{design}.bias.{name}", bias
    yield "extrapolation.isoflop.moved", Estimate.exact(abs(grids.largest_move()), OF_PAIRS, unit="share")
