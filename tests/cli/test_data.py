"""Data commands where cairn deliberately differs from DVC, or where DVC has no equivalent."""

import os

import pytest

DATA = "echo a > a && mkdir -p d && echo x > d/x && echo y > d/y && dvc add -q a d && git add -A && git commit -qm data"


@pytest.fixture
def tracked(repo):
    repo.check(DATA)
    repo.check("dvc remote add -q -d r ../store")
    return repo


def objects(repo, where):
    return repo.check(f"test ! -d {where} || find {where} -type f -path '*/files/md5/*' | sed 's,.*/md5/,,; s,/,,' | sort").lines


def test_push_of_many_revisions_sends_every_object(tracked):
    """DVC sends one object per path, so the objects of other revisions are missing."""
    tracked.check("git tag one")
    for text in ("b", "c"):
        tracked.check(f"echo {text} > a && dvc add -q a && git commit -qam {text}")
    tracked.check("dvc push -q -A")
    assert objects(tracked, "../store") == objects(tracked, ".dvc/cache")
    tracked.check("rm -rf .dvc/cache && dvc fetch -q -T && git checkout -q one && dvc checkout -q -f")
    assert tracked.read("a") == "a\n"


def test_listing_is_not_pushed_without_its_files(tracked):
    tracked.check("rm .dvc/cache/files/md5/40/*")
    result = tracked.dvc("push")
    assert result.status == 0 and "401b30e3b8b5d629635a5c613cdb7919" in result.err
    assert not [name for name in objects(tracked, "../store") if name.endswith(".dir")]


def test_remote_of_another_scheme_disturbs_only_transfers(tracked):
    tracked.check("dvc remote add -q -d -f r hdfs://host/path")
    tracked.check("rm a && dvc checkout -q && dvc status && dvc data status && dvc diff && dvc gc -q -w -f && dvc ls .")
    for command in ("push", "pull", "fetch", "status -c"):
        result = tracked.dvc(command)
        assert result.status == 1
        assert "remotes of type 'hdfs' are not supported" in result.err and len(result.err.splitlines()) == 1


def test_move_keeps_what_the_user_wrote(tracked):
    tracked.check("printf '# mine\\ndesc: about a\\n' >> a.dvc && dvc move -q a b")
    assert tracked.read("b.dvc").endswith("  path: b\n# mine\ndesc: about a\n")


def test_corrupt_object_of_a_remote_never_enters_the_cache(tracked):
    tracked.check("dvc push -q && chmod 644 ../store/files/md5/60/* && for f in ../store/files/md5/60/*; do echo broken > $f; done")
    tracked.check("rm -rf .dvc/cache a")
    result = tracked.dvc("pull")
    assert result.status == 1 and "corrupted" in result.err
    assert not (tracked.repo / "a").exists()
    assert "60b725f10c9c85c70d97880dfe8191b3" not in objects(tracked, ".dvc/cache")


def test_corrupt_object_of_the_cache_is_never_checked_out(tracked):
    tracked.check("chmod 644 .dvc/cache/files/md5/60/* && for f in .dvc/cache/files/md5/60/*; do echo broken > $f; done")
    tracked.check("rm a")
    assert tracked.dvc("checkout").status == 255
    assert not (tracked.repo / "a").exists()


def test_failed_checkout_leaves_what_is_there(tracked):
    tracked.check("rm -rf .dvc/cache && echo only copy > a")
    assert tracked.dvc("checkout -f").status == 255
    assert tracked.read("a") == "only copy\n"


@pytest.mark.parametrize("path", ["../out", "/tmp/out", "x/../../out", "x//y", ""])
def test_hostile_listing_is_refused(tracked, path):
    listing = '[{"md5": "401b30e3b8b5d629635a5c613cdb7919", "relpath": "%s"}]' % path
    tracked.write({"listing": listing})
    tracked.check("h=$(md5sum < listing | cut -c1-32); rest=$(echo $h | cut -c3-); dir=.dvc/cache/files/md5/$(echo $h | cut -c1-2);"
                  " mkdir -p $dir && cp listing $dir/$rest.dir && chmod 444 $dir/$rest.dir &&"
                  " sed -i \"s/- md5: .*/- md5: $h.dir/\" d.dvc && rm -r d")
    result = tracked.dvc("checkout")
    assert result.status != 0 and "directory" in result.err
    assert not os.path.exists(tracked.root / "out") and not os.path.exists("/tmp/out")


@pytest.mark.parametrize("make", ["mkfifo d/pipe", "python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('d/s')\""])
def test_what_is_no_file_is_a_clear_error(tracked, make):
    tracked.check(make)
    result = tracked.sh("timeout 10 dvc add d")
    assert result.status == 1 and "not a file" in result.err
    tracked.check("rm d/pipe d/s -f && dvc status")


