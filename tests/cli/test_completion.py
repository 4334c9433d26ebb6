"""Completion in bash, zsh and fish: the words that the program offers, and how each shell uses them."""

import os
import pty
import select
import shutil
import subprocess
from pathlib import Path

import pytest
from harness.sandbox import CAIRN

BUILD = CAIRN.resolve().parent
while not (BUILD / "build.ninja").exists() and BUILD != BUILD.parent:
    BUILD = BUILD.parent

PIPELINE = """stages:
  train: {cmd: python train.py, params: [lr, conf/other.yaml: [a]], deps: [data], outs: [model.pkl]}
  test: {cmd: python test.py, params: [lr]}
"""


@pytest.fixture
def project(repo):
    """A repository with each kind of word: stages, outputs, remotes, parameters, revisions, an experiment."""
    repo.write({"dvc.yaml": PIPELINE, "params.yaml": "lr: 1\nmodel: {depth: 3}\n", "conf/other.yaml": "a: {b: 1}\n",
                "my data.csv": "1\n", "data/x": "1\n", "e/dvc.yaml": "stages:\n  run: {cmd: echo 1 > o, outs: [o]}\n",
                "sub dir/f": "1\n", ".dvc/plots/ours.json": "{}\n", ".dvc/plots/roc.json": "{}\n"})
    repo.check("dvc add -q 'my data.csv' data && dvc remote add -q -d store ../store && dvc remote add -q cloud s3://b/p")
    repo.check("git add -A && git commit -qm base && git tag v1 && git branch feature/a && git update-ref refs/remotes/up/m HEAD")
    repo.check("git update-ref refs/exps/$(git rev-parse HEAD | sed 's,^..,&/,')/first-try HEAD")
    return repo


# line, words that are offered, words that are not
CASES = [
    ("", {"add", "exp", "version"}, {"describe", "complete", "show"}),
    ("exp ", {"run", "show"}, {"add"}),
    ("exp s", {"save", "show"}, {"run"}),
    ("-q exp run --qu", {"--queue", "--quiet"}, {"--temp"}),
    ("remote l", {"list"}, {"add"}),
    ("repro t", {"train", "test"}, {"model.pkl"}),
    ("repro --cwd", set(), {"train"}),
    ("repro -- t", {"train"}, set()),
    ("checkout m", {"model.pkl"}, {"train"}),
    ("checkout d", {"data", "data.dvc"}, {"train"}),
    ("push --remote ", {"store", "cloud"}, {"train"}),
    ("push --remote=s", {"--remote=store"}, {"cloud"}),
    ("push -r c", {"cloud"}, {"store"}),
    ("diff v", {"v1"}, {"master"}),
    ("metrics diff HEAD fea", {"feature/a"}, {"v1"}),
    ("exp apply f", {"first-try"}, {"feature/a"}),
    ("exp list ", {"up"}, {"store"}),
    ("config core.rem", {"core.remote"}, {"core.autostage"}),
    ("config remote.cloud.reg", {"remote.cloud.region"}, set()),
    ("config remote.store.reg", set(), {"remote.store.region"}),
    ("remote modify cloud pro", {"profile"}, set()),
    ("remote modify store pro", set(), {"profile"}),
    ("exp run -S l", {"lr="}, {"model.depth="}),
    ("exp run --set-param=m", {"--set-param=model.depth="}, set()),
    ("exp run -S conf/other.yaml:", {"conf/other.yaml:a.b="}, set()),
    ("exp show --sort-order ", {"asc", "desc"}, set()),
    ("exp show --sort-order=a", {"--sort-order=asc"}, {"--sort-order=desc"}),
    ("plots show -t ", {"roc", "linear", "ours"}, {"ours.json", "train"}),
    ("plots modify --template=con", {"--template=confusion"}, set()),
    ("plots templates b", {"bar_horizontal", "box"}, {"ours"}),
    ("-q --cd e repro r", {"run"}, {"train"}),
    ("--cd=e repro r", {"run"}, {"train"}),
    ("-q --cd data add ", {"x"}, {"data/"}),
]


