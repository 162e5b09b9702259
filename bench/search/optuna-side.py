"""Optuna on tables: every result that it looks at, with the cost so far, as JSON lines.

    python bench/search/optuna-side.py --seeds 30 --fulls 40 --out FILE TABLE...

Cost is in full runs. Each study first tries the middle of every knob, as the other side does. Tables with learning
curves are searched with TPE and both pruners at a factor of 3; the others with TPE alone. A line is one study:
{"table", "method", "seed", "events": [[cost, units, loss, loss of the full run], ...]}.
"""

import argparse
import json
import math
import multiprocessing
import warnings

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")
WORST = 1e9


def study(task):
    path, method, seed, fulls = task
    with open(path) as file:
        table = json.load(file)
    knobs, resources, losses = table["knobs"], table["resources"], table["losses"]
    full = resources[-1]
    pruner = {
        "tpe": optuna.pruners.NopPruner,
        "tpe+hyperband": lambda: optuna.pruners.HyperbandPruner(
            min_resource=resources[0], max_resource=full, reduction_factor=3
        ),
        "tpe+halving": lambda: optuna.pruners.SuccessiveHalvingPruner(
            min_resource=resources[0], reduction_factor=3
        ),
    }[method]()
    made = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed), pruner=pruner)
    made.enqueue_trial({knob["name"]: middle(knob) for knob in knobs})
    events, spent = [], 0.0

    def objective(trial):
        nonlocal spent
        at = 0
        for knob in knobs:
            values = knob["values"]
            if knob["ordered"]:
                digit = trial.suggest_int(knob["name"], 0, len(values) - 1)
            else:
                digit = values.index(trial.suggest_categorical(knob["name"], values))
            at = at * len(values) + digit
        before, loss = 0, WORST
        for units, row in zip(resources, losses):
            spent += (units - before) / full
            before = units
            loss = finite(row[at])
            events.append([round(spent, 6), units, loss, finite(losses[-1][at])])
            trial.report(loss, units)
            if method != "tpe" and units < full and trial.should_prune():
                raise optuna.TrialPruned()
        if spent >= fulls:
            made.stop()
        return loss

    while spent < fulls:
        made.optimize(objective, n_trials=1)
    kept = [event for event in events if event[0] <= fulls + 1e-9]
    return {"table": table["name"], "method": f"optuna {method}", "seed": seed, "events": kept}


def middle(knob):
    at = len(knob["values"]) // 2
    return at if knob["ordered"] else knob["values"][at]


def finite(loss):
    return loss if loss is not None and math.isfinite(loss) else WORST


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seeds", type=int, default=30)
    options.add_argument("--fulls", type=float, default=40)
    options.add_argument("--out", required=True)
    options.add_argument("tables", nargs="+")
    given = options.parse_args()
    tasks = []
    for path in given.tables:
        with open(path) as file:
            curved = len(json.load(file)["resources"]) > 1
        for method in ["tpe+hyperband", "tpe+halving"] if curved else ["tpe"]:
            tasks += [(path, method, seed, given.fulls) for seed in range(given.seeds)]
    with multiprocessing.Pool(2) as pool, open(given.out, "w") as out:
        for line in pool.imap(study, tasks):
            out.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
