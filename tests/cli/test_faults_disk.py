"""Full or read-only disks and damaged objects: one clear error, no data lost, no damaged data passed on."""

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
    """A function that mounts 1 MB at ../small, read-only on request."""
    def mount(options="size=1m"):
        (repo.root / "small").mkdir(exist_ok=True)
        if repo.sh(f"mount -t tmpfs -o {options} tmpfs ../small").status != 0:
            pytest.skip("no right to mount a small file system")

    yield mount
    repo.sh("mountpoint -q ../small && umount ../small")


MAKE = "head -c 3000000 /dev/urandom > big && mkdir d && cp big d/x && echo 1 > d/y"


def nothing_half(repo):
    """Every object has the content that its name says, and there are no temporary files."""
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
    """The state is only a cache."""
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
    # nothing is unused; otherwise it would be named
    repo.check("dvc gc -q -w -f")
    repo.check("rm d.dvc")
    failed(repo.dvc("gc -w -f"), "read-only file system")


def test_read_only_repository(repo, small):
    """Commands that only read need no permission to write."""
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
    """A function that damages one object below a folder, as somebody with write access would: the mode shows it."""
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
    assert not path.exists()  # moved aside: it is not an object
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
    """The target has other bytes than the object: they never reach the workspace unverified."""
    path = damaged("repo/.dvc/cache", where, "flipped")
    repo.check(f"rm {path} && echo secret > ../secret && ln -s {repo.root}/secret {path} && rm -rf a d")
    failed(repo.dvc("checkout"), status=(255,))
    assert repo.check("cat ../secret").out == "secret\n"
    assert "secret" not in repo.sh("cat a d/x").out


# ---- truncated read-only objects: the mode means "trusted", the recorded size shows the damage


SHORT = "truncate -s 1"


@pytest.fixture
def cut(damaged, repo):
    """Truncates the object of `where` below a folder and leaves it read-only."""
    def harm(top, where):
        path = damaged(top, where, "truncated")
        repo.check(f"{SHORT} {path} && chmod 444 {path}")
        return path

    return harm


CUT = {"file": ("a", "one\n"), "file-in-directory": ("d", "x one\ny\n")}


@pytest.mark.parametrize("link", ("copy", "hardlink", "symlink"))
@pytest.mark.parametrize("where", CUT)
def test_cut_object_is_not_checked_out(repo, cut, where, link):
    path = cut("repo/.dvc/cache", where)
    target, content = CUT[where]
    repo.check(f"dvc config cache.type {link} && rm -r a d")
    result = failed(repo.dvc("checkout"), target, status=(255,))
    assert f"{path.parent.name}/{path.name}' of '{target}' is damaged" in result.err and "dvc pull" in result.err, result
    assert repo.check("ls .dvc/cache/corrupt").out.strip().endswith(path.parent.name + path.name)
    repo.check("dvc pull -q && dvc status -q")
    assert repo.check("cat a").out == "one\n" and repo.check("cat d/x d/y").out == "x one\ny\n"


@pytest.mark.parametrize("where", CUT)
def test_cut_object_does_not_cost_what_stands_in_its_place(repo, cut, where):
    cut("repo/.dvc/cache", where)
    target = "a" if where == "file" else "d/x"
    repo.check(f"rm {target} && echo mine > {target}")
    failed(repo.dvc("checkout -f"), status=(255,))
    assert repo.read(target) == "mine\n"


def test_cut_object_is_fetched_again_by_pull(repo, cut):
    cut("repo/.dvc/cache", "file")
    repo.check("rm a")
    assert "is damaged" in repo.check("dvc pull").err
    assert repo.read("a") == "one\n"


def test_cut_object_is_not_pushed(repo, cut):
    path = cut("repo/.dvc/cache", "file")
    shutil.rmtree(repo.root / "store")
    assert "is damaged" in repo.dvc("push").err
    assert not list((repo.root / "store").rglob(path.name))


@pytest.mark.parametrize("command", ("pull", "fetch"))
def test_cut_object_of_a_remote_is_not_brought(repo, cut, command):
    path = cut("store", "file")
    repo.check("rm -rf .dvc/cache a d")
    result = repo.dvc(command)
    assert result.status == 1 and f"{path.name}' is corrupted" in result.err, result
    assert not (repo.repo / "a").exists() and not list((repo.repo / ".dvc/cache").rglob(path.name))


def test_cut_file_of_a_directory_is_not_brought_from_a_remote(repo, cut):
    cut("store", "file-in-directory")
    repo.check("rm -rf .dvc/cache a d")
    result = repo.dvc("pull")
    assert result.status == 1 and "is damaged" in result.err, result
    assert not (repo.repo / "d/x").exists()


@pytest.mark.parametrize("where", CUT)
def test_cut_object_of_another_repository_is_not_handed_out(repo, cut, where):
    target, content = CUT[where]
    cut("repo/.dvc/cache", where)
    shutil.move(repo.root / "store", repo.root / "away")
    repo.check("mkdir ../other && cd ../other && git init -q && dvc init -q")
    repo.check(f"rm -r a d; cd ../other; ! dvc get ../repo {target} && test ! -e {target}")
    repo.check(f"cd ../other; ! dvc import ../repo {target} && test ! -e {target} && test ! -e {target}.dvc")
    shutil.move(repo.root / "away", repo.root / "store")
    repo.check(f"cd ../other; dvc get -q ../repo {target} && dvc import -q ../repo {target} -o imported")
    assert repo.check(f"cd ../other; cat $(find {target} -type f | sort)").out == content
    assert repo.check("cd ../other; cat $(find imported -type f | sort)").out == content


@pytest.mark.parametrize("where", CUT)
def test_cut_object_is_mended_by_add(repo, cut, where):
    path = cut("repo/.dvc/cache", where)
    repo.check("dvc add -q a d")
    assert md5(path.read_bytes()) == path.parent.name + path.name


def test_cut_object_of_metrics_is_an_error(repo):
    repo.write({"dvc.yaml": "stages:\n  m:\n    cmd: 'echo \"a: 12345\" > m.yaml'\n    metrics: [m.yaml]\n"})
    repo.check("dvc repro -q && git add -A && git commit -qm m")
    path = next(p for p in (repo.repo / ".dvc/cache/files").rglob("*") if p.is_file() and p.read_text() == "a: 12345\n")
    repo.check(f"chmod 644 {path} && truncate -s 5 {path} && chmod 444 {path} && rm m.yaml")
    result = repo.dvc("metrics show --json")
    assert "12" not in result.out, result


def test_cut_object_is_not_restored_by_the_run_cache(repo):
    repo.write({"dvc.yaml": "stages:\n  m:\n    cmd: echo long > o; echo ran >> log\n    deps: [in]\n    outs: [o]\n"})
    repo.check("echo 1 > in && dvc repro -q")
    path = next(p for p in (repo.repo / ".dvc/cache/files").rglob("*") if p.is_file() and p.read_text() == "long\n")
    repo.check(f"chmod 644 {path} && truncate -s 2 {path} && chmod 444 {path} && rm o && dvc repro -q")
    assert repo.read("o") == "long\n" and repo.read("log") == "ran\nran\n" and path.read_text() == "long\n"


def test_size_that_is_wrong_in_the_pointer_alone_costs_nothing(repo, damaged):
    repo.check("sed -i 's/size: .*/size: 77/' a.dvc d.dvc && rm -r a d && dvc checkout -q && dvc push -q && dvc pull -q")
    assert repo.check("cat a d/x d/y").out == "one\nx one\ny\n"
