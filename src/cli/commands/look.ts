/** @file Commands that tell: runs, show, explain, completion, help. */
import type { Command } from "../command.ts";
import { outputFlag, runArgument } from "../flags.ts";

const runs: Command = {
  name: "runs",
  summary: "list runs with their scores and costs",
  category: "look",
  about:
    "Lists the runs recorded in an output folder, newest first: status, headline score of base and tuned model, time and cost.",
  arguments: [],
  flags: [
    outputFlag,
    {
      name: "status",
      value: "STATUS",
      choices: ["running", "completed", "stopped", "interrupted", "failed"],
      summary: "only runs that stand so",
    },
    {
      name: "limit",
      value: "RUNS",
      kind: "whole",
      least: 1,
      most: 100_000,
      summary: "at most so many; default: 20",
    },
  ],
  examples: [
    { line: "tunewise runs", does: "the latest 20" },
    { line: "tunewise runs --status completed --json", does: "as data" },
  ],
  exitCodes: [],
};

const show: Command = {
  name: "show",
  summary: "tell about one run: planned and actual, base and tuned",
  category: "look",
  about:
    "Shows a run's recipe, data, scores of base and tuned model, planned beside actual time, memory and cost, and where its files lie.",
  arguments: [runArgument],
  flags: [
    {
      name: "format",
      value: "FORMAT",
      choices: ["text", "markdown"],
      summary: "markdown suits pull requests; default: text",
    },
    outputFlag,
  ],
  examples: [{ line: "tunewise show latest", does: "the newest run" }],
  exitCodes: [],
};

const explain: Command = {
  name: "explain",
  summary: "explain a problem code",
  category: "look",
  about:
    "Every error and finding has a code in capitals. This says what it means and what to do. Without a code it lists all of them.",
  arguments: [{ name: "CODE", summary: "such as RECIPE_KEY_UNKNOWN", optional: true }],
  flags: [],
  examples: [
    { line: "tunewise explain RECIPE_KEY_UNKNOWN", does: "what it means and what to do" },
    { line: "tunewise explain", does: "all codes" },
  ],
  exitCodes: [],
};

const completion: Command = {
  name: "completion",
  summary: "print a completion script for your shell",
  category: "look",
  about: "Prints a script that completes commands, flags and their values. Nothing is installed.",
  arguments: [
    {
      name: "SHELL",
      summary: "bash, zsh, fish or powershell",
      choices: ["bash", "zsh", "fish", "powershell"],
    },
  ],
  flags: [],
  examples: [
    { line: "tunewise completion bash >> ~/.bashrc", does: "completes in every new bash" },
    { line: "tunewise completion zsh > ~/.zfunc/_tunewise", does: "with ~/.zfunc in fpath" },
    { line: "tunewise completion fish > ~/.config/fish/completions/tunewise.fish", does: "for fish" },
    { line: "tunewise completion powershell >> $PROFILE", does: "for PowerShell" },
  ],
  exitCodes: [],
};

const help: Command = {
  name: "help",
  summary: "list commands, or tell about one",
  category: "look",
  about:
    "Lists all commands; with a command's name tells about that one; with `exit-codes` lists the exit codes.",
  arguments: [{ name: "TOPIC", summary: "a command, or exit-codes", optional: true }],
  flags: [],
  examples: [
    { line: "tunewise help doctor", does: "arguments, flags and examples of doctor" },
    { line: "tunewise help exit-codes", does: "what each exit code means" },
  ],
  exitCodes: [],
};

/** Commands that tell. */
export const lookCommands: readonly Command[] = [runs, show, explain, completion, help];
