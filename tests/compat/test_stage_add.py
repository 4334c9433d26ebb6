"""`stage add`: each option, the resulting text, and what it keeps of a dvc.yaml written by a person."""
import pytest
from harness import case


def added(name, options, script="", command="echo 1", **more):
    """A new project: the file equals DVC's byte for byte."""
    case("stage-add-" + name, f"    dvc stage add -n s {options} {command}\n    cat dvc.yaml\n{script}", **more)


added("plain", "")
added("long-name", "", script="    dvc stage add --name other-one_2 echo 2\n")
added("dependency", "-d in", "    dvc stage add -n t --deps a --deps b -d ./c//d echo 2\n    cat dvc.yaml\n")
added("outputs", "-o out -o d/ -O plain", "    cat .gitignore\n")
added("long-outputs", "--outs out --outs-no-cache plain")
added("persist", "--outs-persist p --outs-persist-no-cache q", "    cat .gitignore\n")
added("metrics", "-m m.json -M n.json", "    cat .gitignore\n")
added("long-metrics", "--metrics m.json --metrics-no-cache n.json")
added("plots", "--plots p.csv --plots-no-cache q.csv", "    dvc stage list\n")
added("order", "-o z -o a -d z2 -d a2 -M y.json -m b.json --plots x.csv")
added("mixed-outputs", "-O b -o c --outs-persist a -o d")
added("params", "-p lr,epochs -p seed")
added("params-of-files", "-p other.yaml:a,b -p z.json:c -p lr -p a.toml:x.y")
added("params-whole-file", "-p whole.yaml: -p lr")
added("params-same-file", "-p f.yaml:b -p f.yaml:a -p params.yaml:lr -p lr2")
added("params-empty-words", "-p lr,,epochs, -p f.yaml:,a,")
added("params-twice", "-p lr -p lr,x -p f.yaml:k,k")
added("params-spaces", "-p 'lr, epochs'")
added("params-colons", "-p dir/f.yaml:a.b,c -p a:b:c")
added("always-changed", "--always-changed")
added("description", "--desc 'what it does'")
added("description-lines", "--desc 'one\ntwo'".replace("\n", "\\n"))
added("description-odd", "--desc ': {#'")
added("description-empty", "--desc ''")
added("working-directory", "-w w -d in -o out", "    cat w/.gitignore\n", command="true")
case("stage-add-working-directory-there", "    mkdir -p w/v\n    dvc stage add -n s -w w -d in -o out true\n    cat dvc.yaml w/.gitignore\n"
     "    dvc stage add -n t --wdir ./w/v/.. -o out2 true\n    dvc stage add -n u --wdir . -o out3 true\n    cat dvc.yaml\n")
case("stage-add-values-with-spaces", "    dvc stage add -n s '--desc=two words' '-oa b' true\n    dvc stage add -n t '-x y'\n    dvc stage add -n t '--no such' '--x y'\n    cat dvc.yaml\n")
case("stage-add-from-folder", "    mkdir sub\n    cd sub\n    dvc stage add -n s -d ../in -o out 'cp ../in out'\n    cat dvc.yaml .gitignore\n    dvc stage list\n")
case("stage-add-outputs-in-folders", "    mkdir -p a b\n    dvc stage add -n s -o a/x -o b/y -o nodir/z -o ../far echo\n  - dvc stage add -n s -o a/x -o b/y -o nodir/z echo\n"
     "    cat a/.gitignore b/.gitignore dvc.yaml\n")
