/** @file Types of commands as data, from which parsing, help and completion are derived. */
import type { Console } from "./console.ts";

/** What a shell completes for a value. */
export type Completes = "file" | "folder" | "recipe" | "run" | "device" | "nothing";

/** A named option. */
export interface Flag {
  /** Whole words joined by hyphens, without leading dashes. */
  readonly name: string;
  readonly short?: "h" | "v" | "q" | "y" | "o" | "c";
  readonly summary: string;
  /** Placeholder of the value in help, in capitals; without it, the flag is a switch. */
  readonly value?: string;
  /** Type of the value; default: text. `budget` is `20usd`, `30min` or both, `rate` is `2.49/h`. */
  readonly kind?: "text" | "whole" | "number" | "budget" | "rate";
  /** Inclusive bounds of a number. */
  readonly least?: number;
  readonly most?: number;
  readonly choices?: readonly string[];
  readonly completes?: Completes;
  /** Whether it may be given several times; only for texts. */
  readonly repeats?: true;
  /** Accepted, but omitted from help and completion. */
  readonly isHidden?: true;
  /** The flag that replaces this earlier one. */
  readonly replacedBy?: string;
}

/** A positional argument. */
export interface Argument {
  /** Name in capitals, as in help. */
  readonly name: string;
  readonly summary: string;
  readonly optional?: true;
  /** Whether it may be repeated; only for the last argument of a command. */
  readonly many?: true;
  readonly choices?: readonly string[];
  /** Choices of earlier versions, with their current names. */
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
  /** Paragraph for the group's own help. */
  readonly about: string;
}

/** Executes a command and returns an exit code of `exit-codes.ts`. */
export type Handler = (call: Call, console: Console) => Promise<number>;

/** One command of the table. */
export interface Command {
  /** Name, such as `plan`, or noun and verb, such as `runs show`. */
  readonly name: string;
  /** A short form of the name. */
  readonly alias?: string;
  /** Name in earlier versions: accepted, but omitted from help and completion. */
  readonly formerly?: string;
  /** Short description for the list. */
  readonly summary: string;
  readonly category: Category;
  /** Paragraph for the command's own help. */
  readonly about: string;
  readonly arguments: readonly Argument[];
  readonly flags: readonly Flag[];
  /** `does` completes "This command ..." without its first two words. */
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /**
   * Whether the command handles Ctrl-C and SIGTERM to save its work or clean up: always, or once it has work to save
   * (`ProcessIo.beginSaving`). The first signal ends all other commands.
   */
  readonly savesWhenStopped?: "always" | "once begun";
  /** Exit codes besides 0, 1, 64 and 130, which all commands share. */
  readonly exitCodes: readonly number[];
}

/** Caps of `--budget`; at least one is set. */
export interface BudgetCaps {
  readonly usd: number | null;
  readonly minutes: number | null;
}

/** A flag's value after parsing. */
export type FlagValue = string | number | boolean | BudgetCaps | readonly string[];

/** A parsed command line. */
export interface Call {
  readonly command: Command;
  readonly flags: ReadonlyMap<string, FlagValue>;
  readonly words: readonly string[];
}

/** The text of a flag, or `null` if it was not given. */
export function textFlag(call: Call, name: string): string | null {
  const value = call.flags.get(name);
  return typeof value === "string" ? value : null;
}

/** The texts of a flag that may be given several times, in order. */
export function textsFlag(call: Call, name: string): readonly string[] {
  const value = call.flags.get(name);
  return isTexts(value) ? value : [];
}

/** Whether a value is that of a flag that may be given several times. */
export function isTexts(value: FlagValue | undefined): value is readonly string[] {
  return Array.isArray(value);
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

/** The number of a flag, or `null` if it was not given. */
export function numberFlag(call: Call, name: string): number | null {
  const value = call.flags.get(name);
  return typeof value === "number" ? value : null;
}

/** The caps of `--budget`; both `null` if it was not given. */
export function budgetFlag(call: Call): BudgetCaps {
  const value = call.flags.get("budget");
  return typeof value === "object" && !isTexts(value) ? value : { usd: null, minutes: null };
}

/** Whether a switch was given. */
export function isOn(call: Call, name: string): boolean {
  return call.flags.get(name) === true;
}
