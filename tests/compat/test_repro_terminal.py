"""`repro` on a terminal: prompts, streams and interrupts equal DVC's."""
import re

import pytest
from harness.terminal import on_terminal

PIPELINE = """\
stages:
  a: {cmd: 'test -t 0 && test -t 1 && test -t 2 && echo all; printf "10%%\\r99%%\\r"; printf "\\033[31mred\\033[0m\\n"; echo 1 > a', outs: [a]}
  b: {cmd: cp a b, deps: [a], outs: [b]}
"""
SLOW = "stages:\n  a: {cmd: '%s sleep 0.5; echo begun; sleep 2; echo 1 > a', outs: [a]}\n  b: {cmd: cp a b, deps: [a], outs: [b]}\n"


def plain(shown):
    """The output without differences in colours, and with the words of a hint in one order."""
    shown = re.sub(r"\x1b\[(39|0|1)m", "", shown)
    return re.sub(r"\tgit add (.*)\n", lambda m: "\tgit add " + " ".join(sorted(m[1].split())) + "\n", shown)


@pytest.fixture
def both(new_sandbox, two_tools):
    """Run the same in two fresh repositories with each tool; output and status must be equal."""

    def run(dvc_yaml, words, before=None, **how):
        ends = []
        for tool in (two_tools.real, two_tools.cairn):
            box = new_sandbox(tool=tool)
            box.write({"dvc.yaml": dvc_yaml})
            if before:
                box.check(before)
            shown, status = on_terminal(box, words.split(), called="dvc", **how)
            names = {p.name for p in box.repo.iterdir()} - {".gitignore"}  # DVC removes it again after a failure
            ends.append((plain(shown).replace(str(box.root), "<DIR>"), status, sorted(names)))
        assert ends[0] == ends[1]
        return ends[0]

    return run


@pytest.mark.live
@pytest.mark.parametrize("answers, last", [
    (["y", "y"], "Use `dvc push`"), (["yes", "n"], "'b': reproduction aborted by the user"), (["n"], "'a': reproduction aborted by the user"),
    (["what", "", "YES", "No"], "'b': reproduction aborted by the user")])
def test_interactive(both, answers, last):
    shown, status, _ = both(PIPELINE, "repro -i", answers=answers)
    assert shown.count("[y/n]") == len(answers) and last in shown and status == (0 if "push" in last else 255)


@pytest.mark.live
def test_a_command_has_the_terminal(both):
    shown, status, _ = both(PIPELINE, "repro")
    assert "\nall\n10%\r99%\r\x1b[31mred" in shown and status == 0


@pytest.mark.live
@pytest.mark.parametrize("words", ["repro nosuch", "status", "stage list", "dag --mermaid", "freeze a"])
def test_other_commands(both, words):
    both(PIPELINE, words)


@pytest.mark.live
@pytest.mark.parametrize("pager", ["cat", "less", "sed s/a/A/"])
def test_a_drawing_goes_through_the_pager(both, pager):
    shown, _, _ = both(PIPELINE, "dag", env={"DVC_PAGER": pager})
    assert ("| A |" if "sed" in pager else "| a |") in shown


@pytest.mark.live
@pytest.mark.parametrize("trap, said", [("", "exited with -2"), ('trap "echo caught; exit 3" INT;', "exited with 3")])
def test_interrupt(both, trap, said):
    shown, status, names = both(SLOW % trap, "repro", interrupt_after="begun\r\n")
    assert said in shown and status == 255 and "dvc.lock" not in names


@pytest.mark.live
@pytest.mark.parametrize("answers, status", [(["y", "y"], 0), (["yes", "n"], 1), (["no"], 1)])
def test_commit_asks(both, answers, status):
    before = "dvc repro -q; echo 2 > a"  # which changes b, too
    assert both(PIPELINE, "commit", before=before, answers=answers)[1] == status


@pytest.mark.live
def test_interactive_by_configuration(both):
    shown, _, _ = both(PIPELINE, "repro", before="dvc config core.interactive true", answers=["y", "y"])
    assert shown.count("[y/n]") == 2


@pytest.mark.live
@pytest.mark.parametrize("words, answers", [("gc -w", ["n"]), ("gc -w", ["maybe", "y"]), ("destroy", ["no"]), ("destroy", ["yes"])])
def test_other_questions(both, words, answers):
    both(PIPELINE, words, before="dvc repro -q", answers=answers)
