"""What a stage or an experiment on a host behind ssh brings back: the bytes of a local run, from a host that shares no file
system with us."""

import json
import os
import subprocess

import pytest
from harness.sandbox import REAL_DVC
from harness.ssh_lab import SshLab, PIPELINE, TRAIN, kill
from harness.waiting import wait_for


def test_an_experiment_on_a_host(lab, host):
    lab.queue("one", 2)
    lab.worker()
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert lab.runs() == 1
    assert str(host.place) in lab.trace.read_text()
    assert "begin one\nend\n" in lab.log("one")
    lab.box.check("cairn exp apply one")
    assert lab.box.read("model") == "some data\nlr 2\n"
    assert host.jobs() == []
    lab.queue("two", 3)
    lab.box.check("cairn queue start --executor lab -j 3")
    wait_for(lambda: lab.states()["two"] == "Success")


@pytest.mark.usefixtures("host")
def test_the_result_is_that_of_a_local_run(lab):
    for lr in 2, 3:
        lab.queue(f"e{lr}", lr)
    local = lab.box.copy("local")
    local.check("cairn exp queue-worker 1", timeout=60)
    lab.worker()
    assert len([r for r in lab.refs() if "refs/exps" in r]) == 2, lab.log("e2")
    here = SshLab(local, lab.client)
    assert lab.refs() == here.refs()
    assert lab.cache() == here.cache()
    assert lab.cache("runs") == here.cache("runs")
    hashes = [{json.loads(p.read_text())["result_hash"] for p in (box.repo / ".dvc/tmp/exps/run").glob("*/*.run")}
              for box in (lab.box, local)]
    assert len(hashes[0]) == 2 and hashes[0] == hashes[1]
    for box in lab.box, local:
        box.check("cairn exp apply e3")
    assert lab.box.read("dvc.lock") == local.read("dvc.lock")


@pytest.mark.usefixtures("host")
@pytest.mark.live
def test_dvc_reads_the_result(lab):
    lab.queue("one", 2)
    lab.worker()
    lab.box.use(REAL_DVC)
    assert "one" in lab.box.check("dvc exp show --csv").out
    lab.box.check("dvc exp apply one")
    assert "up to date" in lab.box.check("dvc status").out
    assert lab.box.read("pics/b c.txt") == "same\n"


def test_a_stage_on_a_host(lab, host):
    lab.box.write({"params.yaml": "lr: 4\n"})
    local = lab.box.copy("local")
    local.check("cairn repro")
    done = lab.box.check("cairn repro --executor lab")
    assert "> sh train.sh\nbegin \nend\n" in done.out, repr(done)
    assert str(host.place) in lab.trace.read_text().splitlines()[-1]
    for name in "dvc.lock", "model", "pics/a.txt", "pics/b c.txt", "m.json":
        assert lab.box.read(name) == local.read(name)
    here = SshLab(local, lab.client)
    assert lab.cache() == here.cache()
    assert lab.cache("runs") == here.cache("runs")
    assert "up to date" in lab.box.check("cairn status").out
    assert host.jobs() == []


@pytest.mark.usefixtures("host")
def test_what_is_not_in_git_goes_along(lab):
    lab.box.write({
        "dvc.yaml": "stages:\n  s:\n    cmd: cat in/a in/* u >o && cat kept >>o && echo more >>kept && ./run.sh >>o\n"
                    "    deps: [in, u, run.sh]\n    outs:\n    - o\n    - kept: {persist: true}\n",
        "in/a": "a\n", "in/b c": "b\n", "u": "untracked\n", "kept": "kept\n", "run.sh": "#!/bin/sh\necho ran\n",
        ".gitignore": "/in\n/u\n/run.sh\n"})
    os.chmod(lab.box.repo / "run.sh", 0o755)
    local = lab.box.copy("local")
    for box, more in (local, ""), (lab.box, " --executor lab"):
        box.check(f"cairn repro -q{more}")
        assert box.read("o") == "a\na\nb\nuntracked\nkept\nran\n"
        assert box.read("kept") == "kept\nmore\n"
    assert lab.box.read("dvc.lock") == local.read("dvc.lock")
    assert lab.cache() == SshLab(local, lab.client).cache(), "inputs are not added to the cache"


