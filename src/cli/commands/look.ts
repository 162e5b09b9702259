/** @file Commands that tell: explain, completion, help. */
import type { Command } from "../command.ts";

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
export const lookCommands: readonly Command[] = [explain, completion, help];
