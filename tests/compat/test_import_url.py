"""Data of plain paths: `import-url`, its `update`, external dependencies, and data stored directly in a remote."""

from harness import case
from harness.adjust import any_root

FILE = "echo one > ../f"
TREE = "mkdir -p ../t/s && echo 1 > ../t/a && echo 2 > ../t/s/b"

case("import-url-file", f"""
    {FILE}
    dvc import-url ../f
    dvc status
    dvc import-url $(cd .. && pwd)/f g
    dvc import-url ../f
""", adjust=any_root)
case("import-url-directory", f"""
    {TREE}
    dvc import-url $(cd .. && pwd)/t
    dvc import-url ../t u
  ~ dvc status
    find t u -type f | sort
""", adjust=any_root)
case("import-url-out", f"""
    {FILE}
    mkdir sub
    dvc import-url ../f sub
    dvc import-url ../f sub/g
    dvc import-url ../f nosuch/g
    (cd sub && dvc import-url ../../f h)
""")
case("import-url-own-path", """
    mkdir src && echo 1 > src/f
    dvc import-url src/f
    dvc import-url src data
    cat f.dvc data.dvc
    dvc status
""")
case("import-url-own-path-from-below", """
    mkdir src sub && echo 1 > src/f && cd sub && dvc import-url ../src/f
    cat sub/f.dvc
    dvc status
""")
case("import-url-exists", f"""
    {FILE}
    echo mine > f
    dvc import-url ../f
    dvc import-url ../f -f
    cat f
""")
case("import-url-missing", """
    dvc import-url ../nosuch
    dvc import-url /no/such/file x
""")
case("import-url-no-exec", f"""
    {FILE}
    dvc import-url ../f --no-exec
    dvc status
    dvc update f.dvc
    dvc status
""")
case("import-url-no-exec-missing", """
    dvc import-url ../nosuch --no-exec
    cat nosuch.dvc
    dvc update nosuch.dvc
""")
case("import-url-no-exec-repro", f"""
    {FILE}
    dvc import-url -q ../f --no-exec
    dvc repro f.dvc
    cat f
""")
case("import-url-no-download", f"""
    {FILE}
    {TREE}
    dvc import-url $(cd .. && pwd)/f --no-download
    dvc import-url $(cd .. && pwd)/t --no-download
  ~ dvc status
""", adjust=any_root)
case("import-url-no-download-pull", f"""
    {FILE}
    dvc import-url -q $(cd .. && pwd)/f --no-download
    dvc pull
    dvc status
""", adjust=any_root, ignore=(r"^\.dvc/cache/",))
case("import-url-no-download-update", f"""
    {FILE}
    dvc import-url -q $(cd .. && pwd)/f --no-download
    dvc update f.dvc
    cat f
    dvc status
""", adjust=any_root)
case("import-url-no-download-changed", f"""
    {FILE}
    dvc import-url -q $(cd .. && pwd)/f --no-download
    echo two > ../f
    dvc pull
    dvc update f.dvc
    dvc status
""", adjust=any_root)
case("import-url-both", f"""
    {FILE}
  ? dvc import-url ../f --no-download --no-exec
""")
case("import-url-jobs", f"""
    {TREE}
    dvc import-url ../t -j 2
    dvc import-url ../t u --jobs 1
""")
case("import-url-version-aware", f"""
    {FILE}
    dvc import-url ../f --version-aware
""")
case("import-url-fs-config", f"""
    {FILE}
    dvc import-url ../f --fs-config jobs=2
    dvc status
""")
case("import-url-scheme", """
  ? dvc import-url nosuch://bucket/f
""")
case("import-url-remote", """
    mkdir ../store && echo 1 > ../store/f && dvc remote add -q r ../store
    dvc import-url remote://r/f
    dvc status
    echo 2 > ../store/f
    dvc update f.dvc
    cat f
""")
case("import-url-remote-unknown", """
    dvc import-url remote://nosuch/f
""")
case("import-url-push", f"""
    {FILE}
    dvc import-url -q ../f && dvc remote add -q -d r ../store
    dvc push
    rm -rf .dvc/cache f
    dvc pull
    cat f
""")
case("import-url-to-remote", f"""
    {FILE}
    {TREE}
    dvc remote add -q -d r ../store
    dvc import-url --to-remote ../f
    dvc import-url --to-remote $(cd .. && pwd)/t u
    dvc import-url --to-remote ../f g -r r -j 2
    find ../store -type f | sort
  ~ dvc status
    dvc pull
    cat f u/a
""", adjust=any_root)
case("import-url-to-remote-refused", f"""
    {FILE}
    dvc remote add -q r ../store
    dvc import-url --to-remote ../f
    dvc import-url --to-remote ../f --no-exec
    dvc import-url --to-remote ../f --no-download
    dvc import-url -r r ../f
    dvc import-url --to-remote ../nosuch -r r
    dvc import-url --to-remote ../f -r nosuch
""")
case("import-url-over-git-file", f"""
    {FILE}
    echo git > f && git add f && git commit -qm f
    dvc import-url ../f -f
""", ignore=(r"^f$", r"^\.dvc/cache/"), adjust=lambda seen: seen["git"].pop("status"))  # DVC has overwritten the file before it refuses
case("import-url-over-tracked", f"""
    {FILE}
    echo mine > f && dvc add -q f
    dvc import-url ../f -f
    cat f f.dvc
""")

# ---- update

