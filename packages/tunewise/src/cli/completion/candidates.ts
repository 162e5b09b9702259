/** @file Completion candidates of each command, from the table; shared by all four scripts. */
import { devices } from "../../catalog/index.ts";
import { problemCodes } from "../../problem/index.ts";
import type { Command, Completes } from "../command.ts";
import { commands, groups, membersOf } from "../commands.ts";
import { globalFlags } from "../flags.ts";

/** A flag for completion. */
export interface FlagCandidate {
  readonly name: string;
  readonly short: string | null;
  readonly summary: string;
  readonly takesValue: boolean;
  /** Words for the value; if empty, `completes` applies. */
  readonly words: readonly string[];
  readonly completes: Completes;
}

/** A command for completion. */
export interface CommandCandidate {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly FlagCandidate[];
  /** Words for the first argument. */
  readonly words: readonly string[];
  readonly completes: Completes;
}

/** A command, a noun or a verb. */
export interface WordCandidate {
  readonly name: string;
  readonly summary: string;
}

/** First words of a command line: commands, nouns, short forms. */
export function firstWords(): readonly WordCandidate[] {
  const flat = commands.filter(({ name }) => !name.includes(" "));
  const short = commands.flatMap(({ alias, summary }) =>
    alias === undefined ? [] : [{ name: alias, summary }],
  );
  return [...flat, ...groups, ...short].map(({ name, summary }) => ({ name, summary }));
}

/** Nouns with their verbs. */
export function nouns(): readonly { readonly name: string; readonly verbs: readonly WordCandidate[] }[] {
  return groups.map((group) => ({
    name: group.name,
    verbs: membersOf(group).map(({ name, summary }) => ({
      name: name.slice(group.name.length + 1),
      summary,
    })),
  }));
}

/** Every command, under each of its names, with its flags and arguments. */
export function candidates(): readonly CommandCandidate[] {
  return commands.flatMap((command) =>
    [command.name, command.alias].flatMap((name) => (name === undefined ? [] : [candidate(command, name)])),
  );
}

function candidate(command: Command, name: string): CommandCandidate {
  const [first] = command.arguments;
  const flags = [...command.flags, ...globalFlags].flatMap(
    ({ name: flag, short, summary, value, choices, completes, isHidden }) =>
      isHidden
        ? []
        : {
            name: flag,
            short: short ?? null,
            summary,
            takesValue: value !== undefined,
            words: choices ?? (completes === "device" ? deviceWords : []),
            completes: completes ?? "nothing",
          },
  );
  return {
    name,
    summary: command.summary,
    flags,
    words: wordsOf(name) ?? first?.choices ?? [],
    completes: first?.completes ?? "nothing",
  };
}

/** Names of devices without blanks, at which shells would split; they are accepted in this form too. */
const deviceWords: readonly string[] = devices.map(({ name }) => name.replaceAll(" ", ""));

/** Words for the first argument that come from data other than the table. */
function wordsOf(command: string): readonly string[] | undefined {
  if (command === "help") return [...firstWords().map(({ name }) => name), "exit-codes"];
  return command === "explain" ? problemCodes() : undefined;
}

/** Default folder of runs, for shells that list its subfolders as run ids. */
export const RUN_FOLDER = ".tunewise/runs";

/** Quotes a text for a POSIX shell. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
