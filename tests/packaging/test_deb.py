"""The Debian packages: what is in them, and their life in a bare Debian 12 without a network."""

import os
import shutil
import subprocess

import pytest
from harness.bare_tree import bare_tree
from harness.commands import table
from harness.sandbox import TOP

USE = """
cd /root && git init -q project && cd project
git config --global user.name Ada && git config --global user.email ada@example.com
cairn init -q
echo 1 >data.csv && cairn add -q data.csv
printf 'stages:\\n  train:\\n    cmd: cp data.csv model\\n    deps: [data.csv]\\n    params: [lr]\\n    outs: [model]\\n' >dvc.yaml
echo 'lr: 1' >params.yaml
cairn repro -q && git add -A && git commit -q -m first
cairn exp run -q -n second -S lr=2
cairn remote add -q -d storage /root/storage && cairn push -q
rm -rf .dvc/cache data.csv && cairn pull -q && cat data.csv
dvc exp list --name-only
"""


@pytest.fixture(scope="module")
def packages():
    found = {p.name.split("_")[0]: p for p in (TOP / "build/package").glob("*.deb")}
    if not found:
        pytest.skip("no build/package/*.deb (script/package deb)")
    assert set(found) == {"cairn", "cairn-dvc"}
    return found


def contents(package):
    listed = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], capture_output=True, check=True).stdout
    return set(subprocess.run(["tar", "-tf", "-"], input=listed, capture_output=True, check=True).stdout.decode().split())


def test_lintian_finds_nothing(packages):
    if not shutil.which("lintian"):
        pytest.skip("no lintian")
    done = subprocess.run(["lintian", "--allow-root", *packages.values()], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_contents(packages):
    cairn, dvc = contents(packages["cairn"]), contents(packages["cairn-dvc"])
    assert {"./usr/bin/cairn", "./usr/share/bash-completion/completions/cairn", "./usr/share/zsh/vendor-completions/_cairn",
            "./usr/share/fish/vendor_completions.d/cairn.fish", "./usr/share/doc/cairn/copyright"} <= cairn
    pages = {p for p in cairn if p.startswith("./usr/share/man/man1/") and p.endswith(".gz")}
    assert len(pages) == len(table()) + 1
    assert {"./usr/bin/dvc", "./usr/share/man/man1/dvc.1.gz", "./usr/share/bash-completion/completions/dvc"} <= dvc
    assert not {p for p in cairn & dvc if not p.endswith("/")}


def test_the_version_is_that_of_the_program(packages):
    version = subprocess.run([TOP / "tools/version"], capture_output=True, text=True, check=True).stdout.strip()
    for package in packages.values():
        field = subprocess.run(["dpkg-deb", "-f", package, "Version"], capture_output=True, text=True, check=True).stdout.strip()
        assert field.replace("~dev", ".dev") == version


SETTINGS = 'APT::Get::Assume-Yes "true"; APT::Install-Recommends "false"; quiet "1";'


def test_installed_used_and_removed(packages):
    """The lines are those of docs/install.md."""
    debs = {"cairn": "cairn_0.1.0_amd64.deb", "cairn-dvc": "cairn-dvc_0.1.0_all.deb"}
    with bare_tree("bookworm") as tree:
        for name, file in debs.items():
            shutil.copy(packages[name], tree.folder / "root" / file)
        (tree.folder / "etc/apt/apt.conf.d/test").write_text(SETTINGS)
        tree.sh("apt-get install --no-download git")
        before = tree.files() - {f"root/{file}" for file in debs.values()}

        tree.sh("cd /root && apt install ./cairn_0.1.0_amd64.deb")
        assert "dvc" not in tree.sh("ls /usr/bin").split()
        tree.sh("cd /root && apt install ./cairn-dvc_0.1.0_all.deb")
        assert tree.sh("dvc --version") == "3.67.1\n"
        assert tree.sh("cairn --version").startswith("3.67.1 (cairn ")
        assert tree.sh(USE) == "1\nsecond\n"
        tree.sh("rm -rf /root/project /root/storage /root/.gitconfig /root/.config /var/tmp/dvc")

        tree.sh("apt-get purge cairn cairn-dvc && apt-get autoremove --purge")
        own = {p[2:] for package in packages.values() for p in contents(package) if not p.endswith("/")}
        assert own & tree.files() == set()
        assert {p for p in tree.files() - before if "cairn" in p or "dvc" in p} == {f"root/{file}" for file in debs.values()}


def test_meson_install_installs_the_same(packages, tmp_path):
    subprocess.run("meson install -C build --no-rebuild --quiet", shell=True, cwd=TOP, env={**os.environ, "DESTDIR": str(tmp_path)}, check=True)
    names = {p.name for p in tmp_path.rglob("*") if p.is_file() or p.is_symlink()}
    for package in packages.values():
        for path in contents(package):
            name = path.rsplit("/", 1)[1]
            if name and "/share/doc/" not in path and "/lintian/" not in path:
                wanted = name.removesuffix(".gz")
                assert wanted in names or f"{wanted}.bash" in names, path
