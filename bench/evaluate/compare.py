#!/usr/bin/env python3
"""The figures of `metrics.json` beside scikit-learn, scipy, statsmodels and MAPIE, on every example.

    python3 -m venv venv && venv/bin/pip install mapie pandas scikit-learn scipy statsmodels
    make build && venv/bin/python bench/evaluate/compare.py [--bin target/debug] [PROJECT ...]

Runs the stages on a copy of each project (the default example and examples/*, or those given), has `predict` write
predictions and intervals of the test rows, and computes each figure from these, the features table and the
features' own columns. Printed are, by figure, both values and their relative difference. Ends with 1 where
one is above 1e-9, or, for distances from a grid of at most 201 values, above what docs/metrics.md allows.
"""

import argparse
import json
import math
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
import statsmodels.api as sm
from mapie.metrics.regression import regression_coverage_score, regression_mean_width_score, regression_mwi_score
from scipy import stats
from sklearn import metrics as sk
from sklearn.isotonic import IsotonicRegression

ROOT = pathlib.Path(__file__).resolve().parents[2]
STAGES = ("ingest", "clean", "feature-engineer", "train-model", "evaluate")
LARGEST = 1e-9
# KS from a grid is low by less than 1/200, Wasserstein-1 off by little more than rows within a gap can move (docs/metrics.md).
GRID = 1 / 200


def made(project, programs, folder):
    """Runs the stages on a copy; metrics, features table and predictions of the test rows."""
    for name in ("pipeline.toml", "schema.json"):
        if (project / name).exists():
            shutil.copy(project / name, folder / name)
    shutil.copytree(project / "data" / "raw", folder / "data" / "raw")
    for stage in STAGES:
        subprocess.run([programs / stage, "-q", "--project", folder], check=True)
    features = folder / "data/processed/features.csv"
    out = folder / "test.csv"
    subprocess.run(
        [programs / "predict", "-q", "--project", folder, "-i", features, "--part", "test", "-o", out], check=True
    )
    found = json.loads((folder / "reports/metrics.json").read_text())
    return found, pd.read_csv(features), pd.read_csv(out)


def errors(found, y, f, base):
    test = found["test"]
    yield "MAE", test["mae"], sk.mean_absolute_error(y, f), "scikit-learn"
    yield "RMSE", test["rmse"], sk.root_mean_squared_error(y, f), "scikit-learn"
    yield "R2", test["r2"], sk.r2_score(y, f), "scikit-learn"
    yield "median absolute error", test["median_absolute_error"], sk.median_absolute_error(y, f), "scikit-learn"
    yield "MAPE", test["mape"], sk.mean_absolute_percentage_error(y, f), "scikit-learn"
    if base is not None:
        yield "MASE", test["mase"], sk.mean_absolute_error(y, f) / base, "numpy"


def calibration(found, y, f):
    test = found["test"]
    line = test["calibration"]
    fit = sm.OLS(y, sm.add_constant(f)).fit()
    yield "slope", line["slope"], fit.params[1], "statsmodels"
    yield "slope_se, rows independent", line["slope_se"], fit.bse[1], "statsmodels"
    yield "intercept", line["intercept"], fit.params[0], "statsmodels"
    joint = fit.f_test((np.eye(2), np.array([0.0, 1.0])))
    yield "joint F", line["joint_f"], float(joint.fvalue), "statsmodels"
    yield "joint p", line["joint_p"], float(joint.pvalue), "statsmodels"
    g = IsotonicRegression(out_of_bounds="clip").fit(f, y).predict(f)
    mse, recalibrated, uncertainty = sk.mean_squared_error(y, f), sk.mean_squared_error(y, g), np.var(y)
    yield "MCB", line["mcb"], mse - recalibrated, "scikit-learn"
    yield "DSC", line["dsc"], uncertainty - recalibrated, "scikit-learn"
    yield "UNC", line["unc"], uncertainty, "numpy"


