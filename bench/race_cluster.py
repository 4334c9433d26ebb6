#!/usr/bin/env python3
"""Time what cairn adds to a cluster: bench/race_cluster.py [--jobs N] [--watched N] [--sweep N] [--rounds N] CAIRN

A Slurm of four nodes with four processors each is started on this machine (tests/harness/slurm.py; script/setup installs
it), and everything is in memory. Three figures, each with its results verified:

overhead  N independent stages. While the nodes are closed, cairn submits all; the time until Slurm has the last one, without
          the time that sbatch itself took, is what submitting costs. Then cairn is killed, the nodes are opened, and when all
          jobs have ended, the same command collects them: its whole time, with the start of cairn and the hashing of
          results. The same stages without a cluster, run before in a copy, are shown beside it.
watched   N jobs that wait in Slurm, for half a minute, and then run: questions a second, and the largest memory of cairn.
sweep     N experiments, queued before, by `exp run --run-all`, and the same commands by one `sbatch --array`, right after one
          another in each round. The array's time ends with the output of its last command, not with `--wait`, which looks
          every ten seconds; that of cairn with the command itself.

Seconds depend on the machine and on what else it does; the ratio and the counts less so. Exit status 1: a result was wrong.
"""
import argparse
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tests"))
from harness.lab import Lab  # noqa: E402
from harness.slurm import Cluster, lacking  # noqa: E402

WATCH_SECONDS = 30
# As a wrapper, sbatch notes how long it took.
TIMED = 'begin=$EPOCHREALTIME; real "$@"; status=$?; echo "$begin $EPOCHREALTIME" >>{0}; exit $status'


class Wrong(Exception):
    pass


def check(what, why):
    if not what:
        raise Wrong(why)


def stages(lab, count):
    for i in range(count):
        lab.stage(f"s{i}", f"echo s{i} >>$ROOT/ran; echo {i} >s{i}")
    return lab.profile(max_submitted=str(count + 10), interval="1s", beat="10s").save()


def ran_once(lab, count):
    check(lab.counts == {f"s{i}": 1 for i in range(count)}, f"commands ran {sorted(set(lab.counts.values()))} times, {len(lab.counts)} of {count}")
    check(lab.sh("cairn status").out == "Data and pipelines are up to date.\n", "the result is not up to date")


def peak_mb(pid):
    """The largest memory that a process had, in MB."""
    return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def timed(lab, command, timeout=1200):
    begin = time.monotonic()
    done = lab.sh(command, timeout=timeout)
    check(done.status == 0, repr(done))
    return time.monotonic() - begin


def overhead(cluster, new_lab, count):
    lab = stages(new_lab(), count)
    alone = timed(lab.local(), f"cairn repro -q -j {count}")
    note = lab.root / "sbatch-times"
    cluster.always("sbatch", TIMED.format(note))
    cluster.close_nodes()
    begin = time.time()
    head = lab.start(f"cairn repro -q --executor gpu -j {count}")
    cluster.wait(lambda: len(cluster.jobs()) == count, 600)
    calls = [tuple(map(float, line.split())) for line in note.read_text().splitlines()]
    submit = max(end for _, end in calls) - begin - sum(end - start for start, end in calls)
    time.sleep(1)  # what it writes after the answer
    os.killpg(head.pid, signal.SIGKILL)
    head.communicate()
    cluster.open_nodes()
    cluster.wait(lambda: not cluster.jobs(), 600)
    before = cluster.count("sbatch")
    collect = timed(lab, f"cairn repro -q --executor gpu -j {count}")
    check(cluster.count("sbatch") == before, "collecting submitted jobs again")
    ran_once(lab, count)
    print(f"overhead  {count} stages: submit {1000 * submit / count:.1f} ms, collect {1000 * collect / count:.1f} ms, together "
          f"{1000 * (submit + collect) / count:.1f} ms a job ({len(calls)} sbatch; the same stages on this machine alone "
          f"{1000 * alone / count:.1f} ms a stage)", flush=True)


