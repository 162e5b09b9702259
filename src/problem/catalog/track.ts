/** @file Problems about: runs that clients log. Data only; every entry must satisfy `ProblemKind`. */

export const trackProblems = {
  PROJECT_EXISTS: {
    title: "There is a project of that name",
    message: "The name {name} belongs to project {number}, which is {stage}.",
    fix: "choose another name, or restore project {number}",
    exitCode: 1,
    since: "0.1.0",
    docs: "A project (MLflow's experiment, W&B's project) keeps its name when it is deleted, so that it can be restored with all its runs.",
  },
  RUN_DELETED: {
    title: "The run is deleted",
    message: "Run {id} is deleted and takes nothing more.",
    fix: "restore run {id} first",
    exitCode: 1,
    since: "0.1.0",
    docs: "A deleted run can be restored. Until then nothing is logged to it, so that a script that still runs does not fill a run that nobody looks at.",
  },
  PARAM_CHANGED: {
    title: "A parameter cannot change",
    message: "Run {id} has the parameter {key} = {before}; it was asked to become {value}.",
    fix: "log it under another name, or as a tag",
    exitCode: 1,
    since: "0.1.0",
    docs: "Parameters say what a run was started with. Logging one again with the same value does nothing; another value is refused, since results could no longer be traced to what made them.",
  },
  SPEND_GROUP_UNKNOWN: {
    title: "Spending cannot be grouped so",
    message:
      "Spending is grouped by project, person, client, purpose, status, month, run or tag:KEY; {by} is none of them.",
    fix: "tunewise spend --by project",
    exitCode: 64,
    since: "0.1.0",
    docs: "Every line of the ledger belongs to a run, and a run has a project, a person, a client, a purpose (experiment or production), a status and tags.",
  },
  SPEND_DAY_INVALID: {
    title: "This is no day",
    message: "{day} is no day or month.",
    fix: "write 2026-11 or 2026-11-25",
    exitCode: 64,
    since: "0.1.0",
    docs: "Times of the ledger are in UTC. A month stands for its first day.",
  },
  LOGGED_MODEL_NOT_FOUND: {
    title: "There is no such logged model",
    message: "Logged model with ID '{id}' not found.",
    fix: "check the model's id, and whether it was deleted",
    exitCode: 1,
    since: "0.1.0",
    docs: "A logged model is what MLflow's clients call a model that a run made. Its id begins with m- and is chosen by the server when the model is logged.",
  },
  MODEL_PARAM_CHANGED: {
    title: "A model's parameter cannot change",
    message: "Logged model {id} has the parameter {key} with another value.",
    fix: "log it under another name, or as a tag",
    exitCode: 1,
    since: "0.1.0",
    docs: "Parameters say what a model was made with. Logging one again with the same value does nothing; another value is refused.",
  },
  ARTIFACT_STORE_FAILED: {
    title: "Artifacts could not be read or written",
    message: "{place} failed: {reason}.",
    fix: "free some space or check the permissions of {place}, then send it again",
    exitCode: 1,
    since: "0.1.0",
    docs: "A file that clients log is written beside its place and renamed when it is whole, so that what was there before stays until then.",
  },
} as const;
