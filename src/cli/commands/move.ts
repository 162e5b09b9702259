/** @file The command that brings histories of other trackers in. */
import type { Command } from "../command.ts";
import { storeFlag } from "../flags.ts";

const importCommand: Command = {
  name: "import",
  summary: "bring in what MLflow or W&B tracked before, or runs whose record is lost",
  category: "do",
  about:
    "Reads the history of another tracker and keeps it in this store: experiments, runs under their own ids, all points with their own steps and times, parameters, tags, data, models and the registry, and files where asked. mlflow takes the address of a tracking server, a folder mlruns or an mlflow.db; wandb takes a folder with .wandb files anywhere in it, or one such file. The source is only read. What is here stays as it is, and what is missing is added: repeating the command after a stop, a crash or new runs goes on and brings nothing twice. What is damaged is left out and listed, and the exit code is then 2. With runs as the tracker, SOURCE is a folder of tunewise's own runs (.tunewise), or the folder of one run: what the store beside them lacks is made again from what the runs wrote down, such as after the store was moved away. Credentials of a server come from MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.",
  arguments: [
    { name: "TRACKER", summary: "mlflow, wandb or runs", choices: ["mlflow", "wandb", "runs"] },
    { name: "SOURCE", summary: "address, folder or file", completes: "file" },
  ],
  flags: [
    { name: "project", value: "NAME", summary: "put all runs into this project; default: those they had" },
    { name: "artifacts", summary: "bring files of runs and models too, as far as the disk has room" },
    { name: "dry-run", summary: "tell what would come, and keep nothing" },
    storeFlag,
    {
      name: "artifact-folder",
      value: "FOLDER",
      summary: "where clients' files lie; default: artifacts in the folder of runs",
      completes: "folder",
    },
  ],
  examples: [
    { line: "tunewise import mlflow mlruns --artifacts", does: "a folder of MLflow's, with its files" },
    { line: "tunewise import mlflow https://mlflow.example --dry-run", does: "what a server has" },
    { line: "tunewise import wandb wandb", does: "every run below the folder wandb" },
    { line: "tunewise import runs .tunewise", does: "own runs that the store lacks" },
  ],
  savesWhenStopped: true,
  exitCodes: [2, 4],
};

/** In the order of help. */
export const moveCommands: readonly Command[] = [importCommand];
