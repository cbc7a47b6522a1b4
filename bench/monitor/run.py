#!/usr/bin/env python3
"""How often `monitor` alarms on rows that did not drift, and on rows that did; and how fast it reads a million raw rows.

    make build && python3 bench/monitor/run.py [--samples 1000] [--rows 1000000] [--bin target/debug]

A sample is one feature of a model: so many training rows and so many new rows of a normal distribution, the new ones moved by so
many standard deviations. A thousand samples are fifty models of twenty features, trained by `train-model` on tables made by hand.
Printed is how many raise the alarm (`drift.features[..].alarm` in monitor.json), and beside it how many exceed the fixed limits 0.1
and 0.25, which know nothing of the number of rows; then how many models have an alarm of target and prediction. The seed is fixed.
"""

import argparse
import json
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Training rows, new rows, and how far the new ones are moved, in standard deviations.
UNMOVED = [(100, 100, 0.0), (200, 200, 0.0), (1_000, 1_000, 0.0), (10_000, 10_000, 0.0), (10_000, 100, 0.0), (10_000, 1_000, 0.0)]
MOVED = [(1_000, 100, 0.5), (1_000, 100, 1.0), (1_000, 1_000, 0.25), (1_000, 1_000, 0.5), (10_000, 1_000, 0.5)]
COLUMNS = 20
HAND = '[project]\ntarget = "y"\n[train]\nmodel = "ols"\nmin_rows = 10\nintervals = { method = "none" }\n'
RAW = """[project]
target = "y"
[ingest]
sources = ["raw.csv"]
[clean]
split = { by = "column", column = "part" }
"""


def call(program, project, *arguments):
    done = subprocess.run([str(program), "-q", *arguments], cwd=project, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)


def write(path, draw, parts, names):
    """A features table made by hand; y is the sum of the first two features and noise."""
    with open(path, "w", encoding="ascii") as file:
        file.write(",".join(["y", "split", *names]) + "\n")
        for part, rows, mean in parts:
            for _ in range(rows):
                cells = [draw.gauss(mean, 1.0) for _ in names]
                y = cells[0] - mean + cells[1] - mean + draw.gauss(0.0, 1.0)
                file.write(f"{y:.9g},{part}," + ",".join("%.9g" % cell for cell in cells) + "\n")


def drift(programs, draw, trained, new, moved, names):
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder)
        (project / "pipeline.toml").write_text(HAND)
        write(project / "trained.csv", draw, [("train", trained, 0.0), ("test", 1, 0.0)], names)
        write(project / "new.csv", draw, [("test", new, moved)], names)
        call(programs / "train-model", project, "-i", "trained.csv")
        call(programs / "monitor", project, "-i", "new.csv")
        found = json.loads((project / "reports/monitor.json").read_text())["drift"]
    all_of = [found["features"][name] for name in names]
    assert all(psi["n_reference"] == trained and psi["n"] == new for psi in all_of)
    return all_of, found["target"]["alarm"], found["prediction"]["alarm"]


def alarms(programs, samples):
    print(f"of {samples} features")
    print("| training rows | new rows | moved, sd | alarms | above 0.1 | above 0.25 | models with alarm of target, prediction |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for trained, new, moved in UNMOVED + MOVED:
        draw = random.Random(f"{trained} {new} {moved}")
        features, targets, predictions, models = [], 0, 0, 0
        while len(features) < samples:
            names = [f"x{i}" for i in range(min(COLUMNS, samples - len(features)))]
            found, target, prediction = drift(programs, draw, trained, new, moved, names)
            features += found
            targets, predictions, models = targets + target, predictions + prediction, models + 1
        count = sum(psi["alarm"] for psi in features)
        above = [sum((psi["psi"] or 0.0) > limit for psi in features) for limit in (0.1, 0.25)]
        print(
            f"| {trained:,} | {new:,} | {moved:g} | {count} ({100 * count / len(features):.1f} %) | {above[0]} | {above[1]} |"
            f" {targets}, {predictions} of {models} |",
            flush=True,
        )


def speed(programs, rows):
    """Ten numbers, one in fifty missing, and a category of eight levels."""
    draw = random.Random(1)
    names = [f"x{i}" for i in range(10)]

    def table(path, count, parts):
        with open(path, "w", encoding="ascii") as file:
            file.write(",".join([*names, "kind", "y", *(["part"] if parts else [])]) + "\n")
            for i in range(count):
                cells = [draw.gauss(0.0, 1.0) for _ in names]
                kind = draw.choice("abcdefgh")
                y = sum(cells) + ord(kind) + draw.gauss(0.0, 1.0)
                texts = ["" if draw.random() < 0.02 else f"{cell:.4f}" for cell in cells]
                part = [["train", "calibration", "test"][max(i % 5 - 2, 0)]] if parts else []
                file.write(",".join([*texts, kind, f"{y:.4f}", *part]) + "\n")

    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder)
        (project / "pipeline.toml").write_text(RAW)
        table(project / "raw.csv", 20_000, True)
        table(project / "new.csv", rows, False)
        for name in ("ingest", "clean", "feature-engineer", "train-model"):
            call(programs / name, project)
        for name, output in (("predict", "out.csv"), ("monitor", "monitor.json")):
            seconds = []
            for _ in range(3):
                begun = time.perf_counter()
                call(programs / name, project, "-i", "new.csv", "-o", output)
                seconds.append(time.perf_counter() - begun)
            best = min(seconds)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(f"{name}: {rows:,} raw rows in {best:.1f} s, {rows / best:,.0f} rows a second; peak so far {peak:.0f} MB")
        state = (project / "monitor.json.state.json").stat().st_size
        begun = time.perf_counter()
        call(programs / "monitor", project, "--merge", "monitor.json", "-o", "again.json")
        print(f"state {state / 1e6:.0f} MB, merged in {time.perf_counter() - begun:.1f} s")
        assert (project / "again.json").read_bytes() == (project / "monitor.json").read_bytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "target" / "debug", help="folder of the programs")
    arguments = parser.parse_args()
    programs = arguments.bin.resolve()
    alarms(programs, arguments.samples)
    speed(programs, arguments.rows)


if __name__ == "__main__":
    main()
