"""Sharing experiments: over ssh and HTTP, with hostile and refusing remotes, and what is sent in which order."""

import json
import re

import pytest
from harness.git_http import git_http
from harness.shared import clone, exp_ref, far_names, far_refs, start, stored
from harness.terminal import on_terminal

STYLE = re.compile(r"\x1b\[[0-9;]*m|\r\x1b\[K")
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
ONE = "f97c5d29941bfb1b2fdab0874906ab82"  # md5 of "one"


@pytest.fixture
def shared(repo):
    return start(repo)


def as_far_ref(box, ref, sha):
    """Plant a ref on the Git remote, behind git's back."""
    path = box.root / "far/.git" / ref
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sha + "\n")


def hook(box, name, text):
    path = box.root / "far/.git/hooks" / name
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


# ---- transports

def test_over_ssh(shared, sshd):
    sshd.introduce(shared)
    url = f"ssh://{sshd.user}@{sshd.address}{shared.root}/far/.git"
    shared.check(f"git remote set-url origin {url}")
    assert shared.check("dvc exp push origin e1 e2").out == ("Pushed experiment e1 and e2 to Git remote 'origin'.\n"
                                                               "2 files uploaded\n")
    assert shared.check(f"dvc exp list --name-only {url}").lines == ["e1", "e2"]
    clone(shared)
    assert shared.check(f"dvc exp pull {url} e1").out == f"Pulled experiment '['e1']' from Git remote '{url}'.\n"
    shared.check("dvc exp apply e1")
    assert (shared.cwd / "data").read_text() == "one"
    shared.check(f"dvc exp remove -g {url} e1")
    assert far_names(shared) == ["e2"]


def test_over_http(shared):
    with git_http(shared.root) as server:
        shared.check(f"git remote set-url origin {server.address}/far/.git")
        assert "Pushed experiment e1 and e2" in shared.check("dvc exp push origin e1 e2").out
        assert shared.check("dvc exp list origin").out == "master:\n\te1\n\te2\n"
        clone(shared)
        shared.check(f"git remote set-url origin {server.address}/far/.git")
        assert "Pulled experiment '['e1', 'e2']'" in shared.check("dvc exp pull origin").out
        shared.check("dvc exp remove -g origin e1")
    assert far_names(shared) == ["e2"]


def test_http_with_a_password(shared):
    with git_http(shared.root, "ada:s3cret") as server:
        address = server.address.replace("http://", "")
        done = shared.sh(f"dvc exp push http://ada:wrong@{address}/far/.git e1")
        assert done.status == 255 and "Authentication failed for: 'http://ada" in done.err
        assert "wrong" not in done.out + done.err
        done = shared.check(f"dvc exp push http://ada:s3cret@{address}/far/.git e1")
        assert "Pushed experiment e1" in done.out and "s3cret" not in done.out + done.err
        done = shared.sh(f"dvc exp list http://{address}/far/.git")
        assert done.status == 255 and "Authentication failed" in done.err
        helper = shared.root / ".bin/git-credential-mine"
        helper.write_text("#!/bin/sh\necho username=ada\necho password=s3cret\n")
        helper.chmod(0o755)
        shared.check("git config credential.helper mine")
        assert shared.check(f"dvc exp list http://{address}/far/.git --name-only").lines == ["e1"]


def test_http_without_such_a_repository(shared):
    with git_http(shared.root) as server:
        for command in ("push {} e1", "pull {} e1", "list {}", "remove -g {} e1", "rename -g {} e1 e9"):
            done = shared.sh("dvc exp " + command.format(server.address + "/nothing/.git"))
            assert done.status == 255 and "is not a valid Git remote or URL" in done.err


def test_http_remote_that_may_only_be_read(shared):
    with git_http(shared.root) as server:
        server.may_push = False
        done = shared.sh(f"dvc exp push {server.address}/far/.git e1")
        assert done.status == 255 and "Git failed to push to" in done.err and "403" in done.err
        assert stored(shared) == []


