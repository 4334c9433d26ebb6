from harness import case

CHAIN = """
    cat > dvc.yaml <<'EOF'
    stages:
      gen:
        cmd: echo 1 > a.txt
        outs: [a.txt]
      copy:
        cmd: cat a.txt params.yaml > b.txt
        deps: [a.txt]
        params: [lr]
        outs: [b.txt]
      check:
        cmd: wc -c < b.txt > m.json
        deps: [b.txt]
        metrics:
        - m.json:
            cache: false
    EOF
    echo 'lr: 0.1' > params.yaml
"""

case("repro-chain", CHAIN + """
    dvc repro
    dvc repro
    dvc status
    echo 'lr: 0.20' > params.yaml
    dvc status
    dvc status --json
    dvc repro
    echo 'lr: 0.1' > params.yaml
    dvc repro
""")
case("repro-options", CHAIN + """
    dvc repro copy
    dvc repro -f gen
    dvc repro -s check
    dvc repro nosuch
    rm b.txt
    dvc repro
    dvc repro -f --no-run-cache
""")
case("repro-no-commit", CHAIN + """
    dvc repro --no-commit
    dvc status
    dvc commit -f
    dvc status
""")
def _data_stays_ignored(seen):
    """After a failure DVC removes its .gitignore entries again, also for stages that are recorded: their data then
    appears in Git's status. cairn keeps them."""
    seen["files"].pop(".gitignore", None)
    seen["git"]["status"] = [line for line in seen["git"]["status"] if line not in ("?? a", "?? d")]


