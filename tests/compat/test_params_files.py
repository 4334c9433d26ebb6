"""Parameters: whole files, dotted keys and lists, in every kind of file and folder; dvc.lock and status."""
from harness import case


def params(name, entries, script="    dvc repro\n    dvc status\n", **files):
    text = "stages:\n  s:\n    cmd: echo 1 > o\n    params:\n" + "".join(f"    {line}\n" for line in entries.split("\n")) + "    outs: [o]\n"
    case(name, script, files={"dvc.yaml": text, **{k.replace("__", "/").replace("_", "."): v for k, v in files.items()}})


YAML = """\
lr: 1e-5
deep: {a: {b: [10, {c: x}], 'd.e': 1}, f: null}
list: [1, [2, 3], {k: v}]
empty: {}
none: []
text: "it's: x"
'2': digit
big: 123456789012345678901234567890
when: 12:30:45
multi: "a\\nb"
flag: true
"""
CHANGE = "    dvc repro\n    sed -i 's/1e-5/2e-5/; s/10, /11, /' params.yaml\n    dvc status\n    dvc params diff\n    dvc repro\n"
for name, entries in {
    "one": "- lr", "many": "- text\n- lr\n- flag\n- list", "nested": "- deep.a.b", "index": "- deep.a.b.0\n- list.1.0\n- list.2.k", "whole-map": "- deep", "twice": "- lr\n- lr\n- params.yaml: [lr]",
    "overlap": "- deep\n- deep.a\n- deep.a.b", "file-named": "- params.yaml: [lr, deep.f]", "whole-file": "- params.yaml:", "whole-empty-list": "- params.yaml: []", "whole-and-keys": "- lr\n- params.yaml:",
    "empty-values": "- empty\n- none\n- deep.f", "digit-key": "- '2'", "dot-key": "- deep.a.d.e", "big-and-time": "- big\n- when\n- multi", "mixed": "- lr\n- other.json: [a.b]\n- text",
    "missing": "- nope", "missing-nested": "- deep.a.x", "missing-index": "- list.9", "missing-below-scalar": "- lr.x", "negative-index": "- list.-1", "glob": "- deep.*", "slash": "- deep/a", "empty-key": "- ''",
    "trailing-dot": "- deep.", "leading-dot": "- .deep", "spaces": "- ' lr '",
    "text-for-list": "- params.yaml: lr", "map-for-list": "- params.yaml: {lr: 1}", "dotted-file": "- ./params.yaml: [lr]", "missing-file": "- nofile.yaml: [a]", "missing-whole-file": "- nofile.yaml:",
    "directory": "- sub: [a]", "two-files-in-one": "- params.yaml: [lr]\n  other.json: [a]",
}.items():
    # DVC does not find "./params.yaml" in dvc.lock, so the stage is always changed; it reads the keys in the order of a
    # set
    params("keys-" + name, entries, "    dvc repro\n  ? dvc status\n" if name == "dotted-file" else CHANGE if name in ("one", "nested", "whole-file", "overlap", "index") else "    dvc repro\n    dvc status\n",
           params_yaml=YAML, other_json='{"a": {"b": 1.0}}', sub__x="")

KINDS = {
    "p.yaml": "a: {b: 1, c: [1.50, null, true]}\nd: 0x1F\n", "p.yml": "a: {b: 010}\n", "p.json": '{"a": {"b": 1e5, "c": NaN, "d": "\\u00e9"}, "big": 12345678901234567890}',
    "p.toml": 'title = "x"\n[a]\nb = 1_000\nc = [1.5, 2.0]\n[a.d]\ne = inf\n[[t]]\nx = 1\n[[t]]\nx = 2\n', "p.py": "A = 1\nB: float = 1e-5\nC = (1, 'x')\nD = {'k': [1, None]}\nS = {1}\nclass M:\n    depth = 2\n    class In:\n        z = -1\n    def __init__(self):\n        self.w = True\n",
    "p.txt": "a: {b: plain}\n", "p": "a: {b: none}\n", "P.JSON": '{"a": {"b": 1}}', "sub/deep/p.yaml": "a: {b: far}\n", "ü.yaml": "a: {b: ü}\n",
}
for path, text in KINDS.items():
    name = path.replace("/", "-").replace("ü", "umlaut")
    key = "D.k, A, C, B, M.depth, M.In.z, M.w" if path == "p.py" else "a.b"
    params("kind-" + name, f"- {path}: [{key}]", files_only := "    dvc repro\n    dvc status\n", **{path.replace(".", "_").replace("/", "__"): text})
    if path not in ("p.py", "ü.yaml", "P.JSON"):
        # for DVC, a NaN of JSON inside a map is always changed
        params("kind-whole-" + name, f"- {path}:", "    dvc repro\n  ? dvc status\n" if path == "p.json" else files_only, **{path.replace(".", "_").replace("/", "__"): text})
