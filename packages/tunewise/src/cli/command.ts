/** @file What a command is: data from which parsing, help and completion are made. */
import type { Console } from "./console.ts";

/** What a shell offers for a value. */
export type Completes = "file" | "folder" | "recipe" | "run" | "device" | "nothing";

/** A named option. */
export interface Flag {
  /** Whole words joined by hyphens, without dashes. */
  readonly name: string;
  readonly short?: "h" | "v" | "q" | "y" | "o" | "c";
  readonly summary: string;
  /** Word for the value in help, in capitals; without it the flag is a switch. */
  readonly value?: string;
  /** How the value is read; default: text. `budget` is `20usd`, `30min` or both, `rate` is `2.49/h`. */
  readonly kind?: "text" | "whole" | "number" | "budget" | "rate";
  /** Bounds of a number, inclusive. */
  readonly least?: number;
  readonly most?: number;
  readonly choices?: readonly string[];
  readonly completes?: Completes;
  /** Accepted, but left out of help and completion. */
  readonly isHidden?: true;
  /** The flag that this earlier spelling sets. */
  readonly replacedBy?: string;
}

/** A positional argument. */
export interface Argument {
  /** In capitals, as in help. */
  readonly name: string;
  readonly summary: string;
  readonly optional?: true;
  /** The last one of a command may be repeated. */
  readonly many?: true;
  readonly choices?: readonly string[];
  /** Choices of earlier versions and what they are called today. */
  readonly formerChoices?: Readonly<Record<string, string>>;
  readonly completes?: Completes;
}

/** The sections of `tunewise help`. */
export type Category = "prepare" | "do" | "manage" | "look";

/** Commands of one noun: `tunewise runs list`, `tunewise runs show`. */
export interface CommandGroup {
  readonly name: string;
  /** Short description for the list. */
  readonly summary: string;
  readonly category: Category;
  /** One paragraph for the group's own help. */
  readonly about: string;
}

/** Executes a command and returns an exit code of `exit-codes.ts`. */
export type Handler = (call: Call, console: Console) => Promise<number>;

/** One command of the table. */
export interface Command {
  /** `plan`, or noun and verb: `runs show`. */
  readonly name: string;
  /** A short form of the name. */
  readonly alias?: string;
  /** The name in earlier versions: accepted, but left out of help and completion. */
  readonly formerly?: string;
  /** Short description for the list. */
  readonly summary: string;
  readonly category: Category;
  /** One paragraph for the command's own help. */
  readonly about: string;
  readonly arguments: readonly Argument[];
  readonly flags: readonly Flag[];
  /** `does` completes "This command ..." without its first two words. */
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /**
   * Whether it handles Ctrl-C and SIGTERM, to save its work or to clean up: always, or once it has begun what is worth
   * saving (`ProcessIo.beginSaving`). The first signal ends all others.
   */
  readonly savesWhenStopped?: "always" | "once begun";
  /** Exit codes beside 0, 1, 64 and 130, which all commands share. */
  readonly exitCodes: readonly number[];
}

/** Caps of `--budget`; at least one is set. */
export interface BudgetCaps {
  readonly usd: number | null;
  readonly minutes: number | null;
}

/** A flag's value after parsing. */
export type FlagValue = string | number | boolean | BudgetCaps;

/** A parsed command line. */
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

/** The text flags that were given, as options to spread. */
export function textFlags<Name extends string>(
  call: Call,
  ...names: readonly Name[]
): { readonly [Key in Name]?: string } {
  const given = names.flatMap((name) => {
    const text = textFlag(call, name);
    return text === null ? [] : [[name, text] as const];
  });
  return Object.fromEntries(given) as { readonly [Key in Name]?: string };
}

/** The number of a flag, or `null` where it was not given. */
export function numberFlag(call: Call, name: string): number | null {
  const value = call.flags.get(name);
  return typeof value === "number" ? value : null;
}

/** The caps of `--budget`; both `null` where it was not given. */
export function budgetFlag(call: Call): BudgetCaps {
  const value = call.flags.get("budget");
  return typeof value === "object" ? value : { usd: null, minutes: null };
}

/** Whether a switch was given. */
export function isOn(call: Call, name: string): boolean {
  return call.flags.get(name) === true;
}
