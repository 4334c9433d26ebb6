"""Records as text in the form of a terminal session: commands, their output, and the final state.

    === add-in-a-missing-folder
    start: git                          the starting state, unless it is "dvc"
    <<< params.yaml                     a file that exists before the first step
        lr: 1
    $ mkdir sub                         a step; "~$" and so on: with the mark of its comparison (scenario.py)
    $ cat > dvc.yaml <<E                a step of several lines
    > stages: {}
    > E
    $ dvc add sub/x
        100% Adding...                  a line of stdout
      ! ERROR: ...                      a line of stderr
      [1]                               the exit status, unless it is 0
    --- .gitignore                      a file at the end, when it is not as given or as in every new repository
        /x
    --- run.sh (mode 755)               also: "(md5 ..., 7 bytes)" for long or binary files; "link -> target"; "folder/"
    --- params.yaml removed
    --- objects in .dvc/cache           names of objects below files/md5; mode and "corrupt" when they are unusual
        60b725f10c9c85c70d97880dfe8191b3
    --- run-cache .dvc/cache/runs/...
    --- git HEAD refs/heads/other       unless it is refs/heads/master
    --- git refs/heads/master: init     each ref, its subject and tree; without what every new repository has
        100644 257cc564 a
    --- git status
        ?? x

A line that ends in " (esc)" is written with Python's escapes, because it has control characters or ends in a blank;
" (no-eol)" means that the text ends without a newline. Cases are separated by an empty line.
"""

import difflib
import json
import re

from .scenario import is_setting, is_tool_step

NEW_TREE = ["644 528f30c7 .dvc/.gitignore", "644 e69de29b .dvc/config", "644 51973055 .dvcignore"]
MASTER = "refs/heads/master"
AT_START = {"dvc": {"HEAD": MASTER, "refs": {MASTER: {"subject": "init", "tree": NEW_TREE}}, "status": []},
            "git": {"HEAD": MASTER, "refs": {}, "status": []}}
PLAIN_PATH = re.compile(r"[\w./@+=,%:~<>*-]+")
ODD_LINE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|\s$| \((?:esc|no-eol)\)$")
OBJECT = re.compile(r"(.*?)/?\bfiles/md5/([0-9a-f]{2})/([0-9a-f]{30}.*)")
STEP = re.compile(r"([~=?-]?)\$ (.*)")
HEADING = re.compile(r'(===|<<<|---) ("(?:[^"\\]|\\.)*"|.*?)$')


def text_of(record):
    """The transcript of one case, as lines. Takes a relaxed record as well, in which output may be a value."""
    lines = [] if record["start"] == "dvc" else [f"start: {record['start']}"]
    for path, text in record["given"].items():
        lines += [f"<<< {quoted(path)}", *indented(text.split("\n") if text else [])]
    lines += session(record)
    lines += files_at_end(record)
    for path, entry in record["runs"].items():
        lines += file_lines(f"run-cache {quoted(path)}", entry)
    lines += object_lines(record["objects"])
    return lines + git_lines(record["start"], record["git"])


def read(text):
    """{name: record} of a whole file; the inverse of write()."""
    found = {}
    for part in re.split(r"^=== ", text, flags=re.M)[1:]:
        name, *lines = part.removesuffix("\n").split("\n")
        if lines and not lines[-1]:
            lines.pop()
        found[name] = parse(lines)
    return found


def write(records):
    return "\n".join("\n".join([f"=== {name}", *text_of(record)]) + "\n" for name, record in sorted(records.items()))


# ---- lines of text


def quoted(path):
    return path if PLAIN_PATH.fullmatch(path) else json.dumps(path)


def unquoted(path):
    return json.loads(path) if path.startswith('"') else path


def escaped(line):
    if not ODD_LINE.search(line):
        return line
    safe = re.sub(r"[\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", lambda m: m[0].encode("unicode_escape", "surrogatepass").decode(), line)
    return re.sub(r"\s$", lambda m: f"\\x{ord(m[0]):02x}", safe) + " (esc)"


def plain(line):
    if not line.endswith(" (esc)"):
        return line
    return re.sub(r"\\(?:\\|x..|u....|U.{8}|.)", lambda m: m[0].encode().decode("unicode_escape"), line.removesuffix(" (esc)"))


def indented(lines, before="    "):
    """The lines of a text (the last of them "" when it ends with a newline), or a value as JSON."""
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        lines = [*json.dumps(lines, indent=1, ensure_ascii=False).split("\n"), ""]
    shown = [escaped(line) for line in lines]
    if shown and lines[-1] == "":
        shown.pop()
    elif shown:
        shown[-1] += " (no-eol)"
    return [(before + line).rstrip(" ") for line in shown]


