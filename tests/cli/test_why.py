"""Predictions of `why` and `repro --explain`: each kind of change, and that a run then does exactly that."""

import hashlib
import json
import os
import random
import re
import subprocess
import time

import jsonschema
import pytest
from harness.sandbox import TOP

PIPELINE = """stages:
  prepare:
    cmd: cat data/? data/sub/* > prepared
    deps: [data]
    params: [split]
    outs: [prepared]
  train:
    cmd: head -c 1 prepared > model
    deps: [prepared]
    params: [lr, net.size]
    outs: [model]
  report:
    cmd: wc -c < model > report
    deps: [model]
    outs: [report]
"""
FILES = {"dvc.yaml": PIPELINE, "params.yaml": "split: 0.2\nlr: 1\nnet: {size: [1, 2]}\n",
         "data/a": "a\n", "data/b": "b\n", "data/sub/c": "c\n"}
SCHEMA = json.loads((TOP / "docs/internals/why.schema.json").read_text())


@pytest.fixture
def project(repo):
    repo.write(FILES)
    repo.check("cairn repro -q && git add -A && git commit -q -m 'first run'")
    return repo


def why(box, arguments="", command="why"):
    done = box.check(f"cairn {command} --json {arguments}")
    document = json.loads(done.out)
    jsonschema.validate(document, SCHEMA)
    assert not done.err
    return {s["stage"]: s for s in document["stages"]}, document


def actions(box, arguments="", command="why"):
    return {name: s["action"] for name, s in why(box, arguments, command)[0].items()}


def text(box, arguments="", command="why"):
    """The page with times and commits replaced by fixed words."""
    out = box.check(f"cairn {command} {arguments}").out
    assert "\t" not in out and not [line for line in out.splitlines() if line != line.rstrip()]
    out = re.sub(r" +~Ts", "  ~Ts", re.sub(r"\b[0-9.]+m?s\b", "Ts", out))  # the width of the column depends on the times
    return re.sub(r"since    [0-9a-f]{7} 2024-01-02", "since    COMMIT DAY", out)


def md5(content):
    return hashlib.md5(content.encode()).hexdigest()


def test_nothing_changed(project):
    assert text(project) == "Data and pipelines are up to date.\n"
    stages, document = why(project)
    assert [s["action"] for s in stages.values()] == ["skip"] * 3
    assert document["expected"] == {"certain_s": 0.0, "most_s": 0.0, "unknown": 0, "jobs": 1, "with_jobs_s": 0.0}
    assert document["critical_path"] == {"seconds": 0.0, "stages": []}


def test_never_ran(repo):
    repo.write(FILES)
    assert text(repo) == """run      prepare  never ran
run      train    never ran, unless the run-cache has it, after prepare
run      report   never ran, unless the run-cache has it, after train

3 run
"""
    stages, document = why(repo)
    assert all(s["never_ran"] and not s["changes"] and s["since"] is None for s in stages.values())
    assert stages["prepare"]["run_cache"] == "miss" and stages["train"]["run_cache"] == "unknown"
    assert document["expected"]["unknown"] == 3


def test_everything_of_a_change(project):
    project.write({"params.yaml": "split: 0.3\nlr: 1\nnet: {size: [1, 2]}\n", "data/a": "A!\n", "data/new": "n\n"})
    project.check("rm data/b")
    stages, document = why(project)
    head = project.check("git rev-parse HEAD").out.strip()
    prepare = stages["prepare"]
    old = project.check("grep -o '[0-9a-f]*\\.dir' dvc.lock").out.strip()
    dep, param = prepare["changes"]
    new = dep["new"].pop("hash")
    assert re.fullmatch(r"[0-9a-f]{32}\.dir", new) and new != old
    assert dep == {
        "kind": "dep", "path": "data", "state": "modified",
        "old": {"hash": old, "size": 6, "nfiles": 3}, "new": {"size": 7, "nfiles": 3},
        "files": {"added": 1, "modified": 1, "deleted": 1, "first": [
            {"path": "a", "state": "modified"}, {"path": "b", "state": "deleted"}, {"path": "new", "state": "new"}]}}
    assert param == {"kind": "param", "path": "params.yaml", "name": "split", "state": "modified", "old": 0.2, "new": 0.3}
    assert prepare["since"] == {"commit": head, "subject": "first run", "time": 1704164645, "exact": True}
    assert (prepare["action"], prepare["run_cache"]) == ("run", "miss")
    assert prepare["expected"]["runs"] == 1 and prepare["expected"]["same_command"]
    train = stages["train"]
    assert (train["action"], train["run_cache"], train["changes"]) == ("maybe", "unknown", [])
    assert train["after"] == [{"stage": "prepare", "path": "prepared"}]
    assert document["critical_path"]["stages"] == ["prepare", "train", "report"]
    assert document["expected"]["most_s"] >= document["expected"]["certain_s"] > 0
    assert text(project) == f"""run      prepare  ~Ts
           dep      data  modified: 1 new, 1 modified, 1 deleted  {old[:7]} -> {new[:7]}  6B -> 7B
                    ~ a
                    - b
                    + new
           param    params.yaml:split  0.2 -> 0.3
           since    COMMIT DAY first run
may run  train  ~Ts  depends on prepare
may run  report  ~Ts  depends on train

1 run, 2 may run; expected Ts to Ts
critical path Ts: prepare > train > report
"""


