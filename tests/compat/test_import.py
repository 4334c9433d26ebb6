"""Data of other repositories: `import`, later changes of the source, and `update`."""

from harness import case
from harness.adjust import any_root
from harness.origin import BOTH, ORIGIN, SECOND

# DVC stores listings of sub-directories of fetched data in the cache, and keeps the data of partial imports in a cache
# of
# plain files, where cairn keeps objects.
LISTINGS = (r"^\.dvc/cache/files/md5/cb/efe893224d5c5095ec24486ad31a1b\.dir",)
PARTIAL = (r"^\.dvc/cache/",)

case("import-file", f"""
    {BOTH}
    dvc import ../o a
    dvc status
    dvc import ../o a
""")
case("import-directory", f"""
    {BOTH}
    dvc import ../o d
    dvc status
    dvc data status
""")
case("import-part-of-directory", f"""
    {BOTH}
    dvc import ../o d/sub
    dvc import ../o d/x -o xx
    dvc status
""")
case("import-file-of-git", f"""
    {BOTH}
    dvc import ../o g/c
    dvc import ../o code
    dvc import ../o g -o gg
    dvc status
""")
case("import-out", f"""
    {BOTH}
    mkdir sub
    dvc import ../o a -o sub
    dvc import ../o a --out sub/b
    dvc import ../o d -o sub/e
    dvc import ../o a -o nosuch/b
""")
case("import-in-directory", f"""
    {BOTH}
    mkdir sub && cd sub && dvc import ../../o a && dvc import ../../o d -o ../dd
""")
case("import-exists", f"""
    {BOTH}
    echo mine > a
    dvc import ../o a
    dvc import ../o a --force
    cat a
""")
case("import-over-tracked", f"""
    {BOTH}
    echo mine > a && dvc add -q a
    dvc import ../o a -f
    dvc import ../o a -o b && dvc import ../o d/x -f -o b
    cat a
""")
case("import-rev-tag", f"""
    {BOTH}
    dvc import ../o a --rev v1
    dvc import ../o d --rev v1
    dvc import ../o g/c --rev v1
    dvc status
""")
case("import-rev-others", f"""
    {BOTH}
    dvc import ../o a --rev master -o a1
    dvc import ../o a --rev HEAD~1 -o a2
    dvc import ../o a --rev $(git -C ../o rev-parse v1) -o a3
    dvc import ../o a --rev $(git -C ../o rev-parse --short v1) -o a4
    dvc import ../o a --rev v2 -o a5
    cat a1 a2 a3 a4 a5
""")
case("import-unknown-rev", f"""
    {ORIGIN}
    dvc import ../o a --rev nosuch
""")
case("import-missing-path", f"""
    {ORIGIN}
    dvc import ../o nosuch
    dvc import ../o nosuch --rev v1
    dvc import ../o d/nosuch
""")
case("import-no-repository", """
    mkdir ../plain && echo 1 > ../plain/f
    dvc import ../plain f
  ? dvc import ../nosuch f
""")
case("import-git-without-dvc", """
    git init -q ../g && cd ../g && mkdir s && echo 1 > f && echo 2 > s/t && git add -A && git commit -qm g && git tag v1 && echo 3 > f && git commit -qam two
    dvc import ../g f
    dvc import ../g f --rev v1 -o f1
    dvc import ../g s
    dvc status
""")
case("import-file-url", f"""
    {BOTH}
    dvc import file://$(cd .. && pwd)/o g/c
    dvc import file://$(cd .. && pwd)/o g/c --rev v1 -o c1
    dvc status
    cat c c1
""", adjust=any_root)
case("import-file-url-data", f"""
    {BOTH}
    (cd ../o && dvc remote add -q -d r $PWD/../store && dvc push -q && git add -A && git commit -qm remote)
    dvc import file://$(cd .. && pwd)/o a
    dvc import file://$(cd .. && pwd)/o d
    rm -rf .dvc/cache a d
    dvc pull
    cat a d/x
""", adjust=any_root, ignore=LISTINGS)
case("import-file-url-unreachable", """
  ? dvc import file:///nosuch/repo a
""")
case("import-no-exec", f"""
    {BOTH}
    dvc import ../o a --no-exec
    dvc import ../o d --no-exec --rev v1
  ~ dvc status
""")
case("import-no-exec-then-update", f"""
    {BOTH}
    dvc import -q ../o a --no-exec
    dvc update a.dvc
    dvc status
    cat a
""")
case("import-no-exec-then-repro", f"""
    {BOTH}
    dvc import -q ../o a --no-exec
    dvc repro a.dvc
    cat a
""")
case("import-no-exec-then-pull", f"""
    {BOTH}
    dvc import -q ../o a --no-exec
    dvc pull
    dvc checkout
""")
case("import-no-download", f"""
    {BOTH}
    dvc import ../o a --no-download
    dvc import ../o d --no-download --rev v1
  ~ dvc status
""")
case("import-no-download-then-pull", f"""
    {BOTH}
    dvc import -q ../o a --no-download && dvc import -q ../o d --no-download
    dvc pull
    cat a d/z
  ~ dvc status
""", ignore=PARTIAL)
case("import-no-download-then-update", f"""
    {BOTH}
    dvc import -q ../o a --no-download && dvc import -q ../o d --no-download
    dvc update a.dvc
    dvc update d.dvc
    cat a d/z
    dvc status
""")
case("import-no-download-then-gc", f"""
    {BOTH}
    dvc import -q ../o a --no-download && dvc import -q ../o d --no-download && dvc import-url -q --no-download ../o/g/c u
    dvc fetch
    dvc gc -w -f
    mv ../o ../gone
    dvc checkout
    cat a d/z d/sub/s u
""", ignore=PARTIAL)
case("import-no-download-then-checkout", f"""
    {BOTH}
    dvc import -q ../o a --no-download
    dvc checkout
    dvc fetch
    dvc checkout
""", ignore=PARTIAL)
case("import-both", f"""
    {ORIGIN}
  ? dvc import ../o a --no-download --no-exec
""")
case("import-jobs", f"""
    {ORIGIN}
    dvc import ../o d -j 2
    dvc import ../o a --jobs 1
""")
case("import-remote-name", f"""
    {ORIGIN}
    (cd ../o && dvc remote add -q r ../store && dvc push -q -r r && git add -A && git commit -qm remote && rm -rf .dvc/cache a d)
    dvc import ../o a --remote r
    cat a
""")
case("import-remote-config", f"""
    {ORIGIN}
    (cd ../o && dvc remote add -q r ../nosuch && dvc remote add -q s ../store && dvc push -q -r s && git add -A && git commit -qm remote && rm -rf .dvc/cache a d)
    dvc import ../o a --remote r --remote-config url=$(cd .. && pwd)/store
    cat a
""", adjust=any_root)
case("import-remote-config-alone", f"""
    {ORIGIN}
    (cd ../o && dvc remote add -q -d r ../nosuch && dvc remote add -q s ../store && dvc push -q -r s && git add -A && git commit -qm remote && rm -rf .dvc/cache a d)
    dvc import ../o a --remote-config url=$(cd .. && pwd)/store
    cat a
""", adjust=any_root)
case("import-config", f"""
    {ORIGIN}
    (cd ../o && dvc remote add -q r ../store && dvc push -q -r r && git add -A && git commit -qm remote && rm -rf .dvc/cache a d)
    printf '[core]\\n    remote = s\\n[%sremote "s"%s]\\n    url = %s\\n' "'" "'" "$(cd .. && pwd)/store" > my.config
    dvc import ../o a --config my.config
    cat a
""")
case("import-autostage", f"""
    {BOTH}
    dvc config core.autostage true
    dvc import ../o a
    git status --porcelain
""")
case("import-over-git-file", f"""
    {BOTH}
    echo git > a && git add a && git commit -qm a
    dvc import ../o a -f
""", ignore=(r"^a$", r"^\.dvc/cache/"), adjust=lambda seen: seen["git"].pop("status"))  # DVC has overwritten the file before it refuses
case("import-outside", f"""
    {ORIGIN}
    dvc import ../o a -o ../outside
""")
case("import-then-pull", f"""
    {BOTH}
    dvc import -q ../o a && dvc import -q ../o d && dvc import -q ../o g/c
    rm -rf .dvc/cache a d c
    dvc pull
    cat a d/z c
    dvc status
""", ignore=LISTINGS)
case("import-then-fetch", f"""
    {BOTH}
    dvc import -q ../o a && dvc import -q ../o d
    rm -rf .dvc/cache a d
    dvc fetch
    dvc fetch
    dvc checkout
""", ignore=LISTINGS)
case("import-then-checkout", f"""
    {BOTH}
    dvc import -q ../o a && dvc import -q ../o d
    rm -rf a d
    dvc checkout
    rm -rf .dvc/cache a d
    dvc checkout
""")
case("import-old-revision-pulled", f"""
    {BOTH}
    dvc import -q ../o a --rev v1 && dvc import -q ../o d --rev v1
    rm -rf .dvc/cache a d
    dvc pull a
    dvc pull d.dvc
    cat a && find d -type f | sort
""", ignore=LISTINGS)
case("import-is-not-pushed", f"""
    {BOTH}
    dvc import -q ../o a && dvc import -q ../o d && echo own > own && dvc add -q own && dvc remote add -q -d r ../store
    dvc push
    dvc status -c
    find ../store -type f | sort
""")
case("import-of-import", f"""
    {BOTH}
    cp -r . ../p && cd ../p && dvc import -q ../o a && dvc import -q ../o d && git add -A && git commit -qm p && rm -rf .dvc/cache a d
    dvc import ../p a
    dvc import ../p d/sub
    cat a sub/s
    dvc status
""")
case("get-of-import", f"""
    {BOTH}
    cp -r . ../p && cd ../p && dvc import -q ../o a && dvc import -q ../o d && git add -A && git commit -qm p && rm -rf .dvc/cache a d
    dvc get ../p a
    dvc get ../p d
    cat a && find d -type f | sort
""")
case("import-subrepo", """
    cp -r . ../o && cd ../o && mkdir sub && cd sub && dvc init -q --subdir && echo n > n && dvc add -q n && git add -A && git commit -qm sub && rm n
    dvc import ../o sub/n
    dvc status
    rm -rf .dvc/cache n
    dvc pull
    cat n
""")
case("import-mixed-directory", """
    cp -r . ../o && cd ../o && mkdir m && echo git > m/g && echo data > m/x && dvc add -q m/x && git add -A && git commit -qm m && rm m/x
    dvc import ../o m
    find m -type f | sort
    dvc status
""")
case("import-from-ourselves", """
    echo 1 > f && dvc add -q f && git add -A && git commit -qm f
    dvc import . f -o g
    cat g g.dvc
    dvc status
""")
case("import-legacy", """
    cp -r . ../o && cd ../o && printf 'a\\n' > w && m=60b725f10c9c85c70d97880dfe8191b3 && mkdir -p .dvc/cache/60 && cp w .dvc/cache/60/b725f10c9c85c70d97880dfe8191b3 && printf 'outs:\\n- md5: %s\\n  size: 2\\n  path: w\\n' $m > w.dvc && echo /w > .gitignore && git add -A && git commit -qm old && rm w
    dvc import ../o w
    cat w
""", ignore=(r"^\.dvc/cache/60/",))

