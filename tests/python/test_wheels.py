"""The two wheels: built, and installed by pip and by uv into new environments, without a network."""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from harness.sandbox import CAIRN, TOP

ARCH = os.uname().machine
VERSION = subprocess.run([TOP / "tools/version"], capture_output=True, text=True).stdout.strip()
UV = Path(os.environ.get("UV", Path(sys.executable).with_name("uv")))
INSTALLERS = ["pip", pytest.param("uv", marks=pytest.mark.skipif(not UV.exists(), reason="uv is not installed"))]


def build(out, launcher):
    subprocess.run([TOP / "packaging/wheels", "--out", out, f"{ARCH}={CAIRN},{launcher}"], check=True, stdout=subprocess.DEVNULL)
    return {path.name.split("-")[0]: path for path in Path(out).glob("*.whl")}


def stand_in(folder, name, version, files=(), scripts=()):
    """A wheel of a package that is not at hand here."""
    module, info = name.replace("-", "_").replace(".", "_"), f"{name.replace('-', '_')}-{version}.dist-info"
    contents = {
        **dict(files or {f"{module}/__init__.py": ""}),
        **{f"{name}-{version}.data/scripts/{script}": text for script, text in dict(scripts).items()},
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: stand-in\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    contents[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*contents, f"{info}/RECORD"])
    with zipfile.ZipFile(Path(folder, f"{name.replace('-', '_')}-{version}-py3-none-any.whl"), "w") as wheel:
        for path, text in contents.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o100755 << 16
            wheel.writestr(entry, text)


@pytest.fixture(scope="session")
def launcher(tmp_path_factory):
    """For tests it need not be static."""
    path = tmp_path_factory.mktemp("launcher") / "dvc"
    subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", path, TOP / "packaging/dvc-launcher.c"], check=True)
    return path


@pytest.fixture(scope="session")
def wheels(tmp_path_factory, launcher):
    """A directory of wheels: ours, and stand-ins for what the shim requires and for the real DVC."""
    folder = tmp_path_factory.mktemp("wheels")
    build(folder, launcher)
    stand_in(folder, "flatten-dict", "0.4.2")
    stand_in(folder, "ruamel.yaml", "0.18.6")
    stand_in(folder, "dvc", "3.67.1", {"dvc/__init__.py": "__version__ = 'real'\n", "dvc/output.py": ""},
             {"dvc": "#!python\nprint('the real one')\n"})
    return folder


