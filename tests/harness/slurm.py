"""A real Slurm of several nodes on this machine, for one test process: Debian's slurm-wlm, slurm-wlm-basic-plugins, munge.

    def test_sweep(slurm, repo):
        slurm.attach(repo)                          # sbatch, squeue, ... of the sandbox belong to this cluster, counted
        slurm.next("sbatch", SUBMIT_AND_HANG)       # what the next sbatch does instead
        repo.check("cairn repro --executor gpu")
        assert slurm.count("sbatch") == 2

Everything is in one folder and listens on 127.0.0.1, on ports that were free. Jobs of an ordinary user work, too; what
only root can do (devices for `gpu`) is left out then. All processes, also those of jobs, end with the cluster.

`python -m harness.slurm` (with PYTHONPATH=tests) starts one and a shell in which it can be used.
"""

import contextlib
import dataclasses
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time

import pytest

from .sandbox import Result
from .servers.base import die_with_parent, scratch_folder

SBIN = "/usr/sbin:/usr/bin:/sbin:/bin"
PROGRAMS = ("sbatch", "squeue", "scancel", "sacct", "scontrol", "sinfo", "srun")
DAEMONS = ("munged", "slurmctld", "slurmd")

# Several values are short so that tests are: Slurm's own are a minute or more.
CONFIG = {
    "ClusterName": "test",
    "SlurmctldHost": "localhost(127.0.0.1)",
    "CommunicationParameters": "NoInAddrAny,NoCtldInAddrAny",
    "CredType": "cred/munge",
    "AuthType": "auth/munge",
    "ProctrackType": "proctrack/linuxproc",
    "TaskPlugin": "task/none",
    "JobAcctGatherType": "jobacct_gather/none",
    "MpiDefault": "none",
    "SwitchType": "switch/none",
    "AccountingStorageType": "accounting_storage/none",
    "JobCompType": "jobcomp/filetxt",
    "SelectType": "select/cons_tres",
    "SelectTypeParameters": "CR_Core_Memory",
    "SchedulerParameters": "bf_interval=1,sched_interval=1,sched_min_interval=0,batch_sched_delay=0,default_queue_depth=2000",
    "SlurmdParameters": "config_overrides",  # more processors than there are
    "PreemptType": "preempt/partition_prio",
    "PreemptMode": "REQUEUE",
    "ReturnToService": "2",  # a node that was down is up when its slurmd is
    "SlurmctldTimeout": "5",
    "SlurmdTimeout": "6",  # a node that does not answer is down after this
    "MessageTimeout": "5",
    "KillWait": "2",  # from TERM to KILL
    "MinJobAge": "300",  # for how long an ended job is known
    "MaxJobCount": "20000",
    "MaxArraySize": "10001",
    "DefMemPerCPU": "100",
    "Licenses": "solver:8",
    "SlurmctldDebug": "verbose",
    "SlurmdDebug": "verbose",
}
PARTITIONS = """PartitionName=batch Nodes=ALL Default=YES MaxTime=60 DefaultTime=10 PriorityTier=1
PartitionName=high Nodes=ALL MaxTime=60 DefaultTime=10 PriorityTier=10 PreemptMode=OFF
PartitionName=one Nodes=n1 MaxTime=60 DefaultTime=10 PriorityTier=1
"""

# What a wrapper does instead of the program, as lines for the shell. `real "$@"` runs the program.
LIMIT = """echo 'sbatch: error: AssocMaxSubmitJobLimit' >&2
echo "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)" >&2
exit 1"""
TIMED_OUT = """echo "$program: error: Unable to contact slurm controller (connect failure)" >&2
exit 1"""
SOCKET = """echo "$program: error: Batch job submission failed: Socket timed out on send/recv operation" >&2
exit 1"""
SUBMIT_AND_TIME_OUT = 'real "$@" >/dev/null 2>&1\n' + SOCKET
SUBMIT_AND_DIE = 'real "$@" >/dev/null 2>&1\nkill -9 $$'
HANG = "exec sleep 1000"
SUBMIT_AND_HANG = 'real "$@" >/dev/null 2>&1\n' + HANG

