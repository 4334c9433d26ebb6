"""Predict which customers leave."""

import yaml


def load_params():
    with open("params.yaml") as f:
        return yaml.safe_load(f)
