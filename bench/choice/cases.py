"""Simulated data sets and exchangeable real ones: for each name, a function of a seed that gives x, y and the number of
training rows; the rest is for the test."""
import numpy as np

TEST = 3000


def simulated(n, p, signal, noise, x=None, spread=None):
    """`signal` maps the matrix to the mean; `noise` is the sd of the error, or a function of (random, rows)."""

    def make(seed):
        random = np.random.default_rng(seed)
        rows = n + TEST
        values = random.random((rows, p)) if x is None else x(random, rows, p)
        mean = signal(values)
        error = noise(random, rows) if callable(noise) else noise * random.standard_normal(rows)
        if spread is not None:
            error = error * spread(values)
        return values, mean + error, n

    return make


def normal(random, rows, p):
    return random.standard_normal((rows, p))


def correlated(random, rows, p):
    common = random.standard_normal((rows, 1))
    return 0.8 * common + 0.6 * random.standard_normal((rows, p))


def weights(p, of=None, seed=7):
    b = np.random.default_rng(seed).standard_normal(p)
    if of is not None:
        b[of:] = 0
    return b


def linear(p, of=None):
    b = weights(p, of)
    return lambda x: x @ b


def friedman1(x):
    return 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]


def additive(x):
    return 3 * np.sin(2 * np.pi * x[:, 0]) + 4 * np.abs(x[:, 1] - 0.4) + 2 * x[:, 2] ** 3 + np.log1p(5 * x[:, 3])


def interactions(x):
    return 2 * x[:, 0] * x[:, 1] + 1.5 * x[:, 2] * (x[:, 3] > 0) + x[:, 4]


def steps(x):
    return 2.0 * (x[:, 0] > 0.3) - 3.0 * (x[:, 1] > 0.7) * (x[:, 2] < 0.5) + 1.0 * (x[:, 3] > 0.5)


def bent(strength):
    return lambda x: x[:, 0] + 0.7 * x[:, 1] - 0.5 * x[:, 2] + strength * (x[:, 0] ** 2 - 1)


def mixed(x):
    return 2 * x[:, 0] - x[:, 1] + np.where(x[:, 2] > 0, x[:, 3], -x[:, 3])


def categories(random, rows, p):
    """Four numbers and indicators of a category of eight levels."""
    level = random.integers(0, 8, rows)
    return np.hstack([random.standard_normal((rows, p - 8)), np.eye(8)[level]])


CASES = {
    "linear, 100 rows": simulated(100, 5, linear(5), 1.0, normal),
    "linear, 300 rows": simulated(300, 10, linear(10), 1.0, normal),
    "linear, 2000 rows": simulated(2000, 15, linear(15), 1.0, normal),
    "linear, strong noise": simulated(400, 10, linear(10), 8.0, normal),
    "linear, correlated columns": simulated(300, 20, linear(20), 2.0, correlated),
    "linear, heavy tails": simulated(500, 8, linear(8), lambda r, n: r.standard_t(3, n), normal),
    "linear, spread grows": simulated(500, 6, linear(6), 0.8, normal, lambda x: np.exp(0.7 * x[:, 0])),
    "additive, 200 rows": simulated(200, 6, additive, 0.5),
    "additive, 1000 rows": simulated(1000, 8, additive, 0.5),
    "slightly bent, 200 rows": simulated(200, 5, bent(0.15), 1.0, normal),
    "slightly bent, 1000 rows": simulated(1000, 5, bent(0.15), 1.0, normal),
    "bent, 300 rows": simulated(300, 5, bent(0.5), 1.0, normal),
    "friedman1, 100 rows": simulated(100, 10, friedman1, 1.0),
    "friedman1, 300 rows": simulated(300, 10, friedman1, 1.0),
    "friedman1, 2000 rows": simulated(2000, 10, friedman1, 1.0),
    "interactions, 300 rows": simulated(300, 6, interactions, 1.0, normal),
    "interactions, 1500 rows": simulated(1500, 10, interactions, 1.0, normal),
    "steps, 500 rows": simulated(500, 6, steps, 0.7),
    "linear and interaction, 400 rows": simulated(400, 8, mixed, 1.0, normal),
    "categories, 400 rows": simulated(400, 12, linear(12), 1.0, categories),
    "noise only, 80 rows": simulated(80, 5, lambda x: 0 * x[:, 0], 1.0, normal),
    "noise only, 500 rows": simulated(500, 10, lambda x: 0 * x[:, 0], 1.0, normal),
    "few rows, 40": simulated(40, 3, linear(3), 1.0, normal),
    "few rows, 60, bent": simulated(60, 4, bent(0.5), 0.7, normal),
    "many columns, linear": simulated(300, 100, linear(100, 6), 1.0, normal),
    "many columns, nonlinear": simulated(400, 80, friedman1, 1.0),
    "columns nearly rows": simulated(120, 90, linear(90, 5), 1.0, normal),
}


def real():
    """Exchangeable real data, dealt by the seed: half trains."""
    from sklearn.datasets import load_diabetes

    diabetes = load_diabetes(return_X_y=True)

    def make(seed):
        x, y = diabetes
        order = np.random.default_rng(seed).permutation(len(y))
        return x[order], y[order], len(y) // 2

    return {"diabetes (real)": make}
