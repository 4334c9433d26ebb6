"""`repro -j`: stages in parallel. The results are those of a serial run, and the resources of the machine are
respected."""

import fcntl
import json
import os
import random
import re
import signal
import subprocess
import time

import pytest
from harness.faults import files_below
from harness.terminal import on_terminal
from harness.waiting import wait_for

DIAMOND = """
stages:
  gen:
    cmd: echo 1 > a
    outs: [a]
  left:
    cmd: cat a params.yaml > l && mkdir -p sub && cp l sub/l
    deps: [a]
    params: [lr]
    outs: [l, sub/l]
  right:
    cmd: mkdir r && cp a r/x && cp a r/y
    deps: [a]
    outs: [r]
  both:
    cmd: cat l r/x > m.json
    deps: [l, r]
    metrics:
    - m.json:
        cache: false
  alone:
    cmd: echo alone > o
    outs: [o]
"""


def made(repo):
    """All visible results of a run: files, dvc.lock, .gitignore, cache, run-cache."""
    found = files_below(repo.repo)
    return {name: content for name, content in found.items()
            if not name.startswith((".git/", ".dvc/tmp/")) and "/tmp/" not in name}


def start(repo, command):
    return subprocess.Popen(["/bin/sh", "-c", "exec " + command], cwd=repo.repo, env=repo.env, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, start_new_session=True)


def stages_of(document):
    import yaml
    return list(yaml.safe_load(document)["stages"])


# ---- the same results as a serial run ----


@pytest.mark.parametrize("options", ["-j 2", "-j 8", "-j 0", "-j 3 --output group"])
def test_makes_what_a_serial_run_makes(new_sandbox, options):
    seen = []
    for how in ("", options):
        box = new_sandbox()
        box.write({"dvc.yaml": DIAMOND, "params.yaml": "lr: 0.1\n"})
        box.check(f"dvc repro {how}")
        assert "didn't change" in box.check(f"dvc repro {how}").out
        seen.append(made(box))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("seed", range(6))
def test_random_graphs(new_sandbox, seed):
    """Stages end in any order: the first ones sleep longest."""
    rng = random.Random(seed)
    count = 14
    lines = ["stages:"]
    for i in range(count):
        deps = sorted(rng.sample(range(i), min(i, rng.randrange(3))))
        words = " ".join(f"o{d}" for d in deps) or "/dev/null"
        lines += [f"  s{i:02d}:", f"    cmd: sleep 0.0{rng.randrange(9)}; cat {words} > o{i}; echo {i} >> o{i}"]
        lines += (["    deps:"] + [f"    - o{d}" for d in deps]) if deps else []
        lines += ["    outs:", f"    - o{i}"]
    seen = []
    for how in ("", "-j 6"):
        box = new_sandbox()
        box.write({"dvc.yaml": "\n".join(lines) + "\n"})
        box.check(f"dvc repro {how}")
        box.sh("sed -i s/'echo 3'/'echo 33'/ dvc.yaml")
        box.check(f"dvc repro {how}")
        seen.append(made(box))
    assert seen[0] == seen[1]


def test_several_files_and_targets(new_sandbox):
    seen = []
    for how in ("", "-j 4"):
        box = new_sandbox()
        box.write({"dvc.yaml": DIAMOND, "params.yaml": "lr: 0.1\n", "deep/dvc.yaml": """
stages:
  up:
    cmd: cat ../a > u
    deps: [../a]
    outs: [u]
  more:
    foreach: [1, 2, 3]
    do:
      cmd: echo ${item} > f${item}
      outs: ['f${item}']
"""})
        box.check(f"dvc repro {how} deep/dvc.yaml:up alone deep/dvc.yaml:more")
        assert not (box.repo / "l").exists()
        box.check(f"dvc repro {how} -R .")
        box.check(f"dvc repro {how} -P && rm l && dvc repro {how} --downstream gen")
        seen.append(made(box))
    assert seen[0] == seen[1]


def test_real_dvc_agrees(two_tools):
    box = two_tools
    box.write({"dvc.yaml": DIAMOND, "params.yaml": "lr: 0.1\n"})
    box.check("dvc repro -q -j 4")
    box.use(box.real)
    assert box.check("dvc status").out == "Data and pipelines are up to date.\n"
    assert box.check("dvc repro --dry").out.count("didn't change, skipping") == 5


def test_experiments_too(repo):
    repo.write({"dvc.yaml": DIAMOND, "params.yaml": "lr: 0.1\n"})
    repo.check("dvc repro -q && git add -A && git commit -qm base")
    for where in ("", "--temp"):
        out = repo.check(f"dvc exp run -j 4 {where} -n n{len(where)} -S lr=0.{len(where) + 2}").out
        assert re.search(r"^left +\| > cat a params", out, re.M), out
    assert len(repo.check("dvc exp list --name-only").lines) == 2


