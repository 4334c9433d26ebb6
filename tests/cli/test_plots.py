"""`plots show`, `plots diff`, `plots exps` beyond DVC: the page that the command writes, drawings in the terminal, data that is bad or
hostile, templates that cannot be used, and the faults of DVC that are mended."""

import base64
import json
import math
import time
import urllib.parse

import pytest

ROWS = '[{"x": 1, "y1": 0.1, "y2": 3}, {"x": 2, "y1": 0.2, "y2": 4}, {"x": 3, "y1": 0.4, "y2": 2}]\n'
MORE = '[{"x": 1, "y1": 0.3, "y2": 5}, {"x": 2, "y1": 0.1, "y2": 6}, {"x": 3, "y1": 0.2, "y2": 1}]\n'
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")


def answer(box, line, **how):
    return json.loads(box.check(f"cairn plots {line} --json", **how).out)


def plot(box, line, name):
    [one] = answer(box, line)["data"][name]
    return one


def page_of(done):
    """The path of the page that the command named."""
    url = urllib.parse.urlparse(done.out.splitlines()[0])
    assert url.scheme == "file"
    return urllib.parse.unquote(url.path)


# ---- the page


@pytest.fixture
def two_revisions(repo):
    """A commit and a workspace that differ in data, a parameter and a metric."""
    repo.write({"a.json": ROWS, "b.json": MORE, "params.yaml": "lr: 0.1\nsame: 1\n", "m.json": '{"f1": 0.5}',
                "labels.csv": "actual,predicted\na,a\na,b\nb,b\nb,b\n", "i.png": PNG,
                "dvc.yaml": "params: [params.yaml]\nmetrics: [m.json]\nplots:\n- Two: {x: x, y: {a.json: [y1, y2], b.json: y1}}\n- i.png\n"})
    repo.check("git add -A && git commit -qm one")
    repo.write({"a.json": MORE, "params.yaml": "lr: 0.2\nsame: 1\n", "m.json": '{"f1": 0.7}'})
    return repo


TEMPLATES = ("simple linear confusion confusion_normalized scatter scatter_jitter smooth bar_horizontal_sorted bar_horizontal roc "
             "precision_recall histogram box heatmap experiments").split()


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_template_is_drawn(two_revisions, browser, template):
    """From the files to the marks in the browser, with one source and with several."""
    shown = "plots diff --targets labels.csv -x predicted -y actual" if template.startswith("confusion") else "plots diff --targets Two"
    page = browser.open(page_of(two_revisions.check(f"cairn {shown} -t {template}")))
    assert page.problems == []
    assert all(url.startswith("file:///") for url in page.requests)
    assert page.texts(".problem") == []
    assert page.count("#plot-1 .role-mark > *") > 0
    assert page.count("#plot-1 .role-axis") > 0
    assert page.count("#plot-1 .role-legend") > 0
    assert "DVC_METRIC" not in page.run("document.querySelector('#plot-1').textContent")


def test_the_page_tells_how_revisions_differ(two_revisions, browser):
    page = browser.open(page_of(two_revisions.check("cairn plots diff")))
    assert page.problems == []
    text = page.run("document.body.innerText")
    assert "lr" in text and "0.2" in text and "same" not in text  # only parameters that differ
    assert "f1" in text and "0.7" in text and "0.5" in text
    assert page.run("[...document.querySelectorAll('img')].every((i) => i.src.startsWith('data:image/png;base64,'))")


def test_parallel_axes_of_experiments(repo, browser):
    repo.write({"params.yaml": "train:\n  lr: 0.1\n", "dvc.yaml": "stages:\n  t:\n    cmd: 'sed s/train:// params.yaml | sed s/lr/f1/ > m.yaml'\n"
                "    params: [train]\n    metrics: [m.yaml: {cache: false}]\n"})
    repo.check("dvc repro -q && git add -A && git commit -qm one")
    for value in (0.2, 0.3):
        repo.check(f"dvc exp run -q -n e{int(value * 10)} -S train.lr={value}")
    page = browser.open(page_of(repo.check("cairn plots exps")))
    assert page.problems == [] and page.texts(".problem") == []
    assert page.count("#plot-1 .role-mark path") >= 3  # a line for the baseline and each experiment
    points = plot(repo, "exps --x train.lr --y f1", "f1 against train.lr")["content"]["data"]["values"]
    assert sorted((p["experiment"], p["train.lr"], p["f1"]) for p in points) == [("e2", 0.2, 0.2), ("e3", 0.3, 0.3), ("master", 0.1, 0.1)]
    failed = repo.sh("cairn plots exps --x nope")
    assert failed.status == 1
    assert failed.err == "ERROR: no experiment has a metric or parameter 'nope'\nThe names are: train.lr, f1.\n"


