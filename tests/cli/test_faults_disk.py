"""Disks that are full or read-only, and objects that are damaged: one clear error, nothing lost, nothing wrong passed on."""

import os
import shutil

import pytest
from harness.faults import files_below, md5, objects


def errors(result):
    return [line for line in result.err.splitlines() if line.startswith("ERROR: ")]


def failed(result, *words, status=(1, 255)):
    assert result.status in status and len(errors(result)) == 1, result
    for word in words:
        assert word in result.err, result
    return result


@pytest.fixture
def small(repo):
    """A function that mounts 1 MB at ../small, read-only when asked to."""
    def mount(options="size=1m"):
        (repo.root / "small").mkdir(exist_ok=True)
        if repo.sh(f"mount -t tmpfs -o {options} tmpfs ../small").status != 0:
            pytest.skip("no right to mount a small file system")

    yield mount
    repo.sh("mountpoint -q ../small && umount ../small")


MAKE = "head -c 3000000 /dev/urandom > big && mkdir d && cp big d/x && echo 1 > d/y"


def nothing_half(repo):
    """No object that is not what its name says, no scratch."""
    for top in (repo.repo, repo.root / "small", repo.root / "store"):
        held = objects(files_below(top))
        assert not [name for name, content in held.items() if md5(content) != name.removesuffix(".dir")]
    assert repo.check("find .. -path ../.site -prune -o '(' -name '*.tmp' -o -name '*cairn-tmp*' ')' -print").out == ""


def test_full_disk_add(repo, small):
    small()
    repo.check(f"{MAKE} && dvc cache dir ../small/cache")
    for target in ("big", "d"):
        failed(repo.dvc(f"add {target}"), "no space left on device", "small/cache")
        assert not (repo.repo / f"{target}.dvc").exists()
    nothing_half(repo)
    assert "big" not in (repo.repo / ".gitignore").read_text() if (repo.repo / ".gitignore").exists() else True
    repo.check("dvc cache dir ../enough && dvc add -q big d && dvc status -q")


def test_full_disk_push(repo, small):
    small()
    repo.check(f"{MAKE} && dvc add -q big d && dvc remote add -q -d r ../small/store && dvc remote add -q s ../store")
    result = repo.dvc("push")
    assert result.status == 1 and "no space left on device" in result.err, result
    nothing_half(repo)
    assert not [name for name in objects(files_below(repo.root / "small")) if name.endswith(".dir")]
    repo.check("dvc push -q -r s")


def test_full_disk_pull(repo, small):
    small()
    repo.check(f"{MAKE} && dvc add -q big d && dvc remote add -q -d r ../store && dvc push -q && rm -rf .dvc/cache")
    repo.check("dvc cache dir ../small/cache")
    result = repo.dvc("pull")
    assert result.status == 1 and "no space left on device" in result.err, result
    nothing_half(repo)
    assert repo.check("cmp big d/x && cat d/y").out == "1\n"
    repo.check("dvc cache dir ../enough && dvc pull -q && dvc status -q")


def test_full_disk_checkout(repo, small):
    small("size=4m")
    repo.check(f"{MAKE} && dvc add -q big d && git add -A && git commit -qm data")
    repo.check("git clone -q . ../small/clone && cd ../small/clone && dvc cache dir --local $OLDPWD/.dvc/cache")
    repo.cwd = repo.root / "small/clone"
    failed(repo.dvc("checkout"), "no space left on device")
    for path, (kind, content, mode) in files_below(repo.cwd).items():
        assert not path.endswith("big") or md5(content) == md5((repo.repo / "big").read_bytes())
    repo.cwd = repo.repo
    repo.check("mount -o remount,size=20m ../small && cd ../small/clone && dvc checkout -q && dvc status -q && cmp big ../../repo/big")


def test_full_disk_of_the_state(repo, small):
    """What is remembered is only a cache."""
    small("size=64k")
    repo.check(MAKE)
    repo.extra_env["DVC_SITE_CACHE_DIR"] = str(repo.root / "small")
    repo.check("head -c 60000 /dev/zero > ../small/full; dvc add -q big d && dvc status -q && dvc checkout -q")


def test_read_only_cache(repo, small):
    small("size=20m")
    repo.check(f"{MAKE} && dvc cache dir ../small/cache && dvc add -q big d && rm d/y && mount -o remount,ro ../small")
    repo.check("dvc checkout -q && dvc status && dvc data status && dvc diff && cmp big d/x")
    repo.check("echo new > n")
    failed(repo.dvc("add n"), "read-only file system", "small/cache")
    assert not (repo.repo / "n.dvc").exists()
    repo.check("echo more >> d/y")
    failed(repo.dvc("commit -f"), "read-only file system")
    failed(repo.dvc("checkout"), "d/y")
    assert repo.read("d/y") == "1\nmore\n"
    # nothing is unused; what would be is named
    repo.check("dvc gc -q -w -f")
    repo.check("rm d.dvc")
    failed(repo.dvc("gc -w -f"), "read-only file system")


