"""The interface for tests: `case` declares a compat scenario, the fixtures of conftest.py run it."""

from .scenario import case, case_on

__all__ = ["SORTED", "case", "case_on"]

# Lists in DVC's JSON have the order of a set, so they are sorted before they are compared.
SORTED = {"sorted.py": "import json, sys\n"
                       "def tidy(v):\n"
                       "    if isinstance(v, dict): return {k: tidy(x) for k, x in sorted(v.items())}\n"
                       "    if isinstance(v, list): return sorted((tidy(x) for x in v), key=json.dumps)\n"
                       "    return v\n"
                       "print(json.dumps(tidy(json.load(sys.stdin))))\n"}
