"""The repositories of the cases, made by cairn: what the API can be asked about, in one place each."""

import os
import shutil
import subprocess
from pathlib import Path

from harness.sandbox import CAIRN

ENVIRONMENT = {
    "GIT_AUTHOR_NAME": "A U Thor", "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_COMMITTER_NAME": "A U Thor", "GIT_COMMITTER_EMAIL": "author@example.com",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "DVC_NO_ANALYTICS": "1",
}

FILES = {
    "data/t.csv": "a,b\n1,2\n3,4\n",
    "data/sub/x": "deep\n",
    "data/.hidden": "h\n",
    "one.txt": "one\n",
    "two.txt": "two\n",
    "gone.txt": "gone\n",
    "far.txt": "far\n",
    "far/a": "far a\n",
    "far/b/c": "far c\n",
    "lost.txt": "lost\n",
    "latin.txt": b"caf\xe9\n",
    "odd/n\u00e4me": "odd\n",
    "odd/a b": "odd\n",
    "code/run.py": "print(1)\n",
    "code/deep/er/f": "f\n",
    "with space.txt": "space\n",
    "-dash": "dash\n",
    "m.json": '{"acc": 0.9, "nested": {"f1": 0.8, "n": 3}, "name": "r", "skip": [1]}\n',
    "m2.yaml": "acc: 1\nloss: 0.25\n",
    "broken.json": "{\n",
    "params.yaml": "lr: 0.1\nnet: {depth: 3, name: r, sizes: [1, 2]}\nempty: null\nflag: true\n",
    "more.toml": "[train]\nepochs = 10\nlr = 0.5\n",
    "conf/p.json": '{"train": {"seed": 7}, "x": 1}\n',
    "dvc.yaml": """\
stages:
  train:
    cmd: cp data/t.csv model
    deps: [data/t.csv]
    params: [lr, net.depth, {more.toml: [train.epochs]}]
    outs: [model]
  each:
    foreach: [1, 2]
    do:
      cmd: echo ${item} > e${item}
      params: [{conf/p.json: null}]
      outs: ['e${item}']
metrics: [m.json, m2.yaml]
params: [more.toml]
artifacts:
  net:
    path: model
    type: model
  data-set:
    path: data
datasets:
- name: images
  type: dvc
  url: ../other
  path: lib.txt
- name: unlocked
  type: dvc
  url: ../other
  path: lib.txt
""",
    ".dvcignore": "*.tmp\nignored/\n",
    "x.tmp": "tmp\n",
    "ignored/f": "f\n",
}


def write(top, files):
    for name, content in files.items():
        path = Path(top, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def shell(cwd, script):
    tools = f'dvc() {{ "{CAIRN}" "$@"; }}\nset -e\n'
    done = subprocess.run(["sh", "-c", tools + script], cwd=cwd, env={**os.environ, **ENVIRONMENT},
                          capture_output=True, text=True)
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


def make_all(top):
    """`repo` with everything in it, `other` to import from, `bare` Git without DVC, `plain` without Git, `sub`."""
    os.makedirs(top)
    write(f"{top}/other", {"lib.txt": "lib\n", "dir/f": "f\n", "lost.txt": "lost\n"})
    shell(f"{top}/other", """
        git init -q -b main && dvc init -q && dvc add -q lib.txt dir lost.txt && git add . && git commit -qm other
        rm lost.txt
    """)
    remove_object(f"{top}/other/.dvc/cache", "lost\n")
    write(f"{top}/repo", FILES)
    shell(f"{top}/repo", """
        chmod +x code/run.py
        git init -q -b main && dvc init -q -f
        dvc remote add -q -d store ../store && dvc remote add -q second ../second
        dvc add -q data one.txt gone.txt far.txt far lost.txt latin.txt odd
        dvc repro -q
        dvc dataset update -q images
        dvc import -q ../other lib.txt -o imported.txt
        ln -s two.txt link.txt
        git add . && git commit -qm one
        git tag -a v1 -m v1
        git commit -q --allow-empty -m registered && git tag -a net@v1.0.0 -m r && git tag -a 'net#prod#1' -m p
        git commit -q --allow-empty -m registered && git tag -a net@v1.2.0 -m r
        dvc push -q
        echo 'acc: 2' > m2.yaml && printf 'lr: 0.2\\nnet: {depth: 4, name: s}\\n' > params.yaml
        printf 'a,b\\n5,6\\n' > data/t.csv && dvc add -q data && dvc repro -q
        git add . && git commit -qm two && dvc push -q
        git branch side v1
        dvc exp run -q -S lr=0.3 -n e2
        git checkout -q params.yaml dvc.lock && dvc checkout -q
        dvc data status > /dev/null
        mkdir -p empty/inner
        rm gone.txt
        lose() { for path; do rm -rf "$path"; done; }
        lose far.txt far lost.txt
    """)
    # `far` is in the remote alone, `lost.txt` nowhere.
    for name in ("far.txt", "far/a", "far/b/c", "lost.txt"):
        remove_object(f"{top}/repo/.dvc/cache", FILES[name])
    remove_object(f"{top}/store", FILES["lost.txt"])
    write(f"{top}/bare", {"f.txt": "f\n"})
    shell(f"{top}/bare", "git init -q -b main && git add . && git commit -qm bare")
    write(f"{top}/plain", {"f.txt": "f\n", "m.json": '{"a": 1}\n', "dvc.yaml": "metrics: [m.json]\n"})
    shell(f"{top}/plain", "dvc init -q --no-scm")
    write(f"{top}/mono", {"top.txt": "top\n", "sub/s.txt": "s\n", "sub/m.json": '{"s": 1}\n',
                          "sub/dvc.yaml": "metrics: [m.json]\n"})
    shell(f"{top}/mono", """
        git init -q -b main && cd sub && dvc init -q --subdir && dvc add -q s.txt && cd .. && git add . && git commit -qm m
    """)
    write(f"{top}/small", {name: FILES[name] for name in ("params.yaml", "dvc.yaml", "m.json", "m2.yaml", "data/t.csv",
                                                          "more.toml", "conf/p.json")})
    shell(f"{top}/small", "git init -q -b main && dvc init -q && dvc repro -q && git add . && git commit -qm one"
          " && echo 'acc: 5' > m2.yaml && git commit -qam two")
    os.mkdir(f"{top}/nothing")


def remove_object(store, content):
    import hashlib

    name = hashlib.md5(content.encode()).hexdigest()
    path = Path(store, "files/md5", name[:2], name[2:])
    path.chmod(0o644)
    path.unlink()


def copy(source, target):
    shutil.copytree(source, target, symlinks=True)
