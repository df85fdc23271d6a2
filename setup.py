"""Puts the tables that the library reads into its wheel; everything else is said in pyproject.toml."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

CARRIED = ("evaluations", "corrections", "laws", "exponents", "law_constants", "family_runs", "scaling_laws")


class WithTables(build_py):
    """Copies the library, and tables of data/ with their manifests beside it, where `engine` looks for them."""

    def run(self) -> None:
        """Build the modules, then put the tables beside them."""
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / "algoprogress" / "data" / "carried"
            target.mkdir()
            for name in CARRIED:
                for suffix in ("csv", "manifest.json"):
                    shutil.copy(Path("data") / f"{name}.{suffix}", target)


# Each build has a folder of its own, so that two at once do not meet and nothing of an earlier one is carried along.
folder = tempfile.TemporaryDirectory(prefix="algoprogress-wheel-")
setup(cmdclass={"build_py": WithTables}, options={"build": {"build_base": folder.name}})
