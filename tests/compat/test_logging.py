"""`cairn live` and the loggers for C, R and the shell write what DVCLive writes for the same calls."""

import json
import os
import shutil
import subprocess

import pytest
from harness.sandbox import CAIRN, REAL_DVC, TOP
from harness.waiting import wait_for

# The same training, in DVCLive's calls and as lines.
BY_DVCLIVE = """
import sys
from dvclive import Live
with Live(resume="--resume" in sys.argv, exp_name="e", save_dvc_exp="--no-save" not in sys.argv) as live:
    live.log_params({"lr": 0.1, "layers": [1, 2], "opt": {"name": "sgd", "nesterov": True}, "text": "a: b"})
    for step in range(3):
        live.log_metric("train/loss", 1 / (step + 1))
        live.log_metric("acc", step)
        live.log_metric("note", 'tab\\tand "quote"')
        live.log_metric("bad", float("nan"))
        live.next_step()
    live.log_metric("final", 7, plot=False)
    live.log_plot("curve", [{"a": 1, "b": 2.5}, {"a": 2, "b": 3.5}], x="a", y="b", title="A curve")
"""
LINES = """{"params": {"lr": 0.1, "layers": [1, 2], "opt": {"name": "sgd", "nesterov": true}, "text": "a: b"}}
{"metrics": {"train/loss": 1.0, "acc": 0, "note": "tab\\tand \\"quote\\"", "bad": NaN}}
{"metrics": {"train/loss": 0.5, "acc": 1}, "more": true}
{"metrics": {"note": "tab\\tand \\"quote\\"", "bad": NaN}}
{"metrics": {"train/loss": 0.3333333333333333, "acc": 2, "note": "tab\\tand \\"quote\\"", "bad": NaN}}
{"summary": {"final": 7}}
{"plot": {"name": "curve", "datapoints": [{"a": 1, "b": 2.5}, {"a": 2, "b": 3.5}], "x": "a", "y": "b", "title": "A curve"}}
"""
PIPELINE = """stages:
  train:
    cmd: {cmd}
    params: [lr]
    outs: [model]
"""


def tree(box):
    """What a run leaves: its files, and dvc.yaml."""
    paths = [p for p in box.repo.rglob("*") if p.is_file() and ".git" not in p.parts and ".dvc" not in p.parts]
    return {p.relative_to(box.repo).as_posix(): p.read_bytes() for p in paths if p.suffix != ".py" and p.name not in ("lines", "model", "dvc.lock")}


def experiment(box, name="e"):
    """The names of the files of the experiment's commit."""
    ref = box.check(f"git for-each-ref --format='%(refname)' 'refs/exps/*/*/{name}'").out.strip()
    return set(box.check(f"git ls-tree -r --name-only {ref}").lines) if ref else None


@pytest.fixture
def two(new_sandbox):
    """Two repositories with the same start: one for DVCLive with the real DVC, one for cairn."""

    def make(files):
        boxes = []
        for used in (REAL_DVC, CAIRN):
            box = new_sandbox(tool=used)
            box.extra_env = {"PATH": f"{box.root}/.bin:{TOP}/.venv/bin:/usr/bin:/bin"}
            box.write({"train.py": BY_DVCLIVE, "lines": LINES, **files})
            if "params.yaml" in files and "stages" in files["dvc.yaml"]:
                box.check("dvc repro -q")
            box.check("git add -A && git commit -q -m start")
            boxes.append(box)
        return boxes

    return make


@pytest.mark.live
@pytest.mark.parametrize("dvc_yaml", ["", "stages:\n  other:\n    cmd: echo\n    params: [lr]\n# the end\nplots:\n- dvclive/plots/metrics:\n    x: step\n- other.csv\n"],
                         ids=["no-dvc-yaml", "with-entries"])
def test_files_and_experiment_are_those_of_dvclive(two, dvc_yaml):
    dvclive, cairn = two({"dvc.yaml": dvc_yaml, "params.yaml": "lr: 1\n"} if dvc_yaml else {})
    dvclive.check("python train.py")
    cairn.check("cairn live --name e <lines")
    expected, found = tree(dvclive), tree(cairn)
    for files in (expected, found):  # cairn keeps the comment, which DVC loses
        files["dvc.yaml"] = files["dvc.yaml"].replace(b"# the end\n", b"")
    assert found == expected
    assert experiment(cairn) == experiment(dvclive) - {".dvc/tmp/repro.dat"}  # the real DVC commits a file of its own


