#!/usr/bin/env python3
"""Run commands on repositories whose files were damaged at random, and report each that does more harm than an error.

    tests/fuzz/mutate.py --commands 20000 --seed 1 --jobs 2 --program build-asan/src/cmd/cairn
    tests/fuzz/mutate.py --case 1:417 --keep      one case again, every command shown, its folder kept

A small repository is made once. Each case copies it, damages one to four of its files, and runs eight commands. A
command fails when a signal ended it, a sanitizer reported, the exit status is none of cairn's, it took more than a
minute, or it changed something that no command may touch: the user's own files, the folder beside the
repository, the remote's objects, the repository that was imported from, Git's HEAD and configuration.

Damage may make a stage run any command, and a remote point anywhere: as root, the script first becomes the user nobody.
"""

import argparse
import itertools
import os
import pathlib
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.sandbox import CAIRN, Sandbox  # noqa: E402

NOBODY = 65534
PER_CASE = 8
TIMEOUT = 60
SANITIZED = 99  # the status with which a sanitizer ends a process
STATUSES = {0, 1, 2, 251, 252, 253, 254, 255}
SPOKE = re.compile(r"(Address|UndefinedBehavior|Leak|Memory|Thread)Sanitizer|runtime error: ")

TEMPLATE = r"""
git init -q --template= ../origin && cd ../origin && dvc init -q && mkdir d && echo 1 > d/1 && echo 2 > d/2 && echo f > f
dvc add -q d f && git add -A && git commit -qm origin
cd ../repo && git init -q --template= . && dvc init -q
dvc config core.autostage true && dvc remote add -q -d r ../store && dvc config --local core.check_update false
mkdir -p data/sub outs && echo one > a.txt && echo x > data/x && echo y > data/sub/y && echo '*.tmp' >> .dvcignore
echo t > data/t.tmp && dvc add -q a.txt data && dvc import -q ../origin d -o imp && dvc import -q ../origin f -o impf
cat > .dvc/cairn.config <<'E'
[executor "gpu"]
    type = slurm
    partition = a, b
    setup = '''module load x
activate'''
[executor "lab"]
    type = ssh
    host = node1:2, me@node2
E
cat > params.yaml <<'E'
lr: 0.1
model: {layers: 3, name: big}
names: [a, b]
E
cat > dvc.yaml <<'E'
vars:
  - which: x
stages:
  prepare:
    cmd: cp data/${which} outs/prepared && echo ${lr} >> outs/prepared
    deps:
      - data
      - a.txt
    params:
      - lr
      - model.layers
    outs:
      - outs/prepared
  train:
    cmd: >-
      cp outs/prepared outs/model && echo '{"acc": 0.5, "n": {"loss": 2}}' > metrics.json &&
      printf 'step,loss\n1,2\n2,1\n' > plot.csv
    deps:
      - outs/prepared
    params:
      - names
    outs:
      - outs/model:
          desc: the model
    metrics:
      - metrics.json:
          cache: false
    plots:
      - plot.csv:
          x: step
          y: loss
  each:
    foreach: ${names}
    do:
      cmd: echo ${item} > outs/${item}
      outs:
        - outs/${item}
artifacts:
  best: {path: outs/model, type: model}
plots:
  - plot.csv
E
echo prepared > outs/keep && dvc repro -q && git add -A && git commit -qm base && dvc push -q
echo two > a.txt && dvc commit -qf && git commit -qam second
dvc exp run -q -n one -S lr=0.2
dvc exp run -q --queue -n bad -S 'lr="1; exit 3"'
dvc exp run -q --run-all || true
dvc exp run -q --queue -n two -S lr=0.3
git checkout -q . && dvc checkout -q -f
mkdir mine && echo 'my notes' > notes.txt && echo mine > mine/file
mkdir ../outside ../outside/d && echo out > ../outside/file && echo out > ../outside/d/file && echo 'k: 1' > ../outside/k.yaml
rm -r ../.site && mkdir ../.site
"""

# Files that no command may change: below the copy, outside and inside of the repository.
GUARDED = ("outside", "store", "origin/d", "origin/d.dvc", "origin/f.dvc", "origin/.dvc/config", "repo/notes.txt", "repo/mine")

