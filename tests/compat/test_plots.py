"""`plots show` and `plots diff` as data: definitions, sources, points, anchors, errors. The template of most cases has every anchor
and nothing else, so that a record shows what each of them is filled with."""

import json

from harness import case

ANCHORS = ("DATA TITLE X Y X_LABEL Y_LABEL PLOT_WIDTH PLOT_HEIGHT ZOOM_AND_PAN COLOR TOOLTIP STROKE_DASH SHAPE COLUMN "
           "GROUP_BY GROUP_BY_X GROUP_BY_Y PIVOT_FIELD").split()
ALL = {".dvc/plots/linear.json": json.dumps({a.lower(): f"<DVC_METRIC_{a}>" for a in ANCHORS})}
# a template that knows nothing of sources
DATA_ONLY = json.dumps({"data": {"values": "<DVC_METRIC_DATA>"}, "x": "<DVC_METRIC_X>", "y": "<DVC_METRIC_Y>"})

CSV = "step_no,loss,acc\n1,0.5,0.1\n2,0.25,0.3\n3,0.125,0.6\n"
JSON = '[{"x": 1, "y1": 0.1, "y2": 3}, {"x": 2, "y1": 0.2, "y2": 4}]\n'
OTHER = '[{"x": 1, "y1": 9, "y2": 30}, {"x": 2, "y1": 8, "y2": 40}]\n'


def forget_content(seen):
    """The built-in templates are compared by what they draw, in tests/cli."""
    for step in seen["steps"]:
        out = step.get("stdout")
        for plots in out.get("data", {}).values() if isinstance(out, dict) else []:
            for plot in plots:
                plot.pop("content", None)


def only_templates_of_dvc(seen):
    """cairn lists templates of its own after those of DVC, and writes the keys of a template in another order."""
    listed, printed = seen["steps"]
    listed["stdout"] = listed["stdout"][:9]
    printed["stdout"] = [json.dumps(json.loads("\n".join(printed["stdout"])), sort_keys=True)]


def plain(value):
    """Names of fields without what DVC does not do: escapes in groups and tooltips, and the one key of files and fields in the
    pivot (docs/internals/differences.md)."""
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if not isinstance(value, str):
        return value
    return value.replace("\\", "").replace("datum['filename::field']", "datum.filename + '::' + datum.field")


def forget_escapes(seen):
    for step in seen["steps"]:
        out = step.get("stdout")
        data = out.get("data") if isinstance(out, dict) else None
        for plots in data.values() if isinstance(data, dict) else []:  # a list is what --show-vega prints
            for plot in plots:
                for part in ("content", "anchor_definitions"):
                    for key, value in plot.get(part, {}).items():
                        if key in ("group_by_x", "group_by_y", "pivot_field", "tooltip", "<DVC_METRIC_TOOLTIP>"):
                            plot[part][key] = plain(value)


def show(name, script, files, adjust=forget_escapes, **options):
    """The plots of the workspace: filled, and split for an editor."""
    case(f"show-{name}", script, files={**ALL, **files}, adjust=adjust, **options)


def defined(name, plots, files, targets=""):
    """`plots` is the top-level section of dvc.yaml."""
    show(name, f"""
      = dvc plots show {targets} --json
      = dvc plots show {targets} --json --split
    """, {"dvc.yaml": "plots:\n" + plots, **files})


def data(name, file, text, options=""):
    """One file that nothing defines."""
    show("data-" + name, f"= dvc plots show {file} {options} --json", {file: text})


# ---- a file that nothing defines

