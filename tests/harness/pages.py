"""A page of docs/ as a test: its commands are run, its files are written, its output is compared.

    ```console                      a session: "$ " begins a command, "> " continues it; the lines below are its output.
    $ cairn add data.csv            A command without output below may print anything. "..." stands for any text, alone on a
    $ cairn status                  line for any lines. A command must succeed, unless the page shows an error.
    ```

What a reader does not see stands in comments:

    <!-- start: git -->             the folder in which the page begins, as in Sandbox.init (default: "empty")
    <!-- file: dvc.yaml -->         the next fence is the content of this file; "append:" adds it at the end
    <!-- setup                      commands that are run without being shown
    cp ... -->
    <!-- server: s3 as storage -->  from here on the remote `storage` is on a test server on loopback
    <!-- cluster: slurm -->         from here on there is a cluster: slurm, or the fake pbs or kubernetes
    <!-- elsewhere: tests/... -->   the next fence is run by that test, which must contain each of its commands
"""

import configparser
import difflib
import re
import shlex

from .commands import table
from .sandbox import TOP

COMMENT = re.compile(r"<!--\s*(\w+)(?::\s*(.*?))?(?:\n(.*?))?\s*-->", re.S)
PART = re.compile(r"^<!--.*?-->|^(```+)(\S*)\n(.*?)^\1$", re.S | re.M)
INLINE = re.compile(r"(?<!`)`((?:cairn|dvc) [^`\n]+)`(?!`)")
FAILS = re.compile(r"^(?:ERROR|fatal:|error:|\{\"error\")|validation failed", re.M)
# What differs from run to run and between machines: ids, times, what a model computes, and the widths that follow from them.
VARIES = [(re.compile(r"\b[0-9a-f]{7,40}\b"), "<id>"), (re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s|sec|seconds)\b"), "<time>"),
          (re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?\b"), "<date>"),
          (re.compile(r"-?\b\d+\.\d{2,}(?:e-\d+)?\b"), "<number>"), (re.compile(r"(?<=\S) {2,}"), " "), (re.compile("─+"), "─")]


class Page:
    def __init__(self, path):
        self.path, self.text = path, path.read_text()
        self.name = path.relative_to(TOP).as_posix()
        self.start, self.steps = "empty", []
        pending = None
        for found in PART.finditer(self.text):
            line = self.text.count("\n", 0, found.start()) + 1
            if found[1] is None:
                pending = self.comment(COMMENT.fullmatch(found[0]), line, pending)
            else:
                self.fence(found[2], found[3], line, pending)
                pending = None
        assert pending is None, f"{self.name}: a comment has no fence after it: {pending}"

    def comment(self, found, line, pending):
        assert found and pending is None, f"{self.name}:{line}: this comment is not understood, or has no fence after it"
        word, value, body = found[1], found[2], found[3]
        if word == "start":
            self.start = value
        elif word == "setup":
            self.steps.append((line, "setup", body))
        elif word == "server":
            self.steps.append((line, "server", value.split(" as ")))
        elif word == "cluster":
            self.steps.append((line, "cluster", value))
        elif word in ("file", "append", "elsewhere"):
            return word, value
        else:
            raise AssertionError(f"{self.name}:{line}: unknown comment '{word}'")
        return None

    def fence(self, language, text, line, pending):
        if pending:
            self.steps.append((line, pending[0], (pending[1], text)))
        elif language == "console":
            self.steps += [(line + at, "command", step) for at, step in session(text)]
        else:
            assert language not in ("sh", "bash", "shell", ""), f"{self.name}:{line}: commands belong into a console fence"


def session(text):
    """[(line, (command, expected output))] of a console fence."""
    steps = []
    for at, line in enumerate(text.splitlines(), 1):
        if line.startswith("$ "):
            steps.append((at, [line[2:], []]))
        elif line.startswith("> ") and steps and not steps[-1][1][1]:
            steps[-1][1][0] += "\n" + line[2:]
        else:
            steps[-1][1][1].append(line)
    return [(at, (command, output)) for at, (command, output) in steps]


def uniform(text):
    for pattern, word in VARIES:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def matches(expected, printed):
    expected = uniform("\n".join(expected))
    parts = [".*" if line == "..." else ".*?".join(re.escape(p) for p in line.split("...")) for line in expected.split("\n")]
    pattern = ""
    for line in parts:
        pattern += r"(?:.*\n)*" if line == ".*" else "(?-s:" + line + r")\n"
    return re.fullmatch(pattern, uniform(printed) + "\n") is not None


def run_page(page, box, place_on, cluster):
    """`place_on(kind)` returns a place on a test server, `cluster(kind)` gives the sandbox the programs of a scheduler."""
    for line, kind, what in page.steps:
        where = f"{page.name}:{line}"
        if kind in ("file", "append"):
            path = box.cwd / what[0]
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w" if kind == "file" else "a") as f:
                f.write(what[1])
        elif kind == "setup":
            done = box.sh(f"set -e\n{what}", timeout=300)
            assert done.status == 0, f"{where}: setup\n{done!r}"
        elif kind == "server":
            redirect(box, place_on(what[0]), what[1])
        elif kind == "cluster":
            cluster(what)
        elif kind == "elsewhere":
            check_elsewhere(where, *what)
        else:
            run_command(where, box, *what)


def run_command(where, box, command, expected):
    folder = re.fullmatch(r"cd (\S+)", command)
    if folder:
        box.cwd = (box.cwd / folder[1]).resolve()
        assert box.cwd.is_dir(), f"{where}: no such folder: {box.cwd}"
        return
    done = box.sh(f"exec 2>&1\n{command}", timeout=300)
    fails = bool(FAILS.search("\n".join(expected)))
    assert (done.status != 0) == fails, f"{where}: status {done.status}\n$ {command}\n{done.out}"
    if expected and not matches(expected, done.out):
        diff = "\n".join(difflib.unified_diff(uniform("\n".join(expected)).split("\n"), uniform(done.out).split("\n"), "the page", "cairn", "", "", lineterm=""))
        raise AssertionError(f"{where}: the output is not what the page shows\n$ {command}\n{diff}\n--- as printed\n{done.out}")


def redirect(box, place, name):
    """Let the remote `name` of the page be a place on a server: in the clone's own configuration, which no reader sees."""
    path = box.cwd / ".dvc/config.local"
    config = configparser.RawConfigParser()
    config.read_string(path.read_text() if path.exists() else "")
    config.read_dict({f"'remote \"{name}\"'": {"url": place.url, **place.options}})
    with path.open("w") as f:
        config.write(f)
    box.extra_env.update(place.env)
    if place.setup:
        place.setup(box)


def check_elsewhere(where, test, text):
    source = re.sub(r"\s+", " ", (TOP / test).read_text())
    for line in text.splitlines():
        command = re.sub(r"^\$ (sudo )?", "", line).split("  #")[0].strip()
        if command and not command.startswith("#"):
            assert re.sub(r"\s+", " ", command) in source, f"{where}: {test} does not run: {command}"


def unknown_words(page):
    """Commands and options in running text that cairn does not have."""
    commands = {c["command"]: {w for o in c["options"] for w in ("--" + o.get("name", ""), "-" + o.get("letter", ""))} for c in table()}
    common = {"-h", "--help", "-q", "--quiet", "-v", "--verbose", "--cd", "-V", "--version", "--color", "--wait-for-lock", "--json-errors"}
    bad = []
    for found in INLINE.finditer(page.text):
        try:
            words = shlex.split(found[1].replace("…", "..."))[1:]
        except ValueError:
            words = found[1].split()[1:]
        words = [w for w in words if w != "..."]
        if not words or words[0].isupper() or words[0].startswith("-") or words[0] == "help":
            continue
        name = words[0]
        if len(words) > 1 and f"{name} {words[1]}" in commands:
            name = f"{name} {words[1]}"
        options = {w.split("=")[0] for w in words if w.startswith("-") and w not in ("-", "--")}
        if name not in commands:
            bad.append(found[1])
        elif any(o not in commands[name] | common and o[:2] not in commands[name] for o in options):
            bad.append(found[1])
    return bad
