"""Predictions of a linear Millrace model in plain Python: python3 predict.py models/model.pkl data/processed/features.csv"""
import csv
import pickle
import sys

with open(sys.argv[1], "rb") as file:
    model = pickle.load(file)

with open(sys.argv[2], newline="", encoding="utf-8") as file:
    for row in csv.DictReader(file):
        prediction = model["function"]["linear"]["intercept"]
        for name, coefficient in zip(model["features"], model["function"]["linear"]["coefficients"]):
            prediction += coefficient * float(row[name])
        print(repr(prediction))
