"""Names of experiments."""

from __future__ import annotations

import random
from typing import Any

from cairn._program import Failure, run
from cairn.exceptions import InvalidArgumentError

from dvc._lack import lacking
from dvc.repo.experiments.refs import ExpRefInfo

__getattr__ = lacking(__name__)


def check_ref_format(scm: Any, ref: ExpRefInfo) -> None:
    """Raises InvalidArgumentError for a name that Git does not take, or that has a slash."""
    if not scm.check_ref_format(str(ref)) or "/" in ref.name:
        raise InvalidArgumentError(
            f"Invalid exp name {ref.name}, the exp name must follow rules in "
            "https://git-scm.com/docs/git-check-ref-format"
        )


def gen_random_name() -> str:
    """Two random words, by the program. Outside of a Git repository, where it has none: some letters."""
    try:
        return run(["exp", "name"]).decode().strip()
    except Failure:
        # Not the global generator: training sets its seed.
        letters = random.SystemRandom().choices("abcdefghijklmnopqrstuvwxyz", k=10)
        return "".join(letters[:5]) + "-" + "".join(letters[5:])


def get_random_exp_name(scm: Any, baseline_rev: str) -> str:
    """A random name that no experiment of the commit has."""
    while True:
        name = gen_random_name()
        if not scm.get_ref(str(ExpRefInfo(baseline_rev, name))):
            return name
