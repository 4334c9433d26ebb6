"""What is raced: each scenario prepares one repository for each tool, then times operations and verifies what they did."""
import hashlib
import json
import os
import shutil
import subprocess
import sys

SEED = 1 << 20


def make_files(root, count, size, per_folder=100):
    """`count` different files of `size` bytes. Made by a child, so that this process stays small."""
    script = """
import os, sys
root, count, size, per_folder = sys.argv[1], *map(int, sys.argv[2:5])
noise = os.urandom(1 << 20)
for i in range(count):
    folder = os.path.join(root, f"{i // per_folder:05d}")
    if i % per_folder == 0:
        os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"{i:07d}.bin"), "wb") as f:
        head = i.to_bytes(8, "little")[:size]
        f.write(head)
        left, start = size - len(head), i % 1000
        while left > 0:
            piece = noise[start:start + left]
            f.write(piece)
            left, start = left - len(piece), 0
"""
    subprocess.run([sys.executable, "-c", script, root, str(count), str(size), str(per_folder)], check=True)


def files_below(path):
    return sum(len(names) for _, _, names in os.walk(path))


def same(what, got, want):
    if got != want:
        raise AssertionError(f"{what}: {got} instead of {want}")


def start(race):
    """Commands that do next to nothing: what a prompt or an editor calls all the time."""
    repos = race.repos("start")
    for words in ("--version", "--help", "status", "root"):
        race.time(f"start: {words}", lambda t: t.run(repos[t], *words.split()), rounds=7)


def dataset(race, label, count, size):
    """One tracked directory through its whole life: add, push, change, checkout, fetch, gc."""
    repos = race.repos(label)
    remotes = {t: repos[t] + ".remote" for t in race.tools}
    data = lambda t: os.path.join(repos[t], "data")
    cache = lambda t: os.path.join(repos[t], ".dvc", "cache")
    for t in race.tools:
        make_files(data(t), count, size)
        t.run(repos[t], "remote", "add", "-d", "local", remotes[t])
    first = repos[race.tools[0]]
    race.floor(f"{label}: cp -r", "cp -r data ../floor", first)
    race.floor(f"{label}: md5sum, 2 processes", "find data -type f -print0 | xargs -0 -n 500 -P 2 md5sum > /dev/null", first)
    shutil.rmtree(os.path.join(os.path.dirname(first), "floor"))

    def op(name, words, rounds=1, check=None):
        race.time(f"{label}: {name}", lambda t: t.run(repos[t], *words), rounds, check)

    def objects(extra):
        return lambda t: same("objects in the cache", files_below(os.path.join(cache(t), "files")), count + extra)

    def sent(extra):
        return lambda t: same("objects in the remote", files_below(remotes[t]), count + extra)

    def status(clean):
        return lambda t: same("clean", json.loads(t.ask(repos[t], "status", "--json")) == {}, clean)

    def present(t):
        same("files in the workspace", files_below(data(t)), count + 1)

    op("add", ["add", "data"], check=objects(1))
    op("add noop", ["add", "data"], check=objects(1))
    for t in race.tools:
        t.git(repos[t], "commit", "-qm", "data")
    op("status noop", ["status"], 2, status(True))
    op("data status noop", ["data", "status", "--granular", "--json"], 2)
    op("push", ["push"], check=sent(1))
    op("push noop", ["push"], check=sent(1))
    for t in race.tools:
        with open(os.path.join(data(t), "new"), "w") as f:
            f.write("new")
    op("status changed", ["status"], check=status(False))
    op("diff changed", ["diff", "--json"])
    op("add changed", ["add", "data"], check=status(True))
    op("checkout noop", ["checkout"])
    for t in race.tools:
        t.run(repos[t], "push")
        shutil.rmtree(data(t))
    op("checkout copy", ["checkout"], check=present)
    for t in race.tools:
        shutil.rmtree(data(t))
        shutil.rmtree(cache(t))
    op("fetch", ["fetch"], check=objects(2))
    for t in race.tools:
        t.run(repos[t], "config", "cache.type", "hardlink,copy")
    op("checkout hardlink", ["checkout"], check=present)
    op("list -R", ["list", "-R", "."])
    op("gc -w", ["gc", "-w", "-f"], check=objects(2))
    for t in race.tools:
        shutil.rmtree(repos[t])
        shutil.rmtree(remotes[t], ignore_errors=True)


