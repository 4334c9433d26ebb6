"""`DVCFileSystem` of both APIs: the same calls have the same results. `fs()` makes one; see test_same_answers.py."""

import pytest

from harness.python_api import adjusted, cases

LISTS = cases("repo", """
ls-root: sorted(fs().ls("/", detail=False))
ls-empty-name: sorted(fs().ls("", detail=False))
ls-directory: sorted(fs().ls("data", detail=False))
ls-directory-absolute: sorted(fs().ls("/data", detail=False))
ls-directory-slash: sorted(fs().ls("data/", detail=False))
ls-file: fs().ls("one.txt", detail=False)
ls-file-in-directory: fs().ls("data/t.csv", detail=False)
ls-dvcfiles: sorted(fs().ls("/", detail=False, dvcfiles=True))
ls-dvc-only: sorted(fs().ls("/", detail=False, dvc_only=True))
ls-dvc-only-directory: sorted(fs().ls("data", detail=False, dvc_only=True))
ls-empty-directory: sorted(fs().ls("empty", detail=False))
ls-ignored: sorted(fs().ls("ignored", detail=False))
ls-deleted-directory: sorted(fs().ls("far", detail=False))
ls-missing: fs().ls("nope")
ls-missing-in-output: fs().ls("data/nope")
ls-below-file: fs().ls("one.txt/x")
ls-git: looks(fs().ls("code"))
ls-output: looks(fs().ls("data"))
ls-root-details: [i for i in looks(fs().ls("/")) if i["name"] != "/link.txt"]
ls-at-tag: sorted(fs(rev="v1").ls("/", detail=False))
ls-at-tag-details: looks(fs(rev="v1").ls("/"))
ls-at-tag-output: looks(fs(rev="v1").ls("data"))
ls-at-tag-git: looks(fs(rev="v1").ls("code"))
ls-at-tag-missing: fs(rev="v1").ls("nope")
ls-at-tag-empty: fs(rev="v1").ls("empty")
ls-at-experiment: sorted(fs(rev="e2").ls("", detail=False, dvcfiles=True))
ls-bad-revision: fs(rev="zz").ls("")
find: sorted(fs().find("/"))
find-relative: sorted(fs().find("data"))
find-empty: sorted(fs().find(""))
find-file: fs().find("one.txt")
find-missing: fs().find("nope")
find-dvcfiles: sorted(fs().find("", dvcfiles=True))
find-dvc-only: sorted(fs().find("", dvc_only=True))
find-details: looks(fs().find("data", detail=True).values())
find-with-directories: sorted(fs().find("", withdirs=True))
find-depth: sorted(fs().find("", maxdepth=1))
find-at-tag: sorted(fs(rev="v1").find(""))
find-at-tag-details: looks(fs(rev="v1").find("/data", detail=True).values())
walk: sorted((d, sorted(ds), sorted(fls)) for d, ds, fls in fs().walk(""))
walk-relative: sorted((d, sorted(ds), sorted(fls)) for d, ds, fls in fs().walk("data"))
walk-depth: sorted((d, sorted(ds), sorted(fls)) for d, ds, fls in fs().walk("/", maxdepth=1))
walk-at-tag: sorted((d, sorted(ds), sorted(fls)) for d, ds, fls in fs(rev="v1").walk("/"))
walk-dvcfiles: sorted((d, sorted(ds), sorted(fls)) for d, ds, fls in fs().walk("", dvcfiles=True))
glob: sorted(fs().glob("**/*.csv"))
glob-one-level: sorted(fs().glob("*.txt"))
glob-directory: sorted(fs().glob("data/*"))
glob-at-tag: sorted(fs(rev="v1").glob("/data/**"))
glob-none: fs().glob("*.nope")
expand: fs().expand_path("data", recursive=True)
du: fs().du("")
du-directory: fs().du("data")
du-file: fs().du("one.txt")
du-parts: fs().du("data", total=False)
du-deleted: fs().du("far")
du-at-tag: fs(rev="v1").du("")
du-at-tag-parts: fs(rev="v1").du("/code", total=False)
du-missing: fs().du("nope")
tree: sorted(fs().tree("/data").splitlines())
""") + cases("repo/data", """
ls-from-below: sorted(fs().ls(".", detail=False))
ls-from-below-root: sorted(fs().ls("/", detail=False))
ls-from-below-empty-name: sorted(fs().ls("", detail=False))
ls-from-below-parent: sorted(fs().ls("..", detail=False))
cwd-below: fs().getcwd()
cwd-below-at-tag: fs(rev="v1").getcwd()
read-from-below: fs().cat_file("t.csv")
read-from-below-at-tag: fs(rev="v1").cat_file("data/t.csv")
""") + cases("nothing", """
ls-of-repo: sorted(fs("../repo").ls("", detail=False))
ls-of-repo-at-tag: sorted(fs("../repo", rev="v1").ls("data", detail=False))
ls-of-url: sorted(fs(url="../repo").ls("data", detail=False))
ls-of-git-url: sorted(fs("file://" + os.path.abspath("../repo")).ls("", detail=False))
read-of-git-url: fs("file://" + os.path.abspath("../repo"), rev="v1").cat_file("params.yaml")
ls-outside: fs().ls("/")
read-no-repository: fs("/does/not/exist").cat_file("x")
""") + cases("bare", """
ls-without-dvc: sorted(fs().ls("", detail=False))
read-without-dvc: fs().cat_file("f.txt")
find-without-dvc-at-head: fs(rev="HEAD").find("")
""") + cases("mono", """
ls-above-subrepository: sorted(fs().ls("", detail=False))
find-without-subrepositories: sorted(fs().find(""))
find-with-subrepositories: sorted(fs(subrepos=True).find("", ignore_subrepos=False))
find-with-subrepositories-at-head: sorted(fs(subrepos=True, rev="HEAD").find("", ignore_subrepos=False))
""")

