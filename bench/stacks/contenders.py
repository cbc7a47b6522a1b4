"""Who runs: the commands of each stage, and what is read of the results."""

import json
import os
import pathlib
import shutil

HERE = pathlib.Path(__file__).resolve().parent
STAGES = ["ingest", "clean", "features", "model", "evaluate", "report"]
FORMATS = ["csv", "arrow", "parquet"]
# The formats that each peer has; `-plain` as its guides teach it, else tuned.
PEERS = {
    "polars": FORMATS,
    "duckdb": ["csv", "parquet"],
    "pandas": FORMATS,
    "polars-plain": ["csv"],
    "duckdb-plain": ["csv"],
    "pandas-plain": ["csv"],
}


class Contender:
    """One stack with checkpoints of one format, in a folder of its own below that of the panel."""

    def __init__(self, stack, form, panel):
        self.stack, self.form, self.panel = stack, form, pathlib.Path(panel)
        self.name, self.folder = f"{stack} {form}", self.panel / f"{stack}-{form}"

    def prepare(self):
        """A folder that holds nothing but the settings and the raw files."""
        self.remove()
        (self.folder / "data").mkdir(parents=True)
        (self.folder / "data" / "raw").symlink_to(self.panel / "data" / "raw")
        shutil.copy(self.panel / "pipeline.toml", self.folder)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Millrace(Contender):
    def __init__(self, form, panel, programs):
        super().__init__("millrace", form, panel)
        self.programs = pathlib.Path(programs).resolve()

    def command(self, stage):
        tables = [f"data/{name}.{self.form}" for name in ("interim/raw_ingested", "processed/clean", "processed/features")]
        raw, clean, features = tables
        model, metrics = "models/model.pkl", "reports/metrics.json"
        program, inputs, output = {
            "ingest": ("ingest", [], raw),
            "clean": ("clean", [raw], clean),
            "features": ("feature-engineer", [clean], features),
            "model": ("train-model", [features], model),
            "evaluate": ("evaluate", [features, model], metrics),
            "report": ("report", [metrics, model], "reports/report.md"),
        }[stage]
        named = [argument for name in inputs for argument in ("-i", name)]
        return [self.programs / program, *named, "-o", output]

    def found(self):
        metrics = json.loads((self.folder / "reports" / "metrics.json").read_text())
        drift = {name: of["test"]["psi"] for name, of in metrics["drift"]["features"].items()}
        drift["prediction"] = metrics["drift"]["prediction"]["test"]["psi"]
        test = metrics["test"] | {"slope": metrics["test"]["calibration"]["slope"]}
        return {"train": metrics["train"], "calibration": metrics["calibration"], "test": test, "drift": drift}


class Peer(Contender):
    def __init__(self, stack, form, panel, python):
        super().__init__(stack, form, panel)
        self.python = python

    def command(self, stage):
        library, _, plain = self.stack.partition("-")
        return [self.python, HERE / f"{library}_{plain or 'stack'}.py", stage, ".", "--format", self.form]

    def found(self):
        return json.loads((self.folder / "metrics.json").read_text())


def checkpoint_bytes(folder):
    """Size of what a contender has written, raw files not counted."""
    return sum(os.lstat(path).st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
