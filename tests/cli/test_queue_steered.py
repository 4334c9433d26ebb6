"""What steers the queue beyond DVC: priority, hold, release, run, limits of time, retries, resources."""
import json
import os
import signal
import subprocess
import time

import pytest

from harness.waiting import wait_for

PIPELINE = """\
stages:
  train:
    cmd: sh train.sh
    deps: [train.sh]
    params: [lr]
    outs: [model]
"""


@pytest.fixture
def project(repo):
    """A pipeline of one stage; project.train(script) changes its command, project.queue(...) queues a task per name.
    In scripts, $lr is the parameter and $ROOT a directory outside of the repository."""

    def train(script, meta=""):
        repo.write({"train.sh": "lr=$(cut -d' ' -f2 params.yaml)\n" + script, "dvc.yaml": PIPELINE + meta})
        repo.check("git add -A && git commit -qm train")

    def queue(*names, options="", first=11):
        for at, name in enumerate(names):
            repo.check(f"dvc exp run -q --queue -n {name} -S lr={first + at} {options}")

    repo.extra_env["ROOT"] = str(repo.root)
    repo.write({"params.yaml": "lr: 1\n"})
    repo.train, repo.queue = train, queue
    train("echo $lr >> $ROOT/ran; cp params.yaml model\n")
    return repo


def tasks(box):
    return {t["name"]: t for t in json.loads(box.check("dvc queue status --json").out)["tasks"]}


def states(box):
    return {name: t["status"] for name, t in tasks(box).items()}


def ran(box):
    """The values of lr, in the order in which tasks have run."""
    path = box.root / "ran"
    return path.read_text().split() if path.exists() else []


def drain(box, options=""):
    """Start workers, and wait until nothing is left for them."""
    box.check(f"dvc queue start {options}")
    wait_for(lambda: not any(t["status"] == "Running" or (t["status"] == "Queued" and not t["held"]) for t in tasks(box).values()))
    wait_for(lambda: "0 active, 0 idle" in box.check("dvc queue status").out)


