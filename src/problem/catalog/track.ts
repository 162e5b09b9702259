/** @file Problems of runs that clients log. Data only. */

export const trackProblems = {
  PROJECT_EXISTS: {
    title: "There is a project of that name",
    message: "The name {name} belongs to project {number}, which is {stage}.",
    fix: "choose another name, or restore project {number}",
    docs: "A project (MLflow's experiment, W&B's project) keeps its name when it is deleted, so that it can be restored with all its runs.",
  },
  RUN_DELETED: {
    title: "The run is deleted",
    message: "Run {id} is deleted and takes nothing more.",
    fix: "restore run {id} first",
    docs: "A deleted run can be restored. Until then nothing is logged to it, so that a script that still runs does not log to a run that nobody sees.",
  },
  PARAM_CHANGED: {
    title: "A parameter cannot change",
    message: "Run {id} has the parameter {key} = {before}; it was asked to become {value}.",
    fix: "log it under another name, or as a tag",
    docs: "Parameters say what a run was started with. Logging one again with the same value does nothing; another value is refused, since results could no longer be traced to what made them.",
  },
  SHARED_BUDGET_SPENT: {
    title: "The budget is spent",
    message: "{sentence} No new run begins.",
    fix: "tunewise cost budget list; to raise one: tunewise cost budget set 500usd --project NAME",
    exitCode: 2,
    docs: "A budget over a project, or over all of them together, runs over a calendar month (UTC) or for ever. Once the ledger has reached it, no run of any client is let in that would be paid from it, and those at work are asked to save and stop.",
  },
  TRACKER_UNREACHABLE: {
    title: "The tracking server does not answer",
    message: "{url} does not answer: {reason}.",
    fix: "start it with: tunewise serve; or leave --server away to track in this folder",
    docs: "A command in a budget is noted down before it starts, so that a duplicate is refused before it costs anything. Without the server that is not possible.",
  },
  TRACKER_REFUSED: {
    title: "The tracking server refused",
    message: "{url} answered with status {status}: {message}.",
    fix: "set TUNEWISE_API_KEY to a token of yours on that server, and check that it is tunewise's",
    exitCode: 4,
    docs: "The server may want a token, may be another program, or may be of another version.",
  },
  BUDGET_INVALID: {
    title: "The budget is not a valid amount",
    message: "A budget is an amount above zero in dollars; found {found}.",
    fix: "tunewise cost budget set 500usd --project NAME",
    exitCode: 64,
    docs: "A budget is written as `500usd`, `$500` or `500`, with up to six digits behind the point.",
  },
  BUDGET_MISSING: {
    title: "There is no such budget",
    message: "There is no budget of {whose} for {period}.",
    fix: "tunewise cost budget list",
    docs: "Budgets are named by their project and their period.",
  },
  SPEND_GROUP_UNKNOWN: {
    title: "Spending cannot be grouped so",
    message:
      "Spending is grouped by project, person, client, purpose, status, month, run or tag:KEY; {by} is none of them.",
    fix: "tunewise cost report --by project",
    exitCode: 64,
    docs: "Every line of the ledger belongs to a run, and a run has a project, a person, a client, a purpose (experiment or production), a status and tags.",
  },
  SPEND_DAY_INVALID: {
    title: "This is no day",
    message: "{day} is no day or month.",
    fix: "write 2026-11 or 2026-11-25",
    exitCode: 64,
    docs: "Times of the ledger are in UTC. A month stands for its first day.",
  },
  LOGGED_MODEL_NOT_FOUND: {
    title: "There is no such logged model",
    message: "Logged model with ID '{id}' not found.",
    fix: "check the model's id, and whether it was deleted",
    docs: "A logged model is what MLflow's clients call a model that a run made. Its id begins with m- and is chosen by the server when the model is logged.",
  },
  MODEL_PARAM_CHANGED: {
    title: "A model's parameter cannot change",
    message: "Logged model {id} has the parameter {key} with another value.",
    fix: "log it under another name, or as a tag",
    docs: "Parameters say what a model was made with. Logging one again with the same value does nothing; another value is refused.",
  },
  MODEL_SOURCES_INVALID: {
    title: "This is no policy for sources of models",
    message:
      "--model-sources takes schemes and prefixes of addresses, such as s3:,https://models.example/; found {found}.",
    fix: "write --model-sources s3:,gs:,https://models.example/  or  --model-sources none",
    exitCode: 64,
    docs: "A version in the registry may name files that lie outside of the server. Its address is recorded and handed to clients, and never opened by the server. Paths of a disk cannot be allowed: they mean another file on each machine.",
  },
  TRACE_NOT_FOUND: {
    title: "There is no such trace",
    message: "Trace with ID '{id}' not found.",
    fix: "check the trace's id, and whether it was deleted",
    docs: "A trace is what MLflow's clients record of one request to a program that calls models. Its id begins with tr- and is chosen by the client.",
  },
  TRACE_EXISTS: {
    title: "Another project has a trace of this id",
    message: "The trace id '{id}' is taken.",
    fix: "record the request again, which gives it a new id",
    docs: "Ids of traces are chosen by clients at random, from 128 bits. One that is sent again into its own project is brought up to date.",
  },
  ASSESSMENT_NOT_FOUND: {
    title: "There is no such assessment",
    message: "Assessment with ID '{id}' not found for the trace.",
    fix: "read the trace again: its assessments come with it",
    docs: "Feedback and expectations belong to one trace and are removed with it.",
  },
  ASSESSMENTS_TOO_MANY: {
    title: "A trace has too many assessments",
    message: "A trace may have {most} assessments at most.",
    fix: "delete older ones, or update them instead of adding new ones",
    docs: "Every page of traces carries the assessments of its traces, so that their number is bounded.",
  },
  ARTIFACT_STORE_FAILED: {
    title: "Artifacts could not be read or written",
    message: "{place} failed: {reason}.",
    fix: "free some space or check the permissions of {place}, then send it again",
    docs: "A file that clients log is written beside its place and renamed when it is whole, so that what was there before stays until then.",
  },
  ARTIFACT_STORE_FULL: {
    title: "No room for artifacts",
    message: "No room is left in {place} for {path} ({reason}). What was there before is whole.",
    fix: "df -h {place}   shows the room; free some, for example with tunewise store purge, then send it again",
    docs: "Clients get the status 507, which they do not repeat: a training run goes on or ends at once, and does not wait for minutes. Deleted experiments and runs take room until they are purged.",
  },
  UPLOAD_CUT_OFF: {
    title: "An upload was cut off",
    message:
      "The client left after {bytes} bytes of {path}. Nothing of it was kept; what was there before is whole.",
    fix: "send the file again; if this persists, look for a proxy that limits the size or the time of requests",
    docs: "A file that clients log is written beside its place and takes it only when its last byte has come.",
  },
  ARTIFACT_PATH_TAKEN: {
    title: "A file and a folder would have the same name",
    message: "{path} cannot be stored: {reason}.",
    fix: "give the file another name, or remove what lies there",
    exitCode: 64,
    docs: "A path in the store of artifacts is a file or a folder. Nothing that was logged before is replaced by something of the other kind.",
  },
  ARTIFACT_PATH_TOO_LONG: {
    title: "The path of a file is too long",
    message: "{path} cannot be stored: its path is too long ({reason}).",
    fix: "give the file or its folders shorter names",
    exitCode: 64,
    docs: "A path may have 2,048 bytes, and less where the file system or the bucket takes less: a bucket takes 1,024 bytes, its prefix and the numbers of experiment and run included. Letters that a file system does not take count as three bytes each.",
  },
} as const;
