"""
The same Python code with `dvc.api` of the real DVC and with `cairn.api`: values, their types, and exceptions (class, what
else catches them, text) must be equal. A case is an expression, or statements with `return`.
"""

import pytest

from harness.python_api import adjusted, cases


METRICS = cases("repo", """
metrics: api.metrics_show()
metrics-at-tag: api.metrics_show(rev="v1")
metrics-of-branch: api.metrics_show(rev="side")
metrics-of-experiment: api.metrics_show(rev="e2")
metrics-of-head: api.metrics_show(rev="HEAD")
metrics-of-parent: api.metrics_show(rev="HEAD~1")
metrics-of-short-sha: api.metrics_show(rev=sorted(api.all_commits())[0][:8])
metrics-target: api.metrics_show("m.json")
metrics-targets: api.metrics_show("m.json", "m2.yaml")
metrics-target-at-tag: api.metrics_show("m2.yaml", rev="v1")
metrics-target-no-metric: api.metrics_show("params.yaml")
metrics-target-missing: api.metrics_show("nope.json")
metrics-target-missing-at-tag: api.metrics_show("nope.json", rev="v1")
metrics-bad-revision: api.metrics_show(rev="zz")
metrics-of-directory: api.metrics_show(repo=os.getcwd())
metrics-of-directory-at-tag: api.metrics_show(repo=os.getcwd(), rev="v1")
metrics-of-url: api.metrics_show(repo="file://" + os.getcwd())
metrics-of-url-at-tag: api.metrics_show(repo="file://" + os.getcwd(), rev="v1")
metrics-of-no-repository: api.metrics_show(repo="/does/not/exist")
metrics-with-config: api.metrics_show(config={"core": {"remote": "x"}, "remote": {"x": {"url": "/elsewhere"}}})
metrics-at-tag-with-config: api.metrics_show(rev="v1", config={"remote": {"x": {"url": "/elsewhere"}}})
""") + cases("repo/code", """
metrics-below: api.metrics_show()
metrics-below-with-names: api.metrics_show(repo="..")
metrics-below-target: api.metrics_show("../m.json")
metrics-below-at-tag: api.metrics_show(rev="v1")
params-below: api.params_show()
""") + cases("nothing", """
metrics-outside: api.metrics_show()
params-outside: api.params_show()
metrics-from-outside: api.metrics_show(repo="../repo")
metrics-from-outside-at-tag: api.metrics_show(repo="../repo", rev="v1")
""") + cases("plain", """
metrics-without-git: api.metrics_show()
metrics-without-git-at-revision: api.metrics_show(rev="v1")
""") + cases("mono/sub", """
metrics-of-subdirectory: api.metrics_show()
""")

PARAMS = cases("repo", """
params: api.params_show()
params-at-tag: api.params_show(rev="v1")
params-of-experiment: api.params_show(rev="e2")
params-of-dependencies: api.params_show(deps=True)
params-of-dependencies-at-tag: api.params_show(deps=True, rev="v1")
params-of-stage: api.params_show(stages="train")
params-of-stages: api.params_show(stages=["train", "each@1"])
params-of-group: api.params_show(stages="each")
params-of-stage-at-tag: api.params_show(stages=["train"], rev="v1")
params-with-config: api.params_show(config={"core": {"remote": "x"}, "remote": {"x": {"url": "/elsewhere"}}})
params-of-stage-missing: api.params_show(stages="nope")
params-target: api.params_show("more.toml")
params-targets: api.params_show("more.toml", "conf/p.json")
params-target-any-yaml: api.params_show("dvc.lock")
params-target-missing: api.params_show("nope.yaml")
params-bad-revision: api.params_show(rev="zz")
params-of-directory: api.params_show(repo=os.getcwd())
params-of-url: api.params_show(repo="file://" + os.getcwd())
params-of-url-at-tag: api.params_show(repo="file://" + os.getcwd(), rev="v1", deps=True)
""")

