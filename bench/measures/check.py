#!/usr/bin/env python3
"""The robust errors of the calibration line, block lengths and intervals, computed again by other programs.

    python3 -m venv VENV && VENV/bin/pip install numpy scipy statsmodels arch
    cargo build --release --manifest-path bench/measures/Cargo.toml
    VENV/bin/python bench/measures/check.py

Fails where a figure of the line differs by more than 1e-9 relative.
"""

import csv
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import scipy
import scipy.stats
import statsmodels
import statsmodels.api as sm

HERE = pathlib.Path(__file__).resolve().parent
KIND = {"times": "time", "persistent": "time", "panel": "time", "entities": "entity", "rows": "rows"}


def ewc(x, u, key):
    """Scores by time, the equal-weighted cosine estimator; covariance of (intercept, slope) and degrees of freedom."""
    z = np.array([(x[key == t] * u[key == t, None]).sum(axis=0) for t in np.unique(key)])
    times = len(z)
    nu = int(0.4 * np.cbrt(times**2))
    half = np.arange(times) + 0.5
    coefs = np.array([math.sqrt(2 / times) * np.cos(math.pi * j * half / times) @ z for j in range(1, nu + 1)])
    bread = np.linalg.inv(x.T @ x)
    return bread @ (times * coefs.T @ coefs / nu) @ bread, nu


def leave_one_out(x, y, key):
    """The line fitted again without each entity."""
    fits = [np.linalg.lstsq(x[key != g], y[key != g], rcond=None)[0] for g in np.unique(key)]
    off = np.array(fits) - np.linalg.lstsq(x, y, rcond=None)[0]
    return (len(fits) - 1) / len(fits) * off.T @ off, len(fits) - 1


def line(kind, key, f, y):
    x = sm.add_constant(f)
    fit = sm.OLS(y, x).fit()
    if kind == "rows":
        cov, df = fit.get_robustcov_results("HC3").cov_params(), len(y) - 2
    elif kind == "entity":
        cov, df = leave_one_out(x, y, key)
    else:
        cov, df = ewc(x, fit.resid, key)
    off = fit.params - np.array([0.0, 1.0])
    wald = off @ np.linalg.solve(cov, off)
    t, se = scipy.stats.t.ppf(0.975, df), np.sqrt(np.diag(cov))
    found = {"df": df, "f_statistic": wald * (df - 1) / (2 * df)}
    found["p_value"] = scipy.stats.f.sf(found["f_statistic"], 2, df - 1)
    for j, name in enumerate(["intercept", "slope"]):
        found |= {name: fit.params[j], name + "_se": se[j]}
        found |= {name + "_lower": fit.params[j] - t * se[j], name + "_upper": fit.params[j] + t * se[j]}
    return found, fit


def others(kind, key, fit):
    """Standard errors of the slope by statsmodels' own estimators, for comparison."""
    if kind == "entity":
        codes = np.unique(key, return_inverse=True)[1]
        return "cluster (CR1)", fit.get_robustcov_results("cluster", groups=codes).bse[1]
    if kind == "time" and len(np.unique(key)) == len(key):
        return "HAC, Bartlett", fit.get_robustcov_results("HAC", maxlags=int(1.3 * len(key) ** 0.5)).bse[1]
    if kind == "time":
        return "hac-groupsum", fit.get_robustcov_results("hac-groupsum", time=key, maxlags=10).bse[1]
    return "HC1", fit.get_robustcov_results("HC1").bse[1]


def block_length(key, absolute):
    """Twice the length that arch finds, at least 1.5 n^(1/3), rounded up."""
    from arch.bootstrap import optimal_block_length

    sums = np.array([(absolute[key == t] - absolute.mean()).sum() for t in np.unique(key)])
    best = float(optimal_block_length(sums)["circular"].iloc[0])
    return min(math.ceil(max(2 * max(best, 1), 1.5 * len(sums) ** (1 / 3))), len(sums) // 4)


def studentised(kind, key, absolute, length):
    """Limits of the MAE on the log scale by 20,000 resamples of other random numbers."""
    units = [absolute[key == k] for k in np.unique(key)] if kind != "rows" else [absolute[i : i + 1] for i in range(len(key))]
    a, n = np.array([u.sum() for u in units]), np.array([len(u) for u in units])
    count, mean = len(a), absolute.mean()
    window = lambda v, size: np.array([v[(i + np.arange(size)) % count].sum() for i in range(count)])
    se = math.sqrt((window(a - mean * n, length) ** 2).sum() / length) / a.sum()
    random, rest, t = np.random.default_rng(1), count % length, []
    A, N, a_rest, n_rest = window(a, length), window(n, length), window(a, rest), window(n, rest)
    for _ in range(20000):
        i, j = random.integers(count, size=count // length), random.integers(count)
        top, below = np.append(A[i], a_rest[j]), np.append(N[i], n_rest[j])
        theta = top.sum() / below.sum()
        t.append(math.log(theta / mean) / (math.sqrt(((top - theta * below) ** 2).sum()) / top.sum()))
    low, high = np.quantile(t, [0.025, 0.975])
    return mean * math.exp(-high * se), mean * math.exp(-low * se), se


def main():
    program = HERE / "target/release/bench-measures"
    print(f"numpy {np.__version__}, scipy {scipy.__version__}, statsmodels {statsmodels.__version__}\n")
    print("| data | largest relative difference of the line's figures | slope_se | by statsmodels' | is | block length | by arch | MAE limits | by 20,000 other resamples |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "dump", folder], check=True)
        for name, kind in KIND.items():
            rows = list(csv.DictReader(open(f"{folder}/{name}.csv")))
            key = np.array([int(r["key"]) for r in rows])
            f, y = (np.array([float(r[c]) for r in rows]) for c in ("predicted", "actual"))
            ours = {k: float(v) for k, v in csv.reader(open(f"{folder}/{name}.found"))}
            theirs, fit = line(kind, key, f, y)
            off = max(abs(ours[k] / v - 1) for k, v in theirs.items())
            worst = max(worst, off)
            label, other = others(kind, key, fit)
            absolute = np.abs(f - y)
            length = 1
            if kind == "time":
                try:
                    length = block_length(key, absolute)
                except ImportError:
                    length = int(ours["block_length"])
                    print("arch is not installed: block lengths are not checked", file=sys.stderr)
            low, high, _ = studentised(kind, key, absolute, length)
            print(
                f"| {name} | {off:.1e} | {ours['slope_se']:.5f} | {label} | {other:.5f} | {ours['block_length']:.0f} | {length} "
                f"| {ours['mae_lower']:.4f} to {ours['mae_upper']:.4f} | {low:.4f} to {high:.4f} |"
            )
    if worst > 1e-9:
        sys.exit("the line's figures differ")


if __name__ == "__main__":
    main()
