"""Experiments never lose data of the user: edits, staged files, unusual files, other runs, killed processes."""

import os
import signal
import subprocess
import time

import pytest

from harness.waiting import wait_for

PIPELINE = "stages:\n  train:\n    cmd: sh train.sh\n    deps: [train.sh]\n    params: [lr]\n    outs: [model]\n"
FILES = {"dvc.yaml": PIPELINE, "params.yaml": "lr: 1\n", "train.sh": "cp params.yaml model\n"}


@pytest.fixture
def project(repo):
    repo.write(FILES)
    repo.check("dvc repro -q")
    repo.check("git add -A && git commit -qm base")
    return repo


def ref_of(box, name):
    refs = box.check("git for-each-ref --format='%(refname)' refs/exps").lines
    return next(ref for ref in refs if ref.endswith("/" + name))


def tree_of(box, name):
    return box.check(f"git ls-tree -r --name-only {ref_of(box, name)}").lines


def start(box, command):
    """A command in the background, with a process group of its own."""
    env = {**box.env} if hasattr(box, "env") else None
    return subprocess.Popen(["sh", "-c", command], cwd=box.repo, env=env, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, start_new_session=True)


# ---- edited data ----


@pytest.fixture
def tracked(project):
    """data.csv is tracked, and was edited since."""
    project.write({"data.csv": "one\n", "dvc.yaml": PIPELINE.replace("[train.sh]", "[train.sh, data.csv]"),
                   "train.sh": "cat data.csv params.yaml > model\n"})
    project.check("dvc add -q data.csv && dvc repro -q && git add -A && git commit -qm data")
    (project.repo / "data.csv").unlink()
    project.write({"data.csv": "two\n"})
    return project


def test_edited_data_is_used_and_kept(tracked):
    tracked.check("dvc exp run -n a -S lr=11")
    assert tracked.read("data.csv") == "two\n" and tracked.read("model") == "two\nlr: 11\n"
    assert "c193497a1a06b2c72230e6146ff47080" in tracked.check(f"git show {ref_of(tracked, 'a')}:data.csv.dvc").out


@pytest.mark.parametrize("how", ["--temp", "--queue"])
def test_edited_data_goes_elsewhere_too(tracked, how):
    tracked.check(f"dvc exp run {how} -n a -S lr=11")
    assert tracked.check("git status --porcelain").out == ""
    if how == "--queue":
        (tracked.repo / "data.csv").unlink()
        tracked.write({"data.csv": "three\n"})
        tracked.check("dvc exp run --run-all")
    tracked.check("dvc exp apply a")
    assert tracked.read("model") == "two\nlr: 11\n"


def test_edited_data_can_be_brought_back_after_apply(tracked):
    tracked.check("dvc checkout -q -f && dvc exp run -q -n a -S lr=11 && git checkout -q . && dvc checkout -q -f")
    (tracked.repo / "data.csv").unlink()
    tracked.write({"data.csv": "edited\n"})
    tracked.check("dvc exp apply a")
    assert tracked.read("data.csv") == "one\n"
    tracked.check("git checkout -q . && git stash apply -q refs/exps/apply/stash && dvc checkout -q")
    assert tracked.read("data.csv") == "edited\n"


def edited_output(project, edit, remove="true"):
    """An output is edited, and then the experiment `a`, which creates another one, is applied."""
    project.check("dvc exp run -q -n a -S lr=11 && git checkout -q . && dvc checkout -q -f")
    project.check(edit)
    done = project.check("dvc exp apply a")
    assert project.read("model") == "lr: 11\n" and "What was uncommitted is kept" in done.err
    project.check(f"git reset -q --hard && {remove} && git stash apply -q refs/exps/apply/stash && dvc checkout -q -f")


def test_an_edited_output_of_a_stage_can_be_brought_back_after_apply(project):
    edited_output(project, "rm model && echo edited > model")
    assert project.read("model") == "edited\n"
    assert project.check("dvc gc -q -w -f && rm -r model && dvc checkout -q model && cat model").out == "edited\n"
    project.check("git checkout -q dvc.lock && dvc repro -q")
    assert project.read("model") == "lr: 1\n"  # the run-cache has not stored the edit as a result of the stage


def test_an_edited_output_does_not_pass_for_that_of_an_edited_command(project):
    edited_output(project, "rm model && echo edited > model && sed -i 's/sh train.sh/sh  train.sh/' dvc.yaml")
    assert project.read("model") == "edited\n" and "changed command" in project.dvc("status").out


