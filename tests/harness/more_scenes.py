"""Scenes for commands that have no place in scenes.py: set-up, stages, experiments and the queue."""

from .scenes import NEWER, ORIGIN, PIPELINE, STORE, TRACKED

BASE = TRACKED + PIPELINE + "echo 'lr: 1' > params.yaml; echo tracked > tracked; git add -A && git commit -qm base"
RAN = BASE + " && dvc repro -q && git add -A && git commit -qm ran"
EXPERIMENT = RAN + " && echo two > a && dvc exp run -q -n e && git checkout -q . && dvc checkout -q -f"
EDITED = RAN + " && rm a && echo two > a"
SHARED = EXPERIMENT + (" && dvc remote add -q -d r ../store && git init -q --bare ../far.git && git remote add origin ../far.git"
                       " && git push -q origin master")
QUEUED = EDITED + " && dvc exp run -q --queue -n q"
COMPOSED = EDITED + " && mkdir conf && echo 'lr: 2' > conf/config.yaml && dvc config hydra.enabled true && git add -A && git commit -qm hydra"
STAGE = "--name s -d a -o out -m m2.json cp"

# name -> (script that prepares the scene, command, options). Options:
#   untouched       the workspace never changes, except for objects in the cache
#   refused_again   what the same command prints when it was completed already
#   not_again       a second run would do something else: a completed command is not repeated
#   stashed         edits that are in their file or in the stash of `exp apply`
#   destroys        it is meant to remove data
#   start           of the sandbox; the others as in sweep()
MORE = {
    "init": ("true", "init", {"start": "git", "refused_again": ["exists"]}),
    "init-no-scm": ("true", "init --no-scm", {"start": "empty", "refused_again": ["exists"]}),
    "init-force": (TRACKED, "init -f", {"destroys": True}),
    "destroy": (TRACKED, "destroy -f", {"destroys": True, "refused_again": ["not inside of a DVC repository"]}),
    "stage-add": (BASE, f"stage add {STAGE}", {"refused_again": ["already exists"]}),
    "freeze": (RAN, "freeze one", {}),
    "unfreeze": (RAN + " && dvc freeze -q one", "unfreeze one", {}),
    "remove-stage": (RAN, "remove two", {"refused_again": ["not found"]}),
    "config": (BASE, "config core.autostage true", {}),
    "config-unset": (BASE + " && dvc config core.autostage true", "config -u core.autostage",
                     {"refused_again": ["doesn't exist"]}),
    "remote-add": (BASE, "remote add -d r ../store", {"refused_again": ["already exists"]}),
    "cache-dir": (BASE, "cache dir ../cache", {"cache_is_whole": False}),
    "install": (BASE, "install", {"refused_again": ["already exists", "already installed"]}),
    "import-to-new-place": (ORIGIN, "import ../o d -o imp", {"refused_again": ["is git-ignored"]}),
    "import-url-to-new-place": (ORIGIN, "import-url ../o/d imp", {"refused_again": ["is git-ignored"]}),
    "import-no-download": (ORIGIN, "import --no-download ../o d -o imp", {}),
    "update-no-download": (f"{ORIGIN} && dvc import -q ../o d -o imp && {NEWER}", "update --no-download imp.dvc",
                           {"not_again": True}),
    "get": (ORIGIN, "get ../o d -o got", {"not_again": True}),
    "get-url": (ORIGIN, "get-url ../o/d got", {"not_again": True}),
    "exp-run": (EDITED, "exp run -f -n e", {}),
    "exp-run-temp": (EDITED, "exp run -f --temp -n e", {"untouched": True}),
    "exp-run-queue": (EDITED, "exp run --queue -n e", {"untouched": True, "refused_again": ["already exists", "already in the queue"]}),
    "exp-run-all": (QUEUED, "exp run --run-all", {"untouched": True}),
    "exp-save": (EDITED, "exp save -f -n s", {}),
    "exp-apply": (EXPERIMENT + " && echo mine > tracked", "exp apply e", {"stashed": {"tracked": "mine\n"}}),
    "exp-branch": (EXPERIMENT, "exp branch e b1", {"untouched": True, "refused_again": ["already exists"]}),
    "exp-rename": (EXPERIMENT, "exp rename e f", {"untouched": True, "refused_again": ["not a valid experiment name"]}),
    "exp-remove": (EXPERIMENT, "exp remove e", {"untouched": True, "refused_again": ["not a valid experiment name"]}),
    "exp-clean": (EXPERIMENT + " && mkdir -p .dvc/tmp/exps/tmpA/d && touch .dvc/tmp/exps/tmpA/d/f", "exp clean", {"untouched": True}),
    "exp-push": (SHARED, "exp push origin e", {}),
    "exp-pull": (SHARED + " && dvc exp push -q origin e && dvc exp remove -q e", "exp pull origin e", {"untouched": True}),
    "exp-tag": (EXPERIMENT, "exp tag e add x", {"untouched": True}),
    "exp-run-hydra": (COMPOSED, "exp run -f -n e -S lr=3", {}),
    "exp-note": (EXPERIMENT, "exp note e words", {"untouched": True}),
    "exp-star": (EXPERIMENT, "exp star e", {"untouched": True}),
    "plots-show": (RAN + " && printf 'x,y\\n1,2\\n' > p.csv && git add -A && git commit -qm plot", "plots show p.csv", {}),
    "plots-images": (RAN + " && head -c 9000000 /dev/zero > p.png && git add -A && git commit -qm plot", "plots show p.png", {}),
    "plots-modify": (RAN, "plots modify m.json -t simple --title T", {}),
    "queue-hold": (QUEUED, "queue hold q", {"untouched": True}),
    "queue-release": (QUEUED + " && dvc queue hold -q q", "queue release q", {"untouched": True}),
    "queue-priority": (QUEUED, "queue priority q 3", {"untouched": True}),
    "queue-run": (QUEUED, "queue run q", {"untouched": True, "refused_again": ["does not wait in the queue"]}),
    "queue-remove": (QUEUED, "queue remove q", {"untouched": True, "refused_again": ["is not a valid experiment name"]}),
}
