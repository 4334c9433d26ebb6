"""Measure the model on the customers it has not seen: metrics.json, and in plots/ what shows where the numbers come from."""

import json
import pathlib
import pickle

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score, precision_recall_curve, roc_auc_score, roc_curve

PLOTS = pathlib.Path("plots")


def measure(actual, chance):
    return {"f1": f1_score(actual, chance > 0.5), "roc_auc": roc_auc_score(actual, chance)}


def chances(model, features, trees):
    """How likely each customer leaves, if only that many trees are asked."""
    if hasattr(model, "estimators_"):  # a forest: the mean of its trees
        votes = [tree.predict_proba(features.to_numpy())[:, 1] for tree in model.estimators_[:trees]]
        return np.mean(votes, axis=0)
    return model.predict_proba(features, num_iteration=trees)[:, 1]


def plot(name, table):
    (PLOTS / name).parent.mkdir(parents=True, exist_ok=True)
    table.round(6).to_csv(PLOTS / name, sep="\t" if name.endswith(".tsv") else ",", index=False)


def load(name):
    table = pd.read_csv(f"data/prepared/{name}.csv")
    return table.drop(columns="target"), table["target"]


features, actual = load("test")
with open("models/model.pkl", "rb") as f:
    model = pickle.load(f)
chance = model.predict_proba(features)[:, 1]

metrics = measure(actual, chance)
with open("metrics.json", "w") as f:
    json.dump(metrics, f, indent=2)
    f.write("\n")

fpr, tpr, _ = roc_curve(actual, chance)
plot("roc.csv", pd.DataFrame({"fpr": fpr, "tpr": tpr}))
precision, recall, _ = precision_recall_curve(actual, chance)
plot("precision_recall.csv", pd.DataFrame({"recall": recall, "precision": precision}))
words = np.array(["stayed", "left"])
plot("confusion.csv", pd.DataFrame({"actual": words[actual], "predicted": words[(chance > 0.5).astype(int)]}))
importance = pd.DataFrame({"feature": features.columns, "importance": model.feature_importances_})
importance["importance"] /= importance["importance"].sum()
plot("importance.csv", importance.sort_values("importance", ascending=False).head(10))

# More trees, better model? In the files of DVCLive, one for each metric, whose last column is the metric's history.
steps = np.unique(np.linspace(1, model.n_estimators, 25).astype(int))
history = {name: pd.DataFrame([measure(y, chances(model, x, n)) for n in steps])
           for name, (x, y) in {"train": load("train"), "test": (features, actual)}.items()}
for name in metrics:
    plot(f"metrics/{name}.tsv", pd.DataFrame({"step": steps, "train": history["train"][name], "test": history["test"][name]}))

# A stripe for each customer who left; on the left those of whom the model expected it most.
stripes = "".join(f"M{x} 0v200" for x in np.flatnonzero(actual.to_numpy()[np.argsort(-chance, kind="stable")]))
(PLOTS / "ranking.svg").write_text(
    f'<svg xmlns="http://www.w3.org/2000/svg" width="{len(actual)}" height="200">'
    f'<rect width="100%" height="100%" fill="#dfe5ec"/><path d="{stripes}" stroke="#d03a3a"/></svg>\n')

print("f1 {f1:.4f}, roc_auc {roc_auc:.4f}".format(**metrics))
