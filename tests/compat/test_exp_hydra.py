"""exp run with hydra.enabled: params.yaml composed from the files of a configuration, with the overrides of -S."""
from harness import case

PIPELINE = """\
stages:
  run:
    cmd: echo running
    always_changed: true
    params:
    - params.yaml:
"""
MYSQL, PG = "host: my\nport: 3306\n", "host: pg\nport: 5432\n"
DB = {"conf/db/mysql.yaml": MYSQL, "conf/db/pg.yaml": PG}
BASE = "    dvc config hydra.enabled true\n    git add -A && git commit -qm base\n"


def compose(name, config, script, files=DB, **options):
    """One script after the configuration is committed. What is composed stands at the end of the record."""
    case("hydra-" + name, BASE + script, files={"dvc.yaml": PIPELINE, "conf/config.yaml": config, **files}, **options)


def run(name, config, words="", files=DB, mark="   "):
    compose(name, config, f" {mark}dvc exp run -q -n one {words}\n", files)


PLAIN = "defaults:\n- _self_\n- db: mysql\n\nlr: 0.1\n"

# when and where it is composed
compose("composes-without-overrides", PLAIN, "    dvc exp run -n one\n    cat params.yaml\n")
compose("replaces-params", PLAIN, "    echo 'old: 1' > params.yaml\n    dvc exp run -q -n one\n")
compose("no-hydra-edits", PLAIN, "    echo 'old: 1' > params.yaml\n    dvc exp run -q --no-hydra -n one -S old=2\n")
compose("temp", PLAIN, "    dvc exp run -q --temp -n one -S lr=5\n  - dvc exp apply one\n")
compose("failed-run-keeps-it", PLAIN, "    echo 'old: 1' > params.yaml; git add .; git commit -qm old\n    sed -i 's/echo running/echo bad; false/' dvc.yaml\n  ? dvc exp run -n one -S lr=5\n")
compose("other-files-are-edited", PLAIN, "    echo 'a: 1  # one' > other.yaml; git add .; git commit -qm other\n"
        "    dvc exp run -q -n one -S other.yaml:a=2 -S lr=3\n")
compose("other-file-alone", PLAIN, "    echo 'a: 1' > other.yaml; git add .; git commit -qm other\n    dvc exp run -q -n one -S other.yaml:a=2\n")
compose("disabled", PLAIN, "    dvc config hydra.enabled false\n    echo 'old: 1' > params.yaml\n    dvc exp run -q -n one -S old=2\n")
compose("config-name", "a: 1\n", "    dvc config hydra.config_name main\n    dvc exp run -q -n one\n", {"conf/main.yaml": "main: true\n"})
compose("config-dir", "a: 1\n", "    dvc config hydra.config_dir settings/x\n    dvc exp run -q -n one\n", {"settings/x/config.yaml": "other: dir\n"})
compose("config-module", "a: 1\n", "    dvc config hydra.config_module pkg.conf\n    export PYTHONPATH=.\n    export PYTHONDONTWRITEBYTECODE=1\n    dvc exp run -q -n one -S x=2\n",
        {"pkg/__init__.py": "", "pkg/conf/__init__.py": "", "pkg/conf/config.yaml": "x: 1\n"})
compose("config-module-missing", "a: 1\n", "    dvc config hydra.config_module nosuch.conf\n    dvc exp run -q -n one\n", {})
compose("plugins-path", PLAIN, "    dvc config hydra.plugins_path plugins; mkdir plugins\n    dvc exp run -q -n one\n")
compose("no-config-dir", "a: 1\n", "    git rm -rq conf; rm -rf conf\n    dvc exp run -q -n one\n", {})
compose("no-primary", "a: 1\n", "    dvc config hydra.config_name nosuch\n    dvc exp run -q -n one\n", {})

