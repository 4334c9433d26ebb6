"""Every command in the documentation for users is run, and what the pages show as output is what cairn prints."""

import pytest
from harness import fake_batch
from harness.pages import Page, matches, run_page, unknown_words
from harness.sandbox import CAIRN, TOP, Sandbox

PAGES = [TOP / "README.md", TOP / "CONTRIBUTING.md", *sorted((TOP / "docs").glob("*.md"))]


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_page(path, box_root, request):
    page = Page(path)
    box = Sandbox(box_root(), CAIRN).init(page.start)
    box.extra_env.update({"PATH": f"{box.root}/.bin:{TOP}/.venv/bin:/usr/local/bin:/usr/bin:/bin", "TOP": str(TOP)})


    def cluster(kind):
        request.getfixturevalue("slurm").attach(box) if kind == "slurm" else fake_batch.attach(box, kind)

    run_page(page, box, request.getfixturevalue("remote"), cluster)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_commands_in_running_text_exist(path):
    assert unknown_words(Page(path)) == []


@pytest.mark.parametrize("expected, printed, same", [
    (["a"], "a\n", True),
    (["a"], "b\n", False),
    (["a", "..."], "a\nb\nc\n", True),
    (["...", "c"], "a\nb\nc\n", True),
    (["a ... c"], "a b b c\n", True),
    (["a ... c"], "a b\nb c\n", False),
    (["a 1234567 in 0.2 s"], "a 89abcdef01 in 17 s\n", True),
    (["a.b"], "axb\n", False),
])
def test_comparison(expected, printed, same):
    assert matches(expected, printed) == same
