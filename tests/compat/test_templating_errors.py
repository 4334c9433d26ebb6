"""Errors in templates: the message, the position that it names, and the exit status."""
from harness import case


def mistake(name, dvc_yaml, params="", script="    dvc repro\n", **files):
    given = {"dvc.yaml": dvc_yaml}
    if params:
        given["params.yaml"] = params
    case(name, script, files={**given, **{k.replace("__", "/").replace("_", "."): v for k, v in files.items()}})


PARAMS = "i: 1\ns: text\nl: [a, [b]]\nd: {x: {y: 1}}\nnil: null\n'a.b': 1\n1: number\n"

# a missing key
for name, expression in {
    "plain": "nope", "nested": "d.nope", "deeper": "d.x.y.z", "in-text": "s.x", "in-null": "nil.x", "index-of-text": "s[0]", "brackets": "d[x][nope]",
    "spaces": " nope ", "spaces-inside": "d . nope", "index": "l[7]", "index-negative": "l[-3]", "index-word": "l[x]", "index-hex": "l[0x0]",
    "index-float": "l[0.0]", "index-empty-text": "l[ ]", "index-deep": "l[1][3]", "quoted-index": "d['x']", "number-key": "1", "dotted-key": "a.b",
    "case": "S", "item-outside": "item", "key-outside": "key", "prefix": "i i", "dollar": "$i", "default": "nope:-1", "function": "len(l)", "sum": "i + 1",
}.items():
    mistake("missing-" + name, f"stages:\n  s:\n    cmd: echo ${{{expression}}}\n", PARAMS)

# the reported position
for name, body in {
    "command-list": "cmd: [echo, 'x ${nope}']", "dep": "cmd: echo\n    deps: [a, '${nope}']", "out": "cmd: echo\n    outs:\n    - ${nope}",
    "out-key": "cmd: echo\n    outs:\n    - ${nope}:\n        cache: false", "out-flag": "cmd: echo\n    outs:\n    - o:\n        desc: ${nope}",
    "metric": "cmd: echo\n    metrics: ['${nope}']", "plot": "cmd: echo\n    plots:\n    - p: {x: '${nope}'}", "param": "cmd: echo\n    params: ['${nope}']",
    "param-file": "cmd: echo\n    params:\n    - ${nope}: [a]", "wdir": "cmd: echo\n    wdir: ${nope}", "desc": "cmd: echo\n    desc: ${nope}",
    "meta": "cmd: echo\n    meta: {a: [1, {b: '${nope}'}]}", "order": "desc: ${nope1}\n    cmd: ${nope2}", "vars": "vars:\n    - a: ${i}\n    cmd: echo",
    "vars-key": "vars:\n    - '${i}': 1\n    cmd: echo", "vars-file": "vars:\n    - ${s}.yaml\n    cmd: echo",
}.items():
    mistake("where-" + name, f"stages:\n  s:\n    {body}\n", PARAMS)

# values of a wrong type
for name, body in {
    "list-alone": "cmd: ${l}", "list-inside": "cmd: echo ${l}", "map-in-dep": "cmd: echo\n    deps: ['${d}']", "list-in-dep": "cmd: echo\n    deps: ['${l}']",
    "map-in-out": "cmd: echo\n    outs: ['${d}']", "map-in-key": "cmd: echo\n    outs:\n    - ${d}: {cache: false}", "map-in-meta": "cmd: echo\n    meta: ${d}",
    "map-in-wdir": "cmd: echo\n    wdir: ${d}", "list-in-desc": "cmd: echo\n    desc: ${l}", "map-inside-dep": "cmd: echo\n    deps: ['x${d}']",
    "nested-list-in-options": "cmd: echo ${o}", "map-in-list-in-options": "cmd: echo ${o2}", "list-in-params": "cmd: echo\n    params: ['${l}']",
}.items():
    mistake("type-" + name, f"stages:\n  s:\n    {body}\n", PARAMS + "o: {a: [1, [2]]}\no2: {a: {b: [{c: 1}]}}\n")

