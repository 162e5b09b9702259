/**
 * @file The table of commands. Parsing, help, completion and the reference page come from it.
 */
import type { Category, Command } from "./command.ts";
import { accessCommands } from "./commands/access.ts";
import { launchCommands } from "./commands/launch.ts";
import { lookCommands } from "./commands/look.ts";
import { moveCommands } from "./commands/move.ts";
import { prepareCommands } from "./commands/prepare.ts";
import { speakCommands } from "./commands/speak.ts";
import { trackCommands } from "./commands/track.ts";
import { judgeCommands, workCommands } from "./commands/work.ts";

/** Every command of this version's help, in its order. */
export const commands: readonly Command[] = [
  ...prepareCommands,
  ...judgeCommands,
  ...workCommands,
  ...launchCommands,
  ...speakCommands,
  ...lookCommands,
  ...trackCommands,
  ...accessCommands,
  ...moveCommands,
];

/** Groups of help with their words, in order. */
export const categories: readonly (readonly [category: Category, words: string])[] = [
  ["prepare", "before a run"],
  ["do", "run"],
  ["look", "look and learn"],
];

/** The command of a name, or `undefined`. */
export function findCommand(name: string): Command | undefined {
  return commands.find((command) => command.name === name);
}
