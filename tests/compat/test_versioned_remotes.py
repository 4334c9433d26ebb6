"""Cloud-versioned remotes (version_aware, worktree): the same steps with cairn and with the real DVC, each in a place of
its own in one bucket that keeps versions; and what one of them has pushed, read by the other."""

import re

import pytest
from harness.sandbox import CAIRN, REAL_DVC

pytestmark = pytest.mark.live

FILES = {"a": "a\n", "d/x": "x\n", "d/sub/y": "y\n", "d/same": "a\n"}
PIPELINE = "stages:\n  s:\n    cmd: mkdir -p o && cp a o/k && cp a single\n    deps: [a]\n    outs: [o, single]\n"
VERSION = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
STAGE_MD5 = re.compile(r"^md5: [0-9a-f]{32}$", re.M)


class Side:
    """A tool with its repository and its place."""

    def __init__(self, box, place, **options):
        self.box, self.place = box, place
        place.configure(box, **options)

    def plain(self, text):
        """Without what differs between two places: their paths, and the versions that the server makes up."""
        text = text.replace(self.place.path, "PLACE").replace(self.place.options["endpointurl"], "ENDPOINT")
        return STAGE_MD5.sub("md5: STAGE", VERSION.sub("VERSION", text))

    def run(self, command):
        done = self.box.dvc(command)
        return done.status, sorted(self.plain(done.out + done.err).splitlines())

    def files(self, names):
        return {n: self.plain(self.box.read(n)) for n in names}

    def versions(self):
        """{key: the contents of its versions, oldest first}"""
        boto, (bucket, _, prefix) = self.place.server.boto, self.place.path.partition("/")
        listed = boto.list_object_versions(Bucket=bucket, Prefix=prefix + "/").get("Versions", [])
        found = {}
        for v in sorted(listed, key=lambda v: v["LastModified"]):
            body = boto.get_object(Bucket=bucket, Key=v["Key"], VersionId=v["VersionId"])["Body"].read()
            found.setdefault(v["Key"].removeprefix(prefix + "/"), []).append(body)
        return {k: sorted(v) for k, v in found.items()}


class Pair:
    def __init__(self, new_sandbox, s3, **options):
        self.sides = [Side(new_sandbox(tool), s3.place("versioned"), **options) for tool in (CAIRN, REAL_DVC)]

    def each(self, do):
        """The result of both, which is the same."""
        ours, theirs = (do(side) for side in self.sides)
        assert ours == theirs
        return ours

    def dvc(self, command, *names, status=0):
        """Run a command with both: same status, same text, same files afterwards."""
        text = self.each(lambda s: s.run(command))
        assert text[0] == status, text
        self.each(lambda s: s.files(names))
        return text[1]

    def quiet(self, command):
        """A step that is not compared."""
        for side in self.sides:
            assert side.box.dvc(command).status == 0

    def sh(self, command):
        for side in self.sides:
            side.box.check(command)

    def write(self, files):
        for side in self.sides:
            side.box.write(files)

    def put(self, key, data):
        for side in self.sides:
            side.place.write(key, data)

    def remove(self, key):
        for side in self.sides:
            side.place.remove(key)

    def same_versions(self):
        return self.each(lambda s: s.versions())


@pytest.fixture
def pair(new_sandbox, s3):
    made = Pair(new_sandbox, s3, version_aware="true")
    made.write(FILES)
    made.quiet("add -q a d")
    return made


@pytest.fixture
def worktree(new_sandbox, s3):
    made = Pair(new_sandbox, s3, worktree="true")
    made.write(FILES)
    made.quiet("add -q a d")
    made.quiet("push -q")
    return made


# ---- push


def test_push_records_versions(pair):
    assert pair.dvc("push", "a.dvc", "d.dvc") == ["4 files pushed"]
    assert set(pair.same_versions()) == {"a", "d/x", "d/sub/y", "d/same"}