def runs(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


# ---- priority and hold


def test_tasks_run_by_priority_then_by_age(project):
    project.queue("a", "b", "c", "d")
    assert project.check("dvc queue priority c 5").out == "Priority 5: c\n"
    project.check("dvc queue priority a -- -1")
    shown = project.check("dvc queue status").lines
    assert shown[0].split() == ["Task", "Name", "Created", "Status", "Priority"]
    assert [line.split()[1] for line in shown[1:5]] == ["c", "b", "d", "a"]
    drain(project)
    assert ran(project) == ["13", "12", "14", "11"]
    assert "Priority" not in project.check("dvc queue status").out
    project.queue("e")
    project.check("dvc queue priority e 0")
    assert not (project.repo / ".dvc/tmp/exps/steering.json").exists()


def test_workers_leave_held_tasks_until_they_are_released(project):
    project.queue("a", "b", "c")
    assert project.check("dvc queue hold a c").out == "Held back: a, c\n"
    drain(project)
    assert states(project) == {"a": "Queued", "b": "Success", "c": "Queued"}
    assert [t["held"] for t in tasks(project).values()] == [True, True, False]
    assert project.check("dvc exp run --run-all").out == ""
    assert project.check("dvc queue release --all").out == "Released: a, c\n"
    drain(project)
    assert ran(project) == ["12", "11", "13"]


def test_held_tasks_are_shown_in_a_column_of_their_own(project):
    project.queue("a", "b")
    assert project.check("dvc queue status").lines[0].split() == ["Task", "Name", "Created", "Status"]
    project.check("dvc queue hold a")
    rows = project.check("dvc queue status").lines
    assert rows[0].split()[-1] == "Held" and rows[1].split()[-1] == "Queued" and rows[2].split()[-1] == "held"


@pytest.mark.parametrize("command, says", [
    ("hold nosuch a", "'nosuch' does not wait in the queue"),
    ("release x y", "'x; y' do not wait in the queue"),
    ("priority nosuch 1", "'nosuch' does not wait in the queue"),
    ("priority a much", "not 'much'"),
    ("hold", "name tasks, or use --all"),
    ("hold a --all", "name tasks, or use --all"),
    ("run nosuch", "'nosuch' does not wait in the queue"),
])
def test_wrong_names_change_nothing(project, command, says):
    project.queue("a", "b")
    result = project.sh(f"dvc queue {command}")
    assert result.status != 0 and says in result.err
    assert not any(t["held"] or t["priority"] for t in tasks(project).values())


def test_decisions_survive_and_a_damaged_file_is_no_harm(project):
    project.queue("a", "b")
    project.check("dvc queue hold a && dvc queue priority b 3")
    steering = project.repo / ".dvc/tmp/exps/steering.json"
    assert sorted(json.loads(steering.read_text()).values(), key=str) == [{"held": True}, {"priority": 3}]
    steering.write_text('{"x": [')
    assert states(project) == {"a": "Queued", "b": "Queued"}
    project.check("dvc queue hold b")
    assert [name for name, t in tasks(project).items() if t["held"]] == ["b"]


# ---- run


def test_run_takes_one_task_now_beside_other_workers(project):
    project.train("echo begun $lr; touch $ROOT/begun.$lr; while [ $lr = 11 ] && [ ! -e $ROOT/go ]; do sleep 0.02; done; cp params.yaml model\n")
    project.queue("a", "b", "c")
    project.check("dvc queue hold c && dvc queue start")
    wait_for((project.root / "begun.11").exists)
    done = project.check("dvc queue run c")
    assert "begun 13" in done.out and "Ran experiment(s): c" in done.out
    assert states(project) == {"a": "Running", "b": "Queued", "c": "Success"}
    again = project.sh("dvc queue run a")
    assert again.status == 255 and "does not wait in the queue" in again.err
    (project.root / "go").touch()
    wait_for(lambda: set(states(project).values()) == {"Success"})


def test_run_that_fails_says_so(project):
    project.train("echo $lr >> $ROOT/ran; exit 4\n")
    project.queue("a")
    done = project.sh("dvc queue run a")
    assert done.status == 255 and "Failed to reproduce experiment(s) 'a'" in done.err
    assert "exited with 4" in done.out + done.err and states(project) == {"a": "Failed"}


def test_run_that_is_interrupted_puts_the_task_back(project):
    project.train("echo $$ > $ROOT/pid.new; mv $ROOT/pid.new $ROOT/pid; sleep 60; cp params.yaml model\n")
    project.queue("a")
    run = subprocess.Popen(["dvc", "queue", "run", "a"], cwd=project.repo, env=project.env, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, start_new_session=True)
    wait_for((project.root / "pid").exists)
    os.kill(run.pid, signal.SIGINT)
    assert run.wait(30) != 0
    wait_for(lambda: not runs(int((project.root / "pid").read_text())))
    assert states(project) == {"a": "Queued"}


# ---- limit of time


@pytest.mark.parametrize("trap", ["", "trap '' TERM INT; "])
def test_a_task_is_ended_at_its_limit(project, trap):
    """Also one that ignores the request: it is killed after the grace of ten seconds."""
    project.train(f"{trap}echo $$ > $ROOT/pid; sleep 60 & wait; sleep 60; cp params.yaml model\n")
    project.queue("a", options="--max-time 1s")
    assert tasks(project)["a"]["max_time"] == 1
    begin = time.time()
    drain(project)
    assert time.time() - begin < 25
    assert states(project) == {"a": "Failed"}
    assert not runs(int((project.root / "pid").read_text()))
    assert "ERROR: experiment 'a' is ended: it ran longer than 1s" in project.check("dvc queue logs a").out


@pytest.mark.parametrize("text, seconds", [("90s", 90), ("10m", 600), ("2h", 7200), ("1d", 86400), ("1h30m", 5400), ("45", 45)])
def test_durations(project, text, seconds):
    project.queue("a", options=f"--max-time {text}")
    assert tasks(project)["a"]["max_time"] == seconds


@pytest.mark.parametrize("options", ["--max-time 10", "--retry 1", "--queue --max-time 0", "--queue --max-time x", "--queue --max-time 1w",
                                     "--queue --max-time ''", "--queue --retry -1", "--queue --max-time 99999999999999999999s"])
def test_limits_that_are_refused(project, options):
    assert project.sh(f"dvc exp run {options}").status not in (0, 1)
    assert states(project) == {}


# ---- retries


def test_a_failed_task_is_tried_again(project):
    project.train("echo $lr >> $ROOT/ran; [ $(wc -l < $ROOT/ran) -ge 3 ] || exit 7; cp params.yaml model\n")
    project.queue("a", options="--retry 5")
    done = project.check("dvc exp run --run-all")
    assert "Ran experiment(s): a" in done.out and ran(project) == ["11"] * 3
    assert project.check("dvc queue logs a").out.count("exited with 7") == 2


def test_retries_end(project):
    project.train("echo $lr >> $ROOT/ran; exit 7\n")
    project.queue("a", options="--retry 2")
    project.queue("b")
    drain(project)
    assert states(project) == {"a": "Failed", "b": "Failed"} and ran(project) == ["11", "11", "11", "11"]


def test_attempts_survive_the_worker_and_are_shown(project):
    project.train("n=$(wc -l < $ROOT/ran); echo $lr >> $ROOT/ran; echo $$ > $ROOT/pid.new; mv $ROOT/pid.new $ROOT/pid.$n\n"
                  "[ -e $ROOT/go ] || sleep 60; exit 1\n")
    (project.root / "ran").write_text("")
    project.queue("a", options="--retry 2")
    project.check("dvc queue start")
    wait_for((project.root / "pid.0").exists)
    os.kill(int((project.root / "pid.0").read_text()), signal.SIGKILL)
    wait_for((project.root / "pid.1").exists)
    assert tasks(project)["a"]["attempts"] == 1 and tasks(project)["a"]["retries"] == 2
    assert "1 of 3" in project.check("dvc queue status").out
    (project.root / "go").touch()
    os.kill(int((project.root / "pid.1").read_text()), signal.SIGKILL)
    wait_for(lambda: states(project) == {"a": "Failed"})
    assert ran(project) == ["11"] * 3


@pytest.mark.parametrize("force", ["", "-f"])
def test_a_task_that_the_user_killed_is_not_tried_again(project, force):
    project.train("echo $lr >> $ROOT/ran; sleep 60\n")
    project.queue("a", options="--retry 3")
    project.check("dvc queue start")
    wait_for(lambda: ran(project) == ["11"])
    project.check(f"dvc queue kill {force} a")
    wait_for(lambda: states(project) == {"a": "Failed"})
    wait_for(lambda: "0 active, 0 idle" in project.check("dvc queue status").out)
    assert ran(project) == ["11"]


# ---- kill


def test_kill_reaches_a_task_as_soon_as_status_says_that_it_runs(project):
    """Without a pause between both: the worker may still be preparing the work tree."""
    project.train("echo $lr >> $ROOT/ran; sleep 60\n")
    for name in "abcdefgh":
        project.queue(name)
        project.check("dvc queue start")
        wait_for(lambda: states(project)[name] == "Running")
        assert project.check(f"dvc queue kill {name}").out == f"{name} has been killed.\n"
        wait_for(lambda: states(project)[name] == "Failed", 10)


# As a shell that catches SIGINT while it starts a command: the command has its handler until exec(), which drops the signal.
STARTING = """
import os, signal, time
got = []
signal.signal(signal.SIGINT, lambda *_: got.append(1))
command = os.fork()
if command == 0:
    open(os.environ["ROOT"] + "/begun", "w").close()
    while not got:
        time.sleep(0.01)
    os.execvp("sleep", ["sleep", "60"])
os.waitpid(command, 0)
raise SystemExit(1)
"""


@pytest.mark.parametrize("how", ["kill", "interrupt"])
def test_a_command_that_is_being_started_is_interrupted(project, how):
    project.write({"starting.py": STARTING})
    project.train("exec python3 starting.py\n")
    project.queue("a")
    run = subprocess.Popen(["dvc", "queue", "run", "a"], cwd=project.repo, env=project.env, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, start_new_session=True)
    wait_for((project.root / "begun").exists)
    if how == "kill":
        project.check("dvc queue kill a")
    else:
        os.kill(run.pid, signal.SIGINT)
    assert run.wait(20) != 0
    assert states(project) == {"a": "Failed" if how == "kill" else "Queued"}


# ---- resources

GPU = "    meta: {resources: {gpu: 1}}\n"
MEET = ("mkdir -p $ROOT/now; touch $ROOT/now/$lr; ls $ROOT/now | wc -l >> $ROOT/most; echo $lr:$CUDA_VISIBLE_DEVICES >> $ROOT/ran\n"
        "sleep 0.3; rm $ROOT/now/$lr; cp params.yaml model\n")


def test_tasks_share_the_gpus_of_the_machine(project):
    project.train(MEET, GPU)
    project.queue(*"abcdef")
    drain(project, "-j 4 --resource gpu=2")
    most = [int(n) for n in (project.root / "most").read_text().split()]
    assert len(most) == 6 and max(most) == 2
    assert {line.split(":")[1] for line in ran(project)} == {"0", "1"}
    assert set(states(project).values()) == {"Success"}


def test_a_task_without_needs_does_not_wait(project):
    project.train(MEET, GPU)
    project.queue(*"abcd")
    project.train(MEET)
    project.queue(*"efgh", first=21)
    drain(project, "-j 3 --resource gpu=1")
    assert max(int(n) for n in (project.root / "most").read_text().split()) == 3
    assert set(states(project).values()) == {"Success"}


def test_devices_are_those_that_the_user_sees(project):
    project.train(MEET, GPU)
    project.queue(*"ab")
    project.extra_env["CUDA_VISIBLE_DEVICES"] = "5,7"
    drain(project, "-j 2")
    assert {line.split(":")[1] for line in ran(project)} == {"5", "7"}


def test_devices_of_a_dead_worker_are_free_again(project):
    project.train("echo $$ > $ROOT/pid.new; mv $ROOT/pid.new $ROOT/pid.$lr; echo $lr:$CUDA_VISIBLE_DEVICES >> $ROOT/ran\n"
                  "[ -e $ROOT/go ] || sleep 60; cp params.yaml model\n", GPU)
    project.queue("a", "b")
    project.check("dvc queue start --resource gpu=1")
    wait_for((project.root / "pid.11").exists)
    busy = project.sh("dvc queue run --resource gpu=1 b")
    assert busy.status != 0 and "needs resources that other tasks use now" in busy.err
    task = next(t["id"] for t in tasks(project).values() if t["status"] == "Running")
    child = json.loads((project.repo / f".dvc/tmp/exps/run/{task}/{task}.json").read_text())["pid"]
    worker = int(open(f"/proc/{child}/stat").read().rsplit(")", 1)[1].split()[1])
    os.kill(worker, signal.SIGKILL)
    os.killpg(child, signal.SIGKILL)
    wait_for(lambda: states(project)["a"] == "Queued")
    (project.root / "go").touch()
    project.check("dvc queue run --resource gpu=1 b")
    assert ran(project) == ["11:0", "12:0"]


def test_a_resource_of_the_user_has_one_unit(project):
    project.train(MEET, "    meta: {resources: {license: 1}}\n")
    project.queue(*"abc")
    drain(project, "-j 3")
    assert max(int(n) for n in (project.root / "most").read_text().split()) == 1


def test_a_wrong_resource_is_refused_before_workers_start(project):
    project.queue("a")
    result = project.sh("dvc queue start --resource gpu=many")
    assert result.status != 0 and "gpu=many" in result.err and states(project) == {"a": "Queued"}


# ---- watch and follow


def test_watch_prints_each_change_and_ends_quietly(project):
    watch = subprocess.Popen(["dvc", "queue", "status", "--watch", "--json"], cwd=project.repo, env=project.env,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert json.loads(watch.stdout.readline())["tasks"] == []
    project.queue("a")
    assert json.loads(watch.stdout.readline())["tasks"][0]["status"] == "Queued"
    project.check("dvc queue remove a")
    assert json.loads(watch.stdout.readline())["tasks"] == []
    watch.send_signal(signal.SIGINT)
    out, err = watch.communicate(timeout=10)
    assert (watch.returncode, out, err) == (0, "", "")


def test_following_a_task_that_a_worker_has_not_begun(project):
    """`queue start` ends before its worker has taken a task, and `logs -f` may be the next line of a script."""
    project.queue("one", "two")
    refused = project.sh("cairn queue logs -f two")
    assert refused.status == 255 and refused.err == (
        "ERROR: Experiment 'two' is in queue but has not been started\n"
        "`cairn queue start` starts workers, which run what waits and is not held.\n")
    assert project.dvc("queue logs -f two").err == "ERROR: Experiment 'two' is in queue but has not been started\n"
    project.check("cairn queue start -q && cairn queue logs -f two")
    assert states(project) == {"one": "Success", "two": "Success"}


def test_following_a_log_gives_its_reader_time_to_open_a_window(project):
    project.queue("a")
    project.check("dvc queue run a")
    begin = time.time()
    assert "Reproducing experiment 'a'" in project.check("dvc queue logs -f a | cat").out
    assert time.time() - begin > 1.4
    begin = time.time()
    project.check("dvc queue logs -f a > ../file; dvc queue logs a | cat")
    assert time.time() - begin < 1.4


# ---- losing nothing

SLOW = ("echo $lr >> $ROOT/ran; echo $$ > $ROOT/pid.new; mv $ROOT/pid.new $ROOT/pid.$lr\n"
        "while [ ! -e $ROOT/go ]; do sleep 0.02; done; cp params.yaml model\n")


def journal(box, name):
    task = tasks(box)[name]["id"]
    return box.repo / f".dvc/tmp/exps/run/{task}/{task}"


def child_and_worker(box, name):
    child = json.loads(journal(box, name).with_suffix(".json").read_text())["pid"]
    return child, int(open(f"/proc/{child}/stat").read().rsplit(")", 1)[1].split()[1])


def start_slow(box):
    box.train(SLOW)
    box.queue("a")
    box.check("dvc queue start")
    wait_for((box.root / "pid.11").exists)
    return child_and_worker(box, "a")


def test_a_killed_child_is_a_failed_task(project):
    child, worker = start_slow(project)
    os.killpg(child, signal.SIGKILL)
    wait_for(lambda: states(project) == {"a": "Failed"})
    wait_for(lambda: not runs(worker))
    drain(project)
    assert ran(project) == ["11"]
    assert json.loads(journal(project, "a").with_suffix(".json").read_text())["returncode"] == -9


def test_after_a_restart_of_the_machine_a_task_runs_again(project):
    """All processes are gone, and the ids in the journal belong to others."""
    child, worker = start_slow(project)
    os.kill(worker, signal.SIGKILL)
    os.killpg(child, signal.SIGKILL)
    wait_for(lambda: not runs(child) and states(project) == {"a": "Queued"})
    bystander = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        note = journal(project, "a").with_suffix(".json")
        note.write_text(note.read_text().replace(str(child), str(bystander.pid)))
        assert project.sh("dvc queue kill a").status == 255
        (project.root / "go").touch()
        drain(project)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
    assert states(project) == {"a": "Success"} and ran(project) == ["11", "11"]


def test_a_task_killed_by_the_user_does_not_come_back_when_its_worker_dies(project):
    child, worker = start_slow(project)
    os.kill(worker, signal.SIGSTOP)
    project.check("dvc queue kill -f a")
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: states(project) == {"a": "Failed"})
    (project.root / "go").touch()
    drain(project)
    assert states(project) == {"a": "Failed"} and ran(project) == ["11"]
    assert project.check("dvc queue remove a").out == "Removed tasks in queue: a\n" and states(project) == {}


def test_a_task_that_was_done_before_its_worker_is_stopped_does_not_run_again(project):
    child, worker = start_slow(project)
    os.kill(worker, signal.SIGSTOP)
    (project.root / "go").touch()
    wait_for(lambda: not runs(child))
    os.kill(worker, signal.SIGTERM)
    os.kill(worker, signal.SIGCONT)
    wait_for(lambda: not runs(worker))
    assert states(project) == {"a": "Success"}
    assert not project.sh("git rev-parse -q --verify refs/exps/celery/stash").out
    drain(project)
    assert ran(project) == ["11"]


def beside_a_worker(box, *words):
    """A task of which DVC's files say that a worker has taken it, and a process whose command line ends so."""
    box.queue("a")
    celery = box.repo / ".dvc/tmp/exps/celery"
    (celery / "broker/processed").mkdir(exist_ok=True)
    for message in (celery / "broker/in").iterdir():
        message.rename(celery / "broker/processed" / message.name)
    other = subprocess.Popen(["sh", "-c", "sleep 60 & wait", *words], start_new_session=True)
    (celery / "dvc-exp-worker-1.pid").write_text(str(other.pid))
    return other


def stop_group(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_a_task_that_dvc_has_taken_costs_a_waiting_worker_nothing(project):
    other = beside_a_worker(project, "queue-worker", "dvc-exp-012345-1@localhost")
    try:
        worker = subprocess.Popen(["dvc", "exp", "queue-worker", "1"], cwd=project.repo, env=project.env)
        time.sleep(2)
        fields = open(f"/proc/{worker.pid}/stat").read().rsplit(")", 1)[1].split()
        project.check("dvc queue stop")
        assert worker.wait(30) == 0
    finally:
        stop_group(other)
    used = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    assert used < 0.5 and ran(project) == []


def test_a_worker_of_cairn_is_not_taken_for_one_of_dvc(project):
    """The number in DVC's file may belong to another process now."""
    other = beside_a_worker(project, "queue-worker", "1")
    try:
        drain(project)
    finally:
        stop_group(other)
    assert ran(project) == ["11"]


def test_workers_that_race_run_each_task_once(project):
    project.queue(*"abcdef")
    racers = [subprocess.Popen(["dvc", "queue", "run", *"abcdef"], cwd=project.repo, env=project.env, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL) for _ in range(3)]
    project.check("dvc queue start -j 2")
    for racer in racers:
        racer.wait(60)
    drain(project)
    assert sorted(ran(project)) == ["11", "12", "13", "14", "15", "16"]
    assert set(states(project).values()) == {"Success"}


def test_an_unwritable_queue_changes_nothing(project):
    project.queue("a", "b")
    project.check("rm -rf .dvc/tmp/exps && touch .dvc/tmp/exps")
    assert project.sh("dvc queue hold a").status != 0
    assert project.sh("dvc queue run a").status != 0
    project.check("rm .dvc/tmp/exps")
    assert states(project) == {"a": "Queued", "b": "Queued"}
    drain(project)
    assert sorted(ran(project)) == ["11", "12"]
