"""Parameters that DVC cannot record."""

TOML = "day = 2020-01-02\nat = 2020-01-02T03:04:05\nzoned = 2020-01-02T03:04:05Z\ntime = 03:04:05\nlist = [2020-01-02, 03:04:05]\n[t]\nday = 2021-01-01\n"
STAGES = """\
stages:
  keys: {cmd: echo 1 > o, params: [{p.toml: [day, at, zoned, time, list, t]}], outs: [o]}
  file: {cmd: echo 2 > p, params: [{p.toml: null}], outs: [p]}
"""
RECORDED = """\
      p.toml:
        at: 2020-01-02 03:04:05
        day: 2020-01-02
        list:
        - 2020-01-02
        - 03:04:05
        t:
          day: 2021-01-01
        time: 03:04:05
        zoned: '2020-01-02 03:04:05+00:00'
"""


def test_dates_of_toml_are_parameters(repo):
    repo.write({"p.toml": TOML, "dvc.yaml": STAGES})
    repo.check("dvc repro -q && git add -A && git commit -qm base")
    assert repo.read("dvc.lock").count(RECORDED) == 2
    assert repo.check("dvc status").out == "Data and pipelines are up to date.\n"
    assert repo.check("rm o && dvc repro keys").lines[0] == "Stage 'keys' is cached - skipping run, checking out outputs"
    repo.write({"p.toml": TOML.replace("zoned = 2020-01-02T03:04:05Z", "zoned = 2020-01-02T03:04:06Z")})
    assert "modified:           zoned" in repo.check("dvc status keys").out
    assert repo.check("dvc params diff --json").out == (
        '{"p.toml": {"zoned": {"old": "2020-01-02 03:04:05+00:00", "new": "2020-01-02 03:04:06+00:00"}}}\n')


def test_dates_of_yaml_are_parameters(repo):
    repo.write({"p.yaml": "day: 2020-01-02\nat: 2020-01-02 03:04:05\n", "dvc.yaml": "stages:\n  s: {cmd: echo 1 > o, params: [p.yaml: [day, at]], outs: [o]}\n"})
    repo.check("dvc repro -q")
    assert "        at: 2020-01-02 03:04:05\n        day: 2020-01-02\n" in repo.read("dvc.lock")
    assert repo.check("dvc status").out == "Data and pipelines are up to date.\n"


def test_a_link_to_a_directory_whose_name_begins_with_dots(repo):
    """Git has the link; `..data` is inside of the repository."""
    repo.write({"..data/params.yaml": "lr: 1\n"})
    repo.check("ln -s ..data/params.yaml params.yaml && git add -A && git commit -qm base")
    repo.write({"..data/params.yaml": "lr: 2\n"})
    assert repo.check("dvc params diff --json").out == '{"params.yaml": {"lr": {"old": 1, "new": 2, "diff": 1}}}\n'
