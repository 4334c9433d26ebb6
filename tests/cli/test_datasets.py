"""Datasets: behaviour that DVC does not have."""

STAGE = "stages:\n  a:\n    cmd: echo 1 > out\n    deps: [ds://ds]\n    outs: [out]\n"


def test_the_record_of_a_dataset_outlives_the_last_stage(repo):
    repo.check("git init -q ../o && cd ../o && echo a > a && git add a && git commit -qm a")
    repo.write({"dvc.yaml": STAGE})
    repo.check("dvc ds add -q ds --dvc ../o && dvc repro -q")
    before = repo.read("dvc.lock")
    repo.check("dvc remove -q a")
    kept = repo.read("dvc.lock")
    assert "rev_lock" in kept and "out" not in kept and "stages: {}" in kept, kept
    repo.write({"dvc.yaml": repo.read("dvc.yaml") + STAGE})
    repo.check("dvc repro -q")
    assert sorted(repo.read("dvc.lock").splitlines()) == sorted(before.splitlines())


def test_a_local_directory_is_a_dataset(repo):
    repo.check("mkdir ../d && echo a > ../d/a && dvc ds add u --url ../d")
    assert "meta:\n    isdir: true\n    size: 2\n    nfiles: 1\n" in repo.read("dvc.lock")
    repo.check("echo b > ../d/b")
    assert "Updating u (../d)" in repo.check("dvc ds update u").out
    assert "Nothing to update" in repo.check("dvc ds update u").out


def test_a_relative_url_is_also_looked_up_from_its_dvc_yaml(repo):
    repo.check("git init -q ../o && cd ../o && echo a > a && git add a && git commit -qm a")
    repo.check("dvc ds add -q ds --dvc ../o && mkdir sub && cd sub && dvc ds update ds")


def test_what_needs_a_service_is_refused_in_one_line(repo):
    """Web servers and hosts behind SSH have no versions; DVC ends with an exception there."""
    for words in ("--dc name", "--url ssh://host/key", "--url http://127.0.0.1:9/x"):
        result = repo.dvc(f"ds add x {words}")
        assert result.status == 255 and len(result.err.splitlines()) == 1, result
    assert not (repo.repo / "dvc.yaml").exists() and not (repo.repo / "dvc.lock").exists()


def test_versions_of_a_bucket_are_recorded(repo, s3):
    place = s3.place("versioned")
    place.configure(repo)
    place.write("d/one", b"1\n")
    place.write("a", b"first")
    repo.check("dvc ds add -q f --url remote://r/a && dvc ds add -q d --url remote://r/d")
    before = repo.read("dvc.lock")
    assert before.count("version_id: ") == 2 and "'null'" not in before
    assert "Nothing to update" in repo.check("dvc ds update f && dvc ds update d").out
    place.write("a", b"first")
    assert "Updating f" in repo.check("dvc ds update f").out
    assert repo.read("dvc.lock") != before


def test_why_tells_of_a_dataset(repo):
    repo.check("git init -q ../o && cd ../o && echo a > a && git add a && git commit -qm a")
    repo.write({"dvc.yaml": STAGE})
    repo.check("dvc ds add -q ds --dvc ../o && dvc repro -q && cd ../o && git commit -q --allow-empty -m b && cd - && dvc ds update -q ds")
    assert "ds://ds" in repo.check("dvc why a").out
