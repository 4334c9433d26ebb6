"""Batch systems that behave like PBS and Kubernetes, on this machine: programs in a sandbox's .bin (tests/helpers/fake_*.py)."""

import sys

from .sandbox import TOP

SYSTEMS = {"pbs": ("fake_pbs.py", ["qsub", "qstat", "qdel"]), "kubernetes": ("fake_kubectl.py", ["kubectl"])}


def attach(box, system):
    """Let commands of the sandbox find the system's programs."""
    source, names = SYSTEMS[system]
    for name in names:
        program = box.root / ".bin" / name
        # a copy, so that it is called by its name; with the Python of the tests, which has YAML
        text = (TOP / "tests/helpers" / source).read_text().split("\n", 1)[1]
        program.write_text(f"#!{sys.executable}\n{text}")
        program.chmod(0o755)
    if system == "kubernetes":
        (box.root / ".home/.kubernetes/claims/work").mkdir(parents=True)
    return box
