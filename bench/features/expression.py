"""Row-wise expressions of a configuration, such as "ln(High / `Adj Close`) ^ 2", by numpy."""

import re

import numpy as np

TOKEN = re.compile(r"\s*(?:`((?:[^`]|``)+)`|((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([^\W\d]\w*)|([-+*/^(),]))")


class Cells:
    """Numbers of which NaN is missing: a step without a finite value is missing, whatever follows."""

    def __init__(self, values):
        values = np.asarray(values, dtype=float)
        self.values = np.where(np.isfinite(values), values, np.nan)

    def with_(self, other, function):
        other = other if isinstance(other, Cells) else Cells(other)
        with np.errstate(all="ignore"):
            known = ~(np.isnan(self.values) | np.isnan(other.values))
            return Cells(np.where(known, function(self.values, other.values), np.nan))

    def __add__(self, other):
        return self.with_(other, np.add)

    def __sub__(self, other):
        return self.with_(other, np.subtract)

    def __mul__(self, other):
        return self.with_(other, np.multiply)

    def __truediv__(self, other):
        return self.with_(other, np.divide)

    def __pow__(self, other):
        return self.with_(other, np.power)

    def __neg__(self):
        return Cells(-self.values)

    def __pos__(self):
        return self


def one(function):
    def apply(x):
        with np.errstate(all="ignore"):
            return Cells(function(x.values))

    return apply


NAMES = "abs sign floor ceil sqrt cbrt exp expm1 log1p log2 log10 sin cos tanh"
FUNCTIONS = {name: one(getattr(np, name)) for name in NAMES.split()}
FUNCTIONS |= {"ln": one(np.log), "round": one(np.rint)}
FUNCTIONS |= {"min": lambda x, y: x.with_(y, np.minimum), "max": lambda x, y: x.with_(y, np.maximum)}
FUNCTIONS["pow"] = Cells.__pow__


def evaluate(text, column):
    """The values of an expression; `column` gives those of a column by its name."""
    python, columns, at, text = [], {}, 0, text.strip()
    while at < len(text):
        token = TOKEN.match(text, at)
        if not token:
            raise ValueError(f"no expression: {text[at:]}")
        quoted, number, name, mark = token.groups()
        at = token.end()
        if number:
            python.append(f"Cells({float(number)!r})")
        elif mark:
            python.append({"^": "**"}.get(mark, mark))
        elif name and text[at:].lstrip().startswith("("):
            python.append(f"functions[{name!r}]")
        else:
            name = name or quoted.replace("``", "`")
            columns[name] = Cells(column(name))
            python.append(f"columns[{name!r}]")
    # Python's precedence of `**`, signs and the rest is that of the grammar.
    scope = {"__builtins__": {}, "Cells": Cells, "functions": FUNCTIONS, "columns": columns}
    return eval(" ".join(python), scope).values
