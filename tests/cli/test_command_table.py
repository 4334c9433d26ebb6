"""All entries of the command table: help, manual, completion, and the parsing of command lines."""

import re
import shutil
import subprocess

import pytest
from harness.commands import ids, run, table
from harness.sandbox import TOP

GLOBAL = {"help", "quiet", "verbose", "version", "cd", "color", "wait-for-lock"}


def test_table_is_sorted_and_whole():
    assert len(table()) > 50
    for group in {c["command"].rpartition(" ")[0] for c in table()}:
        members = [c["command"] for c in table() if c["command"].rpartition(" ")[0] == group]
        assert members == sorted(members)


@pytest.mark.parametrize("command", table(), ids=ids())
def test_words(command):
    """Summaries and helps are one line, lower case, no full stop; each option has one; no name is used twice."""
    texts = [command["summary"]] + [e["help"] for e in command["options"] + command["arguments"]]
    for text in texts:
        assert text and text == text.strip() and "\n" not in text and not text.endswith("."), text
        assert text[0].islower() or text.startswith(".dvc") or text.split()[0].upper() == text.split()[0] or text.split()[0] in ("Git", "Python"), text
    names = [o["name"] for o in command["options"] if "name" in o]
    letters = [o["letter"] for o in command["options"] if "letter" in o]
    assert len(names) == len(set(names)) and len(letters) == len(set(letters))
    assert not GLOBAL & set(names)


@pytest.mark.parametrize("command", table(), ids=ids())
def test_help(command):
    words = command["command"].split()
    done = run(*words, "-h")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: cairn " + command["command"])
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert not [line for line in done.stdout.splitlines() if line != line.rstrip()]
    for option in command["options"]:
        assert f"--{option['name']}" in done.stdout if "name" in option else f"-{option['letter']}" in done.stdout
    for words_of_help in (["--help", *words], [*words, "--he"], [*words, "--no-such-option", "-h"]):
        assert run(*words_of_help).stdout == done.stdout


def test_help_lists_configuration_keys(repo):
    repo.check("dvc remote add -q there s3://bucket")
    told = repo.check("dvc config -h").out
    for line in repo.check("dvc complete -- config ''").lines[1:]:
        key, _, about = line.partition("\t")
        assert about, line
        if not key.startswith("remote."):
            assert f"\n  {key}" in told
    told_of_remotes = repo.check("dvc remote modify -h").out
    for line in repo.check("dvc complete -- remote modify there ''").lines[1:]:
        key, _, about = line.partition("\t")
        assert f"\n  {key}" in told and f"\n  {key}" in told_of_remotes
        assert " ".join(about.split()) in " ".join(told_of_remotes.split())
    assert "\n  core." not in told_of_remotes


def test_help_of_the_whole():
    """Each command is on one line, under one task."""
    done = run("--help")
    assert done.returncode == 0 and max(len(line) for line in done.stdout.splitlines()) <= 80
    for command in table():
        line = re.compile(rf"\n  {command['command']} +{re.escape(command['summary'])}\n")
        assert " " in command["command"] or len(line.findall(done.stdout)) == 1, command
    assert "\ntrack data:\n  add " in done.stdout and len(done.stdout.splitlines()) < 80
    assert run("help").stdout == done.stdout
    assert run("help", "exp", "run").stdout == run("exp", "run", "-h").stdout
    nothing = run()
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (254, done.stdout, "")


def test_called_dvc_commands_are_in_the_order_of_names(repo):
    told = repo.dvc("--help").out
    listed = re.findall(r"^  ([a-z-]+)", told[told.index("commands:\n"):told.index("\noptions:")], re.MULTILINE)
    assert listed == sorted(listed) and len(listed) > 40
    assert repo.dvc("help").status == 254
    assert repo.dvc("").err.startswith("ERROR: the following arguments are required: command")


@pytest.mark.parametrize("command", [c for c in table() if not c["group"]],
                         ids=[c["command"] for c in table() if not c["group"]])
def test_unknown_option(command, tmp_path):
    done = run(*command["command"].split(), "--no-such-option=1", cwd=tmp_path)
    if not [a for a in command["arguments"] if a["name"] == "command"]:
        assert done.returncode == 254, done.stderr
        assert done.stderr.startswith("ERROR: "), done.stderr


# ---- parsing of command lines

