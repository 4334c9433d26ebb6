"""
Puts a program into a wheel's scripts, for both packages here.

packaging/wheels tells which, by the environment: CAIRN_WHEEL_PROGRAM, its file, and CAIRN_WHEEL_ARCH, x86_64 or aarch64.
The program is static, so one wheel serves glibc and musl. Editable installs need none of it.
"""

import os
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_NAMES = {"cairn-dvc": "cairn", "dvc": "dvc"}


class ProgramHook(BuildHookInterface):  # type: ignore[type-arg]
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        program, arch = os.environ.get("CAIRN_WHEEL_PROGRAM"), os.environ.get("CAIRN_WHEEL_ARCH")
        if not program or not arch:
            raise RuntimeError("this wheel contains a program: build it with packaging/wheels")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-manylinux2014_{arch}.musllinux_1_1_{arch}"
        build_data["shared_scripts"][program] = _NAMES[self.metadata.name]
