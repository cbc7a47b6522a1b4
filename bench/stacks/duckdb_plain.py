"""The work in DuckDB and scikit-learn as their guides teach it, a stage at a time."""

import duckdb

import plain
import shared


def copy(work, name, query):
    duckdb.sql(f"COPY ({query}) TO '{work.table(name)}' (HEADER)")


def ingest(work):
    copy(work, "raw", f"SELECT * FROM read_csv('{work.folder}/data/raw/*.csv')")


def clean(work):
    duckdb.sql(f"CREATE TABLE t AS SELECT DISTINCT * FROM read_csv('{work.table('raw')}')")
    medians = ", ".join(f"median({name}) AS {name}" for name in shared.INPUTS)
    filled = ", ".join(f"coalesce(t.{name}, m.{name}) AS {name}" for name in shared.INPUTS)
    split = f"CASE WHEN date < '{work.calibration}' THEN 'train' WHEN date < '{work.test}' THEN 'calibration' ELSE 'test' END AS split"
    learned = f"(SELECT {medians} FROM t WHERE date < '{work.calibration}')"
    copy(work, "clean", f"SELECT entity, date, kind, {filled}, y, {split} FROM t, {learned} AS m")


def described(part):
    """Of all features, by name."""
    made = {
        "nulls": "count(*) - count({0})",
        "mean": "avg({0})",
        "sd": "stddev_samp({0})",
        "min": "min({0})",
        "q25": "quantile_cont({0}, 0.25)",
        "median": "median({0})",
        "q75": "quantile_cont({0}, 0.75)",
        "max": "max({0})",
    }
    found = {}
    for name in shared.FEATURES:
        columns = ", ".join(sql.format(name) for sql in made.values())
        [row] = duckdb.sql(f"SELECT {columns} FROM f WHERE split = '{part}'").fetchall()
        found[name] = dict(zip(made, row))
    return found


def features(work):
    made = [f"lag({name}) OVER w AS {name}_lag_1" for name in shared.PAST]
    for name in shared.PAST:
        for window in shared.WINDOWS:
            full = f"CASE WHEN count(*) OVER w{window} = {window} THEN"
            made.append(f"{full} avg({name}) OVER w{window} END AS {name}_mean_{window}")
            made.append(f"{full} stddev_samp({name}) OVER w{window} END AS {name}_std_{window}")
    made += [f"{over} / {under} AS {name}" for name, (over, under) in shared.RATIOS.items()]
    made += [f"lead(y) OVER w AS {shared.TARGET}", f"y AS {shared.PERSISTENCE}"]
    windows = [f"w{rows} AS (PARTITION BY entity ORDER BY date ROWS BETWEEN {rows - 1} PRECEDING AND CURRENT ROW)" for rows in shared.WINDOWS]
    duckdb.sql(
        f"CREATE TABLE f AS SELECT *, {', '.join(made)} FROM read_csv('{work.table('clean')}') "
        f"WINDOW w AS (PARTITION BY entity ORDER BY date), {', '.join(windows)} "
        # A row whose outcome lies in the next part is of none.
        "QUALIFY lead(split) OVER w = split"
    )
    train, test = (duckdb.sql(f"SELECT {', '.join(shared.FEATURES)} FROM f WHERE split = '{part}'").fetchdf() for part in ("train", "test"))
    plain.profile(work, train, test, {part: described(part) for part in ("train", "test")})
    copy(work, "features", "SELECT * FROM f")


def part(source, name):
    return duckdb.sql(f"SELECT * FROM {source} WHERE split = '{name}'").fetchdf()


def model(work):
    plain.fit(work, part(f"read_csv('{work.table('features')}')", "train").fillna(plain.medians(work)))


def evaluate(work):
    duckdb.sql(f"CREATE TABLE f AS SELECT * FROM read_csv('{work.table('features')}')")
    train, test = part("f", "train"), part("f", "test")
    [(rows,)] = duckdb.sql("SELECT count(*) FROM f WHERE split = 'calibration'").fetchall()
    medians, changes = plain.medians(work), plain.drift(train, test)
    plain.evaluate(work, train.fillna(medians), test.fillna(medians), changes, rows)


if __name__ == "__main__":
    shared.main(__doc__, ["csv"], ingest=ingest, clean=clean, features=features, model=model, evaluate=evaluate)