show("file", """
  = dvc plots show a.csv --json
  = dvc plots show a.csv --json --split
  = dvc plots show a.csv --show-vega
  = dvc plots show a.csv -y loss --json
  = dvc plots show a.csv -x step_no -y loss --title T --x-label X --y-label Y --json --split
  = dvc plots show a.csv --title '' --x-label '' --json
  = dvc plots show a.csv -y nope --json
  = dvc plots show a.csv -x nope --json
  = dvc plots show nosuch.csv --json
  = dvc plots show sub/../a.csv --json
  = dvc plots show ./a.csv --json
  = dvc plots show a.csv b.json --json
    dvc plots show -q a.csv --json
""", {"a.csv": CSV, "b.json": JSON})
show("nothing", """
    dvc plots show --json
    dvc plots show
    dvc plots diff --json
    git commit -qm one --allow-empty
    dvc plots diff --json
""", {})
show("templates", """
    dvc plots templates
    dvc plots templates simple
""", {}, adjust=lambda seen: only_templates_of_dvc(seen))
show("usage", """
    dvc plots show a.csv --show-vega --json
    dvc plots show --show-vega
    dvc plots show a.csv b.csv --show-vega
    dvc plots show -x
    dvc plots show -R
    dvc plots show --no-html
    dvc plots diff badrev --json
    dvc plots diff badrev
    dvc plots templates nope
""", {"a.csv": CSV})
case("show-without-git", """
  = dvc plots show a.csv --json
    dvc plots diff --json
    dvc plots diff HEAD --json
""", start="noscm", files={**ALL, "a.csv": CSV})
case("show-outside-of-a-repository", """
  = dvc plots show a.json -t t.json --json
    dvc plots templates
""", start="empty", files={"a.json": JSON, "t.json": DATA_ONLY})
case("show-in-git-alone", """
    git add -A && git commit -qm one
  = dvc plots show a.json -t t.json --json
  = dvc plots diff HEAD --targets a.json -t t.json --json
""", start="git", files={"a.json": JSON, "t.json": DATA_ONLY})

# ---- what a file may hold

data("tsv", "a.tsv", CSV.replace(",", "\t"))
data("json-nested", "a.json", json.dumps({"train": [{"x": 1, "y1": 9}, {"x": 2, "y1": 8}], "deep": {"test": [{"z": 5}, {"z": 6}, {"z": 7}]}}))
data("json-scalars-beside", "a.json", json.dumps({"n": 3, "l": [{"a": 1}, {"a": 2}], "s": "x"}))
data("json-list-in-list", "a.json", "[[{\"a\": 1}]]")
data("json-numbers", "a.json", "[1, 2]")
data("json-map", "a.json", '{"a": 1}')
data("json-null", "a.json", "null")
data("json-empty-list", "a.json", "[]")
data("json-empty-map", "a.json", "{}")
data("json-scalar", "a.json", "5")
data("json-text", "a.json", '"s"')
data("json-true", "a.json", "true")
data("json-false", "a.json", "false")
data("json-different-keys", "a.json", '[{"a": 1}, {"b": 2}]')
data("json-fewer-keys-later", "a.json", '[{"a": 1, "b": 2}, {"b": 3}]')
data("json-first-is-empty", "a.json", '[{}, {"b": 3}]')
data("json-only-empty-maps", "a.json", "[{}, {}]")
data("json-an-empty-list-inside", "a.json", '{"l": [{"a": 1}], "k": []}')
data("json-mixed-items", "a.json", '[{"a": 1}, 3]')
data("json-nested-values", "a.json", '[{"a": 1, "m": {"k": [1, 2]}, "v": 0.5}]')
data("json-duplicate-keys", "a.json", '[{"a": 1, "a": 2, "b": 3}]')
data("json-special-floats", "a.json", '[{"a": NaN, "b": Infinity}, {"a": -Infinity, "b": 1e400}]')
data("json-big-numbers", "a.json", '[{"a": 123456789012345678901234567890, "b": 1e-7}, {"a": 0, "b": -0.0}]')
data("json-unicode", "a.json", '[{"größe": 1, "\\u00e9": "日本"}]')
data("json-broken", "a.json", '[{"a": 1},')
data("json-bom", "a.json", '\ufeff[{"a": 1}]')
data("json-empty-key", "a.json", '[{"": 1, "b": 2}]', "-y ''")
data("yaml", "a.yaml", "- {x: 1, y: 2.5}\n- {x: 2, y: true}\n- {x: 3, y: text}\n")
data("yml", "a.yml", "run:\n  hist:\n  - {x: 1, y: 2}\n")
data("yaml-broken", "a.yaml", "a: [1\n")
data("yaml-duplicate-keys", "a.yaml", "a: 1\na: 2\n")
data("yaml-number-keys", "a.yaml", "- {1: 2, 3: 4}\n")
data("yaml-empty", "a.yaml", "")
data("toml", "a.toml", "[[rows]]\nx = 1\ny = 2\n[[rows]]\nx = 2\ny = 3\n")
data("toml-broken", "a.toml", "x = \n")
data("python", "a.py", "ROWS = [{'x': 1, 'y': 2}, {'x': 2, 'y': 4}]\n")
data("python-broken", "a.py", "def (:\n")
data("csv-empty", "a.csv", "")
data("csv-header-only", "a.csv", "a,b\n")
data("csv-one-column", "a.csv", "a\n1\n2\n")
data("csv-quotes", "a.csv", 'a,b\n"x, y","say ""hi"""\n"two\nlines",2\n')
data("csv-unterminated-quote", "a.csv", 'a,b\n1,"2\n3,4\n')
data("csv-quote-inside", "a.csv", 'a,b\nx"y,"1"2\n')
data("csv-short-row", "a.csv", "a,b,c\n1,2\n3,4,5\n", "-y b")
data("csv-blank-lines", "a.csv", "a,b\n1,2\n\n\n3,4\n")
data("csv-blanks-around", "a.csv", "a, b\n 1, 2\n")
data("csv-crlf", "a.csv", "a,b\r\n1,2\r\n3,4\r\n")
data("csv-cr", "a.csv", "a,b\r1,2\r3,4\r")
data("csv-bom", "a.csv", "\ufeffa,b\n1,2\n")
data("csv-duplicate-columns", "a.csv", "a,b,a\n1,2,3\n4,5,6\n", "-y a")
data("csv-no-header", "a.csv", "1,0.5\n2,0.25\n", "--no-header")
data("csv-no-header-chosen", "a.csv", "1,0.5\n2,0.25\n", "--no-header -x 0 -y 1")
data("csv-special", "a.csv", "a,b\nnan,inf\n,1e5\n")
data("csv-own-names", "a.csv", "rev,filename,field,step,v\nr,f,g,9,1\n")
data("csv-own-step-chosen", "a.csv", "step,v\n5,1\n7,2\n", "-x step")
data("csv-not-utf8", "a.csv", b"a,b\n\xff,1\n")
data("text", "a.txt", "a,b\n1,2\n")
data("no-suffix", "a", "a,b\n1,2\n")
data("upper-case-suffix", "a.CSV", "a,b\n1,2\n")
data("hidden", ".csv", "a,b\n1,2\n")

