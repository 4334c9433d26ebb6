"""Fit the model that params.yaml asks for. One thread, so that experiments may run side by side."""

import pathlib
import pickle

import pandas as pd

from churn import load_params


def make_model(model_type, seed, n_estimators, max_depth):
    if model_type == "randomforest":
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(n_estimators=n_estimators, max_depth=max_depth, random_state=seed, n_jobs=1)
    if model_type == "lightgbm":
        from lightgbm import LGBMClassifier

        return LGBMClassifier(n_estimators=n_estimators, max_depth=max_depth, random_state=seed, n_jobs=1,
                              deterministic=True, verbose=-1)
    raise SystemExit(f"unknown model_type {model_type!r}: randomforest or lightgbm")


params = load_params()["train"]
train = pd.read_csv("data/prepared/train.csv")
model = make_model(params["model_type"], params["seed"], **params["params"])
model.fit(train.drop(columns="target"), train["target"])

pathlib.Path("models").mkdir(exist_ok=True)
with open("models/model.pkl", "wb") as f:
    pickle.dump(model, f)
print(f"trained {params['model_type']} with {params['params']}")
