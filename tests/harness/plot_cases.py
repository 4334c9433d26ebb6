"""Points, and templates that are filled with them, for tests of plots: every anchor has the value that cairn gives it."""

import json
import math
import re

from .sandbox import TOP

TEMPLATES = TOP / "data/plots"
COLOURS = ["#945dd6", "#13adc7", "#f46837", "#48bb78", "#4299e1", "#ed8936", "#f56565"]
DASHES = [[1, 0], [8, 8], [8, 4], [4, 4], [4, 2], [2, 1], [1, 1]]
SHAPES = ["circle", "square", "triangle", "diamond"]
# how the ys of a plot differ: [(filename, field)]
SOURCES = {
    "single": [("m.json", "acc")],
    "files": [("train.json", "acc"), ("test.json", "acc")],
    "fields": [("m.json", "acc"), ("m.json", "loss")],
    "both": [("train.json", "acc"), ("test.json", "loss")],
}
REVISIONS = ["workspace", "HEAD", "exp-a"]


def template(name):
    """The text of a built-in template as a tree."""
    return json.loads((TEMPLATES / f"{'linear' if name == 'smooth' else name}.json").read_text())


def curve(rev, number, steps=12):
    """A line that falls, different in each revision and source."""
    return [{"step": i, "v": round(math.exp(-i / (4 + rev)) + number / 5 + rev / 10, 4)} for i in range(steps)]


def classes(rev, number):
    return [{"actual": "abc"[i % 3], "guess": "abc"[(i + (i * (rev + 2 + number)) % 5 // 3) % 3]} for i in range(30)]


def bars(rev, number):
    return [{"weight": round(1 + (i * 7 + rev * 3 + number) % 11 / 3, 3), "name": f"feature {i}"} for i in range(5)]


def rates(rev, number):
    steps = [i / 10 for i in range(11)]
    return [{"fpr": x, "tpr": round(x ** (1 / (2 + rev + number)), 4)} for x in steps]


def recalls(rev, number):
    steps = [i / 10 for i in range(10, -1, -1)]
    return [{"recall": x, "precision": round(1 - x ** (2 + rev + number) / 2, 4)} for x in steps]


def cloud(rev, number):
    """Numbers without an order, some far from the others."""
    return [{"size": round((i * 37 % 100) / 10 + rev, 2), "v": round((i * i * 13 % 97) / 12 + number + rev / 2, 3)}
            for i in range(120)] + [{"size": 20, "v": 25}]


# template -> (function that makes rows, x, y)
ROWS = {
    "simple": (curve, "step", "v"),
    "linear": (curve, "step", "v"),
    "smooth": (curve, "step", "v"),
    "scatter": (curve, "step", "v"),
    "scatter_jitter": (curve, "step", "v"),
    "confusion": (classes, "actual", "guess"),
    "confusion_normalized": (classes, "actual", "guess"),
    "bar_horizontal": (bars, "weight", "name"),
    "bar_horizontal_sorted": (bars, "weight", "name"),
}
DVC_NAMES = list(ROWS)
ROWS |= {
    "roc": (rates, "fpr", "tpr"),
    "precision_recall": (recalls, "recall", "precision"),
    "histogram": (cloud, "size", "v"),
    "box": (cloud, "size", "v"),
    "heatmap": (cloud, "size", "v"),
    "parallel": (curve, "step", "v"),
    "experiments": (cloud, "size", "v"),
    "experiments_nominal": (curve, "step", "v"),
}
NAMES = list(ROWS)


def points(name, kind="single", revisions=1):
    rows = ROWS[name][0]
    return [{**row, "rev": REVISIONS[r], "filename": filename, "field": field}
            for n, (filename, field) in enumerate(SOURCES[kind])
            for r in range(revisions) for row in rows(r, n)]


def escaped(field):
    return re.sub(r"([.\[\]])", r"\\\1", field)


def anchors(x, y, data, kind, revisions, title="plot"):
    """{name of an anchor: its value}; the points lose the keys that the plot does not need."""
    varied = {"single": None, "files": "filename", "fields": "field", "both": "filename::field"}[kind]
    by = [varied] if varied else []
    for point in data:
        filename, field = point.pop("filename"), point.pop("field")
        if varied:
            point[varied] = {"filename": filename, "field": field}.get(varied, f"{filename}::{field}")
    domain = sorted({point[varied] for point in data}) if varied else []

    def by_source(values):
        return {"field": varied, "scale": {"domain": domain, "range": [values[i % len(values)] for i in range(len(domain))]},
                "legend": {"symbolFillColor": "transparent", "symbolStrokeColor": "grey"}} if varied else {}

    facet = {"field": varied} if varied else {}
    return {
        "DATA": data, "TITLE": title, "X": escaped(x), "Y": escaped(y), "X_LABEL": x, "Y_LABEL": y,
        "PLOT_WIDTH": 300, "PLOT_HEIGHT": 300,
        "ZOOM_AND_PAN": {"name": "grid", "select": "interval", "bind": "scales"},
        "COLOR": {"field": "rev", "scale": {"domain": revisions, "range": COLOURS[:len(revisions)]}},
        "TOOLTIP": [{"field": f} for f in ["rev", escaped(x), escaped(y), *by]],
        "STROKE_DASH": by_source(DASHES), "SHAPE": by_source(SHAPES),
        "ROW": facet, "COLUMN": {**facet, "sort": []} if varied else {},
        "GROUP_BY": ["rev", *by], "GROUP_BY_X": ["rev", *by, escaped(x)], "GROUP_BY_Y": ["rev", *by, escaped(y)],
        "PIVOT_FIELD": f"datum.rev + '::' + datum['{varied}']" if varied else "datum.rev",
    }


def fill(tree, values):
    if isinstance(tree, dict):
        return {k: fill(v, values) for k, v in tree.items()}
    if isinstance(tree, list):
        return [fill(v, values) for v in tree]
    if not isinstance(tree, str):
        return tree
    for name, value in values.items():
        anchor = f"<DVC_METRIC_{name}>"
        if tree == anchor:
            return value
        if isinstance(value, str):
            tree = tree.replace(anchor, value)
    return tree


def filled(name, kind="single", revisions=1, tree=None, title=None, rename=lambda field: field, data=None):
    """A built-in template (or another tree) with points; `rename` changes the names of the fields."""
    _, x, y = ROWS[name]
    renamed = [{rename(k) if k in (x, y) else k: v for k, v in point.items()} for point in data or points(name, kind, revisions)]
    values = anchors(rename(x), rename(y), renamed, kind, REVISIONS[:revisions], title or f"{name}, {kind}")
    return fill(tree or template(name), values)


def plot(name, kind="single", revisions=1, **more):
    """A plot of a page's document (src/view/page.h)."""
    return {"id": f"{name}-{kind}-{revisions}", "type": "vega", "revisions": REVISIONS[:revisions],
            "spec": filled(name, kind, revisions), **more}