# groups and their order
run("self-last", "defaults:\n- db: mysql\n- _self_\n\ndb:\n  host: own\n")
run("self-first", "defaults:\n- _self_\n- db: mysql\n\ndb:\n  host: own\n")
run("self-missing", "defaults:\n- db: mysql\n\ndb:\n  host: own\n", mark=" - ")
run("list-of-choices", "defaults:\n- _self_\n- db: [mysql, extra]\n", files={**DB, "conf/db/extra.yaml": "port: 1\nuser: me\n"})
run("optional-missing", "defaults:\n- _self_\n- optional db: nosuch\n\na: 1\n")
run("null-choice", "defaults:\n- _self_\n- db: null\n\na: 1\n")
run("nested-groups", "defaults:\n- _self_\n- model: net\n",
    files={"conf/model/net.yaml": "defaults:\n- opt: adam\n- _self_\nlayers: 2\n", "conf/model/opt/adam.yaml": "beta: 0.9\n"})
run("absolute-group", "defaults:\n- _self_\n- model: net\n", files={**DB, "conf/model/net.yaml": "defaults:\n- /db: pg\n- _self_\nlayers: 2\n"})
run("override-of-nested", "defaults:\n- _self_\n- model: net\n- override model/opt: sgd\n",
    files={"conf/model/net.yaml": "defaults:\n- opt: adam\n", "conf/model/opt/adam.yaml": "name: adam\n", "conf/model/opt/sgd.yaml": "name: sgd\n"})
run("config-in-list", "defaults:\n- base\n- db/pg\n- _self_\n\na: 2\n", files={**DB, "conf/base.yaml": "a: 1\nb: 1\n"})
run("interpolated-choice", "defaults:\n- _self_\n- db: pg\n- table: ${db}_default\n", files={**DB, "conf/table/pg_default.yaml": "size: 3\n"})
run("hydra-groups", "defaults:\n- _self_\n- override hydra/job_logging: none\n\nhydra:\n  run:\n    dir: out\na: 1\n")

# packages
run("package-of-item", "defaults:\n- _self_\n- db@source: mysql\n- db@target: pg\n")
run("package-global", "defaults:\n- _self_\n- db@_global_: pg\n")
run("package-header", "defaults:\n- _self_\n- db: own\n", files={"conf/db/own.yaml": "# @package storage.main\nhost: x\n"})
run("package-header-global", "defaults:\n- _self_\n- db: own\n", files={"conf/db/own.yaml": "# @package _global_\nhost: x\n"})
run("package-here", "defaults:\n- _self_\n- model: net\n",
    files={"conf/model/net.yaml": "defaults:\n- opt@_here_: adam\n- _self_\nlayers: 2\n", "conf/model/opt/adam.yaml": "beta: 0.9\n"})
run("package-group", "defaults:\n- _self_\n- db@_group_.main: pg\n")

# overrides
run("choose-group", PLAIN, "-S db=pg")
run("choose-list", "defaults:\n- _self_\n- db: mysql\n", "-S 'db=[mysql,extra]'", files={**DB, "conf/db/extra.yaml": "port: 1\n"})
run("append-group", "a: 1\n", "-S +db=pg", mark=" - ")
run("append-group-to-package", "defaults:\n- _self_\na: 1\n", "-S +db@p.q=pg")
run("delete-group", PLAIN, "-S '~db'")
run("choose-packaged", "defaults:\n- _self_\n- db@src: mysql\n", "-S db@src=pg")
run("change-values", PLAIN, "-S lr=1e-3 -S db.port=1 -S +new.key=[1,two] -S ++lr2=x -S '~db.host'")
run("group-and-value", PLAIN, "-S db=pg -S db.port=1")
run("merge-dict", PLAIN, "-S 'db={port:7}' -S '+db={user:me}'")
run("interpolation-as-value", PLAIN, "-S 'lr=${db.port}'")

# interpolations and types
run("interpolations", "a: 1\nb: ${a}\nc: x${a}y\nd:\n  e: ${a}\n  f: ${.e}\n  g:\n    h: ${..e}\nl: [1, 2]\ni: ${l[0]}\nj: ${l.1}\n"
    "k: ${d}\nm: ${${n}}\nn: a\no: \\${a}\n", files={})