# ---- in parallel ----


def test_they_do_run_at_once(repo):
    """Each waits for the sign of the other: in sequence they would wait for ever."""
    meet = "touch {0}; i=0; until [ -e {1} ] || [ $i -gt 500 ]; do sleep 0.01; i=$((i+1)); done; [ -e {1} ] && echo > {2}"
    repo.write({"dvc.yaml": f"""
stages:
  a: {{cmd: '{meet.format("../sa", "../sb", "x")}', outs: [x]}}
  b: {{cmd: '{meet.format("../sb", "../sa", "y")}', outs: [y]}}
"""})
    repo.check("dvc repro -q -j 2", timeout=30)


def spans(repo, names):
    """When each stage ran, as recorded by its command."""
    found = {}
    for name in names:
        found[name] = tuple(float(x) for x in (repo.root / f"span.{name}").read_text().split())
    return found


def timed(stage, seconds, more="", env=""):
    return (f"  {stage}:\n    cmd: date +%s.%N > ../span.{stage}; {env}sleep {seconds}; date +%s.%N >> ../span.{stage}; "
            f"echo > o.{stage}\n    outs: [o.{stage}]\n{more}")


def most_at_once(found):
    ends = sorted([(b, 1) for b, _ in found.values()] + [(e, -1) for _, e in found.values()])
    now = most = 0
    for _, step in ends:
        now += step
        most = max(most, now)
    return most


@pytest.mark.parametrize("resources,options,most", [
    ("cpu: 2", "--resource cpu=4", 2),
    ("mem: 3GB", "--resource mem=4GB", 1),
    ("mem: 1GiB", "--resource mem=2.2GB", 2),
    ("license: 1", "", 1),
    ("license: 1", "--resource license=2", 2),
    ("license: 0", "", 4),
    ("gpu: 1", "--resource gpu=2", 2),
    ("cpu: 0.1", "--resource cpu=0.3", 3),
])
def test_resources_limit(repo, resources, options, most):
    names = ["a", "b", "c", "d"]
    meta = f"    meta: {{resources: {{{resources}}}}}\n"
    repo.write({"dvc.yaml": "stages:\n" + "".join(timed(n, 0.15, meta) for n in names)})
    repo.check(f"dvc repro -q -j 8 {options}")
    assert most_at_once(spans(repo, names)) <= most
    if most > 1:
        assert most_at_once(spans(repo, names)) > 1


def test_devices_are_handed_out(repo):
    """Never one device for two stages at once, and as many for each as it requests."""
    names = ["a", "b", "c", "d", "two"]
    text = "stages:\n"
    for n in names:
        text += timed(n, 0.1, f"    meta: {{resources: {{gpu: {2 if n == 'two' else 1}}}}}\n",
                      env=f'echo "$CUDA_VISIBLE_DEVICES" > ../gpu.{n}; ')
    text += "  none:\n    cmd: echo \"[$CUDA_VISIBLE_DEVICES]\" > o.none\n    outs: [o.none]\n"
    repo.write({"dvc.yaml": text})
    repo.extra_env = {"CUDA_VISIBLE_DEVICES": "3,GPU-abc"}
    repo.check("dvc repro -q -j 8")
    given = {n: set((repo.root / f"gpu.{n}").read_text().strip().split(",")) for n in names}
    assert given["two"] == {"3", "GPU-abc"} and all(len(given[n]) == 1 for n in "abcd")
    assert repo.read("o.none") == "[3,GPU-abc]\n"
    found = spans(repo, names)
    for x in names:
        for y in names:
            if x < y and given[x] & given[y]:
                assert found[x][1] <= found[y][0] or found[y][1] <= found[x][0], (x, y)


def test_more_than_there_is_runs_alone(repo):
    names = ["a", "b", "big"]
    text = "stages:\n" + "".join(timed(n, 0.1, f"    meta: {{resources: {{slots: {9 if n == 'big' else 1}}}}}\n") for n in names)
    repo.write({"dvc.yaml": text})
    result = repo.check("dvc repro -j 8 --resource slots=2")
    assert "stage 'big' asks for more 'slots' than there is" in result.err
    found = spans(repo, names)
    assert all(found[n][1] <= found["big"][0] or found["big"][1] <= found[n][0] for n in "ab")


def test_none_there(repo):
    """Stages that request a resource that does not exist run one at a time; nothing is printed for stages that need not
    run."""
    names = ["a", "b", "c"]
    repo.extra_env = {"CUDA_VISIBLE_DEVICES": ""}
    repo.write({"dvc.yaml": "stages:\n" + "".join(timed(n, 0.1, "    meta: {resources: {gpu: 1}}\n") for n in names)})
    assert "asks for more 'gpu' than there is" in repo.check("dvc repro -j 8").err
    assert most_at_once(spans(repo, names)) == 1
    assert repo.check("dvc repro -j 8").err == ""


