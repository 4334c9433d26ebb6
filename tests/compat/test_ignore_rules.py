"""Random .dvcignore files: which paths are ignored, and by which rule, compared with DVC itself."""

import random
import shutil

import pytest

PIECES = ["a", "b", "ab", "*", "?", "**", "a*", "*b", "[ab]", "[!a]", ".x", "a?", "\\a", "a b"]
NAMES = ["a", "b", "ab", "aa", "abb", ".x", "a b"]


def some_rules(r):
    lines = []
    for _ in range(r.randint(1, 4)):
        pattern = "/".join(r.choice(PIECES) for _ in range(r.randint(1, 3)))
        lines.append(r.choice(["", "", "", "!"]) + r.choice(["", "", "/"]) + pattern + r.choice(["", "", "/"]))
    return "\n".join(lines) + "\n"


@pytest.mark.live
def test_random_rules(repo):
    from dvc.fs import LocalFileSystem
    from dvc.ignore import DvcIgnoreFilter

    r = random.Random(7)
    wrong = []
    for _ in range(60):
        top = repo.repo
        for entry in top.iterdir():
            if entry.name not in (".git", ".dvc"):
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        repo.write({".dvcignore": some_rules(r)})
        if r.random() < 0.5:
            repo.write({"a/.dvcignore": some_rules(r)})
        paths = sorted({"/".join(r.choice(NAMES) for _ in range(r.randint(1, 3))) for _ in range(10)})
        for path in paths:
            if not (top / path).exists() and not any(p.is_file() for p in (top / path).parents):
                repo.write({path: ""})
        paths = [p for p in paths if (top / p).exists()]
        ignore = DvcIgnoreFilter(LocalFileSystem(url=str(top)), str(top))
        expected = [p for p in paths if ignore.check_ignore(str(top / p)).match]
        got = repo.sh("dvc check-ignore --stdin", input="".join(p + "\n" for p in paths)).out.splitlines()
        if got != expected:
            wrong.append((repo.read(".dvcignore"), (top / "a/.dvcignore").is_file() and repo.read("a/.dvcignore"),
                          sorted(set(got) ^ set(expected)), got))
    assert not wrong, f"{len(wrong)} of 60 differ: " + "\n".join(map(repr, wrong))
