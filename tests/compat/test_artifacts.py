"""`artifacts get`: a model by its name, at the version or stage that a tag names."""

from harness import case

# Three versions of a model, a stage, and an artifact in a sub-directory.
MODELS = """cp -r . ../o && cd ../o && mkdir sub && echo 1 > m && echo n > sub/n && dvc add -q m && printf 'artifacts:\\n  model:\\n    path: m\\n    type: model\\n' > dvc.yaml && printf 'artifacts:\\n  other:\\n    path: n\\n' > sub/dvc.yaml && git add -A && git commit -qm one && git tag -am v model@v1.0.0 && git tag -am v sub=other@v1.0.0"""
MORE = """(cd ../o && echo 2 > m && dvc add -q m && git commit -qam two && git tag -am v model@v1.10.0 && git tag -am s 'model#dev#1' \
&& echo 3 > m && dvc add -q m && git commit -qam three && git tag -am v model@v1.9.0 && git tag -am s 'model#prod#2')"""
ALL = f"""
    {MODELS}
    {MORE}
"""

case("artifacts-get", f"""
    {ALL}
    dvc artifacts get ../o model
    cat m
""")
case("artifacts-get-rev", f"""
    {ALL}
    dvc artifacts get ../o model --rev v1.0.0
    cat m
    dvc artifacts get ../o model --rev v1.9.0 -f
    cat m
    dvc artifacts get ../o model --rev v2.0.0 -o x
""")
case("artifacts-get-stage", f"""
    {ALL}
    dvc artifacts get ../o model --stage dev
    dvc artifacts get ../o model --stage prod -o p
    cat m p
    dvc artifacts get ../o model --stage nosuch -o x
    dvc artifacts get ../o model --stage dev --rev v1.0.0
""")
case("artifacts-get-out", f"""
    {ALL}
    mkdir d
    dvc artifacts get ../o model -o d
    dvc artifacts get ../o model --out x
    dvc artifacts get ../o model -o x
    dvc artifacts get ../o model -o x --force -j 2
    cat d/m x
""")
case("artifacts-get-unknown", f"""
    {MODELS}
    dvc artifacts get ../o nosuch
  ? dvc artifacts get ../nosuch model
""")
case("artifacts-get-no-tags", """
    cp -r . ../o && cd ../o && echo 1 > m && dvc add -q m && printf 'artifacts:\\n  model:\\n    path: m\\n' > dvc.yaml && git add -A && git commit -qm one
    dvc artifacts get ../o model
""")
case("artifacts-get-tag-without-entry", f"""
    {MODELS}
    (cd ../o && git tag -am v ghost@v1.0.0)
    dvc artifacts get ../o ghost
""")
case("artifacts-get-below", f"""
    {MODELS}
    dvc artifacts get ../o sub:other
    dvc artifacts get ../o sub/dvc.yaml:other -o x
    cat n x
""")
case("artifacts-get-show-url", f"""
    {ALL}
    (cd ../o && dvc remote add -q -d r ../store && git commit -qam r)
    dvc artifacts get ../o model --show-url
    dvc artifacts get ../o model --show-url --rev v1.0.0
    dvc artifacts get ../o model --show-url --stage dev
    dvc artifacts get ../o nosuch --show-url
""")
case("artifacts-get-options", f"""
    {MODELS}
    (cd ../o && dvc remote add -q r ../store && dvc push -q -r r && rm -rf .dvc/cache m)
    dvc artifacts get ../o model --remote r
    dvc artifacts get ../o model -f --remote s --remote-config url=$(cd .. && pwd)/store
    printf '[core]\\n    remote = s\\n[%sremote "s"%s]\\n    url = %s\\n' "'" "'" "$(cd .. && pwd)/store" > my.config
    dvc artifacts get ../o model -f --config my.config
    cat m
""")
case("artifacts-get-unregistered", f"""
    {ALL}
    (cd ../o && git tag -am d model@v1.10.0! v1.9.0 2>/dev/null || git tag -am d 'model@v1.10.0!' HEAD)
    dvc artifacts get ../o model
    cat m
""")
case("artifacts-get-file-url", f"""
    {MODELS}
    dvc artifacts get file://$(cd .. && pwd)/o sub:other
    cat n
""")
