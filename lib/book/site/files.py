"""Completes the files of a built site: scripts, downloads, steady notebooks, mended pages, links to sources, zips."""

import json
import re
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from importlib import metadata, resources
from pathlib import Path

from book.site.numbers import line_of

MATHJAX = "tex-svg.js"  # the one file of MathJax that draws by itself, without fonts to fetch
DRAWN_BY = re.compile(r"<!-- drawn by: ([\w.]+):([\w.]+) -->")

# What a screen reader needs and the theme leaves out, as pairs of what stands there and what has to. Another version of
# the theme may write it differently; tests/test_site.py asks axe, not these strings, whether a page is right.
REPAIRS = (
    ('id="pst-primary-sidebar"', 'id="pst-primary-sidebar" role="complementary" aria-label="Book"'),
    ('class="citation-list" role="list"', 'class="citation-list"'),
    (' role="doc-biblioentry"', ""),
    ("<head>", '<head>\n<link rel="icon" href="data:,"/>'),  # else a browser asks the server for one that is not there
)

# The theme draws its icons with a font; the script that could draw them too is heavier than most pages and not needed.
ICONS = re.compile(r'<script src="[^"]*scripts/fontawesome\.js[^"]*"></script>\s*')

# Pygments gives each line of the source pages an empty link to itself, at which a keyboard would stop.
LINE = re.compile(r'<a id="(line-\d+)" name="[^"]*" href="[^"]*"></a>')

# The theme's scroll spy takes every link of a page for a CSS selector, and a claim's id need not be one (`x.3e23.y`).
SPY = ' data-bs-spy="scroll"'


def copy_scripts(site: Path) -> None:
    """Copy MathJax, and plotly if a page asks for it, out of their wheels."""
    static = site / "_static"
    wheel = metadata.files("sphinx-mathjax-offline") or []
    source = next(file for file in wheel if file.name == MATHJAX)
    shutil.copyfile(source.locate(), static / MATHJAX)
    if any("plotly.min.js" in page.read_text(encoding="utf-8") for page in site.rglob("*.html")):
        with resources.as_file(resources.files("plotly") / "package_data" / "plotly.min.js") as script:
            shutil.copyfile(script, static / "plotly.min.js")


def steady_notebooks(site: Path) -> None:
    """Number the cells of the downloadable notebooks, whose ids are drawn at random otherwise."""
    for path in site.rglob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for index, cell in enumerate(notebook["cells"]):
            cell["id"] = f"cell-{index:03d}"
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def mend(site: Path) -> None:
    """Mend what the theme's pages lack or carry for nothing, and link each figure to the function that drew it."""
    for script in (site / "_static" / "scripts").glob("fontawesome.js*"):
        script.unlink()
    for path in site.rglob("*.html"):
        page = mended = path.read_text(encoding="utf-8")
        for old, new in REPAIRS:
            mended = mended.replace(old, new)
        mended = ICONS.sub("", mended)
        mended = mended.replace(SPY, "") if "row-anchor" in page or "claims.html#" in page else mended
        mended = LINE.sub(r'<span id="\1"></span>', mended)
        up = "../" * len(path.relative_to(site).parents[:-1])
        mended = DRAWN_BY.sub(lambda found, up=up: _source_link(site, up, f"{found[1]}.{found[2]}"), mended)
        if mended != page:
            path.write_text(mended, encoding="utf-8")


def _source_link(site: Path, up: str, function: str) -> str:
    """Return the link to the line at which a function is defined, or nothing if the site has no such page."""
    place = line_of(function)
    known = (site / place.partition("#")[0]).is_file()
    return f' · <a class="figure-source" href="{up}{place}">source of the figure</a>' if known else ""


def zipped(path: Path, files: Mapping[str, bytes], day: date) -> Path:
    """Write files by name into a zip, sorted and all of one day, so that it is the same bytes twice."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])
    return path


def named(paths: Iterable[Path], folder: Path, prefix: str) -> dict[str, bytes]:
    """Return the bytes of files by their names below a folder, behind a prefix."""
    return {f"{prefix}/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in paths}


def notebooks_zip(site: Path, day: date) -> Path:
    """Write every executed notebook of the site into `notebooks.zip` at its root."""
    sources = site / "_sources"
    return zipped(site / "notebooks.zip", named(sources.rglob("*.ipynb"), sources, "algoprogress-notebooks"), day)


def data_zip(site: Path, repository: Path, day: date) -> Path:
    """Write the tables, their manifests, the results of released versions and the licence into `data.zip`."""
    tables = [path for path in (repository / "data").rglob("*") if path.suffix in (".csv", ".json")]
    paths = [*tables, repository / "LICENSE-data", repository / "CITATION.cff"]
    return zipped(site / "data.zip", named(paths, repository, "algoprogress-data"), day)