# ---- top-level plots

defined("string", "- a.csv\n", {"a.csv": CSV})
defined("null", "- a.csv: null\n", {"a.csv": CSV})
defined("properties", "- a.csv: {x: step_no, y: acc, title: My title, x_label: epoch, y_label: accuracy}\n", {"a.csv": CSV})
defined("two-fields", "- a.csv: {x: step_no, y: [loss, acc]}\n", {"a.csv": CSV})
defined("the-same-id-twice", "- a.csv: {y: loss}\n- b.json\n- a.csv: {y: acc}\n", {"a.csv": CSV, "b.json": JSON})
defined("further-keys-are-dropped", "- a.csv: {y: loss}\n  b.json: {y: y1}\n", {"a.csv": CSV, "b.json": JSON})
defined("titled-one-field", "- Losses: {x: x, y: {a.json: y1}}\n", {"a.json": JSON})
defined("titled-two-fields", "- two ys: {y: {d/a.json: [y1, y2]}}\n", {"d/a.json": JSON})
defined("titled-two-files", "- two files: {x: x, y: {p/tr.json: y1, p/te.json: y1}}\n", {"p/tr.json": JSON, "p/te.json": OTHER})
defined("titled-files-and-fields", "- all: {x: x, y: {p/tr.json: [y1, y2], p/te.json: y2}}\n", {"p/tr.json": JSON, "p/te.json": OTHER})
defined("titled-x-of-another-file", "- j: {x: {b.json: x}, y: {a.json: y1}}\n", {"a.json": JSON, "b.json": OTHER})
defined("titled-x-of-another-name", "- j: {x: {a.csv: step_no}, y: {b.csv: loss}}\n", {"a.csv": CSV, "b.csv": CSV})
defined("titled-x-lists", "- j: {x: {a.json: x, b.json: y2}, y: {a.json: y1, b.json: y1}}\n", {"a.json": JSON, "b.json": OTHER})
defined("titled-x-more-than-y", "- j: {x: {a.json: x, b.json: x}, y: {a.json: y1}}\n", {"a.json": JSON, "b.json": OTHER})
defined("titled-x-fewer-than-y", "- j: {x: {a.json: x, b.json: x}, y: {a.json: [y1, y2], b.json: y1}}\n", {"a.json": JSON, "b.json": OTHER})
defined("titled-lengths-differ", "- j: {x: {b.json: x}, y: {a.json: y1}}\n", {"a.json": JSON, "b.json": '[{"x": 1}]'})
defined("titled-x-file-missing", "- j: {x: {no.json: x}, y: {a.json: y1}}\n", {"a.json": JSON})
defined("titled-a-file-missing", "- j: {x: x, y: {a.json: y1, no.json: y1}}\n", {"a.json": JSON})
defined("titled-all-files-missing", "- j: {y: {no.json: y1}}\n", {})
defined("titled-field-missing", "- j: {y: {a.json: nope}}\n- b.json\n", {"a.json": JSON, "b.json": JSON})
defined("titled-no-field", "- j: {y: {a.json: []}}\n", {"a.json": JSON})
defined("titled-x-is-step", "- j: {x: step, y: {a.json: y1}}\n", {"a.json": JSON})
defined("title-without-files-is-a-path", "- m: {x: s, y: a}\n", {})
defined("an-image-as-y", "- j: {y: {i.png: a}}\n", {"i.png": b"\x89PNG\r\n\x1a\n"})
defined("a-directory-as-y", "- j: {y: {d: a}}\n", {"d/a.json": JSON})
defined("interpolated", "- ${f}: {y: '${field}'}\n", {"a.csv": CSV, "params.yaml": "f: a.csv\nfield: loss\n"})
defined("not-resolved", "- a.csv\n- ${nope}\n", {"a.csv": CSV})
defined("invalid", "- a.csv: {nope: 1}\n", {"a.csv": CSV})
defined("directory", "- d\n", {"d/a.json": JSON, "d/e/b.csv": CSV, "d/x.txt": "t", "d/dvc.yaml": "stages: {}\n"})
defined("directory-with-properties", "- d: {y: y1}\n", {"d/a.json": JSON, "d/b.json": OTHER})
defined("directory-and-a-file-in-it", "- d: {y: y1}\n- d/a.json: {y: y2}\n", {"d/a.json": JSON, "d/b.json": OTHER})
defined("directory-and-one-in-it", "- d: {y: y1}\n- d/e: {y: y2}\n", {"d/a.json": JSON, "d/e/b.json": OTHER})
defined("directory-missing", "- d/\n- a.csv\n", {"a.csv": CSV})
defined("all-of-the-repository", "- .\n", {"a.csv": CSV})
defined("paths-are-normalized", "- ./d//a.json\n- j: {y: {./d/../d/a.json: y1}}\n", {"d/a.json": JSON})
defined("html-in-names", "- '<b>&\"': {y: {'<i>.json': y1}, title: '</script>'}\n", {"<i>.json": JSON})
defined("a-name-like-an-anchor", "- '<DVC_METRIC_X>': {y: {a.json: y1}, x_label: 'x <DVC_METRIC_Y>'}\n", {"a.json": JSON})

