"""Experiments in unusual places and states."""

import pytest

PIPELINE = "stages:\n  train:\n    cmd: cp params.yaml model\n    params: [lr]\n    outs: [model]\n"
FILES = {"dvc.yaml": PIPELINE, "params.yaml": "lr: 1\n"}


@pytest.fixture
def project(repo):
    repo.write(FILES)
    repo.check("dvc repro -q")
    repo.check("git add -A && git commit -qm base")
    return repo


def refs(box):
    return box.check("git for-each-ref --format='%(refname)' refs/exps").lines


def test_detached_head(project):
    project.check("git checkout -q --detach")
    project.check("dvc exp run -n a -S lr=11")
    project.check("dvc exp run --temp -n b -S lr=22")
    assert project.check("dvc exp list").out.startswith("master:\n")
    assert project.check("git symbolic-ref -q HEAD || echo detached").out == "detached\n"
    assert "master" in project.check("dvc exp show --csv").out


def test_no_commit_yet(new_sandbox):
    box = new_sandbox(start="git")
    box.check("dvc init -q")
    box.write(FILES)
    run = box.sh("dvc exp run")
    assert run.status == 255
    assert run.err == "ERROR: Empty Git repo. Add a commit to use experiments.\n"


def test_repository_in_a_subdirectory(new_sandbox):
    box = new_sandbox(start="git")
    box.write({"README": "top\n"})
    box.check("mkdir 'my project' && cd 'my project' && dvc init -q --subdir")
    box.cwd = box.repo / "my project"
    box.write({f"my project/{name}": text for name, text in FILES.items()})
    box.check("dvc repro -q && git add -A && git commit -qm base")
    box.check("dvc exp run -n a -S lr=11")
    box.check("dvc exp run --temp -n b -S lr=22")
    box.check("dvc exp run --queue -n c -S lr=33")
    box.check("dvc exp run --run-all")
    assert sorted(box.check("dvc exp list --name-only").lines) == ["a", "b", "c"]
    shown = box.check("dvc exp show --csv").out
    for value in ("11", "22", "33"):
        assert f",{value}\n" in shown or f",{value}," in shown
    box.check("dvc exp apply c")
    assert (box.cwd / "model").read_text() == "lr: 33\n"
    assert box.check("dvc status").out == "Data and pipelines are up to date.\n"


def test_from_below_the_root(project):
    (project.repo / "sub").mkdir()
    project.write({"sub/dvc.yaml": PIPELINE, "sub/params.yaml": "lr: 5\n"})
    project.check("cd sub && dvc repro -q && git add -A && git commit -qm sub")
    project.cwd = project.repo / "sub"
    project.check("dvc exp run -n a -S lr=55")
    assert project.read("sub/params.yaml") == "lr: 55\n" and project.read("params.yaml") == "lr: 1\n"
    project.check("dvc exp run --temp -n b -S lr=66")
    ref = [r for r in refs(project) if r.endswith("/b")][0]
    assert project.check(f"git show {ref}:sub/params.yaml").out == "lr: 66\n"
    assert "lr: 66" in project.check(f"git show {ref}:sub/dvc.lock").out


def test_files_with_odd_names_travel(project):
    names = ["with space", "quo'te", 'dou"ble', "ünï", "-dash", "[x]*?"]
    project.write({f"odd/{name}": f"{name}\n" for name in names})
    project.check("git add -A && git commit -qm odd")
    project.write({f"odd/{name}": f"changed {name}\n" for name in names})
    project.check("dvc exp run --temp -n t -S lr=11")
    project.check("dvc exp run -n w -S lr=22")
    for name in ("t", "w"):
        ref = [r for r in refs(project) if r.endswith("/" + name)][0]
        for file in names:
            assert project.check(f"git cat-file -p \"$(git rev-parse {ref})\":'odd/{file}'" if "'" not in file else
                                 f"git cat-file -p \"$(git rev-parse {ref}):odd/{file}\"").out == f"changed {file}\n"


def test_staged_deleted_and_executable_changes_are_part_of_it(project):
    project.write({"gone": "1\n", "tool": "#!/bin/sh\n"})
    project.check("git add -A && git commit -qm more")
    project.write({"new": "staged\n"})
    project.check("rm gone && chmod +x tool && git add new && ln -s params.yaml link && git add link")
    project.check("dvc exp run -n a -S lr=11")
    ref = [r for r in refs(project) if r.endswith("/a")][0]
    listed = project.check(f"git ls-tree {ref} | cut -c1-6,53-").out
    assert "gone" not in listed and "100755 tool" in listed.replace("\t", " ")
    assert "120000 link" in listed.replace("\t", " ") and "100644 new" in listed.replace("\t", " ")
    assert project.check("git status --porcelain").out.count("\n") >= 4  # the index is unchanged
    assert project.check("git diff --cached --name-only").lines == ["link", "new"]


