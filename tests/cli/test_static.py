"""The static program (script/static): one file, the same texts, the libraries inside it, and the machine's certificates.

`script/test --static` runs all compat tests with it, too; docs/internals/static.md says what runs when."""

import base64
import hashlib
import os
import platform
import shutil
import subprocess

import pytest
from harness.bare_tree import bare_tree
from harness.sandbox import TOP, Sandbox
from harness.terminal import on_terminal
from harness.waiting import wait_for

ARCH = platform.machine()
STATIC = TOP / f"build-static/{ARCH}/cairn"
ARM = TOP / "build-static/aarch64/cairn"
QEMU = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")
CHROOT = "/usr/sbin/chroot"
AT_MOST_BYTES = 12_000_000

needs_static = pytest.mark.skipif(not STATIC.exists(), reason="script/static has not been run")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount and chroot")
needs_arm = pytest.mark.skipif(not ARM.exists() or not QEMU, reason="`script/static aarch64` has not been run, or qemu-user is missing")


@pytest.fixture
def box(box_root):
    """As `repo`, with the static program."""
    return Sandbox(box_root(), STATIC).init("dvc")


def told(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


# ---- the file


@needs_static
def test_one_file_that_needs_nothing():
    program = str(STATIC)
    headers, dynamic = told("readelf", "-lW", program), told("readelf", "-dW", program)
    assert "INTERP" not in headers and "GNU_RELRO" in headers
    assert "(NEEDED)" not in dynamic and "(RPATH)" not in dynamic
    assert "(FLAGS_1)" in dynamic and "PIE" in dynamic, "another address at each start"
    stack = next(line.split() for line in headers.splitlines() if "GNU_STACK" in line)
    assert stack[6] == "RW" and int(stack[5], 16) >= 8 << 20, "musl gives threads no more than this; its default is 128 KiB"
    assert STATIC.stat().st_size < AT_MOST_BYTES


@needs_static
@pytest.mark.parametrize("name, words", [
    ("musl", "musl as a whole is licensed under"), ("zlib", "Jean-loup Gailly"), ("SQLite", "a blessing"), ("libyaml", "Ingy"),
    ("Expat", "Expat maintainers"), ("PCRE2", "Redistribution and use"), ("libpng", "PNG Reference Library License"), ("giflib", "Eric S. Raymond"),
    ("libjpeg-turbo", "Modified (3-clause) BSD License"), ("libgit2", "linking exception"), ("OpenSSL", "Apache License"), ("curl", "Daniel Stenberg")])
def test_licences_of_the_libraries(name, words):
    parts = (TOP / "build-static/THIRD-PARTY-NOTICES").read_text().split("=" * 78 + "\n")
    text = next(body for head, body in zip(parts[1::2], parts[2::2]) if head.split()[0] == name)
    assert words.lower() in " ".join(text.split()).lower()


@needs_static
def test_it_exports_nothing():
    rows = [line.split() for line in told("readelf", "--dyn-syms", "-W", str(STATIC)).splitlines()]
    assert [row[7] for row in rows if len(row) > 7 and row[0].rstrip(":").isdigit()] == []
    assert ".symtab" not in told("readelf", "-SW", str(STATIC))


@needs_static
def test_it_does_not_know_where_it_was_built():
    """OpenSSL and libcurl keep the folders they were configured with, and would look for files there."""
    content = STATIC.read_bytes()
    assert os.fsencode(TOP) not in content and os.fsencode(os.path.expanduser("~/.cargo")) not in content


@needs_static
def test_no_configuration_of_openssl_is_read(box, remote):
    box.write({"bad.cnf": "openssl_conf = init\n[init]\nproviders = nowhere\nssl_conf = nowhere\n", "a": "1"})
    remote("s3-tls").configure(box)
    box.extra_env["OPENSSL_CONF"] = str(box.repo / "bad.cnf")
    box.check("cairn add -q a && cairn push -q && rm -rf a .dvc/cache && cairn pull -q")


# ---- texts of the C library


@needs_static
@pytest.mark.parametrize("path, number, text", [
    ("loop", 40, "Too many levels of symbolic links"), ("x" * 300, 36, "File name too long"), ("file/x", 20, "Not a directory"),
    ("nowhere", 2, "No such file or directory")])
def test_errors_have_the_texts_of_glibc(box, path, number, text):
    assert os.strerror(number) == text
    box.check("ln -s loop loop && touch file")
    done = box.sh(f"cairn --cd {path} status")
    assert (done.status, done.err) == (255, f"ERROR: [Errno {number}] {text}: '{path}'\n")


@needs_static
def test_a_full_disk(box):
    done = box.sh("cairn help > /dev/full")
    assert done.status == 120 and "No space left on device" in done.err


# ---- the libraries


@needs_static
@pytest.mark.parametrize("kind", ["s3-strict", "s3-tls", "ssh", "http-basic", "http-post", "webdavs", "webdav-apache", "gs-strict",
                                  "azure"])
def test_there_and_back(box, remote, kind):
    """libcurl, libcrypto (signatures) and libexpat (listings)."""
    place = remote(kind)
    place.configure(box)
    box.write({"d/a": "1", "d/b": "2" * 100000})
    box.check("cairn add -q d && cairn push -q")
    assert {md5 for _, md5 in place.keys().values()} >= {hashlib.md5(b"1").hexdigest(), hashlib.md5(b"2" * 100000).hexdigest()}
    box.check("rm -rf d .dvc/cache && cairn pull -q && cairn status -c")
    assert box.read("d/b") == "2" * 100000


@needs_static
def test_an_unknown_authority_is_refused(box, remote):
    place = remote("s3-tls")
    place.options.pop("ssl_verify")
    place.configure(box)
    box.write({"a": "1"})
    done = box.sh("cairn add -q a && cairn push")
    assert done.status == 255 and "is not trusted" in done.err
    assert not place.keys()


@needs_static
@needs_root
@pytest.mark.parametrize("file", ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                                  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem", None])
def test_certificates_of_the_machine(box, remote, tls_front, s3, file):
    """In a mount namespace with an /etc of its own, where only this file is."""
    place = remote("s3-tls")
    place.options.pop("ssl_verify")
    place.configure(box)
    authority = tls_front(s3).authority.ca
    box.write({"a": "1"})
    box.check("cairn add -q a")
    put = f"mkdir -p {os.path.dirname(file)} && cp {authority} {file}" if file else ":"
    done = box.sh(f"unshare -m sh -c 'mount -t tmpfs none /etc && {put} && cairn push'")
    if file:
        assert done.status == 0, repr(done)
        assert len(place.keys()) == 1
    else:
        assert done.status == 255 and "is not trusted" in done.err and not place.keys()


IMAGES = {
    "i.png": "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAYAAABytg0kAAAAFUlEQVR42mP4z8DwHwyB9H9OTk4GAEAjBhb2eYBgAAAAAElFTkSuQmCC",
    "i.gif": "R0lGODlhBAACAIEAAP8AAAD/AAAA/wAAACH5BAEAAAMALAAAAAAEAAIAAAIHBENxHMUQBQA7",
}


@needs_static
@pytest.mark.parametrize("name", sorted(IMAGES))
def test_images_on_a_terminal(box, name):
    """libpng and giflib, which draw sixels. (TurboJPEG: test_view_pixels, below.)"""
    box.write({name: base64.b64decode(IMAGES[name]), "dvc.yaml": f"plots: [{name}]\n"})
    shown, status = on_terminal(box, ["plots", "show", name, "--terminal"], env={"TERM": "foot"}, columns=80)
    assert status == 0 and "\x1bP" in shown and "#" in shown.split("\x1bP")[1]


@needs_static
def test_patterns_of_plots(box):
    """PCRE2."""
    box.write({"dvc.yaml": "plots:\n- Title one: {y: {a.json: y1}}\n- Title two: {y: {a.json: y1}}\n", "a.json": '[{"y1": 1}]'})
    shown = box.check("cairn plots show 'T[a-z]+e (?=two)' --json").out
    assert "Title two" in shown and "Title one" not in shown


@needs_static
@pytest.mark.parametrize("program", ["base_md5", "base_err", "view_pixels", "plots_match", "net_crypto", "net_xml", "scm_scm"])
def test_unit_programs_with_the_linked_libraries(program):
    run_unit_program(ARCH, program)


def run_unit_program(arch, program, *runner):
    out = TOP / "build-static"
    cache = {"ZIG_GLOBAL_CACHE_DIR": str(out / "zig-cache"), "ZIG_LOCAL_CACHE_DIR": str(out / "zig-cache")}
    name = f"tests/unit/test_{program}"
    subprocess.run([out / "venv/bin/ninja", "-C", out / arch / "meson", name], env={**os.environ, **cache}, check=True,
                   capture_output=True)
    done = subprocess.run([*runner, out / arch / "meson" / name], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SKIPPED" not in done.stdout + done.stderr


# ---- processes


PIPELINE = {"dvc.yaml": "stages:\n  t:\n    cmd: cp params.yaml out\n    params: [lr]\n    outs: [out]\n", "params.yaml": "lr: 1\n"}


@needs_static
def test_workers_of_the_queue(box):
    """They are processes of the same program, started by /proc/self/exe."""
    box.write(PIPELINE)
    box.check("cairn repro -q && git add -A && git commit -qm t && cairn exp run --queue -n e -S lr=2 && cairn queue start")
    wait_for(lambda: "Success" in box.check("cairn queue status").out)


# ---- other systems


@needs_static
@needs_root
def test_an_empty_directory_is_system_enough(tmp_path):
    """No C library, no shell, no /etc, no /proc, no /tmp: nothing but the program and the data."""
    shutil.copy(STATIC, tmp_path / "cairn")
    (tmp_path / "repo/d").mkdir(parents=True)
    (tmp_path / "repo/d/a").write_text("hello\n")
    (tmp_path / "remote").mkdir()

    def run(*words):
        done = subprocess.run([CHROOT, tmp_path, "/cairn", "--cd", "/repo", *words], env={"HOME": "/"}, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "3.67.1" in run("version")
    run("init", "-q", "--no-scm")
    run("add", "-q", "d")
    run("remote", "add", "-q", "-d", "r", "/remote")
    run("push", "-q")
    shutil.rmtree(tmp_path / "repo/.dvc/cache")
    shutil.rmtree(tmp_path / "repo/d")
    run("pull", "-q")
    assert (tmp_path / "repo/d/a").read_text() == "hello\n"
    run("checkout", "-q")
    assert run("status") == "Data and pipelines are up to date.\n"


WITHOUT_GIT = """
mkdir -p /work/plain/d /remote && cd /work/plain
cairn version
cairn init -q --no-scm
echo hello > d/a
cairn add -q d
cairn remote add -q -d r /remote
cairn push -q
rm -rf d .dvc/cache
cairn pull -q
cat d/a
rm -rf d && cairn checkout -q && cat d/a
cairn status -c
"""
WITH_GIT = """
apt-get install -q -y --no-install-recommends --no-download git >/dev/null 2>&1
mkdir /work/git && cd /work/git
git init -q -b main . && git config --global user.name Ada && git config --global user.email ada@example.com
cairn init -q
printf 'stages:\n  t:\n    cmd: cp params.yaml out\n    params: [lr]\n    outs: [out]\n' > dvc.yaml
echo 'lr: 1' > params.yaml
cairn repro -q && git add -A && git commit -qm base
cairn exp run -q -n e -S lr=2
cairn exp show --csv
"""


@needs_static
@pytest.mark.parametrize("release", ["bullseye", "trixie"])
def test_bare_systems(release):
    """A Debian whose glibc (2.31) is too old for the ordinary program, and one that is newer than the build's."""
    with bare_tree(release) as tree:
        shutil.copy(STATIC, tree.folder / "usr/bin/cairn")
        shown = tree.sh(WITHOUT_GIT)
        assert shown.count("hello\n") == 2 and "are in sync" in shown
        rows = [row.split(",") for row in tree.sh(WITH_GIT).splitlines()]
        assert [(row[0], row[2], row[5]) for row in rows[1:]] == [("", "baseline", "2"), ("", "baseline", "1"), ("e", "branch_base", "2")]


# ---- another architecture


@needs_arm
@pytest.mark.parametrize("program", ["base_md5", "base_err", "base_sha256", "view_pixels", "net_crypto", "net_xml", "scm_scm"])
def test_unit_programs_on_arm(program):
    run_unit_program("aarch64", program, QEMU)


@pytest.fixture
def arm(box_root):
    """The static program for aarch64, run by qemu: `cairn` is a script that calls it."""
    root = box_root()
    script = os.path.join(root, "cairn-arm")
    with open(script, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nexec {QEMU} {ARM} "$@"\n')
    os.chmod(script, 0o755)
    return Sandbox(root, script).init("dvc")


@needs_arm
def test_commands_on_arm(arm):
    """Twenty files fill the eight lanes of MD5 more than once."""
    files = {f"d/{i}": str(i) * (i * 37 + 1) for i in range(20)}
    arm.write({**files, **PIPELINE})
    arm.check("cairn add -q d && cairn repro -q && git add -A && git commit -qm t && cairn status -q")
    listed = {row.split('"')[3] for row in arm.check("cat .dvc/cache/files/md5/*/*.dir").out.split("}, {")}
    assert listed == {hashlib.md5(text.encode()).hexdigest() for text in files.values()}
    assert "Ran experiment(s)" in arm.check("cairn exp run -n e -S lr=2").out
    assert '"lr": 2' in arm.check("cairn exp show --json --rev e").out


# The kernel starts programs for ARM by qemu, in a name space of its own: 64 bits, little endian, EXEC or DYN, machine 0xb7.
REGISTERED = r"""
mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
printf '%s' ':arm:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\xb7\x00:'\
'\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:QEMU:' > /proc/sys/fs/binfmt_misc/register
""".replace("QEMU", QEMU or "")


@needs_arm
def test_workers_of_the_queue_on_arm(box_root):
    """/proc/self/exe is the program only where the kernel itself runs it, so `qemu-aarch64 cairn` would not do."""
    box = Sandbox(box_root(), ARM).init("dvc")
    box.write({**PIPELINE, "register": REGISTERED})
    if box.sh("unshare -Urm sh -e ./register").status != 0:
        pytest.skip("this kernel has no binfmt_misc in a user name space")
    box.write({"script": "set -e\n. ./register\ncairn repro -q && git add -A && git commit -qm t && cairn exp run --queue -n e -S lr=2\n"
                         "cairn queue start\ni=0\n"
                         "until cairn queue status | grep Success; do i=$((i + 1)); [ $i -lt 300 ]; sleep 0.1; done\n"})
    assert "Success" in box.check("unshare -Urm sh ./script").out
