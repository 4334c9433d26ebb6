from harness import case

DATA = "echo a > a && mkdir d && echo x > d/x && echo y > d/y && dvc add -q a d && git add -A && git commit -qm data"
PIPELINE = ("printf 'stages:\\n  s:\\n    cmd: cp a o\\n    deps: [a]\\n    params: [p]\\n    outs: [o]\\n' > dvc.yaml"
            " && echo 'p: 1' > params.yaml && echo 1 > a")

case("commit-nothing", f"""
    {DATA}
    dvc commit
""")
case("commit-needs-force", f"""
    {DATA}
    echo b > a
    dvc commit
    dvc commit a
    dvc commit -f
    dvc status
    cat a.dvc
""")
case("commit-directory", f"""
    {DATA}
    echo z > d/z && rm d/x
    dvc commit -f d
    dvc status
    cat d.dvc
""")
case("commit-after-no-commit", """
    echo a > a && dvc add -q --no-commit a
    dvc status
    dvc commit
    dvc status
""")
case("commit-stage", f"""
    {PIPELINE}
    dvc commit s
    cp a o
    dvc commit -f s
    cat dvc.lock
    dvc status
""")
case("commit-stage-changed-by-hand", f"""
    {PIPELINE}
    dvc repro -q
    echo by hand > o
    dvc status
    dvc commit -f
    dvc status
""")
case("commit-missing-out", f"""
    {PIPELINE}
    dvc commit -f
""")
case("commit-unknown", "dvc commit nosuch")

case("status-pipeline", f"""
    {PIPELINE}
    dvc status
    dvc repro -q
    dvc status
    echo 2 > a && echo 'p: 2' > params.yaml
    dvc status
    dvc status --json
    dvc status -q
""")
case("status-command-and-missing", f"""
    {PIPELINE}
    dvc repro -q
    sed -i 's/cp a o/cat a > o/' dvc.yaml && rm o params.yaml
    dvc status
    rm a
    dvc status
""")
case("status-frozen-always-changed", """
    printf 'stages:\\n  f:\\n    cmd: cp a o\\n    deps: [a]\\n    outs: [o]\\n    frozen: true\\n' > dvc.yaml
    printf '  c:\\n    cmd: echo\\n    always_changed: true\\n    deps: [a]\\n' >> dvc.yaml
    echo 1 > a
    dvc status
    dvc status f
    dvc status c
""")
case("status-below", f"""
    {DATA}
    {PIPELINE}
    echo b > a
    cd d
  ~ dvc status
  ~ dvc status ../dvc.yaml:s
""")
case("status-meaningless-options", "dvc status -a -j 4")
case("status-empty-project", "dvc status")

case("move-file", f"""
    {DATA}
    dvc move a b
    cat b.dvc .gitignore
    ls
    dvc status
""")
case("move-into-directory", f"""
    {DATA}
    mkdir sub
    dvc move a sub
    dvc move d sub/dd
    cat sub/a.dvc sub/.gitignore
    dvc status
""")
case("move-unknown", "dvc move nosuch x")
case("move-stage-output", f"""
    {PIPELINE}
    dvc repro -q
    dvc move o p
""")
case("destroy-unconfirmed", f"""
    {DATA}
    dvc destroy
    ls
""")
case("destroy", f"""
    {DATA}
    {PIPELINE}
    dvc destroy -f
    cat d/x
    ls -a
""")
case("unprotect", f"""
    {DATA}
    dvc config cache.type symlink
    dvc checkout --relink
    test -L a && test -L d/x
    dvc unprotect a d
    stat -c '%F %a' a d/x
    dvc unprotect nosuch
""")
case("status-stage-of-command-only", """
    dvc status
    dvc freeze b
    dvc status --json
    dvc repro
    dvc status
""", files={"dvc.yaml": "stages:\n  b:\n    cmd: echo b\n"}, values=("dvc.yaml",))

