"""Random uncommitted work, then random commands of experiments: nothing of the work is lost, whatever the commands say.

Each edit writes a word that was never there before. After the commands every word must be found: in the work tree, in
Git's index, in an entry of the stash of `exp apply`, in an experiment, or in the cache. Commands that run elsewhere must
leave the work tree, the index and HEAD byte for byte as they were.

CAIRN_EDITS sets the number of cases (200), CAIRN_EDITS_SEED the first seed (1).
"""

import os
import pathlib
import random
import shutil
import subprocess

import pytest

from harness.sandbox import CAIRN, Sandbox

CASES = int(os.environ.get("CAIRN_EDITS", 200))
SEED = int(os.environ.get("CAIRN_EDITS_SEED", 1))
CHUNKS = 8

FILES = {
    "dvc.yaml": "stages:\n  train:\n    cmd: sh train.sh\n    deps: [train.sh, data]\n    params: [lr]\n    outs: [model]\n"
                "    metrics:\n    - m.json:\n        cache: false\n",
    "params.yaml": "lr: 1\nother: 1\n", "train.sh": "cat params.yaml data/a > model; echo '{\"acc\": 1}' > m.json\n",
    "a.txt": "a\n", "b.txt": "b\n", "src/c.py": "c\n", "src/d.py": "d\n", "gone": "gone\n", "tool": "tool\n",
    "dos.txt": "one\r\ntwo\r\n", "filtered.dat": "data\n",
    ".gitattributes": "dos.txt text eol=crlf\nfiltered.dat filter=mark\n", ".gitignore": "*.log\n/scratch/\n",
    "data/a": "1\n", "data/b": "2\n", "single": "3\n", "sparse/s": "s\n",
}
TRACKED = ["a.txt", "b.txt", "src/c.py", "src/d.py", "gone", "tool", "params.yaml", "train.sh", "dos.txt", "filtered.dat", "m.json"]
KINDS = ["plain", "plain", "linked", "sparse", "submodule"]
STAGED = " (staged)"
EXPERIMENTS = ["e1", "e2", "e3"]


def make_template(folder):
    """A repository of every kind, with three experiments that change, add and remove files."""
    box = Sandbox(folder, CAIRN).init("dvc")
    box.check("git config filter.mark.clean \"sed 's/^/clean:/'\" && git config filter.mark.smudge \"sed 's/^clean://'\"")
    box.check("git init -q ../other && cd ../other && git commit -q --allow-empty -m o && echo in > in && git add in && git commit -qm in")
    box.write(FILES)
    box.check("chmod +x tool && dvc add -q data single && dvc repro -q && git submodule -q add ../other sub && git add -A && git commit -qm base")
    box.check("dvc exp run -q -n e1 -S lr=2 && git reset -q --hard && git clean -qfd && dvc checkout -q -f")
    # e2 adds and removes files, and makes one executable; e3 has files where others have directories
    box.check("git rm -q gone && echo new > new && mkdir scratch && echo kept > scratch/k && chmod +x a.txt && chmod -x tool && "
              "dvc exp save -q -f -n e2 -I new -I scratch/k && git reset -q --hard && git clean -qfdx -e .dvc && dvc checkout -q -f")
    box.check("git rm -q src/c.py && mkdir src/c.py && echo deep > src/c.py/deep && echo 5 > data/new && rm b.txt && ln -s a.txt b.txt && "
              "dvc exp save -q -f -n e3 -I src/c.py/deep && rm -rf src/c.py && git reset -q --hard && git clean -qfdx -e .dvc && dvc checkout -q -f")
    assert sorted(box.check("dvc exp list --name-only").lines) == EXPERIMENTS
    return box


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edits")
    place = pathlib.Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else folder
    root = place / f"edits.{os.getpid()}"
    make_template(root)
    yield root
    shutil.rmtree(root, ignore_errors=True)


