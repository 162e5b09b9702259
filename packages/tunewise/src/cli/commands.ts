/** @file The table of commands, from which parsing, help, completion and the reference page are derived. */
import { nearest } from "../problem/index.ts";
import type { Category, Command, CommandGroup } from "./command.ts";
import { costCommands, costGroup, pricesGroup } from "./commands/cost.ts";
import { dataCommands, dataGroup } from "./commands/data.ts";
import { freezeCommands } from "./commands/freeze.ts";
import { learnCommands } from "./commands/learn.ts";
import { modelCommands, modelGroup } from "./commands/model.ts";
import { prepareCommands } from "./commands/prepare.ts";
import { recordCommands } from "./commands/record.ts";
import { runsCommands, runsGroup } from "./commands/runs.ts";
import { serverCommands, serverGroup } from "./commands/server.ts";
import { storeCommands, storeGroup } from "./commands/store.ts";
import { trainCommands } from "./commands/train.ts";
import { workerCommands, workerGroup } from "./commands/worker.ts";

/** Groups of commands, in the order of help. */
export const groups: readonly CommandGroup[] = [
  dataGroup,
  runsGroup,
  modelGroup,
  workerGroup,
  pricesGroup,
  costGroup,
  storeGroup,
  serverGroup,
];

/** Every command that help lists, in the order of help. */
export const commands: readonly Command[] = [
  ...prepareCommands,
  ...recordCommands,
  ...dataCommands,
  ...trainCommands,
  ...freezeCommands,
  ...runsCommands,
  ...modelCommands,
  ...workerCommands,
  ...costCommands,
  ...storeCommands,
  ...serverCommands,
  ...learnCommands,
];

/** Sections of help with their titles, in order. */
export const categories: readonly (readonly [category: Category, title: string])[] = [
  ["prepare", "prepare a run"],
  ["do", "train and compare"],
  ["manage", "manage runs, models, money and the server"],
  ["look", "learn more"],
];

/** Finds a command by its name or short form. */
export function findCommand(name: string): Command | undefined {
  return commands.find((command) => command.name === name || command.alias === name);
}

/** Finds a group by its noun. */
export function findGroup(name: string): CommandGroup | undefined {
  return groups.find((group) => group.name === name);
}

/** Commands of a group, in the order of help. */
export function membersOf(group: CommandGroup): readonly Command[] {
  return commands.filter(({ name }) => name.startsWith(`${group.name} `));
}

/** Commands that replace an earlier one; several if it had several purposes. */
export function successorsOf(name: string): readonly Command[] {
  return commands.filter((command) => command.formerly === name);
}

/** Finds the command that an earlier name calls. */
export function findFormer(name: string): Command | undefined {
  return name === formerExport.name ? formerExport : successorsOf(name)[0];
}

/** The name in JSON documents: an earlier or short one if there is one, so that renames do not break programs. */
export function documentName({ name, alias, formerly }: Command): string {
  return alias ?? formerly ?? name;
}

/** Command lines to suggest for words whose most similar command name would be misleading. */
export const usualLines: ReadonlyMap<string, string> = new Map([
  ["report", "runs show latest --format markdown"],
]);

/** The command that was probably meant, by its name, its verb alone or an earlier name; `null` if none is similar. */
export function nearestCommand(name: string): string | null {
  const usual = usualLines.get(name);
  if (usual !== undefined)
    return commands.find((command) => usual.startsWith(`${command.name} `))?.name ?? null;
  const [noun, verb = ""] = [findGroup(name.split(" ")[0] ?? ""), name.split(" ").at(-1)];
  const verbOf = (command: Command): string => command.name.split(" ")[1] ?? "";
  const members = noun === undefined ? [] : membersOf(noun);
  const own = nearest(verb, members.map(verbOf));
  if (own !== undefined) return `${noun?.name} ${own}`;
  // the first of equal spellings wins: names, then earlier names, then verbs
  const spellings: (readonly [spelling: string | undefined, meant: string])[] = [
    ...[...commands, ...groups].map((one) => [one.name, one.name] as const),
    ...commands.flatMap((command) => [
      [command.alias, command.name] as const,
      [command.formerly, command.name] as const,
    ]),
    ...commands.map((command) => [verbOf(command), command.name] as const),
  ];
  const near = nearest(
    verb,
    spellings.flatMap(([spelling]) => spelling || []),
  );
  if (near === undefined) return null;
  return spellings.find(([spelling]) => spelling === near)?.[1] ?? null;
}

/** `tunewise export` of earlier versions, which exported either a run's model or histories. */
const formerExport: Command = (() => {
  const [model, store] = successorsOf("export") as [Command, Command];
  const known = new Set(model.flags.map(({ name }) => name));
  const others = store.flags.filter(({ name }) => !known.has(name));
  return {
    ...model,
    name: "export",
    arguments: [{ ...(model.arguments[0] as Command["arguments"][number]), many: true }],
    flags: [...model.flags, ...others.map(({ isHidden, replacedBy, ...flag }) => flag)],
  };
})();
