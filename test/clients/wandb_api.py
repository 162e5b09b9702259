"""A typical notebook with W&B's public API. Prints one JSON line with its results after each part."""

import json
import os
import tempfile
import traceback

import wandb

folder = tempfile.mkdtemp()
api = wandb.Api()
newer = int(wandb.__version__.split(".")[1]) >= 20


def say(part, **facts):
    print("SAW " + json.dumps({"part": part, **facts}), flush=True)


def log():
    for number in range(3):
        run = wandb.init(
            project="tickets",
            id=f"run{number}",
            name=f"run number {number}",
            group="night" if number else "day",
            job_type="train",
            tags=["lora", f"n{number}"],
            notes="for the test",
            config={"lr": 0.1 * (number + 1), "model": {"rank": 8 + number, "name": "tiny"}},
        )
        run.define_metric("loss", summary="min")
        run.define_metric("score", summary="max", step_metric="epoch")
        run.define_metric("quiet", summary="none")
        for step in range(30 if number == 0 else 3):
            run.log(
                {"loss": 1.0 + (step - 1) ** 2, "score": -((step - 1) ** 2), "epoch": step // 2, "quiet": step,
                 "eval": {"f1": step / 10}, "word": f"w{step}"}
            )
        run.log({"odd": float("nan"), "high": float("inf")})
        if number == 0:
            run.log({"answers": wandb.Table(columns=["a%b", "c"], data=[["why", 0.5]])})
            run.log({"a: strange *key* | <50%>?": wandb.Html("<b>hi</b>")})
            run.alert(title="Look", text="the loss is low", level=wandb.AlertLevel.WARN)
            for name in ["notes.txt", "sub/odd 50%?.txt"]:
                path = os.path.join(folder, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w") as file:
                    file.write("kept " + name)
                run.save(path, base_path=folder)
            artifact = wandb.Artifact("rows", type="dataset", metadata={"n": 3})
            artifact.add_file(os.path.join(folder, "notes.txt"))
            artifact.add_reference("file://" + os.path.join(folder, "notes.txt"), name="elsewhere.txt")
            run.log_artifact(artifact, aliases=["best"])
            artifact.wait()
        else:
            run.use_artifact("rows:best")
        run.summary["final"] = number / 4
        run.finish()
    say("log")


def listing():
    def names(**words):
        return [run.id for run in api.runs("tickets", **words)]

    say(
        "listing",
        all=names(),
        newest=names(order="-created_at", per_page=1),
        by_config=names(filters={"config.lr": {"$gt": 0.15}}),
        nested=names(filters={"config.model.rank": 9}),
        by_value=names(filters={"config.lr.value": 0.1}),
        by_summary=names(filters={"summary_metrics.final": {"$gte": 0.25, "$lt": 0.5}}),
        by_min=names(filters={"summary_metrics.loss.min": 1}),
        by_name=names(filters={"display_name": {"$regex": "number [12]$"}}),
        by_tags=names(filters={"tags": {"$in": ["n2", "n0"]}}),
        both=names(filters={"$and": [{"state": "finished"}, {"$or": [{"group": "day"}, {"tags": "n2"}]}]}),
        since=names(filters={"created_at": {"$gt": "2030-01-01T00"}}),
        ordered=names(order="-summary_metrics.final"),
        count=len(api.runs("tickets", filters={"job_type": "train"})),
        projects=[project.name for project in api.projects()],
        viewer=api.viewer.username,
        unknown=refusal(lambda: names(filters={"color": "red"})),
        explosive=refusal(lambda: names(filters={"display_name": {"$regex": "(.*.*.*.*.*.*)*x"}})),
    )


def refusal(work):
    try:
        return work()
    except Exception as error:
        return str(error)


def reading():
    run = api.run("tickets/run0")
    rows = list(run.scan_history(page_size=7))
    some = list(run.scan_history(keys=["_step", "loss"], page_size=8))
    short = api.run("tickets/run1")
    say(
        "reading",
        name=run.name,
        state=run.state,
        config=run.config,
        summary={key: run.summary[key] for key in ["epoch", "final", "word"]},
        best=[run.summary["loss"]["min"], run.summary["score"]["max"], "quiet" in run.summary],
        tags=run.tags,
        group=run.group,
        notes=run.notes,
        user=run.user.username,
        last=run.lastHistoryStep,
        rows=[[row["_step"], row["loss"], row.get("eval.f1"), row.get("word")] for row in rows if "loss" in row],
        nan=[str(row["odd"]) for row in rows if "odd" in row],
        media=[row["answers"]["_type"] for row in rows if "answers" in row],
        places=all("_timestamp" in row and "_runtime" in row for row in rows if "loss" in row),
        some=[[row["_step"], row["loss"]] for row in some],
        all=len(short.history(pandas=False)),
        sampled=len(run.history(samples=10, pandas=False)),
        keyed=[sorted(row) for row in run.history(keys=["score", "epoch"], samples=500, pandas=False)][:1],
        metadata=sorted(set(run.metadata or {}) & {"python", "os", "host"}),
    )


def files():
    run = api.run("tickets/run0")
    listed = {file.name: file.size for file in run.files(per_page=2)}
    place = os.path.join(folder, "got")
    texts = {}
    for name in ["notes.txt", "sub/odd 50%?.txt"]:
        with run.file(name).download(root=place, replace=True) as file:
            texts[name] = file.read()
    table = next(name for name in listed if name.startswith("media/table"))
    with run.file(table).download(root=place, replace=True) as file:
        columns = json.load(file)["columns"]
    restored = wandb.restore("notes.txt", run_path="tickets/run0", root=os.path.join(folder, "restored"))
    say(
        "files",
        own=sorted(set(listed) & {"notes.txt", "sub/odd 50%?.txt"}),
        media=sorted({name.split("/")[1] for name in listed if name.startswith("media")}),
        texts=texts,
        columns=columns,
        restored=restored.read(),
        missing=refusal(lambda: str(wandb.restore("none.txt", run_path="tickets/run0"))),
    )


def artifacts():
    run = api.run("tickets/run0")
    artifact = api.artifact("tickets/rows:best")
    place = artifact.download(root=os.path.join(folder, "artifact"))
    artifact.verify(place)
    downloaded = sorted(os.listdir(place))
    artifact.aliases.append("second")
    artifact.save()
    added = sorted(api.artifact("tickets/rows:second").aliases)
    artifact.aliases.remove("second")
    artifact.description = "some rows"
    artifact.save()
    again = api.artifact("tickets/rows:v0")
    say(
        "artifacts",
        downloaded=downloaded,
        logged=sorted(item.name for item in run.logged_artifacts()),
        used=[item.name for item in api.run("tickets/run1").used_artifacts()],
        versions=[item.version for item in api.artifacts("dataset", "tickets/rows")],
        types=sorted(kind.name for kind in api.artifact_types("tickets")),
        collections=[item.name for item in api.artifact_type("dataset", "tickets").collections()],
        files=[item.name for item in artifact.files()],
        text=open(os.path.join(place, "notes.txt")).read(),
        added=added,
        aliases=sorted(again.aliases),
        description=again.description,
        made=artifact.logged_by().id,
        users=sorted(user.id for user in artifact.used_by()),
        exists=[api.artifact_exists("tickets/rows:v0"), api.artifact_exists("tickets/rows:v9")],
    )


def changing():
    run = api.run("tickets/run1")
    run.config["extra"] = {"deep": 1}
    run.tags.append("late")
    run.notes = "other notes"
    run.name = "renamed"
    run.group = "noon"
    run.summary["after"] = 7
    run.update()
    found = wandb.Api().run("tickets/run1")
    found.wait_until_finished()
    say(
        "changing",
        config=found.config["extra"],
        tags=found.tags,
        notes=found.notes,
        name=found.name,
        group=found.group,
        after=found.summary["after"],
        state=found.state,
    )


def branches():
    run = wandb.init(project="tickets", id="forked", fork_from="run0?_step=4")
    run.log({"loss": 50.0})
    run.finish()
    rows = [[row["_step"], row["loss"]] for row in api.run("tickets/forked").scan_history(keys=["_step", "loss"])]
    say(
        "branches",
        rows=rows,
        none=refusal(lambda: wandb.init(project="tickets", id="f2", fork_from="nobody?_step=4")),
        # Clients before 0.20 do not report this refusal: they wait until their timeout.
        rewound=newer and refusal(lambda: wandb.init(project="tickets", resume_from="run0?_step=4")),
        kept=api.run("tickets/run0").lastHistoryStep,
    )


def deleting():
    api.run("tickets/run2").delete()
    artifact = api.artifact("tickets/rows:v0")
    kept = refusal(lambda: artifact.delete())
    artifact.delete(delete_aliases=True)
    say(
        "deleting",
        left=[run.id for run in wandb.Api().runs("tickets")],
        kept=kept,
        gone=refusal(lambda: api.artifact("tickets/rows:v0").name),
    )


for part in [log, listing, reading, files, artifacts, changing, branches, deleting]:
    try:
        part()
    except Exception:
        say(part.__name__, error=traceback.format_exc()[-1500:])
