"""Writes tables with learning curves as JSON: Hartmann functions with fidelities, and real small networks on digits.

    python bench/search/curves.py FOLDER

Hartmann: the weights of the hills fall with training left out, and noise rises, as in mf-prior-bench's presets "good"
and "terrible" (Hartmann with bias and noise; Kandasamy et al. 2017, arXiv 1703.06240, appendix, for the idea). Points
lie on a grid, so that both sides of the comparison read the same numbers.

Digits: 640 settings of a network with one hidden layer on scikit-learn's digits, a fifth of the training labels wrong,
27 epochs each, the loss on held-out rows after every epoch. It takes some minutes.
"""

import itertools
import json
import pathlib
import sys

import numpy

WEIGHTS = numpy.array([1.0, 1.2, 3.0, 3.2])
SHAPES = {
    3: (
        [[3, 10, 30], [0.1, 10, 35], [3, 10, 30], [0.1, 10, 35]],
        [[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]],
    ),
    6: (
        [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]],
        [
            [1312, 1696, 5569, 124, 8283, 5886],
            [2329, 4135, 8307, 3736, 1004, 9991],
            [2348, 1451, 3522, 2883, 3047, 6650],
            [4047, 8828, 8732, 5743, 1091, 381],
        ],
    ),
}
PRESETS = {"good": (2.5, 2.0), "terrible": (4.0, 5.0)}
STEPS = {3: 24, 6: 6}
RUNGS = [1, 3, 9, 27]


def hartmann(dimensions, preset):
    steep, centres = (numpy.array(part, float) for part in SHAPES[dimensions])
    bias, noise = PRESETS[preset]
    grid = [round(float(x), 4) for x in (numpy.arange(STEPS[dimensions]) + 0.5) / STEPS[dimensions]]
    points = numpy.array(list(itertools.product(grid, repeat=dimensions)))
    hills = numpy.exp(-((points[:, None, :] - centres / 1e4) ** 2 * steep).sum(-1))
    chance = numpy.random.default_rng(dimensions)
    losses = []
    for units in RUNGS:
        missing = 1 - numpy.log(units) / numpy.log(RUNGS[-1])
        clean = -(hills * (WEIGHTS - bias * missing)).sum(-1)
        noisy = clean + numpy.abs(chance.normal(size=len(points))) * noise * missing
        losses.append([round(float(loss), 6) for loss in noisy])
    knobs = [{"name": f"x{at}", "values": grid, "ordered": True} for at in range(dimensions)]
    return {"name": f"hartmann{dimensions}/{preset}", "knobs": knobs, "resources": RUNGS, "losses": losses}


KNOBS = {
    "rate": [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0],
    "batch": [8, 16, 32, 64],
    "width": [4, 8, 16, 32, 64],
    "decay": [0.0, 0.0001, 0.001, 0.01],
}
EPOCHS = 27


def digits_table():
    from sklearn.datasets import load_digits

    rows, labels = load_digits(return_X_y=True)
    chance = numpy.random.default_rng(1)
    order = chance.permutation(len(rows))
    rows, labels = rows[order] / 16, labels[order]
    wrong = chance.random(600) < 0.2
    train = (rows[:600], numpy.where(wrong, chance.integers(0, 10, 600), labels[:600]))
    held = (rows[600:], labels[600:])
    curves = [digits_curve(train, held, *point) for point in itertools.product(*KNOBS.values())]
    knobs = [{"name": name, "values": values, "ordered": True} for name, values in KNOBS.items()]
    losses = [[curve[epoch] for curve in curves] for epoch in range(EPOCHS)]
    return {"name": "digits/mlp", "knobs": knobs, "resources": list(range(1, EPOCHS + 1)), "losses": losses}


def digits_curve(train, held, rate, batch, width, decay):
    chance = numpy.random.default_rng(7)
    rows, labels = train
    first = chance.normal(size=(64, width)) * (2 / 64) ** 0.5
    second = chance.normal(size=(width, 10)) * (2 / width) ** 0.5
    curve = []
    with numpy.errstate(all="ignore"):
        for _ in range(EPOCHS):
            order = chance.permutation(len(rows))
            for start in range(0, len(rows), batch):
                part = order[start : start + batch]
                hidden = numpy.maximum(rows[part] @ first, 0)
                error = shares(hidden @ second)
                error[numpy.arange(len(part)), labels[part]] -= 1
                error /= len(part)
                back = (error @ second.T) * (hidden > 0)
                second -= rate * (hidden.T @ error + decay * second)
                first -= rate * (rows[part].T @ back + decay * first)
            chances = shares(numpy.maximum(held[0] @ first, 0) @ second)
            loss = -numpy.log(numpy.maximum(chances[numpy.arange(len(held[1])), held[1]], 1e-9)).mean()
            curve.append(round(float(loss), 5) if numpy.isfinite(loss) else None)
    return curve


def shares(scores):
    raised = numpy.exp(scores - scores.max(-1, keepdims=True))
    return raised / raised.sum(-1, keepdims=True)


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for dimensions, preset in itertools.product(SHAPES, ["good", "terrible"]):
        (folder / f"hartmann{dimensions}-{preset}.json").write_text(json.dumps(hartmann(dimensions, preset)))
    (folder / "digits-mlp.json").write_text(json.dumps(digits_table()))


if __name__ == "__main__":
    main(sys.argv[1])