COMMANDS = """
status; status -c; status --json; status a.txt.dvc train; data status --granular; data status --json --unchanged; diff
diff HEAD~1 --json; diff --md HEAD~1 HEAD; add a.txt; add data; add --glob 'dat*'; commit -f; commit -f train
checkout -f; checkout -f data.dvc; checkout --relink; pull; pull -f --run-cache; push; push --run-cache; push -A; fetch
fetch -aT; gc -w -f; gc -a -f; repro; repro -f; repro -j 2; repro --dry; repro -s prepare; repro -R .; repro --pull
exp run; exp run -n fresh -S lr=5; exp run --queue -n later; exp run --run-all; exp run --temp; exp show --json
exp show --csv; exp list; exp list --name-only -A; exp apply one; exp diff --json; exp branch one b; exp clean; exp save -f -n saved
exp remove one; exp rename one won; queue status; queue remove --all; queue logs bad; queue kill two; queue remove --failed; metrics show --json
metrics show --md; metrics diff HEAD~1; params diff HEAD~1 --json; params diff --all; dag; dag --dot; dag --md -o; stage list
stage list --all; stage add -n s -d a.txt -o s.out true; stage add -f -n train -d a.txt -o outs/model true; list .
ls -R --dvc-only .; list ../origin d; get ../origin d -o got; get . data -o got; get . outs/model -o got
import ../origin f -o other; import -f ../origin f -o impf; import-url -f a.txt copied; import-url data copies; update imp.dvc
update -R .; fsck; fsck --repair; fsck --json; remove a.txt.dvc; remove train; remove data.dvc --outs; move a.txt b.txt
move data moved; config -l; config --show-origin -l; config core.autostage false; config --local cache.type copy
config -u core.remote; remote list; remote modify r url ../store; remote rename r s; remote remove r; cache dir
cache dir ../repo/.dvc/cache; cache migrate; freeze prepare; unfreeze prepare; unprotect a.txt data; root; du .; du data
check-ignore -d data/t.tmp a.txt; artifacts get . best -o got; log; log --json; why; why train
schema dvc.yaml; version; executor list; executor list --json; executor show gpu; executor show --json lab; executor jobs; dataset add ds --dvc ../origin; install; list --size .; init -f
"""
COMMANDS = [c.strip() for line in COMMANDS.strip().splitlines() for c in line.split(";") if c.strip()]

# Hostile text. Most of it replaces a value or a line of YAML, whatever the file.
NESTED = "[" * 3000
VALUES = ["..", ".git", "''", "../..", "/", ".", ".dvc", ".git/config", "./.git/../.git", "a.txt/..", "null", "true", "[]", "{}", "-1", "0x10",
          "1e400", ".nan", "-.inf", "9" * 400, "18446744073709551616", "-9223372036854775809", NESTED, "{a: " * 2000, "x" * 70000,
          "&a [*a]", "*nowhere", "&a a", "!!python/object:os.system x", "!!binary aGk=", "!!int x", "2024-01-01", "|", ">-\n", "\"\\x00\"",
          "\0", "\x1b[2J\x1b]0;t\x07", "\xff\xfe", "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"), "${lr}", "${names}", "${",
          "${names[9]}", "${model.}", "${${lr}}", "$${lr}", "${a[b.c]}", "%s%n", "../notes.txt", "data", "a.txt", "outs", "<<: *a", "\t",
          "? a", "- - - a", "a: b: c", "#", "'", "\"", "d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e.dir", "md5"]
LINES = ["path: ..", "path: .git", "path: ''", "outs: []", "outs:", "deps: [data, {}]", "cmd: []", "wdir: ..", "wdir: .git", "frozen: 3",
         "md5: ../../../../notes.txt", "md5: 0", "size: -1", "nfiles: 99999999999999999999", "files: [{relpath: ../x, md5: 0}]", "hash: sha256",
         "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]", "<<: {a: 1}", "stages: {}", "stages: []",
         "foreach: ${params}", "matrix: {a: [1, 2], b: ${names}}", "vars: [params.yaml, ../outside/k.yaml, nowhere.yaml]", "vars: [{lr: 1}]",
         "params: [{nowhere.yaml: [a]}, lr, lr]", "metrics: [..]", "plots: [{a: {x: {b: c}}}]", "datasets: [{name: d}]", "remote: nowhere",
         "repo: {url: ../nowhere}", "repo: {url: 'ext::sh -c true'}", "rev_lock: --upload-pack=true", "[core]", "['remote \"r\"']", "[cache]",
         "type = reflink,nothing", "dir = ..", "dir = .git", "url = ", "url = nope://x", "no_scm = true", "jobs = -1", "a", "=", "[", "!*", "**/",
         "/", "*", "!", "\\", "[!-", "\0", "---", "...", "%YAML 9.9", "{" * 500]


