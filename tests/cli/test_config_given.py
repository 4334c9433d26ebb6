"""$CAIRN_CONFIG: a configuration file for one command, in precedence over all others."""


def test_it_takes_precedence_over_every_level(repo):
    repo.write({"a": "1\n", "given": "['remote \"r\"']\n    url = ../elsewhere\n"})
    repo.check("cairn add -q a && cairn remote add -q -d r ../storage && cairn remote modify -q --local r url ../local")
    repo.check("CAIRN_CONFIG=given cairn push -q")
    assert (repo.root / "elsewhere/files").is_dir() and not (repo.root / "local").exists()
    repo.check("cairn push -q")
    assert (repo.root / "local/files").is_dir()


def test_no_command_writes_it_into_the_project(repo):
    repo.write({"given": "[core]\n    autostage = true\n"})
    before = repo.read(".dvc/config")
    repo.check("CAIRN_CONFIG=given cairn config --local core.checksum_jobs 2")
    assert repo.read(".dvc/config") == before and repo.read(".dvc/config.local") == "[core]\n    checksum_jobs = 2\n"


def test_bad_ones(repo):
    repo.write({"given": "[core]\n    nope = 1\n"})
    done = repo.sh("CAIRN_CONFIG=given cairn status")
    assert done.status == 251 and "extra keys not allowed @ data['core']['nope']" in done.err
    done = repo.sh("CAIRN_CONFIG=missing cairn status")
    assert done.status != 0 and "'missing'" in done.err
    repo.check("CAIRN_CONFIG= cairn status")
