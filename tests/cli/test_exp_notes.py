"""Tags, notes and stars of experiments; conditions and groups of `exp show`."""

import csv
import io
import json
import subprocess

import pytest
from harness.sandbox import CAIRN, REAL_DVC
from harness.shared import clone, exp_ref, far_refs, start

PREFIX = "refs/cairn/notes/"


@pytest.fixture
def shared(repo):
    """Experiments e1 (acc 3, lr 0.1), e2 (acc 3, lr 0.2) and e3 (acc 5, lr 0.1)."""
    repo.write({"params.yaml": "lr: 0.1\nmodel:\n  depth: 3\n"})
    start(repo)
    for name, lr in (("e1", 0.1), ("e2", 0.2), ("e3", 0.1)):
        set_lr(repo, name, lr)
    return repo


def set_lr(box, name, lr):
    ref = exp_ref(box, name)
    box.check(f"export GIT_INDEX_FILE=.git/x && git read-tree {ref} && "
              f"b=$(printf 'lr: {lr}\\nmodel:\\n  depth: 3\\n' | git hash-object -w --stdin) && "
              f"git update-index --add --cacheinfo 100644,$b,params.yaml && "
              f"git update-ref {ref} $(git commit-tree $(git write-tree) -p HEAD -m {name}) && rm .git/x")


def note_ref(box, name):
    return PREFIX + exp_ref(box, name)[len("refs/exps/"):]


def note_refs(box):
    return box.check(f"git for-each-ref --format='%(refname)' {PREFIX}").lines


def notes(box):
    """{name: what `exp show --json` says of its notes}"""
    return {e["name"]: e["revs"][0].get("cairn") for row in json.loads(box.check("cairn exp show --json").out)
            for e in row["experiments"] or []}


def names(box, options):
    """The experiments that are left, as CSV lists them."""
    rows = csv.DictReader(io.StringIO(box.check("cairn exp show --csv " + options).out))
    return [row["Experiment"] for row in rows if row["Experiment"]]


# ---- kept

def test_tags(shared):
    shared.check("cairn exp tag e1 add best paper best")
    assert shared.check("cairn exp tag e1").lines == ["best", "paper"]
    shared.check("cairn exp tag e1 remove paper nothing")
    assert shared.check("cairn exp tag e1").lines == ["best"]
    assert shared.check("cairn exp tag e2").out == ""


def test_note(shared):
    shared.check("cairn exp note e1 'the loss is still falling'")
    assert shared.check("cairn exp note e1").out == "the loss is still falling\n"
    shared.check("cairn exp note e1 'two\nlines'")
    assert shared.check("cairn exp note e1").lines == ["two", "lines"]
    shared.check("cairn exp note e1 --remove")
    assert shared.check("cairn exp note e1").out == ""


def test_star(shared):
    shared.check("cairn exp star e1 e2")
    assert [name for name, note in notes(shared).items() if note and note["star"]] == ["e1", "e2"]
    shared.check("cairn exp star e1 --remove")
    assert [name for name, note in notes(shared).items() if note and note["star"]] == ["e2"]


def test_all_of_them_in_one_place(shared):
    shared.check("cairn exp tag e1 add b a && cairn exp note e1 text && cairn exp star e1")
    assert notes(shared) == {"e1": {"tags": ["a", "b"], "note": "text", "star": True}, "e2": None, "e3": None}
    assert note_refs(shared) == [note_ref(shared, "e1")]
    assert shared.check(f"git show {note_ref(shared, 'e1')}:note.json").out == '{"tags": ["a", "b"], "note": "text", "star": true}\n'
    assert shared.check(f"git log --format=%s {note_ref(shared, 'e1')}").lines == ["cairn: notes on experiment e1"] * 3


def test_the_same_again_makes_no_version(shared):
    shared.check("cairn exp tag e1 add a && cairn exp star e1 && cairn exp note e1 x")
    before = shared.check("git for-each-ref").out
    shared.check("cairn exp tag e1 add a && cairn exp star e1 && cairn exp note e1 x && cairn exp tag e1 remove b && cairn exp star e2 --remove")
    assert shared.check("git for-each-ref").out == before


