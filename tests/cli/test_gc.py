"""gc: deliberate differences from DVC."""

import fcntl
import os
import subprocess
import time

import pytest

OBJECTS = "find .dvc/cache/files -type f | sort"


def test_keeps_what_imports_brought(repo):
    repo.write({"f": "x\n"})
    repo.check("dvc add -q f")
    entry = "".join(line for line in repo.read("f.dvc").splitlines(True) if not line.startswith("outs"))
    repo.write({"f.dvc": "frozen: true\ndeps:\n- path: f\n  repo:\n    url: ../source\n    rev_lock: " + "a" * 40
                         + "\nouts:\n" + entry})
    before = repo.check(OBJECTS).out
    assert before
    repo.check("dvc gc -w -f")
    assert repo.check(OBJECTS).out == before


def test_what_another_remote_keeps_is_kept(repo):
    repo.write({"a": "1\n", "b": "2\n"})
    repo.check("dvc remote add -q -d r ../store && dvc remote add -q other ../other")
    repo.check("dvc add -q a b && dvc push -q -r other && dvc push -q")
    repo.write({"b.dvc": repo.read("b.dvc") + "  remote: other\n"})
    repo.check("dvc gc -w -c -r r -f")
    assert len(repo.check(OBJECTS).lines) == 2
    repo.check("dvc gc -w -c -f")
    assert len(repo.check("find ../other -type f").lines) == 2


def test_snapshots_of_what_is_tracked_no_more(repo):
    """Snapshots only save time, but that of a million files is big."""
    many = {f"{d}/{i}": f"{i}\n" for d in ("kept", "gone", "used") for i in range(100)}
    repo.write({**many, "dvc.yaml": "stages:\n  a:\n    cmd: cat used/1 > o\n    deps: [used]\n    outs: [o]\n"})
    repo.check("dvc add -q kept gone && dvc repro -q")
    found = "find ../.site -path '*/trees/*' | wc -l"
    assert repo.check(found).out == "3\n"
    repo.check("dvc remove -q gone.dvc && dvc gc -w --dry -f")
    assert repo.check(found).out == "3\n"
    repo.check("dvc gc -w -f")
    assert repo.check(found).out == "2\n"
    assert repo.check("dvc status").out == "Data and pipelines are up to date.\n"


# ---- data that cannot be read, and data that waits ----


def digests(box):
    """MD5 names of the objects in the cache."""
    return {line.replace(".dvc/cache/files/md5/", "").replace("/", "") for line in box.check(OBJECTS).lines}


def md5_of(box, text):
    return box.check(f"printf '{text}' | md5sum").out[:32]


def two_versions(box):
    """Version 1 of `f` on the branch `old`, version 2 on master."""
    box.check("echo v1 > f && dvc add -q f && git add -A && git commit -qm one && git branch old")
    box.check("rm f && echo v2 > f && dvc add -q f && git commit -qam two")


def partial_clone(box, filter):
    two_versions(box)
    box.check("git config uploadpack.allowFilter true && git config uploadpack.allowAnySHA1InWant true")
    box.check(f"git clone -q --no-local --filter={filter} --branch master file://$PWD ../clone && git -C ../clone branch -q old origin/old")
    box.check("mv .dvc/cache ../clone/.dvc/")
    origin, box.cwd = box.repo, box.root / "clone"
    box.repo = box.cwd
    return origin


@pytest.mark.parametrize("filter", ["blob:none", "tree:0"])
def test_in_a_partial_clone_data_of_other_branches_is_kept(repo, filter):
    partial_clone(repo, filter)
    repo.check("dvc gc -q -a -f")
    assert digests(repo) == {md5_of(repo, "v1\\n"), md5_of(repo, "v2\\n")}


@pytest.mark.parametrize("command", ["gc -a -f", "gc -a -f --skip-failed"])
@pytest.mark.parametrize("filter", ["blob:none", "tree:0"])
def test_in_a_partial_clone_without_its_origin_nothing_is_removed(repo, filter, command):
    origin = partial_clone(repo, filter)
    origin.rename(origin.parent / "away")
    result = repo.dvc(command)
    assert result.status and "Failed to collect" in result.err and "is missing from the Git repository" in result.err
    assert len(digests(repo)) == 2


