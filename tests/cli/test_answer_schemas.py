"""What `--json` prints, checked with the schema that `cairn schema` prints of it. A schema allows fields that it does not
name, since there may be more of them later; here it must name each."""

import functools
import json
import re
import subprocess

import pytest
from harness.commands import table
from harness.sandbox import CAIRN, TOP, Sandbox

jsonschema = pytest.importorskip("jsonschema")

PIPELINE = """\
stages:
  prepare: {cmd: echo x > model, params: [lr, {other.yaml: []}], deps: [d], outs: [model: {persist: true}]}
  frozen: {cmd: [echo 1, 'echo 2 > o'], outs: [o: {cache: false}], desc: does not run}
  score: {cmd: 'echo "{\\"acc\\": 1}" > m.json && cp src.csv p.csv', deps: [model, src.csv], metrics: [m.json: {cache: false}], plots: [p.csv]}
  always: {cmd: 'true', always_changed: true}
artifacts: {net: {path: model, type: model}}
"""
# A batch system whose jobs begin at once.
NOW = """[executor "now"]
    type = command
    submit = setsid -f sh {script} </dev/null >/dev/null 2>&1; echo 1
    interval = 1s
"""


@functools.cache
def schema(name):
    done = subprocess.run([CAIRN, "schema", name], capture_output=True, check=True)
    found = json.loads(done.stdout)
    jsonschema.Draft7Validator.check_schema(found)
    return found


def strict(node, closed=True):
    """The schema with no fields but those that it names; the choices of an object share its fields."""
    out = dict(node)
    for key in "properties", "definitions":
        out[key] = {name: strict(inner) for name, inner in node.get(key, {}).items()}
    for key in "items", "additionalProperties":
        if isinstance(node.get(key), dict):
            out[key] = strict(node[key])
    choices = node.get("oneOf", [])
    out["oneOf"] = [strict(choice, closed=False) for choice in choices] or [{}]
    names = [*node.get("properties", {}), *(name for choice in choices for name in choice.get("properties", {}))]
    if closed and names and "additionalProperties" not in node:
        out["properties"] = {name: out["properties"].get(name, {}) for name in names}
        out["additionalProperties"] = False
    return out


def check(name, document):
    jsonschema.Draft7Validator(schema(name)).validate(document)
    jsonschema.Draft7Validator(strict(schema(name))).validate(document)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    box = Sandbox(tmp_path_factory.mktemp("answers"), CAIRN).init("dvc")
    box.write({"params.yaml": "lr: 1\nnet: {depth: 3, name: a}\n", "other.yaml": "a: [1, {b: 2}]\n", "d": "1\n", "sub/x": "x\n",
               "dvc.yaml": PIPELINE, "src.csv": "a,b\n1,2\n", "broken.json": "{"})
    box.write({".dvc/cairn.config": '[executor "gpu"]\n    type = slurm\n    partition = a100\n' + NOW})
    for line in """
        dvc add -q sub && dvc remote add -q -d r ../remote && dvc repro -q && dvc freeze frozen
        git add -A && git commit -qm one && git tag -am 1 net@v1.0.0
        git init -q ../o && cd ../o && dvc init -q && git commit -q --allow-empty -m o
        dvc dataset add -q ds --dvc ../o && dvc dataset add -q url --url sub && git add -A && git commit -qm datasets
        cairn exp run -q -n tried -S lr=2 && git checkout -q params.yaml && dvc checkout -q
        cairn exp note tried 'a note' && cairn exp tag tried add best && cairn exp star tried
        cairn exp run -q --queue -n waits -S lr=3 && git checkout -q . && git commit -q --allow-empty -m two
        echo y > sub/y && echo z > d && printf 'lr: 5\\nnew: 1\\n' > params.yaml && echo '{"acc": 3}' > m.json
    """.strip().splitlines():
        box.check(line)
    return box