def test_no_permission_in_the_directory(shared):
    hook(shared, "pre-receive", "echo 'this place is read-only' >&2\nexit 1\n")
    done = shared.sh("dvc exp push --no-cache origin e1")
    assert done.status == 255
    assert f"Git failed to push some refs to 'origin' ({exp_ref(shared, 'e1')}: pre-receive hook declined)" in done.err
    assert far_refs(shared) == {}


# ---- one git for all, and nothing that was not asked for

def git_log(box):
    """Put a git in front that notes its commands."""
    script = box.root / ".bin/git"
    script.write_text('#!/bin/sh\necho "$@" >> "$HOME/gits"\nexec /usr/bin/git "$@"\n')
    script.chmod(0o755)
    return lambda: [line for line in (box.root / ".home/gits").read_text().splitlines()
                    if re.search(r" (push|fetch|ls-remote) ", line)]


def test_one_git_for_all_refs(shared):
    log = git_log(shared)
    shared.check("dvc exp push --no-cache origin")
    assert [line.count("refs/exps/") for line in log()] == [3]
    shared.check("dvc exp remove e1 e2 e3 && dvc exp pull --no-cache origin")
    assert len(log()) == 3
    assert far_names(shared) == ["e1", "e2", "e3"]


def test_tags_mirrors_submodules_and_hooks_have_no_effect(shared):
    shared.check("git config push.followTags true && git config remote.origin.mirror true && git tag -am t v1"
                 " && git config push.recurseSubmodules on-demand && git config fetch.prune true"
                 " && git config remote.origin.tagOpt --tags")
    shared.check("git push -q --no-mirror origin v1 2>/dev/null || git -c remote.origin.mirror=false push -q origin v1")
    shared.check("git tag -am t v2")
    shared.check("printf '#!/bin/sh\\ntouch ran\\nexit 1\\n' > .git/hooks/pre-push && chmod +x .git/hooks/pre-push")
    shared.check("dvc exp push origin e1")
    assert sorted(far_refs(shared)) == [exp_ref(shared, "e1"), "refs/tags/v1"]
    before = shared.check("git for-each-ref").out
    shared.check("dvc exp pull origin e1")
    assert shared.check("git for-each-ref").out == before
    assert not (shared.repo / "ran").exists()


def test_fetch_head_and_tracking_refs_stay(shared):
    shared.check("dvc exp push -q origin")
    clone(shared)
    shared.check("git config --add remote.origin.fetch '+refs/exps/*:refs/remotes/origin/exps/*' && git fetch -q origin master")
    head = (shared.cwd / ".git/FETCH_HEAD").read_text()
    shared.check("git for-each-ref --format='delete %(refname)' refs/remotes/origin/exps | git update-ref --stdin")
    shared.check("dvc exp pull origin e1")
    assert (shared.cwd / ".git/FETCH_HEAD").read_text() == head
    assert shared.check("git for-each-ref refs/remotes/origin/exps").out == ""


def test_a_push_url_is_where_experiments_go(shared):
    shared.check("git init -q --bare ../writable/.git && git config remote.origin.pushurl $PWD/../writable/.git")
    shared.check("dvc exp push origin e1")
    assert far_refs(shared) == {}
    assert shared.check("git ls-remote ../writable/.git").out.endswith("/e1\n")


def test_insteadof_of_the_user(shared):
    shared.check(f"git config url.{shared.root}/.insteadOf there:")
    shared.check("dvc exp push there:far/.git e1")
    assert far_names(shared) == ["e1"]


# ---- the order of data and refs

def test_data_comes_before_the_refs(shared):
    hook(shared, "pre-receive", f"ls {shared.root}/store/files/md5 > {shared.root}/seen 2>&1\n")
    shared.check("dvc exp push origin e1")
    assert (shared.root / "seen").read_text() == ONE[:2] + "\n"


def test_no_data_is_sent_when_the_git_remote_cannot_be_reached(shared):
    assert shared.sh("dvc exp push http://127.0.0.1:1/x.git e1").status == 255
    assert stored(shared) == []


