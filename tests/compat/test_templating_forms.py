"""Every valid form of ${...}, vars, foreach and matrix: the stages, what runs, what is recorded."""
from harness import case

REPRO = "    dvc stage list --name-only\n    dvc repro\n"


def form(name, dvc_yaml, params="", script=REPRO, **files):
    given = {"dvc.yaml": dvc_yaml}
    if params:
        given["params.yaml"] = params
    case(name, script, files={**given, **{k.replace("__", "/").replace("_", "."): v for k, v in files.items()}})


def command(text, name="s", indent="    "):
    return f"stages:\n  {name}:\n{indent}cmd: {text}\n"


# expressions: one command each, so that a difference can be attributed
CONTEXT = """\
i: 3
neg: -7
f: 1.5
e: 1e-7
huge: 1e+20
whole: 2.0
zero: -0.0
big: 123456789012345678901234567890
yes: true
no: false
nil: null
inf: .inf
nan: .nan
text: a b
empty: ''
on_text: on
hex: 0x1F
oct: 0o17
under: 1_000
quoted: "it's"
uni: grüße ☃
'key-dash': d
'key space': s
'1': one
"2x": two
'a/b': slash
d: {x: {y: {z: deep}}, l: [a, [b, c], {k: v}], '0': zero}
l: [a, [b, c], {k: v}, 4]
"""
for name, expression in {
    "int": "${i}", "negative": "x${neg}", "float": "${f}", "exponent": "${e} ${huge}", "whole-float": "v${whole} ${zero}",
    "big-int": "${big}", "booleans": "${yes} ${no}", "null": "x${nil}", "inf-nan": "${inf} ${nan}", "string": "${text}",
    "empty-string": "x${empty}y", "yaml-on": "${on_text}", "hex-octal": "${hex} ${oct} ${under}",
    "unicode": "${uni}", "dash-key": "${key-dash}", "space-key": "${key space}", "digit-key": "${1} ${2x}",
    "slash-key": "${a/b}", "dots": "${d.x.y.z}", "brackets": "${d[x][y][z]}", "mixed": "${d.x[y].z} ${d[l][1][0]}",
    "list-in-map": "${d.l.2.k} ${d.l[0]}", "digit-in-map": "${d.0}", "negative-index": "${l[-1]} ${l.-1}",
    "spaces": "${ i } ${ d . x . y . z } ${l[ 0 ]}", "plus-index": "${l[+1][0]}", "underscore-index": "${l[0_0]}",
    "adjacent": "${i}${i}-${f}", "dollar-before": "'$${i}' '$$${i}'", "brace-behind": "${i}} {${i}}",
    "quotes": "\"${quoted}\"", "same-twice": "${i} ${i}", "tab": "a\t${i}",
}.items():
    form("expression-" + name, command(f"|-\n      echo {expression}"), CONTEXT)

for name, text in {
    "escape-one": r"echo '\${i}'", "escape-alone": r"\${i}", "escape-two-backslashes": r"echo '\\${i}'",
    "escape-and-value": r"echo '\${i}' ${i} '\${d}'", "escape-unclosed": r"echo '\${'", "escape-in-value": "echo '${esc}'",
    "no-expression-open": "echo '${i'", "no-expression-space": "echo '$ {i}'", "no-expression-dollar": "echo '$i $'",
    "no-expression-braces": "echo '{i} }{'", "shell-default": r"X=1; echo \${X} $X", "backslash": r"echo 'a\b' ${i}",
}.items():
    form(name, command(f"|-\n      {text}"), "i: 3\nd: 4\nesc: '\\${i} ${i}'\n")
form("lines-between", command("|\n      echo '${i\n      }'\n      echo ${i}"), "i: 3\n")
form("command-of-many-lines", command("|\n      echo ${i}\n      echo ${i}${i}\n"), "i: 3\n")
form("folded-command", command(">-\n      echo ${i}\n      and ${i}"), "i: 3\n")
form("value-of-many-lines", command("${script}"), "script: |\n  echo 1\n  echo 2\n")
form("typed-command-null", "stages:\n  s:\n    cmd: ${nil}\n", "nil: null\n", "    dvc stage list\n    dvc status\n")

