"""Measures algorithmic progress in language models: from evaluations and training runs to rates, shares and gains.

`import algoprogress as ap` loads nothing else until a verb is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from algoprogress.data import template as template
    from algoprogress.data.sample import Sample as Sample
    from algoprogress.data.tables import evaluations as evaluations
    from algoprogress.fits.rates import doubling_time as doubling_time
    from algoprogress.fits.shares import shares as shares
    from algoprogress.frontiers.frontier import frontier as frontier
    from algoprogress.frontiers.gain import gain as gain
    from algoprogress.laws.catalogue import law as law
    from algoprogress.laws.law import Law as Law
    from algoprogress.show.estimate import Estimate as Estimate
    from algoprogress.verbs import bootstrap as bootstrap
    from algoprogress.verbs import check as check
    from algoprogress.verbs import fit as fit
    from algoprogress.verbs import profile as profile
    from algoprogress.verbs import read as read

__version__ = "0.2.0"
_HOME = {
    **{"Estimate": "show.estimate", "Law": "laws.law", "Sample": "data.sample"},
    **{"evaluations": "data.tables", "template": "data", "law": "laws.catalogue"},
    **{"doubling_time": "fits.rates", "shares": "fits.shares"},
    **{"frontier": "frontiers.frontier", "gain": "frontiers.gain"},
    **dict.fromkeys(("bootstrap", "check", "fit", "profile", "read"), "verbs"),
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    """Return a verb or a noun of the library from the module that holds it."""
    if name not in _HOME:
        raise AttributeError(f"module 'algoprogress' has no attribute {name!r}")
    return getattr(import_module(f"algoprogress.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    """Return the names that the library offers."""
    return [*__all__, "__version__"]
