"""The ways in which Ho et al. 2024 vary a law: transformers, breaks in time, floors, vocabularies, repeated data."""

from dataclasses import replace

from algoprogress.laws.law import Law


def with_transformer_factor(base: Law, *, link: str = "log_sigmoid") -> Law:
    """Return the law with one factor on the whole prediction for transformers (Ho et al. 2024, eq. 7).

    As published it is 1 / (1 + exp(-transformer)), no effect is at infinity; with `link=""` its log is the parameter.
    """
    varied = base.with_terms(capacity="transformer", data="transformer")
    links = (*base.links, ("transformer", link)) if link else base.links
    return replace(varied, id=f"{base.id}+transformer", shared=(*base.shared, "transformer"), links=links)


def with_year_break(base: Law, year: int) -> Law:
    """Return the law with other slopes in all elapsed time from `year` on (Ho et al. 2024, 3.1): it jumps there."""
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