@pytest.mark.parametrize("words, status, says", [
    ("tag nope add x", 255, "'nope' is not a valid experiment name"),
    ("note nope x", 255, "'nope' is not a valid experiment name"),
    ("star e1 nope nor", 255, "'nope; nor' are not valid experiment names"),
    ("tag e1 put x", 254, "neither 'add' nor 'remove'"),
    ("tag e1 add", 254, "missing"),
    ("tag e1 add 'a b'", 255, "not a valid tag"),
    ("tag e1 add ok a,b", 255, "not a valid tag"),
    ("tag e1 add ''", 255, "not a valid tag"),
    ("note e1 x --remove", 254, "--remove takes no text"),
    ("star", 254, ""),
    ("tag e1 add $(printf 't%s ' $(seq 300))", 255, "at most 200 tags"),
    ("note e1 $(printf %070000d 0)", 255, "at most 65536 bytes"),
])
def test_refused(shared, words, status, says):
    done = shared.sh("cairn exp " + words)
    assert done.status == status and says in done.err, repr(done)
    assert note_refs(shared) == []


def test_by_the_ref_of_an_experiment(shared):
    shared.check(f"cairn exp star {exp_ref(shared, 'e2')}")
    assert notes(shared)["e2"]["star"]


def test_they_stay_when_the_experiment_is_made_anew(shared):
    shared.check("cairn exp star e1 && sh mk.sh e1 other")
    assert notes(shared)["e1"]["star"]


def test_they_follow_a_rename(shared):
    shared.check("cairn exp note e1 x && dvc exp rename e1 first")
    assert notes(shared)["first"]["note"] == "x" and note_refs(shared) == [note_ref(shared, "first")]


def test_a_forced_rename_replaces_notes(shared):
    shared.check("cairn exp note e1 x && cairn exp note e2 y && dvc exp rename -f e1 e2")
    assert notes(shared)["e2"]["note"] == "x"
    shared.check("dvc exp rename -f e3 e2")
    assert notes(shared)["e2"] is None and note_refs(shared) == []


def test_they_go_with_the_experiment(shared):
    shared.check("cairn exp note e1 x && cairn exp star e2 && dvc exp remove e1")
    assert note_refs(shared) == [note_ref(shared, "e2")]
    shared.check("dvc exp remove -A")
    assert note_refs(shared) == []


def test_notes_without_an_experiment_are_swept(shared):
    shared.check(f"cairn exp star e1 e2 && git update-ref -d {exp_ref(shared, 'e1')} && dvc exp clean")
    assert note_refs(shared) == [note_ref(shared, "e2")]


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", '{"tags": 5, "note": [], "star": "yes"}', '{"tags": [1, "a b", null]}',
                                  '{"tags": ["\\u001b[2J"]}', "\\377", '{"note": "' + "x" * 70000 + '"}'])
def test_malformed_notes_are_none(shared, text):
    shared.write({"text": text})
    shared.check(f"b=$(git hash-object -w text) && t=$(printf '100644 blob %s\\tnote.json\\n' $b | git mktree) && "
                 f"git update-ref {note_ref(shared, 'e1')} $(git commit-tree $t -m x)")
    assert not notes(shared)["e1"]
    shared.check("cairn exp star e1")
    assert notes(shared)["e1"] == {"tags": [], "note": None, "star": True}


def test_a_ref_of_notes_that_is_no_commit(shared):
    shared.check(f"git update-ref {note_ref(shared, 'e1')} $(echo x | git hash-object -w --stdin)")
    assert notes(shared)["e1"] is None
    assert shared.check("dvc exp list --name-only").lines == ["e1", "e2", "e3"]


# ---- shown

def test_no_column_without_notes(shared):
    before = shared.check("dvc exp show --csv").out, shared.check("dvc exp show --no-pager").out
    assert "Star" not in before[0] + before[1] and "cairn" not in shared.check("dvc exp show --json").out
    shared.check("cairn exp star e1 && cairn exp star e1 --remove")
    assert (shared.check("dvc exp show --csv").out, shared.check("dvc exp show --no-pager").out) == before


def test_columns(shared):
    shared.check("cairn exp tag e1 add b a && cairn exp note e3 'look at this'")
    head, *rows = shared.check("cairn exp show --csv").lines
    assert head.startswith("Experiment,rev,typ,Created,parent,Tags,Note,")
    cells = {row["Experiment"]: (row["Tags"], row["Note"]) for row in csv.DictReader(io.StringIO("\n".join([head, *rows])))}
    assert cells == {"": ("", ""), "e1": ("a, b", ""), "e2": ("", ""), "e3": ("", "look at this")}
    shared.check("cairn exp star e2")
    shown = shared.check("cairn exp show --md").out
    assert "Star" in shown and "★" in shown and "look at this" in shown