case("repro-failure", """
    cat > dvc.yaml <<'EOF'
    stages:
      ok:
        cmd: echo 1 > a
        outs: [a]
      bad:
        cmd: cat a > b; exit 3
        deps: [a]
        outs: [b]
      after:
        cmd: cat b > c
        deps: [b]
        outs: [c]
      aside:
        cmd: echo 2 > d
        outs: [d]
    EOF
    dvc repro
    dvc repro -k
    dvc repro --ignore-errors
""", adjust=_data_stays_ignored)
case("repro-killed", """
    printf 'stages:\\n  k:\\n    cmd: kill -9 $$\\n' > dvc.yaml
    dvc repro
""")
case("repro-missing-out", """
    printf 'stages:\\n  p:\\n    cmd: echo\\n    outs: [p.txt]\\n' > dvc.yaml
    dvc repro
""")
case("repro-missing-dep", """
    printf 'stages:\\n  p:\\n    cmd: echo\\n    deps: [nofile]\\n' > dvc.yaml
    dvc repro
    dvc status
""")
case("repro-missing-param", """
    printf 'stages:\\n  p:\\n    cmd: echo 1 > o\\n    params: [lr]\\n    outs: [o]\\n' > dvc.yaml
    dvc repro
    echo 'x: 1' > params.yaml
    dvc repro
    dvc status
""")
case("repro-no-pipeline", """
    dvc repro
    dvc stage list
    dvc stage list --all
    dvc status
""")
case("cycle", """
    cat > dvc.yaml <<'EOF'
    stages:
      a: {cmd: cp x y, deps: [x], outs: [y]}
      b: {cmd: cp y x, deps: [y], outs: [x]}
    EOF
    dvc repro
    dvc dag
    ? dvc status
""")
case("cycle-of-one", """
    printf 'stages:\\n  a: {cmd: echo, deps: [x], outs: [x]}\\n' > dvc.yaml
    dvc repro
""")
case("duplicate-out", """
    printf 'stages:\\n  a: {cmd: echo, outs: [x]}\\n  b: {cmd: echo, outs: [x]}\\n' > dvc.yaml
    ? dvc repro
""")
case("overlapping-outs", """
    printf 'stages:\\n  a: {cmd: echo, outs: [x]}\\n  b: {cmd: echo, outs: [x/y]}\\n' > dvc.yaml
    dvc repro
""")
case("always-changed", """
    printf 'stages:\\n  a:\\n    cmd: echo 1 > o\\n    outs: [o]\\n    always_changed: true\\n' > dvc.yaml
    dvc repro
    dvc repro
    dvc status
""")
case("frozen", CHAIN + """
    dvc repro -q
    dvc freeze copy
    echo 'lr: 5' > params.yaml
    dvc status
    dvc repro
    dvc unfreeze copy
    dvc repro
    dvc freeze nosuch
""", values=("dvc.yaml",))
case("data-source", """
    echo 1 > q
    dvc add -q q
    printf 'stages:\\n  a:\\n    cmd: cat q > o\\n    deps: [q]\\n    outs: [o]\\n' > dvc.yaml
    dvc repro
    dvc repro
    dvc repro -f
    echo 2 > q
    dvc status
    dvc repro
""")
case("cmd-list-and-lines", """
    cat > dvc.yaml <<'EOF'
    stages:
      list:
        cmd:
        - echo 1 > a
        - echo 2 >> a
        outs: [a]
      lines:
        cmd: |
          echo 3 > b
          echo 4 >> b
        outs: [b]
    EOF
    dvc repro
    cat a b dvc.lock
""")
case("wdir-and-subfolder", """
    mkdir -p w sub
    printf 'stages:\\n  a:\\n    wdir: w\\n    cmd: echo 1 > o\\n    outs: [o]\\n' > dvc.yaml
    printf 'stages:\\n  s:\\n    cmd: cat ../w/o > p\\n    deps: [../w/o]\\n    outs: [p]\\n' > sub/dvc.yaml
    dvc repro -R .
    dvc repro sub/dvc.yaml:s
    cd sub
    dvc repro
    dvc status
""")
case("foreach-matrix", """
    cat > params.yaml <<'EOF'
    models:
      us: {thresh: 10}
      gb: {thresh: 15}
    flags: [true, false]
    EOF
    cat > dvc.yaml <<'EOF'
    stages:
      build:
        foreach: ${models}
        do:
          cmd: echo ${key} ${item.thresh} > ${key}.txt
          outs: ['${key}.txt']
      lit:
        foreach: [1, 2.50, true, null, x y]
        do:
          cmd: echo ${item}
      grid:
        matrix:
          m: [a, b]
          f: ${flags}
        cmd: echo ${item.m} ${item.f} ${key}
    EOF
    dvc repro
    dvc stage list --name-only
    dvc repro build
    dvc repro build@gb
    dvc repro build@nosuch
""")
case("persist-and-no-cache", """
    cat > dvc.yaml <<'EOF'
    stages:
      p:
        cmd: echo x >> log
        outs:
        - log:
            persist: true
      n:
        cmd: echo y > plain
        deps: [log]
        outs:
        - plain:
            cache: false
    EOF
    dvc repro
    dvc repro -f
    cat log
""")
case("run-cache-restores", """
    printf 'stages:\\n  a:\\n    cmd: cat i > o\\n    deps: [i]\\n    outs: [o]\\n' > dvc.yaml
    echo 1 > i
    dvc repro
    echo 2 > i
    dvc repro
    echo 1 > i
    dvc repro
    rm o dvc.lock
    dvc repro
""")
case("stage-add", """
    dvc stage add -n gen -o data 'mkdir data && echo 1 > data/x'
    dvc stage add -n train -d data -p lr,epochs -p other.json:a -o model -M metrics.json --plots-no-cache plots.csv python train.py "two words"
    cat dvc.yaml
    dvc stage list
    dvc stage add -n gen -o x echo
    dvc stage add -n a.b echo
    dvc stage add -n empty
    dvc stage add -n whole -p whole.json: echo 'a "b' c
    dvc stage add -f -n gen -w sub -o data echo
    dvc stage list --all
""")
case("dag", CHAIN + """
    dvc dag
    dvc dag --dot
    dvc dag --mermaid
    dvc dag --md
    dvc dag copy
    dvc dag nosuch
""")
case("bad-yaml", """
    printf 'stages: {a: {cmd: "echo", foo: 1}}\\n' > dvc.yaml
    dvc repro
    printf 'stages:\\n  a: [\\n' > dvc.yaml
    dvc repro
    dvc status
""")
case("templating-errors", """
    printf 'lr: 1\\n' > params.yaml
    printf 'stages:\\n  a:\\n    cmd: echo ${nope}\\n' > dvc.yaml
    dvc repro
    printf 'vars:\\n- lr: 2\\nstages:\\n  a:\\n    cmd: echo ${lr}\\n' > dvc.yaml
    dvc repro
    printf 'vars:\\n- nofile.yaml\\nstages:\\n  a:\\n    cmd: echo\\n' > dvc.yaml
    dvc repro
    printf 'stages:\\n  a:\\n    cmd: echo\\n    frozen: ${lr}\\n' > dvc.yaml
    dvc repro
""")
case("templating-values", """
    cat > params.yaml <<'EOF'
    lr: 1e-5
    n: 3
    yes: true
    none: null
    text: my model
    opts: {lr: 0.1, name: "my model", verbose: true, quiet: false, nested: {a: 1}, layers: [1, 2, "x y"]}
    EOF
    cat > dvc.yaml <<'EOF'
    vars:
    - extra: {deep: [10, 20]}
    stages:
      a:
        cmd: echo ${lr} ${n} ${yes} ${none} "${text}" ${extra.deep[1]} ${extra.deep[-1]} > o
        params: [lr, n]
        outs: [o]
      b:
        cmd: echo ${opts} > p
        outs: [p]
    EOF
    dvc repro
    cat o p dvc.lock
""")
case("lock-numbers", """
    cat > params.yaml <<'EOF'
    a: 1e-5
    b: 1.50
    c: 1_000
    d: 100000000000000000000.0
    e: 12:30:45
    f: 010
    g: yes
    h: .inf
    i: 'a: b'
    j: [1, [2, x], {k: null}]
    k: "multi\\nline"
    EOF
    printf 'stages:\\n  a:\\n    cmd: echo 1 > o\\n    params: [a, b, c, d, e, f, g, h, i, j, k]\\n    outs: [o]\\n' > dvc.yaml
    dvc repro
    dvc status
""")
case("git-hint-and-autostage", CHAIN + """
    dvc config core.autostage true
    dvc repro
    git status --porcelain
""")
PULLED = """
    cat > dvc.yaml <<'EOF'
    stages:
      a:
        cmd: cp data a
        deps: [data]
        outs: [a]
      b:
        cmd: cat a > b
        deps: [a]
        params: [x]
        outs: [b]
    EOF
    echo 'x: 1' > params.yaml
    echo 1 > data
    dvc add -q data
    dvc remote add -q -d r $PWD/../remote
    dvc repro -q
    dvc push -q --run-cache
"""
case("repro-pull", PULLED + """
    rm -rf .dvc/cache data a b
    dvc repro --pull
    rm -rf .dvc/cache data a b
    dvc repro --allow-missing
    dvc repro --pull --allow-missing
    dvc status
""")
case("repro-pull-run-cache", PULLED + """
    rm -rf .dvc/cache a b dvc.lock data
    dvc repro --pull
""")
# DVC also warns that an output without recorded data will not be checked out
case("repro-pull-no-remote", """
    printf 'stages:\\n  s:\\n    cmd: echo 1 > o\\n    outs: [o]\\n' > dvc.yaml
  - dvc repro --pull
""")
# one of two outputs is not created: the other one is neither cached nor ignored
case("repro-missing-second-out", """
    dvc repro
    dvc repro -q
    git status --porcelain
""", files={"dvc.yaml": "stages:\n  a:\n    cmd: cp in out\n    deps: [in]\n    outs: [out, z]\n", "in": "x\n"})

case("absolute-paths-in-dvc-yaml", """
    mkdir e
    echo 1 > in; echo 'b: 2' > p2.yaml
    printf "stages:\\n  s:\\n    cmd: cp ../in ../out; cp ../in ../m.json\\n    wdir: e\\n    deps: [$PWD/in]\\n    params: [$PWD/p2.yaml: [b]]\\n    outs: [$PWD/./out]\\n    metrics: [$PWD/m.json: {cache: false}]\\n" > dvc.yaml
    dvc repro
    cat dvc.lock
    dvc status
    dvc stage list
    dvc dag --outs
    dvc metrics show
    dvc data status --json
    echo 1 > abs
    printf "outs:\\n- path: $PWD/abs\\n" > abs.dvc
    dvc commit -f abs.dvc
    cat abs.dvc
""", ignore=("dvc.yaml",))
