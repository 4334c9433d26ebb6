"""The C library from Python by ctypes, as any language loads it: the answers are those of the command line, and the process
of the host is left alone."""

import ctypes
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import textwrap

import pytest
from harness.git_http import git_http
from harness.sandbox import CAIRN, TOP

HEADER = TOP / "include/cairn.h"


def library_path():
    """Beside the program under test, or in build-dev."""
    for place in CAIRN.resolve().parent.parent / "api", TOP / "build-dev/src/api", TOP / "build/src/api":
        if (place / "libcairn.so.0").exists():
            return place / "libcairn.so.0"
    raise FileNotFoundError("libcairn.so.0 is not built")


class Error(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("code", ctypes.c_int), ("kind", ctypes.c_char * 32),
                ("message", ctypes.c_char_p), ("hint", ctypes.c_char_p)]


class Failure(Exception):
    def __init__(self, error):
        self.code, self.kind, self.message = error.code, error.kind.decode(), error.message.decode("utf-8", "surrogateescape")
        super().__init__(self.kind, self.message)


class Repo:
    def __init__(self, url, **options):
        self.lib = ctypes.CDLL(str(library_path()))
        self.lib.cairn_file_read.restype = self.lib.cairn_file_size.restype = ctypes.c_int64
        self.lib.cairn_file_read.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64, ctypes.c_void_p]
        self.error, self.handle = Error(ctypes.sizeof(Error)), ctypes.c_void_p()
        self.done(self.lib.cairn_repo_open(os.fsencode(url), json.dumps(options).encode(), ctypes.byref(self.handle), ctypes.byref(self.error)))

    def done(self, code):
        if code < 0:
            assert code == self.error.code
            raise Failure(self.error)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lib.cairn_repo_close(self.handle)
        self.lib.cairn_error_clear(ctypes.byref(self.error))

    def text(self, question, **arguments):
        answer = ctypes.c_void_p()
        asked = json.dumps(arguments, ensure_ascii=False).encode("utf-8", "surrogateescape")
        self.done(self.lib.cairn_query(self.handle, question.encode(), asked, ctypes.byref(answer), ctypes.byref(self.error)))
        text = ctypes.string_at(answer)
        self.lib.cairn_free(answer)
        return text

    def ask(self, question, **arguments):
        return json.loads(self.text(question, **arguments).decode("utf-8", "surrogateescape"))

    def read(self, path, rev=None):
        file = ctypes.c_void_p()
        self.done(self.lib.cairn_file_open(self.handle, os.fsencode(path), rev and rev.encode(), ctypes.byref(file), ctypes.byref(self.error)))
        size = self.lib.cairn_file_size(file)
        room = ctypes.create_string_buffer(size + 1)
        assert self.lib.cairn_file_read(file, room, size + 1, 0, None) == size
        self.lib.cairn_file_close(file)
        return room.raw[:size]


