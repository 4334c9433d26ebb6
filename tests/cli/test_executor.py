"""`cairn executor list` and `show`: what the settings say about places where commands run, and which file says so."""

import json

import pytest

USER = """[executor "gpu"]
    type = slurm
    account = mine
    partition = mine
"""
OURS = """[core]
    executor = gpu

['executor "gpu"']
    partition = a100, v100      # the big ones
    time = 2h
    map.License = --licenses=x:{n}
    setup = '''module load cuda
source venv/bin/activate'''
[executor "lab"]
    type = ssh
    host = node1:2, me@node2
"""
LOCAL = """[executor "GPU"]
    time = 10m
"""


@pytest.fixture
def project(repo):
    user = repo.root / ".home/.config/cairn/config"
    user.parent.mkdir(parents=True)
    user.write_text(USER)
    repo.write({".dvc/cairn.config": OURS, ".dvc/cairn.config.local": LOCAL})
    return repo


def test_list(project):
    home = project.root / ".home/.config/cairn/config"
    assert project.check("cairn executor list").out == f"""\
Name    Type    Default    From
gpu     slurm   yes        {home}, .dvc/cairn.config, .dvc/cairn.config.local
lab     ssh     -          .dvc/cairn.config
local   local   -          -
"""
    assert json.loads(project.check("cairn executor list --json").out) == [
        {"name": "gpu", "type": "slurm", "default": True, "files": [str(home), ".dvc/cairn.config", ".dvc/cairn.config.local"],
         "error": None},
        {"name": "lab", "type": "ssh", "default": False, "files": [".dvc/cairn.config"], "error": None},
        {"name": "local", "type": "local", "default": False, "files": [], "error": None}]


def test_without_settings_there_is_this_machine(repo):
    assert repo.check("cairn executor list").out == """\
Name    Type    Default    From
local   local   yes        -
"""
    assert repo.check("cairn executor show").out == """\
Key    Value    From
type   local    (default)
"""


def test_show_the_default(project):
    home = project.root / ".home/.config/cairn/config"
    lines = [line.rstrip() for line in project.check("cairn executor show").lines]
    width = lines[0].index("From")
    assert [(line[:15].strip(), line[15:width].strip(), line[width:]) for line in lines[1:]] == [
        ("type", "slurm", f"{home}:2"),
        ("partition", "a100, v100", ".dvc/cairn.config:5"),
        ("account", "mine", f"{home}:3"),
        ("time", "10m", ".dvc/cairn.config.local:2"),
        ("gpu-option", "--gres=gpu:{n}", "(default)"),
        ("setup", "module load cuda", ".dvc/cairn.config:8"),
        ("", "source venv/bin/activate", ""),
        ("max-submitted", "1000", "(default)"),
        ("group", "1", "(default)"),
        ("group-until", "60s", "(default)"),
        ("grace", "60s", "(default)"),
        ("retries", "2", "(default)"),
        ("interval", "15s", "(default)"),
        ("beat", "30s", "(default)"),
        ("requeue", "yes", "(default)"),
        ("map.License", "--licenses=x:{n}", ".dvc/cairn.config:7")]


def test_show_as_json(project):
    shown = json.loads(project.check("cairn executor show LAB --json").out)
    assert shown["name"] == "lab" and shown["default"] is False
    assert shown["values"]["host"] == {"value": "node1:2, me@node2", "file": ".dvc/cairn.config", "line": 12}
    assert shown["values"]["dir"] == {"value": "cairn", "file": None, "line": None}


def test_files_are_named_as_seen_from_here(project):
    (project.repo / "sub").mkdir()
    out = project.check("cd sub && cairn executor show lab").out
    assert "../.dvc/cairn.config:11" in out


def test_a_mistake_in_one_does_not_hide_the_others(project):
    project.write({".dvc/cairn.config.local": '[executor "bad"]\n    type = slurm\n    partion = x\n'})
    done = project.sh("cairn executor list")
    assert done.status == 1
    assert [line.split()[:2] for line in done.lines[1:]] == [["bad", "error"], ["gpu", "slurm"], ["lab", "ssh"], ["local", "local"]]
    wrong = ".dvc/cairn.config.local:3: unknown key 'partion' in [executor \"bad\"]; did you mean 'partition'?"
    assert done.err == f"ERROR: {wrong}\n"
    done = project.sh("cairn executor list --json")
    assert done.status == 1 and json.loads(done.out)[0] == {
        "name": "bad", "type": None, "default": False, "files": [".dvc/cairn.config.local"], "error": wrong}
    assert project.sh("cairn executor show gpu").status == 0
    done = project.sh("cairn executor show bad")
    assert done.status == 251 and wrong in done.err