@pytest.mark.live
def test_resume(two):
    dvclive, cairn = two({})
    for _ in range(2):
        dvclive.check("python train.py --resume --no-save")
        cairn.check("cairn live --no-save --resume <lines")
    assert tree(cairn) == tree(dvclive)
    assert json.loads(cairn.read("dvclive/metrics.json"))["step"] == 5


@pytest.mark.live
@pytest.mark.parametrize("how", ["exp run -n e", "exp run -n e --temp", "exp run -n e --queue"])
def test_in_a_stage_of_an_experiment(two, how):
    files = {"params.yaml": "lr: 1\n"}
    dvclive, cairn = two({**files, "dvc.yaml": ""})
    for box, cmd in ((dvclive, "python train.py && touch model"), (cairn, "cairn live <lines && touch model")):
        box.write({"dvc.yaml": PIPELINE.format(cmd=cmd)})
        box.check("git commit -q -a -m pipeline")
        box.check(f"dvc {how}")
        if "--queue" in how:
            box.check("dvc exp run --run-all")
    assert experiment(cairn) == experiment(dvclive)
    rows = json.loads(cairn.check("cairn exp show --json").out)
    last = rows[1]["experiments"][0]["revs"][0]["data"]["metrics"]["dvclive/metrics.json"]["data"]
    assert last["train"]["loss"] == pytest.approx(1 / 3)


# ---- from other languages


@pytest.fixture
def project(repo):
    repo.extra_env = {"PATH": f"{repo.root}/.bin:{os.environ['PATH']}"}
    return repo


def logged(box):
    metrics = json.loads(box.read("dvclive/metrics.json"))
    rows = box.read("dvclive/plots/metrics/train/loss.tsv").splitlines()
    return metrics["step"], round(metrics["train"]["loss"], 4), round(metrics["accuracy"], 4), len(rows), box.read("dvclive/params.yaml")


EXPECTED = (4, 0.5905, 0.7048, 6, "lr: 0.1\noptimizer: sgd\n")


@pytest.mark.parametrize("compiler", ["cc -std=c99 -D_POSIX_C_SOURCE=200809L -Wpedantic", "c++ -x c++"])
def test_from_c(project, compiler):
    if not shutil.which(compiler.split()[0]):
        pytest.skip("no " + compiler.split()[0])
    project.check(f"{compiler} -Wall -Wextra -Werror -I {TOP}/include -o train {TOP}/examples/logging/train.c -lm && ./train")
    assert logged(project) == EXPECTED
    assert project.check("cairn exp list --name-only").lines


def test_from_c_without_cairn(project):
    """The training goes on, without a signal, and learns at the end that nothing was logged."""
    project.check(f"cc -I {TOP}/include -o train {TOP}/examples/logging/train.c -lm")
    for program in ("/no/such/program", "false"):
        assert project.sh(f"CAIRN={program} ./train").status == 1


def test_from_r(project):
    if not shutil.which("Rscript"):
        pytest.skip("no Rscript")
    project.extra_env["CAIRN_LIVE_R"] = str(TOP / "share/cairn_live.R")
    project.check(f"Rscript {TOP}/examples/logging/train.R")
    assert logged(project) == EXPECTED
    done = project.check(f"CAIRN=false Rscript {TOP}/examples/logging/train.R")
    assert "logged" in done.err, "the training goes on, and is told"


ODD_VALUES = r"""source(Sys.getenv("CAIRN_LIVE_R"))
live <- cairn_live("dvclive", "--no-save")
live$params(factor = factor("a"), control = "a\rb\001c", none = NULL, missing = NA, date = as.Date("2020-01-01"), several = factor(c("x", "y")))
live$metrics(`a b` = 1L, nan = NaN)
live$close()
"""