def test_devices_come_back_from_failures(repo):
    text = "stages:\n"
    for i in range(8):
        text += f"  s{i}:\n    cmd: test -n \"$CUDA_VISIBLE_DEVICES\" && exit {i % 2}\n"
        text += "    meta: {resources: {gpu: 2, slots: 1}}\n"
    text += "  last:\n    cmd: echo $CUDA_VISIBLE_DEVICES > o\n    outs: [o]\n    meta: {resources: {gpu: 2, slots: 1}}\n"
    repo.write({"dvc.yaml": text})
    result = repo.dvc("repro -k -j 8 --resource gpu=2", timeout=20)
    assert result.status == 255 and repo.read("o") == "0,1\n", result


@pytest.mark.parametrize("resources,words", [
    ("[cpu]", "meta.resources of stage 'a' in"),
    ("{cpu: many}", "meta.resources.cpu of stage 'a' in"),
    ("{mem: 4 potatoes}", "one with a unit such as 4GB"),
    ("{gpu: 0.5}", "a whole number"),
    ("{cpu: -1}", "is to be a number"),
    ("{cpu: true}", "is to be a number"),
])
def test_bad_resources(repo, resources, words):
    repo.write({"dvc.yaml": f"stages:\n  a:\n    cmd: echo > o\n    outs: [o]\n    meta: {{resources: {resources}}}\n"})
    result = repo.dvc("repro -j 2")
    assert result.status == 255 and words in result.err and not (repo.repo / "o").exists(), result
    assert repo.dvc("repro").status == 0, "one at a time needs nothing"


@pytest.mark.parametrize("given", ["cpu", "=3", "mem=much", "cpu=-1"])
def test_bad_resource_option(repo, given):
    repo.write({"dvc.yaml": DIAMOND, "params.yaml": "lr: 0.1\n"})
    result = repo.dvc(f"repro -j 2 --resource {given}")
    assert result.status == 254 and "--resource takes NAME=NUMBER" in result.err, result


# ---- output ----


def test_lines_have_names(repo):
    repo.write({"dvc.yaml": r"""
stages:
  one:
    cmd:
    - printf 'a\nb\n'
    - printf '10%%\r50%%\r100%%\nno end'
    outs: [x]
  longer:
    cmd: echo out; echo err >&2; echo > y
    outs: [y]
""".replace("no end'", "no end'; echo > x")})
    result = repo.check("dvc repro -j 2")
    lines = [line for line in result.out.splitlines() if " | " in line]
    assert [line for line in lines if line.startswith("one")] == [
        r"one    | > printf 'a\nb\n'", "one    | a", "one    | b",
        r"one    | > printf '10%%\r50%%\r100%%\nno end'; echo > x", "one    | 100%", "one    | no end"]
    assert [line for line in lines if line.startswith("longer")] == ["longer | > echo out; echo err >&2; echo > y", "longer | out"]
    assert result.err == "longer | err\n"


def test_groups_hold_together(repo):
    loop = "for i in 1 2 3 4; do echo {0}$i; sleep 0.02; done; echo > {0}"
    repo.write({"dvc.yaml": "stages:\n" + "".join(
        f"  s{n}:\n    cmd: {loop.format(n)}\n    outs: [{n}]\n" for n in "abc")})
    out = repo.check("dvc repro -j 3 --output group").out
    for n in "abc":
        assert f"Running stage 's{n}':\n> {loop.format(n)}\n{n}1\n{n}2\n{n}3\n{n}4\n" in out


def test_quiet_shows_only_what_commands_say(repo):
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: echo hello; echo > x\n    outs: [x]\n"})
    assert repo.check("dvc repro -q -j 2").out == "a | hello\n"


def test_a_gigabyte_of_output(repo):
    """Memory is bounded, in both display modes; the other stage continues meanwhile."""
    repo.write({"dvc.yaml": "stages:\n  loud:\n    cmd: yes 'some words in a line of output' | head -c 1000000000; echo > x\n"
                            "    outs: [x]\n  other:\n    cmd: sleep 0.2; echo > y\n    outs: [y]\n"})
    for options in ("-j 2", ""):
        repo.check(f"rm -f dvc.lock; command time -f %M -o ../memory dvc repro -f {options} > ../out", timeout=120)
        assert int((repo.root / "memory").read_text()) < 30_000
        assert (repo.root / "out").stat().st_size > 1_000_000_000
        (repo.root / "out").unlink()


def test_a_long_line(repo):
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: head -c 300000 /dev/zero | tr '\\0' x; echo > x\n    outs: [x]\n"})
    out = repo.check("dvc repro -q -j 2").out
    assert out.count("x") >= 300000 and all(len(line) < 140000 for line in out.splitlines())


