/** @file Problems of hyperparameter searches. Data only. */

export const searchProblems = {
  SEARCH_SETTING_INVALID: {
    title: "A setting of the search cannot be used",
    message: "{key} is {found}, but {reason}",
    fix: "{fix}",
    exitCode: 64,
    docs: "A search needs at least one knob, ends that rise, logarithmic ends above 0, rungs that rise from above 0 to a full run, and a budget above what is kept back for the final run. Everything is checked before the first trial.",
  },
  SEARCH_POINT_INVALID: {
    title: "A point does not lie in the search's space",
    message: "{knob} is {found}, but the space has {allowed}",
    fix: "Give {knob} a value of the space, or widen the space",
    exitCode: 64,
    docs: "A point has one value for each knob of the space and no others. The recipe's own settings alone may lie outside its ends: they are tried first in any case.",
  },
  SEARCH_RECORD_INVALID: {
    title: "A record of the search cannot be read",
    message: "Record {number} cannot be used: {reason}",
    fix: "Take the records from the search that wrote them, whole and in order, or begin a new search",
    docs: "A search remembers by replaying its records. A record of another shape, out of order, or about a trial that no record began, is not guessed at, since money is counted from it. A last line that a kill has cut in half may be left out.",
  },
  SEARCH_TRIAL_UNKNOWN: {
    title: "No such trial is running",
    message: "Trial {trial} was reported, but {running} running",
    fix: "Report each segment once, with the id that `ask()` returned",
    docs: "A report is taken once and only for work that was handed out; anything else would count money twice.",
  },
  SEARCH_REPORT_INVALID: {
    title: "A trial's report cannot be used",
    message: "The report of trial {trial} has {what} {found}, but {reason}",
    fix: "Report the units of training that are saved, the result there, and what the segment cost",
    docs: "A segment that reached its rung is reported at exactly its end, with a finite result; a failed one has no result; costs are never negative.",
  },
  SEARCH_WITHOUT_BUDGET: {
    title: "The search has no budget",
    message: "{path} names no budget for its search, and a search without one would never end",
    fix: "Say what it may take: `tunewise search {path} --budget 60min`, or `search: { budget: { minutes: 60 } }` in the recipe",
    exitCode: 64,
    docs: "Dollars or minutes decide how many trials there are and how far they go, the final runs included. On a machine whose `machine.usd_per_hour` is 0, minutes are needed.",
  },
  SEARCH_WITHOUT_VALIDATION: {
    title: "The search has no rows to compare trials on",
    message: "Trials are compared by their loss on the validation rows, and {path} has none",
    fix: "Name a file as `data.validation`, or give `data.split.validation` a share above 0, such as 0.1",
    exitCode: 64,
    docs: "Trials must be compared on rows that none of them was trained on. Test rows are not used: they are reserved for the final evaluation.",
  },
  SEARCH_VALUE_REFUSED: {
    title: "A value of the search's space cannot stand in the recipe",
    message: "`search.space` gives {key} the value {value}, and the recipe with it is refused: {detail}",
    fix: "{fix}",
    exitCode: 64,
    docs: "Both ends of every range and every listed value are put into the recipe and read, before anything is spent.",
  },
  SEARCH_RUNG_IN_WARMUP: {
    title: "Trials are compared later than asked, because of the warm-up",
    message:
      "The first comparison moves from step {step} to step {moved} of {steps}: the learning rate rises up to step {warmup}",
    fix: "Write a shorter `training.warmup` to compare trials earlier",
    exitCode: 2,
    docs: "During the warm-up all learning rates are close to 0 and trials hardly differ, so that a comparison there promotes by chance. Trials are compared first after twice the warm-up.",
  },
  SEARCH_BUDGET_TOO_SMALL: {
    title: "The budget buys no trial",
    message:
      "The search may take {budget}, of which {kept} are kept for {what}; a first trial takes up to {first}",
    fix: "Give it more: `{command}`",
    exitCode: 2,
    docs: "What may start is decided by the high end of the plan. `search.final: false` keeps nothing back; a shorter training or a larger `search.shortest` changes what a trial takes.",
  },
  SEARCH_PARALLEL_TOO_MANY: {
    title: "The machine has no room for so many trials at once",
    message: "`search.parallel` asks for {parallel} trials at the same time, but {reason}",
    fix: "Write `search: { parallel: {most} }`",
    exitCode: 2,
    docs: "Trials at the same time share the machine's threads and memory in equal parts: each needs a thread, and the high end of what the plan says of memory must fit into its part. The fix names the largest number that fits. By the worker on PyTorch each needs a card of its own, or a thread where there is no card; another machine and Apple's graphics processor compute one run at a time.",
  },
  SEARCH_SITE_CHANGED: {
    title: "The unfinished search trains elsewhere",
    message: "Search {search} began with {begun}, and this call asks for {asked}",
    fix: "Go on there with `{command}`, or begin a new search here with `--fresh`",
    exitCode: 64,
    since: "0.1.0",
    docs: "A search goes on where it began: by the engine, or by the worker on PyTorch on one machine, one kind of device and in one precision. Checkpoints are resumed by what wrote them, and losses of other precisions differ in more than the settings.",
  },
  SEARCH_TIME_ASSUMED: {
    title: "How long the worker takes here is not known",
    message:
      "The trials are planned as if the engine on this machine trained them: no run of the worker on this model has finished at this place, and the plan has no card for it",
    fix: "tunewise run {flags}",
    since: "0.1.0",
    docs: "What a budget buys follows from how long a trial takes. The plan knows that of the engine and of graphics cards in the catalog. For the worker elsewhere its newest finished run with the same model and method tells it; without one the first trials do, whose measured times decide from the fourth segment on.",
  },
  SEARCH_HALTED: {
    title: "The search was stopped from outside",
    message: "Trial {trial} (run {run}) was stopped: {sentence}",
    fix: "Once that is settled, the same command goes on: `tunewise search`",
    exitCode: 2,
    docs: "A budget that several runs share, or `tunewise runs stop`, acts on a trial as on any run. The trial is saved; nothing of the search is lost.",
  },
  RANGE_TEST_INVALID: {
    title: "A learning-rate range test cannot be read",
    message: "The test has {found}, but {reason}",
    fix: "Record the loss at 10 or more rates that rise from step to step",
    docs: "A range test raises the learning rate step by step and looks at the loss. Rates must rise; losses may be anything, since a test ends where they are no longer finite.",
  },
} as const;