def test_experiments_without_metrics(repo):
    repo.check("git commit -q --allow-empty -m one")
    failed = repo.sh("cairn plots exps")
    assert (failed.status, failed.err) == (1, "ERROR: no experiment has a metric that is a number\n")


def test_a_parameter_that_is_a_text(repo, browser):
    """The x axis has names, in the page as in the terminal."""
    repo.write({"params.yaml": "model: rf\n", "dvc.yaml": "stages:\n  t:\n    cmd: 'wc -c < params.yaml | sed \"s/^/f1: /\" > m.yaml'\n"
                "    params: [model]\n    metrics: [m.yaml: {cache: false}]\n"})
    repo.check("dvc repro -q && git add -A && git commit -qm one && dvc exp run -q -S model=lightgbm")
    done = repo.check("COLUMNS=40 cairn plots exps --x model --y f1 --terminal")
    assert done.err == "" and "rf" in done.out and "lightgbm" in done.out
    page = browser.open(page_of(repo.check("cairn plots exps --x model --y f1")))
    assert page.problems == []
    assert page.count("#plot-1 .mark-symbol.role-mark path") == 2
    assert {"rf", "lightgbm"} <= set(page.texts("#plot-1 .role-axis-label text"))


def test_a_file_that_is_defined_is_drawn_once(repo):
    """Named as a target, it is also a plain file; data for editors have both plots, as in DVC."""
    repo.write({"a.json": ROWS, "dvc.yaml": "plots:\n- a.json: {x: x, y: y1, title: Defined}\n"})
    assert list(answer(repo, "show a.json")["data"]) == ["dvc.yaml::a.json", "a.json"]
    drawn = repo.check("cairn plots show a.json --terminal").out
    assert drawn.split()[0] == "Defined" and "\n\n" not in drawn
    failed = repo.check("cairn plots show a.json --terminal -y nope")
    assert failed.err == "WARNING: unable to show 'dvc.yaml::a.json' of 'workspace': Could not find provided field ('nope') in data fields ('x, y1, y2').\n"


def test_names_with_dots_are_drawn(repo, browser):
    """Vega-Lite takes them for nested fields; with DVC the plot is empty."""
    repo.write({"a.json": '[{"v.x": 1, "v[y]": 2}, {"v.x": 2, "v[y]": 3}]', "dvc.yaml": "plots:\n- P: {x: v.x, y: {a.json: 'v[y]'}, template: scatter}\n"})
    page = browser.open(page_of(repo.check("cairn plots show")))
    assert page.problems == []
    assert page.count("#plot-1 .mark-symbol.role-mark path") == 2


def test_a_million_points(repo, browser):
    rows = "".join(f"{i},{math.sin(i / 1000):.5f}\n" for i in range(1_000_000))
    repo.write({"big.csv": "step,loss\n" + rows})
    path = page_of(repo.check("cairn plots show big.csv -x step"))
    assert len(open(path).read()) < 20_000_000
    begin = time.monotonic()
    page = browser.open(path)
    assert page.count("#plot-1 .role-mark > *") > 0 or page.count("#plot-1 canvas") == 1
    assert time.monotonic() - begin < 30  # five seconds on a machine that has nothing else to do
    assert "of 1000000 points" in page.run("document.body.innerText")


def test_images_that_are_big_are_files_beside_the_page(repo):
    repo.write({"i.png": PNG + bytes(9 << 20), "dvc.yaml": "plots: [i.png]\n"})
    path = page_of(repo.check("cairn plots show"))
    assert (repo.repo / "dvc_plots/static/workspace_i.png").stat().st_size > 9 << 20
    assert "static/workspace_i.png" in open(path).read()
    repo.check("rm -r dvc_plots && cairn plots show --embed")
    assert not (repo.repo / "dvc_plots/static").exists()


@pytest.mark.parametrize("out", ["deep/er/est", "sp ace é", "."])
def test_the_directory_of_the_page(repo, out):
    repo.write({"a.json": ROWS})
    path = page_of(repo.check(f"cairn plots show a.json -o '{out}'"))
    assert path == str((repo.repo / out / "index.html").resolve())
    assert "<meta charset" in open(path).read()


