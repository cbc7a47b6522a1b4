"""What the three plain stacks share: the fit, the measures and drift as scikit-learn and NumPy teach them, not tuned.

Tables are data frames of pandas or of polars, which scikit-learn takes both.
"""

import joblib
import numpy

import shared
from shared import FEATURES, TARGET

# What `describe` of pandas and of polars says of a column, in the words of the report.
DESCRIBED = {"mean": "mean", "std": "sd", "min": "min", "25%": "q25", "50%": "median", "75%": "q75", "max": "max"}


def psi(train, test):
    """Of two arrays, with bins between training deciles, closed on the right, and one for what is missing."""
    known = train[~numpy.isnan(train)]
    edges = numpy.unique(numpy.quantile(known, numpy.arange(1, shared.BINS) / shared.BINS))

    def counts(values):
        return numpy.bincount(numpy.digitize(values[~numpy.isnan(values)], edges, right=True), minlength=len(edges) + 1)

    reference = {"counts": counts(train), "missing": len(train) - len(known)}
    return shared.psi(reference, counts(test), int(numpy.isnan(test).sum()))


def drift(train, test):
    return {name: psi(train[name].to_numpy(), test[name].to_numpy()) for name in FEATURES}


def profile(work, train, test, described):
    """Writes statistics of train and test, `described` by part and feature, and the PSI between them."""
    changes = drift(train, test)
    work.write("features", {name: {part: of[name] for part, of in described.items()} | {"psi": changes[name]} for name in FEATURES})


def medians(work):
    """Training medians, of every feature."""
    return {name: of["train"]["median"] for name, of in work.read("features").items()}


def fit(work, train):
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder

    columns = ColumnTransformer([("kind", OneHotEncoder(drop="first"), ["kind"]), ("numbers", "passthrough", FEATURES)])
    model = Pipeline([("columns", columns), ("regression", LinearRegression())])
    model.fit(train[["kind", *FEATURES]], train[TARGET])
    joblib.dump(model, work.folder / "model.pkl")


def evaluate(work, train, test, changes, calibration_rows):
    """Measures on test rows; `train` and `test` with nothing missing, `changes` the PSI by feature."""
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    model = joblib.load(work.folder / "model.pkl")
    fitted, predicted = (model.predict(part[["kind", *FEATURES]]) for part in (train, test))
    actual, persistence = test[TARGET].to_numpy(), test[shared.PERSISTENCE].to_numpy()
    slope, intercept = numpy.polyfit(predicted, actual, 1)
    deciles, calibration_error = shared.calibration(predicted, actual, numpy.argsort(predicted))
    measures = {
        "n": len(actual),
        "mae": mean_absolute_error(actual, predicted),
        "rmse": root_mean_squared_error(actual, predicted),
        "bias": float((predicted - actual).mean()),
        "r2": r2_score(actual, predicted),
        "persistence_mae": mean_absolute_error(actual, persistence),
        "slope": float(slope),
        "intercept": float(intercept),
        "deciles": deciles,
        "calibration_error": calibration_error,
    }
    learned = {"n": len(train), "mae": mean_absolute_error(train[TARGET].to_numpy(), fitted)}
    changes = changes | {"prediction": psi(fitted, predicted)}
    coefficients = dict(zip(model[:-1].get_feature_names_out().tolist(), model[-1].coef_.tolist()))
    parts = {"train": learned, "calibration": {"n": calibration_rows}, "test": measures}
    work.write("metrics", {**parts, "drift": changes, "coefficients": coefficients})
