"""`dag`: the drawing as text, which equals DVC's box for box, Graphviz, Mermaid, and what part is drawn."""
from harness import case

CHURN = """\
stages:
  prepare: {cmd: x, deps: [src/prepare.py, raw.csv], params: [prepare.seed], outs: [data/prepared]}
  featurize: {cmd: x, deps: [data/prepared], outs: [data/features]}
  train: {cmd: x, deps: [data/features], outs: [model.pkl]}
  evaluate: {cmd: x, deps: [data/features, model.pkl], outs: [report], metrics: [metrics.json: {cache: false}], plots: [roc.csv]}
"""


def stages(*edges, alone=()):
    """A pipeline from words "a>b": b reads the output of a."""
    names, deps = [], {}
    for edge in edges:
        above, below = edge.split(">")
        names += [n for n in (above, below) if n not in names]
        deps.setdefault(below, []).append(above)
    names += list(alone)
    return "stages:\n" + "".join(f"  {n}: {{cmd: x, deps: [{', '.join('o-' + d for d in deps.get(n, []))}], outs: [o-{n}]}}\n" for n in names)


def drawn(name, text, script="    dvc dag\n", **options):
    case("dag-" + name, script, files={"dvc.yaml": text}, **options)


drawn("one", stages(alone=["a"]))
drawn("one-long", stages(alone=["a-stage-with-a-long-name"]))
drawn("chain", stages("a>b", "b>c"))
drawn("chain-widths", stages("a>a-much-longer-name", "a-much-longer-name>mid", "mid>x"))
drawn("chain-even-odd", stages("aa>b", "b>cccc", "cccc>dd", "dd>e"))
drawn("diamond", stages("a>b", "a>c", "b>d", "c>d"))
drawn("diamond-widths", stages("prepare>left", "prepare>right-hand-side", "left>join", "right-hand-side>join"))
drawn("fork", stages("a>b", "a>c"))
drawn("join", stages("a>c", "b>c"))
drawn("fan-out-3", stages("a>b", "a>c", "a>d"))
drawn("fan-out-5", stages(*("a>" + n for n in "bcdef")))
drawn("fan-in-4", stages(*(n + ">z" for n in "abcd")))
drawn("fan-out-and-in", stages(*("a>" + n for n in "bcd"), *(n + ">z" for n in "bcd")))
drawn("triangle", stages("a>b", "b>c", "a>c"))
drawn("skip-two", stages("a>b", "b>c", "c>d", "a>d"))
drawn("churn", CHURN)
drawn("tree", stages("a>b", "a>c", "b>d", "b>e", "c>f", "c>g"))
drawn("two-levels", stages("a>c", "b>c", "b>d", "a>d"))
drawn("crossing", stages("a>d", "b>c", "a>e", "b>e"))
drawn("ladder", stages("a>b", "b>c", "x>y", "y>z", "a>y", "b>z"))
drawn("wide-and-narrow", stages("a>a-very-long-stage-name-here", "a>b", "b>c", "a-very-long-stage-name-here>c"))
drawn("side-input", stages("a>b", "b>c", "extra>c"))
drawn("disconnected", stages("a>b", "b>c", "x>y", alone=["lonely"]))
drawn("unconnected", stages(alone=["a", "b", "c"]))
drawn("generated", """\
stages:
  make: {cmd: x, outs: [m]}
  each:
    foreach: [1, 2, 3]
    do: {cmd: 'x ${item}', deps: [m], outs: ['o${item}']}
  sum: {cmd: x, deps: [o1, o2, o3], outs: [s]}
""", "    dvc dag\n    dvc dag --collapse-foreach-matrix\n    dvc dag --collapse-foreach-matrix --dot\n    dvc dag --collapse-foreach-matrix --mermaid\n")
drawn("collapse-two-groups", """\
stages:
  one:
    foreach: [1, 2]
    do: {cmd: 'x ${item}', outs: ['o${item}']}
  two:
    matrix: {k: [1, 2]}
    cmd: x ${item.k}
    deps: ['o${item.k}']
    outs: ['p${item.k}']
""", "    dvc dag\n    dvc dag --collapse-foreach-matrix\n    dvc dag one@1 --collapse-foreach-matrix --full\n")
drawn("collapse-chain-in-group", """\
stages:
  g:
    matrix: {k: [{i: o0, o: o1}, {i: o1, o: o2}]}
    cmd: x ${item.k.i}
    deps: ['${item.k.i}']
    outs: ['${item.k.o}']
  end: {cmd: x, deps: [o2], outs: [e]}
""", "    dvc dag\n  ~ dvc dag --collapse-foreach-matrix --dot\n    dvc dag --collapse-foreach-matrix --mermaid\n")
drawn("outputs", CHURN, "    dvc dag --outs --dot\n    dvc dag -o --mermaid\n    dvc dag --outs prepare\n    dvc dag -o --full featurize --dot\n")
drawn("outputs-text", stages("a>b", "b>c"), "    dvc dag -o\n    dvc dag --outs b\n")
drawn("outputs-in-folders", "stages:\n  a: {cmd: x, outs: [d/x, b, d/y]}\n  c: {cmd: x, deps: [d], outs: [z]}\n  e: {cmd: x, deps: [d/y/inside], outs: [w/q, w/r]}\n",
      "    dvc dag --dot\n    dvc dag -o --dot\n    dvc dag -o --md\n")