show("template-knows-no-sources", """
  = dvc plots show --json
  = dvc plots show --json --split
""", {"dvc.yaml": "plots:\n- j: {y: {a.json: [y1, y2]}, template: t.json}\n", "a.json": JSON, "t.json": DATA_ONLY})
show("templates-of-the-user", """
  = dvc plots show a.json -t mine --json
  = dvc plots show a.json -t mine.json --json
  = dvc plots show a.json -t mine.foo --json
  = dvc plots show a.json -t sub/t.json --json
  = dvc plots show a.json -t $PWD/sub/t.json --json
""", {"a.json": JSON, ".dvc/plots/mine.json": '{"mine": true, "data": "<DVC_METRIC_DATA>"}', "sub/t.json": DATA_ONLY})
show("anchors-in-texts-and-lists", """
  = dvc plots show a.json --json
  = dvc plots show a.json --json --split
""", {"a.json": JSON, ".dvc/plots/linear.json": json.dumps({
    "<DVC_METRIC_X>": 1, "text": "a <DVC_METRIC_X> b <DVC_METRIC_X>", "size": "w=<DVC_METRIC_PLOT_WIDTH>", "unknown": "<DVC_METRIC_NOPE>",
    "list": ["<DVC_METRIC_Y>", "x <DVC_METRIC_Y>", ["<DVC_METRIC_COLOR>", {"k": "<DVC_METRIC_TITLE>"}]], "d": {"values": "<DVC_METRIC_DATA>"}})})
