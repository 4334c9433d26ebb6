from harness import case

TWO = "echo 1 > a && mkdir d && echo 2 > d/x && echo 3 > d/y && dvc add -q a d && git add -A && git commit -qm data"

case("checkout-restores", f"""
    {TWO}
    rm -r a d
  ~ dvc status
    dvc checkout
    dvc checkout
    dvc status
""")
case("checkout-summary", f"""
    {TWO}
    rm a && echo 9 > d/y && rm d/x
    dvc checkout --summary -f
    dvc checkout --summary
""")
case("checkout-unsaved", f"""
    {TWO}
    echo changed > a
    dvc checkout
    cat a
    dvc checkout -f
    cat a
""")
case("checkout-missing-cache", f"""
    {TWO}
    rm -rf a d .dvc/cache
  ~ dvc checkout
    dvc checkout --allow-missing
  ~ dvc status
""")
case("checkout-target", f"""
    {TWO}
    rm -r a d
    dvc checkout a.dvc
    dvc checkout d
    dvc checkout nosuch
""")
case("checkout-between-commits", f"""
    {TWO}
    echo 11 > a && echo 4 > d/z && rm d/x && dvc add -q a d && git commit -qam second
    git checkout -q HEAD~1
    dvc checkout
    git checkout -q master
    dvc checkout
""")
case("checkout-removed-out", """
    printf 'stages:\\n  s:\\n    cmd: echo 1 > o\\n    outs: [o]\\n' > dvc.yaml
    dvc repro -q
    printf 'stages: {}\\n' > dvc.yaml
    dvc checkout
    ls
""")
case("checkout-relink", f"""
    {TWO}
    dvc config cache.type hardlink
    dvc checkout --relink
    stat -c '%n %a %h' a d/x
""")
case("commit-changed", f"""
    {TWO}
    echo 5 > a
    dvc commit
    dvc commit -f
    dvc status
    dvc commit nosuch
""")
case("remove", f"""
    {TWO}
    dvc remove a.dvc
    dvc remove d --outs
    dvc remove d.dvc --outs
    dvc remove nosuch
    ls
""")
case("status-quiet", f"""
    {TWO}
    dvc status -q
    echo 2 > a
    dvc status -q
    dvc status a.dvc
    dvc status d
    dvc status nosuch
""")
case("status-empty", """
    dvc status
    dvc status --json
    dvc status -q
    dvc dag
""")
case("data-status", f"""
    {TWO}
    dvc data status
    echo 1 > new && echo 2 > a && rm d/x && echo 3 > d/z
    dvc data status
    dvc data status --granular
  = dvc data status --granular --json
    dvc data status --untracked-files
    dvc add -q a
    dvc data status
    dvc data status --unchanged --json
""")
case("diff", f"""
    {TWO}
    dvc diff
    echo 2 > a && mv d/x d/xx && echo 4 > d/z && rm d/y
    dvc diff
  = dvc diff --json
    dvc diff --show-hash
    dvc diff --md
    dvc add -q a d && git commit -qam second
    dvc diff HEAD~1
    dvc diff HEAD~1 HEAD
    dvc diff badrev
""")
case("push-pull", f"""
    dvc remote add -d nas ../nas
    {TWO}
  ~ dvc status -c
    dvc push
    dvc push
    dvc status -c
    rm -rf a d .dvc/cache
    dvc fetch
    rm -rf .dvc/cache
  ~ dvc pull
    dvc pull
""")
case("push-no-remote", f"""
    {TWO}
    dvc push
    dvc fetch
    dvc pull
    rm -rf .dvc/cache a
    dvc pull
    dvc status -c
""")
case("gc-workspace", f"""
    {TWO}
    echo 2 > a && dvc add -q a
    dvc gc
    dvc gc -w -f
    dvc gc -w -f
""")
case("list", f"""
    {TWO}
    dvc list .
    dvc list . -R
    dvc list . --dvc-only
    dvc list . --json
    dvc list . --size
    dvc list . --show-hash
    dvc list . -T
    dvc list . d
    dvc list . nosuch
    dvc list . --rev HEAD -R
""", on_disk=True)
# a list of link types: a single file uses the first that works, a directory keeps any listed type until --relink
case("cache-type-list", """
    dvc config cache.type symlink,copy
    mkdir d && echo 1 > d/1 && echo 2 > d/2 && echo a > a
    dvc add a d
    stat -c '%n %F %h %A' a d/1 d/2; dvc root
    rm d/2
    dvc checkout
    stat -c '%n %F %h %A' a d/1 d/2; dvc root
    dvc config cache.type reflink,hardlink,copy
    dvc checkout --relink
    stat -c '%n %F %h %A' a d/1 d/2; dvc root
    dvc status
""")
