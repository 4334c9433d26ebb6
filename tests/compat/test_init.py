from harness import case

case("init", "dvc init", start="git")
case("init-quiet", "dvc init -q", start="git")
case("init-no-scm", "dvc init --no-scm", start="empty")
case("init-without-git", "dvc init", start="empty")
case("init-twice", "dvc init", start="dvc")
case("init-force", """
    echo hello > a.txt
    dvc add -q a.txt
    dvc config core.autostage true
    dvc init -f
""", values=())
case("init-subdir", """
    mkdir sub
    cd sub
    dvc init --subdir
    dvc root
    cd ..
    dvc root
""", start="git")
case("init-subdir-needed", """
    mkdir sub
    cd sub
    dvc init
""", start="git")
case("root", """
    mkdir -p a/b
    dvc root
    cd a/b
    dvc root
""")
case("not-a-repo", """
    dvc root
    dvc status
    dvc add x
""", start="empty")
case("cd-option", """
    mkdir d
    dvc --cd d root
    dvc --cd nowhere root
""")
case("version", """
    dvc --version
    dvc -V
""")
case("usage-errors", """
  ? dvc nosuch
    dvc status --nosuch
    dvc add
    dvc remote
    dvc init a b
""")
case("abbreviated-long-options", """
    echo 1 > a
    dvc add -q a
    dvc status --js
    dvc status --jso -q
    dvc add --no-com a
""")
# -q hides errors, too; requested output is still printed
case("quiet-errors", """
    dvc checkout -q nosuch
    dvc add -q nosuch
    dvc repro -q nosuch
    dvc config -q core.nope 1
    dvc metrics show -q nosuch.json
    dvc root -q
    dvc fetch -q
    dvc diff -q nosuch
""")
