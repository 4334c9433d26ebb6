"""Split the table into train and test, with numbers only: categories become one column each."""

import pathlib

import pandas as pd
from sklearn.model_selection import train_test_split

from churn import load_params

params = load_params()
data = params["data"]
table = pd.read_csv(data["path"])

features = pd.get_dummies(table[data["numeric"] + data["categorical"]], columns=data["categorical"], dtype=int)
features["target"] = (table[data["target"]].astype(str) == str(data["positive"])).astype(int)

train, test = train_test_split(features, test_size=params["prepare"]["test_share"],
                               random_state=params["prepare"]["seed"], stratify=features["target"])
out = pathlib.Path("data/prepared")
out.mkdir(parents=True, exist_ok=True)
train.to_csv(out / "train.csv", index=False)
test.to_csv(out / "test.csv", index=False)
print(f"{len(train)} customers to learn from, {len(test)} to test on, {features.shape[1] - 1} features")