def test_a_directory_in_the_place_of_an_output_can_be_brought_back_after_apply(project):
    edited_output(project, "rm model && mkdir model && echo 1 > model/1 && echo 2 > model/2")
    assert project.check("cat model/1 model/2").out == "1\n2\n"


def test_an_output_that_was_never_recorded_can_be_brought_back_after_apply(project):
    edited_output(project, "rm model && echo edited > model && git rm -q dvc.lock && git commit -qm none", "rm dvc.lock")
    assert project.read("model") == "edited\n" and "params.yaml" in project.dvc("status").out


def test_an_output_that_git_tracks_is_left_to_git(project):
    project.check("dvc exp run -q -n a -S lr=11 && git checkout -q . && dvc checkout -q -f && git add -f model && git commit -qm model")
    project.check("rm model && echo edited > model && dvc exp apply a")
    assert project.check("git show refs/exps/apply/stash:model").out == "edited\n"


def test_an_output_that_the_cache_has_costs_nothing(project):
    project.check("dvc exp run -q -n a -S lr=11 && dvc exp run -q -n b -S lr=22 && git checkout -q . && dvc exp apply a")
    assert project.read("model") == "lr: 11\n" and project.sh("git rev-parse -q --verify refs/exps/apply/stash").status


# ---- the index ----


def test_staged_changes_stay_staged(project):
    project.write({"staged.txt": "staged\n", "train.sh": "cp params.yaml model # staged\n"})
    project.check("git add staged.txt train.sh")
    project.write({"train.sh": "cp params.yaml model # edited\n"})
    before = project.check("git status --porcelain staged.txt train.sh; git diff --cached").out
    project.check("dvc exp run -n a -S lr=11")
    project.check("dvc exp run --temp -n b -S lr=22")
    assert project.check("git status --porcelain staged.txt train.sh; git diff --cached").out == before
    for name in ("a", "b"):
        assert "edited" in project.check(f"git show {ref_of(project, name)}:train.sh").out
        assert "staged.txt" in tree_of(project, name)


def test_a_file_taken_out_of_git_stays_out(project):
    project.write({"big.csv": "data\n"})
    project.check("git add big.csv && git commit -qm big")
    project.check("git rm -q --cached big.csv && dvc add -q big.csv")
    project.check("dvc exp run -n a -S lr=11")
    assert "big.csv" not in tree_of(project, "a")
    assert project.read("big.csv") == "data\n"


def test_a_file_becomes_a_directory(project):
    project.write({"thing": "file\n"})
    project.check("git add thing && git commit -qm thing")
    (project.repo / "thing").unlink()
    project.write({"thing/part": "part\n"})
    project.check("git add thing/part")
    project.check("dvc exp run -n a -S lr=11")
    assert "thing/part" in tree_of(project, "a") and "thing" not in tree_of(project, "a")
    project.check("git commit -qm directory && rm -r thing && echo file > thing && git add thing")
    project.check("dvc exp run -n b -S lr=22")
    assert "thing" in tree_of(project, "b") and "thing/part" not in tree_of(project, "b")
    assert project.check("git fsck").status == 0


def test_during_a_merge(project):
    project.check("git checkout -q -b other && echo other > both && git add both && git commit -qm other")
    project.check("git checkout -q master && echo ours > both && git add both && git commit -qm ours")
    assert project.sh("git merge -q other").status
    before = project.check("git status --porcelain both; cat .git/MERGE_HEAD").out
    project.check("dvc exp run -n a -S lr=11")
    assert project.check("git status --porcelain both; cat .git/MERGE_HEAD").out == before
    assert "<<<<<<<" in project.check(f"git show {ref_of(project, 'a')}:both").out


def test_during_a_rebase(project):
    project.check("git commit -q --allow-empty -m two")
    project.check("GIT_SEQUENCE_EDITOR=\"sed -i 1s/pick/edit/\" git rebase -q -i HEAD~1 --keep-empty 2>/dev/null")
    head = project.check("git rev-parse HEAD").out
    project.check("dvc exp run -n a -S lr=11 && dvc exp run --temp -n b -S lr=22")
    assert project.check("git rev-parse HEAD").out == head
    project.check("git checkout -q . && git rebase --continue")
    assert project.check("git symbolic-ref HEAD").out == "refs/heads/master\n"


# ---- apply ----


