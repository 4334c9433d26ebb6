"""cairn schema: JSON schemas for editors, checked with every file of the compat scenarios and DVC's own schema."""

import functools
import json
import subprocess

import pytest
from harness import records
from harness.sandbox import CAIRN

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
])
def test_resources(resources, right):
    assert is_right("dvc.yaml", {"stages": {"s": {"cmd": "x", "meta": {"resources": resources, "owner": [1]}}}}) == right


@pytest.mark.parametrize("meta", [None, 1, "text", [1, {"resources": "x"}], {"a": {"b": None}}])
def test_meta_is_free(meta):
    assert is_right("dvc.yaml", {"stages": {"s": {"cmd": "x", "meta": meta}}})


def walk(v):
    if isinstance(v, dict):
        yield v
        for x in v.values():
            yield from walk(x)
    elif isinstance(v, list):
        for x in v:
            yield from walk(x)


def test_every_key_of_a_pipeline_is_described():
    schema = validator("dvc.yaml").schema
    for node in walk(schema):
        for key, value in node.get("properties", {}).items() if isinstance(node.get("properties"), dict) else []:
            target = schema["definitions"][value["$ref"].rsplit("/", 1)[1]] if "description" not in value and "$ref" in value else value
            assert "description" in target, key


def test_other_names(repo):
    assert json.loads(repo.dvc("schema").out)["title"] == "dvc.yaml"
    assert json.loads(repo.dvc("schema sub/data.csv.dvc").out)["title"] == ".dvc file"
    assert repo.dvc("schema params.yaml").status == 254