# places where expressions are allowed
form("everywhere", """\
stages:
  s:
    desc: about ${n}
    wdir: ${dir}
    cmd:
    - cat ${dep} > ${out}
    - echo '{"a":${i}}' > ${n}.json; echo '[{"x":1,"y":2}]' > ${n}-plot.json
    deps:
    - ${dep}
    - ../${dir}/${dep}2
    params:
    - ${key}
    - ${file}:
      - ${key}.${n}
    outs:
    - ${out}:
        desc: ${n}
        type: ${n}
        labels: ["${n}", b]
        meta: {k: "${i}", "${n}": [1, "${n}x"]}
    metrics:
    - ${n}.json:
        cache: false
    plots:
    - ${n}-plot.json:
        x: ${x}
        y: y
        title: T ${i}
        cache: false
    meta:
      a: ${i}
      b: [x, "${n}"]
""", "n: name\ndir: sub\ndep: in\nout: out.txt\ni: 5\nkey: k\nfile: p.yaml\nx: x\n", REPRO + "    dvc status\n    dvc repro\n",
     sub__in="1\n", sub__in2="2\n", sub__params_yaml="k: 1\n", sub__p_yaml="k: {name: [1, 2]}\n")
form("typed-output-key", "stages:\n  s:\n    cmd: echo 1 > x5\n    outs:\n    - x${n}:\n        cache: false\n", "n: 5\n")
form("two-keys-of-outs", "stages:\n  s:\n    cmd: echo 1 > a1; echo 2 > a2\n    outs:\n    - a${n}: {cache: false}\n      a2: {persist: true}\n",
     "n: 1\n")
form("typed-desc-and-meta", "stages:\n  s:\n    cmd: echo\n    desc: ${n}\n    meta: ${d}\n", "n: 1\nd: x\n")
form("stage-names-stay", "stages:\n  s${n}:\n    cmd: echo ${n}\n", "n: 1\n")

# a mapping as options
for name, value, config in [
    ("nested", "{a: {b: {c: 1}}, d: {e: x y}}", ""), ("quoted", "{a: it's, b: 'x\"y', c: a;b, d: $HOME, e: '*', f: a=b, g: ü}", ""),
    ("lists", "{a: [1, x y, true, null, 2.0], b: [one], c: []}", ""), ("lists-append", "{a: [1, x y, true, null], b: [], c: [z]}", "parsing.list append"),
    ("booleans", "{a: true, b: false, c: {d: false, e: true}}", ""),
    ("booleans-optional", "{a: true, b: false, c: {d: false, e: true}}", "parsing.bool boolean_optional"),
    ("explicit-defaults", "{a: false, b: [1, 2]}", "parsing.list nargs"), ("numbers", "{a: 1e-5, b: 1e+20, c: -3, d: 1.0, e: .inf}", ""),
    ("empty", "{}", ""), ("nested-empty", "{a: {}, b: 1}", ""), ("only-false", "{a: false}", ""), ("null", "{a: null}", ""),
    ("dotted-key", "{a.b: 1, 'c d': 2}", ""), ("number-keys", "{1: a, true: b, x: c}", ""),
]:
    form("options-" + name, command("|-\n      echo ${o} end"), f"o: {value}\n",
         (f"    dvc config {config}\n" if config else "") + REPRO)