# the grammar: the caret and the words are compared, too
for name, expression in {
    "empty": "", "dot": ".", "two-dots": "d..x", "last-dot": "d.", "first-dot": ".d", "open": "l[0", "close": "l0]", "empty-brackets": "l[]",
    "bracket-word": "l[0]x", "bracket-first": "[0]", "bracket-twice": "l[[0]]", "dot-bracket": "l.[0]", "nested": "d.${s", "close-open": "l][",
    "second": "i} ${d..x", "unicode": "ü..x",
}.items():
    mistake("grammar-of-" + name, f"stages:\n  s:\n    cmd: 'echo ${{{expression}}}'\n", PARAMS)
for name, body in {
    "in-dep": "cmd: echo\n    deps: ['${}']", "in-key": "cmd: echo\n    outs:\n    - ${d.}: {cache: false}", "in-wdir": "cmd: echo\n    wdir: ${}",
    "in-vars": "vars:\n    - a: ${}\n    cmd: echo", "before-missing": "cmd: echo ${nope}\n    deps: ['${}']", "in-meta": "cmd: echo\n    meta: [{a: '${}'}]",
}.items():
    mistake("grammar-" + name, f"stages:\n  s:\n    {body}\n", PARAMS)

# foreach and matrix
for name, body in {
    "foreach-missing": "foreach: ${nope}\n    do: {cmd: echo}", "foreach-missing-item": "foreach: [1, '${nope}']\n    do: {cmd: echo}",
    "foreach-missing-key": "foreach: {'${nope}': 1}\n    do: {cmd: echo}", "foreach-text": "foreach: ${s}\n    do: {cmd: echo}",
    "foreach-plain-text": "foreach: abc\n    do: {cmd: echo}", "foreach-joined": "foreach: ${l}${l}\n    do: {cmd: echo}", "foreach-null": "foreach: ${nil}\n    do: {cmd: echo}",
    "foreach-int": "foreach: ${i}\n    do: {cmd: echo}", "foreach-grammar": "foreach: ${}\n    do: {cmd: echo}", "foreach-grammar-inside": "foreach: ['${d.}']\n    do: {cmd: echo}",
    "do-missing": "foreach: [a]\n    do: {cmd: 'echo ${nope}'}", "do-item-field": "foreach: [a]\n    do: {cmd: 'echo ${item.x}'}", "do-item-index": "foreach: [[1]]\n    do: {cmd: 'echo ${item[5]}'}",
    "do-spaces": "foreach: [a]\n    do: {cmd: 'echo ${ nope . x }'}", "do-key-of-list": "foreach: [a]\n    do: {cmd: 'echo ${key}'}", "do-grammar": "foreach: [a]\n    do: {cmd: 'echo ${item..x}'}",
    "do-grammar-empty-foreach": "foreach: []\n    do: {cmd: 'echo ${item..x}'}", "do-map": "foreach: [{a: 1}]\n    do: {cmd: echo, deps: ['${item}']}",
    "do-list": "foreach: [[1]]\n    do: {cmd: 'echo ${item}'}", "do-wdir": "foreach: [a]\n    do: {cmd: echo, wdir: '${nope}'}",
    "do-vars-interpolated": "foreach: [a]\n    do: {cmd: echo, vars: [{x: '${item}'}]}", "do-vars-item": "foreach: {a: 1}\n    do: {cmd: echo, vars: [{item: 1}]}",
    "do-vars-key": "foreach: {a: 1}\n    do: {cmd: echo, vars: [{key: 1, item: 2}]}", "do-vars-file": "foreach: [a]\n    do: {cmd: echo, vars: [v.yaml]}",
    "matrix-missing": "matrix: {a: '${nope}'}\n    cmd: echo", "matrix-missing-item": "matrix: {a: [1, '${nope}']}\n    cmd: echo", "matrix-grammar": "matrix: {a: '${}'}\n    cmd: echo",
    "matrix-item": "matrix: {a: [1]}\n    cmd: echo ${item.b}", "matrix-item-alone": "matrix: {a: [1]}\n    cmd: echo\n    deps: ['${item}']",
    "matrix-body-grammar": "matrix: {a: [1]}\n    cmd: echo ${item..a}",
}.items():
    mistake(name, f"stages:\n  f:\n    {body}\n", PARAMS, v_yaml="item: 1\n")