def test_apply_keeps_what_was_there_in_its_stash(project):
    project.check("dvc exp run -n a -S lr=11")
    project.check("git checkout -q . && dvc checkout -q -f")
    project.write({"train.sh": "edited\n", "notes.txt": "mine\n", "tool.sh": "tool\n"})
    (project.repo / "tool.sh").chmod(0o755)
    (project.repo / "link").symlink_to("nowhere")
    (project.repo / "dirlink").symlink_to(".dvc")
    project.check("git init -q nested && touch nested/file")
    project.check("dvc exp apply a")
    assert project.read("params.yaml") == "lr: 11\n" and project.read("notes.txt") == "mine\n"
    assert (project.repo / "nested/.git").is_dir()
    listed = project.check("git ls-tree -r 'refs/exps/apply/stash^3'").out
    assert "100644" in listed and "notes.txt" in listed and "nested" not in listed
    assert any(line.startswith("100755") and line.endswith("tool.sh") for line in listed.splitlines())
    assert sum(line.startswith("120000") for line in listed.splitlines()) == 2
    project.check("git checkout -q . && rm -f notes.txt tool.sh link dirlink")
    project.check("git stash apply -q refs/exps/apply/stash")
    assert project.read("train.sh") == "edited\n" and project.read("notes.txt") == "mine\n"
    assert os.access(project.repo / "tool.sh", os.X_OK) and os.readlink(project.repo / "link") == "nowhere"
    assert project.check("git fsck").status == 0


def test_rename_to_its_own_name(project):
    project.check("dvc exp run -n a -S lr=11")
    project.sh("dvc exp rename -f a a")
    assert project.check("dvc exp list --name-only").out == "a\n"


# ---- unusual configurations of Git ----


def test_line_endings_are_converted(project):
    project.check("git config core.autocrlf true")
    (project.repo / "train.sh").write_bytes(b"cp params.yaml model # edited\r\n")
    project.write({'"quoted"': "x\n", "line\nbreak": "x\n"})
    project.check("git add . 2>/dev/null")
    project.write({'"quoted"': "y\n", "line\nbreak": "y\n"})
    project.check("dvc exp run -n a -S lr=11")
    blob = project.check(f"git cat-file blob {ref_of(project, 'a')}:train.sh").out
    assert blob == "cp params.yaml model # edited\n"
    assert project.check(f"git cat-file blob '{ref_of(project, 'a')}:line\nbreak'").out == "y\n"
    assert project.check(f"git cat-file blob '{ref_of(project, 'a')}:\"quoted\"'").out == "y\n"


def test_file_modes_that_do_not_count(project):
    project.check("git config core.fileMode false")
    project.write({"train.sh": "cp params.yaml model # edited\n"})
    (project.repo / "train.sh").chmod(0o755)
    project.check("dvc exp run -n a -S lr=11")
    assert project.check(f"git ls-tree {ref_of(project, 'a')} train.sh").out.startswith("100644")


def test_submodules_stay_as_they_are(project):
    project.check("git init -q ../library && cd ../library && touch f && git add f && git commit -qm f")
    project.check("git -c protocol.file.allow=always submodule --quiet add ../library lib && git commit -qm lib")
    project.write({"lib/f": "changed\n"})
    project.check("dvc exp run -n a -S lr=11 && dvc exp run --temp -n b -S lr=22 && dvc exp apply b")
    assert project.read("lib/f") == "changed\n"
    for name in ("a", "b"):
        assert "160000 commit" in project.check(f"git ls-tree {ref_of(project, name)} lib").out


def test_sparse_checkout(project):
    project.write({"far/away": "x\n", "near/by": "x\n"})
    project.check("git add -A && git commit -qm sparse && git sparse-checkout set near .dvc")
    assert not (project.repo / "far").exists()
    project.check("dvc exp run -n a -S lr=11 && dvc exp run --temp -n b -S lr=22 && dvc exp apply b")
    assert not (project.repo / "far").exists()
    for name in ("a", "b"):
        assert "far/away" in tree_of(project, name)


def test_packed_refs_and_a_linked_work_tree(project):
    project.check("dvc exp run -n a -S lr=11 && git checkout -q . && git pack-refs --all && git gc -q")
    project.check("git worktree add -q ../linked && dvc exp run --queue -n b -S lr=22")
    project.check("cd ../linked && dvc exp run --temp -n c -S lr=33 && dvc exp run -n d -S lr=44")
    project.check("dvc exp run --run-all")
    assert sorted(project.check("dvc exp list -A --name-only").lines) == ["a", "b", "c", "d"]
    project.check("dvc exp remove a")
    assert sorted(project.check("dvc exp list -A --name-only").lines) == ["b", "c", "d"]
    assert project.check("git fsck").status == 0


