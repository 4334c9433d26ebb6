"""Random repositories: what `plots show` and `plots diff` of cairn print, compared with DVC's answer in the process of the test."""

import contextlib
import io
import json
import logging
import os
import random
import re
import shutil

import pytest
from harness import plot_repos
from harness.sandbox import CAIRN

pytestmark = pytest.mark.live
SEED = int(os.environ.get("PLOTS_SEED", "20261130"))
CASES = int(os.environ.get("PLOTS_CASES", "160"))
SHOW = int(os.environ.get("PLOTS_SHOW", "1"))
PARTS = 4  # for as many processes
KEPT = {".git", ".dvc", ".dvcignore"}


def set_state(box, files):
    for entry in os.scandir(box.repo):
        if entry.name not in KEPT:
            shutil.rmtree(entry) if entry.is_dir(follow_symlinks=False) else os.unlink(entry)
    box.write({name: content for name, content in files.items() if content is not None})


def prepare(box, r):
    """Three states: the commits v1 and v2, and the work tree."""
    first = plot_repos.repository(r)
    second = plot_repos.changed(r, first)
    for tag, files in (("v1", first), ("v2", second)):
        set_state(box, {**plot_repos.TEMPLATES, **files})
        box.check(f"git add -A -f . && git commit -qm {tag} --allow-empty && git tag -f {tag} >/dev/null")
    if r.random() < 0.7:
        second = plot_repos.changed(r, second)
        set_state(box, second)
    return {"v1": first, "workspace": second}


@pytest.fixture
def ask_dvc(monkeypatch):
    from dvc.cli import main
    from dvc.ui import Console

    seen = []
    monkeypatch.setattr(Console, "write_json", lambda self, data, **_: seen.append(json.dumps(data)))

    def ask(words):
        seen.clear()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            status = main(["plots", *words])
        return status, json.loads(seen[0]) if seen else None

    logging.disable(logging.CRITICAL)  # its warnings
    yield ask
    logging.disable(logging.NOTSET)


def unescaped(value):
    """What DVC does not do: dots and brackets escaped in tooltips and groups, one key for files and fields in the pivot."""
    text = json.dumps(value).replace("datum['filename::field']", "datum.filename + '::' + datum.field")
    return json.loads(re.sub(r"\\\\([.\[\]])", r"\1", text))


def normalized(answer):
    """The answer as text, with what may differ made equal. The order of the files in a directory is that of the disk."""
    if not isinstance(answer, dict):
        return json.dumps(answer)
    out = {}
    for key, plots in answer.get("data", {}).items():
        for plot in plots:
            for part in (plot.get("content"), plot.get("anchor_definitions")):
                for name in part or {}:
                    if name.strip("<>").removeprefix("DVC_METRIC_").lower() in ("tooltip", "group_by", "group_by_x", "group_by_y", "pivot_field"):
                        part[name] = unescaped(part[name])
        out[key] = plots
    errors = sorted(json.dumps(e, sort_keys=True) for e in answer.get("errors", []))
    order = [key for key in out if "/" not in key.rpartition("::")[2]]
    return json.dumps([order, sorted(out.items()), errors], indent=1, ensure_ascii=False)


@pytest.mark.parametrize("part", range(PARTS))
def test_plots_of_random_repositories(new_sandbox, monkeypatch, ask_dvc, part):
    box = new_sandbox(CAIRN)
    for name, value in box.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(box.repo)
    r = random.Random(SEED + part)
    wrong, drawn = [], 0
    for _ in range(CASES // PARTS // 2):
        files = prepare(box, r)
        for _ in range(2):
            words = plot_repos.command(r)
            status, expected = ask_dvc(words)
            shutil.rmtree(box.repo / "dvc_plots", ignore_errors=True)
            done = box.sh("cairn plots " + " ".join("'" + w.replace("'", "'\\''") + "'" for w in words))
            actual = json.loads(done.out) if done.out else None
            if status == 255 and done.status in (0, 1):  # an exception of DVC; it shows nothing at all
                continue
            drawn += bool(expected and expected.get("data"))
            if normalized(expected) != normalized(actual) or status != done.status:
                wrong.append((files, words, status, normalized(expected), done.status, normalized(actual), done.err))
    assert drawn > CASES / PARTS / 3, f"only {drawn} answers have plots"
    assert not wrong, f"{len(wrong)} of {CASES // PARTS} differ:\n" + "\n".join(shown(*w) for w in wrong[:SHOW])


def shown(files, words, status, expected, actual_status, actual, err):
    import difflib

    state = "".join(f"--- {rev}: {name}\n{text}\n" for rev, state in files.items() for name, text in state.items()
                    if text is not None and (name.endswith("dvc.yaml") or SHOW > 1))
    diff = list(difflib.unified_diff(expected.splitlines(), actual.splitlines(), "DVC", "cairn", n=4, lineterm=""))
    return "\n".join([f"plots {words}", f"status {status}, cairn's {actual_status}", *diff[:60], err, state])
