"""The progress line of a long command: drawn on a terminal, wiped at the end, never written to a pipe."""

import os
import re

import pytest
from harness.servers.faulty import Faulty, reset
from harness.terminal import on_terminal

MEGABYTE = 1000 * 1000
BIG_BYTES = 400 * MEGABYTE  # a sparse file: it takes time to hash but no disk space
MANY_FILES = 40000
LINE = re.compile(r"\r([^\r\n\x1b]+)\x1b\[K")
WIPE = "\r\x1b[K"


def lines(shown):
    return LINE.findall(shown)


def what_stays(shown):
    """The final content of the screen, line by line."""
    kept = [re.split(r"\r(?:\x1b\[K)?", line)[-1] for line in shown.split("\n")]
    return [re.sub(r"\x1b\[[0-9;]*[mK]", "", line) for line in kept]


def make_big(repo, name="big"):
    with open(repo.repo / name, "wb") as file:
        file.truncate(BIG_BYTES)


def make_many(repo, count=MANY_FILES):
    for number in range(count):
        folder = repo.repo / "many" / str(number // 500)
        if number % 500 == 0:
            folder.mkdir(parents=True)
        (folder / str(number)).write_text(f"{number}\n" * 5)


def percents(drawn):
    return [int(line.split("%")[0]) for line in drawn if "%" in line]


def test_one_big_file_moves_by_its_bytes(repo):
    make_big(repo)
    repo.dvc("config cache.type hardlink")
    shown, status = on_terminal(repo, ["add", "big"])
    drawn = lines(shown)
    assert status == 0
    assert len(drawn) >= 2
    assert len(set(percents(drawn))) >= 2 and percents(drawn) == sorted(percents(drawn))
    assert re.match(r" *\d+% storing: [01]/1 file, [\d.]+ (B|kB|MB) of 400\.0 MB", drawn[-1])
    assert any(re.search(r", [\d.]+ MB/s", line) for line in drawn)
    assert WIPE in shown and "storing" not in "".join(what_stays(shown))


def test_many_files_there_and_back(repo, tmp_path):
    make_many(repo)
    shown, _ = on_terminal(repo, ["add", "many"])
    assert re.search(rf"storing: \d+/{MANY_FILES} files, ", "".join(lines(shown)))
    repo.dvc(f"remote add -q -d store {tmp_path / 'store'}")
    shown, _ = on_terminal(repo, ["push"])
    assert re.search(rf"pushing: \d+/{MANY_FILES} files, [\d.]+ \wB of [\d.]+ \wB", "".join(lines(shown)))
    assert what_stays(shown)[-2:] == [f"{MANY_FILES + 1} files pushed", ""]
    repo.check("rm -r .dvc/cache many")
    shown, _ = on_terminal(repo, ["fetch"])
    assert re.search(rf"fetching: \d+/{MANY_FILES} files, ", "".join(lines(shown)))
    shown, _ = on_terminal(repo, ["checkout"])
    assert re.search(rf"checking out: \d+/{MANY_FILES} files, ", "".join(lines(shown)))
    assert what_stays(shown) == ["A       many/", ""]


def test_a_big_file_that_is_drawn(repo):
    repo.check("truncate -s 70M a.csv")
    shown, status = on_terminal(repo, ["plots", "show", "a.csv"])
    assert status == 0
    assert any("0% reading: 0/1 file, 0 B of 73.4 MB" in line for line in lines(shown))
    done = repo.check("cairn plots show a.csv")
    assert "reading" not in done.err and "\r" not in done.err


def test_line_is_cut_to_the_terminal(repo):
    make_big(repo)
    repo.dvc("config cache.type hardlink")
    shown, _ = on_terminal(repo, ["add", "big"], columns=30)
    assert lines(shown) and all(len(line) <= 29 for line in lines(shown))


@pytest.mark.parametrize("words, env", [(["add", "-q", "big"], {}), (["add", "big"], {"TERM": "dumb"})])
def test_nothing_is_drawn(repo, words, env):
    make_big(repo)
    repo.dvc("config cache.type hardlink")
    shown, status = on_terminal(repo, words, env=env)
    assert status == 0
    assert not lines(shown) and "storing" not in shown


def test_no_color_draws_without_colours(repo):
    make_big(repo)
    repo.dvc("config cache.type hardlink")
    shown, _ = on_terminal(repo, ["add", "big"], env={"NO_COLOR": "1"})
    assert lines(shown) and not re.search(r"\x1b\[[0-9;]+m", shown)


def test_pipes_see_nothing_of_it(repo):
    make_big(repo)
    repo.dvc("config cache.type hardlink")
    done = repo.dvc("add big")
    assert done.err == "" and "storing" not in done.out and "\r" not in done.out


def test_short_commands_draw_nothing(repo):
    repo.write({"a": "a\n"})
    for words in (["add", "a"], ["status"], ["checkout"], ["commit"]):
        shown, status = on_terminal(repo, words)
        assert status == 0 and "\r" not in shown


def test_interrupt_wipes_the_line(repo):
    make_big(repo)
    repo.dvc("config cache.type hardlink")
    shown, status = on_terminal(repo, ["add", "big"], interrupt_after="storing")
    assert status == 252
    assert [line for line in what_stays(shown) if line][-1] == "ERROR: interrupted by the user"


def test_stages_have_the_terminal_for_themselves(repo):
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: truncate -s 400M o && for i in 1 2 3 4 5 6; do echo line $i; sleep 0.1; done\n    outs: [o]\n"})
    repo.dvc("config cache.type hardlink")
    shown, status = on_terminal(repo, ["repro"])
    assert status == 0
    assert "line 1\nline 2\nline 3\nline 4\nline 5\nline 6\n" in shown
    assert any("storing" in line for line in lines(shown.split("line 6")[1]))


PIPELINE = "stages:\n  a: {cmd: echo 1 > a, outs: [a]}\n  b: {cmd: cp a b, deps: [a], outs: [b]}\n  c: {cmd: 'echo 3 > c', outs: [c]}\n"


def totals(repo, words="repro", **how):
    """The last line, without the duration."""
    shown, status = on_terminal(repo, words.split(), **how)
    return re.sub(r"in [\d.]+m?s:", "in TIME:", what_stays(shown)[-2]), status


def test_repro_says_how_many_stages_ran(repo):
    repo.write({"dvc.yaml": PIPELINE})
    assert totals(repo) == ("3 stages in TIME: 3 ran, 0 from the run-cache, 0 skipped.", 0)
    repo.check("rm b")
    assert totals(repo) == ("3 stages in TIME: 0 ran, 1 from the run-cache, 2 skipped.", 0)
    repo.check("sed -i 's/echo 3/echo 4/' dvc.yaml && rm b")
    assert totals(repo) == ("3 stages in TIME: 1 ran, 1 from the run-cache, 1 skipped.", 0)
    assert totals(repo, "repro -s a") == ("1 stage in TIME: 0 ran, 0 from the run-cache, 1 skipped.", 0)


def test_totals_are_for_people_who_call_cairn(repo):
    repo.write({"dvc.yaml": PIPELINE})
    assert totals(repo, called="dvc") == ("Use `dvc push` to send your updates to remote storage.", 0)
    assert totals(repo, "repro --dry") == ("Data and pipelines are up to date.", 0)
    assert "skipped." not in repo.check("cairn repro").out
    assert on_terminal(repo, ["repro", "-q"]) == ("", 0)


def test_experiments_that_run(repo):
    """The line names the one that is followed; it keeps off a line of the log that is not whole yet."""
    repo.write({"params.yaml": "n: 0\n",
                "dvc.yaml": "stages:\n  s: {cmd: 'printf half; sleep 0.7; echo -whole; sleep 0.7; cp params.yaml o', params: [n], outs: [o]}\n"})
    repo.check("git add -A && git commit -qm base")
    for number in (1, 2):
        repo.check(f"dvc exp run -q --queue -S n={number} --name e{number}")
    pipe, quiet = repo.copy("pipe"), repo.copy("quiet")
    shown, status = on_terminal(repo, ["exp", "run", "--run-all"])
    drawn = lines(shown)
    assert status == 0 and "half-whole" in shown.replace(WIPE, "")
    assert re.match(r"  0% running 'e1': 0/2 experiments, 0:0\d$", drawn[0])
    assert any(re.match(r" 50% running 'e2': 1/2 experiments, 0:0\d$", line) for line in drawn)
    assert "running 'e" not in "".join(what_stays(shown))
    assert on_terminal(quiet, ["exp", "run", "-q", "--run-all"])[0] == ""
    assert "running 'e" not in pipe.sh("cairn exp run --run-all").err


# ---- over the network


@pytest.fixture
def far(repo, s3):
    """Two large files, one in a directory, and many small ones; 5 MB/s."""
    (repo.repo / "data").mkdir()
    for name, megabytes in (("data/first.bin", 24), ("second.bin", 20)):
        (repo.repo / name).write_bytes(os.urandom(megabytes * MEGABYTE))
    for i in range(20):
        (repo.repo / "data" / f"small{i}").write_text(f"{i}\n")
    repo.check("cairn add -q data second.bin")
    with Faulty(s3.address, plan=[reset(where="request", after=2_000_000, path="partNumber=1", times=2)]) as proxy:
        s3.place(at=proxy.address).configure(repo)
        repo.proxy = proxy
        yield repo


def screen(shown):
    """The lines that a terminal has at the end."""
    rows, row, column = [""], 0, 0
    for token in re.findall(r"\x1b\[\d*[A-Za-z]|[\r\n]|[^\r\n\x1b]+", shown):
        if token == "\r":
            column = 0
        elif token == "\n":
            row, column = row + 1, 0
            rows += [""] * (row == len(rows))
        elif token == "\x1b[K":
            rows[row] = rows[row][:column]
        elif token == "\x1b[J":
            rows[row:] = [rows[row][:column]]
        elif token.endswith("A"):
            row -= int(token[2:-1])
        elif not token.startswith("\x1b"):
            rows[row] = rows[row][:column].ljust(column) + token + rows[row][column + len(token):]
            column += len(token)
    return [r for r in rows if r.strip()]


def counted(shown):
    """The bytes of the total that were shown, in MB"""
    return [float(m) for m in re.findall(r": \d+/\d+ files, ([\d.]+) MB of", shown)]


def test_large_files_have_lines_of_their_own(far):
    shown, status = on_terminal(far, ["push", "--bwlimit", "10M"])
    assert status == 0 and far.proxy.made["reset"] == 2
    assert re.search(r"\r *\d+% pushing: \d+/22 files, [\d.]+ MB of 44\.0 MB, [^\n]*\x1b\[K\n"
                     r" +\d+% data/first\.bin, [\d.]+ MB of 24\.0 MB\x1b\[K\n +\d+% second\.bin, [^\n]* of 20\.0 MB\x1b\[K"
                     r"\x1b\[J\x1b\[2A", shown), shown[-3000:]
    # what was lost and sent again counts once
    assert max(counted(shown)) <= 44.5, counted(shown)
    assert screen(shown) == ["23 files pushed"]
    far.check("rm -rf .dvc/cache data second.bin")
    shown, status = on_terminal(far, ["pull", "--bwlimit", "10M"])
    assert status == 0 and "fetching" in shown and re.search(r" +\d+% data/first\.bin, ", shown)
    # the total is known only if the state still has the sizes, which it has not of files that were added in the tick in
    # which they were written
    assert max(counted(shown), default=0) <= 44.5, counted(shown)


def test_a_file_alone_needs_no_line_of_its_own(far):
    shown, _ = on_terminal(far, ["push", "--bwlimit", "10M", "second.bin"])
    assert "second.bin," not in shown and "0/1 file, " in shown
