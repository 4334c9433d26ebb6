"""Which stages run, in which order, and what counts as a change: edges of the graph, edits of dvc.yaml and of data."""
import pytest
from harness import case

AB = """\
stages:
  a: {cmd: cp x a, deps: [x], outs: [a]}
  b: {cmd: cp a b, deps: [a], outs: [b]}
"""


def graph(name, dvc_yaml, script, **options):
    files = {"dvc.yaml": dvc_yaml, "x": "1\n", **options.pop("files", {})}
    case("graph-" + name, script, files=files, **options)


# edges
graph("directory-of-outputs", """\
stages:
  all: {cmd: ls d > all, deps: [d], outs: [all]}
  one: {cmd: mkdir -p d && echo 1 > d/one, outs: [d/one]}
  two: {cmd: mkdir -p d && echo 2 > d/two, outs: [d/two]}
""", "    mkdir d\n    dvc repro\n    dvc repro\n    dvc dag --dot\n    echo 3 > d/three\n    dvc status\n    dvc repro\n")
graph("file-in-directory-output", """\
stages:
  use: {cmd: cp d/f u, deps: [d/f], outs: [u]}
  make: {cmd: mkdir -p d/s && cp x d/f && cp x d/s/g, deps: [x], outs: [d]}
  deep: {cmd: cp d/s/g v, deps: [d/s], outs: [v]}
""", "    dvc repro\n    dvc repro\n    echo 2 > x\n    dvc repro\n    dvc status\n")
graph("independent", "stages:\n" + "".join(f"  {n}: {{cmd: echo {n}}}\n" for n in ("z", "m", "a", "k")), "    dvc repro\n    dvc repro a z\n")
graph("written-backwards", """\
stages:
  d: {cmd: cp c d, deps: [c], outs: [d]}
  c: {cmd: cp b c, deps: [b], outs: [c]}
  b: {cmd: cp a b, deps: [a], outs: [b]}
  a: {cmd: cp x a, deps: [x], outs: [a]}
""", "    dvc repro\n    dvc dag\n    dvc stage list\n")
graph("many-dependencies", """\
stages:
  join: {cmd: cat p q r > j, deps: [r, p, q], outs: [j]}
  p: {cmd: cp x p, deps: [x], outs: [p]}
  q: {cmd: cp x q, deps: [x], outs: [q]}
  r: {cmd: cp x r, deps: [x], outs: [r]}
""", "    dvc repro\n    dvc dag --dot\n")
graph("long-chain", "stages:\n" + "".join(f"  s{i}: {{cmd: cp f{i} f{i + 1}, deps: [f{i}], outs: [f{i + 1}]}}\n" for i in range(12)),
      "    dvc repro -q\n    dvc repro\n    echo 2 > f0\n    dvc repro f\n    dvc repro s5\n", files={"f0": "1\n"})
graph("foreach-chain", """\
stages:
  step:
    foreach: [1, 2, 3]
    do:
      cmd: cat x > s${item}
      deps: [x]
      outs: ["s${item}"]
  sum: {cmd: cat s1 s2 s3 > sum, deps: [s1, s2, s3], outs: [sum]}
""", "    dvc repro\n    echo 2 > x\n    dvc repro step@2\n    dvc status\n    dvc repro\n")
graph("matrix-of-folders", """\
stages:
  part:
    matrix: {k: [one, two], n: [1, 2]}
    wdir: w
    cmd: echo ${item.n} > ${item.k}${item.n}
    outs: ["${item.k}${item.n}"]
  use: {cmd: cat w/one1 w/two2 > u, deps: [w/one1, w/two2], outs: [u]}
""", "    mkdir w\n    dvc repro use\n    dvc repro\n    dvc dag --collapse-foreach-matrix\n")
graph("across-folders", """\
stages:
  top: {cmd: cat one/o two/t > top, deps: [one/o, two/t], outs: [top]}
""", "    dvc repro\n    dvc repro -P\n    dvc dag\n    dvc dag --dot\n    cd two\n    dvc repro\n    dvc status\n", files={
    "one/dvc.yaml": "stages:\n  o: {cmd: cp ../x o, deps: [../x], outs: [o]}\n",
    "two/dvc.yaml": "stages:\n  t: {cmd: cp ../one/o t, deps: [../one/o], outs: [t]}\n"})
