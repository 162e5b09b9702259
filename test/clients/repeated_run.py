"""Logs one training as a user's script does: python repeated_run.py mlflow|wandb SEED"""

import sys

client, seed = sys.argv[1], int(sys.argv[2])
losses = [1 / (step + seed) for step in range(1, 4)]

if client == "mlflow":
    import mlflow

    mlflow.set_experiment("repeated")
    with mlflow.start_run() as run:
        mlflow.log_params({"lr": 0.001, "seed": seed})
        for step, loss in enumerate(losses):
            mlflow.log_metric("loss", loss, step=step)
    print("RUN", run.info.run_id)
else:
    import wandb

    run = wandb.init(project="repeated", config={"lr": 0.001, "seed": seed})
    for loss in losses:
        run.log({"loss": loss})
    print("RUN", run.id)
    run.finish()
