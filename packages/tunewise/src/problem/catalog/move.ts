/** @file Problems of imports and exports of run histories. Data only. */

export const moveProblems = {
  TRACKING_ADDRESS_INVALID: {
    title: "No valid tracking server address",
    message: "The run should be logged to the {tracker} server in {variable}, but {found}.",
    fix: "name it in the recipe, tracking: { {key}: {example} }, or turn logging off: --report-to none",
    exitCode: 64,
    docs: "A run is logged to a server while it runs only if the recipe (`tracking.mlflow`, `tracking.wandb`) or `--report-to` requests it, and only over http or https. To write folders and databases of MLflow, use `tunewise store export mlflow`.",
  },
  TRACKING_KEY_MISSING: {
    title: "No API key for the tracking server",
    message: "The run should be logged to {place}, but {variable} is not set.",
    fix: "export {variable}=... with your key from {page}, or turn logging off: --report-to none",
    exitCode: 4,
    docs: "W&B accepts no data from a client without a key. tunewise reads the key only from `WANDB_API_KEY`, never from a recipe or from files of other programs, and never prints or stores it.",
  },
} as const;
