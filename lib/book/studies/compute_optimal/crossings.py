"""Recipe against training text in one currency, GPU-hours: two recipes on two training sets, timed to one loss.

The four times of a size give each gain twice, once beside the old and once beside the new of the other. Where a target
was never reached there is no gain, and none is made up.
"""

import numpy as np
import pandas as pd
from scipy.stats import linregress, t

from algoprogress.data import tables
from algoprogress.show.estimate import Estimate

OLD = {"algorithm": "A0_gpt2", "training_set": "D0_openwebtext"}
NEW = {"algorithm": "A1_modern", "training_set": "D1_modern"}
OTHER = {"algorithm": "training_set", "training_set": "algorithm"}
WORDS = {"algorithm": "GPT-2's to the speedrun's recipe", "training_set": "OpenWebText to modern text"}
SIZES = "95%, Student's t over sizes that reached the target"
TOO_FEW = "none: fewer than three sizes reached the target"
BESIDE = {
    "A0_gpt2": "GPT-2's recipe",
    "A1_modern": "the speedrun's recipe",
    "D0_openwebtext": "OpenWebText",
    "D1_modern": "modern text",
}


def gains() -> pd.DataFrame:
    """Return each gain in GPU-hours: study, size, target_bpb, what, beside, reference_hours, new_hours, gain, measured.

    The gain is missing where one of the two never reached the target.
    """
    frame = tables.read("crossings")
    keys, rows = ["study", "size", "target_bpb"], []
    for what, other in OTHER.items():
        wide = frame.pivot_table(index=[*keys, other], columns=what, values="gpu_hours", dropna=False)
        for index, row in wide.dropna(how="all").iterrows():
            times = row[OLD[what]], row[NEW[what]]
            rows.append((*index[:3], what, index[3], *times, times[0] / times[1], bool(np.isfinite(times).all())))
    names = [*keys, "what", "beside", "reference_hours", "new_hours", "gain", "measured"]
    order = {"by": ["what", "beside", "target_bpb"], "ascending": [True, True, False]}
    return pd.DataFrame(rows, columns=names).sort_values(**order, ignore_index=True)


def of(what: str, beside: str) -> pd.DataFrame:
    """Return the lines of `gains` of one change beside one other, from the smallest size to the largest."""
    frame = gains()
    return frame[(frame["what"] == what) & (frame["beside"] == beside)]


def mean(what: str, beside: str) -> Estimate:
    """Return the geometric mean of a gain over the sizes that measured it, with Student's 95% interval.

    There is no interval from fewer than three sizes.
    """
    logs = np.log(of(what, beside).query("measured")["gain"])
    middle, count = logs.mean(), len(logs)
    if count < 3:
        return Estimate.exact(np.exp(middle), TOO_FEW, unit="times")
    half = t.ppf(0.975, count - 1) * logs.std(ddof=1) / np.sqrt(count)
    return Estimate(middle, middle - half, middle + half, SIZES).map(lambda each: float(np.exp(each)), unit="times")


def trend(what: str, beside: str) -> Estimate:
    """Return how the ln gain grows with ln hours of the old, by Student's t over the sizes that measured it.

    It is missing where fewer than three sizes did.
    """
    frame = of(what, beside).query("measured")
    if len(frame) < 3:
        return Estimate.untestable(TOO_FEW)
    return line(np.log(frame["reference_hours"]), np.log(frame["gain"]), SIZES)


def line(at: pd.Series, values: pd.Series, covers: str) -> Estimate:
    """Return the slope of a straight line through values, with Student's 95% interval."""
    found = linregress(at, values)
    half = t.ppf(0.975, len(at) - 2) * found.stderr
    return Estimate(*(float(each) for each in (found.slope, found.slope - half, found.slope + half)), covers)
