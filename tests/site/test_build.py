"""The book is built anew whenever anything changed that a page could depend on."""

from __future__ import annotations

import pytest

from book.site import build, files

INPUTS = ("lib/a.py", "data/a.csv", "chapters/law.md", "index.md", "_config.yml", "requirements.txt")


@pytest.fixture
def folder(tmp_path):
    """Return a small repository."""
    for name in (*INPUTS, "tests/test_a.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", INPUTS)
def test_a_change_is_noticed(folder, name):
    before = build.digest(folder)
    (folder / name).write_text("changed", encoding="utf-8")
    assert build.digest(folder) != before


def test_a_changed_word_of_a_page_leaves_what_its_cells_put_out(folder):
    page, cell = folder / "chapters" / "law.md", "```{code-cell} ipython3\nshow(%d)\n```\n"
    number = "{glue:text}`ho.a.estimate`"  # what the front page shows is a headline, which cells ask for
    texts = ("A word.\n" + cell % 1, "Two words.\n" + cell % 1, "A word.\n" + cell % 2, f"A {number}.\n" + cell % 1)
    found = []
    for text in texts:
        page.write_text(text, encoding="utf-8")
        found.append((build.digest(folder), build.digest(folder, words=False)))
    assert len({whole for whole, _ in found}) == 4
    assert found[0][1] == found[1][1] and len({without for _, without in found}) == 3


def test_words_that_other_pages_show_are_told_apart(folder):
    page, terms = folder / "chapters" / "law.md", folder / "chapters" / "glossary.md"
    found = []
    for text, term in (("# A\n\nword", "a"), ("# A\n\nother", "a"), ("# B\n\nother", "a"), ("# B\n\nother", "b")):
        page.write_text(text, encoding="utf-8")
        terms.write_text(term, encoding="utf-8")
        found.append([build.digest(folder, words=False, elsewhere=each) for each in (True, False)])
    shown, cells = zip(*found, strict=True)
    assert shown[0] == shown[1] and len(set(shown)) == 3 and len(set(cells)) == 1


def test_drawings_stand_aside_and_come_back(tmp_path):
    page, drawn = tmp_path / "chapters" / "a.html", ["<svg><path d='M 0'/></svg>", "<svg>\n<g/></svg>"]
    body = f"<p>one</p>{drawn[0]}<p>{drawn[1]}</p>"
    aside = files.without_drawings(body, page)
    assert "<svg" not in aside and aside.count("<!--") == 2
    page.write_text(aside, encoding="utf-8")
    files.mend(tmp_path)
    assert page.read_text(encoding="utf-8") == body
    assert [path.name for path in page.parent.iterdir()] == ["a.html"]
    page.write_text('<div id="pst-primary-sidebar">', encoding="utf-8")
    files.mend(tmp_path, since=page.stat().st_mtime + 1.0)  # written before this build, so mended already
    assert page.read_text(encoding="utf-8") == '<div id="pst-primary-sidebar">'


def test_a_new_table_is_noticed(folder):
    before = build.digest(folder)
    (folder / "data" / "b.csv").write_text("b", encoding="utf-8")
    assert build.digest(folder) != before


def test_tests_and_caches_do_not_matter(folder):
    before = build.digest(folder)
    (folder / "tests" / "test_a.py").write_text("changed", encoding="utf-8")
    (folder / "lib" / "__pycache__").mkdir(exist_ok=True)
    for name in ("a.pyc", "kernel.nbi"):  # by Python, and by the compiler of the solver
        (folder / "lib" / "__pycache__" / name).write_text("changed", encoding="utf-8")
    assert build.digest(folder) == before


@pytest.mark.parametrize(("site", "others", "expected"), [(0, 0, 0), (1, 0, 1), (0, 1, 1), (0, -9, -9)])
def test_tests_of_the_site_come_last_and_one_that_fails_anywhere_is_told(folder, monkeypatch, site, others, expected):
    heard = []

    def tested(_, *chosen):
        heard.append(chosen)
        return site if chosen == (build.OF_THE_SITE,) else others

    monkeypatch.setattr(build, "_tested", tested)
    monkeypatch.setattr(build, "build", lambda _, beside: beside() or 0)
    monkeypatch.setattr(build.pdf, "main", lambda _: heard.append("printed"))
    assert build.test(folder) == expected
    assert sorted(map(str, heard[:-1])) == sorted(["printed", str(("tests", f"--ignore={build.OF_THE_SITE}"))])
    assert heard[-1] == (build.OF_THE_SITE,)


def test_problems_are_told_once_and_the_greeting_is_not_one():
    lines = ["[IPKernelApp] WARNING | TCP", "/a.md:3: WARNING: no target", "fine", "/a.md:3: WARNING: no target"]
    assert build.problems(lines) == ["/a.md:3: WARNING: no target"]
    assert build.problems(["one", "two"]) == ["one", "two"]


def test_of_a_broken_cell_the_cell_and_its_error_are_told():
    lines = [
        "way in",
        build.BROKEN_CELL,
        "1 / 0",
        "",
        "ZeroDivisionError: division by zero",
        build.AFTERMATH,
        "way out",
    ]
    assert build.problems(lines) == ["1 / 0", "ZeroDivisionError: division by zero"]