ANSWERS = {
    "artifacts-show": ["artifacts show net --json"],
    "data-status": ["data status --json --granular --unchanged --untracked-files"],
    "dataset-show": ["dataset show ds --json", "dataset show url --json"],
    "diff": ["diff --json --show-hash", "diff --json HEAD~1 HEAD"],
    "executor-check": ["executor check now --json"],
    "executor-jobs": ["executor jobs --json"],
    "executor-list": ["executor list --json"],
    "executor-show": ["executor show gpu --json"],
    "exp-diff": ["exp diff HEAD tried --json"],
    "exp-list": ["exp list -A --json"],
    "exp-name": ["exp name --json"],
    "exp-save": ["exp save --json -n saved -f"],
    "exp-show": ["exp show --json", "exp show --json -A --filter 'not tag = none'"],
    "list": ["list . -R --json", "list . --json --rev HEAD"],
    "metrics-diff": ["metrics diff --json --all HEAD~1"],
    "metrics-show": ["metrics show --json", "metrics show broken.json --json", "metrics show -a -T --json", "metrics show --rev HEAD~1 --json"],
    "params-diff": ["params diff --json"],
    "params-show": ["params show --json", "params show --json --rev HEAD --deps", "params show --stages prepare --json"],
    "queue-status": ["queue status --json"],
    "resolve": ["resolve d sub sub/x model --json", "resolve d sub/x --rev HEAD --json"],
    "revs": ["revs --json", "revs --json --commits --tags"],
    "stage-list": ["stage list --json", "stage list --all --json"],
    "status": ["status --json", "status --cloud --json"],
    "version": ["version --json"],
}


@pytest.mark.parametrize("name, line", [(name, line) for name, lines in ANSWERS.items() for line in lines])
def test_answers(project, name, line):
    document = json.loads(project.check("cairn " + line).out)
    assert document or name in ("status", "diff", "data-status", "executor-jobs")
    check(name, document)


@pytest.mark.parametrize("line", ["cat nope", "status --nope", "metrics show nope --fail", "add nope"])
def test_failures(project, line):
    for text in project.sh(f"cairn {line} --json-errors").err.splitlines():
        check("error", json.loads(text))


def test_lines_of_a_batch(project):
    for text in project.check("printf 'd\\nnope\\nsub/x\\n' | cairn resolve --batch").lines:
        check("resolve", [json.loads(text)])


def test_a_schema_notices(project):
    """The strict form refuses a field that no schema names, the printed form accepts it."""
    document = json.loads(project.check("cairn resolve d --json").out)
    document[0]["later"] = 1
    jsonschema.Draft7Validator(schema("resolve")).validate(document)
    with pytest.raises(jsonschema.ValidationError):
        check("resolve", document)
    with pytest.raises(jsonschema.ValidationError):
        check("dataset-show", {"type": "dvc", "url": "x", "path": "", "sha": "no commit"})


def test_every_answer_has_a_schema_and_a_place_on_the_page():
    page = (TOP / "docs/programs.md").read_text()
    for name in [*ANSWERS, "error"]:
        assert schema(name)["title"] and re.search(rf"`{name}`", page), name
    names = subprocess.run([CAIRN, "schema", "nope"], capture_output=True, text=True).stderr
    assert set(re.findall(r"[a-z-]+", names.split(".dvc, ")[1].splitlines()[0])) == {*ANSWERS, "error"}


def test_commands_with_json_have_a_schema():
    """A new command with --json gets one, or a reason why not here."""
    others = {"fetch", "pull", "push", "log", "fsck", "why", "repro"}  # reports for people's scripts; `why` has why.schema.json
    plots = {"plots show", "plots diff", "plots templates", "plots exps"}  # of the editor
    short = {"exp " + c["command"].split()[1] if c["command"].startswith("experiments ") else c["command"]
             for c in table() if any(o.get("name") == "json" for o in c["options"])}
    assert {c.replace(" ", "-") for c in short - others - plots} == set(ANSWERS)
