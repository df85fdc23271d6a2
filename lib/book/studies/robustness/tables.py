"""The robustness checks as tables to read: each with what is published and what its procedures give."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from algoprogress.show.words import quantity, written
from book.studies.verdicts import badge

MONTHS = "months"


@dataclass(frozen=True)
class Check:
    """One robustness check: its number in the facts of the paper, what changes, and the ids of its main claims.

    `converged` is blank where a check has no converged counterpart.
    """

    number: int
    words: str
    id: str
    converged: str = ""

    @property
    def name(self) -> str:
        """Return the number as it is cited, R1 to R22."""
        return f"R{self.number}"


def _pair(number: int, words: str, stem: str, protocol: str = "protocol") -> Check:
    return Check(number, words, f"ho.robust.{stem}.{protocol}", f"ho.robust.{stem}.converged")


CHECKS = (
    _pair(1, "Doubling time by numerical search", "r01.months"),
    _pair(2, "Ten best specifications pooled, as in the text", "r02.months", "text"),
    _pair(2, "The same, as in the notebook", "r02.months", "notebook"),
    _pair(3, "All laws: the shortest median", "r03.shortest_median"),
    _pair(3, "All laws: the longest median", "r03.longest_median"),
    _pair(4, "Slopes that break in 2017: before", "r04.cut2017.before"),
    _pair(4, "Slopes that break in 2017: after", "r04.cut2017.after"),
    _pair(5, "Irreducible loss", "r05.months"),
    _pair(6, "Tokens seen, known epochs", "r06_seen_known.months"),
    _pair(6, "Tokens seen, unknown epochs as one", "r06_seen_filled.months"),
    _pair(6, "Diminishing returns, known epochs", "r06_diminishing_known.months"),
    _pair(6, "Diminishing returns, unknown epochs as one", "r06_diminishing_filled.months"),
    _pair(7, "Vocabulary term, as in the text (imputed)", "r07_imputed.months"),
    _pair(7, "Vocabulary term, as in the notebook (known)", "r07_known.months"),
    _pair(8, "Errors correlated within papers", "r08.months"),
    Check(9, "Direct comparison at GPT-2's performance", "ho.robust.r09.gpt2.months"),
    Check(9, "Direct comparison at Megatron-LM's", "ho.robust.r09.megatron.months"),
    Check(9, "Direct comparison at Gopher's", "ho.robust.r09.gopher.months"),
    Check(
        10,
        "Share of resamples with a positive sum of rates",
        "ho.robust.r10.sign_share",
        "ho.identify.sign_share.converged",
    ),
    Check(11, "Lowest score of law 7 over the penalties", "ho.robust.r11.lowest_score"),
    Check(11, "Highest score of law 7 over the penalties", "ho.robust.r11.highest_score"),
    Check(12, "Score of the law whose exponents alone move", "ho.robust.r12.law14_score"),
    Check(12, "Score of law 7 with moving exponents", "ho.robust.r12.law15_score"),
    Check(13, "Compute alone: exponent", "ho.robust.r13.exponent"),
    _pair(13, "Compute alone: doubling time", "r13.months"),
    Check(13, "Compute alone: score", "ho.robust.r13.score", "ho.cv.model18.delta_0.honest"),
    Check(14, "Score of exponents by architecture", "ho.robust.r14.law13_score"),
    Check(14, "The same without progress", "ho.robust.r14.law17_score"),
    Check(15, "Score with one rate of progress", "ho.robust.r15.law12_score"),
    _pair(15, "Doubling time with one rate of progress", "r15.months"),
    _pair(16, "Rows without transformers", "r16.months"),
    _pair(17, "Transformer's gain, law 7", "r17.law7_00025"),
    _pair(17, "Transformer's gain, law 12 at the strongest penalty", "r17.law12_002"),
    _pair(18, "Transformer's gain at a smaller compute", "r18.gain_1e22"),
    Check(19, "Context length: least share of the fall of the loss", "ho.robust.r19.share_low"),
    Check(19, "Context length: largest share", "ho.robust.r19.share_high"),
    Check(20, "Evaluation: what a sub-word vocabulary is worth", "ho.robust.r20.subword"),
    Check(20, "Evaluation: what de-tokenisation is worth", "ho.robust.r20.detokenisation"),
    Check(20, "Evaluation: what the stride is worth", "ho.robust.r20.stride"),
    Check(21, "Largest cut of compute between two systems", "ho.robust.r21.main"),
    Check(21, "The same in another table of the authors", "ho.robust.r21.january"),
    Check(22, "Tokens per parameter of GPT-3", "ho.robust.r22.gpt3_tokens_per_parameter"),
    Check(22, "Tokens per parameter of Chinchilla", "ho.robust.r22.chinchilla_tokens_per_parameter"),
)


def overview(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the checks with their claims: name, words, unit, verdict, and published, protocol and converged values.

    Each value has its low and high end (`published_low`, `low`, `converged_low` and so on). Raises KeyError if the
    ledger lacks a claim.
    """
    rows = ledger.set_index("id")
    lines = []
    for check in CHECKS:
        row = rows.loc[check.id]
        line = {
            "name": check.name,
            "words": check.words,
            "unit": row["unit"],
            "verdict": row["verdict"],
            "id": check.id,
        }
        line |= {
            name: row[name] for name in ("published", "published_low", "published_high", "estimate", "low", "high")
        }
        other = rows.loc[check.converged] if check.converged else {}
        line |= {
            f"converged{end}": other.get(name) for name, end in (("estimate", ""), ("low", "_low"), ("high", "_high"))
        }
        lines.append(line)
    numbers = [name for name in lines[0] if name not in ("name", "words", "unit", "verdict", "id")]
    return pd.DataFrame(lines).astype(dict.fromkeys(numbers, float))


