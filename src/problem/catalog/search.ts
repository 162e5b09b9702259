/** @file Problems about: searches. Data only; every entry must satisfy `ProblemKind`, which `index.ts` checks. */

export const searchProblems = {
  SEARCH_SETTING_INVALID: {
    title: "A setting of the search cannot be used",
    message: "{key} is {found}, but {reason}",
    fix: "{fix}",
    exitCode: 64,
    since: "0.1.0",
    docs: "A search needs at least one knob, ends that rise, logarithmic ends above 0, rungs that rise from above 0 to a full run, and a budget above what is kept back for the final run. Everything is checked before the first trial.",
  },
  SEARCH_POINT_INVALID: {
    title: "A point does not lie in the search's space",
    message: "{knob} is {found}, but the space has {allowed}",
    fix: "Give {knob} a value of the space, or widen the space",
    exitCode: 64,
    since: "0.1.0",
    docs: "A point has one value for each knob of the space and no others. The recipe's own settings alone may lie outside its ends: they are tried first in any case.",
  },
  SEARCH_RECORD_INVALID: {
    title: "A record of the search cannot be read",
    message: "Record {number} cannot be used: {reason}",
    fix: "Take the records from the search that wrote them, whole and in order, or begin a new search",
    exitCode: 1,
    since: "0.1.0",
    docs: "A search remembers by replaying its records. A record of another shape, out of order, or about a trial that no record began, is not guessed at, since money is counted from it. A last line that a kill has cut in half may be left out.",
  },
  SEARCH_TRIAL_UNKNOWN: {
    title: "No such trial is running",
    message: "Trial {trial} was reported, but {running} running",
    fix: "Report each stretch once, with the id that `ask()` gave",
    exitCode: 1,
    since: "0.1.0",
    docs: "A report is taken once and only for work that was handed out; anything else would count money twice.",
  },
  SEARCH_REPORT_INVALID: {
    title: "A trial's report cannot be used",
    message: "The report of trial {trial} has {what} {found}, but {reason}",
    fix: "Report the units of training that are saved, the result there, and what the stretch cost",
    exitCode: 1,
    since: "0.1.0",
    docs: "A stretch that reached its rung says so at exactly its end, with a finite result; one that failed has no result; none costs less than nothing.",
  },
  RANGE_TEST_INVALID: {
    title: "A learning-rate range test cannot be read",
    message: "The test has {found}, but {reason}",
    fix: "Record the loss at 10 or more rates that rise from step to step",
    exitCode: 1,
    since: "0.1.0",
    docs: "A range test raises the learning rate step by step and looks at the loss. Rates must rise; losses may be anything, since a test ends where they are no longer finite.",
  },
} as const;