def load(path):
    with open(path, "rb") as file:
        return file.read()


def flip(rng, data):
    data = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        if data:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def truncate(rng, data):
    return data[:rng.randrange(len(data) + 1)]


def delete_lines(rng, data):
    lines = data.splitlines(True)
    for _ in range(min(len(lines), rng.randint(1, 3))):
        del lines[rng.randrange(len(lines))]
    return b"".join(lines)


def duplicate(rng, data):
    lines = data.splitlines(True) or [b""]
    start = rng.randrange(len(lines))
    end = start + rng.randint(1, 6)
    return b"".join(lines[:end] + lines[start:end] * rng.choice([1, 1, 300]) + lines[end:])


def swap(rng, data):
    parts = re.split(rb"(\s+|[,:\"])", data)
    words = [i for i, part in enumerate(parts) if i % 2 == 0 and part]
    if len(words) > 1:
        a, b = rng.sample(words, 2)
        parts[a], parts[b] = parts[b], parts[a]
    return b"".join(parts)


def insert_line(rng, data):
    lines = data.splitlines(True)
    at = rng.randrange(len(lines) + 1)
    beside = lines[min(at, len(lines) - 1)] if lines else b""
    indent = b" " * (len(beside) - len(beside.lstrip(b" ")))
    text = b"".join(indent + line + b"\n" for line in rng.choice(LINES).encode().split(b"\n"))
    return b"".join(lines[:at] + [text] + lines[at:])


def insert_bytes(rng, data):
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(VALUES).encode() + data[at:]


def replace_value(rng, data):
    """The text after `key:`, `key =` or `- `, or a string or number of JSON."""
    found = list(re.finditer(rb"(?<=: )[^\n,}]+|(?<== )[^\n]+|(?<=- )[^\n]+|\"[^\"\n]*\"|\b\d+\b", data))
    if not found:
        return insert_bytes(rng, data)
    match = rng.choice(found)
    value = rng.choice(VALUES).encode()
    if match.group().startswith(b'"') and rng.random() < 0.8:
        value = b'"' + value.replace(b'"', b"") + b'"'
    return data[:match.start()] + value + data[match.end():]


EDITS = [flip, truncate, delete_lines, duplicate, swap, insert_line, insert_line, insert_bytes, replace_value, replace_value, replace_value]
KINDS = ["directory", "full directory", "empty", "gone", "link outside", "link to a directory", "link to itself", "dangling link", "pipe"]

# Git itself waits for ever for pipes at these paths, and writes through links at these paths.
GIT_ITSELF = {"ref": ["pipe"], ".gitignore": ["pipe"], "reflog": [k for k in KINDS if k == "pipe" or "link" in k]}


def below(repo, *names, keep=lambda path: True):
    found = []
    for name in names:
        for folder, _, files in os.walk(repo / name):
            found += [pathlib.Path(folder, f) for f in files]
    return sorted(p for p in found if keep(p))


def is_listing(path):
    return path.name.endswith(".dir")


