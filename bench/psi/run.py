#!/usr/bin/env python3
"""How often drift alarms: the real `feature-engineer` on made samples, with and without a shift.

    make build && python3 bench/psi/run.py [--samples 1000] [--bin target/debug]

A sample is one feature column: n training rows and n test rows of a normal distribution, the test rows
shifted by so many standard deviations. A thousand samples are a thousand columns, in tables of at most
a hundred. Printed is how many raise the alarm (`found.features[..].psi.alarm` in the manifest) and,
beside it, how many exceed the fixed limits 0.1 and 0.25, which know nothing of n; of the distances that need
no bins, how many exceed the 99 % point of KS, and the mean Wasserstein distance beside the mean of what
is to be expected without drift. The seed is fixed.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Rows of each part, and the shift of the test part in standard deviations.
UNMOVED = [(100, 0.0), (200, 0.0), (1_000, 0.0), (10_000, 0.0)]
SHIFTED = [(100, 0.5), (100, 1.0), (1_000, 0.25), (1_000, 0.5), (10_000, 0.25)]
# Columns of a table: 20,000 rows of them are 40 MB.
COLUMNS = 100


def write(path, draw, rows, shift, names):
    """A clean table made by hand; y is the target and drifts never."""
    with open(path, "w", encoding="ascii") as file:
        file.write(",".join(["y", "split", *names]) + "\n")
        for part, mean in (("train", 0.0), ("test", shift)):
            for _ in range(rows):
                cells = ",".join("%.9g" % draw.gauss(mean, 1.0) for _ in names)
                file.write(f"{draw.random():.6f},{part},{cells}\n")


def indices(program, draw, rows, shift, names):
    """What the manifest says of the drift of each feature."""
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder)
        (project / "pipeline.toml").write_text('[project]\ntarget = "y"\n')
        write(project / "clean.csv", draw, rows, shift, names)
        command = [str(program), "--project", folder, "-i", "clean.csv", "-o", "features.csv"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        found = json.loads((project / "features.csv.meta.json").read_text())["found"]["features"]
    drift = [found[name]["psi"] for name in names]
    assert all(psi["n_reference"] == psi["n"] == rows for psi in drift)
    return drift


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "target" / "debug", help="folder of the programs")
    arguments = parser.parse_args()
    program = arguments.bin.resolve() / "feature-engineer"
    print(f"of {arguments.samples} samples of n training and n test rows")
    print(
        "| n | shift, sd | alarms | above 0.1 | above 0.25 | mean index | 99 % point without drift "
        "| KS above its 99 % point | mean Wasserstein, sd | expected without drift |"
    )
    print("|" + " --- |" * 10)
    for rows, shift in UNMOVED + SHIFTED:
        draw = random.Random(f"{rows} {shift}")
        drift = []
        while len(drift) < arguments.samples:
            names = [f"x{i}" for i in range(min(COLUMNS, arguments.samples - len(drift)))]
            drift += indices(program, draw, rows, shift, names)
        alarms = sum(psi["alarm"] for psi in drift)
        above = [sum(psi["psi"] > limit for psi in drift) for limit in (0.1, 0.25)]
        mean = sum(psi["psi"] for psi in drift) / len(drift)
        point = drift[0]["threshold_99"]
        ks = sum(psi["ks"] > psi["ks_threshold_99"] for psi in drift)
        moved, expected = (sum(psi[key] for psi in drift) / len(drift) for key in ("wasserstein", "wasserstein_expected"))
        print(
            f"| {rows:,} | {shift:g} | {alarms} | {above[0]} | {above[1]} | {mean:.4f} | {point:.4f} "
            f"| {ks} | {moved:.4f} | {expected:.4f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