def test_the_directory_is_a_file(repo):
    repo.write({"a.json": ROWS, "out": "text\n"})
    failed = repo.sh("cairn plots show a.json -o out")
    assert failed.status and "out" in failed.err and failed.err.count("\n") == 1
    assert repo.read("out") == "text\n"


def test_a_page_of_the_user(repo):
    repo.write({"a.json": ROWS, "mine.html": "<p>{x}</p>{scripts}|{plot_divs}|{refresh_tag}", "bad.html": "nothing"})
    text = open(page_of(repo.check("cairn plots show a.json --html-template mine.html"))).read()
    assert text.startswith("<p>{x}</p>") and "{scripts}" not in text and "{plot_divs}" not in text and "a.json" in text
    repo.check("cp mine.html .dvc/page.html && cairn config plots.html_template page.html")
    assert open(page_of(repo.check("cairn plots show a.json"))).read() == text
    failed = repo.sh("cairn plots show a.json --html-template bad.html")
    assert failed.status == 255 and "{plot_divs}" in failed.err


def test_open(repo):
    repo.write({"a.json": ROWS, "browser": "#!/bin/sh\necho \"$1\" > opened\n"})
    repo.check("chmod +x browser")
    done = repo.check("BROWSER=./browser cairn plots show a.json --open")
    assert done.out == f"file://{repo.repo}/dvc_plots/index.html\nTo enable auto opening, you can run:\n\n\tcairn config plots.auto_open true\n"
    assert repo.read("opened") == f"file://{repo.repo}/dvc_plots/index.html\n"
    repo.check("rm opened && cairn config plots.auto_open true && BROWSER='./browser %s' cairn plots show a.json")
    assert (repo.repo / "opened").exists()


# ---- in the terminal

DRAWN = [
    ("lines", "a.csv -x step", """\
                 a.csv
loss
   │                                 ⢀⡠⠄
50 ┤                             ⣀⡠⠔⠊⠁
   │                     ⢀⣀⡠⠤⠔⠒⠊⠉
   │           ⢀⣀⣀⣀⡠⠤⠤⠔⠒⠉⠁
 0 ┤⠒⠒⠒⠒⠒⠒⠒⠉⠉⠉⠉⠁
   └┬─────────────────────┬─────────────
    0                     5
                    step
─── workspace
"""),
    ("a confusion matrix", "c.csv -t confusion -x predicted -y actual", """\
                 c.csv
actual ↓  predicted →
    a   b
a ▓ 1 ▓ 1
b · 0 █ 2
"""),
    ("sorted bars", "bars.csv -t bar_horizontal_sorted -x score -y name", """\
                bars.csv
name
 first ┤██████████████████████████████ 3
 third ┤████████████████████ 2
second ┤██████████ 1
                    score
█ workspace
"""),
    ("a histogram", "a.csv -t histogram", """\
                 a.csv
loss
 [0, 20) ┤████████████████████████████ 5
[20, 40) ┤███████████▎ 2
[40, 60) ┤█████▋ 1
[60, 80] ┤█████▋ 1
█ workspace
"""),
    ("a box", "a.csv -t box", """\
                 a.csv
          │  ┌────┬────────┐
workspace ┤├─┤    ┃        ├───────────┤
          │  └────┴────────┘
          └┬─────────────────────┬──────
           0                    50
                       loss
"""),
    ("a heat map", "a.csv -t heatmap -x step", """\
                 a.csv
loss ↓  step →
     0   1   2   3   4   5   6   7
60                             █ 1
50
40                             █ 1
30                         █ 1
20                     █ 1
10                 █ 1
 0 █ 1 █ 1 █ 1 █ 1
"""),
]


@pytest.mark.parametrize("name, line, drawn", DRAWN, ids=[name for name, _, _ in DRAWN])
def test_terminal(repo, name, line, drawn):
    repo.write({"a.csv": "step,loss\n" + "".join(f"{i},{i * i}\n" for i in range(9)), "c.csv": "actual,predicted\na,a\na,b\nb,b\nb,b\n",
                "bars.csv": "name,score\nfirst,3\nsecond,1\nthird,2\n"})
    assert repo.check(f"COLUMNS=40 cairn plots show {line} --terminal").out == drawn


def test_terminal_shows_images_as_a_line_in_a_pipe(two_revisions):
    assert two_revisions.check("cairn plots show i.png --terminal").out == "image: 1x1 PNG, i.png (workspace)\n"


# ---- bad data: the others are drawn, and a line says what is wrong and where


