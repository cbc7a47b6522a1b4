"""The work in polars and scikit-learn, a stage at a time."""

import polars
from polars import col

import shared

READ = {"csv": polars.scan_csv, "parquet": polars.scan_parquet, "arrow": polars.scan_ipc}
TEXT = {"entity": polars.String, "date": polars.Date, "kind": polars.String, "split": polars.String}


def read(work, name, columns):
    if work.form != "csv":
        return READ[work.form](work.table(name))
    return polars.scan_csv(work.table(name), schema={column: TEXT.get(column, polars.Float64) for column in columns})


def write(work, name, table):
    {"csv": table.sink_csv, "parquet": table.sink_parquet, "arrow": table.sink_ipc}[work.form](work.table(name))


def ingest(work):
    write(work, "raw", polars.scan_csv(work.raw, infer_schema=False))


def clean(work):
    typed = read(work, "raw", ["entity", "date", "kind", *shared.NUMBERS])
    if work.form != "csv":
        typed = typed.with_columns(col("date").str.to_date(), col(shared.NUMBERS).cast(polars.Float64))
    table = typed.unique().collect(engine="streaming")
    medians = table.filter(col("date") < work.calibration).select(col(shared.INPUTS).median()).row(0, named=True)
    split = polars.when(col("date") < work.calibration).then(polars.lit("train"))
    split = split.when(col("date") < work.test).then(polars.lit("calibration")).otherwise(polars.lit("test"))
    filled = [col(name).fill_null(value) for name, value in medians.items()]
    write(work, "clean", table.lazy().with_columns(*filled, split=split))


def columns(table, part):
    rows = table.filter(col("split") == part).select(shared.FEATURES)
    # Its own sort, on all cores, is twice as fast as NumPy's.
    return lambda name: (rows[name].drop_nulls().sort().to_numpy(), rows[name].null_count())


def features(work):
    table = read(work, "clean", ["entity", "date", "kind", *shared.NUMBERS, "split"]).collect(engine="streaming")
    table = table.sort("entity", "date")
    # Rows of an entity stand together: what looks back runs over the whole column, and is taken away where it crossed.
    place = polars.int_range(polars.len()).over("entity")
    table = table.with_columns(place=place)
    made = [polars.when(col("place") >= 1).then(col(name).shift(1)).alias(f"{name}_lag_1") for name in shared.PAST]
    for name in shared.PAST:
        for window in shared.WINDOWS:
            full = polars.when(col("place") >= window - 1)
            made.append(full.then(col(name).rolling_mean(window)).alias(f"{name}_mean_{window}"))
            made.append(full.then(col(name).rolling_std(window)).alias(f"{name}_std_{window}"))
    made += [(col(over) / col(under)).alias(name) for name, (over, under) in shared.RATIOS.items()]
    ahead = polars.when(col("entity") == col("entity").shift(-1))
    made += [ahead.then(col("y").shift(-1)).alias(shared.TARGET), col("y").alias(shared.PERSISTENCE)]
    # A row whose outcome lies in the next part is of none.
    made.append((col("split") == col("split").shift(-1)).alias("stays"))
    table = table.with_columns(made).filter(col(shared.TARGET).is_not_null() & col("stays")).select(shared.COLUMNS)
    medians = shared.profile(work, columns(table, "train"), columns(table, "test"))
    write(work, "features", table.lazy().with_columns(col(name).fill_null(value) for name, value in medians.items()))


def part(work, name, columns):
    return read(work, "features", shared.COLUMNS).filter(col("split") == name).select(columns).collect(engine="streaming")


def model(work):
    table = part(work, "train", ["kind", *shared.FEATURES, shared.TARGET])
    levels = table["kind"].unique().sort().to_list()[1:]
    target = table[shared.TARGET].to_numpy()
    indicators = [(col("kind") == level).cast(polars.Float64).alias(f"kind={level}") for level in levels]
    matrix = table.select(*shared.FEATURES, *indicators).to_numpy(order="fortran")
    del table
    shared.fit(work, matrix, target, levels)


def evaluate(work):
    learned = shared.load(work)
    table = part(work, "test", ["kind", *shared.FEATURES, shared.TARGET, shared.PERSISTENCE])
    columns = [table[name].to_numpy() for name in shared.FEATURES]
    columns += [(table["kind"] == level).to_numpy().astype(float) for level in learned["levels"]]
    rows = read(work, "features", shared.COLUMNS).filter(col("split") == "calibration").select(polars.len()).collect().item()
    shared.evaluate(work, learned, columns, table[shared.TARGET].to_numpy(), table[shared.PERSISTENCE].to_numpy(), rows)


if __name__ == "__main__":
    shared.main(__doc__, ["csv", "parquet", "arrow"], ingest=ingest, clean=clean, features=features, model=model, evaluate=evaluate)