class Environment:
    def __init__(self, path, installer, wheels):
        venv.create(path, with_pip=False, symlinks=True)
        self.bin, self.installer, self.wheels = path / "bin", installer, wheels

    def run(self, *words, ok=True):
        env = {"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(self.bin.parent), "UV_CACHE_DIR": str(self.bin.parent.parent / "uv")}
        done = subprocess.run([str(w) for w in words], env=env, capture_output=True, text=True, cwd=self.bin.parent)
        assert not ok or done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
        return done

    def tool(self, command, *words, ok=True):
        if self.installer == "uv":
            options = ["--offline"] if command == "install" else []
            return self.run(UV, "pip", command, "--python", self.bin / "python", *options, *words, ok=ok)
        return self.run(sys.executable, "-m", "pip", "--python", self.bin / "python", "--disable-pip-version-check", command,
                        *words, ok=ok)

    def install(self, *words, ok=True):
        return self.tool("install", "--no-index", "--find-links", self.wheels, *words, ok=ok)

    def uninstall(self, name):
        return self.tool("uninstall", name, *(["-y"] if self.installer == "pip" else []))


@pytest.fixture
def environment(tmp_path, wheels):
    return lambda installer: Environment(tmp_path / "env", installer, wheels)


def test_same_bytes_twice(tmp_path, wheels, launcher):
    again = build(tmp_path, launcher)
    for name in ("cairn_dvc", "dvc"):
        first = wheels / again[name].name
        assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(again[name].read_bytes()).digest()


def test_what_is_in_them(wheels):
    names = {path.name: zipfile.ZipFile(path).namelist() for path in wheels.glob("*linux*.whl")}
    cairn, dvc = sorted(names)
    assert cairn == f"cairn_dvc-{VERSION}-py3-none-manylinux2014_{ARCH}.musllinux_1_1_{ARCH}.whl"
    assert dvc == f"dvc-3.67.1+cairn.{VERSION}-py3-none-manylinux2014_{ARCH}.musllinux_1_1_{ARCH}.whl"
    assert {"cairn/api.py", "cairn/py.typed", f"cairn_dvc-{VERSION}.data/scripts/cairn",
            f"cairn_dvc-{VERSION}.dist-info/licenses/LICENSE"} <= set(names[cairn])
    assert not any(name.startswith("dvc") or name.endswith("/dvc") for name in names[cairn])
    assert not any("cairn" in name.split("/")[0] and ".d" not in name for name in names[dvc])
    assert not any("__pycache__" in name for name in names[cairn] + names[dvc])


@pytest.mark.parametrize("installer", INSTALLERS)
def test_install(environment, installer):
    env = environment(installer)
    env.install("dvc")  # the newest of that name is ours
    assert env.run("cairn", "--version").stdout == env.run(CAIRN, "--version").stdout
    assert (env.bin / "cairn").read_bytes() == Path(CAIRN).read_bytes()
    assert env.run("dvc", "--version").stdout == env.run("python", "-m", "dvc", "--version").stdout
    assert env.run("dvc", "nonsense", ok=False).returncode == 254
    env.tool("check")
    assert "cairn" in env.run("python", "-c", "import cairn; print(cairn.find_binary())").stdout
    done = env.run("python", "-c", "import dvc, dvc.api, cairn.api; print(dvc.__version__, dvc.api.read is cairn.api.read)")
    assert done.stdout == "3.67.1 True\n"
    # Others pin it, some with extras.
    env.install("dvc[s3,ssh]==3.67.1")
    assert "+cairn" in env.tool("show", "dvc").stdout


@pytest.mark.parametrize("installer", INSTALLERS)
def test_beside_the_real_one(environment, installer):
    """`cairn-dvc` touches nothing of it, and `dvc` takes its place until it is brought back."""
    env = environment(installer)
    env.install("dvc===3.67.1")
    before = {path: path.read_bytes() for path in env.bin.parent.rglob("*dvc*") if path.is_file()}
    env.install("cairn-dvc")
    assert {path: path.read_bytes() for path in before} == before
    assert env.run("dvc").stdout == "the real one\n"
    env.tool("check")

    env.install(f"dvc==3.67.1+cairn.{VERSION}")
    assert env.run("dvc", "--version").stdout == "3.67.1\n"
    assert not list(env.bin.parent.rglob("dvc/output.py"))

    env.install("--reinstall" if installer == "uv" else "--force-reinstall", "dvc===3.67.1")
    assert env.run("dvc").stdout == "the real one\n"
    assert env.run("python", "-c", "import dvc; print(dvc.__version__)").stdout == "real\n"
    env.tool("check")
    env.uninstall("cairn-dvc")
    assert env.run("dvc").stdout == "the real one\n" and not (env.bin / "cairn").exists()


def test_launcher_without_the_program(tmp_path, launcher):
    shutil.copy(launcher, tmp_path / "dvc")
    done = subprocess.run([tmp_path / "dvc"], capture_output=True, text=True)
    assert done.returncode == 127 and "pip install --force-reinstall cairn-dvc" in done.stderr


def test_launcher_through_a_link(tmp_path, launcher):
    (tmp_path / "bin").mkdir()
    shutil.copy(launcher, tmp_path / "bin/dvc")
    (tmp_path / "bin/cairn").symlink_to(CAIRN)
    (tmp_path / "link").symlink_to("bin/dvc")
    assert "3.67.1" in subprocess.run([tmp_path / "link", "--version"], capture_output=True, text=True).stdout
