"""A hostile clone: reading it, and fetching its data, runs nothing that it contains.

Git refuses a `.git` in a checkout, but a bare repository is just files; its configuration can name commands for
everybody who runs git in it. An import may name such a repository as its source.
"""

import pytest

POINTER = ("version https://git-lfs.github.com/spec/v1\n"
           "oid sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\nsize 5\n")

CONFIG = """[core]
	repositoryformatversion = {version}
	bare = {bare}
	fsmonitor = {run}
	sshCommand = {run}
	hooksPath = hooks
	pager = {run}
	askPass = {run}
	gitProxy = {run}
	alternateRefsCommand = {run}
	editor = {run}
{extensions}[alias]
	lfs = !{run}
	for-each-ref = !{run}
	upload-pack = !{run}
[filter "lfs"]
	smudge = {run}
	clean = {run}
	process = {run}
	required = true
[lfs]
	standalonetransferagent = x
[lfs "customtransfer.x"]
	path = {run}
[uploadpack]
	packObjectsHook = {run}
[remote "origin"]
	url = ext::sh -c {run}
	promisor = true
	partialclonefilter = blob:none
	uploadpack = {run}
	vcs = ext
[protocol]
	allow = always
[protocol "ext"]
	allow = always
[url "ext::sh -c {run} "]
	insteadOf = ssh://
	insteadOf = http://
[credential]
	helper = !{run}
[diff]
	external = {run}
"""

IMPORT = """deps:
- path: {path}
  repo:
    url: {url}
    rev_lock: {rev}
outs:
- {{hash: md5, path: {out}}}
"""

KINDS = {
    "plain": dict(version=0, bare="true", extensions=""),
    "partial": dict(version=1, bare="true", extensions="[extensions]\n\tpartialClone = origin\n"),  # libgit2 cannot open it
    "elsewhere": dict(version=0, bare="false\n\tworktree = /", extensions=""),
}


@pytest.fixture(params=KINDS)
def victim(repo, request):
    """A clone that contains `evil`, a bare repository, and imports from it. Every command that runs leaves a file in
    HOME."""
    run = repo.root / "run.sh"
    run.write_text(f"#!/bin/sh\ntouch {repo.root}/.home/it-ran\nexit 1\n")
    run.chmod(0o755)
    repo.check("git init -q ../src && cd ../src && dvc init -q && git commit -qm init")
    for name, text in {"big.bin": POINTER, "plain": "plain\n", ".gitattributes": "*.bin filter=lfs -text\n",
                       "dvc.yaml": "artifacts:\n  model:\n    path: big.bin\n"}.items():
        (repo.root / "src" / name).write_text(text)
    repo.check("cd ../src && git add -A && git commit -qm data && git tag -am v model@v1.0.0")
    repo.check("git init -q ../hostile && cd ../hostile && dvc init -q && git clone -q --bare ../src evil && rm -rf evil/hooks")
    evil = repo.root / "hostile/evil"
    head = repo.check("git -C ../src rev-parse HEAD").out.strip()
    (evil / "config").write_text(CONFIG.format(run=run, **KINDS[request.param]))
    (evil / "refs/heads/master").write_text(head + "\n")
    (evil / "hooks").mkdir()
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-push", "fsmonitor-watchman"):
        (evil / "hooks" / hook).write_text(run.read_text())
        (evil / "hooks" / hook).chmod(0o755)
    for url, out in (("evil", "a.bin"), (f"file://{repo.repo}/evil", "b.bin")):
        (repo.root / "hostile" / f"{out}.dvc").write_text(IMPORT.format(path="big.bin", url=url, rev=head, out=out))
    repo.check("cd ../hostile && git add -A && git commit -qm hostile && cd ../repo && rm -rf .git .dvc .dvcignore"
               " && git clone -q ../hostile .")
    repo.head = head
    return repo


