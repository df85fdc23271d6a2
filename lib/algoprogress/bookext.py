"""The book's one Sphinx extension: no network, the same bytes twice, links under figures, anchors in tables."""

from __future__ import annotations

import json
import os
import re
import shutil
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform

from algoprogress import reference

if TYPE_CHECKING:
    from docutils.nodes import document

MATHJAX = "tex-svg.js"  # the one file of MathJax that draws by itself, without fonts to fetch
DOWNLOADS = re.compile(r"<!-- downloads: ([a-z0-9-]+) -->")
KINDS = {"csv": "data (CSV)", "svg": "SVG", "png": "PNG"}

# What a screen reader needs and the theme leaves out, as pairs of what stands there and what has to. Another version of
# the theme may write it differently; tests/test_site.py asks axe, not these strings, whether a page is right.
REPAIRS = (
    ('id="pst-primary-sidebar"', 'id="pst-primary-sidebar" role="complementary" aria-label="Book"'),
    ('class="citation-list" role="list"', 'class="citation-list"'),
    (' role="doc-biblioentry"', ""),
)

# The theme's scroll spy takes every link of a page for a CSS selector, and a claim's id need not be one (`x.3e23.y`).
SPY = ' data-bs-spy="scroll"'


def configure(app: Sphinx, config: Config) -> None:
    """Point MathJax to the local file, and tell the kernels that a book is being built."""
    config.mathjax_path = MATHJAX
    os.environ["ALGOPROGRESS_BOOK"] = "1"


class RowAnchors(SphinxTransform):
    """Give an anchored cell of a table its very name as id: `ho.sample.rows`, not docutils' `ho-sample-rows`."""

    default_priority = 800  # before Sphinx records the labels of the page

    def apply(self, **kwargs) -> None:
        """Rename the ids in the node and in the document's registers."""
        for node in self.document.findall(nodes.inline):
            if "row-anchor" in node["classes"]:
                name = node["names"][0]
                self.document.ids[name] = self.document.ids.pop(self.document.nameids[name])
                self.document.nameids[name] = name
                node["ids"] = [name]


def link_downloads(app: Sphinx, doctree: document, docname: str) -> None:
    """Put the links to data, SVG and PNG where a figure's HTML marks their place."""
    up = "../" * docname.count("/")
    for node in list(doctree.findall(nodes.raw)):
        if found := DOWNLOADS.search(node.astext()):
            name = found[1]
            links = " · ".join(
                f'<a href="{up}downloads/{name}.{kind}" download>{words}</a>' for kind, words in KINDS.items()
            )
            text = DOWNLOADS.sub(f'<p class="figure-links">Take away: {links}</p>', node.astext())
            node.replace_self(nodes.raw(text=text, format="html", classes=node["classes"]))


def _is_thebe(script) -> bool:
    """Return whether a script belongs to thebe, which the theme adds to every page and which asks the network."""
    return "THEBE_JS_URL" in (script.attributes.get("body") or "") or str(script.filename).endswith("sphinx-thebe.js")


def page_scripts(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: document | None) -> None:
    """Drop thebe; add plotly to the pages that draw with it."""
    scripts = context["script_files"]
    scripts[:] = [script for script in scripts if not _is_thebe(script)]  # in place: Sphinx keeps this very list
    drawn = doctree is not None and any("plotly-graph-div" in node.astext() for node in doctree.findall(nodes.raw))
    if drawn:
        app.add_js_file("plotly.min.js", priority=100)


def offer_notebook(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: document | None) -> None:
    """Offer the executed notebook of a page; the theme by itself does so only for pages that can be launched."""
    executed = Path(app.outdir).parent / "jupyter_execute" / f"{pagename}.ipynb"
    if executed.is_file():
        target = Path(app.outdir) / "_sources" / f"{pagename}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(executed, target)
        context["ipynb_source"] = f"{pagename}.ipynb"


def _copy_scripts(static: Path) -> None:
    """Copy MathJax, and plotly if a page asks for it, out of their wheels."""
    wheel = metadata.files("sphinx-mathjax-offline") or []
    source = next(file for file in wheel if file.name == MATHJAX)
    shutil.copyfile(source.locate(), static / MATHJAX)
    pages = static.parent.rglob("*.html")
    if any("plotly.min.js" in page.read_text(encoding="utf-8") for page in pages):
        with resources.as_file(resources.files("plotly") / "package_data" / "plotly.min.js") as script:
            shutil.copyfile(script, static / "plotly.min.js")


def _steady_notebooks(outdir: Path) -> None:
    """Number the cells of the downloadable notebooks, whose ids are drawn at random otherwise."""
    for path in outdir.rglob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for index, cell in enumerate(notebook["cells"]):
            cell["id"] = f"cell-{index:03d}"
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _repair(outdir: Path) -> None:
    """Mend what the theme's pages lack."""
    for path in outdir.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        mended = page
        for old, new in REPAIRS:
            mended = mended.replace(old, new)
        mended = mended.replace(SPY, "") if "row-anchor" in page else mended
        if mended != page:
            path.write_text(mended, encoding="utf-8")


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Complete the site: scripts, downloads, notebooks with steady ids, repaired pages, the ledger of claims."""
    if exception is not None or app.builder.format != "html":
        return
    from algoprogress import claims, finding  # the whole library hangs on them, and only a finished site needs them

    outdir = Path(app.outdir)
    _copy_scripts(outdir / "_static")
    figures = Path(app.srcdir) / "_build" / "figures"
    if figures.is_dir():
        shutil.copytree(figures, outdir / "downloads", dirs_exist_ok=True)
    _steady_notebooks(outdir)
    _repair(outdir)
    claims.export(outdir)
    finding.export(outdir / "_static")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_transform(RowAnchors)
    app.connect("config-inited", configure, priority=100)
    app.connect("doctree-resolved", link_downloads)
    app.connect("doctree-read", reference.link_code, priority=400)  # before codeautolink's
    app.connect("doctree-resolved", reference.plain_signatures)
    app.connect("autodoc-process-docstring", reference.plain_docstrings, priority=400)  # before napoleon's
    app.connect("html-page-context", offer_notebook, priority=400)  # before the theme draws its buttons
    app.connect("html-page-context", page_scripts, priority=900)
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
