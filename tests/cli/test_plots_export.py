"""Plots as SVG and PNG files: which program of the user draws them, what becomes of its answers, and that nothing of the
repository is run and nothing is downloaded."""
import json
import shutil
import subprocess
import sys
import time

import pytest
from harness.sandbox import TOP

LINE = json.dumps({
    "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {"values": [{"step": 0, "loss": 2}, {"step": 1, "loss": 1}]},
    "mark": "line", "encoding": {"x": {"field": "step", "type": "quantitative"}, "y": {"field": "loss", "type": "quantitative"}}})
MODULES = TOP / "data/page/node_modules"

# A renderer. It logs its name, and then does what FAKE says for it.
FAKE = """#!{python}
import json, os, sys, time
name = os.path.basename(sys.argv[0])
with open({log!r}, "a") as log:
    log.write(name + "\\n")
does = json.loads({does!r})
if does == "lacks":
    sys.exit(77)
if does == "hangs":
    time.sleep(60)
batch = "python" in name or name == "node"
job = json.load(sys.stdin) if batch else {{}}
png = job.get("format") == "png" or "vl2png" in sys.argv or name == "vl2png"
picture = b"\\x89PNG\\r\\n\\x1a\\n picture" if png else b"<svg/>"
if does != "draws":
    sys.stdout.write(does)
    sys.exit("TypeError: broken")
for spec in job.get("specs", [""]):
    sys.stdout.buffer.write(b"ok %d\\n" % len(picture) * batch + picture)
"""


class Exporter:
    def __init__(self, box, program):
        self.box, self.program, self.bin = box, program, box.root / "tools"
        self.out, self.log = box.repo / "out", box.root / "log"
        self.bin.mkdir()
        self.env = {**box.env, "PATH": str(self.bin)}
        for name in ("VIRTUAL_ENV", "NODE_PATH", "PYTHONPATH"):
            self.env.pop(name, None)

    def fake(self, at=None, **tools):
        """Tools with '_' for '-' in their names, and what they do."""
        for name, does in tools.items():
            path = (at or self.bin) / name.replace("_", "-")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(FAKE.format(python=sys.executable, log=str(self.log), does=json.dumps(does)))
            path.chmod(0o755)

    def run(self, *ids, picture="svg", spec=LINE, timeout_ms=0):
        plots = [{"id": i, "spec": spec} for i in ids]
        return subprocess.run([self.program, "out", picture, str(timeout_ms)], input=json.dumps(plots), cwd=self.box.repo,
                              env=self.env, capture_output=True, text=True, timeout=120)

    def called(self):
        return self.log.read_text().split() if self.log.exists() else []

    def files(self):
        return {p.name: p.read_bytes() for p in self.out.iterdir()} if self.out.exists() else {}


@pytest.fixture
def export(repo, tool):
    tool("exporttool", [], [])
    return Exporter(repo, TOP / "build-dev/tests/helpers/exporttool")


# ---- which program draws

@pytest.mark.parametrize("tools, picture, called", [
    ({"python3": "draws", "python": "draws", "vl_convert": "draws", "node": "draws"}, "svg", ["python3"]),
    ({"python3": "lacks", "python": "draws", "node": "draws"}, "svg", ["python3", "python"]),
    ({"python3": "lacks", "vl_convert": "draws", "node": "draws"}, "svg", ["python3", "vl-convert", "vl-convert"]),
    ({"python3": "lacks", "node": "draws", "vl2svg": "draws"}, "svg", ["python3", "node"]),
    ({"node": "lacks", "vl2svg": "draws"}, "svg", ["node", "vl2svg", "vl2svg"]),
    ({"python3": "draws", "vl2png": "draws"}, "png", ["python3"]),
    ({"vl_convert": "draws", "vl2png": "draws"}, "png", ["vl-convert", "vl-convert"]),
    ({"node": "draws", "vl2png": "draws"}, "png", ["vl2png", "vl2png"]),
])
def test_the_first_program_that_is_there_draws_all_plots(export, tools, picture, called):
    export.fake(**tools)
    done = export.run("a", "b", picture=picture)
    assert (done.returncode, done.stderr) == (0, "")
    assert export.called() == called
    assert done.stdout.split() == [f"{export.box.repo}/out/a.{picture}", f"{export.box.repo}/out/b.{picture}"]
    assert set(export.files().values()) == {b"<svg/>" if picture == "svg" else b"\x89PNG\r\n\x1a\n picture"}


