from harness import case

DATA = ("echo a > a && mkdir -p d/sub && echo x > d/x && echo y > d/y && echo s > d/sub/s && dvc add -q a d"
        " && git add -A && git commit -qm data && dvc remote add -q -d r ../store")
STORE = "cd ../store && find . -type f | sort"

case("push-no-remote", "echo a > a && dvc add -q a && dvc push")
case("fetch-no-remote", "echo a > a && dvc add -q a && dvc fetch")
case("push-unknown-remote", "echo a > a && dvc add -q a && dvc push -r nosuch")
case("push-unknown-target", f"""
    {DATA}
    dvc push nosuch
    dvc fetch nosuch
    dvc pull nosuch
""")
case("push-and-again", f"""
    {DATA}
    dvc push
    dvc push
    {STORE} -printf '%m %p\\n'
""")
case("push-targets", f"""
    {DATA}
    dvc push a
    dvc push d.dvc
    {STORE}
""")
case("push-false", """
    printf 'stages:\\n  s:\\n    cmd: echo 1 > o; echo 2 > p\\n    outs: [o, {p: {push: false}}]\\n' > dvc.yaml
    dvc repro -q && dvc remote add -q -d r ../store
    dvc push
""" + f"    {STORE}\n")
case("push-out-remote", """
    printf 'stages:\\n  s:\\n    cmd: echo 1 > o; echo 2 > p\\n    outs: [o, {p: {remote: other}}]\\n' > dvc.yaml
    dvc repro -q && dvc remote add -q -d r ../store && dvc remote add -q other ../store2
    dvc push
    dvc push -r r
""" + f"    {STORE}\n    cd ../store2 && find . -type f | sort\n")
# What was asked for by name and is lost is a warning, a lost file of a listing a failure.
case("fetch-lost-objects", f"""
    {DATA}
    dvc push -q
    rm -rf .dvc/cache ../store/files/md5/40/1b30e3b8b5d629635a5c613cdb7919
  ? dvc fetch d
  ? dvc fetch -q
    rm -rf .dvc/cache ../store/files/md5/*/*.dir
  ? dvc fetch d
    rm -rf .dvc/cache
""")
case("pull-everything", f"""
    {DATA}
    dvc push -q
    rm -rf .dvc/cache a d
    dvc pull
    dvc pull
    dvc status
""")
case("pull-target", f"""
    {DATA}
    dvc push -q
    rm -rf .dvc/cache a d
    dvc pull a
    dvc pull d
""")
case("pull-file-of-directory", f"""
    {DATA}
    dvc push -q
    rm -rf .dvc/cache d
    dvc pull d/sub
    find d -type f
""")
case("fetch-then-checkout", f"""
    {DATA}
    dvc push -q
    rm -rf .dvc/cache a d
    dvc fetch a
    dvc fetch
    dvc fetch
    dvc checkout
""")
case("pull-what-nobody-has", f"""
    {DATA}
    dvc push -q
    rm -rf .dvc/cache a d ../store/files/md5/60
    dvc fetch
    dvc pull
    dvc push
""")
case("pull-keeps-unsaved", f"""
    {DATA}
    dvc push -q
    echo unsaved > a
    dvc pull
    cat a
    dvc pull -f
    cat a
""")
case("push-run-cache", """
    printf 'stages:\\n  s:\\n    cmd: cp i o\\n    deps: [i]\\n    outs: [o]\\n' > dvc.yaml
    echo 1 > i && dvc repro -q && dvc remote add -q -d r ../store
    dvc push --run-cache
    rm -rf .dvc/cache o
    dvc fetch --run-cache
    dvc repro
""")
case("status-cloud", f"""
    {DATA}
  ~ dvc status -c
  = dvc status -c --json
    dvc push -q
    dvc status -c
    dvc status -r r
""")
case("status-cloud-no-remote", "echo a > a && dvc add -q a && dvc status -c")
case("remote-by-reference", f"""
    {DATA}
    dvc remote add -q sub remote://r/sub
    dvc push -r sub
    {STORE}
""")
case("shared-store-of-two-projects", f"""
    {DATA}
    dvc push -q
    cd ../other
    git init -q && dvc init -q && cp ../repo/a.dvc . && dvc remote add -q -d r ../store
    dvc pull
    cat a
""")

case("gc-scope", "dvc gc")
case("gc-workspace", f"""
    {DATA}
    echo b > a && dvc add -q a
    dvc gc -w -f
    dvc gc -w -f
    find .dvc/cache -type f | wc -l
""")
case("gc-unconfirmed", f"""
    {DATA}
    echo b > a && dvc add -q a
    dvc gc -w
    echo y | dvc gc -w
""")
case("gc-revisions", f"""
    {DATA}
    git tag one
    echo b > a && dvc add -q a && git commit -qam second
    echo c > a && dvc add -q a && git commit -qam third
    dvc gc -T -f
    dvc gc -a -f
    dvc gc -w -f -A
    dvc gc --rev HEAD~1 -n 1 -f
    find .dvc/cache -type f | wc -l
""")
case("gc-cloud", f"""
    {DATA}
    dvc push -q
    echo b > a && dvc add -q a && dvc push -q
    dvc gc -w -c -f
    {STORE}
""")
case("gc-keeps-legacy-layout", """
    printf 'outs:\\n- md5: 60b725f10c9c85c70d97880dfe8191b3\\n  size: 2\\n  path: a\\n' > a.dvc
    mkdir -p .dvc/cache/60 .dvc/cache/61
    echo a > .dvc/cache/60/b725f10c9c85c70d97880dfe8191b3
    echo b > .dvc/cache/61/b725f10c9c85c70d97880dfe8191b3
    chmod 444 .dvc/cache/6*/*
    dvc gc -w -f
    find .dvc/cache -type f
    dvc checkout
    cat a
""")
case("gc-remote-alone", """
    echo 1 > a
    dvc add a
    dvc gc -w -r nosuch -f
""")


SIZES = """
    mkdir d && echo aaaa > d/a && echo bb > b && echo ccccccccc > c && echo '{"m": 1}' > m.json && printf 'x,y\\n1,2\\n' > p.csv
    echo '{"t": 2}' > top.json && printf 'x,y\\n3,4\\n' > topp.csv
    printf 'stages:\\n  s:\\n    cmd: cp b s.out; cp c sm.json; cp b sp.csv\\n    deps: [b, c]\\n    outs: [s.out]\\n    metrics: [sm.json]\\n    plots: [sp.csv]\\nmetrics: [m.json, top.json]\\nplots:\\n- topp.csv\\n- id:\\n    x: x\\n    y: {p.csv: y}\\n' > dvc.yaml
    dvc add -q d b c m.json p.csv top.json topp.csv
    dvc repro -q
    dvc remote add -q -d r ../r
    dvc push -q
    rm -rf .dvc/cache
"""
for options in (
        "--max-size 4", "--max-size 5", "--max-size 100", "--max-size 0", "--type metrics", "--type plots", "--type metrics --type plots",
        "--type metrics --max-size 10", "--type params", "--max-size x", "--max-size 6 d b", "--type plots d p.csv sp.csv"):
    case(f"fetch-narrowed {options}", SIZES + f"""
        dvc fetch {options}
    """)
