"""`exp push`, `exp pull`, and experiments of a Git remote: listed, removed.

Experiments are made by Git alone (mk.sh), with their data put into the cache, so that a case takes few steps of the tool.
The Git remote is ../far/.git, the remote storage ../store. Names in messages have no fixed order in DVC (they come out of a
set); cairn sorts them, and both are sorted before they are compared.
"""
import re

from harness import case
from harness.adjust import drop_time
from harness.shared import FILES, NO_STORE, START, THREE

ELSEWHERE = """
    git clone -q ../far/.git ../second
    cd ../second
"""

def sort_names(seen):
    """Sort the names of a list in a message."""

    def words(m):
        return m[1] + " ".join(sorted(re.split(r", | and |; ", m[2]))) + m[3]

    def strings(m):
        return m[1] + " ".join(sorted(re.findall(r"'([^']*)'", m[2]))) + m[3]

    drop_time(seen)
    for step in seen["steps"]:
        for stream in ("stdout", "stderr"):
            if not isinstance(step.get(stream, []), list) or not all(isinstance(line, str) for line in step.get(stream, [])):
                continue  # JSON
            lines = [re.sub(r"^(Local experiment '\[|Pulled experiment '\[)(.*)(\]'.*)$", strings, line)
                     for line in step.get(stream, [])]
            lines = [re.sub(r"^(Experiment |Pushed experiment |Local experiment )(.*?)( (?:is|are) up to date| to Git| has diverged)",
                            words, line) for line in lines]
            lines = [re.sub(r"^(ERROR: (?:Experiment )?')(.*?)(' (?:are not valid|does not exist).*)", words, line) for line in lines]
            step[stream] = [re.sub(r"^(Removed experiments: )(.*)()$", words, line) for line in lines]


def share(name, script, start=THREE, **options):
    case("exp-share-" + name, start + script, files={**FILES, **options.pop("files", {})}, adjust=sort_names, **options)


# ---- push

