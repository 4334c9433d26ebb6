"""Fixtures of the CLI and compat tests, and the handling of records: replay, record, compare a sample again."""

import json
import os
import random
import shutil
import signal
import subprocess
import tempfile

import pytest
from harness import records, transcript
from harness.browser import PROGRAM, Browser
from harness.observe import observe
from harness.sandbox import CAIRN, REAL_DVC, TOP, Sandbox
from harness.scenario import relaxed, run_steps
from harness.vega import MODULES

pytest_plugins = ["harness.servers.fixtures", "harness.slurm"]
os.umask(0o022)
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # started in the background: child processes would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
SAMPLE = 5  # number of records that each run compares with the real DVC again


def pytest_addoption(parser):
    parser.addoption("--record", nargs="?", const="all", choices=["all", "new"],
                     help="ask the real DVC and store its answers; 'new': only where a record is missing or stale")
    parser.addoption("--recheck", type=int, default=SAMPLE, help="how many records to compare with the real DVC again")


def head_commit():
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=TOP, capture_output=True, text=True)
    return done.stdout.strip() or "none"


def pytest_report_header(config):
    return f"cairn: {CAIRN}; records re-checked with the real DVC: {config.getoption('recheck')}, seed {head_commit()}"


def pytest_collection_modifyitems(config, items):
    """Choose the sample. Every worker must choose the same, so it depends only on the commit and the names."""
    cases = sorted((i for i in items if hasattr(getattr(i, "function", None), "case")), key=lambda i: i.nodeid)
    for item in random.Random(head_commit()).sample(cases, min(len(cases), config.getoption("recheck"))):
        item.recheck = True
    declared = {}
    for item in cases:
        declared.setdefault(item.function.case.module, set()).add(item.function.case.name)
    narrowed = config.getoption("keyword") or any("::" in a for a in config.args)
    if config.getoption("record") and not narrowed:
        for module, names in declared.items():
            records.keep_only(module, names)


def has_memory_folder():
    return os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 4 << 30


@pytest.fixture
def box_root(request):
    """A function that names a new folder. The path always has the same length, since tables are cut to the terminal.

    Folders for cairn alone are in memory, where removing them is a hundred times faster. The real DVC works on disk,
    since what it prints follows the order in which a directory lists its entries."""
    made = []
    alone = request.path.parent.name in ("cli", "cluster", "docs")

    def make(in_memory=alone):
        folder, prefix = ("/dev/shm", "") if in_memory and has_memory_folder() else ("/tmp", "box.")
        made.append(tempfile.mkdtemp(prefix=prefix, dir=folder))
        return made[-1]

    yield make
    for folder in made:
        subprocess.run(["chmod", "-R", "u+rwX", folder], check=False)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_sandbox(box_root):
    """A function that creates sandboxes: new_sandbox(tool=..., start="dvc"|"git"|"noscm"|"empty")."""

    def make(tool=CAIRN, start="dvc"):
        return Sandbox(box_root(), tool).init(start)

    return make


@pytest.fixture
def repo(new_sandbox):
    """A Git repository with DVC initialized; repo.dvc("add x"), repo.sh(...) and repo.write({...}) use cairn."""
    return new_sandbox()


@pytest.fixture
def two_tools(new_sandbox):
    """A repository and both tools: two_tools.use(REAL_DVC) / .use(CAIRN) sets the program behind `dvc`."""
    box = new_sandbox()
    box.real, box.cairn = REAL_DVC, CAIRN
    return box


@pytest.fixture(params=["cairn", "dvc"])
def maker(request, two_tools):
    """(sandbox, tool that writes, tool that reads)"""
    box = two_tools
    return (box, box.cairn, box.real) if request.param == "cairn" else (box, box.real, box.cairn)


@pytest.fixture
def scenario(request, box_root):
    def run(tool, case):
        box = Sandbox(box_root(in_memory=tool == CAIRN and not case.on_disk), tool)
        place = request.getfixturevalue("remote")(case.remote) if case.remote else None
        return {**case.as_recorded(), **observe(box, case.script, run_steps(box, case, place), place)}

    def replay(case):
        mode = request.config.getoption("record")
        known = (records.load if mode else records.known)(case.module).get(case.name)
        stale = known is None or any(known.get(k) != v for k, v in case.as_recorded().items())
        if mode == "all" or (mode == "new" and stale):
            records.save(case.module, case.name, run(REAL_DVC, case))
            return
        if mode:
            return
        if stale:
            pytest.fail(f"no record of this scenario as it is now: script/test --record tests/compat/{case.module}.py", pytrace=False)
        expected = relaxed(case, known)
        if getattr(request.node, "recheck", False):
            diff = transcript.difference(expected, relaxed(case, run(REAL_DVC, case)), "recorded", "DVC now")
            assert not diff, "the record is not what the real DVC does now\n\n" + diff
        diff = transcript.difference(expected, relaxed(case, run(CAIRN, case)), "DVC", "cairn")
        if diff:
            pytest.fail(f"cairn differs from DVC in '{case.name}'\n\n{diff}", pytrace=False)

    return replay


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Headless Chromium without a network (harness/browser.py)."""
    if not PROGRAM or not MODULES.is_dir():
        pytest.skip("no Chromium, or no Vega (script/setup installs them)")
    with Browser(tmp_path_factory.mktemp("browser")) as started:
        yield started


@pytest.fixture(scope="module")
def tool():
    """A function that runs a program of tests/helpers over many cases."""

    def run(name, verb, cases):
        program = TOP / "build-dev" / "tests" / "helpers" / name
        built = subprocess.run(["ninja", "-C", str(TOP / "build-dev"), f"tests/helpers/{name}"], capture_output=True, text=True)
        if built.returncode or not program.exists():
            pytest.skip(f"{name} is not built")
        lines = "".join(json.dumps(c) + "\n" for c in cases)
        done = subprocess.run([str(program), *verb], input=lines, capture_output=True, text=True, check=True)
        answers = [json.loads(line) for line in done.stdout.split("\n")[:-1]]
        assert len(answers) == len(cases)
        return answers

    return run
