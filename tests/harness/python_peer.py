"""
A process that runs cases against one of the two APIs: `python python_peer.py dvc` or `... cairn`.

Importing the real DVC takes over a second, so one process answers many cases: a line of JSON in (`cwd`, `code`), a line
out, what the code returned or raised, in a form that compares types as well as values.
"""

import importlib
import json
import os
import sys
import tempfile
import textwrap
import traceback


def shown(value):
    """A value as text: types are visible, dictionaries are sorted, long bytes are cut."""
    if isinstance(value, dict):
        pairs = sorted((shown(k), shown(v)) for k, v in value.items())
        return "{" + ", ".join(f"{k}: {v}" for k, v in pairs) + "}"
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        inner = ", ".join(map(shown, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if isinstance(value, BaseException):
        return "raised " + shown(raised(value))
    return repr(value)


def raised(error):
    """What a caller sees of an exception: its class, what else catches it, its text."""
    bases = ["DvcException", "SCMError", "ConfigError", "ValueError", "KeyError", "OSError", "FileNotFoundError",
             "NotImplementedError", "AttributeError"]
    classes = [c.__name__ for c in type(error).__mro__]
    return {
        "class": type(error).__name__,
        "caught by": [b for b in bases if b in classes[1:]],
        "text": str(error),
        "msg": getattr(error, "msg", None),
        "errno": getattr(error, "errno", None),
    }


def run(code, names):
    body = textwrap.dedent(code).strip()
    if "\n" not in body and not body.startswith("return"):
        body = "return " + body
    scope = dict(names)
    exec("def case():\n" + textwrap.indent(body, "    "), scope)
    return scope["case"]()


def look(info):
    """What is comparable of an fsspec info: no clocks, no inodes, no objects of either tool."""
    dvc_info = info.get("dvc_info")
    return {
        **{key: info[key] for key in ("name", "type", "size", "isexec", "md5") if key in info},
        "in file system": "fs_info" in info,
        "in dvc": {k: dvc_info[k] for k in ("type", "isout", "isdvc", "md5") if k in dvc_info} if dvc_info else None,
    }


def looks(infos):
    return sorted((look(info) for info in infos), key=lambda info: info["name"])


def got(fetch):
    """The files that a `get` makes in a new directory, with their contents."""
    with tempfile.TemporaryDirectory() as top:
        fetch(top)
        found = {}
        for folder, directories, files in os.walk(top):
            for name in files:
                path = os.path.join(folder, name)
                found[os.path.relpath(path, top)] = open(path, "rb").read()
            for name in directories:
                found[os.path.relpath(os.path.join(folder, name), top) + "/"] = None
        return found


def frame(address, options=None):
    import pandas

    return pandas.read_csv(address, storage_options=options).to_csv(index=False)


def main(tool):
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the tools print is no answer
    api = importlib.import_module(f"{tool}.api")
    if tool == "cairn":  # the real DVC, which is installed beside it, has the entry point
        import fsspec

        fsspec.register_implementation("dvc", api.DVCFileSystem, clobber=True)
    names = {"look": look, "looks": looks, "got": got, "frame": frame, "api": api, "os": os, "tool": tool, "fs": lambda *a, **k: api.DVCFileSystem(*a, **k)}
    for line in sys.stdin:
        case = json.loads(line)
        os.chdir(case["cwd"])
        trace = None
        try:
            answer = shown(run(case["code"], names))
        except Exception as error:
            answer, trace = shown(error), traceback.format_exc()
        answers.write(json.dumps({"answer": answer, "trace": trace}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
