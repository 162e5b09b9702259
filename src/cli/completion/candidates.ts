/**
 * @file What a shell may offer, command by command, from the table: the part all four scripts share.
 */
import { devices } from "../../catalog/index.ts";
import { problemCodes } from "../../problem/index.ts";
import type { Completes } from "../command.ts";
import { commands } from "../commands.ts";
import { globalFlags } from "../flags.ts";

/** A flag as completion sees it. */
export interface FlagCandidate {
  readonly name: string;
  readonly short: string | null;
  readonly summary: string;
  readonly takesValue: boolean;
  /** Words for the value; empty: see `completes`. */
  readonly words: readonly string[];
  readonly completes: Completes;
}

/** A command as completion sees it. */
export interface CommandCandidate {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly FlagCandidate[];
  /** Words for the first argument. */
  readonly words: readonly string[];
  readonly completes: Completes;
}

/** Every command with everything that can follow it. */
export function candidates(): readonly CommandCandidate[] {
  return commands.map((command) => {
    const [first] = command.arguments;
    const flags = [...command.flags, ...globalFlags].map(
      ({ name, short, summary, value, choices, completes }) => ({
        name,
        short: short ?? null,
        summary,
        takesValue: value !== undefined,
        words: choices ?? (completes === "device" ? deviceWords : []),
        completes: completes ?? "nothing",
      }),
    );
    return {
      name: command.name,
      summary: command.summary,
      flags,
      words: wordsOf(command.name) ?? first?.choices ?? [],
      completes: first?.completes ?? "nothing",
    };
  });
}

/** Devices without blanks, which shells would cut at; they are understood so, too. */
const deviceWords: readonly string[] = devices.map(({ name }) => name.replaceAll(" ", ""));

/** Words for the first argument that only the program knows. */
function wordsOf(command: string): readonly string[] | undefined {
  if (command === "help") return [...commands.map(({ name }) => name), "exit-codes"];
  return command === "explain" ? problemCodes() : undefined;
}

/** Where run folders lie by default, for shells that list them as run ids. */
export const RUN_FOLDER = ".tunewise/runs";

/** Text inside single quotes of a POSIX shell. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
