/** @file Help as text and as data, derived from the table of commands. */
import type { Command, CommandGroup, Flag } from "./command.ts";
import { categories, commands, groups, membersOf } from "./commands.ts";
import { exitCodes } from "./exit-codes.ts";
import { globalFlags } from "./flags.ts";
import type { Paint } from "./render/paint.ts";
import { tableText, width, wrap } from "./render/table.ts";

const PROMISE = "Know what a fine-tune costs and whether it is worth it, before it runs.";
/** Maximum width of a line of help on any terminal. */
const WIDEST = 80;
/** Minimum width of the summary column; below it, summaries are on separate lines. */
const NARROWEST = 32;

/** `tunewise --help`: every command and group by section. */
export function overviewText(paint: Paint, columns: number): string {
  const sections = categories.map(([category, title]): Section => {
    const flat = commands.filter((command) => command.category === category && !command.name.includes(" "));
    const nouns = groups.filter((group) => group.category === category);
    const short = commands.flatMap(({ alias, name, category: own }): Pair[] =>
      alias !== undefined && own === category ? [[alias, `short form of \`tunewise ${name}\``]] : [],
    );
    return [title, [...[...flat, ...nouns].map(({ name, summary }): Pair => [name, summary]), ...short]];
  });
  return [
    ...wrap(PROMISE, Math.min(columns, WIDEST)),
    "\nusage: tunewise COMMAND [ARGUMENTS] [FLAGS]\n",
    sectionsText(
      [
        ...sections,
        ["flags of every command", [...globalFlags.map(flagPair), ["-v, --version", "print the version"]]],
      ],
      paint,
      columns,
    ),
    "\nnext: tunewise doctor     more: tunewise help COMMAND, tunewise help exit-codes",
  ].join("\n");
}

/** `tunewise runs --help`: the commands of a group. */
export function groupText(group: CommandGroup, paint: Paint, columns: number): string {
  const members = membersOf(group).map(({ name, summary }): Pair => [name, summary]);
  return [
    headText(group.name, group.summary, paint, columns),
    `usage: tunewise ${group.name} COMMAND [ARGUMENTS] [FLAGS]`,
    wrap(group.about, Math.min(columns, WIDEST)).join("\n"),
    sectionsText(
      [
        ["commands", members],
        ["flags of every command", globalFlags.map(flagPair)],
      ],
      paint,
      columns,
    ),
    `more: tunewise help ${members[0]?.[0]}`,
  ].join("\n\n");
}

/** `tunewise COMMAND --help`. */
export function commandText(command: Command, paint: Paint, columns: number): string {
  const shared = new Set([0, 1, 64, 130, ...command.exitCodes]);
  const flags = command.flags.filter(({ isHidden }) => !isHidden);
  const sections: readonly Section[] = [
    ["arguments", command.arguments.map(({ name, summary }): Pair => [name, summary])],
    ["flags", [...flags, ...globalFlags].map(flagPair)],
    [
      "exit codes",
      exitCodes
        .filter(({ code }) => shared.has(code))
        .map(({ code, meaning }): Pair => [String(code), meaning]),
    ],
  ];
  const examples = command.examples.flatMap(({ line, does }) => [
    ...wrap(does, Math.min(columns, WIDEST) - 4).map((part) => `  ${paint.dim(`# ${part}`)}`),
    `  ${line}`,
  ]);
  return [
    headText(command.name, command.summary, paint, columns),
    `usage: ${usageLine(command)}`,
    ...(command.alias === undefined ? [] : [`short form: tunewise ${command.alias}`]),
    wrap(command.about, Math.min(columns, WIDEST)).join("\n"),
    sectionsText(sections, paint, columns),
    `${paint.bold("examples")}\n${examples.join("\n")}`,
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
export function exitCodesText(columns: number): string {
  const rows = exitCodes.flatMap(({ code, meaning }) =>
    wrap(meaning, Math.min(columns, WIDEST) - 6).map((line, at) => [at === 0 ? String(code) : "", line]),
  );
  return tableText(["#code", "meaning"], rows);
}

/** A command as data, for `help --json`. */
export function commandDocument(command: Command): Record<string, unknown> {
  const { name, alias, formerly, summary, category, about, examples, exitCodes: own } = command;
  const flags = [...command.flags.filter(({ isHidden }) => !isHidden), ...globalFlags];
  const aliases = [alias, formerly].filter((other) => other !== undefined);
  const words = command.arguments.map(({ formerChoices, ...argument }) => argument);
  return { name, aliases, summary, category, about, arguments: words, flags, examples, exit_codes: own };
}

/** A group as data, for `help --json`. */
export function groupDocument(group: CommandGroup): Record<string, unknown> {
  return { ...group, commands: membersOf(group).map(commandDocument) };
}

type Pair = readonly [left: string, right: string];
type Section = readonly [title: string, rows: readonly Pair[]];

function headText(name: string, summary: string, paint: Paint, columns: number): string {
  const line = `tunewise ${name}  ${summary}`;
  if (width(line) <= Math.min(columns, WIDEST)) return `${paint.bold(`tunewise ${name}`)}  ${summary}`;
  return [paint.bold(`tunewise ${name}`), ...wrap(summary, Math.min(columns, WIDEST))].join("\n");
}

function flagPair({ name, short, value, summary, choices }: Flag): Pair {
  const words = `${short ? `-${short}, ` : "    "}--${name}${value ? ` ${value}` : ""}`;
  return [words, choices ? `${summary} (${choices.join(", ")})` : summary];
}

/** Sections with their summaries aligned in one column. */
function sectionsText(sections: readonly Section[], paint: Paint, columns: number): string {
  const filled = sections.filter(([, rows]) => rows.length > 0);
  const lead = Math.max(...filled.flatMap(([, rows]) => rows.map(([left]) => width(left)))) + 4;
  return filled
    .map(([title, rows]) =>
      [paint.bold(title), ...rows.flatMap((row) => pairLines(row, lead, columns))].join("\n"),
    )
    .join("\n\n");
}

function pairLines([left, right]: Pair, lead: number, columns: number): string[] {
  const room = Math.min(columns, WIDEST) - lead;
  if (room < NARROWEST) {
    return [`  ${left}`, ...wrap(right, Math.min(columns, WIDEST) - 6).map((line) => `      ${line}`)];
  }
  return wrap(right, room).map((line, at) => `  ${(at === 0 ? left : "").padEnd(lead - 2)}${line}`);
}
