"""Hints of errors: a usage error is short, and an unknown word gets the nearest known one."""

import pytest

PIPELINE = """stages:
  train: {cmd: echo 1 > model, params: [lr], outs: [model]}
"""


@pytest.fixture
def project(repo):
    repo.write({"dvc.yaml": PIPELINE, "params.yaml": "lr: 1\n", "data.csv": "1\n"})
    repo.check("dvc add -q data.csv && dvc remote add -q -d store ../store && git add -A && git commit -qm base && git tag v1")
    repo.check("git update-ref refs/exps/$(git rev-parse HEAD | sed 's,^..,&/,')/first-try HEAD")
    return repo


@pytest.mark.parametrize("line,lines", [
    ("repo", ["ERROR: unknown command 'repo'", "Did you mean 'repro'?", "See `cairn -h`."]),
    ("exp shw", ["ERROR: unknown command 'shw' of 'exp'", "Did you mean 'show'?", "See `cairn exp -h`."]),
    ("daemon start", ["ERROR: DVC's command 'daemon' does not exist here yet", "See `cairn -h`."]),
    ("xyzzy", ["ERROR: unknown command 'xyzzy'", "See `cairn -h`."]),
    ("repro --al-pipelines", ["ERROR: unrecognized arguments: --al-pipelines", "Did you mean '--all-pipelines'?",
                              "See `cairn repro -h`."]),
    ("push -j many", ["ERROR: argument -j/--jobs: invalid int value: 'many'", "See `cairn push -h`."]),
    ("exp show --sort-order up", ["ERROR: argument --sort-order: invalid choice: 'up' (choose from 'asc', 'desc')",
                                  "See `cairn exp show -h`."]),
    ("remote", ["ERROR: the following arguments are required: cmd", "See `cairn remote -h`."]),
    ("repro --json", ["ERROR: argument --json: it needs --explain", "See `cairn repro -h`."]),
])
def test_usage_errors_are_short(project, line, lines):
    done = project.sh("cairn " + line)
    assert (done.status, done.out, done.err.splitlines()) == (254, "", lines)


def test_called_dvc_the_help_follows(project):
    done = project.dvc("repo")
    assert done.status == 254 and done.out.startswith("usage: dvc ")
    assert done.err.startswith("ERROR: argument command: invalid choice: 'repo' (choose from 'add', ")
    assert done.err.endswith("\nDid you mean 'repro'?\nSee `dvc -h`.\n")


@pytest.mark.parametrize("line,hint", [
    ("repro trian", "Did you mean 'train'?"),
    ("why trian", "Did you mean 'train'?"),
    ("checkout data.cvs", "Did you mean 'data.csv'?"),
    ("push -r stor", "Did you mean 'store'?"),
    ("remote modify stor url x", "Did you mean 'store'?"),
    ("remote modify store shard group", "Did you mean 'shared'?"),
    ("config core.remot x", "Did you mean 'core.remote'?"),
    ("exp apply first-tyr", "Did you mean 'first-try'?"),
    ("exp run -S lrr=2", "Did you mean 'lr'?"),
    ("diff v2", "Did you mean 'v1'?"),
    ("exp remove nosuch", "No experiment is called 'nosuch'; `cairn exp list -A` names all."),
    ("queue logs nosuch", "No task of the queue is called 'nosuch'; `cairn queue status` names all."),
    ("config core.xyzzyx 1", "There is no configuration key 'core.xyzzyx'; `cairn config -h` names all."),
    ("remote modify store xyzzyx 1", "Such a remote has no key 'xyzzyx'; `cairn remote modify -h` names all."),
    ("remote remove nosuch", "No remote is called 'nosuch'; `cairn remote list` names all."),
])
def test_the_nearest_word(project, line, hint):
    done = project.sh("cairn " + line)
    assert done.status and done.err.splitlines()[-1] == hint, done.err
    if not line.startswith("why"):  # a command that DVC does not have
        assert hint not in project.dvc(line).err


