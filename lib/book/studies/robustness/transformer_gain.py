"""The compute-equivalent gain of the transformer (Ho et al. 2024, section 3.3 and appendix D)."""

import numpy as np
import pandas as pd
from scipy.optimize import elementwise

from algoprogress.data.sample import Sample
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.engine.cache import cached
from algoprogress.fits.rates import Conditions
from algoprogress.fits.resample import Draws
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate
from book.studies.data import variants
from book.studies.how_fast.allocated import predicted_loss
from book.studies.robustness import study as robustness
from book.studies.robustness.pooled import TOP_TEN
from book.studies.robustness.study import Study

BRACKET = (0.01, 100.0)  # of the factor on parameters and tokens, as published; draws beyond it have no gain (nan)


def gains(draws: Draws, compute_flop: float, *, year: float = 2023.0) -> np.ndarray:
    """Return how much more compute others need for the transformer's loss at N = D = sqrt(C / 6), by draw."""
    size = np.full(len(draws), np.sqrt(compute_flop / FLOP_PER_PARAMETER_TOKEN))
    transformer, other = (Conditions(architecture=each, year=year) for each in ("transformer", "other"))
    goal = predicted_loss(draws.law, draws.reference, draws.params, transformer, size, size)

    def excess(log_factor: np.ndarray, draw: np.ndarray) -> np.ndarray:
        draw = np.broadcast_to(draw, log_factor.shape).astype(int).ravel()
        larger = size[draw] * np.exp(log_factor.ravel())
        loss = predicted_loss(draws.law, draws.reference, draws.params[draw], other, larger, larger)
        return (loss - goal[draw]).reshape(log_factor.shape)

    ends = tuple(np.full(len(draws), np.log(end)) for end in BRACKET)
    with np.errstate(invalid="ignore"):  # draws whose root lies outside of the bracket
        root = elementwise.find_root(excess, ends, args=(np.arange(len(draws)),))
    return np.where(root.success, np.exp(2.0 * root.x), np.nan)  # compute grows by the square of the factor on N and D


@cached
def by_specification(sample: Sample, compute_flop: float = 1e25) -> pd.DataFrame:
    """Return the gain by specification: name (of `TOP_TEN`), law, penalty, and the estimates protocol and converged."""
    lines = []
    for place, (name, (law, penalty)) in enumerate(TOP_TEN.items()):
        of = Study(variants.with_transformer_factor(catalogue.law(law)), sample, penalty)
        draws = robustness.protocol(of, skip=100 * place), robustness.converged(of)  # one seeded stream for all ten
        lines.append((name, law, penalty, *(_estimate(each, compute_flop) for each in draws)))
    return pd.DataFrame(lines, columns=["name", "law", "penalty", "protocol", "converged"])


@cached
def of_law7(sample: Sample, compute_flop: float, *, published: bool) -> Estimate:
    """Return the gain under law 7 and the published penalty, by the published protocol or converged."""
    of = Study(variants.with_transformer_factor(catalogue.law("7")), sample)
    return _estimate(robustness.protocol(of) if published else robustness.converged(of), compute_flop)


def _estimate(draws: Draws, compute_flop: float) -> Estimate:
    found, covers = gains(draws, compute_flop), robustness.COVERS[draws.method]
    return Estimate.from_draws(found, covers=covers, unit="times", complete=draws.method == "published")