def test_hostile_names(lab):
    lab.host("alpha")
    lab.executor("alpha", "    dir = \"a 'dir' with $HOME; and \u00e4\"\n")
    # names that DVC takes as well; what is not UTF-8 it refuses
    names = ["with space", "-dash", "quote'\"s", "new\nline", "\u00e4\u00f6", "$(touch no)", "a;b|c&d", "!x!", "back\\slash"]
    folder = lab.box.repo / "in"
    folder.mkdir()
    for name in names:
        (folder / name).write_text(name)
    lab.box.write({"dvc.yaml": "stages:\n  's-1_x':\n    cmd: cp -r in out\n    deps: [in]\n    outs: [out]\n"})
    lab.box.check("cairn repro -q --executor lab", timeout=60)
    assert {p.name: p.read_text() for p in (lab.box.repo / "out").iterdir()} == {name: name for name in names}
    assert not list(lab.box.root.rglob("no"))


def test_only_what_the_host_lacks_is_sent(lab, host):
    lab.box.write({f"d/{i}": f"{i}\n" for i in range(50)})
    lab.box.write({"dvc.yaml": "stages:\n  s:\n    cmd: ls d >o\n    deps: [d]\n    outs: [o]\n"})
    lab.box.check("cairn add -q d && cairn repro -q --executor lab")
    objects = {p: p.stat().st_mtime_ns for p in host.place.glob("cache/files/md5/*/*")}
    lab.box.write({"d/new": "new\n"})
    lab.box.check("cairn add -q d && cairn repro -q --executor lab")
    now = {p: p.stat().st_mtime_ns for p in host.place.glob("cache/files/md5/*/*")}
    assert len(objects) >= 50 and objects.items() <= now.items(), "nothing was sent again"


def test_a_corrupt_object_on_the_host_is_not_used(lab, host):
    lab.box.check("cairn repro -q --executor lab")
    for path in host.place.glob("cache/files/md5/*/*"):
        path.chmod(0o644)
        path.write_bytes(path.read_bytes() + b"damaged")
    lab.box.check("cairn repro -q -f --executor lab")
    assert lab.box.read("model") == "some data\nlr 1\n"


def test_a_result_that_was_damaged_on_the_host_is_refused(lab, host):
    kill(lab.begin_experiment())
    lab.hold.unlink()
    wait_for(lambda: list(host.place.glob("jobs/*/try-1/exit.json")))
    for path in host.place.glob("cache/files/md5/*/*"):
        if b"lr 2" in path.read_bytes():
            path.chmod(0o644)
            path.write_bytes(b"damaged")
            path.chmod(0o444)
    lab.worker()
    assert lab.states() == {"one": "Failed"}
    assert "unable to bring the results of 'one' from host 'alpha'" in lab.log("one"), lab.log("one")
    assert not [r for r in lab.refs() if r.startswith("refs/exps")]


@pytest.mark.usefixtures("host")
def test_a_log_of_many_bytes(lab):
    size = int(os.environ.get("LAB_LOG_BYTES", 50_000_000))
    lab.box.write({"train.sh": f"head -c {size} /dev/zero | tr '\\0' x; echo; cat data >model; mkdir pics; echo 1 >pics/a; echo 1 >m.json\n"})
    lab.box.check("git commit -q -am talks")
    lab.queue("one", 2)
    lab.worker(timeout=300)
    assert lab.states() == {"one": "Success"}
    log = next((lab.box.repo / ".dvc/tmp/exps/run").glob("*/*.out"))
    assert log.read_bytes().count(b"x") >= size


