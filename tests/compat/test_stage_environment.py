"""How the command of a stage is run: shell, directory, environment, streams, exit status."""
from harness import case


def _unfinished(seen):
    seen["files"].pop(".gitignore", None)
    seen["git"]["status"] = [line for line in seen["git"]["status"] if not line.startswith("?? ")]


def run(name, cmd, script="    dvc repro\n", stage="", **options):
    """One stage `s` with this command (YAML text)."""
    case("run-" + name, script, files={"dvc.yaml": f"stages:\n  s:\n    cmd: {cmd}\n{stage}", **options.pop("files", {})}, adjust=_unfinished, **options)


# environment
run("environment", "env | grep ^DVC_ | grep -v -e _DIR= -e NO_ANALYTICS | sort")
run("environment-of-item", "echo $DVC_STAGE", files={"dvc.yaml": "stages:\n  g:\n    foreach: [1, b]\n    do: {cmd: 'echo $DVC_STAGE ${item}'}\n  m:\n    matrix: {k: [x]}\n    cmd: echo $DVC_STAGE\n"})
run("environment-in-folder", "echo", "    dvc repro sub/dvc.yaml:t\n    cd sub\n    dvc repro\n    cd deep\n    dvc repro -P\n", files={
    "sub/dvc.yaml": "stages:\n  t: {cmd: 'echo $DVC_STAGE $DVC_ROOT; pwd'}\n", "sub/deep/keep": ""})
run("environment-inherited", "echo $MINE; echo $DVC_ROOT; echo $DVC_STAGE; echo $PWD; echo $OLDPWD", "    MINE=yes DVC_ROOT=/elsewhere DVC_STAGE=other dvc repro\n")
run("environment-not-an-experiment", "env | grep DVC_EXP; echo ${DVC_EXP_NAME:-none}".replace("${DVC_EXP_NAME:-none}", "$DVC_EXP_NAME end"))
run("environment-of-command-line", "echo $PATH | cut -d/ -f1-2; echo $HOME > /dev/null; echo $LC_ALL $TZ $COLUMNS", on_disk=True)
# shells
run("shell-default", "echo $0; echo ${BASH_VERSION:-no} | cut -c1-2".replace("${BASH_VERSION:-no}", "$BASH_VERSION"))
run("shell-bash", '"[[ 1 == 1 ]] && echo $0 $-; a=(1 2); echo \\\\${#a[@]}"', "    SHELL=/bin/bash dvc repro\n    SHELL=/usr/bin/bash dvc repro\n")
run("shell-dash", "echo $0 $-", "    SHELL=/bin/dash dvc repro\n    SHELL= dvc repro\n    env -u SHELL dvc repro\n")
run("shell-missing", "echo 1", "  ? SHELL=/nosuch/shell dvc repro\n")
run("shell-not-a-shell", "echo 1", "    SHELL=/bin/echo dvc repro\n    SHELL=/bin/false dvc repro\n")
run("shell-ignores-start-files", "echo $FROM_RC end", "    echo 'FROM_RC=1; export FROM_RC' > ../rc\n    ENV=$PWD/../rc BASH_ENV= SHELL=/bin/bash dvc repro\n")
# directories
run("directory", "pwd; ls", stage="    wdir: sub\n", files={"sub/f": "1\n"})
run("directory-missing", "pwd", stage="    wdir: nosuch\n")
run("directory-up", "pwd", "    cd sub\n    dvc repro\n", files={"sub/dvc.yaml": "stages:\n  t: {cmd: pwd, wdir: ..}\n"})
run("directory-from-template", "pwd", stage="    wdir: ${w}\n", files={"params.yaml": "w: sub\n", "sub/f": ""})
run("directory-is-file", "pwd", stage="    wdir: file\n", files={"file": ""})
run("directory-outside", "pwd", stage="    wdir: ../\n")
# commands
run("list", "[echo 1, 'echo 2; echo 3', 'true']")
run("list-stops", "[echo 1, 'false', echo 3]")
run("list-each-in-a-shell-of-its-own", "['x=1; cd /', 'echo [$x]; pwd']")
run("lines", "|\n      echo 1\n      echo 2\n\n      echo 3")
run("lines-stop", "|\n      echo 1\n      exit 2\n      echo 3")
run("lines-folded", ">\n      echo 1\n      2\n      3")
run("lines-with-continuation", "|\n      echo 1 \\\n        2")
run("list-of-lines", "\n    - |\n      echo 1\n      echo 2\n    - echo 3")
run("empty", "''")
run("empty-list", "[]")
run("comment-only", "'# nothing'")
run("number", "1")
run("braces", "echo {a,b} '\\$' \\${x}")
run("quotes", """'echo "a  b" ''c  d'' \\\\ | cat'""")
run("not-ascii", "echo größe 模型 '✓'")
run("very-long", "echo " + " ".join(f"word{i}" for i in range(60)))
# streams
run("streams", "echo out; echo err >&2; echo out2", "    dvc repro\n    dvc repro 2>/dev/null\n    dvc repro >/dev/null\n")
run("streams-quiet", "echo out; echo err >&2", "    dvc repro -q\n")
run("streams-carriage-return", "printf '10%%\\r50%%\\r100%%\\n'; printf 'no newline'")
run("streams-colours", "printf '\\033[31mred\\033[0m\\n'")
run("streams-input", "cat", "    echo text | dvc repro\n    dvc repro </dev/null\n")
run("streams-tabs-and-zeros", "printf 'a\\tb\\n\\n\\n'")
run("streams-much", "seq 1 3000 | tail -n 2000 | wc -l; yes | head -c 100000 | wc -c")
run("not-a-terminal", "test -t 1 && echo terminal || echo pipe; test -t 0 && echo terminal || echo none", "    dvc repro </dev/null\n")
# exit statuses
for status in (1, 2, 3, 126, 127, 128, 130, 254, 255, 256):
    run(f"exit-{status}", f"exit {status}")
