"""Every key of dvc.yaml and dvc.lock: its valid values, its effect, and the error for invalid values."""
from harness import case


def keys(name, dvc_yaml, script="    dvc repro\n    dvc status\n", **files):
    case(name, script, files={"dvc.yaml": dvc_yaml, **{k.replace("__", "/").replace("_", "."): v for k, v in files.items()}})


def stage(body, name="s"):
    return f"stages:\n  {name}:\n" + "".join(f"    {line}\n" for line in body.split("\n"))


# ---- a stage ----
keys("cmd-list-of-numbers", stage("cmd: [1, 2.5, true]"), "  ? dvc repro\n")
keys("cmd-empty", stage("cmd: ''"))
keys("cmd-empty-list", stage("cmd: []\nouts: []"))
keys("cmd-null", stage("cmd:"), "    dvc repro\n")
keys("cmd-map", stage("cmd: {a: b}"), "    dvc repro\n")
keys("cmd-list-of-lists", stage("cmd: [[echo, a]]"), "  ? dvc repro\n")
keys("cmd-literal-block", stage("cmd: |\n  echo a\n  echo 'b  c'\n\n  echo d\nouts: []"), "    dvc repro\n    cat dvc.lock\n    dvc repro\n")
keys("cmd-folded-block", stage("cmd: >\n  echo a\n  b\n\n  echo c"))
keys("cmd-list-with-blocks", stage("cmd:\n- |\n  echo a\n  echo b\n- echo c"))
keys("cmd-comment-lines", stage("cmd: |\n  # first\n  echo a # not\n\n  echo b"))
keys("cmd-changes-form", stage("cmd: echo a > o\nouts: [o]"), """
    dvc repro
    sed -i 's/cmd: .*/cmd: [echo a > o]/' dvc.yaml
    dvc status
    dvc repro
""")
keys("wdir-dot", stage("cmd: echo 1 > o\nwdir: .\nouts: [o]"))
keys("wdir-below", stage("cmd: cat ../in > o\nwdir: sub/deep\ndeps: [../../in, ../in]\nouts: [o, ../p]").replace("cat ../in > o", "cat ../in > o; echo > ../p"),
     **{"in": "1", "sub/in": "2", "sub/deep/x": ""})
keys("wdir-missing", stage("cmd: echo 1\nwdir: nowhere"))
keys("wdir-file", stage("cmd: echo 1\nwdir: f"), f="x")
keys("wdir-slash", stage("cmd: echo 1 > o\nwdir: sub/\nouts: [./o]"), sub__x="")
keys("wdir-empty", stage("cmd: echo 1\nwdir: ''"))
keys("wdir-null", stage("cmd: echo 1\nwdir:"), "    dvc repro\n")
keys("deps-odd-paths", stage("cmd: echo 1\ndeps: [./a, d/, d/../b, c//x]"), a="1", b="2", d__x="3", c__x="4")
keys("deps-twice", stage("cmd: echo 1\ndeps: [a, a]"), a="1")
keys("deps-twice-otherwise", stage("cmd: echo 1\ndeps: [a, ./a]"), "  ? dvc repro\n", a="1")
keys("deps-null", stage("cmd: echo 1\ndeps:"), "    dvc repro\n")
keys("deps-empty", stage("cmd: echo 1\ndeps: []\nouts: []\nparams: []\nmetrics: []\nplots: []\nvars: []"))
keys("deps-map", stage("cmd: echo 1\ndeps:\n- a: 1"), "    dvc repro\n")
keys("deps-text-empty", stage("cmd: echo 1\ndeps: ['']"), "  ? dvc repro\n")
keys("outs-every-flag", stage("""\
cmd: for i in a b c d e f; do echo $i > $i; done
outs:
- a
- b: {cache: false}
- c: {persist: true, desc: about c, type: model, labels: [x, "y z"], meta: {k: [1, {z: 2.50}]}}
- d: {push: false, checkpoint: false}
- e: {cache: true, persist: false, push: true}
- f: {desc: ""}"""), "    dvc repro\n    dvc status\n    dvc push\n    dvc stage list\n    dvc repro -f\n")
keys("outs-map-of-many", stage("cmd: echo > a; echo > b\nouts:\n- a: {cache: false}\n  b: {persist: true}"))
keys("outs-flags-null", stage("cmd: echo > a\nouts:\n- a:"), "    dvc repro\n")
keys("outs-flags-empty", stage("cmd: echo > a\nouts:\n- a: {}"))
keys("outs-twice-flags", stage("cmd: echo > a\nouts:\n- a: {cache: false}\n- a"))
keys("outs-and-metrics", stage("cmd: echo > a\nouts: [a]\nmetrics: [a]"), "    dvc repro\n")
keys("outs-dep", stage("cmd: echo > a\ndeps: [a]\nouts: [a]"), "    dvc repro\n", a="1")
keys("outs-below-each-other", stage("cmd: echo\nouts: [d, d/e]"), "    dvc repro\n")
keys("outs-of-dvc", stage("cmd: echo\nouts: [dvc.yaml]"), "    dvc repro\n")
keys("outs-data-file-name", stage("cmd: echo\nouts: [x.dvc]"), "    dvc repro\n")
keys("deps-data-file-name", stage("cmd: echo\ndeps: [x.dvc]"), "    dvc repro\n", **{"x.dvc": "outs: []\n"})
keys("outs-ignored", stage("cmd: echo > x.tmp\nouts: [x.tmp]"), "    echo '*.tmp' >> .dvcignore\n    dvc repro\n")
keys("outs-remote", stage("cmd: echo > a\nouts:\n- a: {remote: nosuch}"))
keys("outs-checkpoint", stage("cmd: echo > a\nouts:\n- a: {checkpoint: true}"))
keys("metrics-every-form", stage("cmd: for i in a b c; do echo '{\"m\":1}' > $i.json; done\nmetrics:\n- a.json\n- b.json: {cache: false}\n- c.json: {persist: true, desc: x}"),
     "    dvc repro\n    dvc metrics show\n    dvc status\n")
