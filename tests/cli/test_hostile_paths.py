"""Paths in pointers, pipelines and listings come with a clone: none of them may reach the repository itself or leave
it."""

import hashlib
import json

import pytest

NOTES = "the only copy\n"

# Paths of an output that contain the repository.
OF_THE_REPOSITORY = [".", "", "./", "sub/..", "..", "../repo", ".git", ".git/config", "sub/../.git", ".GIT/config",
                     "git~1/config", ".git /config", ".g\u200cit/config", ".dvc", ".dvc/config", ".dvc/tmp", ".DVC/config"]


@pytest.fixture
def project(repo):
    """A repository with one untracked file."""
    repo.write({"notes.txt": NOTES, "sub/keep.txt": "keep\n"})
    return repo


def is_whole(box):
    assert box.check("git rev-parse HEAD").status == 0
    assert box.read("notes.txt") == NOTES and box.read("sub/keep.txt") == "keep\n"
    assert (box.repo / ".dvc/config").is_file()


def a_pointer(path, md5="d41d8cd98f00b204e9800998ecf8427e.dir"):
    return f"outs:\n- md5: {md5}\n  size: 0\n  nfiles: 0\n  hash: md5\n  path: {json.dumps(path)}\n"


def store(box, content):
    """Put an object into the cache as a hostile remote would send it. Returns its name."""
    digest = hashlib.md5(content).hexdigest()
    box.write({f".dvc/cache/files/md5/{digest[:2]}/{digest[2:]}": content})
    return digest


def store_listing(box, paths):
    data = store(box, b"[core]\n\tfsmonitor = touch pwned\n")
    text = json.dumps([{"md5": data, "relpath": p} for p in paths]).encode()
    digest = hashlib.md5(text).hexdigest()
    box.write({f".dvc/cache/files/md5/{digest[:2]}/{digest[2:]}.dir": text})
    return digest + ".dir"


def refuses(result):
    assert result.status not in (0, 139) and "Traceback" not in result.err
    assert any(word in result.err for word in ("is refused", "is ignored by", "cannot be an output")), result


# ---- pointers and stages ----


@pytest.mark.parametrize("command", ["checkout -f", "pull -f", "exp run", "commit -f", "remove --outs x.dvc"])
@pytest.mark.parametrize("path", OF_THE_REPOSITORY)
def test_a_pointer_to_the_repository_is_refused(project, path, command):
    store(project, b"")
    store_listing(project, [])
    project.write({"x.dvc": a_pointer(path)})
    refuses(project.dvc(command))
    is_whole(project)


@pytest.mark.parametrize("command", ["repro -f", "checkout -f", "exp run", "exp run --temp", "remove --outs s"])
@pytest.mark.parametrize("path", OF_THE_REPOSITORY)
def test_an_output_of_a_stage_in_the_repository_is_refused(project, path, command):
    project.write({"dvc.yaml": f"stages:\n  s:\n    cmd: 'true'\n    outs: [{json.dumps(path)}]\n"})
    project.check("git add dvc.yaml && git commit -qm stage")
    refuses(project.dvc(command))
    is_whole(project)


@pytest.mark.parametrize("command", ["checkout -f", "pull -f"])
def test_a_pointer_to_its_own_directory_is_refused(project, command):
    project.write({"sub/x.dvc": a_pointer(".")})
    refuses(project.dvc(command))
    is_whole(project)


def test_a_working_directory_above_the_repository_is_refused(project):
    project.write({"x.dvc": "wdir: ..\n" + a_pointer("repo")})
    refuses(project.dvc("checkout -f"))
    is_whole(project)


def test_a_link_to_the_git_directory_is_not_followed(project):
    md5 = store(project, b"[alias]\n")
    project.check("ln -s .git g")
    project.write({"x.dvc": a_pointer("g/config", md5)})
    refuses(project.dvc("checkout -f"))
    assert "[alias]" not in project.read(".git/config")
    is_whole(project)


def test_in_a_linked_work_tree_the_shared_git_directory_is_safe(project):
    project.check("git worktree add -q ../tree && mkdir inner data && git init -q --separate-git-dir data/git inner")
    project.cwd = project.repo / "inner"
    project.check("dvc init -q")
    project.write({"inner/dvc.yaml": "stages:\n  s:\n    cmd: 'true'\n    outs: [{../data: {cache: false}}]\n"})
    refuses(project.dvc("repro -f"))
    assert project.check("git rev-parse --git-dir").status == 0


# ---- remove --outs ----


def outside(box):
    box.check("mkdir ../out && echo mine > ../out/file")
    return box.root / "out"


@pytest.mark.parametrize("spelling", ["{root}/out", "../out", "sub/../../out", "./../repo/../out"])
@pytest.mark.parametrize("option", ["", "-f"])
def test_remove_outs_leaves_what_lies_outside(project, spelling, option):
    there = outside(project)
    project.write({"x.dvc": a_pointer(spelling.format(root=project.root))})
    result = project.dvc(f"remove --outs {option} x.dvc")
    assert result.status and "lies outside the repository and is not removed" in result.err
    assert (there / "file").read_text() == "mine\n" and (project.repo / "x.dvc").exists()


def test_remove_outs_leaves_what_a_link_leads_to(project):
    there = outside(project)
    project.check("ln -s ../out link")
    project.write({"x.dvc": a_pointer("link/file")})
    assert project.dvc("remove --outs x.dvc").status
    assert (there / "file").read_text() == "mine\n"


def test_remove_outs_takes_an_external_output_only_when_forced(project):
    there = outside(project)
    project.write({"dvc.yaml": "stages:\n  s:\n    cmd: 'true'\n    outs: [{../out/file: {cache: false}}]\n"})
    result = project.dvc("remove --outs s")
    assert result.status and "--force" in result.err and (there / "file").exists()
    project.check("dvc remove --outs -f s")
    assert not (there / "file").exists() and not (project.repo / "dvc.yaml").exists()


# ---- listings ----


@pytest.mark.parametrize("path", [".git/config", "a/.git/config", ".GIT/config", "git~1/config", ".git./config", ".git",
                                  ".g\u200cit/config", ".git::$INDEX_ALLOCATION/config"])
def test_a_listing_with_a_git_directory_is_refused(project, path):
    project.write({"data.dvc": a_pointer("data", store_listing(project, [path, "fine"]))})
    result = project.dvc("checkout -f")
    assert result.status and "which Git would take for its own directory" in result.err
    assert not list(project.repo.glob("data/**/config"))


@pytest.mark.parametrize("path", [".gitignore", ".gitattributes", "a.git/config", "git/config", ".gi/t", "x.git", "legit~1"])
def test_names_that_only_resemble_git_are_data(project, path):
    project.write({"data.dvc": a_pointer("data", store_listing(project, [path]))})
    project.check("dvc checkout -f")
    assert (project.repo / "data" / path).exists()


def test_add_refuses_what_a_checkout_would_refuse(project):
    project.write({"data/.GIT/config": "x\n", "data/fine": "y\n"})
    result = project.dvc("add data")
    assert result.status and "data/.GIT' cannot be tracked" in result.err
    assert not (project.repo / "data.dvc").exists()
