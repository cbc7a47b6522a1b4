"""Predictions of a Millrace model in plain Python: python3 predict.py models/model.pkl data/processed/features.csv"""
import csv
import math
import pickle
import sys


class Plain(pickle.Unpickler):
    def find_class(self, *name):
        raise ValueError(f"not a model: its file names code, {name}")


def linear(function, x):
    if function["terms"]:
        sys.exit("a model with terms is summed in double-double: score it with `predict`")
    total = function["intercept"]
    for coefficient, value in zip(function["coefficients"], x):
        total += coefficient * value
    return math.exp(total) if function["link"] == "log" else total


def trees(function, x):
    total = function["base"]
    for tree in function["trees"]:
        node = 0
        while tree["feature"][node] >= 0:
            left = x[tree["feature"][node]] < tree["threshold"][node]
            node = tree["left" if left else "right"][node]
        total += tree["value"][node]
    return total


with open(sys.argv[1], "rb") as file:
    model = Plain(file).load()
(kind, function), = model["function"].items()
predict = {"linear": linear, "trees": trees}[kind]
with open(sys.argv[2], newline="", encoding="utf-8") as file:
    for row in csv.DictReader(file):
        print(repr(predict(function, [float(row[name]) for name in model["features"]])))
