/** @file Problems of runs, checkpoints and the store. Data only. */

export const runProblems = {
  RUN_NOT_FOUND: {
    title: "No such run",
    message: 'No run has an id that is or starts with "{id}" in {store}.',
    fix: "tunewise runs list",
    exitCode: 64,
    docs: "A run is named by its id or by any beginning of the id that fits one run only. The store lives in the output folder of a recipe (`.tunewise` by default), so a run made with another recipe may lie in another store.",
  },
  RUN_AMBIGUOUS: {
    title: "The run id is ambiguous",
    message: '"{id}" is the beginning of {count} run ids: {runs}.',
    fix: "tunewise runs show {example}",
    exitCode: 64,
    docs: "A run may be named by any beginning of its id, as long as it fits one run only. Give more characters, up to the whole id.",
  },
  RUN_EXISTS: {
    title: "The run exists already",
    message: 'Run "{id}" exists already: {path}.',
    fix: "tunewise resume {id}",
    docs: "A run id is made of the time, the recipe's name and a random part, and its folder is never written over. Resume the existing run, or start again: a new run gets a new id.",
  },
  RUN_LOCKED: {
    title: "Another process holds this run",
    message: "Process {pid} on {host} holds run folder {path} since {since}.",
    fix: "wait for it or end it; if that machine is gone for good, delete {path}/lock",
    docs: "Two processes writing one run would corrupt its checkpoints, so a run folder holds a `lock` file with the process, its start time and its machine. On the same machine a lock whose process has ended is recognized and taken over. From another machine (or another container) that cannot be seen, so the lock stands until its file is deleted.",
  },
  RUN_FOLDER_GONE: {
    title: "The run's folder is gone",
    message:
      "The folder of run {run}, {path}, was removed, moved or replaced during the run: nothing more can be saved there.",
    fix: "put the folder back and resume from its last checkpoint: tunewise resume {run}; without it, start again: tunewise run",
    docs: "Before each checkpoint and at the end a run checks whether it still owns the lock in its folder. If not, the run is recorded as failed and nothing is written, since it could not be found again or would corrupt another run's files.",
  },
  RUN_FOLDER_MISPLACED: {
    title: "A run's folder stands outside of a folder of runs",
    message:
      "{path} holds a run, but does not lie in a folder named runs, beside which the store of its record lies.",
    fix: "move it into one, then name it again: mkdir -p moved/runs && mv {path} moved/runs/",
    exitCode: 64,
    docs: "The record of the runs in FOLDER/runs is FOLDER/tunewise.db. A run's folder may be moved to any such place; its record is made again from what it holds.",
  },
  RUN_FILE_WRITE_FAILED: {
    title: "A file of the run could not be written",
    message: "Could not write {path}: {reason}. What was there before is unchanged.",
    fix: "free some space or check the permissions of {folder}, then repeat the command",
    docs: "Files of a run are written beside their place, synced and renamed, so a full disk or a lost connection leaves the previous file intact.",
  },
  RUN_FILE_UNREADABLE: {
    title: "A file of the run could not be read",
    message: "Could not read {path}: {reason}.",
    fix: "check that the folder is complete and readable: ls -l {path}",
    docs: "A run folder holds `recipe.yaml`, `configuration.json`, `events.jsonl` and `checkpoints/`. One of them is missing, unreadable or larger than it can honestly be.",
  },
  CHECKPOINT_WRITE_FAILED: {
    title: "A checkpoint could not be saved",
    message:
      "Could not save the checkpoint of step {step} in {path}: {reason}. The earlier checkpoints are intact.",
    fix: "free some space in {path}, then: tunewise resume {run}",
    docs: "A checkpoint is written into a hidden folder, synced and renamed into place only when complete. If the disk fills up meanwhile, the half-written one is removed and the previous one stays.",
  },
  CHECKPOINT_BROKEN: {
    title: "No checkpoint can be used",
    message: "None of the {count} checkpoints in {path} can be used. The newest: {reason}.",
    fix: "restore the folder from a copy, or start again: tunewise run",
    docs: "Every checkpoint carries a manifest with the size and the SHA-256 of each of its files, checked before anything is loaded, and names the run, the model, the rows and the recipe it belongs to. One that is broken, another run's, or of another shape is passed over and the one before it is taken; here all of them failed, which points to a damaged disk or to files changed or copied by hand.",
  },
  CHECKPOINT_PASSED_OVER: {
    title: "A checkpoint cannot be used",
    message: "Checkpoint {name} cannot be used ({reason}); the one before it is taken.",
    fix: "nothing to do: the steps in between are trained again",
    docs: "A finding, not a failure. Every checkpoint carries a manifest with the size and the SHA-256 of each of its files, and the run, model, rows and recipe it belongs to. The newest one did not pass, or its tensors do not fit the model, so the run resumes from the one before it.",
  },
  STORE_UNREADABLE: {
    title: "The store of runs could not be opened",
    message: "Could not open {path}: {reason}.",
    fix: "check that {path} is a file of yours; if it is damaged, move it away and make it again from the runs' folders: tunewise store import runs .tunewise",
    docs: "The store is one SQLite file with the record of all runs. It is not a database, is damaged, or may not be read and written by you. Everything needed to resume a run, and to make its record again, lies in its run folder: a run that is named is brought in by itself, and `tunewise store import runs .tunewise` brings in all.",
  },
  STORE_NEWER: {
    title: "The store was written by a newer tunewise",
    message: "{path} has schema version {found}; this tunewise knows versions up to {known}.",
    fix: "update tunewise: git pull && npm ci && npm run build in its folder",
    docs: "A newer tunewise brought the store to a newer schema. An older one would misread it and refuses.",
  },
  STORE_BUSY: {
    title: "The store is busy",
    message: "{path} was held by another writer for more than {seconds} s.",
    fix: "repeat the command; if this persists, find the process that holds {path}",
    docs: "SQLite lets one process write at a time; others wait a few seconds. A writer that takes longer is usually a stopped process or a network drive without working locks.",
  },
  STORE_WRITE_FAILED: {
    title: "The store could not be written",
    message: "Could not write to {path}: {reason}. The record up to the previous batch is intact.",
    fix: "free some space or check the permissions of {path}, then repeat the command",
    docs: "Every batch is one transaction: it is stored completely or not at all.",
  },
  STORE_DRIVER_MISSING: {
    title: "No SQLite driver",
    message: "Neither node:sqlite nor @photostructure/sqlite could be loaded: {reason}.",
    fix: "npm rebuild @photostructure/sqlite, or use Node 22.13 or newer",
    docs: "Node has SQLite built in from 22.13 on. Before that tunewise uses the package @photostructure/sqlite, which brings a prebuilt library for the common platforms; it was not installed or has none for this one.",
  },
  RUN_DUPLICATE: {
    title: "The same experiment ran before",
    message: "Run {id} of {date} is the same experiment: {result}, for {price}. Nothing was spent.",
    fix: 'tunewise runs show {id}; to pay again anyway, give a reason: --force "REASON"',
    exitCode: 2,
    docs: "Model weights, the content of the data, every setting that can change the result, and the seed are the same as of a run that is completed or running. Names, places, budgets, files' names and the order of rows do not count. Failed and interrupted runs do not count. Of a command under tunewise exec, the command line, the content of the files it names and the code's version count; of a client's run, the fingerprint that it brings. A reason given with --force is kept with the run.",
  },
  RUN_BLOCKED: {
    title: "Blocked by a check",
    message: "Findings that block the run: {count}; the first: {first}",
    fix: "tunewise check --show {code}",
    exitCode: 2,
    docs: "Findings of severity error stop a run before anything is spent. `tunewise check` lists them all. Unusable rows can be skipped with `data: bad_rows: skip`.",
  },
  RUN_NOT_APPROVED: {
    title: "The plan was not approved",
    message: "Nothing was started: {reason}.",
    fix: "{command}",
    exitCode: 3,
    docs: "A run starts from an approved plan only: a yes in the terminal, `--yes` together with a budget, or a plan saved by `tunewise plan -o plan.json`.",
  },
  PLAN_STALE: {
    title: "The saved plan no longer fits",
    message: "Since the plan was made, this has changed: {changes}.",
    fix: "tunewise plan -o plan.json",
    exitCode: 3,
    docs: "A saved plan is carried out exactly or not at all. When recipe, data or model change, its numbers no longer hold; make a new one and review it.",
  },
  RUN_NOT_RESUMABLE: {
    title: "The run cannot be resumed",
    message: "Run {run} is {status}: {reason}.",
    fix: "tunewise runs show {run}",
    docs: "A run resumes from its last checkpoint with the recipe and data it started with. A completed run has nothing left to do; without a checkpoint, start again with `tunewise run`.",
  },
  RUN_DATA_CHANGED: {
    title: "The run's data changed",
    message: "Run {run} was trained on data {before}; the files now hold {now}.",
    fix: "Restore the data files, or start again: tunewise run",
    docs: "Resuming with other rows would give a result that no recipe describes. The fingerprint is taken over the content of the rows, whatever the order and the file names.",
  },
  RUN_WITHOUT_ADAPTER: {
    title: "The run has no result yet",
    message: "Run {run} is {status} and has no adapter.",
    fix: "tunewise resume {run}",
    docs: "Generation and evaluation need the adapter that a finished or stopped run leaves in its folder.",
  },
} as const;
