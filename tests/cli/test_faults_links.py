"""A symbolic link planted where a file will be written: nothing behind it is ever written, changed or removed."""

import os

import pytest

TREE = "echo one > a && mkdir -p d/sub && echo x > d/x && echo z > d/sub/z && dvc add -q a d && git add -A && git commit -qm data"


@pytest.fixture
def planted(repo):
    """A tracked file and directory, and a folder beside the repository that must not change."""
    repo.check(TREE)
    repo.check("dvc remote add -q -d r ../store && dvc push -q && mkdir -p ../outside/sub && echo secret > ../outside/x"
               " && echo secret > ../outside/z && echo secret > ../outside/sub/z && cp -a ../outside ../want")
    yield repo
    assert repo.check("cd .. && diff -r outside want").out == ""


def refused(result, *words, status=255):
    lines = [line for line in result.err.splitlines() if line.startswith("ERROR: ")]
    assert result.status == status and len(lines) == 1, result
    for word in words:
        assert word in lines[0], result


@pytest.mark.parametrize("command", ["checkout -f", "pull -f", "checkout -f a.dvc"])
def test_in_place_of_a_file(planted, command):
    planted.check(f"rm a && ln -s ../outside/x a && dvc {command} -q")
    assert not os.path.islink(planted.repo / "a") and planted.read("a") == "one\n"


def test_dangling_in_place_of_a_file(planted):
    planted.check("rm a && ln -s ../outside/new a && dvc checkout -q")
    assert not os.path.islink(planted.repo / "a") and planted.read("a") == "one\n"
    assert not (planted.root / "outside/new").exists()


def test_in_place_of_the_directory(planted):
    planted.check("rm -r d && ln -s ../outside d")
    refused(planted.dvc("checkout"), "unsaved files")
    assert os.path.islink(planted.repo / "d")
    planted.check("dvc checkout -q -f")
    assert not os.path.islink(planted.repo / "d") and planted.read("d/sub/z") == "z\n"


@pytest.mark.parametrize("command", ["checkout", "checkout -f", "checkout -f d/sub/z", "pull -f"])
@pytest.mark.parametrize("target", ["../../outside", "../../outside/sub"])
def test_inside_the_tracked_directory(planted, command, target):
    planted.check(f"rm -r d/sub && ln -s {target} d/sub")
    refused(planted.dvc(command), "d/sub' is a symbolic link", status=1 if "pull" in command else 255)
    planted.check("rm d/sub && dvc checkout -q")
    assert planted.read("d/sub/z") == "z\n"


def test_dangling_inside_the_tracked_directory(planted):
    planted.check("rm -r d/sub && ln -s ../../outside/new d/sub")
    refused(planted.dvc("checkout"), "unsaved files")
    planted.check("dvc checkout -q -f && test ! -L d/sub && test ! -e ../outside/new")


def test_file_inside_the_tracked_directory(planted):
    planted.check("rm d/x && ln -s ../../outside/x d/x && dvc checkout -q -f")
    assert not os.path.islink(planted.repo / "d/x") and planted.read("d/x") == "x\n"


def test_on_the_way_to_an_output(planted):
    """As a clone may contain it: a pipeline whose output lies behind a link."""
    planted.write({"dvc.yaml": "stages:\n  s: {cmd: mkdir -p o/sub && echo 1 > o/sub/z, outs: [o/sub/z]}\n"})
    planted.check("dvc repro -q && git add -A && git commit -qm run && rm -r o && ln -s ../outside o")
    refused(planted.dvc("checkout -f"), "'o' is a symbolic link")
    refused(planted.dvc("pull -f"), "'o' is a symbolic link", status=1)
    planted.check("dvc repro -q || :")  # the command belongs to the user, and may write there
    assert not (planted.root / "outside/sub/.gitignore").exists()
    planted.check("cp ../want/sub/z ../outside/sub/z")


PIPELINE = "stages:\n  s: {cmd: echo 1 > o, params: [lr], outs: [o]}\n"


@pytest.mark.parametrize("path, text, command", [
    ("a.dvc", "outs: [{path: a}]\n", "add a"),
    ("b.dvc", "", "import-url a b"),
    ("dvc.yaml", PIPELINE, "stage add -n t -o p true"),
    ("dvc.yaml", PIPELINE, "freeze s"),
    ("dvc.lock", "", "repro -q"),
    ("params.yaml", "lr: 1\n", "exp run -S lr=2"),
    (".dvc/config", "[user]\n\tname = me\n", "config core.autostage true"),
    (".dvc/config", "", "remote add s ../store"),
    (".dvc/config.local", "", "config --local core.autostage true"),
    (".gitignore", "a\n", "add new"),
    (".dvc/tmp/fsck", "secret\n", "fsck"),
    (".dvc/tmp/exps/worker-1.out", "secret\n", "queue start"),
    (".dvc/tmp/exps/workspace.lock", "", "exp run -q"),
])
def test_in_place_of_a_file_of_ours(planted, path, text, command):
    planted.write({"dvc.yaml": PIPELINE, "params.yaml": "lr: 1\n", "new": "new\n"})
    planted.check("git add -A && git commit -qm pipeline && mkdir -p .dvc/tmp/exps")
    for folder in ("outside", "want"):
        (planted.root / folder / "file").write_text(text)
    planted.check(f"rm -f {path} && ln -s {planted.root}/outside/file {path}")
    planted.dvc(command)
    assert os.path.islink(planted.repo / path)


