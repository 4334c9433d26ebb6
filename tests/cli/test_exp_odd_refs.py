"""Refs and commits that are not as today's tools make them: of older versions, damaged, gone, in shallow clones, in linked
work trees, with a detached HEAD; and other Git commands while an experiment runs."""

import json
import subprocess
import time
from contextlib import contextmanager

import pytest

from harness.sandbox import CAIRN, REAL_DVC

PIPELINE = ("stages:\n  train:\n    cmd: touch $SIGN.begun; while [ ! -f $SIGN.go ]; do sleep 0.02; done; cp params.yaml model;"
            " echo '{\"acc\":1}' > m.json\n    params: [lr]\n    outs: [model]\n    metrics:\n    - m.json:\n        cache: false\n")


@pytest.fixture
def project(repo):
    repo.extra_env["SIGN"] = str(repo.root / "sign")
    (repo.root / "sign.go").touch()
    repo.write({"dvc.yaml": PIPELINE, "params.yaml": "lr: 1\n", "notes": "one\n"})
    repo.check("dvc repro -q && git add -A && git commit -qm base && dvc exp run -q -n good -S lr=2 && git reset -q --hard && dvc checkout -q")
    return repo


def head(box):
    return box.check("git rev-parse HEAD").out.strip()


def exp_ref(box, name, base=None):
    base = base or head(box)
    return f"refs/exps/{base[:2]}/{base[2:]}/{name}"


def rows(box, options=""):
    return json.loads(box.check(f"cairn exp show --json {options}").out)


def names(box):
    return [e["name"] for e in rows(box)[1]["experiments"] or []]


# ---- refs of older versions


def test_an_experiment_of_several_commits(project):
    """DVC made a commit for each checkpoint. The last one is the experiment; the others belong to it."""
    tree = project.check("git rev-parse HEAD^{tree}").out.strip()
    ids = [head(project)]
    for number in range(3):
        ids.append(project.check(f"git commit-tree {tree} -p {ids[-1]} -m checkpoint-{number}").out.strip())
    project.check(f"git update-ref {exp_ref(project, 'steps')} {ids[-1]}")
    [row] = [e for e in rows(project)[1]["experiments"] if e["name"] == "steps"]
    assert [rev["rev"] for rev in row["revs"]] == ids[:0:-1]
    theirs = json.loads(project.use(REAL_DVC).check("dvc exp show --json").out)[1]["experiments"]
    assert row == [e for e in theirs if e["name"] == "steps"][0]
    project.use(CAIRN)
    for command in ("exp list", "exp diff steps good", "exp apply steps", "exp branch steps s", "exp rename steps t", "exp remove t"):
        project.check(f"cairn {command}")
    assert project.check("git rev-parse s").out.strip() == ids[-1]


@pytest.mark.parametrize("ref, text", [
    ("refs/exps/exec/EXEC_BRANCH", "ref: refs/exps/zz/gone/x\n"),
    ("refs/exps/exec/EXEC_CHECKPOINT", "{good}\n"),
    ("refs/exps/{base}", "{good}\n"),
    ("refs/exps/ab", "{good}\n"),
    ("refs/exps/ab/cd", "{good}\n"),
    ("refs/exps/{base}/deep/er", "{good}\n"),
    ("refs/exps/{base}/to-a-tree", "{tree}\n"),
    ("refs/exps/{base}/to-a-blob", "{blob}\n"),
    ("refs/exps/{base}/to-nothing", "1234567890123456789012345678901234567890\n"),
    ("refs/exps/{base}/empty", ""),
    ("refs/exps/{base}/nonsense", "nonsense\n"),
    ("refs/exps/{base}/linked", "ref: refs/heads/gone\n"),
    ("refs/exps/{base}/to-the-base", "{head}\n"),
    ("refs/exps/12/34567890123456789012345678901234567890/of-a-commit-that-is-gone", "{good}\n"),
    ("refs/exps/celery/stash", "1234567890123456789012345678901234567890\n"),
    ("refs/exps/celery/failed", "nonsense\n"),
    ("refs/exps/apply/stash", "{head}\n"),
    ("refs/exps/stash", "{head}\n"),
])
def test_nothing_breaks(project, ref, text):
    base = head(project)
    values = {"base": f"{base[:2]}/{base[2:]}", "head": base, "good": project.check(f"git rev-parse {exp_ref(project, 'good')}").out.strip(),
              "tree": project.check("git rev-parse HEAD^{tree}").out.strip(), "blob": project.check("git rev-parse HEAD:notes").out.strip()}
    place = project.repo / ".git" / ref.format(**values)
    if place.is_dir():  # an experiment without a name, and so the only one of its commit
        project.check(f"git update-ref -d {exp_ref(project, 'good')}")
        values["base"] = "11/" + "1" * 38
        place = project.repo / ".git" / ref.format(**values)
        project.check(f"git update-ref {exp_ref(project, 'good')} {values['good']}")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text.format(**values))
    # what DVC does not take for an experiment either is not shown; the good one always is
    assert "good" in names(project)
    for command in ("exp list", "exp list -A", "exp show --csv -A", "queue status", "exp diff", "gc -w --all-experiments -f", "data status"):
        done = project.sh(f"cairn {command}", timeout=30)
        assert done.status in (0, 1, 255) and "Traceback" not in done.err, repr(done)
        # gc removes nothing while it cannot read an experiment, and says how to get rid of that
        assert done.status == 0 or (command.startswith("gc") and "\nERROR: unable to read" in done.err and "git update-ref -d refs/exps/" in done.err), repr(done)
    project.check("cairn exp run -q -n another -S lr=5")
    assert {"good", "another"} <= set(names(project))
    project.check("cairn exp remove another")
    project.check("cairn exp apply good")
    assert project.read("params.yaml") == "lr: 2\n"