def test_push_again_sends_nothing(pair):
    pair.quiet("push -q")
    assert pair.dvc("push", "a.dvc", "d.dvc") == ["Everything is up to date."]
    pair.same_versions()


def test_push_of_a_target(pair):
    pair.dvc("push a.dvc", "a.dvc", "d.dvc")
    assert set(pair.same_versions()) == {"a"}


def test_push_of_changes_makes_new_versions(pair):
    pair.quiet("push -q")
    pair.write({"a": "a2\n", "d/sub/y": "y2\n", "d/new": "n\n"})
    pair.sh("rm d/x")
    pair.quiet("add -q a d")
    assert pair.dvc("push", "a.dvc", "d.dvc") == ["3 files pushed"]
    found = pair.same_versions()
    assert found["d/sub/y"] == [b"y\n", b"y2\n"] and found["d/x"] == [b"x\n"]


def test_versions_of_unchanged_files_stay_when_data_is_added_again(pair):
    pair.quiet("push -q")
    pair.write({"d/new": "n\n"})
    pair.dvc("add -q d", "d.dvc")
    pair.dvc("add -q a", "a.dvc")


def test_push_of_a_pipeline(pair):
    pair.write({"dvc.yaml": PIPELINE})
    pair.quiet("repro -q")
    pair.dvc("push -q", "dvc.lock", "a.dvc")
    pair.dvc("push", "dvc.lock")
    pair.dvc("repro", "dvc.lock")


def test_push_of_a_pipeline_says_so_once(pair):
    pair.write({"dvc.yaml": PIPELINE})
    pair.quiet("repro -q")
    assert "Updating lock file 'dvc.lock'" in pair.dvc("push")


def test_push_after_a_newer_version(pair):
    """The recorded version is still there, so nothing is sent."""
    pair.quiet("push -q")
    pair.put("a", b"someone else")
    pair.dvc("push", "a.dvc")
    pair.same_versions()


# ---- fetch and pull


def test_fetch(pair):
    pair.quiet("push -q")
    pair.sh("rm -rf .dvc/cache a d")
    assert pair.dvc("fetch") == ["4 files fetched"]
    pair.dvc("checkout", "a", "d/x", "d/sub/y", "d/same")
    pair.dvc("status")


def test_pull_of_an_older_version(pair):
    pair.quiet("push -q")
    pair.sh("git add -A && git commit -qm 1")
    pair.write({"a": "a2\n"})
    pair.quiet("add -q a")
    pair.quiet("push -q")
    pair.sh("git checkout -q -- a.dvc && rm -rf .dvc/cache a d")
    pair.dvc("pull", "a", "d/x")


def test_fetch_of_a_target(pair):
    pair.quiet("push -q")
    pair.sh("rm -rf .dvc/cache a d")
    assert pair.dvc("fetch a.dvc") == ["1 file fetched"]
    assert pair.dvc("fetch d") == ["2 files fetched"]  # d/same is in the cache already


def test_fetch_of_all_commits(pair):
    pair.quiet("push -q")
    pair.sh("git add -A && git commit -qm 1")
    pair.write({"a": "a2\n"})
    pair.quiet("add -q a")
    pair.quiet("push -q")
    pair.sh("git add -A && git commit -qm 2 && rm -rf .dvc/cache")
    pair.quiet("fetch -q -a -A")
    pair.sh("git checkout -q HEAD^ -- a.dvc")
    pair.quiet("checkout -q -f a.dvc")
    pair.each(lambda s: s.files(["a"]))


def test_pull_of_a_pipeline(pair):
    pair.write({"dvc.yaml": PIPELINE})
    pair.quiet("repro -q")
    pair.quiet("push -q")
    pair.sh("rm -rf .dvc/cache a d o single")
    pair.quiet("pull -q")
    pair.each(lambda s: s.files(["a", "o/k", "single"]))
    pair.dvc("status")


