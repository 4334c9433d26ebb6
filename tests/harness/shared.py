"""A repository with experiments that are made by Git alone, a Git remote beside it, and a remote storage."""

# mk.sh NAME TEXT [BASELINE]: an experiment that changes data.dvc and metrics.json; its data is in the cache
MK = r"""
base=$(git rev-parse ${3:-HEAD})
export GIT_INDEX_FILE=$PWD/.git/mk-index
md5=$(printf %s "$2" | md5sum | cut -c1-32)
object=.dvc/cache/files/md5/$(echo $md5 | cut -c1-2)/$(echo $md5 | cut -c3-)
mkdir -p $(dirname $object) && rm -f $object && printf %s "$2" > $object && chmod 444 $object
pointer=$(printf 'outs:\n- md5: %s\n  size: %d\n  hash: md5\n  path: data\n' $md5 ${#2} | git hash-object -w --stdin)
metric=$(printf '{"acc": %d}\n' ${#2} | git hash-object -w --stdin)
git read-tree $base
git update-index --add --cacheinfo 100644,$pointer,data.dvc --cacheinfo 100644,$metric,metrics.json
commit=$(git commit-tree $(git write-tree) -p $base -m "experiment $1")
git update-ref refs/exps/$(echo $base | cut -c1-2)/$(echo $base | cut -c3-)/$1 $commit
rm .git/mk-index
"""

CONFIG = "[core]\n    remote = st\n['remote \"st\"']\n    url = ROOT/store\n"
FILES = {"mk.sh": MK, "store.config": CONFIG, "dvc.yaml": "metrics:\n- metrics.json\n", "metrics.json": '{"acc": 0}\n',
         ".gitignore": "/data\n"}
# For commits DVC takes an address that is relative as relative to "/". So it is absolute, and in the user's own
# configuration, since it differs from run to run.
STORE = """
    mkdir -p $DVC_GLOBAL_CONFIG_DIR && sed "s,ROOT,$(dirname $PWD)," store.config > $DVC_GLOBAL_CONFIG_DIR/config
"""
NO_STORE = """
    git init -q --bare ../far/.git && git remote add origin $PWD/../far/.git
    git add -A && git commit -qm base && git push -q origin master
"""
START = STORE + NO_STORE
THREE = START + """
    sh mk.sh e1 one && sh mk.sh e2 two && sh mk.sh e3 three
"""


def start(box, script=THREE):
    """Make all this in a sandbox, with the experiments e1, e2 and e3."""
    box.write(FILES)
    box.check("\n".join(line.strip() for line in script.strip().splitlines()))
    return box


def exp_ref(box, name, baseline="HEAD"):
    """The full name of the ref of an experiment."""
    base = box.check(f"git rev-parse {baseline}").out.strip()
    return f"refs/exps/{base[:2]}/{base[2:]}/{name}"


def far_refs(box):
    """{ref: id} of the Git remote, without its branch."""
    lines = box.check(f"git --git-dir={box.root}/far/.git for-each-ref --format='%(refname) %(objectname)'").lines
    return {name: sha for name, sha in (line.split() for line in lines) if not name.startswith("refs/heads/")}


def far_names(box):
    return sorted(ref.rsplit("/", 1)[1] for ref in far_refs(box))


def stored(box):
    """The objects in the remote storage."""
    return sorted(p.parent.name + p.name for p in (box.root / "store").rglob("*") if p.is_file())


def clone(box):
    """Go on in a fresh clone of the Git remote."""
    box.check(f"git clone -q {box.root}/far/.git {box.root}/second")
    box.cwd = box.root / "second"
    return box