def test_the_active_python_environment_comes_first(export):
    export.fake(python3="draws")
    export.fake(at=export.box.root / "env/bin", python="draws")
    export.env["VIRTUAL_ENV"] = str(export.box.root / "env")
    assert export.run("a").returncode == 0
    assert export.called() == ["python"]


@pytest.mark.parametrize("picture, says", [
    ("svg", "nothing is installed that draws SVG files; install one by `pip install vl-convert-python` or `npm install vega vega-lite`\n"),
    ("png", "nothing is installed that draws PNG files; install it by `pip install vl-convert-python`\n"),
])
def test_without_any_one_line_says_what_to_install(export, picture, says):
    export.fake(python3="lacks", node="lacks")
    done = export.run("a", picture=picture)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", says) and not export.out.exists()


def test_no_plot_needs_no_program(export):
    done = export.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "") and export.files() == {}


# ---- what it answers

@pytest.mark.parametrize("answer, why", [
    ("", "'python3' ended with 1: TypeError: broken (and 1 more)"),
    ("ok 6\n<svg/>", "'python3' ended with 1: TypeError: broken"),
    ("ok 6\n<svg", "'python3' ended with 1: TypeError: broken (and 1 more)"),
    ("ok 99999999999999999999\n<svg/>", "'python3' ended with 1: TypeError: broken (and 1 more)"),
    ("ok -1\n<svg/>", "'python3' ended with 1: TypeError: broken (and 1 more)"),
    ("ok 4\nnone", "the renderer gave something else than a picture (and 1 more)"),
    ("error 13\nno field\nmoreok 6\n<svg/>", "no field"),
    ("error 0\nok 6\n<svg/>", "the renderer gave no reason"),
])
def test_an_answer_that_is_no_picture_is_an_error_of_its_plot(export, answer, why):
    export.fake(python3=answer)
    done = export.run("first", "second")
    name = "first" if " more" in why or "error" in answer else "second"
    assert (done.returncode, done.stderr) == (1, f"unable to draw plot '{name}': {why}\n")
    assert set(export.files()) == (set() if " more" in why else {"second.svg" if name == "first" else "first.svg"})


def test_a_program_that_hangs_is_killed(export):
    export.fake(python3="hangs")
    begin = time.monotonic()
    done = export.run("a", timeout_ms=1000)
    assert (done.returncode, done.stderr) == (1, "'python3' did not end within 1 s and was killed\n")
    assert time.monotonic() - begin < 30


def test_files_are_replaced_and_stay_in_their_directory(export):
    export.fake(python3="draws")
    export.out.mkdir()
    (export.out / "a.svg").write_text("old")
    assert export.run("a", "../../outside", "/etc/x", "..", "A").returncode == 0
    assert export.files() == dict.fromkeys(["a.svg", "_._.._outside.svg", "_etc_x.svg", "_..svg", "A-2.svg"], b"<svg/>")


def test_nothing_is_written_through_a_link(export):
    export.fake(python3="draws")
    outside = export.box.root / "outside"
    outside.write_text("precious")
    export.out.mkdir()
    (export.out / "a.svg").symlink_to(outside)
    done = export.run("a")
    assert done.returncode == 1 and "'out/a.svg' is a symbolic link" in done.stderr.replace(f"{export.box.repo}/", "")
    assert outside.read_text() == "precious"


# ---- nothing of the repository is run, nothing is downloaded