def warnings(box, line):
    done = box.sh(f"cairn plots {line}")
    assert done.status == 0, done
    return done.err.splitlines()


@pytest.mark.parametrize("name, text, line", [
    ("a.csv", "x,loss\n1,0.5\n2,oops\n3,bad\n",
     "WARNING: 'a.csv' of 'workspace', row 2, column 'loss': 'oops' is not a finite number, and 1 more"),
    ("a.csv", "x,loss\n1,0.5\n2,NaN\n", "WARNING: 'a.csv' of 'workspace', row 2, column 'loss': 'NaN' is not a finite number"),
    ("a.csv", "x,loss\n1,inf\n2,1\n", "WARNING: 'a.csv' of 'workspace', row 1, column 'loss': 'inf' is not a finite number"),
    ("a.csv", "x,loss\n1\n2,1\n", "WARNING: 'a.csv' of 'workspace', row 1, column 'loss': there is no value"),
    ("a.csv", "x,loss\n1,2\n3,4,5\n", "WARNING: 'a.csv', row 2: it has 3 cells, but the first row has 2; the others are left out"),
    ("a.json", '[{"x": 1, "loss": NaN}, {"x": 2, "loss": 1}]',
     "WARNING: 'a.json' of 'workspace', row 1, column 'loss': 'nan' is not a finite number"),
    ("a.json", '[{"x": 1, "loss": "low"}]', "WARNING: 'a.json' of 'workspace', row 1, column 'loss': 'low' is not a finite number"),
    ("a.json", '[{"x": 1}', "WARNING: unable to show 'a.json' of 'workspace': unable to read: 'a.json', JSON file structure is corrupted"),
    ("a.csv", b"x,loss\n\xff,1\n", "WARNING: unable to show 'a.csv' of 'workspace': unable to read: 'a.csv', is not valid utf8"),
    ("a.txt", "1\n", "WARNING: unable to show 'a.txt' of 'workspace': neither CSV, TSV, JSON, YAML nor an image"),
    ("a.csv", "x,loss\n" + "9" * 131073 + ",1\n", "WARNING: unable to show 'a.csv' of 'workspace': field larger than field limit (131072)"),
])
def test_bad_data(repo, name, text, line):
    repo.write({name: text, "good.json": ROWS})
    assert warnings(repo, f"show {name} good.json") == [line]
    assert "good.json" in repo.read("dvc_plots/index.html")


@pytest.mark.parametrize("make, why", [
    ("mkfifo a.png", "it is a named pipe"), ("truncate -s 3G a.png", "it has more than 1073741824 bytes"), ("ln -s /dev/zero a.png", "it is a character device"),
])
def test_a_file_that_cannot_be_read(repo, make, why):
    repo.write({"good.json": ROWS})
    repo.check(make)
    [line] = warnings(repo, "show a.png good.json")
    assert line == f"WARNING: unable to show 'a.png' of 'workspace': unable to read '{repo.repo}/a.png': {why}"


def test_a_missing_field_names_those_that_there_are(repo):
    repo.write({"a.json": ROWS})
    assert warnings(repo, "show a.json -y loss") == [
        "WARNING: unable to show 'a.json' of 'workspace': Could not find provided field ('loss') in data fields ('x, y1, y2')."]


def test_rows_that_are_much_too_short(repo):
    """A header of a thousand columns must not become a thousand cells for each row."""
    repo.write({"a.csv": ",".join(f"c{i}" for i in range(1000)) + "\n" + "1\n" * 20_000})
    [error] = answer(repo, "show a.csv")["errors"]
    assert error["msg"] == "its rows are too short: the first one has 1000 columns"


def test_a_long_row_is_cut(repo):
    """With DVC the plot of such a file is empty."""
    repo.write({"a.csv": "a,b\n1,2\n3,4,5\n"})
    assert plot(repo, "show a.csv", "a.csv")["content"]["data"]["values"] == [
        {"a": "1", "b": "2", "step": 0, "rev": "workspace"}, {"a": "3", "b": "4", "step": 1, "rev": "workspace"}]


def test_a_tsv_without_a_header(repo):
    repo.write({"a.tsv": "1\t0.5\n2\t0.25\n"})
    assert plot(repo, "show a.tsv --no-header", "a.tsv")["content"]["data"]["values"][0] == {"0": "1", "1": "0.5", "step": 0, "rev": "workspace"}


def test_dates_are_texts(repo):
    repo.write({"a.yaml": "- {day: 2024-01-02, y: 1}\n"})
    assert plot(repo, "show a.yaml", "a.yaml")["content"]["data"]["values"][0]["day"] == "2024-01-02"


