"""install, git-hook, and the effect of the hooks in Git."""

import pytest
from harness import case

# each hook first searches the program, which DVC's hooks do not do
HOOKS = "for h in post-checkout pre-commit pre-push; do sed '/^if /,/^fi$/d' .git/hooks/$h; done"
# two branches that both changed files of one tracked directory
BRANCHES = """
    mkdir d && echo 1 > d/one && echo 2 > d/two && dvc add -q d && echo '*.dvc merge=dvc' > .gitattributes
    git add -A && git commit -qm base && git branch other
    {ours}
    dvc add -q d && git commit -qam ours
    git checkout -q other && dvc checkout -q
    {theirs}
    dvc add -q d && git commit -qam theirs
    git checkout -q master && dvc checkout -q
    git show master:d.dvc > our && git show other:d.dvc > their && git show $(git merge-base master other):d.dvc > ancestor
"""
MERGE = "dvc git-hook merge-driver --ancestor ancestor --our our --their their"


def merge(name, ours, theirs, after="", mark=" "):
    case(name, BRANCHES.format(ours=ours, theirs=theirs) + f"  {mark} {MERGE} && cat our\n" + after)


case("install", f"""
    dvc install && {HOOKS}
    dvc status && stat -c %a .git/hooks/pre-push .git/hooks/pre-commit .git/hooks/post-checkout
    dvc status && git config --get-regexp '^merge.dvc'
""")
case("install-twice", f"""
    dvc install
    dvc install
""")
case("install-beside-a-hook", """
    echo 'exit 0' > .git/hooks/pre-push
    dvc install
    dvc status; ls .git/hooks | grep -v sample | grep -v post-merge
    dvc status; git config merge.dvc.driver
""")
case("install-in-subdirectory", f"""
    mkdir sub
    cd sub
    dvc install && tail -n 1 ../.git/hooks/pre-commit
""")
case("install-no-scm", "dvc install", start="noscm")
case("install-outside", "dvc install", start="git")
case("install-pre-commit-tool", """
    dvc install --use-pre-commit-tool
    dvc status; ls .git/hooks | grep -v sample | grep -v post-merge
    dvc status; git config merge.dvc.name
    dvc install --use-pre-commit-tool
""")
case("install-pre-commit-tool-existing", """
    dvc install --use-pre-commit-tool
""", files={".pre-commit-config.yaml": "# ours\nrepos:\n- repo: local\n  hooks:\n  - id: x\n    name: x  # the name\n    entry: x\n    language: system\n"})
case("install-pre-commit-tool-others", "dvc install --use-pre-commit-tool",
     files={".pre-commit-config.yaml": "fail_fast: true\n"})

case("hooks-outside", """
    dvc git-hook pre-commit
    dvc git-hook post-checkout a b 1
    dvc git-hook pre-push
    dvc git-hook merge-driver --ancestor a --our b --their c
""", start="git")
case("hooks-without-arguments", """
  ? dvc git-hook
  ? dvc git-hook nosuch
  ? dvc git-hook merge-driver --our a --their b
""")
case("hook-pre-commit", """
    echo 1 > a && dvc add -q a
    dvc git-hook pre-commit
    echo 2 > a
    dvc git-hook pre-commit
    dvc git-hook pre-commit --  some arguments
""")
case("hook-pre-push", """
    echo 1 > a && dvc add -q a
    dvc git-hook pre-push origin url
    dvc remote add -q -d r ../store
    dvc git-hook pre-push origin url
""")
case("hook-post-checkout", """
    echo 1 > a && dvc add -q a && rm a
    dvc git-hook post-checkout
    dvc git-hook post-checkout old new 0
    mkdir .git/rebase-merge
    dvc git-hook post-checkout old new 1
    rmdir .git/rebase-merge
    dvc git-hook post-checkout old new 1
    rm a
    export PRE_COMMIT_CHECKOUT_TYPE=0
    dvc git-hook post-checkout old new 1
    export PRE_COMMIT_CHECKOUT_TYPE=1
    dvc git-hook post-checkout
""")
case("git-runs-the-hooks", """
    dvc install
    dvc remote add -q -d r ../store && git init -q --bare ../origin.git && git remote add origin ../origin.git
    echo 1 > a && dvc add -q a && git add -A
    git commit -m one; dvc status
    echo 2 > a && dvc add -q a && git commit -qam two; dvc status
    git checkout HEAD~1 2>&1 | tail -1; dvc status
    dvc status; cat a
    git checkout -q master 2>&1; dvc status
    git push -q origin master 2>&1; dvc status -c
    dvc status; cat a
""")

