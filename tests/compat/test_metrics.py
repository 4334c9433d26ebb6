from harness import case
from harness.adjust import mask

BASE = """
    cat > dvc.yaml <<EOF
    stages:
      t:
        cmd: cp in.json me.json
        deps: [in.json]
        params:
        - lr
        - net
        - p.toml:
          - x
        - q.py:
        metrics:
        - me.json:
            cache: false
    EOF
    printf 'lr: 0.10\\nnet: {a: 1, b: [1, 2]}\\n' > params.yaml
    printf 'x = 1\\n[t]\\nb = 2.0\\n' > p.toml
    printf 'A = 1\\nclass Cfg:\\n    lr = 0.5\\n' > q.py
    echo '{"acc": 0.123456789, "n": {"m": 3}, "s": "txt", "l": [1]}' > in.json
    dvc repro -q
    git add -A && git commit -qm base
"""

case("metrics-show", BASE + """
    dvc metrics show
    dvc metrics show --json
    dvc metrics show --md
    dvc metrics show --precision 8
    git tag v1
    dvc metrics show -T
    dvc metrics show me.json
    dvc metrics show nosuch.json
""")
case("metrics-diff", BASE + """
    dvc metrics diff
    echo '{"acc": 0.2, "n": {"m": 4}, "s": "other", "new": 1}' > in.json
    dvc repro -q
    dvc metrics diff
  = dvc metrics diff --json
    dvc metrics diff --md
    dvc metrics diff --no-path
    dvc metrics diff --precision 2
    dvc metrics diff badrev
    git commit -qam second
    dvc metrics diff HEAD~1 HEAD
    dvc metrics diff HEAD~1 --all
""")
case("metrics-recursive", BASE + """
    mkdir -p sub/deep
    printf 'metrics: [m.json]\\n' > sub/dvc.yaml
    echo '{"a": 1}' > sub/m.json
    echo '{"a": 5}' > sub/deep/n.json
    git add -A && git commit -qm sub
    dvc metrics show -R sub
    dvc metrics show --recursive .
    dvc metrics show -A
    dvc metrics show --all-commits --md
    echo '{"a": 2}' > sub/m.json
    dvc metrics diff -R --targets sub
    dvc metrics diff --recursive --json --targets .
""", adjust=lambda seen: mask(seen, r"^[0-9a-f]{7}:?"))
case("params-diff", BASE + """
    dvc params diff
    printf 'lr: 0.2\\nnet: {a: 1, b: [1, 3], c: x}\\n' > params.yaml
    printf 'x = 5\\n[t]\\nb = 3\\n' > p.toml
  ~ dvc params diff
  = dvc params diff --json
  ~ dvc params diff --md
  ~ dvc params diff --all
  ~ dvc params diff --deps
  ~ dvc params diff --no-path
    dvc params diff badrev
""")
case("params-diff-vars", """
    mkdir conf
    printf 'a: {b: 1, c: [1, 2]}\\nname: foo\\nunused: 3\\nmodels: [x, y]\\n' > conf/c.yaml
    printf 'lr: 1\\n' > params.yaml
    cat > dvc.yaml <<'EOF'
    vars:
    - conf/c.yaml
    - inl: 5
    stages:
      t:
        cmd: echo ${a.b} ${inl} ${lr} ${name} ${a.c[0]} > o
        outs: [o]
      f:
        foreach: ${models}
        do:
          cmd: echo ${item} > ${item}.txt
          outs: ["${item}.txt"]
    EOF
    git add -A && git commit -qm base
    sed -i 's/b: 1/b: 9/; s/foo/bar/; s/unused: 3/unused: 4/' conf/c.yaml
    dvc params diff
  = dvc params diff --json
    dvc params diff --deps
    dvc params diff --targets conf/c.yaml
""")
case("metrics-of-branches", BASE + """
    git checkout -qb other
    echo '{"acc": 0.5, "t": true}' > in.json
    dvc repro -q
    git commit -qam other
    dvc metrics show -a
    dvc metrics show -a --md
  = dvc metrics show -a --json
    echo '{"acc": 0.6}' > me.json
    dvc metrics show -a
    dvc metrics diff master other
  = dvc metrics diff master other --json
    dvc metrics diff HEAD other
""")
case("metrics-anywhere", """
    mkdir -p sub/deep
    printf 'metrics:\\n- m2.yaml\\n- sub/deep\\nstages:\\n  s:\\n    cmd: x\\n    metrics: [cached.json]\\n' > dvc.yaml
    printf 'v: 1.5\\nw: null\\nbig: 123456.7891234\\nsmall: 1e-10\\nl: [1]\\nn: {k: 1, e: {}}\\n' > m2.yaml
    echo '{"x": 3}' > sub/deep/a.json
    echo '{"c": 5}' > cached.json
    dvc commit -f
    git add -A && git commit -qm base
    rm cached.json
    dvc metrics show
    cd sub && dvc metrics show
    cd sub && dvc metrics show deep
    cd sub && dvc metrics show ../m2.yaml --precision 3
    echo '{"x": 4}' > sub/deep/a.json
    cd sub && dvc metrics diff
    dvc metrics diff --targets sub/deep/a.json
""")
case("params-broken", BASE + """
    printf 'x = \\n' > p.toml
  ~ dvc params diff
    dvc params diff --targets p.toml
    printf 'A = (\\n' > q.py
  ~ dvc params diff --md
    rm params.yaml
  ~ dvc params diff --all
""")
# without a repository, the Git work tree or else the directory is used as one
case("metrics-and-params-without-git-and-dvc", """
    dvc metrics show
    dvc metrics show m.json
    dvc metrics show m.json --json
    dvc metrics show m.json nosuch.json
    dvc metrics diff --targets m.json
    dvc params diff
    dvc params diff --targets params.yaml
""", start="empty", files={"m.json": '{"a": 1}\n', "params.yaml": "lr: 1\n"})
case("metrics-and-params-in-git-alone", """
    git add -A; git commit -qm one; git tag v1
    echo '{"a": 3}' > m.json; echo 'lr: 2' > params.yaml
    dvc metrics show
    dvc metrics show m.json
    dvc metrics show -T m.json
    dvc metrics show -a m.json --json
    dvc metrics diff
    dvc metrics diff --targets m.json
    dvc params diff
    dvc params diff v1 --targets params.yaml --json
    mkdir sub
    cd sub
    dvc metrics show ../m.json
    dvc metrics diff --targets ../m.json ../nosuch.json
    dvc params diff
""", start="git", files={"m.json": '{"a": 1}\n', "params.yaml": "lr: 1\n"})
# errors of a revision name the revision, and in JSON the kind of error
case("revisions-that-cannot-be-read", """
    git add -A; git commit -qm good; git tag good
    printf 'stages:\\n  s:\\n    cm: echo 1\\n' > dvc.yaml; git commit -qam bad; git tag bad
    printf 'stages: [\\n' > dvc.yaml; git commit -qam syntax; git tag syntax
    printf 'stages:\\n  s:\\n    cmd: echo ${x}\\n' > dvc.yaml; git commit -qam template; git tag template
    git checkout -q good
    dvc metrics show -T
    dvc metrics show -T --json
    dvc metrics diff bad
    dvc params diff bad syntax
    dvc diff bad
    dvc list . --rev bad
    dvc exp show --rev bad --json
    dvc exp show --rev template --json
""", files={"m.json": '{"a": 1}\n', "dvc.yaml": "stages:\n  s:\n    cmd: echo 1 > o\n    metrics: [m.json: {cache: false}]\n"})

