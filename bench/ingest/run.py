#!/usr/bin/env python3
"""Reading raw CSV: `ingest` beside DuckDB and polars, on one large file and on many.

    python3 -m venv venv && venv/bin/pip install duckdb polars
    make build && venv/bin/python bench/ingest/run.py [--gib 1] [--runs 5]

Each tool reads the same files and writes one CSV; the tools take turns, so that what else the machine does
falls on all alike. `ingest` also checks the form of every record, hashes what it reads and writes, finds the
type of every column and syncs its output to disk; the others do none of it but types (DuckDB). Printed are
the medians of wall seconds, the ratio of each tool to `ingest`, and the largest resident set.
"""

import argparse
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
INGEST = ROOT / "target" / "debug" / "ingest"
DUCKDB = """
import duckdb, sys
duckdb.execute("SET enable_progress_bar = false")
duckdb.execute(f"COPY (SELECT * FROM read_csv('{sys.argv[1]}')) TO '{sys.argv[2]}' (FORMAT csv)")
"""
POLARS = "import polars, sys; polars.scan_csv(sys.argv[1]).sink_csv(sys.argv[2])"


def lines(count):
    """Rows of twelve columns: integers, decimals, dates, words, quoted text, missing cells, truth values."""
    draw = random.Random(7)
    cities = ["Abilene", "Amarillo", "Austin", "Bay Area", "Beaumont", "Corpus Christi", "Dallas", "El Paso"]
    for i in range(count):
        note = '"sold, ""as is"""' if i % 50 == 0 else "" if i % 7 == 0 else "ok"
        date = f"{draw.randint(2000, 2020):04}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        yield (
            f"{i},{date},{draw.choice(cities)},{draw.randint(0, 900)},{draw.random() * 1e6:.2f},{draw.random():.4f},"
            f"{draw.gauss(0, 100):.3f},{draw.randint(0, 10**6)},{draw.random() * 100:.1f},{note},"
            f"{draw.random() * 50:.6f},{'true' if i % 3 else 'false'}\n"
        )


def write(path, block, size):
    """A file of at least `size` bytes: a header, and the block again and again."""
    with open(path, "wb") as file:
        file.write(b"id,date,city,sales,volume,share,change,listings,months,note,price,open\n")
        while file.tell() < size:
            file.write(block[: max(block.rfind(b"\n", 0, size - file.tell()) + 1, block.find(b"\n") + 1)])


def timed(command):
    """Wall seconds and largest resident set in MiB of one process."""
    before = os.times().elapsed
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = os.times().elapsed - before
    if status:
        sys.exit(f"failed: {command}")
    return seconds, usage.ru_maxrss / 1024


def compare(name, folder, pattern, runs):
    project = folder / "project"
    project.mkdir(exist_ok=True)
    (project / "pipeline.toml").write_text(f'[project]\ntarget = "price"\n[ingest]\nsources = ["{pattern}"]\n')
    commands = {
        "ingest": [str(INGEST), "--project", str(project)],
        "duckdb": [sys.executable, "-c", DUCKDB, str(pattern), str(folder / "out.csv")],
        "polars": [sys.executable, "-c", POLARS, str(pattern), str(folder / "out.csv")],
    }
    found = {tool: [] for tool in commands}
    for turn in range(runs + 1):
        for tool, command in commands.items():
            result = timed(command)
            # The first turn warms the page cache.
            if turn:
                found[tool].append(result)
    ours = statistics.median(seconds for seconds, _ in found["ingest"])
    print(f"{name}, {runs} runs")
    for tool, results in found.items():
        seconds = [s for s, _ in results]
        median, memory = statistics.median(seconds), max(m for _, m in results)
        print(
            f"  {tool:7} {median:6.2f} s (from {min(seconds):.2f} to {max(seconds):.2f}), "
            f"{median / ours:4.2f} of ingest's time, {memory:6.0f} MiB"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gib", type=float, default=1.0, help="size of the one large file")
    parser.add_argument("--files", type=int, default=500, help="number of files of 2 MiB")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    block = "".join(lines(40_000)).encode()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as name:
        folder = pathlib.Path(name)
        write(folder / "large.csv", block, int(arguments.gib * 2**30))
        compare(f"one file of {arguments.gib} GiB", folder, folder / "large.csv", arguments.runs)
        (folder / "large.csv").unlink()
        (folder / "many").mkdir()
        for i in range(arguments.files):
            # Another place to begin gives each file other rows.
            cut = block.find(b"\n", i * 997 % (len(block) // 2)) + 1
            write(folder / "many" / f"part {i:04}.csv", block[cut:], 2 << 20)
        compare(f"{arguments.files} files of 2 MiB", folder, folder / "many" / "*.csv", arguments.runs)


if __name__ == "__main__":
    main()
