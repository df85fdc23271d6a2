"""How fast architecture alone and capability gain, beside the book's answer for a loss with all else fixed."""

from collections.abc import Iterator

from algoprogress.fits.rates import factor
from algoprogress.show.estimate import Estimate
from book.studies.literature import study


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield the factor by which the needed compute falls in a year, and the months in which it halves."""
    for question, months in {"architecture": study.architecture(), "capability": study.capability()}.items():
        yield f"book.decision.{question}.doubling_months", months
        yield f"book.decision.{question}.yearly_factor", months.map(factor, unit="times")