@pytest.fixture
def here(monkeypatch):
    """The environment of a sandbox for this process, as the library reads it."""

    def enter(box):
        for name in ("HOME", "PATH", "DVC_SITE_CACHE_DIR", "XDG_CONFIG_HOME", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL"):
            if name in box.env:
                monkeypatch.setenv(name, box.env[name])
        return box

    return enter


@pytest.fixture
def project(repo, here):
    repo.write({"params.yaml": "lr: 1\nnet: {depth: 3}\n", "data/a": "one\n", "data/s/b": "two\n", "file": "0123456789", "m.json": '{"acc": 1}',
                "dvc.yaml": "metrics: [m.json]\nstages:\n  s:\n    cmd: echo 1 > o\n    params: [lr]\n    deps: [file]\n    outs: [o]\n"
                            "artifacts:\n  net: {path: o, type: model}\n"})
    for line in """
        dvc add -q data file && dvc remote add -q -d r ../remote && dvc repro -q && git add -A && git commit -qm one && git tag -am v1 v1
        git tag -am net net@v1.0.0 && git init -q ../o && cd ../o && git commit -q --allow-empty -m o && dvc init -q && git add -A && git commit -qm o
        dvc dataset add -q ds --dvc ../o && mkdir sub && cd sub && dvc init -q --subdir && echo n > n && dvc add -q n
        cairn exp run -q -n tried -S lr=2 && git checkout -q params.yaml && dvc push -q && git add -A && git commit -qm two
        printf '{"acc": 2}' > m.json && echo changed >> file && echo new > data/c
    """.strip().splitlines():
        repo.check(line)
    return here(repo)


QUESTIONS = [
    ("metrics", {}, "metrics show --json"),
    ("metrics", {"revs": ["v1", "tried"]}, "metrics show --json --rev v1 --rev tried"),
    ("metrics", {"all_tags": True, "targets": ["m.json"]}, "metrics show --json -T m.json"),
    ("params", {"deps": True}, "params show --json --deps"),
    ("params", {"stages": "s", "revs": "v1"}, "params show --json --stages s --rev v1"),
    ("exp", {}, "exp show --json"),
    ("exp", {"revs": ["v1"], "num": 2, "param_deps": True, "sha": True}, "exp show --json --rev v1 -n 2 --param-deps --sha"),
    ("artifact", {"name": "net", "version": "v1.0.0"}, "artifacts show net --rev v1.0.0 --json"),
    ("dataset", {"name": "ds"}, "dataset show ds --json"),
    ("revs", {}, "revs --json"),
    ("revs", {"commits": True, "tags": True}, "revs --json --commits --tags"),
    ("stages", {}, "stage list --json"),
    ("stages", {"all": True}, "stage list --json --all"),
    ("status", {}, "status --json"),
    ("status", {"targets": ["s"], "with_deps": True}, "status --json --with-deps s"),
    ("status", {"cloud": True}, "status --json --cloud"),
    ("list", {"recursive": True, "subrepos": True}, "list . -R --subrepos --json"),
    ("list", {"path": "data", "dvc_only": True}, "list . data --dvc-only --json"),
    ("resolve", {"paths": ["file", "data", "data/s/b", "m.json", "sub/n"]}, "resolve file data data/s/b m.json sub/n --json"),
    ("version", {}, "version --json"),
]


@pytest.mark.parametrize("question, arguments, line", QUESTIONS, ids=[q[2] for q in QUESTIONS])
def test_answers_are_those_of_the_command_line(project, question, arguments, line):
    with Repo(project.repo) as repo:
        assert repo.text(question, **arguments) == project.check("cairn " + line).out.rstrip("\n").encode()


@pytest.mark.parametrize("question, arguments, line", [
    ("metrics", {}, "metrics show --json --rev v1"),
    ("exp", {}, "exp show --json --rev v1 --hide-workspace"),
    ("list", {"recursive": True}, "list . -R --json --rev v1"),
    ("resolve", {"paths": ["file", "m.json", "data/a"]}, "resolve file m.json data/a --json --rev v1"),
])
def test_a_handle_of_a_revision(project, question, arguments, line):
    with Repo(project.repo, rev="v1") as repo:
        assert repo.text(question, **arguments) == project.check("cairn " + line).out.rstrip("\n").encode()


@pytest.mark.parametrize("question, arguments, kind", [
    ("metrics", {"revs": ["nope"]}, "unknown-revision"),
    ("metrics", {"targets": "nope.json", "fail": True}, "not-found"),
    ("params", {"stages": "nope", "fail": True}, "stage-not-found"),
    ("artifact", {"name": "nope"}, "artifact-not-found"),
    ("dataset", {"name": "nope"}, "dataset-not-found"),
    ("list", {"path": "nope"}, "not-found"),
    ("resolve", {"paths": ["file", "nope"]}, "path-missing"),
    ("status", {"targets": ["nope"]}, "target-not-found"),
    ("status", {"cloud": True, "remote": "nope"}, "remote-not-found"),
    ("stages", {"targets": ["nope/dvc.yaml"]}, "file-not-found"),
])
def test_failures(project, question, arguments, kind):
    with Repo(project.repo) as repo, pytest.raises(Failure) as failed:
        repo.ask(question, **arguments)
    assert failed.value.kind == kind


def test_files_from_everywhere(project):
    with Repo(project.repo) as repo:
        assert repo.read("data/a") == b"one\n" and repo.read("file").endswith(b"changed\n")
        assert repo.read("file", "v1") == b"0123456789" and repo.read("m.json", "v1") == b'{"acc": 1}'
        project.check("rm -rf .dvc/cache data file")
        assert repo.read("data/s/b") == b"two\n" and repo.read("file") == b"0123456789"
        assert not (project.repo / ".dvc/cache/files").exists()
        project.check("rm -rf ../remote/files/md5/78")
        with pytest.raises(Failure) as failed:
            repo.read("file")
        assert failed.value.kind == "data-missing"


def test_a_far_repository(project, tmp_path):
    """Cloned once over HTTP; later commits there are not seen, other revisions of the clone are."""
    project.check("git clone -q --bare . ../far.git && git -C ../far.git update-server-info")
    project.check("git push -q ../far.git 'refs/exps/*:refs/exps/*'")
    with git_http(project.root) as server:
        with Repo(f"{server.address}/far.git") as repo:
            [values] = repo.ask("metrics").values()
            assert values["data"]["m.json"]["data"] == {"acc": 1}
            project.check("git commit -qam three && git push -q ../far.git HEAD:master")
            [values] = repo.ask("metrics").values()
            assert values["data"]["m.json"]["data"] == {"acc": 1}
            assert repo.ask("metrics", revs="tried")["tried"]["data"]
            assert repo.ask("revs")["tags"] == ["net@v1.0.0", "v1"]
            assert repo.read("m.json") == b'{"acc": 1}' and repo.read("m.json", "v1") == b'{"acc": 1}'
            assert [s["name"] for s in repo.ask("stages")] == ["s"]
            assert repo.ask("resolve", paths=["m.json"])[0]["source"] == "git"
            assert repo.ask("artifact", name="net")["path"] == "o"
            assert repo.ask("exp")[0]["rev"] == repo.ask("exp", revs="HEAD")[0]["rev"]
            with pytest.raises(Failure) as failed:
                repo.ask("status")
            assert failed.value.kind == "unsupported"
        with pytest.raises(Failure) as failed:
            Repo(f"{server.address}/nope.git")
        assert failed.value.kind == "clone-failed"


def test_names_of_every_kind(project):
    odd = ["a b", "new\nline", "-dash", os.fsdecode(b"\xff\xfe"), "ünï", '"quote"\\']
    for name in odd:
        (project.repo / name).write_text(name, errors="surrogateescape")
    with Repo(project.repo) as repo:
        found = repo.ask("resolve", paths=odd)
        assert [(e["path"], e["size"]) for e in found] == [(name, len(os.fsencode(name))) for name in odd]
        answer = json.loads(repo.text("resolve", paths=odd))  # no bytes but those of ASCII: any reader of JSON takes it
        assert repo.ask("resolve", paths=[json.loads(json.dumps(e["path"])) for e in answer]) == found
        assert set(odd) <= {e["path"] for e in repo.ask("list")}
        assert [repo.read(name) for name in odd] == [os.fsencode(name) for name in odd]


def test_a_directory_that_is_no_repository(here, repo, tmp_path):
    here(repo)
    (tmp_path / "x").write_text("plain")
    with Repo(tmp_path) as plain:
        assert plain.ask("list")[0]["path"] == "x" and plain.read("x") == b"plain" and plain.ask("metrics")[""] == {"data": {}}
        for question, kind in ("status", "not-a-repository"), ("exp", "not-a-repository"), ("revs", "no-git"):
            with pytest.raises(Failure) as failed:
                plain.ask(question)
            assert failed.value.kind == kind


# ---- the library as an object


def declared():
    return set(re.findall(r"\b(cairn_[a-z_]+)\(", re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.S)))


