"""Writes intervals.json: macro-F1 by scikit-learn, Wilson intervals and exact McNemar by SciPy.

Needs: pip install scikit-learn scipy
Run:   python test/conformance/golden/scripts/intervals.py > test/conformance/golden/intervals.json
"""
import json
import random

from scipy.stats import binomtest
from sklearn.metrics import f1_score

wilson = []
for right, rows in [(0, 1), (1, 1), (0, 20), (20, 20), (3, 10), (81, 263), (15, 148), (250, 500), (499, 500)]:
    interval = binomtest(right, rows).proportion_ci(0.95, method="wilson")
    wilson.append({"right": right, "rows": rows, "low": float(interval.low), "high": float(interval.high)})

mcnemar = [{"b": b, "c": c, "p": float(binomtest(b, b + c).pvalue)}
           for b, c in [(1, 9), (9, 1), (0, 5), (0, 6), (5, 5), (12, 30), (120, 180), (2000, 2100)]]

rng = random.Random(11)
macro = []
for classes, rows in [(2, 12), (5, 40), (20, 60), (77, 500)]:
    expected = [rng.randrange(classes) for _ in range(rows)]
    answered = [e if rng.random() < 0.6 else rng.randrange(-1, classes) for e in expected]
    labels = sorted(set(expected) | {a for a in answered if a >= 0})
    value = f1_score(expected, answered, labels=labels, average="macro", zero_division=0)
    macro.append({"expected": expected, "answered": answered, "f1": float(value)})

print(json.dumps({"wilson": wilson, "mcnemar": mcnemar, "macro": macro}))