INFOS = cases("repo", """
info-output: look(fs().info("one.txt"))
info-git: look(fs().info("two.txt"))
info-exec: look(fs().info("code/run.py"))
info-directory: look(fs().info("data"))
info-sub-directory: look(fs().info("data/sub"))
info-git-directory: look(fs().info("code"))
info-root: [fs().info(p)["type"] for p in ("", "/")]
info-deleted: look(fs().info("gone.txt"))
info-deleted-directory: look(fs().info("far"))
info-in-deleted-directory: look(fs().info("far/b/c"))
info-lost: look(fs().info("lost.txt"))
info-link: look(fs().info("link.txt"))
info-ignored: fs().info("x.tmp")
info-missing: fs().info("nope")
info-below-file: fs().info("one.txt/x")
info-dvc-file: look(fs().info("one.txt.dvc"))
info-dvc-directory: fs().info(".dvc")
info-absolute: look(fs().info("/data/t.csv"))
info-dots: look(fs().info("./data/../one.txt"))
info-at-tag: look(fs(rev="v1").info("one.txt"))
info-at-tag-in-directory: look(fs(rev="v1").info("data/t.csv"))
info-at-tag-directory: look(fs(rev="v1").info("data"))
info-at-tag-exec: look(fs(rev="v1").info("code/run.py"))
info-at-tag-missing: fs(rev="v1").info("nope")
exists: [fs().exists(p) for p in ("one.txt", "data", "nope", "", "x.tmp", "far/a", "far/x")]
isfile: [fs().isfile(p) for p in ("one.txt", "data", "nope", "far/a", "far")]
isdir: [fs().isdir(p) for p in ("one.txt", "data", "nope", "far/b", "empty/inner")]
isdvc: [fs().isdvc(p) for p in ("one.txt", "data", "data/t.csv", "code/run.py", "nope", "model", "")]
isdvc-at-tag: [fs(rev="v1").isdvc(p) for p in ("one.txt", "data", "data/t.csv", "code/run.py", "nope")]
size: [fs().size(p) for p in ("one.txt", "code/run.py", "gone.txt")]
sizes-at-tag: fs(rev="v1").sizes(["one.txt", "data/t.csv", "two.txt"])
""")

CONTENTS = cases("repo", """
cat: fs().cat_file("one.txt")
cat-range: fs().cat_file("data/t.csv", start=2, end=5)
cat-at-tag: fs(rev="v1").cat_file("data/t.csv")
cat-at-tag-range: fs(rev="v1").cat_file("data/t.csv", start=4)
cat-remote: fs().cat_file("far/b/c")
cat-remote-range: fs().cat_file("far.txt", start=1, end=2)
cat-many: fs().cat(["one.txt", "two.txt", "far.txt"])
cat-many-at-tag: fs(rev="v1").cat(["/one.txt", "/params.yaml", "/far/a"])
cat-ranges: fs().cat_ranges(["data/t.csv", "one.txt"], [0, 1], [2, 3])
cat-missing: fs().cat_file("nope")
cat-lost: fs().cat_file("lost.txt")
cat-directory: type(fs().cat_file("data"))
cat-directory-at-tag: fs(rev="v1").cat_file("data")
cat-ignoring-errors: fs().cat(["one.txt", "nope"], on_error="omit")
head: fs().head("data/t.csv", 3)
tail: fs(rev="v1").tail("data/t.csv", 3)
read-text: fs().read_text("one.txt")
read-bytes: fs(rev="v1").read_bytes("params.yaml")
open:
    with fs().open("data/t.csv") as f:
        return f.read(3), f.tell(), f.seek(0), f.readline(), f.readlines()
open-text:
    with fs(rev="v1").open("params.yaml", "r") as f:
        return f.readline()
open-write: fs().open("new", "wb")
open-append: fs().open("one.txt", "ab")
open-missing: fs().open("nope")
open-missing-at-tag: fs(rev="v1").open("nope")
open-directory-at-tag: fs(rev="v1").open("data")
pipe: fs().pipe("new", b"x")
touch: fs().touch("new")
rm: fs().rm("one.txt")
cp: fs().cp("one.txt", "two.txt")
mv: fs().mv("one.txt", "three.txt")
mkdir: fs().mkdir("x")
protocol-of-registry:
    import fsspec
    return fsspec.filesystem("dvc" if tool == "dvc" else api.DVCFileSystem.protocol).ls("data", detail=False) != []
pickle:
    import pickle
    copy = pickle.loads(pickle.dumps(fs(rev="v1")))
    return copy.cat_file("data/t.csv"), sorted(copy.ls("data", detail=False))
cachable: (api.DVCFileSystem.cachable, api.DVCFileSystem.root_marker, api.DVCFileSystem.async_impl)
repo-url: (fs().repo_url, fs("../other").repo_url)
repo-root: (fs().repo.root_dir, fs(rev="v1").repo.root_dir, fs("../other").repo.root_dir)
""")

