from harness import case

case("add-file", """
    echo hello > a.txt
    dvc add a.txt
    dvc status
    dvc add a.txt
    echo more >> a.txt
    dvc status
    dvc add a.txt
""")
case("add-missing", "dvc add nofile")
case("add-dir", """
    mkdir -p d/sub && echo x > d/x && echo y > d/y && echo u > d/sub/ü.txt
    dvc add d
    dvc status
    echo z > d/z
    dvc status
    dvc status --json
    dvc add d
""")
case("dir-order-by-whole-path", """
    mkdir -p d/a && touch d/a-b d/a0 && echo 1 > d/a/z && echo 2 > d/😀
    dvc add -q d
    cat .dvc/cache/files/md5/*/*.dir
""")
case("add-empty-dir", """
    mkdir empty
    dvc add -q empty
    cat .dvc/cache/files/md5/d7/*
""")
case("add-executable", """
    printf '#!/bin/sh\\n' > run.sh && chmod +x run.sh
    mkdir d && cp -p run.sh d/
    dvc add -q run.sh d
    # DVC says that it modified d/, whose file keeps its executable bit all the same
    ? rm run.sh && dvc checkout
    ls -l run.sh | cut -c1-10
""")
case("add-several", """
    echo 1 > a && echo 2 > b && mkdir s && echo 3 > s/c
    dvc add a b s/c
    dvc status
""")
case("add-glob", """
    echo 1 > a1.csv && echo 2 > a2.csv && echo 3 > b.csv
    dvc add --glob 'a*.csv'
""")
case("add-no-commit", """
    echo 1 > a
    dvc add --no-commit a
    dvc status
    dvc commit a
    dvc status
""")
case("add-autostage", """
    dvc config core.autostage true
    echo 1 > a
    dvc add a
    git diff --cached --name-only
""")
case("add-names", """
    printf 1 > 'with space' && printf 2 > "quo'te" && printf 3 > 'dé' && printf 4 > '[x]*?!#'
    dvc add 'with space' "quo'te" dé '[x]*?!#'
    dvc status
""")
case("add-in-subdir", """
    mkdir sub && echo 1 > sub/a
    cd sub
    dvc add a
    dvc status
    cd ..
    dvc status
""")
case("add-no-scm", """
    echo 1 > a
    dvc add a
    dvc status
""", start="noscm")
case("add-git-tracked", """
    echo 1 > a && git add a && git commit -qm a
    dvc add a
""")
case("add-ignored", """
    echo 'a*' >> .dvcignore
    echo 1 > abc
    dvc add abc
""")
case("add-dvcignore-inside", """
    mkdir d && echo 1 > d/x && echo x > d/.dvcignore
    dvc add d
""")
case("add-honours-dvcignore", """
    printf '*.tmp\\n!keep.tmp\\n/d/skip/\\n' >> .dvcignore
    mkdir -p d/skip && echo 1 > d/a && echo 2 > d/b.tmp && echo 3 > d/keep.tmp && echo 4 > d/skip/x
    dvc add -q d
    cat .dvc/cache/files/md5/*/*.dir
    dvc check-ignore d/b.tmp d/keep.tmp d/a
    dvc check-ignore -d d/b.tmp d/keep.tmp d/a
""")
case("add-inside-tracked-dir", """
    mkdir d && echo 1 > d/a && echo 2 > d/b
    dvc add -q d
    echo 3 > d/a
    dvc add d/a
    cat d.dvc
""")
case("add-symlink-in-dir", """
    mkdir d && echo 1 > real && ln -s ../real d/link && echo 2 > d/f
    dvc add d
    cat .dvc/cache/files/md5/*/*.dir
""")
case("add-overlap", """
    mkdir d && echo 1 > d/a
    dvc add -q d/a
    dvc add d
""")
case("add-dvc-file", """
    echo 1 > a
    dvc add -q a
    dvc add a.dvc
    dvc add dvc.yaml
""")
case("gitignore-last-line", """
    printf 'mine' > .gitignore
    echo 1 > a
    dvc add -q a
    cat .gitignore
    dvc remove a.dvc
    cat .gitignore
""")
case("dvc-file-keeps-comments", """
    echo one > w.txt
    cat > w.txt.dvc <<EOF
    # a comment
    outs:
    - md5: 5bbf5a52328e7439ae6e719dfe712200
      size: 4
      path: w.txt   # trailing
      desc: hi
    meta:
      custom: [1, 2]
    desc: top
    EOF
    dvc add w.txt
    echo two > w.txt
    dvc add w.txt
    cat w.txt.dvc
""")
case("cache-type-hardlink", """
    dvc config cache.type hardlink
    echo 1 > a && : > empty && printf x > run && chmod +x run
    dvc add -q a empty run
    stat -c '%n %a %h' a empty run
    dvc unprotect a
    stat -c '%n %a %h' a
""")
case("cache-type-symlink", """
    dvc config cache.type symlink
    echo 1 > a && mkdir d && echo 2 > d/b
    dvc add -q a d
    dvc status
    rm a && dvc checkout
""")

