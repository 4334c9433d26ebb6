"""Messages where DVC prints nothing, or nothing useful."""

import shutil

import pytest


def test_json_of_repro_needs_explain(repo):
    repo.write({"dvc.yaml": "stages:\n  s: {cmd: echo 1 > o, outs: [o]}\n"})
    result = repo.dvc("repro --json")
    assert (result.status, result.err) == (254, "ERROR: argument --json: it needs --explain\n")
    assert not (repo.repo / "o").exists()
    repo.check("dvc repro --json --explain")


def test_dry_gc_says_would(repo):
    repo.check("echo a > a && dvc add -q a && rm a.dvc && dvc remote add -q -d r ../store")
    lines = repo.check("dvc gc -w --dry").lines
    assert lines == [f"Would remove {repo.repo}/.dvc/cache/files/md5/60/b725f10c9c85c70d97880dfe8191b3",
                     "Would remove 1 objects from repo cache.", "No unused 'legacy' cache to remove."]


def test_hints_can_be_pasted_for_names_that_begin_with_a_dash(repo):
    repo.write({"-x": "1\n", "-y z": "2\n"})
    hint = [line.strip() for line in repo.check("dvc add -- -x '-y z'").lines if line.startswith("\tgit add")]
    assert hint == ["git add ./-x.dvc ./'-y z.dvc' .gitignore"]
    repo.check(hint[0])
    repo.write({"-tracked": "3\n"})
    repo.check("git add -- -tracked")
    result = repo.dvc("add -- -tracked")
    advice = [line.strip() for line in result.err.splitlines() if line.strip().startswith("git rm")]
    assert advice == ["git rm -r --cached './-tracked'"]
    repo.check(advice[0])


@pytest.mark.parametrize("command", ["status", "stage list", "--version", "-h", "list . --json", "repro"])
def test_a_full_disk_behind_standard_output_is_an_error(repo, command):
    repo.write({"dvc.yaml": "stages:\n  s: {cmd: echo 1 > o, outs: [o]}\n"})
    result = repo.dvc(command + " > /dev/full")
    assert result.status == 120
    assert result.err == "ERROR: unable to write to standard output: No space left on device\n"


def test_a_reader_that_has_gone_is_not_told(repo):
    assert repo.sh("dvc -h | true").err == ""


@pytest.mark.skipif(not shutil.which("prlimit"), reason="needs prlimit")
def test_too_little_memory_is_not_a_missing_library(repo):
    repo.check("git add -A && git commit -qm base --allow-empty")
    told = {repo.sh(f"ulimit -v {kib}; dvc exp list").err for kib in range(8000, 24000, 500)}
    assert not [text for text in told if "not installed" in text]
    assert [text for text in told if "unable to load libgit2: " in text]


def test_errors_of_templates_say_the_line(repo):
    repo.write({"dvc.yaml": "stages:\n  s:\n    cmd: echo ${nosuch}\n"})
    assert repo.dvc("repro").err == ("ERROR: failed to parse 'stages.s.cmd' in 'dvc.yaml': Could not find 'nosuch'\n"
                                     "See line 3 of 'dvc.yaml'.\n")