READ = cases("repo", """
read-git: api.read("two.txt")
read-output: api.read("one.txt")
read-bytes: api.read("one.txt", mode="rb")
read-in-directory: api.read("data/t.csv")
read-deep: api.read("data/sub/x")
read-stage-output: api.read("model")
read-at-tag: api.read("data/t.csv", rev="v1")
read-git-at-tag: api.read("params.yaml", rev="v1")
read-at-experiment: api.read("params.yaml", rev="e2")
read-deleted-from-work-tree: api.read("gone.txt")
read-remote: api.read("far.txt")
read-remote-in-directory: api.read("far/b/c")
read-remote-at-tag: api.read("far/a", rev="v1")
read-lost: api.read("lost.txt")
read-lost-at-tag: api.read("lost.txt", rev="v1")
read-import: api.read("imported.txt")
read-import-at-tag: api.read("imported.txt", rev="v1")
read-missing: api.read("nope")
read-missing-at-tag: api.read("nope", rev="v1")
read-directory: api.read("data")
read-git-directory: api.read("code")
read-directory-at-tag: api.read("data", rev="v1")
read-git-directory-at-tag: api.read("code", rev="v1")
read-below-file: api.read("one.txt/x")
read-ignored: api.read("x.tmp")
read-untracked: api.read("broken.json")
read-not-in-revision: api.read("broken.json", rev="zz")
read-other-encoding: api.read("latin.txt", encoding="latin-1")
read-not-utf8: api.read("latin.txt")
read-not-utf8-bytes: api.read("latin.txt", mode="rb")
read-space: api.read("with space.txt")
read-dash: api.read("-dash")
read-dash-at-tag: api.read("-dash", rev="v1")
read-unicode: api.read("odd/n\\u00e4me", rev="v1")
read-link: api.read("link.txt")
read-dvc-file: api.read("one.txt.dvc")
read-dot: api.read("./one.txt")
read-dots: api.read("code/../one.txt", rev="v1")
read-empty-name: api.read("")
read-absolute: api.read(os.path.abspath("one.txt"))
read-absolute-at-tag: api.read(os.path.abspath("one.txt"), rev="v1")
read-mode-w: api.read("one.txt", mode="w")
read-mode-rt: api.read("one.txt", mode="rt")
read-bad-remote: api.read("far.txt", remote="zz")
read-second-remote: api.read("far.txt", remote="second")
read-bad-remote-in-work-tree: api.read("one.txt", remote="zz")
read-config: api.read("far.txt", remote="second", remote_config={"url": os.path.abspath("../store")})
read-config-default: api.read("far.txt", config={"core": {"remote": "x"}, "remote": {"x": {"url": os.path.abspath("../store")}}})
read-directory-repo: api.read("one.txt", repo=os.getcwd())
read-directory-repo-at-tag: api.read("data/t.csv", repo=os.getcwd(), rev="v1")
read-url: api.read("two.txt", repo="file://" + os.getcwd())
read-url-at-tag: api.read("params.yaml", repo="file://" + os.getcwd(), rev="v1")
read-no-repository: api.read("x", repo="/does/not/exist")
read-subdirectory-as-repo: api.read("one.txt", repo="code")
read-other-repo: api.read("lib.txt", repo="../other")
read-other-repo-directory: api.read("dir/f", repo="../other")
open-text:
    with api.open("one.txt") as f:
        return f.read(2), f.readline(), f.readable(), f.writable(), f.encoding
open-bytes:
    with api.open("data/t.csv", mode="rb") as f:
        f.seek(-3, 2)
        tail = f.read()
        f.seek(1)
        return type(f).__name__, f.read(3), tail, f.tell()
open-lines:
    with api.open("data/t.csv", rev="v1") as f:
        return list(f)
open-cache-seek:
    with api.open("data/t.csv", rev="v1", mode="rb") as f:
        f.seek(2)
        return f.read(), f.seekable()
open-without-with: api.open("one.txt").read()
open-missing:
    with api.open("nope") as f:
        return f
open-error-in-block:
    with api.open("one.txt") as f:
        raise KeyError("mine")
""") + cases("repo/data", """
read-from-below: api.read("t.csv")
read-from-below-parent: api.read("../one.txt")
read-from-below-by-root: api.read("data/t.csv")
read-from-below-at-tag: api.read("data/t.csv", rev="v1")
read-from-below-with-repo: api.read("t.csv", repo="..")
""") + cases("nothing", """
read-outside: api.read("one.txt")
read-outside-repo: api.read("one.txt", repo="../repo")
get-url-outside: api.get_url("one.txt")
""") + cases("bare", """
read-without-dvc: api.read("f.txt")
read-without-dvc-at-head: api.read("f.txt", rev="HEAD")
read-without-dvc-missing: api.read("g.txt")
""") + cases("plain", """
read-without-git: api.read("f.txt")
read-without-git-at-revision: api.read("f.txt", rev="v1")
""") + cases("mono", """
read-in-subrepository: api.read("sub/s.txt")
read-in-subrepository-at-head: api.read("sub/s.txt", rev="HEAD")
read-above-subrepository: api.read("top.txt")
""")

