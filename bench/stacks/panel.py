"""A seeded panel: entities x days in twelve files, with duplicates and missing cells.

    python bench/stacks/panel.py FOLDER --rows 1000000

Writes `FOLDER/data/raw/m00.csv` to `m11.csv` and `FOLDER/pipeline.toml`. Eleven columns: entity, date, kind (seven
levels), seven inputs `a` to `g` and the outcome `y`, which follows its own past and the inputs of the day before. 2 % of
the cells of `a` to `f` are missing, and 1 % of the rows of each file stand in it twice. The number of rows is rounded
to whole entities of 1,000 days; duplicates come on top.
"""

import argparse
import datetime
import pathlib

import numpy
import polars

DAYS, FILES = 1000, 12
FIRST = datetime.date(2020, 1, 1)
INPUTS = "abcdefg"
# The first day of the calibration and of the test part: 80 % and 90 % of time.
CALIBRATION, TEST = FIRST + datetime.timedelta(DAYS * 8 // 10), FIRST + datetime.timedelta(DAYS * 9 // 10)

SETTINGS = f"""[project]
target = "y"
horizon = 1
entity = "entity"
time = "date"

[ingest]
sources = ["data/raw/*.csv"]

[clean]
split = {{ calibration_from = "{CALIBRATION}", test_from = "{TEST}" }}

[features]
lags = [{{ columns = ["a", "b", "c"], rows = [1] }}]
rolling = [{{ columns = ["a", "b", "c"], windows = [7, 30], statistics = ["mean", "std"] }}]

[features.ratios]
a_to_b = ["a", "b"]
c_to_d = ["c", "d"]
e_to_f = ["e", "f"]
"""


def days(entities, seed):
    """Each day's inputs (entities x 7), outcome, and duplicates' places."""
    draw = numpy.random.default_rng(seed)
    level = draw.normal(10, 2, entities)
    weights = numpy.array([0.3, -0.2, 0.1, 0.05, 0, 0, 0.15])
    y, before = level.copy(), numpy.full((entities, len(INPUTS)), 10.0)
    for _ in range(DAYS):
        x = draw.normal(10, 2, (entities, len(INPUTS))).clip(1).round(3)
        y = level + 0.7 * (y - level) + (before - 10) @ weights + draw.normal(0, 1, entities)
        missing = draw.random((entities, len(INPUTS) - 1)) < 0.02
        before = x
        shown = x.copy()
        shown[:, :-1][missing] = numpy.nan
        yield shown, y.round(3)


def write(folder, rows, seed=1):
    """Writes the raw files and the settings into `folder`; returns the number of rows, duplicates included."""
    entities = max(1, rows // DAYS)
    raw = pathlib.Path(folder) / "data" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    (raw.parent.parent / "pipeline.toml").write_text(SETTINGS)
    names = polars.Series("entity", [f"e{i:05}" for i in range(entities)])
    kinds = polars.Series("kind", [f"k{i % 7}" for i in range(entities)])
    draw, written, file, part = numpy.random.default_rng(seed + 1), 0, 0, []
    for day, (x, y) in enumerate(days(entities, seed)):
        date = polars.Series("date", [FIRST + datetime.timedelta(day)]).new_from_index(0, entities)
        columns = [polars.Series(name, x[:, i]).fill_nan(None) for i, name in enumerate(INPUTS)]
        part.append(polars.DataFrame([names, date, kinds, *columns, polars.Series("y", y)]))
        if (day + 1) * FILES // DAYS > file:
            table = polars.concat(part)
            again = draw.choice(table.height, table.height // 100, replace=False)
            table = polars.concat([table, table[numpy.sort(again)]])
            table.write_csv(raw / f"m{file:02}.csv")
            written, file, part = written + table.height, file + 1, []
    return written


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(write(given.folder, given.rows, given.seed), "rows")