def test_a_project_below_the_root_of_git(lab):
    lab.host("alpha")
    box = lab.box
    box.check("git rm -q -r --cached . && mkdir 'sub dir' && git mv -k . 'sub dir' ; for f in .dvc .dvcignore dvc.yaml train.sh params.yaml"
              " data data.dvc .gitignore; do mv $f 'sub dir/'; done; git add -A && git commit -q -m moved")
    box.cwd = box.repo / "sub dir"
    box.write({"sub dir/.dvc/cairn.config.local": "[executor \"lab\"]\n    type = ssh\n    host = alpha\n    beat = 1s\n"
                                                  "    env = LAB_TRACE, LAB_HOLD\n"})
    local = box.copy("local")
    local.cwd = local.repo / "sub dir"
    lab.queue("one", 2)
    lab.worker()
    assert lab.states() == {"one": "Success"}, lab.log("one")
    box.check("cairn exp apply one")
    assert (box.cwd / "model").read_text() == "some data\nlr 2\n"
    box.check("git checkout -q . && cairn checkout -q --force --allow-missing; cairn repro -q --executor lab")
    assert (box.cwd / "model").read_text() == "some data\nlr 1\n"
    local.check("cairn repro -q")
    assert (box.cwd / "dvc.lock").read_text() == (local.cwd / "dvc.lock").read_text()


@pytest.mark.usefixtures("host")
def test_files_to_copy(lab):
    lab.box.write({"train.sh": TRAIN + "cat 'extra/a b' >>model\n", ".git/info/exclude": "/extra\n", "extra/a b": "copied\n"})
    lab.box.check("git commit -q -am extra")
    lab.queue("one", 2, "-C extra")
    lab.worker()
    assert lab.states() == {"one": "Success"}, lab.log("one")
    lab.box.check("cairn exp apply one")
    assert lab.box.read("model").endswith("copied\n")


def test_settings_of_this_clone_count_and_secrets_stay(lab, host):
    lab.box.check("cairn remote add -q --local far s3://bucket && cairn remote modify -q --local far secret_access_key s3cr3t")
    lab.box.check("cairn config -q --local parsing.bool boolean_optional && cairn config -q --local cache.type copy")
    worker = lab.begin_experiment()
    config = next(host.place.glob("jobs/*/tree-1/*/.dvc/config.local")).read_text()
    lab.hold.unlink()
    assert worker.wait(30) == 0
    assert "boolean_optional" in config and "s3cr3t" not in config
    assert not [p for p in host.home.rglob("*") if p.is_file() and p.suffix != ".db" and b"s3cr3t" in p.read_bytes()]


def test_stages_of_a_local_experiment_that_name_the_executor(lab, host):
    """Each experiment has a work tree of its own here; on the host they share a directory."""
    lab.box.write({"dvc.yaml": PIPELINE + "    meta: {executor: lab}\n"})
    lab.box.check("cp .dvc/cairn.config.local .dvc/cairn.config; git add -A; git commit -q -m meta")
    for name, lr in ("one", 2), ("two", 3):
        lab.box.check(f"cairn exp run -q --temp -n {name} -S lr={lr}", timeout=60)
    assert str(host.place) in lab.trace.read_text() and lab.runs() == 2
    lab.box.check("cairn exp apply two")
    assert lab.box.read("model") == "some data\nlr 3\n"


def test_all_variables_but_those_of_this_machine(lab, host):
    lab.box.write({".dvc/cairn.config.local": '[executor "lab"]\n    type = ssh\n    host = alpha\n    env = *\n',
                   "dvc.yaml": "stages:\n  s:\n    cmd: echo \"$HOME $ODD\" >o\n    outs: [o]\n"})
    lab.box.extra_env["ODD"] = "a 'b' \"c\"\n$d \u00e4"
    lab.box.check("cairn repro -q --executor lab")
    assert lab.box.read("o") == f"{host.home} a 'b' \"c\"\n$d \u00e4\n"


@pytest.mark.usefixtures("host")
def test_outputs_on_another_file_system(lab):
    lab.box.write({"dvc.yaml": "stages:\n  s:\n    cmd: echo x >far/o && mkdir far/d && echo y >far/d/y\n    outs: [far/o, far/d]\n",
                   "far/here": ""})
    far = lab.box.repo / "far"
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "tmpfs", far], check=False).returncode:
        pytest.skip("nothing can be mounted")
    try:
        lab.box.check("cairn repro --executor lab", timeout=60)
        assert sorted(os.listdir(far)) == [".gitignore", "d", "o"]
        assert (far / "o").read_text() == "x\n" and (far / "d/y").read_text() == "y\n"
    finally:
        subprocess.run(["umount", far], check=True)


