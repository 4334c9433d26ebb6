"""Random dvc.yaml files: cairn's resolver compared with DVC's, in one process."""

import os
import random
import re

import pytest

pytestmark = pytest.mark.live
SEED = 20261123

PARAMS = """\
i: 3
f: 1.50
e: 1e-5
t: true
nil: null
s: my text
uni: ü
q: it's
empty: ''
l: [1, x, true, 2.50]
ll: [[1, 2], {a: 1}, [null]]
none: []
m: {a: 1, b: {c: deep, d: [1, 2]}, t: false}
mm: {x: {k: 1}, y: {k: 2}}
em: {}
1: number
2020: year
'a.b': dotted
o: {lr: 0.1, flag: true, off: false, name: a b, list: [1, 'x y'], nested: {z: 1}, nil: null}
"""
FILES = {"v.yaml": "w: 1\nv: {x: 2, y: [1]}\n", "v.json": '{"j": [1, 2], "k": {"a": null}}', "v.py": "P = 1\nclass C:\n    D = 'x'\n",
         "v.toml": "tt = 1.5\n[sec]\na = [1, 2]\n", "l.yaml": "[1]\n", "d/v.yaml": "dv: 1\n", "date.yaml": "a: 2020-01-02\n"}
KEYS = ["i", "f", "e", "t", "nil", "s", "uni", "q", "empty", "l", "l[0]", "l[3]", "l[-1]", "l.1", "ll[0][1]", "ll[1].a", "m.a", "m.b.c", "m[b][d][1]",
        " i ", "m . a", "none", "em", "item", "item", "item", "key", "key", "item.a", "item.x", "item.k", "item[0]", "item[1]", "nope", "m.nope", "l[9]", "l[z]", "s.x", "1",
        "a.b", "", "i..f", "i.", ".i", "l[0", "l0]", "l[]", "[0]", "l[0]x", "${i", "m", "mm", "o", "o.list", "w", "v.x", "j[1]", "C.D", "sec.a", "own", "loc.b", "l[ 1 ]", "l[+1]", "item.b.c"]


def make(r):
    """A function for each kind of node, drawing from `r`."""

    def expression():
        return "${" + r.choice(KEYS[:40] if r.random() < 0.8 else KEYS) + "}"

    def text():
        parts = [r.choice([expression, expression, lambda: r.choice(["a", " ", "x-", "\\", "\\${i}", "$", "{", "}", "$$", "'", "ü", "\n", "${", "--k "])])()
                 for _ in range(r.randint(1, 4))]
        return "".join(parts)

    def scalar():
        return r.choice([1, 2.5, True, False, None, "a", "b c", "x", "x", "", "1", 1e-5, 10**25, "é", expression(), expression(), text()])

    def tree(depth=2):
        kind = r.random()
        if depth == 0 or kind < 0.5:
            return scalar()
        if kind < 0.75:
            return [tree(depth - 1) for _ in range(r.randint(0, 3))]
        return {r.choice(["a", "b", "x", "k", "${s}", "${i}", "k${i}", 1, True, None]): tree(depth - 1) for _ in range(r.randint(0, 3))}

    def variables():
        names = [*FILES, "v.yaml:w", "v.yaml:v", "v.json:j", "v.py:P", "params.yaml", "params.yaml:i", "nofile.yaml", "v.yaml:", "v.yaml:nope", "d", "./v.yaml"]
        return [r.choice([r.choice(names), {"own": r.choice([1, "x", [1], {"a": 1}])}, {"loc": {r.choice("abc"): r.choice([1, {"z": 2}])}},
                          {"m": {"new": 1}}, {"i": 4}, {"item": 1}, {"m": 1}, {"z": r.choice(["${i}", "\\${i}", "x"])}]) for _ in range(r.randint(1, 2))]

    def body():
        # a mapping alone as a command is an error in cairn; DVC reports it when it runs the stage
        b = {"cmd": r.choice([lambda: "c " + text(), lambda: "${" + r.choice(KEYS[:15]) + "}", lambda: ["echo", text() + "."]])()}
        if r.random() < 0.3:
            b["deps"] = [text() for _ in range(r.randint(0, 2))]
        if r.random() < 0.3:
            b["outs"] = [r.choice([text(), {text(): {"cache": r.random() < 0.5, "desc": text()}}]) for _ in range(r.randint(1, 2))]
        if r.random() < 0.2:
            b["params"] = [r.choice([text(), {text(): [text()]}])]
        if r.random() < 0.2:
            b["meta"] = tree()
        if r.random() < 0.15:
            b["wdir"] = r.choice(["d", "${s}", "${nope}", "d/${i}", "${m}", "${empty}"])
        if r.random() < 0.15:
            b["vars"] = variables()
        return dict(sorted(b.items(), key=lambda _: r.random()))

    def stage():
        kind = r.random()
        if kind < 0.4:
            return body()
        if kind < 0.75:
            data = r.choice([lambda: [tree(1) for _ in range(r.randint(0, 4))], lambda: {r.choice(["a", "b", "${i}", "${s}", 1, True]): tree(2) for _ in range(r.randint(0, 3))},
                             lambda: "${" + r.choice(["l", "m", "mm", "ll", "none", "em", "i", "s", "nil", "nope", "", "m.b", "v", "j", "l[0]"]) + "}",
                             lambda: [scalar() for _ in range(r.randint(1, 4))]])()
            return {"foreach": data, "do": body()}
        axes = {r.choice(["a", "b", "c", "x y", "${s}"]): r.choice([lambda: [scalar() for _ in range(r.randint(1, 3))], lambda: [tree(1) for _ in range(r.randint(0, 2))],
                                                                  lambda: "${" + r.choice(["l", "ll", "m", "none", "j", "nope", "em"]) + "}", lambda: "xy"])()
                for _ in range(r.randint(1, 3))}
        return {"matrix": axes, **body()}

    def document():
        d = {"stages": {r.choice(["s", "t", "f", "g", "u v", "s${i}"]): stage() for _ in range(r.randint(1, 3))}}
        if r.random() < 0.25:
            d["vars"] = variables()
        if r.random() < 0.1:
            d["metrics"] = [text()]
        if r.random() < 0.1:
            d["plots"] = [r.choice([text(), {text(): {"x": text(), "y": [text()]}}, {text(): None}])]
        if r.random() < 0.1:
            d["artifacts"] = {r.choice(["m", "${s}", "${i}", "${nope}", "x${i}"]): {"path": text(), "labels": [text()]}}
        if r.random() < 0.1:
            d["params"] = [text()]
        return d

    return document


