"""dvc.yaml and the graph: stage add, freeze, dag, targets, and invalid pipelines."""
from harness import case

YAML = """\
# the pipeline
stages:
    prepare:   # first
        cmd: cat raw > clean
        deps:
            - raw
        outs:
            - clean
    train:
        cmd: cat clean > model; echo 0.5 > m.json
        deps: [clean]
        params: [lr]
        outs: [model]
        metrics:
            - m.json:
                  cache: false
"""
FILES = {"dvc.yaml": YAML, "params.yaml": "lr: 0.1\n", "raw": "1\n"}


def _data_stays_ignored(seen):
    """As in test_repro: DVC removes .gitignore entries again when a later stage fails."""
    seen["files"].pop(".gitignore", None)
    seen["git"]["status"] = [line for line in seen["git"]["status"] if line != "?? clean"]


def pipeline(name, script, **options):
    case(name, script, **{"files": FILES, "values": ("dvc.yaml",), **options})


pipeline("stage-list", "    dvc stage list\n    dvc stage list --all\n    dvc stage list train\n    dvc stage list nosuch\n")
pipeline("stage-list-descriptions", """
    dvc stage list
    dvc repro -q
    dvc stage list
""", files={"dvc.yaml": """\
stages:
  none: {cmd: echo}
  deps: {cmd: echo, deps: [a, b]}
  long:
    cmd: echo
    desc: a very long description that goes on and on until it is longer than eighty columns of text
  many: {cmd: touch m.json p.csv o1 o2, outs: [o1, o2], metrics: [m.json], plots: [p.csv]}
""", "a": "1\n", "b": "2\n"})
pipeline("dag", "    dvc dag\n    dvc dag --dot\n    dvc dag --mermaid\n    dvc dag --md\n    dvc dag prepare\n    dvc dag --full prepare --dot\n"
                "    dvc dag nosuch\n")
case("dag-empty", "    dvc dag\n    dvc dag --dot\n")
case("dag-data-source", """
    echo 1 > a
    dvc add -q a
    printf 'stages:\\n  s:\\n    cmd: cat a\\n    deps: [a]\\n' > dvc.yaml
    dvc dag --dot
    dvc dag
""")
pipeline("freeze", """
    dvc freeze train
    dvc repro
    dvc freeze nosuch
    dvc status
    echo 2 > raw
    dvc repro
    dvc unfreeze train
    dvc repro
""", adjust=_data_stays_ignored)
pipeline("freeze-data-source", """
    echo 1 > a
    dvc add -q a
    dvc freeze a.dvc
    cat a.dvc
    dvc unfreeze a.dvc
    cat a.dvc
""")
pipeline("stage-add", """
    dvc stage add -n evaluate -d model -p lr,other.json:x -p whole.yaml: -o plot.png -O text.txt -M score.json --plots p.csv echo 1
    dvc stage add -n evaluate echo 2
    dvc stage add -f -n evaluate -d model echo 2
    dvc stage add -n quoted echo "a b" '' c
    dvc stage add -n many --outs-persist x --outs-persist-no-cache y -m z --plots-no-cache w --always-changed --desc 'a stage' echo
    dvc stage list
""")
pipeline("stage-add-errors", """
    dvc stage add -n a/b echo
    dvc stage add -n x
    dvc stage add -n x -o model echo
    dvc stage add -n x -o model/sub echo
    dvc stage add -n x -d in -o in echo
    dvc stage add -n x -o o -o o echo
    dvc stage add -n x -w nowhere echo
    dvc stage add -n x -w raw echo
    dvc stage add -n x -o /tmp/outside echo
    dvc stage add echo
""")
case("stage-add-first", """
    dvc stage add -n a -o o -d d echo 1
    cat dvc.yaml
    cat .gitignore
""")
case("stage-add-run", "    dvc stage add --run -n a -o o 'echo 1 > o'\n")
case("add-tracked-by-git", """
    echo 1 > o
    git add o
    git commit -qm o
    dvc add o
""")
case("stage-add-wdir", """
    mkdir sub
    dvc stage add -n a -w sub -o o -d ../in 'cat ../in > o'
    echo 1 > in
    dvc repro
    dvc status
""")
case("subdirectory", """
    mkdir sub
    printf 'stages:\\n  s:\\n    cmd: echo 1 > o\\n    outs: [o]\\n' > sub/dvc.yaml
    printf 'stages:\\n  t:\\n    cmd: cat sub/o > p\\n    deps: [sub/o]\\n    outs: [p]\\n' > dvc.yaml
    dvc repro
    dvc repro sub/dvc.yaml
    dvc repro sub/dvc.yaml:s
    dvc status
    dvc stage list --all
    cd sub
    dvc repro
    dvc repro ../dvc.yaml:t
    dvc status
    dvc dag
""")
case("remove-stage", """
    printf 'stages:\\n  s:\\n    cmd: echo 1 > o\\n    outs: [o]\\n  t:\\n    cmd: cat o > p\\n    deps: [o]\\n    outs: [p]\\n' > dvc.yaml
    dvc repro -q
    dvc remove t
    dvc remove s --outs
    dvc remove nosuch
""", values=("dvc.yaml",))
case("targets", """
    printf 'stages:\\n  s:\\n    cmd: echo 1 > o\\n    outs: [o]\\n' > dvc.yaml
    dvc repro o
    dvc repro dvc.lock
    dvc repro dvc.yaml
    dvc repro --glob 's*'
    dvc repro nodir/dvc.yaml
    dvc repro some.dvc
    dvc repro some.txt:s
    dvc repro :s
    dvc status o
    dvc status nosuch
    dvc checkout nosuch
    dvc commit nosuch
""")
case("repro-without-file", "    dvc repro\n    dvc stage list\n    dvc status\n")
# a dry run of DVC searches the run-cache for the former dependencies, and reports a changed stage as cached
case("downstream", """
    cat > dvc.yaml <<'EOF'
    stages:
      a: {cmd: cp x a, deps: [x], outs: [a]}
      b: {cmd: cp a b, deps: [a], outs: [b]}
      c: {cmd: cp a c, deps: [a], outs: [c]}
      d: {cmd: cat b c > d, deps: [b, c], outs: [d]}
      e: {cmd: cp y e, deps: [y], outs: [e]}
    EOF
    echo 1 > x; echo 2 > y
    dvc repro b
    dvc repro --downstream c
    dvc repro -p d
    dvc repro -P
    echo 3 > x
  ? dvc repro --dry
    dvc repro --force-downstream a
    dvc repro -f -s d
""")
for name, text in [
        ("cycle", "stages:\n  a: {cmd: x, deps: [p], outs: [q]}\n  b: {cmd: x, deps: [q], outs: [p]}\n"),
        ("self-cycle", "stages:\n  a: {cmd: x, deps: [p], outs: [p]}\n"),
        ("overlap", "stages:\n  a: {cmd: x, outs: [d]}\n  b: {cmd: x, outs: [d/e]}\n"),
        ("overlap-reversed", "stages:\n  a: {cmd: x, outs: [d/e]}\n  b: {cmd: x, outs: [d]}\n"),
        ("stage-in-output", "stages:\n  a: {cmd: x, outs: [sub]}\n"),
]:
    case("graph-" + name, """
        mkdir -p sub
        dvc repro
        dvc dag
        dvc status
    """, files={"dvc.yaml": text})
