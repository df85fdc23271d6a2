"""Builds and tests the book in timed steps, and writes the chapters as notebooks."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import jupytext

from book.ledger import ledger
from book.site import execute, pdf
from book.site.foot import PDF

# All that a page can depend on. If only words changed, pages that were executed stay, as cells and numbers shown are as
# before; and if no words changed that other pages show, as a heading is, so does all of the site but the pages changed.
FOLDERS = ("lib", "data", "chapters", "_static")
FILES = ("index.md", "_config.yml", "_toc.yml", "references.bib", "pyproject.toml", "CITATION.cff")
INPUTS = (*FOLDERS, *FILES, "requirements.txt", "constraints.txt")
SITE, READ = "html", ".doctrees"
MADE = (SITE, READ, "jupyter_execute", "executed", "figures")  # `cache` stays: its entries know their inputs
NO_WORDS = re.compile(rb"```\{code-cell\}.*?```|\{glue:text\}`[^`]*`", re.DOTALL)
SHOWN_ELSEWHERE = re.compile(rb"^#+ .*$|^\([\w-]+\)=$|^:(?:name|label): .*$", re.MULTILINE)
TERMS = "glossary.md"  # all of which other pages show
NOTEBOOKS = "_build/lab"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
BROKEN_CELL = "An error occurred while executing the following cell:"
AFTERMATH = "The above exception was the direct cause"  # what follows is the way through Sphinx, which helps nobody
PROBLEM = re.compile(r"WARNING: |ERROR: |CRITICAL: |[A-Za-z]+(?:Error|Exception)\b")
HARMLESS = re.compile(r"\[IPKernelApp\]")  # the kernel greets in its own log
MOST_PROBLEMS = 20
SIDE_BY_SIDE = ("-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder")  # what a file shares is made once
OF_THE_SITE = "tests/site"  # all tests that need the built site


def input_files(folder: Path) -> list[Path]:
    """Return the files that the site depends on, in a fixed order."""
    found = [path for name in INPUTS for path in (folder / name, *(folder / name).rglob("*")) if path.is_file()]
    made = ("__pycache__", ".egg-info")  # by Python, by the compiler of the solver, by pip
    return sorted(path for path in found if not any(part in str(path) for part in made))


def digest(folder: Path, *, words: bool = True, elsewhere: bool = True) -> str:
    """Return a digest of everything that the site depends on, the Python version included.

    Without `words` they do not count, but for those that other pages show, and without `elsewhere` nor do these.
    """
    total = hashlib.sha256(sys.version.encode())
    for path in input_files(folder):
        content = path.read_bytes()
        if path.suffix == ".md" and not words and (path.name != TERMS or not elsewhere):
            found = NO_WORDS.findall(content)
            content = b"".join([*found, *(SHOWN_ELSEWHERE.findall(NO_WORDS.sub(b"", content)) if elsewhere else ())])
        total.update(f"{path.relative_to(folder).as_posix()}\0".encode() + content)
    return total.hexdigest()


def say(name: str, seconds: float, *, indent: int = 0) -> None:
    """Print one step and its time."""
    print(f"{' ' * indent}{name:<{32 - indent}}{seconds:7.1f} s", flush=True)


def run(
    command: list[str], *, folder: Path, heed: Callable[[str], None] = print, **variables: str
) -> tuple[int, list[str]]:
    """Run a command, hand on each line of its output as it comes, and return its exit status and all lines."""
    lines, environment = [], os.environ | variables
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for raw in process.stdout or ():
            lines.append(COLOUR.sub("", raw.rstrip()))
            heed(lines[-1])
    return process.returncode, lines


def problems(lines: Iterable[str]) -> list[str]:
    """Return the lines that say what went wrong: a broken cell with its error, or the complaints, or the log's end."""
    lines = [line for line in lines if not HARMLESS.search(line)]
    broken = next((index for index, line in enumerate(lines) if BROKEN_CELL in line), None)
    if broken is not None:
        end = next((index for index, line in enumerate(lines) if index > broken and AFTERMATH in line), len(lines))
        return [line for line in lines[broken + 1 : end] if line.strip()]
    found = list(dict.fromkeys(line for line in lines if PROBLEM.search(line)))
    return found[:MOST_PROBLEMS] or lines[-MOST_PROBLEMS:]


def _told(work: execute.Work) -> None:
    say(work.name + (": FAILED" if work.error else ""), work.seconds, indent=2)