def test_many_files(project):
    project.write({f"data/n{i}": "x" for i in range(20)})
    change = why(project)[0]["prepare"]["changes"][0]
    assert change["files"]["added"] == 20 and len(change["files"]["first"]) == 10
    assert "                    and 17 more\n" in text(project)


def test_command(project):
    project.write({"dvc.yaml": PIPELINE.replace("head -c 1 prepared > model", "head -c 2 prepared > model\n")})
    stages, _ = why(project)
    assert stages["train"]["changes"] == [{
        "kind": "command", "state": "modified", "old": "head -c 1 prepared > model", "new": "head -c 2 prepared > model"}]
    assert stages["train"]["expected"]["same_command"] is False
    assert text(project, "train") == """run      train  ~Ts
           command  head -c 1 prepared > model
                 -> head -c 2 prepared > model
           since    COMMIT DAY first run
skip     prepare

1 run, 1 skip; expected Ts
"""


def test_parameters(project):
    project.write({"params.yaml": "split: 0.2\nnet: {size: [1, 3]}\nother: 1\n"})
    changes = why(project)[0]["train"]["changes"]
    assert changes == [
        {"kind": "param", "path": "params.yaml", "state": "deleted", "name": "lr", "old": 1, "new": None},
        {"kind": "param", "path": "params.yaml", "state": "modified", "name": "net.size", "old": [1, 2], "new": [1, 3]}]
    train = why(project)[0]["train"]
    assert train["action"] == "fail" and train["error"] == "Parameters 'lr' are missing from 'params.yaml'."
    assert project.dvc("repro train").err.endswith("Parameters 'lr' are missing from 'params.yaml'.\n")
    project.check("cairn checkout -q; rm params.yaml")
    assert why(project)[0]["train"]["changes"] == [
        {"kind": "param", "path": "params.yaml", "state": "deleted", "name": None, "old": None, "new": None}]


def test_a_missing_dependency(project):
    project.check("rm -r data")
    prepare = why(project)[0]["prepare"]
    assert prepare["action"] == "fail" and "'data'" in prepare["error"].replace(str(project.repo) + "/", "")
    assert prepare["changes"][0]["state"] == "deleted" and prepare["changes"][0]["new"] is None
    assert project.dvc("repro").status != 0


def test_outputs(project):
    project.write({"model": "spoilt"})
    project.check("rm report")
    stages, _ = why(project)
    assert actions(project) == {"prepare": "skip", "train": "restore", "report": "restore"}
    assert stages["train"]["changes"] == [{
        "kind": "out", "path": "model", "state": "modified",
        "old": {"hash": md5("a"), "size": 1, "nfiles": None},
        "new": {"hash": md5("spoilt"), "size": 6, "nfiles": None}, "files": None}]
    assert stages["report"]["changes"][0]["state"] == "deleted"
    project.check("cairn repro | grep -c 'is cached - skipping run' | grep -qx 2")
    project.check("rm -rf .dvc/cache/files/md5/" + md5("a")[:2])
    assert why(project)[0]["train"]["changes"][0]["state"] == "not in cache"
    assert actions(project)["train"] == "run"


