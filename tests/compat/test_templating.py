"""${...}, vars, foreach and matrix: the resulting stages, and how errors are reported."""
from harness import case


def pipeline(name, dvc_yaml, script="    dvc repro\n    dvc stage list --name-only\n", params="", **options):
    files = {"dvc.yaml": dvc_yaml}
    if params:
        files["params.yaml"] = params
    case(name, script, files=files, **options)


PARAMS = """\
lr: 1e-5
flag: true
none: null
half: 0.50
big: 12345678901234567890123
name: my model
list: [1, 2.50, true, null, x y]
nested: {a: {b: [10, {c: deep}]}}
mx: [true, 1]
"""

pipeline("values-in-text", """\
stages:
  a:
    cmd: echo ${lr} ${flag} ${none} ${half} ${big} ${name} ${nested.a.b[0]} ${nested.a.b[1].c} ${list[-1]} ${ lr }
    outs: [o]
""".replace("\n    outs: [o]", ""), params=PARAMS)
pipeline("values-alone", """\
stages:
  a:
    cmd: ${text}
    deps: ["${dep}"]
    outs:
    - ${out}:
        cache: false
        desc: ${text}
""", "    echo 1 > in\n    dvc repro\n    dvc status\n", params="text: cp in out\ndep: in\nout: out\n")
pipeline("escapes", """\
stages:
  a:
    cmd: echo '\\${lr}' '$${lr}' '$lr' '{lr}' > o
    outs: [o]
""", params="lr: 3\n")
pipeline("keys-of-outs", """\
stages:
  a:
    cmd: echo 1 > ${n}.txt
    outs:
    - ${n}.txt:
        persist: true
""", params="n: data\n")
pipeline("command-list", """\
stages:
  a:
    cmd:
    - echo ${lr}
    - echo ${lr} > o
    outs: [o]
""", params="lr: 0.1\n")
pipeline("null-command", "stages:\n  a:\n    cmd: ${none}\n    outs: [o]\n", "    dvc status\n", params="none: null\n")

OPTIONS = """\
opts:
  lr: 0.1
  name: my model
  verbose: true
  quiet: false
  nested: {a: 1, b: {c: x}}
  layers: [1, 2, x y]
  empty: null
  es: ''
  none: []
"""
UNPACK = "stages:\n  a:\n    cmd: echo ${opts} > o\n    outs: [o]\n"
pipeline("unpacked-options", UNPACK, "    dvc repro\n    cat o\n", params=OPTIONS)
pipeline("unpacked-options-styles", UNPACK, """
    dvc config parsing.bool boolean_optional
    dvc config parsing.list append
    dvc repro
    cat o
""", params=OPTIONS)
pipeline("unpacked-in-list", UNPACK, "    dvc repro\n", params="opts: {a: [[1]]}\n")
pipeline("mapping-outside-cmd", "stages:\n  a:\n    cmd: echo\n    deps: ['${opts}']\n", "    dvc repro\n",
         params="opts: {a: 1}\n")
pipeline("list-in-text", "stages:\n  a:\n    cmd: echo ${l} x\n", "    dvc repro\n    dvc stage list\n", params="l: [1]\n")