# DVC names the two stages in the order of a set
case("graph-duplicate", "  ? dvc repro\n  ? dvc dag\n", files={
    "dvc.yaml": "stages:\n  a: {cmd: x, outs: [o]}\n  b: {cmd: x, outs: [o]}\n"})
case("graph-same-output-in-stage", "    dvc repro\n", files={"dvc.yaml": "stages:\n  a:\n    cmd: echo 1 > o\n    outs: [o, o]\n"})

case("param-kinds", """
    cat > p.toml <<'EOF'
    lr = 0.1
    [net]
    layers = [1, 2]
    EOF
    printf 'A = 1\\nclass M:\\n    depth = (1, 2)\\n' > p.py
    echo '{"a": {"b": 1.50, "c": null}}' > p.json
    printf 'x: 1_000\\ny: 1e-5\\nz: "01"\\n' > p.yaml
    cat > dvc.yaml <<'EOF'
    stages:
      s:
        cmd: echo 1 > o
        params:
        - p.toml: [lr, net.layers]
        - p.py: [A, M.depth]
        - p.json: [a.b, a.c]
        - p.yaml:
        - whole.yaml: []
        outs: [o]
    EOF
    printf 'b: 1\\na: {z: 1, y: [1, 2]}\\n' > whole.yaml
    dvc repro
    dvc status
    sed -i 's/lr = 0.1/lr = 0.2/' p.toml
    sed -i 's/(1, 2)/[1, 2]/' p.py
    echo 'new: 1' >> whole.yaml
    dvc status
    dvc status --json
    dvc repro
""")
case("param-values-in-lock", """
    cat > dvc.yaml <<'EOF'
    stages:
      s:
        cmd: echo 1 > o
        params: [i, f, e, big, t, n, s1, s2, s3, s4, s5, l, m, neg, exp, inf]
        outs: [o]
    EOF
    cat > params.yaml <<'EOF'
    i: 10
    f: 1.50
    e: 1e-5
    big: 123456789012345678901234567890
    t: true
    n:
    s1: yes
    s2: '1.5'
    s3: "it's: x"
    s4: 'a # b'
    s5: "line\\nbreak"
    l: [1, [2, {a: b}], []]
    m: {z: 1, a: {}}
    neg: -0.0
    exp: 1e20
    inf: .inf
    EOF
    dvc repro
    dvc status
    dvc repro
""")
case("param-nan", "    dvc repro\n    dvc repro\n    dvc status\n", files={
    "dvc.yaml": "stages:\n  s:\n    cmd: echo 1 > o\n    params: [x]\n    outs: [o]\n", "params.yaml": "x: .nan\n"})
