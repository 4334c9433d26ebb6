from harness import case
from harness.adjust import drop_time, mask

TRAIN = """
    cat > train.sh <<'EOF'
    lr=$(sed -n 's/^lr: *\\([0-9.]*\\).*/\\1/p' params.yaml)
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

case("exp-run", TRAIN + """
    dvc exp run -n one -S lr=0.25
    git diff
    sleep 1.1
    dvc exp run -n two -S lr=0.35
    dvc exp list
    dvc exp list --name-only
    dvc exp show --csv
    dvc exp show --md
  = dvc exp show --json
""", adjust=drop_time)
case("exp-run-unchanged", TRAIN + """
    dvc exp run -n same
    dvc exp run -n same
    dvc exp run -n same -f
    dvc exp run -n a/b
""")
case("exp-run-temp", TRAIN + """
    dvc exp run --temp -n t -S lr=0.25
    git status --porcelain
    dvc exp list
""")
case("exp-queue", TRAIN + """
    dvc exp run --queue -n q1 -S lr=0.55
    dvc exp run --queue -n q2 -S lr=0.65
    dvc queue status
    dvc queue remove q1
    dvc exp remove --queue
    dvc queue status
    dvc queue remove --all
    dvc queue remove
    dvc queue kill nosuch
    dvc queue logs nosuch
""", adjust=lambda seen: mask(seen, r"^[0-9a-f]{7}\b"))
case("exp-sweep-queue", TRAIN + """
    dvc exp run --queue -n sw -S lr=0.1,0.2 -S 'other=range(1,3)'
    dvc exp run -S lr=1,2
    dvc exp run --queue -n g -S 'lr=glob(*)'
""")
case("exp-apply-branch", TRAIN + """
    dvc exp run -q -n one -S lr=0.25
    git checkout -q params.yaml dvc.lock m.json
    dvc checkout -q
    dvc exp apply one
    cat params.yaml
    dvc status
    dvc exp branch one
    dvc exp branch one br
    dvc exp branch one br
    dvc exp branch nosuch
    dvc exp apply nosuch
""")
case("exp-remove-rename", TRAIN + """
    dvc exp run -q -n one -S lr=0.25
    dvc exp run -q -n two -S lr=0.35
    dvc exp run -q -n three -S lr=0.45
    dvc exp rename one uno
    dvc exp rename one
    dvc exp remove nosuch
    dvc exp remove nosuch other
    dvc exp remove
    dvc exp remove uno two
    dvc exp list
    dvc exp remove -A
    dvc exp list
""")
case("exp-diff", TRAIN + """
    dvc exp run -q -n one -S lr=0.25
    dvc exp diff
    dvc exp diff master one
  = dvc exp diff master one --json
    dvc exp diff master one --md
    dvc exp diff nosuch
""")
case("exp-save", TRAIN + """
    printf 'lr: 0.75\\nother: 1\\n' > params.yaml
    dvc repro -q
    dvc exp save -n saved
    dvc exp save -n saved
    dvc exp list
""")
case("exp-set-param-errors", TRAIN + """
    dvc exp run -S newp=1
    git checkout -q params.yaml
    dvc exp run -n plus -S +newp=1
    git checkout -q params.yaml
    dvc exp run -n tilde -S '~other'
    cat params.yaml
""")
case("exp-failure", TRAIN + """
    sed -i 's/cmd: .*/cmd: exit 7/' dvc.yaml
    git commit -qam bad
    dvc exp run -n bad -S lr=0.95
    git status --porcelain
    dvc exp list
""")
case("exp-empty-and-no-git", """
    dvc exp list
    dvc exp show --csv
""")
case("exp-no-scm", """
    dvc exp list
    dvc exp show
""", start="noscm")
case("exp-show-options", TRAIN + """
    dvc exp run -q -n one -S lr=0.25
    dvc exp show --csv --sort-by lr --sort-order desc
    dvc exp show --csv --drop other
    dvc exp show --csv --only-changed
    dvc exp show --csv --hide-workspace
    dvc exp show --csv --rev badrev
    dvc exp show --csv --sort-by nosuch
    dvc exp show --md -A --precision 2
""")
