/** @file Problems of commands that run inside a budget. Data only. */

export const launchProblems = {
  EXEC_BUDGET_INVALID: {
    title: "The budget is not a valid amount",
    message: "--budget must be an amount above zero in dollars, with its unit; found {found}.",
    fix: "tunewise exec --budget 20usd --rate 2.49/h -- COMMAND",
    exitCode: 64,
    docs: "A budget is written as `20usd` or `$20`, with up to six digits behind the point.",
  },
  EXEC_RATE_INVALID: {
    title: "The rate is not a price per hour",
    message: "--rate must be dollars per hour; found {found}.",
    fix: "tunewise exec --budget 20usd --rate 2.49/h -- COMMAND",
    exitCode: 64,
    docs: "A rate is what the machine costs in an hour, written as `2.49/h` or `2.49`. Nothing is looked up: the invoice of a rented machine is authoritative.",
  },
  EXEC_RATE_MISSING: {
    title: "A budget needs a rate",
    message: "--budget {budget} needs an hourly price.",
    fix: "add --rate 2.49/h, with the price of this machine",
    exitCode: 64,
    docs: "The meter of `tunewise exec` turns time into money by the rate of the machine. Without one, or with a rate of zero, no budget would ever be reached.",
  },
  EXEC_PLATFORM_UNSUPPORTED: {
    title: "No process groups here",
    message: "tunewise exec cannot end process trees on {platform}.",
    fix: "run it on Linux or macOS; on Windows inside WSL",
    docs: "A budget is only kept when a command and everything it started can be ended for certain. That needs process groups and signals, which Linux and macOS have.",
  },
  EXEC_METER_FAILED: {
    title: "The meter failed",
    message: "The process that meters run {run} ended {times} times without starting. {standing}",
    fix: "check {folder}, then repeat the command",
    docs: "A small process beside the command keeps its time and its money. It is started again when it is lost; here every new one was lost at once, for lack of memory, processes or a writable disk.",
  },
  EXEC_SERVER_FAILED: {
    title: "The command's own server does not start",
    message: "The server for what the command logs did not start: {said}. The command was not started.",
    fix: "try: tunewise serve; or leave the command's tracking alone with --server none",
    docs: "`tunewise exec` starts a tracking server on a free port of this machine, which ends with the command. `--server URL` takes one that runs already, and `--server none` leaves MLflow and W&B to log where they always did.",
  },
  EXEC_OUTCOME_LOST: {
    title: "The outcome of the command is unknown",
    message: "The command of run {run} was gone when its meter came back; {spent} were metered.",
    fix: "check the command's own output, then run it again if it did not finish",
    docs: "Command and meter were lost together, for example by a kill of everything or a restart of the machine. Time is counted up to the last tick of the meter; the exit code is not known.",
  },
} as const;