keys("plots-every-form", stage("""\
cmd: for i in a b c d; do printf 'x,y\\n1,2\\n' > $i.csv; done
plots:
- a.csv
- b.csv: {cache: false, x: x, y: y, x_label: X, y_label: Y, title: T, template: linear, header: true}
- c.csv: {persist: true, header: false}
- d.csv: {}"""), "    dvc repro\n    dvc status\n    dvc stage list\n")
keys("plots-list-of-maps", stage("cmd: echo > a.csv\nplots:\n- a.csv: [{x: a}, {x: b}]"), "  ? dvc stage list\n")
keys("frozen", stage("cmd: echo 1 > o\nfrozen: true\ndeps: [a]\nouts: [o]"), "    dvc repro\n    dvc status\n    dvc stage list\n", a="1")
keys("frozen-false", stage("cmd: echo 1 > o\nfrozen: false\nouts: [o]"))
keys("always-changed", stage("cmd: echo 1 > o\nalways_changed: true\nouts: [o]"), "    dvc repro\n    dvc repro\n    dvc status\n")
keys("desc-lines", stage("cmd: echo\ndesc: |\n  first\n  second"), "    dvc stage list\n    dvc repro\n")
keys("desc-long", stage("cmd: echo\ndesc: " + "ü" * 90), "    dvc stage list\n")
keys("meta-kinds", "stages:\n  a: {cmd: echo, meta: 1}\n  b: {cmd: echo, meta: [1, {x: 2020-01-02}]}\n  c: {cmd: echo, meta: {resources: {cpu: 2, mem: 4GB, gpu: 1}}}\n  d: {cmd: echo, meta: }\n")
keys("stage-empty", "stages:\n  s:\n", "    dvc repro\n")
keys("stage-text", "stages:\n  s: echo\n", "    dvc repro\n")
keys("stage-names", "stages:\n  1: {cmd: echo}\n", "    dvc repro\n")
keys("stage-odd-names", "stages:\n  a.b: {cmd: echo 1}\n  'a b': {cmd: echo 2}\n  a/b: {cmd: echo 3}\n  'a:b': {cmd: echo 4}\n  ü: {cmd: echo 5}\n  true_: {cmd: echo 6}\n",
     "    dvc repro\n    dvc stage list\n    dvc repro a.b\n    dvc repro 'a b'\n  ? dvc repro a/b\n  ? dvc repro a:b\n    dvc repro ü\n")
