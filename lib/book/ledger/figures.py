"""The figure of the ledger: how many claims of each kind hold."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.chart import ON_COLOUR
from algoprogress.show.style import ROLES, house, subplots

VERDICT_ROLES = {
    "reproduced": "alternative",
    "reproduced but fragile": "fifth",
    "not reproduced": "published",
    "cannot be tested with public data": "muted",
    "ours, no published value": "ours",
}


@house()
def verdicts(counts: pd.DataFrame) -> Figure:
    """Return how many claims of each kind got each verdict, as stacked bars with direct labels.

    `counts`: kind, verdict, claims.
    """
    fig, ax = subplots(size="strip")
    kinds = list(dict.fromkeys(counts["kind"]))[::-1]
    starts = dict.fromkeys(kinds, 0)
    for verdict, role in VERDICT_ROLES.items():
        for row in counts[counts["verdict"] == verdict].itertuples():
            ax.barh(kinds.index(row.kind), row.claims, left=starts[row.kind], color=ROLES[role].colour, height=0.66)
            ax.text(
                starts[row.kind] + row.claims / 2,
                kinds.index(row.kind),
                f"{row.claims}",
                ha="center",
                va="center",
                fontsize=8.5,
                color=ON_COLOUR,
            )
            starts[row.kind] += row.claims
    ax.set_yticks(range(len(kinds)), kinds)
    ax.set(xlabel="claims", xlim=(0, 1.02 * max(starts.values())))
    ax.grid(False, axis="y")
    handles = [ax.barh(0, 0, color=ROLES[role].colour, label=verdict) for verdict, role in VERDICT_ROLES.items()]
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 1.28), ncols=2)
    return fig