case("update-url-nothing-new", f"""
    {FILE}
    dvc import-url -q ../f
    dvc update f.dvc
""")
case("update-url", f"""
    {FILE}
    {TREE}
    dvc import-url -q ../f && dvc import-url -q ../t
    echo two > ../f && echo 3 > ../t/c && rm ../t/a
    dvc status
  ~ dvc update f.dvc t.dvc
    cat f && find t -type f | sort
    dvc status
""")
case("update-url-no-download", f"""
    {FILE}
    dvc import-url -q $(cd .. && pwd)/f
    echo two > ../f
    dvc update --no-download f.dvc
    dvc status
    dvc pull
    cat f
""", adjust=any_root, ignore=(r"^\.dvc/cache/",))
case("update-url-gone", f"""
    {FILE}
    dvc import-url -q ../f
    rm ../f
    dvc update f.dvc
    cat f.dvc
""", ignore=("^f$",))
case("update-url-rev", f"""
    {FILE}
    dvc import-url -q ../f
    dvc update --rev x f.dvc
""")
case("update-url-to-remote", f"""
    {FILE}
    dvc remote add -q -d r ../store && dvc import-url -q ../f
    echo two > ../f
    dvc update --to-remote f.dvc
    find ../store -type f | sort
    cat f
    dvc pull
    cat f
""")
case("update-url-to-remote-refused", f"""
    {FILE}
    dvc import-url -q ../f
    dvc update --to-remote --no-download f.dvc
    dvc update -r r f.dvc
    dvc update --to-remote f.dvc
""")
case("update-url-touched", f"""
    {FILE}
    dvc import-url -q ../f
    touch ../f
    dvc update f.dvc
""")
case("update-url-many", f"""
    {FILE}
    mkdir sub && dvc import-url -q ../f sub && dvc import-url -q ../f
    echo two > ../f
    dvc update -R sub
    dvc update f.dvc -j 2
    dvc status
""")

# ---- external dependencies

case("external-dependency", f"""
    {FILE}
    printf 'stages:\\n  s:\\n    cmd: cat ../f > o\\n    deps: [../f]\\n    outs: [o]\\n' > dvc.yaml
    dvc repro
    dvc status
    echo two > ../f
    dvc status
    dvc repro
    cat o
""")
case("external-dependency-absolute", """
    mkdir ../e && echo 1 > ../e/f && p=$(cd .. && pwd) && printf "stages:\\n  s:\\n    cmd: cat ../e/f > o\\n    deps: [$p/e/f]\\n    outs: [o]\\n" > dvc.yaml
    dvc repro
    dvc status
    echo 2 > ../e/f
    dvc status
    rm -r ../e
    dvc status
    dvc repro
""", ignore=("/runs/",))
case("external-dependency-directory", f"""
    {TREE}
    printf 'stages:\\n  s:\\n    cmd: ls ../t > o\\n    deps: [../t]\\n    outs: [o]\\n' > dvc.yaml
    dvc repro
    echo 3 > ../t/c
    dvc status
    dvc repro
    cat o
""")
case("external-dependency-remote", """
    mkdir ../store && echo 1 > ../store/f && dvc remote add -q r ../store
    printf 'stages:\\n  s:\\n    cmd: cat ../store/f > o\\n    deps: ["remote://r/f"]\\n    outs: [o]\\n' > dvc.yaml
    dvc repro
    dvc status
    echo 2 > ../store/f
    dvc status
    dvc repro
    cat o
    rm ../store/f
    dvc status
""")

# ---- add --out, add --to-remote

case("add-out", f"""
    {FILE}
    {TREE}
    dvc add ../f -o f
    dvc add ../t --out data
    dvc add $(cd .. && pwd)/f -o g
    find data -type f | sort
    dvc status
""")
case("add-out-into-directory", f"""
    {FILE}
    mkdir sub
    dvc add ../f -o sub
    dvc add ../f -o sub/g
    dvc add ../f -o nosuch/g
""")
case("add-out-exists", f"""
    {FILE}
    echo mine > f
    dvc add ../f -o f
    dvc add ../f -o f -f
    cat f
    echo more > ../f
    dvc add ../f -o f --force
    cat f f.dvc
""")
case("add-out-own-file", """
    echo 1 > src
    dvc add src -o copy
    cat copy src
""")
case("add-out-missing", """
    dvc add ../nosuch -o x
""")
case("add-out-refused", f"""
    {FILE}
    dvc add ../f ../g -o x
    dvc add ../f -o x --glob
    dvc add ../f -o x --no-commit
    dvc add ../f
""")
case("add-out-links", f"""
    {FILE}
    dvc config cache.type symlink
    dvc add ../f -o f
""")
case("add-to-remote", f"""
    {FILE}
    {TREE}
    dvc remote add -q -d r ../store
    dvc add --to-remote ../f
    dvc add --to-remote ../t -o data
    dvc add --to-remote ../f -o g -r r --remote-jobs 2
    find ../store -type f | sort
  ~ dvc status
    dvc pull
    cat f data/a
""")
case("add-to-remote-refused", f"""
    {FILE}
    dvc add --to-remote ../f
    dvc remote add -q -d r ../store
    dvc add --to-remote ../f ../g
    dvc add --to-remote ../f --no-commit
    dvc add --to-remote ../f --glob
    dvc add --to-remote ../f -r nosuch
    dvc add --to-remote ../nosuch
    dvc add -r r f
    dvc add --remote-jobs 2 f
""")
case("add-to-remote-own-file", """
    echo 1 > f && dvc remote add -q -d r ../store
    dvc add --to-remote f
    dvc status
    dvc checkout
""")