URLS = cases("repo", """
url: api.get_url("one.txt")
url-directory: api.get_url("data")
url-in-directory: api.get_url("data/t.csv")
url-at-tag: api.get_url("data/t.csv", rev="v1")
url-lost: api.get_url("lost.txt")
url-git: api.get_url("two.txt")
url-git-at-tag: api.get_url("code/run.py", rev="v1")
url-missing: api.get_url("nope")
url-missing-in-output: api.get_url("data/nope")
url-absolute: api.get_url(os.path.abspath("one.txt"))
url-second-remote: api.get_url("one.txt", remote="second")
url-bad-remote: api.get_url("one.txt", remote="zz")
url-bad-revision: api.get_url("one.txt", rev="zz")
url-no-repository: api.get_url("one.txt", repo="/does/not/exist")
url-directory-repo: api.get_url("lib.txt", repo="../other")
url-config: api.get_url("one.txt", config={"core": {"remote": "x"}, "remote": {"x": {"url": "s3://bucket/dir"}}})
url-remote-config: api.get_url("one.txt", remote_config={"url": "/elsewhere"})
""") + cases("repo/data", """
url-from-below: api.get_url("t.csv")
url-from-below-missing: api.get_url("data/t.csv")
""") + cases("other", """
read-lost-without-remote: api.read("lost.txt")
read-lost-without-remote-at-head: api.read("lost.txt", rev="HEAD")
open-lost-without-remote:
    with api.open("lost.txt") as f:
        return f
url-without-remote: api.get_url("lib.txt")
""")

EXPERIMENTS = cases("repo", """
exp-show: api.exp_show()
exp-show-number: api.exp_show(num=2)
exp-show-revision: api.exp_show(revs="v1")
exp-show-revisions: api.exp_show(revs=["v1", "main"])
exp-show-force: api.exp_show(force=True)
exp-show-bad-revision: api.exp_show(revs="zz")
exp-show-directory: api.exp_show(repo=os.getcwd())
exp-show-columns: [list(row) for row in api.exp_show()]
branches: sorted(api.all_branches())
tags: sorted(api.all_tags())
commits: sorted(api.all_commits())
branches-of-directory: sorted(api.all_branches(repo="../other"))
branches-of-url: sorted(api.all_branches(repo="file://" + os.path.abspath("../other")))
tags-none: api.all_tags(repo="../other")
""") + cases("small", """
exp-show-all-parents: api.exp_show(num=-1)
exp-show-param-deps: sorted(k for k, v in api.exp_show(param_deps=True, force=True)[0].items() if v not in (None, 'None'))
""") + cases("plain", """
branches-without-git: api.all_branches()
""") + cases("nothing", """
branches-outside: api.all_branches()
commits-of-no-repository: api.all_commits(repo="/does/not/exist")
""")