def test_checkout_without_the_listing(pair):
    """The pointer has the list of files: the listing is not needed. `status` of DVC misses it all the same."""
    pair.quiet("push -q")
    pair.sh("rm .dvc/cache/files/md5/*/*.dir")
    assert "up to date" in pair.sides[0].box.dvc("status").out
    pair.sh("rm -r d")
    pair.quiet("checkout -q d")
    pair.each(lambda s: s.files(["d/x", "d/sub/y", "d/same"]))


# ---- what such a remote does not have


@pytest.mark.parametrize("command, status", [("status -c", 1), ("status -r r", 1), ("gc -c -w -f", 251), ("push -a", 1), ("push -T", 1),
                                             ("push -A", 1), ("add --to-remote ../x -o y", 1),
                                             ("import-url --to-remote ../x y", 1)])
def test_unsupported(pair, command, status):
    pair.sh("echo 1 > ../x")
    pair.quiet("push -q")
    pair.dvc(command, status=status)


@pytest.mark.parametrize("command", ["push --run-cache", "fetch --run-cache"])
def test_the_run_cache_is_left_out(pair, command):
    pair.write({"dvc.yaml": PIPELINE})
    pair.quiet("repro -q")
    pair.quiet("push -q")
    pair.dvc(command)


def test_worktree_without_versions(new_sandbox, s3):
    pair = Pair(new_sandbox, s3, worktree="true", version_aware="false")
    pair.write(FILES)
    pair.quiet("add -q a")
    pair.dvc("push", status=1)


# ---- worktree


def test_update(worktree):
    worktree.put("a", b"theirs")
    worktree.dvc("update a.dvc", "a.dvc", "a")
    worktree.dvc("update a.dvc", "a.dvc", "a")
    # DVC has not stored what it brought, and says so
    assert "up to date" in worktree.sides[0].box.dvc("status").out


def test_update_of_a_directory(worktree):
    """The pointers differ: cairn writes the versions under the remote's name, as a push does."""
    worktree.put("d/added", b"added")
    worktree.put("d/sub/y", b"theirs")
    worktree.remove("d/x")
    worktree.dvc("update d.dvc")
    worktree.each(lambda s: s.files(["d/added", "d/sub/y", "d/same"]))
    worktree.each(lambda s: (s.box.repo / "d/x").exists())


def test_update_of_what_was_never_pushed(worktree):
    worktree.write({"new": "1\n"})
    worktree.quiet("add -q new")
    worktree.dvc("update new.dvc")


def test_update_of_what_is_gone(worktree):
    worktree.remove("a")
    worktree.dvc("update a.dvc", "a.dvc", "a")


@pytest.mark.parametrize("option", ["--rev x", "--no-download", "--to-remote"])
def test_options_of_imports(worktree, option):
    worktree.dvc(f"update {option} a.dvc", status=1)


def test_update_needs_a_worktree(pair):
    pair.quiet("push -q")
    pair.dvc("update a.dvc", status=1)


# ---- imports


@pytest.fixture
def sources(pair):
    pair.put("src/f", b"one")
    pair.put("src/g/x", b"x")
    pair.put("src/g/s/y", b"y")
    return pair


def test_import_of_a_file(sources):
    sources.dvc("import-url -q --version-aware remote://r/src/f", "f.dvc", "f")
    sources.dvc("status -q f.dvc")
    sources.put("src/f", b"two")
    sources.dvc("status f.dvc")
    sources.dvc("update -q f.dvc", "f.dvc", "f")
    sources.dvc("update f.dvc", "f.dvc")


def test_import_of_a_directory(sources):
    sources.dvc("import-url -q --version-aware remote://r/src/g", "g.dvc", "g/x", "g/s/y")
    sources.put("src/g/new", b"n")
    sources.put("src/g/x", b"x2")
    sources.remove("src/g/s/y")
    sources.dvc("status g.dvc")
    sources.dvc("update -q g.dvc", "g.dvc", "g/x", "g/new")
    sources.dvc("status g.dvc")