# DVC ends with a Python exception, with its words
for name, body in {"matrix-int": "matrix: {a: '${i}'}\n    cmd: echo", "matrix-null": "matrix: {a: '${nil}'}\n    cmd: echo", "matrix-expression-text": "matrix: {a: '${s}'}\n    cmd: echo",
                   "matrix-empty": "matrix: {}\n    cmd: echo"}.items():
    mistake(name, f"stages:\n  f:\n    {body}\n", PARAMS, "  ? dvc repro\n")

# vars
for name, text, params in [
    ("missing-file", "vars:\n- x: 1\n- conf/nofile.yaml\n", ""), ("missing-file-key", "vars:\n- nofile.yaml:a\n", ""), ("missing-key", "vars:\n- v.yaml:k,nope\n", ""),
    ("dotted-key", "vars:\n- v.yaml:d.x\n", ""), ("number-key", "vars:\n- v.yaml:5\n", ""), ("list-file", "vars:\n- l.yaml\n", ""), ("text-file", "vars:\n- t.yaml\n", ""),
    ("directory", "vars:\n- conf\n", ""), ("broken-yaml", "vars:\n- b.yaml\n", ""), ("broken-json", "vars:\n- b.json\n", ""),
    ("twice", "vars:\n- a: 1\n- a: 1\n", ""), ("twice-nested", "vars:\n- d: {x: {y: 1}}\n- d: {x: {y: 2}}\n", ""), ("map-over-value", "vars:\n- a: 1\n- a: {b: 1}\n", ""),
    ("value-over-map", "vars:\n- a: {b: 1}\n- a: 1\n", ""), ("list-over-list", "vars:\n- a: [1]\n- a: [1]\n", ""), ("file-over-params", "vars:\n- v.yaml\n", "k: 1\n"),
    ("params-over-nothing", "vars:\n- v.yaml:d\n- d: {x: 1}\n", ""), ("partly-then-whole", "vars:\n- v.yaml:k\n- v.yaml\n", ""),
    ("whole-then-partly", "vars:\n- v.yaml\n- v.yaml:k\n", ""), ("same-key", "vars:\n- v.yaml:k,d\n- v.yaml:d\n", ""), ("same-key-at-once", "vars:\n- v.yaml:k,k\n", ""),
    ("interpolated", "vars:\n- a: ${b}\n", ""), ("interpolated-key", "vars:\n- {'${b}': 1}\n", ""), ("interpolated-file", "vars:\n- ${b}.yaml\n", ""), ("escaped", "vars:\n- {a: '\\${b}'}\n", ""),
    ("date", "vars:\n- {d: {e: [1, 2020-01-02]}}\n", ""), ("datetime-file", "vars:\n- dt.yaml\n", ""), ("set", "", "s: !!set {a, b}\n"), ("bytes", "", "b: !!binary aGk=\n"),
    ("toml-date", "vars:\n- d.toml\n", ""), ("python-tuple", "vars:\n- p.py\n", ""), ("params-list", "", "[1]\n"), ("params-text", "", "text\n"), ("params-broken", "", "a: [1\n"),
    ("params-twice", "", "a: 1\na: 2\n"), ("params-null", "", "null\n"), ("params-zero", "", "0\n"),
]:
    mistake("vars-" + name, text + "stages:\n  s:\n    cmd: echo\n", params, v_yaml="k: 1\nd: {x: 2}\n5: n\n", l_yaml="[1]\n", t_yaml="text\n", b_yaml="a: [\n",
            b_json="{", dt_yaml="a: 2020-01-02 03:04:05\n", d_toml="a = 2020-01-02\n", p_py="a = (1, 2)\n", conf__x="1\n")
