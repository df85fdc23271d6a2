"""Computes the studies and executes the pages of the book side by side, and keeps pages where Sphinx looks for them.

Sphinx by itself executes page after page, and the start of a kernel and its imports take most seconds of each. So each
core takes one piece of work after another; a page comes as soon as the studies whose claims it shows are there, in a
kernel forked from a process that has the imports.
"""

import os
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import perf_counter
from traceback import format_exc

import nbformat
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from nbformat import NotebookNode
from traitlets import CaselessStrEnum

from algoprogress.engine import cache, parallel
from book.ledger import ledger

EXECUTED = "ALGOPROGRESS_EXECUTED"  # the variable that tells Sphinx where executed pages lie
KEPT = "cache"  # folder of the executed pages that Sphinx matches by their cells
SECONDS_PER_CELL = 900
AHEAD = "book.site.ahead"  # imported once, before the first fork
# What is begun first, the longest first: functions of long studies, whose results these then find, whole studies, and
# the pages of these.
PARTS = (
    "selection.study.authors_scores", "robustness.claims.changed", "robustness.claims.forms",
    "robustness.claims.gains", "selection.study.authors_chains", "robustness.claims.exponents",
    "robustness.claims.pool", "robustness.claims.breaks", "robustness.claims.correlated",
)  # fmt: skip
LONGEST = ("identify", "transformer", "allocation", "compute_optimal", "how_fast", "accounting")


@dataclass(frozen=True)
class Work:
    """A study or a page that is done: its name, the seconds that it took, and what went wrong ("" if nothing did)."""

    name: str
    seconds: float
    error: str


class ForkedKernels(AsyncKernelManager):
    """Starts kernels by forks of the server process, and speaks to them by files, as two might choose one port."""

    transport = CaselessStrEnum(["tcp", "ipc"], default_value="ipc")

    def _ip_default(self) -> str:
        self.folder = tempfile.TemporaryDirectory(prefix="kernel-")
        return f"{self.folder.name}/socket"

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart)
        if not restart:
            self.folder.cleanup()

    async def _async_launch_kernel(self, kernel_cmd: list[str], **options) -> None:
        target, arguments = _kernel, (self.connection_file, str(options["cwd"]))
        process = get_context("forkserver").Process(target=target, args=arguments)
        process.start()
        self.provisioner.process, self.provisioner.pid = _AsPopen(process), process.pid
        self._reconcile_connection_info(self.provisioner.connection_info)


@dataclass
class _AsPopen:
    """A process with the methods of `subprocess.Popen` that a kernel's keeper calls."""

    process: BaseProcess
    stdin = stdout = stderr = None

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self) -> int:
        self.process.join()
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def __getattr__(self, name: str) -> Callable:  # `kill` and `terminate` are those of the process
        return getattr(self.process, name)


def _kernel(connection_file: str, folder: str) -> None:
    """Be the kernel of one page, until it is asked to end or the server process has gone."""
    from ipykernel.kernelapp import IPKernelApp

    parallel.alone()
    os.chdir(folder)
    parent = f"--IPKernelApp.parent_handle={os.getppid()}"
    IPKernelApp.launch_instance(["-f", connection_file, "--log-level=ERROR", parent])  # it would greet in its log


def listed(folder: Path) -> list[str]:
    """Return the names of all pages, the front page first, as the table of contents has them."""
    toc = yaml.safe_load((folder / "_toc.yml").read_text(encoding="utf-8"))
    parts = toc.get("parts", [toc])
    return [toc["root"], *(entry["file"] for part in parts for entry in part.get("chapters", []))]


def execute(
    folder: Path,
    target: Path,
    *,
    studies: Sequence[str] = (),
    workers: int | None = None,
    heed: Callable[[Work], None] = print,
) -> list[Work]:
    """Compute studies, execute every page that has code in a kernel of its own, and return what became of them.

    `target` is emptied, and holds the executed pages; `heed` hears of each; pages of a study that failed are left out.
    """
    shutil.rmtree(target, ignore_errors=True)
    names = [name for name in listed(folder) if is_notebook(folder / f"{name}.md")]
    parts = {part: part.partition(".")[0] for part in PARTS if part.partition(".")[0] in studies}
    needs: dict[str, set[str]] = {part: set() for part in parts}
    for name in sorted(studies, key=lambda name: (*LONGEST, name).index(name)):
        needs[name] = {part for part, study in parts.items() if study == name}
    for name in sorted(names, key=lambda name: Path(name).name not in LONGEST):
        needs[name] = ledger.studies_of((folder / f"{name}.md").read_text(encoding="utf-8")) & set(studies)
    done: dict[str, Work] = {}
    cache.share()
    context = get_context("forkserver")
    context.set_forkserver_preload([AHEAD])
    many = workers or os.cpu_count()
    # A page waits for its kernel in a thread: a process of the pool would start a fork server of its own for it.
    with (
        ProcessPoolExecutor(many, context, initializer=parallel.alone) as pool,
        ThreadPoolExecutor(many) as threads,
        ExitStack() as interrupted,
    ):
        interrupted.callback(threads.shutdown, cancel_futures=True)
        running: dict[Future, str] = {}
        while running or needs:
            for name in [name for name, needed in needs.items() if needed <= done.keys()]:
                del needs[name]
                page = name in names
                running[threads.submit(*((_executed, folder) if page else (_apart, pool)), name)] = name
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(future)
                done[name], notebook = future.result()
                heed(done[name])
                if notebook is not None and not done[name].error:
                    _keep(target, done[name], notebook, folder)
                if done[name].error and name in studies:  # its pages would compute it again, and fail
                    needs = {page: needed for page, needed in needs.items() if name not in needed}
    return [done[name] for name in (*studies, *names) if name in done]


def _apart(pool: ProcessPoolExecutor, name: str) -> tuple[Work, None]:
    """Compute a study in a process of the pool."""
    return pool.submit(_computed, name).result()


def _computed(name: str) -> tuple[Work, None]:
    """Compute a study, or only a part of it, whose results on disk the study then finds."""
    start, error, (study, _, part) = perf_counter(), "", name.partition(".")
    try:
        if not part:
            ledger.of_study(study)
        elif not ledger.is_kept(study):
            module, _, function = name.rpartition(".")
            deque(getattr(import_module(f"book.studies.{module}"), function)(), maxlen=0)  # claims are yielded
    except Exception:
        error = format_exc()
    return Work(name, perf_counter() - start, error), None


def is_notebook(path: Path) -> bool:
    """Return whether a page has cells to execute."""
    text = path.read_text(encoding="utf-8")
    return is_myst_markdown_notebook(text) and "```{code-cell}" in text


def _executed(folder: Path, name: str) -> tuple[Work, NotebookNode]:
    path = folder / f"{name}.md"
    notebook = read_myst_markdown_notebook(path.read_text(encoding="utf-8"), path=path)
    options = {"timeout": SECONDS_PER_CELL, "allow_errors": False, "kernel_manager_class": ForkedKernels}
    with closing(ensure_event_loop()):  # of this thread
        result = single_nb_execution(notebook, cwd=str(path.parent), **options)
    return Work(name, result.time, str(result.err or "")), notebook


def _keep(target: Path, page: Work, notebook: NotebookNode, folder: Path) -> None:
    place = target / f"{page.name}.ipynb"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(nbformat.writes(notebook), encoding="utf-8")
    bundle = CacheBundleIn(notebook, str(folder / f"{page.name}.md"), data={"execution_seconds": page.seconds})
    get_cache(target / KEPT).cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
