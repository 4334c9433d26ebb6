"""The other side of an ssh connection, asked without ssh: `cairn executor host` answers messages (ssh_wire.h)."""

import json
import os
import signal
import subprocess

import pytest
from harness.waiting import wait_for

NONCE = "n0nce"


class Connection:
    """To a host whose directory is `place`. It has said hello; its answer is not read yet."""

    def __init__(self, box, place):
        self.child = subprocess.Popen([box.root / ".bin/cairn", "executor", "host", NONCE], cwd=box.root, env=box.env,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.send(do="hello", protocol="1", dir=str(place), repository="repository")

    def send(self, **fields):
        body = b"".join(b"%s %d\n%s\n" % (word.encode(), len(value.encode()), value.encode()) for word, value in fields.items())
        self.child.stdin.write(b"cairn-wire %s %d\n%s" % (NONCE.encode(), len(body), body))
        self.child.stdin.flush()

    def answer(self):
        left = int(self.child.stdout.readline().split()[2])
        answer = {}
        while left:
            head = self.child.stdout.readline()
            word, size = head.split()
            answer[word.decode()] = self.child.stdout.read(int(size)).decode()
            self.child.stdout.read(1)
            left -= len(head) + int(size) + 1
        return answer

    def ask(self, **fields):
        self.send(**fields)
        return self.answer()

    def prepare(self, commit):
        return self.ask(do="prepare", job="job", **{"try": "1"}, commit=commit, baseline=commit)

    def close(self):
        self.child.stdin.close()
        assert self.child.wait(timeout=20) == 0


@pytest.fixture
def connect(repo):
    made = []

    def connection(wait=True):
        made.append(Connection(repo, repo.root / "place"))
        if wait:
            made[-1].root = made[-1].answer()["root"]
        return made[-1]
    yield connection
    for one in made:
        one.close()


@pytest.fixture
def commit(repo, connect):
    """A commit that was pushed to the host."""
    there = connect().root + "/repo"
    repo.check(f"mkdir {there}/.dvc && cd {there} && touch .dvc/config && git add -A && git commit -q -m one")
    return repo.check(f"git -C {there} rev-parse HEAD").out.strip()


def trees(repo):
    return list((repo.root / "place/repository/jobs/job/tree-1").glob("*"))


def test_a_connection_that_is_late_changes_nothing(repo, connect, commit):
    """Its question was still on the way when the head of a later one took the job over."""
    early, late = connect(), connect()
    assert late.prepare(commit) == {}
    made = trees(repo)
    assert len(made) == 1
    assert "a later connection has taken the job over" in early.prepare(commit)["error"]
    assert "error" in early.ask(do="start", job="job", **{"try": "1"}, line="true")
    assert "error" in early.ask(do="forget", job="job", **{"try": "1"})
    assert trees(repo) == made
    assert late.ask(do="forget", job="job", **{"try": "1"}) == {}
    assert trees(repo) == []


def test_a_later_connection_takes_over_what_an_earlier_one_prepared(repo, connect, commit):
    early, late = connect(), connect()
    assert early.prepare(commit) == {}
    first = trees(repo)
    assert late.prepare(commit) == {}
    assert len(trees(repo)) == 1 and trees(repo) != first
    assert late.prepare(commit) == {}, "and once more"
    assert len(trees(repo)) == 1


def test_the_numbers_of_connections_grow_when_their_file_is_lost(repo, connect, commit):
    early = connect()
    assert early.prepare(commit) == {}
    for text in None, "", "x":
        file = repo.root / "place/repository/turn"
        file.unlink()
        if text is not None:
            file.write_text(text)
        assert connect().prepare(commit) == {}


def test_one_of_many_that_come_at_once_makes_the_repository(repo, connect):
    there = repo.root / "place/repository"
    for one in [connect(wait=False) for _ in range(12)]:
        assert one.answer()["root"] == str(there)
    assert repo.check(f"git -C {there}/repo config receive.shallowUpdate").out == "true\n"
    assert sorted(p.name for p in there.iterdir()) == ["locks", "repo", "turn"]


def test_a_job_has_one_life(repo, connect, commit):
    """When `start` is asked again before the job was claimed, two processes are made for it. Once the first is lost, the head
    makes another attempt: the second process must not run the commands beside it."""
    there = connect()
    assert there.prepare(commit) == {}
    trace, attempt = repo.root / "trace", repo.root / "place/repository/jobs/job/try-1"
    assert there.ask(do="start", job="job", beat="1", line=f"echo begin >>{trace}; exec sleep 5", **{"try": "1"}) == {}
    wait_for(trace.exists)
    second = subprocess.Popen([repo.root / ".bin/cairn", "executor", "run-job", attempt, "-"], cwd=repo.root, env=repo.env)
    os.kill(int(json.loads((attempt / "claim").read_text())["process"].split()[0]), signal.SIGKILL)
    wait_for(lambda: there.ask(do="poll", job="job", **{"try": "1"})["state"] == "lost")
    assert second.wait(timeout=20) != 0
    assert trace.read_text() == "begin\n"


@pytest.mark.parametrize("name", ["claim", "exit.json"])
def test_a_file_that_was_not_on_disk_when_the_power_failed(repo, connect, commit, name):
    """It is empty then. The job is lost, and tried again; the other jobs of the host are told about as before."""
    there = connect()
    assert there.prepare(commit) == {}
    attempt = repo.root / "place/repository/jobs/job/try-1"
    assert there.ask(do="start", job="job", line="sleep 5", **{"try": "1"}) == {}
    wait_for(lambda: (attempt / "claim").exists())
    os.kill(int(json.loads((attempt / "claim").read_text())["process"].split()[0]), signal.SIGKILL)
    (attempt / name).write_text("")
    wait_for(lambda: there.ask(do="poll", job="job", **{"try": "1"}).get("state") == "lost", 5)
