"""The compute-equivalent gain of the transformer (Ho et al. 2024, section 3.3 and appendix D)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import elementwise

from algoprogress.data.sample import Sample
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.engine.cache import cached
from algoprogress.fits.rates import Conditions, predicted_loss
from algoprogress.fits.resample import Draws
from algoprogress.laws import catalogue
from book.studies.robustness import study as robustness
from book.studies.robustness.pooled import TOP_TEN
from book.studies.robustness.study import Study

BRACKET = (0.01, 100.0)  # of the factor on parameters and tokens, as published; draws beyond it have no gain (nan)


def gains(draws: Draws, compute_flop: float, *, year: float = 2023.0) -> np.ndarray:
    """Return how much more compute another architecture needs for the transformer's loss, by draw.

    At N = D = sqrt(C / 6), the factor on both that makes up for the transformer is squared.
    """
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
    return np.where(root.success, np.exp(2.0 * root.x), np.nan)


@cached
def by_specification(sample: Sample, compute_flop: float = 1e25) -> pd.DataFrame:
    """Return the gain of the transformer under the ten specifications, published protocol and converged papers.

    Columns: law, penalty, protocol_low, protocol, protocol_high, low, median, high. The published resamples follow each
    other in one seeded stream.
    """
    lines = []
    for place, (law, penalty) in enumerate(TOP_TEN):
        study = Study(catalogue.with_transformer_factor(catalogue.law(law)), sample, penalty)
        protocol = gains(robustness.protocol(study, skip=100 * place), compute_flop)
        ours = gains(robustness.converged(study), compute_flop)
        percentiles = (np.nanpercentile(each, [2.5, 50.0, 97.5]) for each in (protocol, ours))
        lines.append((law, penalty, *np.concatenate(list(percentiles))))
    names = ["law", "penalty", "protocol_low", "protocol", "protocol_high", "low", "median", "high"]
    return pd.DataFrame(lines, columns=names)


@cached
def of_law7(sample: Sample, compute_flop: float, *, published: bool) -> tuple[float, float, float]:
    """Return 2.5%, median and 97.5% of the gain under law 7 and the published penalty."""
    study = Study(catalogue.with_transformer_factor(catalogue.law("7")), sample)
    draws = robustness.protocol(study) if published else robustness.converged(study)
    return tuple(float(value) for value in np.nanpercentile(gains(draws, compute_flop), [2.5, 50.0, 97.5]))