# data that was never cached, and was edited since
case("commit-of-an-edited-file-never-cached", """
    echo v1 > f && dvc add -q --no-commit f && echo v2 > f
    dvc commit f.dvc
    cat f.dvc
    dvc commit -f f.dvc
    cat f.dvc
    dvc status
""")
case("commit-of-an-edited-directory-never-cached", """
    mkdir d && echo v1 > d/f && dvc add -q --no-commit d && echo v2 > d/g
    dvc commit
    dvc commit -f
    cat d.dvc
    dvc status
""")
case("commit-of-an-edited-output-never-cached", f"""
    {PIPELINE}
    dvc repro -q --no-commit
    echo by hand > o
    dvc commit
    cat dvc.lock
    dvc commit -f
    cat dvc.lock
    dvc status
""")
case("commit-of-an-edited-file-in-a-fresh-clone", """
    echo v1 > f && dvc add -q f && rm -r .dvc/cache f && echo v2 > f
    dvc commit
    dvc commit -f
    cat f.dvc
""")


# ---- a part of a directory

case("file-of-a-directory-that-was-added-without-commit", """
    mkdir data && echo foo > data/foo && echo bar > data/bar
    dvc add -q --no-commit data
    dvc commit data/foo
    find .dvc/cache -type f | sort
    dvc status
    dvc commit data
""")
case("changed-file-of-a-directory-that-was-added-without-commit", """
    mkdir data && echo foo > data/foo && echo bar > data/bar
    dvc add -q --no-commit data
    echo foo2 > data/foo
    dvc commit data/foo
    dvc commit -f data/foo
    find .dvc/cache -type f | sort
""")
TWO_OUTS = "stages:\n  a:\n    cmd: echo 1 > foo; echo 2 > bar\n    outs: [foo, bar]\n"
case("one-of-two-outputs", """
    dvc repro -q --no-commit
    dvc commit foo
    find .dvc/cache/files -type f | sort
    dvc status
    dvc commit
    dvc status
""", files={"dvc.yaml": TWO_OUTS})
case("one-of-two-changed-outputs", """
    dvc repro -q
    echo 3 > foo; echo 4 > bar
    dvc commit foo
    dvc commit -f foo
    find .dvc/cache/files -type f | sort
    dvc status
""", files={"dvc.yaml": TWO_OUTS})

case("empty-pointers", """
    : > e.dvc
    echo 'desc: nothing' > d.dvc
    : > f.dvc
  ~ dvc commit -f
    : > f.dvc
    dvc freeze f.dvc d.dvc
    dvc status
""")

# A .dvc file that is not an import has no checksum of its own.
case("commit-checksum-of-data", """
    mkdir d; echo hi > foo; echo x > d/x
    dvc add -q foo d
    sed -i "1i md5: d41d8cd98f00b204e9800998ecf8427e" foo.dvc
    sed -i "1i md5: d41d8cd98f00b204e9800998ecf8427e" d.dvc
    dvc status foo.dvc
    dvc commit
    dvc commit foo.dvc
    dvc commit foo
    dvc commit -f foo.dvc
    dvc status foo.dvc
    dvc repro d.dvc
    sed -i "1i md5: d41d8cd98f00b204e9800998ecf8427e" foo.dvc
    dvc move foo bar
    sed -i '1i desc: hello' bar.dvc
    sed -i '1i frozen: true' bar.dvc
    dvc commit bar
""")
case("commit-checksum-of-import", """
    echo s > s
    dvc import-url -q s copy
    sed -i 's/^frozen: true/desc: mine/' copy.dvc
    dvc status
    dvc commit
    sed -i 's/^md5: ../md5: ff/' copy.dvc
    dvc status
    dvc commit copy.dvc
    dvc commit -f copy.dvc
    sed -i '/^md5:/d' copy.dvc
    dvc status
    dvc commit copy.dvc
    dvc commit -f copy.dvc
    echo ss > s
    dvc commit copy.dvc
    dvc commit -f copy.dvc
    rm s
    dvc commit copy.dvc
    dvc commit -f copy.dvc
""")
case("commit-stages-that-always-run-or-are-frozen", """
    echo 'a: 1' > params.yaml; echo q > q
    cat > dvc.yaml <<EOF
    stages:
      s:
        cmd: cat q > o
        params: [a]
        deps: [q]
        outs: [o]
      t:
        cmd: cat o > p
        deps: [o]
        outs: [p]
        always_changed: true
      c:
        cmd: echo hi
    EOF
    dvc repro -q
    dvc commit t
    dvc commit c
    dvc commit
    dvc freeze s
    echo qq > q
    dvc status s
    dvc commit s
    dvc commit o
    dvc commit -f s
    dvc status s
    sed -i 's/a: 1/a: 2/' params.yaml
    dvc commit s
    dvc commit -f s
""", values=("dvc.yaml",))