def offered_by_program(box, line):
    words = line.split(" ")
    done = subprocess.run([CAIRN, "complete", "--", *words], cwd=box.repo, env=box.env, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return {text.split("\t")[0] for text in done.stdout.splitlines()[1:]}


@pytest.mark.parametrize("line,among,not_among", CASES)
def test_program(project, line, among, not_among):
    offered = offered_by_program(project, line)
    assert among <= offered and not not_among & offered, offered


def test_nothing_is_written_and_nothing_is_said(project):
    def state():
        return sorted((str(p), p.lstat().st_mtime_ns) for p in Path(project.root).rglob("*"))

    before = state()
    for line, _, _ in CASES:
        offered_by_program(project, line)
    offered_by_program(project, "queue logs ")
    assert state() == before


@pytest.mark.parametrize("damage", ["echo '[' > .dvc/config", "echo 'stages: [' > dvc.yaml", "rm -rf .dvc", "rm -rf .git",
                                    "echo 'a: [' > params.yaml", ": > .git/HEAD"])
def test_a_broken_repository_has_no_words_and_no_errors(project, damage):
    project.sh(damage)
    for line, _, _ in CASES:
        offered_by_program(project, line)


# ---- the shells

def script_for(shell, tmp_path):
    script = tmp_path / "completion"
    script.write_text(subprocess.run([CAIRN, "completion", "-s", shell], capture_output=True, text=True, check=True).stdout)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "cairn").symlink_to(CAIRN)
    return script


def environment(box, tmp_path):
    return {**box.env, "PATH": f"{tmp_path}/bin:/usr/bin:/bin", "TERM": "dumb", "HOME": str(tmp_path)}


def bash(box, script, line, env):
    program = 'source "$0"; COMP_LINE="$1"; COMP_POINT=${#1}; _cairn; printf "%s\\n" "${COMPREPLY[@]}"'
    return subprocess.run(["bash", "--norc", "-c", program, script, line], cwd=box.repo, env=env, capture_output=True, text=True)


def fish(box, script, line, env):
    quoted = line.replace("\\", "\\\\").replace("'", "\\'")
    return subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{quoted}' | string split -f1 \\t"],
                          cwd=box.repo, env=env, capture_output=True, text=True)


ZSH = """
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1='' TERM=dumb LISTMAX=0 LINES=200 COLUMNS=200; autoload -U compinit; compinit -u -D; source $1; print rea''dy"
zpty -r -m z x '*ready*' || exit 1
zpty -w -n z "$2"$'\\t\\t'
for i in {1..40}; do
    while zpty -r -t z more; do out+=$more; done
    sleep 0.1
    [[ -n ${out#$2} && $out == $last ]] && (( ++same > 4 )) && break
    last=$out
done
print -r -- $out
zpty -d z
"""


def zsh(box, script, line, env):
    return subprocess.run(["zsh", "-f", "-c", ZSH, "zsh", script, line], cwd=box.repo, env=env, capture_output=True, text=True)


SHELLS = {"bash": bash, "zsh": zsh, "fish": fish}
IN_SHELLS = [
    ("cairn exp r", {"remove", "rename", "run"}, {"all"}),
    ("cairn repro t", {"train", "test"}, {"all"}),
    ("cairn -q --cd e repro r", {"run"}, {"all"}),
    ("cairn push -r ", {"store", "cloud"}, {"all"}),
    ("cairn push --remote=s", {"store"}, {"bash"}),
    ("cairn push --remote=s", {"--remote=store"}, {"zsh", "fish"}),
    ("cairn exp run -S l", {"lr="}, {"all"}),
    ("cairn exp run -S conf/other.yaml:a", {"a.b="}, {"bash"}),
    ("cairn exp run -S conf/other.yaml:a", {"conf/other.yaml:a.b="}, {"zsh", "fish"}),
    ("cairn checkout my", {"my\\ data.csv", "my\\ data.csv.dvc"}, {"bash"}),
    ("cairn checkout 'my", {"my data.csv", "my data.csv.dvc"}, {"bash"}),
    ("cairn checkout my\\ d", {"my\\ data.csv", "my\\ data.csv.dvc"}, {"bash"}),
    ("cairn checkout my", {"my data.csv", "my data.csv.dvc"}, {"fish"}),
    ("cairn checkout my", {"cairn checkout my\\ data.csv"}, {"zsh"}),
    ("cairn exp show --sort-order d", {"desc"}, {"all"}),
    ("cairn add sub", {"sub dir/"}, {"fish"}),
    ("cairn add sub", {"cairn add sub\\ dir/"}, {"zsh"}),
    ("cairn add sub", {""}, {"bash"}),  # readline lists files itself
]


@pytest.mark.parametrize("shell,line,among", [(s, line, among) for line, among, which in IN_SHELLS for s in SHELLS
                                              if which & {s, "all"}])
