"""The shim needs the cairn of exactly its version; what else it needs is imported by others and not required by them."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class DependenciesHook(MetadataHookInterface):
    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        version = runpy.run_path(str(Path(self.root, "../cairn-dvc/src/cairn/_version.py")))["__version__"]
        metadata["dependencies"] = [
            f"cairn-dvc=={version}",
            "flatten-dict>=0.4.1,<1",  # dvc-render imports it
            "ruamel.yaml>=0.17.11",  # DVCLive changes dvc.yaml with dvc.utils.serialize
        ]
