/** @file Commands that explain: help, explain, completion. */
import type { Command } from "../command.ts";

const help: Command = {
  name: "help",
  summary: "show help for a command",
  category: "look",
  about:
    "Lists all commands. With the name of a command or group, shows its help. With `exit-codes`, lists the exit codes.",
  arguments: [{ name: "TOPIC", summary: "a command, or exit-codes", optional: true, many: true }],
  flags: [],
  examples: [
    { line: "tunewise help runs show", does: "show arguments, flags and examples of one command" },
    { line: "tunewise help runs", does: "list the commands of a group" },
    { line: "tunewise help exit-codes", does: "list the exit codes" },
  ],
  exitCodes: [],
};

const explain: Command = {
  name: "explain",
  summary: "explain a problem code",
  category: "look",
  about:
    "Explains what a code means and how to fix the problem. Every error and finding has a code in capital letters. Without CODE, lists all codes.",
  arguments: [{ name: "CODE", summary: "a problem code, such as RECIPE_KEY_UNKNOWN", optional: true }],
  flags: [],
  examples: [
    { line: "tunewise explain RECIPE_KEY_UNKNOWN", does: "explain this code and how to fix the problem" },
    { line: "tunewise explain", does: "list all codes" },
  ],
  exitCodes: [],
};

const completion: Command = {
  name: "completion",
  summary: "print a shell completion script",
  category: "look",
  about: "Prints a script that completes commands, flags and their values. It installs nothing.",
  arguments: [
    {
      name: "SHELL",
      summary: "bash, zsh, fish or powershell",
      choices: ["bash", "zsh", "fish", "powershell"],
    },
  ],
  flags: [],
  examples: [
    { line: "tunewise completion bash >> ~/.bashrc", does: "install it for bash" },
    {
      line: "tunewise completion zsh > ~/.zfunc/_tunewise",
      does: "install it for zsh, with ~/.zfunc in fpath",
    },
    {
      line: "tunewise completion fish > ~/.config/fish/completions/tunewise.fish",
      does: "install it for fish",
    },
    { line: "tunewise completion powershell >> $PROFILE", does: "install it for PowerShell" },
  ],
  exitCodes: [],
};

/** The commands, in the order of help. */
export const learnCommands: readonly Command[] = [help, explain, completion];
