"""gc: what it does on purpose otherwise than DVC."""

OBJECTS = "find .dvc/cache/files -type f | sort"


def test_keeps_what_imports_brought(repo):
    repo.write({"f": "x\n"})
    repo.check("dvc add -q f")
    entry = "".join(line for line in repo.read("f.dvc").splitlines(True) if not line.startswith("outs"))
    repo.write({"f.dvc": "frozen: true\ndeps:\n- path: f\n  repo:\n    url: ../source\n    rev_lock: " + "a" * 40
                         + "\nouts:\n" + entry})
    before = repo.check(OBJECTS).out
    assert before
    repo.check("dvc gc -w -f")
    assert repo.check(OBJECTS).out == before


def test_what_another_remote_keeps_is_kept(repo):
    repo.write({"a": "1\n", "b": "2\n"})
    repo.check("dvc remote add -q -d r ../store && dvc remote add -q other ../other")
    repo.check("dvc add -q a b && dvc push -q -r other && dvc push -q")
    repo.write({"b.dvc": repo.read("b.dvc") + "  remote: other\n"})
    repo.check("dvc gc -w -c -r r -f")
    assert len(repo.check(OBJECTS).lines) == 2
    repo.check("dvc gc -w -c -f")
    assert len(repo.check("find ../other -type f").lines) == 2


def test_snapshots_of_what_is_tracked_no_more(repo):
    """They are only remembered to be faster, but a million files make a big one."""
    many = {f"{d}/{i}": f"{i}\n" for d in ("kept", "gone", "used") for i in range(100)}
    repo.write({**many, "dvc.yaml": "stages:\n  a:\n    cmd: cat used/1 > o\n    deps: [used]\n    outs: [o]\n"})
    repo.check("dvc add -q kept gone && dvc repro -q")
    found = "find ../.site -path '*/trees/*' | wc -l"
    assert repo.check(found).out == "3\n"
    repo.check("dvc remove -q gone.dvc && dvc gc -w --dry -f")
    assert repo.check(found).out == "3\n"
    repo.check("dvc gc -w -f")
    assert repo.check(found).out == "2\n"
    assert repo.check("dvc status").out == "Data and pipelines are up to date.\n"
