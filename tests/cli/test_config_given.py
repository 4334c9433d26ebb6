"""Configuration for one command: $CAIRN_CONFIG, in precedence over all files, and options of a remote from a file."""


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


def test_options_of_a_remote_from_a_file(repo):
    """Other users see what is on a command line."""
    repo.write({"a": "1\n", "opts": "url=../local\n\nverify=true\n", "bad": "verify=true\nno option\n"})
    repo.check("cairn add -q a && cairn remote add -q -d r ../elsewhere && git add -A && git commit -qm a")
    repo.check("cairn remote add -q -d --local r ../local && cairn push -q && rm -rf .dvc/config.local .dvc/cache")
    assert repo.sh("cairn get . a -o b --rev HEAD").status == 255
    repo.check("cairn get . a -o b --rev HEAD --remote-config verify=false @opts")
    assert repo.read("b") == "1\n"
    repo.write({"../served": ""})
    repo.check("cairn get-url ../served --fs-config @opts")
    repo.write({"windows": "url=../local\r\n\r\nverify=true\r\n", "zero": "url=../local\0hidden\n"})
    repo.check("cairn get . a -o d --rev HEAD --remote-config @windows")
    for word, said in ("@zero", "'zero' has a zero byte"), ("@bad", "'bad', line 2: this is not name=value"), ("@no", "'no'"), ("x", 'could not parse "x"'):
        done = repo.sh(f"cairn get . a -o c --rev HEAD --remote-config {word}")
        assert done.status != 0 and said in done.err, repr(done)