graph("data-in-the-middle", """\
stages:
  use: {cmd: wc -l < data/a > n, deps: [data], outs: [n]}
""", "    mkdir data; echo 1 > data/a\n    dvc add -q data\n    dvc repro\n    echo 2 >> data/a\n    dvc status\n    dvc repro use\n    cat data.dvc\n    dvc repro\n")
graph("params-made-by-a-stage", """\
stages:
  make: {cmd: "echo 'lr: 1' > made.yaml", deps: [x], outs: [made.yaml]}
  use:
    cmd: echo 1 > u
    params:
    - made.yaml: [lr]
    outs: [u]
""", "    dvc repro\n    dvc repro\n    dvc dag --dot\n")
graph("metrics-and-plots-as-dependencies", """\
stages:
  train:
    cmd: echo '{"a":1}' > m.json; printf 'x,y\\n1,2\\n' > p.csv
    metrics: [m.json: {cache: false}]
    plots: [p.csv: {x: x, y: y, title: T}]
  report: {cmd: cat m.json p.csv > r, deps: [m.json, p.csv], outs: [r]}
""", "    dvc repro\n    dvc repro\n    cat dvc.lock\n")
graph("stage-without-anything", "stages:\n  a: {cmd: echo 1}\n  b: {cmd: echo 2, deps: [x]}\n", "    dvc repro\n    dvc repro\n    dvc status\n")
graph("depends-on-dvc-yaml", "stages:\n  a: {cmd: wc -l < dvc.yaml > a, deps: [dvc.yaml], outs: [a]}\n",
      "    dvc repro\n    dvc repro\n    echo '# more' >> dvc.yaml\n    dvc repro\n")
graph("same-dependency-twice", "stages:\n  a: {cmd: cp x a, deps: [x, x], outs: [a]}\n", "    dvc repro\n    dvc status\n")
graph("dependency-inside-own-output", "stages:\n  a: {cmd: mkdir d; echo 1 > d/f, deps: [d/f], outs: [d]}\n", "    dvc repro\n    dvc dag\n")
graph("external-dependency", "stages:\n  a: {cmd: cp ../far a, deps: [../far], outs: [a]}\n",
      "    echo 1 > ../far\n    dvc repro\n    dvc repro\n    echo 2 > ../far\n    dvc status\n    dvc repro\n    cat dvc.lock\n")
graph("missing-in-the-middle", "stages:\n  a: {cmd: echo, deps: [nofile], outs: [a]}\n  b: {cmd: cp a b, deps: [a], outs: [b]}\n",
      "    dvc repro b\n    dvc status\n")
graph("two-stages-one-command", "stages:\n  a: {cmd: echo 1 > o; echo 1 > p, deps: [x], outs: [o]}\n  b: {cmd: echo 1 > o; echo 1 > p, deps: [x], outs: [p]}\n",
      "    dvc repro\n    dvc repro\n")
graph("symlinked-dependency", "stages:\n  a: {cmd: cat link > a, deps: [link], outs: [a]}\n",
      "    ln -s x link\n    dvc repro\n    echo 2 > x\n    dvc repro\n")
graph("frozen-upstream", AB, """
    dvc repro -q
    dvc freeze a
    echo 2 > x
    dvc status
    dvc repro
    dvc repro -f b
    rm a
    dvc repro b
""", values=("dvc.yaml",))
graph("frozen-target", AB, "    dvc repro -q\n    dvc freeze b\n    echo 2 > x\n    dvc repro\n    dvc status\n    dvc repro b\n    dvc repro -f b\n", values=("dvc.yaml",))
graph("frozen-never-run", AB.replace("outs: [b]}", "outs: [b], frozen: true}"), "    dvc repro\n    dvc status\n", adjust=lambda seen: (
    seen["files"].pop(".gitignore", None), seen["git"].pop("status")))
