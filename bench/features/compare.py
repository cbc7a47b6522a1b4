#!/usr/bin/env python3
"""Features beside pandas: every feature of every example, computed again from the clean table.

    python3 -m venv venv && venv/bin/pip install pandas
    make build && venv/bin/python bench/features/compare.py [--bin target/debug] [PROJECT ...]

Runs `ingest`, `clean` and `feature-engineer` on a copy of each project (the default example and
examples/*, or those given), reads the clean table, the features and the recipe in their manifest, and
computes each feature by pandas from the clean table. Printed are, by feature, the cells compared, the
largest relative difference, and the cells of which only one side says that they were missing and are filled
with the value learned. Ends with 1 where a difference is above 1e-9 or any such cell is found.
"""

import argparse
import json
import math
import pathlib
import shutil
import subprocess
import sys
import tempfile
import tomllib

import numpy as np

from recipe import Recipe
from table import Table, numbers, read

ROOT = pathlib.Path(__file__).resolve().parents[2]
LARGEST = 1e-9


def copied(project, folder):
    """What a run needs of a project, without what one wrote."""
    for name in ("pipeline.toml", "schema.json"):
        if (project / name).exists():
            shutil.copy(project / name, folder / name)
    shutil.copytree(project / "data" / "raw", folder / "data" / "raw")


def run(programs, folder):
    for stage in ("ingest", "clean", "feature-engineer"):
        done = subprocess.run([programs / stage, "--project", folder], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{stage}: {done.stderr}")


def aligned(table, rows, kept):
    """The row of the clean table that each row of a features table is, by its keys."""
    if not table.keys:
        return kept
    names = [*table.keys, "split"]
    waiting = {}
    for row, key in enumerate(table.cells[names].itertuples(index=False, name=None)):
        waiting.setdefault(key, []).append(row)
    return np.array([waiting[key].pop(0) for key in rows[names].itertuples(index=False, name=None)], dtype=int)


def difference(theirs, ours):
    """The largest relative difference; infinite where one side alone has a value."""
    one = np.isnan(theirs) != np.isnan(ours)
    both = ~(np.isnan(theirs) | np.isnan(ours))
    scale = np.maximum(np.abs(theirs), np.abs(ours))
    apart = np.where(both & (theirs != ours), np.abs(theirs - ours) / np.where(scale > 0, scale, 1.0), 0.0)
    return float(max(apart.max(initial=0.0), math.inf if one.any() else 0.0))


def compare(project, programs):
    """Prints a table; returns the largest difference and the cells that disagree on what is missing."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        copied(project, folder)
        run(programs, folder)
        config = tomllib.loads((folder / "pipeline.toml").read_text(encoding="utf-8"))
        clean, out = folder / "data/processed/clean.csv", folder / "data/processed/features.csv"
        table = Table(clean, config["project"].get("time"))
        manifest = json.loads(out.with_name("features.csv.meta.json").read_text())
        rows = read(out)
        pending = out.with_name("features.csv.pending.csv")
        pending = read(pending) if pending.exists() else rows.iloc[:0]
    learned = manifest["learned"]
    recipe = Recipe(table, learned, config.get("features", {}).get("expressions", {}))
    target, last = recipe.target()
    kept = aligned(table, rows, np.flatnonzero(target.notna()))
    later = aligned(table, pending, np.array([], dtype=int))
    shown = project.relative_to(ROOT) if project.is_relative_to(ROOT) else project
    print(f"\n{shown}: {len(rows)} rows and {len(pending)} pending of {len(table.cells)}\n")
    print("| column | cells | missing | largest relative difference | missing cells that disagree |")
    print("| --- | --- | --- | --- | --- |")
    worst, disagree = 0.0, 0

    def line(column, cells, missing, apart, wrong):
        nonlocal worst, disagree
        print(f"| {column} | {cells} | {missing} | {apart:.2g} | {wrong} |")
        worst, disagree = max(worst, apart), disagree + wrong

    made = recipe.features()
    names = [f["name"] for f in manifest["fields"] if f["role"] == "feature"]
    expected = [name for name in made if name not in learned["left_out"]]
    if sorted(names) != sorted(expected):
        sys.exit(f"other features: {sorted(set(names) ^ set(expected))}")
    for feature in names:
        theirs = np.concatenate([numbers(rows[feature]), numbers(pending[feature])])
        raw = made[feature].to_numpy()[np.concatenate([kept, later])]
        missing = np.isnan(raw)
        fill = learned["fills"][feature]
        # By part the manifest has how many were filled; each of them holds the very value learned.
        wrong = int((theirs[missing] != fill).sum())
        filled = manifest["found"]["features"][feature]["filled"]
        for part, count in filled.items():
            ours = missing[: len(kept)] & (table.parts.to_numpy()[kept] == part)
            wrong += abs(int(ours.sum()) - count)
        line(feature, len(theirs), int(missing.sum()), difference(theirs, np.where(missing, fill, raw)), wrong)
    spec = learned["recipe"]["target"]
    theirs, ours = numbers(rows[spec["column"]]).to_numpy(), target.to_numpy()[kept]
    line(f"{spec['column']} (target)", len(ours), 0, difference(theirs, ours), int(np.isnan(ours).sum()))
    if spec.get("persistence"):
        cells = np.concatenate([numbers(rows[spec["persistence"]]), numbers(pending[spec["persistence"]])])
        ours = last.to_numpy()[np.concatenate([kept, later])]
        wrong = int((np.isnan(ours) != np.isnan(cells)).sum())
        missing = int(np.isnan(ours).sum())
        line(f"{spec['persistence']} (persistence)", len(cells), missing, difference(cells, ours), wrong)
    return worst, disagree


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("projects", nargs="*", type=pathlib.Path, metavar="PROJECT")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "target" / "debug", help="folder of the programs")
    arguments = parser.parse_args()
    examples = [path.parent for path in sorted(ROOT.glob("examples/*/pipeline.toml"))]
    projects = [path.resolve() for path in arguments.projects] or [ROOT, *examples]
    results = [compare(project, arguments.bin.resolve()) for project in projects]
    worst, disagree = max(w for w, _ in results), sum(d for _, d in results)
    print(f"\nlargest relative difference {worst:.2g}; missing cells that disagree: {disagree}")
    sys.exit(1 if worst > LARGEST or disagree else 0)


if __name__ == "__main__":
    main()
