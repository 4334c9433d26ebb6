"""The queue of experiments: behaviour specific to cairn (workers, crashes, logs)."""

import json
import os
import re
import signal
import time

import pytest

from harness.waiting import wait_for

PIPELINE = "stages:\n  train:\n    cmd: sh train.sh\n    deps: [train.sh]\n    params: [lr]\n    outs: [model]\n"


@pytest.fixture
def project(repo):
    """A pipeline of one stage, run once and committed; project.train(script) changes its command."""

    def train(script):
        repo.write({"train.sh": script})
        repo.check("git add -A && git commit -qm train")

    repo.write({"dvc.yaml": PIPELINE, "params.yaml": "lr: 1\n", "train.sh": "cp params.yaml model\n"})
    repo.check("dvc repro -q")
    repo.check("git add -A && git commit -qm base")
    repo.train = train
    return repo


def states(box):
    rows = [line.split() for line in box.check("dvc queue status").lines if re.match(r"[0-9a-f]{7} ", line)]
    return {row[1]: row[-1] for row in rows}


def test_tasks_run_side_by_side(project):
    """Each task waits for the file of the other: they end only if they run at the same time."""
    meet = project.root / "meet"
    meet.mkdir()
    project.train(f"lr=$(cut -d' ' -f2 params.yaml)\ntouch {meet}/$lr\ni=0\n"
                  f"while [ $(ls {meet} | wc -l) -lt 2 ] && [ $i -lt 500 ]; do sleep 0.02; i=$((i+1)); done\n"
                  f"[ $i -lt 500 ] && cp params.yaml model\n")
    project.check("dvc exp run --queue -n a -S lr=11")
    project.check("dvc exp run --queue -n b -S lr=22")
    done = project.check("dvc exp run --run-all -j 2")
    assert "Ran experiment(s): a, b" in done.out
    assert states(project) == {"a": "Success", "b": "Success"}


def test_a_failed_task_is_kept_with_its_log(project):
    project.train("echo about to fail; grep -q 11 params.yaml && exit 3; cp params.yaml model\n")
    project.check("dvc exp run --queue -n bad -S lr=11")
    project.check("dvc exp run --queue -n good -S lr=22")
    done = project.sh("dvc exp run --run-all")
    assert done.status == 255
    assert "Failed to reproduce experiment(s) 'bad'" in done.err
    assert "Ran experiment(s): good" in done.out
    assert states(project) == {"bad": "Failed", "good": "Success"}
    log = project.check("dvc queue logs bad").out
    assert "about to fail" in log and "exited with 3" in log
    assert project.check("dvc exp list --name-only").out == "good\n"
    assert project.check("dvc queue remove --failed").out == "Removed tasks in queue: bad\n"
    assert states(project) == {"good": "Success"}


@pytest.mark.parametrize("options", ["--temp", "--queue"])
def test_a_stage_that_depends_on_a_tracked_directory_can_read_standard_input(project, options):
    """Hashing the directory must not close descriptor 0 of the process that starts the stage."""
    project.write({"data/a": "a\n", "data/b": "b\n"})
    project.check("dvc add -q data")
    project.write({"dvc.yaml": PIPELINE.replace("deps: [train.sh]", "deps: [train.sh, data]")})
    project.train("cat && cp params.yaml model\n")
    project.check(f"dvc exp run {options} -n a -S lr=11")
    project.check("dvc exp run --run-all")
    assert project.check("dvc exp list --name-only").out == "a\n"


def test_deleting_tmp_loses_no_task(project):
    project.check("dvc exp run --queue -n a -S lr=11")
    project.check("rm -rf .dvc/tmp")
    assert states(project) == {"a": "Queued"}
    project.check("dvc exp run --run-all")
    assert project.check("dvc exp list --name-only").out == "a\n"


def test_a_killed_worker_puts_its_task_back(project):
    started = project.root / "started"
    project.train(f"[ -e {started} ] || {{ echo $$ > {started}; sleep 60; }}\ncp params.yaml model\n")
    project.check("dvc exp run --queue -n a -S lr=11")
    project.check("dvc queue start")
    wait_for(lambda: started.exists() and started.read_text().strip())
    assert states(project) == {"a": "Running"}
    stash = project.check("git rev-parse refs/exps/celery/stash").out.strip()
    journal = project.repo / ".dvc/tmp/exps/run" / stash
    task = json.loads((journal / f"{stash}.json").read_text())["pid"]
    worker = int(open(f"/proc/{task}/stat").read().split()[3])
    os.kill(worker, signal.SIGKILL)
    os.killpg(task, signal.SIGKILL)
    wait_for(lambda: states(project) == {"a": "Queued"})
    project.check("dvc exp run --run-all")
    assert states(project) == {"a": "Success"}
    assert project.check("dvc exp list --name-only").out == "a\n"


