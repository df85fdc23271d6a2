"""Imported by the process that studies and pages are forked from: what most of them import and look up, done once."""

import gc
import os
from importlib import import_module

from algoprogress.engine.made_of import made_of
from book.ledger import ledger, trace

NEEDED = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "myst_nb",
    "matplotlib.backends.backend_svg",
    "plotly.graph_objects",
)
SHOWING = ("book.ledger.glue", "book.picture")
OF_STUDIES = ("claims", "figures", "tables")  # modules of a study; they import what it computes with

os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # the kernel's debugger would warn of what nobody debugs
STUDIES = (name for name in trace.modules() if name.startswith("book.studies.") and name.endswith(OF_STUDIES))
for module in (*NEEDED, *SHOWING, *STUDIES):
    import_module(module)
ledger.listed()
for study in ledger.STUDIES:
    made_of(f"book.studies.{study}.claims")
gc.freeze()  # what is here stays, and no child looks through it again
