"""`resolve`: where the content of paths is, and whether a program that opens what it names gets the right bytes."""

import json
import os
import subprocess

import pytest
from harness.sandbox import CAIRN

FIELDS = ["path", "type", "size", "md5", "isexec", "isout", "source", "local", "url"]


@pytest.fixture
def project(repo):
    repo.write({"f": "0123456789", "d/a": "one\n", "d/s/b": "two\n", "note.txt": "text\n", "run.sh": "#!/bin/sh\n"})
    repo.check("chmod +x run.sh && dvc add -q d f && git add -A && git commit -qm data && git tag v1")
    repo.check("dvc remote add -q -d r ../remote && dvc push -q")
    return repo


def resolve(box, line):
    found = json.loads(box.check("cairn resolve --json " + line).out)
    assert all(list(entry) == FIELDS for entry in found)
    return found


def short(entry):
    return entry["type"], entry["source"], entry["size"], entry["isout"]


def test_the_work_tree(project):
    f, d, a, note, run = resolve(project, "f d d/a note.txt run.sh")
    assert short(f) == ("file", "workspace", 10, True) and f["local"] == str(project.repo / "f")
    assert f["md5"] == "781e5e245d69b566979b86e28d23f2c7" and f["url"] == f"{project.root}/remote/files/md5/78/1e5e245d69b566979b86e28d23f2c7"
    assert short(d) == ("dir", "workspace", None, True) and d["md5"].endswith(".dir")
    assert short(a) == ("file", "workspace", 4, True) and a["md5"] == "5bbf5a52328e7439ae6e719dfe712200"
    assert short(note) == ("file", "workspace", 5, False) and note["md5"] is None and note["url"] is None
    assert run["isexec"] and not note["isexec"]


def test_the_cache_then_the_remote_then_nowhere(project):
    project.check("rm -rf f d")
    f, d, a, s = resolve(project, "f d d/a d/s")
    assert short(f) == ("file", "cache", 10, True) and open(f["local"]).read() == "0123456789"
    assert short(d) == ("dir", "cache", 8, True) and d["local"] is None
    assert short(a) == ("file", "cache", 4, True) and open(a["local"]).read() == "one\n"
    assert short(s) == ("dir", "cache", None, True) and s["md5"] is None
    project.check("rm -rf .dvc/cache")
    f, a = resolve(project, "f d/a")
    assert short(f) == ("file", "remote", 10, True) and f["local"] is None and open(f["url"]).read() == "0123456789"
    assert a["source"] == "remote" and a["size"] is None
    project.check("dvc remote remove r")
    assert short(resolve(project, "f")[0]) == ("file", "missing", 10, True)


def test_a_commit(project):
    project.check("echo new > f && dvc add -q f && echo changed > note.txt")
    f, note, d = resolve(project, "f note.txt d --rev v1")
    assert short(f) == ("file", "cache", 10, True) and open(f["local"]).read() == "0123456789"
    assert short(note) == ("file", "git", 5, False) and note["local"] is None
    assert d["type"] == "dir"


def test_a_damaged_object_is_not_named(project):
    [f] = resolve(project, "f --rev v1")
    os.chmod(f["local"], 0o644)
    with open(f["local"], "w") as out:
        out.write("0123456780")
    project.check("rm f")
    assert resolve(project, "f")[0]["source"] == "remote"


def test_an_edited_file_keeps_the_record_of_what_it_was(project):
    project.write({"f": "edited"})
    [f] = resolve(project, "f")
    assert (f["source"], f["size"], f["md5"]) == ("workspace", 6, "781e5e245d69b566979b86e28d23f2c7")


def test_from_below_and_elsewhere(project):
    project.check("mkdir sub")
    below = json.loads(project.check("cd sub && cairn resolve --json ../d/a --rev v1").out)[0]
    away = json.loads(project.check("cd .. && cairn resolve --json d/a --repo repo --rev v1").out)[0]
    assert below["path"] == "../d/a" and below["local"] == away["local"]
    bare = json.loads(project.check("git clone -q --bare . ../bare.git && cairn resolve --json note.txt --repo ../bare.git").out)[0]
    assert (bare["source"], bare["local"], bare["size"]) == ("git", None, 5)


def test_one_missing_path_fails(project):
    done = project.sh("cairn resolve --json f nope --json-errors")
    assert done.out == "" and json.loads(done.err)["error"]["kind"] == "path-missing"


