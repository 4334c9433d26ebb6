"""Reading, writing and changing YAML and JSON files. YAML keeps comments and order when it is changed."""

from __future__ import annotations

import contextlib
import json
import os
from collections import OrderedDict
from typing import Any, Iterator, TextIO

from cairn.exceptions import EncodingError, JSONFileCorruptedError, YAMLFileCorruptedError, defined_in

from dvc._lack import lacking

globals().update(defined_in(__name__))
__getattr__ = lacking(__name__)


def _text(path: Any) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except UnicodeDecodeError:
        raise EncodingError(path, "utf-8") from None


def parse_yaml(text: str, path: Any, typ: str = "safe") -> Any:
    from ruamel.yaml import YAML, YAMLError

    try:
        return YAML(typ=typ).load(text) or {}
    except YAMLError as error:
        raise YAMLFileCorruptedError(path) from error


def parse_yaml_for_update(text: str, path: Any) -> Any:
    return parse_yaml(text, path, typ="rt")


def load_yaml(path: Any) -> Any:
    return parse_yaml(_text(path), path)


def _dump_yaml(data: Any, file: TextIO) -> None:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.default_flow_style = False
    yaml.Representer.add_representer(OrderedDict, yaml.Representer.represent_dict)
    yaml.dump(data, file)


def dump_yaml(path: Any, data: Any) -> None:
    with open(path, "w", encoding="utf-8") as file:
        _dump_yaml(data, file)


@contextlib.contextmanager
def modify_yaml(path: Any) -> Iterator[Any]:
    """The document of a file, or an empty one; written back when the block ends."""
    data = parse_yaml_for_update(_text(path), path) if os.path.exists(path) else {}
    yield data
    dump_yaml(path, data)


def parse_json(text: str, path: Any) -> Any:
    try:
        return json.loads(text) or {}
    except ValueError as error:
        raise JSONFileCorruptedError(path) from error


def load_json(path: Any) -> Any:
    return parse_json(_text(path), path)


def dump_json(path: Any, data: Any) -> None:
    with open(path, "w", encoding="utf-8") as file:
        json.dump(data, file)


@contextlib.contextmanager
def modify_json(path: Any) -> Iterator[Any]:
    """The same for JSON."""
    data = load_json(path) if os.path.exists(path) else {}
    yield data
    dump_json(path, data)
