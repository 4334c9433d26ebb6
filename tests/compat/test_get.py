"""Copying data from other repositories and from plain paths: `get`, `get-url`, `list-url`."""

from harness import case
from harness.origin import BOTH, ORIGIN

case("get-file", f"""
    {BOTH}
    dvc get ../o a
    cat a
""")
case("get-outside-of-a-repository", f"""
    {BOTH}
    mkdir ../plain && cd ../plain && dvc get ../o a && dvc get ../o d
    find ../plain -type f | sort
""")
case("get-directory", f"""
    {BOTH}
    dvc get ../o d
    find d -type f | sort
""")
case("get-part-of-directory", f"""
    {BOTH}
    dvc get ../o d/sub -o s
    dvc get ../o d/x
    cat s/s x
""")
case("get-file-of-git", f"""
    {BOTH}
    dvc get ../o g/c
    dvc get ../o code
    dvc get ../o g
    cat c g/c && stat -c %a code
""")
case("get-rev-tag", f"""
    {BOTH}
    dvc get ../o a --rev v1
    dvc get ../o d --rev v1 -o d1
    dvc get ../o g/c --rev v1
    dvc get ../o d/z --rev v1
    cat a c && find d1 -type f | sort
""")
case("get-rev-other-names", f"""
    {BOTH}
    (cd ../o && git checkout -q -b side && git checkout -q master)
    dvc get ../o a --rev side -o a1
    dvc get ../o a --rev HEAD~1 -o a2
    dvc get ../o a --rev master -o a3
    (cd ../o && dvc get . a --rev $(git rev-parse --short v1) -o ../repo/a4 && dvc get . a --rev $(git rev-parse v2) -o ../repo/a5)
    cat a1 a2 a3 a4 a5
""")
case("get-unknown-rev", f"""
    {ORIGIN}
    dvc get ../o a --rev nosuch
""")
case("get-missing-path", f"""
    {ORIGIN}
    dvc get ../o nosuch
    dvc get ../o d/nosuch
    dvc get ../o nosuch --rev v1
""")
case("get-no-repository", """
    mkdir ../plain && echo 1 > ../plain/f
    dvc get ../plain f
    dvc get ../nosuch f
""")
case("get-exists", f"""
    {ORIGIN}
    echo mine > a && mkdir d
    dvc get ../o a
    dvc get ../o d
    dvc get ../o a -f
    cat a
""")
case("get-out-directory", f"""
    {ORIGIN}
    mkdir sub
    dvc get ../o a -o sub
    dvc get ../o a -o sub/deep/b
    dvc get ../o d --out sub
    find sub -type f | sort
""")
case("get-a-pointer", f"""
    {ORIGIN}
    dvc get ../o a.dvc
    dvc get ../o a -o x.dvc
""")
case("get-jobs", f"""
    {ORIGIN}
    dvc get ../o d -j 1
    dvc get ../o a --jobs 2
    cat d/x a
""")
case("get-show-url", f"""
    {BOTH}
    (cd ../o && dvc remote add -q -d r ../store)
    dvc get ../o a --show-url
    dvc get ../o d --show-url
    dvc get ../o d/x --show-url
    dvc get ../o a --show-url --rev v1
    dvc get ../o code --show-url
    dvc get ../o nosuch --show-url
""")
case("get-show-url-no-remote", f"""
    {ORIGIN}
    dvc get ../o a --show-url
""")
case("get-from-remote", f"""
    {BOTH}
    (cd ../o && dvc remote add -q -d r ../store && dvc push -q && git add -A && git commit -qm remote)
    rm -rf ../o/.dvc/cache ../o/a ../o/d
    dvc get ../o a
    dvc get ../o d
    cat a && find d -type f | sort
""")
case("get-remote-options", f"""
    {ORIGIN}
    (cd ../o && dvc remote add -q r ../store && dvc push -q -r r && git add -A && git commit -qm remote)
    rm -rf ../o/.dvc/cache ../o/a ../o/d
    dvc get ../o a
    dvc get ../o a --remote r
    dvc get ../o d --remote other --remote-config url=$PWD/../store
    cat a d/x
""")
case("get-config", f"""
    {ORIGIN}
    (cd ../o && dvc remote add -q r ../store && dvc push -q -r r && git add -A && git commit -qm remote)
    rm -rf ../o/.dvc/cache ../o/a ../o/d
    printf '[core]\\n    remote = s\\n[%sremote "s"%s]\\n    url = %s\\n' "'" "'" "$PWD/../store" > my.config
    dvc get ../o a --config my.config
    cat a
""")
case("get-data-nobody-has", f"""
    {ORIGIN}
    rm -rf ../o/.dvc/cache ../o/a ../o/d
    dvc get ../o a
    dvc get ../o d
""")
case("get-file-url", f"""
    {BOTH}
    dvc get file://$PWD/../o g/c
    dvc get file://$PWD/../o code --rev v1
    cat c code
""")
case("get-file-url-data", f"""
    {BOTH}
    (cd ../o && dvc remote add -q -d r $PWD/../store && dvc push -q && git add -A && git commit -qm remote)
    dvc get file://$(cd .. && pwd)/o a
    dvc get file://$(cd .. && pwd)/o d --rev master
    cat a && find d -type f | sort
""")
case("get-url-of-nothing", """
  ? dvc get file:///nosuch/repo a
""")
case("get-git-without-dvc", """
    git init -q ../g && cd ../g && mkdir s && echo 1 > f && echo 2 > s/t && git add -A && git commit -qm g && git tag v1 && echo 3 > f
    dvc get ../g f
    dvc get ../g f --rev v1 -o f1
    dvc get ../g s
    dvc get ../g nosuch
    cat f f1 s/t
""")
case("get-dirty-work-tree", f"""
    {ORIGIN}
    echo changed > ../o/a && echo more > ../o/d/more
    dvc get ../o a
    dvc get ../o d
    dvc get ../o a --rev HEAD -o old
    cat a old && find d -type f | sort
""")
case("get-stage-output", """
    cp -r . ../o && cd ../o && printf 'stages:\\n  s:\\n    cmd: echo 1 > o; mkdir p; echo 2 > p/q\\n    outs: [o, p]\\n' > dvc.yaml && dvc repro -q && git add -A && git commit -qm s && rm -rf o p
    dvc get ../o o
    dvc get ../o p
    cat o p/q
""")
case("get-subrepo", """
    cp -r . ../o && cd ../o && mkdir sub && cd sub && dvc init -q --subdir && echo n > n && dvc add -q n && git add -A && git commit -qm sub && rm n
    dvc get ../o sub/n
    dvc get ../o sub
    cat n && find sub -type f | sort
""")
case("get-subrepo-directly", """
    cp -r . ../o && cd ../o && mkdir sub && cd sub && dvc init -q --subdir && echo n > n && dvc add -q n && git add -A && git commit -qm sub && rm n
    dvc get ../o/sub n
    dvc get ../o/sub n --rev HEAD -o n2
    cat n n2
""")
case("get-mixed-directory", """
    cp -r . ../o && cd ../o && mkdir m && echo git > m/g && echo data > m/x && dvc add -q m/x && git add -A && git commit -qm m && rm m/x
    dvc get ../o m
    dvc get ../o m --rev HEAD -o m2
    find m m2 -type f | sort
""")
case("get-legacy", """
    cp -r . ../o && cd ../o && printf 'a\\n' > w && m=60b725f10c9c85c70d97880dfe8191b3 && mkdir -p .dvc/cache/60 && cp w .dvc/cache/60/b725f10c9c85c70d97880dfe8191b3 && printf 'outs:\\n- md5: %s\\n  size: 2\\n  path: w\\n' $m > w.dvc && echo /w > .gitignore && git add -A && git commit -qm old && rm w
    dvc get ../o w
    cat w
""", ignore=(r"o/\.dvc/cache/",))  # DVC does not make the object that it reads read-only