def test_hooks_and_signing_are_left_out(project):
    for hook in ("pre-commit", "post-checkout", "reference-transaction", "post-index-change"):
        path = project.repo / ".git/hooks" / hook
        path.write_text("#!/bin/sh\necho ran >> \"$PWD/../hooks-ran\"\nexit 1\n")
        path.chmod(0o755)
    project.check("git config commit.gpgSign true && git config user.signingKey nobody")
    project.check("dvc exp run -n a -S lr=11 && dvc exp run --temp -n b -S lr=22")
    assert len(project.check("dvc exp list --name-only").lines) == 2


def test_names_in_utf8(project):
    project.check("dvc exp run -n naïve-ключ -S lr=11 && dvc exp run --queue -n später -S lr=22 && dvc exp run --run-all")
    assert sorted(project.check("dvc exp list --name-only").lines) == ["naïve-ключ", "später"]
    project.check("dvc exp apply später")
    assert project.read("params.yaml") == "lr: 22\n"


# ---- two at once, and killed ones ----


def test_one_run_in_the_workspace_at_a_time(project):
    project.write({"train.sh": "touch ../begun; while [ ! -f ../go ]; do sleep 0.02; done; cp params.yaml model\n"})
    project.check("git commit -qam slow")
    first = start(project, "dvc exp run -n a -S lr=11")
    wait_for((project.root / "begun").exists)
    second = project.sh("dvc exp run -n b -S lr=22")
    applied = project.sh("dvc exp apply HEAD")
    (project.root / "go").touch()
    assert first.wait() == 0
    assert second.status == 255 and "another experiment is running in the workspace" in second.err
    assert applied.status == 255
    assert project.read("params.yaml") == "lr: 11\n" and project.read("model") == "lr: 11\n"
    assert project.check(f"git show {ref_of(project, 'a')}:params.yaml").out == "lr: 11\n"


@pytest.mark.parametrize("how", ["", "--temp"])
def test_killed_while_a_stage_runs(project, how):
    top = project.root
    project.write({"train.sh": f"touch {top}/begun; [ -f {top}/go ] || sleep 100; cp params.yaml model\n"})
    project.check("git commit -qam slow")
    project.write({"notes.txt": "mine\n"})
    run = start(project, f"exec dvc exp run {how} -n a -S lr=11")
    wait_for((project.root / "begun").exists)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert project.check("git symbolic-ref HEAD").out == "refs/heads/master\n"
    assert project.check("git fsck").status == 0
    assert project.read("notes.txt") == "mine\n"
    assert project.check("dvc exp list").out == ""
    project.check("git checkout -q . && git commit -q --allow-empty -m later")
    assert project.check("git rev-parse HEAD").out.strip() in project.check("dvc exp show --json").out
    (project.root / "go").touch()
    project.check("dvc exp clean")
    assert project.check("git worktree list").out.count("\n") == 1
    project.check("dvc exp run -n a -S lr=22")
    assert project.check("dvc exp list --name-only").out == "a\n"


# ---- data that apply overwrites ----


@pytest.fixture
def applied(project):
    """An experiment that has `extra` and another train.sh; the workspace is at HEAD."""
    project.write({"extra": "the experiment's\n", "train.sh": "cp params.yaml model # other\n"})
    project.check("git add extra && dvc exp run -n a -S lr=11")
    project.check("git rm -q --cached extra && rm extra && git checkout -q . && dvc checkout -q -f")
    return project


def brought_back(box, *, entry=0):
    """The workspace after the commands that apply prints for restoring."""
    box.check(f"git reset -q --hard && git stash apply -q refs/exps/apply/stash@{{{entry}}}")


def test_apply_tells_how_to_get_edits_back(applied):
    applied.write({"train.sh": "edited\n"})
    result = applied.check("dvc exp apply a")
    assert result.err == ("What was uncommitted is kept: `git reset --hard && git stash apply refs/exps/apply/stash` "
                          "brings it back.\n")
    applied.check("rm -f extra && git reset -q --hard && git stash apply -q refs/exps/apply/stash")
    assert applied.read("train.sh") == "edited\n"


def test_a_second_apply_keeps_the_edits_of_before_the_first(applied):
    applied.write({"train.sh": "edited\n"})
    applied.check("dvc exp apply a")
    applied.check("dvc exp apply a")
    applied.check("rm -f extra")
    brought_back(applied, entry=1)
    assert applied.read("train.sh") == "edited\n"