# Files to damage. Each kind of file is chosen equally often; those written by people are chosen more often.
TARGETS = {
    "config": lambda r: [r / ".dvc/config"],
    "cairn.config": lambda r: [r / ".dvc/cairn.config"],
    "config.local": lambda r: [r / ".dvc/config.local"],
    "pointer": lambda r: sorted(r.glob("*.dvc")),
    "pointer again": lambda r: sorted(r.glob("*.dvc")),
    "dvc.yaml": lambda r: [r / "dvc.yaml"],
    "dvc.yaml again": lambda r: [r / "dvc.yaml"],
    "dvc.lock": lambda r: [r / "dvc.lock"],
    "dvc.lock again": lambda r: [r / "dvc.lock"],
    "params.yaml": lambda r: [r / "params.yaml"],
    "metrics.json": lambda r: [r / "metrics.json", r / "plot.csv"],
    ".gitignore": lambda r: [r / ".gitignore", r / ".dvc/.gitignore", r / "outs/.gitignore"],
    ".dvcignore": lambda r: [r / ".dvcignore"],
    "listing": lambda r: below(r, ".dvc/cache", keep=is_listing),
    "object": lambda r: below(r, ".dvc/cache/files", keep=lambda p: not is_listing(p)),
    "run": lambda r: below(r, ".dvc/cache/runs"),
    "tmp": lambda r: below(r, ".dvc/tmp"),
    "site": lambda r: below(r.parent, ".site"),
    "journal": lambda r: below(r, ".dvc/tmp/exps/run"),
    "ref": lambda r: below(r, ".git/refs/exps"),
    "reflog": lambda r: below(r, ".git/logs/refs/exps"),
}


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def become(path, kind, outside):
    """Replace a file by something else."""
    remove(path)
    if kind in ("directory", "full directory"):
        path.mkdir()
        if kind == "full directory":
            (path / "file").write_text("text\n")
    elif kind == "empty":
        path.touch()
    elif kind == "link outside":
        path.symlink_to(outside / "file")
    elif kind == "link to a directory":
        path.symlink_to(outside / "d")
    elif kind == "link to itself":
        path.symlink_to(path.name)
    elif kind == "dangling link":
        path.symlink_to(outside / "nothing")
    elif kind == "pipe":
        os.mkfifo(path)


def damage(rng, repo):
    """Damage one file. Returns a description of the damage."""
    what = rng.choice(list(TARGETS))
    paths = [p for p in TARGETS[what](repo) if p.is_file() and not p.is_symlink()]
    if not paths:
        return f"no {what}"
    path = rng.choice(paths)
    name = os.path.relpath(path, repo)
    if rng.random() < 0.2:
        kind = rng.choice([k for k in KINDS if k not in GIT_ITSELF.get(what, ())])
        become(path, kind, repo.parent / "outside")
        return f"{name}: {kind}"
    data, mode, done = load(path), path.stat().st_mode & 0o777, []
    for _ in range(rng.choice([1, 1, 2, 3])):
        edit = rng.choice(EDITS)
        data = edit(rng, data)
        done.append(edit.__name__)
    path.unlink()  # another name of the same file keeps its content
    path.write_bytes(data)
    path.chmod(mode)
    return f"{name}: {', '.join(done)}"


def guarded(root):
    """{path: content} of everything that no command may change."""
    seen = {}
    for name in GUARDED:
        top = root / name
        for path in [top] if not top.is_dir() else sorted(top.rglob("*")):
            if path.is_symlink() or not path.is_dir():
                seen[str(path.relative_to(root))] = load(path) if path.is_file() else "?"
    for name in ("HEAD", "config"):
        seen[f"repo/.git/{name}"] = (root / "repo/.git" / name).is_file()
    return seen


def changed(before, root):
    """The entries of `before` that have changed. The remote may gain objects."""
    now = guarded(root)
    return sorted(k for k in before if now.get(k) != before[k]) + \
        sorted(k for k in now if k not in before and not k.startswith("store/"))


