"""Random configuration trees for Hydra, with overrides: what `exp run` composes."""

GROUPS = ["db", "model", "model/opt", "deep/er"]
NAMES = ["a", "b", "c"]
KEYS = ["x", "y", "name", "host", "sub", "k1"]
PACKAGES = ["_global_", "_here_", "_group_", "_name_", "p", "p.q", "_global_.p", "_group_.z", "db", "_here_.w"]
HEADERS = ["_global_", "_group_", "p", "p.q", "db.x", "_global_.g", "foo bar", "_name_"]
SCALARS = ["1", "-2", "0.5", "1e-3", "1e5", "true", "no", "null", "~", "text", "'quoted'", '"1"', "'1e3'", "010", "0x1F",
           "1_000", "12:30", "2020-01-02", "'2020-01-02'", "'yes'", "y", "???", ".inf", ".nan", "two words", "é", "'a: b'",
           "'# no'", "''", '"a\\nb"', "[]", "{}", "!!str 5", "'~'", "'null'", "1.", "+1", "0b11", "'it''s'", "'[x]'", "'-'",
           "'nan'", "'1_0'", "'- a'", "'a #b'", "'%x'", "1e400", "123456789012345678901234567890", "'0o7'", "0o7", "08",
           "'" + "long words " * 12 + "'", "'x" + "y" * 90 + "'", '"tab\\tx"', '"\\x07 bell"', "'trail '", "'='", "'<<'", "1:30.5"]
INTERPOLATIONS = ["${x}", "${db.x}", "${.y}", "${..x}", "${name}", "a${x}b", "${db.sub.x}", "\\${x}", "\\\\${x}", "${model}",
                  "${oc.env:HYDRA_CASE}", "${oc.env:NO_SUCH_X,dflt}", "${oc.env:NO_SUCH_X,null}", "${oc.env:NO_SUCH_X}",
                  "${oc.decode:'[1,2]'}", "${oc.decode:'1e3'}", "${oc.create:{a:1,b:[x,y]}}", "${oc.select:x}",
                  "${oc.select:nope,5}", "${oc.select:nope}", "${oc.dict.keys:db}", "${oc.dict.values:db}", "${list[0]}",
                  "${list.1}", "${db[x]}", "${${name}}", "${db.${name}}", "${oc.deprecated:x}", "${nosuch}", "${nosuch:1}",
                  "${hydra:run.dir}", "${x", "${}", "${list}", "${sub}", "${x}${y}", "${oc.create:${db}}",
                  "${oc.decode:${x}}", "${oc.env:HYDRA_CASE,\"a b\"}", "x ${oc.select:db.x, 'd'} y", "${oc.create:[${x},2]}",
                  "${.sub.x}", "${model.opt.x}", "${p.x}", "${oc.decode:\"${oc.env:HYDRA_CASE}\"}", "$x", "${ x }", "${hydra.run.dir}",
                  "${oc.select:.x}", "${oc.select:..x,1}", "${oc.dict.keys:.sub}", "${oc.dict.values:.sub}", "${db}"]

# in a tame case nearly everything is valid; a wild one shows how errors are found
SAFE = ["${anchor.x}", "${anchor.sub.y}", "${anchor.sub}", "a${anchor.x}b", "\\${x}", "\\\\${anchor.x}", "${oc.env:HYDRA_CASE}",
        "${oc.env:NO_SUCH_X,dflt}", "${oc.env:NO_SUCH_X,null}", "${oc.decode:'1e3'}", "${oc.create:{a:1,b:[x,y]}}",
        "${oc.select:nope,5}", "${oc.select:nope}", "${oc.dict.keys:anchor}", "${oc.dict.values:anchor}", "${anchor.list[0]}",
        "${anchor.list.1}", "${anchor[x]}", "${${anchor.name}}", "${anchor.${anchor.sub.key}}", "${anchor.inner}", "${anchor.up}",
        "${oc.deprecated:anchor.x}", "${anchor.x}${anchor.list}", "${oc.create:${anchor.sub}}", "${oc.decode:${anchor.name}}", "$x",
        "${oc.env:HYDRA_CASE,\"a b\"}", "x ${oc.select:anchor.x, 'd'} y", "${oc.create:[${anchor.x},2]}", "${ anchor.x }",
        "${oc.decode:\"${oc.env:HYDRA_CASE}\"}", "${anchor.miss}", "m${anchor.miss}", "${anchor}", "${oc.select:anchor.sub}",
        "${oc.create:'a: 1'}", "${oc.dict.values:anchor.sub}", "${oc.decode:null}", "${oc.select:anchor.miss,d}"]
