/** @file Problems with importing runs from other trackers and exporting runs to them. Data only. */

export const moveEntries = {
  MOVE_SOURCE_UNKNOWN: {
    title: "Unknown import source",
    message: "{source} cannot be imported: {reason}. Expected: {expected}.",
    fix: "name the source itself: {example}",
    exitCode: 64,
    docs: "`tunewise store import mlflow` accepts the address of a tracking server, a folder `mlruns`, or a SQLite file of MLflow. `tunewise store import wandb` accepts a folder that contains `.wandb` files at any depth, or one such file.",
  },
  MOVE_READ_FAILED: {
    title: "The source could not be read",
    message: "Could not read {place}: {reason}. Runs that were already imported are kept.",
    fix: "check that {place} is complete and readable, then repeat the command: nothing is imported twice",
    docs: "An import never writes to its source. If a single run is damaged, it is listed and the others are imported; this problem means that the source as a whole could not be read further.",
  },
  MOVE_SERVER_FAILED: {
    title: "The tracking server rejected a request",
    message: "{place} answered {answer} to {request}.",
    fix: "check that {place} is a running tracking server, then repeat the command: nothing is transferred twice",
    docs: "Requests are retried a few times if the server is busy. Redirects are not followed: tunewise calls only the given address.",
  },
  MOVE_CREDENTIALS: {
    title: "The tracking server requires credentials",
    message: "{place} answered {status}: it requires valid credentials.",
    fix: "set {variables}",
    exitCode: 4,
    docs: "Credentials come from the variables that the clients of MLflow and W&B read, and are never printed or stored. For MLflow, a token takes precedence over a name and a password.",
  },
  MOVE_RUN_INVALID: {
    title: "The run cannot be imported",
    message: "Run {id} was skipped: {reason}.",
    fix: "check the run at its source; all others were imported",
    docs: "Imported data are validated like data that clients log. An invalid run is listed and skipped, and the others are imported.",
  },
  MOVE_TARGET_THERE: {
    title: "The target exists",
    message: "{path} already exists. Nothing was written.",
    fix: "choose another path with -o, or replace it with --force",
    exitCode: 64,
    docs: "An export never overwrites existing files without --force.",
  },
  MOVE_WRITE_FAILED: {
    title: "The export could not be written",
    message: "Could not write {path}: {reason}. No partial file that appears complete is left.",
    fix: "free some space or check the permissions of {path}, then repeat the command",
    docs: "Files are written under a temporary name and renamed when they are complete.",
  },
  MOVE_NO_ROOM: {
    title: "Not enough disk space",
    message: "{place} has {free} free; {needed} are needed, and 1 GiB must stay free.",
    fix: "free some space, or leave out --artifacts",
    docs: "Files are imported only if they fit and 1 GiB stays free, so that the store can continue to write.",
  },
} as const;