keys("stage-name-bool", "stages:\n  true: {cmd: echo}\n", "    dvc repro\n")
keys("stages-null", "stages:\n", "    dvc repro\n    dvc stage list\n    dvc status\n")
keys("stages-empty", "stages: {}\n", "    dvc repro\n    dvc stage list\n    dvc status\n")
keys("anchors", """\
defaults: &d
  cmd: echo
stages:
  a: *d
""", "    dvc repro\n")
keys("anchors-in-meta", "stages:\n  a: &a\n    cmd: echo 1\n    deps: &deps [x]\n  b:\n    <<: *a\n    cmd: echo 2\n  c:\n    cmd: echo 3\n    deps: *deps\n", x="1")
keys("merge-of-two", "stages:\n  a: &a {cmd: echo 1, desc: a}\n  b: &b {cmd: echo 2, meta: 1}\n  c:\n    <<: [*b, *a]\n    wdir: .\n", "    dvc repro\n    dvc stage list\n")
keys("yaml-directive", "%YAML 1.2\n---\nstages:\n  a: {cmd: echo 1}\n")
keys("yaml-documents", "stages:\n  a: {cmd: echo 1}\n---\nstages:\n  b: {cmd: echo 2}\n", "    dvc repro\n")
keys("yaml-comment-only", "# nothing here\n", "    dvc repro\n    dvc stage list\n")
keys("yaml-tag", "stages:\n  a: {cmd: !!str 1}\n", "    dvc repro\n")
keys("yaml-unknown-tag", "stages:\n  a: {cmd: !foo bar}\n", "    dvc repro\n")
keys("crlf", "stages:\r\n  a:\r\n    cmd: echo 1\r\n")
keys("byte-order-mark", "\ufeffstages:\n  a:\n    cmd: echo 1\n")
keys("json-style", '{"stages": {"a": {"cmd": "echo 1", "deps": ["x"], "outs": []}}}\n', x="1")

# ---- documents that the schema refuses ----
for name, body in {
    "unknown": "cmd: echo\nunknown: 1", "wdir-list": "cmd: echo\nwdir: [a]", "deps-number": "cmd: echo\ndeps: [1.5]", "deps-null-item": "cmd: echo\ndeps: [~]",
    "params-null-item": "cmd: echo\nparams: [~]", "params-map": "cmd: echo\nparams: {a: b}", "vars-map": "cmd: echo\nvars: {a: b}", "vars-number": "cmd: echo\nvars: [1]",
    "frozen-text": "cmd: echo\nfrozen: 'yes'", "frozen-int": "cmd: echo\nfrozen: 1", "desc-number": "cmd: echo\ndesc: 1", "always-text": "cmd: echo\nalways_changed: on",
    "outs-text": "cmd: echo\nouts: o", "outs-null-item": "cmd: echo\nouts: [~]", "out-unknown-flag": "cmd: echo\nouts:\n- o: {caches: true}", "out-two-wrong": "cmd: echo\nouts:\n- o: {cache: 1, push: 2}",
    "out-labels": "cmd: echo\nouts:\n- o: {labels: x}", "out-remote-number": "cmd: echo\nouts:\n- o: {remote: 1}", "metric-flag": "cmd: echo\nmetrics:\n- m: {x: a}",
    "metric-hash": "cmd: echo\nmetrics:\n- m: {md5: abc}", "plot-header": "cmd: echo\nplots:\n- p: {header: yes_}", "plot-y-list": "cmd: echo\nplots:\n- p: {y: [a, b]}",
    "plot-unknown": "cmd: echo\nplots:\n- p: {color: red}", "foreach-alone": "foreach: [a]", "do-alone": "do: {cmd: echo}", "do-no-cmd": "foreach: [a]\ndo: {deps: [x]}",
    "do-unknown": "foreach: [a]\ndo: {cmd: echo, x: 1}", "do-list": "foreach: [a]\ndo: [echo]", "foreach-number": "foreach: 1\ndo: {cmd: echo}", "foreach-null": "foreach:\ndo: {cmd: echo}",
    "foreach-matrix": "foreach: [a]\nmatrix: {a: [1]}\ndo: {cmd: echo}", "foreach-wdir": "foreach: [a]\ndo: {cmd: echo}\nwdir: x", "nested-foreach": "foreach: [a]\ndo: {foreach: [b], do: {cmd: echo}}",
    "matrix-list": "matrix: [a]\ncmd: echo", "matrix-text": "matrix: ${m}\ncmd: echo", "matrix-number-axis": "matrix: {a: 1}\ncmd: echo", "matrix-map-axis": "matrix: {a: {b: 1}}\ncmd: echo",
    "matrix-null-axis": "matrix: {a: }\ncmd: echo", "matrix-do": "matrix: {a: [1]}\ndo: {cmd: echo}", "matrix-number-name": "matrix: {1: [a]}\ncmd: echo", "matrix-no-cmd": "matrix: {a: [1]}",
}.items():
    keys("refused-" + name, stage(body), "    dvc stage list\n")
