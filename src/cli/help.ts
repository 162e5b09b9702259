/**
 * @file Help as text, from the table of commands.
 */
import type { Command, Flag } from "./command.ts";
import { categories, commands } from "./commands.ts";
import { exitCodes } from "./exit-codes.ts";
import { globalFlags } from "./flags.ts";
import type { Paint } from "./render/paint.ts";
import { tableText, wrap } from "./render/table.ts";

const PROMISE = "Know what a fine-tune costs and whether it is worth it, before it runs.";
/** Widest line of help, whatever the terminal. */
const WIDEST = 100;

/** `tunewise --help`: every command by group. */
export function overviewText(paint: Paint): string {
  const groups = categories.flatMap(([category, words]) => {
    const rows = commands.filter((command) => command.category === category);
    return rows.length === 0
      ? []
      : [`${paint.bold(words)}\n${pairs(rows.map(({ name, summary }) => [name, summary]))}`];
  });
  return [
    `${paint.bold("tunewise")}  ${PROMISE}`,
    `usage: tunewise COMMAND [ARGUMENTS] [FLAGS]`,
    ...groups,
    `${paint.bold("flags of every command")}\n${pairs([...globalFlags.map(flagPair), ["-v, --version", "print the version"]])}`,
    "next: tunewise doctor        more: tunewise help COMMAND, tunewise help exit-codes",
  ].join("\n\n");
}

/** `tunewise COMMAND --help`. */
export function commandText(command: Command, paint: Paint, columns: number): string {
  const about = wrap(command.about, Math.min(columns, WIDEST)).join("\n");
  const words = command.arguments.map(({ name, summary }): Pair => [name, summary]);
  const examples = command.examples.map(({ line, does }): Pair => [line, does]);
  const shared = new Set([0, 1, 64, 130, ...command.exitCodes]);
  const codes = exitCodes
    .filter(({ code }) => shared.has(code))
    .map(({ code, meaning }): Pair => [String(code), meaning]);
  const sections: (readonly [string, readonly Pair[]])[] = [
    ["arguments", words],
    ["flags", [...command.flags, ...globalFlags].map(flagPair)],
    ["examples", examples],
    ["exit codes", codes],
  ];
  return [
    `${paint.bold(`tunewise ${command.name}`)}  ${command.summary}`,
    `usage: ${usageLine(command)}`,
    about,
    ...sections
      .filter(([, rows]) => rows.length > 0)
      .map(([head, rows]) => `${paint.bold(head)}\n${pairs(rows)}`),
  ].join("\n\n");
}

/** `tunewise run [RECIPE] [FLAGS]`. */
export function usageLine(command: Command): string {
  const words = command.arguments.map(({ name, optional, many }) => {
    const word = many ? `${name}...` : name;
    return optional ? `[${word}]` : word;
  });
  return ["tunewise", command.name, ...words, "[FLAGS]"].join(" ");
}

/** `tunewise help exit-codes`. */
export function exitCodesText(): string {
  const rows = exitCodes.map(({ code, meaning }) => [String(code), meaning]);
  return tableText([{ head: "code", align: "right" }, { head: "meaning" }], rows);
}

/** A command as data, for `help --json`. */
export function commandDocument(command: Command): Record<string, unknown> {
  const { name, summary, category, about, examples, exitCodes: own } = command;
  const flags = [...command.flags, ...globalFlags];
  return { name, summary, category, about, arguments: command.arguments, flags, examples, exit_codes: own };
}

type Pair = readonly [left: string, right: string];

function flagPair({ name, short, value, summary, choices }: Flag): Pair {
  const words = `${short ? `-${short}, ` : "    "}--${name}${value ? ` ${value}` : ""}`;
  return [words, choices ? `${summary} (${choices.join(", ")})` : summary];
}

function pairs(rows: readonly Pair[]): string {
  return tableText([{ head: "" }, { head: "" }], rows)
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}