# ---- kinds of repositories


def test_a_shallow_clone(project):
    project.check("echo two > notes && git commit -qam two && cairn exp run -q -n late -S lr=3 && git reset -q --hard")
    project.check("git clone -q --depth 1 file://$PWD ../shallow && cd ../shallow && git fetch -q --depth 2 origin 'refs/exps/*:refs/exps/*' || true")
    project.cwd = project.root / "shallow"
    assert (project.cwd / ".git/shallow").exists()
    project.check("cairn config --local cache.dir ../repo/.dvc/cache && cairn checkout -q")
    for options in ("", "-n 5", "-A"):
        table = json.loads(project.check(f"cairn exp show --json {options}").out)
        assert table[1]["rev"] == head(project) and all(row["error"] is None for row in table)
    project.check("cairn exp list -A && cairn exp run -q -n here -S lr=4")
    assert "here" in project.check("cairn exp list --name-only").out
    project.check("cairn exp apply late")
    assert project.sh("cat params.yaml").out == "lr: 3\n"


def test_a_linked_work_tree(project):
    project.check("git worktree add -q -b other ../linked")
    project.cwd = project.root / "linked"
    project.check("cairn config --local cache.dir ../repo/.dvc/cache && cairn checkout -q")
    project.check("cairn exp run -q -n from-linked -S lr=7")
    assert {"good", "from-linked"} <= set(project.check("cairn exp list --name-only").lines)
    project.check("cairn exp run -q --temp -n temp-linked -S lr=8 && cairn exp run --queue -n q -S lr=9 && cairn exp run --run-all")
    project.cwd = project.repo
    assert {"good", "from-linked", "temp-linked", "q"} <= set(names(project))
    assert project.check("git status --porcelain").out == ""
    project.check("cairn exp apply q")
    assert project.read("params.yaml") == "lr: 9\n"


@pytest.mark.parametrize("how", ["", "--temp", "--queue"])
def test_a_detached_head(project, how):
    before = head(project)
    project.check("git checkout -q --detach")
    project.check(f"cairn exp run -q {how} -n d -S lr=6" + (" && cairn exp run --run-all" if how == "--queue" else ""))
    assert {"good", "d"} <= set(names(project))
    assert project.sh("git symbolic-ref -q HEAD").status == 1 and head(project) == before
    project.check("cairn exp apply good && git checkout -q -f master && cairn exp branch d from-d")
    assert "from-d" in project.check("git branch").out


# ---- while an experiment runs


@contextmanager
def running(box, line):
    (box.root / "sign.go").unlink(missing_ok=True)
    (box.root / "sign.begun").unlink(missing_ok=True)
    process = subprocess.Popen(["cairn", *line.split()], cwd=box.repo, env=box.env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        end = time.time() + 30
        while not (box.root / "sign.begun").exists():
            assert time.time() < end and process.poll() is None, process.stdout.read()
            time.sleep(0.02)
        yield process
    finally:
        (box.root / "sign.go").touch()
        process.communicate(timeout=60)


@pytest.mark.parametrize("meanwhile", [
    "echo two > notes && git commit -qam two", "git checkout -q -b side", "git stash -q || true", "git gc -q --prune=now",
    "echo two > notes && git commit -qam two && git checkout -q HEAD~1", "git branch -m renamed", "git tag v1", "git reset -q --soft HEAD",
    "git checkout -q -b side && echo s > s && git add s && git commit -qm s && git checkout -q master && git rebase -q --autostash side",
])
@pytest.mark.parametrize("how", ["", "--temp"])
def test_git_works_while_it_runs(project, how, meanwhile):
    """The experiment belongs to the commit at which it began, and what Git did stays."""
    base = head(project)
    with running(project, f"exp run {how} -n x -S lr=4") as process:
        project.check(meanwhile)
        after = head(project), project.check("git symbolic-ref HEAD || true").out
    assert process.returncode == 0
    assert (head(project), project.check("git symbolic-ref HEAD || true").out) == after
    commit = project.check(f"git rev-parse {exp_ref(project, 'x', base)}").out.strip()
    assert project.check(f"git rev-parse {commit}^").out.strip() == base
    if how or not any(word in meanwhile for word in ("stash", "checkout -q HEAD", "rebase")):  # these change the file under the stage
        assert "lr: 4" in project.check(f"git show {commit}:params.yaml").out
    project.check("git fsck --no-dangling")


def test_two_at_once(project):
    with running(project, "exp run -n first -S lr=4"):
        done = project.sh("cairn exp run -n second -S lr=5")
        assert done.status == 255 and "another experiment is running in the workspace" in done.err
        assert project.read("params.yaml") == "lr: 4\n"
        apart = subprocess.Popen(["cairn", "exp", "run", "--temp", "-n", "apart", "-S", "lr=6"], cwd=project.repo, env=project.env,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert apart.wait(60) == 0
    assert {"good", "first", "apart"} == set(names(project))


def test_gc_in_a_shallow_clone_keeps_what_its_commits_name(project):
    """All commits of a clone without the older ones are those that it has; a walk that ended at the first missing commit
    would take everything for unused."""
    project.check("echo data > d && dvc add -q d && git add -A && git commit -qm with && dvc remove d.dvc && rm -f d && git add -A && git commit -qm without")
    project.check("git clone -q --depth 2 file://$PWD ../shallow")
    project.cwd = project.root / "shallow"
    project.check("cp -r ../repo/.dvc/cache .dvc/cache && cairn gc -q -A -f")
    assert project.sh("cat .dvc/cache/files/md5/61/*").out == "data\n"
    project.check("git checkout -q HEAD~1 && cairn checkout -q d.dvc")
