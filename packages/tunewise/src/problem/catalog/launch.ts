/** @file Problems of commands that run inside a budget. Data only. */

export const launchProblems = {
  EXEC_BUDGET_INVALID: {
    title: "The budget is not a valid amount",
    message: "--budget must be an amount in dollars above zero, with its unit; found {found}.",
    fix: "tunewise exec --budget 20usd --rate 2.49/h -- COMMAND",
    exitCode: 64,
    docs: "Write a budget as `20usd` or `$20`, with up to six decimal places.",
  },
  EXEC_RATE_INVALID: {
    title: "The rate is not a price per hour",
    message: "--rate must be dollars per hour; found {found}.",
    fix: "tunewise exec --budget 20usd --rate 2.49/h -- COMMAND",
    exitCode: 64,
    docs: "The rate is the hourly price of the machine, written as `2.49/h` or `2.49`. tunewise does not look up prices. For a rented machine the invoice is authoritative.",
  },
  EXEC_RATE_MISSING: {
    title: "A budget needs a rate",
    message: "--budget {budget} needs an hourly price.",
    fix: "add --rate 2.49/h, with the price of this machine",
    exitCode: 64,
    docs: "The meter of `tunewise exec` converts time into money at the machine's rate. Without a rate, or with a rate of zero, the command would never reach the budget.",
  },
  EXEC_PLATFORM_UNSUPPORTED: {
    title: "This platform has no process groups",
    message: "tunewise exec cannot terminate process trees on {platform}.",
    fix: "run it on Linux or macOS; on Windows inside WSL",
    docs: "A budget is reliable only if the command and everything it started can be terminated. That needs process groups and signals, which Linux and macOS have.",
  },
  EXEC_METER_FAILED: {
    title: "The meter failed",
    message: "The process that meters run {run} exited {times} times without starting. {standing}",
    fix: "check {folder}, then repeat the command",
    docs: "A small process beside the command meters its time and money, and is restarted if it dies. Here every new process died at once, because memory, processes or a writable disk are lacking.",
  },
  EXEC_SERVER_FAILED: {
    title: "The command's tracking server does not start",
    message: "The tracking server for the command did not start: {said}. The command was not started.",
    fix: "try: tunewise serve; or leave the command's tracking unchanged with --server none",
    docs: "`tunewise exec` starts a tracking server on a free port of this machine, which exits with the command. `--server URL` uses a running server. `--server none` leaves the tracking targets of MLflow and W&B unchanged.",
  },
  EXEC_OUTCOME_LOST: {
    title: "The outcome of the command is unknown",
    message: "The command of run {run} had ended before its meter restarted; {spent} were metered.",
    fix: "check the command's own output, then run it again if it did not finish",
    docs: "The command and its meter died together, for example because all processes were killed or the machine restarted. Time is counted up to the meter's last tick. The exit code is unknown.",
  },
} as const;