def test_no_input_is_shared(repo):
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: cat > x\n    outs: [x]\n  b:\n    cmd: cat > y\n    outs: [y]\n"})
    repo.check("dvc repro -q -j 2", input="for nobody")
    assert repo.read("x") == repo.read("y") == ""


def test_reader_goes_away(repo):
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: yes | head -c 100000000; echo > x\n    outs: [x]\n"})
    repo.sh("dvc repro -j 2 | head -n 3 > ../out; true", timeout=60)
    assert repo.dvc("status").status == 0


# ---- failures ----

FAILING = """
stages:
  bad:
    cmd: sleep 0.1; exit 3
    outs: [x]
  after:
    cmd: cp x z
    deps: [x]
    outs: [z]
  good:
    cmd: sleep 0.3; echo > y
    outs: [y]
  late:
    cmd: cp y w
    deps: [y]
    outs: [w]
"""


def test_failure_lets_the_others_finish(repo):
    repo.write({"dvc.yaml": FAILING})
    result = repo.dvc("repro -j 2")
    assert result.status == 255
    assert "ERROR: failed to reproduce 'bad': failed to run: sleep 0.1; exit 3, exited with 3\n" in result.err
    assert "waiting for 'good', which is still running" in result.err
    assert stages_of(repo.read("dvc.lock")) == ["good"] and not (repo.repo / "w").exists()
    assert "Stage 'good' didn't change" in repo.dvc("repro -j 2").out


def test_keep_going(repo):
    repo.write({"dvc.yaml": FAILING})
    result = repo.dvc("repro -j 2 -k")
    assert result.status == 255 and "Stage 'after' will be skipped due to this failure" in result.err
    assert stages_of(repo.read("dvc.lock")) == ["good", "late"]


def test_ignore_errors(repo):
    repo.write({"dvc.yaml": FAILING})
    result = repo.dvc("repro -j 2 --ignore-errors")
    assert result.status == 0 and result.err.count("(ignored)") == 2
    assert stages_of(repo.read("dvc.lock")) == ["good", "late"]


def test_force_downstream(repo):
    repo.write({"dvc.yaml": DIAMOND, "params.yaml": "lr: 0.1\n"})
    repo.check("dvc repro -q -j 4")
    repo.write({"params.yaml": "lr: 0.1 # still\n"})
    repo.check("sed -i 's/cat a params.yaml > l/cat a > l/' dvc.yaml")
    out = repo.check("dvc repro -j 4 --force-downstream").out
    assert "Running stage 'left'" in out and "Running stage 'both'" in out and "Stage 'gen' didn't change" in out


def test_dry_run_runs_nothing(repo):
    repo.write({"dvc.yaml": DIAMOND, "params.yaml": "lr: 0.1\n"})
    out = repo.check("dvc repro -j 4 --dry -f").out
    assert out.count("Running stage") == 5 and not (repo.repo / "a").exists() and not (repo.repo / "dvc.lock").exists()


# ---- signals ----

SLOW = """
stages:
  a:
    cmd: touch ../a.started; sleep 30; echo > x
    outs: [x]
  b:
    cmd: touch ../b.started; trap 'echo stopping; kill $!; sleep 0.2; echo > y; exit 0' INT TERM; sleep 30 & wait; exit 9
    outs: [y]
  c:
    cmd: echo > z
    deps: [x, y]
    outs: [z]
"""


def ended(process, seconds=15):
    out, _ = process.communicate(timeout=seconds)
    return out


