/** @file Problems of imports and exports of run histories. Data only. */

export const moveProblems = {
  TRACKING_ADDRESS_INVALID: {
    title: "No server to log to",
    message: "The run is to be logged to the {tracker} server of {variable}, and {found}.",
    fix: "name it in the recipe, tracking: { {key}: {example} }, or leave it out: --report-to none",
    exitCode: 64,
    docs: "A run is logged to a server while it works only where the recipe (`tracking.mlflow`, `tracking.wandb`) or `--report-to` asks for it, and only over http or https. Folders and databases of MLflow are written by `tunewise store export mlflow`.",
  },
  TRACKING_KEY_MISSING: {
    title: "No key for the server to log to",
    message: "The run is to be logged to {place}, and {variable} is not set.",
    fix: "export {variable}=... with your key from {page}, or leave it out: --report-to none",
    exitCode: 4,
    docs: "W&B takes nothing from a client without a key. It is read from `WANDB_API_KEY` alone, never from a recipe or from files of other programs, and is never printed or kept.",
  },
} as const;
