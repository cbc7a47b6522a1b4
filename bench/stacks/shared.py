"""What the stacks share: the task, the files, drift, the fit, the measures and the report."""

import argparse
import concurrent.futures
import datetime
import json
import os
import pathlib
import tomllib

import numpy

INPUTS = list("abcdefg")
NUMBERS = [*INPUTS, "y"]
PAST = ["a", "b", "c"]
WINDOWS = [7, 30]
RATIOS = {"a_to_b": ("a", "b"), "c_to_d": ("c", "d"), "e_to_f": ("e", "f")}
LAGS = [f"{name}_lag_1" for name in PAST]
ROLLING = [f"{name}_{what}_{window}" for name in PAST for window in WINDOWS for what in ("mean", "std")]
# Numeric features, in the order of the table; `kind` becomes indicators in the fit.
FEATURES = [*NUMBERS, *LAGS, *ROLLING, *RATIOS]
TARGET, PERSISTENCE = "y_ahead_1", "y_last_known"
COLUMNS = ["entity", "date", "kind", *NUMBERS, "split", *LAGS, *ROLLING, *RATIOS, TARGET, PERSISTENCE]
BINS = 10


class Work:
    """Where one stack reads and writes, and the dates that part its rows."""

    def __init__(self, folder, form):
        self.folder, self.form = pathlib.Path(folder), form
        self.raw = sorted((self.folder / "data" / "raw").glob("*.csv"))
        split = tomllib.loads((self.folder / "pipeline.toml").read_text())["clean"]["split"]
        self.calibration = datetime.date.fromisoformat(split["calibration_from"])
        self.test = datetime.date.fromisoformat(split["test_from"])

    def table(self, name):
        return self.folder / f"{name}.{self.form}"

    def write(self, name, value):
        (self.folder / f"{name}.json").write_text(json.dumps(value, indent=1))

    def read(self, name):
        return json.loads((self.folder / f"{name}.json").read_text())


def main(about, formats, **stages):
    """Runs the stage that the command line names."""
    stages["report"] = report
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("stage", choices=stages)
    parser.add_argument("folder", help="holds data/raw/*.csv and pipeline.toml")
    parser.add_argument("--format", choices=formats, default="csv")
    given = parser.parse_args()
    stages[given.stage](Work(given.folder, given.format))


def quantile(ordered, share):
    """Type 7, of ascending values."""
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))


def ascending(values):
    """The known values of a column in ascending order, and how many are missing; NaN sorts last."""
    ordered, missing = numpy.sort(values), int(numpy.isnan(values).sum())
    return ordered[: len(ordered) - missing], missing


def summary(ordered, missing):
    """Statistics of a column."""
    quartiles = {name: quantile(ordered, share) for name, share in (("q25", 0.25), ("median", 0.5), ("q75", 0.75))}
    spread = {"mean": float(ordered.mean()), "sd": float(ordered.std(ddof=1)), "min": float(ordered[0]), "max": float(ordered[-1])}
    return {"rows": len(ordered) + missing, "nulls": missing, **spread, **quartiles}


def reference(ordered, missing):
    """The bins between training deciles, and how many training rows are in each."""
    edges = sorted({quantile(ordered, i / BINS) for i in range(1, BINS)})
    return {"edges": edges, "counts": counts(ordered, edges), "missing": missing}


def counts(ordered, edges):
    """Values in each bin, closed on the right."""
    return numpy.diff(numpy.searchsorted(ordered, edges, "right"), prepend=0, append=len(ordered)).tolist()


def psi(reference, counts, missing):
    """Population stability index with half a row more in each bin; missing rows are a bin where there are any."""
    old, new = list(reference["counts"]), list(counts)
    if reference["missing"] or missing:
        old, new = [*old, reference["missing"]], [*new, missing]
    old, new = ((numpy.array(c) + 0.5) / (sum(c) + len(c) / 2) for c in (old, new))
    return float(((new - old) * numpy.log(new / old)).sum())


def profile(work, train, test):
    """Statistics of train and test and the PSI between them, by feature, where both give what `ascending` does for its
    name; returns the training medians of what looks back, which is missing in an entity's first rows."""

    def one(name):
        (known, unknown), (new, missing) = train(name), test(name)
        learned = reference(known, unknown)
        drift = psi(learned, counts(new, learned["edges"]), missing)
        return {"train": summary(known, unknown), "test": summary(new, missing), "reference": learned, "psi": drift}

    # Sorting leaves the lock of the interpreter.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        profiles = dict(zip(FEATURES, pool.map(one, FEATURES)))
    work.write("features", profiles)
    return {name: profiles[name]["train"]["median"] for name in [*LAGS, *ROLLING]}