def test_refs_are_held_back_when_their_data_cannot_be_sent(shared):
    (shared.root / "store").write_text("not a directory")
    shared.check("dvc exp push -q --no-cache origin e2")
    done = shared.sh("dvc exp push origin e1 e2")
    assert done.status == 255 and "failed to push cache" in done.err and "--no-cache" in done.err
    assert done.out == "Experiment e2 is up to date on Git remote 'origin'.\n"
    assert far_names(shared) == ["e2"]
    (shared.root / "store").unlink()
    assert "Pushed experiment e1" in shared.check("dvc exp push origin e1 e2").out
    assert len(stored(shared)) == 2


def test_without_a_dvc_remote_the_refs_are_pushed_as_dvc_does(shared):
    (shared.root / ".home/.config/dvc/config").unlink()
    done = shared.check("dvc exp push origin e1")
    assert "the data of the experiments is not pushed: there is no remote storage" in done.err
    assert far_names(shared) == ["e1"]


def test_data_of_diverged_experiments_is_not_sent(shared):
    shared.check("dvc exp push -q origin e1 && sh mk.sh e1 other")
    before = stored(shared)
    done = shared.check("dvc exp push origin e1")
    assert "has diverged" in done.err and done.out == "No experiments to push.\n"
    assert stored(shared) == before


def test_a_broken_workspace_is_no_obstacle(shared):
    shared.write({"dvc.yaml": "stages: [\n"})
    shared.check("dvc exp push origin e1")
    assert stored(shared) == [ONE]


def test_pull_again_after_the_data_was_missing(shared):
    shared.check("dvc exp push -q origin e1 && mv ../store ../away")
    clone(shared)
    assert "do not exist neither locally nor on remote" in shared.check("dvc exp pull origin e1").err
    assert shared.check("dvc exp list --name-only").out == "e1\n"
    shared.check("mv ../away ../store && dvc exp pull origin e1 && dvc exp apply e1")
    assert (shared.cwd / "data").read_text() == "one"


# ---- renamed there

def test_rename_on_the_remote(shared):
    shared.check("dvc exp push -q origin")
    assert shared.check("dvc exp rename -g origin e1 first").out == "Renamed experiments: 'e1'\n"
    assert far_names(shared) == ["e2", "e3", "first"]
    assert shared.check("dvc exp list --name-only").lines == ["e1", "e2", "e3"]
    done = shared.sh("dvc exp rename -g origin e2 e3")
    assert done.status == 255 and "conflicts with existing experiment 'e3'" in done.err
    shared.check("dvc exp rename -f -g origin e2 e3")
    assert far_names(shared) == ["e3", "first"]
    done = shared.sh("dvc exp rename -g origin e2 e4")
    assert done.status == 255 and "Experiment 'e2' does not exist in 'origin'" in done.err
    assert shared.sh("dvc exp rename -g origin e3 a/b").status == 255


def test_rename_of_a_commit_that_is_not_here(shared):
    shared.check("dvc exp push -q origin e1")
    clone(shared)
    shared.check("dvc exp rename -g origin e1 first")
    assert far_names(shared) == ["first"]


# ---- json

def test_list_of_a_remote_as_json(shared):
    shared.check("dvc exp push -q origin e1")
    listed = json.loads(shared.check("cairn exp list origin --json").out)
    assert listed == [{"name": "e1", "rev": far_refs(shared)[exp_ref(shared, "e1")],
                       "baseline": shared.check("git rev-parse HEAD").out.strip()}]


# ---- many

def test_two_hundred_at_once(shared):
    ref, sha = exp_ref(shared, "e1"), shared.check("git rev-parse " + exp_ref(shared, "e1")).out.strip()
    shared.check("git update-ref --stdin", input="".join(f"create {ref}-{i} {sha}\n" for i in range(200)))
    log = git_log(shared)
    shared.check("dvc exp push -q origin")
    assert len(log()) == 2 and len(far_names(shared)) == 203
    clone(shared)
    shared.check("dvc exp pull -q origin")
    assert len(shared.check("dvc exp list --name-only").lines) == 203


# ---- hostile remotes