# commands: words that need quotes
case("stage-add-one-word", "    dvc stage add -n s 'echo \"a b\" > o'\n    cat dvc.yaml\n")
case("stage-add-quoting", """
    dvc stage add -n a echo "two words" one
    dvc stage add -n b echo 'with "quotes" inside' x
    dvc stage add -n c echo "" end
    dvc stage add -n d echo -- -x
    dvc stage add -n e python train.py --name x -o out
    dvc stage add -n f echo '$HOME' '${HOME}' '*'
    dvc stage add -n g "it's" here
    dvc stage add -n h echo '#comment' ': x'
    dvc stage add -n i echo 1 '>' out '&&' true
    cat dvc.yaml
""")
case("stage-add-long-command", "    dvc stage add -n s python src/train.py --data data/prepared --model models/model.pkl --epochs 100 --learning-rate 0.001 --seed 42\n    cat dvc.yaml\n")
case("stage-add-lines", "    dvc stage add -n s \"$(printf 'echo 1\\necho 2\\n')\"\n    dvc stage add -n t \"$(printf 'echo 1\\n\\n  echo 2')\" \n    cat dvc.yaml\n    dvc repro\n")
case("stage-add-unicode", "    dvc stage add -n größe -d 'ü n' -o 'ö.txt' echo 'ä ß'\n    cat dvc.yaml .gitignore\n    dvc stage list\n")
case("stage-add-template", "    echo 'lr: 1' > params.yaml\n    dvc stage add -n s 'echo ${lr}'\n    dvc stage add -n t -o 'out-${lr}' 'echo ${lr} > out-${lr}'\n    cat dvc.yaml\n  ? dvc repro\n")
# names
case("stage-add-names", """
    dvc stage add -n 'a b' echo
    dvc stage add -n a-b_c1 echo
    dvc stage add -n 1 echo
    dvc stage add -n true echo
    dvc stage add -n a@b echo
    dvc stage add -n a:b echo
    dvc stage add -n 'a$' echo
    dvc stage add -n '' echo
    dvc stage add -n null echo
    cat dvc.yaml
""")
# errors
case("stage-add-no-name", "    dvc stage add echo 1\n    dvc stage add -o x echo 1\n    dvc stage add\n    dvc stage add -n x\n    dvc stage add -n x ''\n    dvc stage\n")
case("stage-add-not-a-repository", "    dvc stage add -n x echo\n", start="empty")
case("stage-add-options-of-old", "    dvc stage add -n x --plots-no-cache p --live l echo\n    dvc stage add -n x --external -o y echo\n  ? dvc run -n x echo\n    dvc stage add -n x -c y echo\n    dvc stage add -n x --no-exec echo\n")
case("stage-add-output-twice", "    dvc stage add -n s -o x -O x echo\n    dvc stage add -n s -o x -m ./x echo\n    dvc stage add -n s -d x -d x echo\n    dvc stage add -n s -d x -o ./x echo\n    cat dvc.yaml\n")
case("stage-add-output-taken", """
    dvc stage add -n s -o x echo
    dvc stage add -n t -o x echo
    dvc stage add -n t -o x/y echo
    dvc stage add -n t -O x echo
    echo 1 > data
    dvc add -q data
    dvc stage add -n u -o data echo
    dvc stage add -n u -d x -o y echo
    dvc stage add -n v -d y -o x echo
    cat dvc.yaml
""")
case("stage-add-cycle", "    dvc stage add -n a -d x -o y echo\n    dvc stage add -n b -d y -o x echo\n    dvc stage add -n c -d z -o z echo\n    cat dvc.yaml\n")
case("stage-add-broken-file", "    printf 'stages:\\n  a: [\\n' > dvc.yaml\n    dvc stage add -n b echo\n    printf 'stages:\\n  a: {foo: 1}\\n' > dvc.yaml\n    dvc stage add -n b echo\n    cat dvc.yaml\n")
case("stage-add-git-ignored-file", "    echo dvc.yaml > .gitignore\n    dvc stage add -n b echo\n")
# replacing
FORCED = """
    dvc stage add -n s -d in -o out -p lr --desc old 'cp in out'
    dvc stage add -n t -d out -o fin 'cp out fin'
"""
case("stage-add-exists", FORCED + "    dvc stage add -n s echo\n    cat dvc.yaml\n")
case("stage-add-force", FORCED + "    dvc stage add -f -n s -d in2 -o out2 'cp in2 out2'\n    cat dvc.yaml .gitignore\n")
case("stage-add-force-long", FORCED + "    dvc stage add --force -n t --always-changed echo\n    cat dvc.yaml\n")
case("stage-add-force-first", "    dvc stage add -f -n new echo\n    cat dvc.yaml\n")
case("stage-add-force-after-run", "    echo 1 > in\n    dvc stage add -n s -d in -o out 'cp in out'\n    dvc repro -q\n    dvc stage add -f -n s -d in -o out 'cat in > out'\n    dvc status\n    dvc repro\n    cat dvc.lock\n")
case("stage-add-force-generated", "    dvc stage add -f -n g echo\n    dvc stage add -n g echo\n    dvc stage add -f -n g@1 echo\n", files={
    "dvc.yaml": "stages:\n  g:\n    foreach: [1]\n    do: {cmd: 'echo ${item}'}\n"}, values=("dvc.yaml",))
# --run: when it fails, the stage stays in dvc.yaml, but DVC removes its outputs from .gitignore again
def _stays_ignored(seen):
    seen["files"].pop(".gitignore", None)
    seen["git"]["status"] = [line for line in seen["git"]["status"] if line != "?? .gitignore"]


