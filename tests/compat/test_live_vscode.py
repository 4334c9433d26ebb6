"""The command lines of DVC's extension for VS Code, in its order and in parallel, with pipes and an open stdin as it has
them. cairn's answers are compared with the real DVC's on the same repository, while experiments run."""

import json
import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from harness.sandbox import CAIRN, REAL_DVC
from harness.waiting import wait_for

pytestmark = pytest.mark.live

# a stage ends when the file `go` is there; with a bad rate it fails
PIPELINE = {
    "train.sh": "printf 'step,acc\\n0,1\\n1,%s\\n' \"$(sed -n 's/lr: //p' params.yaml)\" > curve.csv\n"
                "cat params.yaml > picture.png\n"
                "touch $SIGN.$DVC_EXP_NAME.begun\n"
                "while [ ! -f $SIGN.go ] && [ ! -f $SIGN.$DVC_EXP_NAME.go ]; do sleep 0.02; done\n"
                "grep -q 'lr: 13' params.yaml && exit 3\n"
                "cp params.yaml model\n"
                "echo '{\"acc\": 0.5, \"nested\": {\"f1\": 1}}' > m.json\n",
    "dvc.yaml": "stages:\n  train:\n    cmd: sh train.sh\n    deps: [train.sh, data]\n    params: [lr]\n    outs: [model, picture.png]\n"
                "    metrics:\n    - m.json:\n        cache: false\n    plots:\n    - curve.csv:\n        cache: false\n"
                "plots:\n- Accuracy: {x: step, y: {curve.csv: acc}, template: simple}\n- picture.png\n",
    "params.yaml": "lr: 0.1\n", "data/a": "1\n", "data/b": "2\n", "single": "3\n",
}

READERS = [
    "--version", "root", "config studio.token", "config studio.offline", "config studio.url", "data status --granular --unchanged --json",
    "dag --md", "stage list", "remote list", "remote list --local", "remote list --project",
]


class Answer:
    def __init__(self, line, status, out, err):
        self.line, self.status, self.out, self.err = line, status, out, err

    def __repr__(self):
        return f"$ dvc {self.line}\nstatus {self.status}\n--- stdout\n{self.out}--- stderr\n{self.err}"

    @property
    def json(self):
        assert self.status == 0, repr(self)
        return json.loads(self.out)


def editor_env(box):
    return {**box.env, "DVCLIVE_OPEN": "false", "DVC_NO_ANALYTICS": "true", "GIT_TERMINAL_PROMPT": "0"}