def test_refs_of_runs_and_of_the_queue_are_not_taken(shared):
    sha = shared.check("git rev-parse HEAD").out.strip()
    for name in ("exec/EXEC_BASELINE", "exec/EXEC_BRANCH", "celery/stash", "celery/failed", "stash", "apply/stash", "temp/x"):
        as_far_ref(shared, "refs/exps/" + name, sha)
    before = shared.check("git for-each-ref").out
    assert shared.check("dvc exp list -A origin").out == ""
    assert shared.check("dvc exp pull -A -f origin").out == "No experiments to pull.\n"
    for name in ("refs/exps/exec/EXEC_BASELINE", "refs/exps/celery/stash", "EXEC_BASELINE", "stash"):
        assert shared.sh(f"dvc exp pull -f origin {name}").status == 255
    assert shared.check("git for-each-ref").out == before


@pytest.mark.parametrize("kind", ["blob", "tree", "tag"])
def test_a_ref_that_leads_to_no_commit(shared, kind):
    shared.check("dvc exp push -q origin e2")
    sha = shared.check({"blob": "echo x | git hash-object -w --stdin", "tree": "git rev-parse HEAD^{tree}",
                        "tag": "git tag -am t v1 && git rev-parse v1"}[kind]).out.strip()
    shared.check(f"git push -q origin {sha}:{exp_ref(shared, 'bad')} 2>/dev/null || true")
    as_far_ref(shared, exp_ref(shared, "bad"), sha)
    clone(shared)
    done = shared.check("dvc exp pull origin")
    assert "Pulled experiment '['e2']'" in done.out
    assert "bad: it leads to no commit" in done.err
    assert shared.check("dvc exp list --name-only").out == "e2\n"


def test_an_experiment_that_does_not_lead_to_its_baseline(shared):
    shared.check("git checkout -q --orphan other && git commit -q --allow-empty -m other")
    sha = shared.check("git rev-parse HEAD").out.strip()
    shared.check("git checkout -q -f master")
    as_far = exp_ref(shared, "odd")
    shared.check(f"git push -q origin {sha}:{as_far}")
    clone(shared)
    shared.check("dvc exp pull origin odd")
    assert shared.check("dvc exp list --name-only").out == "odd\n"


@pytest.mark.parametrize("name", ["a b", "-x", "a..b", "x.lock", "a~1", "*", "é\u202egnp", "\u009b31m", "a'b\"c", "$(touch ran)"])
def test_odd_names_on_the_remote(shared, name):
    """git's files can hold what git refuses; a server may send anything."""
    shared.check("dvc exp push -q origin e1")
    sha = far_refs(shared)[exp_ref(shared, "e1")]
    with open(shared.root / "far/.git/packed-refs", "a") as packed:
        packed.write(f"# pack-refs with: peeled fully-peeled \n{sha} {exp_ref(shared, 'e1')[:-2]}{name}\n")
    clone(shared)
    for command in ("exp list -A origin", "exp pull -A origin", "exp list -A", "exp show --csv"):
        shown, status = on_terminal(shared, command.split(" "), env={"PAGER": "cat"})
        assert status in (0, 255)  # git of the other side may fail on such a name
        assert not FORBIDDEN.search(STYLE.sub("", shown)), ascii(shown)
    assert shared.check("dvc exp list -A --name-only").lines in ([], ["e1"], sorted(["e1", name]))
    assert not (shared.cwd / "ran").exists()


def test_lines_of_a_lying_git(shared):
    """What git ls-remote prints is parsed as what a server sent."""
    script = shared.root / ".bin/git"
    ref = exp_ref(shared, "x")
    script.write_text(f"""#!/bin/sh
case "$*" in *ls-remote*)
printf 'zzzz\\t{ref}\\n'
printf '%040d\\trefs/exps/../../x\\n' 0
printf '%040d {ref}\\n' 0
printf '%040d\\trefs/heads/master\\n' 0
printf '%040d\\t{ref}\\001\\n' 0
printf '%040d\\t' 0
;; *) exec /usr/bin/git "$@";; esac
""")
    script.chmod(0o755)
    assert shared.check("dvc exp list -A origin").out == ""
    assert shared.check("dvc exp pull -A origin").out == "No experiments to pull.\n"


@pytest.mark.parametrize("address", ["ext::touch ran", "--upload-pack=touch${IFS}ran", "-x", "ssh://-oProxyCommand=touch${IFS}ran/a",
                                     "", "x\ny"])