def test_a_task_that_outlives_its_worker_is_done_once(project):
    project.train(f"echo run >> {project.root}/runs\ntouch {project.root}/begun\n"
                  f"while [ ! -f {project.root}/go ]; do sleep 0.02; done\ndate +%N > model\n")
    project.check("dvc exp run --queue -n a -S lr=11 && dvc queue start")
    wait_for((project.root / "begun").exists)
    child = int(json.loads(next((project.repo / ".dvc/tmp/exps/run").glob("*/*.json")).read_text())["pid"])
    worker = int(open(f"/proc/{child}/stat").read().rsplit(")", 1)[1].split()[1])
    os.kill(worker, signal.SIGKILL)
    assert states(project) == {"a": "Running"}
    (project.root / "go").touch()
    wait_for(lambda: states(project) == {"a": "Success"})
    assert project.check("dvc exp run --run-all").out == ""
    project.check("dvc exp run --queue -n b -S lr=22 && dvc exp run --run-all")
    assert sorted(project.check("dvc exp list --name-only").lines) == ["a", "b"]
    assert (project.root / "runs").read_text() == "run\nrun\n"
    assert project.check("git for-each-ref refs/exps/celery").out == ""


def test_kill_interrupts_the_whole_task(project):
    started = project.root / "started"
    project.train(f"echo $$ > {started}; sleep 60; cp params.yaml model\n")
    project.check("dvc exp run --queue -n a -S lr=11")
    assert project.check("dvc queue start").out == "Started '1' new experiments task queue worker.\n"
    wait_for(lambda: started.exists() and started.read_text().strip())
    assert project.check("dvc queue kill a").out == "a has been killed.\n"
    wait_for(lambda: states(project) == {"a": "Failed"})
    stage = int(started.read_text())
    wait_for(lambda: not os.path.exists(f"/proc/{stage}"))
    wait_for(lambda: "0 active, 0 idle" in project.check("dvc queue status").out)


def test_stop_ends_workers_after_the_task_at_hand(project):
    started, go = project.root / "started", project.root / "go"
    project.train(f"touch {started}; while [ ! -e {go} ]; do sleep 0.02; done; cp params.yaml model\n")
    for name in ("a", "b"):
        project.check(f"dvc exp run --queue -n {name} -S lr={len(name) + ord(name)}")
    project.check("dvc queue start")
    wait_for(started.exists)
    project.check("dvc queue stop")
    go.touch()
    wait_for(lambda: "0 active, 0 idle" in project.check("dvc queue status").out)
    assert states(project) == {"b": "Queued", "a": "Success"}


def test_trees_of_tasks_leave_nothing_behind(project):
    project.check("dvc exp run --queue -n s -S lr=11,22,33")
    project.check("dvc exp run --run-all -j 3")
    project.check("dvc exp run --temp -n t -S lr=44")
    left = [p.name for p in (project.repo / ".dvc/tmp/exps").glob("**/tmp*")]
    assert left == []
    assert project.check("git worktree list").out.count("\n") == 1
    assert not list((project.repo / ".git").glob("worktrees/*"))
    project.check("git fsck --strict --no-dangling")


def test_a_crashed_tree_is_swept(project):
    admin = project.repo / ".git/worktrees/tmpabcdefgh"
    tree = project.repo / ".dvc/tmp/exps/tmpabcdefgh"
    admin.mkdir(parents=True)
    tree.mkdir(parents=True)
    (tree / ".git").write_text(f"gitdir: {admin}\n")
    assert project.check("dvc exp clean").out == "Cleaning up dvc-task messages...\nDone!\n"
    assert not admin.exists() and not tree.exists()


def test_many_workers_share_one_queue(project):
    project.check("dvc exp run --queue -n s -S 'lr=range(100,130)'")
    done = project.check("dvc exp run --run-all -j 4")
    assert len(project.check("dvc exp list --name-only").lines) == 30
    assert re.search(r"^Ran experiment\(s\): s-1, s-2, .*s-30$", done.out, re.M)
    assert set(states(project).values()) == {"Success"}
    shown = project.check("dvc exp show --csv --sort-by lr").lines
    assert [line.split(",")[0] for line in shown[3:]] == [f"s-{n}" for n in range(1, 31)]


def test_names_in_use_are_refused_before_anything_runs(project):
    project.check("dvc exp run -q -n a -S lr=11")
    for options in ("-n a", "--queue -n a", "--temp -n a"):
        again = project.sh(f"dvc exp run {options} -S lr=22")
        assert again.status == 255 and "conflicts with existing experiment 'a'" in again.err
    assert project.check("dvc exp run --queue -n a -f -S lr=33").out.endswith("Queued experiment 'a' for future execution.\n")


def test_the_workspace_is_untouched_by_queue_and_temp(project):
    project.write({"notes.txt": "mine\n", "train.sh": "cp params.yaml model\n# edited\n"})
    before = project.check("git status --porcelain; cat params.yaml train.sh notes.txt; git rev-parse HEAD").out
    project.check("dvc exp run --queue -n q -S lr=11")
    project.check("dvc exp run --run-all")
    project.check("dvc exp run --temp -n t -S lr=22")
    assert project.check("git status --porcelain; cat params.yaml train.sh notes.txt; git rev-parse HEAD").out == before
    ref = project.check("git for-each-ref --format='%(refname)' | grep /q$").out.strip()
    assert "# edited" in project.check(f"git show {ref}:train.sh").out
    assert "notes.txt" not in project.check(f"git ls-tree -r --name-only {ref}").out


def test_looking_at_the_queue_writes_nothing(project):
    """Also when the reflog that holds the queue is missing, and in a read-only repository."""
    project.check("dvc exp run --queue -n a -S lr=11")
    log = project.repo / ".git/logs/refs/exps/celery/stash"
    log.unlink()
    assert states(project) == {}
    project.check("dvc exp show --csv")
    assert not log.exists()