def test_batch_answers_each_line_before_the_next(project):
    talk = subprocess.Popen([CAIRN, "resolve", "--batch"], cwd=project.repo, env=project.env, text=True, bufsize=1,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for path, source in ("f", "workspace"), ("nope", None), ("d/s/b", "workspace"), ("", "workspace"):
        talk.stdin.write(path + "\n")
        talk.stdin.flush()
        answer = json.loads(talk.stdout.readline())
        assert answer["path"] == path
        assert answer.get("source") == source if source else answer["error"]["kind"] == "path-missing"
    assert talk.communicate()[0] == "" and talk.returncode == 0


def test_odd_names(project):
    odd = [b"a b", b"new\nline", b"-dash", b"\xff\xfe", "ünï".encode()]
    for name in odd:
        with open(os.path.join(os.fsencode(project.repo), name), "wb") as f:
            f.write(name)
    done = subprocess.run([CAIRN, "resolve", "--batch", "-z"], input=b"\0".join(odd) + b"\0", cwd=project.repo, env=project.env, capture_output=True)
    assert done.returncode == 0
    answers = [json.loads(line.decode("utf-8", "surrogateescape")) for line in done.stdout.split(b"\n")[:-1]]
    assert [(a["size"], a["source"]) for a in answers] == [(len(name), "workspace") for name in odd]
    done = subprocess.run([CAIRN, "cat", "--batch", "-z"], input=b"\0".join(odd) + b"\0nope", cwd=project.repo, env=project.env, capture_output=True)
    assert done.stdout == b"".join(name + b" file %d\n" % len(name) + name + b"\n" for name in odd) + b"nope missing\n"


def test_batch_tells_failures_apart(project):
    project.check("rm -rf f .dvc/cache ../remote/files/md5/78")
    done = project.check("printf 'f\\nd\\nnope\\nd/a\\n' | cairn cat --batch --json-errors")
    assert done.out == "f error data-missing\nd dir\nnope missing\nd/a file 4\none\n\n"
    assert json.loads(done.err)["warning"]["msg"].startswith("[Errno 2] No storage files available")


def test_input_that_is_no_list_of_paths(project):
    """Paths that end with zero bytes, without -z, are not read as the first of them; a directory is not an empty list."""
    for command in "cat", "resolve":
        done = project.sh(f"printf 'note.txt\\0f\\0' | cairn {command} --batch")
        assert (done.status, done.out) == (254, "") and "-z tells that paths end with one" in done.err
        done = project.sh(f"cairn {command} --batch < .")
        assert done.status == 255 and "unable to read standard input: is a directory" in done.err


@pytest.mark.parametrize("line", ["resolve", "resolve --batch f", "cat -z f", "resolve -z f"])
def test_usage(project, line):
    assert project.sh("cairn " + line).status == 254


def test_a_big_directory_is_read_once(project):
    """A batch over the files of one directory parses its listing once, not once for each file."""
    for i in range(3000):
        (project.repo / f"d/{i}").write_text(str(i))
    project.check("dvc add -q d && rm -rf d")
    names = "".join(f"d/{i}\n" for i in range(3000))
    done = subprocess.run([CAIRN, "cat", "--batch"], input=names, cwd=project.repo, env=project.env, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and done.stdout.count(" file ") == 3000


def test_a_big_directory_of_a_commit_is_read_once(project):
    """The same of a directory of Git, whose tree is not unpacked again for each file."""
    project.write({f"big/{i}": str(i) for i in range(6000)})
    project.check("git add big && git commit -qm big")
    names = "".join(f"big/{i}\n" for i in range(6000))
    for command, count in ("cat", " file "), ("resolve", '"git"'):
        done = subprocess.run([CAIRN, command, "--batch", "--rev", "HEAD"], input=names, cwd=project.repo, env=project.env, capture_output=True,
                              text=True, timeout=15)
        assert done.returncode == 0 and done.stdout.count(count) == 6000


def test_directories_in_turn_are_read_once(project):
    """As a training asks for an image and its mask: the listings that were read are not needed again."""
    project.check("mkdir e && echo x > e/a && echo y > e/b && dvc add -q e && rm -r d e")
    talk = subprocess.Popen([CAIRN, "resolve", "--batch"], cwd=project.repo, env=project.env, text=True, bufsize=1,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def source(path):
        talk.stdin.write(path + "\n")
        talk.stdin.flush()
        return json.loads(talk.stdout.readline()).get("source")

    assert [source("d/a"), source("e/a")] == ["cache", "cache"]
    project.check("rm -f .dvc/cache/files/md5/*/*.dir ../remote/files/md5/*/*.dir")
    assert [source("d/s/b"), source("e/b")] == ["cache", "cache"]
    assert talk.communicate()[0] == "" and talk.returncode == 0