def robust(found, y, f, times):
    """The line's errors that allow for dependence: HC3, or equal-weighted cosines of scores summed by time."""
    line = found["test"]["calibration"]["robust"]
    if line["dependence"] == "rows":
        fit = sm.OLS(y, sm.add_constant(f)).fit(cov_type="HC3", use_t=True)
        yield "slope_se, robust", line["slope_se"], fit.bse[1], "statsmodels, HC3"
        lower, upper = fit.conf_int()[1]
    elif line["dependence"] == "time":
        x = sm.add_constant(f)
        fit = sm.OLS(y, x).fit()
        scores = pd.DataFrame(x * fit.resid[:, None]).groupby(times).sum().to_numpy()
        count = len(scores)
        v = math.floor(0.4 * count ** (2 / 3))
        t = np.arange(1, count + 1) - 0.5
        c = np.array([np.cos(math.pi * j * t / count) @ scores for j in range(1, v + 1)])
        inverse = np.linalg.inv(x.T @ x)
        covariance = inverse @ (2 * c.T @ c / v) @ inverse
        error = math.sqrt(covariance[1, 1])
        yield "slope_se, robust", line["slope_se"], error, "numpy, cosines"
        away = stats.t.ppf(0.975, v) * error
        lower, upper = fit.params[1] - away, fit.params[1] + away
    else:
        return
    yield "slope, lower limit", line["slope_limits"]["lower"], lower, "as above"
    yield "slope, upper limit", line["slope_limits"]["upper"], upper, "as above"


def intervals(found, y, predictions):
    rows = found["intervals"]["rows"]
    for of in found["test"]["intervals"]:
        level = of["level"]
        name = f"{100 * level:g}"
        if of["coverage"] is None:
            continue
        bounds = predictions[[f"lower_{name}", f"upper_{name}"]].to_numpy()[:, :, None]
        yield f"coverage of {name} %", of["coverage"], float(np.ravel(regression_coverage_score(y, bounds))[0]), "MAPIE"
        yield f"width of {name} %", of["mean_width"], float(np.ravel(regression_mean_width_score(bounds))[0]), "MAPIE"
        score = float(np.ravel(regression_mwi_score(y, bounds, level))[0])
        yield f"interval score of {name} %", of["winkler"], score, "MAPIE"
        left = math.floor((rows + 1) * round(1 - level, 12))
        band = stats.betabinom(len(y), rows + 1 - left, left)
        yield f"band of {name} %, lower", of["band_lower"], band.ppf(0.025) / len(y), "scipy"
        yield f"band of {name} %, upper", of["band_upper"], band.ppf(0.975) / len(y), "scipy"


def drift(found, table):
    """Features that are nowhere missing: the table holds what was counted."""
    train, test = (table[table["split"] == part] for part in ("train", "test"))
    for name, parts in found["drift"]["features"].items():
        psi = parts["test"]
        if psi["missing_share"] or psi["missing_share_reference"] or psi["psi"] is None:
            continue
        a, b = train[name].to_numpy(), test[name].to_numpy()
        threshold = (1 / len(a) + 1 / len(b)) * stats.chi2.ppf(0.99, psi["df"])
        yield f"{name}: 99 % point of PSI", psi["threshold_99"], threshold, "scipy"
        edges = np.quantile(a, np.arange(1, 10) / 10)
        # Ties move edges by rules of our own.
        if psi["df"] == 9 and len(set(edges)) == 9 and edges[-1] < a.max():
            r, c = (np.bincount(np.searchsorted(edges, x), minlength=10) for x in (a, b))
            r, c = (r + 0.5) / (len(a) + 5), (c + 0.5) / (len(b) + 5)
            yield f"{name}: PSI", psi["psi"], float(np.sum((c - r) * np.log(c / r))), "numpy"
        few = len(set(a)) <= 201
        if psi["ks"] is not None:
            ks = stats.ks_2samp(a, b).statistic
            yield f"{name}: KS", psi["ks"], float(ks), "scipy" + ("" if few else ", grid")
        if psi["wasserstein"] is not None:
            distance = stats.wasserstein_distance(a, b) / a.std(ddof=1)
            # Within a gap new rows lie at their mean, whatever the number of points.
            yield f"{name}: Wasserstein / sd", psi["wasserstein"], float(distance), "scipy, grid"


