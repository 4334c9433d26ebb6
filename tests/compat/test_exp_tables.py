"""Experiments over several baselines, stages and files; the tables that show them."""
from harness import case
from harness.adjust import drop_time, mask

PIPELINE = """\
stages:
  prepare:
    cmd: cat data params.yaml > clean
    deps: [data]
    params: [seed]
    outs: [clean]
  train:
    cmd: "cat clean > model; echo '{\\"acc\\": ${lr}, \\"nested\\": {\\"f1\\": 0.123456789}, \\"tag\\": \\"x\\"}' > m.json"
    deps: [clean]
    params: [lr, net.layers]
    outs: [model]
    metrics:
    - m.json:
        cache: false
"""
FILES = {"dvc.yaml": PIPELINE, "params.yaml": "lr: 0.1\nseed: 1\nnet: {layers: [1, 2], act: relu}\nflag: true\n", "data": "1\n"}
BASE = """
    dvc add -q data
    dvc repro -q
    git add -A && git commit -qm base
    dvc exp run -q -n one -S lr=0.25
    sleep 1.1
    dvc exp run -q -n two -S lr=0.35 -S 'net.layers=[3]'
    git checkout -q .
    dvc checkout -q
"""


def table(name, script, **options):
    case(name, BASE + script, files=FILES, **options)


table("formats", """
    dvc exp show --csv
    dvc exp show --md
  = dvc exp show --json
    dvc exp show --no-pager
""", adjust=drop_time)
table("columns", """
    dvc exp show --csv --only-changed
    dvc exp show --csv --drop 'lr|acc'
    dvc exp show --csv --drop '.*'
    dvc exp show --csv --drop '.*' --keep 'lr'
    dvc exp show --csv --hide-workspace
    dvc exp show --csv --drop Created --drop m.json:acc
    dvc exp show --md --precision 2
    dvc exp show --md --precision 8
    dvc exp show --csv --sha
  ? dvc exp show --csv --drop '['
""")
table("sorting", """
    dvc exp show --csv --sort-by lr
    dvc exp show --csv --sort-by acc --sort-order desc
    dvc exp show --csv --sort-by m.json:acc --sort-order asc
    dvc exp show --csv --sort-by net.layers
    dvc exp show --csv --sort-by tag
    dvc exp show --csv --sort-by nosuch
""")
table("baselines", """
    git commit -q --allow-empty -m second
    git tag v1
    dvc exp run -q -n three -S lr=0.45
    git checkout -q .
    git checkout -q -b side
    git commit -q --allow-empty -m third
    dvc exp list
  ~ dvc exp list -A
  ~ dvc exp list --name-only -A
    dvc exp list --rev v1
  ~ dvc exp list --rev v1 -n 2
    dvc exp show --csv -A
    dvc exp show --csv -a
    dvc exp show --csv -T
    dvc exp show --csv --rev v1
    dvc exp show --csv --rev v1 -n 2
    dvc exp show --csv -n 2
    dvc exp list --rev nosuch
    git checkout -q --detach
  ~ dvc exp list -A
    dvc exp run -q -n four -S lr=0.55
    dvc exp list
""")
table("diff", """
    dvc exp diff one two
    dvc exp diff one
    dvc exp diff one two --md
    dvc exp diff one two --all
    dvc exp diff one two --no-path
    dvc exp diff one two --precision 2
    dvc exp diff one two --param-deps
  = dvc exp diff one two --json
    dvc metrics diff one two
    dvc params diff one two
    dvc metrics show -a
    dvc diff one two
""")
table("apply", """
  - dvc exp apply two
    cat params.yaml m.json
    git status --porcelain
    dvc status
  - dvc exp apply one
    dvc status
    dvc exp apply nosuch
    git stash -q
    dvc exp branch one keep
    git log --oneline --format=%s keep
""")
table("remove", """
    dvc exp remove one
    dvc exp list
    dvc exp remove one
    dvc exp remove -A
    dvc exp list
""")
table("remove-by-baseline", """
    git commit -q --allow-empty -m second
    dvc exp run -q -n three -S lr=0.45
    git checkout -q .
    dvc exp remove --rev HEAD
  ~ dvc exp list -A
    dvc exp remove --rev HEAD~1 --keep two
  ~ dvc exp list -A
""")
table("names", """
    dvc exp run -n one -S lr=0.75
    dvc exp run -n 'a b' -S lr=0.75
    dvc exp run -n a..b -S lr=0.75
    dvc exp run -n x/y -S lr=0.75
    git checkout -q .
    dvc exp run -n one -f -S lr=0.85
    dvc exp list
    dvc exp rename one two
    dvc exp rename one two -f
    dvc exp list
    dvc exp rename nosuch x
""")
table("targets", """
    dvc exp run -n p -S lr=0.75 prepare
    dvc exp run -n t -f -s train
    dvc exp list
    git checkout -q .
    dvc exp run -n f -f
""")
case("missing-metrics", """
    dvc repro -q
    git add -A && git commit -qm base
    rm m.json
    dvc exp show --csv
    dvc metrics show
    echo '{' > m.json
    dvc exp show --csv
    dvc metrics show
    echo '{"a": [1], "b": {"c": null}, "d": true, "e": 1e10}' > m.json
    dvc exp show --csv
    dvc metrics show
  = dvc metrics show --json
""", files={"dvc.yaml": "stages:\n  s:\n    cmd: echo '{\"a\": 1}' > m.json\n    metrics:\n    - m.json: {cache: false}\n".replace(
    "cmd: echo '{\"a\": 1}' > m.json", "cmd: \"echo '{\\\"a\\\": 1}' > m.json\"")})
case("top-level-params-and-metrics", """
    git add -A && git commit -qm base
    dvc exp show --csv
    dvc metrics show
    dvc exp run -n a -S 'more.yaml:x=2'
    dvc exp show --csv
""", files={"dvc.yaml": "params:\n- more.yaml\nmetrics:\n- results/m.json\nstages:\n  s:\n    cmd: cat more.yaml\n    deps: [more.yaml]\n",
           "more.yaml": "x: 1\ny: {z: 2}\n", "results/m.json": '{"acc": 0.5}\n'})
case("queue", BASE + """
    dvc exp run --queue -n q1 -S lr=0.55
    # the table puts the newest first, and knows seconds only
    sleep 1
    dvc exp run --queue -n q2 -S lr=0.65
    dvc exp show --csv
    dvc exp show --csv --hide-queued
  ? dvc queue status
    dvc exp remove q1
    dvc queue status
    dvc exp remove --queue
    dvc exp list
""", files=FILES, adjust=lambda seen: mask(seen, r"^[0-9a-f]{7}\b|(?<=,)[0-9a-f]{7}(?=,)"))