case("stage-add-run-inputs", "    echo 1 > in\n    dvc stage add --run -n s -d in -o out 'cp in out'\n    cat dvc.lock .gitignore\n    dvc repro\n")
case("stage-add-run-fails", "    dvc stage add --run -n s -o out 'exit 4'\n    cat dvc.yaml\n  - dvc stage add --run -n t -d nofile -o o2 'echo 1 > o2'\n", adjust=_stays_ignored)
case("stage-add-run-no-output", "    dvc stage add --run -n s -o out true\n    cat dvc.yaml\n", adjust=_stays_ignored)
case("stage-add-run-remembered", "    echo 1 > in\n    dvc stage add --run -n s -d in -o out 'cp in out'\n    dvc stage add --run -f -n s -d in -o out 'cp in out'\n    rm out dvc.lock\n    dvc stage add --run -f -n s -d in -o out 'cp in out'\n    dvc status\n")
case("stage-add-run-callback", "    dvc stage add --run -n s echo hello\n    cat dvc.yaml\n    ls\n")
# Git
case("stage-add-autostage", "    dvc config core.autostage true\n    dvc stage add -n s -o out 'echo 1 > out'\n    git status --porcelain\n    dvc repro\n    git status --porcelain\n")
case("stage-add-output-in-git", "    echo 1 > out\n    git add out\n    git commit -qm out\n    dvc stage add -n s -O out echo\n  ? dvc stage add -n t -o out echo\n")
case("stage-add-noscm", "    dvc stage add -n s -o out 'echo 1 > out'\n    dvc repro\n    ls -A\n", start="noscm")
case("stage-add-quiet", "    dvc stage add -q -n s -o out 'echo 1 > out'\n    ls -A\n")

# a dvc.yaml written by a person
HAND = """\
# a pipeline

vars:
- lr: 0.1   # learning rate

stages:
    # prepare the data
    prepare:   # first
        cmd: >-
            cat raw
            > clean
        deps: [raw]   # flow style
        outs:
            - clean     # an output


    # and train
    train:
        cmd: "cat clean > model"
        deps:
            - clean
        outs: [model]
metrics:
- m.json
"""


def hand(name, script):
    case("stage-add-hand-" + name, script, files={"dvc.yaml": HAND, "raw": "1\n"}, values=("dvc.yaml",))


hand("new", "    dvc stage add -n evaluate -d model -M m.json 'echo 1 > m.json'\n    dvc stage list\n    dvc repro\n")
hand("force", "    dvc stage add -f -n train -d clean -o model2 'cp clean model2'\n    dvc stage list\n    dvc repro\n")
hand("freeze", "    dvc freeze train prepare\n    dvc unfreeze train\n    dvc unfreeze train\n    dvc freeze prepare\n")
hand("remove", "    dvc remove train\n    dvc stage list\n")


# different styles of dvc.yaml
for name, text in {
    "empty": "", "comments": "# nothing yet\n\n# still nothing\n", "no-stages": "vars:\n- a: 1\n", "null": "stages:\n", "null-and-more": "stages:\nmetrics:\n- m.json\n",
    "empty-map": "stages: {}\n", "flow": "stages: {a: {cmd: echo 1}}\n", "flow-of-lines": "stages: {\n  a: {cmd: echo 1},\n  b: {cmd: echo 2}\n}\n",
    "json": '{"stages": {"a": {"cmd": "echo 1"}}}\n', "no-newline": "stages:\n  a:\n    cmd: echo 1", "carriage-returns": "stages:\r\n  a:\r\n    cmd: echo 1\r\n",
    "document-marks": "---\nstages:\n  a:\n    cmd: echo 1\n...\n", "indented": "stages:\n        a:\n                cmd: echo 1\n", "anchors": "x: &x {cmd: echo 1}\nstages:\n  a: *x\n  b:\n    <<: *x\n    desc: B\n",
    "quoted-keys": "'stages':\n  \"a\":\n    'cmd': echo 1\n", "last-block": "stages:\n  a:\n    cmd: |\n      echo 1\n      echo 2\n\n\n", "folded": "stages:\n  a:\n    cmd: >-\n      echo 1\n      2\n  # end\n",
    "question-marks": "? stages\n: ? a\n  : cmd: echo 1\n", "byte-order-mark": "\ufeffstages:\n  a:\n    cmd: echo 1\n", "params-below": "stages:\n  a:\n    cmd: echo 1\nparams:\n- p.yaml\n# the end\n",
}.items():
    case("stage-add-to-" + name, """
      - dvc stage add -n new -d in -o out 'cp in out'
      - dvc stage list
      - dvc freeze new
      - dvc stage add -f -n a echo other
      - dvc stage list
      - dvc freeze a
      - dvc remove new
      - dvc stage list
    """, files={"dvc.yaml": text, "in": "1\n", "p.yaml": "a: 1\n"}, values=("dvc.yaml",))


