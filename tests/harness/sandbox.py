"""A fresh, isolated folder in which a tool runs: own home, own identity, fixed dates, no network settings.

    <root>/           everything that a test may see and that is observed
    <root>/repo/      the working folder: a Git repository with DVC initialized, unless requested otherwise
    <root>/.home/     HOME; .site/ DVC's site cache; .bin/ first on PATH, with `dvc` and `cairn`
"""

import os
import pathlib
import shutil
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
REAL_DVC = TOP / ".venv/bin/dvc"
CAIRN = pathlib.Path(os.environ.get("CAIRN", TOP / "build/cairn")).absolute()

# All commits of scenarios get this date, so that their ids never change.
FIXED_DATE = "2024-01-02T03:04:05+00:00"

GITCONFIG = """[user]
	name = Ada Tester
	email = ada@example.com
[init]
	defaultBranch = master
[core]
	pager = cat
[protocol "file"]
	allow = always
[advice]
	detachedHead = false
"""

DVCIGNORE = """# Add patterns of files dvc should ignore, which could improve
# the performance. Learn more at
# https://dvc.org/doc/user-guide/dvcignore
"""


class Result:
    """The result of a command: `status`, `out`, `err` (text)."""

    def __init__(self, command, status, out, err):
        self.command, self.status, self.out, self.err = command, status, out, err

    def __repr__(self):
        return f"$ {self.command}\nstatus {self.status}\n--- stdout\n{self.out}--- stderr\n{self.err}"

    @property
    def lines(self):
        return self.out.splitlines()


class Sandbox:
    def __init__(self, root, tool):
        self.root = pathlib.Path(root).resolve()
        self.repo = self.root / "repo"
        self.cwd = self.repo
        self.tool = pathlib.Path(tool)
        self.extra_env = {}
        for name in ("repo", ".home", ".site", ".bin", ".etc"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        (self.root / ".home/.gitconfig").write_text(GITCONFIG)
        self.use(tool)

    def use(self, tool):
        """Use this program as `dvc` and `cairn` from now on."""
        for name in ("dvc", "cairn"):
            link = self.root / ".bin" / name
            link.unlink(missing_ok=True)
            link.symlink_to(tool)
        return self

    def init(self, kind):
        """Create the starting state: "dvc" (Git and DVC, one commit), "git" (Git only), "noscm" or "empty"."""
        if kind in ("dvc", "git"):
            self.check("git init -q")
        if kind in ("dvc", "noscm"):
            (self.repo / ".dvc").mkdir()
            (self.repo / ".dvc/config").write_text("" if kind == "dvc" else "[core]\n    no_scm = True\n")
            (self.repo / ".dvcignore").write_text(DVCIGNORE)
        if kind == "dvc":
            (self.repo / ".dvc/.gitignore").write_text("/config.local\n/tmp\n/cache\n")
            self.check("git add -A && git commit -q -m init")
        return self

    @property
    def env(self):
        keep = {k: os.environ[k] for k in ("LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS") if k in os.environ}
        root = str(self.root)
        return {
            **keep,
            "PATH": f"{root}/.bin:/usr/local/bin:/usr/bin:/bin",
            "HOME": f"{root}/.home",
            "SHELL": "/bin/sh",
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "80",
            "PYTHONHASHSEED": "0",
            "PYTHONIOENCODING": "utf-8",
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": f"{root}/.site",
            "DVC_GLOBAL_CONFIG_DIR": f"{root}/.home/.config/dvc",
            "DVC_SYSTEM_CONFIG_DIR": f"{root}/.etc",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_DATE": FIXED_DATE,
            "GIT_COMMITTER_DATE": FIXED_DATE,
            "GIT_TERMINAL_PROMPT": "0",
            **self.extra_env,
        }

    def sh(self, command, input=None, timeout=120):
        """Run a line of shell in the working folder."""
        self.cwd.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["/bin/sh", "-c", command], cwd=self.cwd, env={**self.env, "PWD": str(self.cwd)},
                              input=input, stdin=subprocess.DEVNULL if input is None else None, capture_output=True,
                              text=True, errors="surrogateescape", timeout=timeout)
        return Result(command, done.returncode, done.stdout, done.stderr)

    def check(self, command, **options):
        """As sh(), but fail the test if the command fails."""
        result = self.sh(command, **options)
        assert result.status == 0, repr(result)
        return result

    def dvc(self, arguments, **options):
        """Run the tool that is in use, with arguments as a shell would read them."""
        return self.sh("dvc " + arguments, **options)

    def write(self, files):
        """Create files below the working folder from {path: text or bytes}."""
        for name, content in files.items():
            path = self.repo / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def read(self, name):
        return (self.repo / name).read_text()

    def copy(self, name):
        """A copy of the whole sandbox beside it, to run another tool on the same state."""
        other = self.root / ".copies" / name
        shutil.copytree(self.root, other, symlinks=True, ignore=shutil.ignore_patterns(".copies"))
        twin = Sandbox(other, self.tool)
        twin.extra_env = dict(self.extra_env)
        return twin