@pytest.fixture(scope="module")
def resolve(tmp_path_factory):
    """The result of DVC for a dvc.yaml, in the format of the test tool."""
    from dvc.exceptions import DvcException
    from dvc.fs import LocalFileSystem
    from dvc.parsing import DataResolver
    from dvc.schema import COMPILED_MULTI_STAGE_SCHEMA
    from ruamel.yaml import YAML
    from voluptuous import MultipleInvalid

    class Repo:
        fs = LocalFileSystem()

    def guarded(function):
        try:
            return function()
        except DvcException as e:
            return "error " + re.sub("\x1b\\[[0-9;]*m", "", str(e))
        except (AssertionError, TypeError, ValueError, AttributeError) as e:
            return "error exception " + str(e)

    def one(case):
        for path, text in case["files"].items():
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            with open(path, "w") as f:
                f.write(text)
        d = YAML(typ="safe").load(case["files"]["dvc.yaml"])
        try:
            d = COMPILED_MULTI_STAGE_SCHEMA(d)
        except MultipleInvalid:
            return {"error": "not a dvc.yaml"}
        Repo.config = {"parsing": {k: case[k] for k in ("bool", "list")}}

        def everything():
            resolver = DataResolver(Repo(), "", d)
            keys = resolver.get_keys()
            lines = []
            for name in keys:
                lines += [name, guarded(lambda: repr(resolver.resolve_one(name)[name]))]
            for name in ["params", "metrics", "plots", "artifacts", "datasets"]:
                lines += [name, guarded(lambda: repr(getattr(resolver, "resolve_" + name)()) if name in d else "")]
            return "\n".join(lines) + "\n"

        done = guarded(everything)
        return {"error": done[6:]} if done.startswith("error ") else done

    folder = tmp_path_factory.mktemp("resolver")
    before = os.getcwd()
    os.chdir(folder)
    yield lambda cases: [one(c) for c in cases]
    os.chdir(before)


def same(ours, theirs):
    """Where DVC ends with a Python exception, cairn must report an error in its own words."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        ours = {"error": re.sub("(is corrupted):.*", r"\1", ours["error"], flags=re.S)}
        return ours == theirs or theirs["error"].startswith("exception ") or "cannot be a key by itself" in ours["error"]
    if isinstance(theirs, dict) or isinstance(ours, dict):
        return False
    if "error exception" in theirs:
        ours, theirs = (re.sub("error .*(\n'.*cannot be a key.*)?", "error", x) for x in (ours, theirs))
    return ours == theirs


def test_resolver(tool, resolve):
    from io import StringIO

    from ruamel.yaml import YAML

    yaml = YAML(typ="safe")
    yaml.width = 10**6
    cases = []
    for n in range(int(os.environ.get("RESOLVER_CASES", "1000"))):
        r = random.Random(SEED + n)
        out = StringIO()
        yaml.sort_base_mapping_type_on_output = False
        yaml.dump(make(r)(), out)
        cases.append({"files": {**FILES, "params.yaml": PARAMS, "dvc.yaml": out.getvalue()},
                      "bool": r.choice(["store_true", "boolean_optional"]), "list": r.choice(["nargs", "append"])})
    theirs = resolve(cases)
    ours = tool("pipelinetool", ["resolve"], cases)
    wrong = [(c["files"]["dvc.yaml"], t, o) for c, t, o in zip(cases, theirs, ours) if not same(o, t)]
    for text, t, o in wrong[:int(os.environ.get("RESOLVER_SHOW", "1"))]:
        print(f"{text}\n--- DVC\n{t if isinstance(t, str) else 'ERROR ' + t['error']}\n--- cairn\n{o if isinstance(o, str) else 'ERROR ' + o['error']}\n==========")
    accepted = sum(isinstance(t, str) for t in theirs)
    assert accepted > len(cases) / 4
    assert not wrong, f"{len(wrong)} of {len(cases)} differ"