def test_run_cache(project):
    """Values of an earlier run: the result is known, and so are its consequences."""
    project.write({"params.yaml": "split: 0.9\nlr: 1\nnet: {size: [1, 2]}\n", "data/b": "x\n"})
    project.check("cairn repro -q && git commit -q -a -m second")
    project.check("git checkout -q HEAD~1 -- params.yaml && printf 'b\\n' > data/b")
    stages, _ = why(project)
    assert {n: (s["action"], s["run_cache"]) for n, s in stages.items()} == {
        "prepare": ("restore", "hit"), "train": ("restore", "hit"), "report": ("skip", None)}
    change = stages["train"]["changes"][0]
    assert change["path"] == "prepared" and change["new"]["hash"] == md5("a\nb\nc\n")
    assert stages["train"]["since"]["subject"] == "second" and stages["prepare"]["since"]["subject"] == "second"
    assert actions(project, "--no-run-cache", "repro --explain")["prepare"] == "run"
    project.check("cairn repro | grep -c 'is cached - skipping run' | grep -qx 2")
    assert set(actions(project).values()) == {"skip"}


def test_since(project):
    """Each stage by its own entry; later commits that do not change it are ignored."""
    project.write({"params.yaml": "split: 0.2\nlr: 2\nnet: {size: [1, 2]}\n"})
    project.check("cairn repro -q && git commit -q -a -m 'another lr'")
    project.check("echo x > README && git add README && git commit -q -m readme")
    project.write({"params.yaml": "split: 0.5\nlr: 3\nnet: {size: [1, 2]}\n"})
    stages, _ = why(project)
    assert [stages[n]["since"]["subject"] for n in ("prepare", "train")] == ["first run", "another lr"]
    project.check("cairn repro -q")
    project.write({"params.yaml": "split: 0.6\nlr: 3\nnet: {size: [1, 2]}\n"})
    stages, _ = why(project)
    assert stages["prepare"]["since"] == {"commit": None, "subject": None, "time": None, "exact": True}
    assert "           since    a run that is not committed\n" in text(project)
    # an edit that changes only the formatting
    project.check("git checkout -q . && printf 'split: 0.7\\nlr: 2\\nnet: {size: [1, 2]}\\n' > params.yaml")
    project.check("python3 - <<'E'\nt = open('dvc.lock').read()\nopen('dvc.lock', 'w').write(t.replace(\"split: 0.2\", \"'split':  0.2\"))\nE\n")
    assert why(project)[0]["prepare"]["since"]["subject"] == "first run"


def test_long_history(project):
    """A thousand commits are read; older changes are reported as older."""
    stream = "".join(f"commit refs/heads/master\ncommitter A <a@b> {1704164645 + i} +0000\ndata 2\n{i % 10}\n"
                     + ("from refs/heads/master^0\n" if i == 0 else "") + "\n" for i in range(998))
    project.check("git fast-import --quiet", input=stream)
    project.write({"data/a": "new\n"})
    since = why(project)[0]["prepare"]["since"]
    assert since["exact"] is True and since["subject"] == "first run"
    project.check("git commit -q --allow-empty -m newest")
    since = why(project)[0]["prepare"]["since"]
    assert since["exact"] is False and since["subject"] == "first run"
    assert "           since    before " in project.check("cairn why").out


def test_jobs(repo):
    """Four equal stages, and one that depends on two of them."""
    repo.write({"in": "1", "dvc.yaml": "stages:\n" + "".join(
        f"  s{i}:\n    cmd: sleep 0.1; cp in o{i}\n    deps: [in]\n    outs: [o{i}]\n" for i in range(4)) +
        "  last:\n    cmd: sleep 0.1; cat o0 o1 > end\n    deps: [o0, o1]\n    outs: [end]\n"})
    repo.check("cairn repro -q -j 4")
    repo.write({"in": "2"})
    for jobs, rounds in ((1, 5), (2, 3), (4, 2), (9, 2)):
        expected = why(repo, f"-j {jobs}")[1]["expected"]
        assert expected["jobs"] == jobs
        assert rounds * 0.1 <= expected["with_jobs_s"] < expected["most_s"] + 0.001
        assert jobs == 1 or expected["with_jobs_s"] < expected["most_s"] * (rounds + 0.9) / 5
    assert why(repo, "-j 4")[1]["critical_path"]["stages"][1:] == ["last"]
    assert "; expected Ts to Ts, at most Ts with -j 2\n" in text(repo, "-j 2")
    assert " with -j 2\n" in repo.check("cairn repro --explain -j 2").out