# Lines of logs that say nothing about a failure.
NOISE = re.compile("mpi|MPI|differs from hardware|plugin loaded|Unauthorized credential|Sent signal|debug levels")

# A wrapper notes its call (time, words), and takes the first of the orders that the test has left for it.
WRAPPER = r"""#!/bin/bash
program={program} real={real}
real() {{ "$real" "$@"; }}
line=$EPOCHREALTIME
for word; do line+=$'\t'${{word@Q}}; done
printf '%s\n' "$line" >>{folder}/calls/$program
for order in {folder}/orders/$program/*; do
	[ -e "$order" ] || break
	case $order in */always) ;; *) mv "$order" "$order.$$" 2>/dev/null || continue; mv "$order.$$" {folder}/done/; order={folder}/done/${{order##*/}}.$$ ;; esac
	. "$order"
	exit
done
exec "$real" "$@"
"""


def lacking():
    """Why Slurm cannot run here; None: it can."""
    missing = [p for p in (*PROGRAMS, *DAEMONS) if not shutil.which(p, path=SBIN)]
    return f"no Slurm ({missing[0]} is missing; script/setup installs it)" if missing else None


@dataclasses.dataclass
class Call:
    """A call of a wrapped program."""

    time: float  # seconds
    words: str  # quoted for bash


