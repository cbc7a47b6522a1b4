"""What is printed: figures by stage, ratios, bars and growth."""

from statistics import median

from contenders import PEERS, STAGES

# Bars at a million rows on two cores, peers with CSV checkpoints: times faster at least, and the goal.
BARS = {
    "csv": {"polars": (2, 3), "duckdb": (3, 5), "pandas": (8, 13)},
    "arrow": {"polars": (4, 6), "duckdb": (6, 9), "pandas": (16, 26)},
}
# The peak of any stage, as a share of that of the leanest peer of a set, plain or tuned.
MEMORY = (1 / 2, 1 / 4)
KEYS = {"wall": "seconds", "core": "core seconds", "mib": "peak MiB"}


def total(stages, key):
    """Of one run: seconds of all stages, or the largest peak."""
    values = [stage[key] for stage in stages.values()]
    return max(values) if key == "mib" else sum(values)


def middle(runs, key, stage=None):
    """Median over runs."""
    return median(total(run, key) if stage is None else run[stage][key] for run in runs)


def shown(value):
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def grid(head, rows):
    """A Markdown table whose columns stand below one another."""
    rows = [head, *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    print("\n".join(lines))


def by_stage(runs):
    """`runs`: for each contender its runs, which are figures by stage."""
    for key, unit in KEYS.items():
        print(f"\n{unit}, median of {max(map(len, runs.values()))}:\n")
        rows = [[stage, *(shown(middle(of, key, stage)) for of in runs.values())] for stage in STAGES]
        whole = "largest" if key == "mib" else "all"
        grid(["stage", *runs], [*rows, [whole, *(shown(middle(of, key)) for of in runs.values())]])


def verdict(value, least, goal):
    return "goal" if value >= goal else "pass" if value >= least else "FAIL"


def summary(runs):
    """Ratios of each Millrace to each peer, and whether the bars are met."""
    ours = [name for name in runs if name.startswith("millrace ")]
    peers = [name for name in runs if name.split()[0] in PEERS]
    if not ours or not peers:
        return []
    rows, figures = [], []
    for name in ours:
        for peer in peers:
            wall, core = (middle(runs[peer], key) / middle(runs[name], key) for key in ("wall", "core"))
            bar = BARS.get(name.split()[1], {}).get(peer.split()[0].removesuffix("-plain")) if peer.endswith(" csv") else None
            said = [f"{bar[0]}x / {bar[1]}x", verdict(wall, *bar)] if bar else ["", ""]
            rows.append([name, peer, f"{wall:.2f}x", f"{core:.2f}x", *said])
            figures.append({"of": name, "against": peer, "wall": wall, "core": core, "bar": bar, "verdict": said[1]})
    print("\ntimes faster than a peer, and the bars (which are for 1,000,000 rows on 2 cores):\n")
    grid(["", "against", "wall", "cores", "least / goal", ""], rows)
    print("\npeak memory of any stage, as a share of that of the leanest peer of each set:\n")
    rows = []
    sets = [[peer for peer in peers if peer.split()[0].endswith("-plain") == plain] for plain in (True, False)]
    for name in ours:
        for leanest in (min(these, key=lambda peer: middle(runs[peer], "mib")) for these in sets if these):
            mib, most = middle(runs[name], "mib"), middle(runs[leanest], "mib")
            said = verdict(most / mib, 1 / MEMORY[0], 1 / MEMORY[1])
            rows.append([name, f"{mib:.0f} MiB", leanest, f"{most:.0f} MiB", f"{mib / most:.3f}", "1/2 / 1/4", said])
            figures.append({"of": name, "against": leanest, "memory_share": mib / most, "bar": MEMORY, "verdict": said})
    grid(["", "peak", "leanest", "peak", "share", "most / goal", ""], rows)
    return figures


def growth(sizes):
    """`sizes`: for each number of rows the runs by contender."""
    print("\nper million rows, and how many times more of each per row than at the smallest size:\n")
    names = list(dict.fromkeys(name for runs in sizes.values() for name in runs))
    rows = []
    for name in names:
        first = None
        for size, runs in sizes.items():
            if not runs.get(name):
                rows.append([name, f"{size:,}", *[""] * 6])
                continue
            a_row = [middle(runs[name], key) / size * 1e6 for key in KEYS]
            first = first or a_row
            rows.append([name, f"{size:,}", *map(shown, a_row), *(f"{now / then:.2f}" for now, then in zip(a_row, first))])
    grid(["", "rows", *KEYS.values(), "wall", "cores", "memory"], rows)
