"""What stands at the foot of each page: how to cite it, version and date, and what there is to take away."""

import html
import json
import re

import pandas as pd

from book.ledger.citation import Work, apa, bibtex

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
    return f'<p class="site-version">{" · ".join(parts)}{PDF_MARK.format(up)}</p>'


def cost(seconds: float, status: str) -> str:
    """Return what it cost to execute a page when this site was built, with the address of the page that tells more."""
    said = f'Executed in {max(seconds, 1):.0f} s when this site was built; <a href="{status}">all pages</a>.'
    return f'<p class="page-cost">{said}</p>'


def takeaway() -> str:
    """Return the list of the files at the site's root, for the front page."""
    items = "".join(f'<li><a href="{name}" download>{name}</a>: {words}</li>' for name, words in FILES.items())
    return f'<section class="takeaway" id="take-away"><h2>Take away</h2><ul>{items}</ul></section>'


def interval_words(ledger: pd.DataFrame, page: str) -> str:
    """Return what the intervals of the claims on a page cover, as data for its script: words once, and their numbers.

    `of` holds, for each anchored claim in the order of the page, the place of its words.
    """
    covers = ledger.set_index("id")["interval"].fillna("")
    ids = [html.unescape(id) for id in anchored_ids(page)]
    places, words = covers.reindex(ids, fill_value="").factorize()
    told = {"words": words.tolist(), "of": places.tolist()}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return f'<script type="application/json" id="claim-intervals">{text}</script>'


def anchored_ids(page: str) -> list[str]:
    """Return the ids of the claims that a page anchors in its tables, in its order."""
    tags = (tag for tag in re.findall(r"<span[^>]*>", page) if "row-anchor" in tag)
    return [found[1] for tag in tags if (found := re.search(r'id="([^"]+)"', tag))]
