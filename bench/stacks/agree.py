"""Whether two stacks came to the same results."""

# Relative; sums are taken in other orders, and the fit by another method.
MEASURES = {"mae": 1e-6, "rmse": 1e-6, "slope": 1e-6, "calibration_error": 1e-4}
# Rolling statistics that differ in their last bits put a row that ties with a decile into the other bin.
DRIFT = 0.001


def differences(ours, theirs):
    """Lines of what was compared, and lines of what is wrong."""
    told, wrong = [], []
    for part in ("train", "calibration", "test"):
        a, b = ours[part]["n"], theirs[part]["n"]
        if a != b:
            wrong.append(f"{part}: {a} rows, here {b}")
    for name, limit in [("train mae", 1e-6), *MEASURES.items()]:
        part, key = ("train", "mae") if name == "train mae" else ("test", name)
        a, b = ours[part][key], theirs[part][key]
        apart = abs(a - b) / abs(a)
        told.append(f"{name} {apart:.1e}")
        if not apart <= limit:
            wrong.append(f"{name}: {a}, here {b}")
    shared = ours["drift"].keys() & theirs["drift"].keys()
    apart, name = max((abs(ours["drift"][name] - theirs["drift"][name]), name) for name in shared)
    told.append(f"PSI of {len(shared)} columns {apart:.1e} (largest, of `{name}`)")
    if not apart <= DRIFT:
        wrong.append(f"PSI of `{name}`: {ours['drift'][name]}, here {theirs['drift'][name]}")
    return told, wrong
