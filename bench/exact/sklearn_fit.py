"""Seconds of LinearRegression.fit on seeded doubles: python3 sklearn_fit.py N P (needs numpy and scikit-learn)."""
import sys
import time

import numpy
from sklearn.linear_model import LinearRegression

n, p = int(sys.argv[1]), int(sys.argv[2])
random = numpy.random.default_rng(1)
x = random.random((n, p)) * 100
y = x.sum(axis=1) + random.random(n) * 100
begun = time.perf_counter()
model = LinearRegression().fit(x, y)
print(f"sklearn {n} {p} {time.perf_counter() - begun:.3f} {model.coef_.sum():.9f}")