def test_it_exports_what_the_header_declares():
    listed = subprocess.run(["nm", "-D", "--defined-only", library_path()], capture_output=True, text=True, check=True).stdout
    assert {line.split()[-1].split("@")[0] for line in listed.splitlines()} == declared()


def test_it_knows_its_name():
    shown = subprocess.run(["readelf", "-d", library_path()], capture_output=True, text=True, check=True).stdout
    assert "[libcairn.so.0]" in shown and "libgit2" not in shown and "libcurl" not in shown


@pytest.mark.parametrize("compiler, flags", [("gcc", ["-x", "c", "-std=c99"]), ("clang", ["-x", "c", "-std=c99"]), ("g++", ["-x", "c++", "-std=c++98"]), ("clang++", ["-x", "c++", "-std=c++20"])])
def test_the_header_compiles_alone(compiler, flags):
    if not shutil.which(compiler):
        pytest.skip(f"no {compiler}")
    done = subprocess.run([compiler, *flags, "-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", HEADER.parent, "-"],
                          input="#include <cairn.h>\nint use(void);\nint use(void) { cairn_error e = CAIRN_ERROR_INIT; return e.code + cairn_abi(); }\n",
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


HOST = """
import ctypes, json, sys
lib = ctypes.CDLL(sys.argv[1])
class Error(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("code", ctypes.c_int), ("kind", ctypes.c_char * 32), ("message", ctypes.c_char_p), ("hint", ctypes.c_char_p)]
error, repo, out = Error(ctypes.sizeof(Error)), ctypes.c_void_p(), ctypes.c_void_p()
lib.cairn_repo_open(sys.argv[2].encode(), None, ctypes.byref(repo), ctypes.byref(error))
for question, arguments in json.loads(sys.argv[3]):
    lib.cairn_query(repo, question.encode(), json.dumps(arguments).encode(), ctypes.byref(out), ctypes.byref(error))
for path in b"file", b"data/a", b"nope", b"data":
    lib.cairn_file_open(repo, path, b"v1", ctypes.byref(out), ctypes.byref(error))
lib.cairn_repo_open(b"/nowhere", None, ctypes.byref(out), ctypes.byref(error))
lib.cairn_repo_open(b"https://127.0.0.1:1/x", None, ctypes.byref(out), ctypes.byref(error))
lib.cairn_repo_close(repo)
"""


def host(project, *before):
    asked = [[q, a] for q, a, _ in QUESTIONS] + [["nope", {}], ["metrics", {"revs": ["nope"]}]]
    return [*before, sys.executable, "-c", HOST, str(library_path()), str(project.repo), json.dumps(asked)]


def test_nothing_is_printed(project):
    project.write({"broken.json": "{", "dvc.yaml": (project.repo / "dvc.yaml").read_text().replace("[m.json]", "[m.json, broken.json, nope.json]")})
    done = subprocess.run(host(project), env=project.env, capture_output=True, text=True, cwd="/")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace")
def test_what_it_asks_of_the_system(project):
    """In the process of the host itself (children start, and may do all that, after exec)."""
    done = subprocess.run(host(project, "strace", "-qq", "-e", "trace=chdir,fchdir,umask,rt_sigaction,write,kill,tgkill,setitimer,prctl,dup2"),
                          env=project.env, capture_output=True, text=True, cwd="/")
    calls = [line for line in done.stderr.splitlines() if not line.startswith("---")]
    start = next((i for i, line in enumerate(calls) if "/nowhere" in line), 0)
    forbidden = [line for line in calls[start:] if re.match(r"(chdir|fchdir|umask|kill|tgkill|setitimer|dup2)\(|write\((1|2),", line)]
    assert done.returncode == 0 and forbidden == []
    # Python sets handlers when it starts and ends; none comes from the library, which would be between its files
    assert not [line for line in calls if re.match(r"rt_sigaction\(SIG(PIPE|INT|TERM|HUP|XFSZ|CHLD), \{", line) and "SA_RESTART" in line]


def test_options_of_libgit2_stay(project):
    """Another user of the same libgit2 in the process finds what it has set."""
    try:
        git2 = ctypes.CDLL("libgit2.so.1.5")
    except OSError:
        pytest.skip("no libgit2.so.1.5")
    script = HOST + textwrap.dedent("""
        git2 = ctypes.CDLL("libgit2.so.1.5")
        value = ctypes.c_int(-1)
        git2.git_libgit2_opts(36, ctypes.byref(value))  # GIT_OPT_GET_OWNER_VALIDATION is 35 or 36, by version
        print(value.value)
    """)
    del git2
    asked = json.dumps([["revs", {}], ["metrics", {"revs": ["v1"]}]])
    for number in 35, 36:
        script = re.sub(r"opts\(\d+", f"opts({number}", script)
        with_us = subprocess.run([sys.executable, "-c", script, library_path(), project.repo, asked], env=project.env, capture_output=True, text=True)
        alone = subprocess.run([sys.executable, "-c", "import ctypes\ngit2 = ctypes.CDLL('libgit2.so.1.5')\ngit2.git_libgit2_init()\nvalue = ctypes.c_int(-1)\n"
                                f"git2.git_libgit2_opts({number}, ctypes.byref(value))\nprint(value.value)"], capture_output=True, text=True)
        assert with_us.stdout == alone.stdout


# ---- the examples


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
def test_the_example_in_c(project, tmp_path):
    program = tmp_path / "best"
    subprocess.run(["gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-I", HEADER.parent, "-o", program, TOP / "examples/library/metrics.c", library_path()], check=True)
    done = subprocess.run([program, project.repo, "v1"], env={**project.env, "LD_LIBRARY_PATH": str(library_path().parent)}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, '{"v1": {"data": {"m.json": {"data": {"acc": 1}}}}}\n')
    done = subprocess.run([program, project.repo, "nope"], env={**project.env, "LD_LIBRARY_PATH": str(library_path().parent)}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "unknown-revision: unknown Git revision 'nope'\n")


def test_the_example_in_python(project):
    done = subprocess.run([sys.executable, TOP / "examples/library/metrics.py", project.repo, "v1", "tried"],
                          env={**project.env, "LIBCAIRN": str(library_path())}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"v1": {"acc": 1}, "tried": {"acc": 1}}
