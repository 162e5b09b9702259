/** @file Problems with importing runs from other trackers and exporting runs to them. Data only. */

export const moveEntries = {
  MOVE_SOURCE_UNKNOWN: {
    title: "Nothing to import lies there",
    message: "{source} is no {expected}: {reason}.",
    fix: "give the place itself: {example}",
    exitCode: 64,
    docs: "`tunewise store import mlflow` takes the address of a tracking server, a folder `mlruns`, or a SQLite file of MLflow's. `tunewise store import wandb` takes a folder with `.wandb` files anywhere in it, or one such file.",
  },
  MOVE_READ_FAILED: {
    title: "The source could not be read",
    message: "Could not read {place}: {reason}. What was imported before is kept.",
    fix: "check that {place} is whole and may be read, then repeat the command: nothing comes twice",
    docs: "A source is only ever read. Where one run of it is damaged, that run is listed and the others are imported; this problem means that the whole source could not be read any further.",
  },
  MOVE_SERVER_FAILED: {
    title: "The tracking server did not do what was asked",
    message: "{place} answered {answer} to {request}.",
    fix: "check that {place} is a tracking server that is up, then repeat the command: nothing comes twice",
    docs: "Requests are repeated a few times where the server is busy. Redirects are not followed: no other address is called than the one that was given.",
  },
  MOVE_CREDENTIALS: {
    title: "The tracking server wants to know who asks",
    message: "{place} answered {status}: it takes no requests without valid credentials.",
    fix: "set {variables}",
    exitCode: 4,
    docs: "Credentials come from the variables that MLflow's and W&B's own clients read, and are never printed or kept. Of MLflow's, a token goes before a name and a password.",
  },
  MOVE_RUN_INVALID: {
    title: "The run cannot be kept as it is",
    message: "Run {id} was left out: {reason}.",
    fix: "check the run at its source; all others were imported",
    docs: "What comes from elsewhere is checked like what clients log. A run that does not fit is listed and left out, and the others are imported.",
  },
  MOVE_TARGET_THERE: {
    title: "The place is taken",
    message: "{path} is there already. Nothing was written.",
    fix: "choose another place with -o, or replace it with --force",
    exitCode: 64,
    docs: "An export never overwrites existing files without --force.",
  },
  MOVE_WRITE_FAILED: {
    title: "The export could not be written",
    message: "Could not write {path}: {reason}. No partial file is left that appears complete.",
    fix: "free some space or check the permissions of {path}, then repeat the command",
    docs: "Files are written under a name of their own and get their name when they are whole.",
  },
  MOVE_NO_ROOM: {
    title: "The disk has too little room",
    message: "{place} has {free} free; {needed} are needed, and some has to stay free.",
    fix: "free some space, or leave out --artifacts",
    docs: "Files are brought in only where they fit and 1 GiB stays free, so that the store itself can go on writing.",
  },
} as const;
