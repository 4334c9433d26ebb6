"""What DVCLive tells Studio about a repository."""

from __future__ import annotations

import os
import subprocess
from typing import Optional

from dvc._lack import lacking
from dvc.repo import Repo
from dvc.utils import as_posix

STUDIO_URL = "https://studio.datachain.ai"
__getattr__ = lacking(__name__)


def get_subrepo_relpath(repo: Repo) -> str:
    """Where in Git the DVC repository is: "" for the root."""
    path = as_posix(os.path.relpath(repo.root_dir, repo.scm.root_dir))
    return "" if path == os.curdir else path


def get_repo_url(repo: Repo) -> Optional[str]:
    """The URL of the Git remote that experiments are pushed to, if one is set."""
    remote: Optional[str] = os.getenv("DVC_EXP_GIT_REMOTE", repo.config["exp"].get("git_remote"))
    if not remote:
        return remote
    done = subprocess.run(
        ["git", "config", "--get", f"remote.{remote}.url"], cwd=repo.root_dir, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip() or remote
