"""The documentation as a book (script/docs --check, which fails on every warning): complete, self-contained, without dead links."""

import html.parser
import re

import pytest
from harness.commands import table
from harness.sandbox import TOP

BOOK = TOP / "build/docs/html"
pytestmark = pytest.mark.skipif(not BOOK.is_dir(), reason="no build/docs/html (script/docs)")


class Links(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.targets, self.loaded, self.ids = [], [], set()
        self.feed(path.read_text())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if "id" in attrs:
            self.ids.add(attrs["id"])
        if tag == "a" and attrs.get("href"):
            self.targets.append(attrs["href"])
        if tag in ("script", "img", "iframe") and attrs.get("src"):
            self.loaded.append(attrs["src"])
        if tag == "link" and attrs.get("rel") in ("stylesheet", "icon", "preload") and attrs.get("href"):
            self.loaded.append(attrs["href"])


@pytest.fixture(scope="module")
def pages():
    return {path: Links(path) for path in BOOK.rglob("*.html")}


def test_every_page_of_docs_is_in_the_book(pages):
    assert {p.stem for p in (TOP / "docs").glob("*.md")} <= {p.stem for p in pages if p.parent == BOOK}


def test_every_command_has_a_page(pages):
    names = {p.stem for p in pages if p.parent.name == "reference"}
    assert {"cairn-" + c["command"].replace(" ", "-") for c in table()} <= names


def test_every_configuration_key_has_an_entry():
    text = re.sub(r"<[^>]+>", "", (BOOK / "reference/cairn-config.html").read_text())
    keys = re.findall(r'^\t\{"(?:\w+)[^"]*", "(\w+)"', (TOP / "src/project/config_keys.c").read_text(), re.M)
    assert len(keys) > 100
    assert [k for k in keys if k not in text] == []


@pytest.mark.parametrize("name, keys", [
    ("dvc.yaml", ["stages", "cmd", "deps", "params", "outs", "metrics", "plots", "frozen", "foreach", "matrix", "resources", "artifacts", "datasets"]),
    ("dvc.lock", ["schema", "stages", "md5", "nfiles", "version_id"]),
    ("dvc-files", ["outs", "deps", "md5", "cache", "persist", "push", "repo.rev_lock"]),
])
def test_formats_name_their_keys(name, keys):
    text = (BOOK / f"reference/format-{name}.html").read_text()
    assert [k for k in keys if not re.search(rf"<dt><code[^>]*><span[^>]*>{k}</span></code>", text)] == []


def test_links_lead_somewhere(pages):
    dead = []
    for path, page in pages.items():
        for target in page.targets:
            if re.match(r"\w+:", target):
                continue
            file, _, anchor = target.partition("#")
            other = (path.parent / file).resolve() if file else path
            if other not in pages and not other.exists():
                dead.append((path.name, target))
            elif anchor and other in pages and anchor not in pages[other].ids:
                dead.append((path.name, target))
    assert dead == []


def test_nothing_is_loaded_from_elsewhere(pages):
    assert [(p.name, t) for p, page in pages.items() for t in page.loaded if re.match(r"\w+:|//", t)] == []
