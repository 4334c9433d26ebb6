"""Measure the model on the customers it has not seen: metrics.json and two plots."""

import json
import pathlib
import pickle

import pandas as pd
from sklearn.metrics import f1_score, roc_auc_score

test = pd.read_csv("data/prepared/test.csv")
features, actual = test.drop(columns="target"), test["target"]
with open("models/model.pkl", "rb") as f:
    model = pickle.load(f)
predicted = model.predict(features)

metrics = {"f1": f1_score(actual, predicted), "roc_auc": roc_auc_score(actual, model.predict_proba(features)[:, 1])}
with open("metrics.json", "w") as f:
    json.dump(metrics, f, indent=2)
    f.write("\n")

plots = pathlib.Path("plots")
plots.mkdir(exist_ok=True)
words = {0: "stayed", 1: "left"}
pd.DataFrame({"actual": actual.map(words), "predicted": pd.Series(predicted, index=actual.index).map(words)}).to_csv(
    plots / "confusion.csv", index=False)
importance = pd.Series(model.feature_importances_, index=features.columns, name="importance").astype(float)
importance = importance / importance.sum()
importance.sort_values(ascending=False).head(15).round(6).rename_axis("feature").to_csv(plots / "importance.csv")
print("f1 {f1:.4f}, roc_auc {roc_auc:.4f}".format(**metrics))
