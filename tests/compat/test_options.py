"""Every option of DVC's commands for data, pipelines and experiments exists, and at least one scenario of this folder uses it."""

import functools
import json
import pathlib
import re
import subprocess

import pytest
from harness import records
from harness.sandbox import CAIRN, REAL_DVC

COMMANDS = """add; artifacts get; cache dir; cache migrate; check-ignore; checkout; commit; completion; config; data status; dataset add; dataset update;
    destroy; diff; du; fetch; gc; get; get-url; import; import-url; init; install; list; list-url; move; pull; push;
    remote add; remote default; remote list; remote modify; remote remove; remote rename; remove; root; status;
    unprotect; update; version; repro; stage add; stage list; dag; freeze; unfreeze; params diff; metrics show;
    metrics diff; plots show; plots diff; plots modify; plots templates; exp run; exp show; exp diff; exp list; exp apply; exp branch; exp save; exp remove; exp rename; exp push; exp pull; exp clean;
    queue start; queue stop; queue status; queue kill; queue logs; queue remove"""
COMMANDS = [c.strip() for c in COMMANDS.replace("\n", " ").split(";")]
HIDDEN = ["git-hook pre-commit", "git-hook post-checkout", "git-hook pre-push", "git-hook merge-driver"]
EVERYWHERE = {"-h", "--help", "-q", "--quiet", "-v", "--verbose"}
DEVELOPERS = "cprofile yappi viztracer pdb instrument show-stack ss"  # for debugging DVC: hidden there, absent in cairn
ALIASES = {"list": "ls", "list-url": "ls-url", "remove": "rm", "move": "mv", "version": "doctor"}

ASK_DVC = """
import argparse, json, sys
from dvc.cli.parser import get_main_parser
found = {}
def walk(parser, name):
    found[name] = [[a.option_strings, a.help is argparse.SUPPRESS] for a in parser._actions if a.option_strings]
    for a in parser._actions:
        if isinstance(a, argparse._SubParsersAction):
            for word, sub in a.choices.items():
                walk(sub, (name + " " + word).strip())
walk(get_main_parser(), "")
json.dump(found, sys.stdout)
"""


@functools.cache
def of_dvc():
    python = pathlib.Path(REAL_DVC).with_name("python")
    done = subprocess.run([python, "-c", ASK_DVC], capture_output=True, text=True, check=True)
    developers = tuple("--" + word for word in DEVELOPERS.split())
    return {command: [set(names) for names, _ in options
                      if not names[0].startswith(developers) and not EVERYWHERE & set(names)]
            for command, options in json.loads(done.stdout).items()}


@functools.cache
def of_cairn():
    done = subprocess.run([CAIRN, "describe"], capture_output=True, text=True, check=True)
    return {c["command"]: {"--" + o["name"] for o in c["options"] if "name" in o} |
            {"-" + o["letter"] for o in c["options"] if "letter" in o} for c in json.loads(done.stdout)}


@functools.cache
def used():
    """The words after each command in all scripts and tests of this folder."""
    here = pathlib.Path(__file__).parent
    texts = [p.read_text() for p in sorted(here.glob("test_*.py")) if p.name != "test_options.py"]
    texts += ["\n".join(record["script"]) for record in records.everything()]  # as recorded
    text = "\n".join(texts)
    words = {c: set() for c in COMMANDS + HIDDEN}
    for command in words:
        names = [command] + ([ALIASES[command]] if command in ALIASES else [])
        for name in names:
            pattern = r"(?:\bdvc|\bdvc\(f?[\"']|\.real\(f?[\"']|--cd \S+)[ \t]*" + re.escape(name) + r"\b([^\n|;&\"]*(?:\"[^\"\n]*\"[^\n|;&\"]*)*)"
            for found in re.finditer(pattern, text):
                words[command] |= set(re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", found.group(1)))
                words[command].add("")
    return words


@pytest.mark.live
@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_there(command):
    missing = sorted(" ".join(sorted(o)) for o in of_dvc()[command] if not o <= of_cairn()[command])
    assert not missing, f"{command}: {missing}"


@pytest.mark.live
@pytest.mark.parametrize("command", COMMANDS + HIDDEN)
def test_every_option_is_used(command):
    there = used()[command]
    assert there, f"no scenario runs {command}"
    clusters = {"-" + letter for word in there if re.fullmatch(r"-[A-Za-z]{2,}", word) for letter in word[1:]}
    unused = sorted(" ".join(sorted(o)) for o in of_dvc()[command] if not o & (there | clusters))
    assert not unused, f"{command}: no scenario uses {unused}"
