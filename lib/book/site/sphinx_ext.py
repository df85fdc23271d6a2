"""The book's one Sphinx extension: no network, links from numbers and figures to code, how to cite each page."""

import os
import re
import shutil
import time
from pathlib import Path

import jupytext
from docutils import nodes
from myst_nb.ext.glue.roles import PasteTextRole
from numpy.typing import ArrayLike
from sphinx.addnodes import desc_parameter, desc_returns, pending_xref
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util import docname_join
from sphinx.util.typing import stringify_annotation
from sphinx_codeautolink.extension.directive import PrefaceMarker

from book.ledger import ledger, versions
from book.ledger.citation import work
from book.site import execute, files, foot, numbers, reference, terms

CHOSEN = re.compile(r"/(?:cite|look|look-[a-z]+)\.js")  # scripts that pages get if they need them
LOOKS = re.compile(r'data-look="([a-z]+)"')
DOWNLOADS = re.compile(r"<!-- downloads: ([a-z0-9-]+) -->((?:<!-- drawn by: [\w.:]+ -->)?)")
# Plotly is large, so it loads behind the words of a page, and what draws with it waits for it.
PLOTTING = re.compile(r'<script(?: type="text/javascript")?>((?:(?!</script>).)*?PLOTLYENV.*?)</script>', re.S)
DEFERRED = r"<script>document.addEventListener('DOMContentLoaded', () => {\1});</script>"
SIGNATURES = {  # what Sphinx writes in them, and what a reader is to see
    stringify_annotation(ArrayLike, "smart"): "ArrayLike",  # a line of private names
    "<factory>": "...",  # a default that is made anew for each object, and no Python
    '"∞") ': '"∞"',  # Sphinx takes the bytes of a default for its characters
}
REFERENCE = "chapters/reference"
# Read anew with each change. The root is written anew with any page, and links its code only if it was read, too.
LISTS = ("index", "chapters/figures_index", "chapters/status", "chapters/bibliography")
KINDS = {"csv": "data (CSV)", "svg": "SVG", "png": "PNG"}


def configure(app: Sphinx, config: Config) -> None:
    """Use all cores, point MathJax to the local file, say where the site stands, take pages as executed if they are."""
    # It does not say so, and numbers sections once all are read. jupyter-book has no option for the number of cores.
    if silent := app.extensions.get("sphinx_multitoc_numbering"):
        silent.parallel_read_safe = True
    app.parallel = os.cpu_count() or 1
    app.began = time.time()
    config.mathjax_path = files.MATHJAX
    config.ogp_site_name = config.html_title
    config.ogp_site_url = config.html_baseurl and f"{config.html_baseurl.rstrip('/')}/"
    if executed := os.environ.get(execute.EXECUTED):
        config.nb_execution_mode = "cache"
        config.nb_execution_cache_path = str(Path(executed) / execute.KEPT)


class Number(PasteTextRole):
    """The role that pastes a number: here a link to its claim's row in the ledger, or to the function that made it."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the number as a link, or as plain words if nothing of ours has made it."""
        pasted, messages = super().run()
        env = self.document.settings.env
        place = numbers.address(self.text, Path(env.doc2path(env.docname)))
        return ([code_link(env.docname, place, "number", *pasted)] if place and pasted else pasted), messages


def code_link(docname: str, place: str, kind: str, *content: nodes.Node) -> nodes.reference:
    """Return a link from a page to a place that counts from the root of the site."""
    uri = f"{'../' * docname.count('/')}{place}"
    return nodes.reference("", "", *content, refuri=uri, internal=True, classes=[kind])


class RowAnchors(SphinxTransform):
    """Give an anchored cell its very name as id (`ho.sample.rows`, not docutils' `ho-sample-rows`), and its code."""

    default_priority = 800  # before Sphinx records the labels of the page

    def apply(self, **kwargs) -> None:
        """Rename the ids in the node and in the document's registers; link each claim to the line that computes it."""
        anchors = [node for node in self.document.findall(nodes.inline) if "row-anchor" in node["classes"]]
        code = ledger.ledger().set_index("id")["code"] if anchors else {}
        for node in anchors:
            name = node["names"][0]
            self.document.ids[name] = self.document.ids.pop(self.document.nameids[name])
            self.document.nameids[name] = name
            node["ids"] = [name]
            if place := code.get(name, ""):
                node += nodes.Text(" ")
                node += code_link(self.env.docname, numbers.code_address(place), "claim-code", nodes.Text("code"))