for name, text in {
    "unknown-top": "stages: {}\nstage: {}\nfoo: 1\n", "stages-text": "stages: a\n", "stage-list": "stages:\n  a: [1]\n", "vars-text": "vars: a\n", "vars-list-item": "vars: [[a]]\n",
    "metrics-text": "metrics: a\n", "metrics-number": "metrics: [1]\n", "params-map": "params: [{a: [b]}]\n", "params-text": "params: p.yaml\n", "plots-map": "plots: {a: {}}\n", "plots-number": "plots: [1]\n",
    "plots-x-list": "plots: [{p: {x: [a]}}]\n", "plots-y-number": "plots: [{p: {y: {f: 1}}}]\n", "plots-unknown": "plots: [{p: {z: a}}]\n", "plots-header": "plots: [{p: {header: true}}]\n",
    "artifacts-list": "artifacts: [a]\n", "artifacts-null": "artifacts: {a: }\n", "artifacts-labels": "artifacts: {a: {path: p, labels: {x: 1}}}\n", "artifacts-two": "artifacts: {a: {desc: 1, foo: 2}, b: {}}\n",
    "text": "text\n", "number": "5\n", "two-files": "stages:\n  a: {}\n  b: {cmd: 1}\n  c: {cmd: x, y: z}\n",
}.items():
    keys("refused-top-" + name, text, "    dvc stage list\n    dvc repro\n")
# errors in files of several folders: the first one is reported
keys("refused-below", "stages:\n  a: {cmd: echo}\n", "    dvc repro\n    dvc stage list\n    dvc stage list --all\n    dvc stage list --all --fail\n    dvc status a\n  ? dvc stage list sub/dvc.yaml\n"
     "    cd sub\n    dvc stage list\n    dvc repro\n", sub__dvc_yaml="stages:\n  b: {cmd: [echo], foo: 1}\n")

# ---- sections at the top level ----
keys("section-metrics", "metrics: [m.json, sub/n.yaml]\n", "    dvc metrics show\n    dvc repro\n    dvc status\n", m_json='{"a": 1}', sub__n_yaml="b: 2\n")
keys("section-metrics-missing", "metrics: [nofile.json]\n", "    dvc metrics show\n")
keys("section-params", "params: [p.yaml, q.json]\n", "    dvc params diff\n    git add -A; git commit -qm x; sed -i s/1/2/ p.yaml; dvc params diff\n", p_yaml="a: 1\n", q_json='{"b": [1, 2]}')
keys("section-plots-forms", """\
plots:
- a.csv
- b.csv: {x: x, y: y, title: t, x_label: X, y_label: Y, template: simple}
- dir:
- curve: {x: {a.csv: x}, y: {a.csv: [x, y], b.csv: y}}
- c.json: {y: [u, v]}
stages:
  s: {cmd: echo}
""", "    dvc stage list\n    dvc repro\n    dvc status\n", a_csv="x,y\n1,2\n", b_csv="x,y\n1,2\n")
keys("section-artifacts", """\
artifacts:
  model: {path: m, type: model, desc: d, labels: [a, b], meta: {k: 1}}
  other: {path: sub/o}
""", "    dvc stage list\n    dvc repro\n    dvc status\n", m="1", sub__o="2")
keys("section-artifact-names", "artifacts:\n  bad name!: {path: m}\n  1x: {path: m}\n", "    dvc repro\n    dvc status\n", m="1")
keys("section-datasets", "datasets:\n- {name: d, type: dvc, url: ., path: x}\nstages:\n  s: {cmd: echo}\n", "    dvc stage list\n    dvc repro\n")
keys("section-vars-only", "vars:\n- a: 1\n", "    dvc repro\n    dvc stage list\n    dvc status\n")
keys("sections-interpolated", """\
vars:
- n: name
  x: col
metrics: ["${n}.json"]
params: ["${n}.yaml"]
plots:
- ${n}.csv: {x: "${x}", y: {"${n}.csv": "${x}"}}
artifacts:
  ${n}: {path: "${n}.bin", labels: ["${x}"]}
stages:
  s: {cmd: echo 1}
""", "    dvc metrics show\n    dvc params diff\n    dvc repro\n    dvc status\n", name_json='{"m": 1}', name_yaml="p: 1\n", name_csv="col\n1\n", name_bin="x")

