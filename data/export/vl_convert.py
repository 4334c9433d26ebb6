# Draws plots with the package vl-convert-python; see plots/renderers.h.
import sys

sys.path[:] = [p for p in sys.path if p]  # a module in the working directory is not ours to run
try:
    import vl_convert
except ImportError:
    sys.exit(77)
import json


def version_of(text):
    """The newest Vega-Lite of the major version that the document asks for; None: the newest of all."""
    schema = str(json.loads(text).get("$schema", ""))
    major = schema.rpartition("/v")[2].split(".")[0] + "."
    known = getattr(vl_convert, "get_vegalite_versions", list)()
    return next((v for v in reversed(known) if v.startswith(major)), None)


def draw(text, job):
    options = {"vl_version": version_of(text), "allowed_base_urls": []}
    if job["format"] == "png":
        return vl_convert.vegalite_to_png(text, scale=job["scale"], **options)
    return vl_convert.vegalite_to_svg(text, **options).encode()


def reason(error):
    """The text of an exception without the stack of the JavaScript in it."""
    lines = (line.strip() for line in str(error).splitlines())
    return " ".join(line for line in lines if line and not line.startswith("at "))


def main():
    job = json.load(sys.stdin)
    for text in job["specs"]:
        try:
            kind, result = "ok", draw(text, job)
        except Exception as e:
            kind, result = "error", reason(e).encode()
        sys.stdout.buffer.write(b"%s %d\n%s" % (kind.encode(), len(result), result))
        sys.stdout.buffer.flush()


main()