@pytest.mark.parametrize("name", ["sp ace", "qu'o\"te", "new\nline", "tab\t", "-dash", "ünï", "*?[x]", "back\\slash"])
def test_names(repo, name):
    quoted = "'" + name.replace("'", "'\\''") + "'"
    repo.write({name: "1\n", f"d/{name}": "2\n"})
    repo.check(f"dvc add -q -- {quoted} d && rm -r -- {quoted} d && dvc checkout -q")
    assert repo.read(name) == "1\n" and repo.read(f"d/{name}") == "2\n"
    assert repo.check("dvc status").out == "Data and pipelines are up to date.\n"


def test_name_that_is_no_utf8(repo):
    (repo.repo / "d").mkdir()
    raw = os.fsencode(repo.repo / "d") + b"/x\xff"
    with open(raw, "w") as f:
        f.write("1\n")
    repo.check("dvc add -q d && rm -r d && dvc checkout -q")
    assert os.path.exists(raw)


def test_state_is_only_a_cache(tracked):
    tracked.check("for f in $(find ../.site -name 'state.db*'); do echo junk > $f; done")
    assert tracked.check("dvc status").out == "Data and pipelines are up to date.\n"
    tracked.check("rm -rf ../.site && echo > ../.site && echo b > a && dvc add -q a && dvc status")


def test_a_change_of_equal_size_and_age_is_noticed(repo):
    """A file written twice within one tick of the clock."""
    repo.check("echo aaaa > f && dvc add -q f && echo bbbb > f && touch -r f.dvc f")
    assert "modified" in repo.check("dvc status").out


def test_full_disk(repo):
    """Counted as skipped where a small file system cannot be mounted."""
    if repo.sh("mkdir ../small && mount -t tmpfs -o size=1m tmpfs ../small").status != 0:
        pytest.skip("no right to mount")
    try:
        repo.check("dvc cache dir ../small/cache && head -c 3000000 /dev/zero > big && mkdir d && cp big d/x")
        for target in ("big", "d"):
            result = repo.dvc(f"add {target}")
            assert result.status != 0 and "no space left" in result.err, result
            assert not (repo.repo / f"{target}.dvc").exists()
        assert repo.check("find ../small -name '*.tmp'").out == ""
        assert repo.check("wc -c < big").out.strip() == "3000000"
    finally:
        repo.check("umount ../small")


def test_list_of_no_directory(repo):
    result = repo.dvc("list nosuch")
    assert result.status == 1 and "'nosuch' does not exist" in result.err


@pytest.mark.parametrize("data", ["echo 1 > x", "mkdir x && echo 1 > x/f"])
def test_checkout_keeps_the_last_copy(repo, data):
    """No pointer names the file any more, and gc removed the object: the file is the only copy and stays."""
    repo.check(f"{data} && dvc add -q x && dvc checkout -q && rm x.dvc")
    repo.check("dvc gc -q -w -f && dvc checkout")
    assert repo.check("cat x x/f 2>/dev/null || true").out == "1\n"


def test_checkout_removes_what_the_cache_has(repo):
    repo.check("echo 1 > x && dvc add -q x && dvc checkout -q && rm x.dvc")
    assert repo.check("dvc checkout").out == "D       x\n"
    assert not (repo.repo / "x").exists()


def test_unprotect_of_the_longest_name(repo):
    """The temporary file beside it has a short name of its own, and is not data if it is left behind."""
    name = "n" * 255
    repo.check(f"dvc config cache.type symlink && mkdir d && echo 1 > d/{name} && dvc add -q d")
    repo.check("dvc unprotect d && dvc status | grep 'up to date'")
    assert repo.check("find d -type f").lines == [f"d/{name}"]


def test_an_object_that_goes_is_missed(repo):
    """It is remembered that the cache has all of a big directory, until the cache's directories change."""
    repo.check("mkdir d && for i in $(seq 2100); do echo $i > d/$i; done && dvc add -q d && dvc status && sleep 0.05")
    assert "up to date" in repo.check("dvc status").out and "up to date" in repo.check("dvc status").out
    lost = repo.check("find .dvc/cache/files/md5 -type f ! -name '*.dir' | sort | head -1").lines[0]
    repo.check(f"mv {lost} kept")
    assert "not in cache" in repo.check("dvc status").out
    repo.check(f"mv kept {lost}")
    assert "up to date" in repo.check("dvc status").out
    repo.check("rm -rf .dvc/cache/files/md5/7f")
    assert "not in cache" in repo.check("dvc status").out


def test_a_linked_directory_is_listed_as_one(repo):
    repo.check("mkdir -p real/sub && echo x > real/sub/x && ln -s real link && ln -s nowhere dangling")
    assert "link" in repo.check("dvc list .").lines
    assert "real/sub/x" in repo.check("dvc list -R .").lines


def test_move_refuses_a_tracked_directory_whatever_the_pointer_is_called(repo):
    repo.write({"d/a": "a", "foo": "foo"})
    repo.check("dvc add -q d foo && mv foo.dvc other.dvc")
    result = repo.dvc("move foo d")
    assert result.status == 1
    assert "'d'('d.dvc')\n'd/foo'('other.dvc')\noverlap" in result.err
    assert repo.read("foo") == "foo" and "path: foo" in repo.read("other.dvc")