case("show-built-in", "".join(f"  = dvc plots show a.json -t {t} --json --split\n" for t in
     "simple linear confusion confusion_normalized scatter scatter_jitter smooth bar_horizontal bar_horizontal_sorted".split()),
     files={"a.json": JSON}, adjust=forget_content)
case("show-built-in-of-two-sources", "".join(f"  = dvc plots show -t {t} --json --split\n" for t in
     "simple confusion scatter bar_horizontal".split()),
     files={"a.json": JSON, "dvc.yaml": "plots:\n- j: {x: x, y: {a.json: [y1, y2]}}\n"}, adjust=forget_content)

# ---- outputs of stages

STAGE = """
    cat > dvc.yaml <<EOF
    stages:
      t:
        cmd: cp in.csv o.csv && cp in.csv p.csv && mkdir -p d && cp in.csv d/q.csv
        deps: [in.csv]
        plots:
        - o.csv: {x: step_no, y: acc, title: t, template: linear}
        - p.csv: {cache: false}
        - d
    EOF
    dvc repro -q
"""
show("stage", STAGE + """
  = dvc plots show --json
  = dvc plots show --json --split -y loss
  = dvc plots show o.csv --json
  = dvc plots show d --json
  = dvc plots show d/q.csv --json
""", {"in.csv": CSV})
show("stage-data-in-the-cache-only", STAGE + """
    git add -A && git commit -qm one
    rm -rf o.csv d
  = dvc plots show --json
  = dvc plots diff HEAD --json
    rm -rf .dvc/cache
  = dvc plots diff HEAD --targets o.csv --json
""", {"in.csv": CSV})
show("stage-data-in-the-remote-only", STAGE + """
    dvc remote add -q -d r $PWD/../remote
    dvc push -q
    rm -rf o.csv d .dvc/cache
  = dvc plots show --json
""", {"in.csv": CSV}, ignore=("config",))
show("stage-no-header", """
    dvc repro -q
  = dvc plots show --json
""", {"dvc.yaml": "stages:\n  t:\n    cmd: echo 1,2 > o.csv\n    plots: [o.csv: {header: false}]\n"})
show("stage-in-a-wdir", """
    dvc repro -q
  = dvc plots show --json
  = dvc plots show wd/o.json --json
  = dvc plots show o.json --json
    cd wd
  = dvc plots show --json
  = dvc plots show o.json --json
""", {"wd/in.json": JSON, "dvc.yaml": "stages:\n  t:\n    wdir: wd\n    cmd: cp in.json o.json\n    plots: [o.json: {y: y1}]\n"})
show("stage-and-top-level", """
    dvc repro -q
  = dvc plots show --json
  = dvc plots show o.json --json
  = dvc plots show dvc.yaml::o.json --json
""", {"in.json": JSON, "dvc.yaml": "plots:\n- o.json: {y: y1}\nstages:\n  t:\n    cmd: cp in.json o.json\n    plots: [o.json: {y: y2}]\n"})
show("stage-list-of-properties", "= dvc plots show --json", {
    "o.json": JSON, "dvc.yaml": "stages:\n  t:\n    cmd: echo\n    plots: [o.json: [{y: y1}, {y: y2}]]\n"})

# ---- targets

TARGETS = {"dvc.yaml": "plots:\n- Title one: {y: {a.json: y1}}\n- Title two: {y: {a.json: y2}}\n- a.csv: {y: loss}\n- d: {y: y1}\n",
           "a.json": JSON, "a.csv": CSV, "axcsv": CSV, "d/a.json": JSON}
for number, target in enumerate(["Title", "'Title one'", "'Title tw.'", "a.csv", "axcsv", "d", "d/a.json", "dvc.yaml", "dvc.yaml::a.csv",
                                 "'dvc.yaml::Title one'", "'.*two'", "'[dT]'", "nope", "'a(b.csv'", "'a)b'", "'[a'", "'*a'", "$PWD/a.csv",
                                 "'Title one' a.json", "'Title one$'"]):
    show(f"target-{number}", f"= dvc plots show {target} --json", TARGETS)
