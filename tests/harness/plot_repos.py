"""Random repositories with plots: dvc.yaml files, data of every format, and the command lines that show them. What cairn does otherwise than
DVC on purpose is left out (docs/internals/differences.md): rows with too many cells, TSV without a header, dates, the same field twice,
overlapping outputs, images whose names collide, an empty first line of CSV, `\\` in targets, `..` above the repository."""

import csv
import io
import json

ANCHORS = ("DATA TITLE X Y X_LABEL Y_LABEL PLOT_WIDTH PLOT_HEIGHT ZOOM_AND_PAN COLOR TOOLTIP STROKE_DASH SHAPE COLUMN "
           "GROUP_BY GROUP_BY_X GROUP_BY_Y PIVOT_FIELD").split()
TEMPLATES = {
    ".dvc/plots/linear.json": json.dumps({a.lower(): f"<DVC_METRIC_{a}>" for a in ANCHORS}),
    ".dvc/plots/few.json": json.dumps({"data": {"values": ["<DVC_METRIC_DATA>"]}, "text": "x: <DVC_METRIC_X>, <DVC_METRIC_TITLE>"}),
    ".dvc/plots/nested.json": json.dumps({"a": {"b": [["<DVC_METRIC_ROW_>", "<DVC_METRIC_Y>"], {"c": "<DVC_METRIC_Y_LABEL> <DVC_METRIC_PLOT_WIDTH>"}]},
                                          "<DVC_METRIC_X>": "<DVC_METRIC_GROUP_BY>", "l": ["<DVC_METRIC_DATA>", "<DVC_METRIC_X_LABEL>", 1, None]}),
}
FIELDS = ["x", "y", "loss", "acc", "z"] * 4 + ["step", "rev", "filename", "field", "v.a", "n[0]", "", "größe", "a b", "'q'", '"', "filename::field",
                                              "<DVC_METRIC_X>", "<DVC_METRIC_DATA>", "dvc_inferred_y_value", "dvc_inferred_x_value", "1"]
TEXTS = ["", "a", "T", "1", "nan", "a,b", 'say "hi"', "two\nlines", " blank ", "日本", "<DVC_METRIC_Y>", "<DVC_METRIC_DATA>", "x <DVC_METRIC_TITLE>",
         "</script>", "\\", "a.b[c]", "null", "é\u2028"]
FILES = ["a.json", "b.json", "a.csv", "b.csv", "a.tsv", "d/a.json", "d/b.json", "d/c.csv", "d/e/a.yaml", "d/e/b.json", "a.yaml", "b.yml", "a.toml",
         "a.py", "x y.csv", "ü.json", "axcsv", "n.txt", "1.csv", "d.csv/a.json", "sub/a.json", "sub/d/a.json", "sub/c.csv"]
IMAGES = ["i.png", "d/1.png", "d/2.jpg", "sub/i.svg", "sub/empty.gif"]


def scalar(r):
    return r.choice([0, 1, 2, -3, 0.5, 1.25, 1e-7, 1e20, 10**25, True, False, None, "a", "b", *r.sample(TEXTS, 3)])


def cell(r):
    kind = r.random()
    if kind < 0.9:
        return scalar(r)
    return r.choice([[1, 2], {"k": scalar(r)}, [], {}, [{"a": 1}], float("nan"), float("inf"), float("-inf"), -0.0])


def rows(r, fields=None):
    fields = fields or r.sample(sorted(set(FIELDS)), r.randint(1, 3)) + r.sample(["x", "y", "loss"], 2)
    out = [{f: cell(r) for f in fields} for _ in range(r.choice([1, 2, 2, 2, 3, 4]))]
    if r.random() < 0.15:
        r.choice(out).pop(r.choice(fields), None)
    if r.random() < 0.05:
        r.choice(out)[r.choice(FIELDS)] = 1
    return out


def tree(r):
    """A document: mostly a list of rows, or a map that has some."""
    kind = r.random()
    if kind < 0.6:
        return rows(r, ["x", "y", "loss"] if r.random() < 0.5 else None)
    if kind < 0.9:
        return {r.choice(["train", "test", "deep", "k"]) + str(i): part(r) for i in range(r.randint(1, 3))}
    return r.choice([[], {}, None, 5, 0, "s", "", True, False, [1, 2], [[{"a": 1}]], {"a": 1}, [{}, {"b": 3}], [{}, {}], {"l": [{"a": 1}], "k": []},
                     [{"a": 1}, 3], {"a": {"b": {}}}, [{"a": 1}, {"b": 2}], {"n": None, "l": [{"x": 1}]}, [{}], {"k": [{}], "l": [{"y": 2}]}])