def test_an_import_comes_from_its_source_by_version(sources):
    sources.quiet("import-url -q --version-aware remote://r/src/f")
    sources.quiet("import-url -q --version-aware remote://r/src/g")
    sources.put("src/f", b"two")
    sources.put("src/g/x", b"x2")
    sources.sh("rm -rf .dvc/cache f g")
    sources.quiet("pull -q f.dvc g.dvc")
    assert sources.each(lambda s: s.files(["f", "g/x"])) == {"f": "one", "g/x": "x"}


@pytest.mark.parametrize("what", ["f", "g"])
def test_import_without_data(sources, what):
    sources.dvc(f"import-url -q --version-aware --no-download remote://r/src/{what}", f"{what}.dvc")
    sources.quiet(f"pull -q {what}.dvc")
    sources.dvc(f"update -q {what}.dvc", f"{what}.dvc")


def test_import_without_a_run(sources):
    sources.dvc("import-url -q --version-aware --no-exec remote://r/src/f", "f.dvc")


def test_update_to_an_older_version(sources):
    sources.quiet("import-url -q --version-aware remote://r/src/f")
    olds = [VERSION.search(side.box.read("f.dvc"))[0] for side in sources.sides]
    sources.put("src/f", b"two")
    sources.quiet("update -q f.dvc")
    for side, old in zip(sources.sides, olds):
        assert side.box.dvc(f"update -q --rev {old} f.dvc").status == 0
    assert sources.each(lambda s: s.files(["f", "f.dvc"]))["f"] == "one"


# ---- one after the other


@pytest.fixture(params=[(CAIRN, REAL_DVC), (REAL_DVC, CAIRN)], ids=["cairn-first", "dvc-first"])
def in_turn(request, new_sandbox, s3):
    """Two sandboxes with one place: the first has pushed, the second has cloned it."""
    first, second = (new_sandbox(tool, start="empty" if i else "git") for i, tool in enumerate(request.param))
    place = s3.place("versioned")
    if not (first.repo / ".dvc").exists():
        first.check(f"{CAIRN} init -q")
    place.configure(first, version_aware="true")
    first.write(FILES)
    first.check(f"{CAIRN} add -q a d")
    assert first.dvc("push").status == 0
    first.check("git add -A && git commit -qm 1")
    second.check(f"git clone -q {first.repo} .")
    place.configure(second, version_aware="true")
    return first, second


def test_the_other_pulls(in_turn):
    _, second = in_turn
    assert second.dvc("pull").status == 0
    assert {n: second.read(n) for n in FILES} == FILES
    assert "up to date" in second.dvc("status").out


def test_the_other_pushes_back(in_turn):
    first, second = in_turn
    assert second.dvc("pull").status == 0
    assert "Everything is up to date." in second.dvc("push").out
    second.write({"a": "changed\n", "d/new": "new\n"})
    second.check(f"{CAIRN} add -q a d")
    assert "2 files pushed" in second.dvc("push").out
    second.check("git add -A && git commit -qm 2")
    first.check(f"git pull -q {second.repo} master && rm -rf .dvc/cache a d")
    assert first.dvc("pull").status == 0
    assert (first.read("a"), first.read("d/new"), first.read("d/x")) == ("changed\n", "new\n", "x\n")


def test_the_other_takes_single_files(in_turn):
    first, second = in_turn
    first.check(f"git -C {first.repo} status")
    for command, name, text in (("get . a -o got", "got", "a\n"), ("get . d/sub/y -o got2", "got2", "y\n")):
        second.check("rm -rf .dvc/cache")
        assert second.dvc(command).status == 0
        assert second.read(name) == text
    done = second.dvc("get . a --show-url")
    assert done.status == 0 and "?versionId=" in done.out
