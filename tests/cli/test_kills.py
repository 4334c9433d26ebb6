"""Every command that writes, killed at any moment: no data is lost, and the same command, run again, has the result of
an undisturbed run.

CAIRN_KILLS sets how many times each command is killed (12), CAIRN_KILLS_SEED the seed of the moments (1).
"""

import os
import random
import re
import subprocess
import time

import pytest
from harness.faults import Scene, as_result, differences, problems
from harness.sandbox import CAIRN
from harness.more_scenes import MORE
from harness.scenes import SCENES

KILLS = int(os.environ.get("CAIRN_KILLS", 12))
SEED = int(os.environ.get("CAIRN_KILLS_SEED", 1))

ALL = {**SCENES, **MORE}
OWN_OPTIONS = ("refused_again", "not_again", "start", "untouched", "stashed", "destroys", "any_order", "says_error")


def git(scene, *words):
    return subprocess.run(["git", *words], cwd=scene.work / "repo", env=scene.env, capture_output=True, text=True)


def locks_of_git(scene):
    """Locks of the user's git, which was killed together with cairn. cairn has to name them, not to remove them."""
    return [p for p in (scene.work / "repo/.git").glob("*.lock")]


def finish(scene, command, refused_again):
    """Run the command again. A lock of git in its way must be named, and then the user removes it."""
    status, said, _ = scene.run(command)
    for lock in locks_of_git(scene):
        done = status == 0 or any(word in said for word in refused_again)
        assert done or (str(lock) in said and "remove" in said), f"it does not name {lock}: {said}"
        lock.unlink()
        if not done:
            status, said, _ = scene.run(command)
    return status, said


def is_half_written(problem):
    """A file that a command of a stage, or git, had opened and not yet filled."""
    return problem.endswith(" b''")


def stashed_anywhere(scene, path, content):
    logged = git(scene, "reflog", "show", "--format=%H", "refs/exps/apply/stash").stdout.split()
    return any(git(scene, "show", f"{rev}:{path}").stdout == content for rev in logged)


def is_kept(scene, problem, before, stashed):
    """The content reported as lost is in HEAD, or in the stash (which harm() checks)."""
    match = re.fullmatch(r"the content of (repo/(.*)) is lost", problem)
    return bool(match) and (match[2] in stashed or git(scene, "show", f"HEAD:{match[2]}").stdout.encode() == before[match[1]][1])


def harm(scene, before, now, after, options):
    """Damage that the kill has done to the repository, apart from the unfinished command."""
    judged = {k: v for k, v in options.items() if k not in OWN_OPTIONS}
    already = set(problems(before, before, after, **judged))
    stashed = options.get("stashed", {})
    for problem in [] if options.get("destroys") else problems(before, now, after, **judged):
        if problem not in already and not is_half_written(problem) and not is_kept(scene, problem, before, stashed):
            yield problem
    if options.get("untouched") and not only_objects_differ(before, now):
        yield "the user's files were touched: " + differences(as_result(before), as_result(now))
    for path, content in stashed.items():
        if (scene.work / "repo" / path).read_text() != content and not stashed_anywhere(scene, path, content):
            yield f"the edit of {path} is nowhere"
    if git(scene, "fsck", "--connectivity-only").returncode not in (0, 128):  # 128: no repository
        yield "git fsck complains"


def after_a_kill(scene, command, delay, before, after, options):
    """What is wrong after one kill; "" for nothing."""
    refused_again, any_order = options.get("refused_again", ()), options.get("any_order", False)
    scene.reset()
    scene.run_killed(command, delay)
    now = scene.state()
    found = list(harm(scene, before, now, after, options))
    if found:
        return "\n".join(found)
    wanted = as_result(after, any_order)
    if options.get("not_again") and as_result(now, any_order) == wanted:
        return ""
    status, said = finish(scene, command, refused_again)
    done = as_result(scene.state(), any_order)
    same = only_objects_differ(done, wanted) if options.get("untouched") else done == wanted
    if status and not any(word in said for word in refused_again):
        return f"and again: status {status}\n{said}{differences(wanted, done)}"
    return "" if same else "and again: " + differences(wanted, done)


def only_objects_differ(before, now):
    """Only objects of the cache differ."""
    return all(before.get(p) == now.get(p) for p in {*before, *now} if "/.dvc/cache/" not in p)


@pytest.mark.parametrize("name", ALL)
def test_killed_at_any_moment(box_root, name):
    script, command, options = ALL[name]
    scene = Scene(box_root(), script, CAIRN, options.get("start", "dvc"))
    before = scene.state()
    began = time.monotonic()
    status, text, _ = scene.run(command)
    took = time.monotonic() - began
    assert status == 0, text
    after = scene.state()
    moments = random.Random(f"{SEED} {name}")
    wrong = []
    for _ in range(KILLS):
        delay = moments.uniform(0, took)
        said = after_a_kill(scene, command, delay, before, after, options)
        if said:
            wrong.append(f"`{command}` killed after {delay * 1000:.1f} of {took * 1000:.1f} ms: {said}")
    assert not wrong, f"{len(wrong)} of {KILLS} kills:\n" + "\n".join(wrong[:10])
