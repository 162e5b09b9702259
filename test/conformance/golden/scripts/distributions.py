"""Writes distributions.json: Student's t and the normal distribution by SciPy.

Needs: pip install scipy
Run:   python test/conformance/golden/scripts/distributions.py > test/conformance/golden/distributions.json
"""
import json

from scipy.special import betaln
from scipy.stats import norm, t

degrees = [0.5, 1, 2, 3, 4, 5, 7, 10, 20, 29, 100, 1000, 100_000]
probabilities = [0.0005, 0.025, 0.3, 0.5, 0.6, 0.75, 0.9, 0.95, 0.975, 0.995, 0.999, 0.9999]
values = [-40, -8, -3.0000001, -2.9999999, -1.6449, -1, -0.1, 0, 0.5, 1.96, 5]

print(json.dumps({
    "normal": [{"z": z, "cdf": float(norm.cdf(z))} for z in values],
    "normalQuantiles": [{"probability": p, "z": float(norm.ppf(p))} for p in [1e-300, 1e-12, *probabilities]],
    "student": [{"degrees": d, "value": v, "cdf": float(t.cdf(v, d))} for d in degrees for v in values],
    "studentQuantiles": [{"degrees": d, "probability": p, "value": float(t.ppf(p, d))}
                         for d in degrees for p in probabilities],
    "logBeta": [{"a": a, "b": b, "log": float(betaln(a, b))}
                for a, b in [(0.5, 0.5), (0.25, 11), (3, 7), (5, 30)]],
}))
