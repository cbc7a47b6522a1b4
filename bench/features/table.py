"""A clean table as pandas reads it: cells, numbers, times, and the order within entities."""

import datetime
import json
import math

import numpy as np
import pandas as pd


def read(path):
    """The cells of a CSV file as text, missing where they are empty."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8")


def numbers(cells):
    """A column of texts as floats, the nearest to each; truth values as 1 and 0."""
    words = {"true": 1.0, "false": 0.0}
    values = [math.nan if pd.isna(c) else words.get(c) if c in words else float(c) for c in cells]
    return pd.Series(values, index=cells.index, dtype=float)


def micros(moment):
    """Microseconds since 1970 of a datetime without zone."""
    return (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)


class Table:
    """The clean table of a project and its manifest."""

    def __init__(self, path, time):
        self.cells = read(path)
        fields = json.loads(path.with_name(path.name + ".meta.json").read_text())["fields"]
        self.types = {field["name"]: field["type"] for field in fields}
        roles = {field["role"]: field["name"] for field in fields}
        self.entity = roles.get("entity")
        self.time = [time] if isinstance(time, str) else list(time or [])
        self.keys = [field["name"] for field in fields if field["role"] in ("entity", "time")]
        self.parts = self.cells["split"]
        # Rows of each entity in time order; rows at one time keep their order.
        self.moments = self.times() if self.time else None
        by = self.cells[self.entity] if self.entity else pd.Series("", index=self.cells.index)
        frame = pd.DataFrame({"entity": by, "time": self.moments if self.time else 0})
        ordered = frame.sort_values("time", kind="stable")
        self.groups = [group.index.to_numpy() for _, group in ordered.groupby("entity", sort=False)]

    def number(self, name):
        return numbers(self.cells[name])

    def dates(self, column):
        """A date or datetime column, or the project's time where it is a date, as datetimes."""
        if column is None and len(self.time) > 1:
            # A day that is not given is the first.
            parts = self.cells[self.time].astype(int).to_numpy().tolist()
            return [datetime.datetime(*row, *[1] * (3 - len(row))) for row in parts]
        cells = self.cells[column if column is not None else self.time[0]]
        return [None if pd.isna(c) else datetime.datetime.fromisoformat(c) for c in cells]

    def times(self):
        """One number a row that orders rows: microseconds, steps, or the number itself."""
        if len(self.time) == 1 and self.types[self.time[0]] in ("integer", "number"):
            kind = int if self.types[self.time[0]] == "integer" else float
            return np.array([kind(c) for c in self.cells[self.time[0]]])
        return np.array([micros(moment) for moment in self.dates(None)])

    def before(self, moment, span):
        """The moment a span such as "30d", "3mo" or "5" before another."""
        digits = len(span) - len(span.lstrip("0123456789"))
        unit, seconds = span[digits:], {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
        if unit in seconds:
            return moment - int(span[:digits]) * seconds[unit] * 1_000_000
        if unit in ("mo", "y"):
            months = int(span[:digits]) * (12 if unit == "y" else 1)
            earlier = pd.Timestamp(int(moment), unit="us") - pd.DateOffset(months=months)
            return micros(earlier.to_pydatetime())
        return moment - (int(span) if isinstance(moment, np.integer) else float(span))
