"""Measures algorithmic progress in language models: from evaluations and training runs to rates, shares and gains.

`import algoprogress as ap` loads nothing else until a verb is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from algoprogress.data.own import template
    from algoprogress.data.sample import Sample
    from algoprogress.data.tables import evaluations
    from algoprogress.fits.rates import doubling_time
    from algoprogress.fits.shares import shares
    from algoprogress.frontiers.frontier import frontier
    from algoprogress.frontiers.gain import gain
    from algoprogress.laws.catalogue import law
    from algoprogress.laws.law import Law
    from algoprogress.show.estimate import Estimate
    from algoprogress.verbs import bootstrap, check, fit, profile, read

__version__ = "0.2.0"

_HOME = {
    "Estimate": "show.estimate",
    "Law": "laws.law",
    "Sample": "data.sample",
    "bootstrap": "verbs",
    "check": "verbs",
    "doubling_time": "fits.rates",
    "evaluations": "data.tables",
    "fit": "verbs",
    "frontier": "frontiers.frontier",
    "gain": "frontiers.gain",
    "law": "laws.catalogue",
    "profile": "verbs",
    "read": "verbs",
    "shares": "fits.shares",
    "template": "data.own",
}

__all__ = [
    "Estimate",
    "Law",
    "Sample",
    "bootstrap",
    "check",
    "doubling_time",
    "evaluations",
    "fit",
    "frontier",
    "gain",
    "law",
    "profile",
    "read",
    "shares",
    "template",
]


def __getattr__(name: str) -> object:
    """Return a verb or a noun of the library from the module that holds it."""
    if name not in _HOME:
        raise AttributeError(f"module 'algoprogress' has no attribute {name!r}")
    return getattr(import_module(f"algoprogress.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    """Return the names that the library offers."""
    return [*__all__, "__version__"]