# ---- dvc.lock ----
LOCKED = "schema: '2.0'\nstages:\n  s:\n    cmd: cat a > o\n    deps:\n    - path: a\n      hash: md5\n      md5: c4ca4238a0b923820dcc509a6f75849b\n      size: 1\n"
ONE = stage("cmd: cat a > o\ndeps: [a]\nouts: [o]\nparams: [p]")
for name, lock in {
    "no-schema": "stages: {}\n", "old-schema": "schema: '1.0'\nstages: {}\n", "number-schema": "schema: 2.0\nstages: {}\n", "unknown-key": "schema: '2.0'\nfoo: 1\n", "stages-list": "schema: '2.0'\nstages: []\n",
    "no-cmd": "schema: '2.0'\nstages:\n  s:\n    deps: []\n", "cmd-number": "schema: '2.0'\nstages:\n  s:\n    cmd: 1\n", "dep-no-path": "schema: '2.0'\nstages:\n  s:\n    cmd: a\n    deps:\n    - md5: abcdef\n",
    "dep-unknown": LOCKED + "      foo: 1\n", "short-md5": LOCKED.replace("c4ca4238a0b923820dcc509a6f75849b", "ab"), "size-text": LOCKED.replace("size: 1", "size: big"), "params-list": LOCKED + "    params: []\n",
    "params-flat": LOCKED + "    params:\n      params.yaml: 1\n", "metrics-key": LOCKED + "    metrics: []\n", "stage-null": "schema: '2.0'\nstages:\n  s:\n", "broken": "schema: '2.0'\nstages: [\n",
    "list": "[1]\n", "text": "hello\n", "duplicate": LOCKED + "  s:\n    cmd: x\n", "conflict": "schema: '2.0'\n<<<<<<< HEAD\nstages: {}\n=======\n>>>>>>> b\n",
}.items():
    keys("lock-" + name, ONE, "    dvc status\n    dvc repro\n", **{"dvc.lock": lock, "a": "1", "params.yaml": "p: 1\n"})
for name, lock in {
    "empty": "", "comment": "# none\n", "only-schema": "schema: '2.0'\n", "null-checksum": LOCKED.replace("c4ca4238a0b923820dcc509a6f75849b", ""),
    "other-stages": LOCKED.replace("  s:", "  gone:"), "cmd-list": LOCKED.replace("cmd: cat a > o", "cmd:\n    - cat a > o"), "without-hash": LOCKED.replace("      hash: md5\n", ""), "own-style": '{"schema": "2.0", "stages": {"x": {"cmd": "y"}}}\n',
    "comments": "# ours\n" + LOCKED.replace("    deps:", "    # the deps\n    deps:") + "# end\n", "datasets": LOCKED.replace("stages:", "datasets: []\nstages:"), "order": "stages:\n" + LOCKED.split("stages:\n")[1] + "schema: '2.0'\n",
    "indented": LOCKED.replace("    - path: a\n      hash: md5\n      md5", "      - path: a\n        hash: md5\n        md5").replace("\n      size", "\n        size"),
    "params-gone": LOCKED + "    params:\n      params.yaml:\n        p: 1\n        q: 2\n      old.yaml:\n        x: 1\n",
    "no-newline": LOCKED.rstrip("\n"), "crlf": LOCKED.replace("\n", "\r\n"),
}.items():
    # whole files in flow style and comments at the end: equal as values
    case("lock-fine-" + name, "    dvc status\n    dvc repro\n    dvc status\n", values=("dvc.lock",) if name in ("own-style", "comments") else (),
         files={"dvc.yaml": ONE, "dvc.lock": lock, "a": "1", "params.yaml": "p: 1\n"})
keys("lock-many-stages", "".join(["stages:\n"] + [f"  {n}:\n    cmd: echo {n} > {n}\n    outs: [{n}]\n" for n in ("z", "b", "a-long-name", "m")]), """
    dvc repro b
    dvc repro
    sed -i 's/echo m/echo  m/' dvc.yaml
    dvc repro
    dvc repro -f z
""")
keys("lock-ignored-by-git", stage("cmd: echo"), "    echo dvc.lock > .gitignore\n    dvc repro\n    dvc stage list\n    dvc status\n")
keys("yaml-ignored-by-git", stage("cmd: echo"), "    echo dvc.yaml > .gitignore\n    dvc repro\n    dvc stage list\n    dvc status\n")
keys("lock-is-a-directory", stage("cmd: echo"), "    mkdir dvc.lock\n  ? dvc repro\n")
keys("yaml-is-a-directory", stage("cmd: echo"), "    rm dvc.yaml; mkdir dvc.yaml\n  ? dvc repro\n    dvc status\n")
