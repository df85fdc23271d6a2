"""The gain of the transformer as a table to read."""

import pandas as pd


def gains(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `study.by_choice` at two computes: form, penalty, flags, gain at either, years at the larger."""
    keys = ["form", "penalty", "flags"]
    near, far = (frame[frame["compute_flop"] == flop].set_index(keys) for flop in (1e20, 1e25))
    return far.assign(near=near["gain"]).reset_index()[[*keys, "near", "gain", "years"]]