share("push-one", """
    dvc exp push origin e1
    dvc exp list origin
""")
share("push-two", """
    dvc exp push origin e1 e3
  ~ dvc exp list origin
""")
share("push-all-of-head", """
    dvc exp push origin
  ~ dvc exp list origin
""")
share("push-again", """
    dvc exp push origin e1
    dvc exp push origin e1
    dvc exp push origin e1 e2
    dvc exp push origin
    dvc exp push origin
""")
share("push-same-name-twice", """
    dvc exp push origin e1 e1
""")
share("push-by-full-name", """
    dvc exp push origin $(git for-each-ref --format='%(refname)' 'refs/exps/*/*/e2')
    dvc exp list origin
""")
share("push-to-a-path", """
    dvc exp push ../far/.git e1
    dvc exp list ../far/.git
""")
share("push-to-an-absolute-path", """
    dvc exp push $PWD/../far/.git e1
    dvc exp list origin
""")
share("push-to-a-file-url", """
    dvc exp push file://$PWD/../far/.git e1
    dvc exp list origin
""")
share("push-without-data", """
    dvc exp push --no-cache origin e1
    dvc exp push --no-cache origin e1
    dvc exp list origin
""")
share("push-data-later", """
    dvc exp push --no-cache origin e1
    dvc exp push origin e1
    dvc exp push origin e1
""")
share("push-quietly", """
    dvc exp push -q origin e1
    dvc exp list origin
""")
share("push-data-elsewhere", """
    printf "['remote \\"other\\"']\\n    url = %s/elsewhere\\n" $(dirname $PWD) >> $DVC_GLOBAL_CONFIG_DIR/config
    dvc exp push -r other origin e1
    dvc exp push -j 2 --remote other origin e2
""")
share("push-unknown-name", """
    dvc exp push origin nope
    dvc exp push origin nope e1 neither
    dvc exp list -A origin
""")
share("push-a-branch-by-its-ref", """
    dvc exp push origin refs/heads/master
""")
share("push-to-an-unknown-remote", """
  ? dvc exp push nosuch e1
  ? dvc exp push /nothing/here.git e1
    dvc exp push nosuch nope
""")
share("push-nothing", """
    dvc exp push origin
    dvc exp push -A origin
    dvc exp push --no-cache origin
""", start=START)
share("push-unknown-revision", """
    dvc exp push origin --rev nosuch
""")
share("push-of-a-revision", """
    git commit -q --allow-empty -m next && sh mk.sh n1 four
    dvc exp push origin --rev HEAD~1
    dvc exp push origin
  ~ dvc exp list -A origin --name-only
""")
share("push-of-two-commits", """
    git commit -q --allow-empty -m next && sh mk.sh n1 four
    dvc exp push origin -n 2
  ~ dvc exp list -A origin --name-only
""")
share("push-of-two-revisions", """
    git commit -q --allow-empty -m next && sh mk.sh n1 four
    git commit -q --allow-empty -m last && sh mk.sh l1 five
    dvc exp push origin --rev HEAD --rev HEAD~2
  ~ dvc exp list -A origin --name-only
""")
share("push-all-commits", """
    git commit -q --allow-empty -m next && sh mk.sh n1 four
    dvc exp push -A origin
  ~ dvc exp list -A origin --name-only
""")
share("push-by-name-from-an-older-commit", """
    git commit -q --allow-empty -m next
    dvc exp push origin e1
    dvc exp list origin
    dvc exp list -A origin --name-only
""")
share("push-ambiguous-name", """
    git commit -q --allow-empty -m next && sh mk.sh e1 four
    git commit -q --allow-empty -m last
    dvc exp push origin e1
    dvc exp pull origin e1
""")
share("push-prefers-the-head-commit", """
    git commit -q --allow-empty -m next && sh mk.sh e1 four
    dvc exp push origin e1
    dvc exp list origin
""")
share("push-diverged", """
    dvc exp push -q origin e1 e2
    sh mk.sh e1 other
    dvc exp push origin e1 e2 e3
    dvc exp push --no-cache origin e1
    dvc exp push -f origin e1
    dvc exp push -f origin e1
""")
share("push-forced-when-equal", """
    dvc exp push -f origin e1
    dvc exp push -f origin e1
""")
share("push-with-a-missing-dvc-remote", """
    dvc exp push origin e1
  - dvc exp push -r nosuch origin e1
""")
share("push-without-any-dvc-remote", """
    sh mk.sh e1 one
  - dvc exp push origin e1
    dvc exp list origin
  - dvc exp push origin e1
""", start=NO_STORE)
share("push-when-data-is-missing", """
    rm -rf .dvc/cache
    dvc exp push origin e1
    dvc exp list origin
""")
share("push-run-cache", """
    printf 'stages:\\n  s:\\n    cmd: echo 1 > o\\n    outs: [o]\\n' > dvc.yaml && dvc repro -q
    dvc exp push --run-cache origin e1
    dvc exp push --no-run-cache origin e2
""", ignore=("store/runs",))
share("push-arguments", """
  ? dvc exp push
  ? dvc exp push --nosuch origin
  ? dvc exp pull
""")
share("push-without-git", """
    dvc exp push origin e1
    dvc exp pull origin e1
    dvc exp list origin
""", start="\n    rm -rf .git && printf '[core]\\n    no_scm = true\\n' > .dvc/config\n")
share("push-in-a-subdirectory", """
    mkdir sub
    cd sub
    dvc exp push origin e1
    dvc exp push ../../far/.git e2
    dvc exp pull origin e1
""")
share("push-hook-does-not-run", """
    printf '#!/bin/sh\\nexit 1\\n' > .git/hooks/pre-push && chmod +x .git/hooks/pre-push
    dvc exp push origin e1
""")
share("push-from-a-clone-of-a-shallow-one", """
    git commit -q --allow-empty -m next && git push -q origin master && git clone -q --depth 1 file://$PWD/../far/.git ../second
    cp mk.sh ../second
    cd ../second
    sh mk.sh s1 shallow
    dvc exp push origin s1
    dvc exp list origin
""")

# ---- list, remove