def joined(shown):
    """The inverse of indented(), from lines without their indentation."""
    if not shown:
        return []
    if shown[-1].endswith(" (no-eol)"):
        return [*map(plain, shown[:-1]), plain(shown[-1].removesuffix(" (no-eol)"))]
    return [*map(plain, shown), ""]


# ---- the session


def session(record):
    lines, results = [], iter(record["steps"])
    for typed in record["script"]:
        mark, run = (typed[0], typed[2:]) if typed[:1] in "~=?-" and typed[1:2] == " " else ("", typed)
        first, *more = map(escaped, run.split("\n"))
        lines += [f"{mark}$ {first}", *(f"> {line}".rstrip(" ") for line in more)]
        if not is_setting(run):
            lines += result_lines(next(results))
    return lines


def result_lines(result):
    lines = indented(result.get("stdout", [])) + indented(result.get("stderr", []), "  ! ")
    return lines + ([f"  [{result['status']}]"] if result["status"] else [])


# ---- the final state


def file_lines(heading, entry):
    facts = [f"mode {entry['mode']}"] if "mode" in entry else []
    if "md5" in entry:
        facts += [f"md5 {entry['md5']}", f"{entry['size']} bytes"]
    if "link" in entry:
        heading += f" -> {json.dumps(entry['link'], ensure_ascii=False)}"
    if facts:
        heading += f" ({', '.join(facts)})"
    return [f"--- {heading}", *indented(entry.get("text", []))]


def files_at_end(record):
    lines = []
    for path, entry in record["files"].items():
        if path not in record["given"] or entry != {"text": record["given"][path].split("\n") if record["given"][path] else []}:
            lines += file_lines(quoted(path), entry)
    return lines + [f"--- {quoted(path)} removed" for path in record["given"] if path not in record["files"]]


def object_lines(objects):
    places = {}
    for path in objects:
        place, fan, rest = OBJECT.fullmatch(path).groups() if OBJECT.fullmatch(path) else ("?", "", path)
        places.setdefault(place, []).append(f"    {fan}{rest}")
    return [line for place in sorted(places) for line in [f"--- objects in {quoted(place or '.')}", *places[place]]]


def ref_lines(name, entry):
    if "symbolic" in entry:
        return [f"--- git {name} -> {entry['symbolic']}"]
    tree = entry.get("tree")
    kind = "" if tree is not None else " (no commit)"
    lines = [f"    {line}" for line in tree or [] if line not in NEW_TREE]
    return [f"--- git {name}{kind}: {entry['subject']}".rstrip(" "), *lines,
            *([f"    -{line}" for line in NEW_TREE if line not in tree] if tree is not None else [])]


def git_lines(start, git):
    usual = AT_START.get(start)
    if not git:
        return ["--- no git"] if usual else []
    usual, lines = usual or {"HEAD": None, "refs": {}}, []
    if git["HEAD"] != usual["HEAD"]:
        lines.append(f"--- git HEAD {git['HEAD']}".rstrip(" "))
    for name, entry in git["refs"].items():
        if usual["refs"].get(name) != entry:
            lines += ref_lines(name, entry)
    lines += [f"--- git {name} removed" for name in usual["refs"] if name not in git["refs"]]
    return lines + (["--- git status", *indented([*git["status"], ""])] if git["status"] else [])


# ---- two sessions compared


def sections(record):
    """[(title, lines)]: a step with its output, a file, a ref, and so on."""
    found = []
    for line in text_of(record):
        if line.startswith("> "):
            found[-1] = (found[-1][0] + "\n" + line, [])
        elif re.match(r"[~=?-]?\$ |--- |<<< |start: ", line):
            found.append((line, []))
        else:
            found[-1][1].append(line)
    return found


def difference(expected, got, by, other):
    """The differences of two records of one case, by step and by file; "" when they are equal."""
    if expected == got:
        return ""
    steps = len(expected["script"])
    want, have = sections(expected), sections(got)
    first = next((i for i, (title, _) in enumerate(want) if STEP.match(title)), len(want))
    shown = [side_by_side(title, lines, have[i][1], by, other) for i, (title, lines) in enumerate(want[first:first + steps], first)
             if lines != have[i][1]]
    ends, other_ends = dict(want[first + steps:]), dict(have[first + steps:])
    for title in [*ends, *(t for t in other_ends if t not in ends)]:
        if ends.get(title) != other_ends.get(title):
            shown.append(side_by_side(title, ends.get(title), other_ends.get(title), by, other))
    return "\n\n".join(shown) or f"equal as text, but\n{expected}\nis not\n{got}"


def side_by_side(title, want, have, by, other):
    few = 12
    if want and have and len(want) + len(have) > few:
        diff = list(difflib.unified_diff(want, have, by, other, lineterm="", n=4))
        return "\n".join([title, *diff[:200]])
    return "\n".join([title, f"{by}:", *lines_or(want), f"{other}:", *lines_or(have)])