show("target-is-the-directory-itself", """
  = dvc plots show . --json
  = dvc plots show ./ --json
  = dvc plots show ./d --json
""", {"dvc.yaml": "plots:\n- a.csv\n", "a.csv": CSV, "d/b.json": "["})
show("targets-in-a-subdirectory", """
    cd sub
  = dvc plots show --json
  = dvc plots show d/a.json --json
  = dvc plots show a.json --json
  = dvc plots show ../a.csv --json
  = dvc plots show ../dvc.yaml --json
""", {**TARGETS, "sub/dvc.yaml": "plots:\n- a.json: {y: y1}\n- Title one: {y: {a.json: y2}}\n", "sub/a.json": OTHER})
show("several-dvc-yaml", """
  = dvc plots show --json
  = dvc plots show one/dvc.yaml::P --json
  = dvc plots show P --json
""", {"dvc.yaml": "plots:\n- P: {y: {a.json: y1}}\n- Q: {y: {a.json: y1}}\n", "a.json": JSON,
      "one/dvc.yaml": "plots:\n- P: {y: {a.json: y2}}\n- a.json\n", "one/a.json": OTHER,
      "one/two/dvc.yaml": "plots:\n- R: {y: {../a.json: y2}}\n"})
show("directory-with-tracked-files", """
    dvc add -q d/t.json d/sub e/k.json
    git add -A && git commit -qm one
  = dvc plots diff HEAD HEAD~0 --json
    rm -r d/t.json d/sub/u.json e/k.json
  = dvc plots show --json
  = dvc plots show d --json
    rm -r d/sub
  = dvc plots show --json
  = dvc metrics show d e --json
""", {"dvc.yaml": "plots: [d, e]\n", "d/a.json": JSON, "d/t.json": JSON, "d/sub/u.json": JSON, "d/sub/v.json": OTHER, "e/k.json": JSON})
show("directory-with-outputs-that-were-never-made", "= dvc plots show d --json", {
    "d/a.json": JSON, "dvc.yaml": "stages:\n  s: {cmd: echo, outs: [d/o.csv, d/n.csv: {cache: false}], plots: [d/p.csv, d/e]}\n"})
show("directory-with-links", """
    ln -s ../other d/inner && ln -s . d/self && ln -s ../a.json d/file.json && ln -s nowhere d/broken.json && ln -s other outer
  = dvc plots show --json
""", {"dvc.yaml": "plots: [d, outer]\n", "a.json": JSON, "d/b.json": OTHER, "other/c.json": JSON})
show("a-broken-dvc-yaml", """
  = dvc plots show --json
  = dvc plots show a.json --json
    dvc plots show
""", {"dvc.yaml": "plots: [\n", "a.json": JSON})
# ---- images

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
show("images", """
  = dvc plots show --json
  = dvc plots show --json -o out
  = dvc plots show img/1.png --json
    git add -A && git commit -qm one
    echo x >> img/1.png
  = dvc plots diff --json -o out2
""", {"dvc.yaml": "plots:\n- img\n- a.json\n- pic.svg\n- no.jpg\n", "img/1.png": PNG, "img/2.png": PNG, "img/sub/x.gif": b"GIF89a", "pic.svg": "<svg/>\n",
      "a.json": JSON})
show("an-empty-image", "= dvc plots show --json", {"dvc.yaml": "plots:\n- i.png\n", "i.png": ""})
show("an-image-with-properties", "= dvc plots show --json", {"dvc.yaml": "plots:\n- i.png: {x: a, y: b, title: T}\n", "i.png": PNG})
show("out-dir-of-the-configuration", """
    dvc config plots.out_dir here/deep
  = dvc plots show --json
  = dvc plots show --json -o there
""", {"dvc.yaml": "plots:\n- i.png\n", "i.png": PNG})

# ---- revisions