drawn("outputs-and-collapse", CHURN, "    dvc dag --outs --collapse-foreach-matrix\n")
drawn("target", CHURN, "    dvc dag featurize\n    dvc dag featurize --full --mermaid\n    dvc dag train --dot\n    dvc dag dvc.yaml:train --md\n")
drawn("target-output", CHURN, "    dvc dag model.pkl\n    dvc dag data/features\n    dvc dag nosuch\n    dvc dag nosuch.dvc\n    dvc dag evaluate train\n")
drawn("target-file", CHURN, "    dvc dag dvc.yaml --dot\n    dvc dag nosuch/dvc.yaml\n")
drawn("target-of-group", "stages:\n  g:\n    foreach: [1, 2]\n    do: {cmd: 'x ${item}', outs: ['o${item}']}\n  h: {cmd: x, deps: [o1], outs: [h]}\n",
      "    dvc dag g --dot\n    dvc dag g@1 --dot\n    dvc dag --full g --dot\n")
drawn("markdown", stages("a>b", alone=["c"]), "    dvc dag --md\n    dvc dag --mermaid\n    dvc dag --mermaid --dot\n")
drawn("data", "stages:\n  s: {cmd: x, deps: [data, raw/f], outs: [o]}\n",
      "    echo 1 > data; mkdir raw; echo 2 > raw/f\n    dvc add -q data raw\n    dvc dag\n    dvc dag --dot\n    dvc dag data.dvc --mermaid\n    dvc dag data --dot\n    dvc dag -o --dot\n")
drawn("folders", "stages:\n  s: {cmd: x, deps: [sub/o], outs: [p]}\n",
      "    mkdir sub; printf 'stages:\\n  t: {cmd: x, outs: [o]}\\n' > sub/dvc.yaml\n    dvc dag\n    cd sub\n    dvc dag\n    dvc dag --dot\n    dvc dag t\n    dvc dag -o\n    dvc dag ../dvc.yaml:s --full\n")
drawn("unicode", stages("größe>ü-b", "größe>模型"))
drawn("quotes", "stages:\n  'a b': {cmd: x, outs: ['o \"q\".txt', 'p: q']}\n  c: {cmd: x, deps: ['p: q'], outs: [r]}\n", "    dvc dag --dot\n    dvc dag -o --dot\n    dvc dag -o --mermaid\n")
drawn("stages-without-outputs", "stages:\n  a: {cmd: x}\n  b: {cmd: x, deps: [q]}\n", "    dvc dag\n    dvc dag -o\n    dvc dag -o --dot\n    dvc dag --outs a\n")
case("dag-nothing", "    dvc dag\n    dvc dag --dot\n    dvc dag --mermaid\n    dvc dag --md\n    dvc dag -o\n")
case("dag-frozen", "    dvc dag\n", files={"dvc.yaml": stages("a>b").replace("outs: [o-b]", "outs: [o-b], frozen: true")})