class Run:
    def __init__(self, options, work, program):
        self.options, self.work, self.program = options, work, program
        self.lock = threading.Lock()
        self.commands = self.failures = 0
        self.end = time.monotonic() + options.seconds
        self.slowest = (0, "")
        self.template = Sandbox(work / "template", program)
        self.template.check("set -e\n" + TEMPLATE)

    def execute(self, box, command):
        """(status, stderr, the problem with its exit)"""
        log = box.root / "sanitizer"
        env = {**box.env, "LC_ALL": "C", "LANG": "C", "PWD": str(box.repo),
               "ASAN_OPTIONS": f"detect_leaks=0:exitcode={SANITIZED}:log_path={log}",
               "UBSAN_OPTIONS": f"halt_on_error=1:print_stacktrace=1:exitcode={SANITIZED}:log_path={log}"}
        wrong = []
        with open(box.root / "out", "wb") as out, open(box.root / "err", "wb") as err:
            begun = time.monotonic()
            process = subprocess.Popen([self.program, *shlex.split(command)], cwd=box.repo, env=env, stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=err, start_new_session=True)
            try:
                status = process.wait(TIMEOUT)
            except subprocess.TimeoutExpired:
                wrong.append(f"took more than {TIMEOUT} s")
                os.killpg(process.pid, signal.SIGKILL)
                status = process.wait()
            took = time.monotonic() - begun
        text = load(box.root / "err").decode(errors="replace")
        for report in sorted(box.root.glob("sanitizer.*")):
            text += load(report).decode(errors="replace")
            wrong.append("a sanitizer's report")
            report.unlink()
        if SPOKE.search(text) and not wrong:
            wrong.append("a sanitizer's report")
        if status < 0 and not wrong:
            wrong.append(f"ended by signal {-status}")
        elif status not in STATUSES and not wrong:
            wrong.append(f"exit status {status}")
        with self.lock:
            self.slowest = max(self.slowest, (took, command))
        return status, text, wrong

    def case(self, name):
        """One case: a copy, damage, commands. Its name contains its seed."""
        if time.monotonic() > self.end:
            return
        rng = random.Random(name)
        root = self.work / f"case-{name.replace(':', '-')}"
        subprocess.run(["cp", "-a", str(self.template.root), str(root)], check=True)
        try:
            box = Sandbox(root, self.program)
            before = guarded(root)
            if rng.random() < 0.3:
                self.execute(box, "status -c")  # from here on there is state that the damage makes wrong
            done = [damage(rng, box.repo) for _ in range(rng.randint(1, 4))]
            ran = []
            for command in rng.sample(COMMANDS, PER_CASE):
                status, text, wrong = self.execute(box, command)
                ran.append(f"{command} ({status})")
                with self.lock:
                    self.commands += 1
                touched = changed(before, root)
                if touched:
                    wrong.append("changed " + ", ".join(touched))
                if wrong or self.options.case:
                    self.report(name, done, ran, text, wrong)
                if touched:
                    break  # later commands would only report the same problem
        finally:
            if not (self.options.case and self.options.keep):
                subprocess.run(["chmod", "-R", "u+rwX", str(root)], check=False)
                shutil.rmtree(root, ignore_errors=True)

    def report(self, name, done, ran, text, wrong):
        with self.lock:
            self.failures += bool(wrong)
            print(f"--- case {name}: {'; '.join(wrong) or 'fine'}\n    damage: {' | '.join(done)}\n    commands: {'; '.join(ran)}")
            print("".join(f"    {line!r}\n" for line in text.splitlines()[:60]), end="", flush=True)


def drop_privileges(work):
    """As root, become the user nobody: root could damage the machine."""
    if os.geteuid() == 0:
        for path in [work, *work.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commands", type=int, default=1000, help="how many commands to run (1000)")
    parser.add_argument("--seed", type=int, default=1, help="of all that is drawn (1)")
    parser.add_argument("--program", default=str(CAIRN), help="the cairn to test ($CAIRN, or build/cairn)")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no case after so long")
    parser.add_argument("--jobs", type=int, default=2, help="cases at a time (2)")
    parser.add_argument("--case", help="run this case alone (SEED:NUMBER, as a failure names it)")
    parser.add_argument("--keep", action="store_true", help="with --case: keep the folder")
    options = parser.parse_args()

    os.umask(0o022)
    shm = pathlib.Path("/dev/shm")
    work = pathlib.Path(tempfile.mkdtemp(prefix="cairn-mutate.", dir=shm if os.access(shm, os.W_OK) else None))
    program = work / "cairn"
    begun = time.monotonic()
    try:
        shutil.copy(options.program, program)  # the user nobody may not be able to read the build directory
        drop_privileges(work)
        run = Run(options, work, program)
        if options.case:
            run.case(options.case)
        else:
            names = (f"{options.seed}:{i}" for i in itertools.count())
            with ThreadPoolExecutor(options.jobs) as pool:
                cases = [pool.submit(run.case, next(names)) for _ in range(-(-options.commands // PER_CASE))]
                for case in cases:
                    case.result()
    finally:
        if options.case and options.keep:
            print(f"kept: {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)
    took, command = run.slowest
    print(f"{run.commands} commands, {run.failures} failures, {time.monotonic() - begun:.0f} s (slowest: {took:.1f} s, {command})")
    return run.failures != 0


if __name__ == "__main__":
    sys.exit(main())
