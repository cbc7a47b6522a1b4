"""Scoring raw rows with `predict` beside scikit-learn's `Pipeline.predict` on the same rows.

python3 bench/predict/run.py [--rows N] [--runs R] [--bin target/debug]

Needs numpy, pandas, scikit-learn and joblib. Both learn the same model (medians for missing numbers, indicators of a category, least
squares) from 20,000 rows, and then score N raw rows, from CSV to CSV, in turns, each in a process of its own. Printed are medians of
seconds, rows a second, the peak of resident memory, and the largest relative difference of two predictions.
"""
import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

NUMBERS = [f"x{i}" for i in range(10)]
CONFIG = """[project]
target = "y"
[ingest]
sources = ["raw.csv"]
[clean]
split = { by = "column", column = "part" }
[features]
max_categories = 20
"""
SCORE = """
import joblib, pandas, sys, time
pipeline = joblib.load(sys.argv[1])
table = pandas.read_csv(sys.argv[2])
begun = time.perf_counter()
prediction = pipeline.predict(table)
print(time.perf_counter() - begun)
pandas.DataFrame({"prediction": prediction}).to_csv(sys.argv[3], index=False)
"""


def table(rows, seed):
    """Ten numbers, one in fifty missing, and a category of eight levels."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(rng.normal(size=(rows, len(NUMBERS))).round(4), columns=NUMBERS)
    data["kind"] = rng.choice(list("abcdefgh"), rows)
    data["y"] = (data[NUMBERS].sum(axis=1) + data["kind"].map(ord) + rng.normal(size=rows)).round(4)
    for name in NUMBERS[:3]:
        data.loc[rng.random(rows) < 0.02, name] = np.nan
    return data


# A process begins with the peak of the one that started it, so a small one starts those that are measured.
LAUNCH = """
import os, sys, time
begun = time.perf_counter()
child = os.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - begun, usage.ru_maxrss / 1024)
sys.exit(status != 0)
"""


def timed(command):
    """Seconds, peak of resident MiB, and what the command prints before."""
    launch = [sys.executable, "-S", "-E", "-c", LAUNCH, *map(str, command)]
    printed = subprocess.run(launch, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return float(printed[-2]), float(printed[-1]), printed[:-2]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--bin", type=Path, default=Path("target/debug"))
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        train = table(20_000, 1)
        new = table(options.rows, 2).drop(columns="y")
        train.assign(part=["train"] * 19_000 + ["calibration"] * 500 + ["test"] * 500).to_csv(folder / "raw.csv", index=False)
        new.to_csv(folder / "new.csv", index=False)
        (folder / "pipeline.toml").write_text(CONFIG)
        for stage in ["ingest", "clean", "feature-engineer", "train-model"]:
            subprocess.run([options.bin / stage, "-q", "--project", folder], check=True)
        steps = make_column_transformer(
            (SimpleImputer(strategy="median"), NUMBERS), (OneHotEncoder(drop="first"), ["kind"])
        )
        pipeline = make_pipeline(steps, LinearRegression()).fit(train[:19_000], train["y"][:19_000])
        joblib.dump(pipeline, folder / "pipeline.joblib")
        ours = [options.bin / "predict", "-q", "--project", folder, "-i", folder / "new.csv", "-o", folder / "ours.csv"]
        theirs = [sys.executable, "-c", SCORE, folder / "pipeline.joblib", folder / "new.csv", folder / "theirs.csv"]
        seconds, memory, within = {"predict": [], "scikit-learn": []}, {}, []
        for _ in range(options.runs):
            for name, command in [("predict", ours), ("scikit-learn", theirs)]:
                spent, peak, printed = timed(command)
                seconds[name].append(spent)
                memory[name] = max(memory.get(name, 0), peak)
                within += map(float, printed)
        a, b = (pd.read_csv(folder / name)["prediction"].to_numpy() for name in ["ours.csv", "theirs.csv"])
        print(f"{options.rows:,} rows, largest relative difference {np.max(np.abs(a - b) / np.abs(b)):.1e}")
        for name, spent in seconds.items():
            middle = statistics.median(spent)
            print(f"{name}: {middle:.2f} s CSV to CSV, {options.rows / middle:,.0f} rows/s, {memory[name]:.0f} MiB")
        middle = statistics.median(within)
        print(f"Pipeline.predict alone, in memory: {middle:.2f} s, {options.rows / middle:,.0f} rows/s")


main()
