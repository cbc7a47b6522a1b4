#!/usr/bin/env python3
"""The same work in Millrace and in pandas, polars and DuckDB with scikit-learn, side by side.

    make bench [ROWS=1000000]
    python3 bench/stacks/run.py [--rows N] [--runs N] [--only millrace,polars-plain] [--formats csv,arrow] [--memory GIB] ...

Makes a seeded panel, runs every stage of every contender in turns, each stage a process of its own, and prints wall
seconds, core seconds (user and system) and peak resident memory by stage, medians over the runs, the ratios, and
whether the bars are met. Ends with 1 where results do not agree or a stage of Millrace fails. README.md says
what is compared.
"""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys
import tempfile

import environment
import tables
from agree import differences
from cap import Cap
from contenders import FORMATS, HERE, PEERS, STAGES, Millrace, Peer, checkpoint_bytes

ROOT = HERE.parent.parent
# Below so many rows programs start in no less time than they work, and the first turn warms up what they are read from.
FEW = 200_000


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = ["millrace", *PEERS]

    def names(of):
        def read(text):
            found = text.split(",")
            if set(found) - set(of):
                raise argparse.ArgumentTypeError(f"`{text}` is not a list of {', '.join(of)}")
            return found

        return read

    def sizes(text):
        return [int(size) for size in text.split(",")]

    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the panel, before 1 %% of duplicates")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3, help="runs of each contender, in turns")
    parser.add_argument("--only", type=names(known), default=known, metavar="NAMES", help=",".join(known))
    parser.add_argument("--formats", type=names(FORMATS), default=FORMATS, help="of the checkpoints of Millrace")
    parser.add_argument("--peer-formats", type=names(FORMATS), default=["csv"], help="of those of the peers; DuckDB has no arrow, plain ones csv alone")
    parser.add_argument("--memory", type=float, metavar="GIB", help="a cap on the memory of each stage")
    parser.add_argument("--growth", type=sizes, metavar="ROWS,ROWS", help="several sizes, in place of --rows")
    parser.add_argument("--peers-to", type=int, default=5_000_000, help="most rows that peers are run on")
    parser.add_argument("--folder", help="where panels and checkpoints go; panels are kept there and used again")
    parser.add_argument("--keep", action="store_true", help="leave the checkpoints of the last run in place")
    parser.add_argument("--json", metavar="FILE", help="where all figures go")
    parser.add_argument("--bin", default=ROOT / "target" / "debug", help="the programs of Millrace")
    parser.add_argument("--python", help="an interpreter with requirements.txt; by default one is made below --target")
    parser.add_argument("--target", default=ROOT / "target", help="where the environment of the peers is made")
    return parser.parse_args()


def panel(folder, rows, seed, python):
    """The folder of the panel, made where it is not there, and what it holds."""
    made = folder / f"panel-{rows}-{seed}"
    found = made / "panel.json"
    if not found.exists():
        subprocess.run([python, HERE / "panel.py", made, "--rows", str(rows), "--seed", str(seed)], check=True, stdout=subprocess.DEVNULL)
        found.write_text(subprocess.run([python, HERE / "inspect_panel.py", made], check=True, capture_output=True, text=True).stdout)
    held = json.loads(found.read_text())
    missing = ", ".join(f"{name} {share:.2%}" for name, share in held["missing"].items())
    share = held["repeated"] / (held["rows"] - held["repeated"])
    print(f"panel: {held['files']} files, {held['rows']:,} rows, of them {held['repeated']:,} repeated ({share:.2%}); missing cells: {missing}")
    return made


def stage(contender, name, cap, deadline=7200):
    """What a stage took; `status` is not 0 where it failed."""
    figures, log = contender.panel / "figures.json", contender.panel / "stage.log"
    figures.unlink(missing_ok=True)
    launch = [sys.executable, "-S", "-E", HERE / "launch.py", figures, cap.group or "-", str(cap.address_space)]
    with open(log, "w") as output:
        # A session of its own, so that past the deadline the stage goes with what started it.
        ran = subprocess.Popen([*launch, *contender.command(name)], cwd=contender.folder, stdout=output, stderr=output, start_new_session=True)
        try:
            ran.wait(deadline)
        except BaseException:
            os.killpg(ran.pid, signal.SIGKILL)
            raise
    took = json.loads(figures.read_text())
    if took["status"]:
        killed = " (killed; the cap on memory?)" if took["status"] == -9 else ""
        last = log.read_text(errors="replace").strip().splitlines()[-1:] or ["nothing on standard error"]
        print(f"{contender.name}: {name} ended with {took['status']}{killed}: {last[0][:300]}", flush=True)
    return took


