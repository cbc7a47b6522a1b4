"""The features of a recipe (`learned.recipe` of a features manifest), computed again by pandas."""

import bisect
import math

import numpy as np
import pandas as pd

from expression import evaluate

# Of each part of a date: how it is taken, and the first value and the length of its period as a wave.
PARTS = {
    "year": (lambda t: t.year, None),
    "quarter": (lambda t: (t.month + 2) // 3, (1, 4)),
    "month": (lambda t: t.month, (1, 12)),
    "week": (lambda t: t.isocalendar().week, (1, 53)),
    "day": (lambda t: t.day, (1, 31)),
    "day_of_year": (lambda t: t.timetuple().tm_yday, (1, 366)),
    "weekday": (lambda t: t.isoweekday(), (1, 7)),
    "hour": (lambda t: t.hour, (0, 24)),
    "minute": (lambda t: t.minute, (0, 60)),
}


class Recipe:
    """Computes the columns of a recipe over a clean table, each once; NaN where missing."""

    def __init__(self, table, learned, expressions):
        self.table = table
        self.learned = learned
        self.expressions = expressions
        self.specs = {spec["name"]: spec for spec in learned["recipe"]["specs"] if "name" in spec}
        self.made = {}

    def column(self, name, asking=None):
        """A feature, else a column of the table; a feature named as what it is made of means the column."""
        if name not in self.made and name in self.specs and name != asking:
            spec = self.specs[name]
            values = getattr(self, spec["kind"])(spec)
            self.made[name] = pd.Series(np.asarray(values, dtype=float)).where(np.isfinite, math.nan)
        if name in self.made and name != asking:
            return self.made[name]
        if name in self.table.cells:
            return self.table.number(name)
        return pd.Series(evaluate(self.expressions[name], lambda n: self.column(n, name)))

    def features(self):
        """All features by name, in order, before anything is filled."""
        out = {}
        for spec in self.learned["recipe"]["specs"]:
            if spec["kind"] == "category":
                out |= self.indicators(spec["column"])
            elif spec["name"] not in self.learned["recipe"].get("hidden", []):
                out[spec["name"]] = self.column(spec["name"])
        return out

    def indicators(self, column):
        levels = self.learned["levels"][column]
        cells = self.table.cells[column]
        out = {f"{column}={level}": (cells == level).astype(float) for level in levels["indicators"]}
        known = [levels["base"], *levels["indicators"]]
        out[f"{column}=(other)"] = (cells.notna() & ~cells.isin(known)).astype(float)
        return out

    def by_entity(self, values, function):
        """Applies a function to the values of each entity in time order."""
        out = pd.Series(math.nan, index=values.index)
        for rows in self.table.groups:
            out.iloc[rows] = np.asarray(function(values.iloc[rows].reset_index(drop=True)), dtype=float)
        return out

    def operand(self, spec, key="column"):
        return self.column(spec[key], spec["name"])

    def value(self, spec):
        return self.table.number(spec["name"])

    def expression(self, spec):
        return evaluate(spec["expression"], lambda name: self.column(name, spec["name"]))

    def calendar(self, spec):
        take, period = PARTS[spec["part"]]
        dates = self.table.dates(spec["column"])
        values = np.array([math.nan if date is None else take(date) for date in dates], dtype=float)
        if spec.get("wave") is None:
            return values
        wave = {"sin": np.sin, "cos": np.cos}[spec["wave"]]
        return wave(2 * np.pi * ((values - period[0]) / period[1]))

    def log(self, spec):
        values = self.operand(spec)
        return np.log(values.where(values > 0))

    def lag(self, spec):
        return self.by_entity(self.operand(spec), lambda x: x.shift(spec["rows"]))

    def difference(self, spec):
        return self.by_entity(self.operand(spec), lambda x: x.diff(spec["rows"]))

    def percent_change(self, spec):
        return self.by_entity(self.operand(spec), lambda x: x.pct_change(spec["rows"], fill_method=None))

    def rolling(self, spec):
        if isinstance(spec["window"], str):
            return self.over_time(spec)
        least, before = spec["min_rows"], spec.get("before", False)

        def rolled(x):
            window = (x.shift(1) if before else x).rolling(spec["window"], min_periods=min(least, spec["window"]))
            return getattr(window, spec["statistic"])()

        return self.by_entity(self.operand(spec), rolled)

    def expanding(self, spec):
        before = spec.get("before", False)

        def grown(x):
            window = (x.shift(1) if before else x).expanding(min_periods=spec["min_rows"])
            return getattr(window, spec["statistic"])()

        return self.by_entity(self.operand(spec), grown)

    def over_time(self, spec):
        """Windows of all rows with a time in (t - span, t], which pandas has no word for where months count."""
        values = self.operand(spec)
        out = pd.Series(math.nan, index=values.index)
        for rows in self.table.groups:
            times, series = self.table.moments[rows].tolist(), values.iloc[rows].reset_index(drop=True)
            for place, row in enumerate(rows):
                begin = self.table.before(self.table.moments[row], spec["window"])
                end = place if spec.get("before", False) else place + 1
                window = series.iloc[bisect.bisect_right(times, begin) : end]
                least = spec["min_rows"]
                # Without a least number the history must reach back as far as the window.
                if (least is not None or times[0] <= begin) and window.count() >= (least or 1):
                    out.iloc[row] = getattr(window, spec["statistic"])()
        return out

    def ratio(self, spec):
        above, below = self.operand(spec, "numerator"), self.operand(spec, "denominator")
        tiny = self.learned.get("tiny", {}).get(spec["name"]) or 0.0
        return above / below.where(below.abs() > tiny)

    def target(self):
        """The target of each row and, where there is time, its last known value."""
        spec = self.learned["recipe"]["target"]
        source, horizon = self.column(spec["source"], spec["column"]), spec["horizon"]
        if self.table.moments is None:
            return source, None
        mean = spec.get("statistic", "value") == "mean" and horizon > 0

        def ahead(x):
            if not mean:
                return x.shift(-horizon)
            return sum(x.shift(-rows) for rows in range(1, horizon + 1)) / horizon

        def known(x):
            if mean:
                return sum(x.shift(rows) for rows in range(horizon)) / horizon
            return (x.shift(1) if horizon == 0 else x).ffill()

        last = self.by_entity(source, known)
        return self.by_entity(source, ahead), last
