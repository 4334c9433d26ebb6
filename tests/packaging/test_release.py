"""What a release consists of besides its packages: the action's script, the hooks of pre-commit, the workflow, the list of what is left."""

import hashlib
import os
import subprocess
import tarfile

import pytest
import yaml
from harness.sandbox import CAIRN, TOP

ARCH = os.uname().machine
NAME = f"cairn-0.1.0-linux-{ARCH}"


@pytest.fixture
def releases(tmp_path):
    """A directory as the page of releases: v0.1.0 with an archive of this program, and its digest."""
    folder = tmp_path / "releases/v0.1.0"
    folder.mkdir(parents=True)
    tree = tmp_path / NAME
    (tree / "bin").mkdir(parents=True)
    (tree / "bin/cairn").write_bytes(CAIRN.read_bytes())
    (tree / "bin/cairn").chmod(0o755)
    (tree / "bin/dvc").symlink_to("cairn")
    with tarfile.open(folder / f"{NAME}.tar.gz", "w:gz") as archive:
        archive.add(tree, NAME)
    digest = hashlib.sha256((folder / f"{NAME}.tar.gz").read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{'0' * 64}  other.tar.gz\n{digest}  {NAME}.tar.gz\n")
    return tmp_path / "releases"


@pytest.fixture
def install(tmp_path, releases):
    """Run the script of action.yml as GitHub does; more of its environment as keywords."""

    def run(**env):
        env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path / "home"), "CAIRN_FROM": str(releases), "CAIRN_VERSION": "v0.1.0",
               "GITHUB_PATH": str(tmp_path / "path"), "GITHUB_OUTPUT": str(tmp_path / "output"), **env}
        return subprocess.run([TOP / "packaging/install-release"], env=env, capture_output=True, text=True, check=False)

    return run


def test_the_action_installs_a_release(install, tmp_path):
    done = install()
    assert done.returncode == 0, done.stderr
    bin_ = tmp_path / "home/.local/cairn/bin"
    assert (tmp_path / "path").read_text() == f"{bin_}\n"
    assert (tmp_path / "output").read_text().startswith("version=3.67.1 (cairn ")
    assert subprocess.run([bin_ / "dvc", "--version"], capture_output=True, text=True).stdout == "3.67.1\n"


def test_the_action_without_the_second_name(install, tmp_path):
    assert install(CAIRN_AS_DVC="false", CAIRN_PREFIX=str(tmp_path / "p")).returncode == 0
    assert os.listdir(tmp_path / "p/bin") == ["cairn"]
    for _ in range(2):  # also when the name was there
        assert install(CAIRN_PREFIX=str(tmp_path / "q")).returncode == 0
    assert install(CAIRN_AS_DVC="false", CAIRN_PREFIX=str(tmp_path / "q")).returncode == 0
    assert os.listdir(tmp_path / "q/bin") == ["cairn"]