@pytest.mark.parametrize("line,status,message", [
    ("repo", 254, "Did you mean 'repro'?"),
    ("exp shw", 254, "Did you mean 'show'?"),
    ("repro --al-pipelines", 254, "Did you mean '--all-pipelines'?"),
    ("repro --p", 254, "ambiguous option: --p could match --pipeline, --pull"),
    ("repro --dry=1", 254, "argument --dry: ignored explicit argument '1'"),
    ("push -j", 254, "argument -j/--jobs: expected one argument"),
    ("push -j many", 254, "argument -j/--jobs: invalid int value: 'many'"),
    ("push -j 99999999999999", 254, "argument -j/--jobs: invalid int value"),
    ("status -q -v", 254, "argument -v/--verbose: not allowed with argument -q/--quiet"),
    ("exp show --sort-order up", 254, "invalid choice: 'up' (choose from 'asc', 'desc')"),
    ("add", 254, "the following arguments are required: targets"),
    ("root extra", 254, "unrecognized arguments: extra"),
    ("", 254, "the following arguments are required: command"),
    ("remote", 254, "the following arguments are required: cmd"),
    ("--cd nowhere status", 255, "nowhere"),
])
def test_wrong_lines(repo, line, status, message):
    done = repo.dvc(line)
    assert done.status == status, repr(done)
    assert message in done.err, repr(done)
    assert done.err.startswith("ERROR: ")


@pytest.mark.parametrize("line", [
    "dag --dot --outs", "dag --outs --dot", "dag --do --o", "--cd=. dag --dot -o", "--cd . dag --dot --outs",
    "dag --dot --outs --", "dag --dot --outs --cd .", "dag -o --dot out", "dag out --dot -o", "dag --outs --dot -- out",
])
def test_forms_of_one_line(repo, line):
    repo.write({"dvc.yaml": "stages:\n  a: {cmd: echo, outs: [out]}\n"})
    assert repo.check("dvc " + line).out .split() == ["strict", "digraph", "{", '"out";', "}"]


def test_values(repo):
    repo.check("dvc remote add -q -d r /tmp/x")
    for value in ("-j1", "-j 1", "--jobs=1", "--jobs 1", "--job 1", "-j=1", "-qj1"):
        repo.check(f"dvc push {value} -r r")
    repo.check("dvc stage add -n a -p x -p y -d -- 2>/dev/null || dvc stage add -n a -p x -p y echo -n --not-ours -h")
    assert "echo -n --not-ours -h" in repo.read("dvc.yaml")


def test_dashes_end_options(repo):
    repo.write({"-q": "1\n"})
    repo.check("dvc add -- -q")
    assert (repo.repo / "-q.dvc").exists()


def test_called_dvc(repo):
    assert repo.check("dvc --version").out == "3.67.1\n"
    assert repo.check("cairn --version").out.startswith("3.67.1 (cairn ")
    assert repo.dvc("-h").out.startswith("usage: dvc ")


# ---- manual pages

def test_manual(tmp_path):
    assert run("describe", "--man", str(tmp_path)).returncode == 0
    pages = sorted(tmp_path.iterdir())
    assert len(pages) == len(table()) + 1
    if not shutil.which("man") or subprocess.run(["man", "--warnings", "-l", pages[0]], capture_output=True,
                                                 check=False).returncode:
        pytest.skip("no man that renders pages")
    for page in pages:
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page], capture_output=True, text=True, check=False,
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
        assert (done.returncode, done.stderr) == (0, ""), page.name
        assert "EXIT STATUS" in done.stdout


def test_sections_of_the_manual(tmp_path):
    run("describe", "--man", str(tmp_path))
    for page in tmp_path.iterdir():
        text = page.read_text()
        assert ("\n.SH EXAMPLES\n" in text) == (page.name != "cairn.1")
        usage = text[text.index(".nf\n") + 4:text.index(".fi\n")].splitlines()
        assert all(line.startswith("     ") for line in usage[1:])
    whole = (tmp_path / "cairn.1").read_text()
    assert "\n.SH FILES\n" in whole and ".SS track data\n" in whole
    assert ".B SHELL\n" in (tmp_path / "cairn-repro.1").read_text()
    assert ".SH ENVIRONMENT" not in (tmp_path / "cairn-root.1").read_text()


def test_the_manual_names_the_environment_that_is_read(tmp_path):
    """Not named: what the system itself is described by, and what only hooks and tests set. Proxies are read by libcurl."""
    run("describe", "--man", str(tmp_path))
    told = re.sub(r"(?s).*\.SH ENVIRONMENT", "", (tmp_path / "cairn.1").read_text())
    sources = "".join(p.read_text() for p in (TOP / "src").rglob("*.c") if p.name != "manual_places.c")
    read = set(re.findall(r'getenv\("(\w+)"\)', sources))
    own = {"HOME", "PATH", "LESS", "CAIRN_FAULT", "CAIRN_FAULT_LOG", "PRE_COMMIT_CHECKOUT_TYPE"}
    assert [name for name in sorted(read - own) if name not in told] == []
    for name in re.findall(r"\b[A-Z]+_?[A-Z_]{3,}\b", " ".join(re.findall(r"\.B (.*)", told))):
        assert f'"{name}' in sources or name.startswith(("GIT_AUTHOR_", "GIT_COMMITTER_", "HTTPS_PROXY", "NO_PROXY")), name


def test_names_of_pages(tmp_path):
    run("describe", "--man", str(tmp_path))
    assert {"cairn.1", "cairn-add.1", "cairn-exp-run.1"} <= {p.name for p in tmp_path.iterdir()}