run("not-found", "nosuchcommand --flag")
run("not-executable", "./file", files={"file": "echo 1\n"})
run("pipe-status", "'false | true'")
run("killed", "kill -9 $$")
run("terminated", "kill -TERM $$")
run("interrupts-itself", "kill -INT $$", "    env --default-signal=INT dvc repro\n")
run("interrupts-ignored", "kill -INT $$; echo on", "    env --ignore-signal=INT dvc repro\n")
run("segmentation-fault", "kill -SEGV $$")
run("hangs-up", "kill -HUP $$")
run("child-killed", "sh -c 'kill -9 $$'; echo after $?")
run("second-of-list-killed", "[echo 1, kill -9 $$]")
run("failing-then-status", "exit 1", "    dvc repro\n    dvc status\n    ls -A\n", stage="    outs: [o]\n")
run("output-of-failed-stays", "echo 1 > o; exit 1", "    dvc repro\n    cat o\n    dvc status\n", stage="    outs: [o]\n")
run("background-child", "(sleep 0.05; echo late > late) & echo early")
run("autostage", "echo 1 > o; echo '{}' > m.json", "    dvc config core.autostage true\n    dvc repro\n    git status --porcelain\n", stage="    outs: [o]\n    metrics: [m.json: {cache: false}]\n")
run("git-hint", "echo 1 > o", "    dvc repro\n    git add -A\n    dvc repro -f\n    git commit -qm all\n    dvc repro -f\n", stage="    outs: [o]\n")
case("run-environment-of-experiment", """
    git add -A
    git commit -qm all
    dvc exp run -n mine
    cat o
    echo 2 > in
    git commit -qam two
    dvc exp run --temp -n apart
  - dvc exp apply apart
    cat o
""", files={"in": "1\n", "dvc.yaml": """\
stages:
  s:
    cmd: env | grep -e ^DVC_EXP -e ^DVC_S | grep -v -e DVC_SITE -e DVC_SYSTEM | sed 's/_REV=.*/_REV/' | sort > o; echo 1 > p
    deps: [in]
    outs: [o: {cache: false}, p]
"""}, ignore=("^.dvc/tmp",))