# DVC detects this when it runs the stage, with a Python exception
form("options-alone", command("${o}"), "o: {a: 1}\n", "  ? dvc repro --dry\n  ? dvc repro\n")
form("options-in-a-list-of-commands", "stages:\n  s:\n    cmd:\n    - echo ${o}\n    - echo x ${o} y ${p.q}\n", "o: {a: [1, 2]}\np: {q: {z: 1}}\n")
form("options-of-an-item", "stages:\n  f:\n    foreach:\n      a: {lr: 1, deep: {x: true}}\n      b: {lr: [1, 2]}\n    do:\n      cmd: echo ${item}\n")
form("options-of-a-matrix", "stages:\n  m:\n    matrix:\n      o: [{x: 1}, {y: a b}]\n      n: [p]\n    cmd: echo ${item.o} -- ${item}\n")

# vars
ECHO = "    cmd: echo ${a} ${d.x}\n"
for name, text, params in [
    ("inline", "vars:\n- a: 1\n- d: {x: 2}\n", ""), ("inline-many", "vars:\n- {a: 1, d: {x: 2}, other: [1, {k: v}]}\n", ""),
    ("merged", "vars:\n- d: {x: 2}\n- d: {y: {z: 1}}\n- d: {y: {w: 1}}\n  a: 1\n", ""), ("params-first", "vars:\n- d: {x: 1}\n", "a: 7\nd: {y: 2}\n"),
    ("file", "vars:\n- v.yaml\n", ""), ("file-keys", "vars:\n- v.yaml:a,d\n", ""), ("file-keys-apart", "vars:\n- v.yaml:a\n- v.yaml:d\n", ""),
    ("file-empty-keys", "vars:\n- 'v.yaml:'\n", ""), ("file-commas", "vars:\n- 'v.yaml:,a,,d,'\n", ""),
    ("json", "vars:\n- v.json\n", ""), ("toml", "vars:\n- v.toml\n", ""), ("python", "vars:\n- v.py:a,d\n", ""), ("no-suffix", "vars:\n- vfile\n", ""),
    ("sub-folder", "vars:\n- conf/v.yaml\n", ""), ("dots", "vars:\n- ./conf/../conf/v.yaml\n", ""), ("twice", "vars:\n- v.yaml\n- ./v.yaml\n", ""),
    ("none", "vars: []\n", "a: 1\nd: {x: 1}\n"), ("params-again", "vars:\n- params.yaml\n", "a: 1\nd: {x: 1}\n"),
    ("number-keys", "vars:\n- {1: x, true: y, a: 1, d: {x: 2, 3: 4}}\n", ""),
    ("params-number-keys", "", "1: x\nnull: y\na: 1\nd: {x: 2, 3: 4}\n"), ("empty-params", "vars:\n- v.yaml\n", "# nothing\n"),
]:
    form("vars-" + name, text + "stages:\n  s:\n" + ECHO, params, v_yaml="a: 1\nd: {x: file}\n", v_json='{"a": 1.50, "d": {"x": null}}',
         v_toml="a = 1e3\n[d]\nx = true\n", v_py="a = 1\nclass d:\n    x = 'py'\n", vfile="a: plain\nd: {x: z}\n",
         conf__v_yaml="a: c\nd: {x: conf}\n")
form("vars-of-stage-merge", "vars:\n- d: {x: 1}\nstages:\n  s:\n    vars:\n    - d: {y: 2}\n    - v.yaml:k\n    cmd: echo ${d.x} ${d.y} ${k}\n  t:\n    cmd: echo ${d.x}\n",
     v_yaml="k: 1\nother: 2\n")
form("vars-of-stage-file-again", "vars:\n- v.yaml\nstages:\n  s:\n    vars:\n    - v.yaml\n    cmd: echo ${k}\n", v_yaml="k: 1\n")
form("vars-of-stage-other-keys", "vars:\n- v.yaml:k\nstages:\n  s:\n    vars:\n    - v.yaml:o\n    cmd: echo ${k} ${o}\n  t:\n    vars:\n    - v.yaml:o\n    cmd: echo ${o}\n",
     v_yaml="k: 1\no: 2\n")