# ---- a directory whose listing is only in the remote

PUSHED = "mkdir -p d/bar && echo x > d/bar/x && echo y > d/y && dvc add -q d && dvc remote add -q -d r ../store && dvc push -q && rm -rf .dvc/cache"
for name, change, target in (("new", "echo n > d/new", "d/new"), ("gone", "rm d/y", "d/y"), ("changed", "echo z > d/bar/x", "d/bar/x"),
                             ("new-directory", "mkdir d/e && echo n > d/e/n", "d/e")):
    case(f"listing-in-the-remote-{name}", f"""
    {PUSHED}
    {change}
    dvc add {target}
    cat d.dvc
    """)
case("listing-nowhere", f"""
    {PUSHED}
    rm -rf ../store && echo n > d/new
    dvc add d/new
    dvc remote remove r
    dvc add d/new
""")

# a nested repository in a directory is not a part of it, whatever the ignore rules say
case("nested-repository-left-out", """
    mkdir -p d/sub/.dvc d/f e/x/.dvc e/y w/.dvc
    echo a > d/a; echo b > d/sub/b; echo f > d/f/g; touch d/sub/.dvc/config d/f/.dvc e/x/z e/y/z w/l
    dvc add d e w
    cat d.dvc e.dvc w.dvc
    echo c > d/sub/c
    dvc status
    dvc data status --json --granular
  - dvc list . -R
    dvc commit -f d.dvc
    cat d.dvc
    rm d/a
    dvc checkout d.dvc
    ls d d/sub
""")
case("nested-repository-check-ignore", """
    mkdir -p d/sub/.dvc d/sub/deep d/f
    touch d/a d/sub/b d/sub/deep/c d/f/.dvc
    echo '!/d/sub/' > .dvcignore
    dvc check-ignore d d/a d/sub d/sub/b d/sub/deep/c d/sub/.dvc d/f d/sub/none
    dvc check-ignore -d d d/a d/sub d/sub/b d/sub/deep/c d/sub/.dvc d/f d/sub/none
    dvc check-ignore -d -n d/a d/sub/b
""")
case("nested-repository-files-added-by-name", """
    mkdir -p d/sub/.dvc
    touch d/sub/b
    dvc add d/sub/b
    dvc status
    dvc status d/sub/b.dvc
""")

# DVC handles two names of an output in the order of a set.
case("add-where-outputs-clash", """
    mkdir d; echo hi > foo; echo x > d/x; echo y > bar
    dvc add -q foo d
    cp foo.dvc other.dvc
  ~ dvc add foo
  ~ dvc add bar
  ~ dvc add nosuch
  ~ dvc add bar -o baz
  ~ dvc status bar
  ~ dvc checkout foo
  ~ dvc commit foo
  ~ dvc move foo bar
    dvc status foo.dvc
    rm other.dvc
    printf 'stages:\\n  s:\\n    cmd: echo 1 > foo\\n    outs: [foo]\\n' > dvc.yaml
  ~ dvc add foo
  ~ dvc add foo.dvc
    printf 'stages:\\n  s:\\n    cmd: echo 1 > d/x\\n    outs: [d/x]\\n' > dvc.yaml
    dvc add d
    dvc add d/x
    rm dvc.yaml
    printf 'outs:\\n- path: bar\\n' > a.dvc
    printf 'outs:\\n- path: bar\\n' > bar.dvc
  ~ dvc add bar
    rm bar.dvc
    dvc add bar
""")
case("add-outputs-of-stages", """
    mkdir d sub; echo y > y; echo x > d/x
    printf 'stages:\\n  s:\\n    cmd: echo 1 > o\\n    outs: [o, d]\\n' > dvc.yaml
    dvc add o
    dvc add d
    dvc add d/x
    dvc add y o
    dvc add y -o d
    dvc add y -o d/q
    cd sub
    dvc add ../o
    cd ..
    printf 'stages:\\n  s:\\n    cmd: echo 1 > ../o\\n    outs: [../o]\\n' > d/dvc.yaml
    rm dvc.yaml
    dvc add d
    dvc add o
    rm d/dvc.yaml
    dvc add d d/x
    dvc add d/x d
""")