# ---- get-url

case("get-url-file", """
    echo 1 > ../f
    dvc get-url ../f
    dvc get-url $PWD/../f g
    dvc get-url ../f
    dvc get-url ../f -f
    cat f g
""")
case("get-url-directory", """
    mkdir -p ../t/s && echo 1 > ../t/a && echo 2 > ../t/s/b
    dvc get-url ../t
    dvc get-url ../t u -j 2
    dvc get-url ../t
    find t u -type f | sort
""")
case("get-url-missing", """
    dvc get-url ../nosuch
    dvc get-url /no/such/file x
""")
case("get-url-into-directory", """
    echo 1 > ../f && mkdir sub
    dvc get-url ../f sub
    dvc get-url ../f sub/deep/g
    find sub -type f
""")
case("get-url-remote", """
    mkdir ../store && echo 1 > ../store/f && dvc remote add -q r ../store
    dvc get-url remote://r/f
    dvc get-url remote://nosuch/f
    cat f
""")
case("get-url-scheme", """
  ? dvc get-url nosuch://bucket/f
""")
case("get-url-fs-config", """
    echo 1 > ../f
    dvc get-url ../f --fs-config jobs=2
    cat f
""")

# ---- list-url

TREE = "mkdir -p ../t/s/u && echo 1 > ../t/a && printf '%2000s' > ../t/s/b && echo 3 > ../t/s/u/c"
case("list-url", f"""
    {TREE}
  ~ dvc list-url ../t
  ~ dvc ls-url ../t/s
    dvc list-url ../t/a
""")
case("list-url-recursive", f"""
    {TREE}
  ~ dvc list-url ../t -R
  ~ dvc list-url ../t --recursive --level 2
  ~ dvc list-url ../t -R -L 1
    dvc list-url ../t -R -L 0
""")
case("list-url-tree", f"""
    {TREE}
    dvc list-url ../t -T
    dvc list-url ../t --tree -L 1
    dvc list-url ../t -T --size
""", on_disk=True)
case("list-url-size", f"""
    {TREE}
  ~ dvc list-url ../t/s/u --size
    dvc list-url ../t/s/b --size
""")
case("list-url-missing", """
    dvc list-url ../nosuch
    dvc list-url ../nosuch -T
""")
case("list-url-outside", """
    mkdir -p ../plain/x && echo 1 > ../plain/x/f && cd ../plain && dvc list-url x && dvc list-url $PWD/x
""")
case("list-url-remote", """
    mkdir ../store && echo 1 > ../store/f && dvc remote add -q r ../store
    dvc list-url remote://r
    dvc list-url remote://nosuch/
""")
case("list-url-fs-config", f"""
    {TREE}
    dvc list-url ../t/s/u --fs-config jobs=1
""")