pipeline("vars", """\
vars:
- a: 1
  deep: {x: 1}
- deep: {y: 2}
- other.yaml
- part.json:k1,k2
stages:
  s:
    cmd: echo ${a} ${deep.x} ${deep.y} ${o} ${k1} ${k2} ${lr}
""", """
    echo 'o: other' > other.yaml
    echo '{"k1": 1, "k2": [1], "k3": 3}' > part.json
    sed -i 's/ ..k2.//' dvc.yaml
    dvc repro
""", params="lr: 0.1\n")
pipeline("vars-of-a-stage", """\
vars:
- a: 1
stages:
  s:
    vars:
    - b: 2
    - v.yaml
    wdir: ${dir}
    cmd: echo ${a} ${b} ${c}
  t:
    cmd: echo ${a}
""", """
    mkdir sub
    echo 'c: 3' > sub/v.yaml
    dvc repro
""", params="dir: sub\n")
for name, text, params in [
        ("vars-redefine", "vars:\n- lr: 2\n", "lr: 1\n"),
        ("vars-redefine-nested", "vars:\n- n: {a: 2}\n", "n: {a: 1}\n"),
        ("vars-missing-file", "vars:\n- nofile.yaml\n", ""),
        ("vars-missing-key", "vars:\n- v.yaml:nokey\n", ""),
        ("vars-list-file", "vars:\n- l.yaml\n", ""),
        ("vars-directory", "vars:\n- d\n", ""),
        ("vars-partial-after-whole", "vars:\n- params.yaml:lr\n", "lr: 1\n"),
        ("vars-whole-after-partial", "vars:\n- v.yaml:k\n- v.yaml\n", ""),
        ("vars-same-key-twice", "vars:\n- v.yaml:k\n- v.yaml:k\n", ""),
        ("vars-whole-twice", "vars:\n- v.yaml\n- v.yaml\n- params.yaml\n", "lr: 1\n"),
        ("vars-interpolated", "vars:\n- x: ${lr}\n", "lr: 1\n"),
        ("vars-no-mapping", "", "[1, 2]\n"),
        ("vars-date", "", "d: 2020-01-02\n"),
]:
    pipeline(name, text + "stages:\n  s:\n    cmd: echo 1\n", """
        mkdir d
        echo 'k: 1' > v.yaml
        echo '[1]' > l.yaml
        dvc repro
        dvc stage list
    """, params=params)

for name, cmd in [("missing-key", "echo ${nope}"), ("missing-nested", "echo ${lr.x}"), ("index-by-name", "echo ${l[idx]}"),
                  ("index-too-far", "echo ${l[9]}"), ("dotted-key", "echo ${a.b}")]:
    pipeline("expression-" + name, f"stages:\n  s:\n    cmd: '{cmd}'\n", "    dvc repro\n    dvc stage list\n",
             params="lr: 1\nl: [1]\nidx: 0\n'a.b': 2\n")
# the place of the caret and the words after it come from DVC's parser library
for name, cmd in [("empty", "echo ${}"), ("two-dots", "echo ${a..b}"), ("open-bracket", "echo ${a[0}")]:
    pipeline("grammar-" + name, f"stages:\n  s:\n    cmd: '{cmd}'\n", "  ? dvc repro\n", params="a: 1\n")

pipeline("foreach-scalars", """\
stages:
  f:
    foreach: [1, 2.50, true, null, x, 1e-5, x]
    do:
      cmd: echo ${item}
  g:
    foreach: ${list}
    do:
      cmd: echo ${item}
""", params=PARAMS)
pipeline("foreach-map", """\
stages:
  f:
    foreach:
      us: {n: 1, name: a b}
      uk: {n: 2, name: c}
    do:
      cmd: echo ${key} ${item.n} "${item.name}" > ${key}.txt
      outs:
      - ${key}.txt
      params:
      - ${key}.lr
""", """
    dvc repro
    dvc repro f@uk
    dvc repro f
    dvc status f@us
    dvc repro f@none
    dvc stage list f
    dvc dag --collapse-foreach-matrix --dot
""", params="us: {lr: 1}\nuk: {lr: 2}\n")
pipeline("foreach-composite", """\
stages:
  f:
    foreach:
    - {a: 1}
    - 5
    - [1, 2]
    do:
      cmd: echo 1
""")
pipeline("foreach-interpolated-items", """\
stages:
  f:
    foreach: ['${flag}', true, '${lr}']
    do:
      cmd: echo ${item}
""", params="flag: true\nlr: 0.1\n")
pipeline("foreach-empty", "stages:\n  f:\n    foreach: []\n    do:\n      cmd: echo\n")
pipeline("foreach-no-iterable", "stages:\n  f:\n    foreach: ${lr}\n    do:\n      cmd: echo\n", params="lr: 1\n")
# DVC prints this warning each time that it loads the file
pipeline("foreach-shadows", "stages:\n  f:\n    foreach: {a: 1}\n    do:\n      cmd: echo ${item} ${key}\n",
         "  - dvc repro\n", params="item: x\nkey: y\n")
