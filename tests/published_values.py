"""What the authors' notebooks print for five fits of model 7 and its variants (Ho et al. 2024), to six decimals."""

from __future__ import annotations

from dataclasses import dataclass

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law
from book.studies.data import variants

SAMPLE = tables.evaluations().published_sample()
LAW_7 = catalogue.law("7")
MODEL_7 = {
    "alpha_const": 0.912701,
    "alpha_const_ptb": 0.000379,
    "alpha_const_wt2": 0.055412,
    "alpha_year": 0.003938,
    "alpha_param": 0.067982,
    "beta_const": 0.771409,
    "beta_const_ptb": 0.176415,
    "beta_const_wt2": 0.095418,
    "beta_year": 0.035620,
    "beta_data": 0.039587,
}


def coefficients(values: str, **others: float) -> dict[str, float]:
    """Return values for the ten coefficients of model 7 in their order, and others by name."""
    return dict(zip(MODEL_7, map(float, values.split()), strict=True)) | others


@dataclass(frozen=True)
class Published:
    """A published fit: its law, rows, penalty, objective (nats squared), coefficients, iterations and evaluations.

    `within` is how closely the objective comes back, exactly unless said.
    """

    law: Law
    sample: Sample
    penalty: float
    objective: float
    params: dict[str, float]
    iterations: int | None = None
    evaluations: int | None = None
    within: float = 0.0


PUBLISHED = {
    "model 7": Published(LAW_7, SAMPLE, 0.0025, 0.05181292650905238, MODEL_7, 18, 209),
    "year break": Published(
        variants.with_year_break(LAW_7, 2017),
        SAMPLE,
        0.0025,
        0.049180189755223945,
        coefficients(
            ".466551 .187420 .042573 .005577 .089667 1.122824 .000097 .098399 .013778 .029671",
            alpha_year_since_2017=-0.038833,
            beta_year_since_2017=0.041142,
        ),
        35,
    ),
    "vocabulary": Published(
        variants.with_vocabulary(LAW_7),
        SAMPLE.with_known("vocabulary"),
        0.0025,
        0.04912374100753002,
        coefficients(
            ".909378 .153581 .022109 -.008071 .074375 .800820 -.000614 .160083 .069185 .035805",
            gamma_vocabulary=0.011077,
        ),
    ),
    "transformer": Published(
        variants.with_transformer_factor(LAW_7),
        SAMPLE,
        0.0025,
        0.05881505857497706,
        coefficients(
            ".506028 .029609 .000010 -.035037 .079008 1.102722 .107080 .111550 .055229 .028882", transformer=2.971978
        ),
        44,
        556,
    ),
    "floor": Published(
        variants.with_floor(LAW_7),
        SAMPLE,
        0.0025,
        0.0517375747124533,
        coefficients(
            ".934120 .000785 .147471 .008235 .067760 .763463 .117748 .000643 .032490 .039699",
            gamma_const=-0.000054,
            gamma_const_ptb=0.105076,
            gamma_const_wt2=-0.043656,
        ),
        45,
        652,
    ),
    "effective data": Published(
        catalogue.law("20"),
        SAMPLE,
        0.001,
        0.04893085677762427,
        coefficients(".986493 -.018555 .141435 .016799 .070295 .708953 .194133 -.012038 .020889 .037720"),
        29,
        331,
        within=2e-11,  # epochs are recovered to four digits
    ),
}
