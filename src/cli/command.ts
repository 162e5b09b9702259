/**
 * @file What a command is: data from which parsing, help and completion are made.
 */
import type { Console } from "./console.ts";

/** What a shell may offer for a value. */
export type Completes = "file" | "folder" | "recipe" | "run" | "device" | "nothing";

/** A named option. */
export interface Flag {
  /** Whole words joined by hyphens, without dashes. */
  readonly name: string;
  readonly short?: "h" | "v" | "q" | "y" | "o" | "c";
  readonly summary: string;
  /** Word for the value in help, in capitals; without it the flag is a switch. */
  readonly value?: string;
  /** How the value is read; text where absent. */
  readonly kind?: "text" | "whole" | "number";
  /** Bounds of a number, both allowed. */
  readonly least?: number;
  readonly most?: number;
  readonly choices?: readonly string[];
  readonly completes?: Completes;
}

/** A word that stands for itself. */
export interface Argument {
  /** In capitals, as in help. */
  readonly name: string;
  readonly summary: string;
  readonly optional?: true;
  /** The last one of a command may come several times. */
  readonly many?: true;
  readonly choices?: readonly string[];
  readonly completes?: Completes;
}

/** The groups of `tunewise help`. */
export type Category = "prepare" | "do" | "look";

/** Does the work of a command and answers with an exit code of `exit-codes.ts`. */
export type Handler = (call: Call, console: Console) => Promise<number>;

/** One command of the table. */
export interface Command {
  readonly name: string;
  /** A few words for the list. */
  readonly summary: string;
  readonly category: Category;
  /** One paragraph for the command's own help. */
  readonly about: string;
  readonly arguments: readonly Argument[];
  readonly flags: readonly Flag[];
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /**
   * Whether it listens for Ctrl-C and SIGTERM, to save or clear away what it has begun. Others are ended by the first
   * signal, whatever they are doing.
   */
  readonly savesWhenStopped?: true;
  /** Codes it may end with, beside 0, 1, 64 and 130, which all share. */
  readonly exitCodes: readonly number[];
}

/** A flag's value after parsing. */
export type FlagValue = string | number | boolean;

/** A command line that is understood. */
export interface Call {
  readonly command: Command;
  readonly flags: ReadonlyMap<string, FlagValue>;
  readonly words: readonly string[];
}

/** The text of a flag, or `null` where it was not given. */
export function textFlag(call: Call, name: string): string | null {
  const value = call.flags.get(name);
  return typeof value === "string" ? value : null;
}

/** The number of a flag, or `null` where it was not given. */
export function numberFlag(call: Call, name: string): number | null {
  const value = call.flags.get(name);
  return typeof value === "number" ? value : null;
}

/** Whether a switch was given. */
export function isOn(call: Call, name: string): boolean {
  return call.flags.get(name) === true;
}