REVS = """
    git add -A && git commit -qm one && git tag v1
    sed -i 's/0.5/0.6/; s/y: loss/y: acc/; s/title: T1/title: T2/' a.csv dvc.yaml
    git commit -qam two && git tag v2
"""
REV_FILES = {"dvc.yaml": "plots:\n- a.csv: {x: step_no, y: loss, title: T1}\n", "a.csv": CSV}
show("diff", REVS + """
  = dvc plots diff --json
    sed -i s/0.25/0.3/ a.csv
  = dvc plots diff --json
  = dvc plots diff --json --split
  = dvc plots diff v1 --json
  = dvc plots diff v1 v2 --json
  = dvc plots diff v2 v1 --json --split
  = dvc plots diff v1 v1 --json
  = dvc plots diff HEAD v2 main workspace v1 --json
  = dvc plots diff workspace --json
    git add -A
  = dvc plots diff --json
  = dvc plots diff v1 --targets a.csv --json
  = dvc plots diff --targets a.csv HEAD --json
""", REV_FILES)
show("diff-by-expressions", REVS + """
  = dvc plots diff HEAD~1 HEAD --json
  = dvc plots diff main^ v1 --json
""", REV_FILES)
show("diff-untracked-files-do-not-count", REVS + """
    echo > new
  = dvc plots diff --json
""", REV_FILES)
show("diff-a-file-that-is-new", """
    git commit -qm one --allow-empty && git tag v1
    git add -A && git commit -qm two
  = dvc plots diff v1 HEAD --json
  = dvc plots diff v1 HEAD --targets a.csv --json
    git rm -q a.csv && git commit -qm three
  = dvc plots diff v1 HEAD~1 HEAD --json
""", REV_FILES)
show("diff-before-dvc", """
    git rm -rq --cached .dvc .dvcignore
    git add dvc.yaml a.csv && git commit -qm one && git tag v1
    git add -A && git commit -qm two
  = dvc plots diff v1 --json
""", REV_FILES)
show("diff-other-inferred-fields", """
    git add -A && git commit -qm one && git tag v1
    printf 'a,acc\\n1,2\\n' > a.csv
  = dvc plots diff v1 --targets a.csv --json
  = dvc plots diff v1 workspace --targets a.csv -y loss --json
""", {"a.csv": "a,loss\n1,2\n"})
show("diff-other-sources", """
    git add -A && git commit -qm one && git tag v1
    sed -i 's/a.csv: loss/b.csv: loss/' dvc.yaml
    git commit -qam two && git tag v2
  = dvc plots diff v1 v2 --json
  = dvc plots diff v2 v1 --json
""", {"dvc.yaml": "plots:\n- P: {y: {a.csv: loss}}\n", "a.csv": CSV, "b.csv": CSV})
show("diff-properties-of-an-old-revision-hold", """
    git add -A && git commit -qm one && git tag v1
    printf 'plots: [a.csv]\\n' > dvc.yaml
  = dvc plots diff v1 --json
  = dvc plots diff v1 HEAD --json
""", {"dvc.yaml": "plots:\n- a.csv: {y: loss, title: old}\n", "a.csv": CSV})
show("diff-clash-in-one-revision-only", """
    git add -A && git commit -qm one && git tag one1
    mkdir one && printf 'plots:\\n- P: {y: {../a.json: y2}}\\n' > one/dvc.yaml
    git add -A && git commit -qm two && git tag two
  = dvc plots diff two one1 --json
""", {"dvc.yaml": "plots:\n- P: {y: {a.json: y1}}\n", "a.json": JSON})
show("diff-a-missing-file-in-one-revision", """
    git add -A && git commit -qm one && git tag v1
    git rm -q b.csv && git commit -qm two && git tag v2
  = dvc plots diff v2 v1 --json
    dvc plots diff v2 v1 -q --json
""", {"dvc.yaml": "plots: [a.csv, b.csv]\n", "a.csv": CSV, "b.csv": CSV})
show("diff-a-broken-file-in-one-revision", """
    git add -A && git commit -qm one && git tag v1
    echo '[' > a.json
  = dvc plots diff v1 --json
    echo 'plots: [' > dvc.yaml
  = dvc plots diff v1 --json
""", {"dvc.yaml": "plots: [a.json]\n", "a.json": JSON})
show("diff-a-target-that-is-nowhere", """
    git add -A && git commit -qm one && git tag v1
    printf 'plots: [a.csv]\\n' > dvc.yaml
  = dvc plots diff v1 --targets no.csv --json
  = dvc plots diff v1 --targets a.csv no.csv --json
""", {"a.csv": CSV})
show("diff-in-a-subdirectory", """
    git add -A && git commit -qm one && git tag v1
    sed -i s/0.1/0.7/ sub/a.json
    cd sub
  = dvc plots diff v1 --json
  = dvc plots diff v1 --targets a.json --json
""", {"dvc.yaml": "plots: [a.csv]\n", "a.csv": CSV, "sub/a.json": JSON, "sub/dvc.yaml": "plots: [a.json: {y: y1}]\n"})
show("diff-more-revisions-than-colours", """
    git add -A && git commit -qm one
    for i in 1 2 3 4 5 6 7 8; do sed -i "s/^1,.*/1,0.$i,1/" a.csv; git commit -qam $i; git tag t$i; done
  = dvc plots diff t1 t2 t3 t4 t5 t6 t7 t8 --json --split
""", REV_FILES)
show("diff-many-sources", """
  = dvc plots show --json --split
""", {"dvc.yaml": "plots:\n- P: {y: {a.json: [a, b, c, d, e, f, g, h]}}\n", "a.json": json.dumps([{k: 1 for k in "abcdefgh"}])})

