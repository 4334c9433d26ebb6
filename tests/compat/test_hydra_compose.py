"""Composition of random configuration trees, with overrides: cairn's result compared with that of Hydra, as DVC
calls it, in the process of the test."""

import os
import random
import warnings

import pytest
from harness import hydra_cases

pytestmark = pytest.mark.live
SEED = int(os.environ.get("HYDRA_SEED", "20261130"))
CASES = int(os.environ.get("HYDRA_CASES", "320"))
PARTS = 4  # for as many processes


def write(files, top):
    for name, text in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def composed(top, name, overrides):
    from dvc.utils.hydra import compose_and_dump

    out = top.parent / f"{top.name}.yaml"
    try:
        compose_and_dump(out, str(top), None, name, "", overrides)
    except Exception as e:  # noqa: BLE001
        parts = []
        while e is not None:
            parts.append(str(e))
            e = e.__cause__
        return {"error": ": ".join(p for p in parts)}
    return out.read_text()


@pytest.mark.parametrize("part", range(PARTS))
def test_compositions(tool, tmp_path, monkeypatch, part):
    warnings.simplefilter("ignore")
    monkeypatch.setenv("HYDRA_CASE", "from the environment")
    r = random.Random(SEED + part)
    cases, expected = [], []
    for i in range(CASES // PARTS):
        files, name, overrides = hydra_cases.case(r)
        top = tmp_path / str(i)
        write(files, top)
        cases.append([str(top), name, overrides])
        expected.append(composed(top, name, overrides))

    # of errors, only their presence is compared: the words of some differ
    answers = tool("hydratool", ["compose"], cases)
    wrong = [(c, e, a) for c, e, a in zip(cases, expected, answers)
             if a != e and not (isinstance(a, dict) and isinstance(e, dict))]
    good = sum(not isinstance(e, dict) for e in expected)
    assert good > len(cases) / 4, f"only {good} compositions succeed"
    shown = "\n".join(f"{c}\n{e}\n{a}" for c, e, a in wrong[:int(os.environ.get("HYDRA_SHOW", "1"))])
    assert not wrong, f"{len(wrong)} of {len(cases)} differ:\n{shown}"
