"""Experiments and stages on hosts behind a real sshd on loopback. No file system is shared: each host has its own home, in
which cairn makes its directory, and nothing of the repository is read from there."""

import contextlib
import fcntl
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest
from harness import ssh_server
from harness.sandbox import CAIRN, REAL_DVC
from harness.ssh_hosts import Host, wait_for

pytestmark = pytest.mark.skipif(not ssh_server.available(), reason="no ssh or sshd")

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


class Lab:
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


@pytest.fixture
def lab(repo):
    repo.write({"dvc.yaml": PIPELINE, "train.sh": TRAIN, "params.yaml": "lr: 1\n", "data": "some data\n"})
    repo.check("cairn add -q data && git add -A && git commit -q -m project")
    client = ssh_server.Client(repo)
    made = Lab(repo, client)
    yield made
    made.hold.unlink(missing_ok=True)
    for host in made.hosts:
        host.stop()


def test_an_experiment_on_a_host(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.queue("one", 2)
    lab.worker()
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert lab.runs() == 1
    assert str(host.place) in lab.trace.read_text()
    assert "begin one\nend\n" in lab.log("one")
    lab.box.check("cairn exp apply one")
    assert lab.box.read("model") == "some data\nlr 2\n"
    assert host.jobs() == []
    lab.queue("two", 3)
    lab.box.check("cairn queue start --executor lab -j 3")
    wait_for(lambda: lab.states()["two"] == "Success")


def test_the_result_is_that_of_a_local_run(lab):
    lab.host("alpha")
    lab.executor("alpha")
    for lr in 2, 3:
        lab.queue(f"e{lr}", lr)
    local = lab.box.copy("local")
    local.check("cairn exp queue-worker 1", timeout=60)
    lab.worker()
    assert len([r for r in lab.refs() if "refs/exps" in r]) == 2, lab.log("e2")
    here = Lab(local, lab.client)
    assert lab.refs() == here.refs()
    assert lab.cache() == here.cache()
    assert lab.cache("runs") == here.cache("runs")
    hashes = [{json.loads(p.read_text())["result_hash"] for p in (box.repo / ".dvc/tmp/exps/run").glob("*/*.run")}
              for box in (lab.box, local)]
    assert len(hashes[0]) == 2 and hashes[0] == hashes[1]
    for box in lab.box, local:
        box.check("cairn exp apply e3")
    assert lab.box.read("dvc.lock") == local.read("dvc.lock")


@pytest.mark.live
def test_dvc_reads_the_result(lab):
    lab.host("alpha")
    lab.executor("alpha")
    lab.queue("one", 2)
    lab.worker()
    lab.box.use(REAL_DVC)
    assert "one" in lab.box.check("dvc exp show --csv").out
    lab.box.check("dvc exp apply one")
    assert "up to date" in lab.box.check("dvc status").out
    assert lab.box.read("pics/b c.txt") == "same\n"


def test_a_stage_on_a_host(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.box.write({"params.yaml": "lr: 4\n"})
    local = lab.box.copy("local")
    local.check("cairn repro")
    done = lab.box.check("cairn repro --executor lab")
    assert "> sh train.sh\nbegin \nend\n" in done.out, repr(done)
    assert str(host.place) in lab.trace.read_text().splitlines()[-1]
    for name in "dvc.lock", "model", "pics/a.txt", "pics/b c.txt", "m.json":
        assert lab.box.read(name) == local.read(name)
    here = Lab(local, lab.client)
    assert lab.cache() == here.cache()
    assert lab.cache("runs") == here.cache("runs")
    assert "up to date" in lab.box.check("cairn status").out
    assert host.jobs() == []


# ---- connections


def test_a_cut_connection_does_not_end_the_run(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.hold.touch()
    lab.queue("one", 2)
    worker = lab.start_worker()
    wait_for(lambda: lab.runs() == 1)
    host.cut()
    wait_for(lambda: "the connection to 'alpha' was lost" in lab.log("one"))
    lab.hold.unlink()
    host.back()
    assert worker.wait(60) == 0
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert lab.runs() == 1
    assert lab.log("one").count("begin one\n") == 1 and "end\n" in lab.log("one")


def test_a_host_that_is_down_is_waited_for(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    host.cut()
    lab.queue("one", 2)
    worker = lab.start_worker()
    wait_for(lambda: "unable to connect to 'alpha': connect to host" in lab.log("one"))
    assert lab.states() == {"one": "Running"}
    host.back()
    assert worker.wait(60) == 0
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert lab.log("one").count("waiting for it") == 1


def test_a_host_without_cairn(lab):
    host = lab.host("alpha")
    (host.home / "bin/cairn").unlink()
    lab.executor("alpha")
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status != 0 and "there is no 'cairn' on host 'alpha'" in done.err, repr(done)
    assert "Install cairn there" in done.err
    (host.home / "opt").mkdir()
    (host.home / "opt/it's cairn").symlink_to(CAIRN)
    lab.executor("alpha", """    program = "~/opt/it's cairn"\n""")
    lab.box.check("cairn repro --executor lab")


def test_a_key_that_is_refused(lab):
    lab.host("alpha")
    lab.executor("alpha")
    lab.client.key.unlink()
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status != 0 and "ermission denied" in done.err, repr(done)


def test_an_unknown_host(lab):
    lab.executor("no-such-host.invalid")
    lab.client.configure("")
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status != 0 and "no-such-host.invalid" in done.err, repr(done)


@pytest.mark.parametrize("shell", ["/usr/bin/fish", "/bin/csh", "/bin/dash", "/bin/bash"])
def test_any_login_shell(lab, shell):
    if not os.path.exists(shell):
        pytest.skip(f"no {shell}")
    lab.host("alpha", shell=shell)
    lab.executor("alpha", '    setup = """export GREETING="it\'s \\\\ set!"\n        touch "$HOME/set up\'"\n        true"""\n')
    lab.box.write({"dvc.yaml": PIPELINE.replace("sh train.sh", "'sh train.sh && echo \"$GREETING\" >>m.txt'")
                   .replace("- m.json", "- m.txt: {cache: false}\n    - m.json")})
    lab.box.check("cairn repro --executor lab", timeout=30)
    assert lab.box.read("m.txt") == "it's \\ set!\n"
    assert (lab.hosts[0].home / "set up'").exists()


def test_noise(lab):
    """What a profile or `setup` prints is passed over. Before git and sftp it must be silent, as everywhere."""
    host = lab.host("alpha", before="echo 'Welcome to the lab!' >&2")
    lab.executor("alpha", "    setup = \"printf 'cairn-wire 5 x'; echo; cat\"\n")
    lab.box.check("cairn repro --executor lab", timeout=30)
    host.set_login(before="echo 'Welcome to the lab!'")
    done = lab.box.sh("cairn repro -f --executor lab", timeout=30)
    assert done.status != 0 and "bad line length character: Welc" in done.err, repr(done)
    assert "The shell of host 'alpha' prints text" in done.err


def test_a_setup_that_fails(lab):
    lab.host("alpha")
    lab.executor("alpha", '    setup = "echo no such module >&2; exit 3"\n')
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status != 0 and "cairn cannot be started on host 'alpha': no such module" in done.err, repr(done)


# ---- heads that die


def die_at(lab, condition):
    lab.hold.touch()
    lab.queue("one", 2)
    worker = lab.start_worker()
    wait_for(lambda: condition() or worker.poll() is not None)
    worker.kill()
    worker.wait()


def test_a_killed_worker_and_the_next_one(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    die_at(lab, lambda: lab.runs() == 1)
    assert host.jobs(), "it goes on there"
    lab.hold.unlink()
    lab.worker()
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert lab.runs() == 1
    assert lab.log("one").count("begin one\n") == 1
    assert host.jobs() == []


def test_a_worker_that_dies_at_any_time(lab):
    """Killed after more and more time: whatever step it was at, the command runs once, and the result comes."""
    lab.host("alpha")
    lab.executor("alpha")
    for i in range(12):
        lab.queue(f"e{i}", i)
        worker = lab.start_worker()
        try:
            worker.wait(0.04 * (i + 1))
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
    lab.worker(timeout=120)
    assert set(lab.states().values()) == {"Success"}, lab.box.check("cairn queue status").out
    assert lab.runs() == 12
    assert len([r for r in lab.refs() if r.startswith("refs/exps")]) == 12
    assert not list((lab.box.repo / ".dvc/tmp/jobs/lab").glob("job.*")), "records of what is here already"


# Git on the host takes its time: half made is the repository while it is made, and refs are locked while they are written.
SLOW_GIT = """#!/bin/sh
for last do :; done # "git -c ... -C <directory> init -q <name>"
new=$4/$last/.git
case $SLOW:$* in
init:*' init '*)
  mkdir -p "$new" && cp ~/head "$new/HEAD" && sleep 0.4
  ;;
push:*' init '*)
  mkdir -p "$new/hooks" && cp ~/hook "$new/hooks/reference-transaction"
  ;;
esac
exec /usr/bin/git "$@"
"""
SLOW_HOOK = """#!/bin/sh
[ "$1" != prepared ] || sleep 0.6
"""


def slow_host(lab, what):
    host = lab.host("alpha", before=f"export SLOW={what}")
    for name, text in (("bin/git", SLOW_GIT), ("hook", SLOW_HOOK)):
        (host.home / name).write_text(text)
        (host.home / name).chmod(0o755)
    (host.home / "head").write_text("ref: refs/heads/main\n")
    return host


@pytest.mark.parametrize("what", ["init", "push"])
def test_what_a_killed_worker_has_begun_is_still_going_on(lab, what):
    """Its git and what it started on the host do not end with it; the next worker comes meanwhile."""
    host = slow_host(lab, what)
    lab.executor("alpha")
    lab.queue("one", 2)
    for i in range(8):
        worker = lab.start_worker()
        try:
            worker.wait(0.15 + 0.08 * i)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
    lab.worker(timeout=60)
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert lab.runs() == 1
    refs = subprocess.run(["git", "-C", host.place / "repo", "for-each-ref"], capture_output=True, text=True, check=True)
    assert refs.stdout == ""


def test_repro_takes_over_what_an_earlier_one_has_started(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.hold.touch()
    head = lab.start_head()
    wait_for(lambda: lab.runs() == 1)
    head.kill()
    head.wait()
    lab.hold.unlink()
    done = lab.box.check("cairn repro --executor lab", timeout=60)
    assert "begin" in done.out, repr(done)
    assert lab.runs() == 1
    assert lab.box.read("model") == "some data\nlr 1\n"
    assert host.jobs() == []


# ---- ends of all kinds


def test_a_failure_has_the_words_of_a_local_one(lab):
    lab.host("alpha")
    lab.executor("alpha")
    lab.box.write({"train.sh": "echo trouble >&2; exit 3\n"})
    lab.box.check("git commit -q -am fails")
    lab.queue("one", 2)
    lab.worker()
    assert lab.states() == {"one": "Failed"}
    assert "trouble" in lab.log("one")
    assert "failed to reproduce 'train': failed to run: sh train.sh, exited with 3" in lab.log("one")
    done = lab.box.sh("cairn repro --executor lab")
    assert done.status == 255 and "failed to run: sh train.sh, exited with 3" in done.err, repr(done)
    assert lab.hosts[0].jobs() == []


@pytest.mark.parametrize("force", ["", "--force "])
def test_queue_kill_reaches_the_host(lab, force):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.hold.touch()
    lab.queue("one", 2)
    worker = lab.start_worker()
    wait_for(lambda: lab.runs() == 1)
    lab.box.check(f"cairn queue kill {force}one")
    assert worker.wait(30) == 0
    assert lab.states() == {"one": "Failed"}
    wait_for(lambda: not running(str(host.home)))
    assert host.jobs() == []


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


def end_processes(host, number):
    """Of the job that was started last: that which watches its command, and all below."""
    claim = sorted(host.place.glob("jobs/*/try-*/claim"))[-1]
    runner = int(json.loads(claim.read_text())["process"].split()[0])
    for pid in [runner, *host.below(runner)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def test_a_job_whose_processes_are_gone_is_tried_again(lab):
    host = lab.host("alpha")
    lab.executor("alpha", "    retries = 1\n")
    lab.hold.touch()
    lab.queue("one", 2)
    worker = lab.start_worker()
    for _ in range(2):
        before = lab.runs()
        wait_for(lambda: lab.runs() > before or lab.runs() == 2)
        wait_for(lambda: list(host.place.glob("jobs/*/try-*/claim")))
        end_processes(host, signal.SIGKILL)
        if lab.runs() == 2:
            break
        wait_for(lambda: lab.runs() == 2)
    assert worker.wait(30) == 0
    assert lab.states() == {"one": "Failed"}
    assert "'one' was lost on host 'alpha'; it is tried again" in lab.log("one")
    assert "its process is gone and has not said how it ended" in lab.log("one")


def test_ctrl_c_leaves_the_stage_running(lab):
    lab.host("alpha")
    lab.executor("alpha")
    lab.hold.touch()
    head = lab.start_head()
    wait_for(lambda: lab.runs() == 1)
    head.send_signal(signal.SIGINT)
    out, _ = head.communicate(timeout=20)
    assert "goes on at executor 'lab'" in out, out
    lab.hold.unlink()
    lab.box.check("cairn repro --executor lab", timeout=60)
    assert lab.runs() == 1


def test_jobs_and_cancel(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.hold.touch()
    lab.queue("one", 2)
    worker = lab.start_worker()
    wait_for(lambda: lab.runs() == 1)
    assert "one" in lab.box.check("cairn executor jobs").out and "alpha" in lab.box.check("cairn executor jobs").out
    lab.box.check("cairn executor cancel lab one")
    assert worker.wait(30) == 0
    assert lab.states() == {"one": "Failed"} and lab.runs() == 1, lab.log("one")
    assert "ERROR: 'one' was cancelled on host 'alpha'" in lab.log("one")
    assert "lab: alpha, cancelled" in lab.box.check("cairn queue status").out
    assert host.jobs() == [] and not running(str(host.home))


def test_a_result_is_not_lost_when_its_head_is_ended_while_another_process_has_the_repository(lab):
    lab.host("alpha")
    lab.executor("alpha")
    lab.hold.touch()
    head = lab.start_head()
    wait_for(lambda: lab.runs() == 1)
    with open(lab.box.repo / ".dvc/tmp/lock", "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lab.hold.unlink()
        wait_for((lab.box.repo / "model").exists)
        time.sleep(0.5)
        head.send_signal(signal.SIGTERM)
        assert head.wait(30) != 0
    lab.box.check("cairn repro --executor lab", timeout=60)
    assert lab.runs() == 1
    assert lab.box.check("cairn status").out == "Data and pipelines are up to date.\n"


def test_cancel_of_a_stage(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.hold.touch()
    head = lab.start_head()
    wait_for(lambda: lab.runs() == 1)
    lab.box.check("cairn executor cancel lab")
    out, _ = head.communicate(timeout=30)
    assert head.returncode == 255 and "'train' was cancelled on host 'alpha'" in out, out
    assert " cancelled " in lab.box.check("cairn log train").out
    assert host.jobs() == [] and not running(str(host.home))
    assert not (lab.box.repo / "dvc.lock").exists()


def test_cancel_of_what_a_dead_head_has_left(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    die_at(lab, lambda: lab.runs() == 1)
    lab.box.check("cairn executor cancel lab")
    wait_for(lambda: not running(str(host.home)))
    assert host.jobs() == [] and "one" not in lab.box.check("cairn executor jobs").out
    lab.hold.unlink()
    lab.worker()
    assert lab.states() == {"one": "Success"} and lab.runs() == 2


# ---- several hosts


def test_two_hosts_share_the_queue(lab):
    hosts = [lab.host("alpha"), lab.host("beta")]
    lab.executor("alpha, beta:2")
    lab.hold.touch()
    for i in range(6):
        lab.queue(f"e{i}", i)
    lab.box.check("cairn queue start -q -j 6 --executor lab")
    wait_for(lambda: lab.runs() == 3)
    assert sorted(len(host.jobs()) for host in hosts) == [1, 2], "no more than there are slots"
    lab.hold.unlink()
    wait_for(lambda: set(lab.states().values()) == {"Success"}, 60)
    assert lab.runs() == 6
    assert all(any(str(host.home) in line for line in lab.trace.read_text().splitlines()) for host in hosts)


def test_a_dead_host_is_passed_over(lab):
    lab.host("alpha").cut()
    beta = lab.host("beta")
    lab.executor("alpha, beta")
    lab.queue("one", 2)
    lab.worker()
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert str(beta.home) in lab.trace.read_text()


def test_stages_side_by_side(lab):
    for name in "alpha", "beta":
        lab.host(name)
    lab.executor("alpha:2, beta:2")
    stages = "".join(f"  s{i}:\n    cmd: mkdir -p d{i}/x && cat data >d{i}/x/o && echo {i} >>d{i}/x/o\n    deps: [data]\n"
                     f"    outs: [d{i}/x/o]\n" for i in range(10))
    joined = ("  all:\n    cmd: cat d*/x/o >all\n    deps: [" + ", ".join(f"d{i}/x/o" for i in range(10)) + "]\n    outs: [all]\n")
    lab.box.write({"dvc.yaml": "stages:\n" + stages + joined})
    local = lab.box.copy("local")
    local.check("cairn repro -q -j 4")
    lab.box.check("cairn repro -q -j 4 --executor lab", timeout=60)
    assert lab.box.read("all") == local.read("all")
    assert lab.box.read("dvc.lock") == local.read("dvc.lock")
    assert lab.cache() == Lab(local, lab.client).cache()


# ---- data


def test_what_is_not_in_git_goes_along(lab):
    lab.host("alpha")
    lab.executor("alpha")
    lab.box.write({
        "dvc.yaml": "stages:\n  s:\n    cmd: cat in/a in/* u >o && cat kept >>o && echo more >>kept && ./run.sh >>o\n"
                    "    deps: [in, u, run.sh]\n    outs:\n    - o\n    - kept: {persist: true}\n",
        "in/a": "a\n", "in/b c": "b\n", "u": "untracked\n", "kept": "kept\n", "run.sh": "#!/bin/sh\necho ran\n",
        ".gitignore": "/in\n/u\n/run.sh\n"})
    os.chmod(lab.box.repo / "run.sh", 0o755)
    local = lab.box.copy("local")
    for box, more in (local, ""), (lab.box, " --executor lab"):
        box.check(f"cairn repro -q{more}")
        assert box.read("o") == "a\na\nb\nuntracked\nkept\nran\n"
        assert box.read("kept") == "kept\nmore\n"
    assert lab.box.read("dvc.lock") == local.read("dvc.lock")
    assert lab.cache() == Lab(local, lab.client).cache(), "inputs are not added to the cache"


def test_hostile_names(lab):
    lab.host("alpha")
    lab.executor("alpha", "    dir = \"a 'dir' with $HOME; and \u00e4\"\n")
    # names that DVC takes as well; what is not UTF-8 it refuses
    names = ["with space", "-dash", "quote'\"s", "new\nline", "\u00e4\u00f6", "$(touch no)", "a;b|c&d", "!x!", "back\\slash"]
    folder = lab.box.repo / "in"
    folder.mkdir()
    for name in names:
        (folder / name).write_text(name)
    lab.box.write({"dvc.yaml": "stages:\n  's-1_x':\n    cmd: cp -r in out\n    deps: [in]\n    outs: [out]\n"})
    lab.box.check("cairn repro -q --executor lab", timeout=60)
    assert {p.name: p.read_text() for p in (lab.box.repo / "out").iterdir()} == {name: name for name in names}
    assert not list(lab.box.root.rglob("no"))


def test_only_what_the_host_lacks_is_sent(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.box.write({f"d/{i}": f"{i}\n" for i in range(50)})
    lab.box.write({"dvc.yaml": "stages:\n  s:\n    cmd: ls d >o\n    deps: [d]\n    outs: [o]\n"})
    lab.box.check("cairn add -q d && cairn repro -q --executor lab")
    objects = {p: p.stat().st_mtime_ns for p in host.place.glob("cache/files/md5/*/*")}
    lab.box.write({"d/new": "new\n"})
    lab.box.check("cairn add -q d && cairn repro -q --executor lab")
    now = {p: p.stat().st_mtime_ns for p in host.place.glob("cache/files/md5/*/*")}
    assert len(objects) >= 50 and objects.items() <= now.items(), "nothing was sent again"


def test_a_corrupt_object_on_the_host_is_not_used(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.box.check("cairn repro -q --executor lab")
    for path in host.place.glob("cache/files/md5/*/*"):
        path.chmod(0o644)
        path.write_bytes(path.read_bytes() + b"damaged")
    lab.box.check("cairn repro -q -f --executor lab")
    assert lab.box.read("model") == "some data\nlr 1\n"


def test_a_result_that_was_damaged_on_the_host_is_refused(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.hold.touch()
    lab.queue("one", 2)
    worker = lab.start_worker()
    wait_for(lambda: lab.runs() == 1)
    worker.kill()
    worker.wait()
    lab.hold.unlink()
    wait_for(lambda: list(host.place.glob("jobs/*/try-1/exit.json")))
    for path in host.place.glob("cache/files/md5/*/*"):
        if b"lr 2" in path.read_bytes():
            path.chmod(0o644)
            path.write_bytes(b"damaged")
            path.chmod(0o444)
    lab.worker()
    assert lab.states() == {"one": "Failed"}
    assert "unable to bring the results of 'one' from host 'alpha'" in lab.log("one"), lab.log("one")
    assert not [r for r in lab.refs() if r.startswith("refs/exps")]


def test_a_log_of_many_bytes(lab):
    lab.host("alpha")
    lab.executor("alpha")
    size = int(os.environ.get("LAB_LOG_BYTES", 50_000_000))
    lab.box.write({"train.sh": f"head -c {size} /dev/zero | tr '\\0' x; echo; cat data >model; mkdir pics; echo 1 >pics/a; echo 1 >m.json\n"})
    lab.box.check("git commit -q -am talks")
    lab.queue("one", 2)
    lab.worker(timeout=300)
    assert lab.states() == {"one": "Success"}
    log = next((lab.box.repo / ".dvc/tmp/exps/run").glob("*/*.out"))
    assert log.read_bytes().count(b"x") >= size


# ---- odd repositories and hosts


def test_another_version_on_the_host(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    (host.home / "bin/cairn").unlink()
    (host.home / "bin/cairn").write_text("#!/bin/sh\nprintf 'cairn-wire %s 30\\nprotocol 2\\n99\\nversion 5\\n0.0.1\\n' $3\ncat >/dev/null\n")
    (host.home / "bin/cairn").chmod(0o755)
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status != 0 and "cairn 0.0.1 on host 'alpha' does not work with" in done.err, repr(done)


def test_a_program_that_is_no_cairn(lab):
    lab.host("alpha")
    lab.executor("alpha", "    program = cat\n")
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status != 0 and "cairn cannot be started on host 'alpha': cat: " in done.err, repr(done)


def test_a_project_below_the_root_of_git(lab):
    lab.host("alpha")
    box = lab.box
    box.check("git rm -q -r --cached . && mkdir 'sub dir' && git mv -k . 'sub dir' ; for f in .dvc .dvcignore dvc.yaml train.sh params.yaml"
              " data data.dvc .gitignore; do mv $f 'sub dir/'; done; git add -A && git commit -q -m moved")
    box.cwd = box.repo / "sub dir"
    box.write({"sub dir/.dvc/cairn.config.local": "[executor \"lab\"]\n    type = ssh\n    host = alpha\n    beat = 1s\n"
                                                  "    env = LAB_TRACE, LAB_HOLD\n"})
    local = box.copy("local")
    local.cwd = local.repo / "sub dir"
    lab.queue("one", 2)
    lab.worker()
    assert lab.states() == {"one": "Success"}, lab.log("one")
    box.check("cairn exp apply one")
    assert (box.cwd / "model").read_text() == "some data\nlr 2\n"
    box.check("git checkout -q . && cairn checkout -q --force --allow-missing; cairn repro -q --executor lab")
    assert (box.cwd / "model").read_text() == "some data\nlr 1\n"
    local.check("cairn repro -q")
    assert (box.cwd / "dvc.lock").read_text() == (local.cwd / "dvc.lock").read_text()


def test_files_to_copy(lab):
    lab.host("alpha")
    lab.executor("alpha")
    lab.box.write({"train.sh": TRAIN + "cat 'extra/a b' >>model\n", ".git/info/exclude": "/extra\n", "extra/a b": "copied\n"})
    lab.box.check("git commit -q -am extra")
    lab.queue("one", 2, "-C extra")
    lab.worker()
    assert lab.states() == {"one": "Success"}, lab.log("one")
    lab.box.check("cairn exp apply one")
    assert lab.box.read("model").endswith("copied\n")


def test_settings_of_this_clone_count_and_secrets_stay(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.box.check("cairn remote add -q --local far s3://bucket && cairn remote modify -q --local far secret_access_key s3cr3t")
    lab.box.check("cairn config -q --local parsing.bool boolean_optional && cairn config -q --local cache.type copy")
    lab.hold.touch()
    lab.queue("one", 2)
    worker = lab.start_worker()
    wait_for(lambda: lab.runs() == 1)
    config = next(host.place.glob("jobs/*/tree-1/*/.dvc/config.local")).read_text()
    lab.hold.unlink()
    assert worker.wait(30) == 0
    assert "boolean_optional" in config and "s3cr3t" not in config
    assert not [p for p in host.home.rglob("*") if p.is_file() and p.suffix != ".db" and b"s3cr3t" in p.read_bytes()]


def test_directories_of_jobs_that_nobody_knows_are_removed_after_a_day(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.box.check("cairn repro -q --executor lab")
    old, young = host.place / "jobs/gone-0123456789abcdef", host.place / "jobs/new-0123456789abcdef"
    for folder in old, young:
        (folder / "tree-1/tmpx").mkdir(parents=True)
    os.utime(old, (1, 1))
    lab.box.check("cairn repro -q -f --executor lab")
    assert host.jobs() == [young.name]


def test_a_full_disk_on_the_host(lab):
    """Files may have 32 KiB there: a larger one cannot be written. Once there is room, the same command succeeds."""
    host = lab.host("alpha", before="ulimit -f 64")
    lab.executor("alpha")
    lab.box.write({"dvc.yaml": "stages:\n  s:\n    cmd: head -c 200000 /dev/zero >o\n    outs: [o]\n"
                               "  t:\n    cmd: wc -c <big >p\n    deps: [big]\n    outs: [p]\n", "big": "x" * 300_000})
    done = lab.box.sh("cairn repro --executor lab s", timeout=60)
    assert done.status != 0 and "failed to run: head" in done.err, repr(done)
    done = lab.box.sh("cairn repro --executor lab t", timeout=60)
    assert done.status != 0 and "unable to prepare 't' on host 'alpha'" in done.err, repr(done)
    host.set_login()
    lab.box.check("cairn repro -q --executor lab", timeout=60)
    assert lab.box.read("p").strip() == "300000"
    assert host.jobs() == []


def test_the_directory_on_the_host_is_gone_in_the_middle(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.hold.touch()
    lab.queue("one", 2)
    worker = lab.start_worker()
    wait_for(lambda: lab.runs() == 1)
    lab.box.check(f"rm -rf {host.place}/jobs")
    wait_for(lambda: lab.runs() == 2)
    lab.hold.unlink()
    assert worker.wait(60) == 0
    assert lab.states() == {"one": "Success"}, lab.log("one")


def test_kill_of_a_task_that_waits_for_a_slot(lab):
    lab.host("alpha")
    lab.executor("alpha:1")
    lab.hold.touch()
    lab.queue("one", 1)
    lab.queue("two", 2)
    workers = [lab.start_worker(n) for n in (1, 2)]
    wait_for(lambda: lab.runs() == 1 and list(lab.states().values()).count("Running") == 2)
    name = next(n for n in ("one", "two") if f"begin {n}\n" not in lab.log(n))
    lab.box.check(f"cairn queue kill {name}")
    wait_for(lambda: lab.states()[name] == "Failed")
    lab.hold.unlink()
    assert [w.wait(30) for w in workers] == [0, 0]
    assert sorted(lab.states().values()) == ["Failed", "Success"] and lab.runs() == 1


def test_the_users_own_control_path_is_left_alone(lab):
    host = lab.host("alpha")
    socket = lab.box.root / "cm"
    host.block += f"    ControlMaster auto\n    ControlPath {socket}\n    ControlPersist 2\n"
    lab.client.configure(host.block)
    lab.executor("alpha")
    lab.queue("one", 2)
    lab.worker(timeout=60)
    assert lab.states() == {"one": "Success"}, lab.log("one")
    seen = lab.client.seen.read_text()
    assert "ControlPath" not in seen, "ours would stand in its way"


def test_a_stage_that_was_changed_ends_what_runs_for_the_old_one(lab):
    host = lab.host("alpha")
    lab.executor("alpha:2")
    lab.hold.touch()
    head = lab.start_head()
    wait_for(lambda: lab.runs() == 1)
    head.kill()
    head.wait()
    lab.box.write({"train.sh": TRAIN.replace('while [ -e "$LAB_HOLD" ]; do sleep 0.05; done', "")})
    lab.box.check("cairn repro -q --executor lab", timeout=60)
    assert lab.runs() == 2 and host.jobs() == []
    wait_for(lambda: not running(str(host.home)))


def test_stages_of_a_local_experiment_that_name_the_executor(lab):
    """Each experiment has a work tree of its own here; on the host they share a directory."""
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.box.write({"dvc.yaml": PIPELINE + "    meta: {executor: lab}\n"})
    lab.box.check("cp .dvc/cairn.config.local .dvc/cairn.config; git add -A; git commit -q -m meta")
    for name, lr in ("one", 2), ("two", 3):
        lab.box.check(f"cairn exp run -q --temp -n {name} -S lr={lr}", timeout=60)
    assert str(host.place) in lab.trace.read_text() and lab.runs() == 2
    lab.box.check("cairn exp apply two")
    assert lab.box.read("model") == "some data\nlr 3\n"


# ---- `executor check`

def test_hosts_are_looked_at(lab):
    alpha = lab.host("alpha")
    lab.host("beta")
    lab.executor("alpha:2, beta, gamma.invalid")
    done = lab.box.sh("cairn executor check lab")
    assert done.status == 1
    assert [line.split()[:2] for line in done.lines if "alpha" in line] == [
        ["ok", "host"], ["ok", "program"], ["ok", "clock"], ["warning", "links"], ["ok", "space"], ["ok", "limits"]]
    assert f"alpha runs cairn " in done.out and str(alpha.home / "bin/cairn") not in done.out  # links are resolved
    assert "'beta' has answered after " in done.out
    assert done.lines[-1].startswith("error    host       'gamma.invalid' cannot be used: ")
    assert lab.runs() == 0


def test_a_host_without_the_program(lab):
    host = lab.host("alpha")
    (host.home / "bin/cairn").unlink()
    lab.executor("alpha")
    done = lab.box.sh("cairn executor check lab")
    assert done.status == 1 and "error    host       'alpha' cannot be used: " in done.out
def test_all_variables_but_those_of_this_machine(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.box.write({".dvc/cairn.config.local": '[executor "lab"]\n    type = ssh\n    host = alpha\n    env = *\n',
                   "dvc.yaml": "stages:\n  s:\n    cmd: echo \"$HOME $ODD\" >o\n    outs: [o]\n"})
    lab.box.extra_env["ODD"] = "a 'b' \"c\"\n$d \u00e4"
    lab.box.check("cairn repro -q --executor lab")
    assert lab.box.read("o") == f"{host.home} a 'b' \"c\"\n$d \u00e4\n"


def test_connections_that_are_cut_again_and_again(lab):
    """At whatever step: commits and objects on their way, jobs that run, results that come."""
    host = lab.host("alpha")
    lab.executor("alpha")
    for i in range(8):
        lab.queue(f"e{i}", i)
    worker = lab.start_worker()
    for i in range(8):
        try:
            worker.wait(0.15 * (i + 1))
        except subprocess.TimeoutExpired:
            host.cut()
            host.back()
    assert worker.wait(100) == 0
    assert [lab.log(name) for name, state in lab.states().items() if state != "Success"] == []
    assert lab.runs() == 8 and len([r for r in lab.refs() if r.startswith("refs/exps")]) == 8


def test_commands_about_a_host_that_is_down_do_not_wait_for_ever(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    die_at(lab, lambda: lab.runs() == 1)
    host.cut()
    done = lab.box.sh("cairn executor cancel lab", timeout=40)
    assert done.status != 0 and "unable to connect to 'alpha'" in done.err, repr(done)
    done = lab.box.sh("cairn executor check lab", timeout=40)
    assert done.status != 0 and "alpha" in done.out + done.err, repr(done)
    host.back()
    lab.box.check("cairn executor cancel lab", timeout=40)
    assert host.jobs() == []


def finished(host):
    """The directory of the one job there, once it has ended."""
    return wait_for(lambda: list(host.place.glob("jobs/*/try-1/exit.json")))[0].parent.parent


def test_a_job_that_ended_a_day_ago_while_nobody_was_connected(lab):
    """The connection that is made then names the jobs that are in use now, not those of the time when it was made first."""
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.hold.touch()
    head = lab.start_head()
    wait_for(lambda: lab.runs() == 1)
    host.cut()
    lab.hold.unlink()
    os.utime(finished(host), (1, 1))
    host.back()
    out, _ = head.communicate(timeout=60)
    assert head.returncode == 0 and lab.runs() == 1, out
    assert lab.box.read("model") == "some data\nlr 1\n"


def test_a_job_of_another_work_tree_or_executor_is_not_removed(lab):
    """They share the directory on the host."""
    host = lab.host("alpha")
    lab.executor("alpha", '[executor "other"]\n    type = ssh\n    host = alpha\n')
    lab.box.write({"dvc.yaml": PIPELINE + "  s:\n    cmd: echo s >s\n    outs: [s]\n"})
    lab.box.check("git commit -q -a -m s && git worktree add -q ../tree && cp data ../tree && cp .dvc/cairn.config.local ../tree/.dvc/")
    for cwd in lab.box.root / "tree", lab.box.repo:
        before = lab.runs()
        lab.hold.touch()
        head = lab.start_head("train", cwd=cwd)
        wait_for(lambda: lab.runs() > before)
        head.kill()
        head.wait()
        lab.hold.unlink()
        os.utime(finished(host), (1, 1))
        lab.box.check("cairn repro -q -f --executor other s")
        lab.box.check(f"cd {cwd} && cairn repro -q --executor lab train", timeout=60)
        assert lab.runs() == before + 1
        assert host.jobs() == []


@pytest.mark.parametrize("fields, said", [
    ("error 3\nbad\ncode 1\n5\n", "host 'alpha': bad"), ("error 3\nbad\ncode 7\n-999999\n", "host 'alpha': bad"),
    ("protocol 1\n1\n", "does not work with"), ("protocol 1\n1\nroot 5\n.evil\n", "does not work with")])
def test_a_host_that_answers_nonsense(lab, fields, said):
    host = lab.host("alpha")
    lab.executor("alpha")
    (host.home / "bin/cairn").unlink()
    (host.home / "bin/cairn").write_text(f"#!/bin/sh\nprintf 'cairn-wire %s {len(fields)}\\n%s' $3 '{fields}'\ncat >/dev/null\n")
    (host.home / "bin/cairn").chmod(0o755)
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status == 255 and said in done.err, repr(done)


def test_a_host_without_git(lab):
    """An error, as without cairn; not a host that may come back."""
    lab.host("alpha", before="mkdir ~/some; ln -s /usr/bin/* ~/some; rm ~/some/git*; PATH=$HOME/bin:$HOME/some")
    lab.executor("alpha")
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status == 255 and "host 'alpha': " in done.err and "git" in done.err, repr(done)


@pytest.mark.parametrize("started", [False, True])
def test_a_worker_takes_over_from_a_newer_one(lab, started):
    """Its connection is older than that which prepared the job."""
    host = lab.host("alpha")
    lab.executor("alpha:2")
    lab.hold.touch()
    lab.queue("one", 2)
    older = lab.start_worker(1)
    wait_for(lambda: lab.runs() == 1)
    lab.queue("two", 3)
    newer = lab.start_worker(2)
    wait_for(lambda: lab.runs() == 2 if started else list(host.place.glob("jobs/two-*/tree-1/*")))
    newer.kill()
    newer.wait()
    lab.hold.unlink()
    assert older.wait(60) == 0
    lab.worker(3)
    assert lab.states() == {"one": "Success", "two": "Success"}, lab.log("two")
    assert lab.runs() == 2
    assert host.jobs() == []


def without_key(lab):
    """As after a reboot, until the user unlocks the key."""
    key = lab.client.key.read_bytes()
    lab.client.key.unlink()

    def back():
        lab.client.key.write_bytes(key)
        lab.client.key.chmod(0o600)
    return back


def test_a_stage_is_not_started_elsewhere_because_its_host_refused_us(lab):
    lab.host("beta")
    lab.executor("beta")
    lab.hold.touch()
    head = lab.start_head()
    wait_for(lambda: lab.runs() == 1)
    head.kill()
    head.wait()
    lab.host("alpha")
    lab.executor("alpha, beta")
    back = without_key(lab)
    done = lab.box.sh("cairn repro --executor lab", timeout=40)
    assert done.status == 255 and "ermission denied" in done.err, repr(done)
    back()
    lab.hold.unlink()
    # were it free to choose, it could still come to the same host by chance
    lab.hosts[0].cut()
    head = lab.start_head()
    wait_for(lambda: "beta" in lab.box.check("cairn executor jobs").out)
    lab.hosts[0].back()
    out, _ = head.communicate(timeout=60)
    assert head.returncode == 0 and lab.runs() == 1, out


def test_an_experiment_waits_for_a_host_that_refuses_us(lab):
    lab.host("alpha")
    lab.executor("alpha")
    die_at(lab, lambda: lab.runs() == 1)
    back = without_key(lab)
    worker = lab.start_worker()
    wait_for(lambda: "waiting for it" in lab.log("one") or worker.poll() is not None)
    back()
    lab.hold.unlink()
    assert worker.wait(60) == 0
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert lab.runs() == 1


def test_a_failure_that_was_reported_is_not_reported_again(lab):
    """The host could not be told to remove the job; it runs again, all the same."""
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.hold.touch()
    lab.box.write({"train.sh": TRAIN + "[ -e \"$LAB_HOLD.ok\" ]\n"})
    head = lab.start_head()
    wait_for(lambda: lab.runs() == 1)
    head.send_signal(signal.SIGSTOP)
    lab.hold.unlink()
    finished(host)
    kept = lab.box.root / "kept"
    lab.box.check(f"cp -a {host.place}/jobs {kept}")
    head.send_signal(signal.SIGCONT)
    assert head.wait(30) == 255
    lab.box.check(f"cp -a {kept}/. {host.place}/jobs && touch {lab.hold}.ok")
    lab.box.check("cairn repro -q --executor lab")
    assert lab.runs() == 2
    assert host.jobs() == []


LITTLE_ROOM = "ulimit -f 1000; trap '' XFSZ; "  # files here may have 1000 KiB


def test_a_full_disk_here_while_the_outputs_of_a_stage_come(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.box.write({"dvc.yaml": "stages:\n  s:\n    cmd: pwd >>$LAB_TRACE; head -c 3000000 /dev/zero >o\n    outs: [o]\n"})
    done = lab.box.sh(f"bash -c \"{LITTLE_ROOM} cairn repro --executor lab\"", timeout=60)
    assert done.status == 255 and "unable to write what is fetched: file too large" in done.err, repr(done)
    assert "They are kept there: the same command brings them" in done.err
    lab.box.check("cairn repro -q --executor lab", timeout=60)
    assert lab.runs() == 1 and len(lab.box.read("o")) == 3_000_000
    assert host.jobs() == []


def test_a_full_disk_here_while_the_results_of_an_experiment_come(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.box.write({"train.sh": TRAIN + "head -c 3000000 /dev/zero >model\n"})
    lab.box.check("git commit -q -am large")
    lab.queue("one", 2)
    done = lab.box.sh(f"bash -c \"{LITTLE_ROOM} cairn exp queue-worker 1 --executor lab\"", timeout=60)
    assert "'one' stays in the queue: unable to bring the results" in done.err, repr(done)
    assert lab.states() != {"one": "Failed"}
    lab.worker()
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert lab.runs() == 1
    assert host.jobs() == []


def test_an_output_that_cannot_be_stored_is_made_again(lab):
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.box.write({"dvc.yaml": "stages:\n  s:\n    cmd: pwd >>$LAB_TRACE; mkdir d; ln -s nothing d/l; [ ! -e $LAB_HOLD ] || rm d/l\n"
                               "    outs: [d]\n"})
    done = lab.box.sh("cairn repro --executor lab")
    assert done.status == 255 and "/d/l" in done.err and "kept" not in done.err, repr(done)
    assert host.jobs() == []
    lab.hold.touch()
    lab.box.sh("cairn repro --executor lab")
    assert lab.runs() == 2


def test_a_host_that_shuts_down_in_order(lab):
    """All processes get SIGTERM first. That is no end of the job, since nobody here has asked for it."""
    host = lab.host("alpha")
    lab.executor("alpha")
    lab.hold.touch()
    lab.queue("one", 2)
    worker = lab.start_worker()
    wait_for(lambda: lab.runs() == 1)
    end_processes(host, signal.SIGTERM)
    wait_for(lambda: lab.runs() == 2 or worker.poll() is not None)
    lab.hold.unlink()
    assert worker.wait(30) == 0
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert "'one' was lost on host 'alpha'; it is tried again" in lab.log("one")


def test_outputs_on_another_file_system(lab):
    lab.host("alpha")
    lab.executor("alpha")
    lab.box.write({"dvc.yaml": "stages:\n  s:\n    cmd: echo x >far/o && mkdir far/d && echo y >far/d/y\n    outs: [far/o, far/d]\n",
                   "far/here": ""})
    far = lab.box.repo / "far"
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "tmpfs", far], check=False).returncode:
        pytest.skip("nothing can be mounted")
    try:
        lab.box.check("cairn repro --executor lab", timeout=60)
        assert sorted(os.listdir(far)) == [".gitignore", "d", "o"]
        assert (far / "o").read_text() == "x\n" and (far / "d/y").read_text() == "y\n"
    finally:
        subprocess.run(["umount", far], check=True)


def test_outputs_that_are_links(lab):
    lab.host("alpha")
    lab.executor("alpha")
    lab.box.write({"dvc.yaml": "stages:\n  s:\n    cmd: mkdir d && echo x >d/x && ln -s x d/l && ln -s ../data d/up && ln -s data latest\n"
                               "      && ln -s d last && echo y >run && chmod +x run\n    deps: [data]\n    outs: [d, latest, last, run]\n"})
    lab.box.check("mkdir -p d && rm -r d")
    local = lab.box.copy("local")
    done = local.sh("cairn repro -q")
    assert lab.box.sh("cairn repro -q --executor lab", timeout=60).status == done.status == 0, repr(done)
    assert lab.box.read("dvc.lock") == local.read("dvc.lock")
    assert lab.cache() == Lab(local, lab.client).cache()
    assert lab.box.read("latest") == "some data\n" and os.access(lab.box.repo / "run", os.X_OK)
