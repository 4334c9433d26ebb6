"""Hosts as users have them: shells, programs, versions, slots; what is said when one does not fit."""

import os

import pytest
from harness.sandbox import CAIRN
from harness.ssh_lab import PIPELINE, SshLab
from harness.waiting import wait_for


def test_a_host_without_cairn(lab):
    host = lab.host("alpha")
    (host.home / "bin/cairn").unlink()
    lab.executor("alpha")
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status != 0 and "there is no 'cairn' on host 'alpha'" in done.err, repr(done)
    assert "Install cairn there" in done.err
    (host.home / "opt").mkdir()
    (host.home / "opt/it's cairn").symlink_to(CAIRN)
    lab.executor("alpha", """    program = "~/opt/it's cairn"\n""")
    lab.box.check("cairn repro --executor lab")


def test_an_unknown_host(lab):
    lab.executor("no-such-host.invalid")
    lab.client.configure("")
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status != 0 and "no-such-host.invalid" in done.err, repr(done)


@pytest.mark.parametrize("shell", ["/usr/bin/fish", "/bin/csh", "/bin/dash", "/bin/bash"])
def test_any_login_shell(lab, shell):
    if not os.path.exists(shell):
        pytest.skip(f"no {shell}")
    lab.host("alpha", shell=shell)
    lab.executor("alpha", '    setup = """export GREETING="it\'s \\\\ set!"\n        touch "$HOME/set up\'"\n        true"""\n')
    lab.box.write({"dvc.yaml": PIPELINE.replace("sh train.sh", "'sh train.sh && echo \"$GREETING\" >>m.txt'")
                   .replace("- m.json", "- m.txt: {cache: false}\n    - m.json")})
    lab.box.check("cairn repro --executor lab", timeout=30)
    assert lab.box.read("m.txt") == "it's \\ set!\n"
    assert (lab.hosts[0].home / "set up'").exists()


def test_noise(lab):
    """What a profile or `setup` prints is passed over. Before git and sftp it must be silent, as everywhere."""
    host = lab.host("alpha", before="echo 'Welcome to the lab!' >&2")
    lab.executor("alpha", "    setup = \"printf 'cairn-wire 5 x'; echo; cat\"\n")
    lab.box.check("cairn repro --executor lab", timeout=30)
    host.set_login(before="echo 'Welcome to the lab!'")
    done = lab.box.sh("cairn repro -f --executor lab", timeout=30)
    assert done.status != 0 and "bad line length character: Welc" in done.err, repr(done)
    assert "The shell of host 'alpha' prints text" in done.err


def test_a_setup_that_fails(lab):
    lab.host("alpha")
    lab.executor("alpha", '    setup = "echo no such module >&2; exit 3"\n')
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status != 0 and "cairn cannot be started on host 'alpha': no such module" in done.err, repr(done)


def test_another_version_on_the_host(lab, host):
    (host.home / "bin/cairn").unlink()
    (host.home / "bin/cairn").write_text("#!/bin/sh\nprintf 'cairn-wire %s 30\\nprotocol 2\\n99\\nversion 5\\n0.0.1\\n' $3\ncat >/dev/null\n")
    (host.home / "bin/cairn").chmod(0o755)
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status != 0 and "cairn 0.0.1 on host 'alpha' does not work with" in done.err, repr(done)


def test_a_program_that_is_no_cairn(lab):
    lab.host("alpha")
    lab.executor("alpha", "    program = cat\n")
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status != 0 and "cairn cannot be started on host 'alpha': cat: " in done.err, repr(done)


@pytest.mark.parametrize("fields, said", [
    ("error 3\nbad\ncode 1\n5\n", "host 'alpha': bad"), ("error 3\nbad\ncode 7\n-999999\n", "host 'alpha': bad"),
    ("protocol 1\n1\n", "does not work with"), ("protocol 1\n1\nroot 5\n.evil\n", "does not work with")])
def test_a_host_that_answers_nonsense(lab, host, fields, said):
    (host.home / "bin/cairn").unlink()
    (host.home / "bin/cairn").write_text(f"#!/bin/sh\nprintf 'cairn-wire %s {len(fields)}\\n%s' $3 '{fields}'\ncat >/dev/null\n")
    (host.home / "bin/cairn").chmod(0o755)
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status == 255 and said in done.err, repr(done)


def test_a_host_without_git(lab):
    """An error, as without cairn; not a host that may come back."""
    lab.host("alpha", before="mkdir ~/some; ln -s /usr/bin/* ~/some; rm ~/some/git*; PATH=$HOME/bin:$HOME/some")
    lab.executor("alpha")
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status == 255 and "host 'alpha': " in done.err and "git" in done.err, repr(done)