def part(r):
    kind = r.random()
    return rows(r) if kind < 0.6 else scalar(r) if kind < 0.75 else tree(r) if kind < 0.97 else [1, {"a": 1}]


def table(r, delimiter):
    """The text of a CSV file. Rows may be short."""
    fields = r.sample(sorted(set(FIELDS)), r.randint(1, 3)) + (["x", "y", "loss"] if r.random() < 0.7 else [])
    out = io.StringIO()
    w = csv.writer(out, delimiter=delimiter, lineterminator=r.choice(["\n", "\n", "\r\n", "\r"]), quoting=r.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    w.writerow(fields)
    for _ in range(r.choice([0, 1, 2, 2, 3])):
        cells = ["" if v is None else str(v) for v in (scalar(r) for _ in fields)]
        w.writerow(cells[:r.randint(1, len(cells))] if r.random() < 0.1 else cells)
        if r.random() < 0.1:
            out.write("\n")
    text = out.getvalue()
    if r.random() < 0.05:
        text = r.choice(["", "\n", "\ufeff" + text, text.rstrip("\n"), text + '"open\n1,2', text.replace("\n", "\n\n")])
    return text


def toml(value):
    def one(v):
        if isinstance(v, dict):
            return "{" + ", ".join(f"{json.dumps(k)} = {one(x)}" for k, x in v.items()) + "}"
        if isinstance(v, list):
            return "[" + ", ".join(one(x) for x in v) + "]"
        if isinstance(v, float):
            return repr(v)
        return '"none"' if v is None else json.dumps(v) if abs(v if isinstance(v, int) else 0) < 2**63 else "7"

    return "".join(f"{json.dumps(k)} = {one(v)}\n" for k, v in value.items()) if isinstance(value, dict) else f"rows = {one(value)}\n"


def data(r, name):
    """The content of a data file."""
    if r.random() < 0.03:
        return r.choice(["", "[", '{"a": [', "a: [1\n", b"\xff\xfe", "x = \n", "\n", '[{"a": 1}] trailing', "\ufeff[]"])
    suffix = name.rpartition(".")[2]
    if suffix in ("csv", "tsv"):
        return table(r, "\t" if suffix == "tsv" else ",")
    if suffix == "toml":
        return toml(tree(r))
    if suffix == "py":
        return f"ROWS = {[{k: v if isinstance(v, (str, bool, int)) or v == 0.5 else 1 for k, v in row.items()} for row in rows(r)]!r}\n"
    if suffix == "json":
        return json.dumps(tree(r), ensure_ascii=r.random() < 0.5, indent=r.choice([None, 1]))
    # JSON is YAML, but for these numbers
    text = json.dumps(tree(r), ensure_ascii=False)
    return text.replace("NaN", ".nan").replace("-Infinity", "-.inf").replace("Infinity", ".inf").replace("\u2028", "") + "\n"


def image(r):
    return r.choice([b"\x89PNG\r\n\x1a\n" + bytes([r.randint(0, 3)]), b"GIF89a", b"<svg/>"])


def file_of(r, base):
    """A file as a dvc.yaml in `base` names it."""
    name = r.choice(FILES) if r.random() < 0.93 else r.choice(["no.json", "d", "nodir/", "i.png", ".", "d/e", "sub"])
    if base:
        name = name[len(base) + 1:] if name.startswith(base + "/") else "../" * (base.count("/") + 1) + name
    return r.choice(["./" + name, "d/../" + name]) if r.random() < 0.05 and not base else name


def field(r):
    return r.choice(["x", "y", "loss", "x", "y", "loss", "acc", "step", "z", "1", "v.a"]) if r.random() < 0.9 else r.choice(FIELDS)


def fields(r):
    return field(r) if r.random() < 0.6 else list(dict.fromkeys(field(r) for _ in range(r.randint(0, 3))))


def files_and_fields(r, base, most):
    return {file_of(r, base): fields(r) for _ in range(r.randint(1, most))}


def title(r):
    return r.choice(["P", "Q", "Title one", "T <b>", "ü", "a.csv", "no", "d/title", "100 %", "<DVC_METRIC_X>", "x::y", "sub"])


def properties(r, base, titled):
    p = {}
    if r.random() < 0.45:
        p["x"] = field(r) if r.random() < 0.7 or not titled else files_and_fields(r, base, 2)
    if titled:
        p["y"] = files_and_fields(r, base, 3)
    elif r.random() < 0.5:
        p["y"] = fields(r)
    for name in ("title", "x_label", "y_label"):
        if r.random() < 0.15:
            p[name] = r.choice(TEXTS)
    if r.random() < 0.2:
        p["template"] = r.choice(["few", "nested.json", "linear", "nested"])
    return dict(sorted(p.items(), key=lambda _: r.random()))


def section(r, base):
    """The top-level `plots` of a dvc.yaml in the directory `base`."""
    out = []
    for _ in range(r.randint(1, 4)):
        kind = r.random()
        name = file_of(r, base)
        if kind < 0.2:
            out.append(name)
        elif kind < 0.25:
            out.append({name: None})
        elif kind < 0.3:
            # the second one is dropped
            out.append({name: properties(r, base, False), file_of(r, base): properties(r, base, False)})
        elif kind < 0.55:
            out.append({name: properties(r, base, False)})
        elif kind < 0.6:
            out.append(r.choice([i for i in IMAGES if i.startswith(base)] or ["i.png"])[len(base) + 1 if base else 0:])
        else:
            out.append({title(r): properties(r, base, True)})
    return out


def stages(r, base):
    """Stages with plots; each file is the output of one stage only."""
    names = [n[len(base) + 1 if base else 0:] for n in ["a.json", "b.csv", "d/e", "d/a.json", "no.csv", "i.png", "sub/c.csv", "sub/d"]
             if n.startswith(base + "/" if base else "") and not (not base and n.startswith("sub/"))]
    out = {}
    for n in r.sample(names, min(len(names), r.randint(1, 3))):
        p = {k: v for k, v in properties(r, base, False).items()}
        if isinstance(p.get("y"), list):
            p["y"] = "y"
        if r.random() < 0.2 and n.endswith(".csv"):
            p["header"] = r.random() < 0.5
        if r.random() < 0.5:
            p["cache"] = False
        out["s" + str(len(out))] = {"cmd": "echo", "plots": [{n: p} if p else n]}
    return out


def pipeline(r, base):
    d = {}
    if r.random() < 0.85:
        d["plots"] = section(r, base)
    if r.random() < 0.25:
        d["stages"] = stages(r, base)
    if r.random() < 0.02:
        d["plots"] = r.choice([[{"a.csv": {"nope": 1}}], ["${nope}"], [], None, [{"a.csv": {"y": [1]}}]])
    return json.dumps(d) + "\n"


def repository(r):
    """{path: content}, without what is the same in all of them."""
    out = {name: data(r, name) for name in FILES if r.random() < 0.75}
    out.update({name: b"" if "empty" in name else image(r) for name in IMAGES if r.random() < 0.5})
    for base in ("", "sub", "sub/d"):
        if r.random() < {"": 0.9, "sub": 0.35, "sub/d": 0.15}[base]:
            out[(base + "/" if base else "") + "dvc.yaml"] = pipeline(r, base)
    return out


def changed(r, files):
    """Another state of the repository."""
    other = repository(r)
    return {name: other.get(name) if r.random() < 0.3 else files.get(name) for name in sorted({*files, *other})}


def target(r):
    kind = r.random()
    if kind < 0.4:
        return file_of(r, "")
    if kind < 0.7:
        return title(r)
    if kind < 0.8:
        return r.choice(["dvc.yaml", "sub/dvc.yaml", "dvc.yaml::P", "sub/dvc.yaml::", "dvc.yaml::a.csv", "./", "./d", "d/", "d//e", "./a.csv", "d/./a.json"])
    return r.choice([".*", "T.*", "[a-d]", "(a|b)", "a.c", "P$", "^d", "d/?", "[^a]", "a+", "(", "*", "[", ")", "a|sub", "Title one|Q", "s.b", "x?y?"])


def options(r):
    out = []
    for name, values in (("-x", field), ("-y", field), ("--title", lambda r: r.choice(TEXTS)), ("--x-label", lambda r: r.choice(TEXTS)),
                         ("-t", lambda r: r.choice(["few", "nested", "linear"]))):
        if r.random() < 0.08:
            out += [name, values(r)]
    return out


def command(r):
    """The words after `plots`."""
    split = ["--json"] if r.random() < 0.6 else ["--json", "--split"]
    targets = [target(r) for _ in range(r.choice([0, 0, 0, 1, 1, 2]))]
    if r.random() < 0.6:
        return ["show", *split, *options(r), "--", *targets] if targets else ["show", *split, *options(r)]
    revs = r.choice([[], ["v1"], ["v1", "v2"], ["v2", "v1"], ["v1", "workspace"], ["v2", "HEAD", "v1"]])
    return ["diff", *(["--targets", *targets] if targets else []), *split, *options(r), *revs]
