"""One page on one answer, as HTML or Markdown in one file: nothing in it is loaded, and no name in it is markup."""

import base64
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from algoprogress.show.style import COLOURS

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"  # a browser runs and fetches nothing
STYLE = "body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 sans-serif;color:%(ink)s}"
STYLE += "svg{max-width:100%%;height:auto}table{border-collapse:collapse}p.answer{font-size:1.2rem}"
STYLE += "th,td{padding:.2rem .8rem .2rem 0;text-align:left;border-bottom:1px solid %(grid)s;overflow-wrap:break-word}"
MARKUP = re.compile(r"([\\`*_\[\]|~$])")


@dataclass(frozen=True)
class Drawn:
    """A figure as the text of an SVG file, and what it shows in words."""

    svg: str
    alt: str


Part = str | list[str] | pd.DataFrame | Mapping[str, object] | Drawn


@dataclass
class Page:
    """A title, and parts under headings: a sentence, a list, a table of ready strings, facts by name, or a figure."""

    title: str
    parts: list[tuple[str, Part]] = field(default_factory=list)

    def add(self, heading: str, *parts: Part) -> None:
        """Put parts under a heading, which may be blank; what is empty is left out."""
        for part in (each for each in parts if len(each if not isinstance(each, Drawn) else each.svg)):
            self.parts.append((heading, part))
            heading = ""

    def html(self) -> str:
        """Return the page as an HTML file."""
        head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        head += f'<meta name="viewport" content="width=device-width"><title>{html.escape(self.title)}</title>'
        body = [f"<h1>{html.escape(self.title)}</h1>"]
        for heading, part in self.parts:
            body += [f"<h2>{html.escape(heading)}</h2>"] if heading else []
            body.append(_html(part))
        style = f"<style>{STYLE % COLOURS}</style>"
        return "\n".join(
            [f'<!doctype html><html lang="en"><head>{head}{style}</head><body>', *body, "</body></html>\n"]
        )

    def markdown(self) -> str:
        """Return the page as Markdown, its figures as images within it."""
        lines = [f"# {_plain(self.title)}"]
        for heading, part in self.parts:
            lines += [f"## {_plain(heading)}"] if heading else []
            lines.append(_markdown(part))
        return "\n\n".join(lines) + "\n"


def joined(pages: list[Page]) -> Page:
    """Return one page of several, under the title of the first; each of the others begins with its own as a heading."""
    for other in pages[1:]:
        (_, first), *others = other.parts
        pages[0].parts += [(other.title, first), *others]
    return pages[0]


def page_format(path: Path | str) -> str:
    """Return html or md by the ending of a file's name; raise OSError for another ending."""
    ending = Path(path).suffix.lower().removeprefix(".")
    if ending not in ("html", "md"):
        raise OSError(f"{path}: a report must end in .html or .md")
    return ending


def inline(svg: str) -> str:
    """Return an SVG file as an element of a page: without its head, metadata, and ids that nobody uses."""
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    used = set(re.findall(r"""(?:url\(#|href="#)([^)"]+)""", svg))
    return re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in used else "", svg)


def _table(part: pd.DataFrame | Mapping[str, object]) -> tuple[list[str], list[list[str]]]:
    """Return the header, blank for facts by name, and the rows of a table as text."""
    if isinstance(part, pd.DataFrame):
        return list(part.columns), part.astype(str).to_numpy().tolist()
    return ["", ""], [[name, str(fact)] for name, fact in part.items()]


def _html(part: Part) -> str:
    if isinstance(part, Drawn):
        return inline(part.svg).replace("<svg", f'<svg role="img" aria-label="{html.escape(part.alt)}"', 1)
    if isinstance(part, str):
        return f'<p class="answer">{html.escape(part)}</p>'
    if isinstance(part, list):
        return f"<ul>{''.join(f'<li>{html.escape(each)}</li>' for each in part)}</ul>"
    header, rows = _table(part)
    lines = ["".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows]
    lines = ["".join(f"<th>{html.escape(name)}</th>" for name in header)] * any(header) + lines
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _markdown(part: Part) -> str:
    if isinstance(part, Drawn):
        coded = base64.b64encode(part.svg.encode()).decode()
        return f"![{_plain(part.alt)}](data:image/svg+xml;base64,{coded})"
    if isinstance(part, str):
        return f"**{_plain(part)}**"
    if isinstance(part, list):
        return "\n".join(f"- {_plain(each)}" for each in part)
    header, rows = _table(part)
    lines = [header, ["---"] * len(header), *([_plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(words: str) -> str:
    """Return words in which nothing is markup, neither of Markdown nor of HTML."""
    return MARKUP.sub(r"\\\1", html.escape(words, quote=False))