def test_a_parameter_called_note_keeps_its_column(shared):
    shared.write({"params.yaml": "Note: 5\nlr: 0.1\n"})
    assert "Note" in shared.check("cairn exp show --csv").lines[0].split(",")
    shared.check("cairn exp note e1 x")
    assert "params.yaml:Note" in shared.check("cairn exp show --csv").lines[0].split(",")


# ---- conditions

@pytest.mark.parametrize("condition, left", [
    ("acc > 3", ["e3"]),
    ("acc >= 3", ["e1", "e2", "e3"]),
    ("lr = 0.1", ["e1", "e3"]),
    ("params.yaml:lr = 0.2", ["e2"]),
    ("metrics.json:acc < 4 and lr < 0.2", ["e1"]),
    ("model.depth = 3", ["e1", "e2", "e3"]),
    ("tag = best", ["e1", "e3"]),
    ("tags = best and not star", ["e3"]),
    ("star", ["e1"]),
    ("not star", ["e2", "e3"]),
    ("star = false", ["e2", "e3"]),
    ("note ~ falling", ["e2"]),
    ("note", ["e2"]),
    ("name = e1 or name = e2", ["e1", "e2"]),
    ("name ~ '^e[12]$'", ["e1", "e2"]),
    ("(name = e1 or name = e2) and lr = 0.2", ["e2"]),
    ("created >= 2024-01-02 and date < 2024-01-03", ["e1", "e2", "e3"]),
    ("created = 2024-01-02", ["e1", "e2", "e3"]),
    ("created > 2024-01-02", []),
    ("state = success", ["e1", "e2", "e3"]),
    ("state = queued", []),
    ("acc > 100", []),
])
def test_condition(shared, condition, left):
    shared.check("cairn exp star e1 && cairn exp tag e1 add best && cairn exp tag e3 add best old && cairn exp note e2 'still falling'")
    assert sorted(names(shared, f'--filter "{condition}"')) == left
    rows = json.loads(shared.check(f'cairn exp show --json --filter "{condition}"').out)
    assert sorted(e["name"] for row in rows for e in row["experiments"] or []) == left
    assert [row["rev"] for row in rows][:1] == ["workspace"] and (len(rows) == 2) == bool(left)
    shared.check(f'cairn exp show --md --filter "{condition}"')


@pytest.mark.parametrize("condition, says", [
    ("acc >", "expected a value at position 6\n  acc >\n       ^"),
    ("f1 > 0.6", "there is no column 'f1' at position 1\n  f1 > 0.6\n  ^"),
    ("acc > 1 and (tag = best", "expected ')', \"and\" or \"or\" at position 24"),
    ("name ~ '('", "at position 8"),
    ("", "expected a column at position 1"),
])
def test_bad_condition(shared, condition, says):
    done = shared.sh(f"cairn exp show --csv --filter \"{condition}\"")
    assert done.status == 255 and says in done.err and done.out == "", repr(done)


def test_a_condition_in_a_table_without_experiments(repo):
    repo.check("cairn exp show --csv --filter 'f1 > 0.6'")


def test_queued_experiments_in_a_condition(repo):
    repo.write({"dvc.yaml": "stages:\n  s:\n    cmd: cp params.yaml o\n    params: [lr]\n    outs: [o]\n", "params.yaml": "lr: 1\n"})
    repo.check("git add -A && git commit -qm base && dvc exp run -q --queue -n q1 -S lr=2 && dvc exp run -q --queue -n q2 -S lr=3")
    assert names(repo, "--filter 'state = queued and lr > 2'") == ["q2"]


# ---- groups

def test_groups_of_a_parameter(shared):
    assert [name for name in names(shared, "--group-by lr")] == ["e1", "e3", "e2"]
    shown = shared.check("cairn exp show --md --group-by lr").lines
    cells = [line.split("|")[1].strip() for line in shown if line.startswith("|")][2:]
    assert [c.split("[")[-1].rstrip("]") for c in cells] == ["workspace", "master", "lr = 0.1", "e1", "e3", "lr = 0.2", "e2"]


def test_groups_of_tags_and_stars(shared):
    shared.check("cairn exp tag e2 add best && cairn exp star e3")
    assert names(shared, "--group-by tag") == ["e2", "e1", "e3"]
    assert names(shared, "--group-by star") == ["e1", "e2", "e3"]
    shown = shared.check("cairn exp show --md --group-by tag").out
    assert "tag = -" in shown and "tag = best" in shown
    shared.check("cairn exp tag e2 add v2")
    assert "tag = best, v2" in shared.check("cairn exp show --md --group-by tag").out


