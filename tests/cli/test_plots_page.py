"""The page of plots in headless Chromium without a network: what is drawn, the choice of revisions, saved pictures, text of
others that tries to be code."""

import base64
import json
import re
import time

import pytest
from harness import plot_cases
from harness.plot_cases import NAMES, REVISIONS, SOURCES

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")
HOSTILE = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>\"'&lt;"


@pytest.fixture
def shown(tool, browser, tmp_path):
    """A function that makes the page of a document and opens it."""

    def show(document, **options):
        text = tool("pagetool", ["page"], [document])[0]
        assert isinstance(text, str), text
        path = tmp_path / "index.html"
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        return browser.open(path, **options)

    return show


def document(*plots, **more):
    return {"title": "Plots", "revisions": [{"rev": rev, "params": {}} for rev in REVISIONS], "metrics": [], "plots": list(plots),
            "errors": [], **more}


@pytest.mark.parametrize("name", NAMES)
def test_every_template(shown, name):
    plots = [plot_cases.plot(name, kind, revisions) for kind in SOURCES for revisions in (1, 3)]
    page = shown(document(*plots))
    assert page.problems == []
    assert all(url.startswith("file:///") for url in page.requests)
    assert page.texts(".problem") == []
    assert page.count(".chart > svg, .chart svg.marks") == len(plots)
    for number in range(1, len(plots) + 1):
        assert page.count(f"#plot-{number} .role-mark > *") > 0, number
        assert page.count(f"#plot-{number} .role-axis") > 0, number
        assert page.count(f"#plot-{number} .role-legend") > 0, number


def test_tables(shown):
    page = shown(document(
        title="two runs",
        revisions=[{"rev": "main", "params": {"lr": "0.1"}}, {"rev": "exp", "params": {"lr": "0.2", "seed": "1"}}],
        metrics=[{"path": "m.json", "name": "acc", "values": {"main": 0.123456789, "exp": 1}},
                 {"path": "n.json", "name": "loss", "values": {"exp": "nan"}}]))
    rows = [" | ".join(page.run(f"[...document.querySelectorAll('#values tr')[{i}].children].map((e) => e.textContent.trim())"))
            for i in range(page.count("#values tr"))]
    assert rows == [
        " | main | exp",
        "Parameters that differ",
        "lr | 0.1 | 0.2",
        "seed | – | 1",
        "m.json",
        "acc | 0.123457 | 1",
        "n.json",
        "loss | – | nan",
    ]
    assert page.run("document.title") == "two runs"
    assert page.problems == []


def axis_labels(page):
    return page.texts("#plot-1 .role-axis-label text")


@pytest.mark.parametrize("name, kind", [("linear", "single"), ("scatter", "both"), ("bar_horizontal", "files"), ("roc", "single"),
                                        ("histogram", "single"), ("confusion", "files"), ("box", "single")])
def test_choice_of_revisions(shown, name, kind):
    page = shown(document(plot_cases.plot(name, kind, 3)))
    before, labels = page.count("#plot-1 .role-mark > *"), axis_labels(page)
    page.click("#revisions .chip:nth-of-type(2) input")
    page.settle()
    after = page.count("#plot-1 .role-mark > *")
    assert 0 < after < before
    if name == "confusion":  # its axes are those of the matrices that are left
        assert page.texts("#plot-1 .column_header text") == ["workspace", "exp-a"]
        assert len(axis_labels(page)) < len(labels)
    else:
        assert axis_labels(page) == labels
    page.click("#revisions .chip:nth-of-type(2) input")
    page.settle()
    assert page.count("#plot-1 .role-mark > *") == before
    assert axis_labels(page) == labels
    assert page.problems == []


def test_choice_hides_columns_and_images(shown, tmp_path):
    (tmp_path / "a.png").write_bytes(PNG)
    page = shown(document(
        {"id": "im.png", "type": "image", "images": [{"rev": rev, "src": "a.png"} for rev in REVISIONS]},
        metrics=[{"path": "m.json", "name": "acc", "values": dict.fromkeys(REVISIONS, 1)}]))
    visible = """[...document.querySelectorAll(%r)].filter((e) => e.getClientRects().length).map((e) => e.textContent.trim())"""
    page.click("#revisions .chip:nth-of-type(1) input")
    assert page.run(visible % "#values thead th") == REVISIONS[1:]
    assert page.run(visible % "figcaption") == REVISIONS[1:]
    assert page.run("[...document.images].filter((i) => i.complete && i.naturalWidth).length") == 3


