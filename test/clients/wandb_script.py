"""A typical training script with Weights & Biases. Prints one JSON line with what it read."""

import json
import os
import sys
import tempfile
import time

import wandb


def say(**facts):
    print("SAW " + json.dumps(facts), flush=True)


def log_all():
    folder = tempfile.mkdtemp()
    run = wandb.init(
        project="tickets",
        id="first",
        name="a first run",
        group="night",
        job_type="train",
        tags=["lora", "small"],
        notes="for the test",
        config={"lr": 0.1, "model": {"rank": 8, "name": "tiny"}, "layers": [1, 2]},
    )
    run.define_metric("loss", summary="min")
    for step in range(5):
        run.log({"loss": 1.0 / (step + 1), "eval": {"accuracy": step / 10, "deep": {"f1": 0.5}}})
    run.log({"odd": float("nan"), "high": float("inf"), "low": float("-inf"), "word": "hello"})
    run.log({"spread": wandb.Histogram(np_histogram=([1, 3], [0.0, 0.5, 1.0])), "page": wandb.Html("<b>hi</b>")})
    run.log({"answers": wandb.Table(columns=["question", "score"], data=[["why", 0.5], ["how", 0.75]])})
    run.config.update({"epochs": 3, "lr": 0.2}, allow_val_change=True)
    run.summary["best"] = 0.2
    run.alert(title="Look", text="the loss is low")
    print("a line of the console")
    path = os.path.join(folder, "notes.txt")
    with open(path, "w") as file:
        file.write("kept")
    run.save(path, base_path=folder)
    time.sleep(float(os.environ.get("LINGER", "0")))
    run.finish()
    say(done=True)


def artifacts():
    folder = tempfile.mkdtemp()
    for version in range(2):
        run = wandb.init(project="tickets", id=f"maker{version}")
        artifact = wandb.Artifact("rows", type="dataset", description="some rows", metadata={"n": version})
        for name, text in [("same.txt", "same"), ("sub/changed.txt", f"number {version}")]:
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(text)
        artifact.add_dir(folder)
        run.log_artifact(artifact, aliases=["best"])
        artifact.wait()
        run.finish()
    run = wandb.init(project="tickets", id="user")
    used = run.use_artifact("rows:best")
    place = used.download(root=tempfile.mkdtemp(), skip_cache=True)
    texts = {}
    for base, _, names in os.walk(place):
        for name in names:
            full = os.path.join(base, name)
            with open(full) as file:
                texts[os.path.relpath(full, place)] = file.read()
    old = wandb.Api().artifact("tickets/rows:v0")
    run.finish()
    say(
        name=used.name,
        version=used.version,
        aliases=sorted(used.aliases),
        metadata=used.metadata,
        texts=texts,
        old=old.metadata,
        size=used.size,
    )


def table():
    run = wandb.init(project="tickets", id="table")
    run.log({"answers": wandb.Table(columns=["question", "score"], data=[["why", 0.5], ["how", 0.75]])})
    run.finish()
    artifact = wandb.Api().artifact("tickets/run-table-answers:latest")
    found = artifact.get("answers")
    say(type=artifact.type, columns=found.columns, data=found.data)


def resume():
    run = wandb.init(project="tickets", id="again", config={"lr": 0.1})
    run.log({"loss": 3.0})
    run.log({"loss": 2.0})
    run.summary["best"] = 2.0
    run.finish()
    run = wandb.init(project="tickets", id="again", resume=os.environ["RESUME"])
    start, best, lr, resumed = run.step, run.summary.get("best"), run.config["lr"], run.resumed
    run.log({"loss": 1.0})
    run.finish()
    say(start=start, best=best, lr=lr, resumed=resumed)


def missing():
    try:
        wandb.init(project="tickets", id="never-was", resume="must")
    except Exception as error:
        say(error=type(error).__name__, text=str(error))


def refused():
    started = time.time()
    try:
        wandb.init(project=os.environ["PROJECT"], id="late")
    except Exception as error:
        say(error=type(error).__name__, text=str(error), seconds=time.time() - started)


def stopped():
    run = wandb.init(project="tickets", id="endless")
    say(started=True)
    started = time.time()
    try:
        while time.time() - started < 90:
            run.log({"loss": 1.0})
            time.sleep(0.2)
    except KeyboardInterrupt:
        say(interrupted=True, seconds=time.time() - started)
        run.finish(exit_code=255)
        return
    say(interrupted=False)


def offline():
    run = wandb.init(project="tickets", id="away", mode="offline", config={"lr": 0.1}, dir=os.environ["FOLDER"])
    for step in range(3):
        run.log({"loss": 3.0 - step})
    run.summary["best"] = 1.0
    rows = wandb.Artifact("rows", type="dataset", metadata={"n": 3})
    path = os.path.join(os.environ["FOLDER"], "three.txt")
    with open(path, "w") as file:
        file.write("three rows")
    rows.add_file(path)
    run.log_artifact(rows)
    print("spoken offline")
    run.finish()
    say(folder=os.path.dirname(run.dir))


def fetching():
    run = wandb.init(project="tickets")
    rows = run.use_artifact("rows:latest")
    with open(os.path.join(rows.download(os.environ["FOLDER"]), "three.txt")) as file:
        say(version=rows.version, text=file.read(), metadata=rows.metadata)
    run.finish()


def failing():
    wandb.init(project="tickets", id="broken")
    sys.exit(3)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
