"""Link types and their fall-back, shared caches, and the modes of all files."""

import pytest
from harness import case

DATA = "echo a > a && mkdir -p d/sub && echo x > d/x && echo s > d/sub/s && : > d/empty && dvc add -q a d"
MODES = "find .dvc/cache ../store ../cache a d -printf '%m %y %p\\n' 2>/dev/null | grep -v tmp | sort -k3"
LINKS = "stat -c '%F %a %h %n' a d d/x d/sub/s d/empty"

case("shared-group", f"""
    dvc config cache.shared group
    {DATA}
    dvc status; {MODES}
    rm -rf a d
    dvc checkout -q; {MODES}
""")
case("shared-group-with-a-strict-umask", f"""
    dvc config cache.shared group
    umask 077; {DATA}; {MODES}
    rm -rf a d
    umask 077; dvc checkout -q; {MODES}
""")
case("shared-group-elsewhere", f"""
    dvc config cache.shared group
    dvc cache dir ../cache
    {DATA}
    dvc status; {MODES}
    dvc config cache.type symlink
    dvc checkout --relink
    dvc status; {MODES}
    dvc unprotect a d
    dvc status; {LINKS}
""")
case("shared-remote", f"""
    dvc remote add -q -d r ../store && dvc remote modify r shared group
    {DATA}
    dvc push
    dvc status; {MODES}
""")
case("shared-cache-existing-directory", f"""
    mkdir -p ../cache/files/md5/60 && chmod 755 ../cache ../cache/files
    dvc cache dir ../cache && dvc config cache.shared group
    {DATA}
    dvc status; {MODES}
""")
case("strict-umask", f"""
    umask 077; {DATA}; {MODES}
    rm -rf a d
    umask 077; dvc checkout -q; {MODES}
""")
for kind in ("reflink", "hardlink", "symlink", "copy", "reflink,copy", "hardlink,symlink", "symlink,hardlink", "reflink,symlink",
             "reflink,hardlink,copy"):
    if kind == "reflink":
        continue
    case(f"type-{kind.replace(',', '-')}", f"""
    dvc config cache.type {kind}
    {DATA}
    dvc status; {LINKS}
    rm -rf a d
    dvc checkout
    dvc status; {LINKS}
    echo y > d/y
    dvc add d
    dvc status; {LINKS}
    """)
case("type-unknown", """
    dvc config cache.type softlink
    dvc config cache.type hardlink,softlink
    dvc config cache.type ''
    cat .dvc/config
""")
case("type-changes", f"""
    {DATA}
    for kind in hardlink symlink copy; do dvc config cache.type $kind; dvc checkout --relink; {LINKS}; done
    dvc status
""")
case("slow-link-warning", f"""
    dvc config cache.slow_link_warning false
    dvc config cache.slow_link_warning
    {DATA}
    dvc config cache.slow_link_warning true
    rm -rf a d
    dvc checkout -q
    dvc config cache.slow_link_warning maybe
""")
case("protected-is-obsolete", f"""
    dvc config cache.protected true
    {DATA}
    dvc status; {LINKS}
""")
case("symlink-to-a-cache-elsewhere", f"""
    dvc cache dir ../cache && dvc config cache.type symlink
    {DATA}
    dvc status; readlink a d/x
    mv ../cache ../moved
  ~ dvc status
    mv ../moved ../cache
    dvc status
""")
case("hardlink-of-executable", """
    dvc config cache.type hardlink
    printf '#!/bin/sh\\n' > x && chmod +x x && dvc add -q x
    dvc status; stat -c '%a %h' x
    rm x
    dvc checkout
    dvc status; stat -c '%a %h' x
    dvc unprotect x
    dvc status; stat -c '%a %h' x
""")


@pytest.mark.live
@pytest.mark.parametrize("kind", ["hardlink", "symlink"])
def test_links_stay_links_for_both(two_tools, kind):
    box = two_tools
    box.use(box.cairn).check(f"dvc config cache.type {kind} && dvc config cache.shared group && {DATA}")
    box.use(box.real).check("dvc status | grep 'up to date' && rm -rf a d && dvc checkout -q")
    before = box.check(LINKS).out
    box.use(box.cairn).check("dvc status | grep 'up to date' && dvc checkout -q")
    assert box.check(LINKS).out == before
for first in ("hardlink", "symlink"):
    for command in ("add a d", "add d/x", "commit", "commit -f"):
        case(f"{first}-to-copy-{command.replace(' ', '-').replace('/', '-')}", f"""
    dvc config cache.type {first}
    {DATA}
    dvc config cache.type copy
    dvc {command}
    {LINKS}
        """)
case("own-hard-link-is-separated-by-add", """
    echo a > a && ln a b
    dvc add -q a
    stat -c '%h %n' a b
""")

MOVED = f"dvc cache dir ../cache && dvc config cache.type symlink && {DATA} && git add -A && git commit -qm data && mv ../cache ../moved && dvc cache dir ../moved"
LEAD = "readlink a d/x d/sub/s"
for command in ("checkout", "checkout -f", "checkout --relink", "checkout d.dvc --summary"):
    case(f"moved-cache-{command.replace(' ', '')}", f"""
    {MOVED}
  ~ dvc {command}
    {LEAD}
    dvc status d.dvc
    """)
case("moved-cache-is-looked-at", f"""
    {MOVED}
  = dvc data status --json
  = dvc data status --granular --json
  = dvc diff --json
""")