share("list-of-a-remote", """
    dvc exp push -q origin
  ~ dvc exp list origin
  ~ dvc exp ls origin
  ~ dvc exp list origin --name-only
    dvc exp list origin --sha-only
""")
share("list-all-of-a-remote", """
    git commit -q --allow-empty -m next && sh mk.sh n1 four
    dvc exp push -q -A origin
    dvc exp list origin
  ~ dvc exp list -A origin
  ~ dvc exp list origin --rev HEAD~1
  ~ dvc exp list origin -n 2
""")
share("list-of-an-unknown-remote", """
    dvc exp list nosuch
    dvc exp list /nothing/here.git
    dvc exp list origin
""")
share("list-leaves-other-refs-out", """
    git push -q origin HEAD:refs/exps/exec/EXEC_HEAD HEAD:refs/exps/celery/stash HEAD:refs/exps/apply/ORIG_HEAD
    dvc exp list -A origin
    dvc exp pull -A origin
    dvc exp push -q origin e1
    dvc exp list -A origin
""")
share("remove-from-a-remote", """
    dvc exp push -q origin
    dvc exp remove -g origin e1
  ~ dvc exp list origin
  ~ dvc exp list --name-only
    dvc exp remove -g origin e2 e3
    dvc exp list origin
""")
share("remove-unknown-from-a-remote", """
    dvc exp push -q origin e1
    dvc exp remove -g origin e2
    dvc exp remove -g origin e1 e2 e3
    dvc exp remove -g nosuch e1
    dvc exp remove -g origin
    dvc exp remove -g origin --queue
    dvc exp list origin
""")
share("remove-all-from-a-remote", """
    dvc exp push -q origin
    dvc exp remove -A -g origin
    dvc exp remove -A -g origin
    dvc exp list origin
""")
share("remove-of-a-revision-from-a-remote", """
    git commit -q --allow-empty -m next && sh mk.sh n1 four
    dvc exp push -q -A origin
    dvc exp remove --rev HEAD~1 -g origin
    dvc exp list -A origin --name-only
""")
share("remove-others-from-a-remote", """
    dvc exp push -q origin
    dvc exp remove --keep -g origin e2
    dvc exp list origin
""")

# ---- pull

share("pull-one", """
    dvc exp push -q origin
""" + ELSEWHERE + """
    dvc exp pull origin e1
    dvc exp list
    dvc exp pull origin e1
""")
share("pull-two", """
    dvc exp push -q origin
""" + ELSEWHERE + """
    dvc exp pull origin e1 e3
  ~ dvc exp list --name-only
    dvc exp pull origin e2 e3
""")
share("pull-all-of-head", """
    dvc exp push -q origin
""" + ELSEWHERE + """
    dvc exp pull origin
  ~ dvc exp list --name-only
    dvc exp pull origin
""")
share("pull-and-apply", """
    dvc exp push -q origin
""" + ELSEWHERE + """
    dvc exp pull origin e2
    dvc exp apply e2
    cat data metrics.json
    dvc status
""", ignore=("exps",))
share("pull-without-data", """
    dvc exp push -q origin
""" + ELSEWHERE + """
    dvc exp pull --no-cache origin e1
    dvc exp pull --no-cache origin e1
    dvc exp pull origin e1
""")
share("pull-jobs-and-run-cache", """
    dvc exp push -q origin
""" + ELSEWHERE + """
    dvc exp pull -j 2 --no-run-cache origin e1
    dvc exp pull --jobs 1 --run-cache origin e2
""")
share("pull-from-a-path", """
    dvc exp push -q origin
""" + ELSEWHERE + """
    dvc exp pull ../far/.git e1
    dvc exp list --name-only
""")
share("pull-from-a-url", """
    dvc exp push -q origin
""" + ELSEWHERE + """
    dvc exp pull file://$PWD/../far/.git e1
    dvc exp list --name-only
""")
share("pull-unknown-name", """
    dvc exp push -q origin e1
    dvc exp pull origin nope
    dvc exp pull origin nope e1 neither
    dvc exp pull origin e2
    dvc exp pull origin refs/heads/master
""")
share("pull-from-an-unknown-remote", """
    dvc exp pull nosuch e1
    dvc exp pull nosuch
  ? dvc exp pull /nothing/here.git
""")
share("pull-nothing", """
    dvc exp pull origin
    dvc exp pull -A origin
    dvc exp pull --no-cache origin
""", start=START)
share("pull-unknown-revision", """
    dvc exp pull origin --rev nosuch
""")
share("pull-of-a-revision", """
    git commit -q --allow-empty -m next && sh mk.sh n1 four && git push -q origin master
    dvc exp push -q -A origin
""" + ELSEWHERE + """
    dvc exp pull origin --rev HEAD~1
  ~ dvc exp list -A --name-only
    dvc exp pull origin -n 2
  ~ dvc exp list -A --name-only
""")
share("pull-all-commits", """
    git commit -q --allow-empty -m next && sh mk.sh n1 four && git push -q origin master
    dvc exp push -q -A origin
""" + ELSEWHERE + """
    dvc exp pull -A origin
  ~ dvc exp list -A --name-only
""")
share("pull-with-a-baseline-that-is-not-here", """
    git commit -q --allow-empty -m next && sh mk.sh n1 four
    dvc exp push -q origin n1
""" + ELSEWHERE + """
    dvc exp pull origin n1
    dvc exp list
    dvc exp list -A --name-only
""")
share("pull-diverged", """
    dvc exp push -q origin
    sh mk.sh e1 other
    dvc exp pull origin e1
    dvc exp pull origin e1 e2
    dvc exp pull origin
""")
share("pull-forced", """
    dvc exp push -q origin
    sh mk.sh e1 other
  ? dvc exp pull -f origin e1
    dvc exp list --name-only e1 2>/dev/null
    dvc exp pull origin e1
""")
share("pull-when-data-is-nowhere", """
    dvc exp push -q --no-cache origin
""" + ELSEWHERE + """
  - dvc exp pull origin e1
    dvc exp list --name-only
""")
share("pull-with-a-missing-dvc-remote", """
    dvc exp push -q origin
""" + ELSEWHERE + """
  ? dvc exp pull -r nosuch origin e1
    dvc exp list --name-only
""")
share("pull-shown-in-the-table", """
    dvc exp push -q origin
""" + ELSEWHERE + """
    dvc exp pull -q origin e1
    dvc exp show --csv
  = dvc exp show --json
    dvc exp diff HEAD e1
""")
share("pull-in-a-shallow-clone", """
    dvc exp push -q origin
    git clone -q --depth 1 file://$PWD/../far/.git ../second
    cd ../second
    dvc exp pull origin e1
    dvc exp list
""")
share("git-fetch-instead", """
    dvc exp push -q origin
""" + ELSEWHERE + """
    git fetch -q origin 'refs/exps/*:refs/exps/*'
  ~ dvc exp list --name-only
    dvc exp pull origin e1
    dvc exp apply e1
    cat data
""", ignore=("exps",))

