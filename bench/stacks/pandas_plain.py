"""The work in pandas and scikit-learn as their guides teach it, a stage at a time."""

import numpy
import pandas

import plain
import shared


def read(work, name):
    return pandas.read_csv(work.table(name), parse_dates=["date"])


def ingest(work):
    table = pandas.concat([pandas.read_csv(path) for path in work.raw], ignore_index=True)
    table.to_csv(work.table("raw"), index=False)


def clean(work):
    table = read(work, "raw").drop_duplicates()
    train, before_test = table["date"] < pandas.Timestamp(work.calibration), table["date"] < pandas.Timestamp(work.test)
    table = table.fillna(table.loc[train, shared.INPUTS].median())
    table["split"] = numpy.select([train, before_test], ["train", "calibration"], default="test")
    table.to_csv(work.table("clean"), index=False)


def described(table):
    found = table.describe().rename(index=plain.DESCRIBED).loc[list(plain.DESCRIBED.values())]
    found.loc["nulls"] = table.isna().sum()
    return found.to_dict()


def features(work):
    table = read(work, "clean").sort_values(["entity", "date"], ignore_index=True)
    entities = table.groupby("entity")
    next_split = entities["split"].shift(-1)
    for name in shared.PAST:
        table[f"{name}_lag_1"] = entities[name].shift(1)
    for name in shared.PAST:
        for window in shared.WINDOWS:
            rolling = entities[name].rolling(window)
            table[f"{name}_mean_{window}"] = rolling.mean().reset_index(level=0, drop=True)
            table[f"{name}_std_{window}"] = rolling.std().reset_index(level=0, drop=True)
    for name, (over, under) in shared.RATIOS.items():
        table[name] = table[over] / table[under]
    table[shared.TARGET] = entities["y"].shift(-1)
    table[shared.PERSISTENCE] = table["y"]
    # A row whose outcome lies in the next part is of none.
    table = table[table["split"] == next_split]
    train, test = (table.loc[table["split"] == part, shared.FEATURES] for part in ("train", "test"))
    plain.profile(work, train, test, {"train": described(train), "test": described(test)})
    table.to_csv(work.table("features"), index=False)


def model(work):
    table = read(work, "features")
    plain.fit(work, table[table["split"] == "train"].fillna(plain.medians(work)))


def evaluate(work):
    table = read(work, "features")
    train, calibration, test = (table[table["split"] == part] for part in ("train", "calibration", "test"))
    medians, changes = plain.medians(work), plain.drift(train, test)
    plain.evaluate(work, train.fillna(medians), test.fillna(medians), changes, len(calibration))


if __name__ == "__main__":
    shared.main(__doc__, ["csv"], ingest=ingest, clean=clean, features=features, model=model, evaluate=evaluate)
