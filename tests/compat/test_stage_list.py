"""`stage list`: selection and description of stages, and the effect of broken files."""
from harness import case

FILES = {
    "dvc.yaml": """\
stages:
  plain: {cmd: echo}
  reads: {cmd: echo, deps: [a, b]}
  params: {cmd: echo, params: [lr, other.yaml: [x]]}
  makes: {cmd: echo, deps: [a], outs: [o1, o2: {cache: false}, o3: {persist: true}]}
  reports: {cmd: echo, outs: [o4], metrics: [m.json], plots: [p.csv: {x: a}]}
  only-metrics: {cmd: echo, metrics: [m2.json]}
  described: {cmd: echo, desc: "  A text.  "}
  lines:
    cmd: echo
    desc: |
      First line.
      Second line.
  each:
    foreach: [1, x]
    do: {cmd: 'echo ${item}', outs: ['e${item}'], desc: 'item ${item}'}
  grid:
    matrix: {m: [a, b], n: [1, 2]}
    cmd: echo ${item.m} ${key}
""",
    "sub/dvc.yaml": "stages:\n  s: {cmd: echo, wdir: .., outs: [so]}\n",
    "sub/deep/dvc.yaml": "stages:\n  t: {cmd: echo, deps: [../s]}\n",
    "params.yaml": "lr: 1\n"}
BROKEN = {"dvc.yaml": "stages:\n  a: {cmd: echo}\n", "bad/dvc.yaml": "stages: [\n", "worse/dvc.yaml": "stages:\n  b: {foo: 1}\n",
          "tmpl/dvc.yaml": "stages:\n  c: {cmd: 'echo ${nope}'}\n"}


def listed(name, script, files=FILES):
    case("stage-list-" + name, script, files=files)


listed("default", "    dvc stage list\n    dvc stage list dvc.yaml\n")
listed("names", "    dvc stage list --name-only\n    dvc stage list --names-only\n    dvc stage list --name-only --all\n")
listed("all", "    echo 1 > data\n    dvc add -q data\n    dvc stage list --all\n    cd sub\n    dvc stage list --all\n")
listed("recursive", "    dvc stage list -R sub\n    dvc stage list --recursive .\n    dvc stage list -R sub/deep sub\n    dvc stage list sub\n")
listed("targets", "    dvc stage list sub/dvc.yaml\n    dvc stage list sub/dvc.yaml:s plain\n    dvc stage list each grid@a-1\n    dvc stage list plain plain dvc.yaml:plain\n")
listed("unknown", "    dvc stage list nosuch\n    dvc stage list nosuch/dvc.yaml\n    dvc stage list -R nosuch\n    dvc stage list dvc.yaml:nosuch\n    dvc stage list o1\n")
listed("folder", "    cd sub\n    dvc stage list\n    dvc stage list ../dvc.yaml --name-only\n    dvc stage list -R .\n    dvc stage list deep/dvc.yaml:t\n")
listed("data", "    echo 1 > data\n    dvc add -q data\n    dvc stage list data.dvc\n    dvc stage list data.dvc --name-only\n    dvc stage list data\n")
listed("empty", "    dvc stage list\n    dvc stage list --all\n    dvc stage list -R .\n", files={})
listed("no-stages", "    dvc stage list\n    printf 'stages: {}\\n' > dvc.yaml\n    dvc stage list\n    : > dvc.yaml\n    dvc stage list\n", files={"dvc.yaml": "vars:\n- a: 1\n"})
listed("broken", "    dvc stage list\n    dvc stage list --all\n    dvc stage list bad/dvc.yaml\n    dvc stage list -R .\n", files=BROKEN)
listed("broken-fail", "  ? dvc stage list --fail\n  ? dvc stage list --fail --all\n    dvc stage list --fail a\n", files={k: v for k, v in BROKEN.items() if "worse" not in k and "tmpl" not in k})
listed("broken-here", "    dvc stage list\n    dvc stage list --all\n    dvc stage list --fail\n", files={"dvc.yaml": "stages:\n  b: {foo: 1}\n"})
listed("broken-template", "    dvc stage list\n    dvc stage list b\n    dvc stage list --all --fail\n", files={
    "dvc.yaml": "stages:\n  a: {cmd: echo}\n  b: {cmd: 'echo ${nope}'}\n"})
listed("long", "    dvc stage list\n    COLUMNS=40 dvc stage list\n", files={"dvc.yaml": "stages:\n"
       "  a-stage-with-a-rather-long-name-that-goes-on: {cmd: echo, outs: [an/output/with/a/long/path.txt, another/output/with/a/long/path.txt, o]}\n"
       "  exactly: {cmd: echo, desc: " + "x" * 80 + "}\n  more: {cmd: echo, desc: " + "x" * 81 + "}\n  wide: {cmd: echo, desc: " + "ü" * 90 + "}\n"
       "  größe: {cmd: echo}\n  模型: {cmd: echo, outs: [模]}\n"})
case("stage-list-import", "    mkdir ../far; echo 1 > ../far/f\n    dvc import-url -q $PWD/../far/f f\n    dvc stage list --all\n    dvc stage list f.dvc\n", ignore=("f.dvc",))
# ":" is dvc.yaml, ":name" one of its stages; any text before a final colon is taken as a name
case("targets-of-colons", """
    dvc repro :
    dvc repro :s
    dvc repro dvc.yaml:
    dvc repro dvc.yaml:s
    dvc status :
    printf 'stages:\\n  s:\\n    cmd: echo 1 > o\\n    outs: [o]\\n' > dvc.yaml
    dvc repro :
    dvc repro :s
    dvc repro dvc.yaml:
    dvc repro :nosuch
    dvc repro ::
    dvc repro ::s
    dvc status :
    dvc freeze :
    dvc freeze :s
    dvc unfreeze dvc.yaml
    dvc commit -f :
    dvc checkout :
    dvc fetch :
    dvc dag :
    dvc stage list :
    dvc data status :
    dvc add :
    mkdir sub; cp dvc.yaml sub
    dvc repro sub/dvc.yaml:
    dvc repro sub:
    dvc remove :
    cat dvc.yaml
""")