def test_apply_keeps_an_ignored_file_that_the_experiment_has(applied):
    applied.write({".git/info/exclude": "extra\n", "extra": "mine\n"})
    applied.check("dvc exp apply a")
    assert applied.read("extra") == "the experiment's\n"
    applied.check("rm extra")
    brought_back(applied)
    assert applied.read("extra") == "mine\n"


def test_apply_keeps_an_ignored_directory_where_the_experiment_has_a_file(applied):
    applied.write({".git/info/exclude": "extra\n", "extra/deep/file": "mine\n"})
    applied.check("dvc exp apply a")
    assert applied.read("extra") == "the experiment's\n"
    applied.check("rm extra")
    brought_back(applied)
    assert applied.read("extra/deep/file") == "mine\n"


def test_apply_refuses_to_overwrite_a_repository_inside(applied):
    applied.check("git init -q extra && echo mine > extra/file")
    (applied.repo / "model").unlink()
    applied.write({"model": "edited\n"})
    result = applied.dvc("exp apply a")
    assert result.status and "'extra' is a repository of its own" in result.err
    assert applied.check("git status --porcelain").out == "?? extra/\n" and applied.read("model") == "edited\n"
    assert applied.read("extra/file") == "mine\n" and applied.read("train.sh") == FILES["train.sh"]


@pytest.mark.parametrize("flag", ["--skip-worktree", "--assume-unchanged"])
def test_apply_keeps_edits_that_git_does_not_look_for(applied, flag):
    applied.check(f"git update-index {flag} train.sh")
    applied.write({"train.sh": "edited\n"})
    applied.check("dvc exp apply a")
    applied.check(f"git update-index --no-{flag[2:]} train.sh && rm -f extra")
    brought_back(applied)
    assert applied.read("train.sh") == "edited\n"


@pytest.mark.parametrize("path", ["model", "parts/new"])
def test_apply_keeps_edited_outputs_of_stages(project, path):
    project.write({"dvc.yaml": PIPELINE.replace("[model]", "[model, parts]"),
                   "train.sh": "cp params.yaml model; mkdir -p parts; cp model parts/first\n"})
    project.check("dvc repro -q && git add -A && git commit -qm parts && dvc exp run -n a -S lr=11")
    project.check("git checkout -q . && dvc checkout -q -f")
    (project.repo / path).unlink(missing_ok=True)
    project.write({path: "edited\n"})
    result = project.check("dvc exp apply a")
    assert result.out == "Changes for experiment 'a' have been applied to your current workspace.\n"
    assert project.read("model") == "lr: 11\n" and not (project.repo / "parts/new").exists()
    brought_back(project)
    project.check("dvc checkout -q")
    assert project.read(path) == "edited\n"
    assert not project.sh("grep -rl edited .dvc/cache/runs").out, "nobody ran anything to make it"


@pytest.mark.parametrize("how", ["rm data.csv.dvc", "sed -i s/data.csv/other/ data.csv.dvc", "echo : >> data.csv.dvc"])
def test_apply_keeps_edited_data_that_has_lost_its_pointer(tracked, how):
    tracked.check("dvc exp run -n a -S lr=11 && git checkout -q . && dvc checkout -q -f && rm data.csv")
    tracked.write({"data.csv": "three\n"})
    tracked.check(f"{how}; dvc exp apply a")
    assert tracked.read("data.csv") == "two\n"
    tracked.check("rm data.csv")
    brought_back(tracked)
    assert tracked.read("data.csv") == "three\n"


def test_apply_keeps_edited_data_while_a_pipeline_cannot_be_read(tracked):
    tracked.check("dvc exp run -n a -S lr=11 && git checkout -q . && dvc checkout -q -f && rm data.csv")
    tracked.write({"data.csv": "three\n", "dvc.yaml": "stages: [\n"})
    tracked.check("dvc exp apply a")
    assert tracked.read("data.csv") == "two\n"
    tracked.check("git reset -q --hard && git stash apply -q refs/exps/apply/stash && git checkout -q dvc.yaml")
    tracked.check("dvc checkout -q")
    assert tracked.read("data.csv") == "three\n"


def test_apply_leaves_submodules_alone_when_git_recurses(project):
    project.check("git init -q ../library && cd ../library && echo 1 > f && git add f && git commit -qm f")
    project.check("git -c protocol.file.allow=always submodule --quiet add ../library lib && git commit -qm lib")
    project.check("dvc exp run -n a -S lr=11 && git checkout -q . && git config submodule.recurse true")
    project.write({"lib/f": "edited\n", "lib/new": "new\n"})
    project.check("dvc exp apply a")
    assert project.read("lib/f") == "edited\n" and project.read("lib/new") == "new\n"


