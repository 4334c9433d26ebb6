"""A repository whose stages and experiments run on hosts behind a real sshd on loopback. No file system is shared: each host
has its own home, in which cairn makes its directory, and nothing of the repository is read from there.

    lab.host("alpha"); lab.executor("alpha:2")
    worker = lab.begin_experiment()       # its command runs on the host, until
    lab.hold.unlink()
"""

import os
import pathlib
import subprocess

from .sandbox import CAIRN
from .ssh_hosts import Host
from .waiting import wait_for

PIPELINE = """stages:
  train:
    cmd: sh train.sh
    deps: [data, train.sh]
    params: [lr]
    outs: [model, pics]
    metrics:
    - m.json: {cache: false}
"""
TRAIN = """echo begin "$DVC_EXP_NAME"
lr=$(sed -n 's/lr: //p' params.yaml)
cat data >model; echo "lr $lr" >>model
mkdir -p pics; echo "$lr" >pics/a.txt; echo same >"pics/b c.txt"
echo "{\\"acc\\": $lr}" >m.json
pwd >>"$LAB_TRACE"
while [ -e "$LAB_HOLD" ]; do sleep 0.05; done
echo end
"""


class SshLab:
    def __init__(self, box, client):
        self.box, self.client, self.hosts = box, client, []
        self.trace, self.hold = box.root / "trace", box.root / "hold"
        box.extra_env.update(LAB_TRACE=str(self.trace), LAB_HOLD=str(self.hold))

    def host(self, name, **options):
        host = Host(self.box.root, name, self.client, CAIRN, **options)
        self.hosts.append(host)
        self.client.configure("".join(h.block for h in self.hosts))
        return host

    def executor(self, hosts, more=""):
        self.box.write({".dvc/cairn.config.local": f'[executor "lab"]\n    type = ssh\n    host = {hosts}\n'
                                                    f"    beat = 1s\n    env = LAB_TRACE, LAB_HOLD\n{more}"})

    def queue(self, name, lr, more=""):
        self.box.check(f"cairn exp run -q --queue -n {name} -S lr={lr} {more}")

    def worker(self, number=1, **options):
        """One worker of the queue, here; ends when the queue is empty."""
        return self.box.sh(f"cairn exp queue-worker {number} --executor lab", **options)

    def start_worker(self, number=1):
        return subprocess.Popen([self.box.root / ".bin/cairn", "exp", "queue-worker", str(number), "--executor", "lab"],
                                cwd=self.box.repo, env=self.box.env, stdin=subprocess.DEVNULL,
                                stdout=open(self.box.root / f"worker-{number}.log", "a"), stderr=subprocess.STDOUT)

    def start_head(self, *targets, cwd=None):
        """A `repro` whose stages run on the hosts."""
        return subprocess.Popen([self.box.root / ".bin/cairn", "repro", "--executor", "lab", *targets],
                                cwd=cwd or self.box.repo, env=self.box.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def begin_experiment(self, name="one", lr=2):
        """Its worker. The stage's command runs, and goes on until `hold` is removed."""
        before = self.runs()
        self.hold.touch()
        self.queue(name, lr)
        worker = self.start_worker()
        wait_for(lambda: self.runs() > before)
        return worker

    def begin_stage(self, *targets, cwd=None):
        """The `repro` of a stage whose command runs, and goes on until `hold` is removed."""
        before = self.runs()
        self.hold.touch()
        head = self.start_head(*targets, cwd=cwd)
        wait_for(lambda: self.runs() > before)
        return head

    def runs(self):
        """How often the stage's command was run, anywhere."""
        return len(self.trace.read_text().splitlines()) if self.trace.exists() else 0

    def log(self, name):
        return self.box.sh(f"cairn queue logs {name}").out

    def states(self):
        rows = self.box.check("cairn queue status").lines[1:]
        words = "Success", "Failed", "Running", "Queued"
        return {row.split()[1]: next(w for w in row.split() if w in words)
                for row in rows if row[:1].strip() and "status:" not in row}

    def refs(self):
        """Experiments with all that their commits say, but the time."""
        what = "%(refname) %(tree) %(parent) %(authorname) %(authoremail) %(committername) %(committeremail) %(subject)"
        lines = self.box.check(f"git for-each-ref refs --format='{what}'").lines
        return [line for line in lines if "/celery/" not in line]

    def cache(self, below="files/md5"):
        top = self.box.repo / ".dvc/cache" / below
        return {str(p.relative_to(top)): p.read_bytes() for p in top.rglob("*") if p.is_file()}


def kill(process, after_s=0):
    """By SIGKILL, unless it ends before."""
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def running(text):
    """Processes whose directory is below a place."""
    found = []
    for cwd in pathlib.Path("/proc").glob("[0-9]*/cwd"):
        try:
            if os.readlink(cwd).startswith(text + "/cairn"):
                found.append(cwd)
        except OSError:
            pass
    return found


def finished(host):
    """The directory of the one job there, once it has ended."""
    return wait_for(lambda: list(host.place.glob("jobs/*/try-1/exit.json")))[0].parent.parent
