"""Compares systems directly, without a law: who needs less training compute for the same performance.

Ho et al. 2024, appendix A (regressions at fixed performance) and notebook section3, cells 99 to 106.
"""

import numpy as np
import pandas as pd
import statsmodels.api as sm

from algoprogress.fits.rates import doubling_time_months, months_of
from algoprogress.show.estimate import Estimate

STUDENT = "95%, Student's t, least squares"


def regressions(comparisons: pd.DataFrame) -> pd.DataFrame:
    """Return the halving time of training compute at each baseline's performance, by ordinary least squares.

    ln compute on the date, one line per baseline. Columns: baseline, systems, months (an estimate: 95%, Student's t,
    infinite where compute may not fall), p_value, months_without_baseline. Months and days of a date count as the
    authors count them, as twelfths and 365ths of a year.
    """
    return pd.DataFrame([_regression(name, part) for name, part in comparisons.groupby("baseline", sort=False)])


def _regression(baseline: str, part: pd.DataFrame) -> dict[str, object]:
    found = _least_squares(part)
    falls = Estimate(-found.params[1], *-found.conf_int()[1][::-1], STUDENT)
    return {
        "baseline": baseline,
        "systems": len(part),
        "months": months_of(falls),
        "p_value": float(found.pvalues[1]),
        "months_without_baseline": float(doubling_time_months(-_least_squares(part.iloc[1:]).params[1])),
    }


def _least_squares(part: pd.DataFrame):
    date = part["publication_date"].dt
    years = (date.year + date.month / 12 + date.day / 365).to_numpy(float)
    return sm.OLS(np.log(part["training_compute_flop"].to_numpy(float)), sm.add_constant(years)).fit()


def reductions(frame: pd.DataFrame, *, within_benchmark: bool) -> pd.DataFrame:
    """Return, for each system, the later system that did better with the least training compute.

    Columns: system, by, factor (of training compute), largest first; systems without such a successor are left out.
    Across benchmarks, as published, a perplexity is compared with one on another text.
    """
    known = frame[frame["training_compute_flop"].notna()]
    pairs = known.merge(known, how="cross", suffixes=("", "_later"))
    better = (pairs["years_decimal_later"] > pairs["years_decimal"]) & (pairs["perplexity_later"] < pairs["perplexity"])
    cheaper = pairs["training_compute_flop_later"] < pairs["training_compute_flop"]
    same = (pairs["benchmark"] == pairs["benchmark_later"]) | (not within_benchmark)
    chosen = pairs[better & cheaper & same].sort_values("training_compute_flop_later").drop_duplicates("system")
    factor = chosen["training_compute_flop"] / chosen["training_compute_flop_later"]
    found = pd.DataFrame({"system": chosen["system"], "by": chosen["system_later"], "factor": factor})
    return found.sort_values("factor", ascending=False, ignore_index=True)
