"""The contents of other repositories: `list` and `du` of Git URLs, local paths and revisions."""

from harness import case
from harness.origin import BOTH, ORIGIN

case("list-local", f"""
    {BOTH}
    dvc list ../o
    dvc ls ../o d
    dvc list ../o d/x
    dvc list ../o a
    (cd ../o && dvc list . d/sub)
""")
case("list-recursive", f"""
    {BOTH}
    dvc list -R ../o
    dvc list --recursive ../o d
    dvc list -R -L 1 ../o
    dvc list -R --level 2 ../o
""")
case("list-tree", f"""
    {BOTH}
    dvc list -T ../o
    dvc list --tree ../o d -L 1
    dvc list -T ../o --size
    dvc list -T ../o --show-hash
""", on_disk=True)
case("list-rev", f"""
    {BOTH}
    dvc list ../o --rev v1
    dvc list ../o d --rev v1
    dvc list -R ../o --rev v1
    dvc list -T ../o d --rev v2
    dvc list ../o --rev nosuch
""")
case("list-size-and-hash", f"""
    {BOTH}
    dvc list ../o --size
    dvc list ../o --show-hash
    dvc list ../o d --size --show-hash
    dvc list ../o d --size --show-hash --rev v1
    dvc list ../o a --show-hash
""", on_disk=True)
case("list-json", f"""
    {BOTH}
    dvc list ../o --json
    dvc list ../o d --json
    dvc list -R ../o --json --rev v1
    dvc list -T ../o --json
""", on_disk=True)
case("list-dvc-only", f"""
    {BOTH}
    dvc list ../o --dvc-only
    dvc list -R ../o --dvc-only
    dvc list -T ../o --dvc-only --rev v1
""")
case("list-missing", f"""
    {ORIGIN}
    dvc list ../o nosuch
    dvc list ../o d/nosuch
    dvc list ../o nosuch --rev v1
  ? dvc list ../nosuch
    mkdir ../plain && dvc list ../plain
""", adjust=lambda seen: [s.update(stderr=s["stderr"][:1]) for s in seen["steps"] if s.get("stderr")])
case("list-file-url", f"""
    {BOTH}
    dvc list file://$(cd .. && pwd)/o
  ? dvc list file://$(cd .. && pwd)/o d
  ? dvc list -R file://$(cd .. && pwd)/o --rev v1
    dvc list file://$(cd .. && pwd)/o g --size
    dvc list file://$(cd .. && pwd)/o --json
""")
case("list-unreachable", """
  ? dvc list file:///nosuch/repo
  ? dvc list https://127.0.0.1:9/x.git
""")
case("list-git-without-dvc", """
    git init -q ../g && cd ../g && mkdir s && echo 1 > f && echo 2 > s/t && ln -s f l && git add -A && git commit -qm g && git tag v1 && echo 3 > f && echo u > untracked
    dvc list ../g
    dvc list ../g s
    dvc list -R ../g
    dvc list -T ../g
    dvc list ../g --rev v1
    dvc list file://$(cd .. && pwd)/g
    dvc list ../g --json
    dvc list ../g --dvc-only
    (cd ../g && dvc list .)
    (cd ../g/s && dvc list .)
""", on_disk=True)
case("list-remote-options", f"""
    {ORIGIN}
    (cd ../o && dvc remote add -q r ../store && dvc push -q -r r && git add -A && git commit -qm remote && rm -rf .dvc/cache a d)
    dvc list ../o d --remote r
    dvc list ../o d --remote s --remote-config url=$(cd .. && pwd)/store
    printf '[core]\\n    remote = s\\n[%sremote "s"%s]\\n    url = %s\\n' "'" "'" "$(cd .. && pwd)/store" > my.config
    dvc list ../o d --config my.config
""")
case("list-what-nobody-has", f"""
    {ORIGIN}
    rm -rf ../o/.dvc/cache ../o/a ../o/d
    dvc list ../o
  ? dvc list ../o d
""")
case("list-subrepo", """
    cp -r . ../o && cd ../o && mkdir sub && cd sub && dvc init -q --subdir && echo n > n && dvc add -q n && git add -A && git commit -qm sub && rm n
    dvc list ../o
    dvc list ../o sub
    dvc list -R ../o
    dvc list ../o/sub
    dvc list ../o/sub --rev HEAD
    dvc list ../o sub --rev HEAD
""")
case("list-import", f"""
    {BOTH}
    dvc import -q ../o a && dvc import -q ../o d && git add -A && git commit -qm i
    dvc list .
    dvc list . d
    rm -rf .dvc/cache a d
    dvc list . d
    dvc list . --show-hash
""")
case("du-local", f"""
    {BOTH}
  ~ dvc du ../o d
    dvc du ../o d/x
    dvc du ../o a
    dvc du ../o d -s
    dvc du ../o d --summarize --rev v1
  ~ dvc du ../o g
    dvc du ../o nosuch
""")
case("du-rev", f"""
    {BOTH}
    dvc du ../o a --rev v1
  ~ dvc du ../o d --rev v1
    dvc du ../o nosuch --rev v1
    dvc du ../o a --rev nosuch
""")
case("du-file-url", f"""
    {BOTH}
    dvc du file://$(cd .. && pwd)/o g
    dvc du file://$(cd .. && pwd)/o a
    dvc du file://$(cd .. && pwd)/o code --rev v1
""")
case("du-own", f"""
    mkdir d && echo 1 > d/a && printf '%5000s' > d/b && dvc add -q d && git add -A && git commit -qm d
  ~ dvc du . d
    dvc du . d -s
    (cd d && dvc du . d/b)
    dvc du . d --rev HEAD
""")
case("du-remote-options", f"""
    {ORIGIN}
    (cd ../o && dvc remote add -q r ../store && dvc push -q -r r && git add -A && git commit -qm remote && rm -rf .dvc/cache a d)
    dvc du ../o d --remote r
    dvc du ../o d --remote s --remote-config url=$(cd .. && pwd)/store
    printf '[core]\\n    remote = s\\n[%sremote "s"%s]\\n    url = %s\\n' "'" "'" "$(cd .. && pwd)/store" > my.config
    dvc du ../o d --config my.config
""")
case("du-git-without-dvc", """
    git init -q ../g && cd ../g && mkdir s && echo 1 > f && echo 22 > s/t && git add -A && git commit -qm g
  ~ dvc du ../g
    dvc du ../g s
    dvc du ../g -s
    dvc du --rev HEAD ../g s
""")
case("list-dvc-only-where-only-git-has-files", """
    mkdir -p code/deep data; echo 1 > code/f; echo 2 > code/deep/g; echo 1 > data/x
    dvc add -q data/x; git add -A; git commit -qm one
    dvc list . code --dvc-only
    dvc list . code --dvc-only -R
    dvc list . code/deep --dvc-only
    dvc list . code/f --dvc-only
    dvc list . nosuch --dvc-only
    dvc list . code --dvc-only --json
    dvc list . code --dvc-only --tree
    dvc list . data --dvc-only
    dvc list . code --dvc-only --rev HEAD
""")
case("list-links", """
    mkdir -p code/deep; echo 1 > code/f; echo 2 > code/deep/g
    ln -s nowhere broken; ln -s code/f good; ln -s code dir
    git add -A; git commit -qm links
    dvc list . --size
    dvc list . --json --size
    dvc list . -R
    dvc list . --tree
    dvc list . dir
    dvc list . dir/deep
    dvc list . good
    dvc list . broken
    dvc list . --size --rev HEAD
    dvc list . --json --rev HEAD
    dvc list . -R --rev HEAD
    dvc list . dir --rev HEAD
""", on_disk=True)
