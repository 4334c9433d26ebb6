"""Random texts, trees, overrides and tables: cairn's readers and writers compared with the Python libraries that DVC
uses."""

import csv
import io
import json
import random
import tomllib
import warnings

import pytest

pytestmark = pytest.mark.live
SEED = 20261123


def compare(cases, answers, expected):
    wrong = [(c, e, a) for c, e, a in zip(cases, expected, answers) if a != e]
    assert not wrong, f"{len(wrong)} of {len(cases)} differ; the first: {wrong[0]!r}"


def as_error(function, *args):
    """The result of a function, or {"error": its message with those of its causes}."""
    try:
        return function(*args)
    except Exception as e:  # noqa: BLE001
        parts = []
        while e is not None:
            parts.append(str(e))
            e = e.__cause__
        return {"error": ": ".join(parts)}


# without U+0085: ruamel.yaml writes it unquoted and reads it as a space, so cairn quotes it
PIECES = ["a", "word", "x" * 30, "y" * 90, " ", "  ", "'", '"', ":", ": ", " #", "#", "-", "- ", "\n", "\t", "\\", "é",
          "😀", "\u2028", "\x07", "\ufeff", "{", "]", ",", "?", "!", "&", "*", "|", ">", "%", "@", "=", "<<",
          "~", "null", "1", "0x1F", "1e5", ".5", "2020-01-02", "...", "---", "\xa0", "\x7f", "\r"]
SCALARS = ["010", "1_000", "1.", ".inf", "+1", "true", "FALSE", "12:30:45", "yes", "", "-_1", "0b2", "+.5", "2020-1-2"]


def some_text(r):
    kind = r.random()
    if kind < 0.3:
        return "".join(r.choice(PIECES) for _ in range(r.randint(0, 6)))
    if kind < 0.6:
        words = ["ab", "it's", 'say "hi"', "a:b", "x\ny", "tab\tx", "é☃", "k" * r.randint(1, 60)]
        return " ".join(r.choice(words) for _ in range(r.randint(1, 30)))
    if kind < 0.85:
        return "".join(r.choice(PIECES) for _ in range(r.randint(0, 60)))
    return r.choice(SCALARS)


def some_tree(r, depth):
    kind = r.random()
    if depth <= 0 or kind < 0.5:
        return some_text(r)
    if kind < 0.6:
        return r.choice([None, True, False, 0, -1, 10**30, 1.5, 1e-5, 1e16, float("inf"), 3.0])
    if kind < 0.8:
        return [some_tree(r, depth - 1) for _ in range(r.randint(0, 4))]
    return {some_text(r): some_tree(r, depth - 1) for _ in range(r.randint(0, 4))}


def test_yaml_dumper(tool):
    from dvc.utils.serialize._yaml import dumps_yaml

    from ruamel.yaml import YAML

    def broken_key(text):  # ruamel.yaml also folds keys, and cannot read the result
        return as_error(lambda: YAML(typ="safe", pure=True).load(text) and None) is not None

    r = random.Random(SEED)
    cases = [some_tree(r, r.randint(0, 5)) for _ in range(1500)]
    expected = [dumps_yaml(c) for c in cases]
    answers = tool("texttool", ["emit"], cases)
    fine = [a == e or not broken_key(e) for a, e in zip(answers, expected)]
    assert sum(fine) > 1400
    compare(*([x for x, ok in zip(xs, fine) if ok] for xs in (cases, answers, expected)))


def test_yaml_reader(tool):
    from ruamel.yaml import YAML

    warnings.simplefilter("ignore")
    pieces = ["a", "b: ", "- ", "- a\n", "k: v\n", "  ", "\n", "\n  ", "'x'", '"y"', "[1, 2]", "{a: 1}", "[", "}", ", ",
              "&x ", "*x", "<<: ", "# c\n", "|\n  t\n", ">\n  f\n  g\n", "010", "1e5", "~", "true", "0x1F", ".inf",
              "!!str ", "!!int ", "---\n", "é", '"a\\n\\x41"', "12:30", 'k2: [a, "b", {c: d}]\n', "m:\n  n: 1\n  o:\n  - 1\n"]
    r = random.Random(SEED)
    cases = ["".join(r.choice(pieces) for _ in range(r.randint(1, 10))) for _ in range(3000)]
    expected = [as_error(lambda c=c: repr(YAML(typ="safe").load(c))) for c in cases]
    answers = tool("texttool", ["yaml"], cases)
    # the words of errors differ when several things are wrong; both must refuse
    compare(cases, [isinstance(a, dict) or a for a in answers], [isinstance(e, dict) or e for e in expected])


