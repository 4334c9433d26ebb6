"""The built-in plot templates: equal to DVC's when they are drawn, but for faults that docs/internals/differences.md names."""

import copy
import itertools
import re
from xml.etree import ElementTree

import pytest
from harness import plot_cases
from harness.plot_cases import DVC_NAMES, NAMES, SOURCES
from harness.vega import drawn

pytestmark = pytest.mark.live


def dvc_template(name):
    from dvc_render.vega_templates import TEMPLATES

    return copy.deepcopy(next(t.DEFAULT_CONTENT for t in TEMPLATES if name == t.DEFAULT_NAME))


@pytest.mark.parametrize("name", [n for n in DVC_NAMES if n != "confusion_normalized"])
def test_drawn_as_in_dvc(name):
    cases = list(itertools.product(SOURCES, (1, 3)))
    ours = drawn([plot_cases.filled(name, kind, revisions) for kind, revisions in cases])
    theirs = drawn([plot_cases.filled(name, kind, revisions, dvc_template(name)) for kind, revisions in cases])
    for case, own, dvc in zip(cases, ours, theirs):
        if name not in ("linear", "smooth"):  # theirs names the smoothed values after the field
            assert own["compiled"] == dvc["compiled"], case
        assert own["svg"] == dvc["svg"], case


def test_confusion_normalized_as_in_dvc():
    """With one source. With several, DVC draws a row of empty matrices, "undefined"."""
    name = "confusion_normalized"
    ours = drawn([plot_cases.filled(name, "single", n) for n in (1, 3)] + [plot_cases.filled(name, "files", 2)])
    theirs = drawn([plot_cases.filled(name, "single", n, dvc_template(name)) for n in (1, 3)]
                   + [plot_cases.filled(name, "files", 2, dvc_template(name))])
    assert [own["svg"] for own in ours[:2]] == [dvc["svg"] for dvc in theirs[:2]]
    assert "undefined" in theirs[2]["svg"]
    assert "undefined" not in ours[2]["svg"]


def marks(svg):
    """{kind of mark: how many of them show data}."""
    found = {}
    for group in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}g"):
        words = group.get("class", "").split()
        if "role-mark" in words:
            kind = words[0].removeprefix("mark-")
            found[kind] = found.get(kind, 0) + len(group)
    return found


