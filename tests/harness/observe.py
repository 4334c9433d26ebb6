"""The state that a scenario leaves behind, as plain data, so that two runs can be compared.

Everything that may legitimately differ from run to run (temporary names, ids of commits that contain the time, random
names of experiments, process ids) is replaced by a stable word; everything else is kept.
"""

import hashlib
import os
import re
import stat
import subprocess

from . import remote_case
from .sandbox import DVCIGNORE

OBJECT = re.compile(r"(?:^|/)files/md5/([0-9a-f]{2})/([0-9a-f]{30})(\.dir)?$")
LEFTOVER = re.compile(r"/\.[\w-]{22}\.tmp$")  # of a copy into the cache: DVC leaves some behind
RANDOM_NAME = re.compile(r"\b[a-z]{5}-[a-z]{4}\b")
INLINE_LIMIT = 4000  # bytes of text kept in the record; larger files are kept as a digest
AS_AT_START = {  # left out while unchanged, since nearly every scenario has them
    ".dvc/config": {"text": []},
    ".dvc/.gitignore": {"text": ["/config.local", "/tmp", "/cache", ""]},
    ".dvcignore": {"text": DVCIGNORE.split("\n")},
}
HIDDEN = {".copies", ".home", ".site", ".bin", ".etc"}


def as_lines(text):
    """Text as a list of its lines, joined by "\\n" to get it back; the empty text is []."""
    return text.split("\n") if text else []


class Normalizer:
    """Replaces values that differ from run to run by stable words. One instance per run, since names are numbered from
    1."""

    def __init__(self, sandbox, words=()):
        self.roots = [str(sandbox.root)]
        self.words = words  # (pattern, stable word) of the remote
        self.commits = {}  # full id -> stable word
        self.names = {}  # random experiment name -> stable word

    def learn_names(self, script, texts):
        """Find random experiment names: those that occur in an experiment ref and not in the scenario."""
        for text in texts:
            for name in RANDOM_NAME.findall(text):
                if name not in script:
                    self.names.setdefault(name, f"<name{len(self.names) + 1}>")

    def learn_commits(self, git):
        """Map the ids of commits that contain the time to words made of the ref that names them."""
        for ref, sha, date in git("for-each-ref", "--format=%(refname) %(objectname) %(committerdate:unix)").splitlines_split(2):
            if ref.startswith("refs/exps/") and date:
                self.commits.setdefault(sha, "commit:" + self.text(ref.split("/", 2)[2].split("/", 2)[-1]))

    def text(self, s):
        for pattern, word in self.words:
            s = re.sub(pattern, word, s)
        for root in self.roots:
            s = s.replace(root, "<DIR>")
        s = re.sub(r"/\S*(?=/site-packages/)", "<python>", s)
        for sha, word in self.commits.items():
            s = s.replace(sha, word).replace(sha[:7], word)
        for name, word in self.names.items():
            s = s.replace(name, word)
        s = re.sub(r"\b[0-9a-f]{7}(?= \[)", "<id>", s)  # of an experiment that no longer exists
        s = re.sub(r"\btmp[A-Za-z0-9_]{8}(?:dvc-\w+)?\b", "<tmp>", s)
        s = re.sub(r"\b\d\d:\d\d [AP]M\b", "<time>", s)
        s = re.sub(r"\b20\d\d-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{3,6}\b)?", lambda m: m[0] if m[0].startswith("2024-01-02") else "<time>", s)
        return re.sub(r"^(\tgit add) (.*)$", lambda m: m[1] + " " + " ".join(sorted(m[2].split())), s, flags=re.M)


class Git:
    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.there = (sandbox.repo / ".git").exists()

    def __call__(self, *args):
        return GitText(subprocess.run(["git", *args], cwd=self.sandbox.repo, env=self.sandbox.env, capture_output=True,
                                      text=True, errors="surrogateescape").stdout)


class GitText(str):
    def splitlines_split(self, count):
        for line in self.splitlines():
            parts = line.split(" ", count)
            yield parts + [""] * (count + 1 - len(parts))


def observe_git(git, norm):
    if not git.there:
        return None
    refs = {}
    listed = git("for-each-ref", "--format=%(refname) %(objecttype) %(symref) %(tree) %(contents:subject)")
    for ref, kind, rest in listed.splitlines_split(2):
        symref, tree, subject = (rest.split(" ", 2) + ["", ""])[:3]
        entry = {"subject": norm.text(subject)}
        if symref:
            entry = {"symbolic": norm.text(symref)}
        elif kind == "commit":
            entry["tree"] = observe_tree(git, ref)
        refs[norm.text(ref)] = entry
    return {
        "HEAD": norm.text(git("symbolic-ref", "-q", "HEAD").strip() or git("rev-parse", "HEAD").strip()),
        "refs": dict(sorted(refs.items())),
        "status": [norm.text(line) for line in git("status", "--porcelain=v1", "-uall").splitlines()],
    }


