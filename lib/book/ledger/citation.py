"""How to cite the report: what `CITATION.cff` says of it, and one page of it in BibTeX and in APA style."""

import functools
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from algoprogress.engine import root

AT_ROOT = "at the site's root"  # where the site will stand is not known here, so its addresses are relative


@dataclass(frozen=True)
class Work:
    """The report as a thing to cite; the addresses of site (`url`) and repository (`code`) and `doi` may be blank."""

    title: str
    authors: tuple[str, ...]
    version: str
    released: date
    url: str = ""
    doi: str = ""
    code: str = ""

    def address(self, place: str) -> str:
        """Return the permanent address of a place of the site, such as `chapters/law.html`."""
        return f"{self.url.rstrip('/')}/{place}" if self.url else place

    @property
    def day(self) -> str:
        """Return the day of release as APA writes it: `2026, November 3`."""
        return f"{self.released.year}, {self.released:%B} {self.released.day}"


@functools.cache  # each of the site's pages asks
def work() -> Work:
    """Return what the repository's `CITATION.cff` says of the work, and `_config.yml` of where its site stands."""
    config = yaml.safe_load((root() / "_config.yml").read_text(encoding="utf-8"))
    told = yaml.safe_load((root() / "CITATION.cff").read_text(encoding="utf-8"))
    return Work(
        title=told["title"],
        authors=tuple(each.get("name") or "{family-names}, {given-names}".format(**each) for each in told["authors"]),
        version=str(told["version"]),
        released=date.fromisoformat(str(told["date-released"])),
        url=config["html"]["baseurl"],
        doi=told.get("doi", ""),
        code=told.get("repository-code", ""),
    )


def apa(work: Work, title: str, place: str) -> str:
    """Return the APA reference of one page.

    >>> apa(Work("Rates", ("The group",), "1.0", date(2026, 11, 3)), "How fast?", "fast.html")
    "The group. (2026, November 3). How fast? In Rates (Version 1.0). fast.html, at the site's root"
    """
    end = "" if title.endswith(("?", "!", ".")) else "."
    where = work.address(place) if work.url else f"{place}, {AT_ROOT}"
    return f"{' & '.join(work.authors)}. ({work.day}). {title}{end} In {work.title} (Version {work.version}). {where}"


def bibtex(work: Work, title: str, place: str) -> str:
    """Return the BibTeX entry of one page, its key made of the place: `@misc{algoprogress-fast, ...}`."""
    key = re.sub(r"[^a-z0-9]+", "-", f"algoprogress-{Path(place).stem.lower()}").strip("-")
    where = f"url = {{{work.address(place)}}}" if work.url else f"note = {{{_tex(place)}, {AT_ROOT}}}"
    fields = (
        f"author = {{{' and '.join(f'{{{_tex(name)}}}' for name in work.authors)}}}",
        f"title = {{{{{_tex(title)}}}}}",
        f"howpublished = {{In: {_tex(work.title)}, version {work.version}}}",
        f"year = {{{work.released.year}}}",
        f"month = {work.released:%b}".lower(),
        where,
    )
    return f"@misc{{{key},\n  " + ",\n  ".join(fields) + "\n}"


def _tex(text: str) -> str:
    return re.sub(r"([&%#_$])", r"\\\1", text)