COMMANDS = ["status", "status -c", "fetch", "pull", "update a.dvc b.dvc", "update --rev master a.dvc", "checkout", "push", "gc -wf",
            "get evil big.bin -o x", "get evil plain -o x", "get evil . -o x", "get --rev master evil big.bin -o x", "list evil --rev master",
            "get file://$PWD/evil big.bin -o x", "import evil big.bin -o x", "import evil plain -o x", "du evil", "ls evil -R",
            "artifacts get evil model -o x", "artifacts get file://$PWD/evil model -o x", "get evil/refs big.bin --rev master -o x",
            "import --rev nosuch evil plain", "repro", "data status", "exp show", "metrics show"]


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_runs_with_the_configuration_of_a_repository_in_the_clone(victim, command):
    done = victim.sh(f"timeout -k 1 60 dvc {command}")
    assert done.status in (0, 1, 251, 254, 255), repr(done)
    assert not (victim.root / ".home/it-ran").exists(), repr(done)


@pytest.mark.parametrize("command", ["get ssh://127.0.0.1:9/x a", "list http://127.0.0.1:9/x", "get git://127.0.0.1:9/x a", "pull", "status"])
def test_nothing_runs_when_the_user_stands_in_it(victim, command):
    """Git would use the configuration of the directory that it is started in."""
    victim.cwd = victim.repo / "evil"
    done = victim.sh(f"timeout -k 1 60 dvc {command}")
    assert not (victim.root / ".home/it-ran").exists(), repr(done)


def test_the_trap_works(victim):
    """Git itself, started in there, does run the command: this shows that the trap of the tests above works."""
    victim.sh("cd evil && git lfs smudge")
    assert (victim.root / ".home/it-ran").exists()


def test_what_git_alone_can_read_of_it_is_refused_by_name(victim):
    done = victim.dvc("get evil big.bin -o x")
    assert done.status in (1, 255), repr(done)
    assert "bare repository within another repository" in done.err or "Git LFS" in done.err, repr(done)
    assert "Try `git" not in done.err, repr(done)


def test_a_bare_repository_of_the_user_is_read(repo):
    """Beside the clone, not in it: a repository that only git can read is still cloned."""
    repo.check("git init -q ../src && cd ../src && echo x > x && git add -A && git commit -qm x && git tag -am t x@v1.0.0")
    repo.check("git clone -q --bare ../src ../bare.git && dvc get ../bare.git x && dvc import -q ../bare.git x -o y")
    assert repo.read("x") == repo.read("y") == "x\n"
    repo.check("git init -q --object-format=sha256 ../src2 && cd ../src2 && echo z > z && git add -A && git commit -qm z")
    repo.check("git clone -q --bare ../src2 ../bare2.git")
    done = repo.dvc("get ../bare2.git z")
    assert "within another repository" not in done.err, repr(done)


def test_no_helper_of_a_scheme_is_run(repo):
    """`git-remote-<scheme>` is searched on PATH; only git's own transports are used, unless the user allows more."""
    helper = repo.root / ".bin/git-remote-evil"
    helper.write_text(f"#!/bin/sh\ntouch {repo.root}/.home/it-ran\nexit 1\n")
    helper.chmod(0o755)
    for command in ("get evil://x/y a", "get evil::y a", "list evil://x/y", "import evil://x/y a"):
        assert repo.dvc(command).status, command
        assert not (repo.root / ".home/it-ran").exists(), command
    repo.extra_env["GIT_ALLOW_PROTOCOL"] = "evil"
    repo.dvc("get evil::y a")
    assert (repo.root / ".home/it-ran").exists()


def test_a_hook_that_calls_us_does_not_lead_git_astray(repo):
    """Hooks have GIT_DIR set; a clone made by a hook must not use the user's repository."""
    repo.check("git init -q ../src && cd ../src && echo x > x && git add -A && git commit -qm x")
    before = repo.check("git for-each-ref").out
    repo.extra_env.update(GIT_DIR=str(repo.repo / ".git"), GIT_SSH_COMMAND="sh -c 'shift; exec sh -c \"$*\"'")
    repo.dvc(f"get ssh://far{repo.root}/src x --rev exp-1")
    repo.dvc(f"list ssh://far{repo.root}/src")
    del repo.extra_env["GIT_DIR"]
    assert repo.check("git for-each-ref").out == before
