"""The work in polars and scikit-learn as their guides teach it, a stage at a time."""

import polars
from polars import col

import plain
import shared


def read(work, name):
    """Types are found by polars."""
    return polars.scan_csv(work.table(name), try_parse_dates=True)


def ingest(work):
    polars.scan_csv(work.raw, try_parse_dates=True).collect().write_csv(work.table("raw"))


def clean(work):
    table = read(work, "raw").unique(maintain_order=True).collect()
    train = table.filter(col("date") < work.calibration)
    split = (
        polars.when(col("date") < work.calibration)
        .then(polars.lit("train"))
        .when(col("date") < work.test)
        .then(polars.lit("calibration"))
        .otherwise(polars.lit("test"))
    )
    filled = [col(name).fill_null(train[name].median()) for name in shared.INPUTS]
    table.with_columns(*filled, split=split).write_csv(work.table("clean"))


def described(table):
    rows = table.describe(interpolation="linear").rows_by_key("statistic", named=True, unique=True)
    names = {"null_count": "nulls", **plain.DESCRIBED}
    return {name: {names[key]: float(row[name]) for key, row in rows.items() if key in names} for name in shared.FEATURES}


def features(work):
    made = [col(name).shift(1).over("entity").alias(f"{name}_lag_1") for name in shared.PAST]
    for name in shared.PAST:
        for window in shared.WINDOWS:
            made.append(col(name).rolling_mean(window).over("entity").alias(f"{name}_mean_{window}"))
            made.append(col(name).rolling_std(window).over("entity").alias(f"{name}_std_{window}"))
    made += [(col(over) / col(under)).alias(name) for name, (over, under) in shared.RATIOS.items()]
    made += [col("y").shift(-1).over("entity").alias(shared.TARGET), col("y").alias(shared.PERSISTENCE)]
    table = (
        read(work, "clean")
        .sort("entity", "date")
        .with_columns(*made, next_split=col("split").shift(-1).over("entity"))
        # A row whose outcome lies in the next part is of none.
        .filter(col("split") == col("next_split"))
        .select(shared.COLUMNS)
        .collect()
    )
    train, test = (table.filter(col("split") == part).select(shared.FEATURES) for part in ("train", "test"))
    plain.profile(work, train, test, {"train": described(train), "test": described(test)})
    table.write_csv(work.table("features"))


def filled(work, table):
    return table.with_columns(col(name).fill_null(median) for name, median in plain.medians(work).items())


def model(work):
    plain.fit(work, filled(work, read(work, "features").filter(col("split") == "train").collect()))


def evaluate(work):
    table = read(work, "features").collect()
    train, calibration, test = (table.filter(col("split") == part) for part in ("train", "calibration", "test"))
    changes = plain.drift(train, test)
    plain.evaluate(work, filled(work, train), filled(work, test), changes, calibration.height)


if __name__ == "__main__":
    shared.main(__doc__, ["csv"], ingest=ingest, clean=clean, features=features, model=model, evaluate=evaluate)
