"""The configuration of a repository, read by the program."""

from __future__ import annotations

from typing import Any, Optional

from cairn._program import raising_own, run
from cairn.exceptions import defined_in

from dvc._lack import lacking

globals().update(defined_in(__name__))
__getattr__ = lacking(__name__)

# Sections that have a name: [remote "name"]
_NAMED = ("remote", "machine", "db")
_SECTIONS = ("core", "cache", "exp", "feature", "hydra", "parsing", "plots", "state", "studio", *_NAMED)


class Config(dict):  # type: ignore[type-arg]
    """All levels of the configuration, merged: `config["core"].get("remote")`. Reading only."""

    def __init__(self, dvc_dir: Optional[str] = None, **kwargs: Any) -> None:
        super().__init__({section: {} for section in _SECTIONS})
        with raising_own():
            text = run(["config", "--list"], cwd=dvc_dir).decode("utf-8", "surrogateescape")
        for line in text.splitlines():
            key, _, value = line.partition("=")
            section, _, option = key.partition(".")
            place = self.setdefault(section, {})
            if section in _NAMED:
                name, _, option = option.rpartition(".")
                place = place.setdefault(name, {})
            place[option] = {"true": True, "false": False}.get(value.lower(), value)
