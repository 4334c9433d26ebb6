"""Datasets: `datasets:` of dvc.yaml, their entries in dvc.lock, and stages that depend on `ds://name`."""

from harness import case
from harness.origin import ORIGIN, SECOND

ADDED = f"""
    {ORIGIN}
    dvc dataset add -q ds --dvc ../o --path d
"""
STAGE = """stages:
  a:
    cmd: echo 1 > out
    deps: [ds://ds]
    outs: [out]
"""
WITH_STAGE = f"""{ADDED}
    printf 'stages:\\n  a:\\n    cmd: echo 1 > out\\n    deps: [ds://ds]\\n    outs: [out]\\n' >> dvc.yaml
"""

case("dataset-add", f"""
    {ORIGIN}
    dvc dataset add ds --dvc ../o
    dvc ds add two --dvc ../o --path d --rev v1
    cat dvc.yaml dvc.lock
    dvc dataset add ds --dvc ../o
    dvc dataset add ds --dvc ../o --path /code -f
    dvc status
""")
case("dataset-update", f"""{ADDED}
    dvc dataset add -q two --dvc ../o --rev v1
    dvc dataset update ds
    {SECOND}
    dvc dataset update ds
    dvc ds update two
    dvc dataset update two --rev v2
    dvc dataset update two --version v1
    cat dvc.yaml dvc.lock
    dvc dataset update nope
""")
case("dataset-url", """
    echo 1 > ../ext && mkdir ../extd && echo a > ../extd/a
    dvc dataset add -q d --url ../ext
    cat dvc.yaml
    dvc remote add -q x ..
    dvc dataset add u --url remote://x/extd
    dvc dataset update u
    echo b > ../extd/b
    dvc dataset update u
    dvc dataset update d --rev 3
    dvc dataset add n --url ../nope
    rm dvc.lock
""")
case("dataset-that-is-refused", """
    dvc dataset add x --url a --rev 3
    dvc dataset add x --url a --path 3
  ? dvc dataset add x
  ? dvc dataset add x --dc a --dvc b
  ? dvc dataset add x --dc name
  ? dvc dataset add x --dvc ../nope
  ? dvc dataset update
    ls
""")
case("stage-that-depends-on-a-dataset", f"""{WITH_STAGE}
    dvc status
    dvc repro
    cat dvc.lock
    dvc status
    dvc repro
    {SECOND}
    dvc status
    dvc dataset update -q ds
    dvc status
    dvc repro
    cat dvc.lock
    dvc commit -f
    dvc status
    dvc dag
    dvc stage list
    dvc freeze a
    dvc unfreeze a
""")
case("dataset-that-is-not-in-sync", f"""{WITH_STAGE}
    dvc repro -q
    sed -i 's/path: d$/path: code/' dvc.yaml
    dvc status
    dvc repro
    dvc commit -f
    dvc dataset update ds
    dvc repro
    cat dvc.lock
""")
case("dataset-that-nothing-is-recorded-of", """
    dvc status
    dvc repro
    dvc commit -f
    ls
""", files={"dvc.yaml": "datasets:\n- name: ds\n  url: ../o\n  type: dvc\n" + STAGE})
case("dataset-that-is-not-there", """
    dvc status
    dvc repro
    ls
""", files={"dvc.yaml": STAGE})
case("dataset-beside-stages-in-the-lock", f"""
    {ORIGIN}
    echo 1 > in
    dvc repro -q
    dvc dataset add -q x --dvc ../o
    dvc dataset add -q y --dvc ../o
    cat dvc.yaml dvc.lock
    echo 2 > in
    dvc repro -q
    cat dvc.lock
    dvc stage add -q -n b -o out2 'echo 2 > out2'
    dvc repro -q
    cat dvc.lock
    dvc remove b
    cat dvc.lock
""", files={"dvc.yaml": "stages:\n  a:\n    cmd: echo 1 > out\n    deps: [in]\n    outs: [out]\n"})
case("dataset-in-a-sub-directory", f"""
    {ORIGIN}
    mkdir sub && cd sub && dvc dataset add x --dvc ../../o && ls && cd ..
    dvc stage add -n a -d ds://x -o out 'echo 1 > out'
    dvc repro
    cat dvc.lock
    cd sub && dvc dataset update x && dvc status
""")
case("dataset-with-an-expression", f"""
    {ORIGIN}
    dvc dataset update ds
    dvc dataset update ds --rev v1
    dvc dataset add ds --dvc ../o -f
    cat dvc.yaml dvc.lock
""", files={"dvc.yaml": "vars: [{u: ../o}]\ndatasets:\n- name: ds\n  url: ${u}\n  type: dvc\n"})
case("dataset-of-an-unknown-type", """
    dvc dataset update ds
    dvc status
""", files={"dvc.yaml": "datasets:\n- name: ds\n  url: ../o\n  type: foo\n"})
