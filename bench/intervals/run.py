#!/usr/bin/env python3
"""Coverage and width of prediction intervals: the real `train-model` and `evaluate` on made data, beside MAPIE.

    python3 -m venv VENV && VENV/bin/pip install mapie && make build
    VENV/bin/python bench/intervals/run.py [--seeds 50] [--bin target/debug]

Each seed draws 200 training, 200 calibration and 1,000 test rows; both sides fit least squares to the same
rows. Bounds are computed here, in plain Python, from `model.pkl`; the coverage that `evaluate` writes must be
the same, or this ends with an error. MAPIE has the fitted line (`prefit`) and its own defaults; its
`residual normalised` score fits the scale on a quarter of the calibration rows, ours on the training rows.
Without MAPIE only our own rows are printed.
"""

import argparse
import json
import math
import pathlib
import pickle
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIZES = {"train": 200, "calibration": 200, "test": 1000}
LEVELS = [0.8, 0.9]
METHODS = ["conformal", "normalised", "t"]


def linear(draw, x, part):
    return 1 + 2 * x + draw.gauss(0, 1)


def fan(draw, x, part):
    return 1 + 2 * x + (0.2 + x) * draw.gauss(0, 1)


def tails(draw, x, part):
    """Student's t with 3 degrees of freedom."""
    return 1 + 2 * x + draw.gauss(0, 1) / math.sqrt(draw.gammavariate(1.5, 2) / 3)


def bent(draw, x, part):
    """The line is the wrong model."""
    return 1 + 2 * x * x + draw.gauss(0, 1)


def drift(draw, x, part):
    """Errors of the test part have half as much spread again."""
    return 1 + 2 * x + draw.gauss(0, 1.5 if part == "test" else 1)


TRUTHS = {"linear": linear, "errors grow with x": fan, "heavy tails": tails, "bent truth": bent, "drift": drift}


def sample(truth, seed):
    draw = random.Random(f"{truth.__name__} {seed}")
    made = {}
    for part, rows in SIZES.items():
        xs = [3 * draw.random() for _ in range(rows)]
        made[part] = [(x, truth(draw, x, part)) for x in xs]
    return made


def run(program, folder, *arguments):
    subprocess.run([program, "-q", *arguments], cwd=folder, check=True)


def ours(bin, folder, made, method):
    """Bounds of the test rows by level, from the model file alone."""
    config = f'[project]\ntarget = "y"\n[train]\nintervals = {{ method = "{method}", levels = {LEVELS} }}\n'
    (folder / "pipeline.toml").write_text(config)
    with open(folder / "features.csv", "w", encoding="ascii") as file:
        file.write("x,y,split\n")
        for part, rows in made.items():
            file.writelines(f"{x!r},{y!r},{part}\n" for x, y in rows)
    run(bin / "train-model", folder, "-i", "features.csv")
    run(bin / "evaluate", folder, "-i", "features.csv", "-i", "models/model.pkl")
    model = pickle.loads((folder / "models/model.pkl").read_bytes())
    intervals, line = model["intervals"], model["function"]["linear"]
    predict = lambda of, x: of["intercept"] + of["coefficients"][0] * x

    def scale(x):
        kind = intervals["scale"]
        if kind == "constant":
            return 1.0
        if "linear" in kind:
            return max(predict(kind["linear"]["function"], x), kind["linear"]["floor"])
        of = kind["leverage"]
        z = of["factor"][0][0] * (x - of["centre"][0])
        return of["residual_sd"] * math.sqrt(1 + of["base"] + z * z)

    xs = [x for x, _ in made["test"]]
    bounds = [[(predict(line, x) - q * scale(x), predict(line, x) + q * scale(x)) for x in xs]
              for q in intervals["quantiles"]]
    metrics = json.loads((folder / "reports/metrics.json").read_text())["test"]["intervals"]
    for found, of in zip(metrics, bounds):
        if found["covered"] != sum(low <= y <= high for (low, high), (_, y) in zip(of, made["test"])):
            sys.exit(f"`evaluate` counts other rows than plain Python, {method}: {found}")
    return bounds


def mapie(made, score):
    """The same of MAPIE, for a line fitted by scikit-learn."""
    import numpy
    from mapie.conformity_scores import ResidualNormalisedScore
    from mapie.regression import SplitConformalRegressor
    from sklearn.linear_model import LinearRegression

    columns = {part: (numpy.array([[x] for x, _ in rows]), numpy.array([y for _, y in rows])) for part, rows in made.items()}
    score = ResidualNormalisedScore(random_state=0) if score == "residual normalised" else score
    fitted = LinearRegression().fit(*columns["train"])
    of = SplitConformalRegressor(fitted, confidence_level=LEVELS, conformity_score=score, prefit=True)
    _, bounds = of.conformalize(*columns["calibration"]).predict_interval(columns["test"][0])
    return [[(low, high) for low, high in bounds[:, :, i]] for i in range(len(LEVELS))]


def measures(bounds, rows, level):
    """Coverage, least coverage of a third of x, mean width, mean interval score."""
    covered, thirds, width, score = 0, [[0, 0] for _ in range(3)], 0.0, 0.0
    for (low, high), (x, y) in zip(bounds, rows):
        inside = low <= y <= high
        covered += inside
        third = thirds[min(int(x), 2)]
        third[0] += inside
        third[1] += 1
        width += high - low
        score += high - low + 2 / (1 - level) * (max(low - y, 0) + max(y - high, 0))
    n = len(rows)
    return [covered / n, *[hit / of for hit, of in thirds], width / n, score / n]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seeds", type=int, default=50)
    arguments.add_argument("--bin", type=pathlib.Path, default=ROOT / "target/debug")
    arguments = arguments.parse_args()
    ways = {f"Millrace {method}": method for method in METHODS}
    try:
        import mapie as _
        ways |= {"MAPIE absolute": "absolute", "MAPIE residual normalised": "residual normalised"}
    except ImportError:
        print("no MAPIE here", file=sys.stderr)
    print("| truth | intervals of 90 % | coverage | sd over seeds | lowest third | middle | highest | mean width | interval score |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for name, truth in TRUTHS.items():
            found = {way: [] for way in ways}
            for seed in range(arguments.seeds):
                made = sample(truth, seed)
                for way, method in ways.items():
                    millrace = way.startswith("Millrace")
                    all_levels = ours(arguments.bin.resolve(), pathlib.Path(folder), made, method) if millrace else mapie(made, method)
                    found[way].append(measures(all_levels[-1], made["test"], LEVELS[-1]))
            for way, rows in found.items():
                mean = [sum(column) / len(rows) for column in zip(*rows)]
                sd = math.sqrt(sum((row[0] - mean[0]) ** 2 for row in rows) / max(len(rows) - 1, 1))
                shares = [f"{100 * v:.1f}" for v in (mean[0], sd, *mean[1:4])]
                print("|", " | ".join([name, way, *shares, *(f"{v:.3f}" for v in mean[4:])]), "|", flush=True)


main()