def test_shell(project, shell, line, among, tmp_path):
    if not shutil.which(shell):
        pytest.skip(f"no {shell}")
    script = script_for(shell, tmp_path)
    done = SHELLS[shell](project, script, line, environment(project, tmp_path))
    assert done.stderr == ""
    if shell == "zsh":
        assert not [word for word in among if word not in done.stdout], done.stdout
    else:
        assert among <= set(done.stdout.splitlines()), done.stdout


def test_bash_on_a_terminal(project, tmp_path):
    """With readline: a unique word is completed, one with a space is quoted, files come from the shell."""
    script = script_for("bash", tmp_path)
    child, fd = pty.fork()
    if child == 0:
        os.chdir(project.repo)
        os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"],
                   {**environment(project, tmp_path), "PS1": "$ ", "TERM": "dumb"})
    shown = b""

    def type_and_wait(text, end):
        nonlocal shown
        os.write(fd, text.encode())
        while end.encode() not in shown:
            assert select.select([fd], [], [], 20)[0], f"no {end!r} in {shown.decode()}"
            shown += os.read(fd, 65536)

    type_and_wait(f"source {script}; cairn() {{ printf '<%s>' \"$@\"; echo; }}; echo rea''dy\n", "ready")
    type_and_wait("cairn repro tr\t\n", "<repro><train>")
    type_and_wait("cairn checkout my\t.d\t\n", "<checkout><my data.csv.dvc>")
    type_and_wait("cairn add sub\tf\t\n", "<add><sub dir/f>")
    type_and_wait("cairn exp run -S conf/other.yaml:a\t2\n", "<exp><run><-S><conf/other.yaml:a.b=2>")
    type_and_wait("cairn push --remote=st\t\n", "<push><--remote=store>")
    os.write(fd, b"exit\n")
    os.waitpid(child, 0)
    os.close(fd)


def test_installed_for_both_names(tmp_path):
    if not (BUILD / "build.ninja").exists():
        pytest.skip("not run from a build directory")
    names = [f"src/cmd/{n}" for n in ("man1", "cairn.bash", "_cairn", "cairn.fish", "dvc.bash", "_dvc", "dvc.fish")]
    subprocess.run(["ninja", "-C", BUILD, *names], check=True, capture_output=True)
    subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", tmp_path], check=True)
    prefix = tmp_path / "usr/local"
    installed = {str(p.relative_to(prefix)) for p in prefix.rglob("*") if not p.is_dir()}
    assert {"bin/cairn", "bin/dvc", "share/man/man1/cairn.1", "share/man/man1/dvc.1", "share/man/man1/cairn-add.1",
            "share/bash-completion/completions/cairn.bash", "share/bash-completion/completions/dvc.bash",
            "share/zsh/site-functions/_cairn", "share/zsh/site-functions/_dvc",
            "share/fish/vendor_completions.d/cairn.fish", "share/fish/vendor_completions.d/dvc.fish"} <= installed
    assert (prefix / "share/zsh/site-functions/_dvc").read_text().startswith("#compdef dvc\n")


def test_refs_are_read_however_git_keeps_them(repo):
    """Loose, packed, both, in a linked work tree, behind a lock: what `git for-each-ref` names, and no more."""
    repo.check("git commit -q --allow-empty -m base && git branch topic/a && git tag v1 && git branch gone")
    repo.check("git update-ref refs/exps/$(git rev-parse HEAD | sed 's,^..,&/,')/first HEAD && git update-ref refs/exps/stash HEAD")
    repo.check("git update-ref refs/remotes/origin/master HEAD")

    def offered(line, cwd="."):
        return [word.split("\t")[0] for word in repo.check(f"cd {cwd} && dvc complete -- {line} ''").lines[1:]]

    expected = ["HEAD", "gone", "master", "topic/a", "v1", "first"]
    assert offered("diff") == expected and offered("exp apply") == ["first"] and offered("exp list") == ["origin"]
    repo.check("git pack-refs --all")
    assert offered("diff") == expected and offered("exp apply") == ["first"] and offered("exp list") == ["origin"]
    repo.check("git branch -D -q gone && git branch topic/b && git tag v2 && touch .git/refs/heads/x.lock && git worktree add -q ../linked -b there")
    expected = ["HEAD", "master", "there", "topic/a", "topic/b", "v1", "v2", "first"]
    assert offered("diff") == expected
    assert offered("diff", "../linked") == expected