# ---- exp.auto_push

TRAIN = {"dvc.yaml": "stages:\n  s:\n    cmd: cp params.yaml o\n    params: [lr]\n    outs: [o]\n", "params.yaml": "lr: 1\n",
         ".gitignore": "/data\n/o\n"}

share("auto-push-of-a-run", """
    export DVC_EXP_AUTO_PUSH=1
    dvc exp run -n a1 -S lr=2
    dvc exp list origin
""", start=START, files=TRAIN, ignore=("store/runs",))
share("auto-push-by-configuration", """
    dvc config exp.auto_push true && dvc config exp.git_remote ../far/.git
    dvc exp run -n a1 -S lr=2
    dvc exp list origin
    export DVC_EXP_AUTO_PUSH=false
    dvc exp run -n a2 -S lr=3
    dvc exp list origin
""", start=START, files=TRAIN, ignore=("store/runs",))
share("auto-push-of-a-temporary-run", """
    export DVC_EXP_AUTO_PUSH=true
    dvc exp run --temp -n a1 -S lr=2
    dvc exp list origin
""", start=START, files=TRAIN, ignore=("store/runs",))
share("auto-push-of-a-save", """
    echo 'lr: 5' > params.yaml
    export DVC_EXP_AUTO_PUSH=y
    dvc exp save -n s1
    dvc exp list origin
""", start=START, files=TRAIN, ignore=("store/runs", "^o$"))
share("auto-push-to-an-unknown-remote", """
    export DVC_EXP_AUTO_PUSH=1
    export DVC_EXP_GIT_REMOTE=nosuch
    dvc exp run -n a1 -S lr=2
    dvc exp list origin
""", start=START, files=TRAIN)
share("auto-push-without-a-dvc-remote", """
    export DVC_EXP_AUTO_PUSH=1
    dvc exp run -n a1 -S lr=2
    dvc exp list origin
""", start=NO_STORE, files=TRAIN)
share("auto-push-diverged", """
    dvc exp run -q -n a1 -S lr=2 && dvc exp push -q origin a1
    export DVC_EXP_AUTO_PUSH=1
    dvc exp run -f -n a1 -S lr=3
    dvc exp push origin a1
""", start=START, files=TRAIN, ignore=("store",))