def test_odd_values_from_r(project):
    if not shutil.which("Rscript"):
        pytest.skip("no Rscript")
    project.extra_env["CAIRN_LIVE_R"] = str(TOP / "share/cairn_live.R")
    project.write({"odd.R": ODD_VALUES})
    assert project.check("Rscript odd.R").err == ""
    assert project.read("dvclive/params.yaml") == (
        'factor: a\ncontrol: "a\\rb\\x01c"\nnone:\nmissing:\ndate: \'2020-01-01\'\nseveral:\n- x\n- y\n')
    assert json.loads(project.read("dvclive/metrics.json")) == {"a b": 1, "nan": "nan", "step": 0}


def test_from_the_shell(project):
    project.check(f"sh {TOP}/examples/logging/train.sh")
    assert logged(project) == EXPECTED


# ---- while it runs


@pytest.fixture
def logger(project):
    """A `cairn live` whose input stays open: write lines to its stdin."""
    process = subprocess.Popen([CAIRN, "live", "--name", "now"], cwd=project.repo, env=project.env, text=True, bufsize=1, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    yield process
    process.kill()
    process.wait()


def test_what_is_logged_is_seen_at_once(project, logger):
    signals = project.repo / ".dvc/tmp/exps/run"
    wait_for(lambda: (signals / "DVCLIVE_ONLY").exists())
    assert json.loads((signals / "DVCLIVE_ONLY").read_text()) == {"exp_name": "now", "pid": logger.pid}

    logger.stdin.write('{"params": {"lr": 0.5}}\n{"metrics": {"loss": 3}}\n')
    wait_for(lambda: (signals / "DVCLIVE_STEP_COMPLETED").exists())
    assert json.loads((signals / "DVCLIVE_STEP_COMPLETED").read_text()) == {"pid": logger.pid, "step": 0}
    row = json.loads(project.check("cairn exp show --json").out)[0]["data"]
    assert row["metrics"]["dvclive/metrics.json"]["data"] == {"loss": 3, "step": 0}
    assert row["params"]["dvclive/params.yaml"]["data"] == {"lr": 0.5}
    assert "loss" in project.check("cairn plots show --json").out

    logger.stdin.write('{"metrics": {"loss": 2}}\n')
    wait_for(lambda: '"step": 1' in (signals / "DVCLIVE_STEP_COMPLETED").read_text())
    assert logger.communicate(timeout=30)[0] == "Experiment has been saved as: now\n"
    assert logger.returncode == 0 and list(signals.glob("DVCLIVE*")) == []
    assert project.check("cairn exp list --name-only").lines == ["now"]


def test_killed_loggers_leave_whole_files(project, logger):
    logger.stdin.write("".join(f'{{"metrics": {{"loss": {i}}}}}\n' for i in range(100_000)))
    wait_for(lambda: (project.repo / "dvclive/plots/metrics/loss.tsv").exists())
    logger.kill()
    rows = project.read("dvclive/plots/metrics/loss.tsv").splitlines()
    assert rows[0] == "step\tloss" and all(row.split("\t")[0].isdigit() for row in rows[1:-1])
    json.loads(project.read("dvclive/metrics.json") if (project.repo / "dvclive/metrics.json").exists() else "{}")
    project.check("cairn live --resume --no-save </dev/null")


# ---- odd input


@pytest.mark.parametrize("line, error", [
    ('{"metrics": {"a": 1}', "Expecting ',' delimiter: line 1 column 21 (char 20)"),
    ('{"metric": {"a": 1}}', "unknown key 'metric': params, metrics, summary, step, more, image and plot are known"),
    ('{"metrics": {"../a": 1}}', "'../a' is no name of a metric: it is a path below the directory"),
    ('{"metrics": {"/etc/a": 1}}', "'/etc/a' is no name of a metric: it is a path below the directory"),
    ('{"metrics": {"a": [1]}}', "metric 'a' is neither a number nor a text"),
    ('{"metrics": {"step": 1}}', "'step' is the number of the step, and no metric"),
    ('{"metrics": {"ok/below": 1}}', "'ok' is a metric, so it has no metric 'ok/below' below it"),
    ('{"metrics": {"new": 1, "new/below": 1}}', "'new' is a metric, so it has no metric 'new/below' below it"),
    ('{"step": -1}', "'step' is no number from 0 on"),
    ('{"image": {"name": "a.exe", "path": "x"}}', "image 'a.exe' has none of the endings .png, .jpg, .jpeg, .gif, .svg"),
    ('{"image": {"name": "a.png", "path": "none"}}', "unable to open 'none': no such file or directory"),
    ('{"plot": {"name": "p", "datapoints": [1], "x": "a", "y": "b"}}', "the datapoints of a plot are a list of objects"),
])
def test_a_bad_line_is_reported_and_the_rest_is_logged(project, line, error):
    done = project.sh("cairn live --no-save", input=f'{{"metrics": {{"ok": 1}}}}\n{line}\n{{"metrics": {{"ok": 2}}}}\n')
    assert done.status == 1
    assert done.err == f"WARNING: line 2: {error}\nWARNING: 1 line had errors and were not logged\n"
    assert project.read("dvclive/plots/metrics/ok.tsv") == "step\tok\n0\t1\n1\t2\n"


def test_other_output_goes_through(project):
    done = project.check("cairn live --no-save", input='loading\n{"metrics": {"a": 1}}\n\nno {"json": 1}\nlast')
    assert done.out == "loading\n\nno {\"json\": 1}\nlast\n"


def test_a_full_output_does_not_end_the_log(project):
    done = project.sh("exec cairn live --no-save >/dev/full", input='a\n{"metrics": {"a": 1}}\nb\n{"metrics": {"a": 2}}\n')
    assert (done.status, done.err) == (120, "ERROR: unable to write to standard output: No space left on device\n")
    assert project.read("dvclive/plots/metrics/a.tsv") == "step\ta\n0\t1\n1\t2\n"


def test_images(project):
    project.write({"a.png": b"\x89PNG\r\n\x1a\n"})
    project.check("cairn live --no-save", input='{"image": {"name": "1/a.png", "path": "a.png"}}\n')
    assert (project.repo / "dvclive/plots/images/1/a.png").read_bytes() == b"\x89PNG\r\n\x1a\n"
    assert project.read("dvc.yaml") == "plots:\n- dvclive/plots/images\n"


def test_a_dvc_yaml_that_cannot_be_read(project):
    project.write({"dvc.yaml": "stages: ["})
    done = project.sh("cairn live --no-save", input='{"metrics": {"a": 1}}\n')
    assert done.status == 255 and "dvc.yaml" in done.err
    assert project.read("dvc.yaml") == "stages: ["
    assert project.read("dvclive/plots/metrics/a.tsv") == "step\ta\n0\t1\n"


@pytest.mark.parametrize("start", ["empty", "noscm", "git"])
def test_without_a_repository(new_sandbox, start):
    box = new_sandbox(start=start)
    done = box.check("cairn live", input='{"metrics": {"a": 1}}\n')
    assert "no experiment is saved at the end" in done.err
    assert box.read("dvclive/plots/metrics/a.tsv") == "step\ta\n0\t1\n"


def test_a_link_in_place_of_the_history_is_not_followed(project):
    project.write({"precious/keep": "1", "outside.tsv": "keep\n"})
    project.check("mkdir -p dvclive/plots && ln -s ../../precious dvclive/plots/metrics && ln -s ../outside.tsv dvclive/metrics.json")
    project.check("cairn live --no-save", input='{"metrics": {"a": 1}}\n')
    assert project.read("precious/keep") == "1" and project.read("outside.tsv") == "keep\n"


def test_a_million_steps_in_bounded_memory(project):
    lines = (f'{{"metrics": {{"loss": {i}}}}}\n' for i in range(1_000_000))
    process = subprocess.Popen(["/usr/bin/time", "-f", "%M", CAIRN, "live", "--no-save"], cwd=project.repo, env=project.env, text=True,
                               stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    for line in lines:
        process.stdin.write(line)
    peak_kib = int(process.communicate(timeout=120)[1])
    assert json.loads(project.read("dvclive/metrics.json")) == {"loss": 999999, "step": 999999}
    assert len(project.read("dvclive/plots/metrics/loss.tsv").splitlines()) == 1_000_001
    assert peak_kib < 40 * 1024




# ---- hostile input, and disks and files that fail for a while


@pytest.mark.parametrize("line, error", [
    ('{"summary": {"a": 1}, "metrics": {"a/b": 2}}', "'a' is a metric, so it has no metric 'a/b' below it"),
    ('{"metrics": {"a": 1}, "summary": {"a/b": 2}}', "'a' is a metric, so it has no metric 'a/b' below it"),
    ('{"step": 9223372036854775807}', "'step' is no number from 0 on"),
    ('{"metrics": {"a": "x\\u0000y"}}', "metric 'a' is neither a number nor a text"),
    ('{"params": {"a": ["\\ud800"]}}', "is no text in UTF-8"),
    ('{"metrics": {"' + "x" * 241 + '": 1}}', "is no name of a metric: it is a path below the directory"),
])
def test_a_line_that_no_file_can_hold(project, line, error):
    done = project.sh("cairn live --no-save", input=f'{line}\n{{"metrics": {{"ok": 2}}}}\n')
    assert done.status == 1 and error in done.err
    assert json.loads(project.read("dvclive/metrics.json")) == {"ok": 2, "step": 0}


@pytest.mark.parametrize("history, rows", [("step\ta\n0\t1\n1\t0.", "step\ta\n0\t1\n"), ("step\ta\n0\t1", "step\ta\n"), ("st", "step\ta\n")])
def test_resume_after_a_part_of_a_row(project, history, rows):
    """What a logger that was killed has left of its last row is no beginning of the next one."""
    project.write({"dvclive/plots/metrics/a.tsv": history, "dvclive/metrics.json": '{"a": 1, "step": 4}'})
    project.check("""echo '{"metrics": {"a": 7}}' | cairn live --no-save --resume""")
    assert project.read("dvclive/plots/metrics/a.tsv") == rows + "5\t7\n"


def test_other_directories_keep_their_entries(project):
    others = ["dvclive/metrics.json", "old/live/metrics.json", "../live/metrics.json"]
    project.write({"dvc.yaml": "metrics:\n" + "".join(f"- {name}\n" for name in [*others, "./live/metrics.json"])})
    project.check("""echo '{"metrics": {"a": 7}}' | cairn live --no-save --dir live""")
    assert project.read("dvc.yaml").startswith("metrics:\n" + "".join(f"- {name}\n" for name in [*others, "live/metrics.json"]) + "plots:")


@pytest.mark.parametrize("metrics, error", [
    ('{"a": 1, "a/b": 2}', "'a' is a metric, so it has no metric 'a/b' below it"),
    ('{"a": 1, "step": 9223372036854775807}', "is too large"),
    ('{"a": 1, "st', "unable to read 'dvclive/metrics.json'"),
])
def test_resume_with_a_damaged_file(project, metrics, error):
    project.write({"dvclive/metrics.json": metrics})
    done = project.sh("cairn live --no-save --resume", input='{"metrics": {"a": 2}}\n')
    assert done.status == 255 and error in done.err
    assert project.read("dvclive/metrics.json") == metrics


def test_bytes_that_are_no_text_go_through(project):
    """A NUL does not end what is printed, and in a line of JSON other bytes are refused."""
    done = project.sh(r"""printf 'a\000b\n{"metrics": {"a\377": 1}}\n' | cairn live --no-save | od -An -c | tr -d ' '""")
    assert done.out == "a\\0b\\n\n"
    assert "is no text in UTF-8" in done.err


def test_a_progress_bar_is_seen_before_its_line_ends(project, logger):
    logger.stdin.write("10 %\r")
    logger.stdin.flush()
    assert os.read(logger.stdout.fileno(), 100) == b"10 %\r"
    logger.stdin.write("20 %\n")
    assert logger.communicate(timeout=30)[0].startswith("20 %\n")


def test_a_line_that_is_too_long_is_skipped(project):
    line = '{"metrics": {"a": "' + "x" * (65 << 20) + '"}}'
    done = project.sh("cairn live --no-save", input=f'{line}\n{{"metrics": {{"a": 1}}}}\n')
    assert done.status == 1 and done.err.startswith("WARNING: line 1: it has more than 64 MiB\n")
    assert project.read("dvclive/plots/metrics/a.tsv") == "step\ta\n0\t1\n"


def test_a_dvc_yaml_that_is_being_edited(project, logger):
    """The training goes on, and what was logged meanwhile is written later."""
    project.write({"dvc.yaml": "stages: ["})
    logger.stdin.write('{"metrics": {"a": 1}}\n')
    assert "dvc.yaml" in logger.stderr.readline()
    project.write({"dvc.yaml": "stages: {}\n"})
    wait_for(lambda: "dvclive/metrics.json" in project.read("dvc.yaml"))
    logger.stdin.write('{"metrics": {"a": 2}}\n')
    logger.communicate(timeout=30)
    assert logger.returncode == 0
    assert project.read("dvclive/plots/metrics/a.tsv") == "step\ta\n0\t1\n1\t2\n"


def test_a_history_that_cannot_be_written_keeps_no_other_from_its_file(project):
    project.check("mkdir -p dvclive/plots/metrics && mkfifo dvclive/plots/metrics/a.tsv")
    done = project.sh("cairn live --no-save --resume", input='{"metrics": {"a": 1, "b": 2}}\n')
    assert done.status == 255 and "a.tsv" in done.err
    assert project.read("dvclive/plots/metrics/b.tsv") == "step\tb\n0\t2\n"
    assert json.loads(project.read("dvclive/metrics.json")) == {"a": 1, "b": 2, "step": 0}


def test_rows_that_do_not_fit_leave_no_part_of_a_row(project):
    lines = "".join(f'{{"metrics": {{"a": {i}}}}}\n' for i in range(1000))
    done = project.sh("ulimit -f 2; cairn live --no-save", input=lines)
    assert done.status == 255 and "a.tsv" in done.err
    assert project.read("dvclive/plots/metrics/a.tsv") == ""


@pytest.mark.parametrize("files", [{"sub/dvc.yaml": "stages: {}\n"}, {"sub/dvc.yaml": "stages: ["}, {"sub/.dvc/config": ""}])
def test_the_directory_of_a_project_is_no_log(project, files):
    project.write({**files, "sub/params.yaml": "lr: 1\n"})
    done = project.sh("cairn live --no-save --dir sub", input='{"metrics": {"a": 1}}\n')
    assert done.status == 255 and "the log needs a directory of its own" in done.err
    assert project.read("sub/params.yaml") == "lr: 1\n"


def test_a_directory_that_dvc_yaml_cannot_name(project):
    done = project.sh(r"cairn live --no-save --dir $(printf 'a\377')", input='{"metrics": {"a": 1}}\n')
    assert done.status == 255 and "is no text in UTF-8" in done.err
    assert not (project.repo / "dvc.yaml").exists()


def test_a_name_that_is_refused_is_known_at_once(project):
    done = project.sh("cairn live --name 'a b'", input='{"metrics": {"a": 1}}\n')
    assert done.status == 255 and "Invalid exp name" in done.err
    assert not (project.repo / "dvclive").exists()


FORKS = """
#include <signal.h>
#include "cairn_live.h"
int main(void)
{
	close(0), close(1), close(2);
	cairn_live *live = cairn_live_open("dvclive", (const char *[]){"--no-save", NULL});
	printf("a text of the training\\n");
	fflush(stdout);
	cairn_live_metric(live, "a", 1);
	cairn_live_param_text(live, "none", NULL);
	cairn_live_next_step(live);
	pid_t child = fork();
	if (child == 0) {
		pause(); /* with a copy of the logger's socket */
		_exit(0);
	}
	int r = cairn_live_close(live);
	kill(child, SIGKILL);
	return r < 0;
}
"""


def test_from_c_with_a_forked_child_and_without_standard_files(project):
    project.write({"forks.c": FORKS})
    project.check(f"cc -Wall -Wextra -Wconversion -Werror -I {TOP}/include -o forks forks.c && timeout 20 ./forks")
    assert json.loads(project.read("dvclive/metrics.json")) == {"a": 1, "step": 0}
    assert project.read("dvclive/params.yaml") == "none: ''\n"
