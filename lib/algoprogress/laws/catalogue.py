"""The published laws as rows of formulas, and the ways to vary any of them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from algoprogress.data import tables
from algoprogress.laws.law import Law


@functools.cache
def laws() -> Mapping[str, Law]:
    """Return every law of `data/laws.csv` by id; the twenty of Ho et al. 2024 are "1" to "20"."""
    rows = tables.read("laws").to_dict("records")
    return MappingProxyType({row["id"]: _law(row) for row in rows})


def law(id: str) -> Law:
    """Return one law of the catalogue; raise KeyError that lists the ids for an unknown one.

    >>> law("7").capacity
    'benchmark + years + log_parameters'
    """
    known = laws()
    if id not in known:
        raise KeyError(f"no law {id!r} in data/laws.csv; its ids are {', '.join(known)}")
    return known[id]


def _law(row: Mapping[str, str]) -> Law:
    links = tuple(tuple(pair.split("=")) for pair in row["links"].split())
    return Law(row["id"], row["capacity"], row["data"], row["floor"], tuple(row["shared"].split()), links, row["name"])


def with_transformer_factor(base: Law, *, link: str = "log_sigmoid") -> Law:
    """Return the law with one factor on the whole prediction for transformers (Ho et al. 2024, eq. 7).

    As published the factor is 1 / (1 + exp(-transformer)), so that no effect means an infinite parameter. With
    `link=""` the parameter is the log of the factor, so that no effect means zero.
    """
    varied = base.with_terms(capacity="transformer", data="transformer")
    links = (*base.links, ("transformer", link)) if link else base.links
    return replace(varied, id=f"{base.id}+transformer", shared=(*base.shared, "transformer"), links=links)


def with_year_break(base: Law, year: int) -> Law:
    """Return the law with other slopes in time from `year` on (Ho et al. 2024, section 3.1).

    As published the extra slope multiplies the whole elapsed time, so efficiency jumps at the break.
    """
    varied = base.with_terms(capacity=f"since({year}):years", data=f"since({year}):years")
    return replace(varied, id=f"{base.id}+break{year}")


def with_floor(base: Law) -> Law:
    """Return the law with an irreducible loss per benchmark (Ho et al. 2024, appendix H)."""
    return replace(base.with_terms(floor="benchmark"), id=f"{base.id}+floor")


def with_vocabulary(base: Law) -> Law:
    """Return the law with a term in the log of the vocabulary size (Ho et al. 2024, appendix E.2.2)."""
    return replace(base.with_terms(floor="0 + log_vocabulary"), id=f"{base.id}+vocabulary")


def with_data(base: Law, variable: str) -> Law:
    """Return the law with another meaning of data in place of the size of the dataset (appendix F).

    `variable` is log_effective_tokens (repeated epochs at diminishing returns, as the authors count them),
    log_repeated_tokens (the same with repetitions in place of epochs) or log_tokens_seen (every epoch in full).
    """
    suffix = variable.removeprefix("log_").replace("_tokens", "")
    return replace(base, data=base.data.replace("log_tokens", variable), id=f"{base.id}+{suffix}")


def with_effective_data(base: Law) -> Law:
    """Return the law on effective tokens, which count repeated epochs with diminishing returns (appendix F)."""
    return with_data(base, "log_effective_tokens")
