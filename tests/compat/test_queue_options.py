"""Every option of the commands of `queue`, and how `exp run --queue` and `exp remove` see the same tasks: nothing to do,
unknown names, several names, ids, and combinations of selectors."""
import re

from harness import case
from harness.adjust import mask

PIPELINE = """\
stages:
  train:
    cmd: test $(cat lr) != 7 && cp lr model
    deps: [lr]
    params: [lr, net.depth]
    outs: [model]
  report:
    cmd: cp model report
    deps: [model]
    outs: [report]
"""
FILES = {"dvc.yaml": PIPELINE, "params.yaml": "lr: 1\nnet:\n  depth: 2\n", "lr": "1\n"}
BASE = "    git add -A\n    git commit -qm base\n"
TWO = "    dvc exp run --queue -q -n one -S lr=2\n    dvc exp run --queue -q -n two -S lr=3\n"
NEWEST = "$(git rev-parse refs/exps/celery/stash{})"


def ids(seen):
    """Tasks are named by the ids of their commits, which contain the time."""
    mask(seen, r"^[0-9a-f]{7}\b|'[0-9a-f]{7,40}'|[0-9a-f]{7,40}(?= has been)|(?<=queue: )[0-9a-f]{4,40}")
    for step in seen["steps"]:
        step["stderr"] = [line if "'" not in line else re.sub(r"'[0-9a-f]{7,40}'", "<id>", line) for line in step.get("stderr", [])]


def queue(name, script, base=BASE, **options):
    case("queue-" + name, base + "".join(f"    {line}\n" for line in script.strip().splitlines()), files=options.pop("files", FILES), adjust=ids, **options)


def tasks(name, script, **options):
    """With two tasks in the queue."""
    queue(name, script, base=BASE + TWO, **options)


# ---- nothing to do

queue("empty-status", "dvc queue status")
queue("empty-status-without-a-commit", "dvc queue status", base="")
queue("empty-kill-nothing", "dvc queue kill\ndvc queue kill -f")
queue("empty-kill-unknown", "dvc queue kill nosuch\ndvc queue kill -f nosuch\ndvc queue kill --force abcdef0")
queue("empty-logs-unknown", "dvc queue logs nosuch\ndvc queue logs -f nosuch\ndvc queue logs --follow abcdef0\ndvc queue logs -e utf-8 nosuch")
queue("empty-remove-by-state", "dvc queue remove --all\ndvc queue remove --queued\ndvc queue remove --success\ndvc queue remove --failed")
queue("empty-remove-by-states", "dvc queue remove --queued --failed\ndvc queue remove --success --failed --queued\ndvc queue remove --all --queued")
queue("empty-remove-unknown", "dvc queue remove nosuch\ndvc queue remove nosuch other\ndvc queue remove abcdef0\ndvc queue remove ''")
queue("empty-remove-nothing-named", "dvc queue remove")
queue("empty-remove-names-and-states", "dvc queue remove --all nosuch\ndvc queue remove --queued nosuch other\ndvc queue remove nosuch --failed --success")
queue("empty-stop", "dvc queue stop\ndvc queue stop --kill")
queue("empty-run-all", "dvc exp run --run-all\ndvc exp run --run-all -j 2")
queue("empty-exp-remove-queue", "dvc exp remove --queue\ndvc exp remove --queue nosuch\ndvc exp remove --queue --keep")
queue("empty-quiet", "dvc queue status -q\ndvc queue stop -q\ndvc queue remove -q --all\ndvc queue kill -q nosuch\ndvc queue logs -q nosuch")
queue("outside-of-a-repository", "cd /\ndvc queue status\ndvc queue start\ndvc queue stop\ndvc queue kill\ndvc queue remove --all\ndvc queue logs x")

# ---- usage

queue("usage-no-command", "dvc queue")
queue("usage-unknown-options", "dvc queue status --nosuch\ndvc queue start --nosuch\ndvc queue kill --all\ndvc queue remove --force")
queue("usage-jobs", "dvc queue start -j many\ndvc queue start -j\ndvc queue start --jobs 1.5")
queue("usage-logs", "dvc queue logs\ndvc queue logs one two\ndvc queue logs -e")

# ---- tasks that wait

