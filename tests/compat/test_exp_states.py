"""Experiments in a repository in use: edits, untracked files, failures, edited data."""

from harness import case
from harness.adjust import mask

TRAIN = """
    cat > train.sh <<'EOF'
    lr=$(sed -n 's/^lr: *\\([0-9.]*\\).*/\\1/p' params.yaml)
    [ "$lr" = 0.66 ] && { echo cannot train; exit 3; }
    cp params.yaml model
    echo '{"acc": '$lr'}' > m.json
    EOF
    cat > dvc.yaml <<'EOF'
    stages:
      train:
        cmd: sh train.sh
        deps: [train.sh]
        params: [lr]
        outs: [model]
        metrics:
        - m.json:
            cache: false
    EOF
    printf 'lr: 0.1\\nother: 1\\n' > params.yaml
    dvc repro -q
    git add -A && git commit -qm base
"""


def mask_tasks(seen):
    """Tasks are named by the ids of their commits, which contain the time."""
    return mask(seen, r"^[0-9a-f]{7}\b")


def say_once(seen):
    """DVC's two processes both print why a run has failed. The order of tasks varies."""
    mask_tasks(seen)
    for step in seen["steps"]:
        lines = step.get("stdout", [])
        step["stdout"] = [line for i, line in enumerate(lines) if not (i and line and line == lines[i - 1])]
        if any("Worker status" in line for line in lines):
            step["stdout"].sort()


