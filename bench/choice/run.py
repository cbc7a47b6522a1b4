"""What `model = "auto"` loses in test MAE beside the better of OLS and the booster.

    python3 bench/choice/run.py [--seeds N] [--programs DIR] [--budget B] [--only WORD] [--skip WORD] [--jobs N] [-o FILE]

Every case is a project of its own: a raw CSV, the real programs from `ingest` to `evaluate`, and `metrics.json`. Needs numpy
and scikit-learn. Prints a table in Markdown; `-o` keeps every run as JSON.
"""
import argparse
import json
import statistics
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cases

CONFIG = """[project]
target = "y"
[ingest]
sources = ["raw.csv"]
[clean]
split = {{ by = "column", column = "part" }}
[train]
model = "{model}"
budget = {budget}
"""


def write(folder, x, y, n):
    names = [f"x{j}" for j in range(x.shape[1])]
    lines = [",".join([*names, "y", "part"])]
    for i, (row, target) in enumerate(zip(x, y)):
        part = "train" if i < n else "test"
        lines.append(",".join([*(repr(float(v)) for v in row), repr(float(target)), part]))
    (folder / "raw.csv").write_text("\n".join(lines) + "\n")


def stage(programs, folder, name, *more):
    done = subprocess.run([programs / name, "-q", *more], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{name}: {done.stderr}")


def run(programs, make, seed, budget):
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, *make(seed))
        for model in ["ols", "boosted", "auto"]:
            (folder / "pipeline.toml").write_text(CONFIG.format(model=model, budget=budget))
            if model == "ols":
                for first in ["ingest", "clean", "feature-engineer"]:
                    stage(programs, folder, first)
            stage(programs, folder, "train-model")
            stage(programs, folder, "evaluate")
            metrics = json.loads((folder / "reports/metrics.json").read_text())
            found[model] = metrics["test"]["mae"]
            found["choice"] = json.loads((folder / "models/model.pkl.meta.json").read_text())["found"]["choice"]
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--programs", type=Path, default=Path(__file__).resolve().parents[2] / "target/debug")
    parser.add_argument("--budget", type=float, default=1.0)
    parser.add_argument("--only", default="")
    parser.add_argument("--skip", default="nothing")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("-o", "--output", type=Path)
    args = parser.parse_args()
    programs = args.programs.resolve()
    everything, regrets = [], []
    print("| data | OLS | boosted | auto | chosen | regret, mean | worst |\n| --- | ---: | ---: | ---: | --- | ---: | ---: |")
    everyone = {**cases.CASES, **cases.real()}
    chosen_cases = {name: make for name, make in everyone.items() if args.only in name and args.skip not in name}
    pool = ThreadPoolExecutor(args.jobs)
    started = {
        name: [pool.submit(run, programs, make, seed, args.budget) for seed in range(args.seeds)]
        for name, make in chosen_cases.items()
    }
    for name, futures in started.items():
        runs = [future.result() for future in futures]
        lost = [r["auto"] / min(r["ols"], r["boosted"]) - 1 for r in runs]
        regrets.append(lost)
        chosen = [r["choice"]["chosen"] for r in runs]
        counts = ", ".join(f"{c} {chosen.count(c)}" for c in sorted(set(chosen)))
        mean = {m: statistics.mean(r[m] for r in runs) for m in ["ols", "boosted", "auto"]}
        figures = " | ".join(f"{mean[m]:.4g}" for m in ["ols", "boosted", "auto"])
        print(f"| {name} | {figures} | {counts} | {100 * statistics.mean(lost):.2f} % | {100 * max(lost):.2f} % |", flush=True)
        everything += [{"case": name, "seed": seed, **r} for seed, r in enumerate(runs)]
    flat = [lost for case in regrets for lost in case]
    print(
        f"\nMean regret over {len(flat)} runs of {len(regrets)} data sets: {100 * statistics.mean(flat):.2f} %; worst data set "
        f"{100 * max(statistics.mean(c) for c in regrets):.2f} %; worst single run {100 * max(flat):.2f} %; "
        f"runs above 5 %: {sum(lost > 0.05 for lost in flat)}."
    )
    if args.output:
        args.output.write_text(json.dumps(everything))


if __name__ == "__main__":
    main()
