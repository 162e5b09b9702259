"""A typical training loop with the real client: it logs, saves at Ctrl-C, and contains no tunewise code.

    exec_loop.py mlflow|wandb STEPS [--seed N]
"""

import sys
import time

client, steps = sys.argv[1], int(sys.argv[2])


def train(log):
    for step in range(steps):
        log(step, 1.0 / (step + 1))
        time.sleep(0.05)


def with_mlflow():
    import mlflow

    with mlflow.start_run():
        try:
            train(lambda step, loss: mlflow.log_metric("eval_loss", loss, step=step))
        except KeyboardInterrupt:
            mlflow.set_tag("saved", "yes")
            print("saved", flush=True)


def with_wandb():
    import wandb

    run = wandb.init(project="loops")
    try:
        train(lambda step, loss: run.log({"eval_loss": loss}))
    except KeyboardInterrupt:
        run.summary["saved"] = True
        print("saved", flush=True)
    run.finish()


{"mlflow": with_mlflow, "wandb": with_wandb}[client]()
print("end of script", flush=True)
