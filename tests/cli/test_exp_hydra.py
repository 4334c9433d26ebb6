"""exp run with hydra.enabled, where cairn differs from DVC: what needs Python is refused with one line."""

PIPELINE = "stages:\n  run:\n    cmd: echo running\n    always_changed: true\n"


def start(repo, files, settings=""):
    repo.write({"dvc.yaml": PIPELINE, "conf/config.yaml": "a: 1\n", **files})
    repo.check(f"dvc config hydra.enabled true {settings} && git add -A && git commit -qm base")


def refused(repo, words=""):
    result = repo.dvc(f"exp run {words}")
    assert result.status == 255
    assert not (repo.repo / "params.yaml").exists()
    return result.err


def test_plugins_are_refused(repo):
    start(repo, {"plugins/hydra_plugins/__init__.py": ""}, "&& dvc config hydra.plugins_path plugins")
    assert "has plugins of Hydra, which are Python code and cannot be used here" in refused(repo)


def test_resolvers_of_a_program_are_refused(repo):
    start(repo, {"conf/config.yaml": "a: ${mine:1}\n"})
    assert "Unsupported interpolation type mine" in refused(repo)


def test_python_version_is_refused(repo):
    start(repo, {"conf/config.yaml": "a: ${python_version:minor}\n"})
    assert "the resolver 'python_version' needs Python" in refused(repo)


def test_a_choice_stays_in_the_directory(repo):
    start(repo, {"conf/config.yaml": "defaults:\n- _self_\n- db: a\n", "conf/db/a.yaml": "x: 1\n", "secret.yaml": "x: 2\n"})
    for words in ("-S db=../../secret", "-S +db@p=/../../../etc/hosts"):
        assert "leads out of the directory of the configuration" in refused(repo, words)


def test_a_list_that_contains_itself_ends(repo):
    start(repo, {"conf/config.yaml": "defaults:\n- a\n", "conf/a.yaml": "defaults:\n- b\n", "conf/b.yaml": "defaults:\n- a\n"})
    assert "does one of them contain itself?" in refused(repo)


def test_module_below_the_root(repo):
    start(repo, {"pkg/__init__.py": "", "pkg/conf/__init__.py": "", "pkg/conf/config.yaml": "x: 1\n"},
          "&& dvc config hydra.config_module pkg.conf")
    repo.check("dvc exp run -q -S x=2")
    assert (repo.repo / "params.yaml").read_text() == "x: 2\n"


def test_a_sweep_warns_once(repo):
    start(repo, {"conf/config.yaml": "defaults:\n- db: a\n\nlr: 1\n", "conf/db/a.yaml": "x: 1\n"})
    result = repo.dvc("exp run --queue -S lr=1,2,3")
    assert result.out.count("Queued experiment") == 3
    assert result.err.count("Defaults list is missing `_self_`") == 1