def test_read_only_repository(repo, small):
    """Looking needs no right to write."""
    small("size=20m")
    repo.check(f"{MAKE} && dvc add -q d && git add -A && git commit -qm d && cp -a . ../small/repo && mount -o remount,ro ../small")
    repo.cwd = repo.root / "small/repo"
    for command in ("status", "data status", "diff", "ls .", "check-ignore -d d"):
        assert repo.dvc(command).status in (0, 1), command
    assert len(errors(repo.dvc("add d"))) == 1
    repo.cwd = repo.repo


# ---- objects that are damaged

DAMAGE = {
    "truncated": "truncate -s 3",
    "emptied": "truncate -s 0",
    "flipped": "sh -c 'printf X | dd of=$0 bs=1 seek=2 conv=notrunc status=none'",
    "replaced": "cp other",
}
WHERE = {"file": "one\n", "file-in-directory": "x one\n", "listing": None}


@pytest.fixture
def damaged(repo):
    """A function that damages one object below a folder, as somebody who may write to it: its mode says so."""
    repo.check("echo one > a && mkdir d && echo x one > d/x && echo y > d/y && dvc add -q a d && echo other > other && git add -A"
               " && git commit -qm data && dvc remote add -q -d r ../store && dvc push -q")

    def harm(top, where, how):
        name = md5(WHERE[where].encode()) if WHERE[where] else repo.read("d.dvc").split()[3]
        path = next((repo.root / top).rglob(name[2:]))
        repo.check(f"chmod 644 {path} && {DAMAGE[how]} {path}")
        return path

    return harm


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("how", DAMAGE)
def test_damaged_cache(repo, damaged, how, where):
    path = damaged("repo/.dvc/cache", where, how)
    target = "a" if where == "file" else "d"
    repo.check(f"rm -r {target}")
    failed(repo.dvc("checkout"), target, status=(255,))
    left = repo.check(f"test ! -e {target} || find {target} -type f -exec cat '{{}}' +").out
    assert left in ("", "y\n")
    assert not path.exists()  # set aside: it is no object
    assert repo.dvc("status").status == 0
    repo.check("dvc pull -q && cat a d/x d/y")
    assert repo.check("cat a d/x d/y").out == "one\nx one\ny\n" and path.exists()


@pytest.mark.parametrize("where", WHERE)
def test_damaged_cache_is_mended_by_add(repo, damaged, where):
    path = damaged("repo/.dvc/cache", where, "flipped")
    repo.check("dvc add -q a d && dvc status -q")
    assert md5(path.read_bytes()) == path.parent.name + path.name.removesuffix(".dir")


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("how", DAMAGE)
def test_damaged_cache_is_not_pushed(repo, damaged, how, where):
    damaged("repo/.dvc/cache", where, how)
    shutil.rmtree(repo.root / "store")
    repo.dvc("push")
    for name, content in objects(files_below(repo.root / "store")).items():
        assert md5(content) == name.removesuffix(".dir")


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("how", DAMAGE)
def test_damaged_remote(repo, damaged, how, where):
    damaged("store", where, how)
    repo.check("rm -rf .dvc/cache a d")
    result = repo.dvc("pull")
    assert result.status == 1 and "corrupted" in result.err, result
    for name, content in objects(files_below(repo.repo)).items():
        assert md5(content) == name.removesuffix(".dir")
    for path, wanted in (("a", "one\n"), ("d/x", "x one\n"), ("d/y", "y\n")):
        assert not (repo.repo / path).exists() or repo.read(path) == wanted


@pytest.mark.parametrize("where", WHERE)
def test_directory_in_place_of_an_object(repo, damaged, where):
    path = damaged("repo/.dvc/cache", where, "flipped")
    repo.check(f"rm {path} && mkdir {path} && rm -rf a d")
    failed(repo.dvc("checkout"), status=(255,))
    assert len(errors(repo.dvc("status"))) == 0


@pytest.mark.parametrize("where", WHERE)
def test_link_in_place_of_an_object(repo, damaged, where):
    """To bytes that are not the object's: never followed into the workspace unproven."""
    path = damaged("repo/.dvc/cache", where, "flipped")
    repo.check(f"rm {path} && echo secret > ../secret && ln -s {repo.root}/secret {path} && rm -rf a d")
    failed(repo.dvc("checkout"), status=(255,))
    assert repo.check("cat ../secret").out == "secret\n"
    assert "secret" not in repo.sh("cat a d/x").out
