"""Classifier two-sample tests by the definition of Lueckmann et al. (2021, arXiv:2101.04653), with scikit-learn: makes expected.csv.

python3 tests/reference/c2st/make.py > expected.csv
"""

import math
import warnings

import numpy as np
import sklearn
from sklearn.model_selection import KFold, cross_val_score
from sklearn.neural_network import MLPClassifier

MASK = (1 << 64) - 1
SEEDS = 10


def normals(count, seed):
    """SplitMix64 and Box & Muller, as in src/check/c2st_tests.rs."""
    state = seed

    def uniform():
        nonlocal state
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return ((z ^ (z >> 31)) >> 11) / (1 << 53)

    def one():
        radius = math.sqrt(-2.0 * math.log(1.0 - uniform()))
        return radius * math.cos(2.0 * math.pi * uniform())

    return [one() for _ in range(count)]


def second(kind, rows, width):
    table = np.array(normals(rows * width, 2)).reshape(rows, width)
    if kind == "shifted":
        table += 0.4
    if kind == "wider":
        table *= 1.5
    if kind == "correlated":
        for k in range(1, width):
            table[:, k] = 0.8 * table[:, k - 1] + 0.6 * table[:, k]
    return table


def c2st(x, y, seed):
    mean, sd = x.mean(axis=0), x.std(axis=0, ddof=1)
    data = np.concatenate([(x - mean) / sd, (y - mean) / sd]).astype(np.float32)
    labels = np.concatenate([np.zeros(len(x)), np.ones(len(y))])
    hidden = (10 * x.shape[1], 10 * x.shape[1])
    classifier = MLPClassifier(
        activation="relu", hidden_layer_sizes=hidden, max_iter=10000, solver="adam", random_state=seed
    )
    folds = KFold(n_splits=5, shuffle=True, random_state=seed)
    return cross_val_score(classifier, data, labels, cv=folds, scoring="accuracy").mean()


warnings.filterwarnings("ignore")
print(f"# scikit-learn {sklearn.__version__}, numpy {np.__version__}: mean and sd over {SEEDS} seeds of folds and starts")
print("kind,width,rows,accuracy,sd")
for width, rows in [(2, 500), (10, 400)]:
    for kind in ["equal", "shifted", "wider", "correlated"]:
        x = np.array(normals(rows * width, 1)).reshape(rows, width)
        y = second(kind, rows, width)
        figures = [c2st(x, y, seed) for seed in range(SEEDS)]
        print(f"{kind},{width},{rows},{np.mean(figures):.5f},{np.std(figures, ddof=1):.5f}", flush=True)