@pytest.mark.parametrize("line,hint", [
    ("freeze trian", "Did you mean 'train'?"),
    ("unfreeze trian", "Did you mean 'train'?"),
    ("freeze data.cvs.dvc", "Did you mean 'data.csv.dvc'?"),
    ("freeze modle", "Did you mean 'train'?"),
    ("freeze model", "'model' is an output of 'train': `cairn freeze train`"),
    ("unfreeze data.csv", "'data.csv' is an output of 'data.csv.dvc': `cairn unfreeze data.csv.dvc`"),
    ("freeze xyzzyx", "No stage or .dvc file is called 'xyzzyx'; `cairn stage list --all` names all."),
    ("freeze each@a", "Stages of a foreach or matrix are changed in 'dvc.yaml' itself."),
    ("remove trian", "Did you mean 'train'?"),
    ("remove data.cvs", "Did you mean 'data.csv.dvc'?"),
    ("remove model", "'model' is an output of 'train': `cairn remove train`"),
    ("remove each", "Stages of a foreach or matrix are changed in 'dvc.yaml' itself."),
    ("remove xyzzyx", "No stage or .dvc file is called 'xyzzyx'; `cairn stage list --all` names all."),
    ("commit trian", "Did you mean 'train'?"),
    ("commit xyzzyx", "No stage, output or .dvc file is called 'xyzzyx'; `cairn stage list --all` names all."),
    ("commit -f train", "`cairn checkout` brings back what is cached, `cairn repro` makes it anew."),
])
def test_what_to_type_instead(project, line, hint):
    project.write({"dvc.yaml": PIPELINE + "  each: {foreach: [a, b], do: {cmd: echo}}\n"})
    done = project.sh("cairn " + line)
    assert done.status and done.err.splitlines()[-1] == hint, done.err
    assert hint not in project.dvc(line).err


@pytest.mark.parametrize("start,line,status,hint", [
    ("", "status", 253, "`cairn init` sets one up here; in a project, change to its directory."),
    ("", "exp run -S a=1", 253, "`cairn init` sets one up here; in a project, change to its directory."),
    ("", "init", 1, "`git init` makes this directory a Git repository."),
    ("git init -q && dvc init -q", "exp run", 255, "`git add -A && git commit` makes the first commit."),
    ("git init -q && dvc init -q", "exp apply nosuch", 255, "`git add -A && git commit` makes the first commit."),
    ("git init -q && dvc init -q", "repro", 255,
     "`cairn stage add` adds the first stage; `cairn stage list --all` names those of other directories."),
])
def test_the_next_step(new_sandbox, start, line, status, hint):
    box = new_sandbox(start="empty")
    if start:
        box.check(start)
    done = box.sh("cairn " + line)
    assert (done.status, done.err.splitlines()[-1]) == (status, hint)
    assert hint.replace("cairn ", "dvc ") not in box.dvc(line).err
    assert box.sh("cairn -q " + line).err == ""


@pytest.mark.parametrize("line,hint", [
    ("exp run -S lr", "A parameter needs a value: `-S <name>=<value>`."),
    ("exp run -S nosuch.yaml:lr=1", "There is no parameter 'nosuch.yaml:lr'."),
    ("cat folder", "`cairn list . <directory>` names the files in it."),
    ("exp push origin", "`git remote -v` lists the Git remotes, `git remote add <name> <url>` adds one."),
    ("config cor.remote x", "Did you mean 'core.remote'?"),
    ("executor show xyzzyx", "An executor is a section of .dvc/cairn.config: `[executor \"xyzzyx\"]`."),
])
def test_what_would_be_right(project, line, hint):
    project.write({"folder/x": "1\n"})
    done = project.sh("cairn " + line)
    assert done.status and done.err.splitlines()[-1] == hint, done.err
    assert hint not in project.dvc(line).err


@pytest.mark.parametrize("column,hint", [
    ("lrr", "Did you mean 'lr'?"),
    ("params.yaml:lrr", "Did you mean 'lr'?"),
    ("xyzzyx", "A column is a metric or a parameter; the table without `--sort-by` shows all."),
])
def test_the_nearest_column(project, column, hint):
    project.check("cairn exp run -q -S lr=2 && cairn exp run -q -S lr=3")
    done = project.sh(f"cairn exp show --sort-by {column}")
    assert done.status == 255 and done.err == f"ERROR: Unknown sort column '{column}'\n{hint}\n"
    assert project.dvc(f"exp show --sort-by {column}").err == f"ERROR: Unknown sort column '{column}'\n"