def test_groups_keep_the_order_within(shared):
    assert names(shared, "--group-by lr --sort-by acc --sort-order desc") == ["e3", "e1", "e2"]


def test_groups_leave_json_as_it_is(shared):
    assert shared.check("cairn exp show --json --group-by lr").out == shared.check("cairn exp show --json").out


def test_heads_of_groups_do_not_make_columns_differ(shared):
    shared.check("cairn exp star e1")
    head = shared.check("cairn exp show --md --only-changed --hide-workspace --group-by lr").lines[0]
    assert "model.depth" not in head and "lr" in head and "Tags" not in head


def test_unknown_group(shared):
    done = shared.sh("cairn exp show --csv --group-by nope")
    assert done.status == 255 and "Unknown group column 'nope'" in done.err


# ---- shared

def test_pushed_and_pulled(shared):
    shared.check("cairn exp tag e1 add best && cairn exp note e2 x")
    assert shared.check("dvc exp push origin").out == ("Pushed experiment e1, e2 and e3 to Git remote 'origin'.\n"
                                                       "Pushed notes on e1 and e2.\n3 files uploaded\n")
    clone(shared)
    assert shared.check("dvc exp pull origin").out == ("Pulled experiment '['e1', 'e2', 'e3']' from Git remote 'origin'.\n"
                                                       "Pulled notes on e1 and e2.\n")
    assert notes(shared)["e1"]["tags"] == ["best"] and notes(shared)["e2"]["note"] == "x"
    assert shared.check("dvc exp pull origin").out == "No experiments to pull.\n"
    shared.check("cairn exp star e3")
    assert shared.check("dvc exp push origin e3").out == "Experiment e3 is up to date on Git remote 'origin'.\nPushed notes on e3.\n"


def test_only_those_of_the_chosen_experiments(shared):
    shared.check("cairn exp star e1 e2 && dvc exp push -q origin e1")
    assert sorted(far_refs(shared)) == sorted([exp_ref(shared, "e1"), note_ref(shared, "e1")])
    shared.check("dvc exp push -q --no-cache origin e2")
    clone(shared).check("dvc exp pull -q origin e1")
    assert note_refs(shared) == [note_ref(shared, "e1")]


def two_clones(shared):
    """Two clones that have e1 and its notes."""
    shared.check("cairn exp tag e1 add common && cairn exp note e1 first && dvc exp push -q origin e1")
    first = shared.cwd
    clone(shared).check("dvc exp pull -q origin e1")
    return first, shared.cwd


def test_newer_notes_come_with_a_pull(shared):
    first, second = two_clones(shared)
    shared.check("cairn exp note e1 second && dvc exp push -q origin e1")
    shared.cwd = first
    assert shared.check("dvc exp pull origin e1").out == "No experiments to pull.\nPulled notes on e1.\n"
    assert notes(shared)["e1"]["note"] == "second"
    assert "Pulled" not in shared.check("dvc exp pull origin e1").out


def test_notes_of_two_clones_are_merged(shared):
    first, second = two_clones(shared)
    shared.check("cairn exp tag e1 add mine && cairn exp star e1 && cairn exp note e1 'from the second' && dvc exp push -q origin e1")
    shared.cwd = first
    shared.check("cairn exp tag e1 remove common && cairn exp tag e1 add yours && cairn exp note e1 'from the first'")
    done = shared.check("dvc exp push origin e1")
    assert "the notes on 'e1' were not pushed" in done.err and "`exp pull` merges them" in done.err
    assert "Pulled notes on e1." in shared.check("dvc exp pull origin e1").out
    merged = {"tags": ["mine", "yours"], "note": "from the first\nfrom the second", "star": True}
    assert notes(shared)["e1"] == merged
    assert "Pushed notes on e1." in shared.check("dvc exp push origin e1").out
    shared.cwd = second
    shared.check("dvc exp pull -q origin e1")
    assert notes(shared)["e1"] == merged
    assert len(shared.check(f"git rev-list --parents -1 {note_ref(shared, 'e1')}").out.split()) == 3


def test_a_force_does_not_replace_notes(shared):
    first, second = two_clones(shared)
    shared.check("cairn exp star e1 && dvc exp push -q origin e1")
    before = far_refs(shared)
    shared.cwd = first
    shared.check("cairn exp note e1 other && dvc exp push -f origin e1")
    assert far_refs(shared) == before


