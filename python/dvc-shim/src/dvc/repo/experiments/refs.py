"""Where Git keeps experiments: refs/exps/AB/CDEF.../NAME, by the commit that they started from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from cairn.exceptions import InvalidExpRefError

from dvc._lack import lacking

EXPS_NAMESPACE = "refs/exps"
EXPS_STASH = f"{EXPS_NAMESPACE}/stash"
EXEC_NAMESPACE = f"{EXPS_NAMESPACE}/exec"
TEMP_NAMESPACE = f"{EXPS_NAMESPACE}/temp"

__getattr__ = lacking(__name__)


@dataclass(frozen=True)
class ExpRefInfo:
    """The ref of an experiment; without a name, where those of a commit are."""

    baseline_sha: str
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or "")

    @property
    def parts(self) -> tuple[str, ...]:
        return (EXPS_NAMESPACE, self.baseline_sha[:2], self.baseline_sha[2:], *([self.name] if self.name else []))

    def __str__(self) -> str:
        return "/".join(self.parts)

    @classmethod
    def from_ref(cls, ref: str) -> "ExpRefInfo":
        parts = ref.split("/")
        if len(parts) not in (4, 5) or parts[:2] != ["refs", "exps"]:
            raise InvalidExpRefError(ref)
        name: Optional[str] = parts[4] if len(parts) == 5 else None
        return cls(parts[2] + parts[3], name or "")
