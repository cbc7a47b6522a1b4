#!/usr/bin/env python3
"""Checks the recomputation of `compare.py` itself, every kind of feature against values worked out by hand.

    venv/bin/python bench/features/by_hand.py
"""

import json
import math
import pathlib
import tempfile

from recipe import Recipe
from table import Table

M = math.nan
# In time order `a` has x 1, 2, missing, 4 on four days and `b` 10, 30; rows are shuffled.
CLEAN = """day,e,x,z,c,split
2024-03-10,a,4,-1,u,train
2024-02-28,b,10,1,v,train
2024-01-31,a,1,2,w,train
2024-03-01,a,,4,,train
2024-02-29,b,30,0,u,train
2024-02-29,a,2,8,v,train
"""
# Where the rows of `a` stand in time order, then those of `b`.
IN_TIME = [2, 5, 3, 0, 1, 4]
FIELDS = [("day", "date", "time"), ("e", "string", "entity"), ("x", "number", "input"), ("z", "integer", "input"),
          ("c", "string", "input"), ("split", "string", "split")]  # fmt: skip


def rolling(window, least, statistic="mean", before=False, column="x"):
    words = {"column": column, "window": window, "min_rows": least, "statistic": statistic, "before": before}
    return {"kind": "rolling", **words}


def expanding(least, statistic, before):
    return {"kind": "expanding", "column": "x", "min_rows": least, "statistic": statistic, "before": before}


def calendar(part, column=None, wave=None):
    return {"kind": "calendar", "column": column, "part": part, "wave": wave}


def expression(text):
    return {"kind": "expression", "expression": text}


# A name, its spec, and the values of `a` (four) and `b` (two) in time order.
CASES = [
    ("x", {"kind": "value"}, [1, 2, M, 4, 10, 30]),
    ("lag", {"kind": "lag", "column": "x", "rows": 1}, [M, 1, 2, M, M, 10]),
    ("difference", {"kind": "difference", "column": "x", "rows": 1}, [M, 1, M, M, M, 20]),
    ("difference_2", {"kind": "difference", "column": "x", "rows": 2}, [M, M, M, 2, M, M]),
    ("change", {"kind": "percent_change", "column": "x", "rows": 1}, [M, 1, M, M, M, 2]),
    ("change_of_z", {"kind": "percent_change", "column": "z", "rows": 1}, [M, 3, -0.5, -1.25, M, -1]),
    ("log", {"kind": "log", "column": "z"}, [math.log(2), math.log(8), math.log(4), M, 0, M]),
    ("mean_2", rolling(2, 1), [1, 1.5, 2, 4, 10, 20]),
    ("mean_2_full", rolling(2, 2), [M, 1.5, M, M, M, 20]),
    ("sum_3", rolling(3, 2, "sum"), [M, 3, 3, 6, M, 40]),
    ("std_2", rolling(2, 1, "std"), [M, math.sqrt(0.5), M, M, M, math.sqrt(200)]),
    ("median_4", rolling(4, 1, "median"), [1, 1.5, 1.5, 2, 10, 20]),
    ("max_2_before", rolling(2, 1, "max", before=True), [M, 1, 2, 2, M, 10]),
    ("sum_10d_of_1", rolling("10d", 1, "sum"), [1, 2, 2, 4, 10, 40]),
    # Without a least number a window must lie within the rows of its entity: `a` begins on 31 January, `b` on 28 February.
    ("sum_10d", rolling("10d", None, "sum"), [M, 2, 2, 4, M, M]),
    ("sum_1d", rolling("1d", None, "sum"), [M, 2, M, 4, M, 30]),
    # 29 February less a month is 29 January, before the first row; 1 March less a month is 1 February.
    ("sum_1mo", rolling("1mo", None, "sum", column="z"), [M, M, 12, 11, M, M]),
    ("sum_10d_before", rolling("10d", None, "sum", before=True), [M, M, 2, M, M, M]),
    ("grown", expanding(1, "mean", False), [1, 1.5, 1.5, 7 / 3, 10, 20]),
    ("grown_before", expanding(2, "sum", True), [M, M, 3, 3, M, M]),
    ("r", {"kind": "ratio", "numerator": "x", "denominator": "lag"}, [M, 2, M, M, M, 3]),
    ("by_z", {"kind": "ratio", "numerator": "x", "denominator": "z"}, [M, 0.25, M, M, M, M]),
    ("e1", expression("x ^ 2 - `z` * 2"), [-3, -12, M, 18, 98, 900]),
    ("e2", expression("1 / (1 / z)"), [2, 8, 4, -1, 1, M]),
    ("e3", expression("max(x, -z) + 0 * x"), [1, 2, M, 4, 10, 30]),
    ("e4", expression("-2 ^ 2 + z ^ 0"), [-3] * 6),
    ("e5", expression("e1 + ln(exp(1))"), [-2, -11, M, 19, 99, 901]),
    ("month", calendar("month"), [1, 2, 3, 3, 2, 2]),
    ("weekday", calendar("weekday"), [3, 4, 5, 7, 3, 4]),
    ("day_of_year", calendar("day_of_year", "day"), [31, 60, 61, 70, 59, 60]),
    ("month_sin", calendar("month", None, "sin"), [math.sin(math.pi * (m - 1) / 6) for m in (1, 2, 3, 3, 2, 2)]),
]  # fmt: skip
# Missing where they are too few, or where pandas would take a quotient by what is as good as nothing.
TINY = {"by_z": 2.5}


def close(a, b):
    return math.isnan(a) and math.isnan(b) or abs(a - b) <= 1e-14 * max(abs(b), 1)


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "clean.csv"
        path.write_text(CLEAN)
        fields = [{"name": n, "type": t, "role": r} for n, t, r in FIELDS]
        path.with_name("clean.csv.meta.json").write_text(json.dumps({"fields": fields}))
        table = Table(path, "day")
    specs = [{"name": name, **spec} for name, spec, _ in CASES] + [{"kind": "category", "column": "c"}]
    target = {"source": "x", "horizon": 1, "statistic": "value", "column": "x_ahead_1", "persistence": "x_last_known"}
    levels = {"c": {"base": "u", "indicators": ["v"]}}
    learned = {"recipe": {"specs": specs, "target": target}, "levels": levels, "tiny": TINY}
    expected = {name: values for name, _, values in CASES}
    expected |= {"c=v": [0, 1, 0, 0, 1, 0], "c=(other)": [1, 0, 0, 0, 0, 0]}
    recipe = Recipe(table, learned, {})
    found = recipe.features()
    found["ahead"], found["last"] = recipe.target()
    expected |= {"ahead": [2, M, 4, M, 30, M], "last": [1, 2, 2, 4, 10, 30]}
    target |= {"horizon": 2, "statistic": "mean", "source": "z"}
    found["mean"], found["last of z"] = recipe.target()
    expected |= {"mean": [6, 1.5, M, M, M, M], "last of z": [M, 5, 6, 1.5, M, 0.5]}
    target |= {"horizon": 0, "statistic": "value", "source": "x"}
    found["own"], found["last before"] = recipe.target()
    expected |= {"own": [1, 2, M, 4, 10, 30], "last before": [M, 1, 2, 2, M, 10]}
    assert found.keys() == expected.keys(), found.keys() ^ expected.keys()
    for name, values in expected.items():
        ours = [float(found[name].iloc[row]) for row in IN_TIME]
        assert all(map(close, ours, values)), f"{name}: {ours} is not {values}"
    print(f"{len(expected)} columns are as worked out by hand")


main()