for name, text in {
    "redefines-params": "- i: 2", "redefines-nested": "- d: {x: {y: 2}}", "twice": "- z: 1\n    - z: 2", "missing-file": "- nofile.yaml", "missing-key": "- v.yaml:nope",
    "partly-loaded": "- params.yaml:i", "list-file": "- l.yaml", "date": "- {d2: 2020-01-02}", "directory": "- conf",
}.items():
    mistake("stage-vars-" + name, f"stages:\n  s:\n    vars:\n    {text}\n    cmd: echo\n  t:\n    cmd: echo fine\n", PARAMS, "    dvc repro s\n    dvc stage list t\n",
            v_yaml="k: 1\n", l_yaml="[1]\n", conf__x="1\n")
case("params-is-a-directory", "    mkdir params.yaml\n    dvc repro\n", files={"dvc.yaml": "stages:\n  s:\n    cmd: echo\n"})
case("mistake-in-a-sub-folder", """
    dvc repro sub/dvc.yaml
    dvc stage list
    dvc stage list sub/dvc.yaml
    dvc repro
    cd sub
    dvc repro
    cd ..
    mkdir other
    cd other
    dvc repro ../sub/dvc.yaml:s
""", files={"dvc.yaml": "stages:\n  r:\n    cmd: echo fine\n", "sub/dvc.yaml": "vars:\n- v.yaml\nstages:\n  s:\n    cmd: echo ${nope}\n", "sub/v.yaml": "a: 1\n"})
case("one-bad-stage", """
    dvc stage list
    dvc stage list good
    dvc repro good
    dvc status good
    dvc status
    dvc repro bad
    dvc freeze good
    dvc dag
    dvc stage list --fail
""", files={"dvc.yaml": "stages:\n  good:\n    cmd: echo 1\n  bad:\n    cmd: echo ${nope}\n"}, values=("dvc.yaml",))
case("shadowed-names", "  - dvc repro\n", files={"params.yaml": "item: 1\nkey: 2\n", "dvc.yaml": """\
stages:
  f: {foreach: [1], do: {cmd: 'echo ${item} ${key}'}}
  m: {matrix: {a: [1]}, cmd: 'echo ${item.a} ${key}'}
  after: {cmd: 'echo ${item} ${key}'}
"""})

# top-level sections
for name, text in {
    "metrics": "metrics: [a, '${nope}']", "params": "params: ['${nope}']", "plots": "plots:\n- a.csv\n- ${nope}:\n    x: 1", "plots-value": "plots:\n- a.csv:\n    x: ${nope}",
    "artifacts": "artifacts:\n  m: {path: '${nope}'}", "artifacts-name": "artifacts:\n  ${nope}: {path: m}", "artifacts-int-name": "artifacts:\n  ${i}: {path: m}",
    "datasets": "datasets:\n- {name: '${nope}', type: dvc, url: .}", "grammar": "metrics: ['${}']", "artifacts-grammar": "artifacts:\n  m: {path: p, desc: '${a..b}'}",
    "map": "metrics: ['${d}']", "int": "params: ['${i}']",
}.items():
    mistake("section-" + name, text.replace("x: 1", "x: a") + "\nstages:\n  s:\n    cmd: echo 1\n", PARAMS,
            "    dvc repro\n    dvc stage list\n  ? dvc metrics show\n    dvc status\n" if name in ("metrics", "map", "int") else
            "    dvc repro\n    dvc stage list\n    dvc status\n")
# for paths that are not text DVC ends with a Python exception
for name, body in {"dep": "deps: ['${i}']", "out": "outs: ['${i}']", "out-key": "outs:\n    - ${i}: {cache: false}", "metric": "metrics: ['${yes}']", "param": "params: ['${i}']",
                   "param-file": "params:\n    - ${i}: [a]", "wdir": "wdir: ${i}", "wdir-bool": "wdir: ${yes}", "command": "desc: x", "plot-out": "plots: ['${nil}']",
                   "dep-null": "deps: ['${nil}']"}.items():
    mistake("path-is-no-text-" + name, f"stages:\n  s:\n    cmd: {'${i}' if name == 'command' else 'echo'}\n    {body}\n", PARAMS + "yes: true\n",
            "  ? dvc stage list\n  ? dvc repro\n")