def test_hooks_and_signing_do_not_get_in_the_way(project):
    hook = project.repo / ".git/hooks"
    hook.mkdir(exist_ok=True)
    for name in ("pre-commit", "post-checkout", "post-commit", "reference-transaction"):
        (hook / name).write_text("#!/bin/sh\necho hook ran >&2\nexit 1\n")
        (hook / name).chmod(0o755)
    project.check("git config commit.gpgsign true")
    for options in ("-n a", "--temp -n b"):
        done = project.check(f"dvc exp run {options} -S lr={len(options)}1")
        assert "hook ran" not in done.err


def test_apply_keeps_what_was_uncommitted(project):
    project.check("dvc exp run -q -n a -S lr=11")
    project.check("git checkout -q . && dvc checkout -q")
    project.write({"params.yaml": "lr: 777\n", "notes.txt": "mine\n"})
    project.check("dvc exp apply a")
    assert project.read("params.yaml") == "lr: 11\n" and project.read("notes.txt") == "mine\n"
    project.check("git reset -q --hard && rm notes.txt && git stash apply -q refs/exps/apply/stash")
    assert project.read("params.yaml") == "lr: 777\n" and project.read("notes.txt") == "mine\n"


def test_copied_paths(project):
    project.write({".gitignore": "/secret\n/model\n", "secret/key": "k\n",
                   "dvc.yaml": "stages:\n  s:\n    cmd: cat secret/key > out\n    outs: [out]\n    always_changed: true\n"})
    project.check("git add -A && git commit -qm secret")
    without = project.sh("dvc exp run --temp -n a")
    assert without.status == 255
    project.check("dvc exp run --temp -n b -C secret")
    ref = [r for r in refs(project) if r.endswith("/b")][0]
    assert "secret" not in project.check(f"git ls-tree -r --name-only {ref}").out


def test_a_table_of_broken_revisions(project):
    project.write({"dvc.yaml": "stages: [\n"})
    project.check("git commit -qam broken")
    project.write({"dvc.yaml": PIPELINE})
    project.check("git commit -qam fixed")
    shown = project.check("dvc exp show --csv -n 3")
    assert len(shown.lines) == 5


def test_messages_of_commits(project):
    project.check("dvc exp run -n a -S lr=11 -m 'why: because\n\nmore'")
    project.check("dvc exp run --queue -n b -S lr=22 -m 'queued one'")
    project.check("dvc exp run --run-all")
    for name, message in (("a", "why: because\n\nmore\n"), ("b", "queued one\n")):
        ref = [r for r in refs(project) if r.endswith("/" + name)][0]
        assert project.check(f"git log -1 --format=%B {ref}").out.rstrip("\n") == message.rstrip("\n")


def test_of_several_tags_the_first_is_named(project):
    project.check("git tag v1 && git tag a1 && git tag z1 && git checkout -q --detach && git branch -qD master")
    assert [line.split(",")[1] for line in project.check("dvc exp show --csv").lines[1:3]] == ["workspace", "a1"]


def test_a_text_for_a_number_of_python_parameters(repo):
    repo.write({"params.py": "INT = 5\n", "dvc.yaml": "stages:\n  s: {cmd: echo 1 > o, params: [params.py: [INT]], outs: [o]}\n"})
    repo.check("git add -A && git commit -qm base && dvc exp run -q -S params.py:INT=2a")
    assert repo.read("params.py") == "INT = '2a'\n"


def test_rename_to_the_name_that_it_has(repo):
    """By its ref the experiment has another word than its name, and it is one thing all the same."""
    repo.write({"params.yaml": "lr: 1\n", "dvc.yaml": "stages:\n  s: {cmd: echo, params: [lr]}\n"})
    repo.check("git add -A && git commit -qm base && dvc exp run -q -n one -S lr=2")
    ref = repo.check("git for-each-ref --format='%(refname)' refs/exps | grep /one").out.strip()
    repo.check(f"dvc exp rename -f {ref} one")
    assert repo.check("git for-each-ref --format='%(refname)' refs/exps | grep /one").out.strip() == ref
    assert repo.check("dvc exp remove one one").out == "Removed experiments: 'one'\n"