graph("always-changed-upstream", AB.replace("outs: [a]}", "outs: [a], always_changed: true}"), "    dvc repro\n    dvc repro\n    dvc status\n    dvc repro b\n")
graph("callback-upstream", "stages:\n  a: {cmd: echo 1 > a, outs: [a]}\n  b: {cmd: cp a b, deps: [a], outs: [b]}\n  c: {cmd: echo c}\n", "    dvc repro\n    dvc repro\n")

# edits of dvc.yaml after a run: (name, sed program, expected output and result)
for name, change in {
    "command": "s/cp a b/cat a > b/",
    "command-spaces": "s/cp a b/cp  a b/",
    "dependency-order": "s/deps: \\[x\\]/deps: [x, y]/",
    "output-added": "s/outs: \\[b\\]/outs: [b, n]/; s/cp a b/cp a b; cp a n/",
    "output-renamed": "s/outs: \\[b\\]/outs: [bb]/; s/cp a b,/cp a bb,/",
    "output-to-metric": "s/outs: \\[b\\]/metrics: [b]/",
    "output-not-cached": "s/outs: \\[b\\]/outs: [b: {cache: false}]/",
    "output-persistent": "s/outs: \\[b\\]/outs: [b: {persist: true}]/",
    "output-described": "s/outs: \\[b\\]/outs: [b: {desc: text, type: model, labels: [l], meta: {k: v}}]/",
    "dependency-removed": "s/deps: \\[a\\]/deps: []/",
    "stage-renamed": "s/^  b:/  c:/",
    "stage-removed": "/^  b:/d",
    "stage-described": "s/outs: \\[b\\]/outs: [b], desc: a text, meta: {who: me}/",
    "parameter-added": "s/outs: \\[b\\]/outs: [b], params: [p]/",
    "working-directory": "s/outs: \\[b\\]/outs: [..\\/b], wdir: w/; s/cp a b, deps: \\[a\\]/cp ..\\/a ..\\/b, deps: [..\\/a]/",
}.items():
    graph("edit-" + name, AB, f"""
        mkdir w
        dvc repro -q
        sed -i '{change}' dvc.yaml
        dvc status
        dvc repro
        dvc repro
        cat dvc.lock
    """, files={"y": "2\n", "params.yaml": "p: 3\n"})

# edits of data
graph("touched", AB, "    dvc repro -q\n    touch x a b\n    dvc status\n    dvc repro\n")
graph("dependency-changed-and-back", AB, "    dvc repro -q\n    echo 2 > x\n    dvc repro -q\n    echo 1 > x\n    dvc repro\n    dvc status\n")
graph("output-changed", AB, "    dvc repro -q\n    echo other > b\n    dvc status\n    dvc repro\n    cat b\n")
graph("output-removed", AB, "    dvc repro -q\n    rm a\n    dvc status\n    dvc repro\n    rm a b\n    dvc repro\n")
graph("outputs-and-cache-removed", AB, "    dvc repro -q\n    rm -r a b .dvc/cache\n    dvc status\n    dvc repro\n")
graph("cache-removed", AB, "    dvc repro -q\n    rm -r .dvc/cache/files\n    dvc status\n    dvc repro\n    dvc status\n")
graph("lock-removed", AB, "    dvc repro -q\n    rm dvc.lock\n    dvc status\n    dvc repro\n")
graph("lock-of-another-stage", AB, "    dvc repro -q\n    sed -i 's/^  b:/  zz:/' dvc.lock\n    dvc status\n    dvc repro\n    cat dvc.lock\n")
graph("lock-broken", AB, "    dvc repro -q\n    echo '}' >> dvc.lock\n    dvc repro\n    dvc status\n")
graph("lock-invalid", AB, "    dvc repro -q\n    sed -i \"s/schema: '2.0'/schema: '9.0'/\" dvc.lock\n    dvc repro\n    dvc status\n")
graph("lock-without-sizes", AB, "    dvc repro -q\n    sed -i '/size:/d' dvc.lock\n    dvc status\n    dvc repro\n    cat dvc.lock\n")
graph("lock-number-of-another-kind", "stages:\n  a: {cmd: cp x a, deps: [x], params: [p, q], outs: [a]}\n", """
    printf 'p: 1\\nq: [1, true]\\n' > params.yaml
    dvc repro -q
    git add -A; git commit -qm all
    printf 'p: 1.0\\nq: [1, true]\\n' > params.yaml
    dvc repro
    dvc repro -f
    cat dvc.lock
""")
graph("lock-old-schema", AB, """
    dvc repro -q
    sed -i '/hash:/d' dvc.lock
    dvc status
    dvc repro
    cat dvc.lock
""")
graph("output-is-link", "stages:\n  a: {cmd: ln -sf x a, deps: [x], outs: [a]}\n", "    dvc repro\n    dvc status\n    dvc repro\n")
graph("output-empty", "stages:\n  a: {cmd: ': > a; mkdir e', deps: [x], outs: [a, e]}\n", "    dvc repro\n    rm -r a e\n    dvc repro\n    dvc status\n")
def _told_once(seen):
    """DVC reports an empty dependency each time that it hashes it."""
    for step in seen["steps"]:
        step["stderr"] = list(dict.fromkeys(step.get("stderr", [])))


