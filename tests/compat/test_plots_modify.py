"""`plots modify`: what it writes to dvc.yaml, and what it refuses."""
from harness import case

PIPELINE = """\
stages:
  g:
    cmd: echo 1
    outs:
    - o.csv
    metrics:
    - m.json:
        cache: false
    plots:
    - b.csv
    - d.csv:
        cache: false
        x: epoch
        title: Loss
  h:
    cmd: echo 2
    plots:
    - e.csv
"""


def modified(name, script, pipeline=PIPELINE, **more):
    """A file in DVC's own form is equal to DVC's result byte for byte."""
    case("plots-modify-" + name, script + "    cat dvc.yaml\n", files={"dvc.yaml": pipeline, **more.pop("files", {})}, **more)


# what is written
modified("plain", "    dvc plots modify b.csv -x step -y loss\n")
modified("every-property", "    dvc plots modify b.csv --y-label Y --x-label X --title T --no-header -y y -x x -t simple\n")
modified("again", "    dvc plots modify d.csv -y acc -x step --title Accuracy\n")
modified("same", "    dvc plots modify d.csv -x epoch\n    dvc plots modify -q d.csv -x epoch\n")
modified("nothing", "    dvc plots modify d.csv\n    dvc plots modify b.csv\n")
modified("long-template", "    dvc plots modify b.csv --template scatter\n")
modified("template-without-name", "    dvc plots modify b.csv -x a -t\n")
modified("empty-words", "    dvc plots modify b.csv -x '' --title ''\n")
modified("odd-words", "    dvc plots modify b.csv -x 'a: b' -y '#c' --title \"it's\" --x-label yes --y-label 1.0\n")
modified("metric", "    dvc plots modify m.json -x step\n")
modified("metric-first", "    dvc plots modify m.json -x step --no-header\n",
         "stages:\n  g:\n    cmd: echo\n    metrics:\n    - m.json:\n        desc: text\n        cache: false\n        push: false\n    - n.json\n")
modified("output", "    dvc plots modify o.csv -y loss\n")
modified("output-without-properties", "    dvc plots modify o.csv\n")
modified("output-of-many", "    dvc plots modify a.csv -y loss\n    dvc plots modify z.csv -y loss\n",
         "stages:\n  g:\n    cmd: echo\n    outs:\n    - a.csv\n    - k.csv:\n        persist: true\n    - z.csv:\n        persist: true\n    plots:\n    - m.csv\n")
modified("two-stages", "    dvc plots modify e.csv -x one\n    dvc plots modify b.csv -x two\n")
modified("from-folder", "    mkdir sub\n    cd sub\n    dvc plots modify ../b.csv -x step\n    dvc plots modify b.csv -x step\n    cd ..\n")
modified("working-directory", "    mkdir w\n    dvc plots modify w/p.csv -x step\n    dvc plots modify p.csv -x step\n",
         "stages:\n  g:\n    cmd: echo\n    wdir: w\n    plots:\n    - p.csv\n")
modified("absolute", "    dvc plots modify \"$PWD/b.csv\" -x step\n")
case("plots-modify-file-in-folder", "    dvc plots modify sub/p.csv -x step\n    cat sub/dvc.yaml\n    cd sub\n    dvc plots modify p.csv -y loss\n    cat dvc.yaml\n",
     files={"sub/dvc.yaml": "stages:\n  g:\n    cmd: echo\n    plots:\n    - p.csv\n"})
modified("lock-stays", "    touch b.csv o.csv m.json d.csv\n    dvc repro -q g\n    dvc plots modify b.csv -x step\n    cat dvc.lock\n    dvc status\n")
modified("autostage", "    dvc config core.autostage true\n    dvc plots modify b.csv -x step\n    git status --porcelain\n")

# what is removed
modified("unset", "    dvc plots modify d.csv --unset title\n")
modified("unset-all", "    dvc plots modify d.csv --unset title x\n    dvc plots modify e.csv -x a\n    dvc plots modify e.csv --unset x\n")
modified("unset-and-set", "    dvc plots modify d.csv -y loss --unset title\n    dvc plots modify d.csv -y acc --unset y\n")
modified("unset-nothing", "    dvc plots modify d.csv --unset\n    dvc plots modify o.csv --unset\n")
modified("unset-unknown", "    dvc plots modify d.csv --unset nope\n    dvc plots modify d.csv -y loss --unset title nope\n    dvc plots modify b.csv --unset x\n")
modified("unset-of-no-plot", "    dvc plots modify o.csv --unset x\n    dvc plots modify m.json --unset x -y loss\n")
modified("unset-cache", "    dvc plots modify d.csv --unset cache\n")

# what is refused
modified("no-output", "    dvc plots modify x.csv -x step\n    dvc plots modify -x step\n    dvc plots modify b.csv d.csv\n    dvc plots modify\n    dvc plots modify g -x step\n")
modified("path-in-output", "    mkdir d\n    touch d/x.csv\n    dvc plots modify d/x.csv -x step\n    dvc plots modify d -x step\n    dvc plots modify d/ -y loss\n",
         "stages:\n  g:\n    cmd: echo\n    plots:\n    - d\n")
modified("template-unknown", "    dvc plots modify b.csv -t nope\n    dvc plots modify x.csv -t nope\n    dvc plots modify b.csv -t simple.json\n")
modified("group", "    dvc plots modify p1.csv -x step\n", "stages:\n  g:\n    foreach: [1, 2]\n    do:\n      cmd: echo\n      plots:\n      - p${item}.csv\n")
modified("broken-file", "    dvc plots modify b.csv -x step\n", files={"sub/dvc.yaml": "stages: [\n"})
modified("top-level", "    dvc plots modify t.csv -x step\n", "stages:\n  g:\n    cmd: echo\n    outs:\n    - t.csv\nplots:\n- t.csv:\n    y: loss\n")

# templates
modified("template-files", """
    mkdir -p .dvc/plots sub
    for f in .dvc/plots/own.json .dvc/plots/plain here.json sub/deep.json; do echo '{"data": "<DVC_METRIC_DATA>"}' > $f; done
    dvc plots modify b.csv -t own.json
    dvc plots modify b.csv -t own
    dvc plots modify b.csv -t own.foo
    dvc plots modify b.csv -t plain
    dvc plots modify b.csv -t here.json
    dvc plots modify b.csv -t here
    dvc plots modify b.csv -t sub/deep.json
    cd sub
    dvc plots modify ../b.csv -t deep.json
    dvc plots modify ../b.csv -t here.json
    cd ..
    for t in simple linear confusion confusion_normalized scatter scatter_jitter smooth bar_horizontal_sorted bar_horizontal; do dvc plots modify b.csv -t $t; done
""".replace("\n    ", "\n    ")[1:])

# a file of a person: the values are equal, the form is in tests/cli/test_plots_modify.py
PERSON = """\
# the pipeline
stages:
    g:
        cmd: echo 1   # a command
        outs:
            - z.csv
            - a.csv:   # kept
                cache: false
        plots: [m.csv, {n.csv: {x: step}}]
        frozen: true
"""
modified("of-a-person", "    dvc plots modify a.csv -x step\n    dvc plots modify n.csv --unset x\n    dvc plots modify m.csv -y loss\n", PERSON, values=("dvc.yaml",))
