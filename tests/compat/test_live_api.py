"""What programs ask: cairn's answers as JSON are those of the real dvc.api, asked in one process of its own."""

import csv
import json
import pathlib
import subprocess

import pytest
from ruamel.yaml import YAML

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


def ask_classes(box, calls):
    """The names of the classes, and of those they derive from, that these calls of dvc.api raise."""
    script = ("import json, sys, dvc.api\nout = []\nfor call in json.loads(sys.argv[1]):\n"
              "    try:\n        out.append(eval('dvc.api.' + call))\n"
              "    except Exception as e:\n        out.append([c.__module__ + '.' + c.__name__ for c in type(e).__mro__])\n"
              "print(json.dumps(out))")
    python = pathlib.Path(REAL_DVC).with_name("python")
    done = subprocess.run([python, "-c", script, json.dumps(calls)], cwd=box.repo, env=box.env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def short(name):
    return name.rpartition(".")[2]


def test_classes_of_failures(project):
    project.write({"data/a": "1\n", "note.txt": "x\n", "bad.json": "{", "bad.toml": "a ="})
    project.check("dvc add -q data && git add note.txt data.dvc .gitignore && git commit -qm data")
    asked = {
        "read('nope')": "cat nope", "read('data')": "cat data", "read('note.txt', rev='zz')": "cat note.txt --rev zz",
        "read('note.txt', repo='/nowhere')": "cat note.txt --repo /nowhere",
        "get_url('note.txt')": "get . note.txt --show-url",
        "get_url('data', remote='zz')": "get . data --show-url --remote zz",
        "get_url('data', repo='file://' + __import__('os').getcwd())": "get file://$PWD data --show-url",
        "metrics_show('nope.json')": "metrics show nope.json --fail", "metrics_show(rev='zz')": "metrics show --rev zz",
        "metrics_show('bad.json')": "metrics show bad.json --fail", "params_show('bad.toml')": "params show bad.toml --fail",
        "params_show(stages='zz')": "params show --stages zz --fail", "exp_show(revs='zz')": "exp show --rev zz",
        "exp_save(name='a/b')": "exp save -n a/b", "artifacts_show('zz')": "artifacts show zz",
        "artifacts_show('zz', version='v1', stage='b')": "artifacts show zz --rev v1 --stage b",
    }
    real = ask_classes(project, list(asked))
    for line, classes in zip(asked.values(), real):
        done = project.sh(f"cairn {line} --json-errors")
        assert done.status != 0, line
        error = json.loads(done.err.splitlines()[-1])["error"]
        # (dvc.utils.serialize gives the classes of its modules under its own name)
        assert short(error["class"]) == short(classes[0]), line
        project.check(f"{pathlib.Path(REAL_DVC).with_name('python')} -c 'import {error['class'].rpartition('.')[0]} as m; m.{short(error['class'])}'")


DATASETS = """- name: dc
  url: dc://cats@v3
  type: dc
  version: 3
  created_at: '2024-01-01T00:00:00+00:00'
- name: bucket
  url: s3://bkt/data/dir
  type: url
  meta: {isdir: true, size: 3, nfiles: 2}
  files:
  - relpath: b/c.csv
    meta: {size: 2, version_id: v2, etag: e}
  - relpath: a.csv
    meta: {size: 1, version_id: v1}
- name: object
  url: s3://bkt/one.csv
  type: url
  meta: {size: 1, version_id: abc}
- name: blob
  url: azure://box/one.csv
  type: url
  meta: {size: 1, version_id: '2024-01-01T00:00:00.0000000Z'}
- name: stored
  url: gs://box/dir
  type: url
  meta: {isdir: true, size: 1, nfiles: 1}
  files: [{relpath: a, meta: {size: 1, version_id: '17'}}]
- name: stale
  url: ../o
  type: dvc
  path: f
  rev_lock: 3de2a5f5d0b0f4e7bcd2a26f2f5b2f2f0c6cd5a1
"""
SPECS = """- {name: dc, url: 'dc://cats@v3', type: dc}
- {name: bucket, url: 's3://bkt/data/dir', type: url}
- {name: object, url: 's3://bkt/one.csv', type: url}
- {name: blob, url: 'azure://box/one.csv', type: url}
- {name: stored, url: 'gs://box/dir', type: url}
- {name: stale, url: ../o, type: dvc, path: g}
- {name: unlocked, url: ../o, type: dvc}
"""


def test_datasets(project):
    project.check("""
        git init -q ../o && (cd ../o && dvc init -q && echo hi > f && git add -A && git commit -qm one && git tag v1)
        mkdir ../ext && echo 1 > ../ext/a && dvc remote add -q up ..
        dvc dataset add -q whole --dvc ../o && dvc dataset add -q part --dvc ../o --path f --rev v1
        dvc dataset add -q dir --url ../ext && dvc dataset add -q file --url ../ext/a && dvc dataset add -q far --url remote://up/ext
    """)
    for name, more in ("dvc.yaml", SPECS), ("dvc.lock", DATASETS):
        yaml = YAML(typ="safe", pure=True)
        document = yaml.load(project.repo / name)
        document["datasets"] += yaml.load(more)
        yaml.dump(document, project.repo / name)
    names = ["whole", "part", "dir", "file", "far", "dc", "bucket", "object", "blob", "stored"]
    assert [answer(project, f"dataset show {name} --json") for name in names] == ask_api(project, [f"get_dataset('{name}')" for name in names])
    failing = {"nope": "dataset-not-found", "stale": "dataset-not-in-sync", "unlocked": "dataset-no-lock"}
    classes = ask_classes(project, [f"get_dataset('{name}')" for name in failing])
    for (name, kind), of_dvc in zip(failing.items(), classes):
        error = json.loads(project.sh(f"cairn dataset show {name} --json-errors").err)["error"]
        assert (error["kind"], error["class"]) == (kind, of_dvc[0])


def test_rows_of_experiments(project):
    project.write({"params.yaml": "lr: 0.2\nmodel: {depth: 4, name: big}\n"})
    project.check("git tag -d 'net#prod#1'")  # (which of two tags is shown is not the subject here)
    project.check("dvc exp run -q -n second -S lr=0.4 && dvc exp run -q --queue -n waits -S lr=0.5")
    project.check("git checkout -q . && dvc checkout -q")
    assert_same_rows(project, "exp_show(force=True)", "")
    assert_same_rows(project, "exp_show(revs=['master'], num=2)", " --rev master -n 2")


def assert_same_rows(box, call, options):
    [real] = ask_api(box, [call])
    rows = list(csv.DictReader(box.check(f"cairn exp show --csv --all-columns{options}").out.splitlines()))
    # (a commit as 7016e31 is no number)
    ours = [{k: v if k in ("rev", "parent") and v else number(v) for k, v in row.items()} for row in rows]
    assert [list(row) for row in ours] == [list(row) for row in real]
    for mine, theirs in zip(ours, real, strict=True):
        # the API has times for people, "01:45 AM"
        assert (mine.pop("Created") is None) == (theirs.pop("Created") is None)
        # and "None" for a text that is missing, None for a number
        assert mine == {k: None if v == "None" else v for k, v in theirs.items()}


def number(text):
    """A cell as dvc.api.exp_show has it: every number is a float, empty is None."""
    try:
        return float(text)
    except ValueError:
        return text or None


def test_parameters_of_stages(project):
    project.write({"more.yaml": "x: {y: 1, z: 2}\nq: 3\n"})
    project.check("dvc stage add -q -n second -p more.yaml:x.y,q true && dvc stage add -q -n third -p lr true")
    calls = {"params_show(stages='second')": "--stages second", "params_show(stages=['second', 'third'])": "--stages second --stages third",
             "params_show('other.json', stages='third')": "other.json --stages third", "params_show(deps=True)": "--deps",
             "params_show('more.yaml', deps=True)": "more.yaml --deps"}
    got = [values(answer(project, f"params show {line} --json --fail")) for line in calls.values()]
    assert got == ask_api(project, list(calls))


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