@pytest.mark.parametrize("command", ["diff old", "params diff old --all", "list . --rev old", "exp show -a --json -f"])
def test_in_a_partial_clone_without_its_origin_nothing_is_reported_as_absent(repo, command):
    repo.write({"params.yaml": "lr: 1\n"})
    repo.check("git add params.yaml")
    origin = partial_clone(repo, "blob:none")
    assert repo.check(f"dvc {command}").out
    repo.check("rm -rf .git && git clone -q --no-local --no-checkout --filter=blob:none file://" + str(origin) + " ../again")
    repo.check("mv ../again/.git . && git branch -q old origin/old && git reset -q")
    origin.rename(origin.parent / "away")
    result = repo.dvc(command)
    assert "is missing from the Git repository" in result.out + result.err, result


UNREADABLE = {
    "syntax": "outs: [\n",
    "schema": "outs:\n- path: f\n  md5: {md5}\n  nonsense: 1\n",
    "conflict": "<<<<<<< HEAD\nouts:\n- md5: {md5}\n",
}


@pytest.mark.parametrize("where", ["workspace", "branch"])
@pytest.mark.parametrize("kind", UNREADABLE)
def test_skip_failed_keeps_what_a_broken_pointer_names(repo, kind, where):
    two_versions(repo)
    repo.check("echo g > g && dvc add -q g && git add -A && git commit -qm g && echo orphan > h && dvc add -q h && rm h.dvc")
    text = UNREADABLE[kind].replace("{md5}", md5_of(repo, "v1\\n"))
    if kind == "syntax":
        text += "# " + md5_of(repo, "v1\\n") + "\n"
    if where == "branch":
        repo.check("git checkout -q -f old")
    repo.write({"f.dvc": text})
    if where == "branch":
        repo.check("git commit -qam broken && git checkout -q -f master")
    assert repo.dvc("gc -a -f").status and len(digests(repo)) == 4
    result = repo.check("dvc gc -a -f --skip-failed")
    assert "'f.dvc'" in result.err and "everything that it may name is kept" in result.err
    kept = {md5_of(repo, "v1\\n"), md5_of(repo, "g\\n")} | ({md5_of(repo, "v2\\n")} if where == "branch" else set())
    assert digests(repo) >= kept and md5_of(repo, "orphan\\n") not in digests(repo)


def test_skip_failed_keeps_what_the_lock_of_a_broken_pipeline_names(repo):
    repo.write({"dvc.yaml": "stages:\n  s:\n    cmd: mkdir d && echo 1 > d/a\n    outs: [d]\n"})
    repo.check("dvc repro -q && git add -A && git commit -qm base")
    before = digests(repo)
    repo.write({"dvc.yaml": "stages: [\n"})
    assert repo.dvc("gc -w -f").status
    repo.check("dvc gc -w -f --skip-failed")
    assert digests(repo) == before and len(before) == 2


PIPELINE = ("stages:\n  one:\n    cmd: echo $((1 + 1)) made > made\n    params: [lr]\n    outs: [made]\n"
            "  two:\n    cmd: touch $GO.begun; while [ ! -f $GO ]; do sleep 0.02; done; echo end > end\n    deps: [made]\n    outs: [end]\n")


