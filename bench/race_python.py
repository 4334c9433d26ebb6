#!/usr/bin/env python3
"""Race cairn.api against dvc.api: bench/race_python.py [--runs N] [--files N] CAIRN [PYTHON]

PYTHON (default: .venv/bin/python) has the real DVC; CAIRN is the program. Both tools answer in turn, in one repository that
cairn makes. "first" is a new Python process that imports the API, asks one question and ends; "again" is the same question
in a process that has asked it before. Times are the best of N runs, because the machine may have other work. The last
column says how many times faster cairn is.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCE = os.path.join(TOP, "python/cairn-dvc/src")

QUESTIONS = [
    ("import", "pass"),
    ("params_show()", "api.params_show()"),
    ("metrics_show(rev=)", "api.metrics_show(rev='v1')"),
    ("exp_show()", "api.exp_show()"),
    ("read(), work tree", "api.read('data/0')"),
    ("read(rev=), cache", "api.read('data/0', rev='v1')"),
    ("get_url()", "api.get_url('data')"),
    ("DVCFileSystem().ls()", "api.DVCFileSystem(rev='v1').ls('data')"),
    ("read {n} files", "fs = api.DVCFileSystem(rev='v1')\nfor i in range({n}): fs.cat_file(f'data/{{i}}')"),
    ("get() {n} files", "with tempfile.TemporaryDirectory() as to: "
     "api.DVCFileSystem(rev='v1').get('data', to + '/d', recursive=True)"),
]

AGAIN = """
import sys, tempfile, time
import {tool}.api as api
def ask():
{code}
ask()
best = 1e9
for _ in range({runs}):
    begin = time.perf_counter()
    ask()
    best = min(best, time.perf_counter() - begin)
print(best)
"""


def indented(code):
    return "\n".join("    " + line for line in code.splitlines())


def first(python, env, cwd, tool, code):
    begin = time.perf_counter()
    subprocess.run([python, "-c", f"import tempfile\nimport {tool}.api as api\n{code}"], cwd=cwd, env=env[tool], check=True)
    return time.perf_counter() - begin


def again(python, env, cwd, tool, code, runs):
    text = AGAIN.format(tool=tool, code=indented(code), runs=runs)
    return float(subprocess.run([python, "-c", text], cwd=cwd, env=env[tool], check=True, capture_output=True, text=True).stdout)


def make(cairn, top, files):
    os.makedirs(f"{top}/data")
    for i in range(files):
        with open(f"{top}/data/{i}", "w") as f:
            f.write(f"content {i}\n")
    with open(f"{top}/dvc.yaml", "w") as f:
        f.write("stages:\n  train:\n    cmd: cp params.yaml m.yaml\n    params: [lr]\n    metrics: [{m.yaml: {cache: false}}]\n")
    with open(f"{top}/params.yaml", "w") as f:
        f.write("lr: 0.1\nnet: {depth: 3}\n")
    script = """set -e
    git init -q -b main && git config user.name race && git config user.email race@localhost
    "$0" init -q && "$0" add -q data && "$0" remote add -q -d store ../store && "$0" repro -q
    git add -A && git commit -qm one && git tag v1
    for n in 1 2 3 4 5; do "$0" exp run -q -n "e$n" -S "lr=0.$n"; done"""
    subprocess.run(["sh", "-c", script, cairn], cwd=top, check=True, stdout=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("cairn")
    parser.add_argument("python", nargs="?", default=os.path.join(TOP, ".venv/bin/python"))
    args = parser.parse_args()
    cairn = os.path.abspath(args.cairn)
    base = {**os.environ, "DVC_NO_ANALYTICS": "1"}
    env = {"dvc": base, "cairn": {**base, "CAIRN": cairn, "PYTHONPATH": SOURCE}}
    with tempfile.TemporaryDirectory(prefix="race-python-") as folder:
        top = f"{folder}/repo"
        make(cairn, top, args.files)
        print(f"{'question':24} {'':6} {'dvc':>10} {'cairn':>10} {'faster':>8}")
        for name, code in QUESTIONS:
            name, code = name.format(n=args.files), code.replace("{n}", str(args.files)).replace("{{i}}", "{i}")
            for kind in ("first", "again"):
                if (name, kind) == ("import", "again"):
                    continue
                best = {}
                for _ in range(args.runs if kind == "first" else 1):
                    for tool in ("dvc", "cairn"):
                        took = first(args.python, env, top, tool, code) if kind == "first" else \
                            again(args.python, env, top, tool, code, args.runs)
                        best[tool] = min(took, best.get(tool, took))
                print(f"{name:24} {kind:6} {best['dvc'] * 1000:7.1f} ms {best['cairn'] * 1000:7.1f} ms"
                      f" {best['dvc'] / best['cairn']:7.1f}x", flush=True)


if __name__ == "__main__":
    sys.exit(main())