def test_notes_on_a_diverged_experiment_stay_here(shared):
    shared.check("dvc exp push -q origin e1 && sh mk.sh e1 other && cairn exp star e1")
    for options in ("", "--no-cache"):
        assert "has diverged" in shared.check(f"dvc exp push {options} origin e1").err
    assert sorted(far_refs(shared)) == [exp_ref(shared, "e1")]


def test_removed_and_renamed_on_the_remote(shared):
    shared.check("cairn exp star e1 e2 && dvc exp push -q origin && dvc exp remove -g origin e1")
    assert note_ref(shared, "e1") not in far_refs(shared) and note_ref(shared, "e2") in far_refs(shared)
    assert notes(shared)["e1"]["star"]
    shared.check("dvc exp rename -g origin e2 e9")
    assert note_ref(shared, "e9") in far_refs(shared) and note_ref(shared, "e2") not in far_refs(shared)


def test_a_remote_that_refuses_notes(shared):
    path = shared.root / "far/.git/hooks/update"
    path.write_text('#!/bin/sh\ncase $1 in refs/cairn/*) exit 1;; esac\n')
    path.chmod(0o755)
    shared.check("cairn exp star e1")
    done = shared.check("dvc exp push origin e1")
    assert "Pushed experiment e1" in done.out and "the notes on 'e1' were not pushed: hook declined" in done.err


@pytest.mark.parametrize("kind", ["blob", "tree"])
def test_hostile_notes_on_the_remote(shared, kind):
    shared.check("dvc exp push -q origin e1")
    what = {"blob": "$(echo x | git hash-object -w --stdin)", "tree": "HEAD^{tree}"}[kind]
    shared.check(f"git push -q origin {what}:{note_ref(shared, 'e1')} && git push -q origin HEAD:{PREFIX}x HEAD:refs/cairn/y")
    clone(shared)
    done = shared.check("dvc exp pull origin")
    assert "Pulled experiment '['e1']'" in done.out and "leads to no commit" in done.err
    assert note_refs(shared) == []


# ---- DVC

@pytest.mark.live
def test_dvc_reads_the_repository_as_before(shared):
    before = shared.use(REAL_DVC).check("dvc exp show --json").out, shared.check("dvc exp list").out
    shared.use(CAIRN).check("cairn exp tag e1 add best && cairn exp note e1 x && cairn exp star e2")
    shared.use(REAL_DVC)
    assert (shared.check("dvc exp show --json").out, shared.check("dvc exp list").out) == before
    shared.check("dvc exp push -q origin && dvc exp remove e1 && dvc exp rename e2 e9")
    assert sorted(shared.check("dvc exp list --name-only").lines) == ["e3", "e9"]
    shared.use(CAIRN)
    assert notes(shared) == {"e3": None, "e9": None}
    shared.check("dvc exp clean")
    assert note_refs(shared) == []


def test_examples_of_the_manual_parse():
    shown = subprocess.run([CAIRN, "exp", "show", "-h"], capture_output=True, text=True, check=True).stdout
    assert "--filter" in shown and "--group-by" in shown


def test_an_interrupted_rename_keeps_the_notes(shared):
    """The new ref and its notes are written; the old ref is still there."""
    shared.check(f"cairn exp note e1 x && git update-ref {exp_ref(shared, 'first')} {exp_ref(shared, 'e1')} && "
                 f"git update-ref {note_ref(shared, 'first')} {note_ref(shared, 'e1')} && git update-ref -d {note_ref(shared, 'e1')}")
    shared.check("dvc exp rename e1 first")
    assert notes(shared)["first"]["note"] == "x" and "e1" not in notes(shared)


def test_an_experiment_that_stays_on_the_remote_keeps_its_notes(shared):
    shared.check("cairn exp star e1 e2 && dvc exp push -q origin e1 e2")
    hook = shared.root / "far/.git/hooks/update"
    hook.write_text("#!/bin/sh\ncase $1 in refs/exps/*/e1) exit 1;; esac\n")
    hook.chmod(0o755)
    assert shared.dvc("exp remove -g origin e1 e2").status != 0
    assert sorted(far_refs(shared)) == [note_ref(shared, "e1"), exp_ref(shared, "e1")]


def test_a_pull_says_which_notes_are_malformed(shared):
    shared.check("dvc exp push -q origin e1 && git push -q origin HEAD^{tree}:" + note_ref(shared, "e1"))
    assert f"'{note_ref(shared, 'e1')}: it leads to no commit' is not pulled" in shared.check("dvc exp pull origin e1").err