def test_a_missing_dependency(project):
    project.write({"dvc.yaml": "stages:\n  a: {cmd: cp b c, deps: [b], outs: [c]}\n"})
    hint = "The stage depends on it: make it, or correct `deps` in dvc.yaml."
    done = project.sh("cairn repro a")
    assert "No such file" in done.err and done.err.splitlines()[-1] == hint
    assert hint not in project.dvc("repro a").err


@pytest.mark.parametrize("text,key", [
    ("stages:\n  a:\n    cmd: echo\n    dep: [data.csv]\n", "deps"),
    ("stage:\n  a:\n    cmd: echo\n", "stages"),
    ("stages:\n  a:\n    cmd: echo\n    outs:\n    - x: {cash: false}\n", "cache"),
    ("stages:\n  a:\n    cmd: echo\n    xyzzyx: 1\n", None),
])
def test_an_unknown_key_of_dvc_yaml(project, text, key):
    project.write({"dvc.yaml": text})
    for line, status in (("repro", 255), ("status", 1)):
        done = project.sh("cairn " + line)
        assert done.status == status and "extra keys not allowed" in done.err
        assert (done.err.splitlines()[-1] == f"Did you mean '{key}'?") == bool(key)
        assert "Did you mean" not in project.dvc(line).err


def test_a_first_experiment_does_not_warn(project):
    """The stage runs right after the checkout, and makes the output then."""
    assert "won't be created" not in project.check("cairn exp run").err
    project.check("git checkout -q . && rm -rf dvc.lock model")
    assert "won't be created" in project.dvc("exp run -f").err
    project.check("git checkout -q . && rm -rf dvc.lock model")
    assert "won't be created" in project.sh("cairn checkout").err


def test_what_studio_does_not_have_is_not_told(project):
    assert "Studio" not in project.sh("cairn artifacts get . nosuch").err
    assert "Studio" in project.dvc("artifacts get . nosuch").err


@pytest.mark.parametrize("name,text", [
    ("config", "[cor]\n    autostage = true\n"),
    ("config.local", "[core]\n    autostage = maybe\n"),
    ("config.local", "['remote \"gone\"']\n    jobs = 8\n"),
])
def test_the_file_of_a_wrong_setting(project, name, text):
    with open(project.repo / ".dvc" / name, "a") as file:
        file.write(text)
    done = project.sh("cairn status")
    assert done.status == 251 and done.err.splitlines()[1:] == [f"Mend it in '{project.repo}/.dvc/{name}'."]
    assert "Mend" not in project.dvc("status").err


def test_hints_are_about_the_name_alone(project):
    """The name is right, and the error is about something else."""
    project.write({"dvc.yaml": PIPELINE + "  train: 1\n"})
    assert "is called" not in project.sh("cairn remove train").err


def test_a_missing_dvc_yaml_is_not_the_point(repo):
    repo.write({"data.csv": "1\n"})
    repo.check("dvc add -q data.csv")
    done = repo.sh("cairn remove data.csv")
    assert "Do you mean 'data.csv.dvc'?" in done.err and "stage add" not in done.err


def test_nothing_to_show(repo):
    for what, line in (("metrics", "There are no metrics: dvc.yaml names none. Name a file to show it.\n"),
                       ("params", "There are no parameters: no params.yaml is here, and dvc.yaml names none.\n")):
        done = repo.check(f"cairn {what} show")
        assert (done.out, done.err) == ("", line)
        assert repo.check(f"cairn {what} show --json").err == repo.check(f"cairn {what} show -q").err == ""
        assert repo.check(f"dvc {what} show").err == ""
    repo.write({"params.yaml": "lr: 1\n"})
    assert repo.check("cairn params show").err == ""


def test_a_broken_file_is_told_once(repo):
    repo.write({"params.yaml": "lr: [1\n", "dvc.yaml": "stages:\n  a: {cmd: 'echo ${lr}'}\n"})
    assert repo.sh("cairn params show").err == (
        "WARNING: unable to load 'workspace': unable to read: 'params.yaml', YAML file structure is corrupted\n")


