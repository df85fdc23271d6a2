"""Puts the tables that the library reads into its wheel; everything else is said in pyproject.toml."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

CARRIED = ("evaluations", "corrections", "laws", "exponents", "law_constants", "family_runs", "scaling_laws")


class WithTables(build_py):
    """Copies the library, and tables of data/ with their manifests beside it, where `engine` looks for them."""

    def run(self) -> None:
        """Build from nothing, so that no module of an earlier build is carried along."""
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / "algoprogress" / "data" / "carried"
            target.mkdir()
            for name in CARRIED:
                for suffix in ("csv", "manifest.json"):
                    shutil.copy(Path("data") / f"{name}.{suffix}", target)


setup(cmdclass={"build_py": WithTables}, options={"build": {"build_base": "_build/wheel"}})