@pytest.mark.usefixtures("host")
def test_a_key_that_is_refused(lab):
    lab.client.key.unlink()
    done = lab.box.sh("cairn repro --executor lab", timeout=30)
    assert done.status != 0 and "ermission denied" in done.err, repr(done)


def test_the_users_own_control_path_is_left_alone(lab):
    host = lab.host("alpha")
    socket = lab.box.root / "cm"
    host.block += f"    ControlMaster auto\n    ControlPath {socket}\n    ControlPersist 2\n"
    lab.client.configure(host.block)
    lab.executor("alpha")
    lab.queue("one", 2)
    lab.worker(timeout=60)
    assert lab.states() == {"one": "Success"}, lab.log("one")
    seen = lab.client.seen.read_text()
    assert "ControlPath" not in seen, "ours would stand in its way"


def test_hosts_are_looked_at(lab):
    alpha = lab.host("alpha")
    lab.host("beta")
    lab.executor("alpha:2, beta, gamma.invalid")
    done = lab.box.sh("cairn executor check lab")
    assert done.status == 1
    assert [line.split()[:2] for line in done.lines if "alpha" in line] == [
        ["ok", "host"], ["ok", "program"], ["ok", "clock"], ["warning", "links"], ["ok", "space"], ["ok", "limits"]]
    assert f"alpha runs cairn " in done.out and str(alpha.home / "bin/cairn") not in done.out  # links are resolved
    assert "'beta' has answered after " in done.out
    assert done.lines[-1].startswith("error    host       'gamma.invalid' cannot be used: ")
    assert lab.runs() == 0


def test_a_host_without_the_program(lab):
    host = lab.host("alpha")
    (host.home / "bin/cairn").unlink()
    lab.executor("alpha")
    done = lab.box.sh("cairn executor check lab")
    assert done.status == 1 and "error    host       'alpha' cannot be used: " in done.out


def test_two_hosts_share_the_queue(lab):
    hosts = [lab.host("alpha"), lab.host("beta")]
    lab.executor("alpha, beta:2")
    lab.hold.touch()
    for i in range(6):
        lab.queue(f"e{i}", i)
    lab.box.check("cairn queue start -q -j 6 --executor lab")
    wait_for(lambda: lab.runs() == 3)
    assert sorted(len(host.jobs()) for host in hosts) == [1, 2], "no more than there are slots"
    lab.hold.unlink()
    wait_for(lambda: set(lab.states().values()) == {"Success"}, 60)
    assert lab.runs() == 6
    assert all(any(str(host.home) in line for line in lab.trace.read_text().splitlines()) for host in hosts)


def test_a_dead_host_is_passed_over(lab):
    lab.host("alpha").cut()
    beta = lab.host("beta")
    lab.executor("alpha, beta")
    lab.queue("one", 2)
    lab.worker()
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert str(beta.home) in lab.trace.read_text()


def test_stages_side_by_side(lab):
    for name in "alpha", "beta":
        lab.host(name)
    lab.executor("alpha:2, beta:2")
    stages = "".join(f"  s{i}:\n    cmd: mkdir -p d{i}/x && cat data >d{i}/x/o && echo {i} >>d{i}/x/o\n    deps: [data]\n"
                     f"    outs: [d{i}/x/o]\n" for i in range(10))
    joined = ("  all:\n    cmd: cat d*/x/o >all\n    deps: [" + ", ".join(f"d{i}/x/o" for i in range(10)) + "]\n    outs: [all]\n")
    lab.box.write({"dvc.yaml": "stages:\n" + stages + joined})
    local = lab.box.copy("local")
    local.check("cairn repro -q -j 4")
    lab.box.check("cairn repro -q -j 4 --executor lab", timeout=60)
    assert lab.box.read("all") == local.read("all")
    assert lab.box.read("dvc.lock") == local.read("dvc.lock")
    assert lab.cache() == SshLab(local, lab.client).cache()


def test_directories_of_jobs_that_nobody_knows_are_removed_after_a_day(lab, host):
    lab.box.check("cairn repro -q --executor lab")
    old, young = host.place / "jobs/gone-0123456789abcdef", host.place / "jobs/new-0123456789abcdef"
    for folder in old, young:
        (folder / "tree-1/tmpx").mkdir(parents=True)
    os.utime(old, (1, 1))
    lab.box.check("cairn repro -q -f --executor lab")
    assert host.jobs() == [young.name]