def watched(cluster, new_lab, count):
    lab = stages(new_lab(), count)
    cluster.close_nodes()
    head = lab.start(f"cairn repro -q --executor gpu -j {count}", stdout=subprocess.DEVNULL)
    cluster.wait(lambda: len(cluster.jobs()) == count, 1200)
    before, begin = cluster.count("squeue"), time.monotonic()
    cpu = cpu_s(head.pid)
    time.sleep(WATCH_SECONDS)
    asked, cpu, took = cluster.count("squeue") - before, cpu_s(head.pid) - cpu, time.monotonic() - begin
    cluster.open_nodes()
    peak = 0
    while head.poll() is None:
        try:
            peak = max(peak, peak_mb(head.pid))
        except (OSError, TypeError):
            pass
        time.sleep(0.2)
    check(head.returncode == 0, head.stderr.read().decode(errors="replace"))
    ran_once(lab, count)
    print(f"watched   {count} jobs: {asked / took:.2f} questions a second while all wait, {100 * cpu / took:.1f} % of a processor, "
          f"at least {cluster.shortest_gap('squeue'):.2f} s between two questions, {cluster.count('sbatch')} sbatch, peak {peak:.0f} MB", flush=True)


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


TRAIN = "lr=$(sed -n 's/lr: //p' params.yaml)\necho $lr >>$ROOT/ran\necho $lr >model\n"


def sweep(cluster, new_lab, count, rounds):
    best, ratios = {}, []
    for _ in range(rounds):
        before, lab = cluster.count("sbatch"), new_lab().profile(interval="1s", beat="10s")
        lab.write({"train.sh": TRAIN, "params.yaml": "lr: 0\n"})
        lab.stage("train", "sh train.sh", deps=["train.sh"], params=["lr"], outs=["model"]).save()
        lab.check(f"cairn exp run -q --queue -S 'lr=range(1,{count + 1})'", timeout=600)
        took = {"cairn": timed(lab, f"cairn exp run -q --run-all --executor gpu -j {count}")}
        check(lab.counts == {str(n): 1 for n in range(1, count + 1)}, "commands did not run once each")
        check(len(lab.trees()) == count, "experiments are missing")
        sent = cluster.count("sbatch") - before

        bare = new_lab()
        bare.write({"train.sh": TRAIN})
        for n in range(1, count + 1):
            bare.write({f"{n}/params.yaml": f"lr: {n}\n"})
        begin = time.monotonic()
        bare.check(f"sbatch -Q -a 1-{count} -o /dev/null --wrap 'cd $SLURM_ARRAY_TASK_ID && sh ../train.sh'")
        cluster.wait(lambda: len(bare.ran) == count, 600)
        took["sbatch"] = time.monotonic() - begin
        cluster.wait(lambda: not cluster.jobs(), 600)
        check(bare.counts == {str(n): 1 for n in range(1, count + 1)}, "the array did not run each once")
        ratios.append(took["cairn"] / took["sbatch"])
        print(f"sweep     {count} experiments: cairn {took['cairn']:.1f} s ({sent} sbatch), bare array {took['sbatch']:.1f} s, "
              f"ratio {ratios[-1]:.2f}", flush=True)
        best = {k: min(v, best.get(k, v)) for k, v in took.items()}
    print(f"sweep     ratio {statistics.median(ratios):.2f} (median), {best['cairn'] / best['sbatch']:.2f} of the best times, "
          f"{best['cairn']:.1f} s and {best['sbatch']:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--watched", type=int, default=1000)
    parser.add_argument("--sweep", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["overhead", "watched", "sweep"])
    parser.add_argument("cairn")
    args = parser.parse_args()
    if lacking():
        sys.exit(lacking())
    figures = {"overhead": lambda *a: overhead(*a, args.jobs), "watched": lambda *a: watched(*a, args.watched),
               "sweep": lambda *a: sweep(*a, args.sweep, args.rounds)}
    failed = 0
    with Cluster() as cluster:
        for name in [args.only] if args.only else figures:
            folders, labs = [], []

            def new_lab():
                folders.append(tempfile.mkdtemp(prefix="race-", dir="/dev/shm"))
                labs.append(Lab(folders[-1], cluster, os.path.abspath(args.cairn)).init("dvc"))
                return labs[-1]

            try:
                figures[name](cluster.heal(), new_lab)
            except (Wrong, AssertionError, subprocess.TimeoutExpired) as e:
                print(f"! {name}: {e}", file=sys.stderr)
                failed = 1
            finally:
                for lab in labs:
                    lab.stop()
                    for made in (lab, *lab.twins):
                        shutil.rmtree(made.root, ignore_errors=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
