"""Random overrides in Hydra's grammar, valid and broken, and what Hydra's parser says about them."""

ATOMS = ["1", "-1", "+1", "0", "010", "1_000", "1__0", "0x1F", "0.5", ".5", "5.", "1e3", "1e-3", "1E+5", "inf", "-inf", "nan", "NaN",
         "true", "False", "TRUE", "null", "NULL", "abc", "a_b", "a-b", "-a", "a.b", "a/b", "/abs/p", "x:y", "x: y", "a@b", "@x", "a=b",
         "a$b", "$x", "%s", "*.txt", "a*", "?", "a|b", "a+b", "\\\\", "a\\,b", "a\\=b", "\\(x\\)", "\\[", "a\\ b", "\\ ", "\\:", "\\x",
         "a\\", "a b", " a ", "a  b", "\ta", "é", "日本", "#", "a#b", "~", "!", "a;b", "<", "&", "^", "`", "${x}", "${a.b}", "${oc.env:H}",
         "x${y}z", "${", "${}", "$", "1 2", "true false", "1a", "1.5.2", "2020-01-02", "12:30", "", " ", "nulls", "truex", "infx", "1e", "e1"]
QUOTED = ["''", '""', "'a b'", '"a b"', "'it\\'s'", '"q\\"q"', "'a\\\\'", "'a\\\\\\'b'", "'\\n'", '"1"', "'1'", "'${x}'", "'a,b'", "'[x]'",
          "'{a:1}'", "'a'b", "a'b'", "'a", '"a', "'a\\'", "'\\\\'", '"\'"', "' '", "'é'", "'a' 'b'", "'\\\\\\\\'", "'x=y'", '"\\\\x"']
KEYS = ["a", "a.b", "a.0", "a.b.c", "db", "db/x", "db/x/y", "hydra/launcher", "db@p", "db@p.q", "db@p:q", "db/x@p", "db@", "@p", "", "a-b", "a_b",
        "$a", "a$b", "$a.b", "0", "0.1", "a.", ".a", "a..b", "a/", "/a", "a b", "a.b@c", "_x", "-x", "1a", "é", "a:b", "a[0]", "a@b@c", "db@_global_",
        "a.1b", "a.-b", "x.010", "db/x.y", "A1", "db@:x", "db@p/q"]
FUNCTIONS = ["int", "float", "str", "bool", "choice", "range", "interval", "glob", "sort", "shuffle", "tag", "foo", "json_str", "extend_list"]


def blank(r):
    return r.choice(["", "", "", "", " ", "  "])


def atom(r):
    return r.choice(QUOTED) if r.random() < 0.2 else r.choice(ATOMS)


def sane(r):
    """A plain value, for arguments of functions."""
    return r.choice(["1", "2", "10", "-3", "0.5", "2.5", "1e1", "true", "a", "b", "'x y'", "null", "[1,2]", "[]", "{a:1}", "'3'", "abc", "${x}"])


