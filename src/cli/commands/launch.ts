/** @file Commands that run other programs: exec. */
import type { Command } from "../command.ts";

const exec: Command = {
  name: "exec",
  summary: "run any command inside a budget",
  category: "do",
  about:
    "Refuses a command that ran before with the same code, files and options, with its result and price; else runs it, meters its time at the machine's rate, warns at 80 % of the budget, and at the budget asks it to save: Ctrl-C for its process group, and a stop flag for trackers and callbacks. After a time of grace everything it started is ended. Time is counted until the last process it started has ended. What it logs with MLflow or W&B lands in this store, or on the server named, and pays its share of the bill. The meter is a process of its own beside the command and survives a crash of tunewise, being suspended, and a full disk. Exit code 2 says that the budget stopped it; else it is the command's own.",
  arguments: [
    { name: "COMMAND", summary: "the command with its own flags, behind --", many: true, completes: "file" },
  ],
  flags: [
    {
      name: "budget",
      value: "MONEY",
      summary: "cap in dollars, such as 20usd; without it time is metered alone",
    },
    { name: "rate", value: "PRICE", summary: "what the machine costs in an hour, such as 2.49/h" },
    {
      name: "grace-seconds",
      value: "SECONDS",
      kind: "number",
      least: 0,
      most: 86_400,
      summary: "time to save once the budget is spent; default: 60",
    },
    {
      name: "tick-seconds",
      value: "SECONDS",
      kind: "number",
      least: 0.02,
      most: 60,
      summary: "how often the meter is read and written; default: 1",
    },
    {
      name: "server",
      value: "URL",
      summary:
        "a tunewise server that MLflow and W&B calls go to; none leaves them alone; default: one of its own",
    },
    {
      name: "store",
      value: "PLACE",
      summary: "where its own server tracks: a folder, or postgres://...; default: the output folder",
    },
    {
      name: "force",
      value: "REASON",
      summary: "run although the same command ran before; the reason is kept",
    },
    {
      name: "api-key-env",
      value: "NAME",
      summary: "environment variable with the server's key; default: TUNEWISE_API_KEY",
    },
    { name: "project", value: "NAME", summary: "MLflow's experiment and W&B's project for what is logged" },
    {
      name: "output",
      short: "o",
      value: "FOLDER",
      summary: "where meters lie, in exec/; default: .tunewise",
      completes: "folder",
    },
  ],
  examples: [
    {
      line: "tunewise exec --budget 20usd --rate 2.49/h -- accelerate launch train.py",
      does: "asks it to save, then ends it, when 20 dollars are spent",
    },
    { line: "tunewise exec --rate 2.49/h -- python train.py", does: "says what it cost" },
  ],
  savesWhenStopped: true,
  exitCodes: [2, 4],
};

/** Commands that run other programs. */
export const launchCommands: readonly Command[] = [exec];