pipeline("foreach-reserved", """\
stages:
  f:
    foreach: [1]
    do:
      vars:
      - item: 3
      cmd: echo ${item}
""", "    dvc repro\n")
pipeline("foreach-wdir", """\
stages:
  f:
    foreach: [a, b]
    do:
      wdir: ${item}
      cmd: echo ${item} > o
      outs: [o]
""", "    mkdir a b\n    dvc repro\n    dvc status\n")

pipeline("matrix", """\
stages:
  m:
    matrix:
      model: [rf, lgbm]
      size: [1, 2.50]
      opt: [{lr: 0.1}, {lr: 0.2}]
    cmd: echo ${item.model} ${item.size} ${item.opt.lr} ${key} > ${key}
    outs:
    - ${key}
""", "    dvc stage list --name-only\n    dvc repro m@rf-1-opt0\n    dvc repro m@lgbm-2.5-opt1\n    dvc dag --mermaid\n")
pipeline("matrix-interpolated", """\
stages:
  m:
    matrix:
      a: ${mx}
      b: [true, '${flag}']
    cmd: echo ${item.a} ${item.b}
""", params=PARAMS)

for name, text in [
        ("extra-key", "stages:\n  a:\n    cmd: echo\n    foo: 1\n    bar: 2\n"),
        ("no-cmd", "stages:\n  a:\n    deps: [x]\n"),
        ("bool-text", "stages:\n  a:\n    cmd: echo\n    always_changed: ${flag}\n"),
        ("foreach-and-cmd", "stages:\n  a:\n    foreach: [1]\n    cmd: x\n"),
        ("out-flag", "stages:\n  a:\n    cmd: x\n    outs:\n    - x:\n        cache: 1\n    - y:\n        zz: 1\n"),
        ("stages-list", "stages: [1]\n"),
        ("top-level-key", "foo: 1\n"),
        ("no-mapping", "[1]\n"),
        ("deps-text", "stages:\n  a:\n    cmd: x\n    deps: x\n"),
        ("dep-number", "stages:\n  a:\n    cmd: x\n    deps: [1, 2]\n"),
        ("cmd-number", "stages:\n  a:\n    cmd: 1\n"),
        ("params-number", "stages:\n  a:\n    cmd: x\n    params: [1]\n"),
        ("plot-flag", "stages:\n  a:\n    cmd: x\n    plots:\n    - p.csv:\n        x: 1\n"),
        ("top-plot", "plots:\n- p.csv:\n    y: 1\n"),
        ("artifact", "artifacts:\n  m:\n    type: model\n"),
        ("artifact-key", "artifacts:\n  m:\n    path: m\n    foo: 1\n"),
        ("metrics-map", "metrics:\n- a: 1\n"),
        ("duplicate-key", "stages:\n  a:\n    cmd: x\n  a:\n    cmd: y\n"),
        ("tab", "stages:\n\ta: x\n"),
        ("unclosed-quote", "stages:\n  a:\n    cmd: \"x\n"),
        ("unclosed-list", "stages:\n  a:\n    deps: [a\n    cmd: x\n"),
        ("bad-indent", "stages:\n  a:\n    cmd: x\n   deps: y\n"),
        ("alias", "stages:\n  a:\n    cmd: *x\n"),
        ("merge-conflict", "stages:\n<<<<<<< HEAD\n  a:\n    cmd: x\n=======\n  a:\n    cmd: y\n>>>>>>> b\n"),
]:
    pipeline("schema-" + name, text, "    dvc stage list\n    dvc repro\n")
pipeline("empty-file", "", "    dvc stage list\n    dvc repro\n    dvc status\n")