def test_without_edits_apply_keeps_nothing(applied):
    applied.check("git update-index --assume-unchanged train.sh")
    assert applied.check("dvc exp apply a").err == ""
    assert applied.sh("git rev-parse -q --verify refs/exps/apply/stash").status


UNREADABLE = {
    "yaml-syntax": ("dvc.yaml", "stages: [\n"),
    "yaml-not-text": ("dvc.yaml", b"\xff\xfe\x00\x01"),
    "lock-syntax": ("dvc.lock", "schema: '2.0'\nstages: [\n"),
    "lock-schema": ("dvc.lock", "schema: '2.0'\nstages: 3\n"),
    "params-syntax": ("params.yaml", "lr: [\n"),
    "pointer-syntax": ("data.dvc", "outs: [\n"),
}


@pytest.mark.parametrize("command", ["exp apply a", "exp run --queue", "exp run --temp", "exp run", "exp save"])
@pytest.mark.parametrize("kind", UNREADABLE)
def test_files_that_cannot_be_read_give_an_error_that_names_the_file(project, kind, command):
    """`exp apply` may succeed, because the experiment replaces the file. No process ends by a signal."""
    name, content = UNREADABLE[kind]
    project.check("dvc exp run -q -n a -S lr=11")
    project.write({name: content})
    done = project.dvc(command)
    assert done.status in (0, 1, 255), repr(done)
    if done.status:
        assert name in done.err, repr(done)


# ---- locks in .git ----


@pytest.mark.parametrize("command, lock", [("exp apply a", "index.lock"), ("exp branch a b1", "refs/heads/b1.lock"),
                                           ("exp run --queue", "refs/exps/celery/stash.lock")])
def test_a_lock_of_another_process_is_named_with_its_age_and_what_to_do(project, command, lock):
    project.check("dvc exp run -q -n a -S lr=11 && git checkout -q .")
    path = project.repo / ".git" / lock
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (time.time() - 600, time.time() - 600))
    result = project.dvc(command)
    if result.status:
        assert str(path) in result.err and "60" in result.err.replace(str(path), "") and "remove" in result.err, result
    else:
        assert lock == "index.lock"  # it was not needed
    assert path.exists()


def test_a_lock_that_we_left_is_removed_by_the_next_command(project):
    """The note of a process that no longer runs identifies the lock."""
    project.check("dvc exp run -q -n a -S lr=11 && git checkout -q .")
    notes, lock = project.repo / ".git/cairn-refs", project.repo / ".git/refs/heads/b1.lock"
    notes.mkdir(exist_ok=True)
    (notes / "1-1").write_text("4194303 1 no-such-boot\nrefs/heads/b1\n")
    lock.touch()
    project.check("dvc exp branch a b1")
    assert not lock.exists() and not list(notes.iterdir())
    project.check("git rev-parse -q --verify b1")


@pytest.mark.parametrize("note", ["4194303 1 no-such-boot\nrefs/heads/other\n", "4194303 1 no-such-boot\n../../victim\n"])
def test_a_lock_that_no_note_names_stays(project, note):
    project.check("dvc exp run -q -n a -S lr=11 && git checkout -q .")
    notes, lock = project.repo / ".git/cairn-refs", project.repo / ".git/refs/heads/b1.lock"
    notes.mkdir(exist_ok=True)
    (notes / "1-1").write_text(note)
    lock.touch()
    (project.root / "victim.lock").touch()
    assert project.dvc("exp branch a b1").status and lock.exists() and (project.root / "victim.lock").exists()


# ---- the repository lock ----


@pytest.mark.parametrize("command", ["exp save -n s", "exp apply a", "exp apply nosuch", "exp rename a b", "exp branch a b1", "exp remove a"])
def test_without_the_lock_nothing_is_looked_up_or_written(project, command):
    project.check("dvc exp run -q -n a -S lr=11")
    project.write({"train.sh": "edited\n"})
    refs = project.check("git for-each-ref && git status --porcelain").out
    done = project.sh(f"flock .dvc/tmp/lock dvc {command}")
    assert done.status and "Unable to acquire lock" in done.err and "nosuch" not in done.err, repr(done)
    assert project.check("git for-each-ref && git status --porcelain").out == refs
