"""The work in pandas and scikit-learn, a stage at a time."""

import csv

import numpy
import pandas

import shared

TEXT = {"entity": "str", "date": "str", "kind": "str", "split": "str"}


def read(work, name, columns, kinds=None):
    if work.form == "csv":
        types = {column: TEXT.get(column, "float64") for column in columns} if kinds is None else kinds
        return pandas.read_csv(work.table(name), engine="pyarrow", usecols=columns, dtype=types)
    if work.form == "parquet":
        return pandas.read_parquet(work.table(name), columns=columns)
    return pandas.read_feather(work.table(name), columns=columns)


def write(work, name, table):
    if work.form == "csv":
        # A quarter faster than to look for cells that need quotes, and an error if one does.
        table.to_csv(work.table(name), index=False, quoting=csv.QUOTE_NONE)
    elif work.form == "parquet":
        table.to_parquet(work.table(name), index=False)
    else:
        table.reset_index(drop=True).to_feather(work.table(name))


def ingest(work):
    # Cells as they stand, so that nothing is changed and nothing formatted.
    parts = (pandas.read_csv(path, engine="pyarrow", dtype="str") for path in work.raw)
    write(work, "raw", pandas.concat(parts, ignore_index=True))


def clean(work):
    table = read(work, "raw", ["entity", "date", "kind", *shared.NUMBERS])
    if work.form != "csv":
        table = table.astype({name: "float64" for name in shared.NUMBERS})
    table = table.drop_duplicates()
    date = pandas.to_datetime(table["date"], format="%Y-%m-%d")
    train, before_test = date < pandas.Timestamp(work.calibration), date < pandas.Timestamp(work.test)
    table = table.fillna(table.loc[train, shared.INPUTS].median())
    table["split"] = numpy.select([train, before_test], ["train", "calibration"], "test")
    write(work, "clean", table)


def features(work):
    table = read(work, "clean", ["entity", "date", "kind", *shared.NUMBERS, "split"])
    # Dates are ISO 8601, whose order is that of time.
    table = table.sort_values(["entity", "date"], ignore_index=True)
    # Rows of an entity stand together: what looks back runs over the whole column, and is taken away where it crossed.
    entity = table["entity"].factorize()[0]
    place = numpy.arange(len(table)) - numpy.searchsorted(entity, entity)
    made = {f"{name}_lag_1": table[name].shift(1).where(place >= 1) for name in shared.PAST}
    for name in shared.PAST:
        for window in shared.WINDOWS:
            rolling = table[name].rolling(window)
            made[f"{name}_mean_{window}"] = rolling.mean().where(place >= window - 1)
            made[f"{name}_std_{window}"] = rolling.std().where(place >= window - 1)
    made |= {name: table[over] / table[under] for name, (over, under) in shared.RATIOS.items()}
    split = table["split"].factorize()[0]
    # A row whose outcome lies in the next part is of none.
    stays = numpy.append((entity[1:] == entity[:-1]) & (split[1:] == split[:-1]), False)
    made |= {shared.TARGET: table["y"].shift(-1), shared.PERSISTENCE: table["y"]}
    table = pandas.concat([table, pandas.DataFrame(made)], axis=1)[stays]
    train, test = (table.loc[table["split"] == part, shared.FEATURES] for part in ("train", "test"))
    medians = shared.profile(work, *(lambda name, of=of: shared.ascending(of[name].to_numpy()) for of in (train, test)))
    write(work, "features", table.fillna(medians))


def part(work, name, columns):
    table = read(work, "features", [*columns, "split"])
    return table[table["split"] == name]


def model(work):
    table = part(work, "train", ["kind", *shared.FEATURES, shared.TARGET])
    levels = sorted(table["kind"].unique())[1:]
    target = table[shared.TARGET].to_numpy()
    matrix = numpy.empty((len(table), len(shared.FEATURES) + len(levels)), order="F")
    for place, name in enumerate(shared.FEATURES):
        matrix[:, place] = table[name]
    for place, level in enumerate(levels, len(shared.FEATURES)):
        matrix[:, place] = table["kind"] == level
    del table
    shared.fit(work, matrix, target, levels)


def evaluate(work):
    learned = shared.load(work)
    table = read(work, "features", ["kind", *shared.FEATURES, shared.TARGET, shared.PERSISTENCE, "split"])
    rows = int((table["split"] == "calibration").sum())
    table = table[table["split"] == "test"]
    columns = [table[name].to_numpy() for name in shared.FEATURES]
    columns += [(table["kind"] == level).to_numpy(dtype=float) for level in learned["levels"]]
    shared.evaluate(work, learned, columns, table[shared.TARGET].to_numpy(), table[shared.PERSISTENCE].to_numpy(), rows)


if __name__ == "__main__":
    shared.main(__doc__, ["csv", "parquet", "arrow"], ingest=ingest, clean=clean, features=features, model=model, evaluate=evaluate)