class ShortNames(SphinxTransform):
    """Call a page by its short name of `_toc.yml` where a link to it has no words of its own: a title is a question."""

    default_priority = 800

    def apply(self, **kwargs) -> None:
        """Give each link to a page without words those of the table of contents."""
        pages = self.config.external_site_map
        for node in self.document.findall(pending_xref):
            name = docname_join(self.env.docname, node["reftarget"]) if node.get("reftype") == "doc" else ""
            if name in pages and pages[name].title and not node["refexplicit"]:
                node["refexplicit"] = True
                node[:] = [nodes.inline("", pages[name].title, classes=["xref", "std", "std-doc"])]


def longest_first(app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
    """Let the page of all docstrings be among the first that are read, as the others wait for it (a handler)."""
    names.sort(key=lambda name: name != REFERENCE)


def about_others(app: Sphinx, env: BuildEnvironment, *_) -> list[str]:
    """Return the pages that list what others have: they are read anew with each change (a handler)."""
    return [name for name in LISTS if name in env.found_docs]


def set_aside(app: Sphinx, pagename: str, templatename: str, context: dict, *_) -> None:
    """Keep the drawings of a page beside it: what links its code would read and write each of their marks anew."""
    if "body" in context:
        context["body"] = files.without_drawings(context["body"], Path(app.outdir) / f"{pagename}.html")


def number_lines(app: Sphinx) -> list:
    """Give each line of the source pages an id, `line-31`, and leave out those to which nothing leads (a handler).

    They are written after all others. Pages that are read side by side leave sources of other libraries behind.
    """
    modules = getattr(app.env, "_viewcode_modules", {})
    for name in [name for name, entry in modules.items() if entry and not entry[2]]:
        del modules[name]
    app.builder.highlighter.formatter_args["lineanchors"] = "line"
    return []


def link_downloads(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the links to data, SVG and PNG where a figure's HTML marks their place, and the mark of its source."""
    place = f"{'../' * docname.count('/')}downloads"

    def links(found: re.Match[str]) -> str:
        files = (f'<a href="{place}/{found[1]}.{kind}" download>{words}</a>' for kind, words in KINDS.items())
        return f'<p class="figure-links">Take away: {" · ".join(files)}{found[2]}</p>'

    for node in list(doctree.findall(nodes.raw)):
        text, found = DOWNLOADS.subn(links, node.astext())
        if found:
            node.replace_self(nodes.raw(text=text, format="html", classes=node["classes"]))


def _is_thebe(script) -> bool:
    """Return whether a script belongs to thebe, which the theme adds to every page and which asks the network."""
    return "THEBE_JS_URL" in (script.attributes.get("body") or "") or str(script.filename).endswith("sphinx-thebe.js")


def page_scripts(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Drop thebe; add scripts of citations, of plotly and of things to turn to the pages that use them."""
    scripts = context["script_files"]
    # In place, as Sphinx keeps this very list. jupyter-book adds every script of `_static` to every page.
    scripts[:] = [each for each in scripts if not _is_thebe(each) and not CHOSEN.search(f"/{each.filename}")]
    if doctree is None:
        return
    app.add_js_file("cite.js", loading_method="defer")
    raw = "".join(node.astext() for node in doctree.findall(nodes.raw))
    kinds = sorted(set(LOOKS.findall(raw)))
    for name in ["look", *(f"look-{kind}" for kind in kinds)] if kinds or "plotly-graph-div" in raw else []:
        app.add_js_file(f"{name}.js", priority=200, loading_method="defer")
    if "plotly-graph-div" in raw:
        app.add_js_file("plotly.min.js", priority=100, loading_method="defer")
        context["body"] = PLOTTING.sub(DEFERRED, context["body"])


def offer_notebook(app: Sphinx, pagename: str, templatename: str, context: dict, *_) -> None:
    """Offer the executed notebook of a page; the theme by itself does so only for pages that can be launched."""
    folder = os.environ.get(execute.EXECUTED) or Path(app.outdir).parent / "jupyter_execute"
    executed = Path(folder) / f"{pagename}.ipynb"
    if executed.is_file():
        target = Path(app.outdir) / "_sources" / f"{pagename}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(executed, target)
        context["ipynb_source"] = f"{pagename}.ipynb"


def page_foot(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Say at the foot of each page its version and date, and on each page of the book how to cite it."""
    cited = work()
    context["theme_extra_footer"] = foot.footer(cited, "../" * pagename.count("/"), citable=doctree is not None)
    if doctree is None:
        return
    body = context["body"]
    if pagename == app.config.root_doc:
        body += foot.takeaway()
    if foot.anchored_ids(body):
        headlines = set(versions.present().results.query("headline")["id"])
        names = {Path(page).name: item.title for page, item in app.config.external_site_map.items()}
        body += foot.claim_facts(ledger.ledger(), headlines, names, body)
    seconds = execution_notes(app).get(pagename, {}).get("runtime")
    if seconds is not None:
        body += foot.cost(float(seconds), f"{'../' * pagename.count('/')}chapters/status.html")
    context["body"] = body + foot.cite_block(cited, foot.plain(context["title"]), f"{pagename}.html")


def share(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Name the first figure of a page, or of the front page, as its picture where it is shared, by its full address."""
    if doctree is None:
        return
    base, tags = app.config.html_baseurl, context["metatags"]
    pages = (doctree, app.env.get_doctree(app.config.root_doc))
    drawn = [id for page in pages for figure in page.findall(nodes.figure) for id in figure["ids"]]
    kept = Path(app.srcdir) / "_build" / "figures"
    picture = next((id for id in drawn if (kept / f"{id}.png").is_file()), "")
    context["metatags"] = foot.shared(tags, base, "../" * pagename.count("/"), picture)


def plain_docstrings(app: Sphinx, what: str, name: str, obj: object, options, lines: list[str]) -> None:
    """Make a docstring fit for Sphinx (a handler of autodoc's event)."""
    lines[:] = reference.as_rst(lines)


def short_signatures(
    app: Sphinx, what: str, name: str, obj: object, options, signature: str | None, returns: str | None
) -> tuple[str | None, ...]:
    """Return the parameters and the type of what has a signature, by `SIGNATURES` (a handler)."""
    for written, plain in SIGNATURES.items():
        signature, returns = (text and text.replace(written, plain) for text in (signature, returns))
    return signature, returns


def plain_signatures(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Flatten the parameters of signatures that link nowhere: a page of a thousand of them stays light (a handler)."""
    for node in list(doctree.findall(lambda each: isinstance(each, desc_parameter | desc_returns))):
        if not list(node.findall(nodes.reference)):
            node.children = [nodes.Text("".join(part.astext() for part in node.children))]  # its own adds an arrow


def link_code(app: Sphinx, doctree: nodes.document) -> None:
    """Tell codeautolink what the cells that a page hides have imported and made, so that others link (a handler)."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix == ".md" and "remove-cell" in path.read_text(encoding="utf-8"):
        cells = jupytext.read(path, fmt="md:myst").cells
        hidden = [cell.source for cell in cells if "remove-cell" in cell.metadata.get("tags", ())]
        doctree.insert(0, PrefaceMarker("\n".join(hidden), "file"))


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Complete the site: scripts, downloads, notebooks, mended pages, indices, the ledger, the results, the zips."""
    if exception is not None or app.builder.format != "html":
        return
    site, repository = Path(app.outdir), Path(app.srcdir)
    files.copy_scripts(site)
    shutil.copytree(repository / "_build" / "figures", site / "downloads", dirs_exist_ok=True)
    files.steady_notebooks(site)
    files.mend(site, since=app.began)
    files.complete(site, execute.listed(repository), execution_notes(app), repository / "_build" / "cache")
    ledger.export(site)
    ledger.search_index(site / "_static")
    files.numbers_index(site, execute.listed(repository))
    versions.write(versions.present(), site / "results.json")
    day, sources = work().released, site / "_sources"
    files.zipped(site / "notebooks.zip", sources.rglob("*.ipynb"), sources, day)
    tables = [path for path in (repository / "data").rglob("*") if path.suffix in (".csv", ".json")]
    tables += [repository / name for name in ("LICENSE-data", "CITATION.cff")]
    files.zipped(site / "data.zip", tables, repository, day)


def execution_notes(app: Sphinx) -> dict[str, dict[str, object]]:
    """Return what myst-nb noted of the execution of each page: mtime, runtime and so on."""
    told = getattr(app.env, "nb_metadata", {})
    return {page: notes["exec_data"] for page, notes in told.items() if notes.get("exec_data")}


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_transform(RowAnchors)
    app.add_transform(ShortNames)
    app.add_role_to_domain("glue", "text", Number(), override=True)
    app.connect("html-collect-pages", number_lines, priority=100)  # before viewcode's
    app.connect("config-inited", configure, priority=100)
    app.connect("env-get-outdated", about_others)
    app.connect("env-before-read-docs", longest_first)
    app.add_node(terms.Term, html=(terms.visit, terms.depart))
    app.connect("doctree-resolved", terms.explain)
    app.connect("doctree-resolved", link_downloads)
    app.connect("doctree-read", link_code, priority=400)  # before codeautolink's
    app.connect("doctree-resolved", plain_signatures)
    app.connect("autodoc-process-docstring", plain_docstrings)
    app.connect("autodoc-process-signature", short_signatures)
    app.connect("html-page-context", offer_notebook, priority=400)  # before the theme draws its buttons
    app.connect("html-page-context", page_scripts, priority=900)
    app.connect("html-page-context", page_foot, priority=900)
    app.connect("html-page-context", share, priority=900)
    app.connect("html-page-context", set_aside, priority=950)
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