class Case:
    """A copy of the template, and the words that the user has written."""

    def __init__(self, template, seed):
        self.random = random.Random(seed)
        self.seed, self.words, self.said, self.count = seed, {}, [], 0
        self.kind = self.random.choice(KINDS)
        # the paths of the template stay valid: the copy takes its place
        self.root = template.with_name(template.name + ".case")
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(template, self.root, symlinks=True)
        self.top = self.root / "repo"
        self.env = {**Sandbox.env.fget(type("Box", (), {"root": self.root, "extra_env": {}})())}
        self.main = self.top
        if self.kind == "linked":
            self.git("worktree", "add", "-q", "-b", "linked", str(self.root / "linked"))
            self.top = self.root / "linked"
            (self.top / ".dvc/config.local").write_text(f"[cache]\n    dir = {self.main}/.dvc/cache\n")
            self.cairn("checkout -q")
        elif self.kind == "sparse":
            self.git("sparse-checkout", "set", "--no-cone", "/*", "!/sparse")
        elif self.kind == "submodule":
            self.git("submodule", "-q", "update", "--init")

    def git(self, *args, check=True):
        done = subprocess.run(["git", *args], cwd=self.top, env=self.env, capture_output=True)
        assert not check or done.returncode == 0, (self, args, done.stderr)
        return done.stdout

    def cairn(self, line):
        self.said.append(f"cairn {line}")
        done = subprocess.run(["cairn", *line.split()], cwd=self.top, env=self.env, capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
        self.said.append(f"    -> {done.returncode} {done.stderr.decode()[-400:]!r}")
        assert done.returncode in (0, 1, 255), self
        return done.returncode

    def __repr__(self):
        return f"seed {self.seed}, {self.kind}\n" + "\n".join(self.said)

    # ---- edits

    def word(self, path):
        self.count += 1
        word = f"word-{self.seed}-{self.count}-"
        self.words[path] = word
        return word

    def free(self, path):
        """Make room for a file; words that the user's own edit removes are no longer wanted."""
        full = self.top / path
        for part in (full, *full.parents):
            if part == self.top:
                break
            if part.is_symlink() or part.is_file():
                part.unlink()
                self.forget(part)
        if full.is_dir():
            shutil.rmtree(full)
            self.forget(full)
        full.parent.mkdir(parents=True, exist_ok=True)
        return full

    def forget(self, full):
        below = str(full.relative_to(self.top))
        for path in [p for p in self.words if p == below or p.startswith(below + "/")]:
            del self.words[path]

    def modify(self, path):
        full = self.free(path)
        ends = "\r\n" if path == "dos.txt" else "\n"
        full.write_bytes(f"{self.word(path)}{ends}".encode())

    def stage(self, path, modify_again):
        """What was staged there before is no longer wanted. Git does not stage a file that it was told not to watch."""
        self.git("add", "-f", path, check=False)
        staged = self.words[path].encode() in self.git("show", ":" + path, check=False)
        if staged:
            self.words.pop(path + STAGED, None)
        if modify_again:
            if staged:
                self.words[path + STAGED] = self.words[path]
            self.modify(path)

    def staged_words_of_now(self):
        """Drop the claims on what the user's own edit has taken out of the index: `git add x/y` does so with a file x."""
        for key in [key for key in self.words if key.endswith(STAGED)]:
            if self.words[key].encode() not in self.git("show", ":" + key.removesuffix(STAGED), check=False):
                del self.words[key]

    def edit(self):
        r = self.random
        path = r.choice(TRACKED)
        name = r.choice(["new", "src/new.py", "notes.md", "src/c.py/deep", "x y", "scratch/k", "ü"])
        kind = r.choice(["modify", "modify", "stage", "stage-and-modify", "untracked", "untracked", "add", "add-and-modify", "ignored", "delete",
                         "rm", "move", "git-mv", "exec", "link", "dir-for-file", "unwatched", "data", "data", "data-new", "data-gone", "output", "param",
                         "comment", "submodule", "sparse", "intent"])
        self.said.append(f"edit {kind} {path} {name}")
        if kind == "modify":
            self.modify(path)
        elif kind in ("stage", "stage-and-modify"):
            self.modify(path)
            self.stage(path, kind == "stage-and-modify")
        elif kind in ("untracked", "add", "add-and-modify", "intent"):
            self.modify(name)
            if kind == "intent":
                self.git("add", "-N", "-f", name)
            elif kind != "untracked":
                self.stage(name, kind == "add-and-modify")
        elif kind == "ignored":
            self.modify(r.choice(["x.log", "src/y.log", "scratch/k", "scratch/z"]))
        elif kind in ("delete", "rm"):
            self.free(path)
            if kind == "rm":
                self.git("rm", "-q", "-r", "--cached", "--ignore-unmatch", path)
        elif kind in ("move", "git-mv"):
            full, to = self.top / path, self.top / "moved" / path
            if full.is_file() and not full.is_symlink():
                if path in self.words:
                    self.words["moved/" + path] = self.words.pop(path)
                to.parent.mkdir(parents=True, exist_ok=True)
                if to.exists():
                    return
                full.rename(to)
                if kind == "git-mv":
                    self.git("add", "-A", "-f", str(to))
                    self.git("rm", "-q", "-r", "--cached", "--ignore-unmatch", path)
        elif kind == "exec":
            full = self.top / path
            if full.is_file() and not full.is_symlink():
                self.modify(path)
                full.chmod(0o755)
        elif kind == "link":
            self.free(path).symlink_to(self.word(path))
        elif kind == "dir-for-file":
            self.modify(path + "/inside")
        elif kind == "unwatched":
            if self.git("ls-files", path) and not (self.top / path).is_dir():
                self.git("update-index", r.choice(["--assume-unchanged", "--skip-worktree"]), path, check=False)
                self.modify(path)
        elif kind == "data":
            self.modify(r.choice(["data/a", "data/b", "single"]))
        elif kind == "data-new":
            self.modify(r.choice(["data/new", "data/sub/deep"]))
        elif kind == "data-gone":
            self.free(r.choice(["data/a", "data/b"]))
        elif kind == "output":
            self.modify("model")
        elif kind == "param":
            full = self.free("params.yaml")
            full.write_text(f"lr: {r.randint(3, 9)}\nother: 1\n# {self.word('params.yaml')}\n")
        elif kind == "comment":
            full = self.top / "dvc.yaml"
            if full.is_file():
                full.write_text(FILES["dvc.yaml"] + f"# {self.word('dvc.yaml')}\n")
        elif kind == "submodule" and self.kind == "submodule":
            self.modify("sub/in")
        elif kind == "sparse" and self.kind == "sparse":
            self.modify("sparse/s")

    # ---- what there is

    def tree(self):
        """All files of the user with their content and mode, without the tool's own."""
        found = {}
        for folder, dirs, files in os.walk(self.top):
            here = pathlib.Path(folder)
            dirs[:] = [d for d in dirs if not (here == self.top and d in (".git", ".dvc")) and d != ".git"]
            for name in files + [d for d in dirs if (here / d).is_symlink()]:
                full = here / name
                text = os.readlink(full) if full.is_symlink() else full.read_bytes()
                found[str(full.relative_to(self.top))] = (text, os.lstat(full).st_mode)
        return found

    def state(self):
        return self.tree(), self.git("ls-files", "-s", "-v"), self.git("rev-parse", "HEAD"), self.git("symbolic-ref", "-q", "HEAD", check=False)

    def everything(self):
        """The bytes of all places where work may be: one text."""
        parts = [text if isinstance(text, bytes) else text.encode() for text, _ in self.tree().values()]
        blobs = {line.split()[1].decode() for line in self.git("ls-files", "-s").splitlines()}
        stashes = self.git("reflog", "show", "--format=%H", "refs/exps/apply/stash", check=False).decode().split()
        refs = self.git("for-each-ref", "--format=%(objectname)", "refs/exps").decode().split()
        listed = self.git("rev-list", "--objects", *stashes, *refs).decode().splitlines() if stashes or refs else []
        blobs |= {line.split()[0] for line in listed}
        batch = subprocess.run(["git", "cat-file", "--batch"], cwd=self.top, env=self.env, input="\n".join(sorted(blobs)).encode(), capture_output=True)
        parts.append(batch.stdout)
        for repo in {self.top, self.main}:
            parts += [path.read_bytes() for path in (repo / ".dvc/cache").rglob("*") if path.is_file()]
        return b"\0".join(parts)

    def check(self):
        everything = self.everything()
        lost = {path: word for path, word in self.words.items() if word.encode() not in everything}
        assert not lost, f"{self}\nlost: {lost}"


ELSEWHERE = ["exp run --queue -n q{n}", "exp run --temp -n t{n}", "exp branch e1 b{n}", "exp show --json", "exp list", "exp rename e3 r{n}",
             "exp diff e1 e2", "queue status"]
HERE = ["exp apply e1", "exp apply e2", "exp apply e3", "exp run -n w{n}", "exp run -f -n w{n} -S lr=7", "exp save -f -n s{n}", "exp run -f train -n f{n}"]


def play(template, seed):
    case = Case(template, seed)
    r = case.random
    for n in range(r.randint(1, 3)):
        for _ in range(r.randint(1, 4)):
            case.edit()
            case.staged_words_of_now()
        elsewhere = r.random() < 0.3
        line = r.choice(ELSEWHERE if elsewhere else HERE).format(n=n)
        before = case.state()
        case.cairn(line)
        if line.startswith("exp run") and not elsewhere:
            # a stage that runs writes its outputs anew
            for path in ("m.json", "model"):
                case.forget(case.top / path)
        if elsewhere:
            after = case.state()
            assert after == before, f"{case}\n{set(before[0].items()) ^ set(after[0].items())}\n{before[1:]}\n{after[1:]}"
        elif "apply" in line or "run" in line or "save" in line:
            after = case.state()
            assert after[1:] == before[1:], f"{case}\nthe index or HEAD has changed\n{before[1:]}\n{after[1:]}"
        case.check()
    shutil.rmtree(case.root, ignore_errors=True)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_work_is_lost(template, chunk):
    for number in range(chunk, CASES, CHUNKS):
        play(template, SEED + number)