def pipeline(race, count=200):
    """A chain of short stages: run it, ask about it."""
    repos = race.repos("pipe")
    for t in race.tools:
        stages = ["stages:"]
        for i in range(count):
            source = f"out{i - 1}" if i else "src"
            stages += [f"  s{i}:", f"    cmd: cp {source} out{i}", f"    deps: [{source}]", f"    params: [p{i}]",
                       f"    outs: [out{i}]"]
        t.write(repos[t], "dvc.yaml", "\n".join(stages) + "\n")
        t.write(repos[t], "params.yaml", "".join(f"p{i}: {i}\n" for i in range(count)))
        t.write(repos[t], "src", "hello\n")
    race.floor(f"pipe{count}: sh -c cp, {count} times",
               f"i=0; while [ $i -lt {count} ]; do sh -c 'cp src ../floor'; i=$((i+1)); done", repos[race.tools[0]])

    def recorded(t):
        text = open(os.path.join(repos[t], "dvc.lock")).read()
        same("stages in dvc.lock", text.count("    cmd:"), count)

    def op(name, words, rounds=3, check=None):
        race.time(f"pipe{count}: {name}", lambda t: t.run(repos[t], *words), rounds, check)

    op("repro (all run)", ["repro"], 1, recorded)
    op("repro noop", ["repro"], check=recorded)
    op("status", ["status"])
    op("dag", ["dag", "--dot"])
    op("stage list", ["stage", "list"])


