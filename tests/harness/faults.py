"""Fault injection: run a command so that its n-th file system call fails, and check the state that it leaves.

A build with -Dfaults=true (see src/base/faults.c) takes the fault from the environment. A `Scene` is a prepared folder
that is copied for each run; `sweep()` runs one command with a fault at the first call, the second, and so on, until the
number exceeds the calls of the command. After each run it checks the state with `problems()`.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import time

import yaml

from .sandbox import TOP, Sandbox

FAULTY = pathlib.Path(os.environ.get("CAIRN_FAULTS", TOP / "build-faults/src/cmd/cairn")).absolute()
UNFINISHED = stat.S_ISVTX  # marks a workspace file that is still being copied (store/link.h)
# Names that a killed process may leave behind: temporary files, which nobody reads.
LEFTOVER = re.compile(r"\.tmp$|\.cairn-tmp$|\.[A-Za-z0-9]{6}$")
OBJECT = re.compile(r"files/md5/([0-9a-f]{2})/([0-9a-f]{30})(\.dir)?$")
NO_DATA = (".git/", ".dvc/tmp/")


def md5(data):
    return hashlib.md5(data).hexdigest()


def files_below(top):
    """{path: (kind, content, mode)} of all files except temporary ones."""
    found = {}
    for folder, dirs, names in os.walk(top):
        dirs[:] = [d for d in dirs if not d.endswith(".cairn-tmp")]
        rel = os.path.relpath(folder, top) + "/"
        rel = "" if rel == "./" else rel
        for name in names + [d for d in dirs if os.path.islink(os.path.join(folder, d))]:
            path = os.path.join(folder, name)
            st = os.lstat(path)
            if LEFTOVER.search(name):
                continue
            if stat.S_ISLNK(st.st_mode):
                found[rel + name] = ("link", os.readlink(path).encode(), 0)
            else:
                found[rel + name] = ("file", pathlib.Path(path).read_bytes(), stat.S_IMODE(st.st_mode))
    return found


def objects(files):
    """{object name: content} of a cache or remote."""
    named = {}
    for path, (kind, content, _) in files.items():
        match = OBJECT.search(path)
        if match and kind == "file":
            named[match[1] + match[2] + (match[3] or "")] = content
    return named


def recorded_names(content):
    """The names of all objects of outputs in a .dvc file or dvc.lock. Raises an exception for an incomplete file."""
    doc = yaml.safe_load(content)
    stages = doc["stages"].values() if "stages" in doc else [doc]
    return [out["md5"] for s in stages for out in s["outs"] if out["path"] and "md5" in out]


class Scene:
    """A folder with a repository `repo` (and perhaps a remote `store`), created once by a shell script."""

    def __init__(self, root, script, program=FAULTY, start="dvc"):
        self.program = program
        self.root = pathlib.Path(root)
        self.template = self.root / "template"
        self.work = self.root / "work"
        box = Sandbox(self.work, program).init(start)
        box.check(script)
        self.env = {**box.env, "GIT_OPTIONAL_LOCKS": "0"}
        self.work.rename(self.template)
        self.reset()

    def reset(self):
        if self.work.exists():
            shutil.rmtree(self.work)
        subprocess.run(["cp", "-a", self.template, self.work], check=True)
        self.env["PWD"] = str(self.work / "repo")

    def run(self, arguments, fault=None, timeout=60):
        """Run a command. Returns (status, stderr, the logged line of the fault or None)."""
        log = self.root / "struck"
        log.unlink(missing_ok=True)
        env = self.env if not fault else {**self.env, "CAIRN_FAULT": fault, "CAIRN_FAULT_LOG": str(log)}
        done = subprocess.run([self.program, *arguments.split()], cwd=self.work / "repo", env=env, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=timeout)
        return done.returncode, done.stderr, log.read_text().strip() if log.exists() else None

    def run_killed(self, arguments, after_s):
        """Run a command and kill it with all its children after `after_s` seconds. True: it had not finished."""
        process = subprocess.Popen([self.program, *arguments.split()], cwd=self.work / "repo", env=self.env,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        status = process.wait()
        self.wait_for_detached()
        return status == -signal.SIGKILL

    def wait_for_detached(self, most_s=30):
        """Wait until processes that have left the process group (a queue worker with its task) have ended."""
        end = time.monotonic() + most_s
        while any(self.works_here(name) for name in os.listdir("/proc") if name.isdigit()):
            assert time.monotonic() < end, "a process has not ended"
            time.sleep(0.02)

    def works_here(self, pid):
        try:
            return os.readlink(f"/proc/{pid}/cwd").startswith(str(self.work))
        except OSError:
            return False

    def state(self):
        """All files below repo/ and store/, without those of Git and scratch files."""
        return {path: facts for top in ("repo", "store") for path, facts in files_below(self.work / top).items()
                for path in [f"{top}/{path}"] if not any(f"{top}/{n}" in path for n in NO_DATA)}


def is_data(path):
    return not path.startswith("repo/.dvc/") and not path.startswith("store/") and not path.endswith(".dvc") and \
        os.path.basename(path) not in (".gitignore", "dvc.lock", "dvc.yaml", ".dvcignore")


def problems(before, now, after, garbage=(), cache_is_whole=True):
    """Yield what is wrong with the state `now`, which a fault has left between the states `before` and `after`."""
    cache = objects({p: f for p, f in now.items() if p.startswith("repo/.dvc/cache/")})
    store = objects({p: f for p, f in now.items() if p.startswith("store/")})
    for place, held in (("cache", cache), ("remote", store)):
        for name, content in held.items():
            if md5(content) != name.removesuffix(".dir"):
                yield f"the {place}'s object {name} is not what its name says"
            if name.endswith(".dir") and (place == "remote" or cache_is_whole):
                for entry in json.loads(content):
                    if entry["md5"] not in held and entry["md5"] not in garbage:
                        yield f"the {place}'s {name} names {entry['md5']}, which is not there"
    for path, (kind, content, mode) in now.items():
        known = [facts[1] for facts in (before.get(path), after.get(path)) if facts]
        if path.endswith(".dvc") or path.endswith("dvc.lock"):
            try:  # of several targets some may be recorded already, but each file is complete
                names = recorded_names(content)
            except (yaml.YAMLError, KeyError, AttributeError, TypeError) as e:
                yield f"{path} cannot be read: {e!r} {content}"
                continue
            if cache_is_whole:
                yield from (f"{path} names {n}, which is not in the cache" for n in names if n not in cache)
        elif path.endswith(".gitignore"):
            lines = b"".join(known).split(b"\n")
            if not set(content.split(b"\n")) <= {b"", *lines}:
                yield f"{path} has a line that nobody wanted: {content}"
        elif kind == "file" and content not in known and not (mode & UNFINISHED) and not OBJECT.search(path):
            yield f"{path} holds what it held neither before nor should afterwards: {content[:60]!r}"
    have = {md5(content) for _, content, _ in now.values()}
    for path, (kind, content, _) in before.items():
        if kind == "file" and (is_data(path) or OBJECT.search(path)) and md5(content) not in have and \
                md5(content) not in garbage:
            yield f"the content of {path} is lost"


def without_order(path, content):
    """The content without the order of entries, which varies when stages ran in parallel and the run then died."""
    if path.endswith(".gitignore"):
        return sorted(content.split(b"\n"))
    return yaml.safe_load(content) if path.endswith("dvc.lock") else content


def as_result(state, any_order=False):
    """A state without differences that two successful runs may have. Directories are not in a state at all."""
    return {path: (kind, without_order(path, content) if any_order else content, mode & ~UNFINISHED)
            for path, (kind, content, mode) in state.items()}


def judge(scene, command, kind, n, before, after, refused_again, says_error=True, any_order=False, **options):
    """Check one run with a fault at call `n`: the problem ("": none), or None if there were fewer calls.

    Problems that existed before do not count. Without `says_error` a failure need not print an error (a report does)."""
    scene.reset()
    status, text, struck = scene.run(command, f"{kind}:{n}")
    if not struck:
        return None
    wanted = after
    after = as_result(after, any_order)
    where = f"`{command}` with {kind} at call {struck}: status {status}\n{text}"
    now = scene.state()
    already = set(problems(before, before, wanted, **options))
    found = [p for p in problems(before, now, wanted, **options) if p not in already]
    if found:
        return where + "\n".join(found)
    if status != -9 if kind == "die" else status not in (0, 1, 251, 255):
        return where
    if status > 0 and says_error and sum(line.startswith("ERROR: ") for line in text.splitlines()) != 1:
        return where + "(not one error)"
    look, said, _ = scene.run("status")
    if look != 0 or "ERROR" in said or "unexpected" in said:
        return f"{where}then status said: {said}"
    if status == 0:
        done = as_result(now, any_order)
        if "chmod" in struck:  # a file that cannot be protected is used anyway
            done, after = ({p: facts[:2] for p, facts in state.items()} for state in (done, after))
        return "" if done == after else where + differences(after, done)
    again, said, _ = scene.run(command)
    done = as_result(scene.state(), any_order)
    if again and done == after and any(word in said for word in refused_again):
        return ""  # the first run had completed it, and the command reports that
    if again:
        return f"{where}and again: status {again}\n{said}"
    return "" if done == after else f"{where}and again: {differences(after, done)}"


def sweep(scene, command, kind, refused_again=(), **options):
    """Run `command` with a fault of `kind` at each call in turn. Returns the number of calls."""
    scene.reset()
    before = scene.state()
    status, text, _ = scene.run(command)
    assert status == 0, text
    after = scene.state()
    wanted = {name: value for name, value in options.items() if name not in ("says_error", "any_order")}
    assert not list(problems(before, scene.state(), after, **wanted))
    wrong = []
    for n in range(1, 2000):
        said = judge(scene, command, kind, n, before, after, refused_again, **options)
        if said is None:
            break
        if said:
            wrong.append(said)
    assert not wrong, f"{len(wrong)} of {n - 1} calls:\n" + "\n".join(wrong[:20])
    return n - 1


def differences(want, have):
    lines = [f"missing: {p}" for p in want if p not in have] + [f"too many: {p}" for p in have if p not in want]
    lines += [f"differs: {p}: {str(want[p])[:80]} is {str(have[p])[:80]}" for p in want if p in have and want[p] != have[p]]
    return "\n" + "\n".join(lines)
