"""Prints, as JSON, what a panel holds: rows, repeated rows, and the share of missing cells of each input."""

import json
import pathlib
import sys

import polars

files = sorted((pathlib.Path(sys.argv[1]) / "data" / "raw").glob("*.csv"))
rows, repeated, missing = 0, 0, {}
# A file at a time: a row and its repetition stand in one file.
for file in files:
    table = polars.read_csv(file, infer_schema=False)
    rows += table.height
    repeated += table.height - table.n_unique()
    for name, count in table.null_count().row(0, named=True).items():
        missing[name] = missing.get(name, 0) + count
print(json.dumps({"files": len(files), "rows": rows, "repeated": repeated, "missing": {k: v / rows for k, v in missing.items() if v}}))
