#!/usr/bin/env python3
"""qsub, qstat and qdel as those of PBS Professional, on one machine with four processors. The name by which it is called says which.

Jobs run one after the other as processors are free, in a clean environment, in the home directory; a walltime ends them. State is in
~/.pbs. Options that are not here are refused, as an unknown option of PBS is.
"""

import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import time

HOME = pathlib.Path(os.environ["HOME"]) / ".pbs"
PROCESSORS = 4
MOST_QUEUED = int(os.environ.get("PBS_MOST_QUEUED", "1000"))


def fail(text, status):
    print(text, file=sys.stderr)
    raise SystemExit(status)


class Locked:
    def __enter__(self):
        HOME.mkdir(exist_ok=True)
        self.file = open(HOME / "lock", "w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()


def read(job, name, default=""):
    file = HOME / job / name
    return file.read_text() if file.exists() else default


def write(job, name, text):
    (HOME / job / name).write_text(str(text))


def jobs():
    return sorted((p.name for p in HOME.glob("*.pbs")), key=lambda n: int(n.split(".")[0])) if HOME.exists() else []


def seconds(walltime):
    parts = [int(p) for p in walltime.split(":")]
    return sum(part * 60**i for i, part in enumerate(reversed(parts)))


def options(words, known):
    """The values of single-letter options, and the other words."""
    values, rest = {}, []
    words = list(words)
    while words:
        word = words.pop(0)
        if word[:1] == "-" and len(word) > 1:
            if word[1] not in known:
                fail(f"{program}: invalid option -- '{word[1]}'", 2)
            values.setdefault(word[1], []).append(word[2:] or words.pop(0))
        else:
            rest.append(word)
    return values, rest


def qsub(words):
    given, rest = options(words, "Nlojqv")
    if len(rest) != 1 or not os.path.isfile(rest[0]):
        fail("qsub: script file:: No such file or directory", 1)
    name = given.get("N", ["STDIN"])[0]
    if not name[0].isalpha() or len(name) > 230:
        fail("qsub: illegal -N value", 2)
    if given.get("q", ["workq"])[0] != "workq":
        fail("qsub: Unknown queue", 170)
    cpus, limit = 1, 0
    for resource in ",".join(given.get("l", [])).split(","):
        key, _, value = resource.partition("=")
        if key == "select":
            for part in value.split(":")[1:]:
                kind, _, amount = part.partition("=")
                if kind not in ("ncpus", "mem", "ngpus"):
                    fail(f"qsub: Unknown resource: {kind}", 1)
                cpus = int(amount) if kind == "ncpus" else cpus
        elif key == "walltime":
            limit = seconds(value)
        elif key:
            fail(f"qsub: Unknown resource: {key}", 1)
    if cpus > PROCESSORS:
        fail("qsub: Job violates queue and/or server resource limits", 1)
    with Locked():
        if sum(read(j, "state") in ("Q", "R") for j in jobs()) >= MOST_QUEUED:
            fail("qsub: would exceed queue generic's per-user limit", 38)
        number = int(jobs()[-1].split(".")[0]) + 1 if jobs() else 1
        job = f"{number}.pbs"
        (HOME / job).mkdir()
        write(job, "script", pathlib.Path(rest[0]).read_text())
        for key, value in {"name": name, "cpus": cpus, "limit": limit, "out": given.get("o", [f"{name}.o{number}"])[0], "state": "Q"}.items():
            write(job, key, value)
    subprocess.Popen([sys.executable, __file__, "--run", job], start_new_session=True, stdin=subprocess.DEVNULL,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print(job)


def begin(job):
    """Wait for processors. False: it was deleted."""
    while True:
        with Locked():
            if read(job, "state") != "Q":
                return False
            busy = sum(int(read(j, "cpus")) for j in jobs() if read(j, "state") == "R")
            if busy + int(read(job, "cpus")) <= PROCESSORS:
                write(job, "state", "R")
                return True
        time.sleep(0.05)


def run(job):
    if not begin(job):
        return
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": os.environ["HOME"], "PBS_JOBID": job, "PBS_ENVIRONMENT": "PBS_BATCH"}
    with open(pathlib.Path(os.environ["HOME"]) / read(job, "out"), "ab") as out:
        process = subprocess.Popen(["bash", HOME / job / "script"], cwd=os.environ["HOME"], env=env, stdout=out, stderr=out,
                                   start_new_session=True)
    write(job, "pid", process.pid)
    limit = int(read(job, "limit"))
    try:
        process.wait(limit or None)
    except subprocess.TimeoutExpired:
        end(process.pid)
        process.wait()
    with Locked():
        write(job, "exit", process.returncode)
        write(job, "state", "F")


def end(pid):
    """SIGTERM, and SIGKILL to what is left a while later."""
    for number in signal.SIGTERM, signal.SIGKILL:
        try:
            os.killpg(pid, number)
        except ProcessLookupError:
            return
        time.sleep(1)


def qstat(words):
    history = full = False
    ids = []
    for word in words:
        if word.startswith("-"):
            if set(word[1:]) - set("xfw"):
                fail(f"qstat: invalid option -- '{word[1:]}'", 2)
            history, full = history or "x" in word, full or "f" in word
        else:
            ids.append(word)
    status = 0
    for job in ids or jobs():
        state = read(job, "state")
        if not state or (state == "F" and not history):
            print(f"qstat: Unknown Job Id {job}" if not state else f"qstat: {job} Job has finished, use -x or -H", file=sys.stderr)
            status = 153 if not state else 35
        elif full:
            print(f"Job Id: {job}\n    Job_Name = {read(job, 'name')}\n    job_state = {state}\n    queue = workq")
            if state == "Q":
                print("    comment = Not Running: Insufficient amount of resource: ncpus")
            print()
        else:
            print(f"{job:<17} {read(job, 'name')[:15]:<15} user 00:00:00 {state} workq")
    return status


def qdel(ids):
    status = 0
    for job in ids:
        with Locked():
            state = read(job, "state")
            if state == "Q":
                write(job, "state", "F")
        if state == "R":
            end(int(read(job, "pid", "0")))
        elif not state:
            print(f"qdel: Unknown Job Id {job}", file=sys.stderr)
            status = 153
        elif state == "F":
            print(f"qdel: Job has finished {job}", file=sys.stderr)
            status = 35
    return status


program = pathlib.Path(sys.argv[0]).name
if sys.argv[1:2] == ["--run"]:
    run(sys.argv[2])
else:
    raise SystemExit({"qsub": qsub, "qstat": qstat, "qdel": qdel}[program](sys.argv[1:]))