def test_imports(repo):
    repo.write({"../far": "1", "dvc.yaml": "stages:\n  use:\n    cmd: cp near out\n    deps: [near]\n    outs: [out]\n"})
    repo.check("cairn import-url -q $PWD/../far near && cairn repro -q && echo 2 > ../far")
    assert actions(repo) == {"near.dvc": "skip", "use": "skip"}
    repo.check("cairn unfreeze near.dvc")
    assert actions(repo) == {"near.dvc": "import", "use": "maybe"}
    repo.check("cairn repro -q")
    assert actions(repo) == {"near.dvc": "skip", "use": "skip"}


def test_shallow_clone_and_no_git(project, new_sandbox):
    project.write({"other": "1"})
    project.check("git add other && git commit -q -m later && git clone -q --depth 1 file://$PWD ../shallow")
    shallow = project.sh("cd ../shallow && cp -r ../repo/.dvc/cache .dvc/ && cp -r ../repo/data ../repo/prepared . && "
                         "echo new > data/a && cairn why --json prepare")
    since = json.loads(shallow.out)["stages"][0]["since"]
    assert since["subject"] == "later"
    box = new_sandbox(start="noscm")
    box.write(FILES)
    box.check("cairn repro -q && echo new > data/a")
    assert why(box)[0]["prepare"]["since"] is None
    assert why(box)[0]["prepare"]["changes"]


def test_frozen_always_and_callback(project):
    project.write({"dvc.yaml": PIPELINE + "  always:\n    cmd: date > now\n    always_changed: true\n    outs: [now]\n"
                                          "  callback:\n    cmd: echo called\n"})
    project.check("cairn repro -q && cairn freeze train && echo new > data/a")
    project.check("git add -A && git commit -q -m more")
    assert actions(project) == {"prepare": "run", "train": "skip", "report": "skip", "always": "run", "callback": "run"}
    stages, _ = why(project)
    assert stages["always"]["changes"] == [{"kind": "always"}] == stages["callback"]["changes"]
    assert stages["always"]["run_cache"] is None
    assert "           always runs (always_changed)\n" in text(project)
    assert "           always runs (neither dependencies nor outputs)\n" in text(project)
    project.write({"model": "mine"})
    assert actions(project)["train"] == "verify" and actions(project)["report"] == "run"
    project.check("rm model")
    train = why(project)[0]["train"]
    assert (train["action"], train["error"]) == ("fail", "missing data 'source': model")


def test_options_of_repro(project):
    assert actions(project, "-f", "repro --explain") == {"prepare": "run", "train": "run", "report": "run"}
    assert actions(project, "-s -f train", "repro --explain") == {"train": "run"}
    assert all(s["forced"] and s["run_cache"] == "off" for s in why(project, "-f", "repro --explain")[0].values())
    project.write({"data/a": "other\n"})
    assert actions(project, "--force-downstream", "repro --explain") == dict.fromkeys(("prepare", "train", "report"), "run")
    assert actions(project, "--downstream train") == {"train": "skip", "report": "skip"}
    assert actions(project, "-s report train") == {"report": "skip", "train": "skip"}
    assert actions(project, "--glob 't*'") == {"prepare": "run", "train": "maybe"}
    project.check("git checkout -q . ; printf 'a\\n' > data/a; rm -rf .dvc/cache model")
    assert actions(project, "--allow-missing", "repro --explain") == dict.fromkeys(("prepare", "train", "report"), "skip")


def test_pull(project):
    project.check("mkdir ../store && cairn remote add -d r ../store && cairn push -q && rm -rf .dvc/cache model prepared report")
    assert actions(project, "--pull", "repro --explain") == dict.fromkeys(("prepare", "train", "report"), "pull")
    assert actions(project) == {"prepare": "run", "train": "run", "report": "run"}
    assert not (project.repo / ".dvc/cache").exists()
    project.check("cairn repro --pull | grep -c Running || true")
    assert set(actions(project).values()) == {"skip"}