tasks("status", "dvc queue status\ndvc queue status -q")
tasks("status-in-a-subdirectory", "mkdir sub\ncd sub\ndvc queue status")
tasks("logs-of-a-waiting-task", "dvc queue logs one\ndvc queue logs -f two\ndvc queue logs --follow nosuch")
tasks("logs-by-id", f"dvc queue logs {NEWEST.format('')}\ndvc queue logs $(git rev-parse --short=7 refs/exps/celery/stash)")
tasks("kill-a-waiting-task", "dvc queue kill one\ndvc queue kill one two\ndvc queue kill -f two\ndvc queue status")
tasks("kill-by-id", "dvc queue kill $(git rev-parse --short=7 refs/exps/celery/stash)")
tasks("stop", "dvc queue stop\ndvc queue stop --kill\ndvc queue status")
tasks("remove-one", "dvc queue remove two\ndvc queue status\ndvc queue remove two")
tasks("remove-both", "dvc queue remove one two\ndvc queue status\ngit for-each-ref refs/exps/celery")
tasks("remove-in-the-other-order", "dvc queue remove two one")
tasks("remove-a-name-twice", "dvc queue remove one one\ndvc queue status")
tasks("remove-by-short-id", "dvc queue remove $(git rev-parse --short=7 refs/exps/celery/stash)\ndvc queue status")
tasks("remove-by-full-id", f"dvc queue remove {NEWEST.format('')}\ndvc queue status")
tasks("remove-known-and-unknown", "dvc queue remove one nosuch\ndvc queue remove nosuch one other\ndvc queue status")
tasks("remove-name-and-state", "dvc queue remove one --queued\ndvc queue remove --all two\ndvc queue status")
tasks("remove-queued", "dvc queue remove --queued\ndvc queue status\ngit for-each-ref refs/exps/celery")
tasks("remove-all", "dvc queue remove --all\ndvc queue status")
tasks("remove-failed-and-success-leave-what-waits", "dvc queue remove --failed --success\ndvc queue status")
tasks("remove-all-states", "dvc queue remove --failed --success --queued\ndvc queue status")
tasks("remove-quiet", "dvc queue remove -q one\ndvc queue status")
tasks("exp-remove-queue", "dvc exp remove --queue\ndvc queue status\ndvc exp remove --queue")
tasks("exp-remove-by-name", "dvc exp remove one\ndvc queue status\ndvc exp remove nosuch\ndvc exp remove two one")
tasks("exp-remove-by-id", "dvc exp remove $(git rev-parse --short=7 refs/exps/celery/stash)\ndvc queue status")
tasks("exp-remove-all-commits-leaves-the-queue", "dvc exp remove -A\ndvc queue status")
tasks("exp-remove-queue-with-an-experiment", "dvc exp run -q -n here -S lr=5\ngit checkout -q .\ndvc exp remove --queue\ndvc exp list --name-only\ndvc queue status")
tasks("exp-list-leaves-the-queue-out", "dvc exp list\ndvc exp list --name-only -A")
tasks("exp-clean-leaves-the-queue", "dvc exp clean\ndvc queue status")
tasks("exp-apply-of-a-waiting-task", "dvc exp apply one >/dev/null 2>&1\ncat params.yaml\ndvc queue status", ignore=(r"refs/exps/apply/stash",))
tasks("exp-diff-of-a-waiting-task", "dvc exp diff HEAD one\ndvc exp diff one two --json")
tasks("another-baseline", "git commit -q --allow-empty -m next\ndvc exp run --queue -n three -S lr=4\ndvc queue status\ndvc queue remove one three")

# ---- exp run --queue

queue("run-with-a-name", "dvc exp run --queue -n one\ndvc queue status\ndvc exp run --queue --name two -S lr=3")
queue("run-twice-with-a-name", "dvc exp run --queue -n one -S lr=2\ndvc exp run --queue -n one -S lr=3\ndvc exp run --queue -n one -S lr=3 -f")
queue("run-with-the-name-of-an-experiment", "dvc exp run -q -n one -S lr=2\ngit checkout -q .\ndvc exp run --queue -n one -S lr=3\ndvc exp run --queue -f -n one -S lr=3")
queue("run-with-a-wrong-name", "dvc exp run --queue -n a/b\ndvc exp run --queue -n 'a b'\ndvc exp run --queue -n ''")
queue("run-sweep", "dvc exp run --queue -n s -S lr=1,2 -S net.depth=3,4\ndvc queue remove s-2 s-3\ndvc queue status")
queue("run-range", "dvc exp run --queue -n s -S 'lr=range(1,4)'\ndvc queue remove --queued")
queue("run-several-values", "dvc exp run --queue -n one -S lr=2 -S net.depth=5 -S +more=1\ngit show refs/exps/celery/stash:params.yaml")
queue("run-wrong-param", "dvc exp run --queue -n one -S nosuch=2\ndvc queue status\ndvc exp run --queue -n two -S lr=\ndvc exp run --queue -n three -S lr")
queue("run-wrong-file", "dvc exp run --queue -n one -S nosuch.yaml:lr=2\ndvc queue status")
queue("run-wins-over-temp", "dvc exp run --queue --temp -n one -S lr=2\ndvc queue status\ndvc exp list")
queue("run-with-a-target", "dvc exp run --queue -n one -S lr=2 train\ndvc exp run --queue -n two report\ndvc queue status")
queue("run-with-an-unknown-target", "dvc exp run --queue -n one nosuch\ndvc queue status")
queue("run-with-options-of-repro", "dvc exp run --queue -n one -f -s train\ndvc exp run --queue -n two --downstream train\ndvc exp run --queue -n three -k\n"
      "dvc exp run --queue -n four -P\ndvc queue status")
queue("run-with-a-message", "dvc exp run --queue -n one -m 'my words' -S lr=2\ndvc queue status")
queue("run-copying-paths", "echo x > notes\ndvc exp run --queue -n one -C notes -S lr=2\ndvc exp run --queue -n two -C nosuch -S lr=3\ndvc queue status")
queue("run-jobs-without-run-all", "dvc exp run --queue -j 2 -n one -S lr=2\ndvc queue status")
queue("run-in-a-subdirectory", "mkdir sub\ncd sub\ndvc exp run --queue -n one -S ../params.yaml:lr=2\ndvc queue status")
queue("run-keeps-the-workspace", "echo '# mine' >> params.yaml\necho 3 > lr\necho untracked > u\ndvc exp run --queue -n one -S lr=2\ngit status --porcelain\ncat params.yaml lr u")
queue("run-on-a-detached-head", "git checkout -q --detach\ndvc exp run --queue -n one -S lr=2\ndvc queue status")
queue("run-without-a-commit", "dvc exp run --queue -n one", base="")
queue("run-without-a-pipeline", "dvc exp run --queue -n one\ndvc queue status", files={"a": "1\n"})
queue("run-without-git", "dvc exp run --queue -n one\ndvc queue status\ndvc queue start", base="", start="noscm")
# Git's own sentence about the missing identity is left out
queue("run-without-an-identity", """
git config --global user.useConfigOnly true
git config --global --unset user.name
git config --global --unset user.email
unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL EMAIL
dvc exp run --queue -n one -S lr=2
dvc queue status
dvc exp run --queue -S lr=2,3
dvc queue status
""")
