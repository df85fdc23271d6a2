"""Tables of facts: read, checked, described; the sample of evaluations; files of your own, and where they begin."""

from pathlib import Path

SIGNS = {"evaluations": "perplexity", "runs": "algorithm", "law": "capacity"}  # a column that only this kind has
KINDS = tuple(SIGNS)


def template_path(kind: str) -> Path:
    """Return the path of the template of a kind of file; raise KeyError for another kind than those of `KINDS`."""
    if kind not in KINDS:
        raise KeyError(f"no template {kind!r}; there are {', '.join(KINDS)}")
    return Path(__file__).with_name("templates") / f"{kind}.csv"


def template(kind: str) -> str:
    """Return the template of a kind of file: a header, and invented example rows to be replaced."""
    return template_path(kind).read_text(encoding="utf-8")