params("kind-whole-p.py-set", "- p.py:", "  ? dvc repro\n", p_py="A = 1\nS = {1}\n")
# for DVC, a tuple inside a tuple is always changed
params("kind-whole-p.py", "- p.py:", "    dvc repro\n  ? dvc status\n", p_py="A = 1\nT = (1, (2, 3))\nclass M:\n    x = {'a': 1}\n")
for name, path, text in [
    ("empty-yaml", "p.yaml", ""), ("list-yaml", "p.yaml", "[1]\n"), ("text-yaml", "p.yaml", "hello\n"), ("null-json", "p.json", "null"), ("list-json", "p.json", "[1, 2]"), ("empty-json", "p.json", ""),
    ("bad-yaml", "p.yaml", "a: [1\n"), ("bad-json", "p.json", "{'a': 1}"), ("bad-toml", "p.toml", "a = \n"), ("bad-py", "p.py", "def (:\n"), ("tab-yaml", "p.yaml", "a:\n\tb: 1\n"), ("zero-yaml", "p.yaml", "0\n"),
    ("latin", "p.yaml", "a: caf\xe9\n"), ("bytes", "p.yaml", "a: !!binary aGk=\n"), ("set", "p.yaml", "a: !!set {x, y}\n"),
    ("complex", "p.py", "a = 1+2j\n"), ("bytes-py", "p.py", "a = b'x'\n"), ("merge", "p.yaml", "x: &x {k: 1}\na: {<<: *x, l: 2}\n"), ("alias", "p.yaml", "x: &x [1, 2]\na: {b: *x, c: *x}\n"), ("nan", "p.yaml", "a: [.nan, .inf, -.inf]\n"),
]:
    params("content-" + name, f"- {path}: [a]", "    dvc repro\n    dvc status\n" if name not in ("complex", "bytes", "bytes-py", "set", "bad-toml", "bad-py") else "  ? dvc repro\n", **{path.replace(".", "_"): text})

case("elsewhere-pipeline", """
    dvc repro pipe/dvc.yaml
    dvc status
    sed -i 's/1/2/' params.yaml pipe/params.yaml
    dvc status
    cd pipe
    dvc status
  ~ dvc params diff
""", files={"params.yaml": "a: 1\n", "pipe/params.yaml": "a: 1\nb: 2\n", "pipe/sub/p.yaml": "c: 3\n", "pipe/dvc.yaml":
            "stages:\n  s:\n    cmd: echo 1 > o\n    params:\n    - a\n    - ../params.yaml: [a]\n    - sub/p.yaml:\n    outs: [o]\n  w:\n    wdir: sub\n    cmd: echo 1 > o\n    params:\n    - p.yaml: [c]\n    outs: [o]\n"})
params("order-in-lock", "- z.yaml: [b, a]\n- c\n- a.json: [y, x]\n- b\n- b.toml:", z_yaml="a: 1\nb: 2\n", params_yaml="b: 1\nc: 2\n", a_json='{"x": 1, "y": 2}', b_toml="z = 1\ny = 2\n")
params("keys-sorted-in-lock", "- a.b\n- a\n- a-b\n- B\n- aa\n- a.b.c", params_yaml="a: {b: {c: 1}}\na-b: 2\nB: 3\naa: 4\n")
params("changes", "- a\n- b.c\n- d", """
    dvc repro
    printf 'a: 2\\nb: {c: 1.0}\\nd: true\\n' > params.yaml
    dvc status
    dvc params diff
  = dvc params diff --json
    dvc repro
    printf 'a: 2\\nb: {}\\nd: true\\n' > params.yaml
    dvc status
    dvc repro
    rm params.yaml
    dvc status
  ? dvc repro
""", params_yaml="a: 1\nb: {c: 1}\nd: 1\n")
params("added-and-removed-keys", "- p.yaml:", """
    dvc repro
    printf 'b: 1\\nc: {x: 1}\\n' > p.yaml
    dvc status
    dvc status --json
    dvc repro
""", p_yaml="a: 1\nb: 1\n")
params("new-in-stage", "- a", """
    dvc repro
    sed -i 's/    - a/    - a\\n    - b/' dvc.yaml
    dvc status
    dvc repro
    sed -i '/    - a/d' dvc.yaml
    dvc status
    dvc repro
""", params_yaml="a: 1\nb: 2\n")
params("equal-in-python", "- a\n- b\n- c\n- d", """
    dvc repro
    printf 'a: 1.0\\nb: true\\nc: [1.0, true]\\nd: {x: 0}\\n' > params.yaml
    dvc status
    dvc repro
""", params_yaml="a: 1\nb: 1\nc: [1, 1]\nd: {x: false}\n")
params("tuple-and-list", "- p.py: [A, B]", """
    dvc repro
    dvc status
    printf 'A = [1, 2]\\nB = [[1, 2]]\\n' > p.py
    dvc status
    dvc repro
""", p_py="A = (1, 2)\nB = [[1, 2]]\n")
params("interpolated", "- ${file}:\n  - ${key}.x\n- ${key}", params_yaml="file: p.yaml\nkey: k\nk: 1\n", p_yaml="k: {x: 1}\n")