def to_read(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `overview` to read."""
    columns = {}
    for name, prefix, title in (
        ("published", "published_", "published"),
        ("estimate", "", "stated procedure"),
        ("converged", "converged_", "solved, papers"),
    ):
        rows = zip(frame[name], frame[f"{prefix}low"], frame[f"{prefix}high"], frame["unit"], strict=True)
        columns[title] = [_cell(*row) for row in rows]
    months = frame["unit"].map(lambda unit: f" ({unit})" if unit == MONTHS else "")
    return pd.DataFrame(
        {"": frame["name"], "analysis": frame["words"] + months, **columns, "verdict": frame["verdict"].map(badge)}
    )


def _cell(value: float, low: float, high: float, unit: str) -> str:
    """Return a value with its interval in brackets; only what is known."""
    text = quantity(value, unit).replace("no progress", "∞")
    if pd.isna(low) or pd.isna(high):
        return text
    ends = ", ".join(quantity(end, unit).replace("no progress", "∞") for end in (low, high))
    return f"[{ends}]" if pd.isna(value) else f"{text} [{ends}]"


def of_months(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the checks of `overview` that speak of a doubling time."""
    return frame[frame["unit"] == MONTHS].reset_index(drop=True)


def tally(frame: pd.DataFrame) -> pd.DataFrame:
    """Return how many of the checks R1 to R22 got each verdict; a check counts by the worst of its claims.

    Columns: verdict, checks.
    """
    order = ["not reproduced", "cannot be tested with public data", "reproduced but fragile", "reproduced"]
    worst = frame.groupby("name")["verdict"].agg(lambda found: next(each for each in order if each in set(found)))
    counts = worst.value_counts().reindex(order, fill_value=0)
    return counts.rename_axis("verdict").rename("checks").reset_index()


def exponents(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `robustness.held_exponents` to read, with and without a floor side by side."""
    parts = {floor: part.set_index("paper") for floor, part in frame.groupby("floor", sort=False)}
    first = parts["none"]
    columns = {"exponents of": first.index}
    for name, column in (("of N", "alpha"), ("of D", "beta")):
        columns[name] = ["fitted" if pd.isna(value) else written(value, ".3f") for value in first[column]]
    for floor, title in (("none", "no floor"), ("by benchmark", "floor fitted")):
        part = parts[floor].reindex(first.index)
        known = part["mse_nats2"].notna()
        ends = zip(part["median"], part["low"], part["high"], known, strict=True)
        columns[f"months, {title}"] = [_ends(*each, ".1f") if there else "–" for *each, there in ends]
        columns[f"error, {title}"] = part["mse_nats2"].map("{:.4f}".format).where(known, "–").to_numpy()
    return pd.DataFrame(columns).reset_index(drop=True)


def breaks(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `robustness.breaks` to read."""
    lines = []
    for (cutoff, procedure), part in frame.groupby(["cutoff", "procedure"], sort=False):
        first = part.iloc[0]
        sides = {row.side: _ends(row.median, row.low, row.high, ".1f") for row in part.itertuples()}
        rise = _ends(first["rise"], first["rise_low"], first["rise_high"], ".2f")
        lines.append(
            {
                "cutoff": cutoff,
                "procedure": procedure,
                **sides,
                "rise of the rate": rise,
                "faster after": f"{first['faster']:.0%}",
            }
        )
    return pd.DataFrame(lines)


def _ends(middle: float, low: float, high: float, spec: str) -> str:
    return f"{written(middle, spec)} [{written(low, spec)}, {written(high, spec)}]"


def printed_breaks(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the medians that the paper's figure shows before and after each cutoff: cutoff, side, months."""
    found = ledger["id"].str.extract(r"ho\.robust\.r04\.cut(\d+)\.(before|after)\.protocol").dropna()
    return pd.DataFrame(
        {"cutoff": found[0].astype(int), "side": found[1], "months": ledger.loc[found.index, "published"]}
    )