def graph_of(count):
    """dvc.yaml of a chain, a fan-out and a row of diamonds, `count` stages in all (a multiple of 16); every file is one line."""
    lines = ["stages:"]

    def stage(name, deps, out, params=()):
        lines.extend([f"  {name}:", f"    cmd: cp {deps[0]} {out}", f"    deps: [{', '.join(deps)}]", f"    outs: [{out}]"])
        lines.extend([f"    params: [{', '.join(params)}]"] if params else [])

    quarter = count // 4
    for i in range(quarter):
        stage(f"chain{i}", [f"c{i - 1}" if i else "src"], f"c{i}", [f"p{i}"])
        stage(f"fan{i}", ["src"], f"f{i}", [f"p{i}"])
    for i in range(quarter // 2):
        stage(f"top{i}", [f"b{i - 1}" if i else "src"], f"t{i}")
        stage(f"left{i}", [f"t{i}"], f"l{i}")
        stage(f"right{i}", [f"t{i}"], f"r{i}")
        stage(f"bottom{i}", [f"l{i}", f"r{i}"], f"b{i}")
    return "\n".join(lines) + "\n", "".join(f"p{i}: {i}\n" for i in range(quarter))


def graph(race, count=1000):
    """A thousand stages (DVC takes far more than half an hour for them), and 5,000 of one foreach."""
    repos, wide = race.repos("graph"), race.repos("foreach")
    text, params = graph_of(count)
    for t in race.tools:
        t.write(repos[t], "dvc.yaml", text)
        t.write(repos[t], "params.yaml", params)
        t.write(repos[t], "src", "hello\n")
        t.write(wide[t], "dvc.yaml", "stages:\n  s:\n    foreach:\n" + "".join(f"    - {i}\n" for i in range(5000)) +
                "    do:\n      cmd: echo ${item} > out${item}\n      outs: ['out${item}']\n")
    race.floor(f"graph{count}: sh -c cp, {count} times",
               f"i=0; while [ $i -lt {count} ]; do sh -c 'cp src ../floor'; i=$((i+1)); done", repos[race.tools[0]])

    def recorded(t):
        same("stages in dvc.lock", open(os.path.join(repos[t], "dvc.lock")).read().count("    cmd:"), count)

    race.time(f"graph{count}: repro (all run)", lambda t: t.run(repos[t], "repro"), 1, recorded)
    race.time(f"graph{count}: repro noop", lambda t: t.run(repos[t], "repro"), 3, recorded)
    race.time("foreach5000: stage list", lambda t: t.run(wide[t], "stage", "list"), 3,
              lambda t: same("stages", len(t.ask(wide[t], "stage", "list").splitlines()), 5000))


def experiments(race, count=60):
    """Runs, a queue, and the tables over them."""
    repos = race.repos("exp")
    made = dict.fromkeys(race.tools, 0)
    for t in race.tools:
        t.write(repos[t], "dvc.yaml", """\
stages:
  train:
    cmd: echo '{"acc": ${lr}}' > metrics.json; cp metrics.json model
    params: [lr]
    outs: [model]
    metrics:
    - metrics.json:
        cache: false
""".replace("cmd: echo", "cmd: >-\n      echo"))
        t.write(repos[t], "params.yaml", "lr: 0.1\n")
        t.run(repos[t], "repro")
        t.git(repos[t], "add", "-A")
        t.git(repos[t], "commit", "-qm", "base")

    def run_one(t):
        made[t] += 1
        return t.run(repos[t], "exp", "run", "-S", f"lr={made[t]}.5")

    def run_queue(t):
        made[t] += 10
        return t.run(repos[t], "exp", "run", "--run-all")

    def listed(t):
        same("experiments", len(t.ask(repos[t], "exp", "list", "--name-only").split()), made[t])

    race.time("exp: run (workspace)", run_one, 3, listed)
    race.time("exp: queue 10", lambda t: t.run(repos[t], "exp", "run", "--queue", "-S", "lr=range(100,110)"))
    race.time("exp: run-all 10", run_queue, 1, listed)
    for t in race.tools:
        for _ in range(count):
            run_one(t)
    for words in ("exp show --json", "exp list --name-only", "params diff", "metrics show"):
        race.time(f"exp: {words} ({count}+)", lambda t: t.run(repos[t], *words.split()), 3, listed)


def sharing(race, count=200):
    """Experiments with an object each, to a Git remote and a remote storage in directories, and to a fresh clone."""
    repos, others = race.repos("share"), {}
    for t in race.tools:
        repo, far = repos[t], repos[t] + ".git"
        t.git(race.base, "init", "-q", "--bare", far)
        t.git(repo, "remote", "add", "origin", far)
        t.run(repo, "remote", "add", "-d", "st", repos[t] + ".store")
        t.git(repo, "add", "-A")
        t.git(repo, "commit", "-qm", "base")
        t.git(repo, "push", "-q", "origin", "HEAD:refs/heads/master")
        make_experiments(t, repo, count)
        others[t] = repos[t] + ".clone"

    def fresh_clone(t):
        shutil.rmtree(others[t], ignore_errors=True)
        t.git(race.base, "clone", "-q", "-b", "master", repos[t] + ".git", others[t])
        t.run(others[t], "config", "--local", "core.site_cache_dir", others[t] + ".site")

    def pull(t):
        fresh_clone(t)
        return t.run(others[t], "exp", "pull", "origin")

    def there(t):
        same("experiments there", len(t.ask(repos[t], "exp", "list", "origin", "--name-only").split()), count)
        same("objects there", files_below(repos[t] + ".store/files"), count)

    def here(t):
        same("experiments here", len(t.ask(others[t], "exp", "list", "--name-only").split()), count)
        same("objects here", files_below(others[t] + "/.dvc/cache/files"), count)

    race.time(f"share: exp push {count}", lambda t: t.run(repos[t], "exp", "push", "origin"), 1, there)
    race.time(f"share: exp push {count} (again)", lambda t: t.run(repos[t], "exp", "push", "origin"), 3, there)
    race.time(f"share: exp list origin ({count})", lambda t: t.run(repos[t], "exp", "list", "origin"), 3)
    race.time(f"share: exp pull {count}", pull, 3, here)
    race.time(f"share: exp pull {count} (again)", lambda t: t.run(others[t], "exp", "pull", "origin"), 3, here)


def make_experiments(t, repo, count):
    """Commits on top of HEAD with a .dvc file each, and the object in the cache: by git alone, in a second."""
    ask = lambda *words, **more: subprocess.run(["git", *words], cwd=repo, env=t.env, check=True, capture_output=True, text=True,
                                                **more).stdout.strip()
    base = ask("rev-parse", "HEAD")
    stream = []
    for i in range(count):
        data = f"experiment {i}\n"
        md5 = hashlib.md5(data.encode()).hexdigest()
        folder = os.path.join(repo, ".dvc/cache/files/md5", md5[:2])
        os.makedirs(folder, exist_ok=True)
        t.write(folder, md5[2:], data)
        os.chmod(os.path.join(folder, md5[2:]), 0o444)
        pointer = f"outs:\n- md5: {md5}\n  size: {len(data)}\n  hash: md5\n  path: data\n"
        message = f"experiment {i}"
        ref = f"refs/exps/{base[:2]}/{base[2:]}/exp-{i}"
        stream.append(f"commit {ref}\ncommitter r <r@localhost> {1700000000 + i} +0000\ndata {len(message)}\n{message}\n"
                      f"from {base}\nM 100644 inline data.dvc\ndata {len(pointer)}\n{pointer}\n")
    ask("fast-import", "--quiet", input="".join(stream))


TABLE_YAML = """\
stages:
  prepare:
    cmd: python prepare.py
    deps: [prepare.py, data.csv]
    params: [prepare]
    outs: [prepared]
  train:
    cmd: python train.py
    deps: [train.py, prepared]
    params: [train]
    outs: [model]
    metrics:
    - metrics.json:
        cache: false
"""


def table_files(commit, number):
    """What an experiment of a pipeline of two stages records."""
    key = lambda word: hashlib.md5(f"{word} {commit} {number}".encode()).hexdigest()
    prepare = f"prepare:\n  split: 0.2\n  seed: {commit}\n"
    train = f"train:\n  lr: {number / 1000 + 0.001}\n  trees: {number * 10}\n  depth: {commit}\n"
    indented = lambda text: "".join(f"        {line}\n" for line in text.splitlines())
    item = lambda path, size: f"    - path: {path}\n      hash: md5\n      md5: {key(path)}\n      size: {size}\n"
    lock = ("schema: '2.0'\nstages:\n"
            "  prepare:\n    cmd: python prepare.py\n    deps:\n" + item("data.csv", 1000) + item("prepare.py", 100) +
            "    params:\n      params.yaml:\n" + indented(prepare) + "    outs:\n" + item("prepared", 1234) +
            "  train:\n    cmd: python train.py\n    deps:\n" + item("prepared", 1234) + item("train.py", 100) +
            "    params:\n      params.yaml:\n" + indented(train) + "    outs:\n" + item("metrics.json", 50) + item("model", 123456))
    metrics = f'{{"f1": {1 / (number + 2)!r}, "roc_auc": {1 / (number + 3)!r}, "acc": {1 / (commit + 2)!r}}}'
    return {"dvc.yaml": TABLE_YAML, "params.yaml": prepare + train, "metrics.json": metrics, "dvc.lock": lock}


def table(race, commits=50, each=20):
    """The table of many experiments over many commits, as an editor asks for it."""
    repos = race.repos("table")
    for t in race.tools:
        t.git(repos[t], "add", "-A")
        t.git(repos[t], "commit", "-qm", "begin")
        make_table(t, repos[t], commits, each)

    def forget(t):
        shutil.rmtree(repos[t] + ".site", ignore_errors=True)
        shutil.rmtree(repos[t] + "/.dvc/tmp/exps/cache", ignore_errors=True)

    def show(t):
        return t.run(repos[t], "exp", "show", "--json", "-n", str(commits))

    def cold(t):
        forget(t)
        return show(t)

    def complete(t):
        rows = json.loads(t.ask(repos[t], "exp", "show", "--json", "-n", str(commits)))
        same("experiments", sum(len(row["experiments"] or []) for row in rows), commits * each)

    total = commits * each
    race.time(f"table: exp show ({total}), first", cold, 1, complete)
    race.time(f"table: exp show ({total}), again", show, 5, complete)


def make_table(t, repo, commits, each):
    """`commits` commits of a branch with `each` experiments: by git alone."""
    ask = lambda *words, **more: subprocess.run(["git", *words], cwd=repo, env=t.env, check=True, capture_output=True, text=True,
                                                **more).stdout.strip()
    first = ask("rev-parse", "HEAD")
    branch = ask("symbolic-ref", "HEAD")
    marks = os.path.join(repo, ".git/marks")

    def commit(ref, mark, parent, files):
        inline = "".join(f"M 100644 inline {name}\ndata {len(text.encode())}\n{text}\n" for name, text in files.items())
        return f"commit {ref}\nmark :{mark}\ncommitter r <r@localhost> {1700000000 + mark} +0000\ndata 1\nx\nfrom {parent}\n{inline}"

    stream = [commit(branch, c + 1, f":{c}" if c else first, table_files(c, 0)) for c in range(commits)]
    stream += [commit(f"refs/tmp/{c}-{n}", 100_000 + c * each + n, f":{c + 1}", table_files(c, n + 1))
               for c in range(commits) for n in range(each)]
    ask("fast-import", "--quiet", f"--export-marks={marks}", input="".join(stream))
    with open(marks) as f:
        ids = dict(line.split() for line in f)
    moves = []
    for c in range(commits):
        base = ids[f":{c + 1}"]
        for n in range(each):
            moves.append(f"create refs/exps/{base[:2]}/{base[2:]}/exp-{c}-{n} {ids[f':{100_000 + c * each + n}']}\n"
                         f"delete refs/tmp/{c}-{n}\n")
    ask("update-ref", "--stdin", input="".join(moves))
    ask("reset", "-q", "--hard")


def apply(race, count=100_000):
    """Applying an experiment that changes one small file, where many files are tracked."""
    repos, turn = race.repos("apply"), dict.fromkeys(race.tools, 0)
    for t in race.tools:
        make_files(repos[t] + "/data", count, 64)
        t.write(repos[t], "dvc.yaml", "stages:\n  copy:\n    cmd: cp params.yaml out\n    params: [lr]\n    outs: [out]\n")
        t.write(repos[t], "params.yaml", "lr: 1\n")
        t.run(repos[t], "add", "data")
        t.run(repos[t], "repro")
        t.git(repos[t], "add", "-A")
        t.git(repos[t], "commit", "-qm", "base")
        for n in (0, 1):
            t.run(repos[t], "exp", "run", "-n", f"e{n}", "-S", f"lr={n + 2}")

    def switch(t):
        turn[t] = 1 - turn[t]
        return t.run(repos[t], "exp", "apply", f"e{turn[t]}")

    def applied(t):
        with open(repos[t] + "/out") as f:
            same("lr", f.read(), f"lr: {turn[t] + 2}\n")

    race.floor("find (100k files)", "find data -type f -size -1 | wc -l", repos[race.tools[-1]])
    race.time(f"apply: exp apply ({count} files tracked)", switch, 3, applied)


def queue(race, count=100):
    """A run of a stage that does nothing, and a queue with two workers. With RACE_QUEUE_FIRST=10 the first tool runs ten
    tasks, and its seconds are multiplied; the label says so."""
    few = int(os.environ.get("RACE_QUEUE_FIRST", count))
    repos = race.repos("queue")
    made = dict.fromkeys(race.tools, 0)
    for t in race.tools:
        t.write(repos[t], "dvc.yaml", "stages:\n  s:\n    cmd: 'true > out'\n    params: [lr]\n    outs: [out]\n")
        t.write(repos[t], "params.yaml", "lr: 1\n")
        t.run(repos[t], "repro")
        t.git(repos[t], "add", "-A")
        t.git(repos[t], "commit", "-qm", "base")

    def run_one(t):
        made[t] += 1
        return t.run(repos[t], "exp", "run", "-S", f"lr={made[t] + 10}")

    def drain(t):
        tasks = few if t is race.tools[0] else count
        t.run(repos[t], "exp", "run", "--queue", "-S", f"lr=range(1000,{1000 + tasks})")
        made[t] += tasks
        seconds, memory = t.run(repos[t], "exp", "run", "--run-all", "-j", "2")
        return seconds * count / tasks, memory

    def listed(t):
        same("experiments", len(t.ask(repos[t], "exp", "list", "--name-only").split()), made[t])

    race.time("queue: exp run, empty stage", run_one, 3, listed)
    scaled = f" ({race.tools[0].name}: {few}, scaled)" if few != count else ""
    race.time(f"queue: {count} tasks, -j 2{scaled}", drain, 1, listed)


def plot_files(commit):
    """A pipeline's metrics, parameters and plots as they are at one commit."""
    loss = [2.0 / (step + 1) + commit / 100 for step in range(50)]
    return {
        "params.yaml": f"lr: {0.1 + commit / 100}\nmodel:\n  depth: {commit % 7}\n",
        "metrics.json": json.dumps({"f1": 0.5 + commit / 1000, "auc": 0.9}),
        "plots/loss.csv": "step,loss\n" + "".join(f"{i},{v:.4f}\n" for i, v in enumerate(loss)),
        "plots/acc.json": json.dumps([{"step": i, "acc": 1 - v / 3} for i, v in enumerate(loss)]),
        "dvc.yaml": "params: [params.yaml]\nmetrics: [metrics.json]\nplots:\n"
                    "- Loss: {x: step, y: {plots/loss.csv: loss}}\n- plots/acc.json: {x: step, y: acc}\n",
    }


def make_plots(t, repo, commits):
    for number in range(commits):
        for name, text in plot_files(number).items():
            os.makedirs(os.path.join(repo, os.path.dirname(name)), exist_ok=True)
            t.write(repo, name, text)
        t.git(repo, "add", "-A")
        t.git(repo, "commit", "-q", "-m", f"c{number}")
        t.git(repo, "tag", f"v{number}")


def plots(race, commits=20):
    """Numbers and plots of the workspace, and of 20 revisions, as an editor and a person ask for them."""
    repos = race.repos("plots")
    for t in race.tools:
        make_plots(t, repos[t], commits)
    revs = [f"v{i}" for i in range(commits)]

    def ask(label, words, check, rounds=3):
        race.time(label, lambda t: t.run(repos[t], *words), rounds=rounds,
                  check=lambda t: check(json.loads(t.ask(repos[t], *words))))

    ask("metrics show", ["metrics", "show", "--json"], lambda v: same("metrics", len(v[""]["data"]), 1))
    ask("params diff, 2 commits", ["params", "diff", "v0", "v1", "--json"], lambda v: same("files", len(v), 1))
    ask("plots show --json", ["plots", "show", "--json"], lambda v: same("plots", len(v["data"]), 2))
    ask(f"plots diff, {commits} revisions", ["plots", "diff", *revs, "--json", "--split"],
        lambda v: same("revisions", [len(p[0]["revisions"]) for p in v["data"].values()], [commits, commits]))
    race.time(f"plots diff, {commits} revisions, page", lambda t: t.run(repos[t], "plots", "diff", *revs), rounds=3)


SETS = {
    "start": start,
    "small": lambda race: dataset(race, "10k x 4KiB", 10_000, 4096),
    "many": lambda race: dataset(race, "100k x 1KiB", 100_000, 1024),
    "million": lambda race: dataset(race, "1M x 100B", 1_000_000, 100),
    "big": lambda race: dataset(race, "4 x 512MiB", 4, 512 << 20),
    "pipe": pipeline,
    "graph": graph,
    "exp": experiments,
    "share": sharing,
    "table": table,
    "apply": apply,
    "queue": queue,
    "plots": plots,
    "manyplots": lambda race: plots(race, 1000),
}
