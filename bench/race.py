#!/usr/bin/env python3
"""Race cairn against DVC: bench/race.py [--set NAME]... NAME=PROGRAM NAME=PROGRAM

Each operation runs for every tool in turn, each in a repository of its own, right after one another in one run, after a
sync; what it did is verified. The last column says how many times faster the last tool is than the first. Ratios of
one run mean something, seconds do not: machines differ, and this one has other things to do. Floors are what the
machine itself takes for the same files. Memory is the peak of the largest process.

Exit status 1 when an operation failed or did the wrong thing.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from scenarios import SETS

IDENTITY = {"GIT_AUTHOR_NAME": "race", "GIT_AUTHOR_EMAIL": "race@localhost", "GIT_COMMITTER_NAME": "race",
            "GIT_COMMITTER_EMAIL": "race@localhost", "GIT_CONFIG_GLOBAL": "/dev/null"}
GNU_TIME = shutil.which("time")


class Tool:
    def __init__(self, name, program):
        self.name, self.program = name, os.path.abspath(program)
        self.env = {**os.environ, **IDENTITY, "DVC_NO_ANALYTICS": "1", "NO_COLOR": "1",
                    "PATH": os.path.dirname(self.program) + os.pathsep + os.environ["PATH"]}

    def run(self, cwd, *words):
        """Seconds, and MiB of the largest process."""
        return timed([self.program, *words], cwd, self.env)

    def ask(self, cwd, *words):
        return subprocess.run([self.program, *words], cwd=cwd, env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True).stdout

    def git(self, cwd, *words):
        subprocess.run(["git", *words], cwd=cwd, env=self.env, check=True)

    def write(self, cwd, name, text):
        with open(os.path.join(cwd, name), "w") as f:
            f.write(text)


def timed(words, cwd, env):
    with tempfile.NamedTemporaryFile("r", prefix="race-time-") as note:
        command = [GNU_TIME, "-f", "%M", "-o", note.name, *words] if GNU_TIME else words
        begin = time.perf_counter()
        done = subprocess.run(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE)
        seconds = time.perf_counter() - begin
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: status {done.returncode}: {done.stderr.decode(errors='replace')[-300:]}")
        return seconds, int(note.read().split()[-1]) / 1024 if GNU_TIME else float("nan")


class Race:
    def __init__(self, tools, base):
        self.tools, self.base, self.ratios, self.failures = tools, base, [], 0
        print(f"{'operation':36}" + "".join(f"{t.name:>20}" for t in tools) + ("     ratio" if len(tools) > 1 else ""))

    def repos(self, label):
        """A fresh repository for each tool; they share no state."""
        made = {}
        for t in self.tools:
            made[t] = os.path.join(self.base, t.name, label)
            os.makedirs(made[t])
            t.git(made[t], "init", "-q")
            t.run(made[t], "init", "-q")
            t.run(made[t], "config", "core.analytics", "false")
            t.run(made[t], "config", "core.autostage", "true")
            t.run(made[t], "config", "core.site_cache_dir", made[t] + ".site")
        return made

    def floor(self, label, command, cwd):
        os.sync()
        seconds, _ = timed(["sh", "-c", command], cwd, os.environ)
        print(f"{'floor ' + label:36}{seconds:14.3f} s", flush=True)

    def time(self, label, operation, rounds=1, check=None):
        best = {}
        for _ in range(rounds):
            for t in self.tools:
                os.sync()
                try:
                    got = operation(t)
                    if check:
                        check(t)
                except Exception as e:  # the others go on
                    print(f"! {label}, {t.name}: {e}", file=sys.stderr)
                    self.failures += 1
                    continue
                best[t] = min(got, best.get(t, got))
        cells = [f"{best[t][0]:9.3f} s {best[t][1]:5.0f} MB" if t in best else f"{'failed':>20}" for t in self.tools]
        first, last = best.get(self.tools[0]), best.get(self.tools[-1])
        ratio = ""
        if first and last and len(self.tools) > 1:
            self.ratios.append(first[0] / last[0])
            ratio = f"{self.ratios[-1]:8.1f} x"
        print(f"{label:36}" + "".join(f"{c:>20}" for c in cells) + ratio, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", choices=SETS, help="what to race (default: start small pipe exp)")
    parser.add_argument("tools", nargs="+", metavar="NAME=PROGRAM")
    options = parser.parse_args()
    base = tempfile.mkdtemp(prefix="race-", dir=os.environ.get("RACE_DIR"))
    race = Race([Tool(*t.split("=", 1)) for t in options.tools], base)
    try:
        for name in options.set or ["start", "small", "pipe", "exp"]:
            SETS[name](race)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    if race.ratios:
        print(f"{len(race.ratios)} operations, median {statistics.median(race.ratios):.1f} x, lowest {min(race.ratios):.1f} x, "
              f"{race.failures} failed")
    return 1 if race.failures else 0


if __name__ == "__main__":
    sys.exit(main())
