/** @file Problems of hyperparameter searches. Data only. */

export const searchProblems = {
  SEARCH_SETTING_INVALID: {
    title: "A search setting is not valid",
    message: "{key} is {found}, but {reason}",
    fix: "{fix}",
    exitCode: 64,
    docs: "A search needs at least one hyperparameter, ranges whose low end is below the high end, logarithmic ranges above 0, rungs that rise from above 0 to a full run, and a budget above the amount reserved for the final run. Everything is checked before the first trial.",
  },
  SEARCH_POINT_INVALID: {
    title: "A point is outside the search space",
    message: "{knob} is {found}, but the space has {allowed}",
    fix: "Give {knob} a value of the space, or widen the space",
    exitCode: 64,
    docs: "A point has one value for each hyperparameter of the space and no others. Only the recipe's own settings may be out of range: they are always tried first.",
  },
  SEARCH_RECORD_INVALID: {
    title: "A record of the search cannot be read",
    message: "Record {number} cannot be used: {reason}",
    fix: "Use the complete records of the search that wrote them, in order, or start a new search",
    docs: "A search restores its state by replaying its records. It does not guess at a record with another form, out of order, or about a trial that no record started, because it counts money from the records. A last line that was cut off by a kill may be left out.",
  },
  SEARCH_TRIAL_UNKNOWN: {
    title: "No such trial is running",
    message: "Trial {trial} was reported, but {running} running",
    fix: "Report each segment once, with the id that `ask()` returned",
    docs: "A search accepts one report per assigned segment. Anything else would count money twice.",
  },
  SEARCH_REPORT_INVALID: {
    title: "A trial's report is not valid",
    message: "The report of trial {trial} has {what} {found}, but {reason}",
    fix: "Report the units of training that are saved, the result there, and the cost of the segment",
    docs: "A segment that reached its rung must end exactly there, with a finite result. A failed segment has no result. Costs are never negative.",
  },
  SEARCH_WITHOUT_BUDGET: {
    title: "The search has no budget",
    message: "{path} sets no budget for its search, and a search without a budget would never end",
    fix: "Set a budget: `tunewise search {path} --budget 60min`, or `search: { budget: { minutes: 60 } }` in the recipe",
    exitCode: 64,
    docs: "Dollars or minutes determine how many trials there are and how long they train, including the final runs. On a machine whose `machine.usd_per_hour` is 0, give minutes.",
  },
  SEARCH_WITHOUT_VALIDATION: {
    title: "The search has no rows to compare trials on",
    message: "A search compares trials by their loss on the validation rows, but {path} has none",
    fix: "Name a file as `data.validation`, or give `data.split.validation` a share above 0, such as 0.1",
    exitCode: 64,
    docs: "Trials must be compared on rows that none of them was trained on. Test rows are not used, because they are reserved for the final evaluation.",
  },
  SEARCH_VALUE_REFUSED: {
    title: "The recipe does not allow a value of the search space",
    message: "`search.space` gives {key} the value {value}, but the recipe with it is not valid: {detail}",
    fix: "{fix}",
    exitCode: 64,
    docs: "Before any money is spent, both ends of every range and every listed value are put into the recipe and validated.",
  },
  SEARCH_RUNG_IN_WARMUP: {
    title: "Trials are compared later than requested, because of the warm-up",
    message:
      "The first comparison moves from step {step} to step {moved} of {steps}: the learning rate rises up to step {warmup}",
    fix: "Shorten `training.warmup` to compare trials earlier",
    exitCode: 2,
    docs: "During the warm-up all learning rates are close to 0 and trials hardly differ, so a comparison there would promote trials by chance. The first comparison takes place after twice the warm-up.",
  },
  SEARCH_BUDGET_TOO_SMALL: {
    title: "The budget is too small for one trial",
    message:
      "The search may use {budget}, of which {kept} is reserved for {what}; a first trial uses up to {first}",
    fix: "Raise the budget: `{command}`",
    exitCode: 2,
    docs: "A trial may start only if the budget covers the high end of its plan. `search.final: false` reserves nothing. A shorter training or a larger `search.shortest` changes the cost of a trial.",
  },
  SEARCH_PARALLEL_TOO_MANY: {
    title: "The machine cannot run so many trials at once",
    message: "`search.parallel` requests {parallel} trials at the same time, but {reason}",
    fix: "Write `search: { parallel: {most} }`",
    exitCode: 2,
    docs: "Parallel trials share the machine's threads and memory equally. Each needs a thread, and the high end of the plan's memory estimate must fit into its share. The fix names the largest number that fits. With the PyTorch worker each trial needs its own GPU, or a thread if there is no GPU. Another machine and an Apple GPU run one trial at a time.",
  },
  SEARCH_SITE_CHANGED: {
    title: "The unfinished search trains elsewhere",
    message: "Search {search} began with {begun}, but this call requests {asked}",
    fix: "Continue there with `{command}`, or start a new search here with `--fresh`",
    exitCode: 64,
    since: "0.1.0",
    docs: "A search continues where it began: with the engine, or with the PyTorch worker on one machine, one kind of device and in one precision. Only the program that wrote a checkpoint can resume it, and losses in other precisions differ for reasons other than the settings.",
  },
  SEARCH_TIME_ASSUMED: {
    title: "The worker's training time is not known",
    message:
      "The trials are planned as if the engine on this machine trained them: no worker run with this model has finished where the search trains, and the plan has no GPU for it",
    fix: "tunewise run {flags}",
    since: "0.1.0",
    docs: "The time of a trial determines what a budget covers. The plan knows the time for the engine and for GPUs in the catalog. For the worker elsewhere, the time comes from its newest finished run with the same model and method. If there is no such run, it comes from the measured times of the first trials, from the fourth segment on.",
  },
  SEARCH_HALTED: {
    title: "The search was stopped from outside",
    message: "Trial {trial} (run {run}) was stopped: {sentence}",
    fix: "Once the cause is resolved, the same command continues: `tunewise search`",
    exitCode: 2,
    docs: "A budget that several runs share, or `tunewise runs stop`, stops a trial like any run. The trial is saved, and the search loses nothing.",
  },
  RANGE_TEST_INVALID: {
    title: "A learning-rate range test cannot be read",
    message: "The test has {found}, but {reason}",
    fix: "Record the loss at 10 or more rates that rise from step to step",
    docs: "A range test raises the learning rate step by step and records the loss. Rates must rise. Losses may have any value, because a test ends when they are no longer finite.",
  },
} as const;