# ---- status

case("status-update-available", f"""
    {ORIGIN}
    dvc import -q ../o a && dvc import -q ../o a --rev v1 -o pinned && dvc import -q ../o a --rev master -o branch
    {SECOND}
  ~ dvc status
    dvc status --no-updates
  = dvc status --json
    dvc status branch.dvc
""")
case("status-changed-checksum", f"""
    {ORIGIN}
    dvc import -q ../o a
    sed -i s/frozen/frozen/ a.dvc && sed -i 's/path: a$/path: d\\/x/' a.dvc
    dvc status --no-updates
    sed -i 's/^md5:.*/md5: 0a00000000000000000000000000000b/' a.dvc
    dvc status --no-updates
""")
case("status-import-changed", f"""
    {ORIGIN}
    dvc import -q ../o a && dvc import -q ../o d
    echo local > a && rm d/x
  ~ dvc status
    rm -rf a .dvc/cache
  ~ dvc status
""")
case("status-import-origin-gone", f"""
    {ORIGIN}
    dvc import -q ../o a
    mv ../o ../gone
    dvc status --no-updates
  ? dvc status
""")

# ---- update

case("update-nothing-new", f"""
    {ORIGIN}
    dvc import -q ../o a
    dvc update a.dvc
    dvc update a.dvc
""")
case("update-file", f"""
    {ORIGIN}
    dvc import -q ../o a
    {SECOND}
    dvc update a.dvc
    cat a
    dvc status
""")
case("update-directory", f"""
    {ORIGIN}
    dvc import -q ../o d
    {SECOND}
    dvc update d.dvc
    find d -type f | sort
    dvc status
""")
case("update-unrelated-commit", f"""
    {ORIGIN}
    dvc import -q ../o a
    (cd ../o && echo 1 > other && git add other && git commit -qm other)
    dvc update a.dvc
    dvc status
""")
case("update-pinned", f"""
    {ORIGIN}
    dvc import -q ../o a --rev v1
    {SECOND}
    dvc update a.dvc
    dvc update a.dvc --rev v2
    cat a
    dvc update a.dvc --rev nosuch
""")
case("update-no-download", f"""
    {ORIGIN}
    dvc import -q ../o a
    {SECOND}
    dvc update --no-download a.dvc
    dvc status
    dvc pull
    cat a
""", ignore=PARTIAL)
case("update-recursive", f"""
    {ORIGIN}
    mkdir sub && dvc import -q ../o a -o sub/a
    {SECOND}
    dvc update sub
    dvc update -R sub
    cat sub/a
""")
case("update-by-output", f"""
    {ORIGIN}
    dvc import -q ../o a
    {SECOND}
    dvc update a
    dvc update nosuch
    dvc update nosuch.dvc
""")
case("update-jobs", f"""
    {ORIGIN}
    dvc import -q ../o d
    {SECOND}
    dvc update -j 1 d.dvc
""")
case("update-own-data", """
    echo 1 > f && dvc add -q f
    dvc update f.dvc
""")
case("update-changed-locally", f"""
    {ORIGIN}
    dvc import -q ../o a
    echo local > a
    dvc update a.dvc
    cat a
""")
case("update-to-remote-of-import", f"""
    {ORIGIN}
    dvc remote add -q -d r ../store && dvc import -q ../o a
    dvc update --to-remote a.dvc
    dvc update -r r a.dvc
    dvc update --to-remote --no-download a.dvc
""")
case("update-keeps-text", f"""
    {ORIGIN}
    dvc import -q ../o a
    sed -i '1i # a comment' a.dvc && printf 'desc: about it\\nmeta:\\n  k: [1, 2]\\n' >> a.dvc
    {SECOND}
    dvc update a.dvc
    cat a.dvc
""")
case("update-moved-origin", f"""
    {ORIGIN}
    dvc import -q ../o a
    mv ../o ../gone
  ? dvc update a.dvc
    cat a.dvc
""")