def observe_tree(git, rev):
    """Paths with short blob ids. repro.dat is left out: DVC leaves it in some commits, and it says nothing about the
    experiment."""
    rows = [line.split("\t", 1) for line in git("ls-tree", "-r", rev).splitlines()]
    return [f"{meta.split()[0][-3:]} {meta.split()[2][:8]} {path}" for meta, path in rows if path != ".dvc/tmp/repro.dat"]


def observe_file(path, rel, norm):
    st = path.lstat()
    if stat.S_ISLNK(st.st_mode):
        return {"link": norm.text(os.readlink(path))}
    data = path.read_bytes()
    entry = {}
    mode = stat.S_IMODE(st.st_mode)
    if mode != 0o644:
        entry["mode"] = f"{mode:o}"
    try:
        text = data.decode() if len(data) <= INLINE_LIMIT and b"\0" not in data else None
    except UnicodeDecodeError:
        text = None
    if text is None:
        entry.update(md5=hashlib.md5(data).hexdigest(), size=len(data))
    else:
        entry["text"] = as_lines(norm.text(text))
    return entry


def observe_files(sandbox, norm):
    """(files, objects): every file outside .git and .dvc/tmp; objects of caches and remotes as names only."""
    files, objects, runs = {}, [], {}
    for folder, dirs, names in os.walk(sandbox.root):
        rel = os.path.relpath(folder, sandbox.repo)
        if folder == str(sandbox.root):
            dirs[:] = [d for d in dirs if d not in HIDDEN]
        for d in list(dirs):
            if d == ".git" or (d == "tmp" and os.path.basename(folder) == ".dvc"):
                dirs.remove(d)
            elif os.path.islink(os.path.join(folder, d)):
                names.append(d)
                dirs.remove(d)
        if rel != "." and not dirs and not names and "/.dvc" not in folder and "files/md5" not in folder:
            files[rel + "/"] = {}
        dirs.sort()
        for name in names:
            path = sandbox.root / folder / name
            rel_path = os.path.normpath(os.path.join(rel, name))
            if LEFTOVER.search(rel_path):
                continue
            match = OBJECT.search(rel_path)
            if match and not path.is_symlink():
                mode = stat.S_IMODE(path.stat().st_mode)
                good = hashlib.md5(path.read_bytes()).hexdigest() == match[1] + match[2]
                objects.append(rel_path + ("" if mode == 0o444 else f" {mode:o}") + ("" if good else " corrupt"))
            elif "/runs/" in "/" + rel_path and ".dvc/cache" in rel_path:
                runs[rel_path] = observe_file(path, rel_path, norm)
            else:
                seen = observe_file(path, rel_path, norm)
                if AS_AT_START.get(rel_path) != seen:
                    files[norm.text(rel_path)] = seen
    return dict(sorted(files.items())), sorted(objects), dict(sorted(runs.items()))


def observe(sandbox, script, steps, place=None):
    """The observation of a finished run: `steps` is [(Step, Result)], `place` its network remote."""
    norm, git = Normalizer(sandbox, remote_case.words(place) if place else ()), Git(sandbox)
    refs = git("for-each-ref", "--format=%(refname)", "refs/exps") if git.there else ""
    norm.learn_names(script, [refs] if refs else [])
    norm.learn_names(script, [r.out for s, r in steps if "queue" in s.run or "exp" in s.run])
    if git.there:
        norm.learn_commits(git)
    files, objects, runs = observe_files(sandbox, norm)
    if place:
        remote_case.observe(place, files, objects, norm)
    return {
        "steps": [observe_step(step, result, norm) for step, result in steps],
        "files": files,
        "objects": objects,
        "runs": runs,
        "git": observe_git(git, norm),
    }


def observe_step(step, result, norm):
    seen = {"run": step.run, "status": result.status}
    if step.is_tool:
        seen["stdout"] = as_lines(norm.text(result.out))
        err = re.sub(r"^See line \d+ of '.*'\.\n", "", norm.text(result.err), flags=re.M)  # printed only by cairn
        seen["stderr"] = as_lines(err)
        if result.status == 254:  # the help and suggestions after a usage error are specific to each tool
            seen["stdout"], seen["stderr"] = [], seen["stderr"][:1]
    return seen