merge("merge-added-on-both-sides", "echo 3 > d/three", "mkdir d/sub && echo 4 > d/sub/four", "    cat .dvc/cache/files/md5/*/*.dir\n")
merge("merge-only-ours", "echo 3 > d/three", "git commit -q --allow-empty -m x; true")
merge("merge-only-theirs", "true; git commit -q --allow-empty -m x", "echo 4 > d/four")
merge("merge-changed-and-added", "echo 3 > d/one", "echo 4 > d/four")
merge("merge-changed-different-files", "echo 3 > d/one", "echo 4 > d/two")
merge("merge-removed-and-added", "rm d/one", "echo 4 > d/four")
merge("merge-removed-different-files", "rm d/one", "rm d/two")
merge("merge-same-change", "echo 3 > d/one", "echo 3 > d/one; echo 4 > d/four")
merge("merge-same-addition", "echo 3 > d/three", "echo 3 > d/three; echo 4 > d/four")
# DVC prints the sentence twice
merge("merge-conflicting-change", "echo 3 > d/one", "echo 4 > d/one", mark="-")
merge("merge-conflicting-addition", "echo 3 > d/three", "echo 4 > d/three", mark="-")
merge("merge-removed-and-changed", "echo 4 > d/one", "rm d/one", mark="-")
merge("merge-missing-files", "echo 3 > d/three", "echo 4 > d/four; rm .dvc/cache/files/md5/48/*")

case("merge-files", f"""
    echo 1 > a && dvc add -q a && cp a.dvc ancestor
    echo 2 > a && dvc add -q a && cp a.dvc our
    echo 3 > a && dvc add -q a && cp a.dvc their
    {MERGE}
    dvc status; cat our
""")
case("merge-other-options", f"""
    mkdir d && echo 1 > d/x && dvc add -q d && cp d.dvc ancestor && cp d.dvc our
    echo 2 > d/y && dvc add -q d && cp d.dvc their && echo '  desc: other' >> their
    {MERGE}
    cp ancestor their && echo '  desc: other' >> our
    {MERGE}
""")
case("merge-imports", f"""
    mkdir d && echo 1 > d/x && dvc add -q d && cp d.dvc ancestor && cp d.dvc our && cp d.dvc their
    printf 'frozen: true\\ndeps:\\n- path: x\\n  repo:\\n    url: ../x\\n' >> our
    {MERGE}
""")
case("merge-two-outs", f"""
    mkdir d && echo 1 > d/x && dvc add -q d && cp d.dvc ancestor && cp d.dvc our && cp d.dvc their
    tail -n +2 d.dvc | sed s/d$/e/ >> their
    {MERGE}
""")
case("merge-empty-versions", f"""
    mkdir d && echo 1 > d/x && dvc add -q d && cp d.dvc their && touch ancestor our
    {MERGE}
    dvc status; cat our
    cp d.dvc our && echo 2 > d/y && dvc add -q d && cp d.dvc their
    {MERGE}
    dvc status; cat our
    cp our ancestor && : > their
    {MERGE}
    dvc status; cat our
""")
case("merge-missing-versions", f"""
    mkdir d && echo 1 > d/x && dvc add -q d && cp d.dvc ancestor && cp d.dvc our
    {MERGE}
    rm ancestor
    {MERGE}
""")
case("merge-comments-kept", f"""
    mkdir d && echo 1 > d/x && dvc add -q d && cp d.dvc ancestor
    echo 2 > d/y && dvc add -q d && (echo '# ours'; cat d.dvc) > our
    rm d/y && echo 3 > d/z && dvc add -q d && cp d.dvc their
    {MERGE}
    dvc status; cat our
""")
case("git-merges-two-branches", """
    dvc install
    mkdir d && echo 1 > d/one && dvc add -q d && echo '*.dvc merge=dvc' > .gitattributes
    git add -A && git commit -qm base && git branch other
    echo 2 > d/two && dvc add -q d && git commit -qam ours
    git checkout -q other
    echo 3 > d/three && dvc add -q d && git commit -qam theirs
    git checkout -q master
    git merge other -m merged && dvc checkout
    dvc status; cat d.dvc; ls d
""", adjust=lambda seen: seen["steps"].pop(7))  # Git's own statistics, and what cairn's post-merge hook checks out


@pytest.mark.live
@pytest.mark.parametrize("installs", ["cairn", "dvc"])
def test_hooks_of_one_run_the_other(two_tools, installs):
    box = two_tools
    first, second = (box.cairn, box.real) if installs == "cairn" else (box.real, box.cairn)
    box.use(first).check("dvc install")
    box.use(second)
    box.write({"d/one": "1\n", ".gitattributes": "*.dvc merge=dvc\n"})
    box.check("dvc add -q d && git add -A && git commit -qm base && git branch other")
    box.write({"d/two": "2\n"})
    box.check("dvc add -q d && git commit -qam ours && git checkout -q other")
    assert not (box.repo / "d/two").exists()
    box.write({"d/three": "3\n"})
    box.check("dvc add -q d && git commit -qam theirs && git checkout -q master && git merge -q other -m both && dvc checkout")
    assert box.check("cat d/one d/two d/three").out == "1\n2\n3\n"