def test_comments_and_order_stay(repo):
    repo.write({"dvc.yaml": HAND})
    repo.check("dvc stage add -q -n evaluate -d model -M m.json 'echo 1 > m.json'")
    text = repo.read("dvc.yaml")
    before = [line for line in text.splitlines() if line in HAND.splitlines()]
    assert before == HAND.splitlines(), text
    assert text.index("evaluate:") < text.index("metrics:\n- m.json"), text
    repo.check("dvc freeze -q train && dvc unfreeze -q train")
    assert repo.read("dvc.yaml") == text
    repo.check("dvc stage add -q -f -n train -d clean -o model3 'cp clean model3'")
    text = repo.read("dvc.yaml")
    for kept in ("# a pipeline", "# learning rate", "# prepare the data", "# first", "# flow style", "# an output", "# and train"):
        assert kept in text, text
    assert "model3" in text and "cat clean > model" not in text


def test_carriage_returns_stay(repo):
    repo.write({"dvc.yaml": "stages:\r\n  a:\r\n    cmd: echo 1\r\n"})
    repo.check("dvc stage add -q -n b -d in -o out 'cp in out' && dvc freeze -q a b && dvc remove -q b")
    assert repo.sh("cat dvc.yaml | tr -d '\\n' | tr '\\r' '|'").out == "stages:|  a:|    cmd: echo 1|    frozen: true|"


def test_a_new_description_counts(repo):
    repo.check("dvc stage add -q -n s --desc old echo 1 && dvc stage add -q -f -n s --desc new echo 2")
    assert "desc: new" in repo.read("dvc.yaml") and "desc: old" not in repo.read("dvc.yaml")


def test_dashes_are_no_command(repo):
    repo.check("dvc stage add -q -n s -- echo --flag")
    assert "cmd: echo --flag" in repo.read("dvc.yaml")


def test_an_empty_path_is_refused(repo):
    assert repo.dvc("stage add -n s -d '' echo").status == 255
    assert repo.dvc("stage add -n s -o '' echo").status == 255


@pytest.mark.live
def test_a_stage_added_by_one_runs_with_the_other(maker):
    box, makes, reads = maker
    box.write({"in": "1\n", "params.yaml": "lr: 1\n"})
    box.use(makes)
    box.check("dvc stage add -q -n s -d in -p lr -o out -M m.json 'cp in out; echo 1 > m.json'")
    box.use(reads)
    assert "Running stage 's'" in box.check("dvc repro").out
    box.use(makes)
    assert "up to date" in box.check("dvc repro").out
    box.check("dvc stage add -q -f -n s -d in -o out 'cp in out'")
    box.use(reads)
    assert "changed command" in box.check("dvc status").out
case("stage-add-absolute-paths", """
    mkdir w other
    dvc stage add -n s -d $PWD/in -d $PWD/../outside -d /etc/hostname -o $PWD/./out -O $PWD/w/o --outs-persist $PWD/w/p -m $PWD/m.json -M $PWD/n.json --plots $PWD/p.csv -p $PWD/p2.yaml:a,b -p $PWD/params.yaml:lr -p $PWD/whole.yaml: echo
    dvc stage add -n t -w $PWD/w -d $PWD/in -o $PWD/out2 -o $PWD/w/out3 -M $PWD/other/n.json -p $PWD/params.yaml:lr -p p2.yaml:x echo
    dvc stage add -n u -w $PWD echo
    cat dvc.yaml .gitignore w/.gitignore
    dvc stage add -n v -o $PWD/out echo
    dvc stage add -n v -o $PWD/x -O x echo
    dvc stage add -n v -d $PWD/x -o x echo
""", on_disk=True)
case("stage-add-absolute-paths-from-folder", "    mkdir sub\n    cd sub\n    dvc stage add -n s -d $PWD/../in -d $PWD/x -o $PWD/out -w $PWD echo\n    cat dvc.yaml .gitignore\n")
case("stage-add-parameter-file-twice", """
    dvc stage add -n s -p a -p $PWD/params.yaml:b echo
    dvc stage add -n s -p ./params.yaml:a -p params.yaml:b echo
    dvc stage add -n s -p f.yaml:a -d f.yaml echo
    dvc stage add -n s -p f.yaml:a -p f.yaml:b echo
""")
case("stage-add-urls-of-nobody", """
    dvc stage add -n s -d unsupported://x echo
    dvc stage add -n s -d remote://nosuch/x echo
    dvc stage add -n s -o unsupported://x echo
    dvc stage add -n s -O unsupported://x echo
    dvc stage add -n s -p unsupported://x:a echo
    dvc stage add -n s --plots nope://x echo
    dvc stage add -n s -o remote://nosuch/x -d unsupported://y echo
    dvc stage add -n s -w nosuch -d unsupported://y echo
    ls
    dvc remote add -q r ../there
    dvc stage add -n s -d remote://r/x -d ds://x echo
    cat dvc.yaml
""")
