"""The transcripts themselves: reading returns exactly what was written, whatever the tool has printed."""

import pytest
from harness import transcript
from harness.records import FOLDER

FILES = sorted(FOLDER.glob("test_*.txt"))
ODD_TEXTS = {
    "no newline at the end": ["one", "two"],
    "an empty line at the end": ["one", "", ""],
    "only a newline": ["", ""],
    "blanks": ["  a ", " ", "\t", "\tb", ""],
    "control characters": ["\x1b[31mred\x1b[0m", "a\rb", "\x00", "back\\slash\x7f", ""],
    "not UTF-8": ["caf\udce9", ""],
    "separators of Unicode": ["a\u2028b\u0085c", ""],
    "what looks like our marks": ["$ dvc add", "=== name", "--- a (mode 755)", "  ! err", "  [1]", "x (esc)", "x (no-eol)", "\\n", "> y", ""],
    "the mark of no newline": ["x (no-eol)"],
}


def record_with(text):
    return {"start": "dvc", "given": {"with space": "\n".join(text), "gone": "x\n"}, "script": ["~ dvc a", "cd x", "dvc b <<E\n\n c \nE"],
            "steps": [{"run": "dvc a", "status": 255, "stdout": text, "stderr": text},
                      {"run": "dvc b <<E\n\n c \nE", "status": 0, "stdout": [], "stderr": text}],
            "files": {"a (mode 755)": {"text": text, "mode": "755"}, "b": {"link": "to (there) -> x"}, "big": {"md5": "0" * 32, "size": 7},
                      "d/": {}, "with space": {"text": text}}, "objects": [], "runs": {".dvc/cache/runs/x": {"text": text}},
            "git": {"HEAD": "refs/heads/master", "refs": {"refs/heads/master": {"subject": "init", "tree": transcript.NEW_TREE},
                                                          "refs/exps/x": {"subject": "", "tree": ["644 12345678 a b"]},
                                                          "refs/exps/y": {"symbolic": "refs/heads/master"}, "refs/z": {"subject": "no tree"}},
                    "status": ["?? d/", "?? \"a\\tb\""]}}


@pytest.mark.parametrize("what", ODD_TEXTS)
def test_what_was_written_is_read(what):
    record = record_with(ODD_TEXTS[what])
    assert transcript.read(transcript.write({"one": record, "two": record})) == {"one": record, "two": record}


@pytest.mark.parametrize("git", [None, {"HEAD": "", "refs": {}, "status": []}])
@pytest.mark.parametrize("start", ["dvc", "git", "noscm", "empty"])
def test_git_that_is_there_is_told_from_none(start, git):
    record = {**record_with(["x", ""]), "start": start, "git": git}
    assert transcript.read(transcript.write({"one": record})) == {"one": record}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_is_as_it_would_be_written(path):
    text = path.read_text()
    assert transcript.write(transcript.read(text)) == text


def test_a_difference_names_the_step_and_the_file():
    one = record_with(["x", ""])
    other = {**one, "steps": [{**one["steps"][0], "status": 1}, one["steps"][1]], "files": {**one["files"], "new": {"text": ["n", ""]}}}
    assert transcript.difference(one, one, "DVC", "cairn") == ""
    assert transcript.difference(one, other, "DVC", "cairn") == """~$ dvc a
DVC:
    x
  ! x
  [255]
cairn:
    x
  ! x
  [1]

--- new
DVC:
    (is not there)
cairn:
    n"""