# ---- a directory with files of Git and of DVC, as in the work tree of a local repository

MIXED = f"""
    {ORIGIN} && mkdir -p mix/sub && echo g > mix/git && echo v > mix/data && echo s > mix/sub/s && echo t > mix/sub/t && dvc add -q mix/data mix/sub && git add -A && git commit -qm mix
"""
case("get-mixed-directory-of-a-work-tree", f"""{MIXED}
    dvc get ../o mix
    head mix/* mix/sub/* 2>/dev/null
    rm -rf mix ../o/mix/data ../o/mix/sub
    dvc get ../o mix
    find mix -type f | sort
""")
case("get-mixed-directory-of-a-changed-work-tree", f"""{MIXED}
    echo changed > ../o/mix/data && echo new > ../o/mix/sub/u && rm ../o/mix/sub/s
    dvc get ../o mix
    find mix -type f | sort && cat mix/data
""")

# An absolute path names an output outside of the repository; for `list` and `import` "/" is the root.
case("get-absolute-path", """
    mkdir -p d s; echo x > d/x; echo y > y; dvc add -q d y; git add -A; git commit -qm x
  - dvc get . "$PWD/y" -o a1
    dvc get . /y -o a2
    dvc get . /d/x -o a3
    dvc get . /nosuch
    dvc get . /etc/hostname -o a4
    dvc get . //y -o a5
    dvc get --rev HEAD . /y -o a6
    dvc get . /y --show-url
    dvc get . ../y -o b1
    dvc get . ../../d -o b2
    dvc list . /d
    dvc list . ../d
    dvc list --rev HEAD . /d
    dvc import . /y -o c1
    dvc import . "$PWD/y" -o c2
    cat c1.dvc | grep path
    cd s
    dvc get .. /y -o e1
    dvc get .. ../../y -o e2
    dvc list .. ../../d
""")
