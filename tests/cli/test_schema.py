"""cairn schema: JSON schemas for editors, checked with every file of the compat scenarios and DVC's own schema."""

import functools
import json
import subprocess

import pytest
from harness import records
from harness.sandbox import CAIRN, TOP

jsonschema = pytest.importorskip("jsonschema")
FILES = ["dvc.yaml", "dvc.lock", ".dvc"]


@functools.cache
def validator(name):
    schema = json.loads(subprocess.run([CAIRN, "schema", name], capture_output=True, check=True).stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def is_right(name, data):
    return validator(name).is_valid(data)


def given(name):
    """The files of that name with which any recorded scenario starts."""
    from ruamel.yaml import YAML

    texts = set()
    for record in records.everything():
        texts.update(text for file, text in record["given"].items() if file.endswith(name))
    for text in sorted(texts):
        try:
            data = YAML(typ="safe", pure=True).load(text)
        except Exception:  # not YAML at all
            continue
        if has_text_keys(data):  # JSON has no other keys
            yield text, data


def has_text_keys(v):
    if isinstance(v, dict):
        return all(isinstance(k, str) and has_text_keys(x) for k, x in v.items())
    return all(has_text_keys(x) for x in v) if isinstance(v, list) else True


def is_right_for_dvc(name, data):
    from dvc import schema
    from voluptuous import MultipleInvalid

    compiled = {"dvc.yaml": schema.COMPILED_MULTI_STAGE_SCHEMA, "dvc.lock": schema.COMPILED_LOCKFILE_SCHEMA, ".dvc": schema.COMPILED_SINGLE_STAGE_SCHEMA}
    try:
        compiled[name]({} if data is None and name != "dvc.lock" else data)
    except MultipleInvalid:
        return False
    return True


def fails_later(data):
    """DVC's schema accepts the file, and then DVC cannot load it; the schema for editors refuses it."""
    stages = data.get("stages") or {} if isinstance(data, dict) else {}
    for stage in stages.values() if isinstance(stages, dict) else []:
        body = stage.get("do", stage)
        for entry in body.get("params", []):
            if isinstance(entry, dict) and any(v and not isinstance(v, list) for v in entry.values()):
                return True
        for entry in body.get("plots", []):
            if isinstance(entry, dict) and any(isinstance(v, list) for v in entry.values()):
                return True
    return False


@pytest.mark.live
@pytest.mark.parametrize("name", FILES)
def test_agrees_with_dvc(name):
    seen = {True: 0, False: 0}
    for text, data in given(name):
        expected = is_right_for_dvc(name, data)
        seen[expected] += 1
        if expected and name == "dvc.yaml" and fails_later(data):
            expected = False
        problems = [f"{list(e.path)}: {e.message}" for e in validator(name).iter_errors(data)]
        assert (not problems) == expected, f"{text}\nDVC takes it: {expected}; problems: {problems[:3]}"
    assert seen[True] > {"dvc.yaml": 300, "dvc.lock": 10, ".dvc": 5}[name], seen
    assert name != "dvc.yaml" or seen[False] > 60


@pytest.mark.parametrize("resources, right", [
    ({"cpu": 2, "mem": "4GB", "gpu": 1, "license": 1}, True), ({"cpu": 0.5, "mem": 10**9}, True), ({"mem": "1.5 GiB"}, True), ({"cpu": "${n}", "gpu": "${g}"}, True),
    ({"mem": "lots"}, False), ({"gpu": 1.5}, False), ({"cpu": -1}, False), ({"license": [1]}, False), (5, False), ({}, True),
    ({"time": "2h"}, True), ({"time": "1h30m"}, True), ({"time": 90}, True), ({"time": 0.5}, True), ({"time": "${t}"}, True), ({"time": "90"}, True),
    ({"time": "0s"}, False), ({"time": 0}, False), ({"time": "2 moons"}, False), ({"time": "2:00:00"}, False), ({"time": "1h0m"}, True),
])
def test_resources(resources, right):
    assert is_right("dvc.yaml", {"stages": {"s": {"cmd": "x", "meta": {"resources": resources, "owner": [1]}}}}) == right


@pytest.mark.parametrize("meta", [None, 1, "text", [1, {"resources": "x"}], {"a": {"b": None}}])
def test_meta_is_free(meta):
    assert is_right("dvc.yaml", {"stages": {"s": {"cmd": "x", "meta": meta}}})


def test_other_names(repo):
    assert json.loads(repo.dvc("schema").out)["title"] == "dvc.yaml"
    assert json.loads(repo.dvc("schema sub/data.csv.dvc").out)["title"] == ".dvc file"
    assert repo.dvc("schema params.yaml").status == 254


def undescribed(node, root, path=""):
    """Keys of a schema that have no description, neither here nor in the definition that they refer to."""
    if isinstance(node, list):
        return [key for item in node for key in undescribed(item, root, path)]
    if not isinstance(node, dict):
        return []
    found = []
    for name, key in node.items():
        if name != "properties":
            found += undescribed(key, root, path)
            continue
        for inner, schema in key.items():
            target = root.get("definitions", {}).get(schema.get("$ref", "").rpartition("/")[2], {})
            if "description" not in schema and "description" not in target:
                found.append(f"{path}/{inner}")
            found += undescribed(schema, root, f"{path}/{inner}")
    return found


ANSWERS = sorted(set(json.loads((TOP / "src/cmd/schemas/answers.json").read_text())) - {"definitions"})


@pytest.mark.parametrize("name", FILES + ANSWERS)
def test_every_key_is_described(name):
    """Editors show the descriptions, and the reference is made of them."""
    schema = validator(name).schema
    assert undescribed(schema, schema) == []