def test_json_reader(tool):
    pieces = ['"a"', '"k": ', "1", "-1", "1.5", "1E400", "NaN", "-Infinity", "null", "true", "[", "]", "{", "}", ",", ":",
              " ", "\n", '"\\u00e9"', '"\\ud83d\\ude00"', '"\\ud800"', '"\\x"', '"abc', "01", "-", "1.", "[1, 2]",
              '{"a": 1, "a": 2}', '"é\\n"', '"\\u12"', "12345678901234567890123", "-0", "-0.0", "tru", '"a\tb"']
    r = random.Random(SEED)
    cases = ["".join(r.choice(pieces) for _ in range(r.randint(1, 7))) for _ in range(4000)]
    expected = [as_error(lambda c=c: repr(json.loads(c))) for c in cases]
    compare(cases, tool("texttool", ["json"], cases), expected)


def test_toml_reader(tool):
    values = ["1", "+1", "01", "1_000", "1__0", "0x1F", "0b11", "0xG", "1.5", "1.", "1e5", "1_0.5e1_0", "inf", "nan", "true",
              '"a"', "'a'", '"\\u00e9\\n"', '"\\q"', '"""a\nb"""', "'''a\n'b'''", '"""\\\n  x"""', "[1, 2]",
              "[1,\n 2,\n]", "{a = 1}", "{a.b = 1, c = [1]}", "{a = 1,}", '[1, "a", {x = 1}]', "[[1], [2]]"]
    keys = ["a", "b", "a.b", "a.b.c", '"q k"', "'l'", "1", "1.2", "é", "", "a .b"]
    odd = ["a", "= 1", "a = ", "a = 1 b = 2", "[a", "[a] x", "a = 1 # c", "[ a . b ]", "# c", ""]
    r = random.Random(SEED)

    def line():
        kind = r.random()
        if kind < 0.65:
            return f"{r.choice(keys)} = {r.choice(values)}"
        if kind < 0.9:
            return r.choice(["[{}]", "[[{}]]"]).format(r.choice(keys))
        return r.choice(odd)

    cases = ["\n".join(line() for _ in range(r.randint(1, 5))) for _ in range(3000)]
    expected = [as_error(lambda c=c: repr(tomllib.loads(c))) for c in cases]
    answers = tool("texttool", ["toml"], cases)
    compare(cases, [isinstance(a, dict) or a for a in answers], [isinstance(e, dict) or e for e in expected])


def test_python_params(tool):
    from dvc.utils.serialize._py import parse_py

    literals = ["1", "-1", "1_000", "0x1F", "1.5", "1e-5", "1+2j", '"a"', '"a" "b"', 'b"x\\x01"', 'r"a\\n"', '"\\x41\\u00e9"',
                '"""t\nq"""', "None", "(1, 2)", "(1,)", "(1)", '[1, "a", None]', "{}", '{"k": 1}', "{1, 2}", "set()",
                "1 + 2", 'f"x"', "foo()", "1, 2", "1,", "x if y else z", "{**a}", "--1", "[1,\n  2, # c\n 3]", "1; B = 2"]
    other = ["A: int", "A = B = 1", "A, B = 1, 2", "A += 1", "A[0] = 1", "import os", "pass", "x == 1", "@dec", "A = 1 # c"]
    heads = ["class Foo", "class Bar(Base, metaclass=M)", "def __init__(self, a=1)", "def f(self)", "if True",
             "for i in range(3)", 'with open("x") as f']
    r = random.Random(SEED)

    def statement(depth=0):
        indent, kind = "    " * depth, r.random()
        if kind < 0.65:
            return f"{indent}{r.choice(['A', 'lr', 'self.x', 'é'])}{r.choice(['', ': int'])} = {r.choice(literals)}"
        if kind < 0.75 or depth > 1:
            return indent + r.choice(other)
        body = "\n".join(statement(depth + 1) for _ in range(r.randint(1, 3)))
        return f"{indent}{r.choice(heads)}:\n{body}\n{indent}    pass"

    cases, expected = [], []
    warnings.simplefilter("ignore")
    for _ in range(3000):
        case = "\n".join(statement() for _ in range(r.randint(1, 5)))
        want = as_error(lambda case=case: repr(parse_py(case, "x")))
        if not isinstance(want, dict):
            cases.append(case)
            expected.append(want)
    compare(cases, tool("texttool", ["py"], cases), expected)


VALUES = ["1", "0.5", "1e-3", "true", "null", "abc", "", "a.b", "1_000", "010", "0x1F", "nan", "int(3.7)", "str(1)", "5 6",
          "[1,2,x]", "{q: 1}", "'tr ue'", "'it\\'s'", "a\\,b", "[a, [b]]", "${lr}", "-1", "+1", "1.", "a/b", "x:y", "@x",
          "[]", "[1", "a=b", "a#b", "foo(1)", "int(x)", " a ", "TRUE", "1e400", "~", "float([1,2])", "é"]
SWEEPS = ["1,2", "range(1,4)", "range(0,1,0.1)", "range(5,0,-2)", "sort(3,1,2)", "choice(a,[1,2],{x:1})", "str(1,2)",
          "tag(t,choice(x,y))", "float(range(1,4))", "'a','b c'", "glob(*)", "interval(0,1)", "a\\,b,c", "choice()",
          "sort(range(1,5),reverse=true)", "1,[2,3],{k:4}", "null,true,1.0"]
