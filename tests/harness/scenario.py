"""Compat scenarios: a few lines of shell, run by cairn and compared with the recorded behaviour of the real DVC.

    case("add-file", '''
        echo hello > a.txt
        dvc add a.txt
      ~ dvc status
    ''')

Each line is a step, run by sh in the repository; `dvc` is the tool under test. A line may open a here-document, whose
lines follow. `cd DIR` and `export NAME=VALUE` stay in effect. A mark before a step relaxes its comparison:

    ~   lines of output in any order          =   output as JSON or YAML values
    ?   exit status only                      -   exit status and stdout (stderr is not compared)

With `remote=KIND` the case has a fresh remote on a server of that kind (harness/servers), which the user's own configuration
names "r", the default; "other" is a place within it. `case_on(KINDS, ...)` declares one such case for each kind. There a line
`store VERB KEY [TEXT]` changes what is stored behind the tool's back (remote_case.py).

See docs/internals/testing.md.
"""

import dataclasses
import json
import re
import sys

from . import remote_case
from .sandbox import CAIRN

HEREDOC = re.compile(r"<<-?\s*'?(\w+)'?")


def is_tool_step(run):
    """Does the step run the tool? The output of other steps is not compared."""
    return re.search(r"(^|[\s;&|(])dvc\s", run) is not None


def is_setting(run):
    """Does the step only change the directory, the environment or the remote for later steps?"""
    return run.startswith(("cd ", "export ", "store "))


@dataclasses.dataclass
class Step:
    run: str
    mark: str = ""

    @property
    def is_tool(self):
        return is_tool_step(self.run)


@dataclasses.dataclass
class Case:
    name: str
    script: str
    start: str = "dvc"  # the starting state: dvc, git, noscm or empty
    files: dict = dataclasses.field(default_factory=dict)  # created (and not committed) before the first step
    values: tuple = ()  # files compared as YAML or JSON values, not as bytes
    ignore: tuple = ()  # regular expressions of paths (files, objects, runs) that are not compared
    adjust: object = None  # function(observation), applied to both sides before comparing
    on_disk: bool = False  # what is shown depends on the file system or on the place of the folder
    remote: str = ""  # a kind of server: the case has a fresh remote there
    options: dict = dataclasses.field(default_factory=dict)  # of that remote, added or replaced
    tracked: str = ""  # names that are added before the first step, by cairn, whatever the tool
    pushed: bool = False  # and pushed
    module: str = ""

    @property
    def steps(self):
        return parse(self.script)

    def as_recorded(self):
        """The parts of a case that are stored in its record; if they differ, the record is stale."""
        return {"start": self.start, "given": {k: v if isinstance(v, str) else v.hex() for k, v in self.files.items()},
                "script": [(s.mark + " " if s.mark else "") + s.run for s in self.steps]}


def parse(script):
    lines, steps = script.split("\n"), []
    indent = min((len(l) - len(l.lstrip(" ~=?-")) for l in lines if l.strip(" ~=?-")), default=0)
    i = 0
    while i < len(lines):
        line = lines[i].strip()
        i += 1
        if not line or line.startswith("#"):
            continue
        mark = ""
        if line[0] in "~=?-" and line[1:2] == " ":
            mark, line = line[0], line[2:].strip()
        end = HEREDOC.search(line)
        if end:
            body = []
            while lines[i].strip() != end[1]:
                body.append(lines[i][indent:] if not lines[i][:indent].strip() else lines[i])
                i += 1
            i += 1
            line = "\n".join([line, *body, end[1]])
        steps.append(Step(line, mark))
    return steps


def case(name, script, **options):
    """Declare a scenario in the calling test module: it becomes the test `test_<name>`."""
    declare(sys._getframe(1).f_globals, name, script, options)


def case_on(kinds, name, script, **options):
    """The same scenario on a fresh remote of each of these kinds."""
    for kind in kinds.split():
        declare(sys._getframe(1).f_globals, f"{name}-{kind}", script, {**options, "remote": kind})


def declare(module, name, script, options):
    declared = Case(name, script, module=module["__name__"].rsplit(".", 1)[-1], **options)
    function = "test_" + re.sub(r"\W", "_", name)
    assert function not in module, f"two cases named {name}"

    def test(scenario):
        scenario(declared)

    test.__name__ = function
    test.case = declared
    module[function] = test


def prepare(sandbox, declared, place):
    sandbox.init(declared.start)
    sandbox.write(declared.files)
    if place:
        remote_case.configure(sandbox, place, declared.options)
    if declared.tracked:
        sandbox.check(f"{CAIRN} add -q {declared.tracked}")
    if declared.pushed:
        sandbox.check(f"{CAIRN} push -q && rm -rf .dvc/tmp")


def run_steps(sandbox, declared, place=None):
    """Run the scenario. Returns [(Step, Result)]."""
    prepare(sandbox, declared, place)
    done = []
    for step in declared.steps:
        if step.run.startswith("cd "):
            sandbox.cwd = (sandbox.cwd / step.run[3:].strip()).resolve()
            continue
        if step.run.startswith("export "):
            name, _, value = step.run[7:].partition("=")
            sandbox.extra_env[name] = value.strip("'\"").replace("$PWD", str(sandbox.repo))
            continue
        if step.run.startswith("store "):
            remote_case.change(place, step.run[6:])
            continue
        done.append((step, sandbox.sh(step.run)))
    return done


def value_of(text):
    """The text as JSON, or else as YAML, or else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    from ruamel.yaml import YAML

    try:
        return YAML(typ="safe", pure=True).load(text)
    except Exception:  # not YAML either: compared as text
        return text


def sorted_keys(value):
    """The value with sorted keys, so that equal values are printed equally."""
    if isinstance(value, dict):
        return {k: sorted_keys(value[k]) for k in sorted(value, key=str)}
    return [sorted_keys(v) for v in value] if isinstance(value, list) else value


def relaxed(declared, seen):
    """The observation, reduced to what this case compares."""
    seen = json.loads(json.dumps(seen))  # a deep copy, in the form of a stored record
    for step, got in zip([s for s in declared.steps if not is_setting(s.run)], seen["steps"]):
        if step.mark == "~":
            got["stdout"].sort()
            got["stderr"].sort()
        elif step.mark == "=":
            got["stdout"] = sorted_keys(value_of("\n".join(got["stdout"])))
        elif step.mark == "-":
            got.pop("stderr", None)
        elif step.mark == "?":
            got.pop("stdout", None)
            got.pop("stderr", None)
    for name in declared.values:
        if name in seen["files"] and "text" in seen["files"][name]:
            seen["files"][name]["text"] = value_of("\n".join(seen["files"][name]["text"]))
    for pattern in declared.ignore:
        drop = re.compile(pattern)
        for part in ("files", "runs"):
            seen[part] = {k: v for k, v in seen[part].items() if not drop.search(k)}
        seen["objects"] = [o for o in seen["objects"] if not drop.search(o)]
    if declared.adjust:
        declared.adjust(seen)
    return seen
