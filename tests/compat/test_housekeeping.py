"""destroy, unprotect, move, remove, check-ignore, completion: each option."""

from harness import case

DATA = "echo a > a && mkdir -p d/sub && echo x > d/x && echo s > d/sub/s && dvc add -q a d"
STAGES = {"dvc.yaml": "stages:\n  s:\n    cmd: echo 1 > o\n    outs: [o]\n  t:\n    cmd: cp o p\n    deps: [o]\n    outs: [p]\n"}
IGNORE = {".dvcignore": "# words\n*.tmp\n!keep.tmp\n/build/\nsub/*.log\n", "sub/.dvcignore": "*.bak\n"}

case("check-ignore-plain", """
    dvc check-ignore a.tmp
    dvc check-ignore a.txt
    dvc check-ignore a.tmp a.txt keep.tmp b.tmp
    dvc check-ignore .git .dvc .hg
    mkdir build
    dvc check-ignore build build/x sub/x.log sub/x.bak x.bak
    dvc check-ignore -q a.tmp
    dvc check-ignore -q a.txt
""", files=IGNORE)
case("check-ignore-details", """
    dvc check-ignore -d a.tmp
    dvc check-ignore -d keep.tmp
    dvc check-ignore -d a.txt
    dvc check-ignore --details -n a.txt a.tmp
    dvc check-ignore -d --non-matching a.txt
    dvc check-ignore -d -a keep.tmp
    dvc check-ignore -d sub/x.bak sub/x.log .git
""", files=IGNORE)
case("check-ignore-stdin", """
    printf 'a.tmp\\nb.txt\\nkeep.tmp\\n' | dvc check-ignore --stdin
    printf 'a.tmp\\nb.txt\\nkeep.tmp\\n' | dvc check-ignore --stdin -d
    printf 'a.tmp\\nb.txt\\nkeep.tmp\\n' | dvc check-ignore --stdin -d -n
    printf 'b.txt\\n' | dvc check-ignore --stdin
    printf 'b.txt\\n\\na.tmp\\n' | dvc check-ignore --stdin
    dvc check-ignore --stdin </dev/null
""", files=IGNORE)
case("check-ignore-wrong-options", """
    dvc check-ignore
    dvc check-ignore --stdin x
    dvc check-ignore -n x
    dvc check-ignore -a x
    dvc check-ignore -q -d x
""")
case("check-ignore-in-subdirectory", """
    mkdir -p sub/deep
    cd sub
    dvc check-ignore x.log deep/x.log x.bak deep/y.bak ../z.tmp
    dvc check-ignore -d x.bak ../z.tmp
""", files=IGNORE)
case("completion", """
  ? dvc completion
  ? dvc completion -s bash
  ? dvc completion --shell zsh
  ? dvc completion -s nosuch
""")

case("destroy-answers", f"""
    {DATA}
    echo n | dvc destroy
    ls -A
    echo y | dvc destroy
    ls -A
""")
case("destroy-with-links", f"""
    dvc config cache.type symlink
    {DATA}
    dvc destroy -f && cat a d/x d/sub/s
    stat -c '%F %a' a d/x
""")
case("destroy-nested-files", f"""
    {DATA}
    mkdir -p sub && cd sub && echo 1 > b && dvc add -q b && printf 'stages:\\n  s:\\n    cmd: echo\\n' > dvc.yaml
    dvc destroy --force
    find . -name '*.dvc' -o -name 'dvc.*' -o -name .dvcignore
""")
case("destroy-cache-elsewhere", f"""
    dvc cache dir ../cache
    {DATA}
    dvc destroy -f
    ls -A
    find ../cache -type f
""")
case("destroy-in-subdirectory", f"""
    {DATA}
    mkdir sub
    cd sub
    dvc destroy -f
""")

case("unprotect-hardlinks", f"""
    dvc config cache.type hardlink
    {DATA}
    dvc unprotect a d && stat -c '%a %h %n' a d/x d/sub/s
    dvc status
    echo more >> a
    dvc status
    dvc checkout -f a && stat -c '%a %h %n' a
""")
case("unprotect-part", f"""
    dvc config cache.type symlink
    {DATA}
    dvc unprotect d/sub && stat -c '%F %n' d/x d/sub/s
    dvc unprotect d/x nosuch a
    dvc status; stat -c '%F %n' a d/x
""")
case("unprotect-untracked", """
    echo 1 > x && chmod 444 x
    dvc unprotect x && stat -c %a x
    dvc unprotect
""")

case("move-renames", f"""
    {DATA}
    git add -A && git commit -qm data
    dvc move a b
    dvc move d e
    git status --short
    dvc status
    cat .gitignore
""")
case("move-and-back", f"""
    {DATA}
    dvc move -q a b
    dvc move b a
    cat a.dvc .gitignore
    dvc status
""")
case("move-refusals", f"""
    {DATA}
    dvc move a
    dvc move x y
    dvc move d/x z
    echo 1 > b && dvc add -q b
    dvc move a b
    dvc move a ../outside
    dvc move a nosuch/deep
    ls
""")
case("move-keeps-what-was-added", """
    echo a > a && dvc add -q a --desc words && printf 'meta:\\n  owner: me\\n' >> a.dvc
    dvc move a b
    cat b.dvc
""" .replace("--desc words ", ""), values=("b.dvc",))
case("move-links", f"""
    dvc config cache.type symlink
    {DATA}
    dvc move a b
    dvc move d sub-d
    dvc status; readlink b sub-d/x | sed 's/.*cache/cache/'
""")
case("move-autostage", f"""
    {DATA}
    git add -A && git commit -qm data
    dvc config core.autostage true
    dvc move a b
    git status --short
""")
case("move-with-other-dvc-file", """
    echo a > a && dvc add -q a && mv a.dvc other.dvc
    dvc move a b
    cat other.dvc
    dvc status
""", values=("other.dvc",))
case("move-from-subdirectory", f"""
    {DATA}
    mkdir sub
    cd sub
    dvc move ../a b
    cat b.dvc .gitignore
    dvc status
""")

case("remove-outs", f"""
    {DATA}
    dvc remove a.dvc d.dvc --outs
    ls -A
    dvc status
""")
case("remove-without-outs", f"""
    {DATA}
    dvc remove a.dvc
    dvc remove d.dvc
    ls -A
""")
case("remove-stage", """
    dvc repro -q
    dvc remove t
    cat dvc.lock
    dvc remove s --outs
    ls -A
""", files=STAGES, values=("dvc.yaml",))
case("remove-all-of-a-file", """
    dvc repro -q
    dvc remove dvc.yaml
    ls -A
""", files=STAGES)
case("remove-refusals", f"""
    {DATA}
    dvc remove
    dvc remove a
    dvc remove a.dvc nosuch
    dvc remove nosuch.dvc
    dvc remove d.dvc a.dvc
    ls -A
""")
case("remove-alias", f"""
    {DATA}
    dvc rm a.dvc
    ls -A
""")
case("remove-autostage", f"""
    {DATA}
    git add -A && git commit -qm data
    dvc config core.autostage true
    dvc remove a.dvc
    git status --short
""")
case("remove-changed-outs", f"""
    {DATA}
    echo changed > a
    dvc remove a.dvc --outs
    ls -A
""")
case("move-into-tracked-directory", """
    mkdir -p d/sub
    echo a > d/a; echo foo > foo
    dvc add -q d foo
    dvc move foo d
    dvc move foo d/bar
    dvc move foo d/sub
    dvc move d d/x
    dvc move d d/sub
    ls . d
    dvc move foo foo2
""", start="noscm")