KEYS = ["lr", "m", "m.a", "m.l", "m.l.5", "new", "m.new", "a.b.c", "s", "m.d.k", "lr.x", "a-b", "x y", "0"]


def test_sweeps(tool):
    from dvc.utils.cli_parse import to_path_overrides
    from dvc.utils.hydra import get_hydra_sweeps, to_hydra_overrides

    def sweep(params):
        overrides = to_path_overrides(params)
        for items in overrides.values():
            to_hydra_overrides(items)
        return "".join(f"{run!r}\n" for run in get_hydra_sweeps(overrides))

    warnings.simplefilter("ignore")
    r = random.Random(SEED)
    cases = [[r.choice(["", "p2.yaml:"]) + r.choice(["", "+"]) + r.choice(KEYS[:9]) + "=" + r.choice(VALUES + SWEEPS)
              for _ in range(r.randint(1, 3))] for _ in range(400)]
    compare(cases, tool("overridetool", ["expand"], cases), [as_error(sweep, c) for c in cases])


def test_overrides(tool, tmp_path):
    from dvc.utils.hydra import apply_overrides
    from ruamel.yaml import YAML

    text = "lr: 0.1\nm:\n  a: 1 # c\n  l: [1, 2]\n  d: {k: 1}\ns: x\nnul: null\na-b: 2\n"
    path = tmp_path / "params.yaml"

    def apply(items):
        path.write_text(text)
        apply_overrides(str(path), items)
        return repr(YAML(typ="safe").load(path.read_text()))

    warnings.simplefilter("ignore")
    r = random.Random(SEED)
    cases = [["params.yaml", text, [r.choice(["", "", "+", "++", "~"]) + r.choice(KEYS) + "=" + r.choice(VALUES)]]
             for _ in range(400)]
    answers = tool("overridetool", ["apply"], cases)
    answers = [a if isinstance(a, dict) else repr(YAML(typ="safe").load(a)) for a in answers]
    compare([c[2] for c in cases], answers, [as_error(apply, c[2]) for c in cases])


def test_override_grammar(tool):
    from harness import override_cases

    warnings.simplefilter("ignore")
    r = random.Random(SEED)
    cases = [override_cases.override(r) for _ in range(1500)]
    answers = tool("hydratool", ["parse"], cases)
    expected = [as_error(override_cases.described, c) for c in cases]
    assert sum(not isinstance(e, dict) for e in expected) > 400
    # a parser made by ANTLR words some errors in ways that only its tables explain; both must refuse
    compare(cases, [isinstance(a, dict) or a for a in answers], [isinstance(e, dict) or e for e in expected])
    same = [a == e for a, e in zip(answers, expected)]
    assert sum(same) > 0.8 * len(cases)


def draw(case):
    from dvc.utils.table import Table
    from rich import box
    from rich.console import Console
    from rich.text import Text
    from tabulate import tabulate

    names, out = [c["name"] for c in case["columns"]], io.StringIO()
    if case["style"] == "csv":
        csv.writer(out).writerows([names, *case["rows"]])
    elif case["style"] == "wide":
        table = Table(box=box.HORIZONTALS)
        for c in case["columns"]:
            table.add_column(c["name"], justify="right" if c["right"] else "left", no_wrap=c["no_wrap"], collapse=c["collapse"])
        for row in case["rows"]:
            table.add_row(*[Text(cell) for cell in row])
        Console(file=out, width=case["width"], force_terminal=False).print(table)
    else:
        markdown = case["style"] == "markdown"
        out.write(tabulate(case["rows"], names, tablefmt="github" if markdown else "plain", disable_numparse=True))
        out.write("\n\n" if markdown else "\n")
    return out.getvalue()


def test_tables(tool):
    r = random.Random(SEED)
    cells = ["-", "0.5", "123456.79", "some words here", "[1, 2, 3]", "日本語", "├── 5899928 [ceric-tach]", "", "  lead",
             "Nov 23, 2026", "{'a': 1, 'b': 2}", "long text with many words in it to wrap around"]
    names = ["Experiment", "acc", "lr", "train.params.n_estimators", "k", "data/churn.csv", "a b c"]

    def case():
        columns = [{"name": r.choice(names), "right": r.random() < 0.3, "no_wrap": r.random() < 0.5,
                    "collapse": r.random() < 0.5} for _ in range(r.randint(1, 8))]
        rows = [[r.choice([*cells, "x" * r.randint(1, 30)]) for _ in columns] for _ in range(r.randint(1, 5))]
        return {"style": r.choice(["plain", "markdown", "csv", "wide", "wide"]), "width": r.choice([30, 40, 60, 80, 120]),
                "columns": columns, "rows": rows}

    cases = [case() for _ in range(500)]
    compare(cases, tool("tabletool", [], cases), [draw(c) for c in cases])