GET = cases("repo", """
get-file: got(lambda to: fs().get("one.txt", to + "/x"))
get-file-into-directory: got(lambda to: fs().get("one.txt", to + "/"))
get-directory: got(lambda to: fs().get("data", to + "/d", recursive=True))
get-directory-into-directory: got(lambda to: fs().get("data", to, recursive=True))
get-directory-slash: got(lambda to: fs().get("data", to + "/d/", recursive=True))
get-directory-not-recursive: got(lambda to: fs().get("data", to + "/d"))
get-directory-at-tag: got(lambda to: fs(rev="v1").get("data", to + "/d", recursive=True))
get-remote-directory: got(lambda to: fs().get("far", to + "/d", recursive=True))
get-git-directory: got(lambda to: fs().get("code", to + "/d", recursive=True))
get-git-directory-at-tag: got(lambda to: fs(rev="v1").get("code", to + "/d", recursive=True))
get-depth: got(lambda to: fs().get("data", to + "/d", recursive=True, maxdepth=1))
get-list: got(lambda to: fs().get(["one.txt", "two.txt"], to))
get-glob: got(lambda to: fs().get("*.yaml", to))
get-missing: got(lambda to: fs().get("nope", to + "/x"))
get-file-at-tag: got(lambda to: fs(rev="v1").get_file("params.yaml", to + "/a/b"))
get-one-thread: got(lambda to: fs(rev="v1").get("data", to + "/d", recursive=True, batch_size=1))
""")

PANDAS = cases("repo", """
pandas: frame("dvc://data/t.csv")
pandas-at-tag: frame("dvc://data/t.csv", {"rev": "v1"})
pandas-url: frame("dvc://data/t.csv", {"url": os.getcwd(), "rev": "v1"})
pandas-repo: frame("dvc://data/t.csv", {"repo": os.getcwd(), "rev": "v1"})
pandas-chain: frame("dvc://data/t.csv::file://" + os.getcwd(), {"dvc": {"rev": "v1"}})
pandas-simplecache: frame("simplecache::dvc://data/t.csv", {"dvc": {"rev": "v1"}})
pandas-missing: frame("dvc://nope.csv")
fsspec-open:
    import fsspec
    with fsspec.open("dvc://one.txt", "r") as f:
        return f.read()
fsspec-open-many:
    import fsspec
    return [f.open().read() for f in fsspec.open_files("dvc://data/*.csv")]
""")

ALL = LISTS + INFOS + CONTENTS + GET + PANDAS


@pytest.mark.parametrize("where, code", ALL)
def test_same_files(peers, shared_top, where, code):
    expected = adjusted(peers["dvc"].answer(shared_top / where, code))
    got = adjusted(peers["cairn"].answer(shared_top / where, code))
    assert got == expected, f"{code}\ncairn: {got}\ndvc:   {expected}\n{peers['cairn'].trace}"


BETTER = {
    'fs().cat_file("data/t.csv", start=-4)': ("b'5,6\\n'", "AttributeError"),
    'fs(rev="v1").cat_file("params.yaml", start=1, end=4)': ("b'r: '", "UnsupportedOperation"),
    'fs(rev="v1").open("params.yaml").seek(0, 2) == fs(rev="v1").size("params.yaml")': ("True", "UnsupportedOperation"),
    'fs().read_block("data/t.csv", 0, 3)': ("b'a,b'", "AttributeError"),
    '[i["type"] for i in fs().ls("") if i["name"] == "link.txt"]': ("['file']", "['other']"),
}


@pytest.mark.parametrize("code", BETTER)
def test_what_fails_in_dvc_works(peers, shared_top, code):
    ours, theirs = BETTER[code]
    assert theirs in peers["dvc"].answer(shared_top / "repo", code)
    assert peers["cairn"].answer(shared_top / "repo", code) == ours