@pytest.mark.parametrize("options", ["-w", "-w --all-experiments"])
def test_what_a_running_experiment_has_finished_is_kept(repo, options):
    repo.write({"dvc.yaml": PIPELINE, "params.yaml": "lr: 1\n"})
    repo.check("git add -A && git commit -qm base")
    go = repo.root / "go"
    repo.extra_env["GO"] = str(go)
    run = subprocess.Popen(["dvc", "exp", "run", "--temp", "-n", "e", "-S", "lr=2"], cwd=repo.repo, env=repo.env,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.time() + 30
        while not (repo.root / "go.begun").exists():
            assert time.time() < end and run.poll() is None
            time.sleep(0.02)
        repo.check(f"dvc gc {options} -f")
        assert md5_of(repo, "2 made\\n") in digests(repo)
    finally:
        go.touch()
        assert run.wait(60) == 0
    repo.check("dvc exp apply e")
    assert repo.read("made") == "2 made\n"


def test_what_a_running_experiment_finishes_while_gc_waits_is_kept(repo):
    """gc waits for processes that store objects, and must not use what it has read before."""
    repo.write({"dvc.yaml": PIPELINE.replace("cmd: echo", "cmd: touch $GO.first; while [ ! -f $GO.on ]; do sleep 0.02; done; echo"),
                "params.yaml": "lr: 1\n", "f": "1\n"})
    repo.check("dvc add -q f && git add -A && git commit -qm base")
    go = repo.root / "go"
    repo.extra_env["GO"] = str(go)

    def start(*words):
        return subprocess.Popen(["dvc", *words], cwd=repo.repo, env=repo.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait_for(name):
        end = time.time() + 30
        while not (repo.root / name).exists():
            assert time.time() < end and run.poll() is None
            time.sleep(0.02)

    run = start("exp", "run", "--temp", "-n", "e", "-S", "lr=2")
    cache = os.open(repo.repo / ".dvc/cache", os.O_RDONLY)
    try:
        wait_for("go.first")
        fcntl.flock(cache, fcntl.LOCK_SH)
        gc = start("gc", "-w", "-f")
        waiting = f"{os.fstat(cache).st_ino} "
        while not any("->" in line and f":{waiting}" in line for line in open("/proc/locks")):
            assert gc.poll() is None
            time.sleep(0.02)
        (repo.root / "go.on").touch()
        wait_for("go.begun")
        os.close(cache)
        assert gc.wait(60) == 0
        assert md5_of(repo, "2 made\\n") in digests(repo)
    finally:
        (repo.root / "go.on").touch()
        go.touch()
        assert run.wait(60) == 0
    repo.check("dvc exp apply e")
    assert repo.read("made") == "2 made\n"


def test_gc_does_not_look_before_the_tree_of_an_experiment_is_there(repo):
    """Edited data is stored before anything names it: a gc that starts at this moment has to wait."""
    repo.write({"dvc.yaml": "stages:\n  s: {cmd: cp f made, deps: [f], outs: [made]}\n", "f": "1\n"})
    repo.check("dvc add -q f && git add -A && git commit -qm base && rm f && echo edited > f")
    wrapper = repo.root / ".bin/git"
    wrapper.write_text("#!/bin/sh\ncase $* in *read-tree*) (cd $TOP && env -u GIT_DIR dvc gc -w -f > ../gc.said 2>&1; echo $? >> ../gc.said);; esac\n"
                       "exec /usr/bin/git \"$@\"\n")
    wrapper.chmod(0o755)
    repo.extra_env["TOP"] = str(repo.repo)
    repo.check("dvc exp run --temp -n e")
    assert "Unable to acquire lock" in (repo.root / "gc.said").read_text()
    wrapper.unlink()
    repo.check("dvc exp apply e")
    assert repo.read("made") == "edited\n"


@pytest.mark.parametrize("options", ["-w", "-w --all-experiments"])
def test_data_that_only_a_queued_experiment_has_is_kept(repo, options):
    two_versions(repo)
    repo.write({"dvc.yaml": "stages:\n  s:\n    cmd: cp f out\n    deps: [f]\n    outs: [out]\n"})
    repo.check("git add -A && git commit -qm stage && rm f && echo edited > f && dvc exp run -q --queue -n e")
    repo.check("rm f && git checkout -q . && dvc checkout -q -f f.dvc")
    repo.check(f"dvc gc {options} -f")
    assert md5_of(repo, "edited\\n") in digests(repo)
    repo.check("dvc exp run -q --run-all && dvc exp apply e")
    assert repo.read("out") == "edited\n"


def opens_libgit2(box):
    """Does `gc -w` open libgit2?"""
    box.check("rm -f ../ld.* && LD_DEBUG=files LD_DEBUG_OUTPUT=../ld dvc gc -w -f")
    return "libgit2" in box.check("cat ../ld.*").out


@pytest.mark.parametrize("linked", [False, True])
def test_libgit2_is_opened_only_where_experiments_may_wait(repo, linked):
    two_versions(repo)
    repo.write({"dvc.yaml": "stages:\n  s:\n    cmd: cp f out\n    deps: [f]\n    outs: [out]\n"})
    repo.check("git add -A && git commit -qm stage && git worktree add -q ../linked")
    if linked:
        repo.cwd = repo.repo = repo.root / "linked"
        repo.check("dvc cache dir --local ../repo/.dvc/cache")
    assert not opens_libgit2(repo)
    repo.check("rm -f f && echo edited > f && dvc exp run -q --queue -n e && rm f && git checkout -q . && dvc checkout -q -f f.dvc")
    assert opens_libgit2(repo)
    repo.check("git pack-refs --all && find $(git rev-parse --git-common-dir)/refs/exps -depth -type d -delete")
    assert opens_libgit2(repo)
    held = repo.check("find ../repo/.dvc/cache/files -type f").out
    edited = md5_of(repo, "edited\\n")
    assert f"{edited[:2]}/{edited[2:]}" in held


def test_edited_data_that_apply_has_put_aside_is_kept(repo):
    two_versions(repo)
    repo.check("dvc exp save -n e && rm f && echo edited > f && dvc exp apply e && dvc gc -w -f")
    assert repo.read("f") == "v2\n" and md5_of(repo, "edited\\n") in digests(repo)
    repo.check("git reset -q --hard && git stash apply -q refs/exps/apply/stash && dvc checkout -q")
    assert repo.read("f") == "edited\n"


def test_what_killed_commands_left_in_the_cache_goes(repo):
    repo.write({"d/a": "1\n"})
    repo.check("dvc add -q d")
    listing = [d for d in digests(repo) if d.endswith(".dir")][0]
    gone = "ab" + "0" * 30 + ".dir"
    root = ".dvc/cache/files/md5"
    repo.write({f"{root}/.1f-2-3.tmp": "half", f"{root}/{listing[:2]}/{listing[2:]}.9-9-9.tmp": "half", f"{root}/.young.tmp": "half",
                f"{root}/{gone[:2]}/{gone[2:]}.unpacked/a": "x", f"{root}/{listing[:2]}/{listing[2:]}.unpacked/a": "x"})
    repo.check(f"find {root} -name '*.tmp' ! -name '.young*' | xargs touch -d '2 days ago'")
    repo.check("dvc gc -w -f")
    left = repo.check(f"find {root} -name '*.tmp' -o -name '*.unpacked'").lines
    assert sorted(left) == sorted([f"{root}/.young.tmp", f"{root}/{listing[:2]}/{listing[2:]}.unpacked"])


@pytest.mark.parametrize("late", ["file", "listing"])
def test_what_arrives_meanwhile_is_kept(repo, remote, late):
    """The server's clock says when a file came. Files of a listing that came meanwhile may have been there before."""
    place = remote("ssh")
    place.configure(repo)
    repo.write({"a": "hello\n", "d/one": "1\n", "d/two": "2\n"})
    repo.check("dvc add -q a d && dvc push -q && rm a.dvc d.dvc")
    stored = place.server.data / place.path
    chosen = next(f for f in stored.rglob("*") if f.is_file() and f.name.endswith(".dir") == (late == "listing"))
    os.utime(chosen, (time.time() + 100,) * 2)
    repo.check("dvc gc -w -c -f")
    assert len(place.keys()) == (1 if late == "file" else 3)
    os.utime(chosen, (time.time() - 100,) * 2)
    repo.check("dvc gc -w -c -f")
    assert not place.keys()