def once(contender, cap):
    """One run through all stages: figures by stage, results, bytes written; nothing where a stage failed."""
    contender.prepare()
    took = {}
    for name in STAGES:
        took[name] = stage(contender, name, cap)
        if took[name]["status"]:
            return None
    return took, contender.found(), checkpoint_bytes(contender.folder)


def turns(contenders, count, cap, keep, warm_up):
    """Runs in turns, each turn beginning with another; those that fail are left out from then on."""
    runs, results, written, left = {}, {}, {}, list(contenders)
    for turn in range(-1 if warm_up else 0, count):
        first = max(turn, 0) % max(len(left), 1)
        for contender in left[first:] + left[:first]:
            done = once(contender, cap)
            if not (keep and turn == count - 1):
                contender.remove()
            if done is None:
                left = [other for other in left if other is not contender]
                runs.pop(contender.name, None)
                continue
            took, results[contender.name], written[contender.name] = done
            if turn >= 0:
                runs.setdefault(contender.name, []).append(took)
    # In the order they were asked for.
    return {c.name: runs[c.name] for c in contenders if c.name in runs}, results, written


def compare(results):
    """Holds every result against the first; whether all agree."""
    (first, ours), *others = results.items()
    if not others:
        return True
    print(f"\nresults beside {first}: test MAE {ours['test']['mae']!r} on {ours['test']['n']} rows; relative differences:\n")
    good = True
    for name, theirs in others:
        told, wrong = differences(ours, theirs)
        print(f"- {name}: {'; '.join(told)}" + "".join(f"\n  DIFFERS: {line}" for line in wrong))
        good = good and not wrong
    return good


def size(given, rows, folder, python, cap):
    """All of one size: the runs, whether all is well, and the figures."""
    print(f"\n# {rows:,} rows\n")
    made = panel(folder, rows, given.seed, python)
    contenders = [Millrace(form, made, given.bin) for form in given.formats if "millrace" in given.only]
    if rows <= given.peers_to:
        forms = [(peer, form) for peer in PEERS if peer in given.only for form in given.peer_formats if form in PEERS[peer]]
        contenders += [Peer(peer, form, made, python) for peer, form in forms]
    runs, results, written = turns(contenders, given.runs, cap, given.keep, rows <= FEW)
    good = all(c.name in runs for c in contenders if isinstance(c, Millrace))
    figures = {"rows": rows, "runs": runs, "written_bytes": written}
    if runs:
        tables.by_stage(runs)
        print("\nMiB written: " + ", ".join(f"{name} {written[name] / 2**20:.0f}" for name in runs))
        figures["ratios"] = tables.summary(runs)
        good = compare({name: results[name] for name in runs}) and good
    return runs, good, figures


def versions(python):
    script = "import sys, duckdb, numpy, pandas, polars, pyarrow, sklearn as s\n"
    script += "print(sys.version.split()[0], *(f'{m.__name__} {m.__version__}' for m in (pandas, polars, duckdb, s, numpy, pyarrow)), sep=', ')"
    return subprocess.run([python, "-c", script], check=True, capture_output=True, text=True).stdout.strip()


def main():
    given = options()
    sys.stdout.reconfigure(line_buffering=True)
    python = given.python or environment.python(given.target)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {cores} cores, load {load:.1f} at the start; Python {versions(python)}")
    if load > 0.5:
        print("other work runs on this machine: go by core seconds, and by wall seconds only within one run")
    cap, good, sizes, figures = Cap(given.memory), True, {}, []
    print(f"cap on memory: {cap.kind}")
    with contextlib.ExitStack() as ends:
        ends.callback(cap.remove)
        folder = pathlib.Path(given.folder or ends.enter_context(tempfile.TemporaryDirectory(prefix="millrace-bench-"))).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        for rows in given.growth or [given.rows]:
            runs, agreed, found = size(given, rows, folder, python, cap)
            sizes[rows], good = runs, good and agreed
            figures.append(found)
            if given.json:
                pathlib.Path(given.json).write_text(json.dumps({"cores": cores, "cap": cap.kind, "sizes": figures}, indent=1) + "\n")
    if len(sizes) > 1:
        tables.growth(sizes)
    sys.exit(not good)


if __name__ == "__main__":
    main()