def test_folders_and_groups(repo):
    repo.write({"sub/dvc.yaml": "stages:\n  each:\n    foreach: [x, y]\n    do:\n      cmd: cp in ${item}\n      deps: [in]\n"
                                "      outs: ['${item}']\n",
                "sub/in": "1", "dvc.yaml": "stages:\n  top:\n    cmd: cp sub/x top\n    deps: [sub/x]\n    outs: [top]\n"})
    repo.check("cairn repro -q -P && git add -A && git commit -q -m all")
    repo.write({"sub/in": "2"})
    assert actions(repo, "-P") == {"sub/dvc.yaml:each@x": "run", "sub/dvc.yaml:each@y": "run", "top": "maybe"}
    assert list(why(repo, "sub/dvc.yaml:each")[0]) == ["sub/dvc.yaml:each@x", "sub/dvc.yaml:each@y"]
    inside = json.loads(repo.check("cd sub && cairn why --json each@x").out)["stages"][0]
    assert inside["stage"] == "each@x" and inside["changes"][0]["path"] == "in"
    assert inside["since"]["subject"] == "all"


def test_directories_between_stages(repo):
    """A dependency around, inside or equal to an output of another stage."""
    repo.write({"in": "1", "dvc.yaml": "stages:\n"
                "  make:\n    cmd: mkdir -p d/e && cp in d/e/f\n    deps: [in]\n    outs: [d/e]\n"
                "  file:\n    cmd: cp d/e/f file\n    deps: [d/e/f]\n    outs: [file]\n"
                "  whole:\n    cmd: ls d > whole\n    deps: [d]\n    outs: [whole]\n"})
    repo.check("cairn repro -q")
    repo.write({"in": "2"})
    assert actions(repo) == {"make": "run", "file": "maybe", "whole": "maybe"}
    repo.check("cairn repro -q")
    repo.write({"in": "1"})
    assert actions(repo) == {"make": "restore", "file": "maybe", "whole": "maybe"}


def test_data_sources(repo):
    repo.write({"raw": "1", "dvc.yaml": "stages:\n  use:\n    cmd: cp raw out\n    deps: [raw]\n    outs: [out]\n"})
    repo.check("cairn add -q raw && cairn repro -q")
    repo.write({"raw": "2"})
    assert actions(repo) == {"raw.dvc": "verify", "use": "run"}
    assert why(repo)[0]["raw.dvc"]["changes"][0]["kind"] == "out"


def test_unknown_stages(project):
    for command in ("why", "log"):
        done = project.sh(f"cairn {command} trian")
        assert (done.status, done.out) == (255, "")
        assert done.err == "ERROR: Stage 'trian' not found inside 'dvc.yaml' file\nDid you mean 'train'?\n"
        done = project.sh(f"cairn {command} train nothing-like-it")
        assert done.err.endswith("\n`cairn stage list --all` names all stages.\n")
        assert project.sh(f"cairn {command} no/dvc.yaml:x").status == 255


def snapshot(box):
    """Every file of the repository with its times, and the times of each directory."""
    seen = {}
    for folder, _, files in os.walk(box.repo):
        for path in [folder] + [os.path.join(folder, f) for f in files]:
            st = os.lstat(path)
            seen[path] = (st.st_size, st.st_mtime_ns, st.st_ctime_ns, st.st_ino)
    return seen


def test_leaves_no_trace(project):
    project.write({"data/a": "new\n", "params.yaml": "split: 0.3\nlr: 1\nnet: {size: [1, 2]}\n"})
    project.check("rm model; rm -rf .dvc/tmp")
    runs = next((project.repo / ".dvc/cache/runs").glob("*/*/*"))
    runs.chmod(0o644)
    runs.write_text("corrupt: [")
    before = snapshot(project)
    project.sh("cairn why; cairn why --json; cairn repro --explain; cairn repro --explain -f; cairn log")
    assert snapshot(project) == before
    assert text(project) == text(project)


def test_held_lock(project):
    """An explanation does not wait for locks."""
    done = project.sh("mkdir -p .dvc/tmp && flock .dvc/tmp/lock timeout 20 cairn why")
    assert (done.status, done.out) == (0, "Data and pipelines are up to date.\n")