def still_there(repo):
    """The processes of the sandbox."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as f:
                if f"DVC_ROOT={repo.repo}".encode() in f.read().split(b"\0"):
                    found.append(pid)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            pass
    return found


def nobody_left(repo, patience_s=3):
    """No process of the sandbox is still there. One that was killed may need a moment to be gone."""
    end = time.monotonic() + patience_s
    while (found := still_there(repo)) and time.monotonic() < end:
        time.sleep(0.02)
    assert not found


@pytest.mark.parametrize("options", ["", "-j 2"])
def test_interrupt_records_what_ended_well(repo, options):
    text = SLOW if options else SLOW.replace("sleep 30; echo > x", "echo > x")
    repo.write({"dvc.yaml": text})
    run = start(repo, f"dvc repro {options}")
    wait_for((repo.root / "a.started").exists)
    wait_for((repo.root / "b.started").exists)
    time.sleep(0.1)
    os.killpg(run.pid, signal.SIGINT)
    out = ended(run)
    assert run.returncode in (252, 255) and "Traceback" not in out, out
    assert "b" in stages_of(repo.read("dvc.lock")) and not (repo.repo / "z").exists()
    nobody_left(repo)
    assert repo.dvc("status").status == 0


@pytest.mark.parametrize("options", ["", "-j 2"])
def test_second_interrupt_kills(repo, options):
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: trap '' INT; touch ../started; sleep 30; sleep 30\n    outs: [x]\n"})
    run = start(repo, f"dvc repro {options}")
    wait_for((repo.root / "started").exists)
    os.killpg(run.pid, signal.SIGINT)
    time.sleep(0.2)
    assert run.poll() is None
    os.killpg(run.pid, signal.SIGINT)
    out = ended(run)
    assert run.returncode == 255 and "failed to reproduce 'a'" in out
    nobody_left(repo)


def test_killed_with_what_its_threads_started(repo):
    """A process started by another thread than the first is a child, too."""
    script = ("import signal, subprocess, threading\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
              "t = threading.Thread(target=lambda: subprocess.run(['sh', '-c', 'touch ../started; sleep 30; sleep 30']))\n"
              "t.start(); t.join()\n")
    repo.write({"t.py": script, "dvc.yaml": "stages:\n  a:\n    cmd: python3 t.py\n    outs: [x]\n"})
    run = start(repo, "dvc repro -j 2")
    wait_for((repo.root / "started").exists)
    for _ in range(2):
        os.kill(run.pid, signal.SIGINT)
        time.sleep(0.2)
    ended(run)
    nobody_left(repo)


@pytest.mark.parametrize("options", ["", "-j 2"])
def test_told_to_end(repo, options):
    """SIGTERM for cairn alone: the commands are signalled, too, and cairn ends by that signal when all is written."""
    repo.write({"dvc.yaml": SLOW if options else SLOW.replace("sleep 30; echo > x", "echo > x")})
    run = start(repo, f"dvc repro {options}")
    wait_for((repo.root / "b.started").exists)
    time.sleep(0.1)
    os.kill(run.pid, signal.SIGTERM)
    assert "ing lock file 'dvc.lock'" in ended(run)
    assert run.returncode == -signal.SIGTERM
    assert "b" in stages_of(repo.read("dvc.lock"))
    nobody_left(repo)
    assert "{}" in (repo.repo / ".dvc/tmp/rwlock").read_text() and repo.dvc("status").status == 0


@pytest.mark.parametrize("options", ["", "-j 2"])
def test_killed_and_run_again(repo, options):
    """kill -9 cannot be passed on. The next run ends what is left of the stage before it starts the stage again."""
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: echo x >> ../runs; sleep 2; echo $$ >> x\n    outs: [x]\n"})
    run = start(repo, f"dvc repro {options}")
    wait_for((repo.root / "runs").exists)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()
    result = repo.check(f"dvc repro {options}")
    assert "is still running stage 'a' of a run that was killed; ending it." in result.err
    assert len(repo.read("x").splitlines()) == 1
    time.sleep(0.1)
    nobody_left(repo)
    assert "didn't change" in repo.check("dvc repro").out


def test_only_what_nobody_watches_is_ended(repo):
    """A stage of the same name in another directory, of a run that is alive, continues."""
    slow = "stages:\n  a:\n    cmd: touch %s/started.%s; sleep 1.5; echo > x\n    outs: [x]\n"
    repo.write({"dvc.yaml": slow % ("..", "top"), "sub/dvc.yaml": slow % ("../..", "sub")})
    killed = start(repo, "dvc repro sub/dvc.yaml:a")
    wait_for((repo.root / "started.sub").exists)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    killed.stdout.close()
    healthy = start(repo, "dvc repro a")
    wait_for((repo.root / "started.top").exists)
    result = repo.check("dvc repro sub/dvc.yaml:a")
    assert result.err.count("ending it") >= 1, result
    out = ended(healthy)
    assert healthy.returncode == 0, out


@pytest.mark.parametrize("options", ["", "-j 2"])
def test_killed_at_any_moment(repo, options):
    text = "stages:\n" + "".join(
        f"  s{i}:\n    cmd: cat o{i - 1 if i else 'x'} > o{i}\n    deps: [o{i - 1 if i else 'x'}]\n    outs: [o{i}]\n" for i in range(30))
    repo.write({"dvc.yaml": text, "ox": "1\n"})
    for delay in (0.004, 0.012, 0.03, 0.05, 0.08):
        run = start(repo, f"dvc repro {options}")
        time.sleep(delay)
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
        assert repo.dvc("status --json").status == 0
        if (repo.repo / "dvc.lock").exists():
            repo.check("dvc fsck -q")
    repo.check(f"dvc repro -q {options}")
    assert len(stages_of(repo.read("dvc.lock"))) == 30
    assert repo.check("dvc status").out == "Data and pipelines are up to date.\n"


def test_a_killed_stage(repo):
    repo.write({"dvc.yaml": SLOW.replace("sleep 30; echo > x", "kill -9 $$")})
    result = repo.dvc("repro -j 1")
    assert result.status == 255 and "exited with -9" in result.err
    assert repo.dvc("repro -j 2 a").status == 255


# ---- stages that behave unusually ----


@pytest.mark.parametrize("options", ["", "-j 2", "-j 2 --output group"])
def test_a_daemon_is_left_running(repo, options):
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: setsid sleep 20 & echo $! > ../pid; echo > x\n    outs: [x]\n"
                            "  b:\n    cmd: cp x y\n    deps: [x]\n    outs: [y]\n"})
    begun = time.monotonic()
    repo.check(f"dvc repro {options} > ../log 2>&1", timeout=15)
    assert time.monotonic() - begun < 10
    pid = int((repo.root / "pid").read_text())
    os.kill(pid, 0)
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("options", ["", "-j 2"])
def test_a_stage_deletes_its_dependency(repo, options):
    repo.write({"d": "1\n", "dvc.yaml": "stages:\n  a:\n    cmd: rm d; echo > x\n    deps: [d]\n    outs: [x]\n"})
    result = repo.dvc(f"repro {options}")
    assert result.status == 255 and "dependency 'd' does not exist" in result.err, result
    assert not (repo.repo / "dvc.lock").exists()


@pytest.mark.parametrize("options", ["", "-j 2"])
def test_a_stage_changes_the_pipeline(repo, options):
    """The command that ran is recorded; the next run sees the new text."""
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: sed -i 's/one/two/' dvc.yaml; echo one > x\n    outs: [x]\n"
                            "  b:\n    cmd: cat x > y; echo one >> y\n    deps: [x]\n    outs: [y]\n"})
    repo.check(f"dvc repro -q {options} b")
    assert "echo one" in repo.read("dvc.lock") and "two" not in repo.read("dvc.lock").replace("s/one/two/", "")
    assert repo.check("dvc status --json").out != "{}\n"
    repo.check(f"dvc repro -q {options}")
    assert "echo two" in repo.read("dvc.lock")


@pytest.mark.parametrize("options", ["", "-j 2"])
def test_a_stage_fills_the_disk(repo, options):
    (repo.root / "small").mkdir()
    if repo.sh("mount -t tmpfs -o size=2m tmpfs ../small").status != 0:
        pytest.skip("no right to mount a small file system")
    try:
        repo.check("cp -r .git .dvc .dvcignore ../small/")
        repo.cwd = repo.root / "small"
        (repo.cwd / "dvc.yaml").write_text(
            "stages:\n  ok:\n    cmd: echo > y\n    outs: [y]\n"
            "  a:\n    cmd: cat /dev/zero > x\n    deps: [y]\n    outs: [x]\n")
        result = repo.dvc(f"repro {options}")
        assert result.status == 255 and "failed to reproduce 'a'" in result.err, result
        assert stages_of((repo.cwd / "dvc.lock").read_text()) == ["ok"]
        repo.check("rm -f x && sed -i 's,cat /dev/zero,echo,' dvc.yaml")
        repo.check(f"dvc repro -q {options} && dvc status -q")
    finally:
        repo.cwd = repo.repo
        repo.sh("umount ../small")


def test_a_stage_spoils_the_lock_file(repo):
    """dvc.lock cannot be extended: each stage that would be recorded fails, and the file stays unchanged."""
    repo.write({"dvc.yaml": "stages:\n  a0: {cmd: echo 0 > o0, outs: [o0]}\n"
                            "  a1:\n    cmd: sleep 0.2; echo '{broken' > dvc.lock; echo 1 > o1\n    outs: [o1]\n"
                            "  a2: {cmd: sleep 0.4; echo 2 > o2, outs: [o2]}\n"
                            "  a3: {cmd: sleep 0.6; echo 3 > o3, outs: [o3]}\n"})
    result = repo.dvc("repro -k -j 4")
    assert result.status == 255 and result.err.count("'dvc.lock' is invalid") == 3, result
    assert repo.read("dvc.lock") == "{broken\n"
    repo.check("rm dvc.lock && sed -i s/'echo .{broken. > dvc.lock'/true/ dvc.yaml && dvc repro -q -j 4 && dvc status -q")


def test_the_lock_file_goes_away(repo):
    """The new file contains what this run has recorded since."""
    repo.write({"dvc.yaml": "stages:\n  a0: {cmd: echo 0 > o0, outs: [o0]}\n"
                            "  a1: {cmd: sleep 0.2; rm dvc.lock; echo 1 > o1, outs: [o1]}\n"
                            "  a2: {cmd: sleep 0.4; echo 2 > o2, outs: [o2]}\n"})
    repo.check("dvc repro -q -j 4")
    assert stages_of(repo.read("dvc.lock")) == ["a1", "a2"]


def test_frozen_stages_keep_their_turn(new_sandbox):
    """A frozen stage depends on nothing, but it is verified with the data that exists when its turn comes."""
    seen = []
    for how in ("", "-j 4"):
        box = new_sandbox()
        box.write({"dvc.yaml": "stages:\n  b:\n    cmd: cat y z > o\n    deps: [y, z]\n    outs: [o]\n"
                               "  y:\n    cmd: rm -f y; sleep 0.1; date +%s.%N > y\n    outs: [y]\n"
                               "  z:\n    cmd: rm -f z; sleep 0.2; cat d > z\n    deps: [d]\n    outs: [z]\n", "d": "1\n"})
        box.check("sed -i s/date.*N/'echo 1'/ dvc.yaml; dvc repro -q; sed -i 's/deps: .y, z./&\\n    frozen: true/' dvc.yaml")
        box.write({"o": "spoilt\n", "d": "2\n"})
        box.check(f"sed -i s/'echo 1'/'echo 2'/ dvc.yaml; dvc repro -P {how}")
        seen.append(made(box))
    assert seen[0] == seen[1]


def test_frozen_behind_what_is_left_out(repo):
    repo.write({"dvc.yaml": "stages:\n  a: {cmd: echo 1 > x, outs: [x]}\n  b: {cmd: cp x y, deps: [x], outs: [y]}\n"
                            "  c:\n    cmd: cp y z\n    deps: [y]\n    outs: [z]\n"})
    repo.check("dvc repro -q && sed -i 's/deps: .y./&\\n    frozen: true/; s/echo 1/exit 3; echo 2/' dvc.yaml")
    repo.write({"z": "else\n"})
    for options in ("", "-j 2"):
        result = repo.dvc(f"repro -k {options} b c")
        assert result.status == 255 and "frozen stage: 'c'" in result.out + result.err, (options, result)
        repo.write({"z": "more\n"})


def test_few_descriptors(repo):
    """As many run at once as the number of descriptors allows."""
    repo.write({"dvc.yaml": "stages:\n  s:\n    foreach: [" + ", ".join(map(str, range(120))) + "]\n    do:\n"
                            "      cmd: sleep 0.01; echo ${item} > o${item}\n      outs: ['o${item}']\n"})
    repo.check("ulimit -n 128; dvc repro -q -j 500", timeout=60)
    assert len(stages_of(repo.read("dvc.lock"))) == 120


@pytest.mark.parametrize("options", ["", "-j 2"])
def test_odd_surroundings(repo, options):
    """Signals that the caller ignores, and standard streams that are closed or non-blocking."""
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: head -c 1000000 /dev/zero | tr '\\0' '\\n'; echo > x\n    outs: [x]\n"
                            "  b:\n    cmd: cat > y; echo done\n    outs: [y]\n"})
    repo.check(f"env --ignore-signal=CHLD dvc repro -q -f {options} < /dev/null > /dev/null", timeout=20)
    repo.check(f"dvc repro -q -f {options} <&- > /dev/null", timeout=20)
    repo.check(f"dvc repro -q -f {options} < /dev/null >&- 2>&-; true", timeout=20)
    repo.check(f"nohup dvc repro -q -f {options} < /dev/null > ../nohup", timeout=20)
    assert stages_of(repo.read("dvc.lock")) == ["a", "b"] and repo.dvc("status -q").status == 0


def test_output_that_does_not_wait(repo):
    """Another process has set standard output to non-blocking; not a byte is lost."""
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: head -c 1000000 /dev/zero | tr '\\0' '\\n'; echo > x\n    outs: [x]\n"})
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    run = subprocess.Popen([repo.tool, "repro", "-q", "-j", "2"], cwd=repo.repo, env=repo.env, stdout=writer)
    os.close(writer)
    with open(reader, "rb") as shown:
        assert shown.read().count(b"\n") >= 1000000
    assert run.wait(timeout=10) == 0


def test_prompts_can_be_interrupted(repo):
    """Also while another stage runs."""
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: sleep 1; echo > x\n    outs: [x]\n  b:\n    cmd: echo > y\n    outs: [y]\n"})
    shown, status = on_terminal(repo, ["repro", "-i", "-j", "2"], answers=["y"], seconds=20,
                                interrupt_after="stage: 'b'. Are you sure you want to continue? [y/n]")
    assert status == 255 and not (repo.repo / "y").exists(), shown


# ---- several at once ----


def test_two_on_one_repository(repo):
    """The second run finds the stage busy, or done: never half done."""
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: echo run >> ../runs; sleep 0.3; echo > x\n    outs: [x]\n"
                            "  b:\n    cmd: sleep 0.1; cp x y\n    deps: [x]\n    outs: [y]\n"})
    runs = [start(repo, "dvc repro") for _ in range(2)]
    outs = [ended(r) for r in runs]
    codes = sorted(r.returncode for r in runs)
    assert codes in ([0, 0], [0, 255]), outs
    assert codes == [0, 0] or any("is busy, it is being blocked by" in o for o in outs), outs
    repo.check("dvc repro -q && dvc status -q")
    assert (repo.root / "runs").read_text() == "run\n"


@pytest.mark.parametrize("options", ["", "-j 2"])
def test_waiting_for_another_run(repo, options):
    """With --wait-for-lock the run waits for a stage that another run holds, and then the stage is up to date."""
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: touch ../a.started; echo run >> ../runs; sleep 0.5; echo > x\n    outs: [x]\n"
                            "  b:\n    cmd: cp x y\n    deps: [x]\n    outs: [y]\n  c:\n    cmd: echo > z\n    outs: [z]\n"})
    run = start(repo, "dvc repro a")
    wait_for((repo.root / "a.started").exists)
    result = repo.check(f"dvc repro --wait-for-lock {options}", timeout=20)
    assert "Stage 'a' didn't change" in result.out and "Running stage 'b'" in result.out
    ended(run)
    assert run.returncode == 0 and (repo.root / "runs").read_text() == "run\n"


def test_eight_on_disjoint_stages(repo):
    repo.write({"dvc.yaml": "stages:\n  up:\n    cmd: echo run >> ../runs; echo > u\n    outs: [u]\n" + "".join(
        f"  s{i}:\n    cmd: sleep 0.2; cp u o{i}\n    deps: [u]\n    outs: [o{i}]\n" for i in range(8))})
    repo.check("dvc repro -q up")
    begun = time.monotonic()
    runs = [start(repo, f"dvc repro s{i}") for i in range(8)]
    outs = [ended(r, 30) for r in runs]
    assert [r.returncode for r in runs] == [0] * 8, outs
    assert time.monotonic() - begun < 8
    assert (repo.root / "runs").read_text() == "run\n", "the upstream they share was run once"
    assert sorted(stages_of(repo.read("dvc.lock"))) == sorted(["up"] + [f"s{i}" for i in range(8)])
    assert repo.check("dvc status").out == "Data and pipelines are up to date.\n"


def test_news_of_another_run(repo):
    """A stage that another run has recorded in the meantime is not run again."""
    repo.write({"dvc.yaml": "stages:\n  slow:\n    cmd: touch ../slow.started; sleep 1; echo > x\n    outs: [x]\n"
                            "  z:\n    cmd: echo run >> ../runs; echo > y\n    outs: [y]\n"})
    run = start(repo, "dvc repro")
    wait_for((repo.root / "slow.started").exists)
    repo.check("dvc repro -q z")
    out = ended(run)
    assert run.returncode == 0 and "Stage 'z' didn't change" in out
    assert (repo.root / "runs").read_text() == "run\n"


def test_waiting_is_quiet(repo):
    """Messages about a stage are printed once, however often it is tried."""
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: touch ../a.started; sleep 0.7; echo > x\n    outs: [x]\n"
                            "  first:\n    cmd: echo > f\n    outs: [f]\n"
                            "  z:\n    cmd: cp x y\n    deps: [x]\n    outs: [y]\n"})
    run = start(repo, "dvc repro a")
    wait_for((repo.root / "a.started").exists)
    repo.check("sed -i 's/deps: .x./&\\n    frozen: true/' dvc.yaml")
    repo.write({"y": "spoilt\n"})
    result = repo.check("dvc repro --wait-for-lock first z", timeout=20)
    assert "\n\n\n" not in result.out and result.err.count("is frozen") == 1, result
    ended(run)


def held_by_another(repo):
    file = open(repo.repo / ".dvc/tmp/lock", "r+")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


@pytest.mark.parametrize("how,options", [("TERM", ""), ("INT", ""), ("TERM", "-j 2"), ("INT", "-j 2")])
def test_told_to_end_while_another_is_busy(repo, how, options):
    """The command has ended, and the repository is locked by another process, so the result cannot be recorded."""
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: touch ../a.started; sleep 0.3; echo > x; touch ../a.done\n    outs: [x]\n"
                            "  b:\n    cmd: sleep 20; echo > y\n    outs: [y]\n"})
    run = start(repo, f"dvc repro {options}")
    wait_for((repo.root / "a.started").exists)
    with held_by_another(repo):
        wait_for((repo.root / "a.done").exists)
        time.sleep(0.3)
        assert run.poll() is None
        os.kill(run.pid, getattr(signal, "SIG" + how))
        if how == "INT":
            time.sleep(0.3)
            os.kill(run.pid, signal.SIGINT)
        ended(run, 10)
    assert run.returncode in ((-15,) if how == "TERM" else (252, 255))
    nobody_left(repo)
    assert not (repo.repo / "dvc.lock").exists() and repo.dvc("status").status == 0


def test_help_and_description(repo):
    out = repo.check("cairn repro --help").out
    assert "--jobs" in out and "--output" in out and "--resource" in out
    described = {c["command"]: c for c in json.loads(repo.check("cairn describe").out)}
    assert {"jobs", "output", "resource"} <= {o.get("name") for o in described["repro"]["options"]}