@pytest.mark.parametrize("template, text, kind, message", [
    ("nope", None, "TemplateNotFoundError", "Template 'nope' not found."),
    ("t.json", "{", "JSONDecodeError",
     "unable to read template 't.json': Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    ("t.json", "[]", "BadTemplateError", "template 't.json' is not a JSON object"),
    ("t.json", "{}", "BadTemplateError", "Template 't.json' is not using '<DVC_METRIC_DATA>' anchor"),
])
def test_a_template_that_cannot_be_used(repo, template, text, kind, message):
    """It is an error of its plot; DVC draws nothing at all."""
    repo.write({"a.json": ROWS, "b.json": ROWS, "dvc.yaml": f"plots:\n- a.json: {{template: {template}}}\n- b.json\n"})
    if text is not None:
        repo.write({template: text})
    seen = answer(repo, "show")
    assert seen["data"]["a.json"] == [] and len(seen["data"]["b.json"]) == 1
    assert seen["errors"] == [{"name": "a.json", "rev": "workspace", "type": kind, "msg": message}]
    told = f"unable to show 'a.json' of 'workspace': {message}"
    if kind == "TemplateNotFoundError":
        told = f"unable to show 'a.json': there is no template '{template}' (`cairn plots templates` lists the built-in ones)"
    assert warnings(repo, "show") == ["WARNING: " + told]
    failed = repo.sh(f"cairn plots show b.json -t {template} --show-vega")
    assert (failed.status, failed.err) == (1, f"ERROR: {message}\n")


def test_a_directory_called_as_a_template(repo):
    repo.write({"a.json": ROWS, "linear/x": ""})
    assert plot(repo, "show a.json", "a.json")["type"] == "vega"


def test_one_field_twice(repo):
    repo.write({"a.json": ROWS, "dvc.yaml": "plots:\n- P: {y: {a.json: [y1, y1]}}\n"})
    assert len(plot(repo, "show", "P")["content"]["data"]["values"]) == 6


def test_images_of_one_name_have_a_file_each(repo):
    repo.write({"im/x.png": PNG, "im_x.png": PNG + b"1", "dvc.yaml": "plots: [im/x.png, im_x.png]\n"})
    urls = [one[0]["url"] for one in answer(repo, "show -o out")["data"].values()]
    assert [url.rsplit("/", 1)[1] for url in urls] == ["workspace_im_x.png", "workspace_im_x-2.png"]
    assert [len(open(url, "rb").read()) for url in urls] == [len(PNG), len(PNG) + 1]


def test_images_of_mixed_names_are_in_order(repo):
    names = ["10.png", "2.png", "best.png", "1.png"]
    repo.write({**{f"im/{n}": PNG for n in names}, "dvc.yaml": "plots: [im]\n"})
    text = open(page_of(repo.check("cairn plots show"))).read()
    assert sorted(names, key=lambda n: text.rindex(f"im/{n}")) == ["1.png", "2.png", "10.png", "best.png"]


def test_an_expression_that_takes_too_long(repo):
    repo.write({"dvc.yaml": f"plots:\n- {'a' * 40}: {{y: {{a.json: y1}}}}\n", "a.json": ROWS})
    begin = time.monotonic()
    done = repo.sh("cairn plots show '(a+)+$b' --json")
    assert time.monotonic() - begin < 10
    assert done.status == 0


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>.json", "';alert(1);'.json", "&lt;b&gt;.json", "a`${alert(1)}`.json", "\\u003c.json"])
def test_names_are_text(repo, browser, name):
    repo.write({name: ROWS})
    page = browser.open(page_of(repo.check("cairn plots show " + "'" + name.replace("'", "'\\''") + "'")))
    assert page.problems == []
    assert name in page.run("document.body.innerText")
    assert page.run("document.querySelectorAll('img').length") == 0


@pytest.mark.parametrize("files", [
    # 2,000 times the data; texts that are replaced in texts; as many fields as the first row has cells
    {"t.json": json.dumps({"d": ["<DVC_METRIC_DATA>"] * 2000}), "a.csv": "a,b\n" + "1,2\n" * 50000},
    {"t.json": json.dumps({"d": "<DVC_METRIC_DATA>", "t": "<DVC_METRIC_TITLE>" * 5000}), "a.csv": "a,b\n1,2\n",
     "dvc.yaml": json.dumps({"plots": [{"a.csv": {"title": "<DVC_METRIC_X_LABEL>" * 5000, "x_label": "z" * 5000}}]})},
    {"t.json": json.dumps({"d": "<DVC_METRIC_DATA>"}), "a.json": json.dumps([{f"f{i}": 1 for i in range(10000)}]),
     "dvc.yaml": json.dumps({"plots": [{"P": {"y": {"a.json": [f"f{i}" for i in range(10000)]}}}]})},
], ids=["data", "texts", "fields"])
def test_a_document_that_would_grow_without_bound(repo, files):
    repo.write(files)
    done = repo.check("cairn plots show -t t.json --json" + ("" if "dvc.yaml" in files else " a.csv"))
    [error] = json.loads(done.out)["errors"]
    assert error["msg"] == "the data and texts of the plot take more than 1024 MiB"
    assert done.err.count("\n") == 1


# ---- mistakes


@pytest.mark.parametrize("line, warning", [
    ("show nope.csv", "WARNING: there is no plot or file 'nope.csv'\n"),
    ("diff HEAD --targets nope.csv", "WARNING: there is no plot or file 'nope.csv'\n"),
    ("show a.json -t roq", "WARNING: unable to show 'dvc.yaml::a.json': there is no template 'roq' "
                           "(`cairn plots templates` lists the built-in ones)\n"),
    ("show a.txt", "WARNING: unable to show 'a.txt' of 'workspace': neither CSV, TSV, JSON, YAML nor an image\n"),
])
@pytest.mark.parametrize("form", ["", "--terminal"])
def test_one_line_says_what_is_wrong(repo, line, warning, form):
    repo.write({"a.json": ROWS, "a.txt": "", "dvc.yaml": "plots:\n- a.json\n"})
    repo.check("git add -A && git commit -qm one")
    done = repo.check(f"cairn plots {line} {form}")
    assert done.err == warning
    assert form != "--terminal" or done.out == ""


def test_before_the_first_run(repo):
    repo.write({"dvc.yaml": "plots:\n- a.json\n- b.json\n"})
    done = repo.check("cairn plots show --terminal")
    assert (done.out, done.err) == ("", "WARNING: unable to show 'a.json' of 'workspace': no such file\n"
                                        "WARNING: unable to show 'b.json' of 'workspace': no such file\n"
                                        "`cairn repro` makes files that stages write, `cairn pull` fetches them.\n")


def test_nothing_to_show(new_sandbox):
    assert new_sandbox(start="empty").check("cairn plots show").err == "There are no plots: dvc.yaml defines none. Name a file to draw it.\n"
    fresh = new_sandbox(start="empty")
    fresh.check("git init -q && cairn init -q")
    assert fresh.check("cairn plots diff").err == "There is no commit to compare with; `cairn plots show` draws the workspace.\n"
    failed = fresh.sh("cairn plots templates roq")
    assert (failed.status, failed.err) == (1, "ERROR: Unexpected template: roq.\nDid you mean 'roc'?\n")

def test_a_page_that_cannot_be_written_leaves_the_old_one(repo):
    """As on a full disk: a limit of 4 kB for each file."""
    repo.write({"a.json": ROWS})
    path = page_of(repo.check("cairn plots show a.json"))
    before = open(path).read()
    repo.write({"a.json": MORE})
    failed = repo.sh("ulimit -f 4; cairn plots show a.json")
    assert failed.status and failed.err.count("\n") == 1 and "index.html" in failed.err
    assert open(path).read() == before
    assert [p.name for p in (repo.repo / "dvc_plots").iterdir()] == ["index.html"]


def test_links_in_a_directory_of_plots_do_not_lead_into_circles(repo):
    repo.write({"d/m/a.json": ROWS, "dvc.yaml": "plots: [d]\n"})
    repo.check("ln -s .. d/m/up && ln -s . d/self && ln -s m d/n")
    assert sorted(answer(repo, "show")["data"]) == ["d/m/a.json", "d/m/up", "d/n", "d/self"]


def test_files_that_are_no_files(repo):
    """A pipe would wait for ever, and a file may be too large to be read."""
    repo.write({"dvc.yaml": "plots: [p.json, big.png, dir.csv]\n"})
    repo.check("mkfifo p.json && mkdir dir.csv && truncate -s 2G big.png")
    errors = {e["name"]: e["msg"] for e in answer(repo, "show", timeout=20)["errors"]}
    assert errors.keys() == {"p.json", "big.png"}
    assert "it has more than 1073741824 bytes" in errors["big.png"]