def test_while_another_runs(project):
    """Paths that another run is writing are not judged; a run would report the same."""
    project.write({"dvc.yaml": PIPELINE.replace("head -c 1 prepared > model",
                                                "touch ../started; while [ ! -e ../go ]; do sleep 0.01; done; cp prepared model")})
    other = subprocess.Popen(["cairn", "repro", "-q", "train"], cwd=project.repo, env=project.env, stdin=subprocess.DEVNULL)
    try:
        for _ in range(1000):
            if (project.root / "started").exists():
                break
            time.sleep(0.01)
        stages, _ = why(project)
        busy = re.compile(rf"'.*model' is busy, it is being blocked by: \(PID {other.pid}\): cairn repro -q train.*")
        assert stages["train"]["action"] == "fail" and busy.fullmatch(stages["train"]["error"])
        assert stages["report"]["action"] == "fail" and busy.fullmatch(stages["report"]["error"])
        assert stages["prepare"]["action"] == "skip"
        assert "is busy" in project.sh("cairn repro train").err
    finally:
        (project.root / "go").touch()
        assert other.wait(20) == 0
    assert actions(project)["train"] == "skip"


def test_colours(project):
    script = "script -qec 'cairn why' /dev/null < /dev/null"
    if project.sh("command -v script").status:
        pytest.skip("there is no script(1)")
    project.write({"data/a": "new\n", "dvc.yaml": PIPELINE.replace("head -c 1", "head   " + " " * 200 + "-c 1")})
    project.extra_env["TERM"] = "xterm"
    out = project.check(script).out
    assert "\033[33mrun     \033[0m prepare" in out
    project.extra_env["NO_COLOR"] = "1"
    out = project.check(script).out
    assert "\033" not in out and "…" in out
    assert max(len(line) for line in out.splitlines()) <= 80


# ---- the predictions come true ----

PARAMS = ("p0", "p1", "p2")


def random_pipeline(rng, count):
    stages = []
    for i in range(count):
        paths = rng.sample([f"src{k}" for k in range(3)] + [f"out{k}" for k in range(i)], min(1 + rng.randrange(3), 3 + i))
        stages.append({"deps": paths, "params": rng.sample(PARAMS, rng.randrange(3)), "coarse": rng.random() < 0.4,
                       "always": rng.random() < 0.05, "frozen": False, "salt": 0, "cached": rng.random() < 0.9})
    return stages


def write_pipeline(box, stages):
    lines = ["stages:"]
    for i, s in enumerate(stages):
        # a command with little precision often has the same result for different input
        cut = " | head -c 1" if s["coarse"] else ""
        used = " ".join("${%s}" % p for p in s["params"])
        lines += [f"  s{i}:", f"    cmd: echo s{i} >> ../ran && (cat {' '.join(s['deps'])}; echo {used}){cut} > out{i} && true {s['salt']}",
                  f"    deps: [{', '.join(s['deps'])}]",
                  f"    outs: [out{i}]" if s["cached"] else f"    outs: [{{out{i}: {{cache: false}}}}]"]
        if s["params"]:
            lines.append(f"    params: [{', '.join(s['params'])}]")
        lines += ["    always_changed: true"] * s["always"] + ["    frozen: true"] * s["frozen"]
    box.write({"dvc.yaml": "\n".join(lines) + "\n"})


def edit(rng, box, stages, params):
    """Returns whether an output was changed: then --dry, which judges each stage alone, reports more."""
    kind = rng.choice(["source", "source", "param", "param", "command", "output", "remove", "freeze", "nothing", "add"])
    i = rng.randrange(len(stages))
    if kind == "source":
        box.write({f"src{rng.randrange(3)}": f"{rng.randrange(3)}\n"})
    elif kind == "param":
        params[rng.choice(PARAMS)] = rng.randrange(3)
    elif kind == "command":
        stages[i]["salt"] = rng.randrange(3)
    elif kind == "output":
        box.sh(f"rm -f out{i}; echo spoilt > out{i}")
    elif kind == "remove":
        box.sh(f"rm -f out{i}")
    elif kind == "freeze":
        stages[i]["frozen"] = not stages[i]["frozen"]
    elif kind == "add":
        stages.append({"deps": [f"out{i}"], "params": [], "coarse": False, "always": False, "frozen": False, "salt": 0,
                       "cached": True})
    box.write({"params.yaml": "".join(f"{k}: {v}\n" for k, v in params.items())})
    write_pipeline(box, stages)
    return kind in ("output", "remove")