ANCHOR = """\
anchor:
  x: 7
  name: anchor.x
  list: [one, {two: 2}]
  sub: {y: [1, 2], key: x}
  inner: ${.sub.key}
  up: ${..anchor.x}
  miss: ???
""".splitlines()


def scalar(r):
    if r.random() < 0.22:
        text = r.choice(INTERPOLATIONS if r.wild else SAFE)
        return "'" + text.replace("'", "''") + "'"
    return r.choice(SCALARS)


def body(r, depth=0, indent=""):
    """Lines of a mapping."""
    lines, keys = [], list(KEYS + (["list", "db", "model", "p"] if not depth else []))
    r.shuffle(keys)
    for key in keys[:r.randint(0, 5)]:
        if r.random() < (0.04 if r.wild else 0.01):
            key = r.choice(["1", "true", "1.5", *(["null"] if r.wild else []), "'q k'", "a.b", "'10'", "''", "yes"])
        kind = r.random()
        if key in ("sub", "db", "model", "p") and (kind < 0.75 or not r.wild) or (kind < 0.12 and r.wild):
            below = body(r, depth + 1, indent + "  ") if depth < 3 else []
            lines += [f"{indent}{key}:", *below] if below else [f"{indent}{key}: {{}}"]
        elif key == "list" or (kind < 0.25 and r.wild):
            if r.random() < 0.5:
                lines.append(f"{indent}{key}: [{', '.join(r.choice(['1', 'a', 'null', 'x y', '[2]', '{m: 1}']) for _ in range(r.randint(0, 3)))}]")
            else:
                lines += [f"{indent}{key}:", *[f"{indent}- {scalar(r)}" for _ in range(r.randint(1, 3))]]
        else:
            lines.append(f"{indent}{key}: {scalar(r)}")
    return lines


def item(r, here):
    """One line of a defaults list in a file of the group `here`."""
    group = r.choice(GROUPS) if r.wild or not r.left else r.left.pop()
    if here and r.random() < 0.75:
        group = r.choice(["opt", "/db", "/model", "/deep/er", "er"])
    elif r.random() < 0.08:
        group = "/" + group
    package = f"@{r.choice(PACKAGES)}" if r.random() < 0.25 else ""
    keyword = r.choice(["", "", "", "", "", "", "optional ", "override ", "override /"]) if r.random() < 0.5 else ""
    if keyword.endswith("/") and group.startswith("/"):
        keyword = "override "
    if here and not r.wild:
        group = {"model": "opt"}.get(here, "/deep/er")
        keyword = "optional " if keyword == "optional " else ""
    if keyword.startswith("override") and not r.wild:
        group, package, keyword = r.choice(["db", "model"]), "", "optional "
    name = r.choice(NAMES) if not r.wild or r.random() < 0.9 else r.choice(["nosuch", "null", "???", "5"])
    kind = r.random()
    if kind < 0.12:
        return f"- {r.choice(NAMES)}{package}" if here and r.random() < 0.5 else f"- {group}/{name}{package}"
    if kind < 0.16:
        return "- base" if not here else "- /deep/er/a"
    if kind < 0.24:
        return f"- {keyword}{group}{package}: [{', '.join(r.sample(NAMES, r.randint(0, 2)))}]"
    if kind < 0.32:
        return f"- {keyword}{group}{package}: {r.choice(['${db}', '${model}', 'x_${db}', '${nope}', '${db@p}', '${model/opt}', '${db}'] if r.wild else ['a', 'b', '${db}' if r.has_db else 'c'])}"
    if kind < 0.34 and r.wild:
        return r.choice(["- 5", "- null", "- [a]", "- {a: 1, b: 2}", "- _self_@p", "- db: 5", "- db: {a: 1}", "- ''"])
    return f"- {keyword}{group}{package}: {name}"