# DVC's two processes both print why a run has failed
case("exp-temp-fails", TRAIN + """
  - dvc exp run --temp -n bad -S lr=0.66
    git status --porcelain
    dvc exp list
    dvc exp run --temp -n good -S lr=0.25
    dvc exp list --name-only
""")
case("exp-temp-of-an-edited-workspace", TRAIN + """
    echo '# edited' >> train.sh
    echo notes > notes.txt
    echo staged > staged.txt
    git add staged.txt
    dvc exp run --temp -n t -S lr=0.25
    git status --porcelain
    git ls-tree --name-only -r $(git for-each-ref --format='%(objectname)' 'refs/exps/*/*/t')
    git cat-file blob $(git for-each-ref --format='%(objectname)' 'refs/exps/*/*/t'):train.sh
""")
# DVC unstages staged changes in the workspace; cairn does not change the index. Hence the `git reset` at the end of
# some.
case("exp-run-in-an-edited-workspace", TRAIN + """
    echo '# edited' >> train.sh
    echo notes > notes.txt
    echo staged > staged.txt
    git add staged.txt
    dvc exp run -n t -S lr=0.25
    git ls-tree --name-only -r $(git for-each-ref --format='%(objectname)' 'refs/exps/*/*/t')
    git reset -q
""")
case("exp-run-with-edited-data", """
    echo one > data.csv
    dvc add -q data.csv
    cat > dvc.yaml <<'EOF'
    stages:
      train:
        cmd: cat data.csv params.yaml > model
        deps: [data.csv]
        params: [lr]
        outs: [model]
    EOF
    echo 'lr: 1' > params.yaml
    dvc repro -q
    git add -A && git commit -qm base
    rm -f data.csv && echo two > data.csv
    dvc exp run --temp -n t -S lr=2
    git status --porcelain
    dvc exp run -n w -S lr=3
    cat data.csv model data.csv.dvc
    git status --porcelain
""")
case("exp-apply-over-edits", TRAIN + """
    dvc exp run -q -n one -S lr=0.25
    git checkout -q .
    dvc checkout -q -f
    echo '# edited' >> train.sh
    echo notes > notes.txt
    echo staged > staged.txt
    git add staged.txt
  - dvc exp apply one
    cat params.yaml notes.txt staged.txt train.sh model
    git reset -q
    git status --porcelain
""", ignore=(r"refs/exps/apply/stash",))
case("exp-apply-what-has-other-files", TRAIN + """
    printf 'lr: 0.25\\nother: 1\\n' > params.yaml
    echo extra > extra.txt
    git add extra.txt
    dvc exp run -q -n one
    git reset -q --hard
    dvc checkout -q -f
    git rm -q train.sh
  - dvc exp apply one
    ls
    git reset -q
    git status --porcelain
""", ignore=(r"refs/exps/apply/stash",))
case("exp-remove-queued-by-name", TRAIN + """
    dvc exp run --queue -n q1 -S lr=0.25
    dvc exp run --queue -n q2 -S lr=0.35
    dvc exp run --queue -n q3 -S lr=0.45
    dvc exp remove q2
    dvc queue status
    dvc exp remove q1 nosuch
    dvc queue remove q1 nosuch
    dvc exp remove q1 q3
    dvc queue status
""", adjust=mask_tasks)
case("exp-queue-of-an-edited-workspace", TRAIN + """
    echo '# edited' >> train.sh
    echo notes > notes.txt
    dvc exp run --queue -n q1 -S lr=0.25
    git status --porcelain
  - dvc exp apply q1
    git status --porcelain
    cat params.yaml
""", ignore=(r"refs/exps/apply/stash",))
# DVC names untracked files in the order of a set
case("exp-save-files", TRAIN + """
    echo notes > notes.txt
    mkdir more
    echo 1 > more/a && echo 2 > more/b
    echo other > other.txt
    dvc exp save -n s1 -I notes.txt -I more
    git ls-tree --name-only -r $(git for-each-ref --format='%(objectname)' 'refs/exps/*/*/s1') | grep -v repro.dat
    dvc exp save -n s2 nosuch
    printf 'lr: 0.75\\nother: 1\\n' > params.yaml
  - dvc exp save -n s3 train -m 'saved by hand'
    git log -1 --format=%B $(git for-each-ref --format='%(objectname)' 'refs/exps/*/*/s3')
    cat dvc.lock
  - dvc exp save -n s1 -f
    git status --porcelain
""", ignore=(r"repro\.dat",))
case("exp-clean-and-empty-queue", TRAIN + """
    dvc exp clean
    dvc queue status
    dvc queue remove --all
    dvc exp remove --queue
    dvc queue kill
    dvc queue logs
""")
case("exp-save-what-is-missing", """
    printf 'stages:\\n  a:\\n    cmd: echo 1 > o\\n    deps: [in]\\n    outs: [o]\\n' > dvc.yaml
    git add -A && git commit -qm base
    dvc exp save -n s
    echo hi > in
    dvc exp save -n s2
    dvc exp list
""")
# DVC forgets the names of finished tasks, and the end of its workers depends on timing
case("exp-queue-with-a-failure", TRAIN + """
    dvc exp run --queue -n bad -S lr=0.66
    dvc exp run --queue -n good -S lr=0.25
    dvc exp run --run-all >/dev/null 2>&1 || true
    dvc exp list --name-only
    dvc queue logs bad
    dvc queue logs good
  ~ dvc queue status
    dvc queue remove --failed
    dvc queue remove --success
    dvc queue status
    git status --porcelain
""", adjust=say_once)
case("exp-save-of-edited-data", """
    echo v1 > f && dvc add -q f && git add -A && git commit -qm one
    rm f && echo v2 > f
    dvc exp save -n e
    cat f.dvc
    git checkout -q -f .
    dvc checkout -q -f
    dvc exp apply e
    cat f
""")
case("exp-save-takes-along-what-git-ignores", TRAIN + """
    echo '/notes' >> .gitignore && mkdir -p notes && echo 1 > notes/a && echo 2 > notes/b
    git add .gitignore && git commit -qm ignore
    dvc exp save -n one -I notes/a
    git ls-tree --name-only -r $(git for-each-ref --format='%(objectname)' 'refs/exps/*/*/one') | grep -v repro.dat
    dvc exp save -n two -I notes
    git ls-tree --name-only -r $(git for-each-ref --format='%(objectname)' 'refs/exps/*/*/two') | grep -v repro.dat
""", ignore=(r"repro\.dat",))