# ---- imports in pipelines

case("repro-with-import", f"""
    {ORIGIN}
    dvc import -q ../o a
    printf 'stages:\\n  s:\\n    cmd: cat a a > b\\n    deps: [a]\\n    outs: [b]\\n' > dvc.yaml
    dvc repro
    {SECOND}
    dvc update -q a.dvc
    dvc repro
    cat b
""")
case("import-commit", f"""
    {ORIGIN}
    dvc import -q ../o a
    echo local > a
    dvc commit -f a.dvc
    cat a.dvc
""")
case("import-remove", f"""
    {ORIGIN}
    dvc import -q ../o a
    dvc remove a.dvc
    cat a
""")
case("import-move", f"""
    {ORIGIN}
    dvc import -q ../o a
    dvc move a b
    cat b.dvc
    dvc status
""")
case("import-unfreeze", f"""
    {ORIGIN}
    dvc import -q ../o a
    dvc unfreeze a.dvc
    {SECOND}
    dvc status
    dvc repro a.dvc
    cat a a.dvc
""")

# ---- more cases of `import` and `update`

case("import-symlinks", f"""
    {ORIGIN}
    dvc config cache.type symlink
    dvc import ../o d
    dvc import ../o a --rev v1
    dvc status
    dvc update d.dvc
""")
case("import-hardlinks", f"""
    {ORIGIN}
    dvc config cache.type hardlink
    dvc import ../o d
    stat -c %h d/x d/sub/s
""")
case("import-keeps-notes", f"""
    {BOTH}
    dvc import -q ../o a --rev v1
    sed -i 's/^  path: a$/  path: a\\n  desc: data\\n  type: model\\n  labels: [x, y]\\n  meta: {{k: 1}}/' a.dvc && sed -i '1i # mine' a.dvc && printf 'desc: about it\\nmeta:\\n  k: 2\\n' >> a.dvc
    dvc import ../o a -f
    cat a.dvc
""")
case("import-from-subrepo-directly", """
    cp -r . ../o && cd ../o && mkdir sub && cd sub && dvc init -q --subdir && echo n > n && dvc add -q n && git add -A && git commit -qm sub && rm n
    dvc import ../o/sub n
    dvc status
    cat n
""")
case("import-fetch-revisions", f"""
    {ORIGIN}
    dvc import -q ../o a && git add -A && git commit -qm a1
    {SECOND}
    dvc update -q a.dvc && git commit -qam a2
    rm -rf .dvc/cache a
    dvc fetch -A
    dvc fetch --all-branches
    dvc checkout
    cat a
""")
case("import-stage-output", """
    cp -r . ../o && cd ../o && printf 'stages:\\n  s:\\n    cmd: echo 1 > o; mkdir p; echo 2 > p/q\\n    outs: [o, p]\\n' > dvc.yaml && dvc repro -q && git add -A && git commit -qm s && rm -rf o p
    dvc import ../o o
    dvc import ../o p
    cat o p/q
""")
case("import-uncached-output", """
    cp -r . ../o && cd ../o && printf 'stages:\\n  s:\\n    cmd: echo 1 > m\\n    metrics: [{m: {cache: false}}]\\n' > dvc.yaml && dvc repro -q && git add -A && git commit -qm s
    dvc import ../o m
    dvc import ../o dvc.yaml -o y
    cat m
""")
case("import-spaces-and-letters", """
    cp -r . ../o && cd ../o && mkdir 'a b' && echo 1 > 'a b/ü' && echo 2 > 'c d' && dvc add -q 'a b' && git add -A && git commit -qm s
    dvc import ../o 'a b'
    dvc import ../o 'c d' -o 'e f'
    dvc status
""")
case("import-empty-directory", """
    cp -r . ../o && cd ../o && mkdir e && dvc add -q e && git add -A && git commit -qm s
    dvc import ../o e
    dvc status
""")
case("update-several", f"""
    {ORIGIN}
    dvc import -q ../o a && dvc import -q ../o d
    {SECOND}
  ~ dvc update a.dvc d.dvc
    dvc status
""")
case("import-diff", f"""
    {ORIGIN}
    dvc import -q ../o a && dvc import -q ../o d && git add -A && git commit -qm i
    {SECOND}
    dvc update -q a.dvc d.dvc
    dvc diff
    dvc data status --granular
""")