def test_the_action_replaces_a_program_that_is_running(install, tmp_path):
    assert install().returncode == 0
    running = subprocess.Popen([tmp_path / "home/.local/cairn/bin/cairn", "live"], cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    done = install()
    running.communicate()
    assert done.returncode == 0, done.stderr


def test_the_action_with_a_relative_directory(install, tmp_path):
    assert install(CAIRN_PREFIX=os.path.relpath(tmp_path / "r")).returncode == 0
    assert (tmp_path / "path").read_text() == f"{tmp_path / 'r/bin'}\n"


@pytest.mark.parametrize("env, error", [
    ({"CAIRN_VERSION": "main"}, "'main' is no version; set one, such as 0.1.0"),
    ({"CAIRN_VERSION": "0.1.0/../v0.1.0"}, "'0.1.0/../v0.1.0' is no version; set one, such as 0.1.0"),
    ({"CAIRN_VERSION": "0.2.0"}, f"unable to read v0.2.0/cairn-0.2.0-linux-{ARCH}.tar.gz"),
    ({"CAIRN_FROM": ""}, "CAIRN_FROM is not set"),
])
def test_errors_of_the_action(install, env, error, tmp_path):
    done = install(**env)
    assert done.returncode == 1 and done.stderr.splitlines()[-1] == f"install-release: {error}"
    assert not (tmp_path / "home").exists()


def test_another_archive_than_that_of_the_release_is_refused(install, releases, tmp_path):
    with (releases / f"v0.1.0/{NAME}.tar.gz").open("ab") as f:
        f.write(b"\0")
    done = install()
    assert done.returncode == 1 and f"{NAME}.tar.gz is not the file of the release" in done.stderr
    assert not (tmp_path / "home").exists()


def test_the_action_and_the_workflow_name_files_that_exist():
    action = yaml.safe_load((TOP / "action.yml").read_text())
    step, = action["runs"]["steps"]
    script = step["run"].strip('"').replace("$GITHUB_ACTION_PATH", str(TOP))
    assert os.access(script, os.X_OK)
    assert set(step["env"]) == {"CAIRN_VERSION", "CAIRN_AS_DVC", "CAIRN_FROM"}
    workflow = yaml.safe_load((TOP / ".github/workflows/ci.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in workflow["jobs"].values()), "a release is made by hand"
    for job in workflow["jobs"].values():
        for line in " && ".join(s["run"] for s in job["steps"] if "run" in s).split(" && "):
            if line.startswith(("script/", ".ci/")):
                assert os.access(TOP / line.split()[0], os.X_OK), line


def test_ids_and_arguments_of_the_hooks_are_those_of_dvc(repo):
    """`install --use-pre-commit-tool` writes the entry that DVC writes; each of its hooks exists here."""
    repo.check("cairn install --use-pre-commit-tool")
    asked = yaml.safe_load(repo.read(".pre-commit-config.yaml"))["repos"][0]["hooks"]
    offered = {h["id"]: h for h in yaml.safe_load((TOP / ".pre-commit-hooks.yaml").read_text())}
    assert {h["id"] for h in asked} == set(offered)
    for hook in asked:
        assert hook.get("stages", offered[hook["id"]]["stages"]) == offered[hook["id"]]["stages"]


def test_the_hooks_under_pre_commit(repo):
    """A clone of this repository serves them; pre-commit needs no network, since the hooks have no environment of their own."""
    hooks = repo.root / "hooks"
    hooks.mkdir()
    (hooks / ".pre-commit-hooks.yaml").write_text((TOP / ".pre-commit-hooks.yaml").read_text())
    repo.sh(f"cd {hooks} && git init -q && git add -A && git commit -q -m hooks")
    rev = repo.check(f"git -C {hooks} rev-parse HEAD").out.strip()
    repo.write({".pre-commit-config.yaml": yaml.safe_dump({"repos": [{"repo": str(hooks), "rev": rev, "hooks": [
        {"id": "dvc-pre-commit"}, {"id": "dvc-pre-push"}, {"id": "dvc-post-checkout"}]}]}), "data.csv": "1\n"})
    repo.check("cairn add -q data.csv && cairn remote add -q -d storage ../storage && git add -A")
    repo.extra_env = {"PATH": f"{repo.root}/.bin:{TOP}/.venv/bin:/usr/bin:/bin"}
    repo.check("git init -q --bare ../origin.git && git remote add origin ../origin.git")
    for kind in ("pre-commit", "pre-push", "post-checkout"):
        repo.check(f"pre-commit install -t {kind}")

    done = repo.check("git commit -m 'A table'")
    assert "DVC pre-commit" in done.err + done.out
    repo.check("git push -q origin HEAD:master")
    assert list((repo.root / "storage").rglob("*")), "the data was sent before the commit"
    repo.write({"data.csv": "2\n"})
    repo.check("cairn add -q data.csv && git commit -q -a -m 'Another table' && git checkout -q HEAD~1")
    assert repo.read("data.csv") == "1\n", "the data of the commit is in place"


def test_what_is_left_before_a_release():
    done = subprocess.run([TOP / "script/release", "9.9.9"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "missing  CHANGELOG.md has '## 9.9.9 (YYYY-MM-DD)'\n" in done.stdout and "ok       there is no tag v9.9.9 yet\n" in done.stdout
