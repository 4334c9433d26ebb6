"""Repositories and caches of DVC 2.x: entries without `hash`, objects directly below the cache's root."""

import hashlib
import json

import pytest
from harness import case

TEXT, BINARY = b"one\r\ntwo\r\n", b"\x00\x01\r\n\x02"
TREE = {"a": b"a\r\n", "s/b": b"b\n", "s/bin": BINARY + b"3"}
ORPHAN_LISTINGS = (r"\.dvc/cache/../.*\.dir",)  # DVC stores the listing of a directory that it only compares with


def old_md5(data):
    return hashlib.md5(data if b"\0" in data else data.replace(b"\r\n", b"\n")).hexdigest()


def objects(root, *contents):
    return {f"{root}/{old_md5(c)[:2]}/{old_md5(c)[2:]}": c for c in contents}


def listing(tree):
    return json.dumps([{"md5": old_md5(c), "relpath": p} for p, c in sorted(tree.items())]).encode()


def directory(root, tree):
    name = hashlib.md5(listing(tree)).hexdigest()
    return {f"{root}/{name[:2]}/{name[2:]}.dir": listing(tree), **objects(root, *tree.values())}


DIR = hashlib.md5(listing(TREE)).hexdigest() + ".dir"
SIZE = sum(map(len, TREE.values()))
POINTERS = {
    "t.dvc": f"outs:\n- md5: {old_md5(TEXT)}\n  size: {len(TEXT)}\n  path: t\n",
    "b.dvc": f"outs:\n- md5: {old_md5(BINARY)}\n  size: {len(BINARY)}\n  path: b\n",
    "d.dvc": f"outs:\n- md5: {DIR}\n  size: {SIZE}\n  nfiles: 3\n  path: d\n",
    ".gitignore": "/t\n/b\n/d\n",
}
CACHE = {**objects(".dvc/cache", TEXT, BINARY), **directory(".dvc/cache", TREE)}
WORKSPACE = {"t": TEXT, "b": BINARY, **{"d/" + p: c for p, c in TREE.items()}}
STORE = {**objects("../store", TEXT, BINARY), **directory("../store", TREE)}
ALL = {**POINTERS, **CACHE, **WORKSPACE}
PIPELINE = {
    "dvc.yaml": "stages:\n  s:\n    cmd: cp dep o\n    deps: [dep]\n    outs: [o]\n",
    "dvc.lock": "schema: '2.0'\nstages:\n  s:\n    cmd: cp dep o\n    deps:\n    - path: dep\n"
                f"      md5: {old_md5(TEXT)}\n      size: {len(TEXT)}\n    outs:\n    - path: o\n"
                f"      md5: {old_md5(TEXT)}\n      size: {len(TEXT)}\n",
    "dep": TEXT, "o": TEXT, ".gitignore": "/o\n", **objects(".dvc/cache", TEXT),
}
PROTECT = "chmod -R a-w .dvc/cache && find .dvc/cache -type d -exec chmod u+w {} +"