def lines_or(lines):
    return ["    (is not there)"] if lines is None else lines or ["    (nothing)"]


# ---- reading


class Reader:
    def __init__(self, lines):
        self.lines, self.at = lines, 0

    def next_is(self, pattern):
        return re.match(pattern, self.lines[self.at]) if self.at < len(self.lines) else None

    def take(self):
        self.at += 1
        return self.lines[self.at - 1]

    def block(self, before="    "):
        """The following lines with this indentation, without it; an empty line belongs to the block."""
        found, bare = [], before.rstrip(" ")
        while self.at < len(self.lines) and (self.lines[self.at].startswith(before) or self.lines[self.at] == bare):
            found.append(self.take()[len(before):])
        return found


def parse(lines):
    reader = Reader(lines)
    record = {"start": reader.take()[7:] if reader.next_is("start: ") else "dvc", "given": {}, "script": [], "steps": [],
              "files": {}, "objects": [], "runs": {}}
    while reader.next_is("<<< "):
        path = unquoted(reader.take()[4:])
        record["given"][path] = "\n".join(joined(reader.block()))
    while match := reader.next_is(STEP):
        read_step(reader, match, record)
    record["files"] = {path: {"text": text.split("\n") if text else []} for path, text in record["given"].items()}
    git = AT_START.get(record["start"])
    record["git"] = json.loads(json.dumps(git)) if git else {"HEAD": None, "refs": {}, "status": []}
    there = bool(git)
    while reader.next_is("--- "):
        heading = reader.take()[4:]
        there = heading != "no git" and (there or heading.startswith("git "))
        read_part(heading, reader.block(), record)
    assert reader.at == len(lines), f"not understood: {reader.lines[max(0, reader.at - 3):reader.at + 2]!r}"
    record["files"] = dict(sorted(record["files"].items()))
    record["objects"].sort()
    record["git"] = {**record["git"], "refs": dict(sorted(record["git"]["refs"].items()))} if there else None
    return record


def read_step(reader, match, record):
    reader.take()
    run = [match[2]]
    while reader.next_is(">( |$)"):
        run.append(reader.take()[2:])
    run = "\n".join(map(plain, run))
    record["script"].append(f"{match[1]} {run}" if match[1] else run)
    if is_setting(run):
        return
    out, err = joined(reader.block()), joined(reader.block("  ! "))
    status = int(reader.take()[3:-1]) if reader.next_is(r"  \[-?\d+\]$") else 0
    seen = {"run": run, "status": status}
    record["steps"].append({**seen, "stdout": out, "stderr": err} if is_tool_step(run) else seen)


def read_part(heading, block, record):
    if heading.startswith("objects in "):
        place = unquoted(heading[11:])
        record["objects"] += [f"{'' if place == '.' else place + '/'}files/md5/{line[:2]}/{line[2:]}" for line in block]
    elif heading.startswith("git "):
        read_git(heading[4:], block, record["git"])
    elif heading != "no git":
        runs = heading.startswith("run-cache ")
        read_file(heading.removeprefix("run-cache "), block, record["runs" if runs else "files"])


def read_file(heading, block, files):
    path, rest = re.fullmatch(r'("(?:[^"\\]|\\.)*"|\S+)(.*)', heading).groups()
    path, entry = unquoted(path), {}
    if rest == " removed":
        files.pop(path)
        return
    if mode := re.search(r"\(mode (\d+)", rest):
        entry["mode"] = mode[1]
    if rest.startswith(" -> "):
        entry["link"] = json.loads(rest[4:])
    elif digest := re.search(r"md5 (\w+), (\d+) bytes\)", rest):
        entry.update(md5=digest[1], size=int(digest[2]))
    elif not path.endswith("/"):
        entry["text"] = joined(block)
    files[path] = entry


def read_git(heading, block, git):
    if heading == "HEAD" or heading.startswith("HEAD "):
        git["HEAD"] = heading[5:]
    elif heading == "status":
        git["status"] = joined(block)[:-1]
    elif heading.endswith(" removed") and ":" not in heading:
        git["refs"].pop(heading.removesuffix(" removed"))
    elif " -> " in heading and ": " not in heading:
        name, _, target = heading.partition(" -> ")
        git["refs"][name] = {"symbolic": target}
    else:
        name, _, subject = heading.partition(":")
        entry = {"subject": subject.removeprefix(" ")}
        if not name.endswith(" (no commit)"):
            gone = {line[1:] for line in block if line.startswith("-")}
            entry["tree"] = sorted([line for line in [*block, *NEW_TREE] if not line.startswith("-") and line not in gone],
                                   key=lambda line: line.split(" ", 2)[2].encode())
        git["refs"][name.removesuffix(" (no commit)")] = entry