@pytest.mark.parametrize("spec", [
    {"data": {"url": "http://127.0.0.1:9/x.csv"}, "mark": "line"},
    {"layer": [{"data": {"url": "/etc/passwd"}, "mark": "line"}]},
    {"mark": {"type": "image", "url": "http://127.0.0.1:9/x.png"}},
    {"mark": "image", "encoding": {"url": {"value": "http://127.0.0.1:9/x.png"}}},
    {"transform": [{"lookup": "k", "from": {"data": {"url": "http://127.0.0.1:9/x.csv"}, "key": "k"}}], "mark": "line"},
])
def test_a_template_that_loads_data_is_refused(export, spec):
    export.fake(python3="draws")
    done = export.run("plot.csv", spec=json.dumps(spec))
    assert done.returncode == 1 and done.stderr.startswith("unable to draw plot 'plot.csv': its template loads data from '")
    assert export.called() == []


def test_points_may_have_a_field_named_url(export):
    export.fake(python3="draws")
    assert export.run("a", spec=json.dumps({"data": {"values": [{"url": "http://127.0.0.1:9/"}]}, "mark": "line"})).returncode == 0


def test_a_module_in_the_working_directory_is_not_run(export):
    export.box.write({f"{name}.py": f"open({str(export.box.root / 'ran')!r}, 'w')\n" for name in ("vl_convert", "json")})
    (export.bin / "python3").symlink_to("/usr/bin/python3")
    export.run("a")
    assert not (export.box.root / "ran").exists()


BUNDLES = {
    "vega": "this.vega = {loader: () => ({}), parse: x => x, View: class { finalize() {} toSVG() { return '<svg>own</svg>'; } }};\n",
    "vega-lite": "this.vegaLite = {compile: spec => ({spec})};\n",
}


@pytest.mark.parametrize("tracked", [False, True])
def test_modules_that_a_clone_brings_are_not_run(export, tracked):
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    (export.bin / "node").symlink_to(shutil.which("node"))
    (export.bin / "git").symlink_to(shutil.which("git"))
    for name, text in BUNDLES.items():
        export.box.write({f"node_modules/{name}/build/{name}.min.js": text})
    if tracked:
        export.box.check("git add -f node_modules")
    done = export.run("a")
    if tracked:
        assert done.returncode == 1 and "nothing is installed" in done.stderr
    else:
        assert (done.returncode, export.files()) == (0, {"a.svg": b"<svg>own</svg>"})


# ---- the real programs

def needs_vl_convert(export):
    if subprocess.run([sys.executable, "-c", "import vl_convert"], capture_output=True).returncode:
        pytest.skip("vl-convert-python is not installed")
    (export.bin / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (export.bin / "python3").chmod(0o755)


def needs_vega(export):
    if not shutil.which("node") or not (MODULES / "vega-lite").is_dir():
        pytest.skip("node, or Vega for it, is not installed")
    (export.bin / "node").symlink_to(shutil.which("node"))
    export.env["NODE_PATH"] = str(MODULES)


@pytest.mark.parametrize("needs, picture", [(needs_vl_convert, "svg"), (needs_vl_convert, "png"), (needs_vega, "svg")])
def test_real_programs_draw(export, needs, picture):
    needs(export)
    done = export.run("loss", "größe/1", picture=picture)
    assert (done.returncode, done.stderr) == (0, "")
    files = export.files()
    assert set(files) == {f"loss.{picture}", f"größe_1.{picture}"}
    for text in files.values():
        assert text.startswith(b"<svg" if picture == "svg" else b"\x89PNG") and (picture == "png" or b">loss<" in text)


@pytest.mark.parametrize("needs", [needs_vl_convert, needs_vega])
def test_real_programs_name_the_plot_that_they_cannot_draw(export, needs):
    needs(export)
    done = export.run("broken", spec='{"mark": 5}')
    assert done.returncode == 1 and done.stderr.startswith("unable to draw plot 'broken': ") and done.stderr.count("\n") == 1
    assert export.files() == {}