def fit(work, matrix, target, levels):
    """Least squares; `matrix` is in Fortran order, and used up. Columns are the features and the indicators of `levels`."""
    import joblib
    from sklearn.linear_model import LinearRegression

    model = LinearRegression(copy_X=False).fit(matrix, target)
    # The columns are centred now, and the mean of the fitted values is that of the target.
    fitted = matrix @ model.coef_
    fitted += target.mean() - fitted.mean()
    error = float(numpy.abs(fitted - target).mean())
    learned = reference(*ascending(fitted))
    joblib.dump({"model": model, "levels": levels, "prediction": learned, "train": {"n": len(target), "mae": error}}, work.folder / "model.pkl")


def load(work):
    import joblib

    return joblib.load(work.folder / "model.pkl")


def calibration(predicted, actual, order):
    """Ten bins of rows in the order of their predictions, and the mean distance between prediction and outcome in them."""
    n = len(order)
    cuts = [-(-n * i // BINS) for i in range(BINS + 1)]
    bins = [(predicted[part], actual[part]) for part in (order[a:b] for a, b in zip(cuts, cuts[1:]))]
    found = [{"n": len(f), "mean_predicted": float(f.mean()), "mean_actual": float(y.mean())} for f, y in bins]
    return found, sum(b["n"] / n * abs(b["mean_predicted"] - b["mean_actual"]) for b in found)


def evaluate(work, learned, columns, actual, persistence, calibration_rows):
    """Measures on test rows; `columns` are the features in their order, then the indicators of the levels."""
    matrix = numpy.column_stack(columns)
    predicted = learned["model"].predict(matrix)
    error = predicted - actual
    n, variance = len(actual), float(((actual - actual.mean()) ** 2).sum())
    slope = float(numpy.cov(predicted, actual)[0, 1] / predicted.var(ddof=1))
    test = {
        "n": n,
        "mae": float(numpy.abs(error).mean()),
        "rmse": float(numpy.sqrt((error**2).mean())),
        "bias": float(error.mean()),
        "r2": 1 - float((error**2).sum()) / variance,
        "persistence_mae": float(numpy.abs(persistence - actual).mean()),
        "slope": slope,
        "intercept": float(actual.mean() - slope * predicted.mean()),
    }
    order = numpy.argsort(predicted)
    test["deciles"], test["calibration_error"] = calibration(predicted, actual, order)
    profiles = work.read("features")
    drift = {}
    for name, column in zip(FEATURES, columns):
        of_train = profiles[name]["reference"]
        known = numpy.sort(column)
        drift[name] = psi(of_train, counts(known, of_train["edges"]), 0)
    of_prediction = learned["prediction"]
    drift["prediction"] = psi(of_prediction, counts(predicted[order], of_prediction["edges"]), 0)
    coefficients = dict(zip([*FEATURES, *(f"kind={level}" for level in learned["levels"])], learned["model"].coef_.tolist()))
    parts = {"train": learned["train"], "calibration": {"n": calibration_rows}, "test": test}
    work.write("metrics", {**parts, "drift": drift, "coefficients": coefficients})


def report(work):
    metrics = work.read("metrics")
    test, profiles = metrics["test"], work.read("features")
    measures = [f"| {name} | {test[name]:.6g} |" for name in ("n", "mae", "rmse", "bias", "r2", "persistence_mae")]
    line = f"Outcome on prediction: slope {test['slope']:.4f}, intercept {test['intercept']:.4f}; binned error {test['calibration_error']:.4f}."
    bins = [f"| {b['n']} | {b['mean_predicted']:.4f} | {b['mean_actual']:.4f} |" for b in test["deciles"]]
    drift = [f"| {name} | {value:.4f} | {'**drift**' if value > 0.1 else ''} |" for name, value in metrics["drift"].items()]
    means = [f"| {name} | " + " | ".join(f"{p[part][key]:.4f}" for part in ("train", "test") for key in ("mean", "sd", "min", "median", "max")) + " |"
             for name, p in profiles.items()]  # fmt: skip
    terms = [f"| {name} | {value:.6g} |" for name, value in metrics["coefficients"].items()]
    sections = {
        "Errors on the test part": ["| measure | value |", "| --- | --- |", *measures],
        "Calibration": [line, "", "| rows | predicted | actual |", "| --- | --- | --- |", *bins],
        "Drift": ["| column | PSI | |", "| --- | --- | --- |", *drift],
        "Columns": ["| feature | mean | sd | min | median | max | test mean | sd | min | median | max |", "|" + " --- |" * 11, *means],
        "Coefficients": ["| term | value |", "| --- | --- |", *terms],
    }
    text = "\n\n".join(["# Report", *(f"## {title}\n\n" + "\n".join(lines) for title, lines in sections.items())])
    (work.folder / "report.md").write_text(text + "\n")