def test_of_ours_inside_the_repository_is_written_through(planted):
    planted.write({"sub/real.yaml": PIPELINE})
    planted.check("ln -s sub/real.yaml dvc.yaml && dvc freeze s && test -L dvc.yaml && grep -q frozen sub/real.yaml")


def test_inside_the_repository_is_fine(planted):
    planted.write({"dvc.yaml": "stages:\n  s: {cmd: mkdir -p real && echo 1 > o/z, outs: [o/z]}\n"})
    planted.check("mkdir real && ln -s real o && dvc repro -q && rm real/z && dvc checkout -q")
    assert planted.read("real/z") == "1\n"


@pytest.mark.parametrize("command", ["add a", "commit -f", "fetch", "pull -f"])
def test_cache_folder(planted, command):
    objects = planted.root / "outside"
    planted.check("rm -rf .dvc/cache/files/md5/*" if command in ("fetch", "pull -f") else "echo new > a")
    folder = ".dvc/cache/files/md5/" + planted.check("md5sum a").out[:2]
    planted.check(f"rm -rf {folder} && ln -s {objects} {folder}")
    result = planted.dvc(command)
    assert result.status != 0 and "is a symbolic link" in result.err, result


def test_cache_folder_and_gc(planted):
    planted.check("mkdir ../outside/objects && touch ../outside/objects/$(printf '%030d' 0) && rm -rf ../want"
                  " && cp -a ../outside ../want && ln -s ../../../../../outside/objects .dvc/cache/files/md5/ff"
                  " && dvc gc -q -w -f")


def test_remote_folder(planted):
    planted.check("echo new > a && dvc add -q a")
    planted.check("ln -sfn $PWD/../outside ../store/files/md5/$(md5sum < a | cut -c1-2)")
    result = planted.dvc("push")
    assert result.status == 1 and "is a symbolic link" in result.err, result


def test_gitignore(planted):
    planted.check("mkdir e && echo 1 > e/f && ln -s ../../outside/x e/.gitignore")
    refused(planted.dvc("add e/f"), "e/.gitignore", status=1)


def test_lock(planted):
    planted.check("rm -f .dvc/tmp/lock .dvc/tmp/rwlock .dvc/tmp/rwlock.lock && ln -s ../../../outside/x .dvc/tmp/lock")
    assert planted.dvc("add a").status == 1
    planted.check("rm .dvc/tmp/lock && ln -s ../../../outside/x .dvc/tmp/rwlock.lock && echo n > a")
    assert planted.dvc("add a").status != 0
    planted.check("rm .dvc/tmp/rwlock.lock && ln -s ../../../outside/new .dvc/tmp/rwlock")
    assert planted.dvc("add a").status != 0


@pytest.mark.parametrize("kind", ["hardlink", "symlink"])
@pytest.mark.parametrize("command", ["checkout", "checkout d.dvc", "pull"])
def test_links_become_copies_after_cache_type_changed(repo, kind, command):
    """Editing a link would change the cache; DVC leaves the links until --relink."""
    repo.check(f"dvc config cache.type {kind} && mkdir d && echo x > d/x && echo y > d/y && dvc add -q d")
    repo.check("dvc remote add -q -d r ../store && dvc push -q && dvc config --unset cache.type")
    shown = repo.check(f"dvc {command}").out
    assert shown == repo.check(f"dvc {command}").out, "nothing is reported: the content is the same"
    assert repo.check("stat -c '%F %a %h' d/x d/y").out == "regular file 644 1\n" * 2
    repo.check("echo edited > d/x && dvc fsck -q && dvc checkout -f -q && dvc status -q")
    assert (repo.repo / "d/x").read_text() == "x\n"


def test_a_read_only_copy_stays_as_it_is(repo):
    repo.check("echo x > x && dvc add -q x && chmod 444 x && stat -c '%i %a' x > ../before && dvc checkout")
    assert repo.check("stat -c '%i %a' x").out == (repo.root / "before").read_text()


def test_add_and_commit_behind_a_moved_cache_say_how_to_go_on(repo):
    """DVC fails at the dangling link, too; checkout creates the links again."""
    repo.check("dvc cache dir ../cache && dvc config cache.type symlink && mkdir d && echo x > d/x && dvc add -q d"
               " && mv ../cache ../moved && dvc cache dir ../moved")
    for command in ("add d", "commit -f d.dvc"):
        result = repo.dvc(command)
        assert result.status == 1 and "broken symbolic link" in result.err and "dvc checkout" in result.err, result
    repo.check("dvc checkout -q && dvc add -q d && dvc status -q")
