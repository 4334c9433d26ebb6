"""Data that comes from the network in other ways: repositories whose data is on a remote, URLs as sources, and dependencies
of stages that are there."""

from harness import case_on
from harness.remote_case import forget_etags

FILES = {"a": "hello\n", "d/one": "1\n", "d/sub/two": "2\n"}
ORIGIN = {"files": FILES, "tracked": "a d", "pushed": True}
LEAVE = """
    git add -A && git commit -q -m one && rm -rf .dvc/cache a d
    git init -q ../w && mkdir ../w/.dvc && touch ../w/.dvc/config && cp .dvc/.gitignore ../w/.dvc
    cd ../w
"""
FIVE = "s3 ssh webdav http azure"
EXT = """
    store write ext/a.csv hello
    store write ext/d/one 1\\n
    store write ext/d/two 2\\n
"""


# DVC stores listings of sub-directories, and of ETags; and it keeps downloads of imports twice.
NOT_COMPARED = (r"\.dvc/cache/files/md5/.*\.dir$", r"\.dvc/cache/fs/")


def from_repository(kinds, name, script, **options):
    case_on(kinds, "net-repo-" + name, LEAVE + script, **{**ORIGIN, "ignore": NOT_COMPARED, **options})


def from_url(kinds, name, script, **options):
    for kind in kinds.split():
        masked = {"adjust": forget_etags} if kind in ("azure", "webdav", "gs") else {}
        masked["ignore"] = NOT_COMPARED
        case_on(kind, "net-url-" + name, EXT + script, **{**masked, **options})


from_repository(FIVE + " gs s3-strict", "get", """
    dvc get ../repo a
    dvc get ../repo d -o all
    dvc get ../repo d/sub
    dvc get ../repo nothing
    dvc get --show-url ../repo a
    dvc get --show-url ../repo d/one
""")
from_repository(FIVE, "list", """
    dvc list -R --dvc-only ../repo
    dvc list --size ../repo d
  ~ dvc du ../repo
    dvc du -s ../repo d
""")
from_repository(FIVE + " gs", "import", """
    dvc import -q ../repo a
    dvc import ../repo d/sub -o s
    rm -rf .dvc/cache a s
    dvc pull
    dvc status
""")
from_repository("s3 ssh webdav", "import-later", """
    dvc import -q --no-download ../repo a
    dvc status
    dvc import -q --no-exec ../repo d
    dvc update d.dvc
""")
from_repository("s3 ssh http", "update", """
    dvc import -q ../repo a
    cd ../repo
    echo changed > a
    dvc add -q a
    dvc push -q
    git commit -qam two && rm -rf .dvc/cache
    cd ../w
    dvc status
    dvc update a.dvc
    cat a
""")
from_repository("s3 ssh webdav azure", "missing-there", """
    store remove files/md5/b1/946ac92492d2347c6235b4d2611184
  ? dvc get ../repo a
  ? dvc import ../repo a
""")
from_repository("s3 ssh", "other-remote", """
    dvc import -q --remote other ../repo a
  ? dvc get ../repo d -o d2 --remote other
    dvc get ../repo d -o d3 --remote r
    dvc import -q ../repo d --remote more --remote-config url=remote://r -o d4
""")
from_repository("s3 webdav", "own-config", """
    printf '[core]\\n    remote = mine\\n[\\047remote "mine"\\047]\\n    url = remote://r\\n' > own
    dvc get ../repo a --config own
    dvc import -q ../repo a -o b --config own
    dvc list -R --dvc-only ../repo --config own
""")
from_repository("s3 ssh", "artifacts", """
    dvc artifacts get ../repo m
    dvc artifacts get ../repo m --rev v1.0.0 -o b
    dvc artifacts get ../repo m --show-url
    dvc artifacts get ../repo nothing
""", files={**FILES, "dvc.yaml": "artifacts:\n  m:\n    path: a\n    type: model\n"})




from_url("s3 ssh http azure s3-strict", "import", """
    dvc import-url -q remote://r/ext/a.csv
    dvc status
    store write ext/a.csv other
    dvc status
    dvc update a.csv.dvc
    cat a.csv
    dvc import-url remote://r/ext/nothing
""")
from_url("s3 ssh azure gs", "import-folder", """
    dvc import-url -q remote://r/ext/d
    store write ext/d/three 3\\n
    dvc status
    dvc update d.dvc
    store remove ext/d/one
    dvc update d.dvc
    ls d
""")
from_url(FIVE, "get", """
    dvc get-url remote://r/ext/a.csv
    dvc get-url -q remote://r/ext/a.csv b
    dvc get-url remote://r/ext/nothing
    dvc get-url -q -f remote://r/ext/a.csv b
""")
from_url("s3 ssh webdav azure gs", "list", """
  ~ dvc list-url remote://r/ext
  ~ dvc list-url -R remote://r/ext
  - dvc list-url remote://r/ext/nothing
    dvc get-url -q remote://r/ext all
  ~ dvc list-url --json remote://r/ext/d
""")
from_url(FIVE, "dependency", """
    dvc stage add -q -n s -d remote://r/ext/a.csv -o out 'echo 1 > out'
    dvc repro -q
    dvc status
    store write ext/a.csv other
    dvc status
    dvc repro
    store remove ext/a.csv
    dvc status
""")
from_url("s3 ssh", "dependency-folder", """
    dvc stage add -q -n s -d remote://r/ext/d -o out 'echo 1 > out'
    dvc repro -q
    dvc status
    store write ext/d/three 3\\n
    dvc status
    dvc repro
""")
from_url("s3 ssh azure", "to-remote", """
    dvc import-url -q --to-remote remote://r/ext/a.csv
    dvc add -q --to-remote remote://r/ext/d -o dd
    dvc status -c
    dvc pull
    dvc import-url -q --to-remote -r other remote://r/ext/d/one
""")
from_url("s3 http", "later", """
    dvc import-url -q --no-download remote://r/ext/a.csv
    dvc status
    dvc pull
    dvc import-url -q --no-exec remote://r/ext/a.csv b
    dvc update -q b.dvc
    cat b
""")
from_url("ssh s3", "absolute", """
    dvc stage add -q -n s -d $URL/ext/a.csv -o out 'echo 1 > out'
  - dvc list-url $URL/nothing
""")
from_url("s3 s3-strict azure", "dataset", """
    dvc ds add -q n --url remote://r/ext/a.csv
    dvc ds add -q m --url remote://r/ext/d
    dvc stage add -q -n s -d ds://n -o out 'echo 1 > out'
    dvc repro -q
    store write ext/a.csv other
    dvc ds update n
    dvc ds update m
    dvc status
    dvc ds add x --url remote://r/ext/nothing
""")