class Cluster:
    """self.folder has everything; self.conf is for $SLURM_CONF; self.nodes are the names, "n1" and so on."""

    def __init__(self, nodes=4, cpus=4, mem_mb=4000, **options):
        self.folder = scratch_folder()
        self.conf = self.folder / "slurm.conf"
        self.nodes = [f"n{i + 1}" for i in range(nodes)]
        self.cpus, self.mem_mb, self.options = cpus, mem_mb, {**CONFIG, **options}
        self.munged = self.ctld = None
        self.orders = self.old_ends = self.old_jobs = 0
        self.first_job = 1
        self.was_killed = False  # the controller: it gives out again the numbers of jobs that it has not saved
        self.slurmd = dict.fromkeys(self.nodes)
        self.bin = self.folder / "bin"
        for name in ("state", "log", "run", "bin", "calls", "done", "orders", *(f"spool.{n}" for n in self.nodes)):
            (self.folder / name).mkdir()
        (self.folder / "munge").mkdir(mode=0o700)
        (self.folder / "munge/key").write_bytes(os.urandom(1024))
        (self.folder / "munge/key").chmod(0o400)
        self.gpus = self._make_devices()
        for name in PROGRAMS:
            (self.folder / "orders" / name).mkdir()
            wrapper = self.bin / name
            wrapper.write_text(WRAPPER.format(program=name, real=shutil.which(name, path=SBIN), folder=self.folder))
            wrapper.chmod(0o755)

    def _make_devices(self):
        """Slurm wants character devices for gpus, and does not use them."""
        with contextlib.suppress(OSError):
            for i in range(2):
                os.mknod(self.folder / f"gpu{i}", stat.S_IFCHR | 0o666, os.makedev(1, 3))
            return 2
        return 0

    # Starting and ending

    def write_config(self):
        user = pwd.getpwuid(os.geteuid()).pw_name
        top = self.folder
        settings = {
            **self.options, "FirstJobId": self.first_job, "SlurmUser": user, "SlurmdUser": user, "SlurmctldPort": self.ports[0],
            "AuthInfo": f"socket={top}/munge/sock,cred_expire=6", "StateSaveLocation": top / "state",
            "SlurmdSpoolDir": top / "spool.%n", "SlurmctldPidFile": top / "run/slurmctld.pid",
            "SlurmdPidFile": top / "run/slurmd.%n.pid", "SlurmctldLogFile": top / "log/slurmctld.log",
            "SlurmdLogFile": top / "log/slurmd.%n.log", "JobCompLoc": top / "log/jobcomp.txt"}
        if self.gpus:
            settings["GresTypes"] = "gpu"
            (top / "gres.conf").write_text(f"NodeName=n[1-{len(self.nodes)}] Name=gpu File={top}/gpu[0-1]\n")
        text = "".join(f"{k}={v}\n" for k, v in settings.items())
        for node, port in zip(self.nodes, self.ports[1:]):
            text += (f"NodeName={node} NodeHostname=localhost NodeAddr=127.0.0.1 Port={port} CPUs={self.cpus} Sockets=1 "
                     f"CoresPerSocket={self.cpus} ThreadsPerCore=1 RealMemory={self.mem_mb}{' Gres=gpu:2' if self.gpus else ''}\n")
        self.conf.write_text(text + PARTITIONS)

    def start(self):
        for _ in range(5):  # another process may take a port between the search and the start
            self.ports = free_ports(1 + len(self.nodes))
            self.write_config()
            try:
                self._start_munged()
                self.start_controller(forget=True)
                for node in self.nodes:
                    self.start_node(node)
                self.wait(lambda: self.idle() == self.nodes, 60)
                return self
            except (AssertionError, subprocess.TimeoutExpired):
                story = self.story()
                self.kill_all()
        shutil.rmtree(self.folder, ignore_errors=True)
        raise RuntimeError(f"Slurm does not start:\n{story}")

    def _spawn(self, words, log, **env):
        with open(self.folder / "log" / log, "ab") as out:
            return subprocess.Popen(words, env={**self.env, **env}, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                    cwd=self.folder, preexec_fn=die_with_parent)

    def _start_munged(self):
        m = self.folder / "munge"
        self.munged = self._spawn(["munged", "--foreground", "--force", f"--key-file={m}/key", f"--socket={m}/sock",
                                   f"--pid-file={m}/pid", f"--seed-file={m}/seed"], "munged.log")
        self.wait(lambda: (m / "sock").exists() or self.munged.poll() is not None, 20)

    def start_controller(self, forget=False):
        """Start slurmctld; `forget`: jobs and their ids are lost."""
        self.ctld = self._spawn(["slurmctld", "-D", *(["-c"] if forget else [])], "slurmctld.err")
        self.wait(lambda: self.answers() or self.ctld.poll() is not None, 30)
        assert self.ctld.poll() is None, "slurmctld has ended"

    def answers(self):
        return subprocess.run(["scontrol", "ping"], env=self.env, capture_output=True, timeout=60).returncode == 0

    def stop_controller(self):
        """It saves its state."""
        self.ctld.terminate()
        self.ctld.wait(30)

    def kill_controller(self):
        """It saves nothing: jobs of the last seconds are lost."""
        self.ctld.kill()
        self.ctld.wait()
        self.was_killed = True

    def lose_state(self):
        """Remove what a controller that is down has saved."""
        self.first_job += 10000  # a node refuses a number that it has seen ("Duplicate jobid")
        self.was_killed = False
        self.write_config()
        for file in (self.folder / "state").iterdir():
            shutil.rmtree(file) if file.is_dir() else file.unlink()

    def start_node(self, node):
        self.slurmd[node] = self._spawn(["slurmd", "-D", "-N", node], f"slurmd.{node}.err", CAIRN_TEST_NODE=node)

    def stop_node(self, node):
        self.slurmd[node].terminate()
        self.slurmd[node].wait(30)

    def kill_node(self, node, jobs=True):
        """kill -9 of its slurmd and, as when the machine dies, of what it runs; jobs=False: those go on, as when only the
        network is cut."""
        self.slurmd[node].kill()
        self.slurmd[node].wait()
        if jobs:
            self._kill(node)

    def close_nodes(self):
        """Jobs are accepted, and wait."""
        self.run("scontrol update NodeName=ALL State=DRAIN Reason=test")

    def open_nodes(self):
        for node in self.run("sinfo -h -N -p batch -t drain -o %N").out.split():
            self.run(f"scontrol update NodeName={node} State=RESUME")

    def processes(self, node=None):
        """Ids of the processes of jobs (of one node), and of others that belong to this cluster."""
        table = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                fields = pathlib.Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
                env = pathlib.Path(f"/proc/{name}/environ").read_bytes().split(b"\0")
                table[int(name)] = (int(fields[1]), int(fields[3]), env)  # parent, session
        ours = os.fsencode(f"SLURM_CONF={self.conf}")
        names = {b"CAIRN_TEST_NODE=" + n.encode() for n in self.nodes} | {b"SLURMD_NODENAME=" + n.encode() for n in self.nodes}
        if node:
            names = {b"CAIRN_TEST_NODE=" + node.encode(), b"SLURMD_NODENAME=" + node.encode()}
        found = {p for p, (_, _, env) in table.items() if ours in env and (not node or names & set(env))}
        daemons = {d.pid for d in (self.munged, self.ctld, *self.slurmd.values()) if d and d.poll() is None}
        found -= {os.getpid()}
        while True:  # children may have emptied their environment
            sessions = {s for p in found - daemons for s in [table[p][1]] if s in found}
            more = {p for p, (parent, session, _) in table.items() if p not in found and (parent in found or session in sessions)}
            if not more:
                return found - daemons if node else found
            found |= more

    def _kill(self, node=None):
        for _ in range(100):
            left = self.processes(node)
            for pid in left:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            for daemon in (self.munged, self.ctld, *self.slurmd.values()):
                if daemon:
                    daemon.poll()
            if not {p for p in left if os.path.exists(f"/proc/{p}/exe")}:  # a zombie has none
                return
            time.sleep(0.02)

    def kill_all(self):
        self._kill()
        for daemon in (self.munged, self.ctld, *self.slurmd.values()):
            if daemon:
                daemon.kill()
                daemon.wait()

    def stop(self):
        self.kill_all()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def reconfigure(self, **options):
        """Other settings from now on; the controller and the nodes start again, and keep their jobs."""
        self.options.update(options)
        self.write_config()
        self.stop_controller()
        self.start_controller()
        self.run("scontrol reconfigure")

    def heal(self):
        """As after the start: no jobs, no orders, no counts, every node idle. Between two tests."""
        for folder in ("calls", "done", *(f"orders/{p}" for p in PROGRAMS)):
            for file in (self.folder / folder).iterdir():
                file.unlink()
        changed = {k: v for k, v in CONFIG.items() if self.options[k] != v}
        if self.ctld.poll() is not None:
            self.start_controller()
        self.run("scancel --full -u $(id -un)")
        self.run("scancel -s KILL -u $(id -un)")
        for node in self.nodes:
            if self.slurmd[node].poll() is not None:
                self.start_node(node)
        if changed:
            self.reconfigure(**changed)
        self.open_nodes()
        if self.idle() != self.nodes:
            with contextlib.suppress(AssertionError):
                self.wait(lambda: self.idle() == self.nodes and not self.jobs(), 15)
        if self.idle() != self.nodes or self.jobs() or self.was_killed:
            self.kill_all()
            for file in self.folder.glob("spool.*/*"):
                shutil.rmtree(file) if file.is_dir() else file.unlink()
            self.lose_state()
            self.start()
        self.old_ends += len(self.ended())
        self.old_jobs = max((number(i) for i in self.jobs("all")), default=self.old_jobs)
        return self

    # Asking

    @property
    def env(self):
        """For the programs themselves, which are not counted."""
        return {"PATH": SBIN, "SLURM_CONF": str(self.conf), "LC_ALL": "C.UTF-8", "HOME": os.environ.get("HOME", "/"), "TZ": "UTC"}

    def run(self, command, timeout=60, **env):
        """Run a line of shell with the cluster's programs, uncounted."""
        done = subprocess.run(["/bin/sh", "-c", command], env={**self.env, **env}, stdin=subprocess.DEVNULL, cwd=self.folder,
                              capture_output=True, text=True, errors="surrogateescape", timeout=timeout)
        return Result(command, done.returncode, done.stdout, done.stderr)

    def wait(self, condition, seconds=60):
        """Until `condition()` is true; its value. Fails the test when that takes too long."""
        end = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < end, f"it did not happen in {seconds} s"
            time.sleep(0.05)
        return value

    def idle(self):
        """Names of the nodes that have nothing to do and can."""
        return sorted(self.run("sinfo -h -N -p batch -t idle -o %N").out.split())

    def jobs(self, states="pending,running,suspended,completing,configuring"):
        """{id: state} of jobs, elements of arrays one by one; states="all": also those that have ended since the test began."""
        lines = self.run(f"squeue -h -r -t {states} -o '%i %T'").lines
        return {i: state for i, state in map(str.split, lines) if number(i) > self.old_jobs}

    def nodes_of_jobs(self):
        """{id: node} of running jobs."""
        return dict(line.split() for line in self.run("squeue -h -r -t running -o '%i %N'").lines)

    def ended(self):
        """The jobs that have ended, as Slurm's own list has them: [{"JobId": "3", "JobState": "COMPLETED", ...}]. A job that
        was requeued is in it once for each life."""
        file = self.folder / "log/jobcomp.txt"
        lines = file.read_text(errors="replace").splitlines() if file.exists() else []
        return [dict(re.findall(r"(\w+)=(\S*)", line)) for line in lines[self.old_ends:]]

    # Wrappers

    def attach(self, box):
        """Let a sandbox use this cluster."""
        for name in PROGRAMS:
            link = box.root / ".bin" / name
            link.unlink(missing_ok=True)
            link.symlink_to(self.bin / name)
        box.extra_env["SLURM_CONF"] = str(self.conf)
        return box

    def next(self, program, order, times=1):
        """Let the next calls of a program run these lines instead; see LIMIT and its neighbours."""
        folder = self.folder / "orders" / program
        for _ in range(times):
            self.orders += 1
            (folder / f"{self.orders:06}").write_text(f"{order}\n")

    def always(self, program, order):
        """Let all calls of a program run these lines, after those of next(). None: no more."""
        file = self.folder / "orders" / program / "always"
        file.write_text(f"{order}\n") if order else file.unlink(missing_ok=True)

    def calls(self, program):
        """Every call since the test began, in order."""
        file = self.folder / "calls" / program
        lines = [line.split("\t", 1) for line in file.read_text(errors="replace").splitlines()] if file.exists() else []
        return [Call(float(line[0]), line[1] if len(line) > 1 else "") for line in lines]

    def count(self, program):
        return len(self.calls(program))

    def shortest_gap(self, program):
        """The least time between the starts of two calls, in seconds."""
        times = sorted(c.time for c in self.calls(program))
        return min((b - a for a, b in zip(times, times[1:])), default=float("inf"))

    def story(self, lines=25):
        """The ends of all logs, the queue and the calls, for a failed test."""
        parts = [("squeue", "".join(f"{i} {state}\n" for i, state in self.jobs("all").items()))] if self.ctld and self.ctld.poll() is None else []
        parts += [(f.name, f.read_text(errors="replace")) for d in ("log", "calls") for f in sorted((self.folder / d).iterdir())
                  if f.suffix != ".err" or not f.with_suffix(".log").exists()]
        return "".join(f"--- {name}\n" + "".join(f"{line}\n" for line in [x for x in text.splitlines() if not NOISE.search(x)][-lines:])
                       for name, text in parts if text)


def number(job):
    """Of an id: 123 of "123_4"."""
    return int(job.partition("_")[0])


def free_ports(count):
    """Different ports that are free now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


# Fixtures; tests/conftest.py loads this module as a plugin.

@pytest.fixture(scope="session")
def slurm_of_session():
    """One cluster for all tests of a worker."""
    reason = lacking()
    if reason:
        pytest.skip(reason)
    with Cluster() as cluster:
        yield cluster


@pytest.fixture
def slurm(slurm_of_session):
    """A cluster of four nodes with four processors each and nothing in it: partitions batch, high (preempts batch) and one."""
    return slurm_of_session.heal()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Show the logs of the cluster when a test with one fails."""
    outcome = yield
    report = outcome.get_result()
    cluster = getattr(item, "funcargs", {}).get("slurm")
    if report.when == "call" and report.failed and cluster:
        report.sections.append(("Slurm", cluster.story()))


if __name__ == "__main__":
    with Cluster() as made:
        subprocess.run([os.environ.get("SHELL", "/bin/sh"), *sys.argv[1:]],
                       env={**os.environ, "SLURM_CONF": str(made.conf), "PATH": f"{made.bin}:{os.environ['PATH']}"})
