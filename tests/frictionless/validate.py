"""Validates tables by Table Schema with `frictionless`, all in one process.

    python validate.py cases.json

`cases.json` holds a list of objects with `schema` (a Table Schema) and `csv` (text). Prints a list of
objects with `valid` and `errors`, each of which has `kind`, and, where it is of a row or a label, `line`
(from 1, the header's) and `column`. Cells have no line ends in them.
"""

import json
import pathlib
import sys
import tempfile

from frictionless.resources import TableResource

# The second version of the standard, which knows exclusive limits.
PROFILE = "https://datapackage.org/profiles/2.0/dataresource.json"


def place(error, key):
    found = {"kind": error.type, "line": None, "column": None}
    # Errors of rows have a number, and so have labels, whose row is the header.
    if hasattr(error, "row_number"):
        found["line"] = error.row_number
        found["column"] = getattr(error, "field_name", None) or None
        # A key is of the whole row: its first column stands for it, as in the list of `clean`.
        if error.type == "primary-key":
            found["column"] = key[0]
    elif hasattr(error, "label"):
        found["line"] = 1
        found["column"] = error.field_name or error.label or None
    return found


def validate(case, folder):
    (folder / "data.csv").write_text(case["csv"], encoding="utf-8", newline="")
    try:
        # Nothing is left to be found out: not the encoding, not where the header is.
        resource = {"$schema": PROFILE, "name": "data", "path": "data.csv", "format": "csv", "encoding": "utf-8"}
        resource |= {"dialect": {"headerRows": [1]}, "schema": case["schema"]}
        report = TableResource.from_descriptor(resource, basepath=str(folder)).validate()
    except Exception as error:
        return {"valid": False, "errors": [{"kind": f"refused: {error}", "line": None, "column": None}]}
    errors = [error for task in report.tasks for error in task.errors] + report.errors
    key = case["schema"].get("primaryKey", [])
    key = [key] if isinstance(key, str) else key
    return {"valid": report.valid, "errors": [place(error, key) for error in errors]}


def main():
    cases = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps([validate(case, pathlib.Path(name)) for case in cases]))


main()
