"""`lab`: a repository without hosts; `host`: its host "alpha", which the executor "lab" knows."""

import pytest
from harness import ssh_server
from harness.ssh_lab import PIPELINE, TRAIN, SshLab


@pytest.fixture
def lab(repo):
    if not ssh_server.available():
        pytest.skip("no ssh or sshd")
    repo.write({"dvc.yaml": PIPELINE, "train.sh": TRAIN, "params.yaml": "lr: 1\n", "data": "some data\n"})
    repo.check("cairn add -q data && git add -A && git commit -q -m project")
    made = SshLab(repo, ssh_server.Client(repo))
    yield made
    made.hold.unlink(missing_ok=True)
    for host in made.hosts:
        host.stop()


@pytest.fixture
def host(lab):
    made = lab.host("alpha")
    lab.executor("alpha")
    return made
