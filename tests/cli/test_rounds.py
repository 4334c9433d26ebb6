"""Eight processes at once, drawn from a seed, round after round in one repository: it stays valid and no edit is lost.

CAIRN_ROUNDS sets the number of rounds (3), CAIRN_ROUNDS_SEED the seed of the commands (1).
"""

import os
import random
import subprocess
import time

from harness.faults import Scene, files_below, is_data, md5, objects, recorded_names
from harness.sandbox import CAIRN
from harness.scenes import ORIGIN, PIPELINE, STORE

ROUNDS = int(os.environ.get("CAIRN_ROUNDS", 3))
SEED = int(os.environ.get("CAIRN_ROUNDS_SEED", 1))
ROUNDS_A_REPOSITORY = 10
PROCESSES = 8
LONGEST_S = 60

BASE = (STORE + PIPELINE + "echo 'lr: 1' > params.yaml; echo tracked > tracked; dvc repro -q && git add -A && git commit -qm base"
        " && echo two > a && dvc exp run -q -n e && dvc exp run -q --queue -n q && " + ORIGIN +
        " && dvc import -q ../o d -o imp && git add -A && git commit -qm import")
COMMANDS = [
    "add a d", "add d/x", "add d", "commit -f", "commit -f d.dvc", "checkout", "checkout a.dvc", "push", "push -j 1", "fetch", "pull",
    "gc -w -A --all-experiments -f", "gc -w -A --all-experiments -c -f", "repro", "repro -j 2", "repro -f two", "status", "status -c", "data status --granular",
    "diff", "unprotect a d", "import -f ../o d -o imp", "update imp.dvc", "freeze one", "unfreeze one", "config core.autostage false",
    "remote modify r shared group", "stage add --force -n three -d a -o three cp a three", "exp run -f -n e1", "exp run -f -n e2 -S lr=2",
    "exp run --temp -f -n t1", "exp run --temp -f -n t2", "exp run --queue -f -n q1", "exp run --queue -S lr=4 -f -n q2", "exp run --run-all -j 2",
    "exp save -f -n s1", "exp save -f -n s2", "exp apply e", "exp apply t1", "exp rename e e3", "exp rename e3 e", "exp remove t2",
    "exp branch e b1", "exp clean", "exp show --json", "exp list -A", "queue status", "queue remove --all", "queue remove q1", "fsck",
    "cache migrate", "install",
]
MAY_FAIL = (0, 1, 251, 255)


def edit(scene, number):
    """The edits of a user between the rounds; each text is written once and never again."""
    texts = {f"repo/{path}": f"{path} of round {number}\n" for path in ("a", "d/x", f"d/n{number}", "tracked")}
    for path, text in texts.items():
        place = scene.work / path
        place.unlink(missing_ok=True)
        place.write_text(text)
    return texts


def start(scene, command):
    return subprocess.Popen([scene.program, *command.split()], cwd=scene.work / "repo", env=scene.env, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run_round(scene, commands):
    """What is wrong with the exit of the processes."""
    began = time.monotonic()
    for command, process in [(c, start(scene, c)) for c in commands]:
        try:
            _, said = process.communicate(timeout=LONGEST_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            yield f"`{command}` hangs"
            continue
        if process.returncode not in MAY_FAIL or (process.returncode and "ERROR" not in said and command not in ("status", "fsck")):
            yield f"`{command}` ended with {process.returncode}: {said}"
    scene.wait_for_detached()
    if time.monotonic() - began > LONGEST_S:
        yield f"the round took {time.monotonic() - began:.0f} s"


def git(scene, *words, **options):
    return subprocess.run(["git", *words], cwd=scene.work / "repo", env=scene.env, capture_output=True, text=True, **options)


def is_in_git(scene, text):
    name = git(scene, "hash-object", "--stdin", input=text).stdout.strip()
    return git(scene, "cat-file", "-e", name).returncode == 0


def harm(scene, texts):
    """What is wrong with the repository after all have ended."""
    state = scene.state()
    cache = objects({p: f for p, f in state.items() if p.startswith("repo/.dvc/cache/")})
    store = objects({p: f for p, f in state.items() if p.startswith("store/")})
    for name, content in [*cache.items(), *store.items()]:
        if md5(content) != name.removesuffix(".dir"):
            yield f"the object {name} is not what its name says"
    for path, (_, content, _) in state.items():
        if path.endswith((".dvc", "dvc.lock")):
            yield from (f"{path} names {n}, which is not in the cache" for n in recorded_names(content) if n not in cache)
    held = {content for path, (_, content, _) in state.items() if is_data(path)} | set(cache.values())
    for path, text in texts.items():
        if text.encode() not in held and not is_in_git(scene, text):
            yield f"the edit of {path} is nowhere"
    left = [p for p in files_below(scene.work / "repo/.git") if p.endswith(".lock")]
    if left:
        yield f"locks of Git are left: {left}"
    if git(scene, "fsck", "--connectivity-only").returncode:
        yield "git fsck complains"
    status, said, _ = scene.run("status")
    if status:
        yield f"status fails: {said}"


def test_eight_processes_at_once(box_root):
    draw = random.Random(SEED)
    scene = Scene(box_root(), BASE, CAIRN)
    for number in range(ROUNDS):
        if number % ROUNDS_A_REPOSITORY == 0:
            scene.reset()
        texts = edit(scene, number)
        commands = draw.sample(COMMANDS, PROCESSES)
        wrong = [*run_round(scene, commands), *harm(scene, texts)]
        assert not wrong, f"round {number} of seed {SEED}, {commands}:\n" + "\n".join(wrong)