def ask(box, line, tool=CAIRN, cwd=None):
    """Run a command as the extension does: without a shell, with pipes, stdin open and never written to."""
    args = line if isinstance(line, list) else line.split()
    process = subprocess.Popen([tool, *args], cwd=cwd or box.repo, env=editor_env(box), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with ThreadPoolExecutor(2) as pool:
        out, err = pool.submit(process.stdout.read), pool.submit(process.stderr.read)
        try:
            process.wait(120)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        finally:
            process.stdin.close()
        answer = Answer(" ".join(args), process.returncode, out.result(), err.result())
    process.stdout.close()
    process.stderr.close()
    return answer


def done(box, line, **how):
    answer = ask(box, line, **how)
    assert answer.status == 0, repr(answer)
    return answer


def sign(box, name):
    return box.root / f"sign.{name}"


@contextmanager
def running(box, *lines):
    """These experiments run, each with the name after -n; then they may end."""
    started = []
    try:
        for line in lines:
            started.append(subprocess.Popen([CAIRN, *line.split()], cwd=box.repo, env=editor_env(box), stdin=subprocess.DEVNULL,
                                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            name = line.split()[line.split().index("-n") + 1]
            wait_for(sign(box, name + ".begun").exists)
        yield
    finally:
        sign(box, "go").touch()
        for process in started:
            process.wait(60)
        wait_for(lambda: "0 active" in ask(box, "queue status").out)


@pytest.fixture
def project(two_tools):
    """Two commits; a finished experiment, a failed and a queued task."""
    box = two_tools
    box.extra_env["SIGN"] = str(box.root / "sign")
    sign(box, "go").touch()
    box.write(PIPELINE)
    box.check("dvc add -q data single && dvc remote add -q -d store ../store && git add -A && git commit -qm one")
    box.check("dvc repro -q && git add -A && git commit -qm two && dvc push -q && git branch side HEAD~1 && git tag v1 HEAD~1")
    box.check("dvc exp run -q -n finished -S lr=0.2 && git checkout -q . && dvc checkout -q")
    box.check("dvc exp run -q --queue -n failed -S lr=13 && dvc queue start")
    wait_for(lambda: "Failed" in box.check("dvc queue status").out and "0 active" in box.check("dvc queue status").out)
    sign(box, "go").unlink()
    return box


@pytest.fixture
def busy(project):
    """The same, while one experiment runs in the workspace, one in a directory of its own, one in the queue, and one
    waits there."""
    box = project
    done(box, "exp run --queue -n tasked -S lr=0.3")
    done(box, "queue start -j 1")
    wait_for(sign(box, "tasked.begun").exists)
    done(box, "exp run --queue -n waiting -S lr=0.4")
    with running(box, "exp run -n here -S lr=0.5", "exp run --temp -n apart -S lr=0.6"):
        yield box


def revisions(box, count=2):
    return box.check(f"git log HEAD --pretty=format:%H -n {count}").out.split()


def show_line(box):
    return "exp show " + " ".join(f"--rev {rev}" for rev in revisions(box)) + " --json"


def by_name(rows):
    """Experiments by their baseline and name, and the rest of the rows."""
    return {row["rev"]: {**{k: v for k, v in row.items() if k != "experiments"},
                         "experiments": {e["name"]: e for e in row["experiments"] or []}} for row in rows}


# ---- the files that the extension watches

WATCHED_ENDS = ("dvc.lock", "dvc.yaml", "params.yaml", ".dvc", "DVCLIVE_STEP_COMPLETED", "dvc/config", "dvc/config.local", "m.json")
WATCHED_GIT = ("HEAD", "refs/exps", "heads", "refs/tags")


def watched(box):
    """What identifies every watched file and its version."""
    found = {}
    for folder, dirs, files in os.walk(box.repo):
        for name in files:
            path = os.path.join(folder, name)
            below = os.path.relpath(path, box.repo)
            in_git = below.startswith(".git/")
            if in_git and not (any(part in below for part in WATCHED_GIT) and "refs/exps/exec" not in below or below == ".git/index"):
                continue
            if not in_git and not path.endswith(WATCHED_ENDS):
                continue
            st = os.lstat(path)
            found[below] = (st.st_ino, st.st_mtime_ns, st.st_size)
    return found


# ---- readers


def unordered(answer):
    """A document without the order of its lists, which DVC takes from sets; other answers as they are."""
    if not answer.line.endswith("--json"):
        return answer.out
    return {key: sorted(map(str, value)) for key, value in answer.json.items() if isinstance(value, list)} | {
        key: {kind: sorted(map(str, paths)) for kind, paths in value.items()} for key, value in answer.json.items() if isinstance(value, dict)}


def test_each_reader_answers_as_dvc(busy):
    box = busy
    for line in READERS:
        ours, theirs = ask(box, line), ask(box, line, tool=REAL_DVC)
        if line == "--version":
            assert ours.out.split(".")[:2] == theirs.out.split(".")[:2]
        else:
            assert (ours.status, unordered(ours)) == (theirs.status, unordered(theirs)), (repr(ours), repr(theirs))


def test_the_table_while_experiments_run(busy):
    box = busy
    ours, theirs = (by_name(done(box, show_line(box), tool=tool).json) for tool in (CAIRN, REAL_DVC))
    assert list(ours) == list(theirs) == ["workspace", *revisions(box)]
    head = revisions(box)[0]
    states = {name: (e["executor"] or {}).get("state") for name, e in ours[head]["experiments"].items()}
    assert states == {"here": "running", "apart": "running", "tasked": "running", "waiting": "queued", "finished": None, "failed": "failed"}
    for name in states:
        assert ours[head]["experiments"][name] == theirs[head]["experiments"][name]
    for rows in (ours, theirs):
        rows[head].pop("experiments")
    assert ours == theirs
    here = done(box, show_line(box)).json[1]["experiments"][0]
    assert here["executor"]["local"]["pid"] == int((box.repo / ".dvc/tmp/exps/rwlock.lock").read_text())


def test_readers_at_once_write_nothing_that_is_watched(busy):
    box = busy
    lines = [*READERS, show_line(box), show_line(box)]
    alone = {line: done(box, line).out for line in lines}
    before = watched(box)
    assert any(path.startswith(".dvc/tmp/exps/tmp") for path in before), "the start of a task is noticed by its files"
    with ThreadPoolExecutor(6) as pool:
        for answer in pool.map(lambda line: ask(box, line), lines * 4):
            assert answer.status == 0, repr(answer)
            assert answer.out == alone[answer.line], repr(answer)
    assert watched(box) == before


def test_a_repository_without_commits(new_sandbox):
    box = new_sandbox(start="git")
    done(box, "init --subdir")
    for line in ("exp show --rev  --json", "exp show --json"):
        args = ["exp", "show", "--rev", "", "--json"] if "--rev" in line else line
        ours, theirs = ask(box, args), ask(box, args, tool=REAL_DVC)
        assert (ours.status, ours.json) == (theirs.status, theirs.json) == (0, [])
    for line in ("data status --granular --unchanged --json", "dag --md", "stage list"):
        ours, theirs = ask(box, line), ask(box, line, tool=REAL_DVC)
        assert (ours.status, ours.out) == (theirs.status, theirs.out), (repr(ours), repr(theirs))
    # the extension writes a file there, and does not create the directory
    assert (box.repo / ".dvc/tmp").is_dir()


def test_a_broken_parameter_file(project):
    box = project
    box.write({"params.yaml": "lr: [1\n"})
    ours, theirs = (done(box, show_line(box), tool=tool).json[0] for tool in (CAIRN, REAL_DVC))
    assert ours["data"] == theirs["data"] and (ours["error"] or {}).get("type") == (theirs["error"] or {}).get("type")


# ---- commands that change something: the same steps in two repositories, one for each tool


def twin(new_sandbox, tool):
    box = new_sandbox(tool=tool)
    box.extra_env["SIGN"] = str(box.root / "sign")
    sign(box, "go").touch()
    box.write(PIPELINE)
    box.check("git init -q --bare ../hub.git && git remote add origin ../hub.git")
    # for commits DVC takes an address that is relative as relative to "/"
    config = box.root / ".home/.config/dvc/config"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f"[core]\n    remote = store\n['remote \"store\"']\n    url = {box.root}/store\n")
    box.check("dvc add -q data single && git add -A && git commit -qm one && git push -q origin master")
    return box


STEPS = [
    "exp run -n one", "exp run -S lr=0.2 -n two", "exp run --queue -S lr=0.3 -n three", "exp run --queue -S lr=0.4 -n four",
    "exp apply one", "exp branch two from-two", "exp rename one uno", "exp push origin uno two", "exp remove two",
    "exp remove --queue", "exp apply nosuch", "exp branch nosuch b", "exp rename nosuch b", "exp remove nosuch", "queue kill nosuch",
    "queue logs nosuch --follow", "queue stop", "push", "pull", "checkout", "commit data.dvc -f", "checkout data", "pull data single.dvc",
    "push data.dvc", "remote add --project other /nowhere", "remote rename --project other another", "remote modify --project another url /there",
    "remote add -d --project first /here", "remote list --project", "remote remove --project another", "remote remove --local another",
    "config --global studio.offline true", "config studio.offline", "config --global --unset studio.offline", "remove single.dvc",
]

# lines whose order or words DVC itself does not keep; only the exit status counts
STATUS_ONLY = {"exp remove --queue", "exp push origin uno two"}


def test_every_change(new_sandbox):
    boxes = {tool: twin(new_sandbox, tool) for tool in (CAIRN, REAL_DVC)}
    for line in STEPS:
        ours, theirs = (ask(boxes[tool], line, tool=tool) for tool in (CAIRN, REAL_DVC))
        assert ours.status == theirs.status, (repr(ours), repr(theirs))
        if line not in STATUS_ONLY and ours.status == 0:
            root = {tool: str(boxes[tool].root) for tool in boxes}
            assert ours.out.replace(root[CAIRN], "") == theirs.out.replace(root[REAL_DVC], ""), (repr(ours), repr(theirs))
        if line.startswith(("exp branch", "exp rename")) and ours.status == 0:
            assert ours.out.strip(), "the extension skips what follows when nothing was printed"
    for command in ("git for-each-ref --format='%(refname)' refs/heads refs/exps | grep -v exec | sed 's/[0-9a-f]*//g'", "ls",
                    "cat .dvc/config", "dvc exp list --name-only"):
        assert boxes[CAIRN].check(command).out == boxes[REAL_DVC].check(command).out


@pytest.mark.parametrize("line, prepare", [
    ("checkout", "echo changed > single"), ("checkout single", "echo changed > single"), ("pull single", "echo changed > single"),
])
def test_the_text_that_asks_for_force(project, line, prepare):
    """The extension finds it by a pattern, asks the user, and repeats the command with -f at its end."""
    project.check(prepare)
    answer = ask(project, line)
    assert answer.status != 0
    assert re.search(r"Use ['`](-f|--force).*['`] to force\.", answer.err), repr(answer)
    done(project, line + " -f")


def test_starting_the_queue_speaks_at_once_and_returns(project):
    box = project
    done(box, "exp run --queue -n later -S lr=0.7")
    begin = time.monotonic()
    ours = done(box, "queue start -j 1")
    assert time.monotonic() - begin < 5
    assert ours.out == "Started '1' new experiments task queue worker.\n"
    wait_for(sign(box, "later.begun").exists)
    done(box, "queue kill later")
    wait_for(lambda: "0 active" in ask(box, "queue status").out)


def plots(box, revisions, tool):
    """The answer for these rows, with each image's bytes in the place of its path. The built-in templates are compared by what they
    draw (test_plot_templates.py); here the anchors that the extension fills must be in them."""
    answer = ask(box, f"plots diff {revisions} -o .dvc/tmp/plots --split --json", tool=tool)
    if answer.status:
        return answer.status, answer.err
    seen = answer.json
    for entries in seen.get("data", {}).values():
        for plot in entries:
            if plot["type"] == "vega":
                assert plot["content"].pop("data") == {"values": "<DVC_METRIC_DATA>"}
                plot["content"] = sorted(set(re.findall("<DVC_METRIC_[A-Z_]+>", json.dumps(plot["content"]))))
            else:
                path = plot["url"]
                assert os.path.isabs(path) and os.path.dirname(path) == str(box.repo / ".dvc/tmp/plots")
                plot["url"] = os.path.basename(path), open(path, "rb").read()
    return seen


def test_plots_of_every_mix_of_rows(busy):
    """Selected rows in the extension's order: the workspace, commits, branches, tags, experiments that are finished or run."""
    box = busy
    head, parent = (rev[:7] for rev in revisions(box))
    rows = ["", "workspace", head, "side", "v1", "finished", "here", "apart", "tasked", f"workspace {head}", f"workspace finished {head} {parent}",
            "workspace tasked apart here finished", f"here {head}", f"tasked {parent}", f"apart side v1 {head}", "finished here",
            "waiting", "failed", "nosuch"]
    for line in rows:
        want, got = plots(box, line, REAL_DVC), plots(box, line, CAIRN)
        assert got == want, f"{line}\n{got}\n{want}"