def test_saving_under_a_name_that_is_taken(project):
    project.check("cairn repro -q && cairn exp save -q -n mine && echo lr: 5 >params.yaml && cairn repro -q")
    done = project.sh("cairn exp save -n mine")
    assert done.status == 1 and done.err.splitlines()[-1] == "Here it is `cairn exp save -f`; `-n` gives another name."
    assert "exp save" not in project.dvc("exp save -n mine").err
    project.check("cairn exp save -q -f -n mine")


def test_quiet_says_nothing(project):
    assert project.sh("cairn -q push -r stor").err == ""
    assert project.sh("cairn repro -q trian").err == ""


@pytest.mark.parametrize("line,message,of_dvc", [
    ("get . nosuch", "ERROR: 'nosuch' is neither a file nor tracked data of that repository\n", "unexpected error - ['nosuch']"),
    ("import . nosuch -o x", "ERROR: 'nosuch' is neither a file nor tracked data of that repository\n",
     "unexpected error - ['nosuch']"),
    ("du . nosuch", "ERROR: 'nosuch' is neither a file nor tracked data of that repository\n", "unexpected error - [Errno 2] "),
    ("list . nosuch", "ERROR: 'nosuch' is neither a file nor tracked data of that repository\n", "ERROR: [Errno 2] No such file"),
    ("list . nosuch --rev v1", "ERROR: 'nosuch' is neither a file nor tracked data of that revision\n", "[Errno 2] No such file"),
    ("du nosuch", "ERROR: there is no repository 'nosuch'\n", "SCM error: Failed to clone repo 'nosuch'"),
    ("list nosuch", "ERROR: failed to list 'nosuch' - there is no repository 'nosuch'\n", "SCM error: Failed to clone repo"),
    ("list data.csv", "ERROR: failed to list 'data.csv' - 'data.csv' is a file, not a repository\n", "'data.csv'"),
    ("remote default nosuch", "ERROR: configuration error - config file error: there is no remote 'nosuch'; "
     "`cairn remote list` names all\n", "default remote must be present in remote list."),
    ("metrics show nosuch", "WARNING: unable to load 'nosuch' of 'workspace': no such file\n", "revisions: ''."),
    ("exp branch nosuch", "ERROR: no experiment or commit is called 'nosuch'\n", "ERROR: nosuch"),
])
def test_values_alone_are_explained(project, line, message, of_dvc):
    assert project.sh("cairn " + line).err == message
    assert of_dvc in project.dvc(line).err


def test_hints_name_the_program_as_it_was_called(project):
    project.write({"new": "1\n", "dvc add": "1\n"})
    assert "\tcairn config core.autostage true\n" in project.check("cairn add new").out
    project.check("rm new.dvc")
    assert "\tdvc config core.autostage true\n" in project.check("dvc add new").out
    assert "dvc.org/support" not in project.sh("cairn du . nosuch").err
    assert "dvc.org/support" in project.dvc("du . nosuch").err
    assert "'dvc notes'" in project.sh("cairn add 'dvc notes'").err  # a name of the user's
    project.check("rm -rf .dvc/cache")
    assert '(use "cairn fetch <file>..." to download files)' in project.check("cairn data status").out
    assert '(use "dvc fetch <file>..." to download files)' in project.check("dvc data status").out


@pytest.mark.parametrize("line", [
    "add ../outside", "add linked/x", "stage add -n x -o /tmp/outside true", "import . data.csv -o ../outside", "move data.csv ../outside",
    "checkout --force", "install", "version", "status", "init --subdir", "commit -f out.dvc",
])
def test_no_link_leads_to_pages_of_dvc(project, line):
    (project.root / "outside").write_text("1\n")
    project.write({"real/x": "1\n", "sub/keep": "", ".git/hooks/pre-push": ""})
    project.check("ln -s real linked && rm -rf .dvc/cache data.csv")
    if line == "init --subdir":
        project.cwd = project.repo / "sub"
    if line == "status":
        project.check("rm -f dvc.yaml data.csv.dvc")
    if line == "commit -f out.dvc":
        project.write({"out.dvc": "outs:\n- path: ../outside\n"})
    done = project.sh("cairn " + line)
    assert done.out or done.err
    assert "dvc.org" not in done.out + done.err
    if line in ("install", "add ../outside"):
        assert "dvc.org" in project.dvc(line).err