# Metrics and parameters in data that is not in the workspace.
TRACKED = """
    mkdir -p d sub/e; echo '{"a": 1}' > d/m.json; echo 'lr: 1' > d/p.yaml
    echo '{"b": 1}' > m.json; echo '{"c": 5}' > sub/e/m.json
    dvc add -q d m.json sub/e
    printf 'metrics: [d/m.json, m.json, sub/e/m.json, d/no.json]\\nparams: [d/p.yaml]\\n' > dvc.yaml
    git add -A; git commit -qm x
"""
case("metrics-in-data-that-is-nowhere", TRACKED + """
    rm -rf d m.json sub/e .dvc/cache/files
    dvc metrics show --json
    dvc metrics show
    dvc metrics show d --json
    dvc metrics show d/no.json sub/e/x/y --json
    dvc metrics diff --json
    dvc params diff --json HEAD
    dvc exp show --json
""", adjust=lambda seen: mask(seen, r"[0-9a-f]{40}(?=\")"))
case("metrics-in-objects-that-are-nowhere", TRACKED + """
    rm -rf d m.json sub/e
    find .dvc/cache/files -type f ! -name '*.dir' -delete
    dvc metrics show --json
    dvc params diff --json HEAD
""")
case("metrics-in-a-remote", TRACKED + """
    dvc remote add -q -d --global r "$(dirname "$PWD")/store"
    dvc push -q d m.json sub/e
    rm -rf d m.json sub/e .dvc/cache/files
    dvc metrics show --json
    dvc metrics show d/m.json sub/e
    dvc params diff --json HEAD
  = dvc metrics diff --all --json
    dvc exp show --csv
""")
case("metrics-that-are-binary", """
    printf '%040d' 0 | sed 's/0/é/g' > accents
    (printf '%060d' 0; printf '%010d' 0 | sed 's/0/é/g') > few-accents
    printf 'a\\0b' > nul
    for f in accents few-accents nul; do dvc stage add -q -n $f -M $f.txt -d $f "cp $f $f.txt"; done
    dvc repro accents
    dvc repro few-accents
    dvc repro nul
""")