REGISTRY = cases("repo", """
artifact: api.artifacts_show("net")
artifact-version: api.artifacts_show("net", version="v1.0.0")
artifact-stage: api.artifacts_show("net", stage="prod")
artifact-both: api.artifacts_show("net", version="v1.0.0", stage="prod")
artifact-missing: api.artifacts_show("nope")
artifact-missing-version: api.artifacts_show("net", version="v9.0.0")
artifact-missing-stage: api.artifacts_show("net", stage="dev")
artifact-untagged: api.artifacts_show("data-set")
artifact-bad-name: api.artifacts_show("a//b")
artifact-directory-repo: api.artifacts_show("net", repo=os.getcwd())
dataset: api.get_dataset("images")
dataset-unlocked: api.get_dataset("unlocked")
dataset-missing: api.get_dataset("nope")
""") + cases("nothing", """
artifact-from-outside: api.artifacts_show("net", repo="../repo")
dataset-outside: api.get_dataset("images")
""")


ODD_ARGUMENTS = cases("repo", """
artifact-of-url: api.artifacts_show("net", repo="file://" + os.getcwd())
url-of-url-missing: api.get_url("one.txt", repo="file://" + os.path.abspath("../other"))
url-of-url-without-remote: api.get_url("lib.txt", repo="file://" + os.path.abspath("../other"))
commits-of-url: sorted(api.all_commits(repo="file://" + os.path.abspath("../other")))
exp-show-url: [(r["rev"], r["Experiment"], r["lr"]) for r in api.exp_show(repo="file://" + os.getcwd())[1:]]
read-url-missing: api.read("nope", repo="file://" + os.getcwd())
read-url-directory: api.read("code", repo="file://" + os.getcwd())
params-target-of-directory: api.params_show("more.toml", repo=os.getcwd())
metrics-target-of-subdirectory: api.metrics_show("m.json", repo="code")
params-target-and-stage: api.params_show("more.toml", stages="train")
read-bytes-with-encoding: api.read("one.txt", mode="rb", encoding="utf-8")
repo-is-a-path: api.read("one.txt", repo=__import__("pathlib").Path("."))
rev-empty: api.read("one.txt", rev="")
rev-peeled: api.read("one.txt", rev="v1^{commit}")
rev-full-name: api.read("one.txt", rev="refs/tags/v1")
rev-dash: api.read("one.txt", rev="--help")
path-zero-byte: api.read("a\0b")
path-long: api.read("x" * 5000)
path-slash: api.read("one.txt/")
path-outside: api.read("../other/lib.txt")
path-outside-at-tag: api.read("../x", rev="v1")
url-outside: api.get_url("../x")
exp-save-bad-name: api.exp_save(name="a/b")
exp-save-taken-name: api.exp_save(name="e2")
""")

ALL = ODD_ARGUMENTS + METRICS + PARAMS + READ + URLS + EXPERIMENTS + REGISTRY


@pytest.mark.parametrize("where, code", ALL)
def test_same_answer(peers, shared_top, where, code):
    expected = adjusted(peers["dvc"].answer(shared_top / where, code))
    got = adjusted(peers["cairn"].answer(shared_top / where, code))
    assert got == expected, f"{code}\ncairn: {got}\ndvc:   {expected}\n{peers['cairn'].trace}"


ODD = {
    'api.metrics_show("broken.json")': "unable to read: 'broken.json', JSON file structure is corrupted",
    'api.params_show("broken.json")': "unable to read: 'broken.json', JSON file structure is corrupted",
}


@pytest.mark.parametrize("code", ODD)
def test_path_of_a_broken_file_is_the_one_that_exists(peers, shared_top, code):
    """DVC names the file relative to the root of the file system."""
    assert "'class': 'JSONFileCorruptedError'" in peers["dvc"].answer(shared_top / "repo", code)
    got = peers["cairn"].answer(shared_top / "repo", code)
    assert "'class': 'JSONFileCorruptedError'" in got and ODD[code] in got


def test_url_of_an_import_is_that_of_its_object(peers, shared_top):
    """DVC answers with the path in the repository that was imported from, without saying which."""
    assert peers["dvc"].answer(shared_top / "repo", "api.get_url('imported.txt')") == "'lib.txt'"
    got = peers["cairn"].answer(shared_top / "repo", "api.get_url('imported.txt')")
    assert got == repr(f"{shared_top}/store/files/md5/7e/65df4db6cda11f7a9d4b50df9bcae4")
