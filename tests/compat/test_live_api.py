"""What programs ask: cairn's answers as JSON are those of the real dvc.api, asked in one process of its own."""

import json
import pathlib
import subprocess

import pytest

from harness.sandbox import CAIRN, REAL_DVC

pytestmark = pytest.mark.live

PIPELINE = """\
params: [other.json]
artifacts:
  net: {path: model, type: model}
stages:
  train:
    cmd: "sed 's/lr/score/;/depth/d' params.yaml > m.yaml && cp params.yaml model"
    params: [lr]
    outs: [model]
    metrics: [m.yaml: {cache: false}]
"""


@pytest.fixture
def project(new_sandbox):
    """Two commits, a branch, versions of an artifact here and in a subdirectory, an experiment."""
    box = new_sandbox(CAIRN, "dvc")
    box.write({"params.yaml": "lr: 0.1\nmodel: {depth: 3}\n", "other.json": '{"seed": 1}', "dvc.yaml": PIPELINE,
               "sub/dvc.yaml": "artifacts:\n  tree: {path: t.pkl}\n", "sub/t.pkl": "t\n"})
    box.check("dvc repro -q && git add -A && git commit -qm one && git tag plain && git tag -am 1 net@v1.0.0 && git tag -am 1 sub=tree@v0.1.0")
    box.write({"params.yaml": "lr: 0.2\nmodel: {depth: 4}\n"})
    box.check("dvc repro -q && git commit -qam two && git tag -am 2 net@v2.0.0 && git tag -am p net#prod#1 net@v1.0.0^{} && git branch side HEAD~1")
    box.check("dvc exp run -q -n tried -S lr=0.3 && git checkout -q . && dvc checkout -q")
    return box


def ask_api(box, calls):
    """The values of these calls of dvc.api; an exception is its class and text."""
    script = ("import json, sys, dvc.api\nout = []\nfor call in json.loads(sys.argv[1]):\n"
              "    try:\n        out.append(eval('dvc.api.' + call))\n"
              "    except Exception as e:\n        out.append({'error': type(e).__name__})\n"
              "print(json.dumps(out))")
    python = pathlib.Path(REAL_DVC).with_name("python")
    done = subprocess.run([python, "-c", script, json.dumps(calls)], cwd=box.repo, env=box.env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def answer(box, line):
    done = box.sh(f"cairn {line}")
    return json.loads(done.out) if done.status == 0 else {"error": done.err.splitlines()[0]}


def values(shown):
    """The files of the one revision of `metrics show --json` as one map, as dvc.api merges them."""
    [revision] = shown.values()
    merged = {}
    for file in revision["data"].values():
        merged.update(file["data"])
    return merged


def test_numbers_of_a_revision(project):
    revs = ["plain", "HEAD", "side", "tried"]
    params = ask_api(project, [f"params_show(rev='{rev}')" for rev in revs])
    metrics = ask_api(project, [f"metrics_show(rev='{rev}')" for rev in revs])
    assert [values(answer(project, f"params show --rev {rev} --json")) for rev in revs] == params
    assert [values(answer(project, f"metrics show --rev {rev} --json")) for rev in revs] == metrics
    assert metrics[0] == {"score": 0.1} and params[3]["lr"] == 0.3


@pytest.mark.parametrize("repo, url", [("", ""), (", '.'", " --repo .")])
def test_revisions(project, repo, url):
    want = ask_api(project, [f"{call}({repo.strip(', ')})" for call in ("all_branches", "all_tags", "all_commits")])
    got = answer(project, f"revs --branches --tags --commits --json{url}")
    assert [sorted(v) for v in (got["branches"], got["tags"], got["commits"])] == [sorted(v) for v in want]
    assert answer(project, "revs --json")["experiments"] == ["tried"]
    assert project.check("cairn revs --branches").out == "master\nside\n"


def test_artifacts(project):
    asked = {"artifacts_show('net')": "net", "artifacts_show('net', version='v1.0.0')": "net --rev v1.0.0",
             "artifacts_show('net', stage='prod')": "net --stage prod", "artifacts_show('sub:tree')": "sub:tree"}
    assert [answer(project, f"artifacts show {line} --json") for line in asked.values()] == ask_api(project, list(asked))
    failing = {"artifacts_show('nope')": "nope", "artifacts_show('net', version='v9.0.0')": "net --rev v9.0.0",
               "artifacts_show('net', version='v1.0.0', stage='prod')": "net --rev v1.0.0 --stage prod"}
    assert all("error" in a for a in ask_api(project, list(failing)))
    assert [answer(project, f"artifacts show {line} --json")["error"] for line in failing.values()] == [
        "ERROR: Unable to find artifact 'nope'", "ERROR: Unable to find artifact 'net @ v9.0.0'",
        "ERROR: Artifact version and stage are mutually exclusive."]
