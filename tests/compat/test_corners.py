"""Rare states: unusual names, parts of directories, files that became directories and the reverse."""

from harness import SORTED, case

JSON = "python3 sorted.py"
DIR = "mkdir -p d/s && echo 1 > d/a && echo 2 > d/b && echo 3 > d/s/c && echo 3 > d/s/e && dvc add -q d && git add -A && git commit -qm d"


def corner(name, script, **options):
    case(name, script, files=SORTED, **options)


corner("corner-dir-became-file", f"""
    {DIR}
    rm -r d && echo f > d && dvc add -q d && git add -A && git commit -qm f
  = dvc diff HEAD~1 --json | {JSON}
    rm d && mkdir d && echo 9 > d/a
  = dvc data status --granular --json | {JSON}
  = dvc diff --json | {JSON}
""")
corner("corner-dir-became-outputs", f"""
    {DIR}
    dvc remove -q d.dvc && dvc add -q d/a d/s && git add -A && git commit -qm f
  = dvc diff HEAD~1 --json | {JSON}
  = dvc diff HEAD HEAD~1 --json | {JSON}
  = dvc data status --granular --json | {JSON}
""")
corner("corner-dir-became-outputs-uncommitted", f"""
    {DIR}
    dvc remove -q d.dvc && dvc add -q d/a d/s && rm d/b
  = dvc data status --granular --json | {JSON}
  = dvc diff --json | {JSON}
""")
corner("corner-duplicates", f"""
    {DIR}
    mv d/s/c d/z && cp d/z d/y && rm d/s/e && mv d/a d/a2 && cp d/b d/b2
  = dvc data status --granular --json | {JSON}
    dvc diff --show-hash
    dvc add -q d && git add -A && git commit -qm f
    dvc diff HEAD HEAD~1
""")
corner("corner-opaque", f"""
    {DIR}
    rm -r .dvc/cache && echo 4 > d/b
  = dvc data status --granular --json | {JSON}
  = dvc diff --json | {JSON}
    dvc add -q d && git add -A && git commit -qm f
  = dvc diff HEAD~1 --json | {JSON}
  ~ dvc diff HEAD~1 --hide-missing
""")
corner("corner-opaque-outputs", f"""
    {DIR}
    dvc remove -q d.dvc && rm -r .dvc/cache && dvc add -q d/a
  = dvc data status --granular --json | {JSON}
""")
corner("corner-diff-targets", f"""
    {DIR}
    echo n > d/s/n && rm d/a && mv d/s/c d/s/c2
    dvc diff --targets d/s
    dvc diff --targets d/s/n d/a
    dvc diff --targets d/a --json
    dvc diff --targets d/s/c2
    dvc diff --targets d/
""")
corner("corner-data-status-targets", f"""
    {DIR}
    echo n > d/s/n && rm d/a
  = dvc data status --granular --json d/s | {JSON}
  = dvc data status --json d/s | {JSON}
  = dvc data status --granular --json d/a d.dvc | {JSON}
  - dvc data status nosuch
    cd d
  = dvc data status --granular --json s | {JSON}
""")
corner("corner-output-deleted", f"""
    {DIR}
    rm -r d
  = dvc data status --granular --json | {JSON}
  = dvc diff --json | {JSON}
    dvc status
    git rm -q -f d.dvc
  = dvc data status --granular --json | {JSON}
  = dvc diff --json | {JSON}
""")
corner("corner-subfolder", f"""
    {DIR}
    echo 7 > d/b && mkdir -p w/x && echo w > w/x/w && dvc add -q w/x/w
    cd w
    dvc diff
  ~ dvc data status --granular
    dvc status
    dvc status x/w
    dvc status ../d.dvc
    dvc checkout -f ../d/b
    cd ..
    dvc --cd w status x/w.dvc
    dvc --cd w/x diff --targets w
    dvc --cd nosuch status
""")
corner("corner-names", r"""
    mkdir -p 'sp ace/ü' && printf 1 > 'sp ace/it'"'"'s' && printf 2 > 'sp ace/ü/"q"' && printf 3 > 'sp ace/a
b' && printf 4 > 'sp ace/é	t' && printf 5 > 'x: y #z' && printf 6 > '[g]*'
    dvc add 'sp ace' 'x: y #z' '[g]*'
    git add -A && git commit -qm names
    rm 'sp ace/ü/"q"' && printf 9 > 'sp ace/a
b' && rm '[g]*'
    dvc diff
  ~ dvc data status --granular
  = dvc data status --granular --json | python3 sorted.py
    dvc checkout -f 'sp ace/ü/"q"'
    dvc checkout -f
    dvc list . -R --dvc-only
""")
corner("corner-name-newline-file", """
    printf 1 > 'a
b' && dvc add 'a
b'
    dvc status
    rm 'a
b' && dvc checkout
""")
corner("corner-checkout-part", f"""
    {DIR}
    rm -r d && dvc checkout d/s
    dvc checkout d/s/c d/a
    echo x > d/b && dvc checkout d/b
    dvc checkout -f d/b
    dvc checkout d/nosuch
    echo u > d/s/unknown && dvc checkout d/s
    dvc checkout -f d/s
""")
corner("corner-pull-part", f"""
    {DIR}
    dvc remote add -q -d r ../store && dvc push -q
    rm -r d .dvc/cache && dvc pull d/s
    dvc pull d/a
    dvc fetch d/nosuch
    dvc push d/s
""")
corner("corner-add-file-for-dir", f"""
    {DIR}
    rm -r d/s && echo f > d/s && dvc add d/s
    rm d/s && mkdir d/s && echo g > d/s/g && dvc add d/s
    dvc status
""")
corner("corner-add-order", """
    mkdir d && echo 1 > d/a && echo 2 > d/a-b && echo 3 > d/a.c && echo 4 > d/b && dvc add -q d
    rm d/a && mkdir d/a && echo 5 > d/a/x && echo 6 > d/a/y
    dvc add d/a
    dvc status
    rm -r d/a && echo 7 > d/a && dvc add d/a && dvc status
""")
corner("corner-add-deleted", f"""
    {DIR}
    rm d/s/c && dvc add d/s/c
    rm -r d/s && dvc add d/s
    dvc add d/nosuch
    dvc status
""")
corner("corner-add-empty-part", f"""
    {DIR}
    mkdir d/empty && dvc add d/empty
    rm -r d/s/* && dvc add d/s
    dvc status
""")
corner("corner-add-executable-part", f"""
    {DIR}
    chmod +x d/a && dvc add d/a
    echo '#!' > d/run && chmod 755 d/run && dvc add d/run
    chmod 644 d/a d/run
    dvc status
""")
corner("corner-add-linked-part", f"""
    {DIR}
    ln -s s d/t && dvc add d/t
    dvc add d/t/c
    dvc status
""")
corner("corner-add-part-hardlink", f"""
    dvc config cache.type hardlink
    {DIR}
    rm d/a && echo new > d/a && dvc add d/a
    dvc unprotect d/b
    echo more >> d/b && dvc add -q d/b && dvc status
""")
corner("corner-add-all-gone", f"""
    {DIR}
    rm -r d/* && dvc add d/a
    dvc status
    rm -r d && dvc add d/b
    dvc status
""")
corner("corner-dvcignore-in-dir", f"""
    {DIR}
    echo '# none' > d/s/.dvcignore && echo u > d/s/u
    dvc status
  = dvc data status --granular --json | {JSON}
    dvc add d
    dvc diff
  ? dvc checkout
    echo /d/b > .dvcignore
    dvc status
    dvc diff
""")
corner("corner-move-into-dir", f"""
    {DIR}
    echo f > f && dvc add -q f && mkdir e
    dvc move f e
    dvc move d e/dd
    dvc status
    dvc move e/f d
    dvc status
""")
corner("corner-move-refused", f"""
    {DIR}
    echo f > f && dvc add -q f
    dvc move f d
    dvc move d/a x
    dvc move d d
    dvc move f.dvc g
    dvc move f nosuch/g
""")
corner("corner-nested", f"""
    {DIR}
    git init -q n
    (cd n && dvc init -q && echo i > i && dvc add -q i && dvc status)
    dvc status
  = dvc data status --granular --json | {JSON}
    dvc list . -R --dvc-only
    dvc add n/i
""")
corner("corner-subdir-project", f"""
    mkdir n && cd n
    dvc init -q --subdir && echo i > i && dvc add -q i && git add -A && git commit -qm i && echo j > i
    dvc diff
    cd ..
    {DIR}
    dvc status
    dvc diff HEAD~1
    dvc status n/i.dvc
    dvc list . -R --dvc-only
""")
corner("corner-outside", """
    echo o > ../o
    dvc add ../o
    dvc add -q ../o -o o && dvc status
    echo h > ../h && printf 'outs:\\n- path: ../h\\n  cache: false\\n' > h.dvc
    dvc commit -f h.dvc
    dvc status
    dvc checkout
""")
corner("corner-du", f"""
    {DIR}
  ~ dvc du .
  ~ dvc du . d
    dvc du . d/s/c
    dvc du . nosuch
    dvc list . d/s --size
    dvc list . d/s/c
    dvc list . d -R --show-hash --json
""")
corner("corner-config", """
    dvc config core.remote
    dvc config core.nosuch 1
    dvc config core.autostage maybe
    dvc config 'remote.a b.url' x
    dvc config remote.x.url '  sp  '
    dvc config remote.x.url
    dvc config cache.type 'reflink, copy'
    dvc config cache.type bad,copy
    dvc config core.check_update off && cat .dvc/config
    dvc config -u core.nosuch
    dvc config -u core
    dvc config core
    dvc config .x y
    dvc config a.b.c.d y
    dvc config core.remote ''
    dvc config core.remote ""
    dvc config -l
    cat .dvc/config
""")
corner("corner-remote", """
    dvc remote add r 'path with # hash'
    dvc remote modify r url '/abs/"quoted"'
    dvc remote modify r nosuch 1
    dvc remote modify r verify yes
    dvc remote modify r verify perhaps
    dvc remote modify -u r verify
    dvc remote modify -u r verify
    dvc remote modify nosuch url x
    dvc remote modify --local r jobs 3
    dvc remote modify --local r jobs -1
    dvc remote add r other
    dvc remote add -f r ../other
    dvc remote rename r r
    dvc remote list
    dvc remote default r
    dvc remote remove r
    cat .dvc/config .dvc/config.local
""")
corner("corner-gc-part", f"""
    {DIR}
    rm -r d/s && dvc add -q d/s && dvc gc -w -f
    dvc checkout
    dvc fetch
""")
corner("corner-import-part-changes", f"""
    mkdir ../o
    cd ../o
    git init -q && dvc init -q
    dvc --cd ../repo import ../o d
    {DIR}
    cd ../repo
    dvc import ../o d/s -o mine
    cat mine.dvc | grep -v rev_lock
    cd ../o
    echo new > d/s/new && dvc add -q d && git commit -qam n
    cd ../repo
    dvc update mine.dvc
    dvc status
    rm -r mine && dvc checkout
    dvc checkout mine/c
""")
corner("corner-legacy-part", """
    mkdir -p d .dvc/cache/c4 && printf '1\\n' > d/a && printf 'x\\r\\n' > d/b
    printf 'outs:\\n- md5: c4ca4238a0b923820dcc509a6f75849b.dir\\n  path: d\\n' > d.dvc
    dvc status
    dvc add d
    dvc status
""", ignore=(r"\.dvc/cache/41/.*",))
corner("corner-status-targets", f"""
    {DIR}
    echo 9 > d/b && mkdir d/q && echo q > d/q/q
    dvc status d
    dvc status d/b
    dvc status d/q
""")
corner("corner-two-revisions-moved", f"""
    {DIR}
    git tag v1 && dvc move d e && git add -A && git commit -qm e && echo 8 > e/b && dvc add -q e && git add -A && git commit -qm e2
    dvc diff v1 HEAD~1
    dvc diff v1
  = dvc diff v1 --json | {JSON}
    git checkout -q v1 && dvc checkout
    dvc diff HEAD HEAD
""")
corner("corner-uncached-file", """
    mkdir d && echo 1 > d/a && printf 'outs:\\n- path: d\\n  cache: false\\n' > d.dvc
    dvc commit -q -f d.dvc && cat d.dvc
    git add -A && git commit -qm d
    echo 2 > d/b
    dvc status
    dvc diff
    dvc add d/b
    dvc data status --granular
""", ignore=(r"\.dvc/cache/97/.*",))
corner("corner-add-file-above", f"""
    {DIR}
    mkdir -p d/s/deep && echo 1 > d/s/deep/x && dvc add -q d
    rm -r d/s && echo 1 > d/s
    dvc add d/s
    dvc status
""")
corner("corner-list-plain-directory", """
    mkdir -p ../plain/e && echo 1 > ../plain/f
    dvc list ../plain
  ? dvc list f
    mkdir d
    dvc list d
    dvc list d x
  ? dvc list ../nosuch
""")
corner("corner-move-own-files", """
    echo f > f && dvc add -q f
    dvc move f x.dvc
    dvc move f dvc.yaml
    dvc move f.dvc g
""")
corner("corner-two-directories-opaque", f"""
    {DIR}
    mkdir d-x && echo 1 > d-x/a && dvc add -q d-x && git add -A && git commit -qm x
    dvc remove -q d.dvc d-x.dvc && rm -r .dvc/cache && dvc add -q d/a d/s d-x/a
  = dvc data status --granular --json | {JSON}
""")
corner("corner-joined", """
    mkdir -p d/s && echo 1 > d/a && echo 2 > d/s/b && dvc add -q d/a d/s && git add -A && git commit -qm parts
    dvc remove -q d/a.dvc d/s.dvc && rm -f d/.gitignore && dvc add -q d && git add -A && git commit -qm whole
    dvc diff HEAD~1
    dvc diff HEAD HEAD~1
    git checkout -q HEAD~1 && dvc checkout
    dvc status
""")
corner("corner-renamed-directory", f"""
    {DIR}
    mv d e && dvc add -q e && rm d.dvc
    dvc diff
  = dvc data status --granular --json | {JSON}
  = dvc data status --json | {JSON}
    dvc gc -w -f
    dvc checkout
""")
corner("corner-commit-part", f"""
    {DIR}
    echo 9 > d/a && rm d/s/c
    dvc commit d
    dvc commit -f d.dvc
    dvc status
    dvc diff
    dvc commit -f nosuch
""")
corner("corner-fetch-part", f"""
    {DIR}
    dvc remote add -q -d r ../store && dvc push
    rm -rf .dvc/cache d
    dvc fetch d/s
    dvc fetch d
    dvc status -c
""")
corner("corner-checkout-over-file", f"""
    {DIR}
    rm -r d && echo mine > d
    dvc checkout
    dvc checkout -f
    rm -r d/s && echo mine > d/s
    dvc checkout
    dvc checkout -f d
    dvc checkout
""")
corner("corner-checkout-other-type", f"""
    {DIR}
    dvc config cache.type symlink
    dvc checkout --relink
    rm d/a && echo x > d/a && dvc add -q d
    dvc unprotect d
    echo y >> d/b
    dvc status
    dvc checkout -f
""")
corner("corner-ignored-output", """
    mkdir d && echo 1 > d/a && echo 2 > d/b.tmp && echo '*.tmp' > .dvcignore
    dvc add d
    dvc add d/b.tmp
    echo '!d/b.tmp' >> .dvcignore
    dvc status
    dvc add d
    dvc check-ignore d/b.tmp d/a
""")
corner("corner-import-local-directory-part", """
    mkdir -p ../src/s && echo 1 > ../src/a && echo 2 > ../src/s/b
    dvc import-url ../src mine
    echo 3 > ../src/s/c
    dvc status
    dvc update mine.dvc
    dvc add mine/s
    dvc status
""")
corner("corner-get-part", f"""
    {DIR}
    dvc get . d/s -o out
    dvc get . d/s/c -o out/c2
    dvc get . d/nosuch
    dvc get . d.dvc -o p
    dvc list . d --dvc-only
""")
corner("corner-remove-part", f"""
    {DIR}
    dvc remove d/a
    dvc remove d
    dvc remove d.dvc --outs
    dvc status
""")
corner("corner-file-out-executable", """
    printf '#!/bin/sh\\n' > x && chmod +x x && dvc add x && cat x.dvc
    rm x && dvc checkout && stat -c %A x
    dvc status
    chmod -x x && dvc status
    dvc commit -f x && cat x.dvc
""")
corner("corner-empty-directory", """
    mkdir d && dvc add d && cat d.dvc
    rmdir d && dvc checkout
    touch d/a && dvc diff
    dvc add d/a
    dvc status
""")
corner("corner-same-content-many", """
    mkdir d && for i in 1 2 3 4; do echo same > d/$i; done && dvc add -q d && cp d/1 f && dvc add -q f && git add -A && git commit -qm s
    rm d/2 && mv d/3 d/33 && mv f g && dvc add -q g && rm f.dvc
    dvc diff
  = dvc data status --granular --json | python3 sorted.py
  = dvc diff --json | python3 sorted.py
""")
corner("corner-pipeline-part", """
    printf 'stages:\\n  s:\\n    cmd: mkdir -p o/s && echo 1 > o/a && echo 2 > o/s/b\\n    outs: [o]\\n' > dvc.yaml
    dvc repro -q
    echo 3 > o/a
    dvc add o/a
    dvc status
    dvc checkout -f o/a
    dvc commit -f o/a
    dvc status
""")
corner("corner-config-levels", """
    dvc config --local core.remote a && dvc config core.remote b
    dvc config core.remote
    dvc config --project core.remote
    dvc config --local --project core.remote
    dvc config -l --show-origin
    dvc config -u --local core.remote
    dvc config -l --local
    dvc config -l core.remote
    dvc config --unset core.remote value
""")
# cairn also names the holder of the lock
case("locked-repository", """
    echo 1 > a; echo 2 > b; dvc add -q a; git add -A; git commit -qm base
    dvc remote add -q -d r ../store
    printf 'stages:\\n  s:\\n    cmd: echo 1 > o\\n    outs: [o]\\n' > dvc.yaml
    mkdir -p ../said .dvc/tmp
    flock .dvc/tmp/lock sh -c 'for c in "add b" commit "commit a.dvc" push pull fetch "remove a.dvc" "move a c" "freeze s" "unfreeze s" "update a.dvc" "import-url b i" "import . b" "destroy -f" checkout repro "gc -w -f" "stage add -n q echo" "exp run" "exp remove x" "exp branch x y"; do (dvc $c >"../said/$c" 2>&1; echo "$?" >>"../said/$c") & done; wait'
    cd ../said
    dvc --version >/dev/null; for f in *; do echo "== $f"; grep -v '^Process' "$f"; done
""", ignore=(r"\.\./said/",))

case("quiet-failures", """
    echo x > x
    printf 'stages:\\n  s:\\n    cmd: [1\\n' > dvc.yaml
    dvc add -q x
    dvc status -q
    dvc repro -q
    rm dvc.yaml
    dvc add -q nosuch
    dvc get -q . /x
    dvc get -q . nosuch
    dvc config -q core.nosuch 1
""")