form("vars-of-foreach", "stages:\n  f:\n    foreach: [a, b]\n    do:\n      vars:\n      - n: 3\n      - conf/v.yaml\n      cmd: echo ${item} ${n} ${k}\n",
     conf__v_yaml="k: 1\n")
form("vars-of-matrix", "stages:\n  m:\n    matrix: {x: [1, 2]}\n    vars:\n    - n: 3\n    cmd: echo ${item.x} ${n}\n")
form("vars-of-stage-wdir", "stages:\n  f:\n    foreach: [a, b]\n    do:\n      wdir: ${item}\n      vars:\n      - v.yaml\n      cmd: echo ${k}\n",
     a__v_yaml="k: 1\n", b__v_yaml="k: 2\n")
form("several-files", "stages:\n  s:\n    cmd: echo ${k}\n", "k: root\n", """
    dvc stage list --all
    dvc repro -R .
    cd sub
    dvc stage list
    dvc repro
    cat dvc.lock
""", sub__dvc_yaml="vars:\n- ../params.yaml:other\n- v.yaml\nstages:\n  s:\n    cmd: echo ${k} ${v} ${other}\n    params: [k]\n",
     sub__params_yaml="k: sub\n", sub__v_yaml="v: 2\n")

# DVC ends with a Python exception
CRASHES = ("empty-text", "expression-keys", "expression-typed-key", "expression-names")
STATUS_ONLY = "  ? dvc stage list --name-only\n  ? dvc repro\n"

# foreach
for name, data, params in [
    ("ints", "[1, 2, 3]", ""), ("floats", "[1.0, 2.50, 1e-3]", ""), ("texts", "[a b, 'c.d', e/f, g@h, ü]", ""), ("mixed", "[1, '1', a]", ""),
    ("nulls", "[null, ~]", ""), ("duplicates", "[a, b, a]", ""), ("lists", "[[1, 2], [3]]", ""), ("maps", "[{x: 1}, {x: 2}]", ""),
    ("map", "{a: 1, b: 2}", ""), ("map-of-maps", "{a: {x: 1}, b: {x: 2}}", ""), ("map-of-lists", "{a: [1, 2], b: [3]}", ""),
    ("map-null", "{a: null, b: }", ""), ("map-number-keys", "{1: a, 2.50: b, true: c, null: d}", ""), ("empty-map", "{}", ""), ("empty-text", "['']", ""),
    ("expression-list", "${l}", "l: [1, x, true, 2.50]\n"), ("expression-map", "${m}", "m: {a: 1, b: {c: 2}}\n"), ("expression-nested", "${c.l[1]}", "c: {l: [0, [p, q]]}\n"),
    ("expression-empty", "${l}", "l: []\n"), ("expression-items", "['${a}', '${b}', 'x${a}']", "a: 1\nb: true\n"),
    ("expression-item-list", "['${l}', 1]", "l: [1, 2]\n"), ("expression-item-map", "['${m}']", "m: {a: 1}\n"),
    ("expression-values", "{a: '${x}', b: {c: '${y}'}}", "x: 1\ny: [1, 2]\n"), ("expression-keys", "{'${x}': 1, 'k${x}': 2}", "x: p\n"),
    ("expression-typed-key", "{'${x}': 1, '${t}': 2}", "x: 5\nt: true\n"), ("expression-number-keys", "${m}", "m: {1: a, b: c}\n"),
    ("expression-many", "[1, '${l[0]}', '${m.a}']", "l: [7]\nm: {a: 8}\n"), ("python-tuple", "${l}", "l: [1, 2]\n"),
]:
    form("foreach-" + name, f"stages:\n  f:\n    foreach: {data}\n    do:\n      cmd: \"echo '${{item}}'\"\n" if "maps" not in name and name not in
         ("lists", "map-of-lists", "expression-map", "expression-item-list", "expression-item-map", "expression-values")
         else f"stages:\n  f:\n    foreach: {data}\n    do:\n      cmd: echo 1\n", params, STATUS_ONLY if name in CRASHES else REPRO)