@pytest.mark.parametrize("seed", [*range(10), 53])
def test_what_is_foretold_happens(repo, seed):
    rng = random.Random(seed)
    stages, params = random_pipeline(rng, 7), dict.fromkeys(PARAMS, 0)
    repo.write({f"src{k}": "0\n" for k in range(3)} | {"params.yaml": "p0: 0\np1: 0\np2: 0\n"})
    write_pipeline(repo, stages)
    for _ in range(12):
        touched = [edit(rng, repo, stages, params) for _ in range(1 + rng.randrange(2))]
        options = rng.choice(["", "", "", "", "-f", "--force-downstream", "--no-run-cache", "s3"])
        foretold, _ = why(repo, options, "repro --explain")
        by = {a: {n for n, s in foretold.items() if s["action"] == a} for a in ("run", "restore", "maybe", "skip", "verify", "fail")}
        only_said = repo.sh(f"cairn repro --dry {options}")
        dry = set(re.findall(r"^Running stage '(.*)':", only_said.out, re.M))
        (repo.root / "ran").write_text("")
        real = repo.sh(f"cairn repro {options}")
        ran = set((repo.root / "ran").read_text().split())
        restored = set(re.findall(r"^Stage '(.*)' is cached", real.out, re.M))
        skipped = set(re.findall(r"^Stage '(.*)' didn't change", real.out, re.M))
        note = (seed, options, {n: (s["action"], s["run_cache"]) for n, s in foretold.items()}, real.out, real.err)
        if by["fail"]:
            assert real.status != 0, note
            repo.check("cairn repro -q -f || true")
            continue
        assert real.status == 0, note
        certain = {n for n in by["run"] if foretold[n]["run_cache"] != "unknown"}
        assert certain <= ran, note
        assert by["run"] <= ran | restored, note
        assert ran <= by["run"] | by["maybe"], note
        assert by["restore"] <= restored <= by["restore"] | by["maybe"] | (by["run"] - certain), note
        assert by["skip"] <= skipped, note
        if only_said.status == 0 and not any(touched) and not by["restore"]:
            assert dry <= by["run"] | by["maybe"], (dry, note)
            assert by["run"] <= dry | {n for n in by["run"] if foretold[n]["after"] or foretold[n]["forced"]}, (dry, note)
        if options == "s3":
            continue
        again = {n: s["action"] for n, s in why(repo)[0].items()}
        assert {n for n, a in again.items() if a != "skip"} <= {f"s{i}" for i, s in enumerate(stages) if s["always"]} | {
            n for n, a in again.items() if a == "maybe"}, note


def test_since_of_a_thousand_stages(repo):
    """With any number of stages and commits, each version of dvc.lock is read once."""
    repo.write({"dvc.yaml": "stages:\n  s:\n    foreach: [" + ", ".join(map(str, range(1000))) + "]\n    do:\n"
                            "      cmd: echo ${item} ${k} > o${item}\n      outs: ['o${item}']\n", "params.yaml": "k: 1\n"})

    def commit(subject, command):
        repo.check(f"{command} && git add dvc.lock && git commit -qm {subject}")

    commit("first", "cairn repro -q --no-commit")
    commit("second", "sed -i 's/k: 1/k: 2/' params.yaml && cairn repro -q --no-commit")
    for i in range(20):
        commit(f"c{i}", f"sed -i '$ s/.*/      size: 1{i}/' dvc.lock")
    repo.write({"params.yaml": "k: 3\n"})
    begun = time.monotonic()
    stages, _ = why(repo)
    assert time.monotonic() - begun < 5
    subjects = [s["since"]["subject"] for s in stages.values()]
    assert subjects == ["second"] * 999 + ["c19"]


def test_a_thousand_stages(repo):
    """It costs no more than reading, and prints only changes."""
    lines = ["stages:"]
    for i in range(1000):
        lines.append(f"  s{i}: {{cmd: ': > o{i}', deps: [in], outs: [o{i}]}}")
    repo.write({"in": "", "dvc.yaml": "\n".join(lines) + "\n"})
    assert repo.check("cairn why").out.count("\n") == 1002
    repo.check("cairn repro -q s7 s8")
    repo.write({"in": "1"})
    stages, document = why(repo, "s7 s8")
    assert document["expected"]["unknown"] == 0 and len(stages) == 2