graph("dependency-empty", "stages:\n  a: {cmd: cat x > a; ls d >> a; echo 1 >> a, deps: [x, d], outs: [a]}\n  b: {cmd: echo, deps: [x]}\n",
      "    mkdir d; : > x\n    dvc repro\n    dvc repro\n    dvc repro -f\n", adjust=_told_once)
graph("missing-without-lookup", "stages:\n  a: {cmd: echo 1 > a, deps: [no], outs: [a]}\n  b: {cmd: echo 1 > b, deps: [no], outs: [b: {persist: true}]}\n"
      "  c: {cmd: echo 1, deps: [no]}\n  d: {cmd: echo 1 > d, deps: [no], outs: [d], always_changed: true}\n",
      "    dvc repro a --no-run-cache\n    dvc repro -s b\n    dvc repro -s c\n    dvc repro -s d\n    dvc repro -f a\n    dvc repro --dry -s b\n    dvc repro --dry -s d\n",
      adjust=lambda seen: (seen["files"].pop(".gitignore", None), seen["git"].pop("status")))
graph("output-executable", "stages:\n  a: {cmd: 'cp x a; chmod +x a', deps: [x], outs: [a]}\n", "    dvc repro\n    dvc repro\n    cat dvc.lock\n",
      adjust=lambda seen: seen["files"]["a"].pop("mode"))  # DVC makes it executable only for its owner
graph("directory-dependency", "stages:\n  a: {cmd: ls d > a, deps: [d], outs: [a]}\n", """
    mkdir -p d/s; echo 1 > d/f; echo 2 > d/s/g
    dvc repro
    echo 3 > d/new
    dvc status
    dvc repro
    rm -r d/s
    dvc status
    dvc repro
    cat dvc.lock
""")
graph("ignored-in-dependency", "stages:\n  a: {cmd: ls d > a, deps: [d], outs: [a]}\n", """
    mkdir d; echo 1 > d/f; echo '*.log' >> .dvcignore
    dvc repro
    echo 3 > d/x.log
    dvc status
    dvc repro
""")
graph("output-ignored", "stages:\n  a: {cmd: cp x a.log, deps: [x], outs: [a.log]}\n", "    echo '*.log' >> .dvcignore\n    dvc repro\n")
graph("command-changes-dvc-yaml", "stages:\n  a: {cmd: \"echo '  b: {cmd: echo b}' >> dvc.yaml\"}\n", "    dvc repro\n    dvc repro\n")
graph("writes-more-than-declared", "stages:\n  a: {cmd: cp x a; cp x extra, deps: [x], outs: [a]}\n", "    dvc repro\n    git status --porcelain\n")
graph("output-was-there", "stages:\n  a: {cmd: ls; echo 1 > a, outs: [a]}\n", "    echo old > a\n    dvc repro\n    cat a\n")
graph("persistent-output-was-there", "stages:\n  a: {cmd: cat a; echo 1 >> a, outs: [a: {persist: true}]}\n", "    echo old > a\n    dvc repro\n    dvc repro -f\n    cat a\n")
graph("directory-output-was-there", "stages:\n  a: {cmd: ls d; mkdir d; echo 1 > d/n, outs: [d]}\n", "    mkdir d; echo old > d/o\n  ? dvc repro\n    ls d\n")