def test_addresses_that_are_commands(shared, address):
    quoted = "'" + address + "'"
    for command in (f"push {quoted} e1", f"pull {quoted} e1", f"list {quoted}", f"remove -g {quoted} e1",
                    f"rename -g {quoted} e1 e9", f"push -- {quoted} e1"):
        assert shared.sh(f"dvc exp {command}").status in (254, 255), command
    assert not (shared.repo / "ran").exists()


def test_auto_push_address_of_a_clone_runs_nothing(shared):
    shared.check("dvc config exp.auto_push true && dvc config exp.git_remote 'ext::touch ran'")
    done = shared.check("dvc exp save -n s1")
    assert "Failed to validate remotes. Disabling auto push" in done.err
    assert not (shared.repo / "ran").exists()


def test_a_ref_that_changed_meanwhile_is_not_removed(shared):
    shared.check("dvc exp push -q origin e1 e2")
    ref, other = exp_ref(shared, "e1"), far_refs(shared)[exp_ref(shared, "e2")]
    script = shared.root / ".bin/git"
    script.write_text(f"""#!/bin/sh
case "$*" in *" push "*) echo {other} > {shared.root}/far/.git/{ref};; esac
exec /usr/bin/git "$@"
""")
    script.chmod(0o755)
    done = shared.sh("dvc exp remove -g origin e1")
    assert done.status == 255 and "has changed there" in done.err
    assert far_refs(shared)[ref] == other


def test_git_that_cannot_be_started(shared):
    shared.extra_env["PATH"] = f"{shared.root}/.bin"
    done = shared.sh("dvc exp push origin e1")
    assert done.status == 255 and "git" in done.err


# ---- queued

def test_auto_push_of_queued_experiments(repo):
    start(repo)
    repo.write({"dvc.yaml": "stages:\n  s:\n    cmd: cp params.yaml o\n    params: [lr]\n    outs: [o]\n", "params.yaml": "lr: 1\n"})
    repo.check("git add -A && git commit -qm stage && dvc config exp.auto_push true")
    repo.check("git remote set-url origin ../far/.git")  # relative: to the repository, not to the work tree of the run
    repo.check("dvc exp run --queue -n q1 -S lr=2 && dvc exp run --run-all", timeout=100)
    assert far_names(repo) == ["q1"]
    assert "Pushing experiment to 'origin'" in repo.check("dvc queue logs q1").out
    repo.check("dvc exp run --temp -n t1 -S lr=3")
    assert far_names(repo) == ["q1", "t1"]
    assert len(stored(repo)) >= 2


def test_a_ref_that_is_gone_meanwhile(shared):
    shared.check("dvc exp push -q origin e1 e2")
    script = shared.root / ".bin/git"
    script.write_text(f"""#!/bin/sh
case "$*" in *" push "*) rm -f {shared.root}/far/.git/{exp_ref(shared, "e1")};; esac
exec /usr/bin/git "$@"
""")
    script.chmod(0o755)
    done = shared.sh("dvc exp remove -g origin e1")
    assert done.status == 255 and "'e1' was not removed from 'origin'" in done.err
    assert far_names(shared) == ["e2"]


def test_all_commits_and_names(shared):
    """As in DVC: of a push both count, of a pull the names do not."""
    done = shared.sh("dvc exp push -A origin nope")
    assert done.status == 255 and far_names(shared) == []
    shared.check("dvc exp push -q -A origin e1")
    assert far_names(shared) == ["e1", "e2", "e3"]
    shared.check("dvc exp remove -q -A && dvc exp pull -A origin nope")
    assert shared.check("dvc exp list --name-only").lines == ["e1", "e2", "e3"]


def test_a_linked_work_tree(shared):
    shared.check("git worktree add -q ../tree")
    shared.cwd = shared.root / "tree"
    shared.check("dvc exp push --no-cache origin e1")
    assert far_names(shared) == ["e1"]
    shared.check("dvc exp remove e1 && dvc exp pull --no-cache origin e1")
    assert shared.check("dvc exp list --name-only").lines == ["e1", "e2", "e3"]