def texts_in_order(svg):
    return [text.text or "" for text in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def texts(svg):
    return set(texts_in_order(svg))


# marks for one source and one revision; every further source or revision adds as many
MARKS = {
    "simple": {"line": 1},
    "linear": {"line": 2, "symbol": 1},
    "scatter": {"symbol": 12},
    "scatter_jitter": {"symbol": 12},
    "confusion": {"rect": 18, "text": 9},
    "confusion_normalized": {"rect": 18, "text": 9},
    "bar_horizontal": {"rect": 5},
    "bar_horizontal_sorted": {"rect": 5},
    "roc": {"text": 1},
    "precision_recall": {"line": 1, "text": 1},
    "histogram": {},
    "box": {"rect": 2, "rule": 2, "symbol": 1},
    "heatmap": {},
    "parallel": {"symbol": 12},
    "experiments": {"symbol": 121},
    "experiments_nominal": {"symbol": 12},
}


@pytest.mark.parametrize("name", MARKS)
def test_marks(name):
    cases = list(itertools.product(SOURCES, (1, 2, 3)))
    for (kind, revisions), result in zip(cases, drawn([plot_cases.filled(name, *case) for case in cases])):
        assert "error" not in result, (kind, revisions, result)
        copies = len(SOURCES[kind]) * revisions
        counted = marks(result["svg"])
        for mark, number in MARKS[name].items():
            assert counted.get(mark) == number * copies, (kind, revisions, mark, counted)
        assert not {"NaN", "undefined"} & texts(result["svg"]), (kind, revisions)


@pytest.mark.parametrize("name", MARKS)
def test_odd_names_and_text(name):
    """Names of fields that Vega would take apart, and numbers that are text, as all cells of a CSV file are."""
    def as_text(point):
        return {k: str(v) for k, v in point.items()}

    specs = [plot_cases.filled(name, "both", 2),
             plot_cases.filled(name, "both", 2, rename=lambda field: f"{field}.a[0]"),
             plot_cases.filled(name, "both", 2, data=[as_text(p) for p in plot_cases.points(name, "both", 2)])]
    plain, odd, text = drawn(specs)
    assert marks(odd["svg"]) == marks(plain["svg"])
    assert marks(text["svg"]) == marks(plain["svg"])
    if name in ("roc", "precision_recall"):
        areas = [t for t in texts(plain["svg"]) if t and ("AUC" in t or "AP" in t)]
        assert len(areas) == 4 and set(areas) <= texts(odd["svg"]) and set(areas) <= texts(text["svg"])


def test_smoothed_line_of_a_field_with_a_dot():
    """DVC looks for the smoothed values of "v.a" below a key "v", so only the pale line of the raw values is drawn."""
    from dvc_render.vega_templates import SmoothLinearTemplate

    trees = [plot_cases.template("linear"), copy.deepcopy(SmoothLinearTemplate.DEFAULT_CONTENT)]
    ours, theirs = drawn([plot_cases.filled("linear", tree=tree, rename=lambda f: f"{f}.a" if f == "v" else f) for tree in trees])
    line = r'layer_0_layer_0_marks[^>]*>(<path[^>]* d="M[^"]*L)'
    assert re.search(line, ours["svg"]) and not re.search(line, theirs["svg"])


def area_texts(name, rows):
    _, x, y = plot_cases.ROWS[name]
    data = [{x: a, y: b, "rev": "workspace", "filename": "m.json", "field": y} for a, b in rows]
    return [t for t in texts(drawn([plot_cases.filled(name, data=data)])[0]["svg"]) if t and t.startswith("workspace ")]


@pytest.mark.parametrize("turned", [False, True])
def test_area_of_roc(turned):
    rows = [(0, 0), (0, 0.5), (0.25, 0.5), (0.25, 0.75), (1, 1)]
    # trapezia: 0.25 * 0.5 + 0.75 * (0.75 + 1) / 2
    assert area_texts("roc", rows[::-1] if turned else rows) == ["workspace   AUC 0.781"]


@pytest.mark.parametrize("turned", [False, True])
def test_average_precision(turned):
    """As scikit-learn's average_precision_score: precision at the higher recall of each step."""
    rows = [(1, 0.5), (0.5, 0.6), (0.5, 0.7), (0.25, 0.8), (0, 1)]
    # 0.5 * 0.5 + 0.25 * 0.7 + 0.25 * 0.8
    assert area_texts("precision_recall", rows[::-1] if turned else rows) == ["workspace   AP 0.625"]


def test_matrices_stand_under_their_headers():
    """DVC fills the rows in the order of the data, so a matrix of the second revision stands in the first column."""
    data, expected = [], []
    for n, (filename, field) in enumerate(SOURCES["files"]):
        expected.append([n * 2 + r + 1 for r in range(2)])
        for r, count in enumerate(expected[-1]):
            data += [{"actual": "a", "guess": "a", "rev": plot_cases.REVISIONS[r], "filename": filename, "field": field}] * count
    in_order = sorted(data, key=lambda p: plot_cases.REVISIONS.index(p["rev"]))  # as plots with revisions have it
    svg = drawn([plot_cases.filled("confusion", "files", 2, data=[dict(p) for p in in_order])])[0]["svg"]
    counts = re.findall(r'child_layer_0_marks[^>]*><path aria-label="actual: a; guess: a; xy_count: (\d+)"', svg)
    # rows are sorted by name: test.json is above train.json
    assert [int(c) for c in counts] == [*expected[1], *expected[0]]
    assert [t for t in texts_in_order(svg) if t.endswith(".json")] == ["test.json", "train.json"]


def test_every_template_is_tested():
    assert set(NAMES) - {"smooth"} == set(MARKS)
    assert {f.stem for f in plot_cases.TEMPLATES.glob("*.json")} == set(MARKS)