def call(r, depth):
    name = r.choice(FUNCTIONS)
    inner = element(r, depth + 1) if r.random() < 0.3 else sane(r)
    forms = {
        "range": ["1,4", "4", "0,1,0.25", "5,0,-2", "start=1,stop=4", "stop=3,start=1", "1,stop=5,step=2", "step=2,start=1", "1,4,0", "a,b",
                  "1,2,3,4", "", "1.5,3", "start=1", "1,10,3", "0,-1", "1,4,step=1", "1,4,nope=1", "true,3", "null", "'1',2", "1,null"],
        "interval": ["0,1", "1", "0.5,2.5", "start=0,end=1", "a,b", "0,1,2", "", "end=1,start=0", "1,end=2", "true,2"],
        "glob": ["*", "[a*,b]", "*,exclude=b*", "include=*,exclude=[a]", "[*,1]", "1", "", "*,b,c", "'a*'", "exclude=a", "include=a*", "{a:1}"],
        "choice": ["a,b", "1", "", "[1,2],{a:1}", "choice(a,b)", "a,b,c=1", "'a','b c'", "null,1", "list=[a]", "range(1,2)", "1,2.5,true"],
        "sort": ["3,1,2", "c,a,b", "[3,1,2]", "3,1,2,reverse=true", "choice(3,1,2)", "range(1,4)", "range(4,1,-1)", "", "1", "1,a",
                 "list=[2,1]", "sweep=choice(2,1)", "range(1,5),reverse=true", "1,true,0.5", "[b,a],reverse=true", "a", "reverse=true", "'b','a'",
                 "[[2],[1]]", "list=[2,1],reverse=true", "1,2,reverse=5", "range(1,5,2),reverse=true", "[1,null]", "{a:1}", "choice(a,1)", "'b',a"],
        "shuffle": ["a,b", "range(1,4)", "choice(a,b)", "[1]", "1", "list=[1]", "sweep=choice(a,b)", "", "interval(0,1)"],
        "tag": ["t,choice(a,b)", "choice(a,b)", "t,u,range(1,3)", "t", "", "1,choice(a,b)", "t,interval(0,1)", "t,sweep=choice(a,b)", "'t',choice(a)",
                "sweep=choice(a,b)", "t,a"],
    }
    if name in forms and (r.random() < 0.7 or name == "shuffle"):  # (a list is shuffled at once)
        args = r.choice(forms[name])
    elif r.random() < 0.6:
        args = ",".join(sane(r) for _ in range(r.choice([1, 1, 1, 2, 3])))
    else:
        args = r.choice(["", inner, f"{inner},{inner}", f"value={sane(r)}", f"{inner},value=1", "choice(1,2)", "range(1,3)", "interval(1,2)",
                         "1,2,3", "[1,'2',3.5]", "{a:1,b:2}", f"x={inner}", f"{inner},", f",{inner}", "'1_000'", "' 5 '", "5.7", "'inf'", "'0x1'",
                         "1_0", "'1e3'", "'True'", "'yes'", "[[1],[2]]", "{a:{b:1}}", "glob(*)", "choice(a,b)", "-0.5", "nan", "inf", "''", "1e30"])
    return f"{name}{blank(r)}({blank(r)}{args}{blank(r)}{')' if r.random() < 0.97 else ''}"


def element(r, depth=0):
    kind = r.random()
    if kind < 0.55 or depth > 3:
        return atom(r)
    if kind < 0.7:
        items = f"{blank(r)},{blank(r)}".join(element(r, depth + 1) for _ in range(r.randint(0, 3)))
        return f"[{blank(r)}{items}{blank(r)}{']' if r.random() < 0.95 else ''}"
    if kind < 0.82:
        keys = r.sample(["a", "b", "1", "null", "true", "1.5", "a b", "x-y", "a.b", "'q'", "a:b"], r.randint(0, 3))
        pairs = f"{blank(r)},{blank(r)}".join(f"{key}{blank(r)}:{blank(r)}{element(r, depth + 1)}" for key in keys)
        return f"{{{blank(r)}{pairs}{blank(r)}{'}' if r.random() < 0.95 else ''}"
    return call(r, depth)


def override(r):
    sign = r.choice(["", "", "", "+", "++", "~", "+++", "~~", " "]) if r.random() < 0.5 else ""
    key = r.choice(KEYS) if r.random() < 0.6 else "a"
    if r.random() < 0.05:
        return sign + key
    value = ",".join(element(r) for _ in range(1 if r.random() < 0.8 else r.randint(2, 4)))
    return f"{sign}{key}{r.choice(['=', '=', '=', '= ', ' =']) if r.random() < 0.3 else '='}{value}"


def described(text):
    """What Hydra's parser reads: "CHANGE key@package ELEMENT value"."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.core.override_parser.types import ChoiceSweep, Override, RangeSweep

    o = OverridesParser.create().parse_overrides([text])[0]
    kind = o.value_type.name if o.value_type else "NONE"
    kind = {"SIMPLE_CHOICE_SWEEP": "CHOICE"}.get(kind, kind).replace("_CHOICE_SWEEP", "").replace("_SWEEP", "")
    value = o._value
    nested = repr(value.list if isinstance(value, ChoiceSweep) else value)
    if kind in ("CHOICE", "ELEMENT") and ("Sweep(" in nested or "Glob(" in nested):
        raise ValueError("a sweep inside of a value: OmegaConf refuses it when it is used")
    shown = ""
    if isinstance(value, ChoiceSweep):
        shown = repr([Override._convert_value(x) for x in value.list]) + (" simple" if value.simple_form else "") + (" shuffle" if value.shuffle else "")
    elif isinstance(value, RangeSweep):
        shown = f"{value.start!r} {value.stop!r} {value.step!r}" + (" shuffle" if value.shuffle else "")
    elif kind == "ELEMENT":
        shown = repr(Override._convert_value(value))
    package = "" if o.package is None else f"@{o.package}"
    return f"{o.type.name} {o.key_or_group}{package} {kind} {shown}".rstrip()