# repositories of other kinds, and the places of dvc.yaml
graph("without-git", AB, "    dvc repro\n    dvc status\n    dvc dag\n    dvc freeze a\n    dvc repro -P\n    ls -A\n", start="noscm", values=("dvc.yaml",))
graph("git-without-dvc", AB, "    dvc repro\n    dvc dag\n    dvc stage list\n    dvc freeze a\n    dvc status\n", start="git")
case("graph-project-in-a-folder", """
    mkdir proj
    cd proj
    dvc init -q --subdir
    printf 'stages:\\n  a: {cmd: echo $DVC_ROOT > a, outs: [a]}\\n' > dvc.yaml
    dvc repro
    dvc repro
    dvc stage list
    git status --porcelain
    cat .gitignore
    cd ..
    dvc repro proj/dvc.yaml
""", start="git", ignore=("proj/a$", "dvc.lock", "files/md5"))
graph("nested-project", AB, """
    mkdir nested; cp -r .dvc nested/.dvc; mkdir -p nested/.dvc/tmp; printf 'stages:\\n  n: {cmd: echo n}\\n' > nested/dvc.yaml
    dvc stage list --all
    dvc repro -P
    dvc repro nested/dvc.yaml
    cd nested
    dvc repro
    dvc stage list --all
""")
graph("git-ignored-file", AB, "    echo dvc.yaml > .gitignore\n    dvc repro\n    dvc stage list\n    dvc stage list --all\n    dvc status\n    dvc freeze a\n    dvc dag\n")
graph("git-ignored-lock", AB, "    echo dvc.lock > .gitignore\n    dvc repro\n    dvc status\n", adjust=lambda seen: (seen["files"].pop("a", None), seen["files"].pop("dvc.lock", None)))
graph("git-ignored-folder", AB, "    echo sub > .gitignore; mkdir sub; cp dvc.yaml sub\n    dvc stage list --all\n    dvc repro sub/dvc.yaml\n    dvc repro -P\n")
graph("dvc-ignored-file", AB, "    mkdir sub; cp dvc.yaml sub; echo sub >> .dvcignore\n    dvc stage list --all\n    dvc repro sub/dvc.yaml\n    dvc repro -P\n")
graph("linked-file", AB, "    mkdir far; mv dvc.yaml far/p.yaml; ln -s far/p.yaml dvc.yaml\n    dvc repro\n    dvc status\n    ls far\n")
graph("file-is-a-directory", AB, "    rm dvc.yaml; mkdir dvc.yaml\n    dvc repro\n    dvc stage list\n    dvc status\n")
graph("inside-an-output", "stages:\n  a: {cmd: mkdir -p d; echo 1 > d/f, outs: [d]}\n", "    mkdir d; printf 'stages:\\n  n: {cmd: echo n}\\n' > d/dvc.yaml\n    dvc stage list --all\n    dvc repro\n    dvc repro d/dvc.yaml\n",
      adjust=lambda seen: (seen["files"].pop(".gitignore", None), seen["git"].pop("status")))


@pytest.mark.live
@pytest.mark.parametrize("edit", ["echo 2 > x", "rm a", "sed -i 's/cp a b/cat a > b/' dvc.yaml", "rm -r .dvc/cache/files", "rm dvc.lock"])
def test_both_say_the_same_of_a_change(maker, edit):
    box, makes, reads = maker
    box.write({"dvc.yaml": AB, "x": "1\n"})
    box.use(makes)
    box.check("dvc repro -q")
    box.check(edit)
    said = box.dvc("status").out
    box.use(reads)
    assert box.dvc("status").out == said
    box.check("dvc repro -q")
    box.use(makes)
    assert "up to date" in box.dvc("status").out
    assert "up to date" in box.dvc("repro").out
