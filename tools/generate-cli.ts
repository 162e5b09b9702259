/** @file Generates `docs/reference/cli.md` from the table of commands. */
import type { Command, CommandGroup, Flag } from "../packages/tunewise/src/cli/command.ts";
import { categories, commands, groups, membersOf } from "../packages/tunewise/src/cli/commands.ts";
import { exitCodes } from "../packages/tunewise/src/cli/exit-codes.ts";
import { globalFlags } from "../packages/tunewise/src/cli/flags.ts";
import { usageLine } from "../packages/tunewise/src/cli/help.ts";

/** Path of the page. */
export const target = "docs/reference/cli.md";

/** The page: commands in the order of help, then common options and exit codes. */
export function generate(): string {
  const sections = categories.map(([category, title]) => {
    const flat = commands.filter((one) => one.category === category && !one.name.includes(" "));
    const nouns = groups.filter((one) => one.category === category);
    return `## ${capital(title)}\n\n${[...flat.map((one) => section(one, "###")), ...nouns.map(nounSection)].join("\n")}`;
  });
  return `${head}\n${sections.join("\n")}\n${shared()}`;
}

const head = `<!-- Made by tools/generate-cli.ts from packages/tunewise/src/cli/; change it there. -->
# Command line

Every command of tunewise with its arguments and flags. \`tunewise help COMMAND\` prints the same in a terminal.
`;

function nounSection(group: CommandGroup): string {
  const members = membersOf(group).map((member) => section(member, "####"));
  return [`### ${group.name}`, "", group.about, "", members.join("\n")].join("\n");
}

function section(command: Command, heading: string): string {
  const { name, alias, about, arguments: words, flags, examples, exitCodes: own } = command;
  const parts = [`${heading} ${name}`, about, codeBlock([usageLine(command)])];
  if (alias !== undefined) parts.push(`Short form: \`tunewise ${alias}\`.`);
  const rows = [
    ...words.map((word) => row(word.name, word.summary)),
    ...flags.filter(({ isHidden }) => !isHidden).map(flagRow),
  ];
  if (rows.length > 0) parts.push(table("argument or flag", rows));
  if (examples.length > 0) parts.push(examples.map(({ line, does }) => `- \`${line}\`: ${does}`).join("\n"));
  if (own.length > 0) parts.push(`Exit codes beside the shared ones: ${own.join(", ")}.`);
  return `${parts.join("\n\n")}\n`;
}

function shared(): string {
  const codes = exitCodes.map(({ code, meaning }) => row(String(code), meaning));
  return `## Flags of every command

${table("flag", globalFlags.map(flagRow))}

## Exit codes

${table("code", codes)}
`;
}

function flagRow({ name, short, value, choices, summary }: Flag): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  const words = choices === undefined ? summary : `${summary} (${choices.join(", ")})`;
  return row(short === undefined ? long : `-${short}, ${long}`, words);
}

function table(first: string, rows: readonly string[]): string {
  return [`| ${first} | meaning |`, "| --- | --- |", ...rows].join("\n");
}

function row(name: string, meaning: string): string {
  return `| \`${name}\` | ${meaning.replaceAll("|", "\\|")} |`;
}

function codeBlock(lines: readonly string[]): string {
  return ["```", ...lines, "```"].join("\n");
}

function capital(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