case("legacy-status", f"""
    {PROTECT}
    dvc status
    dvc data status
    printf 'one\\ntwo\\n' > t
    dvc status
    printf 'three' > t
    echo new > d/new
  ~ dvc status
  ~ dvc data status --granular
    dvc diff
""", files=ALL, ignore=ORPHAN_LISTINGS)
case("legacy-checkout", f"""
    {PROTECT}
  ~ dvc checkout
    dvc status
""", files={**POINTERS, **CACHE})
case("legacy-checkout-part", f"""
    {PROTECT}
    dvc checkout d/s
    find d -type f
""", files={**POINTERS, **CACHE})
case("legacy-checkout-links", f"""
    {PROTECT}
    dvc config cache.type hardlink
    dvc checkout -q
    stat -c '%h %a %n' t b d/a
    dvc config cache.type symlink
    dvc checkout --relink
    readlink t d/a
    dvc config cache.type copy
    dvc checkout --relink
    dvc unprotect t
""", files={**POINTERS, **CACHE})
case("legacy-commit-unchanged", f"""
    {PROTECT}
    dvc commit
    dvc commit -f
    dvc add t
    cat t.dvc d.dvc
""", files=ALL)
case("legacy-commit-changed", f"""
    {PROTECT}
    echo more >> t
    echo more > d/more
    dvc commit -f
    cat t.dvc d.dvc b.dvc
    dvc status
""", files=ALL, ignore=ORPHAN_LISTINGS)
case("legacy-commit-lost-cache", """
    dvc commit
    dvc status
""", files={**POINTERS, **WORKSPACE})
case("legacy-add-changed", f"""
    {PROTECT}
    echo more >> t
    echo more > d/more
    dvc add -q t d
    cat t.dvc d.dvc
""", files=ALL, ignore=ORPHAN_LISTINGS)
case("legacy-comment-kept", """
    dvc add -q t
    cat t.dvc
""", files={"t": b"changed\n", "t.dvc": "# why\n" + POINTERS["t.dvc"] + "  desc: first  # words\nmeta:\n  owner: [a, b]\n"})
case("legacy-push", f"""
    {PROTECT}
    dvc remote add -q -d r ../store
  ~ dvc status -c
    dvc push
    dvc push
    dvc status -c
    cd ../store
    find . -type f | sort
""", files=ALL)
case("legacy-fetch", """
    chmod -R a-w ../store && find ../store -type d -exec chmod u+w {} +
    dvc remote add -q -d r ../store
    dvc fetch
    dvc pull
    dvc status
    find .dvc/cache -type f | sort
""", files={**POINTERS, **STORE})
case("legacy-push-after-change", f"""
    {PROTECT}
    dvc remote add -q -d r ../store
    dvc push -q
    echo more >> t
    dvc commit -q -f
    dvc push
    cd ../store
    find . -type f | sort
""", files=ALL)
case("legacy-move", f"""
    {PROTECT}
    dvc move t u
    cat u.dvc
    dvc status
""", files=ALL, values=("u.dvc",))
case("legacy-remove", f"""
    {PROTECT}
    dvc remove t.dvc --outs
    ls
""", files=ALL)
case("legacy-list", f"""
    {PROTECT}
    git add -A && git commit -qm data
    dvc list . -R --dvc-only
""", files=ALL)
case("legacy-pipeline", f"""
    {PROTECT}
    dvc status
    dvc repro
    echo x >> dep
    dvc repro
    cat dvc.lock
    dvc status
""", files=PIPELINE)
case("legacy-pipeline-commit", f"""
    {PROTECT}
    dvc commit
    cat dvc.lock
    echo x > dep
    dvc commit -f
    cat dvc.lock
""", files=PIPELINE)
case("legacy-gc", f"""
    {PROTECT}
    rm b.dvc t.dvc
    dvc gc -w -f
    find .dvc/cache -type f | sort
""", files=ALL)
case("migrate-nothing", """
    dvc cache migrate --dry
    dvc cache migrate
    dvc cache migrate --dvc-files
    dvc cache migrate --dvc-files --dry
""")
case("migrate-dry", f"""
    {PROTECT}
    dvc cache migrate --dry
    dvc cache migrate --dry --dvc-files
    find .dvc/cache -type f | sort
    cat t.dvc
""", files=ALL)
case("migrate", f"""
    {PROTECT}
    dvc cache migrate
    dvc cache migrate
    find .dvc/cache -type f -links +1 | sort
    dvc status
""", files=ALL)
case("migrate-files", f"""
    {PROTECT}
  ~ dvc cache migrate --dvc-files
    cat t.dvc b.dvc d.dvc
    dvc status
    dvc cache migrate --dvc-files
""", files=ALL)
case("migrate-files-pipeline", f"""
    {PROTECT}
    dvc cache migrate --dvc-files --dry
    dvc cache migrate --dvc-files
    cat dvc.lock
    dvc status
""", files=PIPELINE)
case("migrate-files-autostage", f"""
    {PROTECT}
    git add -A && git commit -qm data
    dvc config core.autostage true
  ~ dvc cache migrate --dvc-files
    git status --short
""", files=ALL)
case("legacy-lock-of-schema-1", """
    dvc status
    dvc repro
    cat dvc.lock
""", files={"dvc.yaml": PIPELINE["dvc.yaml"], "dep": "x\n", "o": "x\n", ".gitignore": "/o\n",
            "dvc.lock": f"s:\n  cmd: cp dep o\n  deps:\n  - path: dep\n    md5: {old_md5(b'x' + bytes([10]))}\n    size: 2\n"
                        f"  outs:\n  - path: o\n    md5: {old_md5(b'x' + bytes([10]))}\n    size: 2\n",
            **objects(".dvc/cache", b"x\n")})


@pytest.fixture(params=["cairn", "dvc"])
def migrated(request, two_tools):
    box = two_tools
    first, second = (box.cairn, box.real) if request.param == "cairn" else (box.real, box.cairn)
    box.write(ALL)
    box.check(PROTECT)
    box.use(first).check("dvc cache migrate --dvc-files")
    return box, second


@pytest.mark.live
def test_migrated_by_one_is_clean_for_the_other(migrated):
    box, second = migrated
    assert "up to date" in box.use(second).check("dvc status").out
    box.check("rm -rf t b d && dvc gc -w -f && dvc checkout")
    assert (box.repo / "t").read_bytes() == TEXT and (box.repo / "d/s/bin").read_bytes() == BINARY + b"3"


@pytest.mark.live
def test_old_data_of_one_is_known_to_the_other(two_tools):
    box = two_tools
    box.write(ALL)
    box.check(PROTECT)
    for tool in (box.cairn, box.real):
        box.use(tool).check("rm -rf t b d && dvc checkout && dvc commit")
        assert "up to date" in box.check("dvc status").out
    assert box.read("t.dvc") == POINTERS["t.dvc"]
