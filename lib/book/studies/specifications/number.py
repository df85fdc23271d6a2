"""The specification curve as nine questions in plain words: one answer to each makes a doubling time."""

from dataclasses import replace

import numpy as np
import pandas as pd

from algoprogress import __version__
from algoprogress.fits.rates import DOUBLING, months_of
from algoprogress.show.estimate import Estimate
from book import look
from book.studies.specifications.curve import undetermined
from book.studies.specifications.study import CHOICES, DRAWS

QUESTIONS = {  # by choice the question, and its answers in the order of `CHOICES`
    "optimiser": ("Where does the fit stop?", "where the authors' optimiser stopped", "at the best minimum"),
    "penalty": ("Are coefficients pulled to zero?", "no", "as published", "four times as hard"),
    "data": ("What counts as data?", "the dataset", "all tokens seen", "repeats at diminishing worth"),
    "missing": (
        "If passes over the data are unknown?", "no passes counted", "count one", "take the benchmark's median",
        "drop the model", "all passes of the authors' table",
    ),
    "floor": ("Does the loss have a floor?", "none", "one for each benchmark"),
    "progress": ("Do size and data gain alike?", "two rates of progress", "one rate for both"),
    "rows": (
        "Which evaluations?", "three best of a paper", "the best of a paper", "transformers only", "since 2017 only",
        "with reviewed values", "without zero-shot tests", "without caches", "with the outliers", "with those left out",
        "with uncertain ones", "with four excluded systems", "all of a paper",
    ),
    "vocabulary": ("Does vocabulary size count?", "no", "yes"),
    "value": ("Whose perplexity?", "the one the authors used", "the system's own"),
}  # fmt: skip
PUBLISHED = ("published", 0.0025, "dataset", "none", "no", "separate", "top 3", "no", "as used")
SENTENCE = (
    "By {choices}, {n} evaluations of Ho et al. (2024) say that the compute for a given loss halves every {months} "
    "months (95% interval {ends}: {draws} resamples of papers, which do not determine its ends)."
)


def codes(frame: pd.DataFrame) -> np.ndarray:
    """Return the place of each level in `CHOICES`, a row a specification."""
    return np.column_stack([frame[choice].map(CHOICES[choice].index) for choice in CHOICES])


def nearest(frame: pd.DataFrame, choice: str, level: object) -> Estimate:
    """Return the doubling time in months of the specification with a level that is otherwise most as published."""
    changes = (frame[list(CHOICES)] != pd.Series(PUBLISHED, index=list(CHOICES))).sum(axis=1)
    line = frame.loc[changes[frame[choice] == level].idxmin()]
    found = months_of(Estimate(line["rate"], line["low"], line["high"], "95%, resampled papers", "per year"))
    return replace(found, undetermined=str(undetermined(found.high)))


def element(frame: pd.DataFrame, beside: dict[str, Estimate], **words: str) -> look.Look:
    """Return the nine questions, first with the published answers; `beside` are months to compare with, by words.

    `words` are those of `look.element`: alt and caption.
    """
    first, asked, rows = nearest(frame, "value", "as used"), [], []
    for (choice, (question, *answers)), start in zip(QUESTIONS.items(), PUBLISHED, strict=True):
        levels = CHOICES[choice]
        asked.append({"key": choice, "words": question, "levels": [str(each) for each in levels], "answers": answers})
        for level, answer in zip(levels, answers, strict=True):
            rows += [(question, answer, nearest(frame, choice, level))] if level != start else []
    values = {"unit": DOUBLING, "version": __version__, "draws": DRAWS, "say": SENTENCE}
    values |= {"asked": asked, "start": dict(zip(CHOICES, map(str, PUBLISHED), strict=True)), "n": frame["n"].tolist()}
    values["codes"] = ["".join(np.base_repr(code, 36) for code in line) for line in codes(frame)]
    values |= {column: [float(f"{each:.5g}") for each in frame[column]] for column in ("rate", "low", "high")}
    values["beside"] = [{"words": each, "months": of.value, "ends": [of.low, of.high]} for each, of in beside.items()]
    read = pd.DataFrame([("as published", "", first), *rows], columns=["question", "answer", "months [95% interval]"])
    said = f"With the published answers the compute for a given loss halves every {first.value:.1f} months."
    return look.element("number", values, read, said=said, **words)
