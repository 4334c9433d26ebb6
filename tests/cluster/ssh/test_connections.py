"""Connections that break, hosts that are down, keys that are refused for a while: what runs there goes on."""

import os
import subprocess

import pytest
from harness.ssh_lab import finished, kill
from harness.waiting import wait_for


def test_a_cut_connection_does_not_end_the_run(lab, host):
    worker = lab.begin_experiment()
    host.cut()
    wait_for(lambda: "the connection to 'alpha' was lost" in lab.log("one"))
    lab.hold.unlink()
    host.back()
    assert worker.wait(60) == 0
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert lab.runs() == 1
    assert lab.log("one").count("begin one\n") == 1 and "end\n" in lab.log("one")


def test_a_host_that_is_down_is_waited_for(lab, host):
    host.cut()
    lab.queue("one", 2)
    worker = lab.start_worker()
    wait_for(lambda: "unable to connect to 'alpha': connect to host" in lab.log("one"))
    assert lab.states() == {"one": "Running"}
    host.back()
    assert worker.wait(60) == 0
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert lab.log("one").count("waiting for it") == 1


def test_connections_that_are_cut_again_and_again(lab, host):
    """At whatever step: commits and objects on their way, jobs that run, results that come."""
    for i in range(8):
        lab.queue(f"e{i}", i)
    worker = lab.start_worker()
    for i in range(8):
        try:
            worker.wait(0.15 * (i + 1))
        except subprocess.TimeoutExpired:
            host.cut()
            host.back()
    assert worker.wait(100) == 0
    assert [lab.log(name) for name, state in lab.states().items() if state != "Success"] == []
    assert lab.runs() == 8 and len([r for r in lab.refs() if r.startswith("refs/exps")]) == 8


def test_commands_about_a_host_that_is_down_do_not_wait_for_ever(lab, host):
    kill(lab.begin_experiment())
    host.cut()
    done = lab.box.sh("cairn executor cancel lab", timeout=40)
    assert done.status != 0 and "unable to connect to 'alpha'" in done.err, repr(done)
    done = lab.box.sh("cairn executor check lab", timeout=40)
    assert done.status != 0 and "alpha" in done.out + done.err, repr(done)
    host.back()
    lab.box.check("cairn executor cancel lab", timeout=40)
    assert host.jobs() == []


def test_a_job_that_ended_a_day_ago_while_nobody_was_connected(lab, host):
    """The connection that is made then names the jobs that are in use now, not those of the time when it was made first."""
    head = lab.begin_stage()
    host.cut()
    lab.hold.unlink()
    os.utime(finished(host), (1, 1))
    host.back()
    out, _ = head.communicate(timeout=60)
    assert head.returncode == 0 and lab.runs() == 1, out
    assert lab.box.read("model") == "some data\nlr 1\n"


def without_key(lab):
    """As after a reboot, until the user unlocks the key."""
    key = lab.client.key.read_bytes()
    lab.client.key.unlink()

    def back():
        lab.client.key.write_bytes(key)
        lab.client.key.chmod(0o600)
    return back


def test_a_stage_is_not_started_elsewhere_because_its_host_refused_us(lab):
    lab.host("beta")
    lab.executor("beta")
    kill(lab.begin_stage())
    lab.host("alpha")
    lab.executor("alpha, beta")
    back = without_key(lab)
    done = lab.box.sh("cairn repro --executor lab", timeout=40)
    assert done.status == 255 and "ermission denied" in done.err, repr(done)
    back()
    lab.hold.unlink()
    # were it free to choose, it could still come to the same host by chance
    lab.hosts[0].cut()
    head = lab.start_head()
    wait_for(lambda: "beta" in lab.box.check("cairn executor jobs").out)
    lab.hosts[0].back()
    out, _ = head.communicate(timeout=60)
    assert head.returncode == 0 and lab.runs() == 1, out


@pytest.mark.usefixtures("host")
def test_an_experiment_waits_for_a_host_that_refuses_us(lab):
    kill(lab.begin_experiment())
    back = without_key(lab)
    worker = lab.start_worker()
    wait_for(lambda: "waiting for it" in lab.log("one") or worker.poll() is not None)
    back()
    lab.hold.unlink()
    assert worker.wait(60) == 0
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert lab.runs() == 1