compose("resolvers", "a: {x: 1, y: two}\nenv: ${oc.env:HYDRA_TEST}\nnone: ${oc.env:NOSUCH_VARIABLE,dflt}\ndec: ${oc.decode:'5'}\n"
        "sel: ${oc.select:nosuch,7}\nkeys: ${oc.dict.keys:a}\nvals: ${oc.dict.values:a}\nmade: '${oc.create:{b: [1, 2]}}'\n",
        "    export HYDRA_TEST=set\n    dvc exp run -q -n one\n", {})
run("missing-value-stays", "a: ???\nb: ${a}\n", files={})
run("types", "on it: yes\noff it: off\noctal: 010\nfloat: 1e5\ntiny: 1e-10\nsixty: 1:30\nday: 2020-01-02\nnone: ~\nquoted: '1'\nquoted2: 'yes'\nempty: {}\nlist: []\n"
    "big: 123456789012345678901234567890\ninf: .inf\nkey words: a\n", files={})
run("long-texts", "long: " + "some words that go on and on " * 6 + "\nquoted: 'it''s: " + "a quoted text with many words " * 5 + "'\nlines: |\n  one\n  two\n"
    "control: \"bell \\x07\"\nsnow: ☃\nhash: 'a #b'\ncolon: 'a: b'\ndash: '- a'\n", files={})

# the queue
compose("queue", PLAIN, "    dvc exp run --queue -n one\n    dvc exp run --queue -n two -S db=pg\n")
compose("queue-sweep-of-groups", PLAIN, "    dvc exp run --queue -n sw -S db=mysql,pg -S lr=1,2\n    git show refs/exps/celery/stash:params.yaml\n")
compose("sweep-needs-queue", PLAIN, "    dvc exp run -n one -S db=mysql,pg\n", {})
compose("queue-glob", PLAIN, "    dvc exp run --queue -n one -S 'db=glob(*)'\n", {})
compose("queue-interval", PLAIN, "    dvc exp run --queue -n one -S 'lr=interval(0,1)'\n", {})

# errors
run("unknown-choice", PLAIN, "-S db=nosuch")
run("unknown-key", PLAIN, "-S nosuch=1")
run("unknown-nested-key", PLAIN, "-S db.nosuch=1")
run("unknown-group-in-list", "defaults:\n- _self_\n- nogroup: x\n")
run("unknown-config-in-list", "defaults:\n- _self_\n- nosuch\n")
run("missing-choice", "defaults:\n- _self_\n- db: ???\n")
run("missing-choice-made", "defaults:\n- _self_\n- db: ???\n", "-S db=pg")
run("append-existing", PLAIN, "-S +lr=1")
run("delete-unknown", PLAIN, "-S '~nosuch'")
run("delete-other-choice", PLAIN, "-S '~db=pg'")
run("override-not-in-list", "defaults:\n- _self_\na: 1\n", "-S db=pg")
run("override-other-package", "defaults:\n- _self_\n- db@src: mysql\n", "-S db=pg")
run("override-in-file-unused", "defaults:\n- _self_\n- override db: pg\n")
run("override-before-others", "defaults:\n- override db: pg\n- db: mysql\n- _self_\n")
run("twice", "defaults:\n- _self_\n- db: mysql\n- db: pg\n")
run("duplicate-self", "defaults:\n- _self_\n- db: mysql\n- _self_\n")
run("interpolation-unknown", "a: ${nosuch}\n", files={})
run("interpolation-cycle", "a: ${b}\nb: ${a}\n", files={})
run("interpolated-choice-unknown", "defaults:\n- _self_\n- db: ${nosuch}\n")
run("resolver-unknown", "a: ${custom:1}\n", files={})
run("env-unset", "a: ${oc.env:NOSUCH_VARIABLE}\n", files={})
run("not-a-list", "defaults: {db: mysql}\n")
run("kinds-differ", "defaults:\n- _self_\n- db: list\n\ndb: {a: 1}\n", files={"conf/db/list.yaml": "[1, 2]\n"})
run("value-of-group", PLAIN, "-S db=5")
run("force-add-group", PLAIN, "-S ++db=pg")
