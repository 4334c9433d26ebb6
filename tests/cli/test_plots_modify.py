"""`plots modify` beyond DVC: the form of the file stays, templated stages, and what is refused before anything is written."""
import pytest

PERSON = """\
# the pipeline
stages:
    g:
        cmd: echo 1   # a command
        outs:
            - z.csv
            - a.csv:   # kept
                cache: false
        metrics:
            # the only one
            - s.json

        plots: [m.csv, {n.csv: {x: step}}]
"""


@pytest.fixture
def modify(repo):
    """modify(dvc.yaml, arguments) -> the text of the file afterwards"""

    def run(text, *arguments):
        repo.write({"dvc.yaml": text})
        for words in arguments:
            repo.check(f"dvc plots modify {words}")
        return (repo.repo / "dvc.yaml").read_text()

    repo.modify = run
    return run


@pytest.mark.parametrize("arguments, old, new", [
    ("m.csv -x step", "[m.csv, {", "[{m.csv: {x: step}}, {"),
    ("n.csv -y loss", "{x: step}", "{x: step, y: loss}"),
    ("n.csv --unset x", "{n.csv: {x: step}}", "n.csv"),
    ("n.csv -x step", "", ""),
])
def test_a_flow_list_stays_one(modify, arguments, old, new):
    assert modify(PERSON, arguments) == PERSON.replace(old, new)


def test_comments_stay_when_an_output_moves(modify):
    assert modify(PERSON.replace(" [m.csv, {n.csv: {x: step}}]", "\n            - m.csv   # mine"), "z.csv -x step") == """\
# the pipeline
stages:
    g:
        cmd: echo 1   # a command
        outs:
            - a.csv:   # kept
                cache: false
        metrics:
            # the only one
            - s.json

        plots:
            - m.csv   # mine
            - z.csv:
                x: step
"""


def test_an_unsorted_list_stays_unsorted(modify):
    """DVC sorts all lists of the stage."""
    text = "stages:\n  g:\n    cmd: echo\n    outs: [k, a]\n    plots:\n    - z\n    - b\n"
    assert modify(text, "z -x step", "k -x step") == (
        "stages:\n  g:\n    cmd: echo\n    outs: [a]\n    plots:\n    - k:\n        x: step\n    - z:\n        x: step\n    - b\n")


def test_a_templated_stage_can_be_modified(modify):
    """DVC refuses it, since it would write the values."""
    text = "vars:\n- name: loss\nstages:\n  g:\n    cmd: echo ${name}\n    outs:\n    - ${name}.csv\n    plots:\n    - a.csv\n"
    assert modify(text, "loss.csv -x step", "a.csv --title T") == (
        "vars:\n- name: loss\nstages:\n  g:\n    cmd: echo ${name}\n    plots:\n    - ${name}.csv:\n        x: step\n    - a.csv:\n        title: T\n")


def test_paths_of_one_entry(modify):
    text = "stages:\n  g:\n    cmd: echo\n    outs:\n    - a: {cache: false}\n      b: {persist: true}\n    plots:\n    - c: {x: i}\n      d: {x: i}\n"
    assert modify(text, "d --unset x", "a -x step") == (
        "stages:\n  g:\n    cmd: echo\n    outs:\n    - b: {persist: true}\n    plots:\n    - a:\n        cache: false\n        x: step\n    - c: {x: i}\n      d: {}\n")


def test_a_property_named_twice_is_removed_once(modify):
    assert "x:" not in modify("stages:\n  g:\n    cmd: echo\n    plots:\n    - a: {x: i, y: j}\n", "a --unset x x")


def test_missing_properties_are_listed_in_order(repo):
    repo.write({"dvc.yaml": "stages:\n  g:\n    cmd: echo\n    plots:\n    - a: {x: i}\n"})
    assert "['z', 'y', 'b'] not found in plot 'a'" in repo.sh("dvc plots modify a --unset z y x b").err


def test_a_dvc_file_is_refused(repo):
    """DVC writes a file that no command can read any more."""
    repo.write({"a.csv": "x,y\n1,2\n"})
    repo.check("dvc add -q a.csv")
    before = (repo.repo / "a.csv.dvc").read_text()
    done = repo.sh("dvc plots modify a.csv -x x")
    assert done.status == 255 and done.out == ""
    assert done.err.splitlines()[0] == "ERROR: 'a.csv' is tracked by 'a.csv.dvc', which cannot have properties of a plot"
    assert "top-level `plots:`" in done.err
    assert (repo.repo / "a.csv.dvc").read_text() == before
    repo.check("dvc status")


def test_a_list_from_a_template_is_refused(repo):
    text = "vars:\n- all: [a.csv]\nstages:\n  g:\n    cmd: echo\n    plots: ${all}\n"
    repo.write({"dvc.yaml": text})
    done = repo.sh("dvc plots modify a.csv -x x")
    assert done.status == 255 and (repo.repo / "dvc.yaml").read_text() == text


def test_a_folder_is_no_template(repo):
    repo.write({"dvc.yaml": "stages:\n  g:\n    cmd: echo\n    plots:\n    - a\n", "here/x": ""})
    done = repo.sh("dvc plots modify a -t here")
    assert done.status == 255 and "Template 'here' not found." in done.err