@pytest.mark.usefixtures("host")
def test_outputs_that_are_links(lab):
    lab.box.write({"dvc.yaml": "stages:\n  s:\n    cmd: mkdir d && echo x >d/x && ln -s x d/l && ln -s ../data d/up && ln -s data latest\n"
                               "      && ln -s d last && echo y >run && chmod +x run\n    deps: [data]\n    outs: [d, latest, last, run]\n"})
    lab.box.check("mkdir -p d && rm -r d")
    local = lab.box.copy("local")
    done = local.sh("cairn repro -q")
    assert lab.box.sh("cairn repro -q --executor lab", timeout=60).status == done.status == 0, repr(done)
    assert lab.box.read("dvc.lock") == local.read("dvc.lock")
    assert lab.cache() == SshLab(local, lab.client).cache()
    assert lab.box.read("latest") == "some data\n" and os.access(lab.box.repo / "run", os.X_OK)


def test_an_output_that_cannot_be_stored_is_made_again(lab, host):
    lab.box.write({"dvc.yaml": "stages:\n  s:\n    cmd: pwd >>$LAB_TRACE; mkdir d; ln -s nothing d/l; [ ! -e $LAB_HOLD ] || rm d/l\n"
                               "    outs: [d]\n"})
    done = lab.box.sh("cairn repro --executor lab")
    assert done.status == 255 and "/d/l" in done.err and "kept" not in done.err, repr(done)
    assert host.jobs() == []
    lab.hold.touch()
    lab.box.sh("cairn repro --executor lab")
    assert lab.runs() == 2


LITTLE_ROOM = "ulimit -f 1000; trap '' XFSZ; "  # files here may have 1000 KiB


def test_a_full_disk_here_while_the_outputs_of_a_stage_come(lab, host):
    lab.box.write({"dvc.yaml": "stages:\n  s:\n    cmd: pwd >>$LAB_TRACE; head -c 3000000 /dev/zero >o\n    outs: [o]\n"})
    done = lab.box.sh(f"bash -c \"{LITTLE_ROOM} cairn repro --executor lab\"", timeout=60)
    assert done.status == 255 and "unable to write what is fetched: file too large" in done.err, repr(done)
    assert "They are kept there: the same command brings them" in done.err
    lab.box.check("cairn repro -q --executor lab", timeout=60)
    assert lab.runs() == 1 and len(lab.box.read("o")) == 3_000_000
    assert host.jobs() == []


def test_a_full_disk_here_while_the_results_of_an_experiment_come(lab, host):
    lab.box.write({"train.sh": TRAIN + "head -c 3000000 /dev/zero >model\n"})
    lab.box.check("git commit -q -am large")
    lab.queue("one", 2)
    done = lab.box.sh(f"bash -c \"{LITTLE_ROOM} cairn exp queue-worker 1 --executor lab\"", timeout=60)
    assert "'one' stays in the queue: unable to bring the results" in done.err, repr(done)
    assert lab.states() != {"one": "Failed"}
    lab.worker()
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert lab.runs() == 1
    assert host.jobs() == []


def test_a_full_disk_on_the_host(lab):
    """Files may have 32 KiB there: a larger one cannot be written. Once there is room, the same command succeeds."""
    host = lab.host("alpha", before="ulimit -f 64")
    lab.executor("alpha")
    lab.box.write({"dvc.yaml": "stages:\n  s:\n    cmd: head -c 200000 /dev/zero >o\n    outs: [o]\n"
                               "  t:\n    cmd: wc -c <big >p\n    deps: [big]\n    outs: [p]\n", "big": "x" * 300_000})
    done = lab.box.sh("cairn repro --executor lab s", timeout=60)
    assert done.status != 0 and "failed to run: head" in done.err, repr(done)
    done = lab.box.sh("cairn repro --executor lab t", timeout=60)
    assert done.status != 0 and "unable to prepare 't' on host 'alpha'" in done.err, repr(done)
    host.set_login()
    lab.box.check("cairn repro -q --executor lab", timeout=60)
    assert lab.box.read("p").strip() == "300000"
    assert host.jobs() == []