def build(folder: Path, beside: Callable[[], object] = lambda: None) -> int:
    """Execute every page and build the site strictly, unless it is up to date; return the exit status.

    `beside` is called when all pages are executed: what follows uses one core.
    """
    start, made = time.perf_counter(), folder / "_build"
    stamp, site, state = made / "site.digest", made / SITE / "index.html", digest(folder)
    if site.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == state:
        print(f"book: up to date, open {site.relative_to(folder)}")
        beside()
        return 0
    whole = site.exists() and stamp.exists()
    stamp.unlink(missing_ok=True)
    executed, cells = made / "executed.digest", digest(folder, words=False, elsewhere=False)
    shown, heads = made / "shown.digest", digest(folder, words=False)
    if executed.exists() and executed.read_text(encoding="utf-8") == cells:
        printed = (made / SITE / PDF).exists()  # to which every page links
        if not whole or printed or not shown.exists() or shown.read_text(encoding="utf-8") != heads:
            for name in (SITE, READ):
                shutil.rmtree(made / name, ignore_errors=True)
        else:
            site.unlink()  # it is written anew with any page, and its code gets links only if it was not there
    else:
        executed.unlink(missing_ok=True)
        for name in MADE:
            shutil.rmtree(made / name, ignore_errors=True)
        print("computing the studies and executing the pages", flush=True)
        options = {"studies": ledger.STUDIES, "heed": _told}
        done = execute.execute(folder, made / "executed", **options)
        if broken := [work for work in done if work.error]:
            for work in broken:
                print(*problems(COLOUR.sub("", work.error).splitlines()), sep="\n")
                print(f"book: FAILED at {work.name}; the lines above say why")
            return 1
        executed.write_text(cells, encoding="utf-8")
        say("studies and pages", time.perf_counter() - start)
    beside()
    program = str(Path(sys.executable).with_name("jupyter-book"))
    command, told = [program, "build", ".", "-n", "-W", "--keep-going"], {execute.EXECUTED: str(made / "executed")}
    status, lines = run(command, folder=folder, heed=lambda line: None, **told)
    (made / "book.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
    say("book, all steps", time.perf_counter() - start)
    if status or not site.exists():
        shutil.rmtree(made / READ, ignore_errors=True)  # a page that was read would not be complained of again
        print(*problems(lines), sep="\n")
        print("book: FAILED; the lines above say why, and _build/book.log says all")
        return status or 1
    shown.write_text(heads, encoding="utf-8")
    stamp.write_text(state, encoding="utf-8")
    print(f"book: done, open {site.relative_to(folder)}")
    return 0


def test(folder: Path) -> int:
    """Build the book if it is not up to date, print it, and run every test; return the exit status.

    Tests that need no site run while it is built and printed, which uses one core.
    """
    begun: list[Future[int]] = []
    others = (folder, "tests", f"--ignore={OF_THE_SITE}")
    with ThreadPoolExecutor() as pool:
        if status := build(folder, lambda: begun.append(pool.submit(_tested, *others))):
            return status
        if not (folder / "_build" / "html" / PDF).exists():
            pdf.main(folder / "_build" / "html")  # the site is complete without it
        statuses = [each.result() for each in begun]
    return next(filter(None, (*statuses, _tested(folder, OF_THE_SITE))), 0)


def _tested(folder: Path, *chosen: str) -> int:
    """Run tests on all cores, say what came of them, and return the exit status."""
    start = time.perf_counter()
    status, lines = run([sys.executable, "-m", "pytest", "--quiet", *SIDE_BY_SIDE, *chosen], folder=folder)
    say(f"tests ({' '.join(chosen)})", time.perf_counter() - start)
    summary = re.sub(r"^=+ | =+$", "", lines[-1]) if lines else "no output"
    print(f"test: {'FAILED' if status else 'passed'}, {summary}")
    return status


def notebooks(folder: Path) -> int:
    """Write a notebook for every chapter whose own is missing or older, as `jupytext.toml` pairs them.

    Each gets the time of its source: jupytext takes a notebook that is newer than its source for an edited one. So one
    that was edited stays. The program's own `--sync` would write into the chapters what they leave out of their heads.
    """
    target = folder / NOTEBOOKS
    target.mkdir(parents=True, exist_ok=True)
    for source in (folder / "chapters").glob("*.md"):
        notebook, made = target / f"{source.stem}.ipynb", source.stat().st_mtime
        if not notebook.exists() or notebook.stat().st_mtime < made:
            jupytext.write(jupytext.read(source, fmt="md:myst"), notebook)
            os.utime(notebook, (made, made))
    print(f"notebooks: in {NOTEBOOKS}, paired with chapters/: a save in JupyterLab changes both")
    return 0