def defaults(r, here):
    r.left = r.sample(GROUPS, len(GROUPS))
    r.has_db = False
    if r.random() < 0.02 and r.wild:
        return [r.choice(["defaults: {}", "defaults: null", "defaults: []", "defaults: x"])]
    items = [item(r, here) for _ in range(r.randint(1, 2 if here else 4))]
    if r.random() < 0.7:
        items.insert(r.randint(0, len(items)), "- _self_")
    if r.random() < 0.9:  # overrides belong to the end
        items.sort(key=lambda line: "override " in line)
    return ["defaults:", *items]


def config(r, here, lists):
    lines = []
    if here and r.random() < 0.12:
        lines.append(f"# @package {r.choice(HEADERS)}")
    if r.random() < lists:
        lines += defaults(r, here)
    lines += body(r)
    if r.random() < 0.01 and r.wild:
        lines = r.choice([["[1, 2]"], ["text"], ["5"], ["a: 1", "a: 2"], ["a: [1"], ["a: &x {b: 1}", "c:", "  <<: *x", "  d: 2"]])
    return "\n".join(lines) + "\n" if lines else ""


def own(r):
    """Hydra's own settings in the primary configuration."""
    if r.random() < 0.8:
        return []
    good = ["hydra: {run: {dir: x}}", "hydra: {job: {name: x, config: {override_dirname: {kv_sep: ':'}}}}", "hydra: {job_logging: {x: 1}}",
            "hydra: {callbacks: {x: {y: 1}}}", "hydra: {output_subdir: null, verbose: [a]}", "hydra: {searchpath: [nosuch]}"]
    return [r.choice(good + (["hydra: {nosuch: 1}", "hydra: {run: {nosuch: 1}}", "hydra: 5", "hydra: {job: {config: {x: 1}}}"] if r.wild else []))]


def override(r):
    kind = r.random() + (0.15 if not r.wild else 0)
    group = r.choice(["db", "model", "model/opt", "deep/er"])
    if kind < 0.3:
        name = r.choice(NAMES + (["a", "nosuch", "[a,b]", "null", "5", "[]"] if r.wild else ["[a,b]"]))
        package = f"@{r.choice(['p', '_global_', 'p.q', 'db'])}" if r.random() < 0.2 else ""
        return f"{r.choice(['', '', '+', '~', '++'] if r.wild else [''])}{group}{package}={name}"
    if kind < 0.36 and r.wild:
        return f"~{group}"
    if kind < 0.4:
        return r.choice(["hydra.run.dir=x", "hydra/launcher=basic", "hydra/job_logging=none", "hydra.verbose=true", "hydra/launcher=nosuch",
                         "hydra.nosuch=1", "+hydra.nosuch=1", "hydra.run.nosuch=1", "hydra.job.name=x", "hydra.sweep.subdir=y"][:None if r.wild else 4])
    key = r.choice(KEYS + ["db.x", "db.sub.x", "model.opt.x", "list", "list.0", "db", "p.x", "new.key", "sub.x", "sub"])
    value = r.choice(["1", "0.5", "abc", "null", "true", "[1,2]", "{z:1}", "'q'", "", "${anchor.x}", "a b", *(["${db.x}", "${x}"] if r.wild else []), "1e-3", "???", "{x:2}"])
    sign = r.choice(["", "", "", "+", "++", "++"] if r.wild else ["++"])
    return f"{sign}{key}={value}" if r.random() < 0.9 or not r.wild else f"~{key}"


def case(r):
    """({path: text}, name of the primary configuration, overrides)"""
    lists = r.choice([0, 0.2, 0.4])
    r.wild = r.random() < 0.35
    files = {"config.yaml": "\n".join([*config(r, "", 0.85).splitlines(), *ANCHOR, *own(r), ""]), "base.yaml": config(r, "", 0.05 if r.wild else 0)}
    for group in GROUPS:
        for name in NAMES:
            if not r.wild or r.random() < 0.93:
                # few lists that contain each other: they cost much and show little
                leaf = group in ("model/opt", "deep/er") and (not r.wild or r.random() < 0.9)
                files[f"{group}/{name}.yaml"] = config(r, group, 0 if leaf else lists)
    files["db/x_a.yaml"] = config(r, "db", 0)
    name = "config" if r.random() < 0.98 else r.choice(["nosuch", "db/a", "config.yaml"])
    return files, name, [override(r) for _ in range(r.choice([0, 0, 1, 1, 2, 3]))]
