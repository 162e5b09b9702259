/** @file Commands that explain: help, explain, completion. */
import type { Command } from "../command.ts";

const help: Command = {
  name: "help",
  summary: "show help for a command",
  category: "look",
  about:
    "Lists all commands; with the name of a command or a group shows its help; with `exit-codes` lists the exit codes.",
  arguments: [{ name: "TOPIC", summary: "a command, or exit-codes", optional: true, many: true }],
  flags: [],
  examples: [
    { line: "tunewise help runs show", does: "arguments, flags and examples of one command" },
    { line: "tunewise help runs", does: "the commands of a group" },
    { line: "tunewise help exit-codes", does: "the meaning of each exit code" },
  ],
  exitCodes: [],
};

const explain: Command = {
  name: "explain",
  summary: "explain a problem code",
  category: "look",
  about:
    "Every error and finding has a code in capitals. Explains what it means and how to fix it. Without CODE it lists all codes.",
  arguments: [{ name: "CODE", summary: "a problem code, such as RECIPE_KEY_UNKNOWN", optional: true }],
  flags: [],
  examples: [
    { line: "tunewise explain RECIPE_KEY_UNKNOWN", does: "what it means and how to fix it" },
    { line: "tunewise explain", does: "all codes" },
  ],
  exitCodes: [],
};

const completion: Command = {
  name: "completion",
  summary: "print a shell completion script",
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
    { line: "tunewise completion bash >> ~/.bashrc", does: "for bash" },
    { line: "tunewise completion zsh > ~/.zfunc/_tunewise", does: "for zsh, with ~/.zfunc in fpath" },
    {
      line: "tunewise completion fish > ~/.config/fish/completions/tunewise.fish",
      does: "for fish",
    },
    { line: "tunewise completion powershell >> $PROFILE", does: "for PowerShell" },
  ],
  exitCodes: [],
};

/** The commands, in the order of help. */
export const learnCommands: readonly Command[] = [help, explain, completion];
