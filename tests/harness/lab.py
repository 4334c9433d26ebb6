"""A repository whose stages and experiments run on a cluster: a Sandbox with a profile "gpu", and counters of what ran.

    lab.stage("train", "echo train >>$ROOT/ran; cp in model", deps=["in"], outs=["model"])
    lab.repro("-j 4")                  # cairn repro --executor gpu -j 4
    assert lab.ran == ["train"]

Commands see $ROOT, a folder outside of the repository. Nodes are this machine, so they see the same folders.
"""

import collections
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess

import yaml

from .faults import files_below
from .sandbox import CAIRN, REAL_DVC, Sandbox
from .waiting import wait_for

# What another run of the same stages writes anew: times, locks, the state of attempts.
NOT_RESULTS = (".git/", ".dvc/tmp/", ".dvc/cairn.config")


class Lab(Sandbox):
    def __init__(self, root, slurm=None, tool=CAIRN):
        super().__init__(root, tool)
        self.stages, self.started, self.twins = {}, [], []
        self.extra_env["ROOT"] = str(self.root)
        self.slurm = slurm
        if slurm:
            slurm.attach(self)

    # Writing the project

    def profile(self, name="gpu", **keys):
        """Write the profile: keys of Python for those of the file, max_submitted for max-submitted, map__x for map.x."""
        keys = {"type": "slurm", "interval": "1s", "beat": "1s", "env": "*", **keys}
        lines = "".join(f"    {k.replace('__', '.').replace('_', '-')} = {v}\n" for k, v in keys.items() if v is not None)
        path = self.repo / ".dvc/cairn.config"
        path.write_text(f"['executor \"{name}\"']\n{lines}")
        return self

    def stage(self, name, cmd, **fields):
        """A stage of dvc.yaml, which save() writes. Its only output is a file of its name unless `outs` says otherwise."""
        self.stages[name] = {"cmd": cmd, **{"outs": [name], **fields}}
        if not self.stages[name]["outs"]:
            del self.stages[name]["outs"]
        return self

    def save(self, **files):
        """Write dvc.yaml and files, and commit."""
        self.write({"dvc.yaml": yaml.safe_dump({"stages": self.stages}, sort_keys=False, allow_unicode=True), **files})
        self.check("git add -A && git commit -qm project")
        return self

    # Running it

    def repro(self, options="", **more):
        return self.sh(f"cairn repro --executor gpu {options}", **more)

    def start(self, command, stdout=subprocess.PIPE):
        """Start a line of shell, in a session of its own, and go on. It ends with the test."""
        process = subprocess.Popen(["/bin/sh", "-c", f"exec {command}"], cwd=self.cwd, env={**self.env, "PWD": str(self.cwd)},
                                   stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, start_new_session=True)
        self.started.append(process)
        return process

    def stop(self):
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe:
                    pipe.close()
        mine = os.fsencode(f"ROOT={self.root}")
        for pid in filter(str.isdigit, os.listdir("/proc")):  # what has detached itself
            with contextlib.suppress(OSError):
                if mine in pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                    os.kill(int(pid), signal.SIGKILL)

    def local(self):
        """A copy of the whole sandbox beside it, in which everything runs on this machine."""
        other = self.root.parent / f"{self.root.name}.{len(self.twins)}"
        shutil.copytree(self.root, other, symlinks=True)
        twin = Lab(other, None, self.tool)
        twin.extra_env = {**self.extra_env, "ROOT": str(other)}
        self.twins.append(twin)
        return twin

    # Looking

    @property
    def ran(self):
        """What commands have written to $ROOT/ran, in order."""
        path = self.root / "ran"
        return path.read_text().split("\n")[:-1] if path.exists() else []

    @property
    def counts(self):
        """{line of $ROOT/ran: how often}"""
        return dict(collections.Counter(self.ran))

    def wait(self, what, seconds=60):
        wait_for(what, seconds)

    def wait_ran(self, *lines, seconds=60):
        """Until these lines are in $ROOT/ran."""
        wait_for(lambda: set(lines) <= set(self.ran), seconds)

    def results(self):
        """{path: (kind, content, mode)} of the workspace, its lock file and the cache."""
        found = files_below(self.repo)
        return {p: facts for p, facts in found.items() if not p.startswith(NOT_RESULTS)}

    def real(self, arguments):
        """Run the real DVC in this repository."""
        self.use(REAL_DVC)
        try:
            return self.dvc(arguments)
        finally:
            self.use(self.tool)

    def trees(self):
        """{name of the experiment: tree of its commit}"""
        lines = self.check("git for-each-ref refs/exps --format='%(refname) %(objectname)^{tree}'").lines
        named = {}
        for ref, commit in (line.split() for line in lines):
            if not ref.startswith(("refs/exps/exec/", "refs/exps/celery/", "refs/exps/stash", "refs/exps/apply")):
                named[ref.split("/")[-1]] = self.check(f"git rev-parse {commit}").out.strip()
        return named


