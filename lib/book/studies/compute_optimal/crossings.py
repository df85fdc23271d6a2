"""Recipe against training text in one currency, GPU-hours: two recipes on two training sets, timed to one loss.

The four times of a size give each gain twice, beside the old and the new of the other; none if a loss is not reached.
"""

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.show.estimate import Estimate
from book.studies.growth import trend as lines

CHANGES = {  # what changes: from the old to the new, and what it is read beside
    "algorithm": ("A0_gpt2", "A1_modern", "training_set"),
    "training_set": ("D0_openwebtext", "D1_modern", "algorithm"),
}
SIZES = "95%, Student's t over sizes that reached the target"
TOO_FEW = "none: fewer than three sizes reached the target"


def gains() -> pd.DataFrame:
    """Return by study, size, target_bpb, what and beside: reference_hours, new_hours (nan: never reached) and gain."""
    frame, parts = tables.read("crossings"), []
    for what, (old, new, other) in CHANGES.items():
        wide = frame.pivot_table("gpu_hours", ["study", "size", "target_bpb", other], what).reset_index()
        names = {old: "reference_hours", new: "new_hours", other: "beside"}
        parts.append(wide.rename(columns=names).assign(what=what, gain=wide[old] / wide[new]))
    order = {"by": ["what", "beside", "target_bpb"], "ascending": [True, True, False]}
    return pd.concat(parts).sort_values(**order, ignore_index=True)


def of(what: str, beside: str) -> pd.DataFrame:
    """Return the lines of `gains` of one change beside one other, from the smallest size to the largest."""
    frame = gains()
    return frame[(frame["what"] == what) & (frame["beside"] == beside)]


def mean(what: str, beside: str) -> Estimate:
    """Return the geometric mean of a gain over sizes, with Student's 95% interval if at least three measured it."""
    logs = np.log(of(what, beside)["gain"].dropna())
    if len(logs) < 3:
        return Estimate.exact(np.exp(logs.mean()), TOO_FEW, unit="times")
    return lines.mean(logs, SIZES).map(lambda each: float(np.exp(each)), unit="times")


def trend(what: str, beside: str) -> Estimate:
    """Return how the ln gain grows with ln hours of the old over sizes; missing unless at least three measured it."""
    frame = of(what, beside).dropna(subset="gain")
    if len(frame) < 3:
        return Estimate.untestable(TOO_FEW)
    return lines.line(np.log(frame["reference_hours"]), np.log(frame["gain"]), SIZES)