case("long-commands", """
    dvc repro
    dvc repro
""", files={"dvc.yaml": """\
stages:
  a:
    cmd: echo one two three four five six seven eight nine ten eleven twelve thirteen fourteen > o; wc -c o
    outs: [o]
  b:
    cmd:
    - "echo 'single quotes and a colon: here' \\"double\\" and some more words to fold this line somewhere > p"
    - |
      echo block
      echo scalar
    outs: [p]
  c:
    cmd: |
      echo 1
      echo 2
"""})
case("run-cache-rules", """
    cat > dvc.yaml <<'EOF'
    stages:
      nodeps: {cmd: echo 1 > a, outs: [a]}
      noouts: {cmd: echo 1, deps: [x]}
      persist:
        cmd: echo 1 >> b
        deps: [x]
        outs:
        - b: {persist: true}
      nocache:
        cmd: echo 1 > c
        deps: [x]
        outs:
        - c: {cache: false}
      metric:
        cmd: echo '{"a": 1}' > d
        deps: [x]
        metrics:
        - d: {cache: false}
      always: {cmd: echo 1 > e, deps: [x], outs: [e], always_changed: true}
      dir: {cmd: mkdir -p f && echo 1 > f/g, deps: [x], outs: [f]}
    EOF
    echo x > x
    dvc repro
    dvc repro
    rm -rf a c d f dvc.lock
    dvc repro
    rm -rf f
    dvc repro dir --no-run-cache
""")
case("run-cache-same-key", """
    printf 'stages:\\n  s:\\n    cmd: date +%%N > o\\n    params: [size]\\n    outs: [o]\\n' > dvc.yaml
    echo 'size: 1' > params.yaml
  ? dvc repro -q
    echo 'size: 2' > params.yaml
    dvc repro
""", ignore=("^o$", "dvc.lock", ".*"))
case("corrupt-run-cache", """
    printf 'stages:\\n  s:\\n    cmd: echo 1 > o\\n    deps: [x]\\n    outs: [o]\\n' > dvc.yaml
    echo 1 > x
    dvc repro -q
    for f in .dvc/cache/runs/*/*/*; do echo '{' > $f; done
    rm dvc.lock o
  ~ dvc repro
""")
case("environment", """
    cat > dvc.yaml <<'EOF'
    stages:
      s:
        cmd: echo $DVC_STAGE $DVC_ROOT; pwd; exit 0
        wdir: sub
    EOF
    mkdir sub
    dvc repro
""")
case("exit-statuses", """
    cat > dvc.yaml <<'EOF'
    stages:
      a: {cmd: [echo 1, exit 7, echo 3]}
      b: {cmd: nosuchcommand}
    EOF
    dvc repro a
    dvc repro -k
""")
case("deletes-own-dependency", """
    printf 'stages:\\n  s:\\n    cmd: rm x; echo 1 > o\\n    deps: [x]\\n    outs: [o]\\n' > dvc.yaml
    echo 1 > x
    dvc repro
""")
case("directory-output", """
    cat > dvc.yaml <<'EOF'
    stages:
      s:
        cmd: mkdir -p d/sub && echo 1 > d/a && echo 2 > d/sub/b && : > d/empty
        deps: [x]
        outs: [d]
    EOF
    echo x > x
    dvc repro
    echo new > d/new
    dvc status
    dvc repro
    dvc status
    rm d/a
    dvc checkout
    dvc status
""")
case("output-becomes-directory", """
    printf 'stages:\\n  s:\\n    cmd: echo 1 > o\\n    deps: [x]\\n    outs: [o]\\n' > dvc.yaml
    echo 1 > x
    dvc repro -q
    printf 'stages:\\n  s:\\n    cmd: mkdir o && echo 1 > o/a\\n    deps: [x]\\n    outs: [o]\\n' > dvc.yaml
    dvc repro
    dvc status
""")
case("odd-names", """
    cat > dvc.yaml <<'EOF'
    stages:
      a b:
        cmd: echo 1 > "o ü [1]*?.txt"
        deps: ["d'q.txt", 'd"q.txt']
        outs: ["o ü [1]*?.txt"]
    EOF
    echo 1 > "d'q.txt"; echo 2 > 'd"q.txt'
    dvc repro
    dvc status
    dvc repro 'a b'
    dvc dag --dot
""")