@pytest.mark.parametrize("text, message", [
    ('[executor "gpu"', ".dvc/cairn.config.local: Invalid line ('[executor \"gpu\"') (matched as neither section nor keyword) at line 1."),
    ("[executer \"gpu\"]", ".dvc/cairn.config.local:1: unknown section [executer \"gpu\"]\nDid you mean [executor \"gpu\"]?"),
    ("[core]\nremote = x", ".dvc/cairn.config.local:2: unknown key 'remote' in [core], which has: executor"),
    ('[executor "local"]\ntype = ssh', ".dvc/cairn.config.local:1: 'local' cannot be the name of an executor: it is this machine, always"),
    ('[executor "a/b"]\ntype = ssh', ".dvc/cairn.config.local:1: 'a/b' cannot be a name: "),
])
def test_a_file_with_another_mistake(project, text, message):
    project.write({".dvc/cairn.config.local": text + "\n"})
    for command in "executor list", "executor show":
        done = project.sh("cairn " + command)
        assert done.status == 251 and message in done.err and done.out == "", done


def test_a_file_that_cannot_be_read(project):
    (project.repo / ".dvc/cairn.config.local").unlink()
    (project.repo / ".dvc/cairn.config.local").mkdir()
    done = project.sh("cairn executor list")
    assert done.status == 255 and "'.dvc/cairn.config.local'" in done.err.replace(f"{project.repo}/", ""), done
    (project.repo / ".dvc/cairn.config.local").rmdir()
    project.check("mkfifo .dvc/cairn.config.local")  # nobody writes to it
    done = project.sh("cairn executor list", timeout=10)
    assert done.status == 255 and "pipe" in done.err


def test_the_nearest_name(project):
    done = project.sh("cairn executor show gpuu")
    assert done.status == 255
    assert done.err == "ERROR: there is no executor 'gpuu'; there are: gpu, lab, local\nDid you mean 'gpu'?\n"
    done = project.sh("cairn executor show xyzzy")
    assert done.err.splitlines()[1] == 'An executor is a section of .dvc/cairn.config: `[executor "xyzzy"]`.'


@pytest.mark.parametrize("words", ["executor show", "executor check", "executor jobs", "executor cancel", "repro --executor",
                                   "exp run --executor", "queue start --executor"])
def test_names_are_completed(project, words):
    out = project.check(f"cairn complete -- {words} ''").out
    assert {line.split("\t")[0] for line in out.splitlines()} >= {"gpu", "lab", "local"}


def test_the_nearest_name_for_an_option(project):
    project.write({"dvc.yaml": "stages:\n  a: {cmd: 'true'}\n"})
    done = project.sh("cairn repro --executor gpuu")
    assert done.status == 255 and done.err.endswith("there are: gpu, lab, local\nDid you mean 'gpu'?\n")


def test_control_characters_are_not_sent_to_a_terminal(project):
    from harness.terminal import on_terminal

    project.write({".dvc/cairn.config.local": '[executor "gpu"]\n    account = "a\x1b[2Jb"\n'})
    shown, status = on_terminal(project, ["executor", "show", "gpu"])
    assert status == 251 and "\x1b[2J" not in shown and "\\u001b[2Jb" in shown


def test_outside_of_a_repository(new_sandbox):
    assert new_sandbox(start="empty").sh("cairn executor list").status == 253


@pytest.mark.parametrize("second, limit", [
    ("meta: {resources: {time: 20m}}", "0:30:00"),  # the sum
    ("meta: {resources: {mem: 1GB}}", "3:00:00"),   # one does not say: that of the profile
    ("desc: does not run, frozen: true", "0:10:00"),
])
def test_the_limit_of_an_experiment(repo, second, limit):
    repo.write({"params.yaml": "x: 1\n", ".dvc/cairn.config": '[executor "gpu"]\n    type = slurm\n    time = 3h\n',
                "dvc.yaml": "stages:\n  a: {cmd: echo 1 >a, outs: [a], params: [x], meta: {resources: {time: 10m, cpu: 2}}}\n"
                            f"  b: {{cmd: cat a >b, deps: [a], outs: [b], {second}}}\n"})
    repo.check("git add -A && git commit -qm pipeline && cairn exp run -q --queue -S x=2")
    shown = repo.check("cairn queue start --executor gpu --dry-submit").out
    assert f" --time={limit} " in shown and " --cpus-per-task=2 " in shown
