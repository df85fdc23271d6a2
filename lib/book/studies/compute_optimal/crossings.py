"""Recipe against training text in one currency, GPU-hours: two recipes on two training sets, timed to one loss.

The four times of a size give each gain twice, once beside the old and once beside the new of the other. Where a target
was never reached there is no gain, and none is made up.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import linregress, t

from algoprogress.data import tables

OLD = {"algorithm": "A0_gpt2", "training_set": "D0_openwebtext"}
NEW = {"algorithm": "A1_modern", "training_set": "D1_modern"}
OTHER = {"algorithm": "training_set", "training_set": "algorithm"}
WORDS = {"algorithm": "GPT-2's to the speedrun's recipe", "training_set": "OpenWebText to modern text"}
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


def mean(what: str, beside: str) -> dict[str, float]:
    """Return the geometric mean of a gain over the sizes that measured it, with Student's 95% interval.

    Keys: gain, low, high, measured, unmeasured (how many sizes did and did not). No interval from fewer than three.
    """
    frame = gains()
    frame = frame[(frame["what"] == what) & (frame["beside"] == beside)]
    logs = np.log(frame.loc[frame["measured"], "gain"])
    middle, count = logs.mean(), len(logs)
    half = t.ppf(0.975, count - 1) * logs.std(ddof=1) / np.sqrt(count) if count >= 3 else np.nan
    ends = {"gain": middle, "low": middle - half, "high": middle + half}
    return {name: float(np.exp(value)) for name, value in ends.items()} | {
        "measured": count,
        "unmeasured": int((~frame["measured"]).sum()),
    }


def trend(what: str, beside: str) -> dict[str, float]:
    """Return how the ln gain grows with ln hours of the old, by Student's t over the sizes that measured it.

    Keys: slope, low, high; missing where fewer than three sizes did.
    """
    frame = gains()
    frame = frame[(frame["what"] == what) & (frame["beside"] == beside) & frame["measured"]]
    if len(frame) < 3:
        return dict.fromkeys(("slope", "low", "high"), np.nan)
    found = linregress(np.log(frame["reference_hours"]), np.log(frame["gain"]))
    half = t.ppf(0.975, len(frame) - 2) * found.stderr
    return {"slope": float(found.slope), "low": float(found.slope - half), "high": float(found.slope + half)}