# ---- the page: its path, and when there is none

PAGE = {"ignore": (r"index\.html$",)}
show("page", """
    dvc plots show
    dvc plots show a.csv -o out
    dvc plots diff -o 'sp ace é' --targets a.csv
    dvc plots show nosuch.csv
    dvc plots show -q -o quiet
    dvc plots show nope -o none
    dvc config plots.out_dir there
    dvc plots show
    dvc plots show -o ''
    dvc plots show -o .
""", {"dvc.yaml": "plots:\n- a.csv: {y: loss}\n", "a.csv": CSV}, **PAGE)
show("page-of-a-definition-that-fails", """
    dvc plots show
    dvc plots diff
""", {"dvc.yaml": "plots:\n- a.csv: {y: nope}\n- b.json\n- no.json\n", "a.csv": CSV, "b.json": JSON}, **PAGE)
show("page-where-no-target-matches", """
    dvc plots show nope
    dvc plots diff HEAD --targets nope
""", {"dvc.yaml": "plots:\n- a.csv\n", "a.csv": CSV}, **PAGE)
show("page-in-the-browser", """
    export BROWSER=true
    dvc plots show --open
    dvc plots show --open --json
    dvc config plots.auto_open true
    dvc plots show
    export BROWSER=false
  ? dvc plots show
""", {"dvc.yaml": "plots:\n- b.json\n", "b.json": JSON}, **PAGE)
show("page-of-the-user", """
    dvc plots show --html-template t.html
    dvc plots show --html-template '<p>{plot_divs}</p>' -o other
    cp t.html .dvc/t.html
    dvc config plots.html_template t.html
    dvc plots show -o fourth
""", {"dvc.yaml": "plots:\n- b.json\n", "b.json": JSON, "t.html": "<body>{plot_divs}</body>{scripts}\n"}, **PAGE)

show("diff-properties", """
    git add -A && git commit -qm one
  = dvc plots diff HEAD --targets a.csv -x step_no -y loss -t linear --title T --x-label X --y-label Y --json
  = dvc plots diff HEAD --targets a.csv --no-header --json
  = dvc plots diff HEAD --targets a.csv --show-vega
    export BROWSER=true
    dvc plots diff HEAD --open --html-template '<p>{plot_divs}</p>'
""", {"dvc.yaml": "plots:\n- a.csv\n", "a.csv": CSV}, **PAGE)

# ---- experiments

EXP = """
    cat > dvc.yaml <<EOF
    stages:
      t:
        cmd: 'sed s/LR/\\$(sed "s/lr: //" params.yaml)/ in.json > o.json'
        deps: [in.json]
        params: [lr]
        plots: [o.json: {cache: false, y: v}]
    EOF
    git add -A && git commit -qm one
    dvc exp run -q -n low -S lr=2
    dvc exp run -q -n high -S lr=3
"""
show("diff-experiments", EXP + """
  = dvc plots diff low --json
  = dvc plots diff -e low --json
  = dvc plots diff low high --json
  = dvc plots diff workspace low high --json --split
  = dvc plots diff high HEAD --json
    dvc plots diff nosuch --json
    dvc exp run -q --queue -n waits -S lr=5
    dvc plots diff waits --json
""", {"in.json": '[{"x": 1, "v": LR}]\n', "params.yaml": "lr: 1\n"}, adjust=lambda seen: forget_baseline(seen))


def forget_baseline(seen):
    """`diff -e` names the baseline by its id, which depends on the time of the commit."""
    import re
    for step in seen["steps"]:
        if isinstance(step.get("stdout"), dict):
            step["stdout"] = json.loads(re.sub(r'"[0-9a-f]{7}"', '"<baseline>"', json.dumps(step["stdout"])))