form("foreach-key-and-item", "stages:\n  f:\n    foreach: {a: {x: [1, {y: 2}]}}\n    do:\n      cmd: echo ${key} ${item.x[1].y} ${item[x][0]} > ${key}\n      outs:\n      - ${key}\n")
form("foreach-and-matrix-keys", "stages:\n  f:\n    foreach: [1]\n    do:\n      matrix: {x: [1, 2]}\n      cmd: echo ${item}\n")
form("foreach-frozen-and-more", "stages:\n  f:\n    foreach: [1, 2]\n    do:\n      frozen: true\n      desc: d${item}\n      cmd: echo ${item}\n      always_changed: true\n",
     "", "    dvc stage list\n    dvc repro\n    dvc repro f@2\n    dvc repro -s f@1\n")
form("foreach-chain", """\
stages:
  a:
    foreach: [x, y]
    do:
      cmd: echo ${item} > ${item}.1
      outs: ["${item}.1"]
  b:
    foreach: [x, y]
    do:
      cmd: cat ${item}.1 > ${item}.2
      deps: ["${item}.1"]
      outs: ["${item}.2"]
""", "", REPRO + "    dvc repro b\n    dvc status a@x\n    dvc dag --dot\n")

# matrix
for name, axes, params in [
    ("one-axis", "{a: [1, 2]}", ""), ("three-axes", "{a: [1, 2], b: [x, y], c: [true, null]}", ""), ("maps", "{a: [{x: 1}, {x: 2}], b: [1]}", ""),
    ("lists", "{a: [[1, 2], [3]], b: [p, q]}", ""), ("floats", "{a: [1.0, 2.50, 1e-7]}", ""), ("duplicates", "{a: [1, 1, 2]}", ""), ("empty-axis", "{a: [1, 2], b: []}", ""),
    ("expression-axis", "{a: '${l}', b: [x]}", "l: [1, 2]\n"), ("expression-items", "{a: ['${x}', 'k${x}', '${m}'], b: '${l[1]}'}", "x: true\nm: {k: 1}\nl: [0, [p, {q: r}]]\n"),
    ("expression-map", "{a: '${m}'}", "m: {x: 1, y: 2}\n"), ("text-axis", "{a: xyz}", ""), ("axis-names", "{'a b': [1], c.d: [2], ü: [3]}", ""),
    ("expression-names", "{'${n}': [1, 2]}", "n: axis\n"), ("nested", "{a: [{x: {y: [1, 2]}}]}", ""), ("booleans", "{a: [true, false], b: '${l}'}", "l: [true, false]\n"),
]:
    form("matrix-" + name, f"stages:\n  m:\n    matrix: {axes}\n    cmd: echo ${{key}}\n", params, STATUS_ONLY if name in CRASHES else REPRO)
form("matrix-item-fields", "stages:\n  m:\n    matrix:\n      a: [{x: 1, y: [p, q]}, {x: 2, y: [r]}]\n      b: [z]\n    cmd: echo ${item.a.x} ${item.a.y[0]} ${item.b} ${key}\n")
form("matrix-outs", "stages:\n  m:\n    matrix: {a: [1, 2], b: [x]}\n    cmd: echo ${item.a} > ${key}.txt\n    outs: ['${key}.txt']\n    params: ['k${item.a}']\n",
     "k1: 1\nk2: [1, 2]\n", REPRO + "    dvc repro m@2-x\n    dvc repro m\n    dvc status\n    dvc repro m@9-x\n")
form("matrix-one-name-twice", "stages:\n  m:\n    matrix: {a: [x, x-y], b: [y-z, z]}\n    cmd: echo ${item.a} ${item.b}\n")
form("names-with-at", "stages:\n  f:\n    foreach: [a@b, '@', c]\n    do:\n      cmd: echo ${item}\n", "",
     "    dvc stage list --name-only\n    dvc repro f@c\n")