def test_one_colour_for_a_revision(shown):
    """DVC colours by position, so a plot that lacks the first revision gives its colour to the second."""
    second = plot_cases.plot("scatter", revisions=2)
    second["spec"]["data"]["values"] = [p for p in second["spec"]["data"]["values"] if p["rev"] == "HEAD"]
    second["spec"]["encoding"]["color"]["scale"] = {"domain": ["HEAD"], "range": plot_cases.COLOURS[:1]}
    page = shown(document(plot_cases.plot("scatter", revisions=2), second))
    colours = page.run("[1, 2].map((n) => [...new Set([...document.querySelectorAll(`#plot-${n} .role-mark path`)]"
                       ".map((e) => e.getAttribute('stroke')))])")
    assert colours == [plot_cases.COLOURS[:2], plot_cases.COLOURS[1:2]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_saved_pictures(shown, scheme):
    spec = plot_cases.filled("linear", revisions=2, title="a <title>")
    page = shown(document({"id": f"dir/{scheme} plot", "type": "vega", "revisions": REVISIONS[:2], "spec": spec}), scheme=scheme)
    page.click("[data-save=svg]")
    svg = page.downloaded(f"dir_{scheme}_plot.svg").decode()
    assert svg.startswith("<svg") and "a &lt;title&gt;" in svg and "NaN" not in re.sub("aria-label=\"[^\"]*\"", "", svg)
    assert {"light": "#ffffff", "dark": "#1d2127"}[scheme] in svg.lower()
    page.click("[data-save=png]")
    assert page.downloaded(f"dir_{scheme}_plot.png").startswith(b"\x89PNG")
    page.settle()
    assert page.texts("#plot-1 .role-title text") in ([], [""])  # only the heading of the card shows it
    assert page.problems == []


def test_light_and_dark(shown):
    page = shown(document(plot_cases.plot("simple")), scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    label = "document.querySelector('#plot-1 .role-axis-label text').getAttribute('fill')"
    dark = page.run(f"[{background}, {label}]")
    page.click("#theme")
    page.settle()
    light = page.run(f"[{background}, {label}]")
    assert dark == ["rgb(20, 23, 28)", "#9aa6b4"] and light == ["rgb(246, 247, 249)", "#5a6675"]
    assert page.problems == []


def test_tooltip_of_linear_names_every_line(shown):
    """DVC's says "workspace::undefined::undefined" when files and fields differ."""
    page = shown(document(plot_cases.plot("linear", "both")))
    x, y = page.run("""(() => { const r = document.querySelector("#plot-1 svg").getBoundingClientRect();
        return [r.x + r.width / 2, r.y + r.height / 3]; })()""")
    page.mouse("mouseMoved", x, y)
    page.mouse("mouseMoved", x + 3, y)
    page.run("new Promise((done) => setTimeout(done, 200))")
    text = page.run("(document.getElementById('vg-tooltip-element') || {textContent: 'none'}).textContent")
    assert "workspace::train.json::acc" in text and "workspace::test.json::loss" in text and "undefined" not in text


def test_notes_errors_and_empty_plots(shown):
    page = shown(document(
        plot_cases.plot("simple", note="5,000 of 1,000,000 points"),
        {"id": "none.csv", "type": "vega", "revisions": [], "spec": {}},
        errors=[{"rev": "HEAD", "name": "b.csv", "source": "b.csv", "type": "FileNotFoundError", "msg": "No such file: 'b.csv'"},
                {"rev": "exp-a", "type": "YAMLSyntaxError", "msg": "dvc.yaml is corrupted"}]))
    assert page.texts(".note") == ["5,000 of 1,000,000 points"]
    assert page.texts("#errors h2") == ["2 errors"]
    assert page.texts("#errors li") == ["b.csv · HEAD No such file: 'b.csv' (FileNotFoundError)",
                                       "exp-a dvc.yaml is corrupted (YAMLSyntaxError)"]
    assert page.texts(".empty") == ["No data."]
    assert page.problems == []


def test_nothing_at_all(shown):
    page = shown({"plots": []})
    assert page.texts("main") == ["There is nothing to show."] and page.run("document.title") == "Plots"


def test_a_plot_that_cannot_be_drawn_leaves_the_others(shown):
    bad = {"id": "bad", "type": "vega", "revisions": [], "spec": {"mark": "nonsense", "data": {"values": [{"a": 1}]}}}
    page = shown(document(bad, plot_cases.plot("simple")))
    assert page.count("#plot-2 .role-mark path") == 1
    assert page.count("#plot-1 .problem") == 1


def test_without_vega(tool, browser, tmp_path):
    """A build without Vega loads it from the network, which may be away."""
    text = tool("pagetool", ["page"], [document(plot_cases.plot("simple"))])[0]
    begin = text.index("<script>/*!")
    path = tmp_path / "index.html"
    path.write_text(text[:begin] + text[text.index("</script>", begin) + len("</script>"):], encoding="utf-8")
    page = browser.open(path)
    assert page.texts(".problem") == ["Vega is missing: this page loads it from cdn.jsdelivr.net, which cannot be reached."]
    assert page.texts("h1") == ["Plots"]


def test_numbers_that_json_has_not(shown):
    plot = plot_cases.plot("simple")
    plot["spec"]["data"]["values"][3]["v"] = float("nan")
    plot["spec"]["data"]["values"][5]["v"] = float("inf")
    page = shown(document(plot))
    assert page.count("#plot-1 .role-mark path") == 1 and page.problems == []


def test_names_are_text(shown):
    spec = plot_cases.filled("scatter", "files", title=HOSTILE)
    for point in spec["data"]["values"]:
        point["rev"] = HOSTILE
    spec["encoding"]["color"]["scale"]["domain"] = [HOSTILE]
    page = shown({
        "title": HOSTILE,
        "revisions": [{"rev": HOSTILE, "params": {HOSTILE: HOSTILE}}, {"rev": "__proto__", "params": {"__proto__": "1"}}],
        "metrics": [{"path": HOSTILE, "name": HOSTILE, "values": {HOSTILE: HOSTILE}}],
        "plots": [{"id": HOSTILE, "type": "vega", "revisions": [HOSTILE], "spec": spec, "note": HOSTILE},
                  {"id": HOSTILE, "type": "image", "images": [{"rev": HOSTILE, "src": "x" + HOSTILE}]}],
        "errors": [{"rev": HOSTILE, "name": HOSTILE, "source": HOSTILE, "type": HOSTILE, "msg": HOSTILE}]})
    for selector in ("h1", ".plot h2", ".note", "#values td", "#values tbody th", "#errors .kind", "#revisions .name"):
        assert any(HOSTILE in text for text in page.texts(selector)), selector
    assert page.run("document.title") == HOSTILE
    page.click("#revisions input")
    page.settle()
    assert page.run("window.hacked") is None
    assert page.count("script:not([type])") == 2 and page.count("img[onerror]") == 0


HOSTILE_SVG = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="40"
 onload="window.hacked = parent.hacked = 1"><script>parent.hacked = top.hacked = 1; fetch("http://127.0.0.1:9/svg")</script>
 <image xlink:href="http://127.0.0.1:9/picture" width="9" height="9"/><rect width="40" height="40" fill="green"/></svg>"""


def test_scripts_in_svg_images_do_not_run(shown, tmp_path):
    (tmp_path / "a.svg").write_text(HOSTILE_SVG)
    inside = "data:image/svg+xml;base64," + base64.b64encode(HOSTILE_SVG.encode()).decode()
    page = shown(document({"id": "a.svg", "type": "image", "images": [{"rev": "HEAD", "src": "a.svg"}, {"rev": "exp-a", "src": inside}]}))
    page.run("Promise.all([...document.images].map((i) => i.decode())).then(() => 1)")
    assert page.run("[...document.images].map((i) => i.naturalWidth)") == [40, 40]
    page.click("figure button")  # the enlarged picture
    page.run("document.querySelector('#viewer img').decode().then(() => 1)")
    assert page.run("document.getElementById('viewer').open")
    assert page.run("window.hacked") is None
    assert not [url for url in page.requests if "127.0.0.1" in url]


def test_templates_cannot_reach_out(shown):
    """What a specification from a stranger's repository could try: other data, other options, code in expressions."""
    spec = plot_cases.filled("scatter")
    remote = {"mark": "point", "data": {"url": "http://127.0.0.1:9/data.json"}, "encoding": {}}
    options = {**spec, "usermeta": {"embedOptions": {"patch": "http://127.0.0.1:9/patch.json", "renderer": "canvas"}}}
    code = {**spec, "transform": [{"calculate": "constructor.constructor('window.hacked = 1')()", "as": "z"}]}
    link = {**spec, "encoding": {**spec["encoding"], "href": {"value": "javascript:window.hacked = 1"}}}
    image = {"mark": {"type": "image", "url": "http://127.0.0.1:9/image.png", "width": 9, "height": 9},
             "data": {"values": [{"a": 1}]}, "encoding": {"x": {"field": "a"}}}
    page = shown(document(*({"id": f"p{i}", "type": "vega", "revisions": [], "spec": s}
                            for i, s in enumerate([remote, options, code, link, image, spec]))))
    assert page.count("#plot-2 svg") == 1 and page.count("#plot-6 .role-mark path") == 12
    page.click("#plot-4 .role-mark path")
    assert page.run("window.hacked") is None
    assert not [url for url in page.requests if not url.startswith(("file:", "data:"))]


@pytest.mark.parametrize("text", ["{scripts}<main>{plot_divs}</main>", "<head>{scripts}{refresh_tag}</head>{a}{plot_divs}"])
def test_template_of_the_user(tool, browser, tmp_path, text):
    doc = document(plot_cases.plot("simple", title="</script>"), plot_cases.plot("confusion", "files", 2))
    made = tool("pagetool", ["template"], [[doc, '<!DOCTYPE html><meta charset="utf-8">' + text]])[0]
    path = tmp_path / "own.html"
    path.write_text(made, encoding="utf-8")
    page = browser.open(path)
    page.run("new Promise((done) => { const wait = () => document.querySelectorAll('svg.marks').length === 2 ? done(1)"
             " : setTimeout(wait, 20); wait(); })")
    assert page.count("#plot-1 .role-mark path") == 1
    assert [p for p in page.problems if "Vega-Lite v5" not in p and "Dropping" not in p] == []


def test_template_without_a_place_for_plots(tool):
    assert tool("pagetool", ["template"], [[document(), "{scripts}"]]) == [
        {"error": "HTML template has to contain '{plot_divs}'."}]


def test_many_points(shown, tmp_path):
    """What is left of a million points: the page is below 20 MB, opens at once, and draws on a canvas."""
    points = [{"step": i, "v": (i * 7919 % 1000) / 1000, "rev": REVISIONS[r]} for r in range(2) for i in range(5000)]
    spec = plot_cases.filled("linear", revisions=2)
    spec["data"]["values"] = points
    plots = [{"id": f"p{i}", "type": "vega", "revisions": REVISIONS[:2], "spec": spec, "note": "10,000 of 1,000,000 points"}
             for i in range(20)]
    page = shown(document(*plots), wait=False)
    assert (tmp_path / "index.html").stat().st_size < 20e6
    started = time.monotonic()
    page.run("new Promise((done) => { const wait = () => document.querySelector('canvas') ? done(1) : setTimeout(wait, 20); wait(); })")
    assert time.monotonic() - started < 30  # a second on an idle machine
    assert page.problems == []


def test_hundreds_of_plots_open_at_once(shown):
    """Only those near the window are drawn."""
    page = shown(document(*(plot_cases.plot("linear", title=str(i)) for i in range(300))), wait=False)
    page.run("new Promise((done) => { const wait = () => document.querySelector('.chart svg') ? done(1) : setTimeout(wait, 20); wait(); })")
    page.settle()
    assert 0 < page.count(".chart svg") < 60
    page.run("document.querySelector('#find').value = 'nothing like it'; document.querySelector('#find').dispatchEvent(new Event('input'))")
    assert page.run("[...document.querySelectorAll('.plot')].filter((e) => !e.hidden).length") == 0


def test_page_of_plots_diff(repo, browser):
    """From files of two revisions to marks in a browser: fields with dots, two files, an image, a template of cairn's own."""
    losses = [{"epoch": i, "val.loss": 1 / (1 + i)} for i in range(20)]
    repo.write({
        "dvc.yaml": """
            metrics: [m.json]
            params: [params.yaml]
            plots:
            - Loss: {x: epoch, y: {train.json: val.loss, test.json: val.loss}}
            - Mistakes: {template: confusion, x: val.loss, y: {train.json: epoch, test.json: epoch}}
            - roc.csv: {template: roc, x: fpr, y: tpr}
            - im.svg
            """,
        "train.json": json.dumps(losses), "test.json": json.dumps(losses[:3]), "roc.csv": "fpr,tpr\n0,0\n0.5,1\n1,1\n",
        "im.svg": HOSTILE_SVG, "m.json": '{"acc": 0.5}', "params.yaml": "lr: 1\nsame: 2\n"})
    repo.check("git add -A && git commit -qm 1 && git tag v1")
    repo.write({"m.json": '{"acc": 0.75}', "params.yaml": "lr: 3\nsame: 2\n", "roc.csv": "fpr,tpr\n0,0\n1,1\n"})
    url = repo.check("dvc plots diff v1").out.strip()
    page = browser.open(url.removeprefix("file://"))
    assert page.problems == [] and page.texts(".problem") == []
    assert page.texts(".plot h2") == ["Loss", "Mistakes", "roc.csv", "im.svg"]
    assert page.texts("#values td.value") == ["3", "1", "0.75", "0.5"]
    assert page.count("#plot-1 .role-mark.layer_0_layer_0_marks > path") == 4  # the smoothed lines
    assert page.texts("#plot-2 .column_header text") == ["workspace", "v1"]
    assert page.texts("#plot-2 .row_header .role-title text")[-2:] == ["test.json", "train.json"]
    assert [t for t in page.texts("#plot-3 .role-mark text")] == ["workspace   AUC 0.500", "v1   AUC 0.750"]
    assert page.run("window.hacked") is None and page.count("figure img") == 2


def test_sample_of_a_cloud_is_fair(repo):
    """The points that are left of many lie as those that are left out; those of a line are its peaks instead."""
    rows = [(i, (i * 7919 % 30011) / 30011) for i in range(30000)]
    repo.write({"a.csv": "i,v\n" + "".join(f"{i},{v}\n" for i, v in rows)})
    repo.check("dvc plots show a.csv -t scatter -x i -y v")
    page = (repo.repo / "dvc_plots/index.html").read_text()
    data = json.loads(re.search(r'id="page-data">(.*?)</script>', page)[1])
    values = [float(point["v"]) for point in data["plots"][0]["spec"]["data"]["values"]]
    assert data["plots"][0]["note"] == "10000 of 30000 points: one of 3"
    assert len(values) == 10000
    for low in (0, 0.25, 0.5, 0.75):
        assert 2300 < sum(low <= v < low + 0.25 for v in values) < 2700, low


def test_keyboard(shown):
    """Everything that can be clicked can be reached and used with the keyboard, and has a name."""
    page = shown(document(plot_cases.plot("simple"),
                          {"id": "im.png", "type": "image", "images": [{"rev": "HEAD", "src": "data:image/png;base64,"
                                                                        + base64.b64encode(PNG).decode()}]}))
    tree = page.call("Accessibility.getFullAXTree")["nodes"]
    named = {(n["role"]["value"], n["name"]["value"]) for n in tree if not n.get("ignored") and "name" in n}
    for role, name in [("checkbox", "workspace"), ("button", "Save simple, single as SVG"), ("button", "Enlarge im.png, HEAD"),
                       ("button", "Change between light and dark"), ("heading", "Plots"), ("group", "Revisions that are shown")]:
        assert (role, name) in named, (role, name, json.dumps(sorted(named))[:2000])
    page.run("document.querySelector('#revisions input').focus()")
    for kind in ("keyDown", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, key=" ", code="Space", text=" " if kind == "keyDown" else "")
    page.settle()
    assert page.run("document.querySelector('#revisions input').checked") is False
    assert page.count("#plot-1 .role-mark path") == 0