LFS = """mkdir ../l && cd ../l && git init -q && mkdir d && printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%s\\nsize 5\\n' \
2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 > d/in.bin && cp d/in.bin big.bin && cp d/in.bin plain \
&& echo '*.bin filter=lfs diff=lfs -text' > .gitattributes && echo 'big.bin -filter' > d/.gitattributes && cp d/in.bin d/big.bin \
&& git config filter.lfs.clean cat && git config filter.lfs.smudge cat && git add -A && git commit -qm l \
&& mkdir -p .git/lfs/objects/2c/f2 && printf hello > .git/lfs/objects/2c/f2/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"""

case("lfs-at-a-revision", f"""
    {LFS}
    dvc get ../l big.bin --rev HEAD
    dvc get ../l plain --rev HEAD
    dvc get ../l d --rev HEAD
    dvc import ../l d/in.bin --rev HEAD
    cat big.bin plain in.bin d/in.bin d/big.bin
    dvc list ../l --size --rev HEAD
""")
case("lfs-of-a-work-tree", f"""
    {LFS}
    dvc get ../l big.bin
    dvc import ../l d
    cat big.bin d/in.bin
""")

# ---- missing data of imports

case("repro-pull-brings-an-import", f"""
    {ORIGIN}
    dvc import -q ../o a
    dvc import -q ../o d -o imp
    rm -rf .dvc/cache a imp
  ? dvc repro --pull a.dvc
  ? dvc repro --pull imp.dvc
    cat a imp/x imp/sub/s
""", ignore=LISTINGS)
case("repro-pull-brings-an-import-that-a-stage-needs", f"""
    {ORIGIN}
    dvc import -q ../o a
    rm -rf .dvc/cache a
  ? dvc repro --pull
    cat out
""", files={"dvc.yaml": "stages:\n  s:\n    cmd: cat a > out\n    deps: [a]\n    outs: [out]\n"})
NO_LOCK = """
    {ORIGIN}
    dvc import -q ../o a
    dvc import -q ../o d -o imp
    sed -i /rev_lock/d a.dvc imp.dvc
    rm -rf .dvc/cache a imp
"""
case("pull-without-a-recorded-commit", f"""{NO_LOCK.replace("{ORIGIN}", ORIGIN)}
    dvc status
  ~ dvc pull
    cat a imp/x a.dvc
""", ignore=LISTINGS)
case("pull-without-a-recorded-commit-when-the-source-has-moved-on", f"""{NO_LOCK.replace("{ORIGIN}", ORIGIN)}
    {SECOND}
  ? dvc pull a.dvc
    cat a.dvc
""", ignore=LISTINGS)
