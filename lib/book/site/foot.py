"""What stands at the foot of each page: how to cite it, version and date, and what there is to take away."""

import html
import json
import re
from collections.abc import Collection, Mapping

import pandas as pd

from book.ledger.citation import Work, apa, bibtex
from book.studies.verdicts import said_by

PDF = "algoprogress.pdf"
PDF_MARK = "<!-- whole book as PDF: {} -->"  # becomes a link when the book has been printed
PDF_MARKED = re.compile(r"<!-- whole book as PDF: ([./]*) -->")
PDF_LINK = rf' · <a href="\1{PDF}">The whole book (PDF)</a>'
FILES = {
    "notebooks.zip": "every page as an executed notebook",
    "data.zip": "all tables with their manifests and licence",
    "claims.csv": "every claim beside our number",
    "claims.json": "the same for programs",
    "results.json": "the headline numbers at this version",
}


def plain(text: str) -> str:
    """Return HTML as text on one line, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split())


def cite_block(work: Work, title: str, place: str) -> str:
    """Return the block at the foot of a page that says how to cite it; its texts can be copied from disk."""
    told = {"version": work.version, "date": work.released.isoformat(), "title": work.title}
    told |= {"authors": " and ".join(work.authors), "place": work.address(place)}
    data = " ".join(f'data-{key}="{html.escape(text)}"' for key, text in told.items())
    note = "" if work.url else '<p class="cite-note">The address counts from the root of the site.</p>'
    texts = html.escape(apa(work, title, place)), html.escape(bibtex(work, title, place))
    return (
        f'<details class="cite-page" id="cite-this-page" {data}><summary>Cite this page</summary>'
        f'<p class="cite-kind">APA</p><p class="cite-text" data-copy>{texts[0]}</p>'
        f'<p class="cite-kind">BibTeX</p><pre class="cite-text" data-copy>{texts[1]}</pre>{note}</details>'
    )


def footer(work: Work, up: str, *, citable: bool) -> str:
    """Return version and date for the foot of a page that lies so far below the site's root (`../`)."""
    parts = [f"Version {work.version}", f'<time datetime="{work.released}">{work.released:%-d %B %Y}</time>']
    parts += ['<a href="#cite-this-page">Cite this page</a>'] if citable else []
    parts += [f'<a href="https://doi.org/{work.doi}">doi:{work.doi}</a>'] if work.doi else []
    parts += [f'<a href="{work.code}">Repository</a>'] if work.code else []
    return f'<p class="site-version">{" · ".join(parts)}{PDF_MARK.format(up)}</p>'


def shared(tags: str, base: str, up: str, picture: str) -> str:
    """Return the tags by which a page is shown where it is shared, with the id of a figure as its picture.

    Without a base address its own is left out and that of the picture is relative: neither can be known.
    """
    if not base:
        tags = re.sub(r'<meta property="og:url"[^>]*>\n?', "", tags)
    if picture:
        place = f"{base.rstrip('/')}/" if base else up
        tags += f'<meta property="og:image" content="{place}downloads/{picture}.png" />\n'
        tags += '<meta name="twitter:card" content="summary_large_image" />\n'
    return tags


def cost(seconds: float, status: str) -> str:
    """Return what it cost to execute a page when this site was built, with the address of the page that tells more."""
    said = f'Executed in {max(seconds, 1):.0f} s when this site was built; <a href="{status}">all pages</a>.'
    return f'<p class="page-cost">{said}</p>'


def takeaway() -> str:
    """Return the list of the files at the site's root, for the front page."""
    items = "".join(f'<li><a href="{name}" download>{name}</a>: {words}</li>' for name, words in FILES.items())
    return f'<section class="takeaway" id="take-away"><h2>Take away</h2><ul>{items}</ul></section>'


def claim_facts(ledger: pd.DataFrame, headlines: Collection[str], names: Mapping[str, str], page: str) -> str:
    """Return what the scripts of a page need of the claims that it anchors, in its order, and its table does not show.

    Of what the interval covers, who says it, its chapter (as in `names`) and its kind: the words once, and `of`, for
    each claim, their places. `headline` are the places of the headlines.
    """
    ids = [html.unescape(id) for id in anchored_ids(page)]
    frame = ledger.set_index("id").loc[ids]
    told: dict[str, object] = {"headline": [place for place, id in enumerate(ids) if id in headlines]}
    said = {"interval": frame["interval"].fillna(""), "study": frame.apply(said_by, axis=1)}
    for name, column in (said | {"chapter": frame["chapter"].map(names), "kind": frame["kind"]}).items():
        places, words = column.factorize()
        told[name] = {"words": words.tolist(), "of": places.tolist()}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return f'<script type="application/json" id="claim-facts">{text}</script>'


def anchored_ids(page: str) -> list[str]:
    """Return the ids of the claims that a page anchors in its tables, in its order."""
    tags = (tag for tag in re.findall(r"<span[^>]*>", page) if "row-anchor" in tag)
    return [found[1] for tag in tags if (found := re.search(r'id="([^"]+)"', tag))]
