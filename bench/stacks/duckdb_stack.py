"""The work in DuckDB and scikit-learn, a stage at a time."""

import duckdb
import numpy

import shared

TYPES = {"entity": "VARCHAR", "date": "DATE", "kind": "VARCHAR", "split": "VARCHAR"}
COPY = {"csv": "FORMAT csv, HEADER", "parquet": "FORMAT parquet"}


def connect():
    connection = duckdb.connect()
    connection.sql("SET preserve_insertion_order = false; SET enable_progress_bar = false")
    return connection


def table(work, name, columns):
    """The checkpoint as a SQL source."""
    if work.form == "parquet":
        return f"read_parquet('{work.table(name)}')"
    types = ", ".join(f"'{column}': '{TYPES.get(column, 'DOUBLE')}'" for column in columns)
    return f"read_csv('{work.table(name)}', header = true, auto_detect = false, delim = ',', columns = {{{types}}})"


def copy(connection, work, name, query):
    connection.sql(f"COPY ({query}) TO '{work.table(name)}' ({COPY[work.form]})")


def ingest(work):
    connection = connect()
    copy(connection, work, "raw", f"SELECT * FROM read_csv({[str(path) for path in work.raw]}, header = true, all_varchar = true)")


def clean(work):
    connection = connect()
    typed = [f"CAST({name} AS {TYPES.get(name, 'DOUBLE')}) AS {name}" for name in ["entity", "date", "kind", *shared.NUMBERS]]
    source = table(work, "raw", ["entity", "date", "kind", *shared.NUMBERS])
    connection.sql(f"CREATE TABLE t AS SELECT DISTINCT {', '.join(typed)} FROM {source}")
    medians = ", ".join(f"median({name}) AS {name}" for name in shared.INPUTS)
    filled = ", ".join(f"coalesce(t.{name}, m.{name}) AS {name}" for name in shared.INPUTS)
    split = f"CASE WHEN date < '{work.calibration}' THEN 'train' WHEN date < '{work.test}' THEN 'calibration' ELSE 'test' END AS split"
    learned = f"(SELECT {medians} FROM t WHERE date < '{work.calibration}')"
    copy(connection, work, "clean", f"SELECT entity, date, kind, {filled}, y, {split} FROM t, {learned} AS m")


def features(work):
    connection = connect()
    made = [f"lag({name}) OVER w AS {name}_lag_1" for name in shared.PAST]
    for name in shared.PAST:
        for window in shared.WINDOWS:
            made.append(f"CASE WHEN place >= {window} THEN avg({name}) OVER w{window} END AS {name}_mean_{window}")
            made.append(f"CASE WHEN place >= {window} THEN stddev_samp({name}) OVER w{window} END AS {name}_std_{window}")
    made += [f"{over} / {under} AS {name}" for name, (over, under) in shared.RATIOS.items()]
    made += [f"lead(y) OVER w AS {shared.TARGET}", f"y AS {shared.PERSISTENCE}", "lead(split) OVER w AS next_split"]
    windows = [f"w{rows} AS (PARTITION BY entity ORDER BY date ROWS {rows - 1} PRECEDING)" for rows in shared.WINDOWS]
    windows = ", ".join(["w AS (PARTITION BY entity ORDER BY date)", *windows])
    source = table(work, "clean", ["entity", "date", "kind", *shared.NUMBERS, "split"])
    placed = f"SELECT *, row_number() OVER (PARTITION BY entity ORDER BY date) AS place FROM {source}"
    connection.sql(
        f"CREATE TABLE f AS SELECT {', '.join(shared.COLUMNS)} FROM "
        f"(SELECT *, {', '.join(made)} FROM ({placed}) WINDOW {windows}) "
        # A row whose outcome lies in the next part is of none.
        f"WHERE {shared.TARGET} IS NOT NULL AND split = next_split"
    )

    def columns(part):
        found = connection.sql(f"SELECT {', '.join(shared.FEATURES)} FROM f WHERE split = '{part}'").fetchnumpy()
        return lambda name: shared.ascending(numpy.ma.filled(found[name], numpy.nan))

    medians = shared.profile(work, columns("train"), columns("test"))
    filled = ", ".join(f"coalesce({name}, {value}) AS {name}" for name, value in medians.items())
    copy(connection, work, "features", f"SELECT * REPLACE ({filled}) FROM f")


def part(connection, work, name, columns):
    source = table(work, "features", shared.COLUMNS)
    return connection.sql(f"SELECT {', '.join(columns)} FROM {source} WHERE split = '{name}'").fetchnumpy()


def indicators(levels):
    return [f"CAST(kind = '{level}' AS DOUBLE) AS \"kind={level}\"" for level in levels]


def model(work):
    connection = connect()
    source = table(work, "features", shared.COLUMNS)
    connection.sql(f"CREATE TABLE f AS SELECT kind, {', '.join(shared.FEATURES)}, {shared.TARGET} FROM {source} WHERE split = 'train'")
    levels = [level for (level,) in connection.sql("SELECT DISTINCT kind FROM f ORDER BY kind").fetchall()][1:]
    columns = [*shared.FEATURES, *indicators(levels), shared.TARGET]
    found = connection.sql(f"SELECT {', '.join(columns)} FROM f").fetchnumpy()
    connection.close()
    target = found.pop(shared.TARGET)
    matrix = numpy.empty((len(target), len(found)), order="F")
    for place, name in enumerate(list(found)):
        matrix[:, place] = found.pop(name)
    shared.fit(work, matrix, numpy.asarray(target), levels)


def evaluate(work):
    connection, learned = connect(), shared.load(work)
    others = [shared.TARGET, shared.PERSISTENCE]
    found = part(connection, work, "test", [*shared.FEATURES, *indicators(learned["levels"]), *others])
    actual, persistence = (numpy.asarray(found.pop(name)) for name in others)
    columns = [numpy.asarray(values) for values in found.values()]
    source = table(work, "features", shared.COLUMNS)
    [(rows,)] = connection.sql(f"SELECT count(*) FROM {source} WHERE split = 'calibration'").fetchall()
    shared.evaluate(work, learned, columns, actual, persistence, rows)


if __name__ == "__main__":
    shared.main(__doc__, ["csv", "parquet"], ingest=ingest, clean=clean, features=features, model=model, evaluate=evaluate)