def groups(found, y, f, keys, time):
    """MAE of each level of the entity, by pandas."""
    for of in found["segments"]:
        if of["column"] in keys:
            mae = pd.Series(np.abs(f - y)).groupby(keys[of["column"]].to_numpy()).mean()
            for row in of["rows"]:
                if row["level"] in mae.index:
                    yield f"MAE of {row['level']}", row["mae"], float(mae[row["level"]]), "pandas"
    periods = found["periods"]
    if periods and periods["unit"] == "quarter" and time is not None:
        label = time.dt.year.astype(str) + "-Q" + time.dt.quarter.astype(str)
        mae = pd.Series(np.abs(f - y)).groupby(label.to_numpy()).mean()
        for row in periods["rows"]:
            if row["part"] == "test":
                yield f"MAE of {row['period']}", row["mae"], float(mae[row["period"]]), "pandas"


def times(found, keys):
    names = found["target"]["time"]
    if not names:
        return None
    if len(names) == 1:
        return pd.to_datetime(keys[names[0]])
    parts = {"year": keys[names[0]], "month": keys[names[1]], "day": 1}
    return pd.to_datetime(pd.DataFrame(parts))


def compare(project, programs):
    with tempfile.TemporaryDirectory() as name:
        found, table, predictions = made(project, programs, pathlib.Path(name))
    part = table[table["split"] == "test"].reset_index(drop=True)
    y, f = part[found["target"]["column"]].to_numpy(), predictions["prediction"].to_numpy()
    base = found["baselines"].get("persistence")
    time = times(found, part)
    figures = [
        *errors(found, y, f, base and base["train"]["mae"]),
        *calibration(found, y, f),
        *robust(found, y, f, None if time is None else time.to_numpy()),
        *intervals(found, y, predictions),
        *drift(found, table),
        *groups(found, y, f, part, time),
    ]
    bad = 0
    worst = {}
    for what, ours, theirs, by in figures:
        if ours is None:
            continue
        difference = abs(ours - theirs) / max(abs(theirs), 1e-300)
        if by.endswith("grid"):
            difference = abs(ours - theirs)
            fails = difference >= GRID
        else:
            fails = difference > LARGEST
        bad += fails
        kind = what.split(": ")[-1] if ": " in what else ("MAE by group" if what.startswith("MAE of ") else what)
        kind = (kind, by)
        count, largest, shown = worst.get(kind, (0, -1.0, None))
        worst[kind] = (count + 1, max(largest, difference), (ours, theirs) if difference > largest else shown)
        if fails:
            print(f"DIFFERS: {what}: {ours!r}, {by}: {theirs!r}", file=sys.stderr)
    for (what, by), (count, largest, (ours, theirs)) in worst.items():
        kind = "absolute" if by.endswith("grid") else "relative"
        print(f"| {project.name} | {what} | {count} | {ours:.10g} | {theirs:.10g} | {largest:.1e} {kind} | {by} |")
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "target/debug")
    parser.add_argument("projects", nargs="*", type=pathlib.Path)
    given = parser.parse_args()
    projects = given.projects or [ROOT, ROOT / "examples/mpg", ROOT / "examples/stocks"]
    print("| project | figure | compared | metrics.json | other | largest difference | by |")
    print("| --- | --- | ---: | ---: | ---: | ---: | --- |")
    bad = sum(compare(project.resolve(), given.bin.resolve()) for project in projects)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
