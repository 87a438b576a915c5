"""Installs the JupyterLab extension and the lessons with the package.

Browsers keep an extension's files, so those of each version go in a folder named after it.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = "adviz/jupyter/labextension"


class CompanionFiles(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        package = json.loads(Path(self.root, SOURCE, "package.json").read_text(encoding="utf-8"))
        static = f"static/{self.metadata.version}"
        package["version"] = self.metadata.version
        package["jupyterlab"]["_build"]["load"] = f"{static}/{SOURCE}/remoteEntry.js"
        self.scratch = TemporaryDirectory()
        stamped = Path(self.scratch.name) / "package.json"
        stamped.write_text(json.dumps(package, indent=2), encoding="utf-8")

        target = f"share/jupyter/labextensions/{package['name']}"
        installed = build_data["shared_data"]
        installed[str(stamped)] = f"{target}/package.json"
        installed[f"{SOURCE}/install.json"] = f"{target}/install.json"
        # Each keeps its path, so a relative address means the same in the checkout and installed.
        modules = (
            "remoteEntry.js",
            "mimeExtension.js",
            "exerciseOutput.js",
            "notebookBook.js",
        )
        for path in (*(f"{SOURCE}/{name}" for name in modules), "adviz/player"):
            installed[path] = f"{target}/{static}/{path}"

        if version == "standard":  # an editable installation finds the lessons in its checkout
            build_data["force_include"]["notebooks"] = "adviz/notebooks"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self.target_name == "wheel":
            self.scratch.cleanup()
